//! What comes back from a request: the head as `element.js` joins it, and the text of a body.
//!
//! The request itself is made there, this tab's or another's; when to ask is left to [`crate::poll`], who shares an
//! answer to [`crate::share`].

use alloc::string::String;
use alloc::vec::Vec;

use js_sys::Uint8Array;

use crate::article::{Article, Millis};
use crate::door;
use crate::markup::cut;
use crate::poll::{Answer, seconds};
use crate::read::charset;

/// Lines of a [`Head`], in the order of `ask` in `element.js`.
const ASKED: usize = 0;
const STATUS: usize = 1;
pub(crate) const URL: usize = 2;
pub(crate) const ETAG: usize = 3;
const DATE: usize = 4;
const AGE: usize = 5;
const CACHE_CONTROL: usize = 6;
const RETRY_AFTER: usize = 7;
const CONTENT_TYPE: usize = 8;

/// What the server said before the body.
pub(crate) struct Head {
    pub(crate) lines: String,
    /// When it came, by the reader's clock.
    pub(crate) arrived: Millis,
}

impl Head {
    /// A line of it; none where it is empty, as a header is that CORS hides.
    pub(crate) fn line(&self, number: usize) -> Option<&str> {
        let before = (0..number).fold(&*self.lines, |lines, _| cut(lines, b'\n').1);
        Some(cut(before, b'\n').0).filter(|line| !line.is_empty())
    }

    fn number(&self, line: usize) -> f64 {
        self.line(line).and_then(|digits| seconds(digits.as_bytes())).unwrap_or(0.0)
    }

    /// When it was asked for, by the reader's clock.
    pub(crate) fn asked(&self) -> Millis {
        self.number(ASKED)
    }

    /// The status code; 0 where no answer came, 1 where the browser has no network.
    pub(crate) fn status(&self) -> u16 {
        self.number(STATUS) as u16
    }

    /// As the poll takes it in.
    pub(crate) fn answer<'a>(&'a self, article: Option<&'a Article>, changed: bool) -> Answer<'a> {
        Answer {
            status: self.status(),
            asked: self.asked(),
            arrived: self.arrived,
            date: self.line(DATE),
            age: self.line(AGE),
            cache_control: self.line(CACHE_CONTROL),
            retry_after: self.line(RETRY_AFTER),
            article,
            changed,
        }
    }

    /// The text of its body in whatever encoding it came.
    pub(crate) fn decode(&self, body: &Uint8Array, bytes: Vec<u8>) -> String {
        let label = String::from(charset(&bytes, self.line(CONTENT_TYPE).unwrap_or_default()));
        if label.eq_ignore_ascii_case("utf-8")
            && let Ok(text) = String::from_utf8(bytes)
        {
            return text;
        }
        door::decode(body, &label)
    }
}

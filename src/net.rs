//! One request: a plain `fetch` that the browser's cache may answer, read through a stream and cut at the limit.
//!
//! When to ask is left to [`crate::poll`]; who shares an answer to [`crate::share`].

use alloc::string::String;
use alloc::vec::Vec;

use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::{
    AbortController, ReadableStreamDefaultReader, RequestCache, RequestCredentials, RequestInit, Response, TextDecoder,
};

use crate::door;
use crate::read::{LIMIT, charset};

/// What the server said before the body. A header that CORS hides is absent.
#[derive(Clone, Debug, Default)]
pub(crate) struct Head {
    pub(crate) status: u16,
    /// After redirects.
    pub(crate) url: String,
    pub(crate) etag: Option<String>,
    pub(crate) date: Option<String>,
    pub(crate) age: Option<String>,
    pub(crate) cache_control: Option<String>,
    pub(crate) retry_after: Option<String>,
    pub(crate) content_type: Option<String>,
}

/// How a request ended.
pub(crate) enum Outcome {
    /// The status is not one with a body to read.
    Status(Head),
    /// The same `ETag` as before: nothing was read.
    Equal(Head),
    /// The whole body, decoded.
    Body(Head, Vec<u8>),
    /// More than [`LIMIT`] bytes.
    TooLarge,
    /// The network, CORS or a policy refused.
    Refused,
}

/// A request under way; dropping it aborts.
pub(crate) struct Request {
    controller: AbortController,
    head: Head,
    reader: Option<ReadableStreamDefaultReader>,
    bytes: Vec<u8>,
}

impl Drop for Request {
    fn drop(&mut self) {
        self.controller.abort();
    }
}

impl Request {
    /// Asks for `url`. The answer comes back through the door as [`door::FETCHED`] and the three after it, to `to`.
    pub(crate) fn start(to: u32, url: &str, credentials: &str) -> Option<Self> {
        let controller = AbortController::new().ok()?;
        let init = RequestInit::new();
        // Revalidates: an unchanged document costs a 304. `If-None-Match` by hand would cost a preflight.
        init.set_cache(RequestCache::NoCache);
        init.set_credentials(match credentials {
            "include" => RequestCredentials::Include,
            "same-origin" => RequestCredentials::SameOrigin,
            _ => RequestCredentials::Omit,
        });
        init.set_signal(Some(&controller.signal()));
        door::when(&door::ask(url, &init), to, door::FETCHED);
        Some(Self { controller, head: Head::default(), reader: None, bytes: Vec::new() })
    }

    /// Goes on with what came back. `None`: not over yet.
    #[inline(never)]
    pub(crate) fn step(&mut self, to: u32, what: u8, value: &JsValue, etag: Option<&str>) -> Option<Outcome> {
        match what {
            door::FETCHED => {
                let response: &Response = value.unchecked_ref();
                self.head = head(response);
                if self.head.status != 200 {
                    return Some(Outcome::Status(core::mem::take(&mut self.head)));
                }
                if etag.is_some() && self.head.etag.as_deref() == etag {
                    return Some(Outcome::Equal(core::mem::take(&mut self.head)));
                }
                let reader = response.body().and_then(|body| ReadableStreamDefaultReader::new(&body).ok());
                let Some(reader) = reader else {
                    return Some(Outcome::Body(core::mem::take(&mut self.head), Vec::new()));
                };
                door::when(&reader.read(), to, door::READ);
                self.reader = Some(reader);
                None
            }
            door::READ => {
                let chunk = Reflect::get(value, &JsValue::from_str("value")).unwrap_or_default();
                if chunk.is_undefined() {
                    return Some(Outcome::Body(core::mem::take(&mut self.head), core::mem::take(&mut self.bytes)));
                }
                let chunk: &Uint8Array = chunk.unchecked_ref();
                let start = self.bytes.len();
                let end = start + chunk.length() as usize;
                if end > LIMIT {
                    return Some(Outcome::TooLarge);
                }
                self.bytes.resize(end, 0);
                chunk.copy_to(&mut self.bytes[start..]);
                door::when(&self.reader.as_ref()?.read(), to, door::READ);
                None
            }
            _ => Some(Outcome::Refused),
        }
    }
}

fn head(response: &Response) -> Head {
    let headers = response.headers();
    let get = |name| headers.get(name).ok().flatten();
    Head {
        status: response.status(),
        url: response.url(),
        etag: get("etag"),
        date: get("date"),
        age: get("age"),
        cache_control: get("cache-control"),
        retry_after: get("retry-after"),
        content_type: get("content-type"),
    }
}

/// The text of a body in whatever encoding it came.
pub(crate) fn decode(bytes: Vec<u8>, content_type: Option<&str>) -> String {
    let label = String::from(charset(&bytes, content_type.unwrap_or_default()));
    let mut bytes = bytes;
    if label.eq_ignore_ascii_case("utf-8") {
        match String::from_utf8(bytes) {
            Ok(text) => return text,
            Err(broken) => bytes = broken.into_bytes(),
        }
    }
    let decoder = TextDecoder::new_with_label(&label).or_else(|_| TextDecoder::new());
    decoder.and_then(|decoder| decoder.decode_with_u8_array(&bytes)).unwrap_or_default()
}

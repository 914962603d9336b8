//! One file or document, answered as HTTP asks: by validator, by coding, by method.
//!
//! Where the bytes come from is left to stories and pages.

use std::time::SystemTime;

use axum::body::{Body, Bytes};
use axum::http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG, LAST_MODIFIED, VARY};
use axum::http::{HeaderMap, HeaderValue, Method, Response, StatusCode};
use live_article::tree::hash;

use crate::delta::{Coding, is_known};

/// Smaller bodies gain nothing by a coding.
const WORTH_CODING: usize = 256;

/// What stands at an address, before it is known who asks.
pub(super) struct Representation {
    pub(super) content_type: String,
    pub(super) bytes: Bytes,
    /// The same bytes in brotli, where somebody took the time to do it well.
    pub(super) brotli: Option<Bytes>,
    pub(super) modified: SystemTime,
    pub(super) cache_control: &'static str,
}

impl Representation {
    /// The answer to a GET or HEAD (RFC 9110, sections 8.8, 12.5.3, 13.1 and 15.4.5).
    pub(super) fn answer(self, method: &Method, request: &HeaderMap) -> Response<Body> {
        let codable = is_text(&self.content_type);
        let coding =
            if codable && self.bytes.len() >= WORTH_CODING { Coding::choose(request) } else { Coding::Identity };
        let suffix = coding.name().map(|name| format!("-{name}")).unwrap_or_default();
        let etag = format!("\"{:016x}{suffix}\"", hash(&self.bytes, 0));

        let mut response = Response::new(Body::empty());
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static(self.cache_control));
        headers.insert(LAST_MODIFIED, value(&httpdate::fmt_http_date(self.modified)));
        headers.insert(ETAG, value(&etag));
        if codable {
            headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
        }
        if is_known(request, &etag, Some(self.modified)) {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            return response;
        }
        headers.insert(CONTENT_TYPE, value(&self.content_type));
        if let Some(name) = coding.name() {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static(name));
        }
        let body = match self.brotli {
            Some(brotli) if coding == Coding::Brotli => brotli,
            _ => coding.encode(&self.bytes),
        };
        headers.insert(CONTENT_LENGTH, body.len().into());
        if method != Method::HEAD {
            *response.body_mut() = body.into();
        }
        response
    }
}

/// A short answer in words.
pub(super) fn say(status: StatusCode, sentence: impl Into<String>) -> Response<Body> {
    let mut response = Response::new(Body::from(sentence.into() + "\n"));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static(""))
}

fn is_text(content_type: &str) -> bool {
    let kind = content_type.split(';').next().unwrap_or_default();
    kind.starts_with("text/") || ["json", "xml", "javascript", "wasm"].iter().any(|end| kind.ends_with(end))
}

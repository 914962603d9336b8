//! Everything that goes wrong between a newsroom and a reader, by name, for one path at a time.
//!
//! A fault is what a client would meet on the wire: a body that stops short of its length, a chunk that never comes,
//! a header that is not there. Only reading is struck, so that a newsroom can go on publishing underneath.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use axum::Json;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::header::{
    ACCEPT_ENCODING, ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, CACHE_CONTROL, CONTENT_ENCODING,
    CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, HeaderName, HeaderValue, IF_MODIFIED_SINCE,
    IF_NONE_MATCH, LAST_MODIFIED, LOCATION, RETRY_AFTER,
};
use axum::http::{HeaderMap, Method, Response, StatusCode, Uri, Version};
use futures_util::stream::{self, StreamExt};
use http_body_util::BodyExt;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::say;
use super::stories::Back;
use super::{Dropped, House, Side, forms, route};

/// A name, the rows of the list of faults it stands for, what it does in a sentence, and how.
struct Fault {
    name: &'static str,
    rows: &'static [u8],
    says: &'static str,
    act: Act,
}

/// How a fault answers.
#[derive(Clone, Copy)]
enum Act {
    /// An error page with this status.
    Status(u16),
    /// An error page with this status and its head changed.
    Error(u16, fn(&mut HeaderMap)),
    /// 429 with this `Retry-After`.
    Retry(fn(SystemTime) -> String),
    /// A document of its own: status, type, bytes.
    Document(u16, &'static str, fn() -> Bytes),
    /// The true answer with its head changed.
    Head(fn(&mut HeaderMap)),
    /// The true answer with other bytes.
    Bytes(fn(Vec<u8>) -> Vec<u8>),
    /// The story's document, changed.
    Story(fn(&mut Value)),
    /// Somewhere else.
    Redirect(To),
    /// The true answer, but not all of it, or not soon.
    Wire(Wire),
    /// The version before; where true, the latest every second time.
    Older(bool),
}

#[derive(Clone, Copy)]
enum To {
    Here,
    Other,
    Itself,
    PlainHttp,
    SignIn,
    Refused,
    NoName,
}

#[derive(Clone, Copy)]
enum Wire {
    CutByLength,
    CutByChunk,
    CutByClose,
    Slow,
    NoHead,
    NoEnd,
    Dropped,
    Late,
    EverySecondLate,
    Endless,
    GzipBomb,
    Megabytes(u32),
}

/// How late a late answer is.
const LATE: Duration = Duration::from_secs(3);
/// Marks the target of a redirect, which is not struck again.
const PAST: &str = "past-the-fault";
/// What is sent before the end that never comes has left the machine by then.
const FLUSHED: Duration = Duration::from_millis(60);

const JSON: &str = "application/ld+json";
const HTML: &str = "text/html; charset=utf-8";

macro_rules! faults {
    ($($name:literal [$($row:literal)*] $act:expr, $says:literal;)*) => {
        &[$(Fault { name: $name, rows: &[$($row),*], says: $says, act: $act }),*]
    };
}

const FAULTS: &[Fault] = faults! {
    "500" [1] Act::Status(500), "The server broke.";
    "502" [1] Act::Status(502), "The server behind the proxy gave no sense.";
    "503" [1] Act::Status(503), "The server is too busy.";
    "504" [1] Act::Status(504), "The server behind the proxy was too slow.";
    "429" [2] Act::Retry(|_| "7".into()), "Too many requests; come back in 7 seconds.";
    "retry-after-imf" [3] Act::Retry(|now| imf(now + Duration::from_secs(7))), "429, back in 7 seconds, as an IMF date.";
    "retry-after-rfc850" [3] Act::Retry(|now| dated(now, "%A, %d-%b-%y %H:%M:%S GMT")), "429, back in 7 seconds, as an RFC 850 date.";
    "retry-after-asctime" [3] Act::Retry(|now| dated(now, "%a %b %e %H:%M:%S %Y")), "429, back in 7 seconds, as an asctime date.";
    "retry-after-past" [3] Act::Retry(|_| "Wed, 27 Jul 2016 12:00:00 GMT".into()), "429, back in 2016.";
    "retry-after-2099" [3] Act::Retry(|_| "Thu, 31 Dec 2099 23:59:59 GMT".into()), "429, back in 2099.";
    "retry-after-garbage" [3] Act::Retry(|_| "soon".into()), "429, back soon.";
    "retry-after-negative" [3] Act::Retry(|_| "-7".into()), "429, back 7 seconds ago.";
    "retry-after-0" [3] Act::Retry(|_| "0".into()), "429, back at once.";
    "retry-after-1e9" [3] Act::Retry(|_| "1000000000".into()), "429, back in 32 years.";
    "retry-after-hidden" [4] Act::Error(429, |head| { put(head, RETRY_AFTER, "7"); head.remove(ACCESS_CONTROL_EXPOSE_HEADERS); }), "429 with a Retry-After of 7 that CORS hides.";
    "error-no-cors" [4] Act::Error(503, |head| drop(head.remove(ACCESS_CONTROL_ALLOW_ORIGIN))), "503 without CORS headers, as proxies send it.";
    "headers-hidden" [4] Act::Head(|head| drop(head.remove(ACCESS_CONTROL_EXPOSE_HEADERS))), "CORS lets a foreign page read the body and no header.";
    "cut-by-length" [5 34] Act::Wire(Wire::CutByLength), "Half of the bytes that Content-Length promised.";
    "cut-by-chunk" [5] Act::Wire(Wire::CutByChunk), "Half of the chunks; the last never comes.";
    "cut-by-close" [5] Act::Wire(Wire::CutByClose), "Half of the body, then a closed connection that is its only end (HTTP/1.0).";
    "cut-json" [5] Act::Bytes(|mut bytes| { bytes.truncate(bytes.len() / 2); bytes }), "Half of the document, sent as if it were whole.";
    "wrong-type" [6 34] Act::Head(|head| put(head, CONTENT_TYPE, "image/png")), "Content-Type: image/png.";
    "no-type" [6 34] Act::Head(|head| { head.remove(CONTENT_TYPE); head.remove("x-content-type-options"); }), "No Content-Type.";
    "portal" [7] Act::Document(200, HTML, || SIGN_IN.into()), "A captive portal answers 200 with its sign-in page.";
    "portal-redirect" [7] Act::Redirect(To::SignIn), "A captive portal redirects to its sign-in page on another host.";
    "511" [7] Act::Status(511), "Network authentication required.";
    "error-page" [7] Act::Document(200, HTML, || error_page("Service unavailable").into()), "An error page with status 200.";
    "empty" [7] Act::Document(200, JSON, Bytes::new), "No bytes.";
    "null" [7] Act::Document(200, JSON, || "null".into()), "null";
    "array" [7] Act::Document(200, JSON, || "[]".into()), "[]";
    "object" [7] Act::Document(200, JSON, || "{}".into()), "{}";
    "304" [8] Act::Status(304), "Not modified, to whoever asks.";
    "same-bytes" [8] Act::Head(|head| { let now = now_nanos(); put(head, ETAG, &format!("\"{now}\"")); head.remove(LAST_MODIFIED); }), "The same bytes each time under a new ETag, never 304.";
    "same-etag" [8] Act::Head(|head| put(head, ETAG, "\"same\"")), "A whole answer each time under one ETag.";
    "no-validators" [8] Act::Head(|head| { head.remove(ETAG); head.remove(LAST_MODIFIED); }), "Neither ETag nor Last-Modified, never 304.";
    "204" [8] Act::Status(204), "No content: the updates are over.";
    "205" [8] Act::Status(205), "Reset content.";
    "400" [9] Act::Status(400), "Bad request.";
    "401" [9] Act::Status(401), "Unauthorized.";
    "403" [9] Act::Status(403), "Forbidden.";
    "404" [9 34] Act::Status(404), "Not found.";
    "410" [9] Act::Status(410), "Gone.";
    "451" [9] Act::Status(451), "Unavailable for legal reasons.";
    "redirect" [10] Act::Redirect(To::Here), "302 to another address here.";
    "redirect-other" [10] Act::Redirect(To::Other), "302 to the other origin.";
    "redirect-loop" [10] Act::Redirect(To::Itself), "302 to itself, without end.";
    "redirect-http" [10] Act::Redirect(To::PlainHttp), "302 to a plain http: address of a name that is not this machine's.";
    "no-cors" [11] Act::Head(|head| drop(head.remove(ACCESS_CONTROL_ALLOW_ORIGIN))), "The true answer without CORS headers.";
    "csp-connect" [11] Act::Head(|head| policy(head, "connect-src 'self'", "connect-src 'none'")), "A page whose policy forbids every request.";
    "slow" [12] Act::Wire(Wire::Slow), "A byte a second.";
    "no-head" [12] Act::Wire(Wire::NoHead), "The request is taken and never answered.";
    "no-end" [12] Act::Wire(Wire::NoEnd), "The whole body, and an end that never comes.";
    "refused" [13] Act::Redirect(To::Refused), "302 to a port where nobody listens.";
    "no-name" [13] Act::Redirect(To::NoName), "302 to a name that does not exist.";
    "dropped" [13] Act::Wire(Wire::Dropped), "The connection is closed without a byte.";
    "out-of-order" [14] Act::Wire(Wire::EverySecondLate), "Every second answer, the first too, as it was when asked for but 3 seconds late.";
    "late" [14] Act::Wire(Wire::Late), "Each answer 3 seconds late.";
    "alternating" [15] Act::Older(true), "The version before, the latest, the version before: two caches.";
    "stale" [15] Act::Older(false), "The version before the latest.";
    "same-time" [16] Act::Story(|story| story["headline"] = format!("{} (again)", story["headline"].as_str().unwrap_or_default()).into()), "Another headline under the same time.";
    "other-time" [16] Act::Story(|story| story["dateModified"] = Timestamp::now().to_string().into()), "Another time over the same body.";
    "5mb" [26] Act::Wire(Wire::Megabytes(5)), "An article of 5 MB.";
    "50mb" [26] Act::Wire(Wire::Megabytes(50)), "An article of 50 MB.";
    "endless" [26] Act::Wire(Wire::Endless), "An article without end, as fast as it is taken.";
    "gzip-bomb" [26] Act::Wire(Wire::GzipBomb), "100 MB in 100 kB of gzip.";
    "deep-json-50" [27] Act::Document(200, JSON, || deep_json(50)), "Arrays 50 deep.";
    "deep-json-5000" [27] Act::Document(200, JSON, || deep_json(5_000)), "Arrays 5,000 deep.";
    "deep-json-50000" [27] Act::Document(200, JSON, || deep_json(50_000)), "Arrays 50,000 deep.";
    "deep-html-50" [27] Act::Story(|story| deep_html(story, 50)), "A body 50 elements deep.";
    "deep-html-5000" [27] Act::Story(|story| deep_html(story, 5_000)), "A body 5,000 elements deep.";
    "deep-html-50000" [27] Act::Story(|story| deep_html(story, 50_000)), "A body 50,000 elements deep.";
    "attributes" [27] Act::Story(attributes), "A paragraph with 100,000 attributes.";
    "comments" [27] Act::Story(|story| body(story, &"<!---->".repeat(500_000))), "Half a million comments.";
    "nul" [27] Act::Bytes(|bytes| replace(&bytes, b"\"headline\": \"", b"\"headline\": \"\0")), "A NUL byte in the headline.";
    "lone-surrogate" [27] Act::Bytes(|bytes| replace(&bytes, b"\"headline\": \"", b"\"headline\": \"\\ud800 ")), "Half a surrogate pair in the headline.";
    "broken-utf-8" [27] Act::Bytes(|bytes| replace(&bytes, b"\"headline\": \"", b"\"headline\": \"\xc3( ")), "A byte sequence in the headline that is not UTF-8.";
    "utf-16" [27] Act::Bytes(|bytes| utf_16(&String::from_utf8_lossy(&bytes))), "The document in UTF-16 with a byte order mark.";
    "windows-1252" [27] Act::Document(200, "application/json; charset=windows-1252", || WESTERN.into()), "An article in an old charset that its Content-Type names.";
    "wrong-hash" [34] Act::Bytes(|mut bytes| { if let Some(last) = bytes.last_mut() { *last ^= 1; } bytes }), "The last byte changed.";
    "csp-wasm" [34] Act::Head(|head| policy(head, " 'wasm-unsafe-eval'", "")), "A page whose policy forbids WebAssembly.";
    "max-age-60" [] Act::Head(|head| put(head, CACHE_CONTROL, "public, max-age=60")), "No fault: one header that slows every reader to a request a minute.";
};

const SIGN_IN: &str = "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Harbour Guest Network</title></head>\
    <body><h1>Welcome aboard</h1><p>Accept the terms to go online.</p><form><button>Accept</button></form></body></html>";
const WESTERN: &[u8] = b"{\"@type\": \"NewsArticle\", \"headline\": \"Caf\xe9 \x96 na\xefve\", \"articleBody\": \"\x84Ja\x93, said Zo\xeb.\"}";

/// A fault that is on.
struct On {
    fault: &'static Fault,
    until: Option<Instant>,
    times: Option<u32>,
    /// Answers it gave so far.
    given: u64,
}

impl On {
    fn is_over(&self) -> bool {
        self.until.is_some_and(|until| until <= Instant::now()) || self.times == Some(0)
    }
}

/// The faults that are on, by path; a path that ends in `*` stands for all that begin so.
#[derive(Default)]
pub(super) struct Faults(Mutex<BTreeMap<String, On>>);

/// What is asked of a path.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wish {
    fault: String,
    /// Seconds; without it, until it is switched off.
    #[serde(rename = "for")]
    seconds: Option<f64>,
    /// Answers to spoil; without it, all.
    times: Option<u32>,
}

/// One answer to be spoiled.
pub(super) struct Strike {
    fault: &'static Fault,
    /// How many were before it.
    nth: u64,
}

impl Faults {
    /// The fault that is on for a request, which counts as one of its answers.
    pub(super) fn strike(&self, request: &Request) -> Option<Strike> {
        let path = request.uri().path();
        let spared = !matches!(*request.method(), Method::GET | Method::HEAD)
            || path == "/log"
            || path.starts_with("/faults")
            || request.uri().query().is_some_and(|query| query.split('&').any(|part| part == PAST));
        if spared {
            return None;
        }
        let mut faults = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        faults.retain(|_, on| !on.is_over());
        let on = faults.iter_mut().find(|(on, _)| match on.strip_suffix('*') {
            Some(begin) => path.starts_with(begin),
            None => path == on.as_str(),
        });
        let (_, on) = on?;
        on.times = on.times.map(|times| times - 1);
        on.given += 1;
        Some(Strike { fault: on.fault, nth: on.given - 1 })
    }
}

/// `GET /faults`: the faults there are, and those that are on.
pub(super) async fn list(State(house): State<Arc<House>>) -> Json<Value> {
    let mut faults = house.faults.0.lock().unwrap_or_else(PoisonError::into_inner);
    faults.retain(|_, on| !on.is_over());
    let known: Vec<_> =
        FAULTS.iter().map(|fault| json!({"name": fault.name, "rows": fault.rows, "does": fault.says})).collect();
    let on: Vec<_> = faults
        .iter()
        .map(|(path, on)| {
            let left = on.until.map(|until| until.saturating_duration_since(Instant::now()).as_secs_f64());
            json!({"path": path, "fault": on.fault.name, "for": left, "times": on.times, "given": on.given})
        })
        .collect();
    Json(json!({"faults": known, "on": on, "other_origin": house.origins[1]}))
}

/// `PUT /faults/{path}` with `{"fault": "…", "for": seconds}` and, if wished, `"times": answers`.
pub(super) async fn switch_on(State(house): State<Arc<House>>, uri: Uri, bytes: Bytes) -> Response<Body> {
    let wish: Wish = match serde_json::from_slice(&bytes) {
        Ok(wish) => wish,
        Err(error) => {
            let shape = "{\"fault\": \"503\", \"for\": 30}";
            return say(StatusCode::UNPROCESSABLE_ENTITY, format!("A fault is asked for as {shape}: {error}."));
        }
    };
    let Some(fault) = find(&wish.fault) else {
        return say(
            StatusCode::UNPROCESSABLE_ENTITY,
            format!("There is no fault {:?}; GET /faults lists them all.", wish.fault),
        );
    };
    let until = match wish.seconds.map(Duration::try_from_secs_f64) {
        None => None,
        Some(Ok(seconds)) => Instant::now().checked_add(seconds),
        Some(Err(_)) => return say(StatusCode::UNPROCESSABLE_ENTITY, "\"for\" is a number of seconds, 0 or more."),
    };
    let path = path(&uri);
    let mut faults = house.faults.0.lock().unwrap_or_else(PoisonError::into_inner);
    faults.insert(path.to_owned(), On { fault, until, times: wish.times, given: 0 });
    say(StatusCode::OK, format!("{} is on for {path}.", fault.name))
}

/// `DELETE /faults/{path}`.
pub(super) async fn switch_off(State(house): State<Arc<House>>, uri: Uri) -> Response<Body> {
    let mut faults = house.faults.0.lock().unwrap_or_else(PoisonError::into_inner);
    let path = path(&uri);
    match faults.remove(path) {
        Some(on) => say(StatusCode::OK, format!("{} is off for {path}.", on.fault.name)),
        None => say(StatusCode::OK, format!("No fault was on for {path}.")),
    }
}

/// The fault of a name, or the first of a row's number.
fn find(name: &str) -> Option<&'static Fault> {
    let row = || name.parse().ok().and_then(|row| FAULTS.iter().find(|fault| fault.rows.contains(&row)));
    FAULTS.iter().find(|fault| fault.name == name).or_else(row)
}

/// The path that a fault is for: all that follows `/faults`.
fn path(uri: &Uri) -> &str {
    uri.path().strip_prefix("/faults").unwrap_or_default()
}

/// `GET /sign-in`: where a captive portal sends its guests.
pub(super) async fn sign_in() -> Response<Body> {
    document(200, HTML, SIGN_IN.into())
}

impl Strike {
    /// Of the fault.
    pub(super) fn name(&self) -> &'static str {
        self.fault.name
    }

    /// The spoiled answer.
    pub(super) async fn answer(
        self,
        house: &Arc<House>,
        routes: Router,
        request: Request,
    ) -> Result<Response<Body>, Dropped> {
        let mut response = match self.fault.act {
            Act::Status(status) => error(status),
            Act::Error(status, change) => {
                let mut response = error(status);
                change(response.headers_mut());
                response
            }
            Act::Retry(after) => {
                let mut response = error(429);
                put(response.headers_mut(), RETRY_AFTER, &after(SystemTime::now()));
                response
            }
            Act::Document(status, kind, bytes) => document(status, kind, bytes()),
            Act::Head(change) => {
                let mut response = route(routes, unconditional(request)).await;
                change(response.headers_mut());
                response
            }
            Act::Bytes(change) => changed(routes, request, change).await,
            Act::Story(change) => {
                let write = |bytes: Vec<u8>| match serde_json::from_slice::<Value>(&bytes) {
                    Ok(mut document) => {
                        if let Some(story) = node(&mut document) {
                            change(story);
                        }
                        document.to_string().into_bytes()
                    }
                    Err(_) => bytes,
                };
                changed(routes, request, write).await
            }
            Act::Redirect(to) => redirect(house, &request, to),
            Act::Older(alternating) => {
                let mut request = unconditional(request);
                request.extensions_mut().insert(Back(usize::from(!alternating || self.nth.is_multiple_of(2))));
                route(routes, request).await
            }
            Act::Wire(wire) => self.wire(wire, routes, request).await?,
        };
        if !matches!(self.fault.act, Act::Head(_) | Act::Older(_)) {
            put(response.headers_mut(), CACHE_CONTROL, "no-store");
        }
        Ok(response)
    }

    async fn wire(&self, wire: Wire, routes: Router, request: Request) -> Result<Response<Body>, Dropped> {
        match wire {
            Wire::NoHead => std::future::pending().await,
            Wire::Dropped => return Err(Dropped),
            Wire::Endless => return Ok(document(200, JSON, Bytes::new()).map(|_| words(None))),
            Wire::Megabytes(megabytes) => return Ok(document(200, JSON, Bytes::new()).map(|_| words(Some(megabytes)))),
            Wire::GzipBomb => {
                let mut response = document(200, JSON, bomb().await);
                put(response.headers_mut(), CONTENT_ENCODING, "gzip");
                return Ok(response);
            }
            Wire::Late | Wire::EverySecondLate => {
                let response = route(routes, request).await;
                if matches!(wire, Wire::Late) || self.nth.is_multiple_of(2) {
                    tokio::time::sleep(LATE).await;
                }
                return Ok(response);
            }
            Wire::CutByLength | Wire::CutByChunk | Wire::CutByClose | Wire::Slow | Wire::NoEnd => {}
        }
        let is_head = request.method() == Method::HEAD;
        let (mut parts, bytes) = plain(routes, request).await;
        if is_head {
            return Ok(Response::from_parts(parts, Body::empty()));
        }
        let half = bytes.slice(..bytes.len() / 2);
        let length = bytes.len();
        parts.headers.remove(CONTENT_LENGTH);
        let body = match wire {
            Wire::CutByLength => {
                parts.headers.insert(CONTENT_LENGTH, length.into());
                begun(half, stream::once(cut()))
            }
            Wire::CutByChunk => begun(half, stream::once(cut())),
            Wire::CutByClose => {
                // Without a length or chunks, as before HTTP/1.1, the end of the connection is the end of the body.
                parts.version = Version::HTTP_10;
                begun(half, stream::empty())
            }
            Wire::Slow => {
                parts.headers.insert(CONTENT_LENGTH, length.into());
                slowly(bytes)
            }
            _ => begun(bytes, stream::pending()),
        };
        Ok(Response::from_parts(parts, body))
    }
}

/// An error of the wire, once what was sent before it has left.
async fn cut() -> io::Result<Bytes> {
    tokio::time::sleep(FLUSHED).await;
    Err(io::ErrorKind::ConnectionReset.into())
}

fn begun(first: Bytes, rest: impl stream::Stream<Item = io::Result<Bytes>> + Send + 'static) -> Body {
    Body::from_stream(stream::once(async { Ok(first) }).chain(rest))
}

fn slowly(bytes: Bytes) -> Body {
    Body::from_stream(stream::unfold((bytes, false), |(mut bytes, begun)| async move {
        if bytes.is_empty() {
            return None;
        }
        if begun {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        Some((Ok::<_, Infallible>(bytes.split_to(1)), (bytes, true)))
    }))
}

/// An article of so many megabytes, or without end.
fn words(megabytes: Option<u32>) -> Body {
    const PIECE: usize = 100_000;
    let piece = Bytes::from("the tide came in and went out again ".repeat(PIECE / 36 + 1)).slice(..PIECE);
    let begin = "{\"@context\": \"https://schema.org\", \"@type\": \"NewsArticle\", \"headline\": \"All of it\", \"articleBody\": \"";
    let pieces =
        stream::repeat(piece).take(megabytes.map_or(usize::MAX, |megabytes| megabytes as usize * 1_000_000 / PIECE));
    let all =
        stream::once(async move { Bytes::from(begin) }).chain(pieces).chain(stream::once(async { Bytes::from("\"}") }));
    Body::from_stream(all.map(Ok::<_, Infallible>))
}

/// 100 MB of white space and a document, packed once.
async fn bomb() -> Bytes {
    static BOMB: OnceLock<Bytes> = OnceLock::new();
    let pack = || {
        let spaces = vec![b' '; 1_000_000];
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        for _ in 0..100 {
            // Writing to memory cannot fail.
            let _ = packer.write_all(&spaces);
        }
        let _ = packer.write_all(b"{\"@type\": \"NewsArticle\", \"headline\": \"Unpacked\"}");
        packer.finish().unwrap_or_default().into()
    };
    tokio::task::spawn_blocking(move || BOMB.get_or_init(pack).clone()).await.unwrap_or_default()
}

fn redirect(house: &House, request: &Request, to: To) -> Response<Body> {
    let path = request.uri().path();
    let other = &house.origins[request.extensions().get::<Side>().map_or(1, |side| 1 - side.0)];
    let location = match to {
        To::Here => format!("{path}?{PAST}"),
        To::Other => format!("{other}{path}?{PAST}"),
        To::Itself => path.to_owned(),
        To::PlainHttp => format!("http://plain.invalid{path}"),
        To::SignIn => format!("{other}/sign-in"),
        To::Refused => format!("http://127.0.0.1:{}{path}", free_port()),
        To::NoName => format!("http://no-such-name.invalid{path}"),
    };
    let mut response = document(302, HTML, Bytes::new());
    put(response.headers_mut(), LOCATION, &location);
    response
}

/// A port that was free a moment ago.
fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0));
    listener.and_then(|listener| listener.local_addr()).map_or(9, |address| address.port())
}

/// The answer without the fault, whole and unpacked: its head and its bytes.
async fn plain(routes: Router, request: Request) -> (axum::http::response::Parts, Bytes) {
    let mut request = unconditional(request);
    request.headers_mut().remove(ACCEPT_ENCODING);
    let (parts, body) = route(routes, request).await.into_parts();
    let bytes = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    (parts, bytes)
}

async fn changed(routes: Router, request: Request, change: impl FnOnce(Vec<u8>) -> Vec<u8>) -> Response<Body> {
    let is_head = request.method() == Method::HEAD;
    let (mut parts, bytes) = plain(routes, request).await;
    if is_head || !parts.status.is_success() {
        return Response::from_parts(parts, bytes.into());
    }
    let bytes = change(bytes.into());
    parts.headers.insert(CONTENT_LENGTH, bytes.len().into());
    // The bytes are others, and so is what would tell them apart.
    parts.headers.remove(ETAG);
    Response::from_parts(parts, bytes.into())
}

fn unconditional(mut request: Request) -> Request {
    request.headers_mut().remove(IF_NONE_MATCH);
    request.headers_mut().remove(IF_MODIFIED_SINCE);
    request
}

fn document(status: u16, kind: &'static str, bytes: Bytes) -> Response<Body> {
    let mut response = Response::new(Body::from(bytes));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
    let head = response.headers_mut();
    put(head, CONTENT_TYPE, kind);
    put(head, ACCESS_CONTROL_ALLOW_ORIGIN, "*");
    put(head, ACCESS_CONTROL_EXPOSE_HEADERS, "etag,date,retry-after,cache-control");
    response
}

fn error(status: u16) -> Response<Body> {
    let code = StatusCode::from_u16(status).unwrap_or_default();
    let bytes = if matches!(status, 204 | 205 | 304) {
        Bytes::new()
    } else {
        error_page(code.canonical_reason().unwrap_or("Error")).into()
    };
    document(status, HTML, bytes)
}

fn error_page(reason: &str) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{reason}</title></head>\
         <body><h1>{reason}</h1><p>Please try again later.</p></body></html>"
    )
}

fn put(head: &mut HeaderMap, name: HeaderName, text: &str) {
    if let Ok(value) = HeaderValue::from_str(text) {
        head.insert(name, value);
    }
}

fn policy(head: &mut HeaderMap, from: &str, to: &str) {
    if let Some(policy) = head.get(CONTENT_SECURITY_POLICY).and_then(|policy| policy.to_str().ok()) {
        let policy = policy.replace(from, to);
        put(head, CONTENT_SECURITY_POLICY, &policy);
    }
}

fn imf(time: SystemTime) -> String {
    httpdate::fmt_http_date(time)
}

fn dated(now: SystemTime, format: &str) -> String {
    Timestamp::try_from(now + Duration::from_secs(7)).unwrap_or_default().strftime(format).to_string()
}

fn now_nanos() -> u128 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_nanos()
}

/// The article of a document, to be changed.
fn node(document: &mut Value) -> Option<&mut Value> {
    if document.is_object() && forms::article(document).is_some_and(|node| std::ptr::eq(node, document)) {
        return Some(document);
    }
    match document {
        Value::Array(items) => items.iter_mut().find_map(node),
        Value::Object(fields) => fields.values_mut().find_map(node),
        _ => None,
    }
}

fn body(story: &mut Value, html: &str) {
    story["articleBody"] = format!("{html}<p>The end.</p>").into();
}

fn deep_json(depth: usize) -> Bytes {
    let deep = "[".repeat(depth) + &"]".repeat(depth);
    format!("{{\"@type\": \"NewsArticle\", \"headline\": \"Deep\", \"about\": {deep}}}").into()
}

fn deep_html(story: &mut Value, depth: usize) {
    body(story, &format!("{}at the bottom{}", "<div>".repeat(depth), "</div>".repeat(depth)));
}

fn attributes(story: &mut Value) {
    let mut html = String::from("<p");
    for number in 0..100_000 {
        // Writing to memory cannot fail.
        let _ = write!(html, " a{number}=\"{number}\"");
    }
    body(story, &(html + ">Crowded.</p>"));
}

/// The first occurrence replaced; JSON as it is printed here or closely packed.
fn replace(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    match bytes.windows(from.len()).position(|window| window == from) {
        Some(at) => [&bytes[..at], to, &bytes[at + from.len()..]].concat(),
        None => bytes.to_vec(),
    }
}

fn utf_16(text: &str) -> Vec<u8> {
    "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

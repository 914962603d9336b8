//! Answers that cost what changed: compression dictionary transport (RFC 9842) for documents that are polled.
//!
//! A browser keeps an answer that says `Use-As-Dictionary`, names it by its hash in `Available-Dictionary` when it asks
//! for that path again, and takes the difference between the two in the coding `dcz`. [`Delta`] is a tower layer that
//! does the server's part for every document of the routes it is laid on; nothing else has to know of it:
//!
//! ```no_run
//! # use axum::{Router, routing::get};
//! # use www::delta::{Bounds, Delta};
//! let stories: Router = Router::new()
//!     .route("/stories/{file}", get(|| async { "{\"@type\": \"NewsArticle\"}" }))
//!     .layer(Delta::new(Bounds::default()));
//! ```
//!
//! It asks the origin for the whole document each time and does the rest: the coding, the `ETag` and the 304. Who offers
//! no dictionary, or one that is not known, gets all of it, in brotli, zstd or gzip. A difference is sent only if the
//! dictionary still has the hash it is known by and the difference has been read back to the very document.
//!
//! The bytes of `dcz` are in [`dcz`], [`job`] writes them to a file for a server of static files, and
//! `www/recipes/nginx` has one that serves such files. What a document is, and how long it is fresh, is left to the
//! origin; `dcb`, the same with brotli, to servers whose readers take that alone (none does: Chromium takes both).

mod coding;
pub mod dcz;
mod job;
mod store;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{OriginalUri, Request};
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG, HeaderName,
    IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, LAST_MODIFIED, RANGE, SET_COOKIE, VARY,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http_body_util::BodyExt as _;
use tower::{Layer, Service, ServiceExt as _};

pub(crate) use coding::{Coding, date, is_known};
use dcz::Hash;
pub use job::{Options, job};
pub use store::Bounds;
use store::{Form, Store, Version};

/// The request's word for the document that the reader has (RFC 9842, section 2.2).
const AVAILABLE_DICTIONARY: HeaderName = HeaderName::from_static("available-dictionary");
/// The answer's word that it can be begun from next time (RFC 9842, section 2.1).
const USE_AS_DICTIONARY: HeaderName = HeaderName::from_static("use-as-dictionary");
/// What an answer depends on.
const VARIES: &str = "accept-encoding, available-dictionary";
/// A browser keeps a dictionary for as long as it may show the answer, stale or not. Ten minutes are long enough for
/// the pace of any live blog, and one second of freshness keeps no reader behind.
const KEPT: HeaderValue = HeaderValue::from_static("max-age=1, stale-while-revalidate=600");
/// Smaller bodies gain nothing by a coding.
const WORTH_CODING: usize = 256;

/// A layer that answers with differences where the reader can take them.
///
/// It concerns GET and HEAD without a query; of their answers those that are 200, as public as a story is (neither
/// `private` nor `no-store`, no cookie), of known length and at most [`dcz::LARGEST`]. All else passes as it is. Where
/// the origin sets no `Cache-Control`, one is set that lets a browser keep the dictionary for ten minutes; an origin
/// that sets its own does well to give it a `stale-while-revalidate`, for `no-cache` keeps no dictionary.
///
/// Clones share what is kept.
#[derive(Clone, Debug)]
pub struct Delta {
    store: Arc<Store>,
}

impl Delta {
    /// A layer with an empty store.
    pub fn new(bounds: Bounds) -> Self {
        Self { store: Arc::new(Store::new(bounds)) }
    }

    /// Bytes kept now, at most [`Bounds::bytes`].
    pub fn bytes(&self) -> usize {
        self.store.bytes()
    }
}

impl<S> Layer<S> for Delta {
    type Service = Answers<S>;

    fn layer(&self, origin: S) -> Answers<S> {
        Answers { origin, store: self.store.clone() }
    }
}

/// The service that [`Delta`] makes of another.
#[derive(Clone, Debug)]
pub struct Answers<S> {
    origin: S,
    store: Arc<Store>,
}

impl<S> Service<Request> for Answers<S>
where
    S: Service<Request, Response = Response> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Send,
{
    type Response = Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.origin.poll_ready(context)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        // The one that was found ready is the one to call.
        let spare = self.origin.clone();
        let mut origin = std::mem::replace(&mut self.origin, spare);
        let Some(asked) = Asked::take(&mut request) else { return Box::pin(origin.call(request)) };
        let store = self.store.clone();
        Box::pin(async move {
            let response = origin.ready().await?.call(request).await?;
            if !is_document(&response) {
                return Ok(response);
            }
            let (head, body) = response.into_parts();
            Ok(match body.collect().await {
                Ok(body) => asked.answer(&store, head.headers, body.to_bytes()).await,
                // What broke off is no document; the reader shall see that it did.
                Err(error) => {
                    let broken = futures_util::stream::once(async { Err::<Bytes, _>(error) });
                    Response::from_parts(head, Body::from_stream(broken))
                }
            })
        })
    }
}

/// Whether an answer is one to keep: all of a document that anybody may read.
fn is_document(response: &Response) -> bool {
    let headers = response.headers();
    let is_public = coding::list(headers, &CACHE_CONTROL)
        .all(|directive| !directive.eq_ignore_ascii_case("no-store") && !directive.starts_with("private"));
    response.status() == StatusCode::OK
        && !headers.contains_key(CONTENT_ENCODING)
        && !headers.contains_key(SET_COOKIE)
        && is_public
        && response.body().size_hint().exact().is_some_and(|length| length <= dcz::LARGEST as u64)
}

/// What a reader asked for, taken out of the request, so that the origin is asked for the whole document.
struct Asked {
    path: String,
    head_only: bool,
    headers: HeaderMap,
}

impl Asked {
    /// None where this layer has no part in it.
    fn take(request: &mut Request) -> Option<Self> {
        let head_only = request.method() == Method::HEAD;
        if !head_only && request.method() != Method::GET || request.uri().query().is_some() {
            return None;
        }
        // A nested router sees less of the path than the reader.
        let path = request.extensions().get().map_or_else(|| request.uri(), |OriginalUri(uri)| uri).path().to_owned();
        let headers = request.headers().clone();
        for name in [ACCEPT_ENCODING, IF_NONE_MATCH, IF_MODIFIED_SINCE, IF_RANGE, RANGE] {
            request.headers_mut().remove(name);
        }
        *request.method_mut() = Method::GET;
        Some(Self { path, head_only, headers })
    }

    /// The document that the reader offers to begin from, if it takes differences at all.
    fn offered(&self) -> Option<Hash> {
        let value = self.headers.get(AVAILABLE_DICTIONARY)?.to_str().ok()?.trim();
        // A byte sequence as structured fields write it (RFC 9651, section 3.3.5).
        let hash = STANDARD.decode(value.strip_prefix(':')?.strip_suffix(':')?).ok()?;
        coding::takes(&self.headers, "dcz").then_some(hash)?.try_into().ok()
    }

    async fn answer(&self, store: &Store, mut headers: HeaderMap, document: Bytes) -> Response {
        let version = store.keep(&self.path, &document, dcz::hash(&document));
        let modified = headers.get(LAST_MODIFIED).and_then(date);
        headers.entry(CACHE_CONTROL).or_insert(KEPT);
        headers.insert(VARY, varies(&headers));
        if let Some(old) = self.offered().and_then(|hash| store.find(&self.path, &hash)) {
            // A difference is a representation for those who have this dictionary alone, and so is its validator.
            let etag = format!("\"{}-dcz-{}\"", short(&version.hash), short(&old.hash));
            if is_known(&self.headers, &etag, modified) {
                return not_modified(headers, &etag);
            }
            let (from, to) = (old.clone(), version.clone());
            if let Some(body) = store.form(&version, Form::From(old.hash), move || difference(&from, &to)).await {
                return self.whole(headers, Some("dcz"), &etag, body);
            }
            store.forget(&self.path, &old.hash);
        }
        let coding = if document.len() < WORTH_CODING { Coding::Identity } else { Coding::choose(&self.headers) };
        let etag = match coding.name() {
            Some(name) => format!("\"{}-{name}\"", short(&version.hash)),
            None => format!("\"{}\"", short(&version.hash)),
        };
        if is_known(&self.headers, &etag, modified) {
            return not_modified(headers, &etag);
        }
        let plain = document.clone();
        let body = if coding == Coding::Identity {
            document
        } else {
            let coded = store.form(&version, Form::Whole(coding), move || Some(coding.encode(&plain))).await;
            coded.unwrap_or_else(|| coding.encode(&document))
        };
        self.whole(headers, coding.name(), &etag, body)
    }

    fn whole(&self, mut headers: HeaderMap, coding: Option<&'static str>, etag: &str, body: Bytes) -> Response {
        headers.insert(ETAG, value(etag));
        headers.insert(USE_AS_DICTIONARY, value(&format!("match=\"{}\"", pattern(&self.path))));
        if let Some(coding) = coding {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static(coding));
        }
        headers.insert(CONTENT_LENGTH, body.len().into());
        let mut response = Response::new(if self.head_only { Body::empty() } else { body.into() });
        *response.headers_mut() = headers;
        response
    }
}

/// It does not say `Use-As-Dictionary`: Chromium keeps the one it has for longer all the same, and, where it does say so
/// and the page does not read the answer, lets go of it.
fn not_modified(mut headers: HeaderMap, etag: &str) -> Response {
    headers.insert(ETAG, value(etag));
    headers.remove(CONTENT_TYPE);
    headers.remove(CONTENT_LENGTH);
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NOT_MODIFIED;
    *response.headers_mut() = headers;
    response
}

/// What the reader is told who has `old`; none if `old` is not what it was, or the difference does not lead to `new`.
fn difference(old: &Version, new: &Version) -> Option<Bytes> {
    let body = dcz::encode(&old.document, &new.document).ok()?;
    // The hash was taken of the bytes as they are now; the reader's was taken of those it was sent.
    let begins = body.get(dcz::MAGIC.len()..dcz::HEAD)? == old.hash;
    let leads = dcz::hash(&dcz::decode(&old.document, &body).ok()?) == new.hash;
    (begins && leads).then(|| body.into_boxed_slice().into())
}

/// Enough of a hash to tell the versions of one path apart.
fn short(hash: &Hash) -> String {
    hash[..8].iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// `Vary` of the answer: what the origin says, and ours.
fn varies(headers: &HeaderMap) -> HeaderValue {
    let others =
        coding::list(headers, &VARY).filter(|name| VARIES.split(", ").all(|our| !our.eq_ignore_ascii_case(name)));
    value(&others.chain([VARIES]).collect::<Vec<_>>().join(", "))
}

/// The URL pattern that matches this path and no other, as it stands in a quoted string.
fn pattern(path: &str) -> String {
    let mut pattern = String::new();
    for letter in path.chars() {
        match letter {
            // The pattern's escape is escaped for the string.
            ':' | '*' | '?' | '+' | '{' | '}' | '(' | ')' => pattern.push_str(r"\\"),
            '\\' => pattern.push_str(r"\\\"),
            '"' => pattern.push('\\'),
            _ => {}
        }
        pattern.push(letter);
    }
    pattern
}

fn value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static(""))
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::io::Read as _;

    use super::*;

    const PATH: &str = "/stories/a.jsonld";

    /// A document of some length whose versions differ in a word.
    fn version(number: u32) -> Vec<u8> {
        let lines = (0..200).map(|line| format!("line {line}, {:08x}\n", u32::wrapping_mul(line, 2_654_435_761)));
        format!("version {number}\n{}", lines.collect::<String>()).into_bytes()
    }

    fn offer(document: &[u8]) -> String {
        format!(":{}:", STANDARD.encode(dcz::hash(document)))
    }

    /// Asks for `path` by way of the layer; `origin` is what would be answered without it.
    async fn ask(
        layer: &Delta,
        method: Method,
        path: &str,
        headers: &[(HeaderName, &str)],
        origin: impl FnOnce(&Request) -> Response + Clone + Send + 'static,
    ) -> (StatusCode, HeaderMap, Result<Bytes, axum::Error>) {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(name, *value);
        }
        let origin = tower::service_fn(move |request: Request| {
            let response = origin.clone()(&request);
            async { Ok::<_, Infallible>(response) }
        });
        let response = layer.layer(origin).oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        let (head, body) = response.into_parts();
        (head.status, head.headers, body.collect().await.map(http_body_util::Collected::to_bytes))
    }

    async fn get(layer: &Delta, document: &[u8], headers: &[(HeaderName, &str)]) -> (StatusCode, HeaderMap, Bytes) {
        let document = document.to_vec();
        let (status, headers, body) =
            ask(layer, Method::GET, PATH, headers, move |_| Response::new(document.into())).await;
        (status, headers, body.unwrap())
    }

    fn text(headers: &HeaderMap, name: HeaderName) -> &str {
        headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    #[tokio::test]
    async fn a_reader_gets_the_difference_from_what_it_has_or_all_of_it() {
        let layer = Delta::new(Bounds { versions: 3, ..Bounds::default() });
        for number in 1..=5 {
            get(&layer, &version(number), &[]).await;
        }
        let new = version(6);
        let browser = "gzip, deflate, br, zstd, dcb, dcz";
        for (accepted, offered, coding) in [
            (browser, offer(&version(5)), "dcz"),
            (browser, offer(&version(4)), "dcz"),
            (browser, offer(&new), "dcz"),
            ("dcz", offer(&version(5)), "dcz"),
            // Too old: three versions are kept.
            (browser, offer(&version(3)), "br"),
            (browser, offer(&version(1)), "br"),
            (browser, offer(b"of another site"), "br"),
            (browser, String::new(), "br"),
            (browser, "nonsense".into(), "br"),
            (browser, ":bm9uc2Vuc2U=:".into(), "br"),
            (browser, "::".into(), "br"),
            (browser, offer(&version(5)).replace(':', ""), "br"),
            ("gzip, deflate, br, zstd", offer(&version(5)), "br"),
            ("gzip, dcz;q=0", offer(&version(5)), "gzip"),
            ("zstd", String::new(), "zstd"),
            ("*", offer(&version(5)), "br"),
            ("", offer(&version(5)), ""),
        ] {
            let asked = [(ACCEPT_ENCODING, accepted), (AVAILABLE_DICTIONARY, &offered)];
            let (status, headers, body) = get(&layer, &new, &asked).await;
            let case = format!("{accepted} with {offered}");
            assert_eq!((status, text(&headers, CONTENT_ENCODING)), (StatusCode::OK, coding), "{case}");
            let old = [6, 5, 4].map(version).into_iter().find(|old| offer(old) == offered);
            let mut out = Vec::new();
            match coding {
                "dcz" => out = dcz::decode(&old.unwrap(), &body).unwrap(),
                "br" => drop(brotli::Decompressor::new(&body[..], 4096).read_to_end(&mut out).unwrap()),
                "zstd" => out = zstd::decode_all(&body[..]).unwrap(),
                "gzip" => drop(flate2::read::GzDecoder::new(&body[..]).read_to_end(&mut out).unwrap()),
                _ => out = body.to_vec(),
            }
            assert_eq!(out, new, "{case}");
            assert!(coding != "dcz" || body.len() < 100, "{case}: {} bytes", body.len());
            assert_eq!(text(&headers, CONTENT_LENGTH), body.len().to_string(), "{case}");
            assert_eq!(text(&headers, VARY), VARIES, "{case}");
            assert_eq!(text(&headers, USE_AS_DICTIONARY), "match=\"/stories/a.jsonld\"", "{case}");
            assert_eq!(text(&headers, CACHE_CONTROL), KEPT, "{case}");

            // The very same is not sent again.
            let etag = text(&headers, ETAG).to_owned();
            let again = [asked[0].clone(), asked[1].clone(), (IF_NONE_MATCH, &etag)];
            let (status, headers, body) = get(&layer, &new, &again).await;
            assert_eq!((status, body.len()), (StatusCode::NOT_MODIFIED, 0), "{case}");
            assert_eq!((text(&headers, ETAG), text(&headers, VARY)), (&*etag, VARIES), "{case}");
        }
    }

    #[tokio::test]
    async fn each_representation_has_a_validator_of_its_own() {
        let layer = Delta::new(Bounds::default());
        let mut seen = Vec::new();
        for document in [1, 2, 3].map(version) {
            get(&layer, &document, &[]).await;
        }
        for document in [3, 2].map(version) {
            for accepted in ["", "gzip", "zstd", "br"] {
                let (_, headers, _) = get(&layer, &document, &[(ACCEPT_ENCODING, accepted)]).await;
                seen.push(text(&headers, ETAG).to_owned());
            }
            for old in [1, 2].map(version) {
                let asked = [(ACCEPT_ENCODING, "dcz"), (AVAILABLE_DICTIONARY, &*offer(&old))];
                seen.push(text(&get(&layer, &document, &asked).await.1, ETAG).to_owned());
            }
        }
        assert_eq!(seen.len(), 12);
        assert!(seen.iter().all(|etag| etag.starts_with('"') && etag.ends_with('"')), "{seen:?}");
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 12, "{seen:?}");
    }

    #[tokio::test]
    async fn a_store_that_rotted_sends_no_difference() {
        let (old, new) = (version(1), version(2));
        let asked = [(ACCEPT_ENCODING, "dcz"), (AVAILABLE_DICTIONARY, &*offer(&old))];
        // The dictionary is not what its hash says.
        let layer = Delta::new(Bounds::default());
        layer.store.keep(PATH, &version(9), dcz::hash(&old));
        let (_, headers, body) = get(&layer, &new, &asked).await;
        assert_eq!((text(&headers, CONTENT_ENCODING), &body[..]), ("", &new[..]));
        assert!(layer.store.find(PATH, &dcz::hash(&old)).is_none(), "it is kept all the same");
        // What the difference would lead to is not what its hash says; what the origin says counts.
        let layer = Delta::new(Bounds::default());
        layer.store.keep(PATH, &old, dcz::hash(&old));
        layer.store.keep(PATH, &version(9), dcz::hash(&new));
        let (_, headers, body) = get(&layer, &new, &asked).await;
        assert_eq!((text(&headers, CONTENT_ENCODING), &body[..]), ("", &new[..]));
        // The difference itself is another than was made.
        let layer = Delta::new(Bounds::default());
        layer.store.keep(PATH, &old, dcz::hash(&old));
        assert_eq!(text(&get(&layer, &new, &asked).await.1, CONTENT_ENCODING), "dcz");
        layer.store.find(PATH, &dcz::hash(&new)).unwrap().rot(dcz::encode(&old, &version(9)).unwrap());
        let (_, headers, body) = get(&layer, &new, &asked).await;
        assert_eq!((text(&headers, CONTENT_ENCODING), &body[..]), ("", &new[..]));
    }

    #[tokio::test]
    async fn what_is_no_public_document_passes_as_it_is() {
        let with = |name: HeaderName, value: &'static str| {
            move |_: &Request| {
                let mut response = Response::new(Body::from(version(1)));
                response.headers_mut().insert(name, HeaderValue::from_static(value));
                response
            }
        };
        let plain = |_: &Request| Response::new(Body::from(version(1)));
        let missing = |_: &Request| {
            let mut response = Response::new(Body::from(version(1)));
            *response.status_mut() = StatusCode::NOT_FOUND;
            response
        };
        let stream = |_: &Request| {
            Response::new(Body::from_stream(futures_util::stream::once(async { Ok::<_, Infallible>(version(1)) })))
        };
        let huge = |_: &Request| Response::new(Body::from(vec![b'x'; dcz::LARGEST + 1]));
        let asked = [(ACCEPT_ENCODING, "br")];
        macro_rules! passes {
            ($($case:literal: $method:ident $path:expr, $origin:expr, $is:expr;)*) => {$(
                let layer = Delta::new(Bounds::default());
                let (_, headers, body) = ask(&layer, Method::$method, $path, &asked, $origin).await;
                let ours = headers.contains_key(USE_AS_DICTIONARY);
                assert_eq!((ours, layer.bytes() > 0), ($is, $is), $case);
                assert!(!body.unwrap().is_empty() || Method::$method == Method::HEAD, $case);
            )*};
        }
        passes! {
            "a document": GET PATH, plain, true;
            "its head": HEAD PATH, plain, true;
            "as public as can be": GET PATH, with(CACHE_CONTROL, "public, max-age=5"), true;
            "another method": PUT PATH, plain, false;
            "a query": GET "/stories/a.jsonld?b", plain, false;
            "not found": GET PATH, missing, false;
            "private": GET PATH, with(CACHE_CONTROL, "max-age=5, private"), false;
            "not to be stored": GET PATH, with(CACHE_CONTROL, "no-store"), false;
            "a cookie": GET PATH, with(SET_COOKIE, "a=b"), false;
            "coded already": GET PATH, with(CONTENT_ENCODING, "br"), false;
            "of no known length": GET PATH, stream, false;
            "too large": GET PATH, huge, false;
        }
        // The origin is asked for all of it, by GET, and its own headers stay.
        let origin = move |request: &Request| {
            let headers = request.headers();
            let asked_plainly = [ACCEPT_ENCODING, IF_NONE_MATCH, RANGE].iter().all(|name| !headers.contains_key(name));
            assert!(asked_plainly && request.method() == Method::GET);
            with(VARY, "Origin, Accept-Encoding")(request)
        };
        let asked = [(ACCEPT_ENCODING, "br"), (IF_NONE_MATCH, "\"a\""), (RANGE, "bytes=0-1")];
        let (status, headers, body) = ask(&Delta::new(Bounds::default()), Method::HEAD, PATH, &asked, origin).await;
        assert_eq!((status, body.unwrap().len()), (StatusCode::OK, 0));
        assert_eq!(text(&headers, VARY), "Origin, accept-encoding, available-dictionary");
        assert!(text(&headers, CONTENT_LENGTH).parse::<usize>().unwrap() > 100);
    }

    #[tokio::test]
    async fn a_document_that_breaks_off_is_not_kept() {
        /// Says how long it would have been.
        struct Broken;
        impl HttpBody for Broken {
            type Data = Bytes;
            type Error = std::io::Error;
            fn poll_frame(
                self: Pin<&mut Self>,
                _: &mut Context<'_>,
            ) -> Poll<Option<Result<hyper::body::Frame<Bytes>, std::io::Error>>> {
                Poll::Ready(Some(Err(std::io::Error::other("the line is down"))))
            }
            fn size_hint(&self) -> hyper::body::SizeHint {
                hyper::body::SizeHint::with_exact(1000)
            }
        }
        let layer = Delta::new(Bounds::default());
        let (_, _, body) = ask(&layer, Method::GET, PATH, &[], |_| Response::new(Body::new(Broken))).await;
        assert!(body.is_err());
        assert_eq!(layer.bytes(), 0);
    }

    #[test]
    fn a_pattern_matches_its_path_and_no_other() {
        for (path, written) in [
            ("/stories/storm.jsonld", "/stories/storm.jsonld"),
            ("/%C3%A9t%C3%A9", "/%C3%A9t%C3%A9"),
            ("/a:b*c", r"/a\\:b\\*c"),
            ("/(a)+{b}", r"/\\(a\\)\\+\\{b\\}"),
            (r#"/a"b\c"#, r#"/a\"b\\\\c"#),
        ] {
            assert_eq!(pattern(path), written);
        }
    }
}

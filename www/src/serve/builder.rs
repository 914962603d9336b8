//! What the builder's page asks the harness for: what the card reads in a document, and a copy of it for a card to poll.
//!
//! A document is uploaded, or fetched from an address on this machine; where that leads is looked up and checked before
//! each request, redirects included, unless the harness was started with `--reach-out`. Nothing of a document is ever
//! served as a page of this origin. What is read, and from what, is left to [`crate::read`].

use std::collections::VecDeque;
use std::io::Read as _;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Path, Query, Request, State};
use axum::http::header::{
    ACCEPT, ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_SECURITY_POLICY,
    CONTENT_TYPE, DATE, ETAG, HOST, IF_NONE_MATCH, LAST_MODIFIED, LOCATION, ORIGIN, RETRY_AFTER, VIA,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use flate2::read::GzDecoder;
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::client::conn::http1::handshake;
use hyper_util::rt::TokioIo;
use live_article::poll::{freshness, pace};
use live_article::read::LIMIT;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use url::{Position, Url};

use super::answer::say;
use super::{House, pages, stories};
use crate::read::{examine, now};

/// Documents that are kept.
const KEPT: usize = 8;
/// An address may lead on so often.
const REDIRECTS: usize = 5;
/// One request may take so long.
const PATIENCE: Duration = Duration::from_secs(10);
/// What our own requests carry, so that an address of ours is not followed round and round.
const WE: &str = "1.1 live-article-builder";
const TOO_LARGE: &str = "The document is larger than 4 MiB, which is the most that a card reads: publish less of it.";

/// The documents that were read last.
pub(super) struct Builder {
    reach_out: bool,
    kept: Mutex<(u64, VecDeque<(u64, Document)>)>,
}

#[derive(Clone)]
enum Document {
    Uploaded(Bytes),
    At(Url),
}

/// Which document, and how it is to be read.
#[derive(Deserialize)]
pub(super) struct Wish {
    /// Where it is; else it is the body.
    url: Option<String>,
    item: Option<String>,
    select: Option<String>,
}

/// An answer from an address.
struct Fetched {
    url: Url,
    status: StatusCode,
    headers: HeaderMap,
    /// As it came.
    bytes: Bytes,
}

impl Builder {
    pub(super) fn new(reach_out: bool) -> Self {
        Self { reach_out, kept: Mutex::default() }
    }

    fn keep(&self, document: Document) -> u64 {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.0 += 1;
        let id = kept.0;
        if kept.1.len() == KEPT {
            kept.1.pop_front();
        }
        kept.1.push_back((id, document));
        id
    }

    fn find(&self, id: u64) -> Option<Document> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.1.iter().find(|(of, _)| *of == id).map(|(_, document)| document.clone())
    }

    /// Where an address leads: to this machine, unless we may reach out.
    async fn look_up(&self, url: &Url) -> Result<SocketAddr, String> {
        let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else {
            return Err(format!("{url} names no machine."));
        };
        let host = host.trim_matches(['[', ']']);
        let found: Vec<_> = match lookup_host((host, port)).await {
            Ok(found) => found.collect(),
            Err(_) => return Err(format!("There is no machine {host}.")),
        };
        if !self.reach_out && !found.iter().all(|address| address.ip().to_canonical().is_loopback()) {
            return Err(format!(
                "{host} is not this machine, and the builder reads pages on this machine alone: save the page and upload it \
                 here, or start the harness with --reach-out."
            ));
        }
        found.first().copied().ok_or_else(|| format!("There is no machine {host}."))
    }

    async fn fetch(&self, url: Url, etag: Option<&HeaderValue>) -> Result<Fetched, String> {
        let whole = async {
            let mut url = url;
            for _ in 0..=REDIRECTS {
                let answer = self.ask(&url, etag).await?;
                let location = answer.headers.get(LOCATION).and_then(|location| location.to_str().ok());
                match location.filter(|_| answer.status.is_redirection()) {
                    Some(location) => {
                        url = url
                            .join(location)
                            .map_err(|_| format!("{url} leads to {location}, which is no address."))?;
                    }
                    None => return Ok(answer),
                }
            }
            Err(format!("{url} leads on and on: more than {REDIRECTS} redirects."))
        };
        timeout(PATIENCE, whole).await.unwrap_or_else(|_| Err("No whole answer came within ten seconds.".into()))
    }

    /// One request, without any redirect.
    async fn ask(&self, url: &Url, etag: Option<&HeaderValue>) -> Result<Fetched, String> {
        if url.scheme() != "http" {
            return Err(format!(
                "The builder speaks http alone, not {}: save the page and upload it here.",
                url.scheme()
            ));
        }
        let address = self.look_up(url).await?;
        let silent = |_| format!("Nothing answers at {url}: is its server running?");
        let stream = TcpStream::connect(address).await.map_err(|error| silent(error.to_string()))?;
        let (mut line, connection) =
            handshake(TokioIo::new(stream)).await.map_err(|error| silent(error.to_string()))?;
        tokio::spawn(connection);
        let mut request = hyper::Request::get(&url[Position::BeforePath..Position::AfterQuery])
            .header(HOST, &url[Position::BeforeHost..Position::AfterPort])
            .header(ACCEPT, "*/*")
            .header(ACCEPT_ENCODING, "gzip")
            .header(VIA, WE);
        if let Some(etag) = etag {
            request = request.header(IF_NONE_MATCH, etag);
        }
        let request = request.body(Empty::<Bytes>::new()).map_err(|_| format!("{url} cannot be asked for."))?;
        let (head, body) = line.send_request(request).await.map_err(|error| silent(error.to_string()))?.into_parts();
        let bytes = Limited::new(body, LIMIT).collect().await.map_err(|error| {
            if error.is::<http_body_util::LengthLimitError>() {
                TOO_LARGE.to_owned()
            } else {
                format!("The answer of {url} broke off.")
            }
        })?;
        Ok(Fetched { url: url.clone(), status: head.status, headers: head.headers, bytes: bytes.to_bytes() })
    }
}

impl Fetched {
    fn get(&self, name: &HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The document, unpacked.
    fn document(&self) -> Result<Bytes, String> {
        match self.get(&CONTENT_ENCODING) {
            None | Some("" | "identity") => Ok(self.bytes.clone()),
            Some("gzip") => {
                let mut bytes = Vec::new();
                let read = GzDecoder::new(&self.bytes[..]).take(LIMIT as u64 + 1).read_to_end(&mut bytes);
                if bytes.len() > LIMIT {
                    return Err(TOO_LARGE.into());
                }
                read.map_err(|_| format!("The answer of {} is not the gzip that it says it is.", self.url))?;
                Ok(bytes.into())
            }
            Some(other) => Err(format!("{} sends {other}, which was not asked for.", self.url)),
        }
    }
}

/// Whether a request comes from a page of this harness, or from no page at all. Pages elsewhere could have a browser send
/// one too, and a name of theirs may lead here.
fn is_ours(headers: &HeaderMap) -> bool {
    let get = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let Some(host) = get(HOST) else { return false };
    let named = Url::parse(&format!("http://{host}"));
    let by_number = named.is_ok_and(|url| !matches!(url.host(), Some(url::Host::Domain(name)) if name != "localhost"));
    let round = get(VIA).is_some_and(|via| via.contains(WE));
    by_number && !round && get(ORIGIN).is_none_or(|origin| origin == format!("http://{host}"))
}

/// `POST /builder/read`: what the card reads in the body, or at `?url=`.
pub(super) async fn read(
    State(house): State<Arc<House>>,
    Query(wish): Query<Wish>,
    request: Request,
) -> Response<Body> {
    if !is_ours(request.headers()) {
        return say(StatusCode::FORBIDDEN, "Only the builder's own page may ask.");
    }
    let of = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
    let (item, select) = (of(&wish.item), of(&wish.select));
    let refuse = |sentence: String| {
        let status =
            if sentence == TOO_LARGE { StatusCode::PAYLOAD_TOO_LARGE } else { StatusCode::UNPROCESSABLE_ENTITY };
        say(status, sentence)
    };
    let (url, document, kind, fetched) = if let Some(url) = wish.url {
        let Ok(url) = Url::parse(url.trim()) else {
            let example = &house.origins[0];
            return refuse(format!("That is no address; one is {example}/stories/ferry.html."));
        };
        let fetched = match house.builder.fetch(url, None).await {
            Ok(fetched) => fetched,
            Err(sentence) => return refuse(sentence),
        };
        let document = match fetched.document() {
            Ok(document) => document,
            Err(sentence) => return refuse(sentence),
        };
        if !fetched.status.is_success() {
            return refuse(format!("{} answers {}: a card would back off and ask again.", fetched.url, fetched.status));
        }
        let kind = fetched.get(&CONTENT_TYPE).unwrap_or_default().to_owned();
        (fetched.url.to_string(), document, kind, Some(fetched))
    } else {
        let kind =
            request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default().to_owned();
        let document = match stories::collect(request.into_body()).await {
            Ok(Some(bytes)) if bytes.is_empty() => return refuse("The document is empty.".into()),
            Ok(Some(bytes)) => bytes,
            Ok(None) => return refuse(TOO_LARGE.into()),
            Err(_) => return say(StatusCode::BAD_REQUEST, "The document was cut off on its way."),
        };
        ("http://localhost/".to_owned(), document, kind, None)
    };
    let size = document.len();
    let examined = {
        let document = document.clone();
        let (url, item, select) = (url.clone(), item.clone(), select.clone());
        tokio::task::spawn_blocking(move || examine(&document, &kind, &url, item.as_deref(), select.as_deref())).await
    };
    let Ok(examined) = examined else { return refuse("The document broke the reader: please report it.".into()) };
    let article = examined.result.as_ref().ok();
    let id = house.builder.keep(match &fetched {
        Some(fetched) => Document::At(fetched.url.clone()),
        None => Document::Uploaded(document),
    });
    let embedding = pages::embedding(&house.package);
    let changed = article.and_then(|article| article.modified.or(article.published)).map_or(now(), |time| time.at);
    let answer = json!({
        "url": fetched.as_ref().map(|_| url),
        "copy": format!("/builder/copy/{id}"),
        "article": article.map(|article| json!({ "headline": article.headline, "blog": article.blog })),
        "refusal": examined.result.as_ref().err().map(|refusal| json!({
            "reason": refusal.reason.as_str(), "message": refusal.message,
        })),
        "fields": examined.fields,
        "notes": examined.notes,
        "size": size,
        "sent": fetched.as_ref().map(|fetched| fetched.bytes.len()),
        "headers": fetched.as_ref().map(headers),
        "max_age": fetched.as_ref().and_then(|fetched| freshness::max_age(fetched.get(&CACHE_CONTROL)?)).map(|max| max / 1000.0),
        "decay": pace::decay(now() - changed),
        "integrity": embedding.as_ref().map(|(integrity, _)| integrity),
        "module": embedding.as_ref().map(|(_, module)| module),
    });
    let mut response = say(StatusCode::OK, answer.to_string());
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// The headers of an answer, as it came.
fn headers(fetched: &Fetched) -> Value {
    let mut all = serde_json::Map::new();
    for (name, value) in &fetched.headers {
        let value = String::from_utf8_lossy(value.as_bytes());
        let said = all.entry(name.as_str()).or_insert_with(|| "".into());
        let joined = [said.as_str().unwrap_or_default(), &value].into_iter().filter(|text| !text.is_empty());
        *said = joined.collect::<Vec<_>>().join(", ").into();
    }
    all.into()
}

/// `GET /builder/copy/{id}`: a document that was read, asked for anew where it has an address. Never as a page.
pub(super) async fn copy(State(house): State<Arc<House>>, Path(id): Path<u64>, request: Request) -> Response<Body> {
    if !is_ours(request.headers()) {
        return say(StatusCode::FORBIDDEN, "Only the builder's own page may ask.");
    }
    let mut response = match house.builder.find(id) {
        None => return say(StatusCode::NOT_FOUND, "The document is no longer kept: read it again."),
        Some(Document::Uploaded(bytes)) => {
            let mut response = Response::new(Body::from(bytes));
            response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
            response
        }
        Some(Document::At(url)) => {
            let fetched = match house.builder.fetch(url, request.headers().get(IF_NONE_MATCH)).await {
                Ok(fetched) => fetched,
                Err(sentence) => return say(StatusCode::BAD_GATEWAY, sentence),
            };
            let document = match fetched.document() {
                Ok(document) => document,
                Err(sentence) => return say(StatusCode::BAD_GATEWAY, sentence),
            };
            let mut response = Response::new(Body::from(document));
            *response.status_mut() = fetched.status;
            for name in [CACHE_CONTROL, DATE, ETAG, LAST_MODIFIED, RETRY_AFTER] {
                if let Some(value) = fetched.headers.get(&name) {
                    response.headers_mut().insert(name, value.clone());
                }
            }
            response
        }
    };
    for (name, value) in [
        (CONTENT_TYPE, "application/octet-stream"),
        (CONTENT_DISPOSITION, "attachment"),
        (CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

//! A site whose pages and documents are whatever a test puts there. It serves the release package at `/pkg/`.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use axum::body::{Body, Bytes};
use axum::http::{Request, Response, StatusCode};
use futures_util::stream;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// Notes what a page sees go wrong, and says what a card shows.
const WATCH: &str = "
'use strict';
var seen = { errors: [], warnings: [], events: [] };
addEventListener('error', event => seen.errors.push(String(event.message)));
addEventListener('unhandledrejection', event => seen.errors.push('unhandled: ' + event.reason));
for (const level of ['warn', 'error']) {
  const print = console[level];
  console[level] = (...parts) => { seen.warnings.push(parts.join(' ')); print.apply(console, parts); };
}
for (const event of ['load', 'before-update', 'update', 'pending', 'status', 'error'])
  addEventListener('live-article-' + event, ({ detail }) => seen.events.push({ event, detail }));
var card = () => document.querySelector('live-article');
var part = (name, of = card()) => of?.shadowRoot?.querySelector(`[part~=${name}]`);
var text = (name, of) => part(name, of)?.textContent.trim() ?? null;
";

/// What a path answers.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    /// The HTTP status.
    pub(crate) status: u16,
    /// Besides those that a server must send.
    pub(crate) headers: Vec<(String, String)>,
    /// All of it.
    pub(crate) body: Vec<u8>,
    /// Where the connection breaks off, if it does.
    pub(crate) cut: Option<usize>,
    /// How long it takes.
    pub(crate) late: Duration,
    /// How long it stops in the middle of its body.
    pub(crate) rests: Duration,
}

impl Answer {
    /// An answer of this type, never kept by a cache.
    pub(crate) fn new(content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let headers = [("content-type", content_type), ("cache-control", "no-store")];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        Self { status: 200, headers, body: body.into(), cut: None, late: Duration::ZERO, rests: Duration::ZERO }
    }

    /// A failure.
    pub(crate) fn failure(status: u16) -> Self {
        Self { status, ..Self::new("text/plain", "no") }
    }

    /// A document as JSON.
    pub(crate) fn json(document: &Value) -> Self {
        Self::new("application/ld+json", document.to_string())
    }
}

#[derive(Default)]
struct Contents {
    answers: HashMap<String, Answer>,
    asked: HashMap<String, usize>,
    referrers: HashMap<String, String>,
    /// Late answers that are waited for, and how many they were at most.
    awaited: usize,
    most: usize,
}

/// A running site.
pub(crate) struct Site {
    origin: String,
    contents: Arc<Mutex<Contents>>,
}

impl Site {
    /// Starts it on a free port.
    pub(crate) async fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let origin = format!("http://{}", listener.local_addr()?);
        let contents = Arc::new(Mutex::new(Contents::default()));
        let shared = contents.clone();
        let router = axum::Router::new().fallback(move |request: Request<Body>| {
            let shared = shared.clone();
            let answer = find(&shared, &request);
            async move {
                if !answer.late.is_zero() {
                    let _awaited = Awaited::begin(shared);
                    tokio::time::sleep(answer.late).await;
                }
                respond(answer)
            }
        });
        tokio::spawn(async { axum::serve(listener, router).await });
        Ok(Self { origin, contents })
    }

    /// The address of a path.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    /// Puts an answer at a path.
    pub(crate) fn put(&self, path: &str, answer: Answer) {
        lock(&self.contents).answers.insert(path.to_owned(), answer);
    }

    /// How often a path was asked for.
    pub(crate) fn asked(&self, path: &str) -> usize {
        lock(&self.contents).asked.get(path).copied().unwrap_or(0)
    }

    /// From where a path was asked for last, as the browser tells.
    pub(crate) fn referrer(&self, path: &str) -> Option<String> {
        lock(&self.contents).referrers.get(path).cloned()
    }

    /// How many late answers were waited for at a time, at most.
    pub(crate) fn most(&self) -> usize {
        lock(&self.contents).most
    }

    /// Forgets all that was put and asked.
    pub(crate) fn forget(&self) {
        *lock(&self.contents) = Contents::default();
    }
}

fn lock(contents: &Mutex<Contents>) -> MutexGuard<'_, Contents> {
    contents.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A late answer that is waited for, until it is given or nobody waits for it any more.
struct Awaited(Arc<Mutex<Contents>>);

impl Awaited {
    fn begin(shared: Arc<Mutex<Contents>>) -> Self {
        {
            let mut contents = lock(&shared);
            contents.awaited += 1;
            contents.most = contents.most.max(contents.awaited);
        }
        Self(shared)
    }
}

impl Drop for Awaited {
    fn drop(&mut self) {
        let mut contents = lock(&self.0);
        contents.awaited = contents.awaited.saturating_sub(1);
    }
}

fn find(contents: &Mutex<Contents>, request: &Request<Body>) -> Answer {
    let path = request.uri().path();
    let mut contents = lock(contents);
    if let Some(referrer) = request.headers().get("referer").and_then(|referrer| referrer.to_str().ok()) {
        contents.referrers.insert(path.to_owned(), referrer.to_owned());
    }
    *contents.asked.entry(path.to_owned()).or_default() += 1;
    match contents.answers.get(path) {
        Some(answer) => answer.clone(),
        None if path == "/watch.js" => Answer::new("text/javascript", WATCH),
        None => path.strip_prefix("/pkg/").and_then(|name| packed(name).ok()).unwrap_or_else(|| Answer::failure(404)),
    }
}

fn respond(answer: Answer) -> Response<Body> {
    let mut response = Response::builder().status(StatusCode::from_u16(answer.status).unwrap_or_default());
    for (name, value) in answer.headers {
        response = response.header(name, value);
    }
    let body = match answer.cut {
        None if answer.rests.is_zero() => Body::from(answer.body),
        None => {
            let (sent, rest) = answer.body.split_at(answer.body.len() / 2);
            in_two(sent, Ok(Bytes::copy_from_slice(rest)), answer.rests)
        }
        // What was sent must have left before the connection breaks.
        Some(at) => in_two(&answer.body[..at], Err(io::Error::other("cut")), Duration::from_millis(50)),
    };
    response.body(body).unwrap_or_default()
}

/// A body that is sent in two, the second after a rest.
fn in_two(first: &[u8], second: io::Result<Bytes>, rests: Duration) -> Body {
    let chunks = [(Ok(Bytes::copy_from_slice(first)), Duration::ZERO), (second, rests)];
    Body::from_stream(stream::unfold(chunks.into_iter(), |mut chunks| async {
        let (chunk, rests) = chunks.next()?;
        tokio::time::sleep(rests).await;
        Some((chunk, chunks))
    }))
}

/// A file of the release package.
pub(crate) fn packed(name: &str) -> Result<Answer> {
    let file = www::pkg::folder().join(name);
    let bytes = fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
    Ok(file_answer(name, bytes))
}

/// A file by what its name says it is.
pub(crate) fn file_answer(name: &str, bytes: Vec<u8>) -> Answer {
    let content_type = match name.rsplit_once('.') {
        Some((_, "js")) => "text/javascript",
        Some((_, "wasm")) => "application/wasm",
        Some((_, "css")) => "text/css",
        _ => "text/plain; charset=utf-8",
    };
    Answer::new(content_type, bytes)
}

/// The path of the module that the package's scripts load.
pub(crate) fn module() -> Result<String> {
    let package = www::pkg::build(www::pkg::Options::default())?;
    Ok(format!("/pkg/{}", package.module))
}

/// A news article with these paragraphs.
pub(crate) fn story(headline: &str, modified: &str, paragraphs: &[&str]) -> Value {
    json!({
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "@id": "https://paper.example/story",
        "headline": headline,
        "datePublished": "2016-07-26T09:00:00Z",
        "dateModified": modified,
        "articleBody": paragraphs.join("\n\n"),
    })
}

//! A small server whose answers lie in memory, packed as a good server packs them: so that a measure is of the browser.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context as _, Result};
use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{Request, Response, StatusCode};
use tokio::net::TcpListener;

use crate::pkg::{self, Package};

/// Files by their paths.
#[derive(Default)]
pub(super) struct Site {
    files: HashMap<String, File>,
    asked: Arc<AtomicU64>,
}

struct File {
    content_type: &'static str,
    cache: &'static str,
    packed: Vec<u8>,
}

/// Kept, and asked for each time.
pub(super) const REVALIDATED: &str = "no-cache";
/// Kept, and not asked for again.
pub(super) const KEPT: &str = "public, max-age=31536000, immutable";

impl Site {
    /// The released card and nothing else.
    pub(super) fn of(package: &Package) -> Result<Self> {
        let mut site = Self::default();
        for name in ["embed.js", &package.module] {
            let bytes = std::fs::read(pkg::folder().join(name)).with_context(|| format!("cannot read pkg/{name}"))?;
            let kind = if name == "embed.js" { "text/javascript" } else { "application/wasm" };
            site.put(&format!("/{name}"), kind, KEPT, &bytes);
        }
        Ok(site)
    }

    /// Puts a file there.
    pub(super) fn put(&mut self, path: &str, content_type: &'static str, cache: &'static str, bytes: &[u8]) {
        self.files.insert(path.to_owned(), File { content_type, cache, packed: pkg::pack(bytes) });
    }

    /// Tells how many requests there were.
    pub(super) fn counter(&self) -> impl Fn() -> u64 + use<> {
        let asked = self.asked.clone();
        move || asked.load(Ordering::Relaxed)
    }

    /// Serves them on a free port of loopback, in the running tokio runtime, as long as that lives; answers the origin.
    pub(super) async fn serve(self) -> Result<String> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let origin = format!("http://{}", listener.local_addr()?);
        let (files, asked) = (Arc::new(self.files), self.asked);
        let answer = move |request: Request<Body>| {
            let files = files.clone();
            asked.fetch_add(1, Ordering::Relaxed);
            async move { answer(&files, &request) }
        };
        let router = axum::Router::new().fallback(answer);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(origin)
    }
}

fn answer(files: &HashMap<String, File>, request: &Request<Body>) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    let Some(file) = files.get(request.uri().path()) else {
        *response.status_mut() = StatusCode::NOT_FOUND;
        return response;
    };
    let etag = format!("\"{}\"", file.packed.len());
    let headers = response.headers_mut();
    for (name, value) in
        [(CONTENT_TYPE, file.content_type), (CACHE_CONTROL, file.cache), (CONTENT_ENCODING, "br"), (ETAG, &etag)]
    {
        if let Ok(value) = value.parse() {
            headers.insert(name, value);
        }
    }
    if request.headers().get(IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == etag.as_bytes()) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    } else {
        *response.body_mut() = Body::from(file.packed.clone());
    }
    response
}

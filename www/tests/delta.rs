//! The memory of the layer that sends differences. Alone in its process, so that what that takes can be measured.

use std::convert::Infallible;
use std::fs;

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::header::{ACCEPT_ENCODING, CONTENT_ENCODING};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http_body_util::BodyExt as _;
use tower::{Layer as _, ServiceExt as _};
use www::delta::{Bounds, Delta, dcz};

/// Pages of memory in use, in bytes.
fn resident() -> usize {
    let pages = fs::read_to_string("/proc/self/statm").unwrap();
    pages.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4096
}

/// A document of 12 kB.
fn document(number: usize) -> Bytes {
    format!("{{\"@type\": \"NewsArticle\", \"headline\": \"Number {number}\", \"articleBody\": \"{:x<12000}\"}}", "")
        .into()
}

#[tokio::test]
async fn ten_thousand_publications_stay_within_bounds() {
    let bounds = Bounds { versions: 5, bytes: 1 << 20 };
    let layer = Delta::new(bounds);
    let before = resident();
    let paths = 40;
    for number in 0..10_000 {
        let new = document(number);
        let mut request = Request::get(format!("/stories/{}.jsonld", number % paths)).header(ACCEPT_ENCODING, "dcz");
        if let Some(old) = number.checked_sub(paths) {
            let hash = STANDARD.encode(dcz::hash(&document(old)));
            request = request.header("available-dictionary", format!(":{hash}:"));
        }
        let origin = tower::service_fn(move |_: Request| {
            let response = Response::new(Body::from(new.clone()));
            async { Ok::<_, Infallible>(response) }
        });
        let response = layer.layer(origin).oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.headers().contains_key(CONTENT_ENCODING), number >= paths, "publication {number}");
        let sent = response.into_body().collect().await.unwrap().to_bytes().len();
        assert!(number < paths || sent < 200, "{sent} bytes of publication {number}");
        assert!(layer.bytes() <= bounds.bytes, "{} bytes after publication {number}", layer.bytes());
    }
    assert!(layer.bytes() > bounds.bytes / 2, "{} bytes kept: nothing came near the bound", layer.bytes());
    // All of them would be 120 MB.
    let grown = resident().saturating_sub(before);
    assert!(grown < 32 << 20, "the process grew by {grown} bytes");
}

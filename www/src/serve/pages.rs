//! The files of the harness: its pages, the package, the pictures.
//!
//! Read for each request, so that an edit is seen on reload.

use std::fmt::Write;
use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::header::{CONTENT_SECURITY_POLICY, HeaderName, HeaderValue};
use axum::http::{Method, Response, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha384};

use super::House;
use super::answer::{Representation, say};
use super::forms;
use crate::render;

/// Where the pages lie.
const PAGES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/pages");
/// Where the pictures of the stories lie.
const PICTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/stories/pictures");
/// The strictest policy the card promises to work under, and what no page here needs besides.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; connect-src 'self'; \
                      img-src 'self'; require-trusted-types-for 'script'; trusted-types live-article; base-uri 'none'; \
                      form-action 'none'; frame-ancestors 'self'";
/// The bench's: the others write HTML their own way, and clocks are fine only in a page that shares its process with no
/// other origin.
const BENCH: [(HeaderName, HeaderValue); 3] = [
    (
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; connect-src 'self'; img-src 'self'; \
             base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
        ),
    ),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-embedder-policy"), HeaderValue::from_static("require-corp")),
];
/// Where a reader can go, as the navigation shows it.
const NAVIGATION: [(&str, &str, &str); 9] = [
    ("Front page", "/", "index"),
    ("Newsroom", "/#newsroom", "index"),
    ("Faults", "/#trouble", "index"),
    ("Requests", "/#log", "index"),
    ("Server’s copy", "/server-copy", "server-copy"),
    ("Own markup", "/adopt", "adopt"),
    ("Gallery", "/gallery", "gallery"),
    ("Builder", "/builder", "builder"),
    ("Bench", "/bench", "bench"),
];

/// `/`, `/gallery` and whatever else lies among the pages.
pub(super) async fn page(State(house): State<Arc<House>>, request: Request) -> Response<Body> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return say(StatusCode::METHOD_NOT_ALLOWED, "A page can only be read.");
    }
    let path = request.uri().path().trim_start_matches('/');
    let is_page = !path.contains('.');
    let name = match path {
        "" => "index.html".to_owned(),
        _ if is_page => format!("{path}.html"),
        _ => path.to_owned(),
    };
    let Some(mut file) = read(PAGES.as_ref(), &name) else {
        return say(StatusCode::NOT_FOUND, format!("There is no page {}.", request.uri().path()));
    };
    if is_page {
        let filled = fill(&house, &String::from_utf8_lossy(&file.bytes), &name);
        file.bytes = filled.into();
        // What is filled in may be younger than the file.
        file.modified = SystemTime::now();
    }
    let mut response = file.answer(request.method(), request.headers());
    protect(&mut response);
    if name == "gallery.html"
        && let Ok(policy) = HeaderValue::from_str(&format!("{POLICY}; frame-src 'self'"))
    {
        // Its cards stand in frames, each a page with a clock of its own.
        response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    }
    if name == "builder.html" {
        // Pictures of the page that is tried, as far as it is on this machine.
        let policy = POLICY.replace("img-src 'self'", "img-src 'self' http://127.0.0.1:* http://localhost:*");
        if let Ok(policy) = HeaderValue::from_str(&policy) {
            response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
        }
    }
    if name == "bench.html" {
        for (name, value) in BENCH {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// `/pkg/…`.
pub(super) async fn package(
    State(house): State<Arc<House>>,
    Path(file): Path<String>,
    request: Request,
) -> Response<Body> {
    let Some(mut found) = read(&house.package, &file) else {
        return say(StatusCode::NOT_FOUND, format!("The package has no file {file}: build it with `cargo pkg`."));
    };
    if FilePath::new(&file).extension().is_some_and(|extension| extension == "wasm") {
        // Its name holds its hash.
        found.cache_control = "public, max-age=31536000, immutable";
    }
    found.brotli = read(&house.package, &format!("{file}.br")).map(|packed| packed.bytes);
    found.answer(request.method(), request.headers())
}

/// `/bench/…`: scripts that are built, not written.
pub(super) async fn bench(
    State(house): State<Arc<House>>,
    Path(file): Path<String>,
    request: Request,
) -> Response<Body> {
    match read(&house.bench, &file) {
        Some(found) => found.answer(request.method(), request.headers()),
        None => say(StatusCode::NOT_FOUND, format!("There is no {file}: `cargo demo` builds it.")),
    }
}

/// `/pictures/…`.
pub(super) async fn picture(Path(file): Path<String>, request: Request) -> Response<Body> {
    match read(PICTURES.as_ref(), &file) {
        Some(mut found) => {
            found.cache_control = "public, max-age=3600";
            found.answer(request.method(), request.headers())
        }
        None => say(StatusCode::NOT_FOUND, format!("There is no picture {file}.")),
    }
}

/// The script's integrity and the module's name, for who embeds the package; none where it is not built.
pub(super) fn embedding(package: &FilePath) -> Option<(String, String)> {
    let script = std::fs::read(package.join("embed.js")).ok()?;
    let integrity = format!("sha384-{}", STANDARD.encode(Sha384::digest(&script)));
    let script = String::from_utf8(script).ok()?;
    // Other releases may lie beside the one that the script names.
    let names = std::fs::read_dir(package).ok()?.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let module = names.into_iter().find(|name| name.starts_with("live-article-") && script.contains(name.as_str()))?;
    Some((integrity, module))
}

/// Puts a page under the policy.
pub(super) fn protect(response: &mut Response<Body>) {
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
}

fn read(root: &FilePath, name: &str) -> Option<Representation> {
    let plain = |part: &str| {
        !part.starts_with('.')
            && !part.is_empty()
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    if !name.split('/').all(plain) {
        return None;
    }
    let path = root.join(name);
    let bytes = std::fs::read(&path).ok()?;
    let modified = std::fs::metadata(&path).and_then(|data| data.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
    Some(Representation {
        content_type: content_type(&path),
        bytes: bytes.into(),
        brotli: None,
        modified,
        cache_control: "no-cache",
    })
}

fn content_type(path: &FilePath) -> String {
    let kind = match path.extension().and_then(|extension| extension.to_str()) {
        // A declaration file, not a video stream.
        Some("ts") => "text/plain".to_owned(),
        Some("js" | "mjs") => "text/javascript".to_owned(),
        _ => mime_guess::from_path(path).first_or_octet_stream().to_string(),
    };
    if kind.starts_with("text/") { kind + "; charset=utf-8" } else { kind }
}

/// Fills the marks of a page: `<!-- navigation -->`, `<!-- copy ID -->` for a story as marked-up HTML, and
/// `<!-- teaser ID -->` for its headline and summary, `<!-- render ID -->` for the server's own copy of its card.
fn fill(house: &House, page: &str, name: &str) -> String {
    let mut out = String::with_capacity(page.len() * 2);
    let mut rest = page;
    while let Some((before, after)) = rest.split_once("<!-- ") {
        out.push_str(before);
        let Some((mark, after)) = after.split_once(" -->") else {
            out.push_str("<!-- ");
            rest = after;
            break;
        };
        match mark.split_once(' ') {
            None if mark == "navigation" => navigation(&mut out, name),
            Some((kind @ ("copy" | "teaser"), id)) => {
                if let Some(document) = house.stories.latest(id) {
                    let story = forms::Story::of(&document, id, "");
                    out.push_str(&if kind == "copy" { story.marked_up(2) } else { story.teaser() });
                }
            }
            Some(("render", id)) => {
                if let Some(document) = house.stories.latest(id) {
                    let src = format!("/stories/{id}.jsonld");
                    let url = format!("http://localhost{src}");
                    out.push_str(&render::copy(&document.to_string(), &url, &src, "/pkg").unwrap_or_default());
                }
            }
            _ => {
                out.push_str("<!-- ");
                out.push_str(mark);
                out.push_str(" -->");
            }
        }
        rest = after;
    }
    out + rest
}

fn navigation(out: &mut String, name: &str) {
    out.push_str("<nav class=\"harness\" aria-label=\"Harness\"><ul>");
    for (label, href, file) in NAVIGATION {
        let there = PathBuf::from(PAGES).join(format!("{file}.html")).exists();
        if there {
            // A part of a page is not the page.
            let is_here = name.strip_suffix(".html") == Some(file) && !href.contains('#');
            let current = if is_here { " aria-current=\"page\"" } else { "" };
            let _ = write!(out, "<li><a href=\"{href}\"{current}>{label}</a></li>");
        }
    }
    out.push_str("</ul></nav>");
}

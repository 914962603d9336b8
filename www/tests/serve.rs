//! The server over real connections, by a client that shows each byte.

use std::time::{Duration, Instant, SystemTime};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use www::serve::{Options, Server, start};

/// An answer as it came.
#[derive(Debug)]
struct Answer {
    head: String,
    body: Vec<u8>,
    /// The server closed the connection; otherwise it was still open when the client lost patience.
    closed: bool,
}

impl Answer {
    fn status(&self) -> u16 {
        self.head.split(' ').nth(1).map_or(0, |status| status.parse().unwrap())
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (key, value) = line.split_once(": ")?;
            key.eq_ignore_ascii_case(name).then_some(value)
        })
    }

    fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    fn length(&self) -> usize {
        self.header("content-length").unwrap().parse().unwrap()
    }
}

const PATIENCE: Duration = Duration::from_secs(20);

/// Sends bytes and reads until the server closes or `patience` is over.
async fn send(origin: &str, request: &[u8], patience: Duration) -> Answer {
    let mut stream = TcpStream::connect(origin.strip_prefix("http://").unwrap()).await.unwrap();
    stream.write_all(request).await.unwrap();
    let mut bytes = Vec::new();
    let closed = timeout(patience, stream.read_to_end(&mut bytes)).await.is_ok();
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").map_or(bytes.len(), |at| at + 4);
    Answer { head: String::from_utf8(bytes[..end].to_vec()).unwrap(), body: bytes.split_off(end), closed }
}

async fn ask(server: &Server, method: &str, path: &str, headers: &str, body: &[u8]) -> Answer {
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: {}\r\n{headers}\r\n",
        body.len()
    );
    send(server.origin(), &[head.as_bytes(), body].concat(), PATIENCE).await
}

async fn get(server: &Server, path: &str, headers: &str) -> Answer {
    ask(server, "GET", path, headers, b"").await
}

async fn up() -> Server {
    start(Options::default()).await.unwrap()
}

/// Switches a fault on for the first story and reads that story as far as it comes.
async fn broken(server: &Server, fault: &str, patience: Duration) -> Answer {
    let wish = json!({"fault": fault}).to_string();
    let answer = ask(server, "PUT", "/faults/stories/ferry.jsonld", "", wish.as_bytes()).await;
    assert_eq!(answer.status(), 200, "{}", answer.text());
    let request = b"GET /stories/ferry.jsonld HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
    send(server.origin(), request, patience).await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_story_comes_in_every_form() {
    let server = up().await;
    let list = get(&server, "/stories", "").await.json();
    let stories = list.as_array().unwrap();
    assert_eq!(stories.len(), 6);
    for story in stories {
        for (form, kind, begins) in [
            ("jsonld", "application/ld+json", "{"),
            ("html", "text/html; charset=utf-8", "<!doctype html>"),
            ("feed", "application/feed+json", "{\"version\":\"https://jsonfeed.org/version/1.1\""),
            ("atom", "application/atom+xml", "<?xml"),
            ("rss", "application/rss+xml", "<?xml"),
            ("ninjs", "application/json", "{\"uri\":\"http://127.0.0.1/"),
        ] {
            let path = story["forms"][form].as_str().unwrap();
            let answer = get(&server, path, "").await;
            assert_eq!(answer.status(), 200, "{path}");
            assert_eq!(answer.header("content-type"), Some(kind), "{path}");
            assert!(answer.text().starts_with(begins), "{path}: {}", answer.text());
            assert_eq!(answer.length(), answer.body.len(), "{path}");
            for name in ["etag", "date", "last-modified", "cache-control"] {
                assert!(answer.header(name).is_some(), "{path} has no {name}");
            }
            assert_eq!(answer.header("access-control-allow-origin"), Some("*"), "{path}");
            let shown = answer.header("access-control-expose-headers").unwrap();
            for name in ["etag", "date", "retry-after", "cache-control"] {
                assert!(shown.contains(name), "{path} hides {name}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_story_has_the_shape_the_product_starts_from() {
    let server = up().await;
    let story = get(&server, "/stories/ferry.jsonld", "").await.json();
    assert_eq!(story["dateModified"], "2016-07-27");
    let paragraphs: Vec<_> = story["articleBody"].as_str().unwrap().split("\n\n").collect();
    assert_eq!(paragraphs.len(), 9);
    assert!(paragraphs.iter().filter(|paragraph| paragraph.contains('“')).count() >= 4);
    assert!(story["image"]["creditText"].is_string() && story["image"]["caption"].is_string());
    let page = get(&server, "/", "").await;
    let promise = page.text().find("latest updates").unwrap();
    let card = page.text().find("<script async src=\"/pkg/embed.js\" data-src=\"/stories/ferry.jsonld\"").unwrap();
    assert!(promise < card);
    let picture = get(&server, story["image"]["url"].as_str().unwrap(), "").await;
    assert_eq!((picture.status(), picture.header("content-type")), (200, Some("image/jpeg")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_known_version_is_not_sent_again() {
    let server = up().await;
    for coding in ["identity", "gzip", "br"] {
        let accept = format!("Accept-Encoding: {coding}\r\n");
        let whole = get(&server, "/stories/ferry.jsonld", &accept).await;
        assert_eq!(whole.status(), 200);
        assert_eq!(whole.header("content-encoding"), (coding != "identity").then_some(coding));
        assert_eq!(whole.header("vary"), Some("accept-encoding, available-dictionary"));
        let etag = whole.header("etag").unwrap();
        assert!(etag.starts_with('"'), "{etag} is weak");

        let none = get(&server, "/stories/ferry.jsonld", &format!("{accept}If-None-Match: {etag}\r\n")).await;
        assert_eq!((none.status(), none.body.len()), (304, 0));
        for name in ["etag", "cache-control", "vary", "date"] {
            assert!(none.header(name).is_some(), "a 304 needs {name}");
        }
        assert_eq!(none.header("etag"), Some(etag));
        let head = ask(&server, "HEAD", "/stories/ferry.jsonld", &accept, b"").await;
        assert_eq!((head.status(), head.body.len()), (200, 0));
        assert_eq!((head.header("etag"), head.header("content-length")), (Some(etag), whole.header("content-length")));
        let since = format!("{accept}If-Modified-Since: {}\r\n", whole.header("last-modified").unwrap());
        assert_eq!(get(&server, "/stories/ferry.jsonld", &since).await.status(), 304);
    }
    let plain = get(&server, "/stories/ferry.jsonld", "").await;
    let other = format!("Accept-Encoding: br\r\nIf-None-Match: {}\r\n", plain.header("etag").unwrap());
    assert_eq!(get(&server, "/stories/ferry.jsonld", &other).await.status(), 200, "codings share an ETag");
}

#[tokio::test(flavor = "multi_thread")]
async fn codings_unpack_to_the_document() {
    let server = up().await;
    let plain = get(&server, "/stories/storm.jsonld", "").await.body;
    let packed = get(&server, "/stories/storm.jsonld", "Accept-Encoding: br\r\n").await.body;
    let mut unpacked = Vec::new();
    std::io::Read::read_to_end(&mut brotli::Decompressor::new(&packed[..], 4096), &mut unpacked).unwrap();
    assert_eq!(unpacked, plain);
    let packed = get(&server, "/stories/storm.jsonld", "Accept-Encoding: gzip\r\n").await.body;
    unpacked.clear();
    std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(&packed[..]), &mut unpacked).unwrap();
    assert_eq!(unpacked, plain);
}

#[tokio::test(flavor = "multi_thread")]
async fn publishing_makes_a_version_or_says_why_not() {
    let server = up().await;
    let before = get(&server, "/stories/ferry.jsonld", "").await;
    let large = format!("{{\"@type\": \"NewsArticle\", \"headline\": \"{}\"}}", "a".repeat(4 << 20));
    for (path, body, status, words) in [
        ("/stories/ferry.jsonld", "{\"@type\": \"NewsArticle\"", 422, "not JSON"),
        ("/stories/ferry.jsonld", "{\"@type\": \"Recipe\", \"headline\": \"Soup\"}", 422, "no article"),
        ("/stories/ferry.jsonld", "{\"@type\": \"NewsArticle\"}", 422, "neither headline nor body"),
        ("/stories/ferry.jsonld", large.as_str(), 413, "4 MiB"),
        ("/stories/ferry.html", "{}", 404, "{id}.jsonld"),
        ("/stories/UPPER.jsonld", "{}", 404, "small letters"),
    ] {
        let answer = ask(&server, "PUT", path, "", body.as_bytes()).await;
        assert_eq!(answer.status(), status, "{path}");
        assert!(answer.text().contains(words), "{}", answer.text());
        assert_eq!(answer.text().lines().count(), 1, "more than a sentence: {}", answer.text());
    }
    let after = get(&server, "/stories/ferry.jsonld", "").await;
    assert_eq!(after.header("etag"), before.header("etag"), "a refused document changed the story");

    let mut story = before.json();
    story["headline"] = "Ferry sails".into();
    let answer = ask(&server, "PUT", "/stories/ferry.jsonld", "", story.to_string().as_bytes()).await;
    assert_eq!(answer.status(), 200);
    for path in ["/stories/ferry.jsonld", "/stories/ferry.html", "/stories/ferry.atom", "/stories/ferry.rss", "/adopt"]
    {
        let published = get(&server, path, "").await;
        assert!(published.text().contains("Ferry sails"), "{path}");
    }
    let exactly = get(&server, "/stories/ferry.jsonld", "").await;
    assert_eq!(exactly.text(), story.to_string(), "the bytes are not those that were published");
    assert_ne!(exactly.header("etag"), before.header("etag"));
    assert_eq!(ask(&server, "PUT", "/stories/new-one.jsonld", "", story.to_string().as_bytes()).await.status(), 201);
    assert_eq!(get(&server, "/stories/new-one.feed.json", "").await.json()["title"], "Ferry sails");
}

#[tokio::test(flavor = "multi_thread")]
async fn other_sites_may_read_and_nothing_more() {
    let server = up().await;
    let asking = "Origin: http://elsewhere.example\r\nAccess-Control-Request-Method: PUT\r\n";
    let answer = ask(&server, "OPTIONS", "/stories/ferry.jsonld", asking, b"").await;
    let methods = answer.header("access-control-allow-methods").unwrap_or_default();
    assert_eq!(methods, "GET,HEAD");
    let faults = ask(&server, "OPTIONS", "/faults/stories/ferry.jsonld", asking, b"").await;
    assert_eq!(faults.header("access-control-allow-origin"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_package_has_its_types_and_the_module_never_grows_old() {
    let folder = tempfile::tempdir().unwrap();
    let package = folder.path().join("pkg");
    std::fs::create_dir(&package).unwrap();
    std::fs::write(folder.path().join("outside.js"), "void 0;").unwrap();
    std::fs::write(package.join("embed.js"), "void 0;").unwrap();
    std::fs::write(package.join("live-article-0a1b.wasm"), vec![0; 500]).unwrap();
    std::fs::write(package.join("live-article-0a1b.wasm.br"), "packed").unwrap();
    let server = start(Options { package, ..Options::default() }).await.unwrap();
    let script = get(&server, "/pkg/embed.js", "").await;
    assert_eq!(script.header("content-type"), Some("text/javascript; charset=utf-8"));
    assert_eq!(script.header("cache-control"), Some("no-cache"));
    let module = get(&server, "/pkg/live-article-0a1b.wasm", "Accept-Encoding: br\r\n").await;
    assert_eq!(module.header("content-type"), Some("application/wasm"));
    assert!(module.header("cache-control").unwrap().contains("immutable"));
    assert_eq!((module.header("content-encoding"), module.text()), (Some("br"), "packed"));
    assert_eq!(module.header("access-control-allow-origin"), Some("*"));
    for path in ["/pkg/none.js", "/pkg/../outside.js", "/pkg/%2e%2e/outside.js", "/pkg/..%2foutside.js", "/pkg/"] {
        assert_eq!(get(&server, path, "").await.status(), 404, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_under_the_policy_and_link_what_exists() {
    let server = up().await;
    for path in ["/", "/adopt", "/stories/ferry.html"] {
        let page = get(&server, path, "").await;
        let policy = page.header("content-security-policy").unwrap_or_default();
        for part in ["default-src 'none'", "script-src 'self' 'wasm-unsafe-eval'", "trusted-types live-article"] {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert!(!page.text().contains("<style") && !page.text().contains(" style="), "{path} has inline style");
        assert!(!page.text().contains("<!-- "), "{path} has an unfilled mark");
    }
    let page = get(&server, "/", "").await;
    let navigation = page.text().split("<nav").nth(1).unwrap().split("</nav>").next().unwrap();
    for link in navigation.split("href=\"").skip(1).map(|rest| rest.split(['"', '#']).next().unwrap()) {
        assert_eq!(get(&server, link, "").await.status(), 200, "{link}");
    }
    for file in page.text().split("=\"/").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        if !file.starts_with("pkg/") {
            assert_eq!(get(&server, &format!("/{file}"), "").await.status(), 200, "/{file}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_are_told_as_they_come() {
    let server = up().await;
    let mut log = TcpStream::connect(server.origin().strip_prefix("http://").unwrap()).await.unwrap();
    log.write_all(b"GET /log HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").await.unwrap();
    let whole = get(&server, "/stories/ferry.jsonld", "").await;
    get(&server, "/stories/ferry.jsonld", &format!("If-None-Match: {}\r\n", whole.header("etag").unwrap())).await;
    broken(&server, "cut-by-length", PATIENCE).await;
    broken(&server, "dropped", PATIENCE).await;
    let mut text = String::new();
    while text.matches("\"id\":").count() < 6 {
        let mut bytes = [0; 4096];
        let read = timeout(PATIENCE, log.read(&mut bytes)).await.unwrap().unwrap();
        assert_ne!(read, 0, "the log ended: {text}");
        text.push_str(std::str::from_utf8(&bytes[..read]).unwrap());
    }
    assert!(text.contains("content-type: text/event-stream"), "{text}");
    let seen: Vec<Value> =
        text.lines().filter_map(|line| serde_json::from_str(line.strip_prefix("data: ")?).ok()).collect();
    let length = whole.body.len();
    for (entry, path, status, bytes, conditional, fault, whole) in [
        (&seen[0], "/stories/ferry.jsonld", json!(200), length, false, json!(null), true),
        (&seen[1], "/stories/ferry.jsonld", json!(304), 0, true, json!(null), true),
        (&seen[3], "/stories/ferry.jsonld", json!(200), length / 2, false, json!("cut-by-length"), false),
        (&seen[5], "/stories/ferry.jsonld", json!(null), 0, false, json!("dropped"), false),
    ] {
        assert_eq!(entry["path"], path);
        assert_eq!(entry["status"], status, "{entry}");
        assert_eq!(entry["bytes"], bytes, "{entry}");
        assert_eq!(entry["conditional"], conditional, "{entry}");
        assert_eq!(entry["fault"], fault, "{entry}");
        assert_eq!(entry["whole"], whole, "{entry}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_answers_with_its_status_and_its_headers() {
    let server = up().await;
    for status in [500, 502, 503, 504, 511, 304, 204, 205, 400, 401, 403, 404, 410, 451, 429] {
        let answer = broken(&server, &status.to_string(), PATIENCE).await;
        assert_eq!(answer.status(), status);
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"), "{status}");
        assert_eq!(answer.body.is_empty(), matches!(status, 304 | 204 | 205), "{status}");
    }
    for (fault, status, name, value) in [
        ("429", 429, "retry-after", Some("7")),
        ("retry-after-past", 429, "retry-after", Some("Wed, 27 Jul 2016 12:00:00 GMT")),
        ("retry-after-2099", 429, "retry-after", Some("Thu, 31 Dec 2099 23:59:59 GMT")),
        ("retry-after-garbage", 429, "retry-after", Some("soon")),
        ("retry-after-negative", 429, "retry-after", Some("-7")),
        ("retry-after-0", 429, "retry-after", Some("0")),
        ("retry-after-1e9", 429, "retry-after", Some("1000000000")),
        ("retry-after-hidden", 429, "access-control-expose-headers", None),
        ("retry-after-hidden", 429, "retry-after", Some("7")),
        ("error-no-cors", 503, "access-control-allow-origin", None),
        ("headers-hidden", 200, "access-control-expose-headers", None),
        ("wrong-type", 200, "content-type", Some("image/png")),
        ("no-type", 200, "content-type", None),
        ("portal", 200, "content-type", Some("text/html; charset=utf-8")),
        ("same-etag", 200, "etag", Some("\"same\"")),
        ("no-validators", 200, "etag", None),
        ("redirect", 302, "location", Some("/stories/ferry.jsonld?past-the-fault")),
        ("redirect-loop", 302, "location", Some("/stories/ferry.jsonld")),
        ("redirect-http", 302, "location", Some("http://plain.invalid/stories/ferry.jsonld")),
        ("no-name", 302, "location", Some("http://no-such-name.invalid/stories/ferry.jsonld")),
        ("no-cors", 200, "access-control-allow-origin", None),
        ("max-age-60", 200, "cache-control", Some("public, max-age=60")),
    ] {
        let answer = broken(&server, fault, PATIENCE).await;
        assert_eq!((answer.status(), answer.header(name)), (status, value), "{fault}");
    }
    let other = format!("{}/stories/ferry.jsonld?past-the-fault", server.other_origin());
    assert_eq!(broken(&server, "redirect-other", PATIENCE).await.header("location"), Some(other.as_str()));
    let there = send(
        server.other_origin(),
        b"GET /stories/ferry.jsonld?past-the-fault HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        PATIENCE,
    );
    assert_eq!(there.await.status(), 200);
    let sign_in = format!("{}/sign-in", server.other_origin());
    assert_eq!(broken(&server, "portal-redirect", PATIENCE).await.header("location"), Some(sign_in.as_str()));
    let refused = broken(&server, "refused", PATIENCE).await;
    let port = refused.header("location").unwrap().strip_prefix("http://").unwrap().split('/').next().unwrap();
    assert!(TcpStream::connect(port).await.is_err(), "somebody listens on {port}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_date_to_come_back_is_seven_seconds_off_in_each_form() {
    let server = up().await;
    for fault in ["retry-after-imf", "retry-after-rfc850", "retry-after-asctime"] {
        let answer = broken(&server, fault, PATIENCE).await;
        let date = httpdate::parse_http_date(answer.header("retry-after").unwrap()).unwrap();
        let wait = date.duration_since(SystemTime::now()).unwrap_or_default();
        assert!((4..=7).contains(&wait.as_secs()), "{fault}: {wait:?}");
    }
    for (fault, part) in [("rfc850", "day, "), ("asctime", " 20")] {
        let answer = broken(&server, &format!("retry-after-{fault}"), PATIENCE).await;
        assert!(answer.header("retry-after").unwrap().contains(part), "{answer:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_is_cut_where_a_network_cuts_it() {
    let server = up().await;
    let whole = get(&server, "/stories/ferry.jsonld", "").await.body;

    let answer = broken(&server, "cut-by-length", PATIENCE).await;
    assert_eq!((answer.length(), answer.body.len(), answer.closed), (whole.len(), whole.len() / 2, true));

    let answer = broken(&server, "cut-by-chunk", PATIENCE).await;
    assert_eq!(answer.header("transfer-encoding"), Some("chunked"));
    assert!(answer.closed && answer.body.len() > whole.len() / 2);
    assert!(!answer.body.ends_with(b"0\r\n\r\n"), "the last chunk came");

    let answer = broken(&server, "cut-by-close", PATIENCE).await;
    assert!(answer.head.starts_with("HTTP/1.0 200"), "{}", answer.head);
    assert_eq!((answer.header("content-length"), answer.header("transfer-encoding")), (None, None));
    assert_eq!((answer.closed, answer.body.as_slice()), (true, &whole[..whole.len() / 2]));

    let answer = broken(&server, "cut-json", PATIENCE).await;
    assert_eq!((answer.length(), answer.body.as_slice()), (whole.len() / 2, &whole[..whole.len() / 2]));

    let answer = broken(&server, "dropped", PATIENCE).await;
    assert_eq!((answer.closed, answer.head.as_str(), answer.body.len()), (true, "", 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_late_or_never_comes() {
    let server = up().await;
    let answer = broken(&server, "slow", Duration::from_millis(2500)).await;
    assert!(!answer.closed && (2..=3).contains(&answer.body.len()), "{} bytes", answer.body.len());
    assert!(answer.length() > 1000);
    let answer = broken(&server, "no-head", Duration::from_millis(500)).await;
    assert_eq!((answer.closed, answer.head.as_str()), (false, ""));
    let whole = get(&server, "/stories/ferry.jsonld?past-the-fault", "").await.body;
    let answer = broken(&server, "no-end", Duration::from_millis(500)).await;
    assert!(!answer.closed && answer.body.windows(whole.len()).any(|window| window == whole));

    let begun = Instant::now();
    assert_eq!(broken(&server, "late", PATIENCE).await.status(), 200);
    assert!(begun.elapsed() >= Duration::from_secs(3));
    let begun = Instant::now();
    broken(&server, "out-of-order", Duration::from_millis(100)).await;
    assert_eq!(get(&server, "/stories/ferry.jsonld", "").await.status(), 200);
    assert!(begun.elapsed() < Duration::from_secs(2), "the second was late too");
}

#[tokio::test(flavor = "multi_thread")]
async fn versions_go_back_and_alternate() {
    let server = up().await;
    let old = get(&server, "/stories/ferry.jsonld", "").await;
    let mut story = old.json();
    story["headline"] = "Newer".into();
    ask(&server, "PUT", "/stories/ferry.jsonld", "", story.to_string().as_bytes()).await;
    assert_eq!(broken(&server, "stale", PATIENCE).await.body, old.body);
    let alternating = broken(&server, "alternating", PATIENCE).await;
    assert_eq!((alternating.body, alternating.head.contains("etag")), (old.body.clone(), true));
    assert_eq!(get(&server, "/stories/ferry.jsonld", "").await.json()["headline"], "Newer");
    assert_eq!(get(&server, "/stories/ferry.jsonld", "").await.body, old.body);

    let same = broken(&server, "same-time", PATIENCE).await.json();
    assert_eq!((&same["dateModified"], &same["headline"]), (&json!("2016-07-27"), &json!("Newer (again)")));
    let other = broken(&server, "other-time", PATIENCE).await.json();
    assert_eq!(other["headline"], "Newer");
    assert_ne!(other["dateModified"], "2016-07-27");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_is_no_article_or_too_much_of_one() {
    let server = up().await;
    for (fault, body) in [("empty", ""), ("null", "null"), ("array", "[]"), ("object", "{}")] {
        let answer = broken(&server, fault, PATIENCE).await;
        assert_eq!((answer.status(), answer.text()), (200, body), "{fault}");
    }
    for (fault, least) in [("5mb", 5_000_000), ("50mb", 50_000_000)] {
        let answer = broken(&server, fault, PATIENCE).await;
        assert!(answer.closed && answer.body.len() > least, "{fault}: {} bytes", answer.body.len());
    }
    let answer = broken(&server, "endless", Duration::from_millis(700)).await;
    assert!(!answer.closed && answer.body.len() > 1_000_000);
    let answer = broken(&server, "gzip-bomb", PATIENCE).await;
    assert_eq!(answer.header("content-encoding"), Some("gzip"));
    assert!(answer.body.len() < 200_000);
    let mut unpacked = Vec::new();
    std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(&answer.body[..]), &mut unpacked).unwrap();
    assert!(unpacked.len() > 100_000_000);
    let deep = vec![b'['; 50_000];
    for (fault, bytes) in [
        ("nul", &b"\"headline\": \"\0"[..]),
        ("lone-surrogate", b"\"headline\": \"\\ud800"),
        ("broken-utf-8", b"\"headline\": \"\xc3("),
        ("utf-16", b"\xff\xfe{\0"),
        ("windows-1252", b"Caf\xe9"),
        ("deep-json-50000", &deep),
    ] {
        let answer = broken(&server, fault, PATIENCE).await;
        assert!(answer.body.windows(bytes.len()).any(|window| window == bytes), "{fault}");
    }
    for (fault, least) in [("deep-html-5000", 5_000 * 11), ("attributes", 1_000_000), ("comments", 3_500_000)] {
        let body = broken(&server, fault, PATIENCE).await.json()["articleBody"].as_str().unwrap().len();
        assert!(body > least && body < 4 << 20, "{fault}: {body}");
    }
    let whole = get(&server, "/stories/ferry.jsonld?past-the-fault", "").await.body;
    let changed = broken(&server, "wrong-hash", PATIENCE).await.body;
    assert_eq!(changed.iter().zip(&whole).filter(|(a, b)| a != b).count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_ends_by_time_by_count_and_by_hand() {
    let server = up().await;
    let put = |path: &'static str, wish: Value| {
        let server = &server;
        async move { ask(server, "PUT", &format!("/faults{path}"), "", wish.to_string().as_bytes()).await.status() }
    };
    let path = "/stories/storm.jsonld";
    assert_eq!(put(path, json!({"fault": "503", "for": 0.3})).await, 200);
    assert_eq!(get(&server, path, "").await.status(), 503);
    let on = get(&server, "/faults", "").await.json();
    assert_eq!(
        (&on["on"][0]["path"], &on["on"][0]["fault"], &on["on"][0]["given"]),
        (&json!(path), &json!("503"), &json!(1))
    );
    tokio::time::sleep(Duration::from_millis(350)).await;
    assert_eq!(get(&server, path, "").await.status(), 200);

    assert_eq!(put(path, json!({"fault": "410", "times": 2})).await, 200);
    let statuses = [get(&server, path, "").await, get(&server, path, "").await, get(&server, path, "").await];
    assert_eq!(statuses.map(|answer| answer.status()), [410, 410, 200]);

    assert_eq!(put("/stories/*", json!({"fault": "404"})).await, 200);
    assert_eq!(get(&server, path, "").await.status(), 404);
    assert_eq!(
        ask(&server, "PUT", path, "", br#"{"@type": "NewsArticle", "headline": "Through"}"#).await.status(),
        200
    );
    assert_eq!(ask(&server, "DELETE", "/faults/stories/*", "", b"").await.status(), 200);
    assert_eq!(get(&server, path, "").await.json()["headline"], "Through");

    for wish in [
        json!({"fault": "none such"}),
        json!({}),
        json!({"fault": "503", "for": -1}),
        json!({"fault": "503", "more": 1}),
    ] {
        assert_eq!(put(path, wish.clone()).await, 422, "{wish}");
    }
    assert_eq!(put("/", json!({"fault": "csp-wasm"})).await, 200);
    let page = get(&server, "/", "").await;
    assert!(!page.header("content-security-policy").unwrap().contains("wasm"));
    assert_eq!(put("/", json!({"fault": "csp-connect"})).await, 200);
    let page = get(&server, "/", "").await;
    assert!(page.header("content-security-policy").unwrap().contains("connect-src 'none'"));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_row_the_server_can_do_has_a_fault_and_every_fault_a_sentence() {
    let server = up().await;
    let known = get(&server, "/faults", "").await.json();
    let faults = known["faults"].as_array().unwrap();
    for row in [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 26, 27, 34] {
        assert!(faults.iter().any(|fault| fault["rows"].as_array().unwrap().contains(&json!(row))), "row {row}");
    }
    assert!(!broken(&server, "12", Duration::from_millis(300)).await.closed, "a row's number is a name too");
    for fault in faults {
        assert!(fault["does"].as_str().is_some_and(|does| !does.is_empty()), "{fault}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn stories_kept_on_disk_outlive_the_server() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options { data: Some(folder.path().join("stories")), ..Options::default() };
    let server = start(options.clone()).await.unwrap();
    let document = br#"{"@type": "NewsArticle", "headline": "Kept"}"#;
    assert_eq!(ask(&server, "PUT", "/stories/kept.jsonld", "", document).await.status(), 201);
    server.stop().await;
    let again = start(options).await.unwrap();
    assert_eq!(get(&again, "/stories/kept.jsonld", "").await.body, document);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_taken_port_is_said_in_a_sentence_and_a_stopped_server_is_gone() {
    let server = up().await;
    let port = server.origin().rsplit(':').next().unwrap().parse().unwrap();
    let error = start(Options { port, ..Options::default() }).await.unwrap_err().to_string();
    assert_eq!(error, format!("Port {port} is taken by another program: stop it, or choose another with --port N."));
    let mut log = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    log.write_all(b"GET /log HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    let mut bytes = [0; 64];
    assert!(log.read(&mut bytes).await.unwrap() > 0);
    let begun = Instant::now();
    server.stop().await;
    assert!(begun.elapsed() < Duration::from_secs(2), "a follower of the log held the server up");
    assert!(TcpStream::connect(("127.0.0.1", port)).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_builder_reads_what_is_on_this_machine_and_nothing_else() {
    let server = up().await;
    let story = format!("{}/stories/ferry.html", server.origin());
    let read = |query: String, headers: &'static str, body: Vec<u8>| {
        let server = &server;
        async move { ask(server, "POST", &format!("/builder/read{query}"), headers, &body).await }
    };
    let answer = read(format!("?url={story}"), "", Vec::new()).await;
    assert_eq!(answer.status(), 200, "{}", answer.text());
    let said = answer.json();
    assert_eq!((&said["url"], &said["max_age"]), (&json!(story), &json!(5.0)));
    assert!(said["headers"]["etag"].is_string() && said["sent"].as_u64() < said["size"].as_u64(), "{said}");
    let headline = said["fields"].as_array().unwrap().iter().find(|field| field["name"] == "headline").unwrap();
    assert_eq!(headline["from"], "from the page, its JSON-LD: `headline`");
    // The copy is the page, asked for anew, and never a page of this origin.
    let copy = get(&server, said["copy"].as_str().unwrap(), "").await;
    assert!(copy.text().contains("<h1"), "{}", copy.text());
    for (name, value) in [
        ("content-type", "application/octet-stream"),
        ("content-disposition", "attachment"),
        ("content-security-policy", "sandbox; default-src 'none'"),
        ("x-content-type-options", "nosniff"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        assert_eq!(copy.header(name), Some(value));
    }
    let known = format!("If-None-Match: {}\r\n", copy.header("etag").unwrap());
    assert_eq!(get(&server, said["copy"].as_str().unwrap(), &known).await.status(), 304);

    let large = vec![b' '; (4 << 20) + 1];
    for (query, headers, body, status, words) in [
        ("", "", large, 413, "4 MiB"),
        ("", "", vec![], 422, "empty"),
        ("?url=ferry", "", vec![], 422, "no address"),
        ("?url=file:///etc/passwd", "", vec![], 422, "http alone"),
        ("?url=http://192.0.2.1/", "", vec![], 422, "not this machine"),
        ("?url=http://[::ffff:a00:1]/", "", vec![], 422, "not this machine"),
        ("?url=http://0/", "", vec![], 422, "not this machine"),
        // Pages elsewhere may make a browser ask.
        ("", "Origin: http://elsewhere.example\r\n", b"{}".to_vec(), 403, "own page"),
        ("", "Via: 1.1 live-article-builder\r\n", b"{}".to_vec(), 403, "own page"),
    ] {
        let answer = read(query.into(), headers, body).await;
        assert_eq!(answer.status(), status, "{query} {headers}: {}", answer.text());
        assert!(answer.text().contains(words), "{query}: {}", answer.text());
        assert_eq!(answer.text().lines().count(), 1, "{query}");
    }
    // A name that leads here is not ours.
    let renamed =
        b"POST /builder/read HTTP/1.1\r\nHost: rebound.example\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}";
    assert_eq!(send(server.origin(), renamed, PATIENCE).await.status(), 403);
    // A copy of a copy of itself ends at once.
    let circle = format!("?url={}/builder/copy/3", server.origin());
    let answer = read(circle, "", Vec::new()).await;
    assert!(answer.status() == 422 && answer.text().contains("403"), "{}", answer.text());

    // A document that is no article is told so, with the place.
    let said = read(String::new(), "", b"{\"@type\": \"NewsArticle\",\n\"headline\" 1}".to_vec()).await.json();
    assert_eq!(said["refusal"]["reason"], "malformed");
    assert!(said["refusal"]["message"].as_str().unwrap().contains("line 2"), "{said}");
    let gone = get(&server, "/builder/copy/999", "").await;
    assert_eq!((gone.status(), gone.text().trim()), (404, "The document is no longer kept: read it again."));

    let open = start(Options { reach_out: true, ..Options::default() }).await.unwrap();
    let answer = ask(&open, "POST", "/builder/read?url=http://0.0.0.0:1/", "", b"").await;
    assert!(answer.text().contains("Nothing answers"), "{}", answer.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_is_asked_for_in_full_or_refused_in_a_sentence() {
    let server = up().await;
    for (body, status, words) in [
        ("{\"fault\": \"503\", \"for\": 30}", 200, "503 is on for /stories/ferry.jsonld."),
        ("{\"fault\": \"plague\"}", 422, "There is no fault \"plague\""),
        ("{\"fault\": \"503\", \"for\": -1}", 422, "\"for\" is a number of seconds, 0 or more."),
        ("{\"for\": 1}", 422, "A fault is asked for as"),
        ("503", 422, "A fault is asked for as"),
    ] {
        let answer = ask(&server, "PUT", "/faults/stories/ferry.jsonld", "", body.as_bytes()).await;
        assert_eq!(answer.status(), status, "{body}: {}", answer.text());
        assert!(answer.text().contains(words), "{body}: {}", answer.text());
        assert_eq!(answer.text().lines().count(), 1, "{body}");
    }
    assert_eq!(get(&server, "/stories/ferry.jsonld", "").await.status(), 503);
    for words in ["503 is off for /stories/ferry.jsonld.", "No fault was on for /stories/ferry.jsonld."] {
        let answer = ask(&server, "DELETE", "/faults/stories/ferry.jsonld", "", b"").await;
        assert_eq!((answer.status(), answer.text().trim()), (200, words));
    }
    for (method, path, status) in [
        ("DELETE", "/stories/ferry.jsonld", 405),
        ("POST", "/stories/ferry.jsonld", 405),
        ("PUT", "/stories", 405),
        ("POST", "/gallery", 405),
        ("GET", "/stories/none.jsonld", 404),
        ("GET", "/stories/ferry.pdf", 404),
        ("GET", "/none", 404),
    ] {
        assert_eq!(ask(&server, method, path, "", b"").await.status(), status, "{method} {path}");
    }
}

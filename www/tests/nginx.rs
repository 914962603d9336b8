//! The nginx recipes, on a real nginx: files published by a script, and a newsroom behind a cache, asked as browsers ask.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::Request;
use axum::http::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use www::delta::dcz;
use www::nginx::Nginx;
use www::proxy;
use www::setup::root;
use www::wire::blog::Blog;

/// The nginx of the recipe, and what a newsroom does with it.
struct Paper(Nginx);

impl Paper {
    fn start() -> Self {
        Self(Nginx::start("differences.conf", &[("root /srv/paper;", "root {folder};")]).unwrap())
    }

    fn publish(&self, document: &str) {
        let file = self.0.folder().join("new.jsonld");
        fs::write(&file, document).unwrap();
        let mut command = Command::new(root().join("www/recipes/nginx/publish.sh"));
        command.env("WWW", env!("CARGO_BIN_EXE_www")).arg(self.0.folder()).arg("count").arg(&file);
        assert!(command.stdout(Stdio::null()).status().unwrap().success());
    }

    fn get(&self, headers: &[(&str, &str)]) -> Answer {
        ask(&self.0, "GET", "/stories/count.jsonld", headers)
    }
}

fn ask(nginx: &Nginx, method: &str, target: &str, headers: &[(&str, &str)]) -> Answer {
    let mut stream = TcpStream::connect(("127.0.0.1", nginx.port())).unwrap();
    let mut request = format!("{method} {target} HTTP/1.1\r\nHost: paper\r\nConnection: close\r\n");
    for (name, value) in headers {
        request += &format!("{name}: {value}\r\n");
    }
    stream.write_all((request + "\r\n").as_bytes()).unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
    Answer { head: String::from_utf8(bytes[..end].to_vec()).unwrap(), body: bytes.split_off(end) }
}

struct Answer {
    head: String,
    body: Vec<u8>,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        let lines = self.head.lines().skip(1).filter_map(|line| line.split_once(": "));
        lines.into_iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map_or("", |(_, value)| value)
    }

    /// Whether it is a good one with these words, chunked or not.
    fn says(&self, words: &str) -> bool {
        self.status() == "200" && String::from_utf8_lossy(&self.body).contains(words)
    }

    fn status(&self) -> &str {
        self.head.split(' ').nth(1).unwrap_or_default()
    }
}

fn offer(document: &str) -> String {
    format!(":{}:", STANDARD.encode(dcz::hash(document.as_bytes())))
}

#[test]
fn nginx_sends_what_changed_to_who_can_take_it() {
    let nginx = Paper::start();
    let mut blog = Blog::new(60);
    let mut versions = Vec::new();
    for minute in 0..10 {
        if minute % 3 == 2 {
            blog.edit();
        } else {
            blog.add();
        }
        versions.push(blog.document());
        nginx.publish(&versions[minute]);
    }
    let new = &versions[9];
    let browser = "gzip, deflate, br, zstd, dcb, dcz";
    for (accepted, offered, known) in [
        (browser, offer(&versions[8]), Some(8)),
        (browser, offer(&versions[2]), Some(2)),
        (browser, offer(new), Some(9)),
        ("dcz", offer(&versions[8]), Some(8)),
        ("dcz, gzip", offer(&versions[8]), Some(8)),
        // Eight are kept.
        (browser, offer(&versions[1]), None),
        (browser, offer("another"), None),
        (browser, String::new(), None),
        (browser, ":../../../../../../../../../../etc/passwd.....=:".into(), None),
        (browser, offer(&versions[8]).replace(':', ""), None),
        ("gzip", offer(&versions[8]), None),
        ("gzip, xdcz", offer(&versions[8]), None),
        ("dcz;q=0, gzip", offer(&versions[8]), None),
    ] {
        let case = format!("{accepted} with {offered}");
        let asked = [("Accept-Encoding", accepted), ("Available-Dictionary", &*offered)];
        let answer = nginx.get(&asked);
        assert_eq!(answer.status(), "200", "{case}: {}", answer.head);
        for (name, value) in [
            ("Content-Type", "application/ld+json"),
            ("Content-Encoding", if known.is_some() { "dcz" } else { "gzip" }),
            ("Vary", "accept-encoding, available-dictionary"),
            ("Cache-Control", "max-age=1, stale-while-revalidate=600"),
            ("Use-As-Dictionary", "match=\"/stories/count.jsonld\""),
        ] {
            assert_eq!(answer.header(name), value, "{case}: {}", answer.head);
        }
        if let Some(known) = known {
            assert_eq!(dcz::decode(versions[known].as_bytes(), &answer.body).unwrap(), new.as_bytes(), "{case}");
            assert!(known < 8 || answer.body.len() < 1000, "{case}: {} bytes", answer.body.len());
        }
        let again = nginx.get(&[asked[0], asked[1], ("If-None-Match", answer.header("ETag"))]);
        assert_eq!((again.status(), again.body.len()), ("304", 0), "{case}");
    }
    let whole = nginx.get(&[]);
    assert_eq!((whole.header("Content-Encoding"), &whole.body[..]), ("", new.as_bytes()));
    // What is only for nginx itself cannot be asked for, and what is no longer needed is gone.
    let kept = |folder: &str| fs::read_dir(nginx.0.folder().join(folder)).unwrap().count();
    assert_eq!((kept("versions/count"), kept("differences/stories")), (8, 2));
}

#[test]
fn a_difference_is_written_for_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("old"), "one ferry").unwrap();
    fs::write(path("new"), "two ferries").unwrap();
    let run =
        |arguments: &[&Path]| Command::new(env!("CARGO_BIN_EXE_www")).arg("delta").args(arguments).output().unwrap();
    let output = run(&[&path("old"), &path("new"), Path::new("-o"), &path("file.dcz")]);
    assert!(output.status.success(), "{output:?}");
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.trim_end().ends_with(&format!("for Available-Dictionary: {}", offer("one ferry"))), "{said}");
    let body = fs::read(path("file.dcz")).unwrap();
    assert_eq!(dcz::decode(b"one ferry", &body).unwrap(), b"two ferries");
    // Into a folder it goes by its dictionary's hash, be its first letter a slash.
    let slashed =
        (0..100_000).map(|number| format!("{number} ferries")).find(|old| offer(old).starts_with(":/")).unwrap();
    fs::write(path("old"), &slashed).unwrap();
    assert!(run(&[&path("old"), &path("new"), Path::new("-o"), folder.path()]).status.success());
    let named = path(&format!("./{}.dcz", &offer(&slashed)[2..45]));
    assert_eq!(dcz::decode(slashed.as_bytes(), &fs::read(named).unwrap()).unwrap(), b"two ferries");
    assert!(!run(&[&path("none"), &path("new"), Path::new("-o"), &path("b")]).status.success());
}

/// A newsroom that a test can break.
#[derive(Clone)]
struct Newsroom(Arc<Mutex<State>>);

#[derive(Clone)]
struct State {
    status: u16,
    text: &'static str,
    /// What it answered, with a `!` where the request brought something that nginx should keep to itself.
    answered: Vec<String>,
}

impl Newsroom {
    fn start(runtime: &tokio::runtime::Runtime) -> (Self, u16) {
        let this =
            Self(Arc::new(Mutex::new(State { status: 200, text: "{\"headline\": \"One ferry\"}", answered: vec![] })));
        let shared = this.clone();
        let router = axum::Router::new().fallback(move |request: Request| {
            let answer = shared.answer(&request);
            async { answer }
        });
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let port = listener.local_addr().unwrap().port();
        runtime.spawn(async { axum::serve(listener, router).await });
        (this, port)
    }

    fn answer(&self, request: &Request) -> Response<Body> {
        let mut state = self.0.lock().unwrap();
        let asked = |name: &str| request.headers().get(name).map(|value| value.to_str().unwrap());
        let etag = format!("\"{}\"", state.text.len());
        let status = if asked("if-none-match") == Some(&etag) && state.status == 200 { 304 } else { state.status };
        let leaked = request.uri().query().is_some()
            || ["cookie", "authorization", "available-dictionary"].iter().any(|name| asked(name).is_some());
        state.answered.push(format!("{status}{}", if leaked { "!" } else { "" }));
        let mut response = Response::builder().status(status);
        if status < 400 {
            response = response
                .header("cache-control", "max-age=1, stale-if-error=600")
                .header("etag", etag)
                .header("vary", "accept-encoding, available-dictionary")
                .header("set-cookie", "reader=1")
                .header("use-as-dictionary", "match=\"/stories/count.jsonld\"");
        }
        // Packed for nginx, which asks for it.
        assert_eq!(asked("accept-encoding"), Some("gzip"));
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packer.write_all(state.text.as_bytes()).unwrap();
        if status != 200 {
            return response.body(Body::empty()).unwrap();
        }
        response.header("content-encoding", "gzip").body(packer.finish().unwrap().into()).unwrap()
    }

    fn becomes(&self, status: u16, text: &'static str) {
        let mut state = self.0.lock().unwrap();
        (state.status, state.text) = (status, text);
        state.answered.clear();
    }

    fn answered(&self) -> Vec<String> {
        self.0.lock().unwrap().answered.clone()
    }
}

/// Asks until something is so.
fn until(mut so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !so() {
        assert!(begun.elapsed() < Duration::from_secs(60), "it never came about");
        thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn nginx_stands_between_the_readers_and_the_newsroom() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (newsroom, port) = Newsroom::start(&runtime);
    let nginx = Nginx::start(
        "proxy.conf",
        &[
            ("server 127.0.0.1:8080 ", &format!("server 127.0.0.1:{port} ")),
            ("fail_timeout=5s", "fail_timeout=2s"),
            ("404 410 451 5s", "404 410 451 1s"),
            ("/var/cache/nginx-stories", "{folder}/cache"),
        ],
    )
    .unwrap();
    let path = "/stories/count.jsonld";
    let get = || ask(&nginx, "GET", path, &[]);
    // Whatever a reader asks with, there is one copy.
    let begun = Instant::now();
    let first = get();
    let etag = first.header("ETag").to_owned();
    for (target, headers, status, coding) in [
        (path, [("Accept-Encoding", "gzip, br"), ("Cookie", "a=b")], "200", "gzip"),
        ("/stories/count.jsonld?again", [("Accept-Encoding", "br"), ("Authorization", "Basic YTpi")], "200", ""),
        (path, [("Available-Dictionary", ":AAAA:"), ("Cache-Control", "no-cache")], "200", ""),
        (path, [("If-None-Match", &*etag), ("Cache-Control", "max-age=0")], "304", ""),
    ] {
        let answer = ask(&nginx, "GET", target, &headers);
        assert_eq!(
            (answer.status(), answer.header("Content-Encoding")),
            (status, coding),
            "{headers:?}: {}",
            answer.head
        );
        assert_eq!(answer.header("Access-Control-Allow-Origin"), "*", "{headers:?}");
        assert_eq!(answer.header("Access-Control-Expose-Headers"), "ETag, Date, Retry-After, Age", "{headers:?}");
        assert_eq!((answer.header("Set-Cookie"), answer.header("Use-As-Dictionary")), ("", ""), "{headers:?}");
        if status == "200" && coding.is_empty() {
            assert_eq!(answer.body, first.body, "{headers:?}");
        }
    }
    assert!(first.says("One ferry"));
    let most = 1 + begun.elapsed().as_secs() as usize;
    let answered = newsroom.answered();
    assert!(answered.len() <= most && !answered.concat().contains('!'), "{most}: {answered:?}");
    assert_eq!(ask(&nginx, "PUT", path, &[]).status(), "403");
    // Renewing what is unchanged is a 304 to nginx, too.
    until(|| {
        assert_eq!(get().status(), "200");
        newsroom.answered().contains(&"304".to_owned())
    });

    // While the newsroom is down readers have the copy, and do not reach it one by one.
    newsroom.becomes(503, "");
    until(|| {
        assert!(get().says("One ferry"));
        !newsroom.answered().is_empty()
    });
    let begun = Instant::now();
    for _ in 0..200 {
        assert!(get().says("One ferry"));
    }
    let most = 2 + begun.elapsed().as_secs() as usize / 2;
    assert!(newsroom.answered().len() <= most, "{most}: {:?}", newsroom.answered());

    // When it is back, so is the news; and what it takes back is taken back.
    newsroom.becomes(200, "{\"headline\": \"Two ferries\"}");
    until(|| get().says("Two ferries"));
    newsroom.becomes(410, "");
    until(|| get().status() == "410");
    for _ in 0..100 {
        let answer = get();
        assert_eq!((answer.status(), answer.header("Access-Control-Allow-Origin")), ("410", "*"));
    }
}

#[test]
fn many_readers_cost_the_newsroom_one_request_a_ttl() {
    let options = proxy::Options { readers: 300, seconds: 8, interval: 5, json: false };
    let report = tokio::runtime::Runtime::new().unwrap().block_on(proxy::run(&options)).unwrap();
    assert_eq!((report.ttl_s, report.failed), (5.0, 0), "{report:?}");
    assert!(report.requests >= 600, "{report:?}");
    // A machine under load is late with the end, and more TTLs fit.
    assert!(report.origin_requests <= 1 + report.windows.len() as u64, "{report:?}");
    assert!(report.hit_rate > 99.0, "{report:?}");
}

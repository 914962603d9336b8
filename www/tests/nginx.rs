//! The nginx recipe, on a real nginx: files published by its script, asked for as browsers ask.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use www::child::Child;
use www::delta::dcz;
use www::setup::{self, root};
use www::wire::blog::Blog;

struct Nginx {
    port: u16,
    folder: tempfile::TempDir,
    _process: Child,
}

impl Nginx {
    fn start() -> Self {
        setup::debian(&[("nginx", "nginx")]).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let path = folder.path().display();
        let recipe = fs::read_to_string(root().join("www/recipes/nginx/differences.conf")).unwrap();
        let recipe = recipe
            .replace("listen 80;", &format!("listen 127.0.0.1:{port};"))
            .replace("root /srv/paper;", &format!("root {path};"));
        // Root's workers would be another user's, who cannot see a folder of root's.
        let user = if fs::metadata("/proc/self").is_ok_and(|this| std::os::unix::fs::MetadataExt::uid(&this) == 0) {
            "user root;"
        } else {
            ""
        };
        let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|name| format!("{name}_temp_path {path}/temporary-{name};\n"))
            .concat();
        let conf = format!(
            "{user}\ndaemon off;\npid {path}/nginx.pid;\nerror_log {path}/error.log;\nevents {{}}\n\
             http {{\naccess_log off;\n{temporary}{recipe}}}\n"
        );
        let file = folder.path().join("nginx.conf");
        fs::write(&file, conf).unwrap();
        let mut command = Command::new(setup::find("nginx").unwrap_or("/usr/sbin/nginx".into()));
        command.arg("-c").arg(&file).arg("-e").arg(folder.path().join("error.log"));
        let mut process = Child::spawn(command.stderr(Stdio::inherit())).unwrap();
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(process.process.try_wait().unwrap().is_none(), "nginx ended at once");
            assert!(begun.elapsed() < Duration::from_secs(10), "nginx does not listen");
            thread::sleep(Duration::from_millis(20));
        }
        Self { port, folder, _process: process }
    }

    fn publish(&self, document: &str) {
        let file = self.folder.path().join("new.jsonld");
        fs::write(&file, document).unwrap();
        let mut command = Command::new(root().join("www/recipes/nginx/publish.sh"));
        command.env("WWW", env!("CARGO_BIN_EXE_www")).arg(self.folder.path()).arg("count").arg(&file);
        assert!(command.stdout(Stdio::null()).status().unwrap().success());
    }

    fn get(&self, headers: &[(&str, &str)]) -> Answer {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let mut request = "GET /stories/count.jsonld HTTP/1.1\r\nHost: paper\r\nConnection: close\r\n".to_owned();
        for (name, value) in headers {
            request += &format!("{name}: {value}\r\n");
        }
        stream.write_all((request + "\r\n").as_bytes()).unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
        Answer { head: String::from_utf8(bytes[..end].to_vec()).unwrap(), body: bytes.split_off(end) }
    }
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

    fn status(&self) -> &str {
        self.head.split(' ').nth(1).unwrap_or_default()
    }
}

fn offer(document: &str) -> String {
    format!(":{}:", STANDARD.encode(dcz::hash(document.as_bytes())))
}

#[test]
fn nginx_sends_what_changed_to_who_can_take_it() {
    let nginx = Nginx::start();
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
    let kept = |folder: &str| fs::read_dir(nginx.folder.path().join(folder)).unwrap().count();
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

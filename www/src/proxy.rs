//! `proxy`: what reaches a newsroom when a great many readers poll through a real nginx with `www/recipes/nginx/proxy.conf`.
//!
//! Each reader is the crate's own [`Poll`] on the clock of this machine, with a connection of its own and what a
//! browser's cache does: it revalidates what it has. All of it is on loopback, and ends after the seconds asked for or on
//! Ctrl-C. What the newsroom was asked is counted from its own log. How readers spread is left to [`crate::herd`].

use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use axum::body::Bytes;
use axum::http::header::{
    ACCEPT, ACCEPT_ENCODING, AGE, CACHE_CONTROL, CONTENT_ENCODING, DATE, ETAG, HOST, IF_NONE_MATCH, RETRY_AFTER,
};
use axum::http::{HeaderName, Method, Request, StatusCode};
use flate2::read::GzDecoder;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use live_article::article::Millis;
use live_article::poll::pace::Random;
use live_article::poll::{Action, Answer, Event, Failure, Poll, freshness};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde::Serialize;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::nginx::Nginx;
use crate::read::{now, source};
use crate::serve::{self, Server};

/// How many readers, and for how long.
#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    /// Readers that open the story within two seconds, each with a connection of its own.
    #[arg(long, default_value_t = 2_000, value_parser = clap::value_parser!(u32).range(1..=5_000))]
    pub readers: u32,
    /// How long they stay.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(5..=600))]
    pub seconds: u32,
    /// Their `interval`, in seconds; without it the floor, so that they ask as often as they ever may.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(5..=3600))]
    pub interval: u32,
    /// Print the result as JSON.
    #[arg(long)]
    pub json: bool,
}

/// What came of it.
#[derive(Debug, Serialize)]
pub struct Report {
    /// As asked for.
    pub readers: u32,
    /// The `max-age` that the newsroom sends and nginx keeps, in seconds.
    pub ttl_s: f64,
    /// One after another, each as long as the TTL.
    pub windows: Vec<Window>,
    /// Requests of readers.
    pub requests: u64,
    /// Of these, the ones that had no answer or an error.
    pub failed: u64,
    /// Requests that reached the newsroom.
    pub origin_requests: u64,
    /// The most of them in one window.
    pub origin_requests_per_ttl: u64,
    /// The share of the readers' requests that did not cost one of the newsroom's, in percent.
    pub hit_rate: f64,
    /// From the publication of a version halfway to the reader with it, in seconds: half of them, and all; `null` where
    /// they left before.
    pub reached_half_s: Option<f64>,
    /// See above.
    pub reached_all_s: Option<f64>,
}

/// What happened in one TTL.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Window {
    /// Requests of readers.
    pub requests: u64,
    /// Answered by 304.
    pub unchanged: u64,
    /// Bytes of bodies that readers got.
    pub bytes: u64,
    /// Requests that reached the newsroom.
    pub origin_requests: u64,
}

/// Readers come within so many milliseconds.
const ARRIVAL: f64 = 2_000.0;
/// One request may take so long, as the card's `timeout` has it.
const TIMEOUT: Duration = Duration::from_secs(10);
/// What they read: a live blog of the invented paper.
const STORY: &str = "/stories/storm.jsonld";

/// Runs it and prints what came of it.
///
/// # Errors
/// Where nginx is missing or cannot be started, or this machine cannot hold so many connections.
pub fn job(options: &Options) -> Result<ExitCode> {
    let runtime = tokio::runtime::Runtime::new().context("The system gave no threads.")?;
    runtime.block_on(async {
        let mut terminated = signal(SignalKind::terminate()).context("signals cannot be received")?;
        let report = tokio::select! {
            report = run(options) => report?,
            _ = terminated.recv() => return Ok(ExitCode::from(143)),
            ctrl_c = tokio::signal::ctrl_c() => {
                ctrl_c.context("signals cannot be received")?;
                eprintln!("\nstopping");
                return Ok(ExitCode::from(130));
            }
        };
        if options.json {
            println!("{}", serde_json::to_string_pretty(&report)?);
        } else {
            print!("{}", report.table(options));
        }
        Ok(ExitCode::SUCCESS)
    })
}

/// Starts a newsroom, nginx in front of it and the readers in front of that; all of it ends with the value.
///
/// # Errors
/// As [`job`].
pub async fn run(options: &Options) -> Result<Report> {
    make_room(options.readers)?;
    let newsroom = serve::start(serve::Options::default()).await?;
    let address = newsroom.origin().trim_start_matches("http://").to_owned();
    let nginx = tokio::task::spawn_blocking(move || {
        let change = format!("server {address} ");
        Nginx::start(
            "proxy.conf",
            &[("server 127.0.0.1:8080 ", &change), ("/var/cache/nginx-stories", "{folder}/cache")],
        )
    })
    .await??;
    let asked = Arc::new(Mutex::new(Vec::new()));
    let mut tasks = JoinSet::new();
    tasks.spawn(follow(newsroom.origin().trim_start_matches("http://").to_owned(), asked.clone()));

    let begun = now();
    let tally = Arc::new(Mutex::new(Tally::default()));
    let host = Arc::<str>::from(format!("127.0.0.1:{}", nginx.port()));
    let mut random = Random::new(begun as u64);
    for number in 0..options.readers {
        let after = Duration::from_secs_f64(random.share() * ARRIVAL / 1000.0);
        let reader = Reader {
            poll: Poll::new(f64::from(options.interval) * 1000.0, begun as u64 ^ (u64::from(number) << 20)),
            host: host.clone(),
            line: None,
            etag: None,
            seen: 0.0,
        };
        let tally = tally.clone();
        tasks.spawn(async move {
            sleep(after).await;
            reader.live(&tally).await;
            Ok(())
        });
    }
    let all = Duration::from_secs(options.seconds.into());
    let published = tokio::select! {
        published = async {
            sleep(all / 2).await;
            let published = publish(&newsroom).await;
            sleep(all / 2).await;
            published
        } => published?,
        Some(ended) = tasks.join_next() => bail!("it ended early: {ended:?}"),
    };
    let ended = now();
    tasks.shutdown().await;
    let origin = std::mem::take(&mut *asked.lock().unwrap_or_else(PoisonError::into_inner));
    let tally = std::mem::take(&mut *tally.lock().unwrap_or_else(PoisonError::into_inner));
    newsroom.stop().await;
    tally.report(options, begun, ended, published, &origin)
}

/// Makes room for a connection of each reader, which is a file here and one in nginx.
fn make_room(readers: u32) -> Result<()> {
    let limit = getrlimit(Resource::Nofile);
    let needed = u64::from(readers) + 200;
    if limit.current.is_none_or(|current| current >= needed) {
        return Ok(());
    }
    let most = limit.maximum.unwrap_or(needed);
    ensure!(
        most >= needed,
        "This machine lets a program open {most} files; {readers} readers need {needed}: ask for fewer."
    );
    setrlimit(Resource::Nofile, Rlimit { current: Some(needed), maximum: limit.maximum })
        .context("the limit of open files cannot be raised")
}

/// Publishes a new version of the story at the newsroom; when.
async fn publish(newsroom: &Server) -> Result<Millis> {
    let host = newsroom.origin().trim_start_matches("http://");
    let mut line = connect(host).await?;
    // By the query it is known from what nginx asks.
    let get = Request::get(format!("{STORY}?desk")).header(HOST, host).body(Full::default())?;
    let story = line.send_request(get).await?.into_body().collect().await?.to_bytes();
    let mut story: Value = serde_json::from_slice(&story)?;
    let at = now();
    let moment = jiff::Timestamp::from_millisecond(at as i64)?.to_string();
    story["dateModified"] = json!(moment);
    let update =
        json!({"@type": "BlogPosting", "headline": "News", "datePublished": moment, "articleBody": "<p>News.</p>"});
    story["liveBlogUpdate"].as_array_mut().context("the story is no live blog")?.insert(0, update);
    line.ready().await?;
    let put = Request::put(STORY).header(HOST, host).body(Full::from(story.to_string()))?;
    let answer = line.send_request(put).await?;
    ensure!(answer.status().is_success(), "publishing is answered {}", answer.status());
    Ok(at)
}

/// Notes when the newsroom was asked for the story by nginx.
async fn follow(host: String, asked: Arc<Mutex<Vec<Millis>>>) -> Result<()> {
    let mut line = connect(&host).await?;
    let get = Request::get("/log").header(HOST, &host).body(Full::default())?;
    let mut log = line.send_request(get).await?.into_body();
    let mut text = Vec::new();
    while let Some(frame) = log.frame().await {
        let Ok(bytes) = frame?.into_data() else { continue };
        text.extend_from_slice(&bytes);
        while let Some(end) = text.iter().position(|&byte| byte == b'\n') {
            let row: Vec<u8> = text.drain(..=end).collect();
            let Some(entry) = row.strip_prefix(b"data: ") else { continue };
            let entry: Value = serde_json::from_slice(entry)?;
            if entry["path"] == STORY && entry["method"] == "GET" {
                let at: jiff::Timestamp = entry["time"].as_str().unwrap_or_default().parse()?;
                asked.lock().unwrap_or_else(PoisonError::into_inner).push(at.as_millisecond() as Millis);
            }
        }
    }
    bail!("the newsroom's log ended")
}

async fn connect(host: &str) -> Result<SendRequest<Full<Bytes>>> {
    let stream = TcpStream::connect(host).await?;
    stream.set_nodelay(true)?;
    let (line, connection) = handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    Ok(line)
}

/// Somebody with the story in an open page.
struct Reader {
    poll: Poll,
    host: Arc<str>,
    line: Option<SendRequest<Full<Bytes>>>,
    etag: Option<String>,
    /// The time of the version it has.
    seen: Millis,
}

/// An answer's head, which outlives its connection.
struct Head {
    status: StatusCode,
    headers: axum::http::HeaderMap,
}

impl Head {
    fn get(&self, name: &HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

impl Reader {
    async fn live(mut self, tally: &Mutex<Tally>) {
        let mut action = self.poll.on(Event::Shown, now());
        loop {
            if action == Action::Fetch {
                action = self.ask(tally).await;
            } else {
                let wait = (self.poll.wake() - now()).clamp(1.0, 3_600_000.0);
                sleep(Duration::from_secs_f64(wait / 1000.0)).await;
                action = self.poll.on(Event::Woke, now());
            }
        }
    }

    async fn ask(&mut self, tally: &Mutex<Tally>) -> Action {
        let asked = now();
        let answer = timeout(TIMEOUT, self.fetch()).await;
        let arrived = now();
        let Ok(Ok((head, body))) = answer else {
            self.line = None;
            tally.lock().unwrap_or_else(PoisonError::into_inner).requests.push(Asked {
                at: asked,
                status: 0,
                bytes: 0,
            });
            let failure = if answer.is_err() { Failure::Timeout } else { Failure::Network };
            return self.poll.on(Event::Failed(failure), arrived);
        };
        // What a browser's cache revalidated reads as the copy that it has.
        let status = if head.status == StatusCode::NOT_MODIFIED { 200 } else { head.status.as_u16() };
        let read = (head.status == StatusCode::OK).then(|| unpack(&head, &body));
        let article = read.and_then(|text| live_article::read::read(&source(&text, "http://localhost/", arrived)).ok());
        let answer = Answer {
            status,
            asked,
            arrived,
            date: head.get(&DATE),
            age: head.get(&AGE),
            cache_control: head.get(&CACHE_CONTROL),
            retry_after: head.get(&RETRY_AFTER),
            article: article.as_ref(),
            changed: article.is_some(),
        };
        let action = self.poll.on(Event::Answered(&answer), arrived);
        if head.status == StatusCode::OK {
            self.etag = head.get(&ETAG).map(str::to_owned);
        }
        let modified = article.and_then(|article| article.modified).map_or(self.seen, |time| time.at);
        let mut tally = tally.lock().unwrap_or_else(PoisonError::into_inner);
        tally.requests.push(Asked { at: asked, status: head.status.as_u16(), bytes: body.len() });
        tally.ttl = head.get(&CACHE_CONTROL).and_then(freshness::max_age).or(tally.ttl);
        if modified > self.seen {
            self.seen = modified;
            tally.versions.push((modified, arrived));
        }
        action
    }

    /// One request as a browser makes it; on a new connection where the server has closed the last.
    async fn fetch(&mut self) -> Result<(Head, Bytes)> {
        let mut line = match self.line.take() {
            Some(line) if line.is_ready() => line,
            _ => connect(&self.host).await?,
        };
        let mut request = Request::builder()
            .method(Method::GET)
            .uri(STORY)
            .header(HOST, &*self.host)
            .header(ACCEPT, "*/*")
            .header(ACCEPT_ENCODING, "gzip, deflate, br, zstd")
            .header(CACHE_CONTROL, "max-age=0");
        if let Some(etag) = &self.etag {
            request = request.header(IF_NONE_MATCH, etag);
        }
        let (parts, body): (_, Incoming) = line.send_request(request.body(Full::default())?).await?.into_parts();
        let bytes = body.collect().await?.to_bytes();
        line.ready().await.ok();
        self.line = Some(line);
        Ok((Head { status: parts.status, headers: parts.headers }, bytes))
    }
}

fn unpack(head: &Head, body: &[u8]) -> String {
    if head.get(&CONTENT_ENCODING) != Some("gzip") {
        return String::from_utf8_lossy(body).into_owned();
    }
    let mut text = String::new();
    // What cannot be unpacked is no article, and read as none.
    let _ = std::io::Read::read_to_string(&mut GzDecoder::new(body), &mut text);
    text
}

/// A reader's request.
struct Asked {
    at: Millis,
    status: u16,
    bytes: usize,
}

/// What all readers saw.
#[derive(Default)]
struct Tally {
    requests: Vec<Asked>,
    /// The time of a version and when a reader had it.
    versions: Vec<(Millis, Millis)>,
    ttl: Option<Millis>,
}

impl Tally {
    fn report(
        self,
        options: &Options,
        begun: Millis,
        ended: Millis,
        published: Millis,
        origin: &[Millis],
    ) -> Result<Report> {
        let ttl = self.ttl.context("no answer named a max-age: did nginx reach the newsroom?")?;
        // What is left of the last one counts with it.
        let mut windows = vec![Window::default(); (((ended - begun) / ttl).round() as usize).max(1)];
        let last = windows.len() - 1;
        // By nginx's clock, which it reads now and then, a moment may come before the beginning.
        let at = |moment: Millis| (((moment - begun).max(0.0) / ttl) as usize).min(last);
        for asked in &self.requests {
            let window = &mut windows[at(asked.at)];
            window.requests += 1;
            window.unchanged += u64::from(asked.status == 304);
            window.bytes += asked.bytes as u64;
        }
        for &moment in origin {
            windows[at(moment)].origin_requests += 1;
        }
        let mut waits: Vec<_> = self
            .versions
            .iter()
            .filter(|(version, _)| *version >= published.floor())
            .map(|(_, at)| (at - published) / 1000.0)
            .collect();
        waits.sort_by(f64::total_cmp);
        let reached = |share: f64| {
            waits.get((f64::from(options.readers) * share).ceil() as usize - 1).map(|wait| (wait * 10.0).round() / 10.0)
        };
        let requests = self.requests.len() as u64;
        let origin_requests = origin.len() as u64;
        Ok(Report {
            readers: options.readers,
            ttl_s: ttl / 1000.0,
            requests,
            failed: self.requests.iter().filter(|asked| !matches!(asked.status, 200 | 304)).count() as u64,
            origin_requests,
            origin_requests_per_ttl: windows.iter().map(|window| window.origin_requests).max().unwrap_or_default(),
            windows,
            hit_rate: 100.0 * (1.0 - origin_requests as f64 / requests.max(1) as f64),
            reached_half_s: reached(0.5),
            reached_all_s: reached(1.0),
        })
    }
}

impl Report {
    fn table(&self, options: &Options) -> String {
        let mut out = format!(
            "{} readers, a poll every {} s, {} s; nginx keeps a story for the {} s that its max-age says.\n\n\
             | from second | readers asked | unchanged (304) | bytes of bodies | the newsroom was asked |\n\
             | --: | --: | --: | --: | --: |\n",
            self.readers, options.interval, options.seconds, self.ttl_s,
        );
        for (number, window) in self.windows.iter().enumerate() {
            out += &format!(
                "| {:.0} | {} | {} | {} | {} |\n",
                number as f64 * self.ttl_s,
                window.requests,
                window.unchanged,
                window.bytes,
                window.origin_requests
            );
        }
        let failed = if self.failed > 0 { format!(" ({} of them in vain)", self.failed) } else { String::new() };
        let reached =
            |wait: Option<f64>| wait.map_or("not before the end".to_owned(), |wait| format!("after {wait:.1} s"));
        out + &format!(
            "\nReaders asked {} times{failed}, the newsroom was asked {} times: {} in any {} s at most. Hit rate {:.2} %.\n\
             A version published halfway reached half of the readers {}, all of them {}.\n",
            self.requests,
            self.origin_requests,
            self.origin_requests_per_ttl,
            self.ttl_s,
            self.hit_rate,
            reached(self.reached_half_s),
            reached(self.reached_all_s),
        )
    }
}

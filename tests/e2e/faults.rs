//! What a server may answer, all of it at once: in every case what is shown stays, the page is told why, and the first
//! good answer is shown.
//!
//! A card a fault, each with a story of its own at the harness, which is another origin than the page's.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context as _, Result, bail, ensure};
use jiff::Timestamp;
use serde_json::{Value, json};
use www::nginx::Nginx;
use www::setup::{debian, run};

use crate::bench::Bench;
use crate::site::{Answer, story};

const TAG: &str = "<script async src=\"/pkg/embed.js\"></script>";

/// How long the harness may take to see what is wanted.
const PATIENCE: Duration = Duration::from_secs(60);

/// A fault by its name; the reasons that a card may give for it, none where it is no failure; a word of its message; how
/// soon the next poll is, in seconds, at least and at most.
struct Fault(&'static str, &'static [&'static str], &'static str, [f64; 2]);

/// Own backoff, from an interval of a minute: full jitter over the floor. One poll of its own may have failed before.
const OWN: [f64; 2] = [5.0, 120.0];
/// Told to come back in seven seconds, and a share of the interval, which is five: a first delay of its own is no longer
/// than that. A date has whole seconds, and so has the clock it is read by.
const SEVEN: [f64; 2] = [7.0, 13.0];
/// Told to stay away for years.
const HOUR: [f64; 2] = [3600.0, 3660.0];

const FAULTS: &[Fault] = &[
    Fault("500", &["http"], "500", OWN),
    Fault("502", &["http"], "502", OWN),
    Fault("503", &["http"], "503", OWN),
    Fault("504", &["http"], "504", OWN),
    Fault("511", &["http"], "511", OWN),
    Fault("400", &["http"], "400", OWN),
    Fault("401", &["http"], "401", OWN),
    Fault("403", &["http"], "403", OWN),
    Fault("404", &["http"], "404", OWN),
    Fault("410", &["http"], "410", OWN),
    Fault("429", &["http"], "429", SEVEN),
    Fault("retry-after-imf", &["http"], "429", SEVEN),
    Fault("retry-after-rfc850", &["http"], "429", SEVEN),
    Fault("retry-after-asctime", &["http"], "429", SEVEN),
    Fault("retry-after-past", &["http"], "429", OWN),
    Fault("retry-after-2099", &["http"], "429", HOUR),
    Fault("retry-after-1e9", &["http"], "429", HOUR),
    Fault("retry-after-garbage", &["http"], "429", OWN),
    Fault("retry-after-negative", &["http"], "429", OWN),
    Fault("retry-after-0", &["http"], "429", OWN),
    Fault("retry-after-hidden", &["http"], "429", OWN),
    Fault("error-no-cors", &["network"], "CORS", OWN),
    Fault("headers-hidden", &[], "", OWN),
    // Where the end of the connection is the end of the body, or the engine takes it for that, the body has to tell.
    Fault("cut-by-length", &["network", "malformed"], "", OWN),
    Fault("cut-by-chunk", &["network", "malformed"], "", OWN),
    Fault("cut-by-close", &["malformed", "network"], "", OWN),
    Fault("cut-json", &["malformed"], "line", OWN),
    Fault("wrong-type", &[], "", OWN),
    Fault("no-type", &[], "", OWN),
    Fault("portal", &["no-article"], "", OWN),
    Fault("portal-redirect", &["no-article"], "", OWN),
    Fault("error-page", &["no-article"], "", OWN),
    Fault("empty", &["malformed", "no-article"], "", OWN),
    Fault("null", &["no-article", "malformed"], "", OWN),
    Fault("array", &["no-article"], "", OWN),
    Fault("object", &["no-article"], "", OWN),
    Fault("same-bytes", &[], "", OWN),
    Fault("same-etag", &[], "", OWN),
    Fault("no-validators", &[], "", OWN),
    Fault("redirect", &[], "", OWN),
    Fault("redirect-other", &[], "", OWN),
    Fault("redirect-loop", &["network"], "come through", OWN),
    Fault("redirect-http", &["network", "timeout"], "", OWN),
    Fault("no-cors", &["network"], "CORS", OWN),
    Fault("slow", &["timeout"], "in time", OWN),
    Fault("no-head", &["timeout"], "in time", OWN),
    Fault("no-end", &["timeout"], "in time", OWN),
    Fault("refused", &["network"], "come through", OWN),
    Fault("no-name", &["network", "timeout"], "", OWN),
    Fault("dropped", &["network"], "come through", OWN),
];

fn path(fault: &str) -> String {
    format!("/stories/fault-{fault}.jsonld")
}

fn version(fault: &str, headline: &str, hour: u32) -> Value {
    let mut version = story(headline, &format!("2016-07-27T{hour:02}:00:00Z"), &["One.", "Two."]);
    version["@id"] = json!(format!("https://paper.example/{fault}"));
    version
}

/// Sends requests to the harness past the browser.
async fn send(bench: &Bench, method: &'static str, all: Vec<(String, String)>) -> Result<()> {
    let origin = bench.harness.origin().to_owned();
    tokio::task::spawn_blocking(move || -> Result<()> {
        for (path, body) in all {
            let url = format!("{origin}{path}");
            match method {
                "PUT" => ureq::put(&url).send(body).map(drop),
                _ => ureq::delete(&url).call().map(drop),
            }
            .with_context(|| format!("{method} {url}"))?;
        }
        Ok(())
    })
    .await?
}

async fn publish(bench: &Bench, headline: &str, hour: u32) -> Result<()> {
    let all = FAULTS.iter().map(|Fault(name, ..)| (path(name), version(name, headline, hour).to_string()));
    send(bench, "PUT", all.collect()).await
}

pub(crate) async fn every_answer_is_survived(bench: &Bench) -> Result<()> {
    publish(bench, "First", 1).await?;
    let mut cards = String::new();
    for &Fault(name, reasons, _, wait) in FAULTS {
        let timeout = if reasons.contains(&"timeout") { 1 } else { 30 };
        let interval = if wait == SEVEN { 5 } else { 60 };
        let src = format!("{}{}", bench.harness.origin(), path(name));
        write!(
            cards,
            "<live-article id=\"{name}\" src=\"{src}\" interval=\"{interval}\" timeout=\"{timeout}\" updates=\"auto\" view=\"card\"></live-article>"
        )?;
    }
    bench.open(&format!("{TAG}{cards}")).await?;
    bench.eval("window.cards = [...document.querySelectorAll('live-article')]").await?;
    bench.until("cards.every(card => card.status === 'live' && text('headline', card) === 'First')").await?;
    // What each says, and how often it is swapped.
    bench
        .eval(
            "window.said = {}; window.swaps = {};
             addEventListener('live-article-error', ({ target, detail }) => (said[target.id] ??= []).push(detail), true);
             addEventListener('live-article-update', ({ target }) => swaps[target.id] = (swaps[target.id] ?? 0) + 1, true);",
        )
        .await?;
    // First the faults: some cards ask by themselves before long.
    let on = |Fault(name, ..): &Fault| (format!("/faults{}", path(name)), json!({ "fault": name }).to_string());
    send(bench, "PUT", FAULTS.iter().map(on).collect()).await?;
    publish(bench, "Second", 2).await?;
    bench.eval("window.waited = new Set(cards.map(card => card.id)); for (const card of cards) card.refresh().then(() => waited.delete(card.id))").await?;
    if let Err(error) = bench.until("!waited.size").await {
        let waited = bench.eval("return [...waited]").await?;
        bail!("{error:#}: a refresh never ends, of {waited}");
    }
    let all = bench
        .eval("return cards.map(card => [card.id, said[card.id]?.at(-1) ?? null, text('headline', card), card.status])")
        .await?;
    let mut wrong = String::new();
    for (fault, seen) in FAULTS.iter().zip(all.as_array().into_iter().flatten()) {
        if let Err(error) = survived(fault, seen) {
            writeln!(wrong, "{error:#}")?;
        }
    }
    ensure!(wrong.is_empty(), "{wrong}");
    let warned = bench.eval("return seen.warnings").await?;
    ensure!(warned.as_array().is_some_and(|all| all.len() == 1), "one hint, not {warned}");
    bench.quiet(1).await?;
    // Who is no longer waited for is let go: the server is told the end of a request when its connection is closed.
    for name in ["slow", "no-head", "no-end"] {
        let closed = |entry: &Value| entry["fault"] == name && entry["whole"] == false;
        logged(bench, 1, &closed).await.with_context(|| format!("{name}: the connection stays open"))?;
    }

    let off = |Fault(name, ..): &Fault| (format!("/faults{}", path(name)), String::new());
    send(bench, "DELETE", FAULTS.iter().map(off).collect()).await?;
    bench.eval("window.done = 0; Promise.all(cards.map(card => card.refresh())).then(() => window.done = 1)").await?;
    bench.until("done").await?;
    bench
        .expect(
            "cards.filter(card => card.status !== 'live' || text('headline', card) !== 'Second' || swaps[card.id] !== 1).map(card => [card.id, card.status, swaps[card.id]])",
            json!([]),
        )
        .await?;
    bench.quiet(1).await
}

/// Whether a card made of its fault what it should: `seen` is its name, the last it said, what it shows and its status.
fn survived(Fault(name, reasons, word, [least, most]): &Fault, seen: &Value) -> Result<()> {
    let (detail, shown) = (&seen[1], &seen[2]);
    ensure!(seen[0] == *name && seen[3] == "live", "{name}: {seen}");
    if reasons.is_empty() {
        ensure!(detail.is_null() && shown == "Second", "{name} is no failure: {seen}");
        return Ok(());
    }
    ensure!(shown == "First", "{name}: what is shown does not stay: {seen}");
    let says = |key: &str| detail[key].as_str().unwrap_or_default();
    ensure!(reasons.contains(&says("reason")) && says("message").contains(word), "{name}: {seen}");
    ensure!(says("url").contains(name), "{name}: where it was is not said: {seen}");
    // By then a moment has gone.
    let wait = detail["retryIn"].as_f64().unwrap_or(-1.0);
    ensure!(wait > least - 1.5 && wait <= *most, "{name}: the next poll is in {wait} s: {seen}");
    Ok(())
}

/// The requests that the harness has seen end, up to now.
async fn log(bench: &Bench) -> Result<Vec<Value>> {
    let origin = bench.harness.origin().to_owned();
    tokio::task::spawn_blocking(move || -> Result<Vec<Value>> {
        // A request of its own, which comes last.
        let mark = format!("/stories?{}", SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?.as_nanos());
        let _ = ureq::get(format!("{origin}{mark}")).call()?.body_mut().read_to_vec()?;
        let mut entries = Vec::new();
        let lines = BufReader::new(ureq::get(format!("{origin}/log")).call()?.into_body().into_reader()).lines();
        for line in lines {
            if let Some(entry) = line?.strip_prefix("data:") {
                let entry: Value = serde_json::from_str(entry)?;
                if entry["path"] == *mark {
                    return Ok(entries);
                }
                entries.push(entry);
            }
        }
        bail!("the log ends")
    })
    .await?
}

/// Waits until the harness has seen so many of such requests end, and answers when they came.
pub(crate) async fn logged(bench: &Bench, count: usize, wanted: &dyn Fn(&Value) -> bool) -> Result<Vec<Timestamp>> {
    let begun = Instant::now();
    loop {
        let entries = log(bench).await?;
        let times =
            entries.iter().filter(|entry| wanted(entry)).filter_map(|entry| entry["time"].as_str()?.parse().ok());
        let times: Vec<Timestamp> = times.collect();
        if times.len() >= count {
            return Ok(times);
        }
        ensure!(begun.elapsed() < PATIENCE, "it saw {} such requests end, not {count}: {entries:?}", times.len());
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
}

/// Bursts of failures: the delays grow and are drawn, and the first good answer brings the base pace back.
pub(crate) async fn bursts_are_waited_out(bench: &Bench) -> Result<()> {
    const BURSTS: [(&str, usize); 5] = [("500", 1), ("502", 5), ("503", 50), ("504", 50), ("404", 50)];
    publish(bench, "First", 1).await?;
    let card = |(name, _)| {
        let src = format!("{}{}", bench.harness.origin(), path(name));
        format!("<live-article id=\"f{name}\" src=\"{src}\" interval=\"60\" view=\"badge\"></live-article>")
    };
    bench.open(&format!("{TAG}{}", BURSTS.map(card).concat())).await?;
    bench.until("[...document.querySelectorAll('live-article')].every(card => card.status === 'live')").await?;
    bench
        .eval(
            "window.waits = {};
             addEventListener('live-article-error', ({ target, detail }) => (waits[target.id] ??= []).push(detail.retryIn), true);
             window.burst = async (card, many) => {
               for (let at = 0; at < many; at++) await card.refresh();
               return waits[card.id]?.splice(0) ?? [];
             };",
        )
        .await?;
    for (name, many) in BURSTS {
        let fault = |times: usize| {
            let wish = json!({ "fault": name, "times": times }).to_string();
            send(bench, "PUT", vec![(format!("/faults{}", path(name)), wish)])
        };
        let burst = async |many: usize| -> Result<Vec<f64>> {
            let waits = bench.eval_async(&format!("burst(f{name}, {many})")).await?;
            Ok(waits.as_array().into_iter().flatten().filter_map(Value::as_f64).collect())
        };
        fault(many).await?;
        let waits = burst(many).await?;
        ensure!(waits.len() == many, "{name}: {} of {many} are said", waits.len());
        for (at, &wait) in waits.iter().enumerate() {
            // Drawn from the floor to the interval, twice that, four times, and ten minutes at most.
            let most = (60.0 * f64::from(1 << at.min(8))).min(600.0);
            ensure!(wait > 4.0 && wait <= most, "{name}: after failure {}, the next poll is in {wait} s", at + 1);
        }
        if many == 50 {
            // One in 10¹⁶ runs would draw forty of them from less than half.
            ensure!(waits.iter().any(|&wait| wait > 240.0), "{name}: the delays do not grow: {waits:?}");
            let whole: HashSet<_> = waits.iter().map(|wait| wait.round() as u32).collect();
            ensure!(whole.len() > 10, "{name}: the delays are not drawn: {waits:?}");
        }
        let none = burst(1).await?;
        ensure!(none.is_empty(), "{name}: the fault is over, and it fails: {none:?}");
        bench.expect(&format!("f{name}.status"), json!("live")).await?;
        fault(1).await?;
        let first = burst(1).await?;
        ensure!(first.len() == 1 && first[0] <= 60.0, "{name}: the base pace is not back: {first:?}");
    }
    bench.quiet(0).await
}

const NAMES: [&str; 10] = ["204", "205", "304", "410", "451", "429", "alternating", "stale", "same-time", "other-time"];

/// Ends, withdrawals and copies that are behind: what a card makes of answers that follow one another.
pub(crate) async fn an_end_is_one_until_it_is_taken_back(bench: &Bench) -> Result<()> {
    let publish = |headline: &'static str, hour: u32| {
        send(bench, "PUT", NAMES.iter().map(|name| (path(name), version(name, headline, hour).to_string())).collect())
    };
    publish("First", 1).await?;
    let mut cards = String::new();
    for name in NAMES {
        let interval = if matches!(name, "410" | "451" | "429") { 5 } else { 86_400 };
        let src = format!("{}{}", bench.harness.origin(), path(name));
        write!(
            cards,
            "<live-article id=\"f{name}\" src=\"{src}\" interval=\"{interval}\" updates=\"auto\" view=\"card\"><p>A copy.</p></live-article>"
        )?;
    }
    bench.open(&format!("{TAG}{cards}")).await?;
    bench.eval("window.cards = [...document.querySelectorAll('live-article')]; window.shown = id => text('headline', document.getElementById(id))").await?;
    bench.until("cards.every(card => card.status === 'live')").await?;
    publish("Second", 2).await?;
    let refresh = |id: &str| format!("document.getElementById('{id}').refresh()");
    for id in ["falternating", "fstale", "fsame-time", "fother-time"] {
        bench.eval_async(&refresh(id)).await?;
        bench.expect(&format!("shown('{id}')"), json!("Second")).await?;
    }
    let on = |name: &&str| (format!("/faults{}", path(name)), json!({ "fault": name }).to_string());
    send(bench, "PUT", NAMES.iter().map(on).collect()).await?;
    bench.eval("seen.events.length = 0").await?;
    let begun = Timestamp::now();
    for _ in 0..4 {
        bench.eval_async(&refresh("falternating")).await?;
    }
    bench
        .eval_async("Promise.all(cards.filter(card => card.id !== 'falternating').map(card => card.refresh()))")
        .await?;

    // Two caches, one of them behind: the newest stays, and nothing flaps.
    let of = |name: &str, event: &str| {
        format!(
            "seen.events.filter(({{ event, detail }}) => event === '{event}' && (detail.url ?? detail.article?.id ?? '').includes('{name}')).length"
        )
    };
    for name in ["alternating", "stale"] {
        bench.expect(&format!("shown('f{name}')"), json!("Second")).await?;
        bench.expect(&of(name, "update"), json!(0)).await?;
        let reason = format!(
            "seen.events.find(({{ event, detail }}) => event === 'error' && detail.url.includes('{name}'))?.detail.reason"
        );
        bench.expect(&reason, json!("older")).await.context(name)?;
    }
    bench.expect(&of("alternating", "error"), json!(2)).await?;
    // Content decides; the badge follows the time.
    bench.expect("shown('fsame-time')", json!("Second (again)")).await?;
    bench
        .expect("new Date(document.getElementById('fother-time').article.modified) > new Date('2020')", json!(true))
        .await?;
    // Neither a document nor a failure.
    for name in ["205", "304"] {
        bench.expect(&of(name, "error"), json!(0)).await.context(name)?;
        let id = format!("f{name}");
        bench
            .expect(&format!("[document.getElementById('{id}').status, shown('{id}')]"), json!(["live", "First"]))
            .await?;
    }
    // No more updates, says the server; until somebody asks it again.
    bench
        .expect("[f204.status, shown('f204'), text('status', f204)]", json!(["ended", "First", "updates have ended"]))
        .await?;
    // Gone, and an interval later still.
    for card in ["f410", "f451"] {
        bench.until(&format!("{card}.status === 'withdrawn'")).await?;
        bench
            .expect(
                &format!(
                    "[shown('{card}'), {card}.childElementCount, !!part('notice', {card}), text('status', {card})]"
                ),
                json!([null, 0, true, "withdrawn by the publisher"]),
            )
            .await?;
    }
    // Told to come back in seven seconds, it asks no sooner; an interval of its own is over before that.
    let told = |entry: &Value| {
        let time = entry["time"].as_str().and_then(|time| time.parse::<Timestamp>().ok());
        entry["fault"] == "429" && time.is_some_and(|time| time >= begun)
    };
    let asked = logged(bench, 2, &told).await?;
    for pair in asked.windows(2) {
        let gap = pair[1].duration_since(pair[0]);
        ensure!(gap.as_secs_f64() >= 6.99, "told to come back in 7 s, it is back in {gap:?}");
    }

    let off = |name: &&str| (format!("/faults{}", path(name)), String::new());
    send(bench, "DELETE", NAMES.iter().map(off).collect()).await?;
    bench.eval_async("Promise.all([f204, f410, f451].map(card => card.refresh()))").await?;
    bench.until("[f204, f410, f451].every(card => card.status === 'live' && shown(card.id) === 'Second')").await?;
    bench.quiet(0).await
}

/// What a policy forbids is a failure like another, and told to the console once.
pub(crate) async fn a_policy_is_told_once(bench: &Bench) -> Result<()> {
    let src = format!("{}/stories/ferry.jsonld", bench.harness.origin());
    let policy = [("content-security-policy", "connect-src 'self'")];
    bench
        .open_with(
            &format!("{TAG}<live-article src=\"{src}\"><p id=\"copy\">A copy.</p></live-article><live-article src=\"{src}?2\"></live-article>"),
            &policy,
        )
        .await?;
    bench
        .until(
            "seen.events.filter(({ event, detail }) => event === 'error' && detail.reason === 'network').length >= 2",
        )
        .await?;
    bench.eval_async("card().refresh()").await?;
    // From an interval of thirty seconds; the second one from twice that.
    bench
        .expect(
            "seen.events.filter(({ event, detail }) => event === 'error' && !(detail.retryIn > 4 && detail.retryIn <= 60))",
            json!([]),
        )
        .await?;
    bench.expect("document.getElementById('copy').checkVisibility()", json!(true)).await?;
    bench.quiet(1).await?;
    bench
        .expect(
            "seen.warnings[0].includes('connect-src') && seen.warnings[0].includes('/stories/ferry.jsonld')",
            json!(true),
        )
        .await
}

/// The site behind TLS, with a certificate that it made itself; `/down` leads out of it.
fn secure(site: &str, keys: &Path) -> Result<Nginx> {
    debian(&[("openssl", "openssl")])?;
    let [key, certificate] = ["key.pem", "certificate.pem"].map(|name| keys.join(name).display().to_string());
    run(Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"])
        .args(["-subj", "/CN=paper.test", "-keyout", &key, "-out", &certificate])
        .stderr(Stdio::null()))?;
    let tls = format!(
        "ssl_certificate {certificate};\nssl_certificate_key {key};\n\
         location = /down {{ add_header Access-Control-Allow-Origin * always; return 302 {site}/story.jsonld; }}\n\
         location / {{ proxy_pass {site}; }}\n"
    );
    let changes = [
        (";\n    root /srv/paper;", &*format!(" ssl;\n{tls}")),
        ("/var/log/nginx/page-views.log", "{folder}/views.log"),
    ];
    Nginx::start("static.conf", &changes)
}

/// A secure page reads no feed in the clear, and a secure feed that leads to one is a failure.
pub(crate) async fn what_is_secure_is_not_read_in_the_clear(bench: &Bench) -> Result<()> {
    let (site, keys) = (bench.site.url(""), tempfile::tempdir()?);
    let folder = keys.path().to_owned();
    let nginx = {
        let site = site.clone();
        tokio::task::spawn_blocking(move || secure(&site, &folder)).await??
    };
    let secure = format!("https://paper.test:{}", nginx.port());
    let mut answer =
        Answer::new("application/ld+json", story("Ferry back", "2016-07-27T10:00:00Z", &["One."]).to_string());
    answer.headers.push(("Access-Control-Allow-Origin".into(), "*".into()));
    bench.site.put("/story.jsonld", answer);
    let card = |src: &str| format!("{TAG}<live-article src=\"{src}\"><p>A copy.</p></live-article>");
    let failed = "seen.events.some(({ event }) => event === 'error')";
    let kept = "[document.querySelector('live-article').article, seen.events.find(({ event }) => event === 'error').detail.reason]";

    bench.open(&card(&format!("{secure}/story.jsonld"))).await?;
    bench.until("document.querySelector('live-article').article?.headline === 'Ferry back'").await?;
    bench.quiet(0).await?;

    bench.open(&card(&format!("{secure}/down"))).await?;
    bench.until(failed).await?;
    bench.expect(kept, json!([null, "network"])).await?;
    bench.quiet(1).await?;

    // By a name that is not this machine's: those are as good as secure.
    bench.open(&card(&format!("{}/story.jsonld", site.replace("127.0.0.1", "feeds.test")))).await?;
    bench.visit(&format!("{secure}/page.html")).await?;
    bench.until(failed).await?;
    bench.expect(kept, json!([null, "network"])).await?;
    bench.expect("location.protocol", json!("https:")).await?;
    // The browser's own words are no console call of a script's.
    bench.quiet(1).await
}

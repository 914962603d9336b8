//! What the card costs a page: the bench in the visitor's own browser, what hours leave behind, and a poll that brings
//! nothing.

use std::fs;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use www::bench::soak;
use www::browser::Engine;
use www::setup;

use crate::bench::Bench;
use crate::faults::logged;
use crate::site::Answer;

pub(crate) async fn the_bench_runs_in_the_visitors_browser(bench: &Bench) -> Result<()> {
    bench.resize(1280, 900).await?;
    bench.visit(&format!("{}/bench?blocks=10&rounds=1", bench.harness.origin())).await?;
    bench.until("document.querySelector('form#start button') && customElements.get('live-article')").await?;
    bench.eval("document.querySelector('form#start button').click()").await?;
    bench.until("['Done', 'It '].some(word => document.querySelector('output').value.startsWith(word))").await?;
    bench.expect("document.querySelector('output').value", json!("Done.")).await?;
    bench.expect("document.querySelector('progress').value", json!(1)).await?;
    bench
        .expect(
            "[...document.querySelectorAll('#result tbody tr')].map(row => row.cells.length)",
            json!([10, 10, 10, 10, 10]),
        )
        .await?;
    bench
        .expect(
            "[...document.querySelectorAll('#result td')].every(cell => parseFloat(cell.textContent) >= 0)",
            json!(true),
        )
        .await?;
    for width in [1280, 360] {
        bench.resize(width, 900).await?;
        bench.expect("document.documentElement.scrollWidth <= innerWidth", json!(true)).await?;
        // What axe judges is the same everywhere.
        if bench.engine == Engine::Chromium {
            let script = setup::npm_tools()?.join("../axe-core/axe.min.js");
            let script = fs::read_to_string(&script).with_context(|| format!("cannot read {}", script.display()))?;
            bench.eval(&script).await?;
            let found = bench
                .eval_async(
                    "axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ' ' + nodes[0].html))",
                )
                .await?;
            ensure!(found == json!([]), "at {width}: {found:#}");
        }
    }
    Ok(())
}

pub(crate) async fn hours_leave_nothing_behind_and_a_leak_would_be_seen(bench: &Bench) -> Result<()> {
    bench.site.put("/soak.js", Answer::new("text/javascript", soak::SCRIPT));
    // Without the script that notes what a page sees: it keeps every event.
    let page = "<!doctype html><meta charset=\"utf-8\"><title>A day</title><script src=\"/soak.js\"></script>\
                <script async src=\"/pkg/embed.js\"></script><body></body>";
    bench.site.put("/soak.html", Answer::new("text/html; charset=utf-8", page));
    bench.visit(&bench.site.url("/soak.html")).await?;
    let plan = soak::Plan { warm_up: 1.0, stretch: 0.25, samples: 4, planted: 0.02 };
    let report =
        soak::run(&async |command, parameters| bench.devtools(command, parameters).await, plan, &|_| ()).await?;
    ensure!(report.requests > 500, "{} requests in two hours", report.requests);
    soak::judge(&report)
}

/// Ten polls that bring nothing, counted from when the page has come to rest.
pub(crate) async fn a_poll_that_brings_nothing_costs_nothing(bench: &Bench) -> Result<()> {
    // A time without a zone: each reading of the document asks `Intl` what it means in this one, so that readings can
    // be counted from outside.
    let document = |text: &str, modified: &str| {
        json!({"@type": "NewsArticle", "headline": "Ferry back", "dateModified": modified, "articleBody": format!("<p>{text}</p>")})
            .to_string()
    };
    bench.site.put("/idle.js", Answer::new("text/javascript", IDLE));
    bench
        .open(
            "<script src=\"/idle.js\"></script><script async src=\"/pkg/embed.js\"></script>\
             <live-article updates=\"auto\" source-time-zone=\"Asia/Kathmandu\" src=\"/idle.jsonld\"></live-article>",
        )
        .await?;
    bench.until("customElements.get('live-article')").await?;
    for etag in [false, true] {
        let publish = |document: &str| format!("idle.body = {}; idle.etag = {etag}", json!(document));
        // Never older than what is shown: that would be refused.
        let hour = if etag { 12 } else { 10 };
        bench.eval(&publish(&document("One.", &format!("2016-07-27T{hour}:00:00")))).await?;
        bench.eval_async("card().refresh()").await?;
        bench.until("card().article").await?;
        bench.eval_async("card().refresh()").await?;
        bench.eval("idle.begin(card())").await?;
        let told = bench
            .eval_async(
                "(async () => { for (let poll = 0; poll < 10; poll++) await card().refresh(); return idle.end(); })()",
            )
            .await?;
        ensure!(
            told == json!({"asked": 10, "bodies": !etag, "readings": 0, "mutations": [], "memory": 0}),
            "with an ETag: {etag}, {told}"
        );
        // What is counted can be seen: a new version is read once, and changes the page.
        let next = document(&format!("Two, {etag}."), &format!("2016-07-27T{}:00:00", hour + 1));
        bench.eval(&publish(&next)).await?;
        bench.eval("idle.version++; idle.begin(card())").await?;
        bench.eval_async("card().refresh()").await?;
        bench.until(&format!("part('body').textContent.includes('Two, {etag}.')")).await?;
        let told = bench.eval("return idle.end()").await?;
        ensure!(
            told["readings"].as_u64() > Some(0) && told["mutations"] != json!([]),
            "a new version with an ETag: {etag}, {told}"
        );
    }
    bench.quiet(0).await
}

/// What a server may answer to who has the document already: each is neither read nor shown, however it is told.
pub(crate) async fn what_is_known_is_not_read_again(bench: &Bench) -> Result<()> {
    // The first one is asked for under its ETag, and the browser's cache is told that it still holds.
    const FAULTS: [&str; 7] = ["", "same-etag", "same-bytes", "no-validators", "205", "304", "stale"];
    let path = |fault: &str| format!("/stories/known-{fault}x.jsonld");
    let publish = async |hour: u32| {
        for fault in FAULTS {
            // See above for the time.
            let document = json!({
                "@type": "NewsArticle", "headline": format!("Ferry back at {hour}"),
                "dateModified": format!("2016-07-27T{hour}:00:00"), "articleBody": "<p>One.</p>",
            });
            ask(bench, "PUT", &path(fault), document.to_string()).await?;
        }
        anyhow::Ok(())
    };
    let cards = FAULTS.map(|fault| {
        let src = format!("{}{}", bench.harness.origin(), path(fault));
        format!("<live-article updates=\"auto\" interval=\"86400\" source-time-zone=\"Asia/Kathmandu\" src=\"{src}\"></live-article>")
    });
    publish(10).await?;
    publish(11).await?;
    bench.site.put("/idle.js", Answer::new("text/javascript", IDLE));
    bench
        .open(&format!(
            "<script src=\"/idle.js\"></script><script async src=\"/pkg/embed.js\"></script>{}",
            cards.concat()
        ))
        .await?;
    bench.eval("window.cards = [...document.querySelectorAll('live-article')]").await?;
    bench.until("cards.every(card => card.article?.headline === 'Ferry back at 11')").await?;
    let refresh = "Promise.all(cards.map(card => card.refresh()))";
    for fault in &FAULTS[1..] {
        ask(bench, "PUT", &format!("/faults{}", path(fault)), json!({ "fault": fault }).to_string()).await?;
    }
    // By an ETag that is the same from now on; and what is older has to be read once to be known for that.
    bench.eval_async(refresh).await?;
    bench.eval("seen.events.length = 0; idle.begin(...cards)").await?;
    for _ in 0..3 {
        bench.eval_async(refresh).await?;
    }
    let told = bench.eval("return idle.end()").await?;
    ensure!(told["readings"] == 0 && told["mutations"] == json!([]), "{told}");
    let unchanged = |entry: &Value| entry["path"] == "/stories/known-x.jsonld" && entry["status"] == 304;
    // WebKit keeps no cache while a test drives it.
    if bench.engine != Engine::Webkit {
        logged(bench, 3, &unchanged).await.context("the browser's cache is not told that it still holds")?;
    }
    let heard = bench.eval("return seen.events.map(({ event, detail }) => [event, detail.reason])").await?;
    ensure!(heard == json!([["error", "older"], ["error", "older"], ["error", "older"]]), "{heard}");
    // What is counted can be seen: a new version is read once a card, and shown.
    for fault in &FAULTS[1..] {
        ask(bench, "DELETE", &format!("/faults{}", path(fault)), String::new()).await?;
    }
    publish(12).await?;
    bench.eval("idle.begin(...cards)").await?;
    bench.eval_async(refresh).await?;
    bench.until("cards.every(card => text('headline', card) === 'Ferry back at 12')").await?;
    let told = bench.eval("return idle.end()").await?;
    ensure!(told["readings"].as_u64() >= Some(7) && told["mutations"] != json!([]), "new versions: {told}");
    bench.quiet(0).await
}

/// Sends the harness a request past the browser.
async fn ask(bench: &Bench, method: &'static str, path: &str, body: String) -> Result<()> {
    let url = format!("{}{path}", bench.harness.origin());
    tokio::task::spawn_blocking(move || -> Result<()> {
        match method {
            "PUT" => ureq::put(&url).send(body).map(drop),
            _ => ureq::delete(&url).call().map(drop),
        }
        .with_context(|| format!("{method} {url}"))
    })
    .await?
}

/// Plays the network of one document, and counts what a poll does.
const IDLE: &str = "
'use strict';
var idle = (() => {
  const network = fetch.bind(globalThis);
  let counted;
  const memories = [];
  const Instance = WebAssembly.Instance;
  WebAssembly.Instance = function (module, imports) {
    const instance = new Instance(module, imports);
    for (const it of Object.values(instance.exports)) if (it instanceof WebAssembly.Memory) memories.push(it);
    return instance;
  };
  const memory = () => memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
  for (const name of ['format', 'formatToParts']) {
    const Format = Intl.DateTimeFormat.prototype;
    const own = Object.getOwnPropertyDescriptor(Format, name);
    // With seconds: as it is shown it has none.
    const count = format => {
      const { timeZone, second } = format.resolvedOptions();
      if (counted && second && /Kath?mandu/.test(timeZone)) counted.readings++;
    };
    Object.defineProperty(Format, name, own.get
      ? { ...own, get() { count(this); return own.get.call(this); } }
      : { ...own, value(...of) { count(this); return own.value.apply(this, of); } });
  }
  const idle = {
    version: 0,
    begin(...cards) {
      counted = { asked: 0, bodies: false, readings: 0, mutations: [], memory: memory() };
      // The badge's clock runs by itself; all else must not be touched.
      const own = node => (node.parentElement ?? node).closest?.('.line');
      idle.observer = new MutationObserver(records => counted.mutations.push(...records.filter(({ target }) => !own(target)).map(({ type, target }) => type + ' ' + target.nodeName)));
      for (const root of cards.flatMap(card => [card, card.shadowRoot])) idle.observer.observe(root, { subtree: true, childList: true, attributes: true, characterData: true });
    },
    end() {
      idle.observer.disconnect();
      const told = { ...counted, memory: memory() - counted.memory };
      counted = null;
      return told;
    },
  };
  globalThis.fetch = async (input, init) => {
    if (!String(input.url ?? input).endsWith('/idle.jsonld')) return network(input, init);
    if (counted) counted.asked++;
    const response = new Response(idle.body, { headers: idle.etag ? { etag: '\"' + idle.version + '\"' } : {} });
    const body = response.body;
    Object.defineProperty(response, 'body', { get() { if (counted) counted.bodies = true; return body; } });
    for (const name of ['arrayBuffer', 'bytes', 'text'])
      response[name] = () => { if (counted) counted.bodies = true; return Response.prototype[name].call(response); };
    return response;
  };
  return idle;
})();
";

//! What the card costs a page: the bench in the visitor's own browser, what hours leave behind, and a poll that brings
//! nothing.

use std::fs;

use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use www::bench::soak;
use www::browser::Engine;
use www::setup;

use crate::bench::Bench;
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
        // Never older than what is shown: that would be refused, and read again each time.
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
    begin(card) {
      counted = { asked: 0, bodies: false, readings: 0, mutations: [], memory: memory() };
      // The badge's clock runs by itself; all else must not be touched.
      const own = node => (node.parentElement ?? node).closest?.('.line');
      idle.observer = new MutationObserver(records => counted.mutations.push(...records.filter(({ target }) => !own(target)).map(({ type, target }) => type + ' ' + target.nodeName)));
      for (const root of [card, card.shadowRoot]) idle.observer.observe(root, { subtree: true, childList: true, attributes: true, characterData: true });
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

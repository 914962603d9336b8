//! How a card begins where the server has begun already: on its own copy, on a declarative shadow tree, on the page itself.

use std::fs;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use www::browser::Engine;
use www::{render, setup};

use crate::bench::Bench;
use crate::site::{Answer, story};

const STORY: &str = "/stories/ferry.jsonld";

/// A story of the paper's, and the copy that `render` prints of it, without the script.
fn copy(bench: &Bench) -> Result<String> {
    let stories = setup::root().join("www/stories");
    let text = fs::read_to_string(stories.join("ferry.jsonld"))?;
    bench.site.put(STORY, Answer::new("application/ld+json", text.clone()));
    let copy = render::copy(&text, &bench.site.url(STORY), STORY, "/pkg")?;
    let (script, copy) = copy.split_once("</script>").context("the copy begins with no script")?;
    ensure!(script.contains("/pkg/embed.js"), "the copy's script is {script}");
    Ok(copy.to_owned())
}

/// What the page shows of the shadow tree: where each piece stands.
const PIECES: &str = "var pieces = () => [...card().shadowRoot.querySelectorAll('[part~=headline], [part~=picture], [part~=summary], [part~=paragraph], [part~=time]')]
    .concat(document.getElementById('after'))
    .map(piece => [piece.getAttribute('part') ?? piece.id, piece.getBoundingClientRect()])
    .map(([name, { x, y, width, height }]) => [name, ...[x, y, width, height].map(Math.round)].join(' '));
  var load = () => document.head.append(Object.assign(document.createElement('script'), { src: '/pkg/embed.js' }));";

pub(crate) async fn the_servers_copy_is_taken_over_without_a_shift(bench: &Bench) -> Result<()> {
    for width in [360, 1000] {
        let copy = copy(bench)?;
        bench.site.put("/pieces.js", Answer::new("text/javascript", PIECES));
        bench.resize(width, 900).await?;
        bench.open(&format!("<script src=\"/pieces.js\"></script>{copy}<p id=\"after\">After it.</p>")).await?;
        // Its style has come.
        bench
            .until("document.readyState === 'complete' && getComputedStyle(part('headline')).marginTop === '0px'")
            .await?;
        let before = settled(bench).await?;
        ensure!(before.as_array().is_some_and(|pieces| pieces.len() > 5), "the copy shows {before}");
        bench.eval("load()").await?;
        bench.until("card().status === 'live' && card().shadowRoot.adoptedStyleSheets.length > 0").await?;
        let after = settled(bench).await?;
        ensure!(before == after, "at {width} pixels the pieces stood at {before} and stand at {after}");
        bench.quiet(0).await?;
        bench.leave().await?;
    }
    bench.resize(1280, 1024).await?;
    if bench.engine == Engine::Chromium {
        // The harness's own page, by the browser's own measure.
        bench.visit(&format!("{}/server-copy", bench.harness.origin())).await?;
        bench.until("document.querySelector('live-article')?.status === 'live'").await?;
        let shifts = "new Promise(done => {
            const observer = new PerformanceObserver(() => {});
            observer.observe({ type: 'layout-shift', buffered: true });
            requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() =>
                done(observer.takeRecords().reduce((sum, shift) => sum + shift.value, 0)))));
        })";
        let shift = bench.eval_async(shifts).await?;
        ensure!(shift.as_f64().is_some_and(|shift| shift < 0.001), "/server-copy shifts by {shift}");
    }
    Ok(())
}

/// Where the pieces stand once that is the same in two pictures.
async fn settled(bench: &Bench) -> Result<Value> {
    let drawn = "new Promise(done => requestAnimationFrame(() => setTimeout(() => done(pieces()))))";
    let mut last = Value::Null;
    loop {
        let next = bench.eval_async(drawn).await?;
        if next == last {
            return Ok(next);
        }
        last = next;
    }
}

pub(crate) async fn a_shadow_tree_of_the_servers_is_honoured(bench: &Bench) -> Result<()> {
    let feed =
        || bench.site.put("/story.jsonld", Answer::json(&story("Ferry back", "2016-07-27T10:00:00Z", &["One."])));
    // An open one becomes the card's; nothing of it is doubled, and what held on to it holds the card.
    feed();
    let page = |mode: &str| {
        format!(
            "<live-article src=\"/story.jsonld\"><template shadowrootmode=\"{mode}\"><h2 part=\"headline\">From the server</h2>\
             <slot></slot></template><p id=\"copy\">The server's own copy.</p></live-article>"
        )
    };
    bench.open(&page("open")).await?;
    bench.expect("text('headline')", json!("From the server")).await?;
    bench.eval("window.tree = card().shadowRoot; document.head.append(Object.assign(document.createElement('script'), { src: '/pkg/embed.js' }))").await?;
    bench.until("card().status === 'live'").await?;
    bench.expect("tree === card().shadowRoot", json!(true)).await?;
    bench
        .expect(
            "[...tree.querySelectorAll('[part~=headline]')].map(piece => piece.textContent.trim())",
            json!(["Ferry back"]),
        )
        .await?;
    bench.quiet(0).await?;
    // Until then, and where the feed is down, it stands.
    bench.site.put("/story.jsonld", Answer::failure(503));
    bench.open(&format!("<script async src=\"/pkg/embed.js\"></script>{}", page("open"))).await?;
    bench.until("seen.events.some(({ event }) => event === 'error')").await?;
    bench.expect("text('headline')", json!("From the server")).await?;
    // A closed one too, and it stays closed: the copy stands in no slot of the card's.
    feed();
    bench.open(&format!("<script async src=\"/pkg/embed.js\"></script>{}", page("closed"))).await?;
    bench.until("card().status === 'live'").await?;
    bench.expect("card().shadowRoot", json!(null)).await?;
    bench.expect("document.getElementById('copy').checkVisibility()", json!(false)).await?;
    bench.quiet(0).await
}

pub(crate) async fn without_src_the_page_itself_is_polled(bench: &Bench) -> Result<()> {
    let asked = "performance.getEntriesByType('resource').filter(({ initiatorType }) => initiatorType === 'fetch')
        .map(({ name }) => new URL(name)).filter(({ pathname }) => pathname.endsWith('.html')).map(({ pathname, search }) => pathname + search)";
    let page = |link: &str| {
        let document = story("The page's own story", "2016-07-27T10:00:00Z", &["One."]);
        format!(
            "<!doctype html><html lang=\"en-US\"><head><script src=\"/watch.js\"></script><title>A page</title>{link}\
             <script type=\"application/ld+json\">{document}</script></head>\
             <body><script async src=\"/pkg/embed.js\"></script><live-article><p>The copy.</p></live-article></body></html>"
        )
    };
    for (link, polled) in [
        // Its own address, without what tells where a reader came from.
        ("", "/story.html?id=7"),
        ("<link rel=\"canonical\" href=\"/the/story.html\">", "/the/story.html"),
        // Another origin's answers are not the page's.
        ("<link rel=\"canonical\" href=\"https://elsewhere.example/story.html\">", "/story.html?id=7"),
    ] {
        for path in ["/story.html", "/the/story.html"] {
            bench.site.put(path, Answer::new("text/html; charset=utf-8", page(link)));
        }
        bench.visit(&bench.site.url("/story.html?utm_source=mail&id=7&fbclid=x&gclid=y#b")).await?;
        bench.until("card()?.status === 'live'").await?;
        bench.expect("text('headline')", json!("The page's own story")).await?;
        bench.expect(asked, json!([polled])).await?;
        bench.quiet(0).await?;
        bench.leave().await?;
    }
    Ok(())
}

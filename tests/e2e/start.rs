//! How a card begins: beside its module, and where the server has begun already, on its own copy, on a declarative shadow
//! tree, on the page itself.

use std::fs;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use www::browser::Engine;
use www::{render, setup};

use crate::bench::Bench;
use crate::poll::TAG;
use crate::site::{Answer, module, packed, story};

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

/// The paths of what was asked for before the module had come, in order, but for the package's scripts.
const EARLY: &str = "(() => {
    const all = performance.getEntriesByType('resource').filter(({ initiatorType }) => initiatorType === 'fetch');
    const end = all.find(({ name }) => name.endsWith('.wasm')).responseEnd;
    return all.filter(({ name, startTime }) => !name.endsWith('.wasm') && startTime < end).map(({ name }) => new URL(name).pathname);
})()";

/// A module that takes so long that what is asked for beside it has begun by then; a story with a title of its own.
fn slow(bench: &Bench, paths: &[&str]) -> Result<()> {
    let module = module()?;
    let wasm = packed(module.trim_start_matches("/pkg/"))?;
    bench.site.put(&module, Answer { late: Duration::from_millis(600), ..wasm });
    for path in paths {
        bench.site.put(path, Answer::json(&story(path, "2016-07-27T10:00:00Z", &["One."])));
    }
    Ok(())
}

async fn live(bench: &Bench) -> Result<()> {
    bench
        .until("card()?.status === 'live' && [...document.querySelectorAll('live-article:not([paused])')].every(({ status }) => status === 'live')")
        .await
}

/// The story, and the texts of the page's language, come beside the module, once.
pub(crate) async fn the_story_is_asked_for_beside_the_module(bench: &Bench) -> Result<()> {
    let card = |path: &str| format!("<live-article src=\"{path}\"></live-article>");
    for (page, early) in [
        (
            "<script async src=\"/pkg/embed.js\" data-src=\"/1.jsonld\" data-lang=\"de\"></script>".to_owned(),
            json!(["/pkg/lang/de.txt", "/1.jsonld"]),
        ),
        // What is parsed after the script has run.
        (
            format!(
                "<script src=\"/pkg/embed.js\"></script>{0}{0}<script type=\"module\" src=\"/pkg/index.js\"></script>",
                card("/1.jsonld")
            ),
            json!(["/1.jsonld"]),
        ),
        (
            format!("<script type=\"module\" src=\"/pkg/index.js\"></script>{0}", card("/1.jsonld#b")),
            json!(["/1.jsonld"]),
        ),
        // As many as ever.
        (
            format!("{}{TAG}", ["/1.jsonld", "/2.jsonld", "/3.jsonld", "/4.jsonld", "/5.jsonld"].map(card).concat()),
            json!(["/1.jsonld", "/2.jsonld", "/3.jsonld", "/4.jsonld"]),
        ),
    ] {
        let paths = ["/1.jsonld", "/2.jsonld", "/3.jsonld", "/4.jsonld", "/5.jsonld"];
        slow(bench, &paths)?;
        bench.open(&page).await?;
        live(bench).await?;
        bench.expect(EARLY, early).await.context(page)?;
        bench.expect("seen.events.every(({ event }) => event !== 'error')", json!(true)).await?;
        let most = paths.map(|path| bench.site.asked(path)).into_iter().max();
        ensure!(most == Some(1), "a story is asked for {most:?} times");
        bench.quiet(0).await?;
        bench.leave().await?;
    }
    Ok(())
}

/// Nothing goes ahead that the module might not ask for, and what has waited for it too long is asked for again.
pub(crate) async fn what_goes_ahead_is_what_the_module_asks_for(bench: &Bench) -> Result<()> {
    slow(bench, &["/own.jsonld", "/paused.jsonld", "/other.jsonld", "/set.jsonld"])?;
    let set = "card().src = '/set.jsonld'; card().nextElementSibling.paused = true;";
    bench.site.put("/before.js", Answer::new("text/javascript", set));
    bench
        .open(&format!(
            "<live-article src=\"/other.jsonld\"></live-article><live-article src=\"/paused.jsonld\"></live-article>\
             <script src=\"/before.js\"></script>{TAG}<live-article paused src=\"/paused.jsonld\"></live-article>\
             <live-article src=\"/own.jsonld\"></live-article>"
        ))
        .await?;
    live(bench).await?;
    bench.expect(EARLY, json!(["/own.jsonld"])).await?;
    for (path, times) in [("/own.jsonld", 1), ("/paused.jsonld", 0), ("/other.jsonld", 0), ("/set.jsonld", 1)] {
        ensure!(bench.site.asked(path) == times, "{path} is asked for {} times", bench.site.asked(path));
    }
    bench.quiet(0).await?;
    bench.leave().await?;

    // Whoever waits ten seconds for the module.
    slow(bench, &["/story.jsonld"])?;
    let quick = "const later = setTimeout; window.setTimeout = (call, wait) => {
        window.setTimeout = wait === 10000 ? later : setTimeout;
        return later(call, wait === 10000 ? 0 : wait);
    };";
    bench.site.put("/before.js", Answer::new("text/javascript", quick));
    bench
        .open(&format!("<script src=\"/before.js\"></script>{TAG}<live-article src=\"/story.jsonld\"></live-article>"))
        .await?;
    live(bench).await?;
    bench.expect("seen.events.map(({ event }) => event).includes('error')", json!(false)).await?;
    bench.quiet(0).await?;
    bench.leave().await?;

    // The server's clock has gone on meanwhile.
    slow(bench, &[])?;
    let mut answer = Answer::json(&story("Ferry back", "2016-07-27T10:00:00Z", &["One."]));
    answer.headers.push(("date".to_owned(), "Wed, 27 Jul 2016 10:00:56 GMT".to_owned()));
    bench.site.put("/story.jsonld", answer);
    let wait = "const { now } = Date; const { compile } = WebAssembly;
        WebAssembly.compile = bytes => { Date.now = () => now() + 8000; return compile(bytes); };";
    bench.site.put("/before.js", Answer::new("text/javascript", wait));
    bench
        .open(&format!("<script src=\"/before.js\"></script>{TAG}<live-article src=\"/story.jsonld\"></live-article>"))
        .await?;
    live(bench).await?;
    bench.expect("text('time')", json!("1 minute ago")).await?;
    bench.quiet(0).await
}

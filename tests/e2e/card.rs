//! What a card does in a page with the document it polls.

use anyhow::{Result, ensure};
use serde_json::json;
use www::browser::Engine;

use crate::bench::Bench;
use crate::site::{Answer, story};

const PAGE: &str = "<script async src=\"/pkg/embed.js\"></script>\
                    <live-article src=\"/story.jsonld\"><p id=\"copy\">The server's own copy.</p></live-article>";

const PARAGRAPHS: [&str; 6] =
    ["One ferry.", "Two ferries.", "Three ferries.", "Four ferries.", "Five ferries.", "Six ferries."];

fn publish(bench: &Bench, headline: &str, modified: &str, paragraphs: &[&str]) {
    bench.site.put("/story.jsonld", Answer::json(&story(headline, modified, paragraphs)));
}

pub(crate) async fn the_children_stand_until_the_first_load(bench: &Bench) -> Result<()> {
    publish(bench, "Ferry back", "2016-07-27T10:00:00Z", &PARAGRAPHS);
    bench.site.put(
        "/before.js",
        Answer::new(
            "text/javascript",
            "var before; addEventListener('live-article-load', ({ target }) => { before ??= [target.status, target.article.headline]; }, true);",
        ),
    );
    bench.open(&format!("<script src=\"/before.js\"></script>{PAGE}")).await?;
    bench.until("before").await?;
    bench.expect("before[1]", json!("Ferry back")).await?;
    bench.until("card().status === 'live'").await?;
    bench.expect("text('headline')", json!("Ferry back")).await?;
    bench.expect("card().article.blocks.map(block => block.text)", json!(PARAGRAPHS)).await?;
    // The copy is still the page's, and no longer seen.
    bench.expect("document.getElementById('copy').parentNode === card()", json!(true)).await?;
    bench.expect("document.getElementById('copy').checkVisibility()", json!(false)).await?;
    bench.quiet(0).await
}

pub(crate) async fn the_children_stay_when_the_feed_is_down(bench: &Bench) -> Result<()> {
    for answer in [
        Answer::failure(500),
        Answer::failure(404),
        Answer::new("application/ld+json", "{ \"@type\": \"NewsArticle\", \"headline\": "),
        Answer::new("text/html", "<title>Sign in</title><form></form>"),
        Answer { cut: Some(10), ..Answer::json(&story("Half", "2016-07-27", &["Of it."])) },
    ] {
        bench.site.put("/story.jsonld", answer);
        bench.open(PAGE).await?;
        bench.until("seen.events.some(({ event }) => event === 'error')").await?;
        bench.expect("document.getElementById('copy').checkVisibility()", json!(true)).await?;
        bench.expect("card().article", json!(null)).await?;
        let seen = bench.eval("return seen").await?;
        ensure!(seen["errors"] == json!([]), "the page was thrown {}", seen["errors"]);
        // Back to the pace, and to a card, on the first success.
        publish(bench, "Ferry back", "2016-07-27T10:00:00Z", &PARAGRAPHS);
        bench.eval_async("card().refresh()").await?;
        bench.until("card().status === 'live' && text('headline') === 'Ferry back'").await?;
    }
    Ok(())
}

pub(crate) async fn a_new_version_is_swapped_in(bench: &Bench) -> Result<()> {
    publish(bench, "Ferry back", "2016-07-27T10:00:00Z", &PARAGRAPHS);
    bench.open(PAGE).await?;
    bench.until("card()?.status === 'live'").await?;
    bench.eval("window.nodes = [...part('body').querySelectorAll('[part~=paragraph]')]").await?;
    bench.expect("nodes.length", json!(6)).await?;
    let mut changed = PARAGRAPHS;
    changed[2] = "Three ferries and a tug.";
    publish(bench, "Ferry and tug back", "2016-07-27T11:00:00Z", &changed);
    bench.eval_async("card().refresh()").await?;
    bench.until("text('headline') === 'Ferry and tug back'").await?;
    bench.expect("card().article.blocks[2].text", json!(changed[2])).await?;
    // The changed one may be another node; the five others are the same.
    bench.eval("window.now = [...part('body').querySelectorAll('[part~=paragraph]')]").await?;
    bench.expect("now.flatMap((node, at) => node === nodes[at] || at === 2 ? [] : [at])", json!([])).await?;
    bench.expect("now.length", json!(6)).await?;
    bench.expect("seen.events.filter(({ event }) => event === 'update').length", json!(1)).await?;
    bench.quiet(0).await
}

pub(crate) async fn an_equal_answer_touches_nothing(bench: &Bench) -> Result<()> {
    publish(bench, "Ferry back", "2016-07-27T10:00:00Z", &PARAGRAPHS);
    bench.open(PAGE).await?;
    bench.until("card()?.status === 'live'").await?;
    bench
        .eval(
            "window.writes = []; const watched = { childList: true, characterData: true, attributes: true, subtree: true };
             const note = records => writes.push(...records.filter(({ target }) => !(target.nodeType === 1 ? target : target.parentNode)?.closest('[part~=checked]')).map(({ type, target }) => type + ' ' + target.nodeName));
             new MutationObserver(note).observe(card().shadowRoot, watched); new MutationObserver(note).observe(document, watched);",
        )
        .await?;
    let before = bench.site.asked("/story.jsonld");
    bench.eval_async("card().refresh()").await?;
    bench.eval_async("new Promise(done => setTimeout(done, 100))").await?;
    ensure!(bench.site.asked("/story.jsonld") == before + 1, "it was not asked for again");
    bench.expect("writes", json!([])).await?;
    bench.quiet(0).await
}

pub(crate) async fn the_badge_is_the_articles_time(bench: &Bench) -> Result<()> {
    publish(bench, "Ferry back", "2016-07-27", &PARAGRAPHS);
    bench.open(PAGE).await?;
    bench.until("card()?.status === 'live'").await?;
    bench.expect("part('badge').textContent.includes('Last Updated: 07/27/2016')", json!(true)).await?;
    bench.expect("part('badge').querySelector('time').dateTime.slice(0, 10)", json!("2016-07-27")).await?;
    publish(bench, "Ferry back", "2016-08-01", &PARAGRAPHS);
    bench.eval_async("card().refresh()").await?;
    bench.until("part('badge').textContent.includes('Last Updated: 08/01/2016')").await?;
    bench.quiet(0).await
}

pub(crate) async fn a_property_set_before_the_upgrade_counts(bench: &Bench) -> Result<()> {
    publish(bench, "Ferry back", "2016-07-27T10:00:00Z", &PARAGRAPHS);
    bench.site.put(
        "/before.js",
        Answer::new(
            "text/javascript",
            "var early = document.createElement('live-article'); early.src = '/story.jsonld'; early.headingLevel = 4; early.view = 'card';
             document.body.append(early);",
        ),
    );
    bench.open("<script src=\"/before.js\"></script><script async src=\"/pkg/embed.js\"></script>").await?;
    bench.until("card()?.status === 'live'").await?;
    bench
        .expect(
            "['src', 'heading-level', 'view'].map(name => card().getAttribute(name))",
            json!(["/story.jsonld", "4", "card"]),
        )
        .await?;
    bench.expect("[card().headingLevel, Object.hasOwn(card(), 'src')]", json!([4, false])).await?;
    bench
        .expect(
            "part('headline').closest('h4, [aria-level=\"4\"]') !== null || !!part('headline').querySelector('h4')",
            json!(true),
        )
        .await?;
    bench.quiet(0).await
}

/// Only Chromium lets a test ask for a collection; elsewhere the same page must be quiet.
pub(crate) async fn fifty_removed_leave_none_alive(bench: &Bench) -> Result<()> {
    publish(bench, "Ferry back", "2016-07-27T10:00:00Z", &PARAGRAPHS);
    bench.open("<script async src=\"/pkg/embed.js\"></script><div id=\"cards\"></div>").await?;
    bench.until("customElements.get('live-article')").await?;
    bench
        .eval(
            "window.alive = []; const cards = document.getElementById('cards');
             for (let i = 0; i < 50; i++) {
               const card = document.createElement('live-article'); card.src = '/story.jsonld'; cards.append(card); alive.push(new WeakRef(card));
             }",
        )
        .await?;
    bench.until("alive.every(card => card.deref()?.status === 'live')").await?;
    bench.eval("document.getElementById('cards').replaceChildren(); seen.events.length = 0").await?;
    if bench.engine == Engine::Chromium {
        bench
            .eval_async(
                "(async () => { for (let i = 0; i < 20 && alive.some(card => card.deref()); i++) { await gc({ type: 'major', execution: 'async' }); await new Promise(done => setTimeout(done, 50)); } })()",
            )
            .await?;
        bench.expect("alive.flatMap((card, at) => card.deref() ? [at] : [])", json!([])).await?;
    }
    bench.quiet(0).await
}

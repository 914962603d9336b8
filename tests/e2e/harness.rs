//! The harness as its reader sees it: a front page that is live, and a newsroom whose updates are shown.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::bench::Bench;

const HEADLINE: &str =
    "document.querySelector('live-article')?.shadowRoot?.querySelector('[part~=headline]')?.textContent.trim()";

pub(crate) async fn the_front_page_is_live(bench: &Bench) -> Result<()> {
    bench.visit(&format!("{}/", bench.harness.origin())).await?;
    bench.until("document.querySelector('live-article')?.status === 'live'").await?;
    bench.until(HEADLINE).await
}

pub(crate) async fn what_is_published_is_shown(bench: &Bench) -> Result<()> {
    let stories = format!("{}/stories", bench.harness.origin());
    // A page elsewhere that embeds by one tag from the harness as its CDN, and follows a story across origins.
    let list = fetch(bench, &stories).await?;
    let id = list[0]["id"].as_str().map(str::to_owned);
    ensure!(id.is_some(), "{list} lists no story");
    let story = format!("{stories}/{}.jsonld", id.unwrap_or_default());
    let origin = bench.harness.origin();
    bench
        .open(&format!(
            "<script async src=\"{origin}/pkg/embed.js\" crossorigin data-src=\"{story}\" data-interval=\"5\"></script>"
        ))
        .await?;
    bench.until("card()?.status === 'live'").await?;
    let mut document = fetch(bench, &story).await?;
    document["headline"] = json!("The bridge is open again");
    document["dateModified"] = json!("2036-01-01T00:00:00Z");
    let put = format!(
        "fetch('{story}', {{ method: 'PUT', body: {} }}).then(answer => answer.status)",
        json!(document.to_string())
    );
    bench.visit(&format!("{origin}/")).await?;
    let status = bench.eval_async(&put).await?;
    ensure!(status.as_u64().is_some_and(|status| status < 300), "publishing is answered {status}");
    bench
        .open(&format!("<script async src=\"{origin}/pkg/embed.js\" crossorigin data-src=\"{story}\"></script>"))
        .await?;
    bench.until("text('headline') === 'The bridge is open again'").await?;
    bench.quiet(0).await
}

/// The card that the one tag placed on the front page.
const LEAD: &str = "document.querySelector('.lead live-article')";

pub(crate) async fn the_desk_publishes_and_the_card_follows_in_place(bench: &Bench) -> Result<()> {
    at_the_desk(bench, "ferry").await?;
    let edit = "window.kept = [...document.querySelector('.lead live-article').shadowRoot.querySelectorAll('[part~=body] [part~=paragraph]')]; \
                document.getElementById('desk-headline').value = 'Ferry sails on Monday'; \
                document.querySelector('#desk-blocks textarea').value = 'A lead of its own.'; \
                document.getElementById('desk-correction').value = 'It is Monday, not Sunday.'; \
                document.getElementById('desk').requestSubmit();";
    bench.eval(edit).await?;
    bench.until(&format!("{LEAD}.article.headline === 'Ferry sails on Monday'")).await?;
    let after = bench
        .eval(&format!(
            "const now = [...{LEAD}.shadowRoot.querySelectorAll('[part~=body] [part~=paragraph]')]; return [now.length, window.kept.length, \
             now.slice(1).every((node, index) => node === window.kept[index + 1]), {LEAD}.article.corrections.length]"
        ))
        .await?;
    ensure!(after == json!([9, 9, true, 1]), "paragraphs, before, kept, corrections: {after}");
    bench.until(&format!("{LEAD}.shadowRoot.querySelector('[part~=badge]').textContent.includes('just now')")).await
}

pub(crate) async fn an_update_is_added_to_the_live_blog(bench: &Bench) -> Result<()> {
    at_the_desk(bench, "storm").await?;
    let add = "document.getElementById('desk-update-headline').value = 'All clear'; \
               document.getElementById('desk-update-body').value = 'Gates <open> at dawn.\\n\\nGood night.'; \
               document.getElementById('desk').requestSubmit();";
    bench.eval(add).await?;
    let first = "document.querySelector('.live live-article').article.blocks[0]";
    bench
        .until(&format!("{first}.headline === 'All clear' && {first}.text === 'Gates <open> at dawn.\\nGood night.'"))
        .await
}

pub(crate) async fn a_fault_is_switched_on_and_the_card_goes_on(bench: &Bench) -> Result<()> {
    at_the_desk(bench, "ferry").await?;
    let break_it = "window.failed = []; document.addEventListener('live-article-error', event => failed.push(event.detail.reason)); \
                    document.getElementById('breaker-fault').value = '503'; \
                    document.getElementById('breaker').requestSubmit();";
    bench.eval(break_it).await?;
    bench.until("window.failed[0] === 'http'").await?;
    bench.until(&format!("{LEAD}.article.headline.length > 0")).await?;
    bench.eval("document.querySelector('#breaker-on button').click()").await?;
    bench.until("document.getElementById('breaker-on').childElementCount === 0").await?;
    bench.until("document.querySelector('#log .fault')?.textContent === '503'").await
}

/// Opens the front page, its cards live, and a story at the desk.
async fn at_the_desk(bench: &Bench, story: &str) -> Result<()> {
    bench.visit(&format!("{}/", bench.harness.origin())).await?;
    bench.until(&format!("{LEAD}?.status === 'live'")).await?;
    bench.until("document.querySelector('.live live-article')?.status === 'live'").await?;
    bench.until("document.getElementById('desk-blocks').childElementCount > 0").await?;
    bench.until("document.getElementById('breaker-fault').value === '503'").await?;
    let choose = format!(
        "const desk = document.getElementById('desk-story'); desk.value = '{story}'; desk.dispatchEvent(new Event('change'));"
    );
    bench.eval(&choose).await?;
    bench.until(&format!("document.getElementById('desk-update').hidden === {}", story != "storm")).await
}

async fn fetch(bench: &Bench, url: &str) -> Result<Value> {
    bench.visit(&format!("{}/", bench.harness.origin())).await?;
    bench.eval_async(&format!("fetch('{url}', {{ cache: 'no-store' }}).then(answer => answer.json())")).await
}

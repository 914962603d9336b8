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

async fn fetch(bench: &Bench, url: &str) -> Result<Value> {
    bench.visit(&format!("{}/", bench.harness.origin())).await?;
    bench.eval_async(&format!("fetch('{url}', {{ cache: 'no-store' }}).then(answer => answer.json())")).await
}

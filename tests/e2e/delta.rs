//! An update costs what changed, in a browser that keeps dictionaries; in any other, the document, if it changed.

use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use www::browser::Engine;
use www::delta::dcz;
use www::wire::blog::Blog;
use www::wire::{Exchange, PROBE, Tap};

use crate::bench::Bench;

const STORY: &str = "/stories/count.jsonld";

pub(crate) async fn an_update_costs_what_changed(bench: &Bench) -> Result<()> {
    let tap = Tap::start(bench.harness.origin()).await?;
    let mut blog = Blog::new(400);
    publish(bench, &blog).await?;
    bench.visit(&format!("{}/favicon.svg", tap.origin())).await?;
    let first = poll(bench, &tap, &blog).await?;
    ensure!(first.header("content-encoding") != Some("dcz"), "{first:?}");
    ensure!(first.body > 80_000, "the first answer has {} bytes", first.body);
    settle(bench, &blog).await?;

    blog.add();
    publish(bench, &blog).await?;
    let added = poll(bench, &tap, &blog).await?;
    settle(bench, &blog).await?;
    blog.edit();
    publish(bench, &blog).await?;
    let edited = poll(bench, &tap, &blog).await?;
    settle(bench, &blog).await?;
    // Once it has the newest, and has it as the difference from the newest, there is nothing to send.
    let again = poll(bench, &tap, &blog).await?;
    let last = poll(bench, &tap, &blog).await?;
    ensure!(last.status() == 304 && last.body == 0 || bench.engine == Engine::Webkit, "{last:?}");

    if bench.engine == Engine::Chromium {
        for (update, most) in [(&added, 1000), (&edited, 500), (&again, 200)] {
            ensure!(update.header("content-encoding") == Some("dcz"), "{update:?}");
            ensure!(update.body <= most, "{} bytes, not {most}: {update:?}", update.body);
        }
    } else {
        ensure!(added.body > 80_000 && edited.body > 80_000, "{added:?} {edited:?}");
        // A WebKit that is driven keeps no cache, so it has nothing to revalidate.
        ensure!(again.status() == 304 || bench.engine == Engine::Webkit, "{again:?}");
    }
    Ok(())
}

pub(crate) async fn the_card_does_not_stand_in_the_way(bench: &Bench) -> Result<()> {
    let tap = Tap::start(bench.harness.origin()).await?;
    let mut blog = Blog::new(400);
    publish(bench, &blog).await?;
    bench.visit(&format!("{}/", tap.origin())).await?;
    // So slow that it asks only when it is told to.
    bench
        .eval_async(&format!(
            "import('/pkg/index.js').then(() => {{
                window.blog = document.createElement('live-article');
                blog.setAttribute('src', '{STORY}');
                blog.setAttribute('interval', '86400');
                blog.setAttribute('updates', 'auto');
                document.body.replaceChildren(blog);
            }})"
        ))
        .await?;
    bench.until("blog.status === 'live'").await?;
    settle(bench, &blog).await?;
    for minute in 1..=3 {
        blog.add();
        publish(bench, &blog).await?;
        tap.take(STORY);
        bench.eval_async("blog.refresh()").await?;
        bench.expect("blog.article.blocks.length", json!(400 + minute)).await?;
        let exchanges = tap.take(STORY);
        ensure!(exchanges.len() == 1, "{exchanges:?}");
        let update = &exchanges[0];
        if bench.engine == Engine::Chromium {
            ensure!(update.body <= 1000 && update.header("content-encoding") == Some("dcz"), "{update:?}");
        } else {
            ensure!(update.body > 80_000, "{update:?}");
        }
        settle(bench, &blog).await?;
    }
    Ok(())
}

/// Publishes past the tap.
async fn publish(bench: &Bench, blog: &Blog) -> Result<()> {
    let (url, document) = (format!("{}{STORY}", bench.harness.origin()), blog.document());
    tokio::task::spawn_blocking(move || ureq::put(url).send(document)).await?.context("the story is not taken")?;
    Ok(())
}

/// One poll as the card's, which must bring what was published to the byte.
async fn poll(bench: &Bench, tap: &Tap, blog: &Blog) -> Result<Exchange> {
    tap.take(STORY);
    let got = bench
        .eval_async(&format!("fetch('{STORY}', {{ cache: 'no-cache' }}).then(response => response.text())"))
        .await?;
    ensure!(got == blog.document().as_str(), "it is not what was published");
    let exchanges = tap.take(STORY);
    ensure!(exchanges.len() == 1, "{exchanges:?}");
    Ok(exchanges[0].clone())
}

/// Waits until a browser that keeps dictionaries has put away what is published.
async fn settle(bench: &Bench, blog: &Blog) -> Result<()> {
    if bench.engine != Engine::Chromium {
        return Ok(());
    }
    let offer = format!(":{}:", STANDARD.encode(dcz::hash(blog.document().as_bytes())));
    let probe = format!(
        "fetch('{STORY}', {{ cache: 'no-store', headers: {{ '{PROBE}': '1' }} }}).then(response => response.text())"
    );
    for _ in 0..500 {
        if bench.eval_async(&probe).await? == offer.as_str() {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    bail!("the browser does not offer {offer}")
}

//! The card in pages that real bundlers built for real frameworks: `www/adopters` shows each as small as it can be.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use www::adopters;

use crate::bench::Bench;
use crate::site::{Answer, file_answer, story};

/// The page of each framework, built by Vite: what is bound arrives, what happens is heard, and taking it away is quiet.
pub(crate) async fn vite_builds_for_every_framework(bench: &Bench) -> Result<()> {
    let built = build().await?;
    for name in ["plain"].iter().chain(&adopters::FRAMEWORKS) {
        put(bench, &built.join("vite"))?;
        let page = fs::read_to_string(built.join(format!("vite/{name}.html")))?;
        try_page(bench, &page).await.with_context(|| format!("the page of {name}"))?;
        bench.leave().await?;
    }
    Ok(())
}

/// It knows no addresses in scripts: the module and the languages lie beside its script.
pub(crate) async fn esbuild_leaves_the_modules_address(bench: &Bench) -> Result<()> {
    let built = build().await?;
    for (name, extension) in [("plain", "js"), ("react", "jsx")] {
        put(bench, &built.join("esbuild"))?;
        let source = fs::read_to_string(www::setup::root().join(format!("www/adopters/{name}.html")))?;
        let page = source.replace(&format!("./{name}.{extension}"), &format!("./{name}.js"));
        try_page(bench, &page).await.with_context(|| format!("the page of {name}"))?;
        bench.leave().await?;
    }
    Ok(())
}

/// In a bundle that is no module the card cannot know where its module is: it says so and the children stay.
pub(crate) async fn a_bundle_without_an_address_says_so(bench: &Bench) -> Result<()> {
    put(bench, &build().await?.join("esbuild"))?;
    let source = fs::read_to_string(www::setup::root().join("www/adopters/plain.html"))?;
    bench.open_page(&source.replace("type=\"module\" src=\"./plain.js\"", "defer src=\"./plain.classic.js\"")).await?;
    bench.until("card()?.status === 'unsupported'").await?;
    bench.quiet(1).await?;
    bench.expect("seen.warnings[0].includes('as a module')", json!(true)).await?;
    bench.expect("card().firstElementChild.checkVisibility()", json!(true)).await
}

async fn build() -> Result<std::path::PathBuf> {
    tokio::task::spawn_blocking(adopters::build).await?
}

/// Serves a folder beside the page.
fn put(bench: &Bench, folder: &Path) -> Result<()> {
    for (path, headline) in [("/story.jsonld", "Fähre fährt wieder"), ("/other.jsonld", "Brücke gesperrt")] {
        bench.site.put(path, Answer::json(&story(headline, "2016-07-27T10:00:00Z", &["Eins.", "Zwei."])));
    }
    let mut folders = vec![folder.to_owned()];
    while let Some(below) = folders.pop() {
        for entry in fs::read_dir(below)? {
            let file = entry?.path();
            if file.is_dir() {
                folders.push(file);
            } else {
                let path = file.strip_prefix(folder)?.to_string_lossy().into_owned();
                bench.site.put(&format!("/{path}"), file_answer(&path, fs::read(&file)?));
            }
        }
    }
    Ok(())
}

async fn try_page(bench: &Bench, page: &str) -> Result<()> {
    bench.open_page(page).await?;
    bench.until("card()?.status === 'live'").await?;
    bench.expect("text('headline')", json!("Fähre fährt wieder")).await?;
    // Its language is a file of its own, which the bundler must have taken along.
    bench.until("text('badge')?.startsWith('Aktualisiert')").await?;

    let newer = story("Fähre fährt wieder", "2016-07-27T10:05:00Z", &["Eins.", "Zwei.", "Drei."]);
    bench.site.put("/story.jsonld", Answer::json(&newer));
    bench.eval_async("card().refresh()").await?;
    bench.until("document.querySelector('output').textContent === '1'").await?;

    press(bench, "pause").await?;
    bench.until("card().status === 'paused' && card().hasAttribute('paused')").await?;
    press(bench, "pause").await?;
    bench.until("card().status === 'live' && !card().hasAttribute('paused')").await?;

    press(bench, "other").await?;
    bench.until("text('headline') === 'Brücke gesperrt'").await?;
    bench.expect("card().getAttribute('src')", json!("/other.jsonld")).await?;

    bench.eval("window.gone = card()").await?;
    press(bench, "leave").await?;
    bench.until("!card()").await?;
    let asked = bench.site.asked("/other.jsonld");
    bench.eval_async("gone.refresh()").await?;
    ensure!(bench.site.asked("/other.jsonld") == asked, "a card that is gone still asks");
    bench.quiet(0).await
}

async fn press(bench: &Bench, id: &str) -> Result<()> {
    bench.eval(&format!("document.getElementById('{id}').click()")).await.map(drop)
}

//! What the card costs a page: the bench in the visitor's own browser, and a poll that brings nothing.

use std::fs;

use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use www::browser::Engine;
use www::setup;

use crate::bench::Bench;

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

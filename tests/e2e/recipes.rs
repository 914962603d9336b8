//! The newsroom's recipes in `www/recipes`, as a browser finds them: files of a stock nginx, deployed by script.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use sha2::{Digest as _, Sha384};
use www::nginx::Nginx;
use www::setup::{self, root};
use www::wire::Tap;

use crate::bench::Bench;
use crate::site;

const CARD: &str = "document.querySelector('live-article')";

/// A paper of plain files, and a line to it on which requests are seen.
struct Paper {
    nginx: Nginx,
    tap: Tap,
}

impl Paper {
    async fn start() -> Result<Self> {
        let nginx = tokio::task::spawn_blocking(|| {
            Nginx::start(
                "static.conf",
                &[
                    ("root /srv/paper;", "root {folder}/paper;"),
                    ("/var/log/nginx/page-views.log", "{folder}/views.log"),
                ],
            )
        })
        .await??;
        let tap = Tap::start(&format!("http://127.0.0.1:{}", nginx.port())).await?;
        Ok(Self { nginx, tap })
    }

    /// A page that polls itself, beside the package.
    fn publish(&self) -> Result<()> {
        let story = site::story("One ferry", "2016-07-27T12:00:00Z", &["One.", "Two."]);
        let page = format!(
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>T</title>\
             <script type=\"application/ld+json\">{story}</script>\
             <script async src=\"/live-article/embed.js\"></script></head>\
             <body><h1>T</h1><live-article><article><p>The copy.</p></article></live-article></body></html>"
        );
        Ok(fs::write(self.nginx.folder().join("paper/page.html"), page)?)
    }

    /// Whether the recipe's script deploys a package; with a `mv` that fails at some file, where it is interrupted.
    fn deploy(&self, package: &Path, interrupted_at: Option<&str>) -> Result<bool> {
        let mut command = Command::new(root().join("www/recipes/deploy.sh"));
        command.arg(package).arg(self.nginx.folder().join("paper/live-article"));
        let tools = self.nginx.folder().join("tools");
        if let Some(file) = interrupted_at {
            fs::create_dir_all(&tools)?;
            let mv = tools.join("mv");
            fs::write(&mv, format!("#!/bin/sh\ncase $2 in */{file}) exit 1;; esac\nexec /bin/mv \"$@\"\n"))?;
            fs::set_permissions(&mv, std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
            command.env("PATH", setup::path_with(&[&tools])?);
        }
        Ok(command.stdout(Stdio::null()).status()?.success())
    }

    fn views(&self) -> usize {
        fs::read_to_string(self.nginx.folder().join("views.log")).unwrap_or_default().lines().count()
    }
}

/// The next release: the same package, its module of other bytes and so of another name.
fn next_release(package: &Path, to: &Path) -> Result<(String, String)> {
    fs::create_dir_all(to)?;
    let name = site::module()?.trim_start_matches("/pkg/").to_owned();
    let old = fs::read(package.join(&name))?;
    // A custom section without a name changes nothing but the hash.
    let new = [&old[..], &[0, 1, 0]].concat();
    let next = format!("live-article-{}.wasm", "0123456789ab");
    let pin = |bytes: &[u8]| STANDARD.encode(Sha384::digest(bytes));
    for entry in fs::read_dir(package)? {
        let entry = entry?;
        let file = entry.file_name().to_string_lossy().into_owned();
        if file == "embed.js" || file == "index.js" {
            let script = fs::read_to_string(entry.path())?;
            let script = script.replace(&name, &next).replace(&pin(&old), &pin(&new));
            ensure!(script.contains(&next) && script.contains(&pin(&new)), "{file} does not name the module");
            fs::write(to.join(file), script)?;
        } else if entry.path().is_file() && file != name {
            fs::copy(entry.path(), to.join(file))?;
        }
    }
    fs::write(to.join(&next), new)?;
    Ok((name, next))
}

pub(crate) async fn a_release_is_deployed_under_open_pages(bench: &Bench) -> Result<()> {
    let paper = Paper::start().await?;
    let package = www::pkg::folder();
    let release = paper.nginx.folder().join("next");
    let (old, new) = next_release(&package, &release)?;
    let [old, new] = [old, new].map(|name| format!("/live-article/{name}"));
    ensure!(paper.deploy(&package, None)?, "the first release is not deployed");
    paper.publish()?;
    let works = async |module: &str| {
        // A query of its own, so that no cache of the browser's has the scripts.
        let page = format!("{}/page.html?{}", paper.tap.origin(), paper.views());
        bench.visit(&page).await?;
        bench.until(&format!("{CARD}?.status === 'live' && {CARD}.article.headline === 'One ferry'")).await?;
        let loaded = "performance.getEntriesByType('resource').map(entry => new URL(entry.name).pathname)";
        bench.until(&format!("{loaded}.includes('{module}')")).await
    };
    works(&old).await?;
    // What lies in the browser's cache would hide what is on the server.
    let reload =
        "fetch('/live-article/embed.js', { cache: 'reload' }).then(answer => answer.headers.get('cache-control'))";
    // At whatever file it stops, pages go on with what is there.
    for file in [new.rsplit('/').next().unwrap_or_default(), "index.js", "embed.js"] {
        ensure!(!paper.deploy(&release, Some(file))?, "it went on without {file}");
        bench.eval_async(reload).await?;
        works(&old).await.with_context(|| format!("interrupted at {file}"))?;
    }
    ensure!(paper.deploy(&release, None)?, "the next release is not deployed");
    let kept = bench.eval_async(reload).await?;
    ensure!(kept == json!("public, max-age=3600, stale-while-revalidate=86400"), "{kept}");
    works(&new).await?;
    // Who still has the old script finds its module.
    let kept = bench
        .eval_async(&format!(
            "fetch('{old}', {{ cache: 'reload' }}).then(answer => [answer.status, answer.headers.get('cache-control')])"
        ))
        .await?;
    ensure!(kept == json!([200, "public, max-age=31536000, immutable"]), "{kept}");
    Ok(())
}

pub(crate) async fn a_poll_is_no_page_view_and_moves_no_meter(bench: &Bench) -> Result<()> {
    let paper = Paper::start().await?;
    ensure!(paper.deploy(&www::pkg::folder(), None)?, "the package is not deployed");
    paper.publish()?;
    bench.visit(&format!("{}/page.html", paper.tap.origin())).await?;
    bench.eval("document.cookie = 'meter=1'").await?;
    bench.until(&format!("{CARD}?.status === 'live'")).await?;
    for _ in 0..2 {
        bench.eval_async(&format!("{CARD}.refresh()")).await?;
    }
    let mut polls = paper.tap.take("/page.html");
    ensure!(polls.len() >= 3, "the page was asked for {} times", polls.len());
    let view = polls.remove(0);
    let dest = view.asked("sec-fetch-dest");
    ensure!(dest.is_none_or(|dest| dest == "document"), "{view:?}");
    ensure!(view.asked("accept").is_some_and(|accept| accept.contains("text/html")), "{view:?}");
    for poll in polls {
        ensure!(poll.asked("cookie").is_none() && poll.asked("authorization").is_none(), "{poll:?}");
        ensure!(poll.asked("sec-fetch-dest").is_none_or(|dest| dest == "empty"), "{poll:?}");
        ensure!(poll.asked("accept") == Some("*/*"), "{poll:?}");
    }
    let views = paper.views();
    ensure!(views == 1, "{views} page views were counted");
    Ok(())
}

pub(crate) async fn a_reader_mode_sees_the_servers_copy(bench: &Bench) -> Result<()> {
    // Firefox's own, which no driver may open.
    let script = setup::npm_tools()?.join("../@mozilla/readability/Readability.js");
    let script = fs::read_to_string(&script).with_context(|| format!("cannot read {}", script.display()))?;
    for page in ["/server-copy", "/adopt"] {
        bench.visit(&format!("{}{page}", bench.harness.origin())).await?;
        bench.until(&format!("{CARD}?.status === 'live'")).await?;
        let read = format!(
            "{script}\nconst read = new Readability(document.cloneNode(true)).parse().textContent.replace(/\\s+/g, ' '); \
             return {CARD}.article.blocks.every(block => read.includes(block.text.replace(/\\s+/g, ' ')))"
        );
        ensure!(bench.eval(&read).await? == json!(true), "{page}: not all of the article is seen");
    }
    Ok(())
}

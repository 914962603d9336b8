//! The harness's own pages: one navigation, no barrier, room on a phone; and the builder, with pages of one's own.
//!
//! With `PAGES=FOLDER` in the environment pictures of all pages are left there, to be looked at.

use anyhow::{Context, Result, ensure};
use serde_json::json;
use www::browser::Engine;

use crate::bench::Bench;
use crate::look::axe_script;
use crate::site::{self, Answer};

/// Every page, and what is so once it is there.
const PAGES: [(&str, &str); 9] = [
    (
        "/",
        "document.querySelector('.lead live-article')?.status === 'live' && document.querySelector('#desk-blocks li')",
    ),
    ("/server-copy", "document.querySelector('live-article')?.status === 'live'"),
    ("/adopt", "document.querySelector('live-article')?.status === 'live'"),
    ("/gallery", "document.querySelector('#cells iframe')"),
    ("/builder", "document.getElementById('url').placeholder.startsWith(location.origin)"),
    ("/builder?url={}/stories/storm.html", "document.querySelector('#card live-article')?.status === 'live'"),
    ("/bench", "customElements.get('live-article')"),
    ("/stories/ferry.html", "document.querySelector('h1')"),
    ("/stories/bridge.html", "document.querySelector('h1')"),
];

async fn open(bench: &Bench, (path, ready): (&str, &str)) -> Result<()> {
    bench.visit(&format!("{0}{1}", bench.harness.origin(), path.replace("{}", bench.harness.origin()))).await?;
    bench.until(ready).await.with_context(|| path.to_owned())
}

/// Lets axe look at the page, and says what stands out of it.
const LOOK: &str = "(async () => {
  const runOnly = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
  const { violations, passes } = await axe.run({ runOnly, iframes: false });
  const found = passes.length ? [] : ['axe looked at nothing'];
  for (const { id, nodes } of violations)
    for (const node of nodes) found.push(`${id}: ${node.html.slice(0, 160)} ${node.failureSummary}`);
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth > clientWidth) found.push(`it is ${scrollWidth} wide in ${clientWidth}`);
  return found;
})()";

pub(crate) async fn axe_finds_nothing_on_any_page(bench: &Bench) -> Result<()> {
    let script = axe_script()?;
    for page in PAGES {
        open(bench, page).await?;
        bench.eval(&script).await?;
        for (width, scheme) in [(360, "dark"), (1280, "light")] {
            let size = json!({ "width": width, "height": 800, "deviceScaleFactor": 1, "mobile": false });
            bench.devtools("Emulation.setDeviceMetricsOverride", size).await?;
            let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
            bench.devtools("Emulation.setEmulatedMedia", features).await?;
            let found = bench.eval_async(LOOK).await?;
            if let Ok(folder) = std::env::var("PAGES") {
                let whole = json!({ "format": "png", "captureBeyondViewport": true });
                let png = bench.devtools("Page.captureScreenshot", whole).await?;
                let png = base64::Engine::decode(
                    &base64::engine::general_purpose::STANDARD,
                    png["data"].as_str().unwrap_or_default(),
                )?;
                let name = page.0.split('?').map(|part| part.replace(['/', '.'], "-")).next().unwrap_or_default();
                let result = if page.0.contains('?') { "-result" } else { "" };
                std::fs::write(format!("{folder}/page{name}{result}-{width}-{scheme}.png"), png)?;
            }
            ensure!(found == json!([]), "{} {width} {scheme}: {found:#}", page.0);
        }
    }
    bench.devtools("Emulation.clearDeviceMetricsOverride", json!({})).await?;
    bench.devtools("Emulation.setEmulatedMedia", json!({ "features": [] })).await?;
    Ok(())
}

pub(crate) async fn one_navigation_leads_to_every_page(bench: &Bench) -> Result<()> {
    let links =
        "[...document.querySelectorAll('nav.harness a')].map(link => [link.textContent, link.getAttribute('href')])";
    open(bench, PAGES[0]).await?;
    let all = bench.eval(&format!("return {links}")).await?;
    let hrefs: Vec<_> = all.as_array().into_iter().flatten().filter_map(|link| link[1].as_str()).collect();
    for path in ["/", "/server-copy", "/adopt", "/gallery", "/builder", "/bench"] {
        ensure!(hrefs.contains(&path), "{hrefs:?} leads not to {path}");
    }
    let (parts, pages): (Vec<_>, Vec<_>) = hrefs.into_iter().partition(|path| path.contains('#'));
    ensure!(parts == ["/#newsroom", "/#trouble", "/#log"], "{parts:?}");
    for path in parts {
        bench.visit(&format!("{}{path}", bench.harness.origin())).await?;
        let target = "document.querySelector(location.hash)";
        bench.until(&format!("{target}.checkVisibility() && {target}.closest('details')?.open !== false")).await?;
    }
    for path in pages {
        bench.visit(&format!("{}{path}", bench.harness.origin())).await?;
        bench.expect(links, all.clone()).await?;
        bench
            .expect("document.querySelector('nav.harness [aria-current=page]').getAttribute('href')", json!(path))
            .await?;
        bench.expect("document.querySelectorAll('h1').length", json!(1)).await?;
    }
    Ok(())
}

/* The builder. */

const SAID: &str = "document.getElementById('said')";

/// What stands beside a field.
fn beside(field: &str) -> String {
    format!(
        "[...document.querySelectorAll('#fields tr')].find(row => row.cells[0].textContent === '{field}')?.cells[1].textContent"
    )
}

pub(crate) async fn the_builder_reads_a_page_and_its_card_follows(bench: &Bench) -> Result<()> {
    open(bench, PAGES[4]).await?;
    // By the keyboard alone: an address and Enter.
    let page = bench.site.url("/own.html");
    let document = |headline: &str| {
        let story = site::story(headline, "2016-07-27T12:00:00Z", &["One."]);
        let page =
            format!("<!doctype html><title>T</title><script type=\"application/ld+json\">{story}</script><h1>T</h1>");
        let mut answer = Answer::new("text/html; charset=utf-8", page);
        answer.headers.extend([("etag".into(), format!("\"<i>{headline}</i>\"")), ("x-own".into(), "1".into())]);
        answer.headers.retain(|(name, _)| name != "cache-control");
        answer.headers.push(("cache-control".into(), "max-age=60".into()));
        answer
    };
    bench.site.put("/own.html", document("One ferry"));
    bench.eval("document.getElementById('url').focus()").await?;
    bench.type_text(&page).await?;
    bench.press(fantoccini::key::Key::Enter).await?;
    bench.until(&format!("{SAID}.textContent === 'An article: One ferry'")).await?;
    let card = "document.querySelector('#card live-article')";
    bench.until(&format!("{card}.status === 'live' && {card}.article.headline === 'One ferry'")).await?;
    bench.expect(&beside("headline"), json!("from the page, its JSON-LD: headline")).await?;
    bench.expect(&format!("{}.startsWith('missing')", beside("authors")), json!(true)).await?;
    bench.expect("document.getElementById('age').value", json!("60")).await?;
    bench.expect("document.querySelector('#headers td').textContent", json!("\"<i>One ferry</i>\"")).await?;
    // 100,000 readers, each every 60 s.
    bench
        .expect("document.querySelector('#cost td').textContent.includes('1,667 requests a second')", json!(true))
        .await?;
    bench.site.put("/own.html", document("Two ferries"));
    bench.eval(&format!("{card}.refresh()")).await?;
    bench.until(&format!("{card}.article.headline === 'Two ferries'")).await
}

pub(crate) async fn the_builder_says_what_it_does_not_read(bench: &Bench) -> Result<()> {
    open(bench, PAGES[4]).await?;
    let outside = bench.site.url("/outside");
    let mut away = Answer::new("text/html", "");
    away.status = 302;
    away.headers.push(("location".into(), "http://192.0.2.1/latest/".into()));
    bench.site.put("/outside", away);
    for (address, words) in [
        ("http://192.0.2.1/", "192.0.2.1 is not this machine"),
        ("http://[::ffff:192.0.2.1]/", "is not this machine"),
        ("http://0.0.0.0:1/", "0.0.0.0 is not this machine"),
        (&*outside, "192.0.2.1 is not this machine"),
        ("https://127.0.0.1/", "speaks http alone"),
        ("http://127.0.0.1:1/", "Nothing answers"),
        (&*bench.site.url("/nothing"), "answers 404"),
    ] {
        bench
            .eval(&format!(
                "const url = document.getElementById('url'); url.value = '{address}'; url.form.requestSubmit()"
            ))
            .await?;
        bench.until(&format!("{SAID}.className === 'bad' && {SAID}.textContent.includes('{words}')")).await?;
        bench.eval(&format!("{SAID}.textContent = ''")).await?;
    }
    // What a document says is text here, whatever it says.
    let hostile = "<!doctype html><script>document.title = 2</script><img src=x onerror=\"document.title = 1\">\
                   <meta property=\"og:type\" content=\"article\"><meta property=\"og:title\" content=\"&lt;img src=x \
                   onerror=alert(1)> said\">";
    let paste = |text: &str| {
        format!("document.getElementById('text').value = {}; document.getElementById('paste').click()", json!(text))
    };
    bench.eval(&paste(hostile)).await?;
    bench.until(&format!("{SAID}.className === 'good' && {SAID}.textContent.includes('said')")).await?;
    bench
        .expect(
            "[document.title, document.querySelectorAll('#said *, #fields img').length]",
            json!(["Builder – live-article", 0]),
        )
        .await?;
    bench.eval(&paste("{\"@type\": \"NewsArticle\",")).await?;
    bench.until(&format!("{SAID}.className === 'bad' && {SAID}.textContent.includes('line 1')")).await?;
    bench.eval(&paste(&"a".repeat((4 << 20) + 1))).await?;
    bench.until(&format!("{SAID}.textContent.includes('larger than 4 MiB')")).await
}

pub(crate) async fn the_builders_snippet_works_as_it_is(bench: &Bench) -> Result<()> {
    open(bench, PAGES[4]).await?;
    let story = site::story("As copied", "2016-07-27T12:00:00Z", &["One."]);
    bench
        .eval(&format!(
            "document.getElementById('text').value = {}; document.getElementById('paste').click()",
            json!(story.to_string())
        ))
        .await?;
    bench.until("document.querySelector('#card live-article')?.status === 'live'").await?;
    let snippet = bench
        .eval("const folder = document.getElementById('folder'); folder.value = '/pkg/'; folder.dispatchEvent(new Event('input', { bubbles: true })); return ['snippet', 'policy'].map(id => document.getElementById(id).value)")
        .await?;
    let (Some(html), Some(policy)) = (snippet[0].as_str(), snippet[1].as_str()) else { unreachable!("{snippet}") };
    let (name, policy) = policy.split_once(": ").context("the policy is no header")?;
    bench.site.put("/story.jsonld", Answer::json(&story));
    // With a server that lets it be kept, as its name allows.
    let module = site::module()?;
    let mut kept = site::packed(module.trim_start_matches("/pkg/"))?;
    kept.headers = vec![
        ("content-type".into(), "application/wasm".into()),
        ("cache-control".into(), "public, max-age=31536000, immutable".into()),
    ];
    bench.site.put(&module, kept);
    bench.open_with(html, &[(name, policy)]).await?;
    bench.until("card()?.status === 'live' && text('headline') === 'As copied'").await?;
    bench.quiet(0).await?;
    // The preload is what the script uses, not one more request; but a WebKit that is driven keeps no cache.
    let asked = bench.site.asked(&module);
    ensure!(asked == 1 || bench.engine == Engine::Webkit, "{module} was asked for {asked} times");
    Ok(())
}

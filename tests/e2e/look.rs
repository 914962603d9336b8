//! How the card looks, in the harness's gallery: pictures, accessibility, overflow, the keyboard, a stranger's theme.
//!
//! Pictures on record lie in `tests/visual`; `LOOK=record` in the environment writes them anew. One that differs is
//! left in `target/look`, with the difference beside it. Pictures and trees are Chromium's.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail, ensure};
use fantoccini::key::Key;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::imageops::thumbnail;
use image::{ImageFormat, Rgb, RgbImage};
use serde_json::{Value, json};
use www::setup;

use crate::bench::Bench;

const STATUSES: [&str; 12] = [
    "loading",
    "live",
    "checking",
    "stale",
    "offline",
    "paused",
    "pending",
    "updated",
    "ended",
    "withdrawn",
    "adopted",
    "unsupported",
];

/// A cell of the gallery, once its card is in the state asked for.
async fn open(bench: &Bench, query: &str) -> Result<()> {
    bench.visit(&format!("{}/gallery/cell.html?{query}", bench.harness.origin())).await?;
    bench.until("document.documentElement.dataset.ready !== undefined").await.with_context(|| query.to_owned())?;
    bench
        .eval(
            "window.card = document.querySelector('live-article');
             window.part = name => card.shadowRoot?.querySelector(`[part~=${name}]`);",
        )
        .await?;
    Ok(())
}

/// What a card must come to be for a state of the gallery.
fn is_reached(status: &str) -> String {
    match status {
        "checking" | "pending" | "updated" | "adopted" => format!("card.matches(':state({status})')"),
        _ => format!("card.status === '{status}'"),
    }
}

/* Accessibility. */

/// Puts every theme and scheme on the page in turn and lets axe look at each.
const AXE: &str = "(async () => {
  // The cell's clock stands still, and axe has to wait.
  globalThis.setTimeout = wait;
  const link = document.head.appendChild(document.createElement('link'));
  link.rel = 'stylesheet';
  const found = [];
  for (const theme of ['', 'broadsheet', 'tabloid', 'broadcaster', 'minimal']) {
    const loaded = new Promise(done => { link.onload = link.onerror = done; });
    link.href = theme ? `/pkg/themes/${theme}.css` : '/gallery/cell.css';
    await loaded;
    for (const scheme of ['light', 'dark']) {
      document.documentElement.style.colorScheme = scheme;
      const runOnly = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
      const { violations, passes } = await axe.run({ runOnly });
      if (!passes.length) found.push('axe looked at nothing');
      for (const { id, nodes } of violations)
        for (const node of nodes) found.push(`${theme} ${scheme}: ${id}: ${node.html.slice(0, 120)} ${node.failureSummary}`);
    }
  }
  return found;
})()";

/// What makes `axe` known in a page.
pub(crate) fn axe_script() -> Result<String> {
    let script = setup::npm_tools()?.join("../axe-core/axe.min.js");
    fs::read_to_string(&script).with_context(|| format!("cannot read {}", script.display()))
}

async fn axe(bench: &Bench, view: &str) -> Result<()> {
    let script = axe_script()?;
    bench.resize(800, 1200).await?;
    for status in STATUSES {
        let story = if matches!(status, "paused" | "updated") { "blog" } else { "report" };
        open(bench, &format!("view={view}&status={status}&story={story}&width=640")).await?;
        ensure!(bench.eval(&format!("return {}", is_reached(status))).await? == json!(true), "it never was {status}");
        bench.eval(&script).await?;
        let found = bench.eval_async(AXE).await?;
        ensure!(found == json!([]), "{view} {status}: {found:#}");
    }
    Ok(())
}

pub(crate) async fn axe_finds_nothing_in_articles(bench: &Bench) -> Result<()> {
    axe(bench, "article").await
}

pub(crate) async fn axe_finds_nothing_in_cards(bench: &Bench) -> Result<()> {
    axe(bench, "card").await
}

pub(crate) async fn axe_finds_nothing_in_badges(bench: &Bench) -> Result<()> {
    axe(bench, "badge").await
}

/// Tab after Tab, what has the focus, by part or name.
pub(crate) async fn the_keyboard_reaches_every_control(bench: &Bench) -> Result<()> {
    walk(bench, "updated", &["time", "pause", "permalink", "permalink", "permalink", "more", "summary"]).await?;
    bench.press(Key::Enter).await?;
    bench.until("part('changes').open").await?;
    bench.press(Key::Enter).await?;
    bench.until("!part('changes').open").await?;
    walk(bench, "pending", &["prompt", "time", "pause", "permalink", "permalink", "permalink", "more"]).await?;
    // Each does what it is for.
    for (focus, key, comes) in [
        ("more", Key::Enter, "card.shadowRoot.querySelectorAll('[part~=block]').length === 4"),
        ("time", Key::Enter, "/2026/.test(part('time').textContent)"),
        ("pause", Key::Space, "card.paused"),
        ("pause", Key::Space, "!card.paused"),
        ("prompt", Key::Enter, "card.shadowRoot.querySelectorAll('[part~=block]').length === 5"),
    ] {
        bench.eval(&format!("part('{focus}').focus()")).await?;
        bench.press(key).await?;
        bench.until(comes).await.with_context(|| format!("after a key on {focus}"))?;
    }
    Ok(())
}

async fn walk(bench: &Bench, status: &str, wanted: &[&str]) -> Result<()> {
    open(bench, &format!("status={status}&story=blog&width=480")).await?;
    let mut walk = Vec::new();
    // Not past the last: in some engines the next stop is the browser's own, which then keeps the keys.
    while walk.len() < wanted.len() {
        bench.press(Key::Tab).await?;
        let focus = bench
            .eval(
                "const at = card.shadowRoot.activeElement;
                 const seen = at && getComputedStyle(at).outlineStyle !== 'none';
                 return at ? (at.getAttribute('part') ?? at.localName) + (seen ? '' : ' without an outline') : 'nothing';",
            )
            .await?;
        walk.push(focus.as_str().unwrap_or_default().to_owned());
    }
    ensure!(walk == wanted, "the walk was {walk:?}");
    Ok(())
}

/// Roles and names as assistive technology is told them.
pub(crate) async fn the_tree_of_names_and_roles_is_on_record(bench: &Bench) -> Result<()> {
    let mut text = String::new();
    for (query, title) in [
        ("status=pending&width=480", "An article with a prompt"),
        ("status=updated&story=blog&width=480", "A live blog after a swap"),
        ("status=paused&view=card&width=480", "A card, paused"),
    ] {
        open(bench, query).await?;
        writeln!(text, "# {title}")?;
        let tree = bench.devtools("Accessibility.getFullAXTree", json!({})).await?;
        let nodes = tree["nodes"].as_array().context("no tree")?;
        if let Some(root) = nodes.first() {
            write_tree(nodes, root, 0, &mut text)?;
        }
    }
    on_record("tree.txt", text.as_bytes(), |record| {
        let record = String::from_utf8_lossy(record);
        if let Some((was, is)) = record.lines().zip(text.lines()).find(|(was, is)| was != is) {
            bail!("the tree has {is:?} where it had {was:?}");
        }
        ensure!(record.len() == text.len(), "the tree has other lines at its end");
        Ok(())
    })
}

fn write_tree(nodes: &[Value], node: &Value, depth: usize, out: &mut String) -> Result<()> {
    let role = node["role"]["value"].as_str().unwrap_or_default();
    let name = node["name"]["value"].as_str().unwrap_or_default();
    let told = node["ignored"] != json!(true) && !matches!(role, "none" | "generic" | "InlineTextBox");
    if told {
        let live = node["properties"].as_array().into_iter().flatten().find(|property| property["name"] == "live");
        let live =
            live.and_then(|live| live["value"]["value"].as_str()).map_or(String::new(), |how| format!(" ({how})"));
        writeln!(out, "{:1$}{role} {name:?}{live}", "", depth * 2)?;
    }
    for id in node["childIds"].as_array().into_iter().flatten() {
        if let Some(child) = nodes.iter().find(|node| node["nodeId"] == *id) {
            write_tree(nodes, child, depth + usize::from(told), out)?;
        }
    }
    Ok(())
}

/* Room. */

/// Each theme in turn, and none, as a script's async generator of their names.
const THEMED: &str = "async function* () {
  const link = document.head.appendChild(document.createElement('link'));
  link.rel = 'stylesheet';
  for (const theme of ['', 'broadsheet', 'tabloid', 'broadcaster', 'minimal']) {
    const loaded = new Promise(done => { link.onload = link.onerror = done; });
    link.href = theme ? `/pkg/themes/${theme}.css` : '/gallery/cell.css';
    await loaded;
    yield theme;
  }
}";

/// What sticks out of the card, or has text that does.
const OVERFLOW: &str = "(() => {
  const found = [];
  const bounds = card.getBoundingClientRect();
  for (const node of card.shadowRoot.querySelectorAll('*')) {
    if (node.closest('.quiet, link, style')) continue;
    const box = node.getBoundingClientRect();
    const out = Math.max(box.right - bounds.right, bounds.left - box.left);
    /* What is clipped by design tells engines different widths; its own pieces are looked at all the same. */
    const clips = getComputedStyle(node).overflowX === 'clip';
    const text = node.clientWidth && !clips ? node.scrollWidth - node.clientWidth : 0;
    if (box.width && (out > 1 || text > 1)) found.push(`${node.localName} ${node.getAttribute('part')}: ${Math.round(out)} ${text}`);
  }
  return found;
})()";

pub(crate) async fn nothing_overflows_from_240_to_1600_pixels(bench: &Bench) -> Result<()> {
    for (story, lang, dir) in [
        ("report", "en-US", "ltr"),
        ("blog", "en-US", "ltr"),
        ("german", "de", "ltr"),
        ("arabic", "ar", "rtl"),
        ("hindi", "hi", "ltr"),
        ("japanese", "ja", "ltr"),
    ] {
        for view in ["article", "card", "badge"] {
            open(bench, &format!("story={story}&lang={lang}&dir={dir}&view={view}&status=pending")).await?;
            let found = bench
                .eval_async(&format!(
                    "(async () => {{
                      const found = [];
                      for await (const theme of ({THEMED})()) {{
                        for (const width of [240, 280, 320, 375, 480, 599, 600, 768, 899, 900, 1024, 1280, 1600]) {{
                          document.querySelector('main').style.width = `${{width}}px`;
                          for (const what of {OVERFLOW}) found.push(`${{theme}} ${{width}}: ${{what}}`);
                        }}
                      }}
                      return found;
                    }})()"
                ))
                .await?;
            ensure!(found == json!([]), "{story} {view}: {found:#}");
        }
    }
    Ok(())
}

/// WCAG 1.4.4 and 1.4.12: twice the text, and the spacing that a reader may set.
pub(crate) async fn text_may_be_spaced_and_doubled(bench: &Bench) -> Result<()> {
    for story in ["report", "german"] {
        for view in ["article", "card", "badge"] {
            for width in [320, 640] {
                open(bench, &format!("story={story}&view={view}&status=pending&width={width}")).await?;
                for rule in [
                    "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important } p { margin-block-end: 2em !important }",
                    ":host { font-size: 200% !important }",
                ] {
                    let found = bench
                        .eval(&format!(
                            "const sheet = new CSSStyleSheet(); sheet.replaceSync({rule:?});
                             const own = card.shadowRoot.adoptedStyleSheets;
                             card.shadowRoot.adoptedStyleSheets = [...own, sheet];
                             const found = {OVERFLOW};
                             for (const node of card.shadowRoot.querySelectorAll('*')) {{
                               if (getComputedStyle(node).overflowY !== 'visible' && !node.matches('.quiet') && node.scrollHeight > node.clientHeight + 1)
                                 found.push(`${{node.localName}} is cut off below`);
                             }}
                             card.shadowRoot.adoptedStyleSheets = own;
                             return found;"
                        ))
                        .await?;
                    ensure!(found == json!([]), "{story} {view} {width} under {rule}: {found:#}");
                }
            }
        }
    }
    Ok(())
}

/// The mark of a change comes and goes without moving a line.
pub(crate) async fn nothing_moves_when_a_change_is_marked(bench: &Bench) -> Result<()> {
    for story in ["report", "blog"] {
        open(bench, &format!("status=updated&story={story}&width=480")).await?;
        bench
            .expect(
                "(() => {
                  const marked = [...card.shadowRoot.querySelectorAll('[part~=changed]')];
                  const tops = () => [...card.shadowRoot.querySelectorAll('[part~=block]')].map(node => node.getBoundingClientRect().top);
                  const before = tops();
                  for (const node of marked) node.part.remove('changed');
                  return marked.length > 0 && String(tops()) === String(before);
                })()",
                json!(true),
            )
            .await?;
    }
    Ok(())
}

/// Where the card begins, the prompt lies on the rule above the text; its coming moves nothing.
pub(crate) async fn the_prompt_covers_no_text(bench: &Bench) -> Result<()> {
    for (view, theme) in [
        ("article", ""),
        ("card", ""),
        ("article", "&theme=broadsheet"),
        ("card", "&theme=tabloid"),
        ("article", "&theme=broadcaster"),
        ("article", "&theme=minimal"),
    ] {
        for width in [240, 480, 640, 1000] {
            let story = if width == 480 { "blog" } else { "report" };
            open(bench, &format!("status=pending&story={story}&view={view}&width={width}{theme}")).await?;
            bench
                .expect(
                    "(() => {
                      const prompt = part('prompt').getBoundingClientRect();
                      const over = [...card.shadowRoot.querySelectorAll('header, header *, figure, figcaption')].filter(node => {
                        const box = node.getBoundingClientRect();
                        return box.width && box.top < prompt.bottom - 1 && box.bottom > prompt.top + 1 && box.left < prompt.right && box.right > prompt.left;
                      }).map(node => node.localName);
                      const top = part('headline').getBoundingClientRect().top;
                      part('prompt').remove();
                      return [over, part('headline').getBoundingClientRect().top - top];
                    })()",
                    json!([[], 0]),
                )
                .await
                .with_context(|| format!("{view} {width}"))?;
        }
    }
    Ok(())
}

/* Themes. */

/// What somebody writes who has read the list of properties and parts, and nothing else.
const STRANGER: &str = "
live-article {
  --live-article-color: rgb(20, 33, 61);
  --live-article-background: rgb(250, 243, 224);
  --live-article-accent: rgb(0, 95, 73);
  --live-article-headline-font: 'Nimbus Roman', 'Times New Roman', serif;
}
";
const MOVED: &str = "live-article::part(badge) { order: -1 }";

pub(crate) async fn a_stranger_themes_it_by_properties_and_moves_the_badge_by_a_part(bench: &Bench) -> Result<()> {
    open(bench, "status=pending&width=480").await?;
    let dress = |css: &str| {
        format!(
            "const sheet = new CSSStyleSheet(); sheet.replaceSync({css:?});
             document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];"
        )
    };
    let top = "part('badge').getBoundingClientRect().top < part('headline').getBoundingClientRect().top";
    bench.eval(&dress(STRANGER)).await?;
    for (expression, value) in [
        ("getComputedStyle(part('headline')).color", json!("rgb(20, 33, 61)")),
        ("getComputedStyle(part('paragraph')).color", json!("rgb(20, 33, 61)")),
        ("getComputedStyle(card).backgroundColor", json!("rgb(250, 243, 224)")),
        ("getComputedStyle(part('prompt')).backgroundColor", json!("rgb(0, 95, 73)")),
        ("getComputedStyle(part('paragraph').querySelector('a')).color", json!("rgb(0, 95, 73)")),
        ("getComputedStyle(part('headline')).fontFamily.includes('Nimbus Roman')", json!(true)),
        ("getComputedStyle(part('paragraph')).fontFamily.includes('Nimbus Roman')", json!(false)),
        (top, json!(false)),
    ] {
        bench.expect(expression, value).await?;
    }
    bench.eval(&dress(MOVED)).await?;
    bench.expect(top, json!(true)).await
}

pub(crate) async fn every_state_can_be_styled(bench: &Bench) -> Result<()> {
    for state in STATUSES {
        open(bench, &format!("view=badge&status={state}")).await?;
        bench.expect(&format!("card.matches('live-article:state({state})')"), json!(true)).await?;
        // The states that are a status exclude each other.
        let statuses = "['loading', 'live', 'stale', 'offline', 'paused', 'ended', 'withdrawn', 'unsupported']";
        bench
            .expect(
                &format!("{statuses}.filter(name => card.matches(`:state(${{name}})`)).join() === card.status"),
                json!(true),
            )
            .await?;
    }
    Ok(())
}

/// The contract's parts, by a cell that has them.
const PARTS: [(&str, &str); 4] = [
    (
        "status=updated",
        "card badge time checked headline summary picture caption credit byline body block paragraph quote figure list \
         table notice correction changes changed pause",
    ),
    ("status=pending&story=blog", "live block block-headline permalink prompt more"),
    ("status=paused&view=badge", "card badge time checked status pause"),
    ("status=withdrawn", "status notice"),
];

pub(crate) async fn every_part_can_be_styled(bench: &Bench) -> Result<()> {
    for (query, parts) in PARTS {
        open(bench, query).await?;
        let unstyled = format!(
            "(() => {{
              const sheet = new CSSStyleSheet();
              document.adoptedStyleSheets = [sheet];
              return {parts:?}.split(' ').filter(name => {{
                sheet.replaceSync(`live-article::part(${{name}}) {{ outline: 3px solid rgb(1, 2, 3) }}`);
                return !part(name) || getComputedStyle(part(name)).outlineColor !== 'rgb(1, 2, 3)';
              }});
            }})()"
        );
        bench.expect(&unstyled, json!([])).await.context(query)?;
    }
    Ok(())
}

/// Nothing is lost on the way through other views.
pub(crate) async fn a_view_may_change_and_change_back(bench: &Bench) -> Result<()> {
    open(bench, "status=pending&width=480").await?;
    bench
        .eval("window.parts = () => [...card.shadowRoot.querySelectorAll('[part]')].map(node => node.getAttribute('part')); window.whole = parts()")
        .await?;
    for (change, has) in [
        ("card.view = 'badge'", "prompt badge time checked pause"),
        ("card.view = 'card'", "prompt badge time checked pause headline picture"),
        ("card.adopt = true", "prompt badge time checked pause"),
        ("card.adopt = false", "prompt badge time checked pause headline picture"),
    ] {
        bench.eval(change).await?;
        let lost = format!("{has:?}.split(' ').filter(name => !part(name)?.getClientRects().length)");
        bench.expect(&lost, json!([])).await.context(change)?;
    }
    bench.eval("card.view = 'article'").await?;
    bench.expect("parts().join() === whole.join()", json!(true)).await
}

/// A custom property, a value for it, and what then has which value.
const PROPERTIES: [(&str, &str, &str, &str); 13] = [
    ("font", "Courier", "getComputedStyle(part('paragraph')).fontFamily", "Courier"),
    ("headline-font", "Courier", "getComputedStyle(part('headline')).fontFamily", "Courier"),
    ("font-size", "21px", "getComputedStyle(part('paragraph')).fontSize", "21px"),
    ("headline-size", "44px", "getComputedStyle(part('headline')).fontSize", "44px"),
    ("color", "rgb(1, 2, 3)", "getComputedStyle(part('paragraph')).color", "rgb(1, 2, 3)"),
    ("muted-color", "rgb(1, 2, 3)", "getComputedStyle(part('byline')).color", "rgb(1, 2, 3)"),
    ("background", "rgb(1, 2, 3)", "getComputedStyle(card).backgroundColor", "rgb(1, 2, 3)"),
    ("accent", "rgb(1, 2, 3)", "getComputedStyle(part('paragraph').querySelector('a')).color", "rgb(1, 2, 3)"),
    ("border", "rgb(1, 2, 3)", "getComputedStyle(part('card')).borderTopColor", "rgb(1, 2, 3)"),
    ("radius", "7px", "getComputedStyle(part('picture').querySelector('img')).borderTopLeftRadius", "7px"),
    ("gap", "31px", "getComputedStyle(part('body')).rowGap", "31px"),
    ("picture-ratio", "1 / 1", "String(part('picture').querySelector('img').offsetHeight)", "480"),
    ("changed-color", "rgb(1, 2, 3)", "getComputedStyle(part('changed'), '::after').borderLeftColor", "rgb(1, 2, 3)"),
];

pub(crate) async fn every_property_is_followed(bench: &Bench) -> Result<()> {
    open(bench, "status=updated&width=480").await?;
    for (name, value, expression, wanted) in PROPERTIES {
        bench.expect(&format!("{expression} === {wanted:?}"), json!(false)).await.context(name)?;
        bench.eval(&format!("card.style.setProperty('--live-article-{name}', {value:?})")).await?;
        bench.expect(expression, json!(wanted)).await.context(name)?;
        bench.eval("card.removeAttribute('style')").await?;
    }
    Ok(())
}

pub(crate) async fn the_sites_own_stands_in_its_slots(bench: &Bench) -> Result<()> {
    for query in ["", "view=card&width=640", "view=badge", "status=adopted"] {
        open(bench, query).await?;
        bench
            .eval(
                "for (const slot of ['logo', 'badge']) {
                   const own = document.createElement('span');
                   Object.assign(own, { slot, textContent: 'The Courier' });
                   card.append(own);
                 }
                 window.place = name => card.querySelector(`[slot=${name}]`).getBoundingClientRect();",
            )
            .await?;
        bench
            .expect(
                "place('badge').height > 0 && (place('badge').top >= part('badge').getBoundingClientRect().bottom || place('badge').left >= part('badge').getBoundingClientRect().right)",
                json!(true),
            )
            .await
            .context(query)?;
        // Where there is a headline of the card's.
        bench
            .expect("!part('headline') || place('logo').height > 0 && place('logo').bottom <= part('headline').getBoundingClientRect().top", json!(true))
            .await
            .context(query)?;
    }
    Ok(())
}

/// Colours of what is drawn by `::before`, or in notations that axe cannot read, against what lies below them.
const CONTRAST: &str = "(theme => {
  const canvas = new OffscreenCanvas(1, 1).getContext('2d');
  const luminance = colors => {
    canvas.clearRect(0, 0, 1, 1);
    for (const color of colors) { canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1); }
    const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map(value => (value /= 255) <= .04045 ? value / 12.92 : ((value + .055) / 1.055) ** 2.4);
    return .2126 * r + .7152 * g + .0722 * b;
  };
  const grounds = node => {
    const found = [];
    for (let at = node; at; at = at.parentNode ?? at.host) if (at.nodeType === 1) found.unshift(getComputedStyle(at).backgroundColor);
    return found;
  };
  const found = [];
  const look = (name, node, pseudo) => {
    if (!node) return found.push(`${theme}: no ${name}`);
    const below = grounds(node);
    const [a, b] = [luminance(below), luminance([...below, getComputedStyle(node, pseudo).color])];
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (!(ratio >= 4.5)) found.push(`${theme}: ${name} has ${ratio.toFixed(2)}`);
  };
  return { look, found };
})";

pub(crate) async fn what_axe_does_not_see_has_contrast(bench: &Bench) -> Result<()> {
    // A prompt in each colour that a site may choose.
    open(bench, "status=pending&width=480").await?;
    let found = bench
        .eval(&format!(
            "const {{ look, found }} = {CONTRAST}('');
             for (const r of [0, 60, 120, 180, 230, 255]) for (const g of [0, 60, 120, 180, 255]) for (const b of [0, 120, 255]) {{
               card.style.setProperty('--live-article-accent', `rgb(${{r}} ${{g}} ${{b}})`);
               look(`a prompt on ${{r}} ${{g}} ${{b}}`, part('prompt'));
             }}
             return found;"
        ))
        .await?;
    ensure!(found == json!([]), "{found:#}");
    for story in ["report", "blog"] {
        open(bench, &format!("status=updated&story={story}&width=480")).await?;
        let found = bench
            .eval_async(&format!(
                "(async () => {{
                  const found = [];
                  for await (const theme of ({THEMED})()) {{
                    for (const scheme of ['light', 'dark']) {{
                      document.documentElement.style.colorScheme = scheme;
                      const {{ look, found: here }} = {CONTRAST}(`${{theme}} ${{scheme}}`);
                      look('the mark', part('changed'), '::before');
                      look('time', part('time'));
                      look('checked', part('checked'));
                      if (part('permalink')) look('live', part('live')), look('permalink', part('permalink'));
                      found.push(...here);
                    }}
                  }}
                  return found;
                }})()"
            ))
            .await?;
        ensure!(found == json!([]), "{found:#}");
    }
    Ok(())
}

pub(crate) async fn motion_and_paper_are_respected(bench: &Bench) -> Result<()> {
    let media = |media: &str, motion: &str| json!({ "media": media, "features": [{ "name": "prefers-reduced-motion", "value": motion }] });
    let moving = "card.shadowRoot.querySelector('[part~=changed]').getAnimations({ subtree: true }).length > 0";
    open(bench, "status=updated&width=480").await?;
    bench.devtools("Emulation.setEmulatedMedia", media("", "no-preference")).await?;
    bench.expect(moving, json!(true)).await?;
    bench.devtools("Emulation.setEmulatedMedia", media("", "reduce")).await?;
    bench.expect(moving, json!(false)).await?;
    open(bench, "status=pending&story=blog&width=480").await?;
    let shown =
        "[...card.shadowRoot.querySelectorAll('button, summary')].filter(node => node.checkVisibility()).length";
    let time = "getComputedStyle(part('time'), '::after').content.includes('January 19, 2026')";
    bench.expect(&format!("{shown} > 0"), json!(true)).await?;
    bench.expect(time, json!(false)).await?;
    bench.devtools("Emulation.setEmulatedMedia", media("print", "")).await?;
    bench.expect(shown, json!(0)).await?;
    bench.expect(time, json!(true)).await?;
    open(bench, "status=updated&width=480").await?;
    bench.expect(shown, json!(0)).await?;
    let link = "getComputedStyle(part('paragraph').querySelector('a'), '::after').content.replaceAll(/[\" ]/g, '')";
    bench.expect(&format!("{link}.includes('https://courier.example/bridge')"), json!(true)).await?;
    bench.devtools("Emulation.setEmulatedMedia", json!({ "media": "", "features": [] })).await?;
    Ok(())
}

/// The gallery's own page: a frame for each state, and controls whose style sheet is the one in force.
pub(crate) async fn the_playground_writes_what_it_shows(bench: &Bench) -> Result<()> {
    bench.visit(&format!("{}/gallery", bench.harness.origin())).await?;
    bench.until("document.querySelectorAll('#cells iframe').length === 36").await?;
    bench
        .eval(
            "window.trial = document.getElementById('trial').contentDocument;
             window.css = document.getElementById('css');
             window.set = (name, value) => {
               const label = [...document.querySelectorAll('#controls label')].find(label => label.textContent.startsWith(name));
               const input = label.querySelector('input, select');
               input.type === 'checkbox' ? input.checked = value : input.value = value;
               for (const type of ['input', 'change']) input.dispatchEvent(new Event(type, { bubbles: true }));
             };",
        )
        .await?;
    bench.until("trial.documentElement.dataset.ready !== undefined").await?;
    bench
        .eval(
            "window.card = trial.querySelector('live-article');
             window.part = name => card.shadowRoot.querySelector(`[part~=${name}]`);
             set('color', '#14213d'); set('font-size', '1.25rem'); set('badge above', true);",
        )
        .await?;
    bench
        .expect(
            "css.value",
            json!("live-article {\n  --live-article-font-size: 1.25rem;\n  --live-article-color: #14213d;\n}\nlive-article::part(badge) {\n  order: -1;\n}\n"),
        )
        .await?;
    bench.expect("getComputedStyle(part('headline')).color", json!("rgb(20, 33, 61)")).await?;
    let above = "part('badge').getBoundingClientRect().top < part('headline').getBoundingClientRect().top";
    bench.expect(above, json!(true)).await?;
    bench.eval("set('color', '#000000'); set('font-size', ''); set('badge above', false);").await?;
    bench.expect("css.value", json!("live-article {\n  --live-article-color: #000000;\n}\n")).await?;
    bench.expect(above, json!(false)).await
}

/* Pictures. */

/// A picture's name and the cell it is of.
const VIEWS: [(&str, &str); 19] = [
    ("article-480-pending", "status=pending&width=480"),
    ("article-1000-dark-updated", "status=updated&width=1000&scheme=dark"),
    ("article-240-stale", "status=stale&width=240"),
    ("article-480-withdrawn", "status=withdrawn&width=480"),
    ("adopted-480", "status=adopted&width=480"),
    ("blog-360", "story=blog&width=360"),
    ("blog-1000-updated", "story=blog&status=updated&width=1000"),
    ("card-240-offline", "view=card&status=offline&width=240"),
    ("card-480-blog", "view=card&story=blog&width=480"),
    ("card-640-dark-paused", "view=card&story=blog&status=paused&width=640&scheme=dark"),
    ("card-1000-pending", "view=card&status=pending&width=1000"),
    ("badge-240-paused", "view=badge&status=paused&width=240"),
    ("badge-480-dark-ended", "view=badge&status=ended&width=480&scheme=dark"),
    ("arabic-480", "story=arabic&lang=ar&dir=rtl&status=updated&width=480"),
    ("arabic-card-640-dark", "story=arabic&lang=ar&dir=rtl&view=card&width=640&scheme=dark"),
    ("german-card-240", "story=german&lang=de&view=card&width=240"),
    ("hindi-300-dark", "story=hindi&lang=hi&width=300&scheme=dark"),
    ("japanese-300", "story=japanese&lang=ja&width=300"),
    ("english-in-rtl-card-640", "dir=rtl&lang=ar&view=card&width=640"),
];

const THEMES: [(&str, &str); 8] = [
    ("broadsheet-480", "theme=broadsheet&status=updated&width=480"),
    ("broadsheet-card-640-dark", "theme=broadsheet&view=card&story=blog&width=640&scheme=dark"),
    ("tabloid-480", "theme=tabloid&story=blog&width=480"),
    ("tabloid-card-640-dark", "theme=tabloid&view=card&width=640&scheme=dark"),
    ("broadcaster-480-dark", "theme=broadcaster&status=pending&width=480&scheme=dark"),
    ("broadcaster-card-640", "theme=broadcaster&view=card&story=blog&width=640"),
    ("minimal-480", "theme=minimal&status=paused&width=480"),
    ("minimal-card-640-dark", "theme=minimal&view=card&story=blog&width=640&scheme=dark"),
];

const PRINT: [(&str, &str); 1] = [("print-480", "width=480&status=pending")];

const FORCED_COLORS: [(&str, &str); 2] = [
    ("forced-colors-480", "width=480&status=pending&story=blog"),
    ("forced-colors-card-640", "view=card&width=640&status=paused&scheme=dark"),
];

pub(crate) async fn views_are_as_on_record(bench: &Bench) -> Result<()> {
    pictures(bench, &VIEWS, "", json!([])).await
}

pub(crate) async fn themes_are_as_on_record(bench: &Bench) -> Result<()> {
    pictures(bench, &THEMES, "", json!([])).await
}

pub(crate) async fn print_and_forced_colors_are_as_on_record(bench: &Bench) -> Result<()> {
    pictures(bench, &PRINT, "print", json!([])).await?;
    pictures(bench, &FORCED_COLORS, "", json!([{ "name": "forced-colors", "value": "active" }])).await
}

async fn pictures(bench: &Bench, cells: &[(&str, &str)], media: &str, features: Value) -> Result<()> {
    setup::fonts()?;
    bench.resize(1100, 3200).await?;
    bench.devtools("Emulation.setEmulatedMedia", json!({ "media": media, "features": features })).await?;
    let mut failed = String::new();
    for (name, query) in cells {
        open(bench, &format!("{query}&plain=1")).await?;
        if let Err(error) = compare(name, &bench.picture("main").await?) {
            writeln!(failed, "{error:#}")?;
        }
    }
    bench.devtools("Emulation.setEmulatedMedia", json!({ "media": "", "features": [] })).await?;
    ensure!(failed.is_empty(), "{failed}");
    Ok(())
}

/// Pixels along a side of the squares that are compared, in a picture of half size: about a letter, so that a font
/// smoothed in another way passes.
const SQUARE: u32 = 4;
/// How far a square's mean may be off, of 255, in one channel.
const OFF: u32 = 20;
/// How many squares in a thousand may be further off.
const SQUARES_OFF: u32 = 3;

fn compare(name: &str, png: &[u8]) -> Result<()> {
    let whole = image::load_from_memory_with_format(png, ImageFormat::Png)?.into_rgb8();
    let is = thumbnail(&whole, whole.width() / 2, whole.height() / 2);
    let left = setup::target().join("look");
    let mut small = Vec::new();
    is.write_with_encoder(PngEncoder::new_with_quality(&mut small, CompressionType::Best, FilterType::Adaptive))?;
    on_record(&format!("{name}.png"), &small, |record| {
        let was = image::load_from_memory_with_format(record, ImageFormat::Png)?.into_rgb8();
        let (difference, off) = difference(&was, &is);
        let height = was.height().abs_diff(is.height());
        if was.width() == is.width() && height <= SQUARE && off <= SQUARES_OFF {
            return Ok(());
        }
        fs::create_dir_all(&left)?;
        whole.save(left.join(format!("{name}.png")))?;
        let path = left.join(format!("{name}.difference.png"));
        difference.save(&path)?;
        bail!(
            "{name}: {off} ‰ of it is not as on record ({}×{}, on record {}×{}): see {}",
            is.width(),
            is.height(),
            was.width(),
            was.height(),
            path.display()
        )
    })
}

/// The squares that differ, in red over a pale copy, and how many in a thousand they are.
fn difference(was: &RgbImage, is: &RgbImage) -> (RgbImage, u32) {
    let (width, height) = (was.width().min(is.width()), was.height().min(is.height()));
    let mut picture =
        RgbImage::from_fn(width, height, |x, y| Rgb(is.get_pixel(x, y).0.map(|value| 160 + value / 8 * 3)));
    let mean = |of: &RgbImage, left: u32, top: u32| {
        let mut sum = [0; 3];
        for (x, y) in (top..top + SQUARE).flat_map(|y| (left..left + SQUARE).map(move |x| (x, y))) {
            for (sum, value) in sum.iter_mut().zip(of.get_pixel(x, y).0) {
                *sum += u32::from(value);
            }
        }
        sum.map(|sum| sum / (SQUARE * SQUARE))
    };
    let (mut off, mut all) = (0_u32, 0_u32);
    for top in (0..height.saturating_sub(SQUARE - 1)).step_by(SQUARE as usize) {
        for left in (0..width.saturating_sub(SQUARE - 1)).step_by(SQUARE as usize) {
            all += 1;
            let (was, is) = (mean(was, left, top), mean(is, left, top));
            if was.iter().zip(is).any(|(was, is)| was.abs_diff(is) > OFF) {
                off += 1;
                for (x, y) in (top..top + SQUARE).flat_map(|y| (left..left + SQUARE).map(move |x| (x, y))) {
                    picture.put_pixel(x, y, Rgb([200, 20, 20]));
                }
            }
        }
    }
    (picture, (1000 * off).div_ceil(all.max(1)))
}

/// Compares with a file of `tests/visual`, or writes it.
fn on_record(name: &str, bytes: &[u8], compare: impl FnOnce(&[u8]) -> Result<()>) -> Result<()> {
    let path: PathBuf = setup::root().join("tests/visual").join(name);
    if std::env::var("LOOK").is_ok_and(|what| what == "record") {
        fs::create_dir_all(path.parent().unwrap_or(&path))?;
        return Ok(fs::write(path, bytes)?);
    }
    let record = fs::read(&path).with_context(|| format!("{name} is not on record: look at it, with LOOK=record"))?;
    compare(&record)
}

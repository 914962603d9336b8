//! What a feed or a page does against the card: nothing of it may run, restyle or throw, and what is shown stays.

use std::{env, fs};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};
use www::browser::Engine;

use crate::bench::Bench;
use crate::site::{Answer, story};

const TAG: &str = "<script async src=\"/pkg/embed.js\"></script>";
const CARD: &str = "<live-article src=\"/story.jsonld\"><p id=\"copy\">The server's own copy.</p></live-article>";

/// Refuses nothing, and so defends nothing: it tells what a page with a strict policy would have had to refuse.
const WITNESS: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; connect-src 'self'; \
                       img-src *; media-src *";

/// One attack a line, each of its own kind. `fire()` must not be called, `STOLEN` must not be asked for.
const ATTACKS: &[&str] = &[
    // Handlers.
    "<img src=/none.png onerror=fire()>a",
    "<b onclick=fire() onmouseover=fire() onfocus=fire() tabindex=0 autofocus>b</b>",
    "<b title=''onclick=fire()>b</b>",
    "<details open ontoggle=fire()><summary>c</summary>d</details>",
    "<body onload=fire() onpageshow=fire()>e",
    "<video controls onerror=fire()><source onerror=fire() src=/none.mp4></video>",
    "<p style='animation:spin 1s' onanimationstart=fire()>f",
    "<input autofocus onfocus=fire()>g",
    // Schemes, whole and split.
    "<a href=javascript:fire()>h</a>",
    "<a href='java\tscript:fire()'>i</a>",
    "<a href='&#x6a;avascript&colon;fire()'>j</a>",
    "<a href='\u{1}JaVaScRiPt:fire()'>k</a>",
    "<a href='data:text/html,<script>opener.fire()</script>'>l</a>",
    "<a href=vbscript:fire()>m</a>",
    "<a href=blob:https://paper.example/1>n</a>",
    "<img src=javascript:fire()>o",
    "<img src='data:image/svg+xml,<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"fire()\"/>'>p",
    "<video src=javascript:fire() poster=javascript:fire()></video>q",
    // Other namespaces, and parsers led astray.
    "<svg onload=fire()><script>fire()</script><a href=javascript:fire()><text>r</text></a></svg>s",
    "<svg><style><img src=/none.png onerror=fire()></style></svg>t",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=/none.png onerror=fire()&gt;'></table></mtext></math>u",
    "<noscript><p title='</noscript><img src=/none.png onerror=fire()>'>v",
    "<textarea><p title='</textarea><img src=/none.png onerror=fire()>'>w",
    "<!--><img src=/none.png onerror=fire()>-->x",
    "<!-- --!><img src=/none.png onerror=fire()>y",
    "<template><img src=/none.png onerror=fire()></template><template shadowrootmode=open><script>fire()</script></template>z",
    "<xmp><p title='</xmp><img src=/none.png onerror=fire()>'>a",
    // Elements that run, load, lead away or take in.
    "<script>fire()</script><script src=STOLEN></script>b",
    "<iframe src=javascript:parent.fire()></iframe><iframe srcdoc='<script>parent.fire()</script>'></iframe>c",
    "<iframe src=STOLEN></iframe><frameset><frame src=STOLEN></frameset>d",
    "<object data=STOLEN></object><embed src=STOLEN><applet code=STOLEN></applet>e",
    "<base href=STOLEN><a href=x>f</a>",
    "<meta http-equiv=refresh content='0;url=STOLEN'>g",
    "<form action=javascript:fire()><input type=submit><button formaction=javascript:fire()>h</button></form>",
    "<a href=/x ping=STOLEN>i</a>",
    // What restyles.
    "<style>@import 'STOLEN'; * { display: none }</style>j",
    "<link rel=stylesheet href=STOLEN><link rel=preload as=fetch href=STOLEN><link rel=prefetch href=STOLEN>k",
    "<p style='position:fixed;inset:0;background:url(STOLEN)' background=STOLEN>l",
    "<table background=STOLEN><tr><td background=STOLEN>m</table>",
    // Names that shadow the page's own.
    "<a id=fire name=fire>n</a><form id=card name=currentScript><input name=attributes></form><img name=createElement id=x>o",
    "<p id=headline class=overlay part=headline slot=after-1 is=x-y>p",
];

/// A script of the page's own that knows whether anything ran.
const FIRE: &str = "
window.fired = []; window.refused = [];
window.fire = () => fired.push(1);
for (const name of ['alert', 'confirm', 'prompt', 'print', 'open']) window[name] = () => fired.push(name);
addEventListener('securitypolicyviolation', event => refused.push(event.effectiveDirective + ' ' + event.blockedURI + ' ' + event.sample));
// Nothing leads out of the page: Firefox sends a form by an event that a script made up.
for (const type of ['click', 'submit']) window.addEventListener(type, event => event.preventDefault(), true);
// What a reader might do to each element.
var poke = root => {
  for (const element of root.querySelectorAll('*')) {
    for (const [type, Kind] of [['click', MouseEvent], ['mouseover', MouseEvent], ['focus', FocusEvent], ['toggle', Event], ['error', Event],
      ['load', Event], ['animationstart', Event], ['submit', Event]])
      if (type !== 'click' || !element.part?.length) element.dispatchEvent(new Kind(type, { cancelable: true, composed: true }));
    for (const name of ['href', 'src', 'action', 'formaction', 'poster', 'data', 'xlink:href', 'srcset'])
      if (/^[\\0- ]*(j\\s*a\\s*v\\s*a|v\\s*b|data:(?!image.(png|jpe?g|gif|webp|avif);)|blob:)/i.test(element.getAttribute(name) ?? '')) fired.push(element.getAttribute(name));
  }
};
// What no body may hold, and what is the card's own but for these.
var strangers = root => root.querySelectorAll('script, style, link:not([rel=stylesheet][part]), base, meta, form, input, textarea, object, embed, iframe, frame, ' +
  'svg, math, template, noscript, [style], [srcdoc], [onclick], [background], [ping], [name]:not(slot), [is], [class=overlay], #fire, #x, #card').length;
";

/// A story with an attack in every field.
fn article(attack: &str) -> Value {
    json!({
        "@context": "https://schema.org", "@type": "NewsArticle", "@id": attack, "url": attack,
        "headline": format!("Ferry {attack}"), "alternativeHeadline": attack, "description": attack,
        "articleSection": attack, "keywords": [attack], "inLanguage": attack,
        "dateModified": "2016-07-27T10:00:00Z", "datePublished": attack,
        "author": [{"@type": "Person", "name": attack, "url": attack}, {"name": "Ada", "url": target(attack)}],
        "publisher": {"name": attack, "url": target(attack)},
        "image": {"@type": "ImageObject", "url": picture(attack), "caption": attack, "creditText": attack, "width": attack},
        "articleBody": format!("<p>Before.</p>{attack}"),
    })
}

/// Its next version: a live blog, corrected, with an attack in every field of an update.
fn blog(attack: &str) -> Value {
    let mut blog = article(attack);
    blog["@type"] = json!("LiveBlogPosting");
    blog["dateModified"] = json!("2016-07-27T11:00:00Z");
    blog["correction"] = json!([attack, {"@type": "CorrectionComment", "text": attack, "url": target(attack)}]);
    blog["liveBlogUpdate"] = json!([
        {"@type": "BlogPosting", "@id": attack, "url": target(attack), "headline": attack, "datePublished": "2016-07-27T11:00:00Z",
            "author": {"name": attack, "url": target(attack)}, "image": picture(attack), "articleBody": format!("<p>After.</p>{attack}")},
        {"@type": "BlogPosting", "headline": "Plain", "articleBody": attack},
    ]);
    blog
}

/// What an attack would have the reader go to or the page load.
fn target(attack: &str) -> &str {
    let from = attack
        .find("href=")
        .or_else(|| attack.find("src="))
        .map_or(0, |at| attack[at..].find('=').map_or(0, |to| at + to + 1));
    let rest = attack[from..].trim_start_matches('\'');
    rest.split(['\'', '>']).next().unwrap_or(attack)
}

/// The same as a picture, which may be asked for.
fn picture(attack: &str) -> String {
    target(attack).replace("/stolen", "/picture.png")
}

/// The attacks, on another host than the page's, which asks for nothing but pictures and media there.
fn attacks(bench: &Bench) -> Vec<String> {
    let stolen = bench.site.url("/stolen").replace("127.0.0.1", "localhost");
    ATTACKS.iter().map(|attack| attack.replace("STOLEN", &stolen)).collect()
}

/// Publishes a story of each.
fn attack(bench: &Bench, attacks: &[String], story: fn(&str) -> Value) {
    for (at, attack) in attacks.iter().enumerate() {
        bench.site.put(&format!("/story-{at}.jsonld"), Answer::json(&story(attack)));
    }
}

/// Opens a page of cards, `cards` in its scripts, that notes what fires and what its policy would refuse.
async fn open_to_attacks(bench: &Bench, cards: &str) -> Result<()> {
    bench.site.put("/fire.js", Answer::new("text/javascript", FIRE));
    let policy = [("content-security-policy-report-only", WITNESS)];
    bench.open_with(&format!("<script src=\"/fire.js\"></script>{TAG}{cards}"), &policy).await?;
    bench.eval("window.cards = [...document.querySelectorAll('live-article')]").await.map(drop)
}

pub(crate) async fn no_attack_in_any_field_runs(bench: &Bench) -> Result<()> {
    let attacks = attacks(bench);
    let put = |story| attack(bench, &attacks, story);
    put(article);
    let cards: String = (0..attacks.len())
        .map(|at| format!("<live-article updates=\"auto\" src=\"/story-{at}.jsonld\"></live-article>"))
        .collect();
    open_to_attacks(bench, &cards).await?;
    bench.until("cards.every(card => card.status === 'live')").await?;
    let calm = |when: &'static str| async move {
        bench.eval("for (const card of cards) poke(card.shadowRoot)").await?;
        bench.eval_async("new Promise(done => setTimeout(done, 300))").await?;
        bench.expect("fired", json!([])).await.context(when)?;
        bench
            .expect("cards.flatMap((card, at) => strangers(card.shadowRoot) ? [at] : [])", json!([]))
            .await
            .context(when)?;
        ensure!(bench.site.asked("/stolen") == 0, "{when}: something was sent");
        bench.quiet(0).await
    };
    calm("at first").await?;
    put(blog);
    bench.eval_async("Promise.all(cards.map(card => card.refresh()))").await?;
    bench.until("cards.every(card => card.shadowRoot.textContent.includes('After.'))").await?;
    calm("after a swap").await?;
    bench.expect("refused", json!([])).await?;
    // The same in a page that trusts its feed: the attacks are real (but for one, which would leave the page).
    let trusting = format!(
        "for (const attack of {}) {{ if (attack.startsWith('<meta')) continue; const div = Document.prototype.createElement.call(document, 'div'); div.innerHTML = attack; Element.prototype.append.call(document.documentElement.lastElementChild, div); poke(div); }}",
        json!(attacks)
    );
    bench.eval(&trusting).await?;
    let teeth = bench.until("fired.length > 20 && refused.length > 10").await;
    let counts = bench.eval("return [fired.length, refused]").await?;
    teeth.with_context(|| format!("fired and refused: {counts}"))?;
    let asked = std::time::Instant::now();
    while bench.site.asked("/stolen") == 0 && asked.elapsed() < std::time::Duration::from_secs(5) {
        bench.eval_async("new Promise(done => setTimeout(done, 50))").await?;
    }
    ensure!(bench.site.asked("/stolen") > 0, "the attacks have no teeth");
    Ok(())
}

pub(crate) async fn the_sites_own_markup_takes_in_no_attack(bench: &Bench) -> Result<()> {
    let attacks = attacks(bench);
    let put = |story| attack(bench, &attacks, story);
    put(article);
    let markup = "<h2 itemprop=\"headline\">Old</h2><p itemprop=\"description\">Old</p><p itemprop=\"author\">Old</p><img itemprop=\"image\" alt=\"\">\
                  <p itemprop=\"correction\">Old</p><div itemprop=\"articleBody\"><p>Old</p></div><div><article itemprop=\"liveBlogUpdate\"><p>Old</p></article></div>";
    let cards: String = (0..attacks.len())
        .map(|at| format!("<live-article adopt updates=\"auto\" src=\"/story-{at}.jsonld\">{markup}</live-article>"))
        .collect();
    open_to_attacks(bench, &cards).await?;
    bench.until("cards.every(card => card.refresh)").await?;
    for (story, shown) in [(article as fn(&str) -> Value, "Before."), (blog, "After.")] {
        put(story);
        bench.eval_async("Promise.all(cards.map(card => card.refresh()))").await?;
        bench.until(&format!("cards.every(card => card.textContent.includes('{shown}'))")).await?;
        bench.eval("for (const card of cards) poke(card)").await?;
        bench.eval_async("new Promise(done => setTimeout(done, 300))").await?;
        bench.expect("fired", json!([])).await.context(shown)?;
        bench.expect("cards.flatMap((card, at) => strangers(card) ? [at] : [])", json!([])).await.context(shown)?;
        bench.quiet(0).await?;
    }
    bench.expect("refused", json!([])).await?;
    ensure!(bench.site.asked("/stolen") == 0, "something was sent");
    // A feed's word is none of the page's names.
    let mut named = blog("Plain.");
    named["dateModified"] = json!("2016-07-27T12:00:00Z");
    for (at, id) in ["settings", "https://paper.example/story#2"].into_iter().enumerate() {
        named["liveBlogUpdate"][at] = json!({"@type": "BlogPosting", "@id": id, "articleBody": format!("Entry {at}.")});
    }
    bench.site.put("/story-0.jsonld", Answer::json(&named));
    bench.eval_async("cards[0].refresh()").await?;
    bench.until("cards[0].textContent.includes('Entry 1.')").await?;
    bench
        .expect(
            "[typeof settings, !!document.getElementById('https://paper.example/story#2')]",
            json!(["undefined", true]),
        )
        .await
}

/// What a page does before the card comes, and whether the card can be shown all the same.
struct Page {
    name: &'static str,
    script: &'static str,
    markup: &'static str,
    tag: &'static str,
    works: bool,
}

const MODULE: &str = "<script type=\"module\" src=\"/pkg/index.js\"></script>";

const PAGE: Page = Page { name: "", script: "", markup: "", tag: TAG, works: true };

/// Array methods that throw in the card's own code.
const ARRAYS: &str = "
for (const name of ['map', 'filter', 'find', 'some', 'every', 'forEach', 'concat', 'flat', 'flatMap', 'indexOf', 'includes', 'slice', 'splice', 'fill', Symbol.iterator]) {
  const plain = Array.prototype[name];
  Array.prototype[name] = function (...all) { if (/pkg/.test(Error().stack)) throw Error('theirs'); return plain.apply(this, all); };
}";

const PAGES: &[Page] = &[
    Page {
        name: "a fetch that is counted",
        script: "const plain = fetch; window.fetch = function (...all) { return plain.apply(this, all); };",
        ..PAGE
    },
    Page {
        name: "a Promise of its own",
        script: "window.Promise = class Promised extends Promise {}; const then = Promise.prototype.then;
                 Object.getPrototypeOf(Promise).prototype.then = function (...all) { return then.apply(this, all); };",
        ..PAGE
    },
    Page {
        name: "keys on Object.prototype",
        script: "for (const key of ['extra', 'src', 'item', 'text', 'url', 'paused', 'status', 'detail', 'live-article']) Object.prototype[key] = 'theirs';",
        ..PAGE
    },
    Page {
        name: "an old library's arrays",
        script: "Array.prototype.each = function () {}; Array.prototype.flat = null;
                 Array.prototype.map = function (each) { const out = []; for (let at = 0; at < this.length; at++) out.push(each(this[at], at)); return out; };",
        ..PAGE
    },
    Page {
        name: "a sheet that unsets all",
        markup: "<link rel=\"stylesheet\" href=\"/unset.css\">",
        ..PAGE
    },
    Page {
        name: "names that shadow the window's",
        markup: "<form name=\"currentScript\"></form><form id=\"live-article\"><input name=\"attributes\"></form><img name=\"customElements\" alt=\"\">\
                 <a id=\"WebAssembly\"></a><a id=\"fetch\"></a><a id=\"localStorage\"></a><a id=\"Promise\"></a>",
        ..PAGE
    },
    Page {
        name: "names that shadow the document's",
        markup: "<form name=\"createElement\"></form><form name=\"createTextNode\"></form><form name=\"querySelector\"></form><form name=\"activeElement\"></form>",
        works: false,
        ..PAGE
    },
    Page { name: "a fetch that throws", script: "window.fetch = () => { throw Error('theirs'); };", works: false, ..PAGE },
    Page { name: "a fetch that answers nonsense", script: "window.fetch = () => 7;", works: false, ..PAGE },
    Page {
        name: "a fetch that breaks for the feed alone",
        script: "const plain = fetch; window.fetch = (url, init) => { if (/wasm|lang/.test(url)) return plain(url, init); throw Error('theirs'); };",
        works: false,
        ..PAGE
    },
    Page {
        name: "a fetch that answers the feed with nonsense",
        script: "const plain = fetch; window.fetch = async (url, init) => /wasm|lang/.test(url) ? plain(url, init) : 7;",
        works: false,
        ..PAGE
    },
    Page { name: "a then that throws", script: "const then = Promise.prototype.then;
                 Promise.prototype.then = function (...all) { if (/pkg/.test(Error().stack)) throw Error('theirs'); return then.apply(this, all); };", works: false, ..PAGE },
    Page { name: "arrays that throw", script: ARRAYS, works: false, ..PAGE },
    Page { name: "arrays that throw, to a module", script: ARRAYS, tag: MODULE, works: false, ..PAGE },
    Page {
        name: "listeners that throw",
        script: "EventTarget.prototype.addEventListener = () => { throw Error('theirs'); };",
        works: false,
        ..PAGE
    },
    Page {
        name: "listeners that throw, to a module",
        script: "EventTarget.prototype.addEventListener = () => { throw Error('theirs'); };",
        tag: MODULE,
        works: false,
        ..PAGE
    },
    Page {
        name: "observers that are none",
        script: "window.IntersectionObserver = window.MutationObserver = function () { return {}; };",
        works: false,
        ..PAGE
    },
    Page {
        name: "a DOM that throws",
        script: "Document.prototype.createTextNode = () => { throw Error('theirs'); };",
        works: false,
        ..PAGE
    },
];

pub(crate) async fn a_hostile_page_has_the_card_or_its_own_copy(bench: &Bench) -> Result<()> {
    for page in PAGES {
        visit(bench, page).await.with_context(|| page.name)?;
        bench.leave().await?;
    }
    Ok(())
}

async fn visit(bench: &Bench, page: &Page) -> Result<()> {
    bench.site.put("/story.jsonld", Answer::json(&story("Ferry back", "2016-07-27T10:00:00Z", &["One.", "Two."])));
    bench.site.put("/before.js", Answer::new("text/javascript", page.script));
    bench.site.put(
        "/unset.css",
        Answer::new("text/css", "*, *::before, *::after { all: unset !important; display: block !important }"),
    );
    bench.open(&format!("{}<script src=\"/before.js\"></script>{}{CARD}", page.markup, page.tag)).await?;
    let shown = "document.getElementsByTagName('live-article')[0].shadowRoot?.querySelector('[part~=headline]')?.checkVisibility()";
    let copy = "document.getElementById('copy').checkVisibility()";
    if page.works {
        bench.until(&format!("card()?.status === 'live' && {shown}")).await?;
        bench.expect("text('headline')", json!("Ferry back")).await?;
        bench.expect(copy, json!(false)).await?;
        return bench.quiet(0).await;
    }
    // Long enough to begin, to break and to begin anew.
    bench.eval_async("new Promise(done => setTimeout(done, 700))").await?;
    bench.until(&format!("{shown} || {copy}")).await?;
    bench.expect("seen.errors", json!([])).await?;
    bench.expect("seen.warnings.length < 6", json!(true)).await?;
    ensure!(bench.site.asked("/story.jsonld") < 6, "the server is asked without end");
    Ok(())
}

pub(crate) async fn a_card_needs_no_storage(bench: &Bench) -> Result<()> {
    for script in [
        "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('denied', 'SecurityError'); } });",
        "Object.defineProperty(window, 'localStorage', { value: null });",
        "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); };",
    ] {
        let put = |modified: &str, word: &str| {
            bench.site.put("/story.jsonld", Answer::json(&story("Ferry back", modified, &[word, "Two."])));
        };
        put("2016-07-27T10:00:00Z", "One.");
        bench.site.put("/before.js", Answer::new("text/javascript", script));
        bench
            .open(&format!("<script src=\"/before.js\"></script>{TAG}<live-article remember updates=\"auto\" src=\"/story.jsonld\"></live-article>"))
            .await?;
        bench.until("card()?.status === 'live'").await?;
        put("2016-07-27T11:00:00Z", "One more.");
        bench.eval_async("card().refresh()").await?;
        bench.until("part('body').textContent.includes('One more.')").await.context(script)?;
        bench.quiet(0).await?;
        bench.leave().await?;
    }
    Ok(())
}

pub(crate) async fn a_document_that_breaks_the_module_is_skipped(bench: &Bench) -> Result<()> {
    let put = |name: &str, headline: &str, modified: &str| {
        bench.site.put(name, Answer::json(&story(headline, modified, &["One.", "Two."])));
    };
    put("/story.jsonld", "Ferry back", "2016-07-27T10:00:00Z");
    put("/sand.jsonld", "Quicksand", "2016-07-27T10:00:00Z");
    // An import that throws unwinds the module like a trap of its own.
    let sink = "const make = Document.prototype.createTextNode;
                Document.prototype.createTextNode = function (text) { if (text.includes('Quicksand')) throw Error('sunk'); return make.call(this, text); };";
    bench.site.put("/before.js", Answer::new("text/javascript", sink));
    bench
        .open(&format!(
            "<script src=\"/before.js\"></script>{TAG}<live-article id=\"good\" src=\"/story.jsonld\"></live-article>"
        ))
        .await?;
    bench.until("card()?.status === 'live'").await?;
    bench
        .eval(
            "const bad = document.createElement('live-article'); bad.id = 'bad'; bad.src = '/sand.jsonld';
             bad.innerHTML = '<p id=\"copy\">The server\\'s own copy.</p>'; document.body.append(bad);",
        )
        .await?;
    let said = "seen.events.filter(({ event, detail }) => event === 'error' && detail.reason === 'trap')";
    bench.until(&format!("{said}.length")).await?;
    bench.expect(&format!("{said}[0].detail.url.endsWith('/sand.jsonld')"), json!(true)).await?;
    bench.expect("document.getElementById('copy').checkVisibility()", json!(true)).await?;
    bench.until("good.status === 'live' && text('headline', good) === 'Ferry back'").await?;
    bench.quiet(2).await?;
    let asked = bench.site.asked("/sand.jsonld");
    ensure!(asked == 3, "the document was asked for {asked} times: two that trap and one that is skipped");
    // What listened and waited in the instances that are gone rests.
    bench
        .eval("window.dispatchEvent(new Event('online')); document.dispatchEvent(new Event('visibilitychange'))")
        .await?;
    bench.eval("part('time', good)?.click(); good.toggleAttribute('paused'); good.toggleAttribute('paused')").await?;
    bench.eval_async("new Promise(done => setTimeout(done, 1500))").await?;
    bench.quiet(2).await?;
    // The other goes on, and so does this one with its next version.
    put("/story.jsonld", "Ferry and tug back", "2016-07-27T11:00:00Z");
    put("/sand.jsonld", "Firm ground", "2016-07-27T11:00:00Z");
    bench.eval_async("Promise.all([good.refresh(), bad.refresh()])").await?;
    bench.until("text('headline', good) === 'Ferry and tug back' && text('headline', bad) === 'Firm ground'").await?;
    bench.quiet(2).await
}

/// Notes what is read of a body, and holds none of it.
const TAKES: &str = "
var pieces = [];
var sizes = [];
const read = ReadableStreamDefaultReader.prototype.read;
ReadableStreamDefaultReader.prototype.read = async function () {
  const all = await read.call(this);
  if (all.value) {
    pieces.push(new WeakRef(all.value));
    sizes.push(all.value.length);
  }
  return all;
};
";

/// Read up to 4 MiB and no further, however long it would go on or was packed; then nothing of it is left.
pub(crate) async fn what_is_too_large_is_stopped(bench: &Bench) -> Result<()> {
    let origin = bench.harness.origin();
    let fault = |with: &str| format!("fetch('/faults/stories/ferry.jsonld', {{ {with} }}).then(answer => answer.ok)");
    for name in ["5mb", "50mb", "endless", "gzip-bomb"] {
        bench.visit(&format!("{origin}/favicon.svg")).await?;
        let on = fault(&format!("method: 'PUT', body: '{{\"fault\": \"{name}\", \"times\": 1}}'"));
        ensure!(bench.eval_async(&on).await? == json!(true), "{name} cannot be switched on");
        bench.site.put("/before.js", Answer::new("text/javascript", TAKES));
        bench
            .open(&format!(
                "<script src=\"/before.js\"></script>{TAG}<live-article src=\"{origin}/stories/ferry.jsonld\"><p id=\"copy\">The server's own copy.</p></live-article>"
            ))
            .await?;
        bench.until("seen.events.some(({ event }) => event === 'error')").await.context(name)?;
        let detail = "seen.events.find(({ event }) => event === 'error').detail";
        bench.expect(&format!("{detail}.reason"), json!("too-large")).await.context(name)?;
        bench.expect(&format!("{detail}.message.includes('4 MiB')"), json!(true)).await?;
        bench.expect("document.getElementById('copy').checkVisibility()", json!(true)).await?;
        // The piece that is too much is the last.
        let sum = "(all => all.reduce((sum, size) => sum + size, 0))";
        let edge = format!("[{sum}(sizes) > 2 ** 22, {sum}(sizes.slice(0, -1)) <= 2 ** 22]");
        bench.expect(&edge, json!([true, true])).await.context(name)?;
        if bench.engine == Engine::Chromium {
            let gone = "pieces.every(piece => !piece.deref())";
            bench
                .until_async(&format!("gc({{ type: 'major', execution: 'async' }}).then(() => {gone})"))
                .await
                .with_context(|| format!("{name} stays in memory"))?;
        }
        bench.eval_async("card().refresh()").await?;
        bench.until("card().status === 'live'").await.context(name)?;
        bench.quiet(0).await?;
    }
    bench.visit(&format!("{origin}/favicon.svg")).await?;
    bench.eval_async(&fault("method: 'DELETE'")).await.map(drop)
}

pub(crate) async fn storage_stays_the_sites(bench: &Bench) -> Result<()> {
    let card = "<live-article remember updates=\"auto\" src=\"/story.jsonld\"></live-article>";
    let put = |modified: &str, word: &str| {
        bench.site.put("/story.jsonld", Answer::json(&story("Ferry back", modified, &[word, "Two."])));
    };
    put("2016-07-27T10:00:00Z", "One.");
    // Full to the last byte.
    let fill = "localStorage.clear(); let piece = 'x'.repeat(1 << 20);
                for (let at = 0; piece; at++) try { localStorage.setItem('theirs-' + at, piece); } catch { piece = piece.slice(piece.length / 2 + .5 | 0); }";
    bench.site.put("/before.js", Answer::new("text/javascript", fill));
    bench.open(&format!("<script src=\"/before.js\"></script>{TAG}{card}")).await?;
    bench.until("card()?.status === 'live'").await?;
    put("2016-07-27T11:00:00Z", "One more.");
    bench.eval_async("card().refresh()").await?;
    bench.until("part('body').textContent.includes('One more.')").await?;
    bench.expect("Object.keys(localStorage).some(key => key.startsWith('live-article:'))", json!(false)).await?;
    bench.quiet(0).await?;
    // Many articles, one after another: the oldest make room, and the page's own are let alone.
    let many = "localStorage.clear(); localStorage.setItem('theirs', '1');
                for (let at = 0; at < 40; at++) localStorage.setItem('live-article:https://paper.example/' + at, (1e12 + at) + '\\nOld\\n\\n');";
    bench.site.put("/before.js", Answer::new("text/javascript", many));
    bench.open(&format!("<script src=\"/before.js\"></script>{TAG}{card}")).await?;
    bench.until("card()?.status === 'live'").await?;
    bench.expect("Object.keys(localStorage).filter(key => key.startsWith('live-article:')).length", json!(16)).await?;
    for (key, kept) in [
        ("theirs", true),
        ("live-article:https://paper.example/39", true),
        ("live-article:https://paper.example/9", false),
    ] {
        bench.expect(&format!("localStorage.getItem('{key}') !== null"), json!(kept)).await?;
    }
    bench
        .expect(
            &format!("localStorage.getItem('live-article:{}') !== null", bench.site.url("/story.jsonld")),
            json!(true),
        )
        .await?;
    // One that is too long for it is not kept at all.
    let long = "One more. ".repeat(20_000);
    bench.site.put("/story.jsonld", Answer::json(&story("Ferry back", "2016-07-27T12:00:00Z", &[&long, "Two."])));
    bench.eval_async("card().refresh()").await?;
    bench.until("card().article.blocks[0].text.length > 100000").await?;
    bench
        .expect(&format!("localStorage.getItem('live-article:{}')", bench.site.url("/story.jsonld")), json!(null))
        .await?;
    bench.eval("localStorage.clear()").await?;
    bench.quiet(0).await
}

/// Lets a test take all the memory that an instance can have, so that what it must grow for is refused.
const GREEDY: &str = "
var made = [];
var take = ({ exports }) => {
  const memory = Object.values(exports).find(out => out instanceof WebAssembly.Memory);
  for (let pages = 65536; pages >= 1; pages /= 2) try { for (;;) memory.grow(pages); } catch {}
};
const Instance = WebAssembly.Instance;
WebAssembly.Instance = function (module, imports) {
  const own = new Instance(module, imports);
  made.push(own);
  if (window.greedy) take(own);
  return own;
};
";

pub(crate) async fn memory_may_run_out(bench: &Bench) -> Result<()> {
    let put = |modified: &str, count| {
        let long = "Two more boats are at the pier, and the third will follow. ".repeat(50);
        let paragraphs = vec![long.as_str(); count];
        bench.site.put("/story.jsonld", Answer::json(&story("Ferry back", modified, &paragraphs)));
    };
    // From the first instance on: the server's copy stays.
    put("2016-07-27T10:00:00Z", 2);
    bench.site.put("/before.js", Answer::new("text/javascript", format!("window.greedy = true; {GREEDY}")));
    bench.open(&format!("<script src=\"/before.js\"></script>{TAG}{CARD}")).await?;
    bench.until("card()?.status === 'unsupported'").await?;
    bench.expect("made.length", json!(1)).await?;
    bench.expect("document.getElementById('copy').checkVisibility()", json!(true)).await?;
    bench.quiet(1).await?;
    bench.leave().await?;
    // Later, while a long document is read: the module is made anew, and reads it.
    put("2016-07-27T10:00:00Z", 2);
    bench.site.put("/before.js", Answer::new("text/javascript", GREEDY));
    bench.open(&format!("<script src=\"/before.js\"></script>{TAG}{CARD}")).await?;
    bench.until("card()?.status === 'live'").await?;
    bench.eval("made.forEach(take); card().updates = 'auto'").await?;
    put("2016-07-27T11:00:00Z", 600);
    bench.eval("card().refresh()").await?;
    bench.until("made.length === 2 && card().article?.blocks.length === 600").await?;
    bench.quiet(1).await
}

/// A frame's page that says whether it can reach the page around it.
const FRAME: &str = "<!doctype html><script>let own; try { own = parent.document.title; } catch { own = null; } parent.postMessage({ own, origin }, '*');</script>";

pub(crate) async fn what_is_loaded_learns_and_gains_nothing(bench: &Bench) -> Result<()> {
    // Three hosts: the page's own, by its name in the base too, and another.
    let here = bench.site.url("");
    let other = here.replace("127.0.0.1", "localhost");
    bench.site.put("/frame.html", Answer::new("text/html", FRAME));
    bench.site.put(
        "/before.js",
        Answer::new("text/javascript", "var said = []; addEventListener('message', event => said.push(event.data));"),
    );
    let body = format!(
        "<p><a href=\"{other}/next\" target=\"_top\" rel=\"opener\">next</a> <img src=\"{other}/in-body.png\" srcset=\"{other}/in-body.png 1x\" alt=\"\"></p>\
         <video poster=\"{other}/poster.png\" src=\"{other}/film.mp4\" autoplay></video><audio src=\"{other}/sound.mp3\" autoplay></audio>\
         <iframe src=\"{here}/frame.html\" sandbox=\"allow-scripts allow-same-origin\" allow=\"camera\"></iframe>\
         <iframe src=\"{other}/frame.html\"></iframe><iframe src=\"https://evil.example/\"></iframe><iframe srcdoc=\"a\"></iframe>"
    );
    let mut document = story("Ferry back", "2016-07-27T10:00:00Z", &[]);
    document["articleBody"] = json!(body);
    document["url"] = json!(format!("{other}/story.html"));
    document["author"] = json!({"name": "Ada", "url": format!("{other}/ada")});
    document["image"] = json!(format!("{other}/lead.png"));
    bench.site.put("/story.jsonld", Answer::json(&document));
    let card = |view: &str| {
        format!(
            "<live-article view=\"{view}\" embeds=\"127.0.0.1 localhost:* localhost\" src=\"{here}/story.jsonld\"></live-article>"
        )
    };
    bench
        .open(&format!(
            "<base href=\"{other}/\"><script src=\"{here}/before.js\"></script><script async src=\"{here}/pkg/embed.js\"></script>{}{}",
            card("article"),
            card("card")
        ))
        .await?;
    bench
        .until(
            "[...document.querySelectorAll('live-article')].every(card => card.status === 'live' && card.shadowRoot)",
        )
        .await?;
    let all = |selector: &str, value: &str| {
        format!(
            "[...document.querySelectorAll('live-article')].flatMap(card => [...card.shadowRoot.querySelectorAll('{selector}')]).map(of => {value})"
        )
    };
    let sandbox = "allow-scripts allow-popups allow-forms allow-presentation";
    bench
        .expect(
            &all("iframe", "[of.src.includes('localhost'), of.getAttribute('sandbox'), of.loading, of.referrerPolicy]"),
            json!([
                [false, sandbox, "lazy", "strict-origin"],
                [true, format!("{sandbox} allow-same-origin"), "lazy", "strict-origin"]
            ]),
        )
        .await?;
    bench
        .expect(
            &all("a:not([part~=permalink])", "/\\bnoopener\\b/.test(of.rel) && !of.target"),
            json!([true, true, true]),
        )
        .await?;
    bench
        .expect(
            &all("img", "[of.loading, of.referrerPolicy]"),
            json!([["lazy", "strict-origin"], ["lazy", "strict-origin"], ["lazy", "strict-origin"]]),
        )
        .await?;
    bench.expect(&all("video, audio", "[of.preload, of.autoplay]"), json!([["none", false], ["none", false]])).await?;
    // In sight they are asked for, and learn whose page it is, not which.
    for (path, element) in [
        ("/lead.png", "[part~=picture] img"),
        ("/in-body.png", "p img"),
        ("/frame.html", "iframe"),
        ("/frame.html", "iframe + iframe"),
    ] {
        bench
            .eval(&format!("card().shadowRoot.querySelector('{element}').scrollIntoView({{ block: 'center' }})"))
            .await?;
        let begun = std::time::Instant::now();
        while bench.site.asked(path) == 0 {
            ensure!(begun.elapsed().as_secs() < 30, "{path} is never asked for");
            bench.eval_async("new Promise(done => setTimeout(done, 50))").await?;
        }
        let referrer = bench.site.referrer(path);
        ensure!(referrer.as_deref() == Some(&format!("{here}/")), "{path} is told of {referrer:?}");
    }
    bench.until("said.length === 2").await?;
    // The page's own host gets no origin, and so does not reach the page; nor does the other.
    bench.expect("said.map(({ own }) => own)", json!([null, null])).await?;
    bench.expect("said.map(({ origin }) => origin).sort()", json!([other, "null"])).await?;
    for path in ["/film.mp4", "/sound.mp3", "/next", "/ada", "/story.html"] {
        ensure!(bench.site.asked(path) == 0, "{path} is asked for");
    }
    Ok(())
}

pub(crate) async fn odd_text_disturbs_nothing_around_it(bench: &Bench) -> Result<()> {
    let names = ["headline", "summary", "name", "body"];
    let mut plain = story("Ferry back", "2016-07-27T10:00:00Z", &["One.", "Two."]);
    plain["description"] = json!("Two berths are clear.");
    plain["author"] = json!({"name": "Ada"});
    bench.site.put("/plain.jsonld", Answer::json(&plain));
    let word = "a".repeat(10_000);
    let marks = format!("Zo{}e", "\u{301}\u{328}".repeat(100));
    for (kind, text) in [
        ("turned", "Ferry \u{202e}kcab\u{2067} \u{202d}yrref\u{2066} \u{61c}\u{200f}(".to_owned()),
        ("unseen", format!("F\u{200b}e\u{2060}r\u{feff}r\u{ad}y{}", "\u{200b}".repeat(5_000))),
        ("long", word),
        ("marked", marks),
    ] {
        for name in names {
            let mut document = plain.clone();
            match name {
                "headline" => document["headline"] = json!(text),
                "summary" => document["description"] = json!(text),
                "name" => document["author"]["name"] = json!(text),
                _ => document["articleBody"] = json!(format!("<p>{text}</p><ul><li>{text}</li></ul><p>Two.</p>")),
            }
            bench.site.put(&format!("/{kind}-{name}.jsonld"), Answer::json(&document));
        }
    }
    let kinds = ["turned", "unseen", "long", "marked"];
    let cards: String = kinds
        .iter()
        .flat_map(|kind| names.map(|name| format!("<live-article id=\"{kind}-{name}\" src=\"/{kind}-{name}.jsonld\"></live-article><p class=\"after\">after (it)</p>")))
        .collect();
    bench
        .open(&format!("<style>body {{ width: 500px }}</style>{TAG}<live-article id=\"plain\" src=\"/plain.jsonld\"></live-article>{cards}"))
        .await?;
    bench.until("[...document.querySelectorAll('live-article')].every(card => card.status === 'live')").await?;
    // Nothing is wider than its card, and what stands beside is where it stands beside plain text.
    bench.expect("document.documentElement.scrollWidth <= innerWidth", json!(true)).await?;
    bench
        .expect("[...document.querySelectorAll('live-article')].filter(card => [...card.shadowRoot.querySelectorAll('[part]')].some(piece => piece.getBoundingClientRect().right > card.getBoundingClientRect().right + 1 || piece.getBoundingClientRect().left < card.getBoundingClientRect().left - 1)).map(card => card.id)", json!([]))
        .await?;
    let place = "(card => [...card.shadowRoot.querySelectorAll('[part~=badge], [part~=time], [part~=paragraph]:last-child')].map(piece => { const box = piece.getBoundingClientRect(); return [box.left - card.getBoundingClientRect().left, box.width, box.height].map(Math.round).join(); }).join(' '))";
    bench
        .expect(
            &format!("[...document.querySelectorAll('live-article')].filter(card => {place}(card) !== {place}(plain)).map(card => card.id)"),
            json!([]),
        )
        .await?;
    // Marks pile up on their letter; the line is as high as any.
    bench.expect(&format!("{HIGH}(document.getElementById('marked-body')) === {HIGH}(plain)"), json!(true)).await?;
    // A headline is turned by nothing in it.
    bench.expect("/[\\u202a-\\u202e\\u2066-\\u2069\\u200b\\u2060\\ufeff]/.test(['turned-headline', 'turned-summary', 'turned-name', 'unseen-headline'].map(id => document.getElementById(id).shadowRoot.querySelector('header').textContent).join())", json!(false)).await?;
    bench.quiet(0).await
}

/// How high a card's first paragraph is.
const HIGH: &str =
    "(card => Math.round(card.shadowRoot.querySelector('[part~=paragraph]').getBoundingClientRect().height))";

pub(crate) async fn text_is_right_in_any_encoding(bench: &Bench) -> Result<()> {
    let utf_16 = |text: &str, big: bool| -> Vec<u8> {
        let unit = |unit: u16| if big { unit.to_be_bytes() } else { unit.to_le_bytes() };
        [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(unit).collect()
    };
    let document = |headline: &[u8]| [&b"{\"@type\": \"NewsArticle\", \"headline\": \""[..], headline, b"\"}"].concat();
    let whole = |headline: &str| String::from_utf8(document(headline.as_bytes())).expect("text");
    for (what, content_type, bytes, headline) in [
        ("UTF-8", "application/json", document("Zoë – 船".as_bytes()), "Zoë – 船"),
        (
            "UTF-8 with a mark",
            "application/json; charset=latin1",
            [&b"\xef\xbb\xbf"[..], &document("Zoë".as_bytes())].concat(),
            "Zoë",
        ),
        ("UTF-16, little", "application/json", utf_16(&whole("Zoë – 船"), false), "Zoë – 船"),
        ("UTF-16, big", "application/json", utf_16(&whole("Zoë – 船"), true), "Zoë – 船"),
        ("windows-1252", "application/json; charset=windows-1252", document(b"Zo\xeb \x96 \x84Ja\x93"), "Zoë – „Ja“"),
        ("windows-1251", "application/json; charset=\"Windows-1251\"", document(b"\xcf\xe0\xf0\xee\xec"), "Паром"),
        ("Shift_JIS", "application/json;charset=shift_jis", document(b"\x91D"), "船"),
        (
            "EUC-KR in a page",
            "text/html",
            b"<meta charset=euc-kr><title>\xb9\xe8</title><meta property=og:type content=article><p>a".to_vec(),
            "배",
        ),
        ("a charset nobody knows", "application/json; charset=x-none", document("Zoë".as_bytes()), "Zoë"),
        ("a charset that decodes nothing", "application/json; charset=replacement", document("Zoë".as_bytes()), "Zoë"),
        ("broken UTF-8", "application/json", document(b"Zo\xc3( \xff\xf0\x9f"), "Zo\u{fffd}( \u{fffd}\u{fffd}"),
        (
            "half a pair",
            "application/json",
            document(b"Zo\\ud800 \\udc00\\ud83d\\ude00"),
            "Zo\u{fffd} \u{fffd}\u{1f600}",
        ),
        ("NUL", "application/json", document(b"Zo\0e\\u0000"), "Zoe"),
    ] {
        bench.site.put("/story.jsonld", Answer::new(content_type, bytes));
        bench.open(&format!("{TAG}{CARD}")).await?;
        bench.until("card()?.status === 'live'").await.context(what)?;
        bench.expect("card().article.headline", json!(headline)).await.context(what)?;
        bench.expect("text('headline')", json!(headline)).await.context(what)?;
        bench.quiet(0).await.context(what)?;
    }
    Ok(())
}

/// Payloads of other projects, which are not ours to copy: `XSS` names a folder of `xss-*.json`, each a list of
/// `{title, payload, fires}`, where `fires` says through which sinks a payload was seen to run.
pub(crate) fn corpora() -> Option<String> {
    env::var("XSS").ok().filter(|folder| !folder.is_empty())
}

/// Whether a payload ran; one may have left the page.
const HAS_RUN: &str = "return typeof fired === 'object' && fired.length > 0";

/// Cards on one page.
const AT_ONCE: usize = 64;

pub(crate) async fn no_payload_of_the_corpora_runs(bench: &Bench) -> Result<()> {
    let Some(folder) = corpora() else { bail!("XSS names no folder") };
    let mut payloads: Vec<(String, bool)> = Vec::new();
    for entry in fs::read_dir(&folder).with_context(|| format!("no folder {folder}"))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !(name.starts_with("xss-") && path.extension().is_some_and(|ending| ending == "json")) {
            continue;
        }
        let list: Value = serde_json::from_slice(&fs::read(&path)?).with_context(|| name.clone())?;
        for payload in list.as_array().with_context(|| format!("{name} is no list"))? {
            let fires =
                payload["fires"].as_object().is_some_and(|fires| fires.values().any(|fired| *fired == json!(true)));
            payloads.push((payload["payload"].as_str().unwrap_or_default().to_owned(), fires));
        }
    }
    ensure!(!payloads.is_empty(), "{folder} has no xss-*.json");
    bench.site.put("/fire.js", Answer::new("text/javascript", FIRE));
    let witness = WITNESS.replace("img-src *", "img-src * data:");
    let policy = [("content-security-policy-report-only", &*witness)];
    for batch in payloads.chunks(AT_ONCE) {
        let put = |story: fn(&str) -> Value| {
            for (at, (payload, _)) in batch.iter().enumerate() {
                bench.site.put(&format!("/story-{at}.jsonld"), Answer::json(&story(payload)));
            }
        };
        put(article);
        let cards: String = (0..batch.len())
            .map(|at| format!("<live-article updates=\"auto\" src=\"/story-{at}.jsonld\"></live-article>"))
            .collect();
        bench.open_with(&format!("<script src=\"/fire.js\"></script>{TAG}{cards}"), &policy).await?;
        bench.eval("window.cards = [...document.querySelectorAll('live-article')]").await?;
        bench.until("cards.every(card => card.refresh)").await?;
        for (story, shown) in [(article as fn(&str) -> Value, "Before."), (blog, "After.")] {
            put(story);
            // Cards out of sight rest: each is asked.
            bench.eval_async("Promise.all(cards.map(card => card.refresh()))").await?;
            bench
                .until(&format!("cards.every(card => card.shadowRoot?.textContent.includes('{shown}'))"))
                .await
                .with_context(|| format!("{:?}", &batch[0].0))?;
            bench.eval("for (const card of cards) poke(card.shadowRoot)").await?;
            bench.eval_async("new Promise(done => setTimeout(done, 300))").await?;
            bench.expect("fired", json!([])).await?;
            bench.expect("cards.flatMap((card, at) => strangers(card.shadowRoot) ? [at] : [])", json!([])).await?;
            bench.quiet(0).await?;
        }
        bench.expect("refused", json!([])).await?;
        bench.leave().await?;
        bench.site.put("/fire.js", Answer::new("text/javascript", FIRE));
    }
    // The same payloads in a page that trusts its feed, so that it is known what their silence means.
    let marked: Vec<&String> = payloads.iter().filter(|(_, fires)| *fires).map(|(payload, _)| payload).collect();
    let mut ran = 0;
    for payload in &marked {
        let page = format!("<!doctype html><meta charset=\"utf-8\"><script src=\"/fire.js\"></script><body>{payload}");
        bench.site.put("/page.html", Answer::new("text/html; charset=utf-8", page));
        bench.visit(&bench.site.url("/page.html")).await?;
        bench.eval("poke(document.body)").await?;
        let begun = std::time::Instant::now();
        while bench.eval(HAS_RUN).await? != json!(true) && begun.elapsed().as_millis() < 800 {
            bench.eval_async("new Promise(done => setTimeout(done, 50))").await?;
        }
        ran += usize::from(bench.eval(HAS_RUN).await? == json!(true));
    }
    eprintln!(
        "{}: {} payloads, none ran; without the card {ran} of {} did",
        bench.engine.name(),
        payloads.len(),
        marked.len()
    );
    ensure!(
        bench.engine != Engine::Chromium || ran * 74 >= marked.len() * 70,
        "the payloads have lost their teeth: {ran} of {}",
        marked.len()
    );
    Ok(())
}

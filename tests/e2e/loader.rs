//! How the card comes into a page: by one tag, as a module, under policies, and what is left where it cannot.

use anyhow::{Context, Result, ensure};
use serde_json::json;
use www::browser::Engine;

use crate::bench::Bench;
use crate::site::{Answer, module, packed, story};

/// The policy that the contract promises to work under.
const STRICT: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; connect-src 'self'; img-src 'self'; \
                      require-trusted-types-for 'script'; trusted-types live-article";

const TAG: &str = "<script async src=\"/pkg/embed.js\"></script>";
const CARD: &str = "<live-article src=\"/story.jsonld\"><p id=\"copy\">The server's own copy.</p></live-article>";

fn feed(bench: &Bench) {
    bench
        .site
        .put("/story.jsonld", Answer::json(&story("Ferry back in service", "2016-07-27T10:00:00Z", &["One.", "Two."])));
}

async fn live(bench: &Bench) -> Result<()> {
    bench.until("card()?.status === 'live'").await?;
    bench.expect("text('headline')", json!("Ferry back in service")).await
}

async fn unsupported(bench: &Bench) -> Result<()> {
    bench.until("card()?.status === 'unsupported'").await?;
    bench.expect("document.getElementById('copy').checkVisibility()", json!(true)).await
}

pub(crate) async fn a_tag_with_data_places_a_card(bench: &Bench) -> Result<()> {
    feed(bench);
    bench
        .open("<p>before</p><script async src=\"/pkg/embed.js\" data-src=\"/story.jsonld\"></script><p>after</p>")
        .await?;
    live(bench).await?;
    bench.expect("card().previousElementSibling.localName", json!("script")).await?;
    bench.expect("card().nextElementSibling.textContent", json!("after")).await?;
    bench.quiet(0).await
}

pub(crate) async fn every_attribute_may_stand_on_the_tag(bench: &Bench) -> Result<()> {
    feed(bench);
    bench
        .open(
            "<script async src=\"/pkg/embed.js\" data-src=\"/story.jsonld\" data-time-zone=\"Asia/Tokyo\" data-view=\"badge\" \
             data-lang=\"de\" data-cfasync=\"false\"></script><form name=\"currentScript\"></form>",
        )
        .await?;
    bench.until("card()?.status === 'live'").await?;
    for (attribute, value) in
        [("time-zone", json!("Asia/Tokyo")), ("view", json!("badge")), ("lang", json!("de")), ("cfasync", json!(null))]
    {
        bench.expect(&format!("card().getAttribute('{attribute}')"), value).await?;
    }
    // A tag with other `data-*` only places none.
    bench.open(&format!("<script async src=\"/pkg/embed.js\" data-cfasync=\"false\"></script>{CARD}")).await?;
    live(bench).await?;
    bench.expect("document.querySelectorAll('live-article').length", json!(1)).await
}

pub(crate) async fn a_module_may_be_imported(bench: &Bench) -> Result<()> {
    feed(bench);
    bench.open(&format!("<script type=\"module\" src=\"/pkg/index.js\"></script>{CARD}")).await?;
    live(bench).await?;
    bench.quiet(0).await
}

pub(crate) async fn strict_policies_are_enough(bench: &Bench) -> Result<()> {
    // Without a policy of Trusted Types to be made, too, and as a module.
    let none = STRICT.replace("trusted-types live-article", "trusted-types 'none'");
    for (policy, tag) in
        [(STRICT, TAG), (&none, TAG), (&none, "<script type=\"module\" src=\"/pkg/index.js\"></script>")]
    {
        feed(bench);
        bench.site.put("/before.js", Answer::new("text/javascript", "var refused = []; addEventListener('securitypolicyviolation', event => refused.push(event.effectiveDirective + ' ' + event.blockedURI));"));
        let page = format!("<script src=\"/before.js\"></script>{tag}{CARD}");
        bench.open_with(&page, &[("content-security-policy", policy)]).await?;
        live(bench).await?;
        bench.until("card().shadowRoot.adoptedStyleSheets.length > 0").await?;
        // A swap with all that it says, a correction and another language among it.
        let mut next = story("Ferry back for good", "2016-07-27T11:00:00Z", &["One.", "Two more.", "Three."]);
        next["correction"] = json!("It was two.");
        bench.site.put("/story.jsonld", Answer::json(&next));
        bench.eval("card().updates = 'auto'; card().lang = 'ar'; card().remember = true").await?;
        bench.eval_async("card().refresh()").await?;
        bench.until("text('headline') === 'Ferry back for good' && part('changes') && part('correction')").await?;
        bench.eval("part('pause').click()").await?;
        bench.until("card().status === 'paused'").await?;
        bench.eval("card().remember = false").await?;
        bench.expect("refused", json!([])).await?;
        bench.quiet(0).await?;
        bench.leave().await?;
    }
    Ok(())
}

pub(crate) async fn any_content_type_will_do(bench: &Bench) -> Result<()> {
    for content_type in ["text/plain", "application/octet-stream", "text/html", ""] {
        feed(bench);
        let module = module()?;
        let mut wasm = packed(module.trim_start_matches("/pkg/"))?;
        content_type.clone_into(&mut wasm.headers[0].1);
        if content_type.is_empty() {
            wasm.headers.remove(0);
        }
        bench.site.put(&module, wasm);
        bench.open(&format!("{TAG}{CARD}")).await?;
        live(bench).await?;
        bench.quiet(0).await?;
        bench.leave().await?;
    }
    Ok(())
}

/// What is done to the module, to the page and to its policy, and what the warning names.
struct Refusal {
    name: &'static str,
    module: fn(Answer) -> Answer,
    script: &'static str,
    policy: &'static str,
    names: &'static str,
}

const NONE: Refusal = Refusal { name: "", module: |wasm| wasm, script: "", policy: "", names: "" };

const REFUSALS: &[Refusal] = &[
    Refusal {
        name: "a policy without wasm-unsafe-eval",
        policy: "script-src 'self'",
        names: "'wasm-unsafe-eval'",
        ..NONE
    },
    Refusal { name: "a policy that allows no request", policy: "connect-src 'none'", names: "connect-src", ..NONE },
    Refusal { name: "no file", module: |_| Answer::failure(404), names: "404", ..NONE },
    Refusal { name: "a server in trouble", module: |_| Answer::failure(503), names: "503", ..NONE },
    Refusal {
        name: "half a file",
        module: |wasm| Answer { body: wasm.body[..wasm.body.len() / 2].to_vec(), ..wasm },
        names: "hash",
        ..NONE
    },
    Refusal {
        name: "a connection that breaks off",
        module: |wasm| Answer { cut: Some(wasm.body.len() / 2), ..wasm },
        names: ".wasm",
        ..NONE
    },
    Refusal {
        name: "another file",
        module: |mut wasm| {
            if let Some(last) = wasm.body.last_mut() {
                *last ^= 1;
            }
            wasm
        },
        names: "hash",
        ..NONE
    },
    Refusal { name: "no WebAssembly", script: "delete window.WebAssembly", names: "WebAssembly", ..NONE },
    Refusal {
        name: "no memory",
        script: "WebAssembly.Instance = function () { throw new RangeError('out of memory'); }",
        names: "out of memory",
        ..NONE
    },
];

pub(crate) async fn the_children_stay_when_the_module_cannot_start(bench: &Bench) -> Result<()> {
    for refusal in REFUSALS {
        refused(bench, refusal).await.with_context(|| refusal.name)?;
    }
    Ok(())
}

async fn refused(bench: &Bench, refusal: &Refusal) -> Result<()> {
    feed(bench);
    let module = module()?;
    bench.site.put(&module, (refusal.module)(packed(module.trim_start_matches("/pkg/"))?));
    bench.site.put("/before.js", Answer::new("text/javascript", refusal.script));
    let policy = [("content-security-policy", refusal.policy)];
    let headers: &[_] = if refusal.policy.is_empty() { &[] } else { &policy };
    bench.open_with(&format!("<script src=\"/before.js\"></script>{TAG}{CARD}{CARD}"), headers).await?;
    unsupported(bench).await?;
    bench.quiet(1).await?;
    let warning = bench.eval("return seen.warnings[0]").await?.to_string();
    ensure!(warning.contains(refusal.names), "the warning does not name {}: {warning}", refusal.names);
    bench.expect("card().matches(':state(unsupported)')", json!(true)).await?;
    bench.expect("card().article", json!(null)).await?;
    // Every method is there and does nothing.
    bench.eval_async("(card().pause(), card().resume(), card().apply(), card().refresh())").await?;
    bench.quiet(1).await?;
    // Where that is known before the module is asked for, the story is not; else both were, and no more. WebKit lets a
    // module be compiled that it then does not let run.
    let known = match refusal.names {
        "'wasm-unsafe-eval'" => bench.engine != Engine::Webkit,
        names => names == "WebAssembly",
    };
    ensure!(bench.site.asked("/story.jsonld") <= usize::from(!known), "it polls all the same");
    bench.leave().await
}

pub(crate) async fn a_second_script_is_harmless(bench: &Bench) -> Result<()> {
    feed(bench);
    bench.open(&format!("{TAG}{TAG}{CARD}<script type=\"module\" src=\"/pkg/index.js\"></script>")).await?;
    live(bench).await?;
    bench.until("document.readyState === 'complete'").await?;
    bench.quiet(0).await?;
    ensure!(bench.site.asked(&module()?) == 1, "the module is loaded {} times", bench.site.asked(&module()?));
    // The second tag's own card is placed all the same.
    let tag = "<script async src=\"/pkg/embed.js\" data-src=\"/story.jsonld\"></script>";
    bench.open(&format!("{tag}{tag}")).await?;
    bench.until("document.querySelectorAll('live-article').length === 2").await?;
    bench.until("[...document.querySelectorAll('live-article')].every(card => card.status === 'live')").await
}

pub(crate) async fn a_second_version_is_not_used(bench: &Bench) -> Result<()> {
    feed(bench);
    let mut other = packed("embed.js")?;
    let version = env!("CARGO_PKG_VERSION");
    let script = String::from_utf8(other.body)?;
    ensure!(script.contains(version), "embed.js does not name its version");
    other.body = script.replace(version, "99.0.0").into_bytes();
    bench.site.put("/pkg/other.js", other);
    bench
        .open(&format!("<script src=\"/pkg/embed.js\"></script><script src=\"/pkg/other.js\"></script>{CARD}"))
        .await?;
    live(bench).await?;
    bench.quiet(1).await?;
    bench.expect("seen.warnings[0].includes('99.0.0')", json!(true)).await
}

pub(crate) async fn the_name_may_be_taken(bench: &Bench) -> Result<()> {
    feed(bench);
    bench.site.put(
        "/before.js",
        Answer::new(
            "text/javascript",
            "customElements.define('live-article', class extends HTMLElement { get status() { return 'theirs'; } })",
        ),
    );
    bench.open(&format!("<script src=\"/before.js\"></script>{TAG}{CARD}")).await?;
    bench.until("seen.warnings.length").await?;
    bench.quiet(1).await?;
    bench.expect("card().status", json!("theirs")).await
}

pub(crate) async fn the_page_is_left_as_it_was(bench: &Bench) -> Result<()> {
    feed(bench);
    bench.site.put(
        "/before.js",
        Answer::new(
            "text/javascript",
            "var keys = () => Reflect.ownKeys(window).map(String).sort();
             var shapes = () => JSON.stringify([Object, Array, Promise, Node, Element, HTMLElement, Document, EventTarget]
               .map(type => [Reflect.ownKeys(type), Reflect.ownKeys(type.prototype)].flat().map(String)));
             var before = { keys: keys(), shapes: shapes() };",
        ),
    );
    bench.open(&format!("<script src=\"/before.js\"></script>{TAG}{CARD}")).await?;
    live(bench).await?;
    // Two drivers leave a trace of their own.
    let added = "keys().filter(key => !before.keys.includes(key) && !/^ret_nodes$|automationSession/.test(key))";
    bench.expect(added, json!(["Symbol(live-article)"])).await?;
    bench.expect("shapes() === before.shapes", json!(true)).await?;
    bench.expect("[document.adoptedStyleSheets.length, document.styleSheets.length]", json!([0, 0])).await?;
    bench.expect("Object.getOwnPropertyNames(document).join()", json!("location")).await
}

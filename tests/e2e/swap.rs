//! The swap a reader does not notice, and the change a reader can see.

use anyhow::Result;
use serde_json::{Value, json};

use crate::bench::Bench;
use crate::site::{Answer, story};

pub(crate) const CARD: &str =
    "<script async src=\"/pkg/embed.js\"></script><live-article src=\"/story.jsonld\"></live-article>";
pub(crate) const AUTO: &str =
    "<script async src=\"/pkg/embed.js\"></script><live-article updates=\"auto\" src=\"/story.jsonld\"></live-article>";

pub(crate) fn put(bench: &Bench, document: &Value) {
    bench.site.put("/story.jsonld", Answer::json(document));
}

/// A story whose body is HTML.
pub(crate) fn rich(modified: &str, body: &str) -> Value {
    json!({"@context": "https://schema.org", "@type": "NewsArticle", "headline": "Ferry back",
        "dateModified": modified, "articleBody": body})
}

/// A live blog with entries `from` down to 1, a minute apart, each a few lines long.
pub(crate) fn blog(from: u32, edit: impl Fn(u32) -> &'static str) -> Value {
    let updates: Vec<Value> = (1..=from)
        .rev()
        .map(|number| {
            let text =
                format!("{}Entry {number}. {}", edit(number), "The ferry was seen again off the point. ".repeat(8));
            json!({"@type": "BlogPosting", "@id": format!("entry-{number}"), "headline": format!("Entry {number}"),
                "datePublished": format!("2026-07-27T{:02}:{:02}:00Z", number / 60, number % 60), "articleBody": text})
        })
        .collect();
    json!({"@context": "https://schema.org", "@type": "LiveBlogPosting", "headline": "Ferry, live",
        "dateModified": format!("2026-07-27T{:02}:{:02}:00Z", from / 60, from % 60), "liveBlogUpdate": updates})
}

pub(crate) async fn refresh(bench: &Bench) -> Result<()> {
    bench.eval_async("card().refresh()").await.map(drop)
}

pub(crate) async fn open(bench: &Bench, page: &str) -> Result<()> {
    bench.open(page).await?;
    bench.until("card()?.status === 'live'").await
}

pub(crate) async fn what_the_reader_holds_is_kept(bench: &Bench) -> Result<()> {
    let body = |word: &str| {
        format!(
            "<p>One ferry {word}.</p><p>Two <a href='/two'>ferries</a> came back in the end.</p>\
             <details><summary>More</summary><p>Three ferries.</p></details><p>Four ferries {word}.</p>"
        )
    };
    put(bench, &rich("2016-07-27T10:00:00Z", &body("came")));
    open(bench, AUTO).await?;
    bench
        .eval(
            "window.link = part('body').querySelector('a'); link.focus();
             window.fold = part('body').querySelector('details'); fold.open = true;
             window.words = link.nextSibling; window.nodes = [link, fold, words];
             (card().shadowRoot.getSelection?.() ?? getSelection()).setBaseAndExtent(words, 1, words, 5);",
        )
        .await?;
    put(bench, &rich("2016-07-27T11:00:00Z", &body("sailed")));
    refresh(bench).await?;
    bench.until("part('body').textContent.includes('One ferry sailed')").await?;
    bench.expect("card().shadowRoot.activeElement === link", json!(true)).await?;
    bench.expect("fold.open", json!(true)).await?;
    bench.expect("nodes.every(node => node.isConnected)", json!(true)).await?;
    bench.expect("String(card().shadowRoot.getSelection?.() ?? getSelection()).trim()", json!("came")).await?;
    bench.quiet(0).await
}

pub(crate) async fn a_change_of_one_word_touches_one_paragraph(bench: &Bench) -> Result<()> {
    let body =
        |word: &str| format!("<p>One ferry.</p><p>Two <em>big</em> ferries {word} here.</p><p>Three ferries.</p>");
    put(bench, &rich("2016-07-27T10:00:00Z", &body("came")));
    open(bench, AUTO).await?;
    bench
        .eval(
            "window.touched = []; window.two = part('body').children[1] ;
             new MutationObserver(records => touched.push(...records.map(({ target }) => (target.nodeType === 1 ? target : target.parentNode).textContent)))
               .observe(part('body'), { childList: true, characterData: true, subtree: true });
             window.nodes = [...part('body').querySelectorAll('p, em')];",
        )
        .await?;
    put(bench, &rich("2016-07-27T11:00:00Z", &body("went")));
    refresh(bench).await?;
    bench.until("touched.length").await?;
    bench.expect("touched.every(text => text === 'Two big ferries went here.')", json!(true)).await?;
    bench.expect("nodes.every(node => node.isConnected)", json!(true)).await?;
    bench.quiet(0).await
}

pub(crate) async fn nothing_read_moves_when_entries_come_in_above(bench: &Bench) -> Result<()> {
    put(bench, &blog(40, |_| ""));
    open(bench, AUTO).await?;
    bench
        .eval(
            "window.block = card().shadowRoot.getElementById('entry-20'); block.scrollIntoView();
             window.top0 = block.getBoundingClientRect().top;",
        )
        .await?;
    put(bench, &blog(43, |number| if number == 30 { "A longer beginning. " } else { "" }));
    refresh(bench).await?;
    bench.until("card().article.blocks.length === 43").await?;
    bench.expect("Math.abs(block.getBoundingClientRect().top - top0) < 2", json!(true)).await?;
    bench.quiet(0).await
}

pub(crate) async fn a_swap_waits_for_the_reader_and_says_so(bench: &Bench) -> Result<()> {
    put(bench, &blog(40, |_| ""));
    open(bench, CARD).await?;
    bench.eval("card().shadowRoot.getElementById('entry-20').scrollIntoView()").await?;
    put(bench, &blog(42, |_| ""));
    refresh(bench).await?;
    bench.until("card().pending").await?;
    bench.expect("card().pending.changes.filter(({ kind }) => kind === 'added').length", json!(2)).await?;
    bench.expect("card().article.blocks.length", json!(40)).await?;
    bench.expect("text('prompt')", json!("2 updates")).await?;
    bench.expect("card().matches(':state(pending)')", json!(true)).await?;
    // What waits is always the newest.
    put(bench, &blog(43, |_| ""));
    refresh(bench).await?;
    bench.until("text('prompt') === '3 updates'").await?;
    bench.eval("part('prompt').focus(); part('prompt').click()").await?;
    bench.until("card().article.blocks.length === 43").await?;
    bench.expect("card().pending", json!(null)).await?;
    bench.expect("part('prompt')", json!(null)).await?;
    bench.expect("card().shadowRoot.activeElement?.id", json!("entry-43")).await?;
    bench.quiet(0).await
}

pub(crate) async fn the_page_can_hold_a_version_and_let_it_go(bench: &Bench) -> Result<()> {
    put(bench, &story("Ferry back", "2016-07-27T10:00:00Z", &["One."]));
    open(bench, AUTO).await?;
    bench
        .eval("card().addEventListener('live-article-before-update', event => event.preventDefault(), { once: true })")
        .await?;
    put(bench, &story("Ferry gone", "2016-07-27T11:00:00Z", &["One."]));
    refresh(bench).await?;
    bench.until("card().pending?.weight === 'update'").await?;
    bench.expect("text('headline')", json!("Ferry back")).await?;
    bench.eval("card().apply()").await?;
    bench.until("text('headline') === 'Ferry gone'").await?;
    bench.quiet(0).await
}

pub(crate) async fn corrections_never_wait_and_are_said(bench: &Bench) -> Result<()> {
    put(bench, &story("Ferry back", "2016-07-27T10:00:00Z", &["One ferry is back at the pier."]));
    open(
        bench,
        "<script async src=\"/pkg/embed.js\"></script><live-article updates=\"prompt\" src=\"/story.jsonld\"></live-article>",
    )
    .await?;
    let mut corrected = story("Ferry back", "2016-07-27T11:00:00Z", &["Two ferries are back at the pier."]);
    corrected["correction"] =
        json!({"@type": "CorrectionComment", "text": "There were two.", "datePublished": "2016-07-27"});
    put(bench, &corrected);
    refresh(bench).await?;
    bench.until("part('correction')?.textContent.includes('There were two.')").await?;
    bench.expect("part('correction').querySelector('time').dateTime", json!("2016-07-27")).await?;
    bench.expect("seen.events.find(({ event }) => event === 'update').detail.weight", json!("correction")).await?;
    bench
        .expect(
            "card().shadowRoot.querySelector('[aria-live=polite]').textContent",
            json!("Correction: There were two."),
        )
        .await?;
    bench.expect("[...part('changes').querySelectorAll('ins')].some(({ textContent }) => textContent.includes('Two ferries are'))", json!(true)).await?;
    bench.expect("part('changed').textContent", json!("Two ferries are back at the pier.")).await?;
    bench.quiet(0).await
}

pub(crate) async fn a_slip_put_right_is_not_announced(bench: &Bench) -> Result<()> {
    put(bench, &story("Ferry back", "2016-07-27T10:00:00Z", &["One ferry is back at the habrour."]));
    open(bench, AUTO).await?;
    put(bench, &story("Ferry back", "2016-07-27T11:00:00Z", &["One ferry is back at the harbour."]));
    refresh(bench).await?;
    bench.until("part('body').textContent.includes('harbour')").await?;
    bench.expect("seen.events.find(({ event }) => event === 'update').detail.weight", json!("minor")).await?;
    bench.expect("card().shadowRoot.querySelector('[aria-live=polite]').textContent", json!("")).await?;
    bench.expect("part('changed')", json!(null)).await?;
    bench.quiet(0).await
}

pub(crate) async fn a_teaser_never_replaces_the_whole(bench: &Bench) -> Result<()> {
    let long = ["One ferry is back.", "Two ferries are back.", "Three ferries are back.", "Four are back."];
    put(bench, &story("Ferry back", "2016-07-27T10:00:00Z", &long));
    open(bench, AUTO).await?;
    put(bench, &story("Ferry back, readers say", "2016-07-27T11:00:00Z", &long[..1]));
    refresh(bench).await?;
    bench.until("text('headline') === 'Ferry back, readers say'").await?;
    bench.expect("card().article.blocks.length", json!(4)).await?;
    let mut paid = story(
        "Ferry back, they say",
        "2016-07-27T12:00:00Z",
        &["One.", "Two.", "Three.", "Four.", "Subscribe to read on."],
    );
    paid["isAccessibleForFree"] = json!(false);
    put(bench, &paid);
    refresh(bench).await?;
    bench.until("text('headline') === 'Ferry back, they say'").await?;
    bench.expect("card().article.blocks.map(({ text }) => text)", json!(long)).await?;
    bench.quiet(0).await
}

pub(crate) async fn an_older_copy_is_refused(bench: &Bench) -> Result<()> {
    put(bench, &story("Ferry back", "2016-07-27T10:00:00Z", &["One."]));
    open(bench, AUTO).await?;
    put(bench, &story("Ferry gone", "2016-07-27T09:00:00Z", &["One."]));
    refresh(bench).await?;
    bench.until("seen.events.some(({ event, detail }) => event === 'error' && detail.reason === 'older')").await?;
    bench.expect("text('headline')", json!("Ferry back")).await?;
    bench.quiet(0).await
}

pub(crate) async fn what_the_site_put_between_blocks_stays_alive(bench: &Bench) -> Result<()> {
    put(bench, &story("Ferry back", "2016-07-27T10:00:00Z", &["One ferry.", "Two ferries.", "Three ferries."]));
    bench.site.put("/frame.html", Answer::new("text/html", "<!doctype html><title>Box</title>"));
    open(
        bench,
        "<script async src=\"/pkg/embed.js\"></script><live-article updates=\"auto\" src=\"/story.jsonld\">\
         <iframe slot=\"after-2\" src=\"/frame.html\"></iframe></live-article>",
    )
    .await?;
    bench.until("document.querySelector('iframe').contentDocument?.title === 'Box'").await?;
    bench
        .eval(
            "document.querySelector('iframe').contentWindow.alive = true;
             window.order = () => { const top = element => element.getBoundingClientRect().top; const all = [...part('body').querySelectorAll('p')];
               return all.filter(one => top(one) < top(document.querySelector('iframe'))).length; };",
        )
        .await?;
    bench.expect("order()", json!(2)).await?;
    put(
        bench,
        &story("Ferry back", "2016-07-27T11:00:00Z", &["Nought.", "One ferry.", "Two ferries.", "Three ferries."]),
    );
    refresh(bench).await?;
    bench.until("card().article.blocks.length === 4").await?;
    bench.expect("order()", json!(2)).await?;
    bench.expect("document.querySelector('iframe').contentWindow.alive === true", json!(true)).await?;
    bench.quiet(0).await
}

pub(crate) async fn the_pages_own_json_ld_is_kept_in_step(bench: &Bench) -> Result<()> {
    let mut document = story("Ferry back", "2016-07-27T10:00:00Z", &["One."]);
    document["url"] = json!("/ferry");
    put(bench, &document);
    let own = "<script type=\"application/ld+json\">{\"@type\":\"NewsArticle\",\"url\":\"/ferry\",\"headline\":\"Ferry back\",\
               \"dateModified\":\"2016-07-27T10:00:00Z\",\"keywords\":[\"ferry\"]}</script>";
    open(bench, &format!("{own}{AUTO}")).await?;
    document["headline"] = json!("Ferry gone");
    document["dateModified"] = json!("2016-07-27T11:00:00Z");
    put(bench, &document);
    refresh(bench).await?;
    bench.until("text('headline') === 'Ferry gone'").await?;
    bench
        .expect(
            "JSON.parse(document.querySelector('script[type]').textContent)",
            json!({"@type": "NewsArticle", "url": "/ferry", "headline": "Ferry gone", "dateModified": "2016-07-27T11:00:00Z",
                "keywords": ["ferry"]}),
        )
        .await?;
    bench.quiet(0).await
}

pub(crate) async fn a_fragment_opens_its_block(bench: &Bench) -> Result<()> {
    put(bench, &blog(60, |_| ""));
    open(
        bench,
        "<script async src=\"/pkg/embed.js\"></script><live-article max-blocks=\"10\" src=\"/story.jsonld\"></live-article>",
    )
    .await?;
    bench.expect("card().shadowRoot.querySelectorAll('[part~=block]').length", json!(10)).await?;
    bench.expect("card().article.blocks.length", json!(60)).await?;
    bench.eval("location.hash = 'entry-3'").await?;
    bench.until("card().shadowRoot.getElementById('entry-3')").await?;
    bench
        .until("(({ top, bottom }) => bottom > 0 && top < innerHeight)(card().shadowRoot.getElementById('entry-3').getBoundingClientRect())")
        .await?;
    bench.eval("part('more').click()").await?;
    bench.until("card().shadowRoot.querySelectorAll('[part~=block]').length === 60").await?;
    bench.expect("part('more')", json!(null)).await?;
    bench.quiet(0).await
}

pub(crate) async fn a_reader_who_comes_back_is_told_what_is_new(bench: &Bench) -> Result<()> {
    let page =
        "<script async src=\"/pkg/embed.js\"></script><live-article remember src=\"/story.jsonld\"></live-article>";
    put(
        bench,
        &story("Ferry back", "2016-07-27T10:00:00Z", &["One ferry is back at the pier.", "Two more will follow."]),
    );
    open(bench, page).await?;
    bench.expect("Object.keys(localStorage).every(key => key.startsWith('live-article:'))", json!(true)).await?;
    bench.expect("localStorage.length", json!(1)).await?;
    put(
        bench,
        &story("Ferry back", "2016-07-27T11:00:00Z", &["One ferry is gone from the pier.", "Two more will follow."]),
    );
    open(bench, page).await?;
    bench.until("part('changes')").await?;
    bench.expect("part('changes').querySelector('ins').textContent.includes('gone from')", json!(true)).await?;
    bench.expect("part('changes').querySelectorAll('p').length", json!(1)).await?;
    bench.eval("card().remember = false").await?;
    bench.expect("localStorage.length", json!(0)).await?;
    bench.quiet(0).await
}

pub(crate) async fn the_sites_own_markup_is_kept_in_step(bench: &Bench) -> Result<()> {
    put(
        bench,
        &story("Ferry back", "2016-07-27T10:00:00Z", &["One ferry is back.", "Two ferries are back.", "Three are."]),
    );
    let page = "<script async src=\"/pkg/embed.js\"></script><live-article adopt updates=\"auto\" src=\"/story.jsonld\"><article>\
        <h2 itemprop=\"headline\">Ferry back</h2> <time itemprop=\"dateModified\" datetime=\"2016-07-27T10:00:00Z\">yesterday</time>\
        <div itemprop=\"articleBody\"><p class=\"lead\">One ferry is back.</p><aside>An advertisement</aside>\
        <p>Two ferries are back.</p><p>Three are.</p></div></article></live-article>";
    bench.site.put(
        "/writes.js",
        Answer::new(
            "text/javascript",
            "var writes = []; addEventListener('DOMContentLoaded', () => new MutationObserver(records => writes.push(...records.map(({ type, target }) => type + ' ' + target.nodeName)))
               .observe(card(), { childList: true, characterData: true, attributes: true, subtree: true }));",
        ),
    );
    open(bench, &format!("<script src=\"/writes.js\"></script>{page}")).await?;
    bench.expect("writes", json!([])).await?;
    bench.expect("card().matches(':state(adopted)')", json!(true)).await?;
    bench.expect("document.querySelector('h2').checkVisibility() && !!part('badge')", json!(true)).await?;
    bench.eval("window.nodes = [...card().querySelectorAll('*')]").await?;
    put(
        bench,
        &story(
            "Ferry back",
            "2016-07-27T11:00:00Z",
            &["One ferry is back.", "Two ferries are gone.", "New.", "Three are."],
        ),
    );
    refresh(bench).await?;
    bench.until("card().textContent.includes('Two ferries are gone.')").await?;
    bench
        .expect(
            "[...card().querySelector('div').children].map(({ textContent }) => textContent)",
            json!(["One ferry is back.", "An advertisement", "Two ferries are gone.", "New.", "Three are."]),
        )
        .await?;
    bench.expect("nodes.every(node => node.isConnected)", json!(true)).await?;
    bench.expect("card().querySelector('time').dateTime", json!("2016-07-27T11:00:00Z")).await?;
    bench.expect("card().querySelector('time').textContent", json!("07/27/2016")).await?;
    bench.quiet(0).await
}

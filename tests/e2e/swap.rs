//! The swap a reader does not notice, and the change a reader can see.

use anyhow::{Result, ensure};
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

pub(crate) async fn an_event_tells_of_its_own_version_however_late_it_is_read(bench: &Bench) -> Result<()> {
    put(bench, &story("One ferry", "2016-07-27T10:00:00Z", &["One ferry is back.", "It is blue."]));
    open(bench, AUTO).await?;
    for (hour, headline) in [(11, "Two ferries"), (12, "Three ferries")] {
        let text = format!("{headline} are back.");
        put(bench, &story(headline, &format!("2016-07-27T{hour}:00:00Z"), &[&text, "It is blue."]));
        refresh(bench).await?;
    }
    bench.until("text('headline') === 'Three ferries'").await?;
    // By every way in which a page may look at it.
    let told = "seen.events.filter(({ detail }) => 'article' in detail).map(({ event, detail }) => [event,
        structuredClone(detail).article.blocks[0].text, JSON.parse(JSON.stringify(detail)).article.headline,
        Object.keys(detail).includes('article') && detail.article === detail.article])";
    let row = |event, headline: &str, verb| json!([event, format!("{headline} {verb} back."), headline, true]);
    let rows = json!([
        row("load", "One ferry", "is"),
        row("before-update", "Two ferries", "are"),
        row("update", "Two ferries", "are"),
        row("before-update", "Three ferries", "are"),
        row("update", "Three ferries", "are")
    ]);
    bench.expect(told, rows).await?;
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

    // The server's copy may be the whole too.
    for (inside, blocks, stands) in
        [("<p id=copy>The whole.</p>", 0, true), (" <p slot=badge>A badge.</p> <!-- -->", 5, false)]
    {
        put(bench, &paid);
        open(bench, &AUTO.replace("></live-article>", &format!(">{inside}</live-article>"))).await?;
        bench
            .expect("[text('headline'), card().article.blocks.length]", json!(["Ferry back, they say", blocks]))
            .await?;
        bench.expect("!!document.getElementById('copy')?.checkVisibility()", json!(stands)).await?;
    }
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

pub(crate) async fn what_the_site_puts_between_blocks_later_stands_there(bench: &Bench) -> Result<()> {
    put(bench, &story("Ferry back", "2016-07-27T10:00:00Z", &["One ferry.", "Two ferries.", "Three ferries."]));
    open(bench, AUTO).await?;
    bench.eval("card().insertAdjacentHTML('beforeend', '<aside slot=after-2>An advertisement</aside>')").await?;
    bench
        .until("card().querySelector('aside').assignedSlot?.previousElementSibling.textContent === 'Two ferries.'")
        .await?;
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
    // Nothing has to come before what was kept goes.
    bench.eval("card().remember = true").await?;
    bench.expect("localStorage.length", json!(1)).await?;
    bench.site.put("/story.jsonld", Answer::failure(503));
    bench.open(page).await?;
    bench.until("seen.events.some(({ event }) => event === 'error')").await?;
    bench.eval("card().remember = false").await?;
    bench.expect("localStorage.length", json!(0)).await?;
    bench.quiet(0).await
}

pub(crate) async fn what_is_withdrawn_is_nowhere_any_more(bench: &Bench) -> Result<()> {
    put(bench, &story("Ferry back", "2016-07-27T10:00:00Z", &["One ferry is back."]));
    open(bench, &AUTO.replace("updates", "remember updates")).await?;
    put(bench, &story("Ferry gone", "2016-07-27T11:00:00Z", &["One ferry is gone."]));
    refresh(bench).await?;
    bench.until("part('changes')").await?;
    put(bench, &json!({"uri": "urn:ferry", "type": "text", "pubstatus": "canceled"}));
    refresh(bench).await?;
    bench.until("card().status === 'withdrawn'").await?;
    bench.expect("card().shadowRoot.textContent.includes('erry')", json!(false)).await?;
    bench
        .expect(
            "[part('changes'), localStorage.length, card().shadowRoot.querySelector('[aria-live]').textContent === text('notice')]",
            json!([null, 0, true]),
        )
        .await?;
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

/// Notes what is written in the card's children, from before the first load on.
const WRITES: &str = "var writes = []; addEventListener('DOMContentLoaded', () => new MutationObserver(records =>
    writes.push(...records.filter(({ target }) => target !== card()).map(({ type, target }) => type + ' ' + (target.className || target.id || target.nodeName))))
  .observe(card(), { childList: true, characterData: true, attributes: true, subtree: true }));";

async fn adopted(bench: &Bench, children: &str) -> Result<()> {
    bench.site.put("/writes.js", Answer::new("text/javascript", WRITES));
    let page = format!(
        "<script src=\"/writes.js\"></script><script async src=\"/pkg/embed.js\"></script>\
         <live-article adopt updates=\"auto\" src=\"/story.jsonld\">{children}</live-article>"
    );
    open(bench, &page).await
}

pub(crate) async fn the_sites_own_live_blog_is_kept_in_step(bench: &Bench) -> Result<()> {
    let document = |modified: &str, entries: &[(&str, &str, &str, &str)]| {
        let updates = entries.iter().map(|(id, time, headline, body)| {
            json!({"@type": "BlogPosting", "@id": format!("https://paper.example/ferry#{id}"), "headline": headline,
                "datePublished": format!("2016-07-27T{time}:00Z"), "articleBody": body})
        });
        json!({"@type": "LiveBlogPosting", "headline": "Ferry, live", "dateModified": modified,
            "liveBlogUpdate": updates.collect::<Vec<_>>()})
    };
    let one = ("one", "08:00", "Sighted", "<p>The ferry is in sight.</p><p>It is late, they say.</p>");
    let two = ("two", "09:00", "In", "<p>The ferry is in.</p><ul><li>Two cars</li><li>No lorry</li></ul>");
    put(bench, &document("2016-07-27T09:00:00Z", &[two, one]));
    adopted(
        bench,
        "<h1 itemprop=headline>Ferry, live</h1>
         <section class=feed>
           <article class=entry itemprop=liveBlogUpdate itemscope id=two>
             <h3 class=title itemprop=headline>In</h3> <time class=when itemprop=datePublished datetime='2016-07-27T09:00:00Z'>9 o'clock</time>
             <p>The ferry is
               in.</p> <ul> <li>Two cars</li> <li>No lorry</li> </ul>
             <button>Share</button>
           </article>
           <aside class=ad>An advertisement</aside>
           <article class=entry itemprop=liveBlogUpdate itemscope id=one>
             <h3 class=title itemprop=headline>Sighted</h3> <time class=when itemprop=datePublished datetime='2016-07-27T08:00:00Z'>8 o'clock</time>
             <p>The ferry is in sight.</p> <p>It is late, they say.</p>
             <button>Share</button>
           </article>
         </section>
         <aside itemprop=mentions itemscope><h2 itemprop=headline>Another story</h2></aside>",
    )
    .await?;
    bench.expect("writes", json!([])).await?;
    bench.eval("window.nodes = [...card().querySelectorAll('*')]").await?;
    let edited = ("one", "08:00", "Sighted at last", "<p>The ferry is in sight.</p><p>It is early, they say.</p>");
    let three = ("three", "10:00", "Out", "<p>The ferry is out again.</p>");
    put(bench, &document("2016-07-27T10:00:00Z", &[three, two, edited]));
    refresh(bench).await?;
    bench.until("card().querySelectorAll('.entry').length === 3").await?;
    bench
        .expect(
            "[...card().querySelectorAll('.entry')].map(entry => [...entry.children].map(({ localName, className, textContent }) =>
               [localName, className, localName === 'time' ? '' : textContent.replace(/\\s+/g, ' ').trim()].join('/')))",
            json!([
                ["h3/title/Out", "time/when/", "p//The ferry is out again."],
                ["h3/title/In", "time/when/", "p//The ferry is in.", "ul//Two cars No lorry", "button//Share"],
                ["h3/title/Sighted at last", "time/when/", "p//The ferry is in sight.", "p//It is early, they say.", "button//Share"],
            ]),
        )
        .await?;
    bench.expect("document.getElementById('https://paper.example/ferry#three').matches('.feed > .entry[itemprop=liveBlogUpdate][itemscope]:first-child')", json!(true)).await?;
    bench.expect("document.querySelector('.when').dateTime", json!("2016-07-27T10:00:00Z")).await?;
    bench.expect("nodes.every(node => node.isConnected)", json!(true)).await?;
    bench
        .expect(
            "[...card().querySelectorAll('h1, h2')].map(({ textContent }) => textContent)",
            json!(["Ferry, live", "Another story"]),
        )
        .await?;
    // What is new is pushed in above what a reader has begun, as in the card's own blog.
    bench.expect("writes.filter(write => /two|ad$|ASIDE|BUTTON/.test(write))", json!([])).await?;
    bench.quiet(0).await
}

pub(crate) async fn a_copy_as_new_as_the_feed_is_not_touched(bench: &Bench) -> Result<()> {
    let body = |word: &str| {
        format!(
            "<p>One <a href='/one'>ferry</a> is {word}.</p><ul><li>Two cars</li><li>No lorry</li></ul>\
             <figure><img src='/ferry.png' alt=''><figcaption>The ferry</figcaption></figure>"
        )
    };
    let mut document = rich("2016-07-27T10:00:00Z", &body("back"));
    document["author"] = json!([{"@type": "Person", "name": "Ada Barnes"}]);
    document["datePublished"] = json!("2016-07-26T09:00:00Z");
    put(bench, &document);
    let copy = |headline: &str, modified: &str, extra: &str| {
        format!(
            "<article><h2 itemprop=headline>{headline}</h2> By <span itemprop=author itemscope><b itemprop=name>Ada Barnes</b></span>
             <meta itemprop=datePublished content=2016-07-26> <time itemprop=dateModified {modified}>some time ago</time>
             <div itemprop=articleBody>
               <p>One <a href=/one class=link>ferry</a> is back.</p> {extra}
               <ul> <li>Two cars</li> <li>No lorry</li> </ul>
               <figure> <img src=/ferry.png?small alt> <figcaption>The ferry</figcaption> </figure>
             </div></article>"
        )
    };
    let related = "<p class=related>Read also: the harbour</p>";
    for (headline, modified, extra) in [
        ("Ferry back", "datetime=2016-07-27T10:00:00Z", related),
        // The site has headlines of its own.
        ("The ferry is back", "datetime='2016-07-27T12:00:00+02:00'", related),
        ("Ferry back", "datetime=2016-07-27", related),
        // Only its text says how new it is.
        ("Ferry back", "", ""),
    ] {
        adopted(bench, &copy(headline, modified, extra)).await?;
        bench.expect("writes", json!([])).await?;
        bench.eval("card().view = 'card'; card().headingLevel = 3").await?;
        bench.expect("writes", json!([])).await?;
    }
    adopted(bench, &copy("Ferry back", "datetime=2016-07-27T10:00:00Z", related)).await?;
    bench.eval("window.nodes = [...card().querySelectorAll('*')]").await?;
    document["dateModified"] = json!("2016-07-27T11:00:00Z");
    document["articleBody"] = json!(body("gone"));
    put(bench, &document);
    refresh(bench).await?;
    bench.until("card().querySelector('p').textContent === 'One ferry is gone.'").await?;
    bench.expect("nodes.every(node => node.isConnected)", json!(true)).await?;
    bench.expect("card().querySelector('.link').getAttribute('href')", json!("/one")).await?;
    bench.expect("card().querySelector('[itemprop=dateModified]').dateTime", json!("2016-07-27T11:00:00Z")).await?;
    bench.expect("card().querySelector('[itemprop=dateModified]').textContent", json!("07/27/2016")).await?;
    bench
        .expect(
            "writes.every(write => ['attributes TIME', 'childList TIME', 'characterData #text'].includes(write))",
            json!(true),
        )
        .await?;
    bench.quiet(0).await
}

/// Collects what the card's live region is given to say.
const LISTEN: &str = "window.said = []; window.region = card().shadowRoot.querySelector('[aria-live=polite]');
    new MutationObserver(records => { for (const { addedNodes } of records) for (const node of addedNodes) said.push(node.textContent); })
      .observe(region, { childList: true, characterData: true, subtree: true });";

pub(crate) async fn each_update_is_said_once(bench: &Bench) -> Result<()> {
    let version = |headline: &str, minute: u32, text: &str| {
        story(headline, &format!("2016-07-27T10:{minute:02}:00Z"), &[text, "Two more will follow in the morning."])
    };
    put(bench, &version("Ferry back", 0, "One ferry is back at the pier."));
    open(bench, AUTO).await?;
    bench.eval(LISTEN).await?;
    let mut said = Vec::new();
    for (minute, headline, text, says) in [
        // The same words again are news again.
        (1, "Ferry back", "One ferry is gone from the pier.", "Updated: Ferry back"),
        (2, "Ferry back", "One ferry has sunk at the pier.", "Updated: Ferry back"),
        // A slip.
        (3, "Ferry back", "One ferry has sunk at the piers.", ""),
        (4, "Ferry gone", "One ferry has sunk at the piers.", "Updated: Ferry gone"),
        // It flaps.
        (5, "Ferry back", "One ferry has sunk at the piers.", ""),
        (6, "Ferry gone", "One ferry has sunk at the piers.", ""),
        (7, "Ferry found", "One ferry has sunk at the piers.", "Updated: Ferry found"),
    ] {
        put(bench, &version(headline, minute, text));
        refresh(bench).await?;
        bench.until(&format!("seen.events.filter(({{ event }}) => event === 'update').length === {minute}")).await?;
        if !says.is_empty() {
            said.push(says);
        }
        bench.expect("said", json!(said)).await?;
    }
    bench.expect("region.isConnected && card().shadowRoot.querySelectorAll('[aria-live]').length", json!(1)).await?;
    bench.quiet(0).await
}

/// The names in the accessibility tree, each with its role and the number of its node.
async fn named(bench: &Bench) -> Result<Vec<(String, String, Value)>> {
    let tree = bench.devtools("Accessibility.getFullAXTree", json!({})).await?;
    let told = |node: &Value| node["ignored"] != json!(true) && node["role"]["value"] != json!("InlineTextBox");
    let text = |value: &Value| value["value"].as_str().unwrap_or_default().to_owned();
    let nodes = tree["nodes"].as_array().into_iter().flatten().filter(|node| told(node));
    let named = nodes.map(|node| (text(&node["role"]), text(&node["name"]), node["backendDOMNodeId"].clone()));
    Ok(named.filter(|(_, name, _)| !name.is_empty()).collect())
}

pub(crate) async fn a_screen_reader_stays_where_it_was(bench: &Bench) -> Result<()> {
    let texts = ["The first ferry is back.", "A second boat will follow.", "Three of them were seen."];
    put(bench, &story("Ferry back", "2016-07-27T10:00:00Z", &texts));
    open(bench, AUTO).await?;
    bench.devtools("Accessibility.enable", json!({})).await?;
    let before = named(bench).await?;
    put(bench, &story("Ferry back", "2016-07-27T11:00:00Z", &[texts[0], "A second boat has sunk.", texts[2]]));
    refresh(bench).await?;
    bench.until("part('changes')").await?;
    let after = named(bench).await?;
    // What was there and says the same is the same node; the rest is the paragraph, the badge's time and what changed.
    for (role, name, node) in &before {
        let kept = after.iter().any(|other| other == &(role.clone(), name.clone(), node.clone()));
        let new =
            name.contains("second boat") || role.contains("time") || name.contains("2016") || name.contains("checked");
        ensure!(kept || new, "{role} {name:?} is another one after the update");
    }
    let has = |text: &str| after.iter().any(|(_, name, _)| name == text);
    ensure!(has("A second boat has sunk.") && !has("A second boat will follow."), "{after:?}");
    ensure!(has("What changed") && has("Updated: Ferry back"), "{after:?}");
    put(bench, &story("Ferry back", "2016-07-27T12:00:00Z", &[texts[0], "A second boat has sunk!", texts[2]]));
    refresh(bench).await?;
    bench.until("part('body').textContent.includes('sunk!')").await?;
    let said = |tree: &[(String, String, Value)]| {
        tree.iter().filter(|(_, name, _)| name.starts_with("Updated: ")).cloned().collect::<Vec<_>>()
    };
    ensure!(said(&named(bench).await?) == said(&after), "a slip put right is said");
    bench.devtools("Accessibility.disable", json!({})).await?;
    bench.quiet(0).await
}

pub(crate) async fn blocks_past_the_limit_stay_while_they_are_read(bench: &Bench) -> Result<()> {
    put(bench, &blog(40, |_| ""));
    open(bench, &AUTO.replace("updates", "max-blocks=20 updates")).await?;
    bench
        .eval(
            "window.last = card().shadowRoot.getElementById('entry-21'); last.scrollIntoView(); scrollBy(0, 5);
             window.top0 = last.getBoundingClientRect().top;",
        )
        .await?;
    put(bench, &blog(42, |_| ""));
    refresh(bench).await?;
    bench.until("card().article.blocks.length === 42").await?;
    bench.expect("last.isConnected && Math.abs(last.getBoundingClientRect().top - top0) < 2", json!(true)).await?;
    bench.expect("card().shadowRoot.querySelectorAll('[part~=block]').length", json!(22)).await?;
    bench.eval("scrollTo(0, 0)").await?;
    put(bench, &blog(43, |_| ""));
    refresh(bench).await?;
    bench.until("card().shadowRoot.querySelectorAll('[part~=block]').length === 20").await?;
    // The page's word counts after the reader's too, and another story begins anew.
    let shown = "card().shadowRoot.querySelectorAll('[part~=block]').length";
    bench.eval("part('more').click()").await?;
    bench.expect(shown, json!(43)).await?;
    bench.eval("card().maxBlocks = 10").await?;
    bench.expect(shown, json!(10)).await?;
    bench.eval("part('more').click()").await?;
    bench.site.put("/other.jsonld", Answer::json(&blog(15, |_| "")));
    bench.eval("card().src = '/other.jsonld'").await?;
    bench.until("card().article.blocks.length === 15").await?;
    bench.expect(shown, json!(10)).await?;
    bench.quiet(0).await
}

/// Cards of one feed, each of its own entry: what one of them misses, or reads as older, is no word for the others.
pub(crate) async fn each_card_reads_its_own_entry(bench: &Bench) -> Result<()> {
    let publish = |version: u32| {
        let entry = |id: &str, day: u32| {
            json!({"id": id, "title": format!("{id}, {version}"), "content_text": "The ferry was seen.",
                "date_modified": format!("2016-07-{day}T10:0{version}:00Z")})
        };
        put(
            bench,
            &json!({"version": "https://jsonfeed.org/version/1.1", "title": "Ferry", "items": [entry("newer", 27), entry("older", 20)]}),
        );
    };
    publish(1);
    let card = |id: &str| {
        format!(
            "<live-article id=\"{id}\" item=\"{id}\" src=\"/story.jsonld\" updates=\"auto\" interval=\"86400\"></live-article>"
        )
    };
    bench
        .open(&format!(
            "<script async src=\"/pkg/embed.js\"></script>{}{}{}",
            card("none"),
            card("newer"),
            card("older")
        ))
        .await?;
    let shown = "[none, newer, older].map(card => card.article?.headline ?? null)";
    bench.eval("for (const id of ['none', 'newer', 'older']) window[id] = document.getElementById(id)").await?;
    bench.until("newer.article && older.article").await?;
    bench.expect(shown, json!([null, "newer, 1", "older, 1"])).await?;
    // Told again where the answer came before the page was parsed to its end, so that it was asked for once more.
    bench
        .expect(
            "[...new Set(seen.events.filter(({ event }) => event === 'error').map(({ detail }) => detail.reason))]",
            json!(["no-article"]),
        )
        .await?;
    bench.eval("none.item = 'newer'").await?;
    bench.expect(shown, json!(["newer, 1", "newer, 1", "older, 1"])).await?;
    bench.eval("none.item = 'older'; newer.remove()").await?;
    publish(2);
    bench.eval_async("older.refresh()").await?;
    bench.expect(shown, json!(["older, 2", "newer, 1", "older, 2"])).await?;
    bench.quiet(0).await
}

pub(crate) async fn dates_alone_are_nothing_to_wait_for(bench: &Bench) -> Result<()> {
    put(bench, &story("Ferry back", "2016-07-27T10:00:00Z", &["One.", "Two."]));
    open(bench, &AUTO.replace("auto", "prompt")).await?;
    put(bench, &story("Ferry back", "2016-07-27T11:00:00Z", &["One.", "Two."]));
    refresh(bench).await?;
    bench.until("card().article.modified === '2016-07-27T11:00:00Z'").await?;
    bench.expect("[card().pending, part('prompt')]", json!([null, null])).await?;
    // What waits no longer waits when it is asked for in another way.
    put(bench, &story("Ferry gone", "2016-07-27T12:00:00Z", &["One.", "Two.", "Three."]));
    refresh(bench).await?;
    bench.until("text('prompt') === '2 updates'").await?;
    bench.expect("Object.keys(card().pending).sort()", json!(["changes", "weight"])).await?;
    bench.eval("card().updates = 'quiet'").await?;
    bench.until("text('headline') === 'Ferry gone'").await?;
    bench
        .expect("[card().pending, part('prompt'), card().matches(':state(pending)')]", json!([null, null, false]))
        .await?;
    bench.quiet(0).await
}

pub(crate) async fn a_paused_card_shows_what_it_is_asked_for(bench: &Bench) -> Result<()> {
    put(bench, &story("Ferry back", "2016-07-27T10:00:00Z", &["One."]));
    open(bench, &format!("{AUTO}<live-article id=other src=\"/story.jsonld\"></live-article>")).await?;
    bench.until("document.getElementById('other').article").await?;
    bench.eval("card().pause()").await?;
    put(bench, &story("Ferry gone", "2016-07-27T11:00:00Z", &["One."]));
    bench.eval_async("document.getElementById('other').refresh()").await?;
    bench.until("document.getElementById('other').article.headline === 'Ferry gone'").await?;
    bench.expect("text('headline')", json!("Ferry back")).await?;
    bench.eval("card().resume()").await?;
    bench.until("text('headline') === 'Ferry gone'").await?;
    bench.eval("card().pause()").await?;
    put(bench, &story("Ferry found", "2016-07-27T12:00:00Z", &["One."]));
    refresh(bench).await?;
    bench.expect("text('headline')", json!("Ferry found")).await?;
    bench.expect("card().status", json!("paused")).await?;
    bench.quiet(0).await
}

pub(crate) async fn another_article_is_not_told_as_a_change(bench: &Bench) -> Result<()> {
    put(bench, &story("Ferry back", "2016-07-27T10:00:00Z", &["One ferry is back."]));
    open(bench, AUTO).await?;
    put(bench, &story("Ferry gone", "2016-07-27T11:00:00Z", &["One ferry is gone."]));
    refresh(bench).await?;
    bench.until("part('changes')").await?;
    bench.site.put("/other.jsonld", Answer::json(&story("Storm", "2015-01-01T11:00:00Z", &["A storm came."])));
    bench.eval("card().src = '/other.jsonld'").await?;
    bench.until("text('headline') === 'Storm'").await?;
    bench.expect("[part('changes'), part('changed')]", json!([null, null])).await?;
    bench.quiet(0).await
}

pub(crate) async fn the_window_of_a_feed_may_be_short(bench: &Bench) -> Result<()> {
    let feed = |from: u32, to: u32| {
        let items: Vec<Value> = (from..=to)
            .rev()
            .map(|number| {
                json!({"id": format!("entry-{number}"), "title": format!("Entry {number}"), "content_text": "The ferry was seen again.",
                    "date_published": format!("2016-07-27T10:{number:02}:00Z")})
            })
            .collect();
        json!({"version": "https://jsonfeed.org/version/1.1", "title": "Ferry", "items": items})
    };
    put(bench, &feed(1, 9));
    open(bench, AUTO).await?;
    put(bench, &feed(8, 11));
    refresh(bench).await?;
    bench.until("card().article.blocks.length === 11").await?;
    bench.expect("card().shadowRoot.querySelector('[part~=block]').id", json!("entry-11")).await?;
    bench.quiet(0).await
}

pub(crate) async fn what_is_remembered_is_bounded(bench: &Bench) -> Result<()> {
    put(bench, &blog(3, |_| ""));
    let page =
        "<script async src=\"/pkg/embed.js\"></script><live-article remember src=\"/story.jsonld\"></live-article>";
    open(bench, page).await?;
    bench
        .eval("for (let at = 0; at < 80; at++) localStorage.setItem(`live-article:https://paper.example/${at}`, `${at}\nOld`); localStorage.setItem('own', 1)")
        .await?;
    put(bench, &blog(4, |entry| if entry == 2 { "Two ferries. " } else { "" }));
    open(bench, page).await?;
    // The newest few, this one among them, and what is the site's.
    bench.expect("Object.keys(localStorage).filter(key => key.startsWith('live-article:')).length", json!(16)).await?;
    bench.expect("[localStorage.getItem('live-article:https://paper.example/79') !== null, localStorage.getItem('live-article:https://paper.example/1')]", json!([true, null])).await?;
    // Entries with a heading too: only what is new is told and marked.
    bench.expect("part('changes').querySelectorAll('p').length", json!(2)).await?;
    bench
        .expect(
            "[...card().shadowRoot.querySelectorAll('[part~=changed]')].map(({ id }) => id)",
            json!(["entry-4", "entry-2"]),
        )
        .await?;
    bench.eval("card().remember = false; localStorage.removeItem('own')").await?;
    bench.expect("Object.keys(localStorage).length", json!(15)).await?;
    bench.eval("localStorage.clear()").await?;
    bench.quiet(0).await
}

pub(crate) async fn the_prompt_covers_no_part_of_a_line(bench: &Bench) -> Result<()> {
    for width in [240, 480, 1000] {
        put(bench, &blog(40, |_| ""));
        open(bench, &format!("<div style=\"width: {width}px\">{CARD}</div>")).await?;
        bench.eval("card().shadowRoot.getElementById('entry-20').scrollIntoView(); scrollBy(0, 51)").await?;
        put(bench, &blog(42, |_| ""));
        refresh(bench).await?;
        bench.until("part('prompt')").await?;
        bench
            .expect(
                "(() => {
                   const prompt = part('prompt').getBoundingClientRect();
                   const cut = [];
                   const texts = document.createTreeWalker(part('body'), NodeFilter.SHOW_TEXT);
                   for (let text; (text = texts.nextNode()); ) {
                     const range = document.createRange();
                     range.selectNodeContents(text);
                     for (const line of range.getClientRects())
                       if (line.width && line.top < prompt.bottom && line.bottom > prompt.top && (line.left < prompt.left - 1 || line.right > prompt.right + 1)) cut.push(text.data);
                   }
                   return [cut, Math.round(prompt.top), prompt.height < 40];
                 })()",
                json!([[], 0, true]),
            )
            .await?;
        // A link that the keyboard goes to stands below it.
        bench.eval("const links = [...card().shadowRoot.querySelectorAll('[part~=permalink]')]; links[5].focus(); links[5].scrollIntoView()").await?;
        bench.expect("card().shadowRoot.activeElement.getBoundingClientRect().top >= part('prompt').getBoundingClientRect().bottom", json!(true)).await?;
    }
    bench.quiet(0).await
}

//! When the card asks and when it does not, in a real page: among many cards and tabs, hidden, away, offline, moved.
//!
//! In Chromium, which alone can be frozen, cut off and made to prerender by a test. What an answer may do to it is in `faults`; waits that are too long for a test are in `tests/web`.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use www::browser::Engine;

use crate::bench::Bench;
use crate::site::{Answer, story};

pub(crate) const TAG: &str = "<script async src=\"/pkg/embed.js\"></script>";

fn publish(bench: &Bench, path: &str, hour: u32, headline: &str) {
    let modified = format!("2016-07-27T{hour:02}:00:00Z");
    bench.site.put(path, Answer::json(&story(headline, &modified, &["One.", "Two."])));
}

/// Whether of the documents that poll a path `waiting` wait for the lock that one of them holds.
pub(crate) fn led(path: &str, waiting: usize) -> String {
    let count = format!("list => list.filter(({{ name }}) => name.endsWith('{path}')).length");
    format!(
        "navigator.locks.query().then(({{ held, pending }}) => {{ const count = {count}; return count(held) === 1 && count(pending) === {waiting}; }})"
    )
}

pub(crate) async fn without_locks_each_tab_asks_for_itself(bench: &Bench) -> Result<()> {
    publish(bench, "/story.jsonld", 1, "First");
    for script in [
        "Object.defineProperty(navigator, 'locks', { value: undefined });",
        "navigator.locks.request = () => { throw new DOMException('no origin', 'SecurityError'); };",
        "navigator.locks.request = async () => { throw new DOMException('no origin', 'SecurityError'); };",
        "window.BroadcastChannel = undefined;",
        "window.BroadcastChannel = function () { throw Error('theirs'); };",
    ] {
        bench.site.put("/before.js", Answer::new("text/javascript", script));
        bench
            .open(&format!(
                "<script src=\"/before.js\"></script>{TAG}<live-article updates=\"auto\" src=\"/story.jsonld\"></live-article>"
            ))
            .await?;
        bench.until("card()?.status === 'live'").await.context(script)?;
        let asked = bench.site.asked("/story.jsonld");
        bench.eval_async("card().refresh()").await?;
        ensure!(bench.site.asked("/story.jsonld") == asked + 1, "{script}: it does not ask");
        bench.quiet(0).await.context(script)?;
    }
    Ok(())
}

/// A window put away, and a page in the back/forward cache: silent, then one check; nothing keeps the page out of there.
pub(crate) async fn a_page_that_is_away_is_silent_and_checks_once(bench: &Bench) -> Result<()> {
    let card = "<live-article src=\"/story.jsonld\" interval=\"5\" updates=\"auto\"></live-article>";
    publish(bench, "/story.jsonld", 1, "First");
    // A page that is not to be stored is not kept anyway.
    let headers = vec![("content-type".to_owned(), "text/html; charset=utf-8".to_owned())];
    let page = format!("<!doctype html><html lang=\"en-US\"><script src=\"/watch.js\"></script>{TAG}{card}</html>");
    bench.site.put("/kept.html", Answer { headers, ..Answer::new("", page) });
    bench.visit(&bench.site.url("/kept.html")).await?;
    bench.until("card()?.status === 'live'").await?;
    bench.until_async(&led("/story.jsonld", 0)).await?;
    bench.eval("window.kept = 1").await?;
    let size = bench.hide().await?;
    bench.until_async("navigator.locks.query().then(({ held, pending }) => !held.length && !pending.length)").await?;
    let asked = bench.site.asked("/story.jsonld");
    publish(bench, "/story.jsonld", 2, "Second");
    // More than a wait.
    tokio::time::sleep(Duration::from_millis(6500)).await;
    ensure!(bench.site.asked("/story.jsonld") == asked, "a hidden page asks");
    bench.expect("text('headline')", json!("First")).await?;
    bench.show(size).await?;
    bench.until("text('headline') === 'Second'").await?;
    ensure!(bench.site.asked("/story.jsonld") == asked + 1, "more than one check");
    bench.until_async(&led("/story.jsonld", 0)).await?;

    // A page that is about to be left lets go of its lock; should it stay, it leads again.
    bench.eval("dispatchEvent(new Event('beforeunload'))").await?;
    bench.until_async("navigator.locks.query().then(({ held }) => !held.length)").await?;
    bench.until_async(&led("/story.jsonld", 0)).await?;
    bench.visit(&bench.site.url("/elsewhere")).await?;
    publish(bench, "/story.jsonld", 3, "Third");
    bench.back().await?;
    bench.until("card()?.status === 'live'").await?;
    bench.expect("window.kept", json!(1)).await.context("it was not kept in the back/forward cache")?;
    bench.until("text('headline') === 'Third'").await?;
    bench.until_async(&led("/story.jsonld", 0)).await?;
    bench.quiet(0).await
}

/// A page with a card that follows a story as fast as it may.
async fn follow(bench: &Bench) -> Result<()> {
    publish(bench, "/story.jsonld", 1, "First");
    bench
        .open(&format!("{TAG}<live-article src=\"/story.jsonld\" interval=\"5\" updates=\"auto\"></live-article>"))
        .await?;
    bench.until("card()?.status === 'live'").await
}

/// A page that is frozen with a request under way. Only Chromium freezes one for a test.
pub(crate) async fn what_sleeps_in_a_frozen_page_is_dropped(bench: &Bench) -> Result<()> {
    follow(bench).await?;
    let late =
        Answer { late: Duration::from_millis(700), ..Answer::json(&story("Slept", "2016-07-27T09:00:00Z", &["One."])) };
    bench.site.put("/story.jsonld", late);
    let asked = bench.site.asked("/story.jsonld");
    bench.eval("window.done = 0; card().refresh().then(() => window.done = 1)").await?;
    bench.until("card().matches(':state(checking)')").await?;
    bench.devtools("Page.setWebLifecycleState", json!({ "state": "frozen" })).await?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    publish(bench, "/story.jsonld", 2, "Awake");
    bench.devtools("Page.setWebLifecycleState", json!({ "state": "active" })).await?;
    // It is hidden until its window is brought back.
    let size = bench.hide().await?;
    bench.show(size).await?;
    bench.until("text('headline') === 'Awake' && done").await?;
    bench.expect("seen.events.some(({ detail }) => detail.article?.headline === 'Slept')", json!(false)).await?;
    ensure!(bench.site.asked("/story.jsonld") == asked + 2, "one that is dropped and one that is not");
    bench.quiet(0).await
}

/// A page made before anybody sees it. Only Chromium makes one.
pub(crate) async fn a_prerendered_page_asks_when_it_is_seen(bench: &Bench) -> Result<()> {
    publish(bench, "/story.jsonld", 1, "First");
    let next = format!(
        "<!doctype html><html lang=\"en-US\"><meta charset=\"utf-8\"><script src=\"/watch.js\"></script><script src=\"/made.js\"></script>{TAG}<live-article src=\"/story.jsonld\"></live-article></html>"
    );
    bench.site.put("/next.html", Answer::new("text/html", next));
    bench.site.put("/made.js", Answer::new("text/javascript", "var made = document.prerendering; fetch('/made');"));
    bench
        .open("<a id=\"next\" href=\"/next.html\">next</a><script type=\"speculationrules\">{\"prerender\": [{\"source\": \"list\", \"urls\": [\"/next.html\"], \"eagerness\": \"immediate\"}]}</script>")
        .await?;
    let begun = Instant::now();
    while bench.site.asked("/made") == 0 {
        if begun.elapsed() > Duration::from_secs(5) {
            // A browser that is short of memory makes none.
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    ensure!(bench.site.asked("/story.jsonld") == 0, "a page that nobody sees asks");
    bench.eval("document.getElementById('next').click()").await?;
    bench.until("location.pathname === '/next.html' && card()?.status === 'live'").await?;
    bench.expect("made", json!(true)).await?;
    ensure!(bench.site.asked("/story.jsonld") == 1, "not one check");
    bench.quiet(0).await
}

pub(crate) async fn offline_is_said_and_found_out(bench: &Bench) -> Result<()> {
    follow(bench).await?;
    if bench.engine == Engine::Chromium {
        // Truly.
        let network = |offline: bool| json!({ "offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1 });
        bench.devtools("Network.enable", json!({})).await?;
        bench.devtools("Network.emulateNetworkConditions", network(true)).await?;
        bench.until("card().status === 'offline' && text('status') === 'offline'").await?;
        bench.eval_async("card().refresh()").await?;
        let error = "seen.events.findLast(({ event }) => event === 'error')?.detail";
        bench.expect(&format!("{error}?.reason"), json!("offline")).await?;
        bench.expect(&format!("{error}.message.includes('no network') && {error}.retryIn >= 4"), json!(true)).await?;
        bench.expect("text('headline')", json!("First")).await?;
        publish(bench, "/story.jsonld", 2, "Second");
        bench.devtools("Network.emulateNetworkConditions", network(false)).await?;
        bench.until("card().status === 'live' && text('headline') === 'Second'").await?;
    }
    // The browser says so, and is wrong.
    publish(bench, "/story.jsonld", 3, "Third");
    bench.eval("dispatchEvent(new Event('offline'))").await?;
    bench.until("card().status === 'offline'").await?;
    bench.eval_async("card().refresh()").await?;
    bench.until("card().status === 'live' && text('headline') === 'Third'").await?;
    bench.quiet(0).await
}

/// A thousand cards of one document ask once; of a thousand documents four are asked for at a time; and the page stays
/// responsive through either.
pub(crate) async fn a_thousand_cards_are_no_burden(bench: &Bench) -> Result<()> {
    publish(bench, "/story.jsonld", 1, "First");
    for at in 0..1000 {
        let late = Duration::from_millis(4);
        let document = story(&format!("Number {at}"), "2016-07-27T09:00:00Z", &["One."]);
        bench.site.put(&format!("/story-{at}.jsonld"), Answer { late, ..Answer::json(&document) });
    }
    for many in [false, true] {
        // What other programs do to this machine makes tasks long too: once of three times is to be clean.
        let mut longest = json!(null);
        for _ in 0..3 {
            bench.open(&format!("{TAG}<main></main>")).await?;
            bench.until("customElements.get('live-article')").await?;
            let asked = bench.site.asked("/story.jsonld");
            let src = if many { "`/story-${at}.jsonld`" } else { "'/story.jsonld'" };
            bench
                .eval(&format!(
                    "window.tasks = []; window.loads = 0; addEventListener('live-article-load', () => window.loads++, true); seen.events.push = () => 0;
                     try {{ new PerformanceObserver(list => tasks.push(...list.getEntries().map(({{ duration }}) => duration))).observe({{ type: 'longtask' }}); }} catch {{}}
                     setTimeout(() => {{
                       const main = document.querySelector('main');
                       main.innerHTML = Array.from({{ length: 1000 }}, (_, at) => `<live-article view=\"card\" interval=\"86400\" src=\"${{{src}}}\"></live-article>`).join('');
                     }})"
                ))
                .await?;
            bench.until("loads === 1000").await?;
            if !many {
                let asked = bench.site.asked("/story.jsonld") - asked;
                ensure!(asked == 1, "a thousand cards of one document ask {asked} times");
            }
            longest = bench.eval("return Math.max(0, ...tasks)").await?;
            if longest == json!(0) || bench.engine != Engine::Chromium {
                break;
            }
        }
        ensure!(longest.as_f64() == Some(0.0), "a task takes {longest} ms");
    }
    ensure!(bench.site.most() <= 4, "{} requests are under way at a time", bench.site.most());
    Ok(())
}

/// Removed, moved, given to another document, its attributes changed a hundred times: all while a request is under way.
pub(crate) async fn the_last_word_counts(bench: &Bench) -> Result<()> {
    let late = |headline: &str, hour: u32| Answer {
        late: Duration::from_millis(300),
        ..Answer::json(&story(headline, &format!("2016-07-27T{hour:02}:00:00Z"), &["One."]))
    };
    bench.site.put("/first.jsonld", late("First", 1));
    bench.site.put("/last.jsonld", late("Last", 1));
    bench.site.put(
        "/frame.html",
        Answer::new("text/html", format!("<!doctype html><title>a frame</title>{TAG}<p>a frame</p>")),
    );
    bench.open(&format!("{TAG}<main></main><aside></aside><iframe src=\"/frame.html\"></iframe><live-article src=\"/first.jsonld\"></live-article>")).await?;
    bench.until("card()?.matches?.(':state(checking)')").await?;
    bench
        .eval(
            "window.one = card(); setTimeout(() => {
               for (let at = 0; at < 100; at++) { one.src = `/none-${at}.jsonld`; one.interval = 5 + at; }
               one.src = '/last.jsonld';
             });",
        )
        .await?;
    bench.until("one.src === '/last.jsonld'").await?;
    bench.until("one.matches(':state(checking)')").await?;
    bench.eval("document.querySelector('main').append(one); document.querySelector('aside').append(one)").await?;
    bench.until("one.status === 'live'").await?;
    bench
        .expect(
            "[one.article.headline, seen.events.filter(({ event }) => event === 'load').length]",
            json!(["Last", 1]),
        )
        .await?;
    ensure!(bench.site.asked("/last.jsonld") == 1, "a move asks again");
    let asked: Vec<_> = (0..100).filter(|at| bench.site.asked(&format!("/none-{at}.jsonld")) > 0).collect();
    ensure!(asked.is_empty(), "what was not meant was asked for: {asked:?}");

    bench.site.put("/last.jsonld", late("Later", 2));
    bench.eval("seen.events.length = 0; one.refresh().then(() => window.released = 1)").await?;
    bench.until("one.matches(':state(checking)')").await?;
    bench.eval("one.remove()").await?;
    bench.until("window.released").await.context("a refresh of a card that was removed never ends")?;
    tokio::time::sleep(Duration::from_millis(500)).await;
    bench.expect("seen.events", json!([])).await?;
    bench.expect("text('headline', one)", json!("Last")).await?;

    let asked = bench.site.asked("/last.jsonld");
    bench.eval("frames[0].document.body.append(one)").await?;
    bench.until("one.article?.headline === 'Later' && text('headline', one) === 'Later'").await?;
    ensure!(bench.site.asked("/last.jsonld") == asked + 1, "not one request from its new document");
    bench.quiet(0).await
}

/// A card that went elsewhere is as one that was made there: in its language and under its sheet; and what it is to
/// follow when it comes back counts, however old that is. `load` is told once an article.
pub(crate) async fn where_a_card_goes_counts(bench: &Bench) -> Result<()> {
    publish(bench, "/story.jsonld", 5, "First");
    publish(bench, "/older.jsonld", 1, "Older");
    bench.site.put("/frame.html", Answer::new("text/html", "<!doctype html><title>a frame</title><p>a frame</p>"));
    bench
        .open(&format!(
            "{TAG}<main lang=\"de\" time-zone=\"Asia/Tokyo\"></main><iframe src=\"/frame.html\"></iframe><live-article src=\"/story.jsonld\"></live-article>"
        ))
        .await?;
    bench.until("card()?.status === 'live'").await?;
    bench.eval("window.one = card(); document.querySelector('main').append(one)").await?;
    bench.until("text('badge', one).includes('Aktualisiert: 27.07.2016')").await?;
    bench.eval("document.body.append(one)").await?;
    bench.expect("text('badge', one).includes('Last Updated: 07/27/2016')", json!(true)).await?;
    bench.eval("one.embeds = 'player.example'; one.sourceTimeZone = 'Asia/Tokyo'").await?;

    bench.until("frames[0].document.body?.firstChild").await?;
    for place in ["frames[0].document", "document"] {
        bench.eval(&format!("{place}.body.append(one)")).await?;
        bench.expect("one.shadowRoot.adoptedStyleSheets.length", json!(1)).await.context(place)?;
        bench.expect("getComputedStyle(one).containerType", json!("inline-size")).await.context(place)?;
    }

    bench.eval("one.remove(); one.src = '/older.jsonld'; document.body.append(one)").await?;
    bench.until("one.article.headline === 'Older'").await?;
    bench
        .expect(
            "seen.events.filter(({ event }) => event === 'load' || event === 'error').map(({ detail }) => detail.article?.headline)",
            json!(["First", "Older"]),
        )
        .await?;
    bench.quiet(0).await
}

/// Wherever a card may come from: another shadow tree, a template, a string, a script before the module; twice one id.
pub(crate) async fn cards_may_come_from_anywhere(bench: &Bench) -> Result<()> {
    publish(bench, "/story.jsonld", 1, "First");
    let card = "<live-article id=\"same\" src=\"/story.jsonld\"></live-article>";
    bench.site.put(
        "/before.js",
        Answer::new(
            "text/javascript",
            format!(
                "var all = []; var place = card => {{ card.id = 'same'; card.setAttribute('src', '/story.jsonld'); all.push(card); return card; }};
                 const early = place(document.createElement('live-article')); document.body.append(early);
                 const shadow = document.body.appendChild(document.createElement('div')).attachShadow({{ mode: 'closed' }});
                 shadow.innerHTML = '{card}'; all.push(shadow.firstChild);"
            ),
        ),
    );
    bench.open(&format!("<template>{card}</template><script src=\"/before.js\"></script>{TAG}{card}")).await?;
    bench.until("customElements.get('live-article')").await?;
    bench
        .eval(&format!(
            "all.push(document.querySelector('body > live-article:last-of-type'));
             all.push(document.body.appendChild(document.querySelector('template').content.cloneNode(true).firstChild) ?? 0);
             const div = document.body.appendChild(document.createElement('div')); div.innerHTML = '{card}'; all.push(div.firstChild);
             const made = place(new (customElements.get('live-article'))()); document.body.append(made);"
        ))
        .await?;
    bench
        .until("all.length === 6 && all.every(card => card.status === 'live' && text('headline', card) === 'First')")
        .await?;
    ensure!(bench.site.asked("/story.jsonld") == 1, "one document, one request");
    bench.quiet(0).await
}

/// Without `src` the page itself is polled, by the address that means it.
pub(crate) async fn a_page_is_polled_by_its_own_address(bench: &Bench) -> Result<()> {
    let page = |link: &str| {
        format!(
            "<!doctype html><html lang=\"en-US\"><meta charset=\"utf-8\"><title>A page</title><meta property=\"og:type\" content=\"article\"><meta property=\"og:title\" content=\"Itself\">{link}<script src=\"/watch.js\"></script>{TAG}<live-article></live-article></html>"
        )
    };
    for (link, asked) in [
        (String::new(), "/own.html?id=1&q=%20b"),
        ("<link rel=\"canonical\" href=\"/canonical.html?x=1\">".to_owned(), "/canonical.html?x=1"),
        ("<link rel=\"canonical\" href=\"https://elsewhere.example/\">".to_owned(), "/own.html?id=1&q=%20b"),
    ] {
        for path in ["/own.html", "/canonical.html"] {
            bench.site.put(path, Answer::new("text/html", page(&link)));
        }
        bench.visit("about:blank").await?;
        bench.visit(&bench.site.url("/own.html?id=1&utm_source=x&fbclid=2&q=%20b#there")).await?;
        bench.until("card()?.status === 'live' && text('headline') === 'Itself'").await?;
        let polled: Value = bench
            .eval("return performance.getEntriesByType('resource').filter(({ initiatorType }) => initiatorType === 'fetch').map(({ name }) => name).filter(name => !name.includes('/pkg/'))")
            .await?;
        ensure!(polled == json!([bench.site.url(asked)]), "{polled} was asked for, not {asked}");
    }
    Ok(())
}

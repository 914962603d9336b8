//! One poll for whoever shows one document: the cards of a page, and the tabs of a browser.
//!
//! Frames of one origin stand for tabs: they share no more than tabs do, a lock and a channel, and all of them are seen.
//! Tabs that are not seen, and those that cannot share, are in `poll`.

use std::collections::HashMap;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde_json::json;

use crate::bench::Bench;
use crate::poll::{TAG, led};
use crate::site::{Answer, story};

const PATH: &str = "/story.jsonld";

pub(crate) async fn fifty_cards_make_one_request(bench: &Bench) -> Result<()> {
    publish(bench, 1, "First").await?;
    let card = "<live-article view=\"badge\" interval=\"5\" updates=\"auto\" src=\"/story.jsonld\"></live-article>";
    bench.open(&format!("{TAG}{}", card.repeat(50))).await?;
    // What fifty say is not to be read in a failure's message.
    bench.eval("seen.events.push = () => 0; window.all = [...document.querySelectorAll('live-article')]").await?;
    bench.until("all.every(({ status }) => status === 'live')").await?;
    for (hour, headline) in [(2, "Second"), (3, "Third")] {
        let asked = bench.site.asked(PATH);
        publish(bench, hour, headline).await?;
        bench.until(&format!("all.every(({{ article }}) => article.headline === '{headline}')")).await?;
        // One more may have come while this page was looked at.
        let more = bench.site.asked(PATH) - asked;
        ensure!((1..=2).contains(&more), "fifty cards ask {more} times for one version");
    }
    bench.quiet(0).await
}

/// Three tabs that are seen: one asks, and all show what it hears.
pub(crate) async fn three_tabs_make_one_request(bench: &Bench) -> Result<()> {
    open_tabs(bench, 5).await?;
    let leader = leader(bench).await?;
    let before = asked(bench).await?;
    let from = bench.site.asked(PATH);
    for (hour, headline) in [(2, "Second"), (3, "Third")] {
        publish(bench, hour, headline).await?;
        bench.until(&shown(headline)).await?;
    }
    let after = asked(bench).await?;
    for (tab, &count) in &after {
        let more = count - before[tab];
        ensure!(if *tab == leader { more >= 2 } else { more == 0 }, "{tab} asks {more} times, and {leader} leads");
    }
    let all = bench.site.asked(PATH) - from;
    ensure!((2..=4).contains(&all), "{all} requests for two versions");
    ensure!(self::leader(bench).await? == leader, "another leads by now");
    bench.quiet(0).await
}

/// A leader that is no more seen, or is gone, leaves the lead to one of the others, and these no gap.
pub(crate) async fn who_follows_takes_over(bench: &Bench) -> Result<()> {
    open_tabs(bench, 5).await?;
    let first = leader(bench).await?;
    let card = format!("tabs().find(({{ location }}) => location.search === '{first}').card()");
    bench.eval(&format!("{card}.hidden = true")).await?;
    bench.until_async(&led(PATH, 1)).await.context("who is not seen leads on, or follows")?;
    let second = leader(bench).await?;
    ensure!(second != first, "who is not seen leads on");
    bench.eval(&format!("{card}.hidden = false")).await?;
    bench.until_async(&led(PATH, 2)).await.context("who is seen again does not follow")?;
    ensure!(leader(bench).await? == second, "who is seen again does not follow");

    bench
        .eval(&format!(
            "[...document.querySelectorAll('iframe')].find(({{ contentWindow }}) => contentWindow.location.search === '{second}').remove()"
        ))
        .await?;
    bench.until_async(&led(PATH, 1)).await.context("nobody takes over")?;
    let third = leader(bench).await?;
    let before = asked(bench).await?;
    publish(bench, 2, "Second").await?;
    bench.until(&shown("Second")).await?;
    let after = asked(bench).await?;
    ensure!(after.len() == 2, "not two are left");
    for (tab, &count) in &after {
        let more = count - before[tab];
        ensure!(if *tab == third { more >= 1 } else { more == 0 }, "{tab} asks {more} times, and {third} leads");
    }
    bench.quiet(0).await
}

/// Two tabs ask, and who asked first is answered last: that answer is dropped by all, whatever it says of its age.
pub(crate) async fn an_overtaken_answer_is_dropped(bench: &Bench) -> Result<()> {
    // So long that none asks of its own accord.
    open_tabs(bench, 86_400).await?;
    let leader = leader(bench).await?;
    bench
        .eval(&format!(
            "window.first = tabs().find(({{ location }}) => location.search === '{leader}'); window.other = tabs().find(tab => tab !== first);"
        ))
        .await?;
    let modified = |hour: u32| format!("2036-07-27T{hour:02}:00:00Z");
    let from = bench.site.asked(PATH);
    bench.site.put(PATH, Answer::json(&story("Overtaken", &modified(12), &["One.", "Two."])));
    // Not the server but the page keeps it waiting: browsers hold back whoever asks for the same meanwhile.
    bench
        .eval(
            "const ask = first.fetch;
             first.fetch = async (...all) => {
               const answer = await ask(...all);
               first.fetch = ask;
               await new Promise(come => first.come = come);
               return answer;
             };
             window.done = 0;
             first.card().refresh().then(() => window.done = 1);",
        )
        .await?;
    bench.until("first.come").await?;
    bench.site.put(PATH, Answer::json(&story("Asked last", &modified(11), &["One.", "Two."])));
    bench.eval("window.told = 0; other.card().refresh().then(() => window.told = 1)").await?;
    // Whoever waits for the first answer has a later one by then.
    bench.until("told && done").await?;
    bench.until(&shown("Asked last")).await?;
    bench.eval("first.come()").await?;
    tokio::time::sleep(Duration::from_millis(300)).await;
    let told = "tabs().flatMap(tab => tab.seen.events.map(({ detail }) => tab.location.search + (detail.article?.headline ?? detail.reason))).filter(word => !/^..(First|Asked last|Whole|undefined)$/.test(word))";
    bench.expect(told, json!([])).await?;
    ensure!(bench.site.asked(PATH) == from + 2, "more than the two were asked");
    // One that was asked for before and is passed on late: between the head of the latest and its body.
    bench
        .eval(
            "window.kept = null;
             navigator.locks.query().then(({ held }) => {
               const channel = new BroadcastChannel(held.map(({ name }) => name).find(name => name.startsWith('live-article')).split(' ', 2).join(' '));
               channel.onmessage = ({ data }) => window.kept ??= { channel, data };
               window.listens = 1;
             });",
        )
        .await?;
    bench.until("window.listens").await?;
    bench.eval_async("first.card().refresh()").await?;
    bench.until("kept").await?;
    let halves = Duration::from_millis(700);
    bench.site.put(PATH, Answer { rests: halves, ..Answer::json(&story("Whole", &modified(13), &["One.", "Two."])) });
    bench.eval("window.told = 0; other.card().refresh().then(() => window.told = 1)").await?;
    tokio::time::sleep(halves / 2).await;
    let late = story("Overtaken", &modified(14), &["One.", "Two."]).to_string();
    bench
        .eval(&format!(
            "const {{ channel, data: [source, head] }} = kept; channel.postMessage([source, head, new TextEncoder().encode({})]); channel.close();",
            json!(late)
        ))
        .await?;
    bench.until("told").await?;
    bench.expect("other.card().article.headline", json!("Whole")).await?;
    bench.until(&shown("Whole")).await?;
    bench.expect(told, json!([])).await?;
    bench.quiet(0).await
}

/// Three frames side by side that follow one story, when one of them leads and the others follow.
async fn open_tabs(bench: &Bench, interval: u32) -> Result<()> {
    publish(bench, 1, "First").await?;
    // A lock of its own tells which one a lock is held by.
    let tab = format!(
        "<!doctype html><html lang=\"en-US\"><meta charset=\"utf-8\"><title>A tab</title><script src=\"/watch.js\"></script>
         <script>navigator.locks.request('tab' + location.search, () => new Promise(() => {{}}));</script>{TAG}
         <live-article view=\"badge\" interval=\"{interval}\" updates=\"auto\" src=\"{PATH}\"></live-article></html>"
    );
    bench.site.put("/tab.html", Answer::new("text/html", tab));
    let frames = ["?a", "?b", "?c"]
        .map(|tab| format!("<iframe width=\"200\" height=\"150\" title=\"{tab}\" src=\"/tab.html{tab}\"></iframe>"));
    bench
        .open(&format!(
            "{}<script>var tabs = () => [...document.querySelectorAll('iframe')].map(({{ contentWindow }}) => contentWindow);</script>",
            frames.concat()
        ))
        .await?;
    bench.until(&shown("First")).await?;
    bench.until_async(&led(PATH, 2)).await
}

/// Publishes a version that is new enough to be polled at the full pace.
async fn publish(bench: &Bench, minute: u32, headline: &str) -> Result<()> {
    let modified = bench.eval(&format!("return new Date(Date.now() - 6e5 + {minute} * 6e4).toISOString()")).await?;
    let modified = modified.as_str().context("no time")?;
    bench.site.put(PATH, Answer::json(&story(headline, modified, &["One.", "Two."])));
    Ok(())
}

fn shown(headline: &str) -> String {
    format!("tabs().every(tab => tab.card?.()?.article?.headline === '{headline}')")
}

/// Which one leads.
async fn leader(bench: &Bench) -> Result<String> {
    let held = format!("held.find(({{ name }}) => name.endsWith('{PATH}'))?.clientId");
    let script = format!(
        "navigator.locks.query().then(({{ held }}) => {{ const id = {held}; return held.filter(({{ name, clientId }}) => name.startsWith('tab') && clientId === id).map(({{ name }}) => name.slice(3)).join(); }})"
    );
    let leader = bench.eval_async(&script).await?;
    Ok(leader.as_str().filter(|leader| leader.len() == 2).with_context(|| format!("{leader} leads"))?.to_owned())
}

/// How often each has asked, as its browser counts.
async fn asked(bench: &Bench) -> Result<HashMap<String, u64>> {
    let count =
        format!("performance.getEntriesByType('resource').filter(({{ name }}) => name.endsWith('{PATH}')).length");
    let script = format!("return Object.fromEntries(tabs().map(tab => [tab.location.search, tab.{count}]))");
    Ok(serde_json::from_value(bench.eval(&script).await?)?)
}

//! When a card asks while a day goes by: hidden, frozen, asleep, its clock set, its network gone.
//!
//! Clocks, timers and network are played, so that eight hours take a moment. Real windows are hidden in `tests/e2e`.

use live_article::article::Millis;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::HtmlElement;

use crate::stage::{self, pass, rest};

/// 2016-07-27T12:34:56Z
const NOW: Millis = 1_469_622_896_000.0;
const SECOND: Millis = 1000.0;
const MINUTE: Millis = 60.0 * SECOND;
const HOUR: Millis = 60.0 * MINUTE;

const URL: &str = "/followed";

/// A version that is new at some time after [`NOW`].
fn version(headline: &str, after: Millis) -> String {
    let modified = js_sys::Date::new(&(NOW + after).into()).to_iso_string();
    format!(
        r#"{{"@context":"https://schema.org","@type":"NewsArticle","headline":"{headline}","dateModified":"{modified}"}}"#
    )
}

fn card() -> HtmlElement {
    stage::card(&[("src", URL), ("interval", "30"), ("updates", "auto"), ("lang", "en-US")])
}

/// A card that has just asked for the second time, the first wait behind it: the third is 24 to 36 seconds away.
async fn live() -> HtmlElement {
    stage::raise(NOW);
    stage::answer(URL, &version("First", 0.0), Some(0.0));
    let card = card();
    rest().await;
    ask().await;
    rest().await;
    assert_eq!(stage::asked(URL), 2);
    card
}

/// Waits for the next request.
async fn ask() {
    let before = stage::asked(URL);
    for _ in 0..37 {
        pass(SECOND).await;
        if stage::asked(URL) > before {
            return;
        }
    }
    panic!("nothing was asked");
}

fn strike(card: &HtmlElement) {
    card.remove();
    stage::strike();
}

/// What a card says of how it is doing.
fn status(card: &HtmlElement) -> String {
    stage::text(card, "status")
}

/// Since `before` requests there was one, and the pace is as ever.
async fn one_check(card: &HtmlElement, before: u32, why: &str) {
    assert_eq!(stage::asked(URL), before + 1, "{why}: one check");
    assert_eq!(status(card), "", "{why}");
    pass(12.0 * SECOND).await;
    assert_eq!(stage::asked(URL), before + 1, "{why}: no second one soon");
    pass(68.0 * SECOND).await;
    assert!((before + 2..=before + 4).contains(&stage::asked(URL)), "{why}: it goes on");
    assert_eq!(status(card), "", "{why}");
}

#[wasm_bindgen_test]
async fn a_page_that_is_away_for_hours_is_silent_and_checks_once() {
    for (leave, back) in [("hide", "show"), ("freeze", "resume"), ("pagehide", "pageshow")] {
        for away in [MINUTE, 10.0 * MINUTE, 8.0 * HOUR] {
            let card = live().await;
            match leave {
                "hide" => stage::hide(true),
                _ => stage::happen(leave),
            }
            rest().await;
            stage::answer(URL, &version("Second", away), Some(0.0));
            pass(away).await;
            assert_eq!(stage::asked(URL), 2, "{leave}, {away}");
            if leave == "hide" {
                assert_eq!(stage::waits(), [0.0; 0], "nothing is to wake a hidden page");
            }
            match back {
                "show" => stage::hide(false),
                _ => stage::happen(back),
            }
            rest().await;
            assert_eq!(stage::text(&card, "headline"), "Second", "{back}, {away}");
            one_check(&card, 2, back).await;
            strike(&card);
        }
    }
}

#[wasm_bindgen_test]
async fn a_look_away_is_no_reason_to_ask() {
    let card = live().await;
    for _ in 0..20 {
        stage::hide(true);
        pass(0.5 * SECOND).await;
        stage::hide(false);
        rest().await;
    }
    assert_eq!(stage::asked(URL), 2);
    strike(&card);
}

#[wasm_bindgen_test]
async fn a_page_that_nobody_has_seen_asks_nothing() {
    stage::raise(NOW);
    stage::hide(true);
    stage::answer(URL, &version("First", 0.0), Some(0.0));
    let card = card();
    rest().await;
    pass(10.0 * MINUTE).await;
    assert_eq!(stage::asked(URL), 0);
    stage::hide(false);
    rest().await;
    assert_eq!(stage::asked(URL), 1);
    assert_eq!(stage::text(&card, "headline"), "First");
    strike(&card);
}

#[wasm_bindgen_test]
async fn what_comes_after_a_freeze_is_dropped() {
    for freeze in [6.0 * SECOND, 8.0 * HOUR] {
        let card = live().await;
        stage::hold(URL, &version("Slept", HOUR));
        ask().await;
        stage::happen("freeze");
        stage::answer(URL, &version("Awake", MINUTE), Some(0.0));
        stage::doze(freeze);
        stage::happen("resume");
        stage::release();
        rest().await;
        assert_eq!(stage::text(&card, "headline"), "Awake", "{freeze}");
        one_check(&card, 3, "one that is dropped").await;
        strike(&card);
    }
}

#[wasm_bindgen_test]
async fn a_machine_that_slept_checks_once() {
    // Whether a browser's steady clock runs on in its sleep depends on the system.
    for sleep in [stage::doze, stage::jump] {
        for time in [10.0 * MINUTE, 8.0 * HOUR + 77.0 * SECOND] {
            let card = live().await;
            stage::hold(URL, &version("Second", time));
            sleep(time);
            // The badge is the first that wakes.
            for _ in 0..11 {
                if stage::asked(URL) == 2 {
                    pass(SECOND).await;
                }
            }
            assert_eq!(stage::asked(URL), 3, "after {time}");
            assert_eq!(status(&card), "", "sleep is nobody's silence");
            stage::answer(URL, &version("Second", time), Some(0.0));
            stage::release();
            rest().await;
            assert_eq!(stage::text(&card, "headline"), "Second");
            one_check(&card, 2, "after sleep").await;
            strike(&card);
        }
    }
}

#[wasm_bindgen_test]
async fn a_clock_that_is_set_brings_no_burst_and_no_silence() {
    for jump in [-24.0 * HOUR, -HOUR, -37.0 * SECOND, 37.0 * SECOND, HOUR, 24.0 * HOUR] {
        let card = live().await;
        stage::jump(jump);
        // The server's clock is where it was.
        stage::answer(URL, &version("Second", MINUTE), Some(-jump));
        // The badge sees it within ten seconds; where the last request cannot be placed any more, the floor is kept from then.
        pass(16.0 * SECOND).await;
        assert_eq!(stage::text(&card, "headline"), "Second", "{jump}");
        // One check; or two at the floor's distance, where the answer to the first tells that the clocks had parted.
        pass(12.0 * SECOND).await;
        assert!((3..=4).contains(&stage::asked(URL)), "{jump}: {} requests", stage::asked(URL));
        pass(68.0 * SECOND).await;
        assert!((5..=7).contains(&stage::asked(URL)), "{jump}: it goes on: {} requests", stage::asked(URL));
        assert_eq!(status(&card), "", "{jump}");
        strike(&card);
    }
    // Back again and again, and looked at anew each time. Forward it could have been sleep.
    let card = live().await;
    for turn in 0..40 {
        stage::jump(-HOUR);
        rest().await;
        stage::hide(turn % 4 == 0);
        pass(0.5 * SECOND).await;
    }
    assert!(stage::asked(URL) <= 2 + 4, "{} requests in twenty seconds are under the floor", stage::asked(URL) - 2);
    assert_eq!(status(&card), "");
    strike(&card);
}

#[wasm_bindgen_test]
async fn who_is_offline_at_load_checks_when_it_is_not() {
    for told in [true, false] {
        stage::raise(NOW);
        stage::connect(false);
        let card = card();
        rest().await;
        assert_eq!(stage::asked(URL), 1, "it may be wrong");
        assert!(card.matches(":state(offline)").unwrap_or_default(), "it is said");
        pass(2.0 * MINUTE).await;
        let before = stage::asked(URL);
        assert!((2..=24).contains(&before), "{before}: now and then it is tried");
        stage::answer(URL, &version("First", 0.0), Some(0.0));
        stage::connect(true);
        if told {
            pass(5.0 * SECOND).await;
            let before = stage::asked(URL);
            if stage::text(&card, "headline").is_empty() {
                stage::happen("online");
                rest().await;
                assert_eq!(stage::asked(URL), before + 1, "at once");
            }
        } else {
            pass(11.0 * MINUTE).await;
        }
        assert_eq!(stage::text(&card, "headline"), "First", "told: {told}");
        assert_eq!(status(&card), "");
        strike(&card);
    }
}

#[wasm_bindgen_test]
async fn a_browser_that_lies_about_its_network_is_not_believed() {
    let card = live().await;
    stage::connect(false);
    stage::happen("offline");
    assert_eq!(status(&card), "offline");
    stage::answer(URL, &version("Second", MINUTE), Some(0.0));
    pass(75.0 * SECOND).await;
    assert_eq!(stage::text(&card, "headline"), "Second");
    assert_eq!(status(&card), "", "it is not");
    // Nor when it says that there is one.
    stage::connect(true);
    stage::silence();
    pass(3.0 * MINUTE).await;
    assert_eq!(status(&card), "not updating");
    stage::answer(URL, &version("Third", 2.0 * MINUTE), Some(0.0));
    pass(11.0 * MINUTE).await;
    assert_eq!(stage::text(&card, "headline"), "Third");
    assert_eq!(status(&card), "");
    strike(&card);
}

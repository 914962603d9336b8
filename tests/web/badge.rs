//! The badge in the browser's own languages and zones.

use std::rc::Rc;

use live_article::article::{Millis, Precision, Time};
use live_article::badge::{Facts, Format, Intl, Status, Style, face, show};
use live_article::tree::Tree;
use live_article::view::intl::{Locale, receive, to_utc};
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{Document, Element, HtmlElement};

use crate::stage::{self, pass, rest};

/// 2016-07-27T12:34:56Z
const NOW: Millis = 1_469_622_896_000.0;
const SECOND: Millis = 1000.0;

/// Each line: what is said of what, then how.
const PHRASES: &str = include_str!("phrases.txt");

const FILES: [(&str, &str); 9] = [
    ("ar", include_str!("../../src/badge/lang/ar.txt")),
    ("de", include_str!("../../src/badge/lang/de.txt")),
    ("es", include_str!("../../src/badge/lang/es.txt")),
    ("fr", include_str!("../../src/badge/lang/fr.txt")),
    ("hi", include_str!("../../src/badge/lang/hi.txt")),
    ("ja", include_str!("../../src/badge/lang/ja.txt")),
    ("pt", include_str!("../../src/badge/lang/pt.txt")),
    ("ru", include_str!("../../src/badge/lang/ru.txt")),
    ("zh", include_str!("../../src/badge/lang/zh.txt")),
];

/// The locale for a language, cycle, zone and source's zone, its file loaded.
fn locale(lang: &str, cycle: &str, zone: &str, source: &str) -> Rc<Locale> {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        for (tag, text) in FILES {
            receive(&format!("lang/{tag}.txt"), text);
        }
    });
    Locale::like(lang, cycle, zone, source)
}

fn moment(at: Millis) -> Time {
    Time { at, precision: Precision::Moment }
}

fn said(facts: &Facts, locale: &Locale) -> String {
    let mut tree = Tree::new();
    show(&face(facts, NOW), locale.words(), locale, &mut tree);
    fold(&tree.plain(0, tree.nodes().len()))
}

/// Which of the spaces stands before AM, and with which digits Arabic is written by default, changes with every CLDR.
fn fold(text: &str) -> String {
    let fold = |char| match char {
        '\u{a0}' | '\u{202f}' => ' ',
        '٬' => ',',
        '٠'..='٩' => char::from(b'0' + (char as u32 - '٠' as u32) as u8),
        _ => char,
    };
    text.chars().map(fold).collect()
}

/// `23 h 59 min 59 s` in milliseconds.
fn age(text: &str) -> Millis {
    let words: Vec<&str> = text.split(' ').collect();
    let units = [("s", 1.0), ("min", 60.0), ("h", 3600.0), ("d", 86_400.0), ("y", 31_556_952.0)];
    words.chunks(2).fold(0.0, |sum, pair| {
        let unit = units.iter().find(|unit| unit.0 == pair[1]).expect("a unit").1;
        sum + pair[0].parse::<f64>().expect("a number") * unit * SECOND
    })
}

/// What the badge says for the left side of a line in `phrases.txt`.
fn phrase(key: &str, locale: &Locale) -> String {
    let facts = Facts {
        published: None,
        modified: None,
        checked: None,
        checking: None,
        paused: None,
        status: Status::Live,
        format: Format::Relative,
    };
    let (kind, rest) = key.split_once(' ').expect("a kind and what of");
    let facts = match kind {
        "changed" => Facts { modified: Some(moment(NOW - age(rest))), ..facts },
        "published" => Facts { published: Some(moment(NOW - age(rest))), format: Format::Auto, ..facts },
        "checked" => Facts { checked: Some(NOW - age(rest)), ..facts },
        "paused" => Facts {
            modified: Some(moment(NOW - 3600.0 * SECOND)),
            checked: Some(NOW - age(rest)),
            paused: Some(NOW - age(rest)),
            status: Status::Paused,
            ..facts
        },
        "status" => {
            let status = match rest {
                "loading" => Status::Loading,
                "stale" => Status::Stale,
                "offline" => Status::Offline,
                "paused" => Status::Paused,
                "ended" => Status::Ended,
                _ => Status::Withdrawn,
            };
            Facts { status, ..facts }
        }
        _ => {
            let mut text = String::new();
            locale.words().updates(rest.parse().expect("a number"), locale, &mut text);
            return fold(&text);
        }
    };
    said(&facts, locale)
}

#[wasm_bindgen_test]
fn every_phrase_is_as_a_speaker_would_write_it() {
    let mut tags = Vec::new();
    let mut wrong = String::new();
    let mut here = locale("en", "", "UTC", "");
    for line in PHRASES.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(tag) = line.strip_prefix('[') {
            let tag = tag.trim_end_matches(']');
            here = locale(tag, "", "UTC", "");
            tags.push(tag);
            wrong.extend(["\n[", tag, "]"]);
            continue;
        }
        let (key, expected) = line.split_once(" | ").expect("what, and how it is said");
        let text = phrase(key, &here);
        if text != expected {
            wrong.extend(["\n", key, " | ", &text]);
        }
    }
    assert!(!wrong.contains('|'), "{wrong}");
    assert!(tags.contains(&"en") && FILES.iter().all(|(tag, _)| tags.contains(tag)));
}

fn at(iso: &str) -> Millis {
    let at = js_sys::Date::parse(iso);
    assert!(!at.is_nan(), "{iso}");
    at
}

fn written(locale: &Locale, time: Time, style: Style) -> String {
    let mut text = String::new();
    locale.time(time, style, &mut text);
    fold(&text)
}

#[wasm_bindgen_test]
fn a_moment_is_shown_in_the_readers_zone() {
    for (zone, iso, date, clock) in [
        ("Asia/Tokyo", "2016-07-27T14:59:59Z", "07/27/2016", "23:59"),
        ("Asia/Tokyo", "2016-07-27T15:00:00Z", "07/28/2016", "00:00"),
        ("America/New_York", "2026-03-08T06:59:59Z", "03/08/2026", "01:59"),
        ("America/New_York", "2026-03-08T07:00:00Z", "03/08/2026", "03:00"),
        ("America/New_York", "2026-11-01T05:59:59Z", "11/01/2026", "01:59"),
        ("America/New_York", "2026-11-01T06:00:00Z", "11/01/2026", "01:00"),
        ("America/New_York", "2026-11-01T03:59:59Z", "10/31/2026", "23:59"),
        ("America/New_York", "2026-11-02T04:59:59Z", "11/01/2026", "23:59"),
        ("Asia/Kathmandu", "2016-07-27T18:14:59Z", "07/27/2016", "23:59"),
        ("Asia/Kathmandu", "2016-07-27T18:15:00Z", "07/28/2016", "00:00"),
    ] {
        let locale = locale("en-US", "h23", zone, "");
        assert_eq!(written(&locale, moment(at(iso)), Style::Date), date, "{zone}, {iso}");
        assert_eq!(written(&locale, moment(at(iso)), Style::Clock), clock, "{zone}, {iso}");
    }
    let full = written(&locale("en-US", "", "America/New_York", ""), moment(NOW), Style::Full);
    assert_eq!(full.replace(" at ", ", "), "July 27, 2016, 8:34 AM EDT");
}

#[wasm_bindgen_test]
fn a_day_is_the_documents_wherever_the_reader_is() {
    let zones = ["Asia/Tokyo", "America/New_York", "Asia/Kathmandu", "Pacific/Kiritimati", "Pacific/Pago_Pago", "UTC"];
    for reader in zones {
        for source in zones {
            let locale = locale("en-US", "", reader, source);
            let day = Time { at: at("2016-07-27T00:00:00Z"), precision: Precision::Date };
            assert_eq!(written(&locale, day, Style::Date), "07/27/2016");
            assert_eq!(written(&locale, day, Style::Full), "July 27, 2016");
            for wall in ["2016-07-27T00:00:00Z", "2016-07-27T12:00:00Z", "2016-07-27T23:59:59Z"] {
                let zoneless = Time { at: to_utc(at(wall), source), precision: Precision::Zoneless };
                assert_eq!(written(&locale, zoneless, Style::Date), "07/27/2016", "{reader}, {source}, {wall}");
            }
        }
    }
}

#[wasm_bindgen_test]
fn a_wall_clock_is_read_in_its_zone() {
    for (zone, wall, iso) in [
        ("UTC", "2026-03-08T02:30:00Z", "2026-03-08T02:30:00Z"),
        ("", "2026-03-08T02:30:00Z", "2026-03-08T02:30:00Z"),
        ("Nowhere/At_All", "2026-03-08T02:30:00Z", "2026-03-08T02:30:00Z"),
        ("Asia/Tokyo", "2026-03-08T02:30:00Z", "2026-03-07T17:30:00Z"),
        ("Asia/Kathmandu", "2026-01-01T00:00:00.25Z", "2025-12-31T18:15:00.25Z"),
        // New York skips from 2:00 to 3:00 and shows 1:00 to 2:00 twice.
        ("America/New_York", "2026-03-08T01:59:59Z", "2026-03-08T06:59:59Z"),
        ("America/New_York", "2026-03-08T02:30:00Z", "2026-03-08T07:30:00Z"),
        ("America/New_York", "2026-03-08T03:00:00Z", "2026-03-08T07:00:00Z"),
        ("America/New_York", "2026-11-01T01:30:00Z", "2026-11-01T05:30:00Z"),
        ("America/New_York", "2026-11-01T02:00:00Z", "2026-11-01T07:00:00Z"),
        // Lord Howe moves by half an hour; Samoa left out a whole day.
        ("Australia/Lord_Howe", "2026-10-04T02:15:00Z", "2026-10-03T15:45:00Z"),
        ("Pacific/Apia", "2011-12-30T12:00:00Z", "2011-12-30T22:00:00Z"),
        ("Pacific/Apia", "2011-12-31T12:00:00Z", "2011-12-30T22:00:00Z"),
    ] {
        assert_eq!(to_utc(at(wall), zone), at(iso), "{zone}, {wall}");
    }
}

#[wasm_bindgen_test]
fn what_the_browser_refuses_is_as_if_it_was_not_given() {
    let long = "a".repeat(500);
    for lang in ["", "x", "en-US-", "de-DE-!!", "de_DE", "🙂", "xx-invalidinvalid", "__proto__", "i", "-", &long] {
        for zone in ["", "Mars/Phobos", "../etc", "+25:00", "🙂", "null"] {
            for cycle in ["", "h25", "H23", "🙂"] {
                let locale = locale(lang, cycle, zone, zone);
                for precision in [Precision::Moment, Precision::Zoneless, Precision::Date] {
                    for style in [Style::Date, Style::Clock, Style::Full] {
                        let text = written(&locale, Time { at: NOW, precision }, style);
                        assert!(text.bytes().any(|byte| byte.is_ascii_digit()) && !text.contains("NaN"), "{text}");
                    }
                }
            }
        }
    }
    for (lang, date) in [
        ("de-DE-!!", "27.07.2016"),
        ("de_CH", "27.07.2016"),
        ("en_US", "07/27/2016"),
        ("en-GB", "27/07/2016"),
        ("en-US-", "07/27/2016"),
    ] {
        assert_eq!(written(&locale(lang, "", "UTC", ""), moment(NOW), Style::Date), date, "{lang}");
    }
}

#[wasm_bindgen_test]
fn hours_are_counted_as_asked() {
    let midnight = moment(at("2016-07-27T00:05:00Z"));
    for (lang, cycle, clock) in [
        ("en-US", "", "12:05 AM"),
        ("en-US", "h12", "12:05 AM"),
        ("en-US", "h11", "0:05 AM"),
        ("en-US", "h23", "00:05"),
        ("en-US", "h24", "24:05"),
        ("en-US", "h9", "12:05 AM"),
    ] {
        assert_eq!(written(&locale(lang, cycle, "UTC", ""), midnight, Style::Clock), clock, "{lang}, {cycle}");
    }
}

fn document() -> Document {
    web_sys::window().and_then(|window| window.document()).expect("a page")
}

fn element(parent: &web_sys::Node, attributes: &[(&str, &str)]) -> Element {
    let element = document().create_element("div").expect("an element");
    for (name, value) in attributes {
        element.set_attribute(name, value).expect("an attribute");
    }
    parent.append_child(&element).expect("a parent");
    element
}

fn shadow(host: &Element) -> web_sys::ShadowRoot {
    host.attach_shadow(&web_sys::ShadowRootInit::new(web_sys::ShadowRootMode::Open)).expect("a shadow tree")
}

#[wasm_bindgen_test]
fn language_zone_and_cycle_come_from_the_nearest_ancestor_that_has_them() {
    let body = document().body().expect("a body");
    let outer = element(&body, &[("lang", "de"), ("time-zone", "Asia/Tokyo"), ("hour-cycle", "h12")]);
    let host = element(&element(&outer, &[("lang", "en-US")]), &[]);
    let inner = element(&shadow(&host), &[("hour-cycle", "h23"), ("source-time-zone", "Asia/Tokyo")]);
    let card = element(&shadow(&inner), &[]);
    for (element, clock, date) in [
        (&outer, "9:34 PM", "27.07.2016"),
        (&host, "9:34 PM", "07/27/2016"),
        (&inner, "21:34", "07/27/2016"),
        (&card, "21:34", "07/27/2016"),
    ] {
        let locale = Locale::of(element);
        assert_eq!(written(&locale, moment(NOW), Style::Clock), clock);
        assert_eq!(written(&locale, moment(NOW), Style::Date), date);
    }
    // A source's zone is the card's own and nobody else's.
    let late = Time { at: at("2016-07-27T15:30:00Z"), precision: Precision::Zoneless };
    assert_eq!(written(&Locale::of(&inner), late, Style::Date), "07/28/2016");
    assert_eq!(written(&Locale::of(&card), late, Style::Date), "07/27/2016");
    assert!(Rc::ptr_eq(&Locale::of(&card), &Locale::of(&card)));
    outer.remove();
}

#[wasm_bindgen_test]
fn a_site_gives_words_of_its_own() {
    let head = document().head().expect("a head");
    let mut links = Vec::new();
    for (lang, href) in [("nl", "https://paper.example/nl.txt"), ("fr-CA", "https://paper.example/fr.txt")] {
        let link = document().create_element("link").expect("a link");
        for (name, value) in [("rel", "live-article-strings"), ("hreflang", lang), ("href", href)] {
            link.set_attribute(name, value).expect("an attribute");
        }
        head.append_child(&link).expect("a head");
        links.push(link);
    }
    live_article::view::intl::forget();
    let find = |lang: &str| locale(lang, "", "UTC", "");
    let facts = Facts {
        published: None,
        modified: Some(moment(NOW - 180.0 * SECOND)),
        checked: None,
        checking: None,
        paused: None,
        status: Status::Live,
        format: Format::Auto,
    };

    let english = find("nl-BE");
    assert!(!english.is_ready());
    assert_eq!(said(&facts, &english), "Last Updated: 3 minutes ago");
    receive("https://paper.example/nl.txt", "lang: nl\nlast-updated: Bijgewerkt: {}");
    let dutch = find("nl-BE");
    assert!(dutch.is_ready());
    assert_eq!(said(&facts, &dutch), "Bijgewerkt: 3 minuten geleden");
    assert_eq!(said(&Facts { modified: None, status: Status::Offline, ..facts }, &dutch), "offline");

    assert!(!find("fr-CA").is_ready());
    receive("https://paper.example/fr.txt", "last-updated: Actualisé {}");
    assert_eq!(said(&facts, &find("fr-CA")), "Actualisé il y a 3 minutes");
    assert_eq!(said(&Facts { modified: None, status: Status::Offline, ..facts }, &find("fr-CA")), "hors ligne");
    for link in links {
        link.remove();
    }
}

#[wasm_bindgen_test]
fn an_entrys_time_is_an_hour_today_and_a_date_before() {
    let locale = locale("en-US", "", "Asia/Tokyo", "");
    for (datetime, text) in [
        ("2016-07-27T10:03:00Z", "7:03 PM"),
        ("2016-07-27T15:00:00Z", "07/28/2016 12:00 AM"),
        ("2016-07-26T15:00:00Z", "12:00 AM"),
        ("2016-07-26T14:59:59Z", "07/26/2016 11:59 PM"),
        ("2016-07-27", "07/27/2016"),
        ("2016-07-27T23:03:00", "07/27/2016"),
        ("soon", ""),
        ("", ""),
        ("2016-27-07T00:00:00Z", ""),
    ] {
        assert_eq!(fold(&locale.stamp(datetime, NOW)), text, "{datetime}");
    }
}

fn story(modified: Millis) -> String {
    let modified = js_sys::Date::new(&modified.into()).to_iso_string();
    format!(
        r#"{{"@context":"https://schema.org","@type":"NewsArticle","headline":"Ferry back in service","dateModified":"{modified}"}}"#
    )
}

#[wasm_bindgen_test]
async fn a_thousand_badges_tick_on_one_timer_and_write_only_what_changed() {
    stage::raise(NOW);
    stage::answer("/story", &story(NOW - 90.0 * SECOND), None);
    let attributes = [("src", "/story"), ("interval", "86400"), ("view", "badge"), ("lang", "en-US")];
    let cards: Vec<HtmlElement> = (0..1000).map(|_| stage::card(&attributes)).collect();
    rest().await;
    let roots: js_sys::Array = cards.iter().filter_map(|card| card.shadow_root()).collect();
    assert_eq!(roots.length(), 1000);
    let all = |time: &str, checked: &str| {
        for card in &cards {
            assert_eq!((stage::text(card, "time"), stage::text(card, "checked")), (time.into(), checked.into()));
        }
    };
    all("1 minute ago", "checked just now");
    let ticks = || stage::waits().iter().filter(|&&wait| wait <= 60.0 * SECOND).count();
    assert_eq!(ticks(), 1);

    stage::watch(&roots);
    pass(9.0 * SECOND).await;
    assert_eq!(stage::mutations(), 0);
    pass(2.0 * SECOND).await;
    all("1 minute ago", "checked 10 seconds ago");
    assert_eq!(stage::mutations(), 1000);
    pass(20.0 * SECOND).await;
    all("2 minutes ago", "checked 30 seconds ago");
    assert_eq!(ticks(), 1);

    for card in &cards {
        card.remove();
    }
    assert_eq!(ticks(), 0);
    stage::strike();
}

fn press(target: &HtmlElement, key: &str) {
    let init = web_sys::KeyboardEventInit::new();
    init.set_key(key);
    init.set_bubbles(true);
    let event = web_sys::KeyboardEvent::new_with_keyboard_event_init_dict("keydown", &init).expect("an event");
    target.dispatch_event(&event).expect("an event");
}

#[wasm_bindgen_test]
async fn a_badge_that_changes_later_keeps_none_waiting() {
    stage::raise(NOW);
    stage::answer("/one", &story(NOW), None);
    stage::answer("/other", &story(NOW), None);
    let one = stage::card(&[("src", "/one"), ("interval", "86400"), ("lang", "en-US")]);
    rest().await;
    pass(5.0 * SECOND).await;
    let other = stage::card(&[("src", "/other"), ("interval", "86400"), ("lang", "en-US")]);
    rest().await;
    pass(5.5 * SECOND).await;
    assert_eq!(stage::text(&one, "checked"), "checked 10 seconds ago");
    assert_eq!(stage::text(&other, "checked"), "checked just now");
    one.remove();
    other.remove();
    stage::strike();
}

#[wasm_bindgen_test]
async fn the_reader_turns_the_time_over_and_stops_the_clock() {
    stage::raise(NOW);
    stage::answer("/story", &story(NOW - 180.0 * SECOND), None);
    let card = stage::card(&[("src", "/story"), ("lang", "en-US"), ("hour-cycle", "h23"), ("time-zone", "UTC")]);
    rest().await;
    assert_eq!(stage::text(&card, "time"), "3 minutes ago");
    let time: HtmlElement = stage::part(&card, "time").expect("a time").unchecked_into();
    time.click();
    assert_eq!(stage::text(&card, "time"), "07/27/2016");
    for key in ["Enter", " ", "a"] {
        press(&time, key);
        let text = if key == "Enter" { "3 minutes ago" } else { "07/27/2016" };
        assert_eq!(stage::text(&card, "time"), text, "{key}");
    }

    let pause: HtmlElement = stage::part(&card, "pause").expect("a button").unchecked_into();
    assert_eq!(pause.get_attribute("aria-label").as_deref(), Some("Pause updates"));
    // The browser makes a click of it.
    press(&pause, "Enter");
    assert!(!card.has_attribute("paused"));
    pause.click();
    assert!(card.has_attribute("paused"));
    assert_eq!(stage::text(&card, "time"), "07/27/2016");
    assert_eq!(stage::text(&card, "checked"), "checked at 12:34");
    assert_eq!(stage::text(&card, "status"), "paused since 12:34");
    assert_eq!(pause.get_attribute("aria-label").as_deref(), Some("Resume updates"));
    rest().await;
    assert!(stage::waits().is_empty());
    let root: js_sys::Array = card.shadow_root().into_iter().collect();
    stage::watch(&root);
    pass(3600.0 * SECOND).await;
    assert_eq!(stage::mutations(), 0);
    pause.click();
    assert!(!card.has_attribute("paused"));
    rest().await;
    assert_eq!(stage::text(&card, "status"), "");
    card.remove();
    stage::strike();
}

#[wasm_bindgen_test]
async fn the_relative_time_is_right_whatever_the_readers_clock_says() {
    const HOUR: Millis = 3600.0 * SECOND;
    for (fast, jump) in [
        (0.0, HOUR),
        (3.0 * HOUR, -HOUR),
        (-2.0 * HOUR, HOUR),
        (3.0 * HOUR, -3.0 * HOUR),
        (24.0 * HOUR, -24.0 * HOUR),
        (0.0, 24.0 * HOUR),
        (-HOUR, -24.0 * HOUR),
    ] {
        stage::raise(NOW + fast);
        stage::answer("/story", &story(NOW - 180.0 * SECOND), Some(-fast));
        let card = stage::card(&[("src", "/story"), ("interval", "86400"), ("lang", "en-US")]);
        rest().await;
        let said = || (stage::text(&card, "time"), stage::text(&card, "checked"));
        assert_eq!(said(), ("3 minutes ago".into(), "checked just now".into()), "{fast}");
        pass(30.0 * SECOND).await;
        assert_eq!(said(), ("3 minutes ago".into(), "checked 30 seconds ago".into()), "{fast}");

        stage::jump(jump);
        stage::answer("/story", &story(NOW - 180.0 * SECOND), Some(-fast - jump));
        card.set_attribute("format", "relative").expect("an attribute");
        assert_eq!(said(), ("3 minutes ago".into(), "checked 30 seconds ago".into()), "{fast}, {jump}");
        // The server is asked at the next tick.
        pass(11.0 * SECOND).await;
        assert_eq!(said(), ("3 minutes ago".into(), "checked just now".into()), "{fast}, {jump}");
        pass(25.0 * SECOND).await;
        assert_eq!(said(), ("4 minutes ago".into(), "checked 20 seconds ago".into()), "{fast}, {jump}");
        card.remove();
        stage::strike();
    }
}

#[wasm_bindgen_test]
async fn without_the_servers_clock_a_time_a_little_ahead_is_just_now() {
    for (ahead, text) in [(60.0, "just now"), (600.0, "just now"), (601.0, "07/27/2016"), (86_401.0, "07/28/2016")] {
        stage::raise(NOW);
        stage::answer("/story", &story(NOW + ahead * SECOND), None);
        let card = stage::card(&[("src", "/story"), ("lang", "en-US"), ("time-zone", "UTC")]);
        rest().await;
        assert_eq!(stage::text(&card, "time"), text, "{ahead}");
        card.remove();
        stage::strike();
    }
}

#[wasm_bindgen_test]
async fn a_badge_says_that_the_network_is_gone_and_comes_back() {
    stage::raise(NOW);
    stage::answer("/story", &story(NOW - 180.0 * SECOND), None);
    let card = stage::card(&[("src", "/story"), ("interval", "10"), ("lang", "en-US")]);
    rest().await;
    assert_eq!(stage::text(&card, "status"), "");
    stage::silence();
    pass(60.0 * SECOND).await;
    assert_eq!(stage::text(&card, "status"), "not updating");
    assert_eq!(stage::text(&card, "checked"), "checked 1 minute ago");
    assert_eq!(stage::text(&card, "time"), "4 minutes ago");
    let window = web_sys::window().expect("a window");
    window.dispatch_event(&web_sys::Event::new("offline").expect("an event")).expect("a listener");
    assert_eq!(stage::text(&card, "status"), "offline");
    stage::answer("/story", &story(NOW - 180.0 * SECOND), None);
    window.dispatch_event(&web_sys::Event::new("online").expect("an event")).expect("a listener");
    pass(30.0 * SECOND).await;
    assert_eq!(stage::text(&card, "status"), "");
    card.remove();
    stage::strike();
}

#[wasm_bindgen_test]
async fn a_change_of_the_pages_language_or_zone_is_followed() {
    stage::raise(NOW);
    stage::answer("/story", &story(at("2016-07-20T15:30:00Z")), None);
    let root = document().document_element().expect("a root");
    root.set_attribute("lang", "en-US").expect("an attribute");
    root.set_attribute("time-zone", "UTC").expect("an attribute");
    let card = stage::card(&[("src", "/story")]);
    rest().await;
    for (name, value, date) in [
        ("lang", "en-US", "07/20/2016"),
        ("lang", "en-GB", "20/07/2016"),
        ("time-zone", "Asia/Tokyo", "21/07/2016"),
        ("lang", "en-US", "07/21/2016"),
    ] {
        root.set_attribute(name, value).expect("an attribute");
        rest().await;
        assert_eq!(stage::text(&card, "time"), date, "{name}, {value}");
    }
    card.remove();
    root.remove_attribute("lang").expect("an attribute");
    root.remove_attribute("time-zone").expect("an attribute");
    stage::strike();
}

//! What a poll decides, event by event. Sequences nobody thought of are left to `tests/poll.rs`.

use super::*;
use crate::article::Precision;

const SECOND: Millis = 1_000.0;
const MINUTE: Millis = 60_000.0;
const INTERVAL: Millis = 30_000.0;
/// Sat, 24 Oct 2026 08:00:00 GMT.
const START: Millis = 1_792_828_800_000.0;

/// A reader with a watch and a browser that does what the poll says.
struct Reader {
    poll: Poll,
    now: Millis,
    fetches: u32,
}

impl Reader {
    fn new(seed: u64) -> Self {
        Self { poll: Poll::new(INTERVAL, seed), now: START, fetches: 0 }
    }

    /// One that has looked, asked and heard, a minute after its article was modified.
    fn live(seed: u64) -> Self {
        let mut reader = Self::new(seed);
        assert_eq!(reader.on(Event::Shown), Action::Fetch);
        reader.publish(&modified(START - MINUTE));
        reader
    }

    fn on(&mut self, event: Event<'_>) -> Action {
        let action = self.poll.on(event, self.now);
        self.fetches += u32::from(action == Action::Fetch);
        action
    }

    fn answer(&mut self, answer: Answer<'_>) {
        let asked = self.poll.asked;
        self.now += 50.0;
        let answer = Answer { asked, arrived: self.now, ..answer };
        assert_eq!(self.on(Event::Answered(&answer)), Action::Nothing);
    }

    fn status(&mut self, status: u16) {
        self.answer(Answer { status, ..Answer::default() });
    }

    fn publish(&mut self, article: &Article) {
        self.answer(Answer { status: 200, article: Some(article), changed: true, ..Answer::default() });
    }

    /// How long until the next poll, by the timer alone.
    fn wait(&self) -> Millis {
        self.poll.due - self.now
    }

    /// Whether the next poll is a fifth around the pace away.
    fn is_paced(&self) -> bool {
        (0.8 * self.poll.pace..=1.2 * self.poll.pace).contains(&self.wait())
    }

    /// Sleeps until the timer rings, as often as it takes to be told to ask.
    fn ask(&mut self) {
        for _ in 0..3 {
            self.now = self.poll.wake();
            if self.on(Event::Woke) == Action::Fetch {
                return;
            }
        }
        panic!("nothing was asked");
    }
}

fn modified(at: Millis) -> Article {
    Article { modified: Some(Time { at, precision: Precision::Moment }), ..Article::default() }
}

fn ending(at: Millis, ends: Millis, precision: Precision) -> Article {
    Article { ends: Some(Time { at: ends, precision }), ..modified(at) }
}

/// What keeps a reader from asking.
type Hold<'a> = &'a dyn Fn(&mut Reader);

/// The least and the most of what many readers measure.
fn spread(measure: impl Fn(u64) -> Millis) -> (Millis, Millis) {
    let all = || (0..1_000).map(&measure);
    (all().fold(f64::INFINITY, f64::min), all().fold(f64::NEG_INFINITY, f64::max))
}

/// Drawn evenly between `least` and `most`.
#[track_caller]
fn assert_spread((least, most): (Millis, Millis), from: Millis, to: Millis) {
    let edge = (to - from) / 50.0;
    assert!(least >= from && least < from + edge, "{least} is not at {from}");
    assert!(most <= to && most > to - edge, "{most} is not at {to}");
}

#[test]
fn the_first_request_goes_when_somebody_can_see_it() {
    for (name, events, asks) in [
        ("shown", &[Event::Shown][..], true),
        ("online only", &[Event::Online], false),
        ("paused", &[Event::Paused, Event::Shown], false),
        ("paused, then not", &[Event::Paused, Event::Shown, Event::Resumed], true),
        ("hidden again while paused", &[Event::Paused, Event::Shown, Event::Hidden, Event::Resumed], false),
        ("in the back/forward cache", &[Event::Frozen, Event::Shown], false),
        ("offline at load, as it is said", &[Event::Offline, Event::Shown], true),
        ("another tab asks, but there is nothing yet", &[Event::Followed, Event::Shown], true),
        ("hidden, but wanted", &[Event::Refresh], true),
        ("shown twice", &[Event::Shown, Event::Shown], true),
    ] {
        let mut reader = Reader::new(1);
        for &event in events {
            let _ = reader.on(event);
        }
        assert_eq!(reader.fetches, u32::from(asks), "{name}");
        assert_eq!(reader.poll.is_asking(), asks, "{name}");
    }
}

#[test]
fn the_first_wait_is_even_and_the_others_a_fifth_around_the_pace() {
    assert_spread(spread(|seed| Reader::live(seed).wait()), 0.0, INTERVAL);
    let second = spread(|seed| {
        let mut reader = Reader::live(seed);
        reader.ask();
        reader.status(200);
        reader.wait()
    });
    assert_spread(second, 0.8 * INTERVAL, 1.2 * INTERVAL);
}

#[test]
fn the_pace_follows_the_server_the_age_and_the_reader() {
    for (name, cache_control, age, save_data, pace) in [
        ("nothing said", None, MINUTE, false, INTERVAL),
        ("a shorter max-age", Some("max-age=5"), MINUTE, false, INTERVAL),
        ("a longer max-age", Some("max-age=60"), MINUTE, false, MINUTE),
        ("a year", Some("max-age=31536000"), MINUTE, false, HOUR),
        ("s-maxage", Some("s-maxage=600"), MINUTE, false, INTERVAL),
        ("an hour old", None, HOUR - MINUTE, false, INTERVAL),
        ("older", None, HOUR + MINUTE, false, 2.0 * INTERVAL),
        ("a day old", None, DAY - MINUTE, false, 2.0 * INTERVAL),
        ("older than that", None, DAY + MINUTE, false, 10.0 * INTERVAL),
        ("ahead of us", None, -DAY, false, INTERVAL),
        ("saving data", None, MINUTE, true, 2.0 * INTERVAL),
        ("all of it", Some("max-age=60"), HOUR + MINUTE, true, 4.0 * MINUTE),
    ] {
        let measure = |seed| {
            let mut reader = Reader::new(seed);
            reader.poll.set_save_data(save_data);
            let _ = reader.on(Event::Shown);
            reader.publish(&modified(START - age));
            reader.ask();
            // As if no time had gone since.
            reader.poll.changed += reader.now - START;
            reader.answer(Answer { status: 200, cache_control, ..Answer::default() });
            reader.wait()
        };
        let (least, most) = spread(measure);
        assert!((least / pace - 0.8).abs() < 0.01, "{name}: {least}");
        assert!((most / pace - 1.2).abs() < 0.01, "{name}: {most}");
    }
}

#[test]
fn ages_are_by_the_servers_clock() {
    // The reader's clock is two days fast: the article seems old, and is new.
    let mut reader = Reader::new(1);
    let _ = reader.on(Event::Shown);
    let article = modified(START - 2.0 * DAY - MINUTE);
    let date = Some("Thu, 22 Oct 2026 08:00:00 GMT");
    reader.answer(Answer { status: 200, date, article: Some(&article), ..Answer::default() });
    assert!((reader.poll.offset() + 2.0 * DAY).abs() < SECOND, "{}", reader.poll.offset());
    assert_eq!(reader.poll.pace, INTERVAL);
}

#[test]
fn the_pace_is_back_at_once_after_a_change() {
    let mut reader = Reader::new(1);
    let _ = reader.on(Event::Shown);
    let old = modified(START - 30.0 * DAY);
    reader.publish(&old);
    assert_eq!(reader.poll.pace, 10.0 * INTERVAL);
    reader.ask();
    reader.answer(Answer { status: 200, article: Some(&old), changed: false, ..Answer::default() });
    assert_eq!(reader.poll.pace, 10.0 * INTERVAL, "other bytes, the same article");
    reader.ask();
    reader.publish(&old);
    assert_eq!(reader.poll.pace, INTERVAL, "a change that kept its date");
}

#[test]
fn an_article_without_a_date_is_as_old_as_it_has_been_here() {
    let mut reader = Reader::new(1);
    let _ = reader.on(Event::Shown);
    reader.publish(&Article::default());
    assert_eq!(reader.poll.pace, INTERVAL);
    for (age, pace) in [(0.5 * HOUR, INTERVAL), (2.0 * HOUR, 2.0 * INTERVAL)] {
        reader.ask();
        reader.poll.changed = reader.now - age;
        reader.status(200);
        assert_eq!(reader.poll.pace, pace);
    }
}

#[test]
fn every_failure_backs_off_and_the_first_success_ends_it() {
    for status in [206, 301, 400, 401, 403, 404, 418, 429, 500, 502, 503, 504, 511, 0] {
        for burst in [1, 5, 50] {
            let mut reader = Reader::live(u64::from(status));
            reader.ask();
            for n in 1..=burst {
                reader.status(status);
                assert_eq!(reader.poll.failure(), Some(Failure::Http));
                let most = (INTERVAL * f64::from(1 << (n - 1).min(8))).min(backoff::CAP);
                assert!((FLOOR..=most).contains(&reader.wait()), "{status}, failure {n}: {}", reader.wait());
                assert_eq!(reader.poll.retry_in(reader.now), Some(reader.wait() / SECOND));
                reader.ask();
            }
            reader.status(200);
            assert_eq!(reader.poll.failures, 0);
            assert_eq!(reader.poll.failure(), None);
            assert!(reader.is_paced(), "{}", reader.wait());
            assert_eq!(reader.poll.status(), Status::Live);
        }
    }
}

#[test]
fn failures_without_an_answer_back_off_too() {
    for (failure, word, status) in [
        (Failure::Offline, "offline", Status::Offline),
        (Failure::Timeout, "timeout", Status::Live),
        (Failure::Network, "network", Status::Live),
        (Failure::Trap, "trap", Status::Live),
        (Failure::Document(Reason::TooLarge), "too-large", Status::Live),
        (Failure::Document(Reason::Malformed), "malformed", Status::Live),
        (Failure::Document(Reason::NoArticle), "no-article", Status::Live),
    ] {
        let waits = spread(|seed| {
            let mut reader = Reader::live(seed);
            reader.ask();
            assert_eq!(reader.on(Event::Failed(failure)), Action::Nothing);
            assert_eq!(reader.poll.failure().map(Failure::as_str), Some(word));
            assert_eq!(reader.poll.status(), status, "{word}");
            reader.wait()
        });
        assert_spread(waits, FLOOR, INTERVAL);
    }
}

#[test]
fn an_older_document_is_a_failure_of_nobody() {
    let mut reader = Reader::live(1);
    reader.ask();
    let _ = reader.on(Event::Failed(Failure::Older));
    assert_eq!(reader.poll.failure().map(Failure::as_str), Some("older"));
    assert_eq!(reader.poll.failures, 0);
    assert!(reader.is_paced(), "{}", reader.wait());
}

#[test]
fn retry_after_is_obeyed_with_a_share_of_the_interval() {
    for (name, retry_after, date, from, to) in [
        ("seconds", "7", None, 7.0 * SECOND, 7.0 * SECOND + INTERVAL),
        (
            "by the answer's date",
            "Fri, 01 Jan 2027 00:00:10 GMT",
            Some("Fri, 01 Jan 2027 00:00:00 GMT"),
            10.0 * SECOND,
            10.0 * SECOND + INTERVAL,
        ),
        ("a century", "Thu, 24 Oct 2126 08:00:00 GMT", None, HOUR, HOUR + INTERVAL),
        ("too long", "1000000000", None, HOUR, HOUR + INTERVAL),
        ("no wait", "0", None, FLOOR, 4.0 * INTERVAL),
        ("passed", "Thu, 01 Jan 1970 00:00:00 GMT", None, FLOOR, 4.0 * INTERVAL),
        ("negative", "-7", None, FLOOR, 4.0 * INTERVAL),
        ("garbage", "1e9", None, FLOOR, 4.0 * INTERVAL),
    ] {
        let waits = spread(|seed| {
            let mut reader = Reader::live(seed);
            for _ in 0..3 {
                reader.ask();
                reader.answer(Answer { status: 429, retry_after: Some(retry_after), date, ..Answer::default() });
            }
            reader.wait()
        });
        println!("{name}");
        assert_spread(waits, from, to);
    }
}

#[test]
fn retry_after_is_by_the_servers_clock_even_where_the_answer_has_no_date() {
    let mut reader = Reader::new(1);
    let _ = reader.on(Event::Shown);
    // The reader's clock is an hour fast.
    let date = Some("Sat, 24 Oct 2026 07:00:00 GMT");
    reader.answer(Answer { status: 200, date, ..Answer::default() });
    let asked = reader.now;
    let _ = reader.on(Event::Refresh);
    let retry_after = Some("Sat, 24 Oct 2026 07:30:00 GMT");
    reader.answer(Answer { status: 503, retry_after, ..Answer::default() });
    let wait = reader.poll.due - asked;
    assert!((1_798.0 * SECOND..=1_802.0 * SECOND + INTERVAL).contains(&wait), "{wait}");
}

#[test]
fn what_the_server_asked_outlives_a_refresh_and_the_network() {
    for event in [Event::Refresh, Event::Online, Event::Shown] {
        let mut reader = Reader::live(1);
        reader.ask();
        reader.answer(Answer { status: 503, retry_after: Some("600"), ..Answer::default() });
        let until = reader.now + 600.0 * SECOND;
        reader.now += 10.0 * SECOND;
        let _ = reader.on(Event::Offline);
        if reader.on(event) == Action::Fetch {
            reader.status(503);
        }
        assert!(reader.poll.due >= until, "{event:?}");
    }
}

#[test]
fn an_answer_without_a_document() {
    for (status, next) in [(304, Status::Live), (205, Status::Live), (200, Status::Live), (204, Status::Ended)] {
        let mut reader = Reader::live(1);
        reader.ask();
        reader.status(status);
        assert_eq!(reader.poll.failure(), None, "{status}");
        assert_eq!(reader.poll.status(), next, "{status}");
        assert_eq!(reader.poll.wake().is_finite(), next == Status::Live, "{status}");
        assert_eq!(reader.poll.retry_in(reader.now).is_some(), next == Status::Live, "{status}");
    }
}

#[test]
fn a_document_can_end_or_withdraw() {
    let expired = Article { ended: true, ..modified(START) };
    let withdrawn = Article { withdrawn: true, ..modified(START) };
    for (article, status) in [(expired, Status::Ended), (withdrawn, Status::Withdrawn)] {
        let mut reader = Reader::live(1);
        reader.ask();
        reader.publish(&article);
        assert_eq!(reader.poll.status(), status);
        assert_eq!(reader.poll.wake(), f64::INFINITY, "no more polls");
        reader.now += DAY;
        assert_eq!(reader.on(Event::Refresh), Action::Fetch, "but when asked to");
        reader.publish(&modified(START + DAY));
        assert_eq!(reader.poll.status(), Status::Live);
        reader.ask();
    }
}

#[test]
fn gone_twice_an_interval_apart_is_withdrawn() {
    for (name, statuses, withdrawn) in [
        ("once", &[410][..], false),
        ("twice", &[410, 410], true),
        ("for legal reasons, too", &[451, 410], true),
        ("with an illness between", &[410, 503, 451], true),
        ("with an article between", &[410, 200, 410], false),
        ("never", &[404, 404, 404], false),
    ] {
        let mut reader = Reader::live(1);
        for &status in statuses {
            reader.ask();
            reader.status(status);
        }
        assert_eq!(reader.poll.status() == Status::Withdrawn, withdrawn, "{name}");
        assert_eq!(reader.poll.wake() == f64::INFINITY, withdrawn, "{name}");
    }
    let waits = spread(|seed| {
        let mut reader = Reader::live(seed);
        reader.ask();
        reader.status(410);
        reader.wait()
    });
    assert_spread(waits, INTERVAL, 1.2 * INTERVAL);
}

#[test]
fn gone_twice_in_a_moment_is_not_withdrawn() {
    let mut reader = Reader::live(1);
    reader.ask();
    reader.status(410);
    for _ in 0..3 {
        reader.now += SECOND;
        assert_eq!(reader.on(Event::Refresh), Action::Fetch);
        reader.status(410);
        assert_eq!(reader.poll.status(), Status::Live);
    }
    reader.ask();
    reader.status(410);
    assert_eq!(reader.poll.status(), Status::Withdrawn);
    assert_eq!(reader.on(Event::Refresh), Action::Fetch);
    reader.publish(&modified(START));
    assert_eq!(reader.poll.status(), Status::Live, "put back");
}

#[test]
fn coverage_ends_and_is_taken_up_again() {
    let end = START - HOUR;
    for (name, article, ended) in [
        ("over", ending(end - HOUR, end, Precision::Moment), true),
        ("over with its last update", ending(end, end, Precision::Moment), true),
        ("updated later", ending(end + MINUTE, end, Precision::Moment), false),
        ("not yet over", ending(end, START + HOUR, Precision::Moment), false),
        ("over by day's end", ending(end, START - 8.0 * HOUR, Precision::Date), false),
        ("over yesterday", ending(end - DAY, START - 32.0 * HOUR, Precision::Date), true),
        ("over, dateless", Article { modified: None, ..ending(end, end, Precision::Moment) }, true),
    ] {
        let mut reader = Reader::new(1);
        let _ = reader.on(Event::Shown);
        reader.publish(&article);
        assert_eq!(reader.poll.status() == Status::Ended, ended, "{name}");
        assert_eq!(reader.poll.pace == HOUR, ended, "{name}: {}", reader.poll.pace);
        if ended {
            reader.ask();
            reader.status(200);
            assert!((0.8 * HOUR..=1.2 * HOUR).contains(&reader.wait()), "{name}");
            assert_eq!(reader.poll.status(), Status::Ended, "{name}");
            reader.ask();
            reader.publish(&ending(reader.now, end, Precision::Moment));
            assert_eq!(reader.poll.status(), Status::Live, "{name}");
            assert_eq!(reader.poll.pace, INTERVAL, "{name}");
        }
    }
}

#[test]
fn coverage_that_ends_while_it_is_read_is_seen_at_the_next_answer() {
    let mut reader = Reader::new(1);
    let _ = reader.on(Event::Shown);
    reader.publish(&ending(START, START + SECOND, Precision::Moment));
    assert_eq!(reader.poll.status(), Status::Live);
    reader.now += INTERVAL;
    assert_eq!(reader.on(Event::Woke), Action::Fetch);
    reader.status(200);
    assert_eq!(reader.poll.status(), Status::Ended);
}

#[test]
fn away_means_silent_and_back_means_one_check() {
    for (leave, back) in
        [(Event::Hidden, Event::Shown), (Event::Paused, Event::Resumed), (Event::Frozen, Event::Thawed)]
    {
        for away in [MINUTE, 10.0 * MINUTE, 8.0 * HOUR] {
            let mut reader = Reader::live(1);
            let _ = reader.on(leave);
            assert_eq!(reader.poll.wake(), f64::INFINITY, "{leave:?}");
            reader.now += away;
            assert_eq!(reader.on(Event::Woke), Action::Nothing, "a stray timer");
            assert_eq!(reader.on(Event::Online), Action::Nothing);
            assert_ne!(reader.poll.status(), Status::Stale);
            assert_eq!(reader.on(back), Action::Fetch, "{back:?} after {away}");
            assert_eq!(reader.on(back), Action::Nothing);
            assert_ne!(reader.poll.status(), Status::Stale);
            reader.status(200);
            assert!(reader.wait() >= 0.8 * INTERVAL);
            assert_eq!(reader.fetches, 2);
        }
        let mut reader = Reader::live(1);
        reader.ask();
        reader.status(200);
        let due = reader.poll.due;
        for _ in 0..10 {
            reader.now += SECOND;
            let _ = reader.on(leave);
            assert_eq!(reader.on(back), Action::Nothing, "not due");
        }
        assert_eq!(reader.poll.wake(), due);
    }
}

#[test]
fn what_was_under_way_when_the_page_froze_is_dropped() {
    for (leave, back) in [(Event::Frozen, Event::Thawed), (Event::Paused, Event::Resumed)] {
        let mut reader = Reader::live(1);
        reader.ask();
        let asked = reader.now;
        reader.now += SECOND;
        assert_eq!(reader.on(leave), Action::Abort);
        reader.now += HOUR;
        assert!(!reader.poll.awaits(asked, reader.now));
        assert_eq!(reader.on(back), Action::Fetch);
        assert!(!reader.poll.awaits(asked, reader.now));
        let stale = Answer { status: 204, asked, arrived: reader.now, ..Answer::default() };
        assert_eq!(reader.on(Event::Answered(&stale)), Action::Nothing);
        assert!(reader.poll.is_asking());
        reader.status(200);
        assert_eq!(reader.poll.status(), Status::Live);
        assert_eq!(reader.fetches, 3);
    }
}

#[test]
fn a_machine_that_slept_checks_once() {
    let mut idle = Reader::live(1);
    idle.now += 8.0 * HOUR;
    assert_eq!(idle.on(Event::Woke), Action::Fetch);
    assert_eq!(idle.poll.status(), Status::Live, "sleep is nobody's silence");
    idle.status(200);
    assert_eq!(idle.fetches, 2);

    let failed = |_: &Reader| Some(Event::Failed(Failure::Network));
    let nothing = |_: &Reader| None;
    for first in [failed as fn(&Reader) -> Option<Event<'static>>, nothing] {
        let mut busy = Reader::live(1);
        busy.ask();
        let asked = busy.now;
        busy.now += 8.0 * HOUR;
        assert!(!busy.poll.awaits(asked, busy.now));
        if let Some(event) = first(&busy) {
            assert_eq!(busy.on(event), Action::Fetch);
        } else {
            assert_eq!(busy.on(Event::Woke), Action::Abort);
            assert_eq!(busy.poll.failure(), None);
            assert!(busy.poll.wake() <= busy.now);
            assert_eq!(busy.on(Event::Woke), Action::Fetch);
        }
        assert!(!busy.poll.awaits(asked, busy.now));
        busy.status(200);
        assert!(busy.wait() >= 0.8 * INTERVAL);
        assert_eq!(busy.fetches, 3);
    }
}

#[test]
fn a_clock_that_is_set_neither_stops_nor_hurries() {
    for step in [-DAY, -HOUR, -MINUTE, -SECOND, SECOND, MINUTE, HOUR, DAY] {
        for busy in [false, true] {
            let mut reader = Reader::live(1);
            if busy {
                reader.ask();
            }
            // The timer rings after its wait, whatever the clock says.
            reader.now = reader.poll.wake() + step;
            let mut actions = Vec::new();
            for _ in 0..4 {
                actions.push(reader.on(Event::Woke));
                reader.now = reader.now.max(reader.poll.wake().min(reader.now + FLOOR));
            }
            let fetches = actions.iter().filter(|&&action| action == Action::Fetch).count();
            assert!(fetches <= 1, "{step}: {actions:?}");
            assert!(busy || step.abs() < MINUTE || actions[0] == Action::Fetch, "{step}: {actions:?}");
            if !reader.poll.is_asking() {
                assert!(reader.wait() <= 2.0 * INTERVAL, "{step}: {}", reader.wait());
                reader.ask();
            }
            reader.status(200);
            assert!(reader.is_paced(), "{step}: {}", reader.wait());
            assert_eq!(reader.poll.status(), Status::Live, "{step}");
        }
    }
}

#[test]
fn a_clock_set_back_neither_stops_nor_hurries_who_comes_back() {
    let mut reader = Reader::live(1);
    reader.ask();
    reader.now -= HOUR;
    assert_eq!(reader.on(Event::Frozen), Action::Abort);
    assert_eq!(reader.on(Event::Thawed), Action::Nothing, "under the floor");
    reader.now += FLOOR;
    assert_eq!(reader.on(Event::Woke), Action::Fetch);

    reader.status(200);
    reader.poll.look(reader.now, 0.0);
    let mut fetches = 0;
    for turn in 1..=40 {
        reader.now -= HOUR - 0.5 * SECOND;
        reader.poll.look(reader.now, f64::from(turn) * 0.5 * SECOND);
        if reader.on(Event::Shown) == Action::Fetch {
            fetches += 1;
            reader.now -= 50.0;
            reader.status(200);
        }
    }
    assert!(fetches <= 4, "{fetches} in twenty seconds");
}

#[test]
fn clocks_that_part_make_a_check_due() {
    let mut reader = Reader::live(1);
    reader.ask();
    reader.status(200);
    reader.poll.look(reader.now, 0.0);
    reader.poll.look(reader.now + SECOND, SECOND);
    assert!(reader.wait() >= 0.8 * INTERVAL);
    reader.now += 10.0 * SECOND;
    assert_eq!(reader.on(Event::Shown), Action::Nothing, "not due by one clock");
    reader.poll.look(reader.now, 2.0 * SECOND);
    assert_eq!(reader.on(Event::Woke), Action::Fetch);
}

#[test]
fn offline_is_slow_and_online_checks_if_one_is_due() {
    let mut reader = Reader::live(1);
    reader.ask();
    reader.status(200);
    let heard = reader.now;
    let _ = reader.on(Event::Offline);
    assert_eq!(reader.poll.status(), Status::Offline);
    let due = reader.poll.due;
    assert!(due.is_finite());
    for _ in 0..9 {
        let _ = reader.on(Event::Offline);
    }
    assert_eq!(reader.poll.due, due, "said again");
    reader.now += 2.0 * SECOND;
    assert_eq!(reader.on(Event::Online), Action::Nothing, "not due");
    assert_eq!(reader.poll.status(), Status::Live);
    assert_eq!(reader.poll.due, heard + INTERVAL);

    for _ in 0..6 {
        reader.ask();
        let _ = reader.on(Event::Failed(Failure::Offline));
    }
    assert_eq!(reader.poll.status(), Status::Offline);
    reader.now += FLOOR;
    assert_eq!(reader.on(Event::Online), Action::Fetch, "due for long");
    let _ = reader.on(Event::Failed(Failure::Network));
    assert!(reader.wait() <= INTERVAL, "the network needs a moment");
}

#[test]
fn a_browser_that_lies_about_its_network_is_found_out() {
    let mut wrong = Reader::live(1);
    let _ = wrong.on(Event::Offline);
    wrong.ask();
    wrong.status(200);
    assert_eq!(wrong.poll.status(), Status::Live, "it said offline");

    let mut silent = Reader::live(1);
    for _ in 0..10 {
        silent.ask();
        let _ = silent.on(Event::Failed(Failure::Network));
    }
    silent.ask();
    silent.status(200);
    assert_eq!(silent.poll.status(), Status::Live, "it never said online");
}

#[test]
fn servers_failures_outlive_online() {
    let mut reader = Reader::live(1);
    for _ in 0..6 {
        reader.ask();
        reader.status(503);
    }
    let due = reader.poll.due;
    reader.now = due - FLOOR;
    assert_eq!(reader.on(Event::Online), Action::Nothing);
    assert_eq!(reader.poll.due, due);
}

#[test]
fn a_request_that_takes_too_long_is_ended() {
    let mut reader = Reader::live(1);
    reader.poll.set_timeout(2.0 * SECOND);
    reader.ask();
    assert_eq!(reader.poll.wake(), reader.now + 2.0 * SECOND);
    reader.now += SECOND;
    assert_eq!(reader.on(Event::Woke), Action::Nothing);
    reader.now += SECOND;
    assert_eq!(reader.on(Event::Woke), Action::Abort);
    assert_eq!(reader.poll.failure(), Some(Failure::Timeout));
    assert!((FLOOR..=INTERVAL).contains(&reader.wait()), "{}", reader.wait());
    let _ = reader.on(Event::Hidden);
    reader.now += HOUR;
    assert_eq!(reader.on(Event::Shown), Action::Fetch);
}

#[test]
fn no_time_at_all_is_no_timeout() {
    for timeout in [0.0, -SECOND, f64::NAN] {
        let mut reader = Reader::live(1);
        reader.poll.set_timeout(timeout);
        reader.ask();
        assert_eq!(reader.poll.wake(), reader.now + 10.0 * SECOND, "{timeout}");
    }
}

#[test]
fn a_failure_may_be_looked_into_before_its_time() {
    let mut reader = Reader::live(1);
    let settled = reader.poll.due;
    reader.poll.hasten(reader.now);
    assert_eq!(reader.poll.due, settled, "nothing has failed");
    for _ in 0..6 {
        reader.ask();
        let _ = reader.on(Event::Failed(Failure::Document(Reason::NoArticle)));
    }
    reader.poll.hasten(reader.now);
    assert_eq!(reader.wait(), FLOOR);
    reader.ask();
    reader.answer(Answer { status: 503, retry_after: Some("60"), ..Answer::default() });
    reader.poll.hasten(reader.now);
    assert_eq!(reader.wait(), MINUTE, "the server has said when");
}

#[test]
fn a_request_nobody_looks_at_is_ended_in_time_too() {
    let mut reader = Reader::live(1);
    reader.ask();
    let _ = reader.on(Event::Hidden);
    reader.now = reader.poll.wake();
    assert_eq!(reader.on(Event::Woke), Action::Abort);
    assert_eq!(reader.poll.wake(), f64::INFINITY);
}

#[test]
fn refresh_asks_whatever_holds_and_joins_what_is_under_way() {
    let away = |event: Event<'static>| {
        move |reader: &mut Reader| {
            let _ = reader.on(event);
        }
    };
    let ill = |reader: &mut Reader| {
        reader.ask();
        reader.status(503);
    };
    let told = |reader: &mut Reader| {
        reader.ask();
        reader.answer(Answer { status: 429, retry_after: Some("3600"), ..Answer::default() });
    };
    let over = |reader: &mut Reader| {
        reader.ask();
        reader.status(204);
    };
    let holds: [(&str, Hold<'_>); 8] = [
        ("all is well", &|_| {}),
        ("a pause", &away(Event::Paused)),
        ("nobody looks", &away(Event::Hidden)),
        ("no network", &away(Event::Offline)),
        ("another tab asks", &away(Event::Followed)),
        ("backoff", &ill),
        ("Retry-After", &told),
        ("the end", &over),
    ];
    for (name, hold) in holds {
        let mut reader = Reader::live(1);
        hold(&mut reader);
        reader.now += SECOND;
        assert_eq!(reader.on(Event::Refresh), Action::Fetch, "{name}");
        reader.now += SECOND;
        assert_eq!(reader.on(Event::Refresh), Action::Nothing, "{name}: joined");
        assert_eq!(reader.on(Event::Paused), Action::Nothing, "{name}: wanted in a pause");
        reader.status(200);
        assert_eq!(reader.on(Event::Resumed), Action::Nothing, "{name}");
        assert!(!reader.poll.is_asking(), "{name}");
    }
    let mut asleep = Reader::live(1);
    assert_eq!(asleep.on(Event::Paused), Action::Nothing);
    assert_eq!(asleep.on(Event::Refresh), Action::Fetch);
    asleep.now += HOUR;
    assert_eq!(asleep.on(Event::Refresh), Action::Abort, "it slept");
    asleep.now = asleep.now.max(asleep.poll.wake());
    assert_eq!(asleep.on(Event::Woke), Action::Fetch, "and is wanted still");
}

#[test]
fn an_overtaken_answer_is_dropped() {
    let mut reader = Reader::live(1);
    reader.ask();
    let (before, asked) = (reader.now - SECOND, reader.now);
    reader.now += SECOND;
    let other = |asked| Answer { status: 200, asked, arrived: asked, ..Answer::default() };
    assert!(!reader.poll.awaits(before, reader.now));
    assert_eq!(reader.on(Event::Answered(&other(before))), Action::Nothing);
    assert!(reader.poll.is_asking(), "another tab asked before");
    assert!(reader.poll.awaits(asked + 1.0, reader.now));
    assert_eq!(reader.on(Event::Answered(&other(asked + 1.0))), Action::Abort, "another tab asked later");
    assert!(!reader.poll.awaits(asked, reader.now));
    assert!(reader.is_paced());
}

#[test]
fn who_follows_listens_and_who_leads_asks_when_due() {
    let mut reader = Reader::live(1);
    assert_eq!(reader.on(Event::Followed), Action::Nothing);
    assert_eq!(reader.poll.wake(), reader.poll.due + 1.5 * INTERVAL, "only should the other say nothing");
    reader.now += INTERVAL;
    assert_eq!(reader.on(Event::Woke), Action::Nothing);
    let heard = Answer { status: 200, asked: reader.now - 50.0, arrived: reader.now, ..Answer::default() };
    assert_eq!(reader.on(Event::Answered(&heard)), Action::Nothing);
    reader.now += SECOND;
    assert_eq!(reader.on(Event::Led), Action::Nothing, "not due");
    assert_eq!(reader.on(Event::Followed), Action::Nothing);
    reader.now += 2.0 * INTERVAL;
    assert_eq!(reader.on(Event::Led), Action::Fetch, "due");
}

#[test]
fn who_follows_asks_when_the_other_says_nothing() {
    for seed in 0..100 {
        let mut reader = Reader::live(seed);
        let _ = reader.on(Event::Followed);
        // Whoever leads has asked by then, and been answered.
        reader.now += 1.2 * INTERVAL + SECOND;
        assert_eq!(reader.on(Event::Woke), Action::Nothing);
        reader.ask();
        assert!(reader.poll.asked <= reader.poll.heard + 2.5 * INTERVAL);
    }
}

#[test]
fn a_failure_of_the_tab_that_leads_is_one_of_all() {
    let mut reader = Reader::live(1);
    let _ = reader.on(Event::Followed);
    let _ = reader.on(Event::Failed(Failure::Network));
    assert_eq!(reader.poll.failure(), Some(Failure::Network));
    assert!((FLOOR..=INTERVAL).contains(&reader.wait()), "{}", reader.wait());
    let ill = Answer {
        status: 503,
        asked: reader.now + SECOND,
        arrived: reader.now + SECOND,
        retry_after: Some("600"),
        ..Answer::default()
    };
    reader.now += SECOND;
    assert_eq!(reader.on(Event::Answered(&ill)), Action::Nothing);
    assert_eq!(reader.poll.failure(), Some(Failure::Http));
    assert_eq!(reader.on(Event::Led), Action::Nothing);
    assert!(reader.wait() >= 600.0 * SECOND, "the new leader knows what the server asked of the old one");
    let _ = reader.on(Event::Failed(Failure::Network));
    assert_eq!(reader.poll.failure(), None, "who leads asks nobody else");
}

#[test]
fn who_does_not_look_shares_nothing() {
    for (leave, back) in
        [(Event::Hidden, Event::Shown), (Event::Paused, Event::Resumed), (Event::Frozen, Event::Thawed)]
    {
        let mut reader = Reader::live(1);
        let _ = reader.on(Event::Followed);
        assert!(reader.poll.is_shared());
        let _ = reader.on(leave);
        assert!(!reader.poll.is_shared());
        reader.now += INTERVAL;
        assert_eq!(reader.on(back), Action::Fetch, "due, and nobody else is known to ask");
        assert!(reader.poll.is_shared());
        reader.status(204);
        assert!(!reader.poll.is_shared(), "there is nothing more to share");
    }
    assert!(!Reader::new(1).poll.is_shared());
}

#[test]
fn a_page_with_many_requests_holds_back_the_others() {
    let mut reader = Reader::new(1);
    reader.poll.hold(true);
    assert_eq!(reader.on(Event::Shown), Action::Nothing);
    assert!(reader.poll.waits(reader.now));
    assert_eq!(reader.poll.wake(), f64::INFINITY, "no timer: its turn is told to it");
    let _ = reader.on(Event::Hidden);
    assert!(!reader.poll.waits(reader.now), "whoever is out of sight waits for nothing");
    let _ = reader.on(Event::Refresh);
    assert!(reader.poll.waits(reader.now), "what is wanted waits too");
    reader.now += HOUR;
    reader.poll.hold(false);
    assert_eq!(reader.on(Event::Turn), Action::Fetch);
    reader.status(200);
    let _ = reader.on(Event::Shown);
    reader.poll.hold(true);
    assert!(!reader.poll.waits(reader.now), "not due");
    assert!(reader.poll.wake().is_finite());
    reader.now = reader.poll.wake();
    assert_eq!(reader.on(Event::Woke), Action::Nothing);
    assert!(reader.poll.waits(reader.now));
    assert_eq!(reader.poll.wake(), reader.poll.late, "stale it can be all the same");
}

#[test]
fn stale_is_three_planned_waits_of_waiting() {
    let mut reader = Reader::live(1);
    let heard = reader.now;
    let stale = heard + 3.0 * INTERVAL;
    let mut failures = 0;
    while reader.poll.status() == Status::Live {
        reader.now = reader.poll.wake();
        assert!(reader.now <= stale);
        if reader.on(Event::Woke) == Action::Fetch {
            let _ = reader.on(Event::Failed(Failure::Network));
            failures += 1;
        }
    }
    assert_eq!(reader.now, stale);
    assert!(failures > 0);
    let _ = reader.on(Event::Hidden);
    reader.now += HOUR;
    let _ = reader.on(Event::Shown);
    assert_eq!(reader.poll.status(), Status::Stale);
    reader.status(200);
    assert_eq!(reader.poll.status(), Status::Live);
}

#[test]
fn time_away_is_no_silence() {
    for (leave, back) in [(Event::Hidden, Event::Shown), (Event::Paused, Event::Resumed)] {
        let mut reader = Reader::live(1);
        reader.ask();
        let _ = reader.on(Event::Failed(Failure::Network));
        let late = reader.poll.late;
        let _ = reader.on(leave);
        reader.now += HOUR;
        let _ = reader.on(back);
        assert_eq!(reader.poll.late, late + HOUR);
        let _ = reader.on(Event::Failed(Failure::Network));
        assert_eq!(reader.poll.status(), Status::Live);
        reader.now = late + HOUR;
        let _ = reader.on(Event::Woke);
        assert_eq!(reader.poll.status(), Status::Stale);
    }
}

#[test]
fn what_never_loads_is_stale_too() {
    let mut reader = Reader::new(1);
    let _ = reader.on(Event::Shown);
    assert_eq!(reader.poll.status(), Status::Loading);
    while reader.poll.status() == Status::Loading {
        if reader.poll.is_asking() {
            reader.status(503);
        }
        reader.now = reader.poll.wake();
        let _ = reader.on(Event::Woke);
    }
    assert_eq!(reader.poll.status(), Status::Stale);
    assert_eq!(reader.now, START + 3.0 * INTERVAL);
}

#[test]
fn one_status_of_many() {
    let mut reader = Reader::live(1);
    assert_eq!(reader.poll.status(), Status::Live);
    let _ = reader.on(Event::Offline);
    assert_eq!(reader.poll.status(), Status::Offline);
    let _ = reader.on(Event::Paused);
    assert_eq!(reader.poll.status(), Status::Paused);
    assert_eq!(reader.on(Event::Refresh), Action::Fetch);
    reader.publish(&Article { withdrawn: true, ..Article::default() });
    assert_eq!(reader.poll.status(), Status::Withdrawn);
}

#[test]
fn an_interval_is_kept_between_its_bounds() {
    for (interval, kept) in
        [(0.0, FLOOR), (-1.0, FLOOR), (4_999.0, FLOOR), (f64::NAN, FLOOR), (5_500.0, 5_500.0), (f64::INFINITY, DAY)]
    {
        assert_eq!(Poll::new(interval, 1).interval, kept);
        let mut poll = Poll::new(INTERVAL, 1);
        poll.set_interval(interval);
        assert_eq!(poll.interval, kept);
        assert_eq!(poll.pace, kept);
    }
}

#[test]
fn a_new_interval_counts_from_the_last_answer() {
    let mut reader = Reader::live(1);
    reader.ask();
    for n in 1..=100 {
        reader.poll.set_interval(f64::from(n) * MINUTE);
    }
    reader.poll.set_interval(10.0 * SECOND);
    assert!(reader.poll.is_asking());
    reader.status(200);
    assert!((8.0 * SECOND..=12.0 * SECOND).contains(&reader.wait()), "{}", reader.wait());
    reader.now += 5.0 * SECOND;
    reader.poll.set_interval(MINUTE);
    assert!((43.0 * SECOND..=67.0 * SECOND).contains(&reader.wait()), "{}", reader.wait());
    reader.now += 20.0 * SECOND;
    reader.poll.set_interval(5.0 * SECOND);
    assert!(reader.poll.wake() < reader.now);
    assert_eq!(reader.on(Event::Woke), Action::Fetch);
    reader.status(503);
    let due = reader.poll.due;
    reader.poll.set_interval(MINUTE);
    assert_eq!(reader.poll.due, due, "a backoff runs its course");
}

#[test]
fn a_poll_is_small_enough_for_a_million() {
    assert!(size_of::<Poll>() <= 200, "{}", size_of::<Poll>());
}

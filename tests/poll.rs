//! The poller against whatever may happen, in any order: a million days of readers, none of them like another.
//!
//! `POLLS=1000000` sets how many; fewer are tried by default, so that a debug build stays quick. What each event does
//! is told in `src/poll/tests.rs`.

use std::fmt::Write as _;

use live_article::article::{Article, Millis, Precision, Time};
use live_article::poll::pace::{DAY, FLOOR, HOUR, Random};
use live_article::poll::{Action, Answer, Event, Failure, Poll, brings_document};
use live_article::read::Reason;

/// Events of one reader.
const EVENTS: u32 = 88;
/// No wait of a source that goes on is longer: ten times the longest interval drawn here, doubled, and jitter; and what
/// a tab that follows leaves to the one that leads.
const LONGEST: Millis = 10.0 * HOUR * 2.0 * (1.2 + 1.5);

/// A browser that does what the poll says, and keeps the books.
struct Browser {
    poll: Poll,
    random: Random,
    /// What happened, line by line; kept in a second run only, of a reader for whom a promise was broken.
    story: Option<String>,
    broken: Option<&'static str>,
    /// By the reader's clock, which is set now and then.
    now: Millis,
    /// By a watch that nobody sets.
    watch: Millis,
    /// When the request under way was sent.
    sent: Option<Millis>,
    /// When the last request was sent, by the watch, and how many there were.
    last: Millis,
    requests: u32,
    /// When the last answer came, another tab's too.
    settled: Millis,
    hidden: bool,
    frozen: bool,
    paused: bool,
    follows: bool,
    /// As many requests as there may be are under way elsewhere in the page.
    held: bool,
    /// Back in sight since the last request, or the clock was set.
    returned: bool,
    /// The first wait is on.
    first: bool,
    /// A refresh waits for its request.
    wanted: bool,
    heard: bool,
    /// Polls are over, as the poll says; whether it may say so is looked at when it does.
    stopped: bool,
    /// One 410 or 451 has come.
    gone: bool,
    timeout: Millis,
}

impl Browser {
    /// Lives through all of one reader's events.
    fn run(seed: u64, story: Option<String>) -> Self {
        let mut browser = Self::new(seed, story);
        for _ in 0..EVENTS {
            browser.step();
        }
        browser
    }

    fn new(seed: u64, story: Option<String>) -> Self {
        let mut random = Random::new(seed);
        let now = 1.7e12 + random.share() * DAY;
        let interval = [0.0, FLOOR, 7_000.0, 30_000.0, 600_000.0, HOUR][(random.share() * 6.0) as usize];
        Self {
            poll: Poll::new(interval, seed),
            random,
            story,
            broken: None,
            now,
            watch: 0.0,
            sent: None,
            last: f64::NEG_INFINITY,
            requests: 0,
            settled: f64::NEG_INFINITY,
            hidden: true,
            frozen: false,
            paused: false,
            follows: false,
            held: false,
            returned: false,
            first: false,
            wanted: false,
            heard: false,
            stopped: false,
            gone: false,
            timeout: 10_000.0,
        }
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[(self.random.share() * from.len() as f64) as usize]
    }

    fn note(&mut self, line: std::fmt::Arguments<'_>) {
        if let Some(story) = &mut self.story
            && self.broken.is_none()
        {
            let _ = writeln!(story, "{line}");
        }
    }

    fn must(&mut self, holds: bool, what: &'static str) {
        if !holds && self.broken.is_none() {
            self.broken = Some(what);
        }
    }

    fn silent(&self) -> bool {
        self.hidden || self.frozen || self.paused
    }

    fn tell(&mut self, event: Event<'_>) {
        let now = self.now;
        // Nobody who does not look follows.
        self.follows &= !self.silent();
        self.note(format_args!("{now:.0} {event:?}"));
        let action = self.poll.on(event, self.now);
        let (status, wait) = (self.poll.status(), self.poll.wake() - self.now);
        self.note(format_args!("    {action:?}, {status:?}, wake in {wait:.0}"));
        match action {
            Action::Nothing => {}
            Action::Abort => {
                self.must(self.sent.is_some(), "a request that is not was ended");
                self.sent = None;
            }
            Action::Fetch => {
                self.must(self.sent.is_none(), "two requests are in flight");
                self.must(!self.silent() || self.wanted, "a poll while hidden");
                self.must(!self.frozen, "a poll in a frozen page");
                self.must(!self.held, "a request too many");
                // The least that is left to the tab that leads.
                let mute = self.watch + 0.001 >= self.settled + 1.5 * FLOOR;
                self.must(
                    mute || !self.follows || !self.heard || self.wanted || self.returned,
                    "a poll beside another tab's",
                );
                self.must(!self.stopped || self.wanted, "a poll after the end");
                // Sums of large times are off by less than a microsecond.
                let soon = self.watch + 0.001 < self.last + FLOOR;
                self.must(!soon || self.first || self.wanted || self.returned, "a poll under the floor");
                self.sent = Some(self.now);
                self.last = self.watch;
                self.requests += 1;
                (self.first, self.wanted, self.returned) = (false, false, false);
            }
        }
        self.stopped = self.poll.retry_in(self.now).is_none();
        self.must(self.poll.is_asking() == self.sent.is_some(), "poll and browser disagree");
        let wake = self.poll.wake();
        if let Some(sent) = self.sent {
            self.must(wake <= sent.min(self.now) + self.timeout, "a request that may hang for ever");
        } else if !self.silent() && !self.stopped && !self.poll.waits(self.now) {
            self.must(wake <= self.now + LONGEST, "silent for ever");
        }
        self.must(!wake.is_nan(), "no time at all");
    }

    /// Other sources of the page begin to ask, or are done; then it is this one's turn.
    fn hold(&mut self, on: bool) {
        self.held = on;
        self.note(format_args!("held {on}"));
        self.poll.hold(on);
        if !on {
            self.tell(Event::Turn);
        }
    }

    /// Time goes by.
    fn pass(&mut self, time: Millis) {
        self.now += time;
        self.watch += time;
    }

    fn settle(&mut self) {
        let own = self.sent.is_some();
        if !own && self.random.share() < 0.7 {
            return;
        }
        let asked = self.sent.unwrap_or(self.now - 1.0);
        if own && self.random.share() < 0.2 {
            let failure = self.pick(&[
                Failure::Offline,
                Failure::Timeout,
                Failure::Network,
                Failure::Trap,
                Failure::Older,
                Failure::Document(Reason::Malformed),
            ]);
            self.sent = None;
            if failure == Failure::Older && self.poll.awaits(asked, self.now) {
                self.first = !self.heard;
                self.heard = true;
                self.gone = false;
            }
            self.tell(Event::Failed(failure));
            return;
        }
        let status = self.pick(&[200, 200, 200, 200, 304, 204, 205, 206, 403, 404, 410, 410, 429, 451, 500, 503, 0]);
        let modified = self.now - self.pick(&[-DAY, 0.0, 60_000.0, 2.0 * HOUR, 30.0 * DAY]);
        let time = |at| Some(Time { at, precision: Precision::Moment });
        let article = Article {
            modified: time(modified),
            ends: self.pick(&[None, None, None, time(self.now - HOUR), time(self.now + HOUR)]),
            ended: self.random.share() < 0.02,
            withdrawn: self.random.share() < 0.02,
            ..Article::default()
        };
        let answer = Answer {
            status,
            asked,
            arrived: self.now,
            date: self.pick(&[None, Some("Tue, 14 Nov 2023 22:13:20 GMT"), Some("never")]),
            age: self.pick(&[None, Some("30"), Some("-")]),
            cache_control: self.pick(&[None, Some("max-age=60"), Some("max-age=999999"), Some("max-age=x")]),
            retry_after: self.pick(&[
                None,
                Some("7"),
                Some("1e9"),
                Some("1000000000"),
                Some("Sat, 01 Jan 2050 00:00:00 GMT"),
            ]),
            article: (brings_document(status) && self.random.share() < 0.5).then_some(&article),
            changed: self.random.share() < 0.5,
        };
        let awaited = self.poll.awaits(asked, self.now);
        if own {
            self.sent = None;
        }
        let good = awaited && matches!(status, 200..=205 | 304);
        let gone = awaited && matches!(status, 410 | 451);
        let end = good && (status == 204 || answer.article.is_some_and(|article| article.ended || article.withdrawn));
        if good {
            self.settled = self.watch;
        }
        let may_end = end || self.stopped || gone && self.gone;
        self.gone = !good && (self.gone || gone);
        if good {
            self.first = !self.heard;
            self.heard = true;
        }
        self.tell(Event::Answered(&answer));
        self.must(self.stopped || !end, "no end");
        self.must(!self.stopped || may_end, "an end for no reason");
    }

    fn step(&mut self) {
        match (self.random.share() * 41.0) as u8 {
            0 | 18..=20 => {
                self.returned |= self.hidden;
                self.hidden = false;
                self.tell(Event::Shown);
            }
            1 => {
                self.hidden = true;
                self.tell(Event::Hidden);
            }
            2 => {
                self.frozen = true;
                self.tell(Event::Frozen);
            }
            3 | 21 | 22 => {
                self.frozen = false;
                self.tell(Event::Thawed);
            }
            4 => {
                self.paused = true;
                self.tell(Event::Paused);
            }
            5 | 23 | 24 => {
                self.paused = false;
                self.tell(Event::Resumed);
            }
            6 => self.tell(Event::Online),
            7 => self.tell(Event::Offline),
            8 => {
                self.follows = true;
                self.tell(Event::Followed);
            }
            9 | 25 | 26 => {
                self.follows = false;
                self.tell(Event::Led);
            }
            10 => {
                self.wanted = true;
                self.tell(Event::Refresh);
            }
            11 => {
                let interval = self.pick(&[0.0, 5_000.0, 20_000.0, HOUR]);
                self.note(format_args!("interval {interval}"));
                self.poll.set_interval(interval);
            }
            12 => {
                let on = self.random.share() < 0.5;
                self.note(format_args!("save data {on}"));
                self.poll.set_save_data(on);
            }
            13 => {
                // A clock that is set, or a machine that sleeps.
                let jump = self.pick(&[-DAY, -HOUR, -10_000.0, 10_000.0, HOUR, DAY]);
                if jump > 0.0 && self.random.share() < 0.5 {
                    self.pass(jump);
                } else {
                    self.now += jump;
                    self.returned |= jump > 0.0;
                }
                self.note(format_args!("the clock jumps by {jump}"));
            }
            14 => {
                let time = self.random.share() * self.pick(&[100.0, FLOOR, 60_000.0]);
                self.pass(time);
            }
            15..=17 | 27..=30 => {
                let time = self.random.share() * 2_000.0;
                self.pass(time);
                self.settle();
            }
            36 => self.hold(true),
            37..=40 => self.hold(false),
            _ => {
                let wake = self.poll.wake();
                if wake.is_finite() {
                    self.pass((wake - self.now).max(0.0));
                }
                self.tell(Event::Woke);
            }
        }
    }
}

#[test]
fn whatever_happens_it_is_polite_and_never_gives_up() {
    let polls = std::env::var("POLLS").map_or(100_000, |polls| polls.parse().expect("POLLS is a number"));
    let mut requests = 0;
    for seed in 0..polls {
        let browser = Browser::run(seed, None);
        if let Some(broken) = browser.broken {
            let story = Browser::run(seed, Some(String::new())).story.unwrap_or_default();
            panic!("{broken}, with seed {seed}:\n{story}");
        }
        requests += u64::from(browser.requests);
    }
    assert!(requests > 4 * polls, "{requests} requests are not much of a trial");
}

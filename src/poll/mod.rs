//! When to ask for a document: decided here for a source and all cards that show it, with neither clock, timer nor fetch.
//!
//! [`Poll::on`] is told what happened and when, and answers what to do. What is kept up to then is the driver's whole
//! duty: a request when told to [`Action::Fetch`], its end when told to [`Action::Abort`], and one timer that sends
//! [`Event::Woke`] at [`Poll::wake`], set anew after every event. Times are milliseconds since 1970 by the reader's
//! clock, which may jump; it is the sole one here. Asking is left to the driver, and which of two articles is newer to
//! [`crate::article`].
//!
//! ```
//! use live_article::badge::Status;
//! use live_article::poll::{Action, Answer, Event, Poll};
//!
//! let mut poll = Poll::new(30_000.0, 7);
//! assert_eq!(poll.on(Event::Shown, 0.0), Action::Fetch);
//!
//! // 40 ms later the server answers, and says to come back every minute.
//! let answer = Answer { status: 200, asked: 0.0, arrived: 40.0, cache_control: Some("max-age=60"), ..Answer::default() };
//! assert!(poll.awaits(answer.asked, 40.0));
//! assert_eq!(poll.on(Event::Answered(&answer), 40.0), Action::Nothing);
//! assert_eq!(poll.status(), Status::Live);
//! assert!(poll.wake() <= 60_040.0);
//!
//! // The timer of the driver.
//! let now = poll.wake();
//! assert_eq!(poll.on(Event::Woke, now), Action::Fetch);
//! assert_eq!(poll.on(Event::Hidden, now + 10.0), Action::Nothing);
//!
//! // The server is ill; nobody is looking, so nothing is planned.
//! let ill = Answer { status: 503, asked: now, arrived: now + 50.0, ..Answer::default() };
//! poll.on(Event::Answered(&ill), now + 50.0);
//! assert_eq!(poll.failure().map(|failure| failure.as_str()), Some("http"));
//! assert_eq!(poll.wake(), f64::INFINITY);
//!
//! // Back in sight long after: one check.
//! assert_eq!(poll.on(Event::Shown, now + 3_600_000.0), Action::Fetch);
//! ```

pub mod backoff;
pub mod freshness;
pub mod http_date;
pub mod pace;

use crate::article::{Article, Millis, Time};
use crate::badge::Status;
use crate::clock::Clock;
use crate::read::Reason;
use pace::{DAY, FLOOR, HOUR, Random};

/// What is later than this was held back by sleep, not by work.
const SLEEP: Millis = 60_000.0;
/// What one request may take.
const TIMEOUT: Millis = 10_000.0;
/// So many planned waits without an answer make a card stale.
const PATIENCE: f64 = 3.0;
/// So many planned waits after its own turn a tab that follows asks itself: the one that leads says nothing.
const GRACE: f64 = 1.5;

/// What happened. Telling the same twice does no harm.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// The page is visible and a card of it in sight.
    Shown,
    /// It is not: another tab is in front, the page is prerendered, or no card in sight.
    Hidden,
    /// The page goes into the back/forward cache or is frozen, or the last card left it. What is under way is lost.
    Frozen,
    /// It came back.
    Thawed,
    /// All cards are paused.
    Paused,
    /// One goes on.
    Resumed,
    /// The browser says that it has a network.
    Online,
    /// The browser says that it has none. Polls slow down, and do not end: it may be wrong.
    Offline,
    /// Another tab of this browser asks, and passes on its answers, until nobody looks at this one. Should it say
    /// nothing for long after its turn, this one asks.
    Followed,
    /// This tab asks.
    Led,
    /// A card or the page wants to know now.
    Refresh,
    /// [`Poll::wake`] has come.
    Woke,
    /// A request may go out that was held back.
    Turn,
    /// The server answered.
    Answered(&'a Answer<'a>),
    /// The request under way came to nothing, or its document was refused; or the other tab's.
    Failed(Failure),
}

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Action {
    /// Nothing but to set the timer.
    Nothing,
    /// Start a request; there is none under way.
    Fetch,
    /// End the request under way.
    Abort,
}

/// What a server said. A header that CORS hides is absent.
#[derive(Clone, Copy, Debug, Default)]
pub struct Answer<'a> {
    /// The status code.
    pub status: u16,
    /// When it was asked for.
    pub asked: Millis,
    /// When its headers came, by the reader's clock.
    pub arrived: Millis,
    /// `Date`.
    pub date: Option<&'a str>,
    /// `Age`.
    pub age: Option<&'a str>,
    /// `Cache-Control`.
    pub cache_control: Option<&'a str>,
    /// `Retry-After`.
    pub retry_after: Option<&'a str>,
    /// What was read from a body with other bytes than the one before.
    pub article: Option<&'a Article>,
    /// Whether that is another article than the one before, whatever its bytes.
    pub changed: bool,
}

/// Why a poll came to nothing: the contract's `reason`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The browser has no network.
    Offline,
    /// No whole answer in time.
    Timeout,
    /// Not connected, broken off, or refused by CORS or a policy.
    Network,
    /// A status that brings no article.
    Http,
    /// The document was refused.
    Document(Reason),
    /// Older than what is shown. The server is well, so the pace stays.
    Older,
    /// Reading it ended in a trap.
    Trap,
}

impl Failure {
    /// As the contract names it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Offline => "offline",
            Self::Timeout => "timeout",
            Self::Network => "network",
            Self::Http => "http",
            Self::Document(reason) => reason.as_str(),
            Self::Older => "older",
            Self::Trap => "trap",
        }
    }
}

/// Whether a status comes with a document to read.
pub const fn brings_document(status: u16) -> bool {
    matches!(status, 200..=203)
}

// Why nothing is asked: nobody looks, the page is frozen, a pause, another tab asks.
const HIDDEN: u16 = 1;
const FROZEN: u16 = 1 << 1;
const PAUSED: u16 = 1 << 2;
const FOLLOWS: u16 = 1 << 3;
/// In these nobody waits for an answer.
const SUSPENDED: u16 = HIDDEN | FROZEN | PAUSED;

/// A request is under way.
const ASKING: u16 = 1 << 4;
/// Somebody wants its answer even in a pause.
const FORCED: u16 = 1 << 5;
/// The first wait is on.
const FIRST: u16 = 1 << 6;

/// The browser or a request said that there is no network.
const OFFLINE: u16 = 1 << 7;
/// The last failure was of the network's making, not the server's.
const CUT: u16 = 1 << 8;
/// The reader saves data.
const SPARING: u16 = 1 << 9;

/// The end of coverage has passed; a later update takes it up again.
const OVER: u16 = 1 << 10;
/// The document says that it has expired, or that it is withdrawn.
const EXPIRED: u16 = 1 << 11;
const CANCELED: u16 = 1 << 12;
/// The server said 204; or 410 or 451, and stayed with it.
const EMPTY: u16 = 1 << 13;
const GONE: u16 = 1 << 14;
/// As many requests as the page may have are under way.
const HELD: u16 = 1 << 15;
/// No more polls.
const STOPPED: u16 = EXPIRED | CANCELED | EMPTY | GONE;

const NEVER: Millis = f64::NEG_INFINITY;

/// One source: when it is to be asked next, and how it is doing.
#[derive(Clone, Debug)]
pub struct Poll {
    bits: u16,
    failures: u8,
    failure: Option<Failure>,
    random: Random,
    clock: Clock,
    interval: Millis,
    timeout: Millis,
    max_age: Millis,
    /// The wait after an answer, before jitter.
    pace: Millis,
    /// When to ask next; while a request is under way, when it has taken too long.
    due: Millis,
    /// The latest request; its answer is known by it.
    asked: Millis,
    /// The last good answer.
    heard: Millis,
    /// From when on the source is stale.
    late: Millis,
    /// Since when nobody waits, while nobody does.
    suspended: Millis,
    /// Before this the server wants no request.
    until: Millis,
    /// The first 410 or 451 in a row.
    doubted: Millis,
    /// The last change, by the server's clock: as the first article tells it, then as it was seen.
    changed: Millis,
    /// The last update as the article tells it, and the end of its coverage.
    updated: Millis,
    ends: Millis,
    /// The time of the last event.
    last: Millis,
}

impl Poll {
    /// A source that nobody looks at yet: it asks when told [`Event::Shown`].
    ///
    /// `interval` is as in [`Poll::set_interval`]; `seed` is any number, another one for each reader.
    pub fn new(interval: Millis, seed: u64) -> Self {
        let interval = within(interval);
        Self {
            bits: HIDDEN,
            failures: 0,
            failure: None,
            random: Random::new(seed),
            clock: Clock::default(),
            interval,
            timeout: TIMEOUT,
            max_age: 0.0,
            pace: interval,
            due: NEVER,
            asked: NEVER,
            heard: NEVER,
            late: f64::INFINITY,
            suspended: NEVER,
            until: NEVER,
            doubted: NEVER,
            changed: NEVER,
            updated: NEVER,
            ends: f64::INFINITY,
            last: NEVER,
        }
    }

    /// The base pace: 5 seconds at least, a day at most. A wait that is on is drawn anew.
    pub fn set_interval(&mut self, interval: Millis) {
        let interval = within(interval);
        if interval != self.interval {
            self.interval = interval;
            self.replan();
        }
    }

    /// Whether the reader saves data: every wait is then twice as long.
    pub fn set_save_data(&mut self, on: bool) {
        if on != self.is(SPARING) {
            self.set(SPARING, on);
            self.replan();
        }
    }

    /// How long one request may take, from the next one on: a day at most, and 10 seconds where it is no time at all.
    pub fn set_timeout(&mut self, timeout: Millis) {
        self.timeout = if timeout > 0.0 { timeout.min(DAY) } else { TIMEOUT };
    }

    /// After a failure a check is due, as soon as the floor and the server allow.
    pub fn hasten(&mut self, now: Millis) {
        if self.failures > 0 && !self.is(ASKING) {
            self.due = self.due.min(self.soonest(now).max(self.until));
        }
    }

    /// Holds back what would be asked, or lets it go: a page has only so many requests under way.
    pub fn hold(&mut self, on: bool) {
        self.set(HELD, on);
    }

    /// Whether a request would go out now if it were not held back.
    pub fn waits(&self, now: Millis) -> bool {
        self.is(HELD) && !self.is(ASKING) && self.asks() && now >= self.turn()
    }

    /// Whether other tabs are to know of it: it has asked, goes on asking, and somebody looks. Who does not look
    /// neither leads nor follows.
    pub fn is_shared(&self) -> bool {
        !self.is_new() && !self.is(SUSPENDED | STOPPED)
    }

    /// Hears the server's clock from the head of an answer, so that its body is read by it.
    pub fn hear(&mut self, answer: &Answer<'_>) {
        if let Some(date) = answer.date.and_then(|date| http_date::parse(date, answer.arrived)) {
            let age = answer.age.and_then(|age| seconds(age.trim_ascii().as_bytes())).unwrap_or_default();
            self.clock.hear(date, age * 1000.0, answer.asked, answer.arrived);
        }
    }

    /// Looks at both of the reader's clocks, and answers whether they have parted, as [`Clock::look`] does: then a
    /// check is due.
    pub fn look(&mut self, wall: Millis, steady: Millis) -> bool {
        let parted = self.clock.look(wall, steady);
        if parted && wall < self.last {
            self.pass(false, wall);
        }
        if parted && !self.is(ASKING) && self.failures == 0 {
            self.due = self.due.min(self.soonest(wall));
        }
        parted
    }

    /// What the server's clock is ahead of the reader's, in milliseconds; 0 where it is not known.
    pub fn offset(&self) -> Millis {
        self.clock.offset()
    }

    /// How the source is doing, as of the last event.
    pub fn status(&self) -> Status {
        let waiting = if self.is(SUSPENDED) { self.suspended } else { self.last };
        if self.is(CANCELED | GONE) {
            Status::Withdrawn
        } else if self.is(PAUSED) {
            Status::Paused
        } else if self.is(OVER | EXPIRED | EMPTY) {
            Status::Ended
        } else if self.is(OFFLINE) {
            Status::Offline
        } else if waiting >= self.late {
            Status::Stale
        } else if self.heard == NEVER {
            Status::Loading
        } else {
            Status::Live
        }
    }

    /// When to send [`Event::Woke`]: a poll is due, a request has taken too long, or the status turns. Infinite for
    /// never; it may have passed already.
    pub fn wake(&self) -> Millis {
        let due = if self.is(ASKING) {
            self.due
        } else if self.asks() && !self.waits(self.last) {
            self.turn()
        } else {
            f64::INFINITY
        };
        let turns = !self.is(SUSPENDED) && self.late > self.last;
        if turns { due.min(self.late) } else { due }
    }

    /// Whether a request is under way.
    pub fn is_asking(&self) -> bool {
        self.is(ASKING)
    }

    /// Whether nothing was asked yet.
    pub fn is_new(&self) -> bool {
        self.asked == NEVER
    }

    /// When the latest request was sent, here or by another tab, by the reader's clock.
    pub fn asked(&self) -> Millis {
        self.asked
    }

    /// Whether an answer that was `asked` for then is still wanted `now`. One that slept in a frozen page, or was
    /// overtaken, is not: drop it unread.
    pub fn awaits(&self, asked: Millis, now: Millis) -> bool {
        asked > self.asked || asked == self.asked && self.is(ASKING) && now <= self.due + SLEEP
    }

    /// The failure that the last event was.
    pub fn failure(&self) -> Option<Failure> {
        self.failure
    }

    /// Seconds until the next poll; `None` where polls have stopped.
    pub fn retry_in(&self, now: Millis) -> Option<f64> {
        (!self.is(STOPPED)).then(|| (self.due - now).max(0.0) / 1000.0)
    }

    /// Takes in what happened, and decides.
    pub fn on(&mut self, event: Event<'_>, now: Millis) -> Action {
        let (before, asked) = (self.bits, self.asked);
        self.failure = None;
        self.pass(matches!(event, Event::Woke), now);
        match event {
            Event::Shown => self.set(HIDDEN, false),
            Event::Hidden => self.set(HIDDEN, true),
            Event::Thawed => self.set(FROZEN, false),
            Event::Frozen => {
                self.set(FROZEN, true);
                self.give_up(now);
            }
            Event::Resumed => self.set(PAUSED, false),
            Event::Paused => {
                self.set(PAUSED, true);
                if !self.is(FORCED) {
                    self.give_up(now);
                }
            }
            Event::Led => self.set(FOLLOWS, false),
            Event::Followed => self.set(FOLLOWS, true),
            Event::Online => self.online(now),
            Event::Offline => self.offline(now),
            Event::Refresh => self.set(FORCED, true),
            Event::Woke if self.is(ASKING) && now >= self.due => self.fail(Failure::Timeout, None, now),
            Event::Answered(answer) if self.awaits(answer.asked, now) => self.answered(answer, now),
            Event::Failed(failure) if self.is(ASKING | FOLLOWS) => self.fail(failure, None, now),
            Event::Woke | Event::Turn | Event::Answered(_) | Event::Failed(_) => {}
        }
        if self.is(SUSPENDED) {
            self.set(FOLLOWS, false);
        }
        if before & SUSPENDED == 0 {
            self.suspended = now;
        } else if !self.is(SUSPENDED) {
            self.late += now - self.suspended;
        }
        let settled = match event {
            Event::Answered(answer) => answer.asked == asked,
            Event::Failed(_) => true,
            _ => false,
        };
        if self.is(ASKING) {
            Action::Nothing
        } else if before & ASKING != 0 && !settled {
            Action::Abort
        } else if self.asks() && !self.is(HELD) && now >= self.turn() {
            self.ask(now);
            Action::Fetch
        } else {
            Action::Nothing
        }
    }

    fn is(&self, any: u16) -> bool {
        self.bits & any != 0
    }

    fn set(&mut self, bits: u16, on: bool) {
        if on {
            self.bits |= bits;
        } else {
            self.bits &= !bits;
        }
    }

    /// Whether requests go out when they are due.
    fn asks(&self) -> bool {
        !self.is(FROZEN) && (self.is(FORCED) || !self.is(SUSPENDED | STOPPED))
    }

    /// When the next one is. Who follows another tab leaves it some time, but for a first article.
    fn turn(&self) -> Millis {
        if self.is(FORCED) {
            self.due.min(self.last)
        } else if self.is(FOLLOWS) && self.heard != NEVER {
            self.due + GRACE * self.pace
        } else {
            self.due
        }
    }

    /// The soonest that the floor allows after the last request, which a clock set back may have put into the future.
    fn soonest(&self, now: Millis) -> Millis {
        self.asked.min(now) + FLOOR
    }

    /// Follows the reader's clock, which may have been set back, or run on while the machine slept.
    fn pass(&mut self, rang: bool, now: Millis) {
        let wake = self.wake();
        if now < self.last {
            // A timer that rings is right, whatever the clock says.
            let back = if rang && wake.is_finite() { wake.max(self.last) - now } else { self.last - now };
            for time in [&mut self.due, &mut self.heard, &mut self.late, &mut self.suspended, &mut self.until] {
                *time -= back;
            }
        } else if wake.is_finite() && now > wake + SLEEP {
            self.late += now - wake;
            self.give_up(now);
        }
        self.last = now;
    }

    fn ask(&mut self, now: Millis) {
        self.set(ASKING, true);
        self.asked = now;
        self.due = now + self.timeout;
        if self.heard == NEVER && self.late == f64::INFINITY {
            self.late = now + PATIENCE * self.pace;
            self.suspended = now;
        }
    }

    /// What is under way comes to nothing, by nobody's fault: a check is due.
    fn give_up(&mut self, now: Millis) {
        if self.is(ASKING) {
            self.set(ASKING | FORCED, false);
            self.due = self.soonest(now).max(self.until);
        }
    }

    fn online(&mut self, now: Millis) {
        self.set(OFFLINE, false);
        if self.is(CUT) && !self.is(ASKING) {
            self.set(CUT, false);
            self.failures = 0;
            self.due = (self.heard + self.pace).max(self.soonest(now)).max(self.until);
        }
    }

    /// Counts as a failure: `onLine` lies, so that somebody has to look now and then.
    fn offline(&mut self, now: Millis) {
        if !self.is(OFFLINE | ASKING) && self.asked != NEVER {
            self.set(CUT, true);
            let due = self.due;
            self.back_off(None, now);
            self.due = self.due.max(due);
        }
        self.set(OFFLINE, true);
    }

    fn back_off(&mut self, retry_after: Option<Millis>, now: Millis) {
        self.failures = self.failures.saturating_add(1);
        let share = self.random.share();
        let wait = match retry_after {
            Some(wait) if wait > 0.0 => {
                self.until = now + wait;
                (wait + self.interval * share).max(FLOOR)
            }
            _ => backoff::delay(self.interval, self.failures, share),
        };
        self.due = (now + self.spared(wait)).max(self.until);
    }

    fn fail(&mut self, failure: Failure, retry_after: Option<Millis>, now: Millis) {
        if failure == Failure::Older {
            self.settle(now);
        } else {
            self.set(ASKING | FORCED, false);
            self.set(CUT, matches!(failure, Failure::Offline | Failure::Timeout | Failure::Network));
            if failure == Failure::Offline {
                self.set(OFFLINE, true);
            }
            self.back_off(retry_after, now);
        }
        self.failure = Some(failure);
    }

    fn answered(&mut self, answer: &Answer<'_>, now: Millis) {
        self.asked = answer.asked;
        self.hear(answer);
        match answer.status {
            200..=203 | 205 | 304 => {
                self.set(EMPTY | GONE, false);
                self.max_age = answer.cache_control.and_then(freshness::max_age).unwrap_or_default();
                if let Some(article) = answer.article {
                    self.learn(article, answer.changed, now);
                }
                self.settle(now);
            }
            204 => {
                self.set(EMPTY, true);
                self.settle(now);
            }
            status => {
                let date = answer.date.and_then(|date| http_date::parse(date, now));
                let server = date.unwrap_or(now + self.offset());
                let retry_after = answer.retry_after.and_then(|value| backoff::retry_after(value, server));
                let gone = matches!(status, 410 | 451);
                if gone && self.doubted != NEVER && answer.asked - self.doubted >= self.interval {
                    self.set(GONE, true);
                    return self.settle(now);
                }
                self.fail(Failure::Http, retry_after, now);
                if gone {
                    if self.doubted == NEVER || answer.asked < self.doubted {
                        self.doubted = answer.asked;
                    }
                    let wait = self.interval * (1.0 + 0.2 * self.random.share());
                    self.due = (now + self.spared(wait)).max(self.until);
                }
            }
        }
    }

    fn learn(&mut self, article: &Article, changed: bool, now: Millis) {
        self.set(EXPIRED, article.ended);
        self.set(CANCELED, article.withdrawn);
        let server = now + self.offset();
        self.ends = article.ends.map_or(f64::INFINITY, Time::end);
        self.updated = article.modified.or(article.published).map_or(NEVER, |said| said.at);
        if self.heard == NEVER {
            self.changed = self.updated.min(server);
        } else if changed {
            self.changed = server;
        }
    }

    /// An answer is as it should be: the base pace is back.
    fn settle(&mut self, now: Millis) {
        self.set(ASKING | FORCED | OFFLINE | CUT, false);
        self.set(FIRST, self.heard == NEVER);
        self.failures = 0;
        self.until = NEVER;
        self.doubted = NEVER;
        self.heard = now;
        self.suspended = now;
        if self.changed == NEVER {
            self.changed = now + self.offset();
        }
        self.plan();
        self.late = if self.is(STOPPED) { f64::INFINITY } else { now + PATIENCE * self.pace };
        self.due = now + self.draw();
    }

    fn plan(&mut self) {
        let server = self.last + self.offset();
        self.set(OVER, server >= self.ends && self.updated <= self.ends);
        let pace = if self.is(OVER) {
            self.interval.max(HOUR)
        } else {
            self.interval.max(self.max_age) * pace::decay(server - self.changed)
        };
        self.pace = self.spared(pace);
    }

    /// What the wait would be had it begun under what now holds.
    fn replan(&mut self) {
        let before = self.pace;
        if self.heard == NEVER {
            self.pace = self.spared(self.interval);
        } else {
            self.plan();
            if !self.is(ASKING) && self.failures == 0 {
                self.due = (self.heard + self.draw()).max(self.soonest(self.last));
            }
        }
        self.late += PATIENCE * (self.pace - before);
    }

    /// The first wait spreads those who came together; the others keep them apart.
    fn draw(&mut self) -> Millis {
        let share = self.random.share();
        if self.is(FIRST) { self.pace * share } else { pace::jitter(self.pace, share) }
    }

    fn spared(&self, wait: Millis) -> Millis {
        if self.is(SPARING) { wait * 2.0 } else { wait }
    }
}

/// A pace that a timer can hold; no number at all is the floor.
fn within(pace: Millis) -> Millis {
    if pace > FLOOR { pace.min(DAY) } else { FLOOR }
}

/// A whole number of seconds, as headers write it: digits alone.
pub(crate) fn seconds(digits: &[u8]) -> Option<f64> {
    let mut seconds = 0.0;
    for &digit in digits {
        if !digit.is_ascii_digit() {
            return None;
        }
        seconds = seconds * 10.0 + f64::from(digit - b'0');
    }
    (!digits.is_empty()).then_some(seconds)
}

#[cfg(test)]
mod tests;

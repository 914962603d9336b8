//! One poll for all cards of a page that ask for one document, and the page they share.
//!
//! What other tabs of the browser ask and hear comes through here too; who of them leads is decided by a lock in
//! `element.js`.

use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::{Cell, RefCell};

use gloo::timers::callback::Timeout;
use js_sys::{Function, Uint8Array};
use wasm_bindgen::prelude::*;

use crate::article::{Article, Millis, is_older};
use crate::badge::Status;
use crate::card::number;
use crate::door;
use crate::live::{Live, now};
use crate::markup::cut;
use crate::net::{ETAG, Head, URL};
use crate::poll::{Action, Event, Failure, Poll, brings_document};
use crate::read::{LIMIT, Reason, Refusal};
use crate::swap::blocks::compare;
use crate::tree::hash;
use crate::view::intl;

/// One whole document as it came.
pub(crate) struct Answer {
    /// After redirects.
    pub(crate) url: String,
    pub(crate) text: String,
    /// When it came, by the server's clock where known.
    pub(crate) now: Millis,
    hash: u64,
    etag: Option<String>,
    /// By what it is known should it break the module.
    key: String,
}

/// How late a badge's text may be.
const GRAIN_MS: Millis = 1_000.0;

/// How often a document may break the module before it is skipped.
const TRAPS: u32 = 2;

/// Requests that a page has under way, at most.
const MOST: u32 = 4;

/// How long the cards of a page are told things at a stretch.
const SLICE_MS: Millis = 8.0;

/// A card is to be told: an answer has come, a poll came to nothing, the source is doing otherwise.
const NEWS: u8 = 1;
const FAILED: u8 = 2;
pub(crate) const STATUS: u8 = 4;

type Reading = (String, Result<Rc<Article>, Refusal>);

/// One URL with one kind of credentials: its poll, its request, and the cards that show it.
pub(crate) struct Source {
    id: u32,
    /// Its credentials, a space, its URL.
    key: String,
    poll: RefCell<Poll>,
    /// When its timer rings, by the reader's clock.
    rings: Cell<Millis>,
    /// The head of an answer whose body is on its way.
    head: RefCell<Option<Head>>,
    /// By their numbers.
    cards: RefCell<Vec<u32>>,
    answer: RefCell<Option<Rc<Answer>>>,
    /// What the last answer was read as, by the cards' options.
    readings: RefCell<Vec<Reading>>,
    /// The hash of a document that was older than all of that: a cache that is behind gives it again and again.
    older: Cell<Option<u64>>,
    /// Why the last poll came to nothing, in the contract's word and in a sentence.
    failure: RefCell<(&'static str, String)>,
    waiting: RefCell<Vec<Function>>,
    /// The cards are to be looked at anew.
    paced: Cell<bool>,
    /// The shortest interval of its cards, and the one by which it is shared with other tabs; 0 where it is not.
    interval: Cell<f64>,
    shared: Cell<f64>,
    /// None of its cards is in sight.
    unseen: Cell<bool>,
    /// The reader's clock was set, or the machine slept.
    parted: Cell<bool>,
    /// When the last answer came, by the server's clock where known.
    pub(crate) checked: Cell<Option<Millis>>,
}

impl Source {
    /// Whether this is the source of what a card polls.
    pub(crate) fn is(&self, key: &str) -> bool {
        self.key == key
    }

    fn url(&self) -> &str {
        cut(&self.key, b' ').1
    }

    /// A card begins to follow; what has come already is its at once.
    pub(crate) fn join(self: &Rc<Self>, card: &Rc<Live>) {
        self.cards.borrow_mut().push(card.id);
        self.pace();
        card.settle();
        self.reread(card);
    }

    /// A card stops following; with the last one the request ends too.
    pub(crate) fn leave(self: &Rc<Self>, id: u32) {
        self.cards.borrow_mut().retain(|&card| card != id);
        if self.cards.borrow().is_empty() {
            self.drive(Event::Frozen);
            self.release();
            page().forget(self.id);
        } else {
            self.pace();
        }
    }

    /// What the server's clock is ahead of the reader's, in milliseconds; 0 where it is not known.
    pub(crate) fn offset(&self) -> Millis {
        let mut poll = self.poll.borrow_mut();
        if poll.look(now(), door::steady()) {
            self.parted.set(true);
        }
        poll.offset()
    }

    pub(crate) fn status(&self) -> Status {
        self.poll.borrow().status()
    }

    /// Since when a request has been under way, by the reader's clock.
    pub(crate) fn checking(&self) -> Option<Millis> {
        let poll = self.poll.borrow();
        poll.is_asking().then(|| poll.asked())
    }

    /// Where what a reader saw of it is kept.
    pub(crate) fn memory(&self) -> String {
        let mut key = String::from("live-article:");
        key.push_str(self.url());
        key
    }

    /// The cards' intervals, pauses or places in the page have changed. A thousand cards that come at once are looked at
    /// once, when the script that brought them is done.
    pub(crate) fn pace(&self) {
        if !self.paced.replace(true) {
            page().pace(self.id);
        }
    }

    #[inline(never)]
    fn look(self: &Rc<Self>) {
        self.paced.set(false);
        let (mut interval, mut timeout, mut paused, mut seen) = (f64::INFINITY, 0.0f64, true, false);
        // The first answer is wanted wherever the card is.
        let new = self.poll.borrow().is_new();
        let page = page();
        for &id in &*self.cards.borrow() {
            if let Some(card) = page.card(id) {
                interval = interval.min(1000.0 * card.number("interval"));
                timeout = timeout.max(1000.0 * card.number("timeout"));
                paused &= card.is_paused();
                seen |= card.in_sight.get();
            }
        }
        self.interval.set(interval);
        self.poll.borrow_mut().set_interval(interval);
        self.poll.borrow_mut().set_timeout(timeout);
        self.drive(if paused { Event::Paused } else { Event::Resumed });
        self.unseen.set(!seen);
        self.drive(if (seen || new) && !door::hidden() { Event::Shown } else { Event::Hidden });
    }

    /// Asks now; `done` is called when the answer has been given to the cards.
    pub(crate) fn refresh(self: &Rc<Self>, done: Function) {
        self.waiting.borrow_mut().push(done);
        self.drive(Event::Refresh);
    }

    /// What was waited for has come about.
    fn release(&self) {
        for done in self.waiting.take() {
            drop(done.call0(&JsValue::NULL));
        }
    }

    /// Lets the poll decide and does what it says.
    #[inline(never)]
    pub(crate) fn drive(self: &Rc<Self>, event: Event) {
        let page = page();
        let mut poll = self.poll.borrow_mut();
        let (was, asked) = (poll.status(), poll.is_asking());
        poll.hold(page.asking.get() >= MOST);
        let now = now();
        let action = poll.on(event, now);
        let asks = poll.is_asking();
        let (wake, status, waits) = (poll.wake(), poll.status(), poll.waits(now));
        let late = poll.failure() == Some(Failure::Timeout);
        let (sent, shared) = (poll.asked(), if poll.is_shared() { self.interval.get() } else { 0.0 });
        drop(poll);
        page.asking.set(page.asking.get() + u32::from(asks) - u32::from(asked));
        if action == Action::Abort {
            self.head.take();
            door::stop(self.id, if late { sent } else { 0.0 });
            if late {
                self.tell("timeout", "The server did not answer in time; see the attribute `timeout`.".into());
            }
            page.push(self.id);
        }
        if self.rings.replace(wake) != wake {
            // A browser's timer holds 2³¹ ms; whoever wakes too soon waits again.
            let wait = if wake < f64::INFINITY { (wake - now).clamp(0.0, 1e9).ceil() } else { -1.0 };
            door::wake(self.id, door::WOKE, wait);
        }
        if self.shared.replace(shared) != shared {
            door::share(self.id, &self.key, shared);
        }
        if action == Action::Fetch {
            door::ask(self.id, sent, &self.key, LIMIT as u32);
        }
        if waits {
            page.queue(self.id);
        }
        if was != status || asked != asks {
            self.each(STATUS);
        }
        if asked && !asks {
            if self.unseen.get() {
                self.pace();
            }
            page.next();
        }
    }

    /// All cards are to be told.
    fn each(&self, what: u8) {
        let page = page();
        for &id in &*self.cards.borrow() {
            if let Some(card) = page.card(id) {
                page.tell(&card, what);
            }
        }
        page.work();
    }

    /// The head of an answer has come; whether its body is wanted.
    #[inline(never)]
    fn head(self: &Rc<Self>, lines: String) -> bool {
        let head = Head { lines, arrived: now() };
        let (asked, status) = (head.asked(), head.status());
        let mut poll = self.poll.borrow_mut();
        let own = poll.is_asking() && poll.asked() == asked;
        if !poll.awaits(asked, head.arrived) || status < 2 && poll.is_asking() && !own {
            drop(poll);
            // One that slept, or was overtaken.
            self.drive(Event::Turn);
            return false;
        }
        // One whose body is on its way waits on until then.
        self.head.take();
        poll.hear(&head.answer(None, false));
        drop(poll);
        if status < 2 {
            let (failure, message) = if status == 1 {
                (Failure::Offline, "The browser has no network; it is tried again when there is one, and now and then.")
            } else {
                (
                    Failure::Network,
                    "The request did not come through: no network, no CORS header for this page, or a policy (CSP connect-src) against it.",
                )
            };
            self.failed(failure, message.into());
            return false;
        }
        let etag = head.line(ETAG);
        let equal =
            etag.is_some() && self.answer.borrow().as_ref().is_some_and(|answer| answer.etag.as_deref() == etag);
        if brings_document(status) && !equal {
            self.head.replace(Some(head));
            return true;
        }
        self.answered(&head, None, false);
        false
    }

    /// A body has come, or more than is read of one, or (of another tab's) none.
    #[inline(never)]
    fn body(self: &Rc<Self>, value: &JsValue) {
        let Some(head) = self.head.take() else { return };
        if !self.poll.borrow().awaits(head.asked(), now()) {
            return self.drive(Event::Turn);
        }
        let Some(body) = value.dyn_ref::<Uint8Array>() else {
            if value.is_truthy() {
                let message = "The document is larger than 4 MiB; publish a shorter one.";
                self.failed(Failure::Document(Reason::TooLarge), message.into());
            }
            return;
        };
        let bytes = body.to_vec();
        let sum = hash(&bytes, 0);
        if self.answer.borrow().as_ref().is_some_and(|answer| answer.hash == sum) {
            return self.answered(&head, None, false);
        }
        if self.older.get() == Some(sum) {
            return self.failed(Failure::Older, OLDER.into());
        }
        let mut key = self.key.clone();
        key.push(' ');
        key.push_str(&number(sum as usize));
        if door::read(&key) >= TRAPS {
            door::read("");
            let message =
                "The document broke the module twice, so it is left alone until it changes; please report it.";
            return self.failed(Failure::Trap, message.into());
        }
        let answer = Answer {
            url: head.line(URL).unwrap_or_default().into(),
            text: head.decode(body, bytes),
            now: head.arrived + self.offset(),
            hash: sum,
            etag: head.line(ETAG).map(String::from),
            key,
        };
        // What one card looks for may be missing, or older, where another's is as it should be: that one counts.
        let before = self.readings.take();
        let mut failure = (Failure::Older, String::from(OLDER));
        let cards = self.cards.borrow().clone();
        for id in cards {
            let Some(card) = page().card(id) else { continue };
            match self.read(&answer, &card, &before) {
                Ok(article) => {
                    let before = known(&before, &card.options());
                    if before.is_none_or(|before| !is_older(&article, before)) {
                        let changed =
                            before.is_none_or(|before| !compare(before, &mut Article::clone(&article)).is_empty());
                        door::read("");
                        self.answer.replace(Some(Rc::new(answer)));
                        return self.answered(&head, Some(&article), changed);
                    }
                }
                Err(refusal) => failure = (Failure::Document(refusal.reason), refusal.message),
            }
        }
        door::read("");
        // What cannot be read is not kept: the next answer is read even if it is the same.
        self.readings.replace(before);
        if failure.0 == Failure::Older {
            self.older.set(Some(sum));
        }
        self.failed(failure.0, failure.1);
    }

    /// The server answered; whether with an article or not, the poll goes by it.
    fn answered(self: &Rc<Self>, head: &Head, article: Option<&Article>, changed: bool) {
        self.drive(Event::Answered(&head.answer(article, changed)));
        if self.poll.borrow().failure().is_some() {
            let mut message = String::from("The server answered ");
            message.push_str(&number(head.status() as usize));
            message.push_str(" instead of a document; look at the address in `src` and at the server.");
            return self.tell("http", message);
        }
        if matches!(head.status(), 410 | 451) {
            // Should it be put back, it is to be read again.
            self.answer.take();
            self.readings.take();
            self.older.set(None);
        }
        self.checked.set(Some(head.arrived + self.offset()));
        self.settle(if article.is_some() { NEWS | STATUS } else { STATUS });
    }

    fn failed(self: &Rc<Self>, failure: Failure, message: String) {
        self.drive(Event::Failed(failure));
        if self.poll.borrow().failure().is_some() {
            self.tell(failure.as_str(), message);
        }
    }

    /// Tells all cards why a poll came to nothing.
    fn tell(&self, reason: &'static str, message: String) {
        self.failure.replace((reason, message));
        self.settle(FAILED);
    }

    /// Tells all cards, and then whoever waits for the answer.
    fn settle(&self, what: u8) {
        self.each(what);
        page().push(self.id);
        page().work();
    }

    /// Tells a card what it is to be told.
    pub(crate) fn serve(&self, card: &Rc<Live>, what: u8) {
        if what & NEWS != 0 {
            self.give(card);
        }
        if what & FAILED != 0 {
            let (reason, message) = self.failure.borrow().clone();
            card.fail(reason, &message, self.url(), self.retry_in());
        }
        card.settle();
    }

    /// Seconds until the next poll.
    pub(crate) fn retry_in(&self) -> Option<f64> {
        self.poll.borrow().retry_in(now())
    }

    /// Gives a card what has come, read the way it wants.
    pub(crate) fn give(&self, card: &Rc<Live>) {
        let Some(answer) = self.answer.borrow().clone() else { return };
        door::read(&answer.key);
        match self.read(&answer, card, &[]) {
            Ok(article) => card.take(&article, &answer.url),
            Err(refusal) => card.fail(refusal.reason.as_str(), &refusal.message, &answer.url, self.retry_in()),
        }
        door::read("");
    }

    /// A card is new here, or reads otherwise from now on. A document that was refused was not kept, so it is asked for.
    pub(crate) fn reread(self: &Rc<Self>, card: &Rc<Live>) {
        self.give(card);
        if self.failure.borrow().0 == Reason::NoArticle.as_str() {
            self.poll.borrow_mut().hasten(now());
            self.drive(Event::Turn);
        }
    }

    /// Reads an answer once for all cards that want it the same way; `before` are the readings of the one before.
    fn read(&self, answer: &Answer, card: &Live, before: &[Reading]) -> Result<Rc<Article>, Refusal> {
        let options = card.options();
        for (known, reading) in self.readings.borrow().iter() {
            if *known == options {
                return reading.clone();
            }
        }
        let blocks = known(before, &options).map_or(&[] as &[_], |before| &before.blocks);
        let reading = card.read(answer, blocks).map(Rc::new);
        self.readings.borrow_mut().push((options, reading.clone()));
        self.older.set(None);
        reading
    }
}

/// What was read the way that some options say.
fn known<'a>(readings: &'a [Reading], options: &str) -> Option<&'a Rc<Article>> {
    readings.iter().find(|reading| reading.0 == options)?.1.as_ref().ok()
}

/// What is said of an answer older than what is shown.
pub(crate) const OLDER: &str =
    "The answer is older than what is shown; a cache between may be behind. Nothing to do but wait.";

/// What the cards of a page share.
pub(crate) struct Page {
    last: Cell<u32>,
    /// By their numbers, as the sources are.
    cards: RefCell<Vec<Rc<Live>>>,
    sources: RefCell<Vec<Rc<Source>>>,
    /// Sources whose cards are to be looked at.
    paced: RefCell<Vec<u32>>,
    /// How many requests are under way, and the sources that would ask too.
    asking: Cell<u32>,
    queue: RefCell<Vec<u32>>,
    /// Cards to be told something, and sources to be released, in order; those before `done` were.
    todo: RefCell<Vec<u32>>,
    done: Cell<usize>,
    working: Cell<bool>,
    /// When it wakes, by the reader's clock.
    ticker: RefCell<Option<(Millis, Timeout)>>,
}

thread_local! {
    static PAGE: Rc<Page> = Rc::new(Page {
        last: Cell::new(1 << 31),
        cards: RefCell::default(),
        sources: RefCell::default(),
        paced: RefCell::default(),
        asking: Cell::new(0),
        queue: RefCell::default(),
        todo: RefCell::default(),
        done: Cell::new(0),
        working: Cell::new(false),
        ticker: RefCell::default(),
    });
}

/// The page that this instance of the module runs in.
pub(crate) fn page() -> Rc<Page> {
    PAGE.with(Rc::clone)
}

impl Page {
    /// A number for a source. Those of cards are lower; 0 is the page itself.
    fn number(&self) -> u32 {
        self.last.set(self.last.get() + 1);
        self.last.get()
    }

    pub(crate) fn add(&self, card: &Rc<Live>) {
        if self.cards.borrow().is_empty() {
            door::attend(true);
        }
        let mut cards = self.cards.borrow_mut();
        let at = cards.partition_point(|other| other.id < card.id);
        cards.insert(at, Rc::clone(card));
    }

    pub(crate) fn remove(&self, id: u32) {
        self.cards.borrow_mut().retain(|card| card.id != id);
        if self.cards.borrow().is_empty() {
            door::attend(false);
            self.ticker.take();
        }
    }

    /// A card that is in the page, by its number.
    pub(crate) fn card(&self, id: u32) -> Option<Rc<Live>> {
        let cards = self.cards.borrow();
        let at = cards.partition_point(|card| card.id < id);
        cards.get(at).filter(|card| card.id == id).cloned()
    }

    fn find(&self, id: u32) -> Option<Rc<Source>> {
        let sources = self.sources.borrow();
        let at = sources.partition_point(|source| source.id < id);
        sources.get(at).filter(|source| source.id == id).cloned()
    }

    /// The source of what a card polls.
    pub(crate) fn source(&self, key: &str) -> Rc<Source> {
        if let Some(source) = self.sources.borrow().iter().find(|source| source.is(key)) {
            return Rc::clone(source);
        }
        let seed = hash(key.as_bytes(), (js_sys::Math::random() * 1e18) as u64);
        let mut poll = Poll::new(30_000.0, seed);
        poll.set_save_data(door::saves());
        let source = Rc::new(Source {
            id: self.number(),
            key: key.into(),
            poll: RefCell::new(poll),
            rings: Cell::new(f64::INFINITY),
            head: RefCell::default(),
            cards: RefCell::default(),
            answer: RefCell::default(),
            readings: RefCell::default(),
            older: Cell::new(None),
            failure: RefCell::default(),
            waiting: RefCell::default(),
            paced: Cell::new(false),
            interval: Cell::new(0.0),
            shared: Cell::new(0.0),
            unseen: Cell::default(),
            parted: Cell::default(),
            checked: Cell::new(None),
        });
        self.sources.borrow_mut().push(Rc::clone(&source));
        source
    }

    fn forget(&self, id: u32) {
        self.sources.borrow_mut().retain(|source| source.id != id);
    }

    fn cards(&self) -> Vec<Rc<Live>> {
        self.cards.borrow().clone()
    }

    fn sources(&self) -> Vec<Rc<Source>> {
        self.sources.borrow().clone()
    }

    fn pace(&self, id: u32) {
        let mut paced = self.paced.borrow_mut();
        if paced.is_empty() {
            door::soon(door::PACED);
        }
        paced.push(id);
    }

    /// A source would ask, but for those that do.
    fn queue(&self, id: u32) {
        let mut queue = self.queue.borrow_mut();
        if !queue.contains(&id) {
            queue.push(id);
        }
    }

    /// Lets those go that wait for their turn.
    fn next(&self) {
        while self.asking.get() < MOST && !self.queue.borrow().is_empty() {
            let id = self.queue.borrow_mut().remove(0);
            if let Some(source) = self.find(id) {
                source.drive(Event::Turn);
            }
        }
    }

    fn push(&self, id: u32) {
        self.todo.borrow_mut().push(id);
    }

    /// A card is to be told something before long.
    pub(crate) fn tell(&self, card: &Live, what: u8) {
        if card.told.replace(card.told.get() | what) == 0 {
            self.push(card.id);
        }
    }

    /// Tells the cards what they are to be told, until the time is up; the others in a task of their own, so that a
    /// thousand cards never hold up the page.
    pub(crate) fn work(&self) {
        if self.working.replace(true) {
            return;
        }
        let begun = now();
        loop {
            let at = self.done.get();
            let Some(id) = self.todo.borrow().get(at).copied() else { break };
            if now() - begun > SLICE_MS {
                // Stays at work: what comes in the meantime waits for its turn.
                door::wake(0, door::WORK, 0.0);
                return;
            }
            self.done.set(at + 1);
            if let Some(card) = self.card(id) {
                card.serve();
            } else if let Some(source) = self.find(id) {
                source.release();
            }
        }
        self.todo.borrow_mut().clear();
        self.done.set(0);
        self.working.set(false);
    }

    /// Wakes for a badge whose text changes then: one timer serves them all.
    pub(crate) fn wake(&self, until: Millis) {
        let mut ticker = self.ticker.borrow_mut();
        if !until.is_finite() || ticker.as_ref().is_some_and(|ticker| ticker.0 <= until) || door::hidden() {
            return;
        }
        // The texts of many cards change in one wake, late by a second at most.
        let at = (until / GRAIN_MS).ceil() * GRAIN_MS;
        let wait = (at - now()).clamp(0.0, 3_600_000.0).ceil() as u32;
        *ticker = Some((at, door::after(wait, 0, door::TICK)));
    }

    /// Writes the badges anew whose text has changed, and wakes for the next; for none if all rest. Where a clock was
    /// set, all are written and the server is asked.
    pub(crate) fn tick(&self) {
        self.ticker.take();
        let now = now();
        let mut parted = false;
        for source in self.sources() {
            source.offset();
            if source.parted.take() {
                parted = true;
                source.drive(Event::Woke);
            }
        }
        for card in self.cards() {
            if !card.in_sight.get() {
                continue;
            }
            if parted || card.until.get() <= now {
                self.tell(&card, STATUS);
            } else {
                self.wake(card.until.get());
            }
        }
        self.work();
    }

    /// Something happened to the page, as `EVENTS` in `element.js` numbers it.
    #[inline(never)]
    fn on(&self, event: u32) {
        if event == 7 {
            for card in self.cards() {
                card.follow();
            }
            return;
        }
        for source in self.sources() {
            match event {
                1 => source.drive(Event::Online),
                2 => source.drive(Event::Offline),
                3 => source.drive(Event::Frozen),
                4 => {
                    source.drive(Event::Thawed);
                    source.pace();
                }
                _ => source.pace(),
            }
        }
        if event == 6 {
            intl::forget();
            self.translate();
        }
        self.ticker.take();
        for card in self.cards() {
            self.tell(&card, STATUS);
        }
        self.work();
    }

    fn translate(&self) {
        for card in self.cards() {
            card.translate();
        }
    }
}

/// Whatever comes through the door. Answers whether more is wanted.
pub(crate) fn receive(to: u32, what: u8, value: &JsValue) -> bool {
    let page = page();
    match what {
        door::CARD | door::FADED | door::SETTLED | door::WAITED | door::SIGHT => {
            if let Some(card) = page.card(to) {
                card.on(what, value);
            }
        }
        door::PAGE => page.on(to),
        door::TICK => page.tick(),
        door::WORK => {
            page.working.set(false);
            page.work();
        }
        door::PACED => {
            for id in page.paced.take() {
                if let Some(source) = page.find(id) {
                    source.look();
                }
            }
        }
        door::AROUND => page.translate(),
        door::WORDS => {
            intl::forget();
            page.translate();
        }
        _ => {
            let Some(source) = page.find(to) else { return false };
            match what {
                door::HEAD => return source.head(value.as_string().unwrap_or_default()),
                door::BODY => source.body(value),
                door::LED => source.drive(Event::Led),
                door::FOLLOWED => source.drive(Event::Followed),
                _ => {
                    source.rings.set(f64::INFINITY);
                    source.drive(Event::Woke);
                }
            }
        }
    }
    false
}

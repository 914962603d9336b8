//! One poll for all cards of a page that ask for one document, and the page they share.

use alloc::rc::{Rc, Weak};
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::{Cell, RefCell};

use gloo::events::EventListener;
use gloo::timers::callback::Timeout;
use js_sys::Function;
use wasm_bindgen::prelude::*;
use web_sys::Document;

use crate::address::{join, parts, untracked};
use crate::article::{Article, Millis};
use crate::badge::Status;
use crate::card::number;
use crate::door;
use crate::live::{Live, now};
use crate::net::{Head, Outcome, Request, decode};
use crate::poll::{Action, Event, Failure, Poll};
use crate::read::{Reason, Refusal};
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
}

/// How late a badge's text may be.
const GRAIN_MS: Millis = 1_000.0;

/// How often a document may break the module before it is skipped.
const TRAPS: u32 = 2;

type Reading = (String, Result<Rc<Article>, Refusal>);

/// One URL with one kind of credentials: its poll, its request, and the cards that show it.
pub(crate) struct Source {
    id: u32,
    url: String,
    credentials: String,
    poll: RefCell<Poll>,
    timer: RefCell<Option<Timeout>>,
    request: RefCell<Option<(u32, Request)>>,
    cards: RefCell<Vec<Weak<Live>>>,
    answer: RefCell<Option<Rc<Answer>>>,
    /// What the last answer was read as, by the cards' options.
    readings: RefCell<Vec<Reading>>,
    waiting: RefCell<Vec<Function>>,
    /// Whether the cards are to be looked at anew.
    paced: Cell<bool>,
    /// The reader's clock was set, or the machine slept.
    parted: Cell<bool>,
    /// When the last answer came, by the server's clock where known.
    pub(crate) checked: Cell<Option<Millis>>,
    /// Since when a request has been under way, by the reader's clock.
    pub(crate) checking: Cell<Option<Millis>>,
}

impl Source {
    /// Whether this is the source of a URL with these credentials.
    pub(crate) fn is(&self, url: &str, credentials: &str) -> bool {
        self.url == url && self.credentials == credentials
    }

    /// A card begins to follow; what has come already is its at once.
    pub(crate) fn join(self: &Rc<Self>, card: &Rc<Live>) {
        self.cards.borrow_mut().push(Rc::downgrade(card));
        self.pace();
        card.settle();
        if self.answer.borrow().is_some() {
            self.give(card);
        }
    }

    /// A card stops following; with the last one the request ends too.
    pub(crate) fn leave(self: &Rc<Self>, id: u32) {
        self.cards.borrow_mut().retain(|card| card.upgrade().is_some_and(|card| card.id != id));
        if self.cards.borrow().is_empty() {
            self.request.take();
            self.timer.take();
            self.release();
            page().forget(self.id);
        } else {
            self.pace();
        }
    }

    /// What the server's clock is ahead of the reader's, in milliseconds; 0 where it is not known.
    pub(crate) fn offset(&self) -> Millis {
        let steady = web_sys::window().and_then(|window| window.performance()).map_or(0.0, |clock| clock.now());
        let mut poll = self.poll.borrow_mut();
        if poll.look(now(), steady) {
            self.parted.set(true);
        }
        poll.offset()
    }

    pub(crate) fn status(&self) -> Status {
        self.poll.borrow().status()
    }

    /// Where what a reader saw of it is kept.
    pub(crate) fn memory(&self) -> String {
        let mut key = String::from("live-article:");
        key.push_str(&self.url);
        key
    }

    fn cards(&self) -> Vec<Rc<Live>> {
        let mut out = Vec::new();
        for card in self.cards.borrow().iter() {
            if let Some(card) = card.upgrade() {
                out.push(card);
            }
        }
        out
    }

    /// The cards' intervals, pauses or places in the page have changed. A thousand cards that come at once are looked at
    /// once, when the script that brought them is done.
    pub(crate) fn pace(&self) {
        if !self.paced.replace(true) {
            door::when(&js_sys::Promise::resolve(&JsValue::UNDEFINED), self.id, door::PACED);
        }
    }

    #[inline(never)]
    fn look(self: &Rc<Self>) {
        self.paced.set(false);
        let (mut interval, mut timeout, mut paused, mut seen) = (f64::INFINITY, 0.0f64, true, false);
        for card in self.cards() {
            interval = interval.min(1000.0 * card.number("interval"));
            timeout = timeout.max(1000.0 * card.number("timeout"));
            paused &= card.is_paused();
            seen |= card.in_sight.get();
        }
        self.poll.borrow_mut().set_interval(interval);
        self.poll.borrow_mut().set_timeout(timeout);
        self.drive(if paused { Event::Paused } else { Event::Resumed });
        self.drive(if seen && !hidden() { Event::Shown } else { Event::Hidden });
    }

    /// Asks now; `done` is called when the answer has been given to the cards.
    pub(crate) fn refresh(self: &Rc<Self>, done: Function) {
        self.waiting.borrow_mut().push(done);
        self.drive(Event::Refresh);
    }

    fn release(&self) {
        for done in self.waiting.take() {
            drop(done.call0(&JsValue::NULL));
        }
    }

    /// Lets the poll decide and does what it says.
    #[inline(never)]
    pub(crate) fn drive(self: &Rc<Self>, event: Event) {
        let was = self.status();
        let action = self.poll.borrow_mut().on(event, now());
        let failure = self.poll.borrow().failure();
        match action {
            Action::Fetch => self.fetch(),
            Action::Abort => {
                self.request.take();
                self.checking.take();
                if failure == Some(Failure::Timeout) {
                    self.tell("timeout", "The server did not answer in time; see the attribute `timeout`.");
                }
                self.settle();
                self.release();
            }
            Action::Nothing => {}
        }
        let wake = self.poll.borrow().wake();
        self.timer.replace(None);
        if wake.is_finite() {
            // A browser's timer holds 2³¹ ms; whoever wakes too soon waits again.
            let wait = (wake - now()).clamp(0.0, 1e9).ceil() as u32;
            let id = self.id;
            self.timer.replace(Some(door::after(wait, id, door::WOKE)));
        }
        if was != self.status() {
            self.settle();
        }
    }

    fn settle(&self) {
        for card in self.cards() {
            card.settle();
        }
    }

    fn fetch(self: &Rc<Self>) {
        let number = page().number();
        self.checking.set(Some(now()));
        let request = Request::start(number, &self.url, &self.credentials);
        self.request.replace(request.map(|request| (number, request)));
        self.settle();
    }

    /// The request goes on or ends.
    #[inline(never)]
    fn step(self: &Rc<Self>, to: u32, what: u8, value: &JsValue) {
        let etag = self.answer.borrow().as_ref().and_then(|answer| answer.etag.clone());
        let outcome = match &mut *self.request.borrow_mut() {
            Some((number, request)) if *number == to => request.step(to, what, value, etag.as_deref()),
            _ => None,
        };
        let Some(outcome) = outcome else { return };
        self.request.take();
        let asked = self.checking.take().unwrap_or_default();
        self.outcome(outcome, asked);
        self.settle();
        self.release();
    }

    fn outcome(self: &Rc<Self>, outcome: Outcome, asked: Millis) {
        match outcome {
            Outcome::Body(head, bytes) => self.body(&head, bytes, asked),
            Outcome::Equal(head) => self.answered(&head, asked, None),
            Outcome::Status(head) => self.refused(&head, asked),
            Outcome::TooLarge => self.failed(
                Failure::Document(Reason::TooLarge),
                "The document is larger than 4 MiB; publish a shorter one.",
            ),
            Outcome::Refused => self.failed(
                Failure::Network,
                "The request did not come through: no network, no CORS header for this page, or a policy (CSP connect-src) against it.",
            ),
        }
    }

    fn body(self: &Rc<Self>, head: &Head, bytes: Vec<u8>, asked: Millis) {
        let sum = hash(&bytes, 0);
        let same = self.answer.borrow().as_ref().is_some_and(|answer| answer.hash == sum);
        if same {
            return self.answered(head, asked, None);
        }
        let answer = Rc::new(Answer {
            url: head.url.clone(),
            text: decode(bytes, head.content_type.as_deref()),
            now: now() + self.offset(),
            hash: sum,
            etag: head.etag.clone(),
        });
        self.readings.borrow_mut().clear();
        self.answer.replace(Some(Rc::clone(&answer)));
        let Some(first) = self.cards().into_iter().next() else { return };
        let mut key = self.url.clone();
        key.push(' ');
        key.push_str(&number(sum as usize));
        if door::read(&key) >= TRAPS {
            self.answer.take();
            self.failed(
                Failure::Trap,
                "The document broke the module twice, so it is left alone until it changes; please report it.",
            );
        } else {
            match self.read(&answer, &first) {
                Ok(article) => {
                    self.answered(head, asked, Some(&article));
                    for card in self.cards() {
                        self.give(&card);
                    }
                }
                Err(refusal) => {
                    // What cannot be read is not kept: the next answer is read even if it is the same.
                    self.answer.take();
                    self.failed(Failure::Document(refusal.reason), &refusal.message);
                }
            }
        }
        door::read("");
    }

    fn answered(self: &Rc<Self>, head: &Head, asked: Millis, article: Option<&Article>) {
        self.drive(Event::Answered(&answer(head, asked, article)));
        self.checked.set(Some(now() + self.offset()));
    }

    /// A status without a document.
    fn refused(self: &Rc<Self>, head: &Head, asked: Millis) {
        self.drive(Event::Answered(&answer(head, asked, None)));
        if self.poll.borrow().failure().is_none() {
            return;
        }
        let mut message = String::from("The server answered ");
        message.push_str(&number(head.status as usize));
        message.push_str(" instead of a document; look at the address in `src` and at the server.");
        self.tell("http", &message);
    }

    fn failed(self: &Rc<Self>, failure: Failure, message: &str) {
        self.drive(Event::Failed(failure));
        self.tell(failure.as_str(), message);
    }

    fn tell(&self, reason: &str, message: &str) {
        let wait = self.poll.borrow().retry_in(now());
        for card in self.cards() {
            card.fail(reason, message, &self.url, wait);
        }
    }

    /// Gives a card what has come, read the way it wants.
    pub(crate) fn give(&self, card: &Rc<Live>) {
        let Some(answer) = self.answer.borrow().clone() else { return };
        match self.read(&answer, card) {
            Ok(article) => card.take(&article, &answer.url),
            Err(refusal) => card.fail(refusal.reason.as_str(), &refusal.message, &answer.url, None),
        }
    }

    /// Reads an answer once for all cards that want it the same way.
    fn read(&self, answer: &Answer, card: &Live) -> Result<Rc<Article>, Refusal> {
        let options = card.options();
        for (known, reading) in self.readings.borrow().iter() {
            if *known == options {
                return reading.clone();
            }
        }
        let reading = card.read(answer).map(Rc::new);
        self.readings.borrow_mut().push((options, reading.clone()));
        reading
    }
}

fn answer<'a>(head: &'a Head, asked: Millis, article: Option<&'a Article>) -> crate::poll::Answer<'a> {
    crate::poll::Answer {
        status: head.status,
        asked,
        arrived: now(),
        date: head.date.as_deref(),
        age: head.age.as_deref(),
        cache_control: head.cache_control.as_deref(),
        retry_after: head.retry_after.as_deref(),
        article,
        changed: article.is_some(),
    }
}

/// What the cards of a page share.
pub(crate) struct Page {
    last: Cell<u32>,
    cards: RefCell<Vec<Weak<Live>>>,
    sources: RefCell<Vec<Rc<Source>>>,
    /// When it wakes, by the reader's clock.
    ticker: RefCell<Option<(Millis, Timeout)>>,
    listeners: RefCell<Vec<EventListener>>,
    /// Ends the watch for what is inherited.
    around: RefCell<Option<Function>>,
}

thread_local! {
    static PAGE: Rc<Page> = Rc::new(Page {
        last: Cell::new(0),
        cards: RefCell::default(),
        sources: RefCell::default(),
        ticker: RefCell::default(),
        listeners: RefCell::default(),
        around: RefCell::default(),
    });
}

/// The page that this instance of the module runs in.
pub(crate) fn page() -> Rc<Page> {
    PAGE.with(Rc::clone)
}

/// `navigator.connection.saveData` (Network Information, section 3.7), where there is one.
fn saves_data() -> Option<JsValue> {
    let mut value: JsValue = web_sys::window()?.navigator().into();
    for name in ["connection", "saveData"] {
        value = js_sys::Reflect::get(&value, &name.into()).ok()?;
    }
    Some(value)
}

/// Whether nobody can see the page. A page that is prerendered is hidden too.
fn hidden() -> bool {
    document().is_some_and(|document| document.hidden())
}

fn document() -> Option<Document> {
    web_sys::window()?.document()
}

impl Page {
    /// A number for a card, a source or a request; never 0, which is the page itself.
    pub(crate) fn number(&self) -> u32 {
        self.last.set(self.last.get() + 1);
        self.last.get()
    }

    pub(crate) fn add(&self, card: &Rc<Live>) {
        if self.listeners.borrow().is_empty() {
            self.listen();
        }
        self.cards.borrow_mut().push(Rc::downgrade(card));
    }

    pub(crate) fn remove(&self, id: u32) {
        self.cards.borrow_mut().retain(|card| card.upgrade().is_some_and(|card| card.id != id));
        if self.cards.borrow().is_empty() {
            self.listeners.take();
            if let Some(end) = self.around.take() {
                drop(end.call0(&JsValue::NULL));
            }
            self.ticker.take();
        }
    }

    fn listen(&self) {
        let Some(window) = web_sys::window() else { return };
        let mut listeners = Vec::new();
        for name in ["online", "offline", "pageshow", "pagehide", "languagechange", "hashchange"] {
            listeners.push(door::hear(&window, name, 0, door::PAGE));
        }
        if let Some(document) = window.document() {
            for name in ["visibilitychange", "freeze", "resume"] {
                listeners.push(door::hear(&document, name, 0, door::PAGE));
            }
        }
        self.listeners.replace(listeners);
        self.around.replace(Some(door::surroundings(door::AROUND)));
    }

    /// The source of a URL with these credentials.
    pub(crate) fn source(&self, url: &str, credentials: &str) -> Rc<Source> {
        if let Some(source) = self.sources.borrow().iter().find(|source| source.is(url, credentials)) {
            return Rc::clone(source);
        }
        let id = self.number();
        let seed = hash(url.as_bytes(), (js_sys::Math::random() * 1e18) as u64);
        let source = Rc::new(Source {
            id,
            url: url.into(),
            credentials: credentials.into(),
            poll: RefCell::new(Poll::new(30_000.0, seed)),
            timer: RefCell::default(),
            request: RefCell::default(),
            cards: RefCell::default(),
            answer: RefCell::default(),
            readings: RefCell::default(),
            waiting: RefCell::default(),
            paced: Cell::new(false),
            parted: Cell::default(),
            checked: Cell::new(None),
            checking: Cell::new(None),
        });
        source.poll.borrow_mut().set_save_data(saves_data().is_some_and(|on| on.is_truthy()));
        self.sources.borrow_mut().push(Rc::clone(&source));
        source
    }

    fn forget(&self, id: u32) {
        self.sources.borrow_mut().retain(|source| source.id != id);
    }

    fn cards(&self) -> Vec<Rc<Live>> {
        self.cards.borrow().iter().filter_map(Weak::upgrade).collect()
    }

    fn sources(&self) -> Vec<Rc<Source>> {
        self.sources.borrow().clone()
    }

    /// Wakes for a badge whose text changes then: one timer serves them all.
    pub(crate) fn wake(&self, until: Millis) {
        let mut ticker = self.ticker.borrow_mut();
        if !until.is_finite() || ticker.as_ref().is_some_and(|ticker| ticker.0 <= until) || hidden() {
            return;
        }
        // The texts of many cards change in one wake, late by a second at most.
        let at = (until / GRAIN_MS).ceil() * GRAIN_MS;
        let wait = (at - now()).clamp(0.0, 3_600_000.0).ceil() as u32;
        let timer = door::after(wait, 0, door::TICK);
        *ticker = Some((at, timer));
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
                card.badge();
            } else {
                self.wake(card.until.get());
            }
        }
    }

    #[inline(never)]
    fn on(&self, what: u8, value: &JsValue) {
        if what == door::TICK {
            self.tick();
            return;
        }
        let event: &web_sys::Event = value.unchecked_ref();
        let name = event.type_();
        if name == "hashchange" {
            for card in self.cards() {
                card.follow();
            }
            return;
        }
        for source in self.sources() {
            match name.as_str() {
                "online" => source.drive(Event::Online),
                "offline" => source.drive(Event::Offline),
                "freeze" | "pagehide" => source.drive(Event::Frozen),
                "resume" | "pageshow" => {
                    source.drive(Event::Thawed);
                    source.pace();
                }
                _ => source.pace(),
            }
        }
        if name == "languagechange" {
            intl::forget();
            for card in self.cards() {
                card.translate();
            }
        }
        self.ticker.take();
        for card in self.cards() {
            card.badge();
        }
    }
}

/// Whatever comes through the door.
pub(crate) fn receive(to: u32, what: u8, value: &JsValue) {
    let page = page();
    match what {
        door::CARD | door::FADED | door::SETTLED | door::WAITED => {
            if let Some(card) = page.cards().into_iter().find(|card| card.id == to) {
                card.on(what, value);
            }
        }
        door::SIGHT => {
            if let Some(card) = page.cards().into_iter().find(|card| card.id == to) {
                card.see(value.is_truthy());
            }
        }
        door::PACED => {
            if let Some(source) = page.sources().into_iter().find(|source| source.id == to) {
                source.look();
            }
        }
        door::WOKE => {
            if let Some(source) = page.sources().into_iter().find(|source| source.id == to) {
                source.drive(Event::Woke);
            }
        }
        door::PAGE | door::TICK => page.on(what, value),
        door::AROUND => {
            for card in page.cards() {
                card.translate();
            }
        }
        door::WORDS => {
            intl::forget();
            for card in page.cards() {
                card.translate();
            }
        }
        _ => {
            for source in page.sources() {
                source.step(to, what, value);
            }
        }
    }
}

/// What a card polls: its `src`, or the page itself by its own canonical address.
pub(crate) fn address(card: &Live) -> String {
    let base = card.host.base_uri().ok().flatten().unwrap_or_default();
    if let Some(src) = card.text("src").filter(|src| !src.is_empty()) {
        return join(&src, &base).unwrap_or(src);
    }
    let link = document().and_then(|document| document.query_selector("link[rel~=canonical]").ok().flatten());
    let canonical = link.and_then(|link| link.get_attribute("href")).and_then(|href| join(&href, &base));
    let here = web_sys::window().and_then(|window| window.location().href().ok()).unwrap_or_default();
    match canonical {
        Some(canonical) if same_origin(&canonical, &here) => canonical,
        _ => untracked(&here),
    }
}

fn same_origin(one: &str, other: &str) -> bool {
    parts(one) == parts(other)
}

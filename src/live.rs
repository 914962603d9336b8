//! A card in the page: owns its host, its listeners and what it shows, until it leaves the page.
//!
//! The only room that reads the clock. When to ask is the source's business ([`crate::share`]), what to show
//! that of the pure rooms; here an answer becomes a card, and a card's events reach the page.

use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::cell::{Cell, RefCell};

use gloo::timers::callback::Timeout;
use js_sys::{Function, Reflect, Set};
use serde::Serialize;
use wasm_bindgen::prelude::*;
use web_sys::{CustomEvent, CustomEventInit, Element, Event, HtmlElement};

use crate::article::{Article, Millis, is_older};
use crate::badge::{Facts, Format, Status, Word, face, show};
use crate::card::{Look, View, card, keys};
use crate::door;
use crate::plain::{Plain, text};
use crate::read::{Refusal, Source as Document};
use crate::share::{Answer, Source, address, page};
use crate::swap::blocks::{ChangeKind, Difference, compare};
use crate::swap::weight::Weight;
use crate::tree::{ARIA_LIVE, BUTTON, P, PART, TYPE, Tree};
use crate::view::face::Face;
use crate::view::intl::{self, Locale, to_utc};

/// How long a changed block is marked.
const MARKED_MS: u32 = 20_000;
/// How long the state `updated` lasts.
const UPDATED_MS: u32 = 5_000;

/// Milliseconds since 1970, by the reader's clock.
pub(crate) fn now() -> Millis {
    js_sys::Date::now()
}

/// A plain object for the page.
#[inline(never)]
pub(crate) fn object(value: &Plain) -> JsValue {
    value.serialize(&serde_wasm_bindgen::Serializer::json_compatible()).unwrap_or(JsValue::NULL)
}

/// A newer version that waits.
struct Held {
    article: Article,
    found: Difference,
}

/// One connected card.
pub(crate) struct Live {
    /// Where the door finds it.
    pub(crate) id: u32,
    pub(crate) host: HtmlElement,
    states: Option<Set>,
    source: RefCell<Option<Rc<Source>>>,
    shown: RefCell<Option<Rc<Article>>>,
    /// What is shown was read from another `src`, or another way: the next article replaces it whatever its age.
    other: Cell<bool>,
    held: RefCell<Option<Held>>,
    status: Cell<Status>,
    /// By the page's `IntersectionObserver`; a card is in sight until that says otherwise.
    pub(crate) in_sight: Cell<bool>,
    /// What the reader chose by a click on the time.
    format: Cell<Option<Format>>,
    /// What such a click would choose.
    other_format: Cell<Option<Format>>,
    paused_since: Cell<Option<Millis>>,
    /// When the badge's text is next different, by the reader's clock.
    pub(crate) until: Cell<Millis>,
    all_blocks: Cell<bool>,
    marked: RefCell<Vec<String>>,
    fading: RefCell<Option<[Timeout; 2]>>,
    /// The last sentence for screen readers.
    said: RefCell<String>,
    locale: RefCell<Rc<Locale>>,
    face: RefCell<Face>,
}

impl Live {
    pub(crate) fn start(host: HtmlElement, states: Option<Set>, kept: Option<Rc<Article>>) -> Rc<Self> {
        let locale = locale(&host);
        let live = Rc::new(Self {
            id: page().number(),
            host,
            states,
            source: RefCell::default(),
            shown: RefCell::new(kept),
            other: Cell::new(false),
            held: RefCell::default(),
            status: Cell::new(Status::Loading),
            in_sight: Cell::new(true),
            format: Cell::new(None),
            other_format: Cell::new(None),
            paused_since: Cell::new(None),
            until: Cell::new(f64::INFINITY),
            all_blocks: Cell::new(false),
            marked: RefCell::default(),
            fading: RefCell::default(),
            said: RefCell::default(),
            locale: RefCell::new(locale),
            face: RefCell::default(),
        });
        page().add(&live);
        live
    }

    /// Begins: shows what was kept and finds or makes the source.
    pub(crate) fn join(self: &Rc<Self>) {
        self.state(self.status(), true);
        self.paused_since.set(self.is_paused().then(|| self.server_now()));
        if self.shown.borrow().is_some() {
            self.render();
        }
        self.ask();
    }

    /// The card leaves the page.
    pub(crate) fn end(&self) {
        self.state(self.status(), false);
        self.fading.take();
        page().remove(self.id);
        if let Some(source) = self.source.take() {
            source.leave(self.id);
        }
    }

    /// Polls what `src` and `credentials` say.
    fn ask(self: &Rc<Self>) {
        let url = address(self);
        let credentials = self.text("credentials").unwrap_or_default();
        if let Some(old) = self.source() {
            if old.is(&url, &credentials) {
                return;
            }
            self.source.take();
            self.other.set(true);
            self.held.take();
            old.leave(self.id);
        }
        let source = page().source(&url, &credentials);
        self.source.replace(Some(Rc::clone(&source)));
        source.join(self);
    }

    /// An attribute has another value.
    #[inline(never)]
    pub(crate) fn attribute(self: &Rc<Self>, name: &str) {
        match name {
            "src" | "credentials" => self.ask(),
            "paused" => {
                self.paused_since.set(self.is_paused().then(|| self.server_now()));
                self.source().inspect(|source| source.pace());
                self.settle();
                page().tick();
            }
            "interval" => drop(self.source().inspect(|source| source.pace())),
            "item" | "select" | "embeds" | "source-time-zone" => {
                self.other.set(true);
                self.source().inspect(|source| source.give(self));
            }
            "lang" | "time-zone" | "hour-cycle" => self.translate(),
            "format" => {
                self.format.set(None);
                self.badge();
            }
            "updates" if self.text(name).as_deref() == Some("auto") => self.apply(),
            "view" | "heading-level" | "max-blocks" | "stylesheet" => self.render(),
            _ => {}
        }
    }

    /// The language, the zone or the page around the card has changed.
    pub(crate) fn translate(self: &Rc<Self>) {
        self.locale.replace(locale(&self.host));
        self.render();
        let locale = self.locale();
        self.face.borrow().restamp(&|datetime| locale.stamp(datetime, now()));
    }

    fn locale(&self) -> Rc<Locale> {
        Rc::clone(&self.locale.borrow())
    }

    pub(crate) fn is_paused(&self) -> bool {
        self.host.has_attribute("paused")
    }

    /// A number that the element's property gives, its default counted.
    pub(crate) fn number(&self, property: &str) -> f64 {
        Reflect::get(&self.host, &JsValue::from_str(property)).ok().and_then(|value| value.as_f64()).unwrap_or(0.0)
    }

    /// An attribute's value.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.host.get_attribute(name)
    }

    /// Milliseconds since 1970, by the server's clock where it is known.
    fn server_now(&self) -> Millis {
        now() + self.source().map_or(0.0, |source| source.offset())
    }

    fn source(&self) -> Option<Rc<Source>> {
        self.source.borrow().clone()
    }

    pub(crate) fn article(&self) -> Option<Rc<Article>> {
        self.shown.borrow().clone()
    }

    pub(crate) fn status(&self) -> &'static str {
        self.status.get().as_str()
    }

    pub(crate) fn pending(&self) -> JsValue {
        self.held.borrow().as_ref().map_or(JsValue::NULL, |held| object(&Plain::Object(held.found.plain())))
    }

    /// Asks now; `done` is called when the answer is shown, held or refused.
    pub(crate) fn refresh(&self, done: Function) {
        match self.source() {
            Some(source) => source.refresh(done),
            None => drop(done.call0(&JsValue::NULL)),
        }
    }

    /// What one reading of a document depends on, apart from its bytes.
    pub(crate) fn options(&self) -> String {
        let mut key = String::new();
        for name in ["item", "select", "embeds", "source-time-zone"] {
            key.push_str(&self.text(name).unwrap_or_default());
            key.push('\n');
        }
        key
    }

    /// Reads a document the way this card wants it.
    pub(crate) fn read(&self, answer: &Answer) -> Result<Article, Refusal> {
        let (item, select) = (self.text("item"), self.text("select"));
        let embeds = self.text("embeds").unwrap_or_default();
        let zone = self.text("source-time-zone").unwrap_or_default();
        let page = self.host.base_uri().ok().flatten().unwrap_or_default();
        crate::read::read(&Document {
            text: &answer.text,
            url: &answer.url,
            page: &page,
            item: item.as_deref(),
            select: select.as_deref(),
            embeds: &embeds,
            zone: &|local| to_utc(local, &zone),
            now: answer.now,
        })
    }

    /// A version arrives.
    #[inline(never)]
    pub(crate) fn take(self: &Rc<Self>, article: &Rc<Article>, url: &str) {
        let shown = self.article().filter(|_| !self.other.get());
        let Some(shown) = shown else {
            self.other.set(false);
            self.shown.replace(Some(Rc::clone(article)));
            self.render();
            self.settle();
            self.tell("load", vec![("article", article.plain())], false);
            return;
        };
        if self.is_paused() {
            return;
        }
        if is_older(article, &shown) {
            let message =
                "The answer is older than what is shown; a cache between may be behind. Nothing to do but wait.";
            self.fail("older", message, url, None);
            return;
        }
        let mut next = Article::clone(article);
        if next.free == Some(false) || length(&next) * 2 < length(&shown) {
            // A teaser never replaces the whole: headline and times follow.
            next.blocks.clone_from(&shown.blocks);
            next.blog = shown.blog;
        }
        let found = compare(&shown, &mut next);
        if found.is_empty() && next.withdrawn == shown.withdrawn {
            // What polling goes by may differ all the same.
            self.shown.replace(Some(Rc::new(next)));
            self.let_go();
            return;
        }
        let urgent = found.weight == Weight::Correction || next.withdrawn;
        let wanted = self.tell("before-update", detail(&next, &found), true);
        let mode = self.text("updates").unwrap_or_default();
        if wanted && (urgent || mode != "prompt") {
            self.swap(next, &found);
        } else {
            let event = self.event("pending", found.plain(), false);
            self.held.replace(Some(Held { article: next, found }));
            self.state("pending", true);
            self.prompt();
            self.send(event);
        }
    }

    /// Shows what is held back.
    pub(crate) fn apply(self: &Rc<Self>) {
        let held = self.held.take();
        if let Some(held) = held {
            self.swap(held.article, &held.found);
        }
    }

    /// Nothing is held back any more.
    fn let_go(self: &Rc<Self>) {
        if self.held.take().is_some() {
            self.state("pending", false);
            self.prompt();
        }
    }

    #[inline(never)]
    fn swap(self: &Rc<Self>, next: Article, found: &Difference) {
        self.let_go();
        self.state("pending", false);
        let next = Rc::new(next);
        self.shown.replace(Some(Rc::clone(&next)));
        let mut marked = Vec::new();
        for change in &found.changes {
            if let (ChangeKind::Added | ChangeKind::Changed, Some(block)) = (change.kind, &change.block) {
                marked.push(block.clone());
            }
        }
        if found.weight == Weight::Minor {
            marked.clear();
        }
        let id = self.id;
        self.marked.replace(marked);
        self.fading.replace(Some([
            Timeout::new(MARKED_MS, move || door::enter(id, door::FADED, &JsValue::TRUE)),
            Timeout::new(UPDATED_MS, move || door::enter(id, door::FADED, &JsValue::FALSE)),
        ]));
        if found.weight != Weight::Minor {
            self.announce(&next, found);
        }
        self.state("updated", true);
        self.render();
        self.prompt();
        self.tell("update", detail(&next, found), false);
    }

    /// One short sentence for screen readers.
    fn announce(&self, next: &Article, found: &Difference) {
        let mut said = String::new();
        let locale = self.locale();
        match next.corrections.last() {
            Some(correction) if found.weight == Weight::Correction => {
                locale.words().fill(Word::AnnounceCorrection, &correction.text, &mut said);
            }
            _ => locale.words().fill(Word::AnnounceUpdate, &next.headline, &mut said),
        }
        self.said.replace(said);
    }

    /// Shows the article as it is now to be seen.
    #[inline(never)]
    pub(crate) fn render(self: &Rc<Self>) {
        let Some(article) = self.article() else { return };
        let locale = self.locale();
        let mut after = Vec::new();
        let children = self.host.children();
        for at in 0..children.length() {
            if let Some(number) =
                children.item(at).and_then(|child| child.get_attribute("slot")).and_then(|slot| after_number(&slot))
            {
                let place = after.iter().position(|&other| other >= number).unwrap_or(after.len());
                if after.get(place) != Some(&number) {
                    after.insert(place, number);
                }
            }
        }
        let mut tree = Tree::new();
        let view = self.text("view");
        card(
            &article,
            &Look {
                view: match view.as_deref() {
                    Some("card") => View::Card,
                    Some("badge") => View::Badge,
                    _ => View::Article,
                },
                heading_level: self.number("headingLevel") as u8,
                max_blocks: if self.all_blocks.get() { usize::MAX } else { (self.number("maxBlocks") as usize).max(1) },
                wanted: None,
                changed: &self.marked.borrow(),
                after: &after,
                withdrawn: article.withdrawn || self.status.get() == Status::Withdrawn,
                words: locale.words(),
            },
            &mut tree,
        );
        let moment = now();
        self.face.borrow_mut().show(&self.host, self.id, tree, &|datetime| locale.stamp(datetime, moment));
        self.badge();
        self.foot();
    }

    /// The badge as it reads now.
    #[inline(never)]
    pub(crate) fn badge(&self) {
        let (Some(article), Some(source)) = (self.article(), self.source()) else { return };
        let locale = self.locale();
        if !locale.is_ready() {
            // Its texts are on their way; another language first would flicker.
            return;
        }
        let offset = source.offset();
        let facts = Facts {
            published: article.published,
            modified: article.modified,
            checked: source.checked.get(),
            checking: source.checking.get().map(|since| since + offset),
            paused: self.paused_since.get(),
            status: self.status.get(),
            format: self.format.get().unwrap_or_else(|| Format::parse(&self.text("format").unwrap_or_default())),
        };
        let said = face(&facts, now() + offset);
        self.until.set(said.until - offset);
        self.other_format.set(said.other);
        let mut tree = Tree::new();
        show(&said, locale.words(), &*locale, &mut tree);
        self.face.borrow_mut().fill(&self.host, keys::LINE, tree);
        if self.in_sight.get() {
            page().wake(self.until.get());
        }
    }

    /// The button that shows what is held back.
    fn prompt(&self) {
        let mut tree = Tree::new();
        if let Some(held) = &*self.held.borrow() {
            let locale = self.locale();
            let mut text = String::new();
            locale.words().updates(held.found.count, &*locale, &mut text);
            tree.open(BUTTON).attr(PART, "prompt").attr(TYPE, "button").text(&text).close();
        }
        self.face.borrow_mut().fill(&self.host, keys::ASK, tree);
    }

    fn foot(&self) {
        let mut tree = Tree::new();
        tree.open(P).attr(ARIA_LIVE, "polite").text(&self.said.borrow()).close();
        self.face.borrow_mut().fill(&self.host, keys::FOOT, tree);
    }

    /// Takes over the source's status.
    #[inline(never)]
    pub(crate) fn settle(self: &Rc<Self>) {
        let Some(source) = self.source() else { return };
        let was = self.status.get();
        let is = if self.is_paused() { Status::Paused } else { source.status() };
        self.state("checking", source.checking.get().is_some());
        if was != is {
            self.status.set(is);
            self.state(was.as_str(), false);
            self.state(is.as_str(), true);
            if is == Status::Withdrawn || was == Status::Withdrawn {
                self.render();
            }
            let word = |status: Status| text(Some(status.as_str()));
            self.tell("status", vec![("status", word(is)), ("previous", word(was))], false);
        }
        self.badge();
    }

    fn state(&self, name: &str, on: bool) {
        if let Some(states) = &self.states {
            let name = JsValue::from_str(name);
            if on {
                states.add(&name);
            } else {
                states.delete(&name);
            }
        }
    }

    /// A poll failed or a document was refused; the card goes on.
    pub(crate) fn fail(&self, reason: &str, message: &str, url: &str, retry_in: Option<f64>) {
        let detail = vec![
            ("reason", text(Some(reason))),
            ("message", text(Some(message))),
            ("url", text(Some(url))),
            ("retryIn", retry_in.map_or(Plain::Null, Plain::Number)),
        ];
        self.tell("error", detail, false);
    }

    /// Tells the page; answers whether it let it happen.
    fn tell(&self, name: &str, detail: Vec<(&'static str, Plain)>, cancelable: bool) -> bool {
        self.send(self.event(name, detail, cancelable))
    }

    fn send(&self, event: Option<CustomEvent>) -> bool {
        event.is_none_or(|event| self.host.dispatch_event(&event).unwrap_or(true))
    }

    fn event(&self, name: &str, detail: Vec<(&'static str, Plain)>, cancelable: bool) -> Option<CustomEvent> {
        let init = CustomEventInit::new();
        init.set_bubbles(true);
        init.set_composed(true);
        init.set_cancelable(cancelable);
        init.set_detail(&object(&Plain::Object(detail)));
        let mut whole = String::from("live-article-");
        whole.push_str(name);
        CustomEvent::new_with_event_init_dict(&whole, &init).ok()
    }

    /// Something happened in the shadow tree, or a timer of the card's is over.
    #[inline(never)]
    pub(crate) fn on(self: &Rc<Self>, what: u8, value: &JsValue) {
        if what == door::FADED {
            if value.is_truthy() {
                self.marked.borrow_mut().clear();
                self.render();
            } else {
                self.state("updated", false);
            }
            return;
        }
        let event: &Event = value.unchecked_ref();
        let Some(target) = event.target().and_then(|target| target.dyn_into::<Element>().ok()) else { return };
        let part = target.get_attribute("part").unwrap_or_default();
        if event.type_() == "keydown" {
            // A real button makes a click of the key itself; the space bar would scroll the page.
            let key = Reflect::get(event, &JsValue::from_str("key")).unwrap_or_default();
            if part != "time" || key != "Enter" && key != " " {
                return;
            }
            event.prevent_default();
        }
        match part.as_str() {
            "prompt" => self.apply(),
            "pause" => drop(self.host.toggle_attribute("paused")),
            "more" => {
                self.all_blocks.set(true);
                self.render();
            }
            "time" if target.has_attribute("role") => {
                self.format.set(self.other_format.get());
                self.badge();
            }
            _ => {}
        }
    }
}

/// The locale around an element; what texts it lacks are fetched.
fn locale(host: &HtmlElement) -> Rc<Locale> {
    let locale = Locale::of(host);
    while let Some((number, url)) = intl::wanted() {
        door::when(&door::file(&url), number, door::WORDS);
    }
    locale
}

fn detail(article: &Article, found: &Difference) -> Vec<(&'static str, Plain)> {
    let mut detail = found.plain();
    detail.push(("article", article.plain()));
    detail
}

/// The `N` of `after-N`.
fn after_number(slot: &str) -> Option<usize> {
    slot.strip_prefix("after-")?.parse().ok()
}

/// How much text an article's body has.
fn length(article: &Article) -> usize {
    article.blocks.iter().map(|block| block.body.length()).sum()
}

//! A card in the page: owns its host, its listeners and what it shows, until it leaves the page.
//!
//! The only room that reads the clock. When to ask is the source's business ([`crate::share`]), what to show
//! that of the pure rooms; here an answer becomes a card, and a card's events reach the page.

use alloc::rc::Rc;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;
use core::cell::{Cell, RefCell};

use gloo::timers::callback::Timeout;
use js_sys::Function;
use serde::Serialize;
use wasm_bindgen::prelude::*;
use web_sys::{HtmlElement, ShadowRoot};

use crate::article::{Article, Block, Millis, Time, is_older};
use crate::badge::{Facts, Format, Status, Word, face, show};
use crate::card::{Look, View, card, keys};
use crate::door;
use crate::markup::cut;
use crate::plain::{Plain, text};
use crate::read::{Refusal, Source as Document};
use crate::share::{Answer, OLDER, Source, page};
use crate::swap::blocks::{Change, ChangeKind, Difference, compare, restore};
use crate::swap::weight::Weight;
use crate::swap::words::{self, changes};
use crate::tree::{ARIA_LIVE, BUTTON, CLASS, DETAILS, P, PART, SPAN, SUMMARY, TYPE, Tree};
use crate::view::face::Face;
use crate::view::intl::{Locale, to_utc};

/// How long a changed block is marked.
const MARKED_MS: u32 = 20_000;
/// How long the state `updated` lasts.
const UPDATED_MS: u32 = 5_000;
/// How often it is looked whether what waits for the reader may be shown.
const WAIT_MS: u32 = 1_000;
/// Bytes of an article from which on only the ids of its blocks are remembered; from twice as many on, nothing.
const MEMORY: usize = 64_000;

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
    article: Rc<Article>,
    found: Difference,
    /// Only until the reader is done.
    quiet: bool,
}

/// What a card showed, and what it followed then.
pub(crate) type Kept = (Rc<Article>, String);

/// One connected card.
pub(crate) struct Live {
    /// Where the door finds it.
    pub(crate) id: u32,
    pub(crate) host: HtmlElement,
    source: RefCell<Option<Rc<Source>>>,
    shown: RefCell<Option<Rc<Article>>>,
    /// What is shown was read from another `src`, or another way: the next article replaces it whatever its age.
    other: Cell<bool>,
    /// Another article is followed than the one shown.
    another: Cell<bool>,
    held: RefCell<Option<Held>>,
    status: Cell<Status>,
    /// By the page's `IntersectionObserver`; a card is in sight until that says otherwise.
    pub(crate) in_sight: Cell<bool>,
    /// What it is to be told before long.
    pub(crate) told: Cell<u8>,
    /// What the reader chose by a click on the time.
    format: Cell<Option<Format>>,
    /// What such a click would choose.
    other_format: Cell<Option<Format>>,
    paused_since: Cell<Option<Millis>>,
    /// When the badge's text is next different, by the reader's clock.
    pub(crate) until: Cell<Millis>,
    all_blocks: Cell<bool>,
    /// Blocks shown past `max_blocks`: what is read does not go because something new has come.
    grown: Cell<usize>,
    /// A page has asked, so that an answer is shown even while paused.
    asked: Cell<bool>,
    /// The block that the page's fragment names.
    wanted: RefCell<String>,
    marked: RefCell<Vec<String>>,
    fading: RefCell<Option<[Timeout; 2]>>,
    waiting: RefCell<Option<Timeout>>,
    /// What "what changed" is told against, and whether that is from an earlier visit.
    before: RefCell<Option<(Rc<Article>, bool)>>,
    /// The last sentences for screen readers, the current one last, and how many there have been.
    said: RefCell<Vec<String>>,
    said_before: Cell<u32>,
    locale: RefCell<Rc<Locale>>,
    face: RefCell<Face>,
}

impl Live {
    pub(crate) fn start(id: u32, host: &HtmlElement, kept: Option<Kept>) -> Rc<Self> {
        let locale = Locale::of(host);
        let (kept, followed) = kept.map_or_else(Default::default, |(article, followed)| (Some(article), followed));
        let live = Rc::new(Self {
            id,
            host: host.clone(),
            source: RefCell::default(),
            shown: RefCell::new(kept),
            other: Cell::new(false),
            another: Cell::new(false),
            held: RefCell::default(),
            status: Cell::new(Status::Loading),
            in_sight: Cell::new(true),
            told: Cell::new(0),
            format: Cell::new(None),
            other_format: Cell::new(None),
            paused_since: Cell::new(None),
            until: Cell::new(f64::INFINITY),
            all_blocks: Cell::new(false),
            wanted: RefCell::default(),
            marked: RefCell::default(),
            fading: RefCell::default(),
            waiting: RefCell::default(),
            before: RefCell::default(),
            said: RefCell::default(),
            said_before: Cell::new(0),
            grown: Cell::new(0),
            asked: Cell::new(false),
            locale: RefCell::new(locale),
            face: RefCell::default(),
        });
        if live.follows() != followed {
            // Something else than when it left, or nothing was shown.
            live.other.set(true);
            live.another.set(true);
        }
        page().add(&live);
        live
    }

    /// What it follows and how it reads that; nothing as long as what it shows is of something else.
    pub(crate) fn follows(&self) -> String {
        if self.other.get() {
            return String::new();
        }
        let mut key = self.options();
        key.push_str(&door::polled(&self.host));
        key
    }

    /// Begins: shows what was kept and finds or makes the source.
    pub(crate) fn join(self: &Rc<Self>) {
        self.state(self.status.get().as_str(), true);
        self.paused_since.set(self.is_paused().then(|| self.server_now()));
        door::watch(&self.host, self.id, door::SIGHT);
        if self.shown.borrow().is_some() {
            self.render();
        }
        self.ask();
    }

    /// The card leaves the page.
    pub(crate) fn end(&self) {
        self.state(self.status.get().as_str(), false);
        self.fading.take();
        self.waiting.take();
        door::watch(&self.host, 0, 0);
        page().remove(self.id);
        if let Some(source) = self.source.take() {
            source.leave(self.id);
        }
    }

    /// Polls what `src` and `credentials` say.
    fn ask(self: &Rc<Self>) {
        let key = door::polled(&self.host);
        if let Some(old) = self.source() {
            if old.is(&key) {
                return;
            }
            self.source.take();
            self.other.set(true);
            self.another.set(true);
            self.let_go();
            old.leave(self.id);
        }
        let source = page().source(&key);
        self.source.replace(Some(Rc::clone(&source)));
        source.join(self);
    }

    /// Takes in what it is told.
    pub(crate) fn serve(self: &Rc<Self>) {
        let what = self.told.take();
        if let Some(source) = self.source() {
            source.serve(self, what);
        }
    }

    /// The card came into sight, or left it.
    fn see(&self, seen: bool) {
        if self.in_sight.replace(seen) != seen {
            self.source().inspect(|source| source.pace());
            if seen {
                self.badge();
            }
        }
    }

    /// What the page asks of the card, by the numbers of [`door`].
    pub(crate) fn call(self: &Rc<Self>, what: u8, value: &JsValue) -> JsValue {
        match what {
            door::ATTRIBUTE => self.attribute(&value.as_string().unwrap_or_default()),
            door::STATUS => return JsValue::from_str(self.status.get().as_str()),
            door::PENDING => {
                let held = self.held.borrow();
                return held.as_ref().map_or(JsValue::NULL, |held| object(&Plain::Object(held.found.plain())));
            }
            door::REFRESH => match self.source() {
                Some(source) => {
                    self.asked.set(true);
                    source.refresh(value.unchecked_ref::<Function>().clone());
                }
                None => drop(value.unchecked_ref::<Function>().call0(&JsValue::NULL)),
            },
            _ => self.apply(),
        }
        JsValue::UNDEFINED
    }

    /// An attribute has another value.
    #[inline(never)]
    fn attribute(self: &Rc<Self>, name: &str) {
        match name {
            "src" | "credentials" => self.ask(),
            "paused" => {
                self.asked.set(false);
                self.paused_since.set(self.is_paused().then(|| self.server_now()));
                self.source().inspect(|source| source.pace());
                self.settle();
                page().tick();
                if !self.is_paused() && self.article().is_some() {
                    // Another card of the page may have gone on, and its answers were not shown here.
                    self.source().inspect(|source| source.give(self));
                }
            }
            "interval" | "timeout" => drop(self.source().inspect(|source| source.pace())),
            "item" | "select" | "embeds" | "source-time-zone" => {
                self.other.set(true);
                if name == "item" {
                    self.another.set(true);
                }
                self.source().inspect(|source| source.reread(self));
            }
            "lang" | "time-zone" | "hour-cycle" => self.translate(),
            "format" => {
                self.format.set(None);
                self.badge();
            }
            "updates" => match self.text(name).as_deref() {
                Some("auto") => self.apply(),
                mode => {
                    if let Some(held) = &mut *self.held.borrow_mut() {
                        held.quiet = mode != Some("prompt");
                    }
                    self.wait();
                }
            },
            "max-blocks" => {
                self.all_blocks.set(false);
                self.render();
            }
            "view" | "heading-level" | "stylesheet" | "adopt" => {
                self.state("adopted", self.host.has_attribute("adopt"));
                self.render();
            }
            "remember" => self.remember(),
            _ => {}
        }
    }

    /// The language, the zone or the page around the card has changed.
    pub(crate) fn translate(self: &Rc<Self>) {
        let locale = Locale::of(&self.host);
        if Rc::ptr_eq(&locale, &self.locale.replace(Rc::clone(&locale))) {
            return;
        }
        self.render();
        self.face.borrow().restamp((locale.way(), now()));
    }

    fn locale(&self) -> Rc<Locale> {
        Rc::clone(&self.locale.borrow())
    }

    fn is_withdrawn(&self) -> bool {
        self.status.get() == Status::Withdrawn || self.article().is_some_and(|article| article.withdrawn)
    }

    pub(crate) fn is_paused(&self) -> bool {
        self.host.has_attribute("paused")
    }

    /// A number that the element's property gives, its default counted.
    pub(crate) fn number(&self, property: &str) -> f64 {
        door::number(&self.host, property)
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

    /// What one reading of a document depends on, apart from its bytes.
    pub(crate) fn options(&self) -> String {
        let mut key = String::new();
        for name in ["item", "select", "embeds", "source-time-zone"] {
            key.push_str(&self.text(name).unwrap_or_default());
            key.push('\n');
        }
        key
    }

    /// Reads a document the way this card wants it; `before` are the blocks of one that was read so.
    pub(crate) fn read(&self, answer: &Answer, before: &[Arc<Block>]) -> Result<Article, Refusal> {
        let (item, select) = (self.text("item"), self.text("select"));
        let embeds = self.text("embeds").unwrap_or_default();
        let zone = self.text("source-time-zone").unwrap_or_default();
        // Not the base address, which may be another host's.
        let page = door::origin();
        let document = Document {
            text: &answer.text,
            url: &answer.url,
            page: &page,
            item: item.as_deref(),
            select: select.as_deref(),
            embeds: &embeds,
            zone: &|local| to_utc(local, &zone),
            now: answer.now,
        };
        crate::read::again(&document, before)
    }

    /// A version arrives.
    #[inline(never)]
    pub(crate) fn take(self: &Rc<Self>, article: &Rc<Article>, url: &str) {
        let shown = self.article().filter(|_| !self.other.get());
        let Some(shown) = shown else {
            self.other.set(false);
            if self.article().is_some_and(|was| was.id != article.id) {
                self.all_blocks.set(false);
                self.grown.set(0);
            }
            self.before.take();
            self.marked.take();
            let mut article = Rc::clone(article);
            if article.free == Some(false) && self.article().is_none() && door::copied(&self.host) {
                // The server's copy may be the whole.
                let mut rest = Article::clone(&article);
                rest.blocks.clear();
                article = Rc::new(rest);
            }
            self.shown.replace(Some(Rc::clone(&article)));
            self.recall();
            self.render();
            self.settle();
            if self.another.replace(false) {
                self.tell("load", Some(&article), Vec::new(), false);
            }
            self.follow();
            return;
        };
        if self.is_paused() && !self.asked.take() {
            return;
        }
        let held = self.held.borrow().as_ref().is_some_and(|held| is_older(article, &held.article));
        if held || is_older(article, &shown) {
            let wait = self.source().and_then(|source| source.retry_in());
            return self.fail("older", OLDER, url, wait);
        }
        let mut next = Article::clone(article);
        restore(&shown, &mut next);
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
        let next = Rc::new(next);
        let urgent = found.weight == Weight::Correction || next.withdrawn;
        let wanted = self.tell("before-update", Some(&next), found.plain(), true);
        let mode = self.text("updates").unwrap_or_default();
        // Dates alone are nothing to wait for.
        let waits = found.count > 0
            && match mode.as_str() {
                "prompt" => true,
                "auto" => false,
                _ => self.is_read(&shown, &found),
            };
        if wanted && (urgent || !waits) {
            self.swap(&next, &found);
        } else {
            let detail = found.plain();
            self.held.replace(Some(Held { article: next, found, quiet: wanted && mode != "prompt" }));
            self.wait();
            self.state("pending", true);
            self.prompt();
            self.tell("pending", None, detail, false);
        }
    }

    /// Whether a swap would disturb: the reader is inside the card, or something would come in above what is read.
    fn is_read(&self, shown: &Article, found: &Difference) -> bool {
        let Some(root) = self.root() else { return false };
        if door::busy(&self.host, &root) {
            return true;
        }
        let Some(id) = door::reading(&self.host, &root) else { return false };
        let at = shown.blocks.iter().position(|block| block.id == id).map_or(u32::MAX, |at| at as u32);
        let place = found.pairs.iter().position(|&pair| pair != u32::MAX && pair >= at).unwrap_or(found.pairs.len());
        let dates = |change: &Change| matches!(change.field, Some("published" | "modified"));
        let field = |change: &Change| change.kind == ChangeKind::Added && change.field.is_some() && !dates(change);
        found.pairs[..place].iter().any(|&pair| pair > at || pair == u32::MAX) || found.changes.iter().any(field)
    }

    fn root(&self) -> Option<ShadowRoot> {
        self.face.borrow().root().cloned()
    }

    /// Looks again in a while whether what waits for the reader may be shown.
    fn wait(&self) {
        let id = self.id;
        let quiet = self.held.borrow().as_ref().is_some_and(|held| held.quiet);
        self.waiting.replace(quiet.then(|| door::after(WAIT_MS, id, door::WAITED)));
    }

    /// Shows what is held back.
    fn apply(self: &Rc<Self>) {
        let held = self.held.take();
        if let Some(held) = held {
            self.swap(&held.article, &held.found);
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
    fn swap(self: &Rc<Self>, next: &Rc<Article>, found: &Difference) {
        self.held.take();
        self.waiting.take();
        self.state("pending", false);
        // Where all blocks are shown none can grow; and asking costs a layout.
        let most = self.number("maxBlocks") as usize;
        let reading =
            self.root().filter(|_| next.blocks.len() > most).and_then(|root| door::reading(&self.host, &root));
        let was = self.shown.replace(Some(Rc::clone(next)));
        let minor = found.weight == Weight::Minor;
        let mut marked = Vec::new();
        let mut added = 0;
        for change in &found.changes {
            if let (ChangeKind::Added | ChangeKind::Changed, Some(block), false) = (change.kind, &change.block, minor) {
                marked.push(block.clone());
                added += usize::from(change.kind == ChangeKind::Added);
            }
        }
        self.grown.set(if reading.is_some() { self.grown.get() + added } else { 0 });
        // A slip put right takes no mark away.
        self.mark(if minor { self.marked.take() } else { marked });
        if let (Some(was), false) = (was, minor) {
            self.before.replace(Some((was, false)));
            self.announce(next, found);
        }
        self.render();
        // After the layout that rendering may need, which a state would make another one.
        self.state("updated", true);
        if self.host.has_attribute("remember") {
            self.remember();
        }
        if let Some(url) = &next.url {
            door::sync(url, &next.headline, &next.modified.map_or_else(String::new, Time::iso));
        }
        self.tell("update", Some(next), found.plain(), false);
    }

    /// Marks blocks as changed for a while.
    fn mark(&self, blocks: Vec<String>) {
        let id = self.id;
        self.marked.replace(blocks);
        self.fading
            .replace(Some([door::after(MARKED_MS, id, door::FADED), door::after(UPDATED_MS, id, door::SETTLED)]));
    }

    /// One short sentence for screen readers; a headline that was said a moment ago is not said again.
    fn announce(&self, next: &Article, found: &Difference) {
        let mut sentence = String::new();
        let locale = self.locale();
        match next.corrections.last() {
            Some(correction) if found.weight == Weight::Correction => {
                locale.words().fill(Word::AnnounceCorrection, &correction.text, &mut sentence);
            }
            _ => locale.words().fill(Word::AnnounceUpdate, &next.headline, &mut sentence),
        }
        let mut said = self.said.borrow_mut();
        let flaps = found.changes.iter().any(|change| change.field == Some("headline")) && said.contains(&sentence);
        if !flaps {
            if said.len() > 4 {
                said.remove(0);
            }
            said.push(sentence);
            self.said_before.set(self.said_before.get() + 1);
        }
    }

    /// Where what this reader saw is kept.
    fn memory(&self, source: &Source) -> String {
        let mut key = source.memory();
        if let Some(item) = self.text("item") {
            key.push(' ');
            key.push_str(&item);
        }
        key
    }

    /// Keeps what this reader sees for the next visit, if the page lets the card remember; else deletes what was kept.
    fn remember(&self) {
        let Some(source) = self.source() else { return };
        let mut value = JsValue::NULL;
        if self.host.has_attribute("remember") && !self.is_withdrawn() {
            let Some(article) = self.article() else { return };
            let mut text = String::new();
            line(&mut text, &article.headline, "\n");
            line(&mut text, article.summary.as_deref().unwrap_or_default(), "\n");
            for block in &article.blocks {
                line(&mut text, &block.id, "\t");
                if text.len() < MEMORY {
                    line(&mut text, &words::text(block), "");
                }
                text.push('\n');
            }
            if text.len() < 2 * MEMORY {
                value = JsValue::from_str(&text);
            }
        }
        door::memory(&self.memory(&source), &value);
    }

    /// Tells what is new since the last visit, and begins to remember this one.
    fn recall(&self) {
        let (Some(article), Some(source)) = (self.article(), self.source()) else { return };
        if self.host.has_attribute("remember") {
            let text = door::memory(&self.memory(&source), &JsValue::UNDEFINED);
            let (headline, lines) = cut(&text, b'\n');
            let (summary, mut lines) = cut(lines, b'\n');
            let mut was = Article { headline: headline.into(), ..Article::default() };
            was.summary = Some(summary.into()).filter(|line: &String| !line.is_empty());
            was.blog = article.blog;
            while !lines.is_empty() {
                let (line, after) = cut(lines, b'\n');
                let (id, text) = cut(line, b'\t');
                let mut block = Block { id: id.into(), ..Block::default() };
                block.body.open(P).text(text).close();
                was.blocks.push(Arc::new(block));
                lines = after;
            }
            if !was.headline.is_empty() {
                let pairs = compare(&was, &mut Article::clone(&article)).pairs;
                let mut marked = Vec::new();
                for (block, &pair) in article.blocks.iter().zip(&pairs) {
                    let was = was.blocks.get(pair as usize).map(|was| words::text(was));
                    // One whose text is not kept is remembered by name only.
                    if was.is_none_or(|was| !was.is_empty() && !words::equal(&was, &words::text(block))) {
                        marked.push(block.id.clone());
                    }
                }
                if !was.blocks.is_empty() {
                    self.mark(marked);
                }
                self.before.replace(Some((Rc::new(was), true)));
            }
            self.remember();
        }
    }

    /// The page's fragment names a block: it is shown, past `max-blocks` too, and scrolled to.
    pub(crate) fn follow(self: &Rc<Self>) {
        let wanted = door::fragment();
        let known = |article: Rc<Article>| article.blocks.iter().any(|block| block.id == wanted);
        if !wanted.is_empty() && self.article().is_some_and(known) {
            self.wanted.replace(wanted);
            self.render();
            if let Some(root) = self.root() {
                door::reveal(&root, &self.wanted.borrow());
            }
        }
    }

    /// Shows the article as it is now to be seen.
    #[inline(never)]
    pub(crate) fn render(self: &Rc<Self>) {
        let withdrawn = self.is_withdrawn();
        // Of what was taken back before anything was shown there is the notice.
        let Some(article) = self.article().or_else(|| withdrawn.then(Rc::default)) else { return };
        let locale = self.locale();
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
                adopt: self.host.has_attribute("adopt"),
                heading_level: self.number("headingLevel") as u8,
                max_blocks: if self.all_blocks.get() {
                    usize::MAX
                } else {
                    (self.number("maxBlocks") as usize).max(1) + self.grown.get()
                },
                wanted: &self.wanted.borrow(),
                stylesheet: self.text("stylesheet").as_deref(),
                changed: &self.marked.borrow(),
                after: &door::slots(&self.host),
                withdrawn,
                words: locale.words(),
            },
            &mut tree,
        );
        let still = self.root().map(|root| door::still(&self.host, &root));
        let stamp = (locale.way(), now());
        self.face.borrow_mut().show(&self.host, self.id, tree, stamp);
        if self.host.has_attribute("adopt") {
            self.state("adopted", true);
            self.face.borrow_mut().adopt(&self.host, &article, stamp);
        }
        self.badge();
        self.prompt();
        self.foot();
        if let Some(still) = still {
            let _ = still.call0(&JsValue::NULL);
        }
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
            checking: source.checking().map(|since| since + offset),
            paused: self.paused_since.get(),
            status: self.status.get(),
            format: self.format.get().unwrap_or_else(|| Format::parse(&self.text("format").unwrap_or_default())),
        };
        let said = face(&facts, now() + offset);
        self.until.set(said.until - offset);
        self.other_format.set(said.other);
        let mut tree = Tree::new();
        show(&said, locale.words(), &*locale, &mut tree);
        self.face.borrow_mut().fill(keys::LINE, tree);
        self.face.borrow().tick(&self.host);
        if self.in_sight.get() {
            page().wake(self.until.get());
        }
    }

    /// The button that shows what is held back.
    fn prompt(&self) {
        let mut tree = Tree::new();
        if let Some(held) = self.held.borrow().as_ref().filter(|held| held.found.count > 0) {
            let locale = self.locale();
            let mut text = String::new();
            locale.words().updates(held.found.count, &*locale, &mut text);
            tree.open(BUTTON).attr(PART, "prompt").attr(TYPE, "button").text(&text).close();
        }
        self.face.borrow_mut().fill(keys::ASK, tree);
    }

    /// "What changed", and the sentence for screen readers.
    fn foot(&self) {
        let locale = self.locale();
        let words = locale.words();
        let mut tree = Tree::new();
        let withdrawn = self.is_withdrawn();
        // What was taken back is not told as a change either.
        if let (Some(article), Some((was, visit)), false) = (self.article(), &*self.before.borrow(), withdrawn) {
            let mut now = Article::clone(&article);
            // A paragraph that was edited since is the one it was.
            let found = compare(was, &mut now);
            let mut told = Tree::new();
            changes(was, &now, &found.pairs, words, &mut told);
            if !told.is_empty() {
                tree.open(DETAILS).key(1).attr(PART, "changes");
                let title = if *visit { Word::ChangesSinceVisit } else { Word::Changes };
                tree.open(SUMMARY).key(1).text(words.get(title)).close();
                tree.append_all(&told);
                tree.close();
            }
        }
        let said = self.said.borrow();
        tree.open(P).key(2).attr(CLASS, "quiet").attr(ARIA_LIVE, "polite");
        if withdrawn {
            tree.open(SPAN).key(1).text(words.get(Word::WithdrawnNotice)).close();
        } else if let Some(sentence) = said.last() {
            // Of its own each time: the same words again are news again.
            tree.open(SPAN).key(u64::from(self.said_before.get())).text(sentence).close();
        }
        tree.close();
        self.face.borrow_mut().fill(keys::FOOT, tree);
    }

    /// Takes over the source's status.
    #[inline(never)]
    pub(crate) fn settle(self: &Rc<Self>) {
        let Some(source) = self.source() else { return };
        let was = self.status.get();
        let is = if self.is_paused() { Status::Paused } else { source.status() };
        self.state("checking", source.checking().is_some());
        if was != is {
            self.status.set(is);
            self.state(was.as_str(), false);
            self.state(is.as_str(), true);
            if is == Status::Withdrawn {
                // The publisher wants it gone, and the server's copy is the same article.
                self.host.set_text_content(None);
                self.let_go();
                if self.host.has_attribute("remember") {
                    self.remember();
                }
            }
            if is == Status::Withdrawn || was == Status::Withdrawn {
                self.render();
            }
            let word = |status: Status| text(Some(status.as_str()));
            self.tell("status", None, vec![("status", word(is)), ("previous", word(was))], false);
        }
        if self.in_sight.get() {
            self.badge();
        }
    }

    fn state(&self, name: &str, on: bool) {
        door::state(&self.host, name, on);
    }

    /// A poll failed or a document was refused; the card goes on.
    pub(crate) fn fail(&self, reason: &str, message: &str, url: &str, retry_in: Option<f64>) {
        let detail = vec![
            ("reason", text(Some(reason))),
            ("message", text(Some(message))),
            ("url", text(Some(url))),
            ("retryIn", retry_in.map_or(Plain::Null, Plain::Number)),
        ];
        self.tell("error", None, detail, false);
    }

    /// Tells the page; answers whether it let it happen. Most pages ask for none of the articles: one is made a plain
    /// object when its event is first asked for it.
    fn tell(&self, name: &str, of: Option<&Rc<Article>>, detail: Vec<(&'static str, Plain)>, cancelable: bool) -> bool {
        let number = of.map_or(0, crate::element::keep);
        door::tell(&self.host, name, &object(&Plain::Object(detail)), cancelable, number)
    }

    /// Something happened in the shadow tree, or a timer of the card's is over.
    #[inline(never)]
    pub(crate) fn on(self: &Rc<Self>, what: u8, value: &JsValue) {
        if what == door::SIGHT {
            return self.see(value.is_truthy());
        }
        if what == door::WAITED {
            let Some(shown) = self.article() else { return };
            let read = self.held.borrow().as_ref().is_some_and(|held| self.is_read(&shown, &held.found));
            if read {
                self.wait();
            } else {
                self.apply();
            }
            return;
        }
        if what == door::SETTLED {
            self.state("updated", false);
            return;
        }
        if what == door::FADED {
            self.marked.borrow_mut().clear();
            self.render();
            return;
        }
        match value.as_string().unwrap_or_default().as_str() {
            "prompt" => {
                self.apply();
                if let Some(root) = self.root() {
                    door::present(&root);
                }
            }
            "pause" => drop(self.host.toggle_attribute("paused")),
            "slots" => self.render(),
            "more" => {
                self.all_blocks.set(true);
                self.render();
            }
            "time" if self.other_format.get().is_some() => {
                self.format.set(self.other_format.get());
                self.badge();
            }
            _ => {}
        }
    }
}

/// Writes a text on one line, and what ends it.
fn line(out: &mut String, text: &str, end: &str) {
    for c in text.chars() {
        out.push(if c < ' ' { ' ' } else { c });
    }
    out.push_str(end);
}

/// How much text an article's body has.
fn length(article: &Article) -> usize {
    article.blocks.iter().map(|block| block.body.length()).sum()
}

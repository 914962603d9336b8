//! The allow-list: a body's markup becomes a [`Tree`] that can run no code, restyle no page and fool no parser.
//!
//! Whatever is not named here does not pass: an element loses its tags or, where its content is no text, is
//! dropped with it; an attribute is dropped. Tags that are missing, stray or crossed are set right while tokens
//! come in, so that the tree, printed, is read back by a browser as it is. Cutting markup into tokens is left to
//! [`crate::markup`], which addresses may stand to [`crate::address`].

use alloc::string::String;
use alloc::vec::Vec;

use crate::address::{self, LONGEST};
use crate::markup::{Tag, Token, find, html, is_foreign, is_space, slice};
use crate::read::text::{decode, decode_attr, squeeze};
use crate::tree::{
    self, A, ABBR, ALLOW, ALT, ARTICLE, ASIDE, AUDIO, B, BDI, BDO, BLOCKQUOTE, BR, BUTTON, CAPTION, CITE, CODE, COL,
    COLGROUP, COLSPAN, CONTROLS, DATA, DATETIME, DD, DEL, DETAILS, DFN, DIR, DIV, DL, DT, EM, FIGCAPTION, FIGURE,
    FOOTER, H1, H2, H3, H4, H5, H6, HEADER, HEIGHT, HR, HREF, HREFLANG, I, IFRAME, IMG, INS, KBD, KIND, LABEL, LANG,
    LI, LOADING, LOOP, MARK, MEDIA, MUTED, Name, OL, OPEN, P, PART, PICTURE, PLAYSINLINE, POSTER, PRE, PRELOAD, Q,
    REFERRERPOLICY, REL, REVERSED, ROWSPAN, RP, RT, RUBY, S, SAMP, SANDBOX, SCOPE, SECTION, SIZES, SMALL, SOURCE, SPAN,
    SRC, SRCLANG, SRCSET, START, STRONG, SUB, SUMMARY, SUP, TABLE, TBODY, TD, TFOOT, TH, THEAD, TIME, TITLE, TR, TRACK,
    TRANSLATE, TYPE, Tree, U, UL, VALUE, VAR, VIDEO, WBR, WIDTH,
};

/// The deepest nesting that is kept; what is deeper is flattened.
pub const DEEPEST: usize = 64;

/// The most nodes that one body may have, attributes counted; the rest is cut off.
pub const MOST_NODES: usize = 50_000;

/// The most bytes of tags and attributes that one body may take to write, repeats of unclosed tags counted.
const MOST_BYTES: usize = 1 << 24;

/// Where a body stands.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rules<'a> {
    /// The article's own address, in which relative ones are resolved.
    pub base: &'a str,
    /// The page's address: iframes of its host get no origin.
    pub page: &'a str,
    /// Whose iframes may pass, as the attribute `embeds` says it.
    pub embeds: &'a str,
}

/// Which bounds a body went over. What was within them is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cut {
    /// More than [`MOST_NODES`], or tags repeated without end: the rest is missing.
    pub nodes: bool,
    /// Nested deeper than [`DEEPEST`]: what is deeper lost its tags.
    pub depth: bool,
    /// An attribute longer than [`LONGEST`]: dropped.
    pub value: bool,
}

/// Appends a body's cleaned elements to `out`; text that stands in none gets a `<p>`.
pub fn clean(text: &str, rules: &Rules<'_>, out: &mut Tree) -> Cut {
    let most = out.nodes().len() + MOST_NODES;
    let mut cleaner = Cleaner {
        rules,
        out,
        blocks: Vec::new(),
        written: 0,
        inlines: Vec::new(),
        begun: 0,
        text: String::new(),
        breaks: 0,
        run: false,
        parted: false,
        over: 0,
        dropped: "",
        nested: 0,
        media: None,
        bytes: 0,
        cut: Cut::default(),
    };
    for token in html(text) {
        match token {
            Token::Open(tag) => cleaner.open(&tag),
            Token::Close(name) => cleaner.close(name),
            Token::Text(text) => cleaner.say(text),
            Token::Comment(_) | Token::Cdata(_) => {}
        }
        if cleaner.out.nodes().len() >= most || cleaner.bytes >= MOST_BYTES {
            cleaner.cut.nodes = true;
            break;
        }
    }
    cleaner.end_media();
    cleaner.end(0, false);
    cleaner.cut
}

/// Appends plain text as paragraphs: parted by blank lines or, where there are none, by line ends.
pub fn paragraphs(text: &str, out: &mut Tree) {
    let text = text.trim_ascii();
    let mut part = String::new();
    let mut line = String::new();
    let parted = text.lines().any(is_blank);
    // One blank line more ends the last paragraph.
    for next in text.lines().chain([""]) {
        part.push_str(next);
        part.push(' ');
        if parted && !is_blank(next) {
            continue;
        }
        squeeze(&part, &mut line);
        part.clear();
        if !line.is_empty() {
            out.open(P).attr(PART, "paragraph").text(&line).close();
            line.clear();
        }
    }
}

/// What becomes of an element.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// Its tags go, and part nothing.
    Unknown,
    /// Its tags go, but part paragraphs.
    Wrapper,
    /// It goes with all that is in it.
    Dropped,
    /// Stands in a line of text.
    Inline,
    /// Begins a line.
    Block,
    /// Has neither content nor an end tag.
    Void,
    /// Has sources, and other content only for browsers that cannot play them.
    Media,
}

/// Elements that a [`Tree`] has no number for, whose tags go but part paragraphs. They are numbered from [`WRAPPER`].
const WRAPPERS: [&str; 15] = [
    "body", "html", "head", "main", "nav", "address", "center", "form", "fieldset", "legend", "hgroup", "dialog",
    "search", "optgroup", "option",
];

/// The number of the first of [`WRAPPERS`].
const WRAPPER: Name = 200;

/// The number of no element.
const NONE: Name = 255;

/// Elements that go with all that is in them. Those that can hold nothing go without being named here.
const DROPPED: [&str; 17] = [
    "script",
    "style",
    "template",
    "object",
    "applet",
    "select",
    "textarea",
    "datalist",
    "svg",
    "math",
    "noscript",
    "noembed",
    "noframes",
    "title",
    "canvas",
    "xmp",
    "plaintext",
];

/// Older names, and the headline's.
const ALIASES: [(&str, Name); 7] =
    [("h1", H2), ("strike", S), ("tt", CODE), ("acronym", ABBR), ("image", IMG), ("menu", UL), ("dir", UL)];

/// Elements that stand in certain others only: in which, and which is put there where it is missing.
const PARENTS: [(Name, [Name; 3], Name); 14] = [
    (LI, [UL, OL, OL], NONE),
    (DT, [DL; 3], NONE),
    (DD, [DL; 3], NONE),
    (FIGCAPTION, [FIGURE; 3], NONE),
    (SUMMARY, [DETAILS; 3], NONE),
    (CAPTION, [TABLE; 3], NONE),
    (COLGROUP, [TABLE; 3], NONE),
    (THEAD, [TABLE; 3], NONE),
    (TBODY, [TABLE; 3], NONE),
    (TFOOT, [TABLE; 3], NONE),
    (COL, [COLGROUP; 3], COLGROUP),
    (TR, [TBODY, THEAD, TFOOT], TBODY),
    (TD, [TR; 3], TR),
    (TH, [TR; 3], TR),
];

/// Parts of the card that a site can style, by element.
const PARTS: [(Name, &str); 7] = [
    (P, "paragraph"),
    (BLOCKQUOTE, "quote"),
    (FIGURE, "figure"),
    (FIGCAPTION, "caption"),
    (UL, "list"),
    (OL, "list"),
    (TABLE, "table"),
];

/// What an attribute's value is.
#[derive(Clone, Copy)]
enum Value {
    Text,
    /// A whole number, perhaps of pixels.
    Number,
    /// Nothing: that the attribute stands there is all.
    Flag,
    Link,
    Picture,
}

/// Which attributes stay where ([`NONE`]: everywhere). Those of an address come by [`Cleaner::place`].
const ALLOWED: &[(Name, Name, Value)] = &[
    (NONE, DIR, Value::Text),
    (NONE, LANG, Value::Text),
    (NONE, TITLE, Value::Text),
    (NONE, TRANSLATE, Value::Text),
    (A, HREF, Value::Link),
    (A, HREFLANG, Value::Text),
    (AUDIO, LOOP, Value::Flag),
    (AUDIO, MUTED, Value::Flag),
    (DATA, VALUE, Value::Text),
    (DEL, DATETIME, Value::Text),
    (DETAILS, OPEN, Value::Flag),
    (IFRAME, HEIGHT, Value::Number),
    (IFRAME, WIDTH, Value::Number),
    (IMG, ALT, Value::Text),
    (IMG, HEIGHT, Value::Number),
    (IMG, SIZES, Value::Text),
    (IMG, WIDTH, Value::Number),
    (INS, DATETIME, Value::Text),
    (LI, VALUE, Value::Number),
    (OL, REVERSED, Value::Flag),
    (OL, START, Value::Number),
    (OL, TYPE, Value::Text),
    (SOURCE, HEIGHT, Value::Number),
    (SOURCE, MEDIA, Value::Text),
    (SOURCE, SIZES, Value::Text),
    (SOURCE, TYPE, Value::Text),
    (SOURCE, WIDTH, Value::Number),
    (TD, COLSPAN, Value::Number),
    (TD, ROWSPAN, Value::Number),
    (TH, COLSPAN, Value::Number),
    (TH, ROWSPAN, Value::Number),
    (TH, SCOPE, Value::Text),
    (TIME, DATETIME, Value::Text),
    (TRACK, KIND, Value::Text),
    (TRACK, LABEL, Value::Text),
    (TRACK, SRCLANG, Value::Text),
    (VIDEO, HEIGHT, Value::Number),
    (VIDEO, LOOP, Value::Flag),
    (VIDEO, MUTED, Value::Flag),
    (VIDEO, PLAYSINLINE, Value::Flag),
    (VIDEO, POSTER, Value::Picture),
    (VIDEO, WIDTH, Value::Number),
];

/// Where a picture's address stands before a script of the publisher's has moved it, after where it belongs.
const SRCS: &[&str] = &["src", "data-src", "data-lazy-src", "data-original"];
const SRCSETS: [&str; 3] = ["srcset", "data-srcset", "data-lazy-srcset"];

/// An element whose end is to come.
#[derive(Clone)]
struct Level<'a> {
    name: Name,
    tag: Tag<'a>,
    /// A block's: the innermost that is not a wrapper, this one counted.
    inner: Name,
    /// A block's: it is a `<pre>` or in one.
    pre: bool,
    /// A paragraph that no tag opened.
    implied: bool,
    /// An inline's: how many blocks are around it.
    within: usize,
}

/// A body in the making.
///
/// Elements are written when there is something to put into them, so that the empty ones never are, and a block
/// never stands in an inline: what is open is a list of blocks, of which so many are written, and within the
/// innermost a list of inlines, of which so many are.
struct Cleaner<'a, 'o> {
    rules: &'o Rules<'o>,
    out: &'o mut Tree,
    blocks: Vec<Level<'a>>,
    written: usize,
    inlines: Vec<Level<'a>>,
    begun: usize,
    /// Text and then line breaks that are not yet written.
    text: String,
    breaks: u32,
    /// The innermost block has content of a line already.
    run: bool,
    /// So had the one before it, which had no element to itself.
    parted: bool,
    /// Elements that were not opened since they are too deep.
    over: usize,
    /// The element that is being dropped, and how many of its kind are open in it.
    dropped: &'a str,
    nested: u32,
    /// The audio, video or picture that is open, and whether it is written.
    media: Option<(Name, Tag<'a>, bool)>,
    bytes: usize,
    cut: Cut,
}

impl<'a> Cleaner<'a, '_> {
    fn inner(&self) -> Name {
        self.blocks.last().map_or(NONE, |level| level.inner)
    }

    fn is_pre(&self) -> bool {
        self.blocks.last().is_some_and(|level| level.pre)
    }

    fn open(&mut self, tag: &Tag<'a>) {
        if !self.dropped.is_empty() {
            self.nested += u32::from(tag.is(self.dropped));
            return;
        }
        let (name, class) = class(tag.name);
        if let Some(&(media, ..)) = self.media.as_ref() {
            if name == SOURCE || name == TRACK || name == IMG && media == PICTURE {
                return self.source(name, media, tag);
            }
            if media != PICTURE {
                return;
            }
            self.end_media();
        }
        match class {
            Class::Unknown => {}
            Class::Dropped => {
                if !(tag.self_closing && is_foreign(tag.name)) {
                    self.dropped = tag.name;
                    self.nested = 1;
                }
            }
            Class::Void => self.void(name, tag),
            Class::Media => {
                self.media = Some((name, tag.clone(), false));
                if name != PICTURE && self.place(tag, SRCS, address::join).is_some() {
                    self.begin_media(false);
                }
            }
            _ if self.blocks.len() + self.inlines.len() >= DEEPEST => {
                self.cut.depth = true;
                // Whose end tag may be missing, must not be counted on to end.
                self.over += usize::from(!is_optional(name));
                if class != Class::Inline {
                    self.end_paragraph();
                }
            }
            Class::Inline => self.inline(name, tag),
            Class::Wrapper => {
                self.end_paragraph();
                self.push(name, tag, false);
            }
            Class::Block => {
                if !self.block(name, tag) {
                    self.end_paragraph();
                }
            }
        }
    }

    fn close(&mut self, name: &'a str) {
        if !self.dropped.is_empty() {
            self.nested -= u32::from(name.eq_ignore_ascii_case(self.dropped));
            if self.nested == 0 {
                self.dropped = "";
            }
            return;
        }
        let (name, class) = class(name);
        if let Some(&(media, ..)) = self.media.as_ref() {
            if name == media || media == PICTURE {
                self.end_media();
            }
            if name == media || media != PICTURE {
                return;
            }
        }
        match class {
            Class::Void if name == BR => self.void(name, &Tag::default()),
            Class::Inline | Class::Wrapper | Class::Block if self.over > 0 => {
                self.over -= usize::from(!is_optional(name));
                if class != Class::Inline {
                    self.end_paragraph();
                }
            }
            Class::Inline => {
                if let Some(at) = self.inlines.iter().rposition(|level| level.name == name) {
                    self.end_inlines(at);
                    self.inlines.remove(at);
                    if name == RUBY {
                        self.inlines.truncate(at);
                    }
                }
            }
            Class::Wrapper | Class::Block => {
                let part = is_table_part(name);
                for at in (0..self.blocks.len()).rev() {
                    let other = self.blocks[at].name;
                    if other == name || is_heading(name) && is_heading(other) {
                        return self.end(at, false);
                    }
                    // A table keeps to itself.
                    if other == TABLE || !part && is_table_part(other) {
                        return;
                    }
                }
            }
            _ => {}
        }
    }

    /// Takes in text as the source has it.
    fn say(&mut self, source: &str) {
        if !self.dropped.is_empty() {
            return;
        }
        let mut decoded = String::new();
        let mut text = String::new();
        decode(source, &mut decoded);
        push_lines(&decoded, &mut text);
        let blank = is_blank(&text);
        if let Some(&(media, ..)) = self.media.as_ref() {
            if blank || media != PICTURE {
                return;
            }
            self.end_media();
        }
        let mut from = 0;
        if self.is_pre() {
            // A browser swallows the first line end of a `<pre>`.
            while !self.run && text.as_bytes().get(from) == Some(&b'\n') {
                from += 1;
            }
            if from == text.len() {
                return;
            }
        } else if blank {
            // Nothing but space opens no element, nor does it stand at a line's begin.
            if self.run && self.breaks == 0 {
                self.text.push_str(&text);
            }
            return;
        } else {
            while !self.run && text.as_bytes().get(from).is_some_and(|&byte| is_space(byte)) {
                from += 1;
            }
        }
        self.begin(true);
        if self.breaks > 0 {
            self.flush();
        }
        self.text.push_str(slice(&text, from, text.len()));
    }

    /// Writes the text and line breaks that wait.
    fn flush(&mut self) {
        self.out.text(&self.text);
        self.text.clear();
        while self.breaks > 0 {
            self.out.open(BR).close();
            self.breaks -= 1;
        }
    }

    /// Writes what is open, so that text can follow; `line` if that must stand in a paragraph.
    fn begin(&mut self, line: bool) {
        self.make_room();
        if self.inner() == NONE && (line || !self.inlines.is_empty()) {
            self.push(P, &Tag::default(), true);
        }
        self.write_blocks();
        if self.parted {
            self.out.open(BR).close();
            self.parted = false;
        }
        while self.begun < self.inlines.len() {
            let level = self.inlines[self.begun].clone();
            self.put(level.name, &level.tag);
            self.begun += 1;
        }
        self.run = self.inner() != NONE;
    }

    fn write_blocks(&mut self) {
        while self.written < self.blocks.len() {
            let level = self.blocks[self.written].clone();
            if !is_wrapper(level.name) {
                self.put(level.name, &level.tag);
            }
            self.written += 1;
        }
    }

    /// Within a table or list, opens a cell or item where none is.
    fn make_room(&mut self) {
        let name = match self.inner() {
            TABLE | COLGROUP | THEAD | TBODY | TFOOT | TR => TD,
            UL | OL => LI,
            DL => DD,
            _ => return,
        };
        self.block(name, &Tag::default());
    }

    fn push(&mut self, name: Name, tag: &Tag<'a>, implied: bool) {
        self.end_line();
        let inner = if is_wrapper(name) { self.inner() } else { name };
        self.parted &= inner != name;
        let pre = self.is_pre() || name == PRE;
        self.blocks.push(Level { name, tag: tag.clone(), inner, pre, implied, within: 0 });
    }

    /// Opens a block where it may stand; whether it may anywhere.
    fn block(&mut self, name: Name, tag: &Tag<'a>) -> bool {
        if let Some(&(_, parents, missing)) = PARENTS.iter().find(|row| row.0 == name) {
            let part = is_table_part(name);
            let mut at = self.blocks.len();
            let found = loop {
                if at == 0 {
                    break false;
                }
                let other = self.blocks[at - 1].name;
                if parents.contains(&other) {
                    break true;
                }
                // A table keeps to itself.
                if other == TABLE || !part && is_table_part(other) {
                    break false;
                }
                at -= 1;
            };
            if !found {
                if missing == NONE || !self.block(missing, &Tag::default()) {
                    return false;
                }
                at = self.blocks.len();
            }
            // Wrappers between the two can stay.
            while self.blocks.get(at).is_some_and(|level| is_wrapper(level.name)) {
                at += 1;
            }
            self.end(at, false);
        } else {
            self.end_paragraph();
            if is_heading(name) {
                if let Some(at) = self.blocks.iter().rposition(|level| is_heading(level.name)) {
                    self.end(at, true);
                }
            } else if name == P && is_heading(self.inner()) {
                self.end_line();
                return true;
            }
            self.make_room();
        }
        self.push(name, tag, false);
        if matches!(name, LI | DT | DD | TR | TD | TH | COL) {
            self.write_blocks();
        }
        true
    }

    /// Ends blocks from the outermost `at` on; the inlines in them go on after them if `keep`.
    fn end(&mut self, at: usize, keep: bool) {
        self.end_line();
        while self.blocks.len() > at {
            if self.written == self.blocks.len() {
                self.written -= 1;
                if !is_wrapper(self.blocks[self.written].name) {
                    self.out.close();
                }
            }
            if let Some(level) = self.blocks.pop() {
                self.parted &= is_wrapper(level.name);
            }
        }
        if !keep {
            let kept = self.inlines.iter().take_while(|level| level.within <= at).count();
            self.inlines.truncate(kept);
        }
        for level in &mut self.inlines {
            level.within = level.within.min(at);
        }
    }

    fn end_paragraph(&mut self) {
        if self.blocks.last().is_some_and(|level| level.name == P) {
            self.end(self.blocks.len() - 1, true);
        }
    }

    /// Ends a line: its last space and breaks show nowhere, and inlines are to be begun again.
    fn end_line(&mut self) {
        if !self.is_pre() {
            while self.text.as_bytes().last().is_some_and(|&byte| is_space(byte)) {
                self.text.pop();
            }
        }
        self.breaks = 0;
        self.flush();
        self.end_inlines(0);
        self.parted |= self.run;
        self.run = false;
    }

    /// Ends the writing of inlines from the outermost `at` on.
    fn end_inlines(&mut self, at: usize) {
        while self.begun > at {
            self.flush();
            self.out.close();
            self.begun -= 1;
        }
    }

    fn inline(&mut self, name: Name, tag: &Tag<'a>) {
        let last = |cleaner: &Self, name| cleaner.inlines.iter().rposition(|level: &Level<'_>| level.name == name);
        match name {
            A => {
                if let Some(at) = last(self, A) {
                    self.end_inlines(at);
                    self.inlines.remove(at);
                }
                if self.place(tag, &["href"], address::link).is_none() {
                    return;
                }
            }
            RT | RP => {
                let Some(at) = last(self, RUBY) else { return };
                self.end_inlines(at + 1);
                self.inlines.truncate(at + 1);
            }
            // It says nothing but what language or direction its text has.
            SPAN if tag.attrs.value("lang").or(tag.attrs.value("dir")).is_none() => return,
            _ => {}
        }
        let within = self.blocks.len();
        self.inlines.push(Level { name, tag: tag.clone(), inner: NONE, pre: false, implied: false, within });
    }

    fn void(&mut self, name: Name, tag: &Tag<'a>) {
        match name {
            BR => {
                if !self.run {
                    return;
                }
                self.breaks += 1;
                // Two part what ought to have been paragraphs.
                if self.breaks > 1 && self.blocks.last().is_some_and(|level| level.implied) {
                    self.end_paragraph();
                }
            }
            HR => {
                self.end_paragraph();
                self.make_room();
                self.end_line();
                self.write_blocks();
                self.put(name, tag);
                self.out.close();
                self.parted = false;
            }
            COL => {
                if self.block(name, tag) {
                    self.end(self.blocks.len() - 1, true);
                }
            }
            IMG => self.image(tag),
            IFRAME => {
                if let Some(src) = self.place(tag, SRCS, address::join)
                    && address::matches(&src, self.rules.embeds, self.rules.page)
                {
                    self.begin(false);
                    self.put(name, tag);
                    let sandbox = "allow-scripts allow-popups allow-forms allow-presentation allow-same-origin";
                    // A frame of the page's own origin could take the sandbox off.
                    let cut = if address::is_same_host(&src, self.rules.page) { " allow-same-origin".len() } else { 0 };
                    self.attr(SANDBOX, slice(sandbox, 0, sandbox.len() - cut));
                    self.attr(tree::ALLOW, "fullscreen; picture-in-picture");
                    self.attr(LOADING, "lazy");
                    self.attr(REFERRERPOLICY, "strict-origin");
                    self.attr(SRC, &src);
                    self.out.close();
                }
            }
            // A source or track that is in nothing that plays it.
            SOURCE | TRACK => {}
            _ => {
                self.begin(true);
                self.put(name, tag);
                self.out.close();
            }
        }
    }

    /// A picture; one that cannot be loaded or that nobody can see (it counts readers) is left out.
    fn image(&mut self, tag: &Tag<'a>) {
        for side in ["width", "height"] {
            if tag.attrs.value(side).and_then(number).is_some_and(|pixels| pixels.len() == 1 && pixels <= "2") {
                return;
            }
        }
        let src = self.place(tag, SRCS, address::join).or_else(|| self.place(tag, &SRCS[..1], address::picture));
        let set = self.set(tag);
        if src.is_none() && set.is_empty() {
            return;
        }
        self.begin_media(true);
        self.put(IMG, tag);
        // Before the address, or a browser would be on its way.
        self.attr(LOADING, "lazy");
        self.attr(REFERRERPOLICY, "strict-origin");
        if !set.is_empty() {
            self.attr(SRCSET, &set);
        }
        if let Some(src) = src {
            self.attr(SRC, &src);
        }
        self.out.close();
    }

    /// What a picture, audio or video has in it.
    fn source(&mut self, name: Name, media: Name, tag: &Tag<'a>) {
        if name == IMG {
            return self.image(tag);
        }
        let (from, src) = if media == PICTURE {
            (SRCSET, self.set(tag))
        } else {
            (SRC, self.place(tag, SRCS, address::join).unwrap_or_default())
        };
        if !src.is_empty() && (name == SOURCE || media != PICTURE) {
            self.begin_media(false);
            self.put(name, tag);
            self.attr(from, &src);
            self.out.close();
        }
    }

    /// Writes the open media element, if there is one, or what is around it.
    fn begin_media(&mut self, line: bool) {
        match self.media.take() {
            None => self.begin(line),
            Some((name, tag, true)) => self.media = Some((name, tag, true)),
            Some((name, tag, false)) => {
                self.begin(name == PICTURE);
                self.put(name, &tag);
                if name != PICTURE {
                    let metadata =
                        tag.attrs.value("preload").is_some_and(|value| value.eq_ignore_ascii_case("metadata"));
                    self.attr(PRELOAD, if metadata { "metadata" } else { "none" });
                    self.attr(CONTROLS, "");
                    if let Some(src) = self.place(&tag, SRCS, address::join) {
                        self.attr(SRC, &src);
                    }
                }
                self.media = Some((name, tag, true));
            }
        }
    }

    fn end_media(&mut self) {
        if let Some((_, _, true)) = self.media.take() {
            self.out.close();
        }
    }

    /// Writes a start tag, with the attributes that may stay.
    #[inline(never)]
    fn put(&mut self, name: Name, tag: &Tag<'a>) {
        self.flush();
        self.out.open(name);
        if let Some(row) = PARTS.iter().find(|row| row.0 == name) {
            self.attr(PART, row.1);
        }
        let mut seen = 0u64;
        for (attr, source) in tag.attrs.clone() {
            self.bytes += attr.len() + source.len();
            let Some(attr) = tree::attribute(attr) else { continue };
            let Some(row) = ALLOWED.iter().find(|row| row.1 == attr && (row.0 == name || row.0 == NONE)) else {
                continue;
            };
            let bit = 1 << (attr - ALLOW);
            if seen & bit != 0 {
                continue;
            }
            seen |= bit;
            let mut text = String::new();
            decode_attr(source, &mut text);
            if text.len() > LONGEST {
                self.cut.value = true;
                continue;
            }
            let value = match row.2 {
                Value::Text => {
                    let mut lines = String::new();
                    push_lines(&text, &mut lines);
                    Some(lines)
                }
                Value::Number => number(&text).map(String::from),
                Value::Flag => Some(String::new()),
                Value::Link => address::link(&text, self.rules.base),
                Value::Picture => address::picture(&text, self.rules.base),
            };
            if let Some(value) = value {
                self.attr(attr, &value);
            }
        }
        if name == A {
            let mut rel = String::from("noopener");
            let given = tag.attrs.value("rel").unwrap_or_default();
            for word in ["nofollow", "sponsored", "ugc"] {
                if given.split_ascii_whitespace().any(|given| given.eq_ignore_ascii_case(word)) {
                    rel.push(' ');
                    rel.push_str(word);
                }
            }
            self.attr(REL, &rel);
        }
    }

    fn attr(&mut self, name: Name, value: &str) {
        self.bytes += value.len();
        self.out.attr(name, value);
    }

    /// The address that the first of some attributes gives that gives one.
    #[inline(never)]
    fn place(&mut self, tag: &Tag<'a>, names: &[&str], admit: fn(&str, &str) -> Option<String>) -> Option<String> {
        for name in names {
            let mut text = String::new();
            decode_attr(tag.attrs.value(name).unwrap_or_default(), &mut text);
            self.cut.value |= text.len() > LONGEST;
            if !is_blank(&text)
                && let Some(url) = admit(&text, self.rules.base)
            {
                return Some(url);
            }
        }
        None
    }

    /// A `srcset` with its addresses resolved (HTML, section 4.8.4.2.1).
    fn set(&mut self, tag: &Tag<'a>) -> String {
        let mut out = String::new();
        for name in SRCSETS {
            let mut text = String::new();
            decode_attr(tag.attrs.value(name).unwrap_or_default(), &mut text);
            let bytes = text.as_bytes();
            let mut at = 0;
            while at < bytes.len() {
                if is_space(bytes[at]) || bytes[at] == b',' {
                    at += 1;
                    continue;
                }
                let from = at;
                while at < bytes.len() && !is_space(bytes[at]) {
                    at += 1;
                }
                let mut to = at;
                while bytes[to - 1] == b',' {
                    to -= 1;
                }
                let after = at;
                if to == at {
                    at = find(bytes, at, b',');
                }
                self.cut.value |= to - from > LONGEST;
                let size = slice(&text, after, at).trim_ascii();
                let url = address::join(slice(&text, from, to), self.rules.base).unwrap_or_default();
                if out.len() + url.len() + size.len() > LONGEST {
                    self.cut.value = true;
                    return out;
                }
                if !url.is_empty()
                    && size.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'w' | b'x' | b'h' | b' '))
                {
                    for part in
                        [if out.is_empty() { "" } else { ", " }, &url, if size.is_empty() { "" } else { " " }, size]
                    {
                        out.push_str(part);
                    }
                }
            }
            if !out.is_empty() {
                break;
            }
        }
        out
    }
}

/// An element's number and what becomes of it.
#[inline(never)]
pub(crate) fn class(name: &str) -> (Name, Class) {
    let alias = || ALIASES.iter().find(|row| name.eq_ignore_ascii_case(row.0)).map(|row| row.1);
    let Some(number) = tree::element(name).filter(|&number| number != H1).or_else(alias) else {
        let at = |list: &[&str]| list.iter().position(|other| name.eq_ignore_ascii_case(other));
        return match at(&WRAPPERS) {
            Some(at) => (WRAPPER + at as Name, Class::Wrapper),
            None if at(&DROPPED).is_some() => (NONE, Class::Dropped),
            None => (NONE, Class::Unknown),
        };
    };
    // Each is named, so that one that a tree learns for the card's own use does not pass.
    let class = match number {
        A | ABBR | B | BDI | BDO | CITE | CODE | DATA | DEL | DFN | EM | I | INS | KBD | MARK | Q | RP | RT | RUBY
        | S | SAMP | SMALL | SPAN | STRONG | SUB | SUP | TIME | U | VAR => Class::Inline,
        BLOCKQUOTE | CAPTION | COLGROUP | DD | DETAILS | DL | DT | FIGCAPTION | FIGURE | H2 | H3 | H4 | H5 | H6
        | LI | OL | P | PRE | SUMMARY | TABLE | TBODY | TD | TFOOT | TH | THEAD | TR | UL => Class::Block,
        BR | COL | HR | IFRAME | IMG | SOURCE | TRACK | WBR => Class::Void,
        AUDIO | PICTURE | VIDEO => Class::Media,
        BUTTON => Class::Dropped,
        _ if is_wrapper(number) => Class::Wrapper,
        _ => Class::Unknown,
    };
    (number, class)
}

fn is_wrapper(name: Name) -> bool {
    name >= WRAPPER || matches!(name, ARTICLE | ASIDE | DIV | FOOTER | HEADER | SECTION)
}

fn is_heading(name: Name) -> bool {
    (H2..=H6).contains(&name)
}

fn is_table_part(name: Name) -> bool {
    matches!(name, CAPTION | COL | COLGROUP | TABLE | TBODY | TD | TFOOT | TH | THEAD | TR)
}

/// Whether an element's end tag is often left out.
fn is_optional(name: Name) -> bool {
    matches!(name, P | RP | RT) || PARENTS.iter().any(|row| row.0 == name)
}

/// Whether a text is nothing but space, or nothing.
fn is_blank(text: &str) -> bool {
    text.chars().all(|c| matches!(c, ' ' | '\t'..='\r' | '\u{a0}'))
}

/// Appends text with its line ends as HTML has them, and without what no text holds.
#[inline(never)]
fn push_lines(text: &str, out: &mut String) {
    let bytes = text.as_bytes();
    let mut from = 0;
    for (at, &byte) in bytes.iter().enumerate() {
        if matches!(byte, b'\r' | b'\0') {
            out.push_str(slice(text, from, at));
            if byte == b'\r' && bytes.get(at + 1) != Some(&b'\n') {
                out.push('\n');
            }
            from = at + 1;
        }
    }
    out.push_str(slice(text, from, bytes.len()));
}

/// The digits that a whole number begins with; nothing for a share of something.
fn number(text: &str) -> Option<&str> {
    let text = text.trim_ascii();
    let mut end = 0;
    while text.as_bytes().get(end).is_some_and(u8::is_ascii_digit) {
        end += 1;
    }
    (1..=6).contains(&end).then(|| slice(text, 0, end)).filter(|_| text.as_bytes().last() != Some(&b'%'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::card;

    const RULES: Rules<'static> = Rules {
        base: "https://paper.example/2016/story",
        page: "https://paper.example/",
        embeds: "video.example *.maps.example paper.example",
    };

    /// The tree as a server would print it, without what every element has.
    fn print(tree: &Tree) -> String {
        let mut printed = card::html(tree, &|_| String::new());
        for row in PARTS {
            printed = printed.replace(&alloc::format!(" part=\"{}\"", row.1), "");
        }
        printed
    }

    fn cleaned(text: &str) -> String {
        let mut tree = Tree::new();
        clean(text, &RULES, &mut tree);
        assert_eq!(tree.depth(), 0, "{text}");
        print(&tree)
    }

    #[test]
    fn tags_are_set_right() {
        for (text, printed) in [
            ("", ""),
            ("plain & simple", "<p>plain &amp; simple</p>"),
            ("a<p>b</p>c", "<p>a</p><p>b</p><p>c</p>"),
            ("<p>a<p>b", "<p>a</p><p>b</p>"),
            ("a</p>b", "<p>a</p><p>b</p>"),
            ("</p></b></div>a</td>", "<p>a</p>"),
            ("<p></p><p> \n&nbsp;</p><p><br></p><p><b> </b></p>a", "<p>a</p>"),
            ("a<br><br>b<br>c<br>\n<br>", "<p>a</p><p>b<br>c</p>"),
            ("<p>a<br><br>b</p>", "<p>a<br><br>b</p>"),
            ("a</br>b", "<p>a<br>b</p>"),
            ("<div>a<div>b</div>c</div>", "<p>a</p><p>b</p><p>c</p>"),
            ("<div><p>a</div>b", "<p>a</p><p>b</p>"),
            ("<section><h1>a</h1>b</section>", "<h2>a</h2><p>b</p>"),
            ("<h2>a<h3>b</h3>", "<h2>a</h2><h3>b</h3>"),
            ("<h2>a</h3>b", "<h2>a</h2><p>b</p>"),
            ("<h2><p>a</p><p>b</p></h2>", "<h2>a<br>b</h2>"),
            ("<b>a<i>b</b>c</i>d", "<p><b>a<i>b</i></b><i>c</i>d</p>"),
            ("<b>a<p>b</p>c</b>d", "<p><b>a</b></p><p><b>b</b></p><p><b>c</b>d</p>"),
            ("<p><b>a<p>b</b>c", "<p><b>a</b></p><p><b>b</b>c</p>"),
            ("<p><b>a</p><p>b", "<p><b>a</b></p><p>b</p>"),
            (
                "<a href=/x><div><h2>a</h2>b</div></a>",
                "<h2><a href=\"https://paper.example/x\" rel=\"noopener\">a</a></h2><p><a href=\"https://paper.example/x\" rel=\"noopener\">b</a></p>",
            ),
            (
                "<a href=/x>a<a href=/y>b</a>c</a>",
                "<p><a href=\"https://paper.example/x\" rel=\"noopener\">a</a><a href=\"https://paper.example/y\" rel=\"noopener\">b</a>c</p>",
            ),
            ("<ul><li>a<li>b<ul><li>c</ul>d</ul>e", "<ul><li>a</li><li>b<ul><li>c</li></ul>d</li></ul><p>e</p>"),
            ("<ul>a<li>b</ul>", "<ul><li>a</li><li>b</li></ul>"),
            ("<ul><ul><li>a</ul></ul>", "<ul><li><ul><li>a</li></ul></li></ul>"),
            ("<ul><div><li>a</li></div><li>b</li></ul>", "<ul><li>a</li><li>b</li></ul>"),
            ("<li>a<li>b", "<p>a</p><p>b</p>"),
            ("<li><div>a</div><div>b</div>", "<p>a</p><p>b</p>"),
            ("<ol><li><div>a</div><div><b>b</b></div>c</ol>", "<ol><li>a<br><b>b</b><br>c</li></ol>"),
            ("<dl><dt>a<dd>b<dt>c</dl>d", "<dl><dt>a</dt><dd>b</dd><dt>c</dt></dl><p>d</p>"),
            (
                "<table><tr><td>a<td>b<tr><th>c</table>d",
                "<table><tbody><tr><td>a</td><td>b</td></tr><tr><th>c</th></tr></tbody></table><p>d</p>",
            ),
            (
                "<table> <caption>a</caption><td></td><td>&nbsp;</td></table>",
                "<table><caption>a</caption><tbody><tr><td></td><td></td></tr></tbody></table>",
            ),
            (
                "<table>a<tr>b<td>c</table>",
                "<table><tbody><tr><td>a</td></tr><tr><td>b</td><td>c</td></tr></tbody></table>",
            ),
            (
                "<table><col><col><thead><tr><th>a<tbody><tr><td>b<tfoot><tr><td>c</table>",
                "<table><colgroup><col><col></colgroup><thead><tr><th>a</th></tr></thead><tbody><tr><td>b</td></tr></tbody><tfoot><tr><td>c</td></tr></tfoot></table>",
            ),
            (
                "<table><tr><td><table><tr><td>a</table>b</table>c",
                "<table><tbody><tr><td><table><tbody><tr><td>a</td></tr></tbody></table>b</td></tr></tbody></table><p>c</p>",
            ),
            ("<table><tr><td><p>a</table>", "<table><tbody><tr><td><p>a</p></td></tr></tbody></table>"),
            ("<p>a<table><tr><td></p>b</table>", "<p>a</p><table><tbody><tr><td>b</td></tr></tbody></table>"),
            ("<td>a</td><tr>b", "<p>a</p><p>b</p>"),
            ("<ruby>a<rp>(<rt>b<rp>)</ruby>c", "<p><ruby>a<rp>(</rp><rt>b</rt><rp>)</rp></ruby>c</p>"),
            ("<rt>a</rt>", "<p>a</p>"),
            (
                "<figure>\n<img src=a>\n<figcaption>b</figcaption></figure>",
                "<figure><img loading=\"lazy\" referrerpolicy=\"strict-origin\" src=\"https://paper.example/2016/a\"><figcaption>b</figcaption></figure>",
            ),
            ("<figcaption>a</figcaption><summary>b</summary>", "<p>a</p><p>b</p>"),
            (
                "<details open><summary>a</summary>b<p>c</details>",
                "<details open=\"\"><summary>a</summary>b<p>c</p></details>",
            ),
            ("<pre>\n\n a\r\n<b> b</b>\rc </pre>", "<pre> a\n<b> b</b>\nc </pre>"),
            ("<p> a <b> b </b> c </p>", "<p>a <b> b </b> c</p>"),
            ("a<hr>b", "<p>a</p><hr><p>b</p>"),
            ("<p>a<!-- b --><unknown>c</unknown><span>d</span><x-y/>e", "<p>acde</p>"),
            (
                "<span lang=fr>a</span><span dir=rtl>b</span>",
                "<p><span lang=\"fr\">a</span><span dir=\"rtl\">b</span></p>",
            ),
            ("a\0b&#0;", "<p>ab\u{fffd}</p>"),
            ("a<wbr>b", "<p>a<wbr>b</p>"),
            ("a <", "<p>a &lt;</p>"),
        ] {
            let once = cleaned(text);
            assert_eq!(once, printed, "{text}");
            assert_eq!(cleaned(&once), once, "{text} twice");
        }
    }

    #[test]
    #[expect(clippy::needless_raw_string_hashes, reason = "one form for the whole table")]
    fn attributes_are_those_named() {
        let lazy = r#"loading="lazy" referrerpolicy="strict-origin""#;
        let inert = r#"preload="none" controls="""#;
        for (text, printed) in [
            (r#"<p id=a class=b style=c onclick=d data-e=f role=g slot=h part=i is=j dir=rtl lang=ar title=k translate=no>a"#, r#"<p dir="rtl" lang="ar" title="k" translate="no">a</p>"#.into()),
            (r#"<P TITLE='a"b&lt;c' title=d>a"#, r#"<p title="a&quot;b&lt;c">a</p>"#.into()),
            (r#"<a href="b?c=1&amp;copy=2" target=_blank rel="opener NoFollow me ugc" download ping=/x>a</a>"#, r#"<p><a href="https://paper.example/2016/b?c=1&amp;copy=2" rel="noopener nofollow ugc">a</a></p>"#.into()),
            (r#"<a href="mailto:desk@paper.example" hreflang=fr>a</a>"#, r#"<p><a href="mailto:desk@paper.example" hreflang="fr" rel="noopener">a</a></p>"#.into()),
            (r#"<a href="javascript:a">b</a><a name=c>d</a><a href=>e</a><a href=" ">f</a>"#, "<p>bdef</p>".into()),
            (r#"<a href="java&Tab;script&colon;a">b</a><a href="&#1;JAVASCRIPT:a">c</a>"#, "<p>bc</p>".into()),
            (r#"<img src=/a.jpg alt="b" width=640px height="360" style=x onerror=y usemap=#z crossorigin ismap>"#, r#"<p><img alt="b" width="640" height="360" LAZY src="https://paper.example/a.jpg"></p>"#.replace("LAZY", lazy)),
            (r#"<img src=a srcset="b 1x, /c,d 2x ,e.jpg 100w 50h, data:image/png;base64,AA 3x, f (x), g" sizes="(max-width: 9em) 50vw" width=100%>"#, r#"<p><img sizes="(max-width: 9em) 50vw" LAZY srcset="https://paper.example/2016/b 1x, https://paper.example/c,d 2x, https://paper.example/2016/e.jpg 100w 50h, https://paper.example/2016/g" src="https://paper.example/2016/a"></p>"#.replace("LAZY", lazy)),
            (r#"<img src="data:image/gif;base64,R0lGOD" data-src=a data-srcset="b 2x">"#, r#"<p><img LAZY srcset="https://paper.example/2016/b 2x" src="https://paper.example/2016/a"></p>"#.replace("LAZY", lazy)),
            (r#"<img data-lazy-src=a><img src="data:image/png;base64,AA==">"#, r#"<p><img LAZY src="https://paper.example/2016/a"><img LAZY src="data:image/png;base64,AA=="></p>"#.replace("LAZY", lazy)),
            (r#"a<img><img src=javascript:a><img src="data:image/svg+xml,<svg>"><img src=a width=1 height=1><img src=a height=0>"#, "<p>a</p>".into()),
            (r#"<picture><source srcset="a 1x" media="(min-width: 9em)" type=image/webp><source src=b><img src=c></picture>d"#, r#"<p><picture><source media="(min-width: 9em)" type="image/webp" srcset="https://paper.example/2016/a 1x"><img LAZY src="https://paper.example/2016/c"></picture>d</p>"#.replace("LAZY", lazy)),
            (r#"<picture><img src=c>d<b>e</b>"#, r#"<p><picture><img LAZY src="https://paper.example/2016/c"></picture>d<b>e</b></p>"#.replace("LAZY", lazy)),
            (r#"<video src=a poster=b autoplay loop muted playsinline width=640 height=360 onplay=x preload=auto>c</video>d"#, r#"<video poster="https://paper.example/2016/b" loop="" muted="" playsinline="" width="640" height="360" INERT src="https://paper.example/2016/a"></video><p>d</p>"#.replace("INERT", inert)),
            (r#"<audio preload=metadata><source src=a type=audio/ogg><source src=javascript:b><track src=c kind=captions srclang=en label=English default>d<p>e</audio>f"#, r#"<audio preload="metadata" controls=""><source type="audio/ogg" src="https://paper.example/2016/a"><track kind="captions" srclang="en" label="English" src="https://paper.example/2016/c"></audio><p>f</p>"#.into()),
            (r#"<p>a<video><source src=b></video>c</p><video>d</video><source src=e><track src=f>"#, r#"<p>a<video INERT><source src="https://paper.example/2016/b"></video>c</p>"#.replace("INERT", inert)),
            (r#"<iframe src="https://video.example/1" width=560 height=315 title=a name=b srcdoc="<p>" allow=camera allowfullscreen onload=x sandbox="allow-top-navigation"><p>c</p></iframe>d"#, r#"<iframe width="560" height="315" title="a" sandbox="allow-scripts allow-popups allow-forms allow-presentation allow-same-origin" allow="fullscreen; picture-in-picture" LAZY src="https://video.example/1"></iframe><p>d</p>"#.replace("LAZY", lazy)),
            (r#"<iframe src="//paper.example:8443/1"></iframe>"#, r#"<iframe sandbox="allow-scripts allow-popups allow-forms allow-presentation" allow="fullscreen; picture-in-picture" LAZY src="https://paper.example:8443/1"></iframe>"#.replace("LAZY", lazy)),
            (r#"<iframe src="https://evil.example/"></iframe><iframe srcdoc="a"></iframe><iframe src="javascript:a"></iframe><iframe src="http://video.example/1"></iframe>a"#, "<p>a</p>".into()),
            (r#"<ol start=3 reversed type=a><li value=7>a</ol>"#, r#"<ol start="3" reversed="" type="a"><li value="7">a</li></ol>"#.into()),
            (r#"<table border=1 background=x><td colspan=2 rowspan=3 bgcolor=y headers=z>a<th scope=row>b</table>"#, r#"<table><tbody><tr><td colspan="2" rowspan="3">a</td><th scope="row">b</th></tr></tbody></table>"#.into()),
            (r#"<time datetime=2016-07-27>a</time><data value=1>b</data><ins datetime=c cite=d>e</ins><q cite=f>g</q>"#, r#"<p><time datetime="2016-07-27">a</time><data value="1">b</data><ins datetime="c">e</ins><q>g</q></p>"#.into()),
        ] {
            let once = cleaned(text);
            assert_eq!(once, printed, "{text}");
            assert_eq!(cleaned(&once), once, "{text} twice");
        }
    }

    #[test]
    fn the_cards_parts_are_named() {
        let mut tree = Tree::new();
        clean(
            "a<blockquote>b</blockquote><figure>c<figcaption>d</figcaption></figure><ul><li>e</ul><ol><li>f</ol><table><td>g</table><h2 part=x>h</h2>",
            &RULES,
            &mut tree,
        );
        let mut parts = Vec::new();
        for at in 0..tree.nodes().len() {
            parts.extend(tree.find(at, PART).filter(|_| tree.nodes()[at].kind == tree::Kind::Element));
        }
        assert_eq!(parts, ["paragraph", "quote", "figure", "caption", "list", "list", "table"]);
    }

    #[test]
    fn plain_text_is_parted() {
        for (text, printed) in [
            ("", ""),
            (" \n ", ""),
            ("a", "<p>a</p>"),
            ("a\nb\r\nc", "<p>a</p><p>b</p><p>c</p>"),
            ("\n\na\nb\n \n\nc  d\n", "<p>a b</p><p>c d</p>"),
            ("<b>a</b> & b", "<p>&lt;b&gt;a&lt;/b&gt; &amp; b</p>"),
        ] {
            let mut tree = Tree::new();
            paragraphs(text, &mut tree);
            assert_eq!(print(&tree), printed, "{text:?}");
        }
    }

    #[test]
    fn what_is_over_a_bound_is_cut_and_said() {
        let cut = |text: &str| {
            let mut tree = Tree::new();
            let cut = clean(text, &RULES, &mut tree);
            assert!(tree.nodes().len() < MOST_NODES + 1000);
            assert_eq!(tree.depth(), 0);
            (cut, print(&tree))
        };
        let none = Cut::default();
        assert_eq!(cut("<p>a").0, none);
        for (open, close) in
            [("<div>", "</div>"), ("<b>", "</b>"), ("<blockquote>", "</blockquote>"), ("<ul><li>", "</ul>")]
        {
            let (cut, printed) = cut(&(open.repeat(50_000) + "<p>a</p>b" + &close.repeat(50_000) + "<p>c"));
            assert_eq!(cut, Cut { depth: true, ..none }, "{open}");
            let mut depth = 0usize;
            let mut deepest = 0;
            for token in html(&printed) {
                match token {
                    Token::Open(_) => depth += 1,
                    Token::Close(_) => depth -= 1,
                    _ => {}
                }
                deepest = deepest.max(depth);
            }
            assert!(deepest <= DEEPEST + 4, "{open} {deepest}");
            assert!(printed.ends_with("<p>c</p>"), "{printed}");
        }
        let (many, printed) = cut(&"<p>a".repeat(100_000));
        assert_eq!(many, Cut { nodes: true, ..none });
        assert!(printed.starts_with("<p>a</p><p>a</p>"));
        // Tags that are opened anew in each paragraph.
        let again = alloc::format!("<b title='{}'>", "a".repeat(8000)).repeat(60);
        assert!(cut(&(again + &"<p>a".repeat(100_000))).0.nodes);
        assert!(cut(&("<b>".repeat(60) + &"<p>a".repeat(100_000))).0.nodes);
        let long = "a".repeat(LONGEST + 1);
        for text in [
            "<p title='X'>a",
            "<a href='X'>a</a>",
            "<p>a<img src='X'>",
            "<p>a<img srcset='X'>",
            "<iframe src='X'></iframe>a",
        ] {
            assert_eq!(cut(&text.replace('X', &long)), (Cut { value: true, ..none }, "<p>a</p>".into()), "{text}");
        }
    }
}

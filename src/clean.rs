//! The allow-list: a body's markup becomes a [`Tree`] that can run no code, restyle no page and fool no parser.
//!
//! Whatever is not named here does not pass: an element loses its tags or, where its content is no text, is
//! dropped with it; an attribute is dropped. Tags that are missing, stray or crossed are set right while tokens
//! come in, so that the tree, printed, is read back by a browser as it is. Cutting markup into tokens is left to
//! [`crate::markup`], which addresses may stand to [`crate::address`].
//!
//! ```
//! use live_article::card::html;
//! use live_article::clean::{Rules, clean};
//! use live_article::tree::Tree;
//!
//! let rules = Rules { base: "https://paper.example/", ..Rules::default() };
//! let mut body = Tree::new();
//! clean("<p onclick=x()>Read <a href=/on>on<script>x()</script>", &rules, &mut body);
//! assert_eq!(
//!     html(&body, &|datetime| datetime.to_owned()),
//!     r#"<p part="paragraph">Read <a href="https://paper.example/on" rel="noopener">on</a></p>"#
//! );
//! ```

use alloc::string::String;
use alloc::vec::Vec;

use crate::address::{self, LONGEST};
use crate::markup::{
    self, DIGIT, NOWHERE, SPACE, Tag, Token, begins, find, html, is_space, position, skip, slice, until,
};
use crate::read::text::{decode, decode_attr, line};
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

/// What is said of a body that is over the next two bounds.
pub(crate) const OVER: &str =
    "The body has more than 50,000 elements, attributes and texts, or 16 MiB of them: publish less of it.";

/// The most bytes of tags and attributes that one body may take to write, repeats of unclosed tags counted.
const MOST_BYTES: usize = 1 << 24;

/// Where a body stands.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rules<'a> {
    /// The article's own address, in which relative ones are resolved.
    pub base: &'a str,
    /// The page's address or origin: iframes of its host get no origin.
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
        source: text,
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
        media: NONE,
        media_attrs: 0,
        waits: false,
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
pub fn paragraphs(text: &str, out: &mut Tree) -> Cut {
    let most = out.nodes().len() + MOST_NODES;
    let text = text.trim_ascii();
    let bytes = text.as_bytes();
    let blank = |at, next| find(&bytes[..next], at + 1, b'\n') < next;
    let (mut at, mut parted) = (0, false);
    while at < bytes.len() && !parted {
        at = find(bytes, at, b'\n');
        let next = skip(bytes, at, SPACE);
        parted = blank(at, next);
        at = next;
    }
    at = 0;
    let mut paragraph = String::new();
    while at < bytes.len() {
        at = line(text, at, true, &mut paragraph);
        let next = skip(bytes, at, SPACE);
        if next == bytes.len() || !parted || blank(at, next) {
            let said = paragraph.trim_ascii_end();
            if out.nodes().len() >= most {
                return Cut { nodes: true, ..Cut::default() };
            }
            if !said.is_empty() {
                out.open(P).attr(PART, "paragraph").text(said).close();
            }
            paragraph.clear();
        } else if !paragraph.is_empty() {
            paragraph.push(' ');
        }
        at = next;
    }
    Cut::default()
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

/// Elements that a [`Tree`] has no number for: first the wrappers, numbered from [`WRAPPER`]; then old names and the
/// headline's, for which there are [`NEWER`] ones; then those that go with all that is in them (what can hold
/// nothing goes without being named).
const OTHERS: &str = "body html head main nav address center form fieldset legend hgroup dialog search optgroup option \
    h1 strike tt acronym image menu dir \
    script style template object applet select textarea datalist svg math noscript noembed noframes title canvas xmp \
    plaintext";

/// The number of the first wrapper in [`OTHERS`].
const WRAPPER: Name = 200;

/// How many wrappers there are in [`OTHERS`].
const WRAPPERS: usize = 15;

/// What is said now for the old names in [`OTHERS`].
const NEWER: [Name; 7] = [H2, S, CODE, ABBR, IMG, UL, UL];

/// The number of no element.
const NONE: Name = 255;

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

/// Attributes that an element gets, whatever it says. The first are the parts that a site can style; the last keep a
/// picture or frame from loading before it is seen, and from hearing more than whose page it is on.
const ADDED: [(Name, Name, &str); 14] = [
    (P, PART, "paragraph"),
    (BLOCKQUOTE, PART, "quote"),
    (FIGURE, PART, "figure"),
    (FIGCAPTION, PART, "caption"),
    (UL, PART, "list"),
    (OL, PART, "list"),
    (TABLE, PART, "table"),
    (AUDIO, CONTROLS, ""),
    (VIDEO, CONTROLS, ""),
    (IFRAME, tree::ALLOW, "fullscreen; picture-in-picture"),
    (IFRAME, LOADING, "lazy"),
    (IMG, LOADING, "lazy"),
    (IFRAME, REFERRERPOLICY, "strict-origin"),
    (IMG, REFERRERPOLICY, "strict-origin"),
];

/// What an attribute's value is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Value {
    Text,
    /// A whole number, perhaps of pixels.
    Number,
    /// Nothing: that the attribute stands there is all.
    Flag,
    Link,
    Picture,
}

/// Which attributes stay where ([`NONE`]: everywhere). Those that name what is loaded come by [`Cleaner::load`].
const ALLOWED: [(Name, Name, Value); 42] = [
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
const SRCS: &str = "src data-src data-lazy-src data-original";
const SRCSETS: &str = "srcset data-srcset data-lazy-srcset";

/// What a frame may do; the last only where it is of another origin than the page, or it could take all that off.
const SANDBOX_TOKENS: &str = "allow-scripts allow-popups allow-forms allow-presentation allow-same-origin";

/// An element whose end is to come.
#[derive(Clone, Copy)]
struct Level {
    name: Name,
    /// A paragraph that no tag opened.
    implied: bool,
    /// An inline's: how many blocks are around it.
    within: usize,
    /// Where its attributes are in the source.
    attrs: usize,
}

/// A body in the making.
///
/// Elements are written when there is something to put into them, so that the empty ones never are, and a block
/// never stands in an inline: what is open is a list of blocks, of which so many are written, and within the
/// innermost a list of inlines, of which so many are.
struct Cleaner<'a, 'o> {
    rules: &'o Rules<'o>,
    source: &'a str,
    out: &'o mut Tree,
    blocks: Vec<Level>,
    written: usize,
    inlines: Vec<Level>,
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
    /// The audio, video or picture that is open, where its attributes are, and whether it waits to be written.
    media: Name,
    media_attrs: usize,
    waits: bool,
    bytes: usize,
    cut: Cut,
}

impl<'a> Cleaner<'a, '_> {
    /// The innermost block that is not a wrapper.
    fn inner(&self) -> Name {
        self.blocks.iter().rfind(|level| !is_wrapper(level.name)).map_or(NONE, |level| level.name)
    }

    fn is_pre(&self) -> bool {
        last(&self.blocks, PRE) < self.blocks.len()
    }

    fn open(&mut self, tag: &Tag<'a>) {
        if !self.dropped.is_empty() {
            self.nested += u32::from(tag.is(self.dropped));
            return;
        }
        let (name, class) = class(tag.name);
        let attrs = tag.attrs.at();
        if self.media != NONE {
            if name == IMG && self.media == PICTURE || matches!(name, SOURCE | TRACK) {
                self.load(name, attrs);
            }
            if self.media != PICTURE || matches!(name, IMG | SOURCE | TRACK) {
                return;
            }
            self.end_media();
        }
        match class {
            Class::Unknown => {}
            Class::Dropped => {
                // Nothing but `<svg/>` and `<math/>` is over with its start tag.
                if !(tag.self_closing && matches!(tag.name.len(), 3 | 4)) {
                    self.dropped = tag.name;
                    self.nested = 1;
                }
            }
            Class::Media => {
                self.media = name;
                self.media_attrs = attrs;
                self.waits = true;
                self.load(name, attrs);
            }
            Class::Void => self.void(name, attrs),
            _ if self.blocks.len() + self.inlines.len() >= DEEPEST => {
                self.cut.depth = true;
                // Whose end tag may be missing, must not be counted on to end.
                self.over += usize::from(!is_optional(name));
                self.part(class);
            }
            Class::Inline => self.inline(name, attrs),
            Class::Wrapper => {
                self.part(class);
                self.push(name, attrs);
            }
            Class::Block => {
                if !self.block(name, attrs) {
                    self.part(class);
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
        if self.media != NONE {
            let other = name != self.media;
            if other && self.media != PICTURE {
                return;
            }
            self.end_media();
        }
        match class {
            Class::Void if name == BR => self.void(name, self.source.len()),
            Class::Inline | Class::Wrapper | Class::Block if self.over > 0 => {
                self.over -= usize::from(!is_optional(name));
                self.part(class);
            }
            Class::Inline => self.remove(name),
            Class::Wrapper | Class::Block => {
                let part = is_table_part(name);
                let mut at = self.blocks.len();
                while at > 0 {
                    at -= 1;
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
        let mut text = String::new();
        decode(source, &mut text);
        let blank = is_blank(&text);
        if self.media != NONE {
            if blank || self.media != PICTURE {
                return;
            }
            self.end_media();
        }
        let mut from = 0;
        let pre = self.is_pre();
        if !self.run {
            // Space does not begin a line; of a `<pre>`, a browser swallows the first line end.
            from = skip(text.as_bytes(), 0, if pre { 0 } else { SPACE });
            while pre && begins(text.as_bytes(), from, b"\n") {
                from += 1;
            }
        }
        if blank && !pre {
            // Nothing but space opens no element.
            if self.run && self.breaks == 0 {
                self.text.push_str(&text);
            }
        } else if from < text.len() {
            self.begin(true);
            if self.breaks > 0 {
                self.flush(false);
            }
            self.text.push_str(slice(&text, from, text.len()));
        }
    }

    /// Writes the text and line breaks that wait, the text without the space at its end if `trim`.
    fn flush(&mut self, trim: bool) {
        let text = if trim { self.text.trim_ascii_end() } else { &self.text };
        self.out.text(text);
        self.text.clear();
        while self.breaks > 0 {
            self.leaf(BR);
            self.breaks -= 1;
        }
    }

    fn leaf(&mut self, name: Name) {
        self.out.open(name).close();
    }

    /// Writes what is open, so that text can follow; `line` if that must stand in a paragraph.
    fn begin(&mut self, line: bool) {
        self.make_room();
        if self.inner() == NONE && (line || !self.inlines.is_empty()) {
            self.push(P, self.source.len());
            if let Some(level) = self.blocks.last_mut() {
                level.implied = true;
            }
        }
        self.write_blocks();
        if self.parted {
            self.leaf(BR);
            self.parted = false;
        }
        while self.begun < self.inlines.len() {
            let level = self.inlines[self.begun];
            self.put(level.name, level.attrs);
            self.begun += 1;
        }
        self.run = self.inner() != NONE;
    }

    fn write_blocks(&mut self) {
        while self.written < self.blocks.len() {
            let level = self.blocks[self.written];
            if !is_wrapper(level.name) {
                self.put(level.name, level.attrs);
            }
            self.written += 1;
        }
    }

    /// Within a table or list, opens a cell or item where none is.
    fn make_room(&mut self) {
        let name = match self.inner() {
            UL | OL => LI,
            DL => DD,
            TD | TH | CAPTION => return,
            name if is_table_part(name) => TD,
            _ => return,
        };
        self.block(name, self.source.len());
    }

    #[inline(never)]
    fn push(&mut self, name: Name, attrs: usize) {
        self.end_line();
        self.parted &= is_wrapper(name);
        self.blocks.push(Level { name, implied: false, within: 0, attrs });
    }

    /// Opens a block where it may stand; whether it may anywhere.
    fn block(&mut self, name: Name, attrs: usize) -> bool {
        if let Some(&(_, parents, missing)) = PARENTS.iter().find(|row| row.0 == name) {
            let part = is_table_part(name);
            let mut at = self.blocks.len();
            loop {
                let other = if at > 0 { self.blocks[at - 1].name } else { TABLE };
                if at > 0 && parents.contains(&other) {
                    break;
                }
                // A table keeps to itself.
                if other == TABLE || !part && is_table_part(other) {
                    if missing == NONE || !self.block(missing, self.source.len()) {
                        return false;
                    }
                    at = self.blocks.len();
                    break;
                }
                at -= 1;
            }
            // Wrappers between the two can stay.
            while self.blocks.get(at).is_some_and(|level| is_wrapper(level.name)) {
                at += 1;
            }
            self.end(at, false);
        } else {
            self.part(Class::Block);
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
        self.push(name, attrs);
        if matches!(name, LI | DT | DD | TR | TD | TH | COL) {
            self.write_blocks();
        }
        true
    }

    /// Ends blocks from the outermost `at` on; the inlines in them go on after them if `keep`.
    #[inline(never)]
    fn end(&mut self, at: usize, keep: bool) {
        self.end_line();
        while self.blocks.len() > at {
            let all = self.written == self.blocks.len();
            if let Some(level) = self.blocks.pop() {
                self.parted &= is_wrapper(level.name);
                if all {
                    self.written -= 1;
                    if !is_wrapper(level.name) {
                        self.out.close();
                    }
                }
            }
        }
        self.inlines.retain_mut(|level| {
            let stays = keep || level.within <= at;
            level.within = level.within.min(at);
            stays
        });
    }

    /// Ends the paragraph that is open, at a tag of that class.
    fn part(&mut self, class: Class) {
        let last = self.blocks.len().wrapping_sub(1);
        if class != Class::Inline && self.blocks.get(last).is_some_and(|level| level.name == P) {
            self.end(last, true);
        }
    }

    /// Ends a line: its last space and breaks show nowhere, and inlines are to be begun again.
    fn end_line(&mut self) {
        self.breaks = 0;
        self.flush(!self.is_pre());
        self.end_inlines(0);
        self.parted |= self.run;
        self.run = false;
    }

    /// Ends the writing of inlines from the outermost `at` on.
    fn end_inlines(&mut self, at: usize) {
        while self.begun > at {
            self.flush(false);
            self.out.close();
            self.begun -= 1;
        }
    }

    /// Ends an inline; those opened in it go on.
    fn remove(&mut self, name: Name) {
        let mut at = last(&self.inlines, name);
        if at < self.inlines.len() {
            self.end_inlines(at);
            while at + 1 < self.inlines.len() && name != RUBY {
                self.inlines[at] = self.inlines[at + 1];
                at += 1;
            }
            self.inlines.truncate(at);
        }
    }

    fn inline(&mut self, name: Name, attrs: usize) {
        match name {
            A => {
                self.remove(A);
                if self.place(attrs, "href", address::link).is_empty() {
                    return;
                }
            }
            RT | RP => {
                let at = last(&self.inlines, RUBY);
                if at >= self.inlines.len() {
                    return;
                }
                self.end_inlines(at + 1);
                self.inlines.truncate(at + 1);
            }
            // It says nothing but what language or direction its text has.
            SPAN if self.value(attrs, "lang").is_empty() && self.value(attrs, "dir").is_empty() => return,
            _ => {}
        }
        self.inlines.push(Level { name, implied: false, within: self.blocks.len(), attrs });
    }

    fn void(&mut self, name: Name, attrs: usize) {
        match name {
            BR => {
                if self.run {
                    self.breaks += 1;
                    // Two part what ought to have been paragraphs.
                    if self.breaks > 1 && self.blocks.last().is_some_and(|level| level.implied) {
                        self.part(Class::Block);
                    }
                }
            }
            HR | COL => {
                // A block that ends with its start tag.
                if self.block(name, attrs) {
                    self.write_blocks();
                    self.end(self.blocks.len() - 1, true);
                }
            }
            WBR => {
                self.begin(true);
                self.put(name, attrs);
                self.out.close();
            }
            // A source or track is nothing by itself.
            SOURCE | TRACK => {}
            _ => self.load(name, attrs),
        }
    }

    /// Writes what loads something, or leaves it out where it may not or nobody would see it.
    fn load(&mut self, name: Name, attrs: usize) {
        let mut src = String::new();
        let mut set = String::new();
        if name == IMG || self.media == PICTURE {
            self.set(attrs, &mut set);
        }
        if name == IMG || self.media != PICTURE {
            src = self.place(attrs, SRCS, address::join);
        }
        if name == IMG {
            if src.is_empty() {
                src = self.place(attrs, "src", address::picture);
            }
            // So small a picture counts readers.
            for side in ["width", "height"] {
                if matches!(number(self.value(attrs, side)), "0" | "1" | "2") {
                    return;
                }
            }
        }
        let frame = name == IFRAME;
        if src.is_empty() && set.is_empty() || frame && !address::matches(&src, self.rules.embeds, self.rules.page) {
            return;
        }
        let mine = name == self.media;
        if self.waits {
            self.begin(self.media == PICTURE);
            self.put(self.media, self.media_attrs);
            self.waits = false;
        } else if self.media == NONE {
            self.begin(!frame);
        }
        if !mine {
            self.put(name, attrs);
        }
        if frame {
            let own = address::is_same_host(&src, self.rules.page);
            let end = SANDBOX_TOKENS.len() - if own { " allow-same-origin".len() } else { 0 };
            self.out.attr(SANDBOX, slice(SANDBOX_TOKENS, 0, end));
        }
        // After what holds it back, or a browser would be on its way.
        for (attr, value) in [(SRCSET, set), (SRC, src)] {
            if !value.is_empty() {
                self.bytes += value.len();
                self.out.attr(attr, &value);
            }
        }
        if !mine {
            self.out.close();
        }
    }

    fn end_media(&mut self) {
        if self.media != NONE && !self.waits {
            self.out.close();
        }
        self.media = NONE;
        self.waits = false;
    }

    /// An attribute as the source has it; empty where it has none.
    fn value(&self, attrs: usize, name: &str) -> &'a str {
        markup::attrs(self.source, attrs).value(name).unwrap_or("")
    }

    /// Writes a start tag, with the attributes that may stay.
    #[inline(never)]
    fn put(&mut self, name: Name, attrs: usize) {
        self.flush(false);
        self.out.open(name);
        let mut seen = 0u64;
        for row in &ADDED {
            if row.0 == name {
                self.out.attr(row.1, row.2);
            }
        }
        if matches!(name, AUDIO | VIDEO) {
            let metadata = self.value(attrs, "preload").eq_ignore_ascii_case("metadata");
            self.out.attr(PRELOAD, if metadata { "metadata" } else { "none" });
        }
        for (attr, source) in markup::attrs(self.source, attrs) {
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
            let mut value = String::new();
            decode_attr(source, &mut value);
            if value.len() > LONGEST {
                self.cut.value = true;
                continue;
            }
            let kept = match row.2 {
                Value::Text => &value,
                Value::Number => number(&value),
                Value::Flag => "",
                Value::Link | Value::Picture => {
                    let admit = if row.2 == Value::Link { address::link } else { address::picture };
                    value = admit(&value, self.rules.base).unwrap_or_default();
                    &value
                }
            };
            // But for these, an empty value says nothing.
            if !kept.is_empty() || row.2 == Value::Flag || attr == ALT {
                self.bytes += kept.len();
                self.out.attr(attr, kept);
            }
        }
        if name == A {
            let mut rel = String::from("noopener");
            let given = self.value(attrs, "rel");
            for word in ["nofollow", "sponsored", "ugc"] {
                if position(given, word, false) != NOWHERE {
                    rel.push(' ');
                    rel.push_str(word);
                }
            }
            self.out.attr(REL, &rel);
        }
    }

    /// The address that the first of some attributes gives that gives one; else empty.
    #[inline(never)]
    fn place(&mut self, attrs: usize, names: &str, admit: fn(&str, &str) -> Option<String>) -> String {
        for name in names.split_ascii_whitespace() {
            let mut text = String::new();
            decode_attr(self.value(attrs, name), &mut text);
            self.cut.value |= text.len() > LONGEST;
            if !is_blank(&text)
                && let Some(url) = admit(&text, self.rules.base)
            {
                return url;
            }
        }
        String::new()
    }

    /// A `srcset` with its addresses resolved (HTML, section 4.8.4.2.1).
    fn set(&mut self, attrs: usize, out: &mut String) {
        for name in SRCSETS.split_ascii_whitespace() {
            let mut text = String::new();
            decode_attr(self.value(attrs, name), &mut text);
            let bytes = text.as_bytes();
            let mut at = 0;
            while at < bytes.len() && out.len() <= LONGEST {
                let from = at;
                at = until(bytes, at, SPACE);
                let mut to = at;
                while to > from && bytes[to - 1] == b',' {
                    to -= 1;
                }
                let after = at;
                if to == at {
                    at = find(bytes, at, b',');
                }
                let size = slice(&text, after, at);
                let plain =
                    size.bytes().all(|byte| is_space(byte) || matches!(byte, b'0'..=b'9' | b'.' | b'w' | b'x' | b'h'));
                at = skip(bytes, at + usize::from(at < bytes.len()), SPACE);
                self.cut.value |= to - from > LONGEST;
                if to > from
                    && plain
                    && let Some(url) = address::join(slice(&text, from, to), self.rules.base)
                {
                    if !out.is_empty() {
                        out.push_str(", ");
                    }
                    out.push_str(&url);
                    if !size.is_empty() {
                        out.push(' ');
                        out.push_str(size.trim_ascii());
                    }
                }
            }
            if !out.is_empty() {
                break;
            }
        }
        if out.len() > LONGEST {
            self.cut.value = true;
            out.clear();
        }
    }
}

/// Where an element was opened last; far beyond where it was not.
#[inline(never)]
fn last(levels: &[Level], name: Name) -> usize {
    let mut at = levels.len();
    while at > 0 && levels[at - 1].name != name {
        at -= 1;
    }
    at.wrapping_sub(1)
}

/// An element's number and what becomes of it.
#[inline(never)]
pub(crate) fn class(name: &str) -> (Name, Class) {
    let mut number = tree::element(name).unwrap_or(H1);
    if number == H1 {
        let other = position(OTHERS, name, false);
        if other < WRAPPERS {
            return (WRAPPER + other as Name, Class::Wrapper);
        }
        match NEWER.get(other.wrapping_sub(WRAPPERS)) {
            Some(&newer) => number = newer,
            None => return (NONE, if other == NOWHERE { Class::Unknown } else { Class::Dropped }),
        }
    }
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

#[inline(never)]
fn is_table_part(name: Name) -> bool {
    matches!(name, CAPTION | COL | COLGROUP | TABLE | TBODY | TD | TFOOT | TH | THEAD | TR)
}

/// Whether an element's end tag is often left out.
fn is_optional(name: Name) -> bool {
    matches!(name, P | RP | RT) || PARENTS.iter().any(|row| row.0 == name)
}

/// Whether a text is nothing but space, or nothing.
fn is_blank(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut at = skip(bytes, 0, SPACE);
    while begins(bytes, at, "\u{a0}".as_bytes()) {
        at = skip(bytes, at + 2, SPACE);
    }
    at == bytes.len()
}

/// The digits of a whole number, perhaps of pixels; empty where it is none, or a share of something.
fn number(text: &str) -> &str {
    let bytes = text.as_bytes();
    let from = skip(bytes, 0, SPACE);
    let to = skip(bytes, from, DIGIT);
    if to > from + 6 || find(bytes, to, b'%') < bytes.len() { "" } else { slice(text, from, to) }
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
        for row in ADDED.iter().filter(|row| row.1 == PART) {
            printed = printed.replace(&alloc::format!(" part=\"{}\"", row.2), "");
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
        let inert = r#"controls="" preload="none""#;
        for (text, printed) in [
            (r#"<p id=a class=b style=c onclick=d data-e=f role=g slot=h part=i is=j dir=rtl lang=ar title=k translate=no>a"#, r#"<p dir="rtl" lang="ar" title="k" translate="no">a</p>"#.into()),
            (r#"<P TITLE='a"b&lt;c' title=d>a"#, r#"<p title="a&quot;b&lt;c">a</p>"#.into()),
            (r#"<a href="b?c=1&amp;copy=2" target=_blank rel="opener NoFollow me ugc" download ping=/x>a</a>"#, r#"<p><a href="https://paper.example/2016/b?c=1&amp;copy=2" rel="noopener nofollow ugc">a</a></p>"#.into()),
            (r#"<a href="mailto:desk@paper.example" hreflang=fr>a</a>"#, r#"<p><a href="mailto:desk@paper.example" hreflang="fr" rel="noopener">a</a></p>"#.into()),
            (r#"<a href="javascript:a">b</a><a name=c>d</a><a href=>e</a><a href=" ">f</a>"#, "<p>bdef</p>".into()),
            (r#"<a href="java&Tab;script&colon;a">b</a><a href="&#1;JAVASCRIPT:a">c</a>"#, "<p>bc</p>".into()),
            (r#"<img src=/a.jpg alt="b" width=640px height="360" style=x onerror=y usemap=#z crossorigin ismap>"#, r#"<p><img LAZY alt="b" width="640" height="360" src="https://paper.example/a.jpg"></p>"#.replace("LAZY", lazy)),
            (r#"<img src=a srcset="b 1x, /c,d 2x ,e.jpg 100w 50h, data:image/png;base64,AA 3x, f (x), g" sizes="(max-width: 9em) 50vw" width=100%>"#, r#"<p><img LAZY sizes="(max-width: 9em) 50vw" srcset="https://paper.example/2016/b 1x, https://paper.example/c,d 2x, https://paper.example/2016/e.jpg 100w 50h, https://paper.example/2016/g" src="https://paper.example/2016/a"></p>"#.replace("LAZY", lazy)),
            (r#"<img src="data:image/gif;base64,R0lGOD" data-src=a data-srcset="b 2x">"#, r#"<p><img LAZY srcset="https://paper.example/2016/b 2x" src="https://paper.example/2016/a"></p>"#.replace("LAZY", lazy)),
            (r#"<img data-lazy-src=a><img src="data:image/png;base64,AA==">"#, r#"<p><img LAZY src="https://paper.example/2016/a"><img LAZY src="data:image/png;base64,AA=="></p>"#.replace("LAZY", lazy)),
            (r#"a<img><img src=javascript:a><img src="data:image/svg+xml,<svg>"><img src=a width=1 height=1><img src=a height=0>"#, "<p>a</p>".into()),
            (r#"<picture><source srcset="a 1x" media="(min-width: 9em)" type=image/webp><source src=b><img src=c></picture>d"#, r#"<p><picture><source media="(min-width: 9em)" type="image/webp" srcset="https://paper.example/2016/a 1x"><img LAZY src="https://paper.example/2016/c"></picture>d</p>"#.replace("LAZY", lazy)),
            (r#"<picture><img src=c>d<b>e</b>"#, r#"<p><picture><img LAZY src="https://paper.example/2016/c"></picture>d<b>e</b></p>"#.replace("LAZY", lazy)),
            (r#"<video src=a poster=b autoplay loop muted playsinline width=640 height=360 onplay=x preload=auto>c</video>d"#, r#"<video INERT poster="https://paper.example/2016/b" loop="" muted="" playsinline="" width="640" height="360" src="https://paper.example/2016/a"></video><p>d</p>"#.replace("INERT", inert)),
            (r#"<audio preload=metadata><source src=a type=audio/ogg><source src=javascript:b><track src=c kind=captions srclang=en label=English default>d<p>e</audio>f"#, r#"<audio controls="" preload="metadata"><source type="audio/ogg" src="https://paper.example/2016/a"><track kind="captions" srclang="en" label="English" src="https://paper.example/2016/c"></audio><p>f</p>"#.into()),
            (r#"<p>a<video><source src=b></video>c</p><video>d</video><source src=e><track src=f>"#, r#"<p>a<video INERT><source src="https://paper.example/2016/b"></video>c</p>"#.replace("INERT", inert)),
            (r#"<iframe src="https://video.example/1" width=560 height=315 title=a name=b srcdoc="<p>" allow=camera allowfullscreen onload=x sandbox="allow-top-navigation"><p>c</p></iframe>d"#, r#"<iframe allow="fullscreen; picture-in-picture" LAZY width="560" height="315" title="a" sandbox="allow-scripts allow-popups allow-forms allow-presentation allow-same-origin" src="https://video.example/1"></iframe><p>d</p>"#.replace("LAZY", lazy)),
            (r#"<iframe src="//paper.example:8443/1"></iframe>"#, r#"<iframe allow="fullscreen; picture-in-picture" LAZY sandbox="allow-scripts allow-popups allow-forms allow-presentation" src="https://paper.example:8443/1"></iframe>"#.replace("LAZY", lazy)),
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
            let (cut, printed) = cut(&(open.repeat(5000) + "<p>a</p>b" + &close.repeat(5000) + "<p>c"));
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
        let (many, printed) = cut(&"<p>a".repeat(20_000));
        assert_eq!(many, Cut { nodes: true, ..none });
        assert!(printed.starts_with("<p>a</p><p>a</p>"));
        // Tags that are opened anew in each paragraph: few nodes, and many bytes; and the other way round.
        let again = alloc::format!("<b title='{}'>", "a".repeat(8000)).repeat(6);
        assert!(cut(&(again + &"<p>a".repeat(3000))).0.nodes);
        assert!(cut(&("<b>".repeat(60) + &"<p>a".repeat(20_000))).0.nodes);
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

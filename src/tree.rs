//! Cleaned markup as one flat list: what readers fill, the swap compares and the view builds.
//!
//! Nodes stand in document order, attributes right after their element, so that a subtree is a
//! slice and two subtrees are equal when their hashes are. Which names are allowed where is
//! left to [`crate::clean`]; here a name is a number.

use core::cmp::Ordering;

use crate::markup::{eights, word};

/// A tag or attribute name: a place in [`NAMES`].
pub type Name = u8;

macro_rules! names {
    ($($constant:ident $text:literal)*) => {
        /// Every tag and attribute name that a card can show, by number.
        pub const NAMES: &[&str] = &[$($text),*];
        #[expect(non_camel_case_types, clippy::upper_case_acronyms, reason = "the constants below are numbered by it")]
        enum Place { $($constant),* }
        $(
            #[doc = concat!("`", $text, "`")]
            pub const $constant: Name = Place::$constant as Name;
        )*
    };
}

names! {
    A "a" ABBR "abbr" ARTICLE "article" ASIDE "aside" AUDIO "audio" B "b" BDI "bdi" BDO "bdo"
    BLOCKQUOTE "blockquote" BR "br" BUTTON "button" CAPTION "caption" CITE "cite" CODE "code" COL "col"
    COLGROUP "colgroup" DATA "data" DD "dd" DEL "del" DETAILS "details" DFN "dfn" DIV "div" DL "dl" DT "dt"
    EM "em" FIGCAPTION "figcaption" FIGURE "figure" FOOTER "footer" H1 "h1" H2 "h2" H3 "h3" H4 "h4" H5 "h5" H6 "h6"
    HEADER "header" HR "hr" I "i" IFRAME "iframe" IMG "img" INS "ins" KBD "kbd" LI "li" LINK "link" MARK "mark" OL "ol" P "p"
    PICTURE "picture" PRE "pre" Q "q" RP "rp" RT "rt" RUBY "ruby" S "s" SAMP "samp" SECTION "section" SLOT "slot"
    SMALL "small" SOURCE "source" SPAN "span" STRONG "strong" SUB "sub" SUMMARY "summary" SUP "sup" TABLE "table"
    TBODY "tbody" TD "td" TFOOT "tfoot" TH "th" THEAD "thead" TIME "time" TR "tr" TRACK "track" U "u" UL "ul"
    VAR "var" VIDEO "video" WBR "wbr"
    ALLOW "allow" ALLOWFULLSCREEN "allowfullscreen" ALT "alt" ARIA_HIDDEN "aria-hidden" ARIA_LABEL "aria-label"
    ARIA_LIVE "aria-live" ARIA_PRESSED "aria-pressed" CLASS "class" COLSPAN "colspan" CONTROLS "controls" DATA_MARK "data-mark" DATETIME "datetime"
    DIR "dir" HEADERS "headers" HEIGHT "height" HIDDEN "hidden" HREF "href" HREFLANG "hreflang" ID "id" KIND "kind"
    LABEL "label" LANG "lang" LOADING "loading" LOOP "loop" MEDIA "media" MUTED "muted" NAME "name" OPEN "open"
    PART "part" PLAYSINLINE "playsinline" POSTER "poster" PRELOAD "preload" REFERRERPOLICY "referrerpolicy" REL "rel"
    REVERSED "reversed" ROLE "role" ROWSPAN "rowspan" SANDBOX "sandbox" SCOPE "scope" SIZES "sizes" SRC "src"
    SRCLANG "srclang" SRCSET "srcset" START "start" TABINDEX "tabindex" TITLE "title" TRANSLATE "translate" TYPE "type"
    VALUE "value" WIDTH "width"
}

/// What a [`Node`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An element; its attributes and children follow it.
    Element,
    /// An attribute of the element before it.
    Attr,
    /// A run of text.
    Text,
}

/// One element, attribute or run of text.
#[derive(Clone, Copy, Debug)]
pub struct Node {
    /// Element, attribute or text.
    pub kind: Kind,
    /// The tag or attribute; 0 for text.
    pub name: Name,
    /// Nodes in this subtree, this one counted: the next sibling is so many places on.
    pub size: u32,
    /// Of the whole subtree, once it is closed.
    pub hash: u64,
    /// The same in two versions where this is the same thing, edited; 0 for none.
    pub key: u64,
    start: u32,
    end: u32,
}

/// A list of sibling subtrees.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    nodes: Vec<Node>,
    chars: String,
    /// The innermost open element, counted from 1; while one is open, its size is the one around it.
    open: u32,
    /// Nodes before this one are closed: text that follows is not theirs.
    sealed: usize,
}

/// A hash of bytes that is the same on every machine (not for strangers' keys in a table).
#[inline(never)]
pub fn hash(bytes: &[u8], seed: u64) -> u64 {
    let mut hash = seed ^ (bytes.len() as u64);
    for eight in eights(bytes, 0) {
        hash = mix(hash, word(eight));
    }
    let mut last = 0u64;
    for &byte in &bytes[bytes.len() & !7..] {
        last = last << 8 | u64::from(byte);
    }
    mix(hash, last)
}

/// What a node's hash begins with: of a name it is its letters, since ids are made of hashes and a name's number may
/// be another in the next release.
fn seed(kind: Kind, name: Name) -> u64 {
    if kind == Kind::Text { 1 } else { hash(NAMES[name as usize].as_bytes(), kind as u64) }
}

/// Folds one number into a hash.
pub fn mix(hash: u64, word: u64) -> u64 {
    let mixed = (hash.rotate_left(5) ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed ^ (mixed >> 29)
}

impl Tree {
    /// An empty list.
    pub const fn new() -> Self {
        Self { nodes: Vec::new(), chars: String::new(), open: 0, sealed: 0 }
    }

    /// All nodes, in document order.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The text of a text or attribute node; empty for an element.
    pub fn value(&self, at: usize) -> &str {
        let node = &self.nodes[at];
        self.chars.get(node.start as usize..node.end as usize).unwrap_or_default()
    }

    /// Takes all out again, to begin anew in the same place.
    pub fn clear(&mut self) {
        self.nodes.clear();
        self.chars.clear();
        (self.open, self.sealed) = (0, 0);
    }

    /// Whether nothing was put in.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Bytes of text, attributes not counted.
    pub fn length(&self) -> usize {
        self.nodes.iter().filter(|node| node.kind == Kind::Text).map(|node| (node.end - node.start) as usize).sum()
    }

    /// Bytes of texts and attributes.
    pub fn bytes(&self) -> usize {
        self.chars.len()
    }

    /// How many elements are open.
    pub fn depth(&self) -> usize {
        core::iter::successors(self.innermost(), |&at| (self.nodes[at].size as usize).checked_sub(1)).count()
    }

    /// The innermost open element.
    pub fn innermost(&self) -> Option<usize> {
        (self.open as usize).checked_sub(1)
    }

    #[inline(never)]
    fn push(&mut self, kind: Kind, name: Name, value: &str) {
        let start = self.chars.len() as u32;
        self.chars.push_str(value);
        let seed = seed(kind, name);
        let hash = if value.is_empty() { seed } else { hash(value.as_bytes(), seed) };
        self.nodes.push(Node { kind, name, size: 1, hash, key: 0, start, end: self.chars.len() as u32 });
    }

    /// Opens an element inside the innermost open one.
    pub fn open(&mut self, name: Name) -> &mut Self {
        let at = self.nodes.len();
        self.push(Kind::Element, name, "");
        self.nodes[at].size = core::mem::replace(&mut self.open, at as u32 + 1);
        self
    }

    /// Gives the innermost open element a key (0: none).
    pub fn key(&mut self, key: u64) -> &mut Self {
        if let Some(at) = self.innermost() {
            self.nodes[at].key = key;
        }
        self
    }

    /// Adds an attribute to the element just opened; only other attributes may stand between.
    pub fn attr(&mut self, name: Name, value: &str) -> &mut Self {
        self.push(Kind::Attr, name, value);
        self
    }

    /// Adds text; a run right after another run joins it. An empty text adds nothing.
    pub fn text(&mut self, value: &str) -> &mut Self {
        if value.is_empty() {
            return self;
        }
        let joins = self.nodes.len() > self.sealed;
        match self.nodes.last_mut() {
            Some(last) if joins && last.kind == Kind::Text => {
                self.chars.push_str(value);
                last.end = self.chars.len() as u32;
                last.hash = hash(&self.chars.as_bytes()[last.start as usize..], seed(Kind::Text, 0));
            }
            _ => self.push(Kind::Text, 0, value),
        }
        self
    }

    /// Ends the run of text before: text that follows is another node.
    pub fn seal(&mut self) {
        self.sealed = self.nodes.len();
    }

    /// Closes the innermost open element.
    pub fn close(&mut self) -> &mut Self {
        if let Some(at) = self.innermost() {
            self.open = self.nodes[at].size;
            let mut hash = mix(self.nodes[at].hash, self.nodes[at].key);
            let mut child = at + 1;
            while child < self.nodes.len() {
                hash = mix(hash, self.nodes[child].hash);
                child += self.nodes[child].size as usize;
            }
            self.nodes[at].hash = hash;
            self.nodes[at].size = (self.nodes.len() - at) as u32;
            self.sealed = self.nodes.len();
        }
        self
    }

    /// Copies a subtree of another tree to where this one stands.
    pub fn append(&mut self, other: &Tree, at: usize) {
        self.append_range(other, at, other.end(at));
    }

    /// What nodes stand for is one run of characters, in their order.
    #[inline(never)]
    fn append_range(&mut self, other: &Tree, from: usize, to: usize) {
        let nodes = other.nodes.get(from..to).unwrap_or_default();
        let (Some(first), Some(last)) = (nodes.first(), nodes.last()) else { return };
        let shift = (self.chars.len() as u32).wrapping_sub(first.start);
        self.chars.push_str(other.chars.get(first.start as usize..last.end as usize).unwrap_or_default());
        self.nodes.reserve(nodes.len());
        for node in nodes {
            let (start, end) = (node.start.wrapping_add(shift), node.end.wrapping_add(shift));
            self.nodes.push(Node { start, end, ..*node });
        }
        self.sealed = self.nodes.len();
    }

    /// Copies all of another tree to where this one stands.
    pub fn append_all(&mut self, other: &Tree) {
        self.append_range(other, 0, other.nodes.len());
    }

    /// Where the subtree at `at` ends: the place of its next sibling, if it has one.
    pub fn end(&self, at: usize) -> usize {
        at + self.nodes[at].size as usize
    }

    /// The value of an attribute of the element at `at`.
    pub fn find(&self, at: usize, name: Name) -> Option<&str> {
        let mut next = at + 1;
        while next < self.nodes.len() && self.nodes[next].kind == Kind::Attr {
            if self.nodes[next].name == name {
                return Some(self.value(next));
            }
            next += 1;
        }
        None
    }

    /// The text of a range of nodes as a reader sees it: a block on a line of its own, runs of white space as one.
    #[inline(never)]
    pub fn plain(&self, from: usize, to: usize) -> String {
        let mut out = String::new();
        let mut line = false;
        let mut space = false;
        for at in from..to {
            let node = &self.nodes[at];
            match node.kind {
                Kind::Text => {
                    let text = self.value(at);
                    let white = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_whitespace());
                    space |= white(text.bytes().next());
                    for word in text.split_ascii_whitespace() {
                        if !out.is_empty() && (line || space) {
                            out.push(if line { '\n' } else { ' ' });
                        }
                        out.push_str(word);
                        (line, space) = (false, true);
                    }
                    space &= white(text.bytes().next_back());
                }
                Kind::Element if is_block(node.name) => line = true,
                _ => {}
            }
        }
        out
    }
}

/// The number of a tag's name, in any letter case.
#[inline(never)]
pub fn element(name: &str) -> Option<Name> {
    number(name, 0, ALLOW)
}

/// The number of an attribute's name, in any letter case.
pub fn attribute(name: &str) -> Option<Name> {
    number(name, ALLOW, NAMES.len() as Name)
}

/// Tags' and attributes' names each stand in alphabetical order.
#[inline(never)]
fn number(name: &str, mut from: Name, mut to: Name) -> Option<Name> {
    while from < to {
        let middle = from + (to - from) / 2;
        let other = NAMES[middle as usize].bytes();
        match other.cmp(name.bytes().map(|byte| byte.to_ascii_lowercase())) {
            Ordering::Less => from = middle + 1,
            Ordering::Equal => return Some(middle),
            Ordering::Greater => to = middle,
        }
    }
    None
}

/// Whether an element begins a line of its own.
pub fn is_block(name: Name) -> bool {
    !matches!(
        name,
        A | ABBR
            | B
            | BDI
            | BDO
            | CITE
            | CODE
            | DATA
            | DEL
            | DFN
            | EM
            | I
            | INS
            | KBD
            | MARK
            | Q
            | RP
            | RT
            | RUBY
            | S
            | SAMP
            | SMALL
            | SPAN
            | STRONG
            | SUB
            | SUP
            | TIME
            | U
            | VAR
            | WBR
            | IMG
            | BUTTON
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_has_one_space_between_words_and_a_line_for_each_block() {
        for (texts, plain) in [
            (&["One  two\tthree "] as &[_], "One two three"),
            (&[" One two", "three \n", "\u{a0}four"], "One two\nthree\n\u{a0}four"),
            (&["", " ", "Ein Stück", "\u{3000}港 は", "  "], "Ein Stück\n\u{3000}港 は"),
        ] {
            let mut tree = Tree::new();
            for text in texts {
                tree.open(P).text(text).close();
            }
            assert_eq!(tree.plain(0, tree.nodes().len()), plain);
        }
        let mut tree = Tree::new();
        tree.text("One ").open(EM).text(" two").close().text("three ").open(A).text("four").close().text(" ");
        assert_eq!(tree.plain(0, tree.nodes().len()), "One twothree four");
    }

    #[test]
    fn every_name_is_found_by_its_text() {
        for (number, name) in (0..).zip(NAMES) {
            let upper = name.to_ascii_uppercase();
            let (tag, attr) = if number < ALLOW { (Some(number), None) } else { (None, Some(number)) };
            assert_eq!(element(&upper), tag.or(element(name).filter(|_| tag.is_none())), "{name}");
            assert_eq!(attribute(&upper), attr.or(attribute(name).filter(|_| attr.is_none())), "{name}");
        }
        for name in ["", "script", "aa", "zzz", "a\0", "onclick", "style"] {
            assert_eq!((element(name), attribute(name)), (None, None), "{name}");
        }
    }
}

//! Text that is nearly markup, for whatever must hold of any: what the tests of cleaning make up by the dice.
//!
//! `ROUNDS=10000000 SEED=5` makes a long search; few rounds are tried by default. What must hold is left to the tests.
#![allow(dead_code, reason = "each test binary takes its part")]

/// A small generator of numbers that is the same on every machine.
pub(crate) struct Dice(u64);

impl Dice {
    /// One to be rolled for so many rounds.
    pub(crate) fn rounds(few: usize, seed: u64) -> (Self, usize) {
        // In a browser there is no environment but the compiler's.
        let built = [("SEED", option_env!("SEED")), ("ROUNDS", option_env!("ROUNDS"))];
        let said = |name| {
            let built = built.iter().find(|(of, _)| *of == name).and_then(|(_, value)| *value);
            let number = std::env::var(name).ok().or_else(|| built.map(str::to_owned))?;
            Some(number.parse::<u64>().expect("a number"))
        };
        (Self(said("SEED").unwrap_or(seed)), said("ROUNDS").map_or(few, |rounds| rounds as usize))
    }

    pub(crate) fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % sides
    }

    pub(crate) fn pick<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.roll(list.len())]
    }
}

const TAGS: &[&str] = &[
    "a",
    "abbr",
    "article",
    "aside",
    "audio",
    "b",
    "bdi",
    "blockquote",
    "body",
    "br",
    "button",
    "caption",
    "center",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "details",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "font",
    "footer",
    "form",
    "frameset",
    "h1",
    "h2",
    "h6",
    "head",
    "hr",
    "html",
    "i",
    "iframe",
    "image",
    "img",
    "input",
    "li",
    "link",
    "main",
    "math",
    "menu",
    "meta",
    "mglyph",
    "mtext",
    "noscript",
    "object",
    "ol",
    "optgroup",
    "option",
    "p",
    "picture",
    "plaintext",
    "pre",
    "rp",
    "rt",
    "ruby",
    "script",
    "section",
    "select",
    "slot",
    "source",
    "span",
    "strike",
    "style",
    "sub",
    "summary",
    "svg",
    "table",
    "tbody",
    "td",
    "template",
    "textarea",
    "tfoot",
    "th",
    "thead",
    "time",
    "title",
    "tr",
    "track",
    "tt",
    "ul",
    "video",
    "wbr",
    "x-y",
    "xmp",
];
const ATTRS: &[&str] = &[
    " href=/a",
    " href=javascript:a",
    " href='java\tscript:a'",
    " src=b.png",
    " src=data:text/html,a",
    " src=//video.example/1",
    " srcset='a 1x, javascript:b 2x,,c'",
    " data-src=c",
    " lang=fr",
    " dir=rtl",
    " onclick=d",
    " style=e",
    " id=f",
    " title='<b>\"'",
    " width=1",
    " width=9px",
    " colspan=2",
    " a=\"",
    " b='",
    " =",
    "/",
    "\0",
    "\n",
    " rel=nofollow",
    " poster=g",
    " open",
    ">",
    " <",
];
const TEXTS: &[&str] = &[
    "x",
    " y z ",
    " ",
    "\n",
    "\r\n",
    "\0",
    "&nbsp;",
    "&amp;",
    "&lt;b&gt;",
    "&#0;",
    "&#x3c;",
    "&",
    "<",
    "</",
    "<!",
    "<!--",
    "-->",
    "--!>",
    "<!-->",
    "<?",
    "<![CDATA[",
    "]]>",
    ">",
    "é",
    "\u{202e}",
    "\u{10ffff}",
    "'",
    "\"",
];

/// A text that is nearly markup.
pub(crate) fn nearly(dice: &mut Dice) -> String {
    let mut text = String::new();
    for _ in 0..=dice.roll(40) {
        match dice.roll(10) {
            0..4 => {
                text += "<";
                text += dice.pick(TAGS);
                for _ in 0..dice.roll(4) {
                    text += dice.pick(ATTRS);
                }
                text += ">";
            }
            4..7 => {
                text += "</";
                text += dice.pick(TAGS);
                text += ">";
            }
            _ => text += dice.pick(TEXTS),
        }
    }
    // A byte is lost or doubled on the way, now and then.
    if dice.roll(3) == 0 {
        let at = dice.roll(text.len());
        if text.is_char_boundary(at) && text.is_char_boundary(at + 1) {
            let byte = text.remove(at);
            if dice.roll(2) == 0 {
                text.insert(at, byte);
                text.insert(at, byte);
            }
        }
    }
    text
}

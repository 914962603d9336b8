//! The allow-list from outside: attacks of each class, ordinary rich bodies, and what holds for any text at all.
//!
//! `ROUNDS=10000000 SEED=5` makes a long search for what does not hold; few are tried by default.
#![cfg(not(target_arch = "wasm32"))]

mod nearly;

use live_article::clean::{Rules, clean};
use live_article::markup::{Token, html, xml};
use live_article::tree::{Kind, NAMES, SANDBOX, SRC, Tree, element, is_block};
use live_article::{address, card, read::text, select};
use nearly::{Dice, nearly};

const RULES: Rules<'static> = Rules {
    base: "https://paper.example/2016/story?page=1",
    page: "https://paper.example/",
    embeds: "video.example *.maps.example",
};

/// What may ever stand in a cleaned body. Not taken from the code: a second opinion.
const ELEMENTS: &str = " a abbr audio b bdi bdo blockquote br caption cite code col colgroup data dd del details dfn dl \
    dt em figcaption figure h2 h3 h4 h5 h6 hr i iframe img ins kbd li mark ol p picture pre q rp rt ruby s samp small \
    source span strong sub summary sup table tbody td tfoot th thead time tr track u ul var video wbr ";
const ATTRIBUTES: &str = " allow alt colspan controls datetime dir height href hreflang kind label lang loading loop \
    media muted open part playsinline poster preload referrerpolicy rel reversed rowspan sandbox scope sizes src srclang \
    srcset start title translate type value width ";

fn tree(text: &str) -> Tree {
    let mut tree = Tree::new();
    clean(text, &RULES, &mut tree);
    tree
}

fn print(tree: &Tree) -> String {
    card::html(tree, &|_| String::new())
}

/// Panics where a tree holds anything that might run, restyle or load.
fn vet(tree: &Tree, of: &str) {
    assert_eq!(tree.depth(), 0, "left open in {of:?}");
    let mut element = "";
    let mut ends: Vec<usize> = Vec::new();
    for (at, node) in tree.nodes().iter().enumerate() {
        while ends.last().is_some_and(|&end| end <= at) {
            ends.pop();
        }
        let name = NAMES[node.name as usize];
        let listed = |list: &str| list.contains(&format!(" {name} "));
        match node.kind {
            Kind::Text => assert!(!ends.is_empty(), "bare text in {of:?}"),
            Kind::Element => {
                element = name;
                ends.push(tree.end(at));
                assert!(ends.len() <= 70, "too deep in {of:?}");
                assert!(listed(ELEMENTS), "<{name}> in {of:?}");
                if name == "iframe" {
                    let src = tree.find(at, SRC).unwrap_or_default();
                    assert!(address::matches(src, RULES.embeds, RULES.page), "{src} in {of:?}");
                    assert!(tree.find(at, SANDBOX).is_some(), "free frame in {of:?}");
                }
            }
            Kind::Attr => {
                assert!(listed(ATTRIBUTES), "{name} in {of:?}");
                let value = tree.value(at);
                let is = |starts: &[&str]| starts.iter().any(|start| value.starts_with(start));
                let web = is(&["https://", "http://"]);
                match (element, name) {
                    ("a", "href") => assert!(web || is(&["mailto:", "tel:", "MAILTO:", "TEL:"]), "{value} in {of:?}"),
                    ("img", "src") | ("video", "poster") => assert!(web || is(&["data:image/"]), "{value} in {of:?}"),
                    (_, "src" | "href" | "srcset" | "poster") => assert!(web, "{value} in {of:?}"),
                    _ => {}
                }
            }
        }
    }
}

/// A text's elements and text in order, with the attributes that the document gave; space as a browser shows it.
fn outline(text: &str) -> (Vec<String>, String) {
    let mut elements = Vec::new();
    let mut said = String::new();
    for token in html(text) {
        let name = match &token {
            Token::Open(tag) => tag.name,
            Token::Close(name) => name,
            _ => "a",
        };
        if is_block(element(name).unwrap()) {
            said.push(' ');
        }
        match token {
            Token::Open(tag) => {
                let mut attrs: Vec<_> = tag.attrs.map(|(name, value)| format!("{name}={value}")).collect();
                attrs.sort();
                elements.push(format!("{} {}", tag.name, attrs.join(" ")));
            }
            Token::Text(text) => text::decode(text, &mut said),
            _ => {}
        }
    }
    (elements, said.split_ascii_whitespace().collect::<Vec<_>>().join(" "))
}

#[test]
fn ordinary_bodies_stay_as_they_are() {
    let mut seen = String::from(" ");
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/clean");
    let mut bodies = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let body = std::fs::read_to_string(&path).unwrap();
        let cleaned = tree(&body);
        vet(&cleaned, &body);
        let printed = print(&cleaned);
        let (before, text) = outline(&body);
        let (after, kept) = outline(&printed);
        assert_eq!(kept, text, "{}", path.display());
        assert_eq!(before.len(), after.len(), "{}: {printed}", path.display());
        for (before, after) in before.iter().zip(&after) {
            let mut given = before.split(' ');
            let name = given.next().unwrap();
            assert!(after.starts_with(&format!("{name} ")), "{after} for {before} in {}", path.display());
            assert_eq!(given.find(|attr| !after.contains(attr)), None, "{after} for {before} in {}", path.display());
            seen.push_str(&format!("{name} "));
        }
        bodies += 1;
    }
    assert!(bodies >= 20);
    let unseen: Vec<_> = ELEMENTS.split_whitespace().filter(|name| !seen.contains(&format!(" {name} "))).collect();
    assert!(unseen.is_empty(), "no body has {unseen:?}");
}

#[test]
fn no_attack_passes() {
    for (class, attack, left) in [
        ("script", "<script>alert(1)</script>a", "a"),
        ("script", "<SCRIPT SRC=//evil.example/x.js></SCRIPT>a", "a"),
        ("script", "<script/x>alert(1)</script>a", "a"),
        ("script, split", "<scr<script>ipt>alert(1)</script>a", "ipt&gt;alert(1)a"),
        ("script, unclosed", "a<script>alert(1)", "a"),
        ("script, hidden end", "<script><!--<script></script>--></script>a", "a"),
        ("handler", "<p onclick=alert(1)>a", "a"),
        ("handler", "<img src=x onerror=alert(1)>a", "IMG a"),
        ("handler", "<b onmouseover='alert(1)' onfocus=alert(1) autofocus tabindex=1>a</b>", "<b>a</b>"),
        ("handler, after a slash", "<b/onclick=alert(1)/x>a</b>", "<b>a</b>"),
        ("handler, after a quote", "<b title=''onclick=alert(1)>a</b>", "<b>a</b>"),
        ("handler, form feed", "<b\u{c}onclick\u{c}=alert(1)>a</b>", "<b>a</b>"),
        (
            "handler, in a closed quote",
            "<b title='\"><img src=x onerror=alert(1)>'>a</b>",
            "<b title=\"&quot;&gt;&lt;img src=x onerror=alert(1)&gt;\">a</b>",
        ),
        ("handler, on an end tag", "<b>a</b onclick=alert(1)>", "<b>a</b>"),
        ("handler, ontoggle", "<details open ontoggle=alert(1)>", ""),
        ("handler, onstart", "<marquee onstart=alert(1)>a</marquee>", "a"),
        ("javascript", "<a href=javascript:alert(1)>a</a>", "a"),
        ("javascript, letter case", "<a href=jAvAsCrIpT:alert(1)>a</a>", "a"),
        ("javascript, tab", "<a href='java\tscript:alert(1)'>a</a>", "a"),
        ("javascript, references", "<a href='&#x6a&#97;va&NewLine;script&colon;alert(1)'>a</a>", "a"),
        ("javascript, control before", "<a href='\u{1}\u{1f} javascript:alert(1)'>a</a>", "a"),
        (
            "javascript, unquoted entity",
            "<a href=&#106&#97&#118&#97&#115&#99&#114&#105&#112&#116&#58alert(1)>a</a>",
            "a",
        ),
        ("javascript, second href", "<a href=javascript:alert(1) href=/b>a</a>", "a"),
        ("vbscript", "<a href=vbscript:alert(1)>a</a>", "a"),
        ("data", "<a href='data:text/html,<script>alert(1)</script>'>a</a>", "a"),
        ("data, svg picture", "<img src='data:image/svg+xml,<svg onload=alert(1)>'>a", "a"),
        ("blob", "<a href=blob:https://paper.example/1>a</a>", "a"),
        ("javascript, media", "<video src=javascript:alert(1) poster=javascript:alert(1)></video>a", "a"),
        ("javascript, srcset", "<img srcset='javascript:alert(1) 1x'>a", "a"),
        ("handler, media", "<video><source onerror=alert(1) src=x:y></video>a", "a"),
        ("svg", "<svg onload=alert(1)><script>alert(1)</script><a xlink:href=javascript:alert(1)>b</a></svg>a", "a"),
        ("svg, animate", "<svg><a><animate attributeName=href values=javascript:alert(1) /></a></svg>a", "a"),
        ("svg, style", "<svg><style><img src=x onerror=alert(1)></style></svg>a", "a"),
        ("math", "<math href=javascript:alert(1)><mtext>b</mtext></math>a", "a"),
        (
            "namespaces crossed",
            "<math><mtext><table><mglyph><style><math><img src=x onerror=alert(1)></style></mglyph></table></mtext></math>a",
            "",
        ),
        ("namespaces crossed", "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>", ""),
        ("raw text, title", "<title><img src=x onerror=alert(1)></title>a", "a"),
        ("raw text, textarea", "<textarea></textarea><img src=javascript:a onerror=alert(1)>a", "a"),
        ("raw text, noscript", "<noscript><p title='</noscript><img src=javascript:a onerror=alert(1)>'>a", "'&gt;a"),
        ("raw text, xmp", "<xmp><p title='</xmp><img src=javascript:a onerror=alert(1)>'>a", "'&gt;a"),
        ("raw text, plaintext", "a<plaintext><script>alert(1)</script>", "a"),
        ("comment", "<!--><script>alert(1)</script>-->a", "--&gt;a"),
        ("comment", "<!-- --!><script>alert(1)</script>a", "a"),
        ("comment, bogus", "</ ><script>alert(1)</script><?xml><!x>a", "a"),
        ("cdata", "<![CDATA[><script>alert(1)</script>]]>a", "]]&gt;a"),
        ("template", "<template><script>alert(1)</script></template>a", "a"),
        ("shadow root", "<div><template shadowrootmode=open><style>*{}</style></template></div>a", "a"),
        (
            "style",
            "<style>body{display:none}</style><link rel=stylesheet href=//evil.example><p style='position:fixed'>a",
            "a",
        ),
        ("class and id", "<p class=overlay id=headline name=x>a", "a"),
        ("part", "<b part='headline' slot=after-1 exportparts=x>a</b>", "<b>a</b>"),
        ("slot", "<slot name=after-1>a</slot>", "a"),
        ("base", "<base href=//evil.example>a<base target=_top>", "a"),
        ("meta", "<meta http-equiv=refresh content='0;url=//evil.example'>a", "a"),
        (
            "form",
            "<form action=//evil.example><input name=attributes><button formaction=javascript:alert(1)>b</button>a</form>",
            "a",
        ),
        ("form", "<select><option>b</select><isindex action=x><keygen>a<output>b</output>", "ab"),
        (
            "object",
            "<object data=//evil.example/x.swf><embed src=x>b</object><applet code=x>b</applet><embed src=y>a",
            "a",
        ),
        ("frame", "<iframe src=//evil.example></iframe><iframe srcdoc='<script>alert(1)</script>'></iframe>a", "a"),
        ("frame", "<frameset onload=alert(1)><frame src=javascript:alert(1)></frameset>a", "a"),
        (
            "frame, like a known one",
            "<iframe src='https://video.example.evil.example/'></iframe><iframe src='https://video.example@evil.example/'></iframe><iframe src='https://evil.example/#@video.example'></iframe><iframe src='https://evil.example\\@video.example/'></iframe>a",
            "a",
        ),
        (
            "opener",
            "<a href=https://evil.example/ target=_blank rel=opener ping=//evil.example>a</a>",
            "<a href=\"https://evil.example/\" rel=\"noopener\">a</a>",
        ),
        ("top layer", "<dialog open>a</dialog><p popover popovertarget=x contenteditable>b", "a</p><p>b"),
        ("custom element", "<live-article src=//evil.example adopt>a</live-article><b is=x-y>b</b>", "a<b>b</b>"),
        ("tracking", "<img src=//evil.example/1.gif width=1 height=1><img src=//evil.example/2.gif width=0>a", "a"),
        (
            "old",
            "<b style='behavior:url(x)' datasrc=#x background=javascript:a dynsrc=javascript:a>a</b><bgsound src=javascript:a><layer src=x>",
            "<b>a</b>",
        ),
        (
            "nul",
            "<scr\0ipt>alert(1)</scr\0ipt><img\0src=x\0onerror=alert(1)><b o\0nclick=alert(1)>a</b>",
            "alert(1)<b>a</b>",
        ),
        ("tag cut off", "a<img src=x onerror=alert(1) ", "a"),
        ("angle brackets", "<<script>alert(1)//<</script>a", "&lt;a"),
        ("other brackets", "\u{ff1c}script\u{ff1e}alert(1)", "\u{ff1c}script\u{ff1e}alert(1)"),
        ("encoded twice", "&amp;lt;script&amp;gt;", "&amp;lt;script&amp;gt;"),
        (
            "import",
            "<link rel=import href=x><script type=importmap>{}</script><script type=speculationrules>{}</script>a",
            "a",
        ),
    ] {
        let cleaned = tree(attack);
        vet(&cleaned, attack);
        let printed = print(&cleaned).replace(" part=\"paragraph\"", "");
        let img = "<img loading=\"lazy\" referrerpolicy=\"strict-origin\" src=\"https://paper.example/2016/x\">";
        let expected = if left.is_empty() { String::new() } else { format!("<p>{}</p>", left.replace("IMG ", img)) };
        assert_eq!(printed, expected, "{class}: {attack}");
    }
}

#[test]
fn whatever_comes_is_harmless_and_reads_back_the_same() {
    let (mut dice, rounds) = Dice::rounds(20_000, 1);
    for _ in 0..rounds {
        let text = nearly(&mut dice);
        let cleaned = tree(&text);
        vet(&cleaned, &text);
        let printed = print(&cleaned);
        assert_eq!(print(&tree(&printed)), printed, "{text:?}");
    }
}

#[test]
fn any_bytes_end_in_a_result() {
    let (mut dice, rounds) = Dice::rounds(20_000, 2);
    for _ in 0..rounds {
        let length = dice.roll(60);
        let bytes: Vec<u8> = (0..length)
            .map(|_| match dice.roll(4) {
                0 => dice.roll(256) as u8,
                1 => b"<>/&;'\"=-![]#x: \n"[dice.roll(17)],
                _ => b'a' + dice.roll(26) as u8,
            })
            .collect();
        let text = String::from_utf8_lossy(&bytes);
        vet(&tree(&text), &text);
        let whole = xml(&text).count() + html(&text).count();
        assert!(whole <= 2 * text.len(), "{text:?}");
        let _ = select::inner(&text, "a > b, [c~=d] e");
        let _ = select::inner("<a b=c><d>", &text);
        let _ = text::plain(&text);
        for address in [address::link(&text, RULES.base), address::picture(RULES.base, &text)].into_iter().flatten() {
            let lower = address.to_ascii_lowercase();
            assert!(
                ["http://", "https://", "mailto:", "tel:"].iter().any(|start| lower.starts_with(start)),
                "{address}"
            );
        }
    }
}

//! Text out of markup: character references, and the plain text of a headline or summary.
//!
//! Which bytes are text is for [`crate::markup`] to say.

use alloc::string::String;

use crate::clean::{Class, class};
use crate::markup::{
    DIGIT, LETTER, NOWHERE, ONES, TOPS, Token, begins, eights, either, html, peek, position, skip, slice, word, zeros,
};

/// Named references by first letter, each followed by its character: those of HTML 4 but for mathematics, and of
/// punctuation. HTML has 2,000 more that no newsroom was seen to use.
#[rustfmt::skip]
const NAMED: [&str; 26] = [
    "amp&acute´AgraveÀAacuteÁAcircÂAtildeÃAumlÄAringÅAEligÆagraveàaacuteáacircâatildeãaumläaringåaeligæAlphaΑ\
     alphaαasymp≈AMP&apos'ast*",
    "brvbar¦BetaΒbetaβbdquo„bull•",
    "cent¢curren¤copy©cedil¸CcedilÇccedilçcircˆChiΧchiχclubs♣COPY©comma,colon:commat@",
    "deg°divide÷DeltaΔdeltaδdagger†Dagger‡darr↓diams♦",
    "EgraveÈEacuteÉEcircÊEumlËETHÐegraveèeacuteéecircêeumlëethðEpsilonΕEtaΗepsilonεetaηensp\u{2002}emsp\u{2003}\
     euro€excl!equals=",
    "frac14¼frac12½frac34¾fnofƒfrasl⁄",
    "gt>GammaΓgammaγge≥GT>",
    "hellip…harr↔hearts♥horbar―",
    "iexcl¡iquest¿IgraveÌIacuteÍIcircÎIumlÏigraveìiacuteíicircîiumlïIotaΙiotaιinfin∞",
    "",
    "KappaΚkappaκ",
    "lt<laquo«LambdaΛlambdaλlrm\u{200e}lsquo‘ldquo“lsaquo‹larr←le≤loz◊LT<lpar(lsqb[lowbar_",
    "macr¯microµmiddot·MuΜmuμmdash—minus−",
    "nbsp\u{a0}not¬NtildeÑntildeñNuΝnuνndash–ne≠NewLine\nnum#",
    "ordfªordmºOgraveÒOacuteÓOcircÔOtildeÕOumlÖOslashØograveòoacuteóocircôotildeõoumlöoslashøOEligŒoeligœOmicronΟ\
     OmegaΩomicronοomegaω",
    "pound£plusmn±para¶PiΠPhiΦPsiΨpiπphiφpsiψpermil‰prime′Prime″percnt%plus+period.",
    "quot\"QUOT\"quest?",
    "reg®raquo»RhoΡrhoρrlm\u{200f}rsquo’rdquo”rsaquo›rarr→REG®rpar)rsqb]",
    "sect§shy\u{ad}sup2²sup3³sup1¹szligßScaronŠscaronšSigmaΣsigmafςsigmaσsbquo‚spades♠sol/semi;",
    "times×THORNÞthornþtilde˜ThetaΘTauΤthetaθtauτthinsp\u{2009}trade™Tab\t",
    "uml¨UgraveÙUacuteÚUcircÛUumlÜugraveùuacuteúucircûuumlüUpsilonΥupsilonυuarr↑",
    "",
    "",
    "XiΞxiξ",
    "yen¥YacuteÝyacuteýyumlÿYumlŸ",
    "ZetaΖzetaζzwnj\u{200c}zwj\u{200d}",
];

/// What bytes 128 to 159 mean in windows-1252, which is what is meant by a reference to them (HTML, section 13.2.5.80).
const WINDOWS: [u16; 32] = [
    0x20ac, 0x81, 0x201a, 0x192, 0x201e, 0x2026, 0x2020, 0x2021, 0x2c6, 0x2030, 0x160, 0x2039, 0x152, 0x8d, 0x17d,
    0x8f, 0x90, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x2dc, 0x2122, 0x161, 0x203a, 0x153, 0x9d,
    0x17e, 0x178,
];

/// Appends text with its references to characters replaced, once. Unknown ones stay as they are. Line ends become
/// line feeds and NUL goes, as HTML has it (sections 13.2.3.5 and 13.2.6.4.7).
pub fn decode(text: &str, out: &mut String) {
    replace(text, false, out);
}

/// The same for the value of an HTML attribute, where `&copy=` in an address means itself.
pub fn decode_attr(text: &str, out: &mut String) {
    replace(text, true, out);
}

#[inline(never)]
fn replace(text: &str, attr: bool, out: &mut String) {
    let bytes = text.as_bytes();
    out.reserve(bytes.len());
    let mut copied = 0;
    let mut at = 0;
    while at < bytes.len() {
        // What is neither a reference nor a control character.
        for eight in eights(bytes, at) {
            let word = word(eight);
            if (zeros(word ^ (ONES * u64::from(b'&'))) | word.wrapping_sub(ONES * 0xe) & !word) & TOPS != 0 {
                break;
            }
            at += 8;
        }
        if at == bytes.len() {
            break;
        }
        let (c, length) = match bytes[at] {
            b'&' => reference(text, at + 1, attr),
            b'\r' if peek(bytes, at + 1) != b'\n' => ('\n', 1),
            b'\r' | 0 => (NOTHING, 1),
            _ => (NOTHING, 0),
        };
        if length > 0 {
            out.push_str(slice(text, copied, at));
            if c != NOTHING {
                out.push(c);
            }
            at += length;
            copied = at;
        } else {
            at += 1;
        }
    }
    out.push_str(slice(text, copied, at));
}

const NOTHING: char = '\0';

/// The character that a reference stands for, whose `&` is before `from`, and how many bytes it takes; none of
/// either where it is none.
fn reference(text: &str, from: usize, attr: bool) -> (char, usize) {
    let bytes = text.as_bytes();
    if peek(bytes, from) == b'#' {
        let hex = peek(bytes, from + 1) | 0x20 == b'x';
        let radix = if hex { 16 } else { 10 };
        let first = from + 1 + usize::from(hex);
        let mut at = first;
        let mut code = 0u32;
        while let Some(digit) = char::from(peek(bytes, at)).to_digit(radix) {
            code = (code * radix + digit).min(0x0011_0000);
            at += 1;
        }
        if at == first {
            return (NOTHING, 0);
        }
        if let Some(&meant) = WINDOWS.get(code.wrapping_sub(0x80) as usize) {
            code = u32::from(meant);
        }
        let c = match char::from_u32(code) {
            None | Some('\0') => char::REPLACEMENT_CHARACTER,
            Some('\r') => '\n',
            Some(c) => c,
        };
        return (c, at + 1 - from + usize::from(peek(bytes, at) == b';'));
    }
    let name = slice(text, from, skip(bytes, from, LETTER | DIGIT)).as_bytes();
    let mut best = (NOTHING, 0);
    let Some(names) = NAMED.get((peek(bytes, from) | 0x20).wrapping_sub(b'a') as usize) else { return best };
    let mut at = 0;
    while at < names.len() {
        let end = skip(names.as_bytes(), at, LETTER | DIGIT);
        let length = end - at;
        let Some(c) = slice(names, end, names.len()).chars().next() else { break };
        if begins(name, 0, slice(names, at, end).as_bytes()) {
            let next = peek(bytes, from + length);
            if length == name.len() && next == b';' {
                return (c, length + 2);
            }
            // The oldest names do without the semicolon, in text even before another letter.
            let old = matches!(c, '"' | '&' | '<' | '>' | '\u{a0}'..='\u{ff}');
            if old && length >= best.1 && !(attr && (name.len() > length || next == b'=')) {
                best = (c, length + 1);
            }
        }
        at = end + c.len_utf8();
    }
    best
}

/// Whether there is anything in a text that may be a tag or a reference.
pub(crate) fn is_marked(text: &str) -> bool {
    either(text.as_bytes(), 0, b'<', b'&') < text.len()
}

/// A headline or summary as plain text: tags taken out, references replaced twice at most (some publishers encode
/// twice), white space and invisible characters as [`squeeze`] leaves them.
#[inline(never)]
pub fn plain(text: &str) -> String {
    let mut once = String::new();
    if !is_marked(text) {
        squeeze(text, &mut once);
        return once;
    }
    let mut twice = String::new();
    strip(text, &mut once);
    strip(&once, &mut twice);
    once.clear();
    squeeze(&twice, &mut once);
    once
}

/// Appends what is not a tag, a comment or a script. `x < y`, `Vec<T>` and a tag without an end are text.
fn strip(text: &str, out: &mut String) {
    let mut tokens = html(text);
    loop {
        let from = tokens.at();
        let token = tokens.next();
        let rest = slice(text, from, tokens.at());
        let name = match &token {
            Some(Token::Comment(_)) => continue,
            Some(Token::Cdata(_)) if tokens.at() < text.len() => continue,
            Some(Token::Open(tag)) => tag.name,
            Some(Token::Close(name)) => name,
            Some(_) => {
                decode(rest, out);
                continue;
            }
            None => {
                decode(rest, out);
                return;
            }
        };
        match class(name).1 {
            Class::Inline => {}
            Class::Unknown if position("font big o:p", name, false) == NOWHERE => decode(rest, out),
            _ => out.push(' '),
        }
    }
}

/// Appends text with white space collapsed and its ends trimmed; without soft hyphens, control characters, what is of
/// no width, and what turns the direction of the text around it (joiners stay where scripts and emoji need them).
pub fn squeeze(text: &str, out: &mut String) {
    line(text, 0, false, out);
}

/// The same from `at` on, to the line's end if `one`; answers where that is.
#[inline(never)]
pub(crate) fn line(text: &str, mut at: usize, one: bool, out: &mut String) -> usize {
    let from = out.len();
    out.reserve(text.len() - at);
    let mut last = 'a';
    // The white space since the last character, if any; a lone no-break space stays one.
    let mut space = '\0';
    loop {
        // By far the most is words with a space between, of plain letters.
        let run = run(text.as_bytes(), at);
        if run > at {
            if space != '\0' && out.len() > from {
                out.push(space);
            }
            (space, last) = ('\0', 'a');
            out.push_str(slice(text, at, run));
            at = run;
        }
        let Some(c) = slice(text, at, text.len()).chars().next() else { return at };
        if one && c == '\n' {
            return at;
        }
        at += c.len_utf8();
        match c {
            ' ' | '\t'..='\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => space = ' ',
            '\u{a0}' => space = if space == '\0' { c } else { ' ' },
            '\u{200c}' | '\u{200d}' if last < '\u{300}' => {}
            '\0'..='\u{1f}'
            | '\u{7f}'..='\u{9f}'
            | '\u{ad}'
            | '\u{200b}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}' => {}
            _ => {
                if space != '\0' && out.len() > from {
                    out.push(space);
                }
                space = '\0';
                last = c;
                out.push(c);
            }
        }
    }
}

/// Where the words end, of visible ASCII with one space between, that begin at `at`; no further than whole eight bytes.
fn run(bytes: &[u8], at: usize) -> usize {
    let mut end = at;
    // As if a space were before.
    let mut last = 0x80;
    for eight in eights(bytes, at) {
        let word = word(eight);
        let spaces = zeros(word ^ (ONES * 0x20)) & !word;
        // What is not ASCII, below the space, the last of ASCII, and a space after another.
        let odd = word | word.wrapping_sub(ONES * 0x20) | word.wrapping_add(ONES) | spaces & (spaces << 8 | last);
        if odd & TOPS != 0 {
            break;
        }
        last = spaces >> 56;
        end += 8;
    }
    // A space at the end may be one of several.
    end - usize::from(end > at && bytes[end - 1] == b' ')
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn references_are_replaced_once() {
        for (text, in_text, in_attr) in [
            ("", "", ""),
            ("no reference & none &", "no reference & none &", "no reference & none &"),
            ("&amp;&lt;&gt;&quot;&apos;", "&<>\"'", "&<>\"'"),
            ("&amp;amp;", "&amp;", "&amp;"),
            (
                "&ldquo;Caf&eacute;&rdquo;&nbsp;&mdash; 5&euro;&hellip;",
                "\u{201c}Café\u{201d}\u{a0}— 5€…",
                "\u{201c}Café\u{201d}\u{a0}— 5€…",
            ),
            ("&Eacute;&eacute;&Alpha;&alpha;&Scaron;&sup2;&frac12;", "ÉéΑαŠ²½", "ÉéΑαŠ²½"),
            ("&#8217;&#x2019;&#X2019;&#x1F4F0;", "’’’📰", "’’’📰"),
            ("&#146;&#147;&#x80;&#129;", "’“€\u{81}", "’“€\u{81}"),
            (
                "&#0;&#xD800;&#x110000;&#99999999999999999999;",
                "\u{fffd}\u{fffd}\u{fffd}\u{fffd}",
                "\u{fffd}\u{fffd}\u{fffd}\u{fffd}",
            ),
            ("&#106avascript &#x6Axavascript", "javascript jxavascript", "javascript jxavascript"),
            ("&#; &#x; &#xg; &# &", "&#; &#x; &#xg; &# &", "&#; &#x; &#xg; &# &"),
            ("a&amp b&ampc&copy=1&copyx", "a& b&c©=1©x", "a& b&ampc&copy=1&copyx"),
            ("&notit; &not;it &apos no", "¬it; ¬it &apos no", "&notit; ¬it &apos no"),
            ("&nosuchname; &;&NBSP;", "&nosuchname; &;&NBSP;", "&nosuchname; &;&NBSP;"),
            ("java&Tab;script&colon;", "java\tscript:", "java\tscript:"),
            ("&é&amp;é", "&é&é", "&é&é"),
            ("a\r\nb\rc&#13;d\0e&", "a\nb\nc\nde&", "a\nb\nc\nde&"),
        ] {
            let mut out = String::new();
            decode(text, &mut out);
            assert_eq!(out, in_text, "{text}");
            out.clear();
            decode_attr(text, &mut out);
            assert_eq!(out, in_attr, "{text} in an attribute");
        }
    }

    #[test]
    fn every_name_is_filed_under_its_letter() {
        for (letter, names) in (b'a'..).zip(NAMED) {
            let mut rest = names;
            while let Some(end) = rest.find(|c: char| !c.is_ascii_alphanumeric()) {
                assert_eq!(rest.as_bytes()[0] | 0x20, letter, "{rest}");
                let c = rest[end..].chars().next().unwrap();
                let mut out = String::new();
                decode(&alloc::format!("&{};", &rest[..end]), &mut out);
                assert_eq!(out, c.to_string());
                rest = &rest[end + c.len_utf8()..];
            }
            assert_eq!(rest, "");
        }
    }

    #[test]
    fn plain_text_is_what_a_reader_would_say() {
        for (text, plain_text) in [
            ("  Harbour\n bridge \t opens  ", "Harbour bridge opens"),
            ("Ferry &amp;amp; bridge", "Ferry & bridge"),
            ("Ferry &amp;amp;amp; bridge", "Ferry &amp; bridge"),
            ("<p>First</p><p>second<br>third</p>", "First second third"),
            ("A <b>bold</b> cl<i>ai</i>m", "A bold claim"),
            ("&lt;b&gt;Bold&lt;/b&gt; claim", "Bold claim"),
            ("Why 5 < 6 and 7 > 3", "Why 5 < 6 and 7 > 3"),
            ("A Vec<Story> of &lt;T&gt;", "A Vec<Story> of <T>"),
            ("Up <b", "Up <b"),
            ("One<!-- two --> three", "One three"),
            ("One<script>two()</script> three<style>p{}</style>", "One three"),
            ("How the <script> tag came", "How the tag came"),
            ("10\u{a0}km &nbsp; away&nbsp;", "10\u{a0}km away"),
            ("co\u{ad}op\u{200b}er\u{feff}ate\u{2060}d", "cooperated"),
            ("a\u{202e}b\u{202c}c\u{2066}d\u{2069}", "abcd"),
            ("a\u{200d}b می\u{200c}خواهم 👩\u{200d}🚀", "ab می\u{200c}خواهم 👩\u{200d}🚀"),
            ("a\0b\u{7}c\u{9b}d", "abcd"),
            ("", ""),
            (" \u{a0} ", ""),
        ] {
            assert_eq!(plain(text), plain_text, "{text}");
        }
    }
}

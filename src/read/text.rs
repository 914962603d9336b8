//! Text out of markup: character references, and the plain text of a headline or summary.
//!
//! Which bytes are text is for [`crate::markup`] to say.

use alloc::string::String;

use crate::markup::{Token, html, slice};
use crate::tree;

/// Named references by first letter, each followed by its character: all of HTML 4's but a few symbols, and what
/// writers of European languages and of URLs need beside. HTML has 1,900 more, for mathematics.
#[rustfmt::skip]
const NAMED: [&str; 26] = [
    "amp&acute´AgraveÀAacuteÁAcircÂAtildeÃAumlÄAringÅAEligÆagraveàaacuteáacircâatildeãaumläaringåaeligæAlphaΑalphaα\
     ang∠and∧asymp≈AMP&apos'ast*AbreveĂabreveăAogonĄaogonąAmacrĀamacrā",
    "brvbar¦BetaΒbetaβbdquo„bull•bsol\\",
    "cent¢curren¤copy©cedil¸CcedilÇccedilçcircˆChiΧchiχcrarr↵cap∩cup∪cong≅clubs♣COPY©comma,colon:commat@CacuteĆ\
     cacutećCcircĈccircĉCdotĊcdotċCcaronČccaronč",
    "deg°divide÷DeltaΔdeltaδdagger†Dagger‡darr↓dArr⇓diams♦dollar$dash\u{2010}DcaronĎdcaronďDstrokĐdstrokđ",
    "EgraveÈEacuteÉEcircÊEumlËETHÐegraveèeacuteéecircêeumlëethðEpsilonΕEtaΗepsilonεetaηensp\u{2002}emsp\u{2003}euro€\
     exist∃empty∅equiv≡excl!equals=EmacrĒemacrēEdotĖedotėEogonĘeogonęEcaronĚecaroně",
    "frac14¼frac12½frac34¾fnofƒfrasl⁄forall∀frac13⅓frac23⅔frac15⅕frac18⅛frac38⅜frac58⅝frac78⅞",
    "gt>GammaΓgammaγge≥GT>grave`GbreveĞgbreveğ",
    "hellip…harr↔hArr⇔hearts♥Hat^hairsp\u{200a}horbar―hyphen\u{2010}HstrokĦhstrokħ",
    "iexcl¡iquest¿IgraveÌIacuteÍIcircÎIumlÏigraveìiacuteíicircîiumlïIotaΙiotaιisin∈infin∞int∫ImacrĪimacrīIogonĮ\
     iogonįIdotİimathıinodotı",
    "",
    "KappaΚkappaκKcedilĶkcedilķ",
    "lt<laquo«LambdaΛlambdaλlrm\u{200e}lsquo‘ldquo“lsaquo‹larr←lArr⇐lowast∗le≤lceil⌈lfloor⌊lang⟨loz◊LT<lpar(lsqb[\
     lbrack[lowbar_lcub{lbrace{ldquor„lsquor‚LacuteĹlacuteĺLcedilĻlcedilļLcaronĽlcaronľLstrokŁlstrokł",
    "macr¯microµmiddot·MuΜmuμmdash—minus−",
    "nbsp\u{a0}not¬NtildeÑntildeñNuΝnuνndash–nabla∇notin∉ni∋ne≠nsub⊄NewLine\nnum#numsp\u{2007}numero№NacuteŃnacuteń\
     NcedilŅncedilņNcaronŇncaronň",
    "ordfªordmºOgraveÒOacuteÓOcircÔOtildeÕOumlÖOslashØograveòoacuteóocircôotildeõoumlöoslashøOEligŒoeligœOmicronΟ\
     OmegaΩomicronοomegaωor∨oplus⊕otimes⊗OmacrŌomacrōOdblacŐodblacő",
    "pound£plusmn±para¶PiΠPhiΦPsiΨpiπphiφpsiψpermil‰prime′Prime″part∂prod∏prop∝perp⊥percnt%plus+period.\
     puncsp\u{2008}",
    "quot\"QUOT\"quest?",
    "reg®raquo»RhoΡrhoρrlm\u{200f}rsquo’rdquo”rsaquo›rarr→rArr⇒radic√rceil⌉rfloor⌋rang⟩REG®rpar)rsqb]rbrack]rcub}\
     rbrace}rsquor’rdquor”RacuteŔracuteŕRcaronŘrcaronř",
    "sect§shy\u{ad}sup2²sup3³sup1¹szligßScaronŠscaronšSigmaΣsigmafςsigmaσsbquo‚sum∑sim∼sub⊂sup⊃sube⊆supe⊇sdot⋅\
     spades♠sol/semi;SacuteŚsacuteśScedilŞscedilş",
    "times×THORNÞthornþtilde˜ThetaΘTauΤthetaθtauτthinsp\u{2009}trade™there4∴Tab\tTcedilŢtcedilţTcaronŤtcaronť",
    "uml¨UgraveÙUacuteÚUcircÛUumlÜugraveùuacuteúucircûuumlüUpsilonΥupsilonυuarr↑uArr⇑UmacrŪumacrūUbreveŬubreveŭ\
     UringŮuringůUdblacŰudblacűUogonŲuogonų",
    "verbar|vert|",
    "",
    "XiΞxiξ",
    "yen¥YacuteÝyacuteýyumlÿYumlŸYcircŶycircŷ",
    "ZetaΖzetaζzwnj\u{200c}zwj\u{200d}ZacuteŹzacuteźZdotŻzdotżZcaronŽzcaronž",
];

/// What bytes 128 to 159 mean in windows-1252, which is what is meant by a reference to them (HTML, section 13.2.5.80).
const WINDOWS: [u16; 32] = [
    0x20ac, 0x81, 0x201a, 0x192, 0x201e, 0x2026, 0x2020, 0x2021, 0x2c6, 0x2030, 0x160, 0x2039, 0x152, 0x8d, 0x17d,
    0x8f, 0x90, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x2dc, 0x2122, 0x161, 0x203a, 0x153, 0x9d,
    0x17e, 0x178,
];

/// Appends text with its references to characters replaced, once. Unknown ones stay as they are.
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
    let mut copied = 0;
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] == b'&'
            && let Some((c, length)) = reference(&bytes[at + 1..], attr)
        {
            out.push_str(slice(text, copied, at));
            out.push(c);
            at += length;
            copied = at + 1;
        }
        at += 1;
    }
    out.push_str(slice(text, copied, at));
}

/// The character that a reference stands for and how many bytes it takes, `&` not counted.
fn reference(bytes: &[u8], attr: bool) -> Option<(char, usize)> {
    let byte = |at: usize| bytes.get(at).copied().unwrap_or(0);
    if byte(0) == b'#' {
        let hex = byte(1) | 0x20 == b'x';
        let (radix, from) = if hex { (16, 2) } else { (10, 1) };
        let mut at = from;
        let mut code = 0u32;
        while let Some(digit) = char::from(byte(at)).to_digit(radix) {
            code = (code * radix + digit).min(0x0011_0000);
            at += 1;
        }
        if at == from {
            return None;
        }
        if let Some(&meant) = WINDOWS.get(code.wrapping_sub(0x80) as usize) {
            code = u32::from(meant);
        }
        let c = char::from_u32(code).filter(|&c| c != '\0').unwrap_or(char::REPLACEMENT_CHARACTER);
        return Some((c, at + usize::from(byte(at) == b';')));
    }
    let mut run = 0;
    while byte(run).is_ascii_alphanumeric() {
        run += 1;
    }
    let mut rest = *NAMED.get((byte(0) | 0x20).wrapping_sub(b'a') as usize)?;
    let mut best = None;
    let mut longest = 0;
    loop {
        let mut end = 0;
        while rest.as_bytes().get(end).is_some_and(u8::is_ascii_alphanumeric) {
            end += 1;
        }
        let Some(c) = slice(rest, end, rest.len()).chars().next() else { return best };
        if run >= end && bytes[..end] == rest.as_bytes()[..end] {
            if run == end && byte(end) == b';' {
                return Some((c, end + 1));
            }
            // The oldest names do without the semicolon, in text even before another letter.
            let old = matches!(c, '"' | '&' | '<' | '>' | '\u{a0}'..='\u{ff}');
            if old && end > longest && !(attr && (run > end || byte(end) == b'=')) {
                longest = end;
                best = Some((c, end));
            }
        }
        rest = slice(rest, end + c.len_utf8(), rest.len());
    }
}

/// A headline or summary as plain text: tags taken out, references replaced twice at most (some publishers encode
/// twice), white space and invisible characters as [`squeeze`] leaves them.
#[inline(never)]
pub fn plain(text: &str) -> String {
    let mut once = String::new();
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
            _ => "",
        };
        match tree::element(name) {
            Some(name) if tree::is_block(name) => out.push(' '),
            Some(_) => {}
            None if STRIPPED.iter().any(|other| name.eq_ignore_ascii_case(other)) => out.push(' '),
            None => decode(rest, out),
        }
        if token.is_none() {
            return;
        }
    }
}

/// Elements that a card never shows, and yet are not text.
const STRIPPED: [&str; 11] =
    ["script", "style", "noscript", "iframe", "center", "font", "form", "input", "svg", "o:p", "object"];

/// Appends text with white space collapsed and its ends trimmed; without soft hyphens, control characters, what is of
/// no width, and what turns the direction of the text around it (joiners stay where scripts and emoji need them).
#[inline(never)]
pub fn squeeze(text: &str, out: &mut String) {
    let from = out.len();
    let mut last = 'a';
    // The white space since the last character, if any; a lone no-break space stays one.
    let mut space = '\0';
    for c in text.chars() {
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
            ("&Eacute;&eacute;&Alpha;&alpha;&Zcaron;&sup2;&frac12;", "ÉéΑαŽ²½", "ÉéΑαŽ²½"),
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

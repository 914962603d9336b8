//! Squeezes the card's sheet, so that comments and white space are read by people alone.
//!
//! Only what no style sheet can mean anything by goes: a space stays between words, before `:` and `(`, and around
//! the operators of `calc()`; a string stays as it is.

use std::path::Path;
use std::{env, fs, io};

const SHEET: &str = "src/view/card.css";

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed={SHEET}");
    let out = env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?;
    fs::write(Path::new(&out).join("card.css"), squeeze(&fs::read_to_string(SHEET)?))
}

fn squeeze(css: &str) -> String {
    let mut out = String::with_capacity(css.len());
    let mut space = false;
    let mut rest = css;
    while let Some(c) = rest.chars().next() {
        let end = match c {
            '/' if rest.starts_with("/*") => 2 + rest[2..].find("*/").map_or(rest.len() - 2, |end| end + 2),
            '"' | '\'' => 1 + string(&rest[1..], c),
            _ => c.len_utf8(),
        };
        let (piece, after) = rest.split_at(end);
        rest = after;
        if c.is_ascii_whitespace() || piece.starts_with("/*") {
            space = true;
            continue;
        }
        if space && !out.is_empty() && !out.ends_with(['{', '}', ';', ',', ':']) && !"{};,".contains(c) {
            out.push(' ');
        }
        space = false;
        if c == '}' && out.ends_with(';') {
            out.pop();
        }
        out.push_str(piece);
    }
    out
}

/// Bytes of a string's rest, its closing quote counted.
fn string(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices() {
        if c == quote && !escaped {
            return at + 1;
        }
        escaped = c == '\\' && !escaped;
    }
    rest.len()
}

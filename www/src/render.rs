//! `render`: the server's own copy of a card, for newsrooms without a template of their own.
//!
//! The copy is the card as it would be shown, in a declarative shadow tree, which the card takes over without a shift;
//! a browser that does not know those shows the plain children.

use anyhow::{Result, anyhow};
use live_article::article::{Precision, Time, civil};
use live_article::badge::{Age, Facts, Format, Intl, Plural, Status, Style, Words, face, show};
use live_article::card::{Look, View, card, html};
use live_article::tree::Tree;

use crate::read;

/// What to print a copy of.
#[derive(clap::Args)]
pub struct Options {
    /// A file, or an address that begins with `http:`.
    document: String,
    /// What the card is to poll; the document's own address without it.
    #[arg(long, value_name = "URL")]
    src: Option<String>,
    /// The folder of the package on the page's server.
    #[arg(long, value_name = "URL", default_value = "/pkg")]
    package: String,
}

/// Prints the copy.
///
/// # Errors
///
/// If the document cannot be had or is no article.
pub fn job(options: &Options) -> Result<()> {
    let (text, url) = read::text(&options.document)?;
    let src = options.src.as_deref().unwrap_or(&options.document);
    print!("{}", copy(&text, &url, src, &options.package)?);
    Ok(())
}

/// A document's copy, with the script tag before it.
///
/// # Errors
///
/// If it is no article.
pub fn copy(text: &str, url: &str, src: &str, package: &str) -> Result<String> {
    let article = live_article::read::read(&read::source(text, url, read::now()))
        .map_err(|refusal| anyhow!("{}: {}", refusal.reason.as_str(), refusal.message))?;
    let words = Words::english();
    let facts = Facts {
        published: article.published,
        modified: article.modified,
        checked: None,
        checking: None,
        paused: None,
        status: Status::Live,
        // What a server prints is read later: only an absolute time stays true.
        format: Format::Absolute,
    };
    let mut line = Tree::new();
    show(&face(&facts, read::now()), &words, &English, &mut line);
    let mut tree = Tree::new();
    let look = Look {
        view: View::Article,
        adopt: false,
        heading_level: 2,
        max_blocks: 100,
        wanted: "",
        stylesheet: None,
        changed: &[],
        after: &[],
        withdrawn: false,
        words: &words,
    };
    card(&article, &look, &mut tree);
    let stamp = |datetime: &str| day(datetime);
    let whole = html(&tree, &stamp);
    let badge = html(&line, &stamp);
    let whole = whole.replacen("class=\"line\"></div>", &format!("class=\"line\">{badge}</div>"), 1);
    let mut plain = format!("<h2>{}</h2>", escape(&article.headline));
    for block in &article.blocks {
        plain += &html(&block.body, &stamp);
    }
    Ok(format!(
        "<script async src=\"{package}/embed.js\"></script>\n<live-article src=\"{}\">\n\
         <template shadowrootmode=\"open\"><link rel=\"stylesheet\" href=\"{package}/card.css\">{whole}</template>\n\
         <article>{plain}</article>\n</live-article>\n",
        escape(src)
    ))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

/// `07/27/2016` of an ISO date.
fn day(datetime: &str) -> String {
    match datetime.get(..10).map(|date| date.split('-').collect::<Vec<_>>()).as_deref() {
        Some([year, month, day]) => format!("{month}/{day}/{year}"),
        _ => datetime.to_owned(),
    }
}

/// English of the United States, in UTC: what a server can know of a reader.
struct English;

impl Intl for English {
    fn time(&self, time: Time, style: Style, out: &mut String) {
        let seconds = (time.at / 1000.0).floor() as i64;
        let (year, month, date) = civil(seconds.div_euclid(86_400));
        let (hour, minute) = (seconds.rem_euclid(86_400) / 3600, seconds.rem_euclid(3600) / 60);
        if style != Style::Clock {
            *out += &format!("{month:02}/{date:02}/{year}");
        }
        if style == Style::Clock || (style == Style::Full && time.precision == Precision::Moment) {
            *out += &format!("{}{hour:02}:{minute:02} UTC", if style == Style::Full { " " } else { "" });
        }
    }

    fn ago(&self, age: Age, out: &mut String) {
        *out += &format!("{} {} ago", age.count, age.unit.name());
    }

    fn number(&self, count: u32, out: &mut String) {
        *out += &count.to_string();
    }

    fn plural(&self, count: u32) -> Plural {
        if count == 1 { Plural::One } else { Plural::Other }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_holds_the_card_and_the_plain_article() {
        let document = r#"{"@type": "NewsArticle", "headline": "Ferry & pier", "dateModified": "2016-07-27",
            "articleBody": "One ferry.\n\nTwo."}"#;
        let copy = copy(document, "http://127.0.0.1/ferry.jsonld", "/ferry.jsonld", "/pkg").unwrap();
        for piece in [
            "<live-article src=\"/ferry.jsonld\">",
            "<template shadowrootmode=\"open\">",
            "part=\"headline\">Ferry &amp; pier</h2>",
            "Last Updated: ",
            "datetime=\"2016-07-27\"",
            ">07/27/2016</time>",
            "<article><h2>Ferry &amp; pier</h2>",
        ] {
            assert!(copy.contains(piece), "{piece} is not in {copy}");
        }
        assert!(super::copy("{}", "http://127.0.0.1/", "/", "/pkg").is_err());
    }
}

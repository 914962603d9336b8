//! `read`: the article that a document is read as, what it lacks, and which field gave what; and the
//! tables over folders of documents and lists of dates that are kept elsewhere.
//!
//! Documents are read by the crate's own readers, as in the card; no browser's parser takes part.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};
use live_article::article::{Article, Precision, Time};
use live_article::read::{LIMIT, Refusal, Source, charset, explain};
use serde::Serialize;
use serde_json::{Value, json};

/// What to read, and how.
#[derive(clap::Args)]
pub struct Options {
    /// A file, or an address that begins with `http:`.
    #[arg(required_unless_present_any = ["shapes", "dates"])]
    document: Option<String>,
    /// In an HTML page, the element that holds the article's body.
    #[arg(long, value_name = "CSS")]
    select: Option<String>,
    /// Which entry of a feed, by id or URL.
    #[arg(long, value_name = "ID")]
    item: Option<String>,
    /// Read every page described in a folder, and print what was found as a table.
    #[arg(long, value_name = "DIR")]
    shapes: Option<PathBuf>,
    /// Read every date of a list, and print what came of them as a table.
    #[arg(long, value_name = "FILE")]
    dates: Option<PathBuf>,
}

/// Does what was asked for.
///
/// # Errors
///
/// If the document, the folder or the list cannot be had.
pub fn job(options: &Options) -> Result<ExitCode> {
    let mut code = ExitCode::SUCCESS;
    if let Some(document) = &options.document {
        code = report(document, options)?;
    }
    if let Some(dir) = &options.shapes {
        shapes(dir)?;
    }
    if let Some(file) = &options.dates {
        dates(file)?;
    }
    Ok(code)
}

pub(crate) fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64() * 1000.0
}

pub(crate) fn source<'a>(text: &'a str, url: &'a str, now: f64) -> Source<'a> {
    Source { text, url, page: url, item: None, select: None, embeds: "", zone: &|local| local, now }
}

/// A document's bytes, its Content-Type where it has one, and its address.
fn fetch(document: &str) -> Result<(Vec<u8>, String, String)> {
    if !document.starts_with("http://") && !document.starts_with("https://") {
        let path = fs::canonicalize(document).with_context(|| format!("no file {document}"))?;
        return Ok((fs::read(&path)?, String::new(), format!("http://localhost{}", path.display())));
    }
    let agent: ureq::Agent = ureq::Agent::config_builder().timeout_global(Some(Duration::from_secs(30))).build().into();
    let mut answer = agent.get(document).call().with_context(|| format!("no answer from {document}"))?;
    let header =
        answer.headers().get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let bytes = answer.body_mut().with_config().limit(4 * LIMIT as u64).read_to_vec()?;
    Ok((bytes, header, document.to_owned()))
}

/// A document's text and address.
pub(crate) fn text(document: &str) -> Result<(String, String)> {
    let (bytes, content_type, url) = fetch(document)?;
    let label = charset(&bytes, &content_type);
    let encoding = encoding_rs::Encoding::for_label(label.as_bytes()).unwrap_or(encoding_rs::UTF_8);
    Ok((encoding.decode(&bytes).0.into_owned(), url))
}

fn report(document: &str, options: &Options) -> Result<ExitCode> {
    let (bytes, content_type, url) = fetch(document)?;
    let examined = examine(&bytes, &content_type, &url, options.item.as_deref(), options.select.as_deref());
    if let Ok(article) = &examined.result {
        println!("{}", serde_json::to_string_pretty(article)?);
    }
    eprint!("{}", examined.words());
    Ok(if examined.result.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What the card reads in a document, what gave it, and what it lacks.
#[derive(Debug)]
pub(crate) struct Examined {
    pub(crate) result: Result<Article, Refusal>,
    /// Empty where it was refused.
    pub(crate) fields: Vec<Field>,
    /// What else there is to mend, a sentence each.
    pub(crate) notes: Vec<String>,
}

/// A field of the article.
#[derive(Debug, Serialize)]
pub(crate) struct Field {
    name: &'static str,
    /// What gave it; none where it is missing.
    from: Option<String>,
    /// What the card does without it.
    without: &'static str,
    /// What to publish.
    publish: &'static str,
    /// In JSON-LD, as an example.
    example: &'static str,
}

/// A field as a newsroom calls it, what the card does without it, what to publish, and an example of it.
const FIELDS: &[(&str, &str, &str, &str)] = &[
    ("headline", "the card has no headline", "`headline`", r#""headline": "Two ferries at the pier""#),
    ("summary", "the card shows none", "`description`", r#""description": "The second one came on Monday.""#),
    ("authors", "the card has no byline", "`author`", r#""author": { "@type": "Person", "name": "…" }"#),
    (
        "publisher",
        "the card does not name the paper",
        "`publisher`",
        r#""publisher": { "@type": "NewsMediaOrganization", "name": "…" }"#,
    ),
    (
        "image",
        "the card has no picture",
        "`image`",
        r#""image": { "@type": "ImageObject", "url": "/ferry.jpg", "caption": "…", "width": 1600, "height": 900 }"#,
    ),
    (
        "published",
        "the badge has no time before the first change",
        "`datePublished`, with a zone",
        r#""datePublished": "2016-07-26T09:00:00Z""#,
    ),
    (
        "modified",
        "the badge says Published",
        "`dateModified`, with a zone",
        r#""dateModified": "2016-07-27T12:00:00Z""#,
    ),
    ("url", "the card cannot link to the story", "`url`", r#""url": "https://paper.example/ferry""#),
    (
        "body",
        "the page's own copy stands in its place",
        "`articleBody`, or name it with `select`",
        r#""articleBody": "<p>One ferry.</p><p>Two.</p>""#,
    ),
    ("lang", "the page's language is taken", "`inLanguage`", r#""inLanguage": "en""#),
];

/// Reads a document as the card does.
pub(crate) fn examine(
    bytes: &[u8],
    content_type: &str,
    url: &str,
    item: Option<&str>,
    select: Option<&str>,
) -> Examined {
    let label = charset(bytes, content_type);
    let encoding = encoding_rs::Encoding::for_label(label.as_bytes()).unwrap_or(encoding_rs::UTF_8);
    let (text, _, broken) = encoding.decode(bytes);
    let mut source = source(&text, url, now());
    (source.item, source.select) = (item, select);
    let (result, trace) = explain(&source);
    let mut notes = Vec::new();
    if broken {
        let name = encoding.name();
        notes.push(format!("Some bytes are no {name}: they show as \u{fffd}. Declare the right charset."));
    }
    let mut over: Vec<_> = trace.iter().filter(|note| note.0 == "bound").map(|note| note.1).collect();
    over.dedup();
    notes.extend(over.iter().map(|what| format!("Over a bound: {what}.")));
    let Ok(article) = &result else { return Examined { result, fields: Vec::new(), notes } };
    let from = |field| {
        let by = trace.iter().rev().find(|(of, ..)| *of == field);
        match by {
            Some((_, name, "")) => Some(format!("from `{name}`")),
            Some((_, name, origin)) => Some(format!("from the page, {origin}: `{name}`")),
            None if field == "publisher" && article.publisher.is_some() => Some("from the feed".into()),
            None if field == "lang" && article.lang.is_some() => Some("from the feed".into()),
            None if field == "body" && article.blog => Some(format!("{} entries", article.blocks.len())),
            None => None,
        }
    };
    let fields = FIELDS
        .iter()
        .map(|&(name, without, publish, example)| Field { name, from: from(name), without, publish, example })
        .collect();
    for (what, time) in [("published", article.published), ("modified", article.modified)] {
        if time.is_some_and(|time| time.precision == Precision::Zoneless) {
            notes.push(format!("The {what} time has no zone: it shows as a date only. Write it with one."));
        }
    }
    Examined { result, fields, notes }
}

impl Examined {
    /// For who reads it in a terminal.
    fn words(&self) -> String {
        let mut out = match &self.result {
            Ok(article) => {
                let kind = if article.blog { "A live blog" } else { "An article" };
                format!("{kind}, read by live-article's own readers (no browser's parser).\n")
            }
            Err(refusal) => format!("{}: {}\n", refusal.reason.as_str(), refusal.message),
        };
        for Field { name, from, without, publish, .. } in &self.fields {
            out += &match from {
                Some(from) => format!("  {name:<10} {from}\n"),
                None => format!("  {name:<10} missing: {without}. Publish {publish}.\n"),
            };
        }
        self.notes.iter().fold(out, |out, note| out + &format!("  {note}\n"))
    }
}

/// A page made of a description: its JSON-LD, and with `all` its metadata, headings and times too.
fn page(shape: &Value, all: bool) -> String {
    let escape = |text: &str| text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;");
    let list = |of: &str| shape[of].as_array().cloned().unwrap_or_default();
    let mut page = format!("<html lang=\"{}\"><head>", escape(shape["lang"].as_str().unwrap_or_default()));
    if all {
        for meta in list("meta") {
            let [name, content] = [0, 1].map(|at| escape(meta[at].as_str().unwrap_or_default()));
            page.extend([format!("<meta property=\"{name}\" content=\"{content}\">")]);
        }
    }
    for block in list("jsonld") {
        // The masks cover schemes too.
        let raw =
            block["raw"].as_str().unwrap_or_default().replace("\"xxxxx:", "\"https:").replace("\"xxxx:", "\"http:");
        page.extend([format!("<script type=\"application/ld+json\">{raw}</script>")]);
    }
    page += "</head><body>";
    if all {
        for title in list("h1") {
            page.extend([format!("<h1>{}</h1>", escape(title.as_str().unwrap_or_default()))]);
        }
        for time in list("times") {
            page.extend([format!("<time datetime=\"{}\"></time>", escape(time.as_str().unwrap_or_default()))]);
        }
    }
    page + "</body></html>"
}

/// What of a node's fields stands in an article.
fn has(article: &Article, field: &str) -> Option<bool> {
    Some(match field {
        "headline" => !article.headline.is_empty(),
        "description" => article.summary.is_some(),
        "author" => !article.authors.is_empty(),
        "publisher" => article.publisher.is_some(),
        "image" => article.image.is_some(),
        "datePublished" => article.published.is_some(),
        "dateModified" => article.modified.is_some(),
        "articleBody" | "liveBlogUpdate" => !article.blocks.is_empty(),
        "isAccessibleForFree" => article.free.is_some(),
        _ => return None,
    })
}

fn shapes(dir: &Path) -> Result<()> {
    let mut files: Vec<_> =
        fs::read_dir(dir)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    files.retain(|path| path.extension().is_some_and(|end| end == "json"));
    files.sort();
    if files.is_empty() {
        bail!("no descriptions of pages in {}", dir.display());
    }
    let now = now();
    // Pages, said to hold an article, found to; then the same of those with a defect.
    let mut count = [[0; 3]; 2];
    let mut fields: BTreeMap<String, [u32; 2]> = BTreeMap::new();
    let mut dates = [0; 3];
    let mut notes = Vec::new();
    for path in &files {
        let shape: Value = serde_json::from_slice(&fs::read(path)?)?;
        let blocks = shape["jsonld"].as_array().cloned().unwrap_or_default();
        let defect = blocks.iter().any(|block| block["strict_valid"] == json!(false));
        let articles: Vec<_> = blocks
            .iter()
            .flat_map(|block| block["summary"].as_array().cloned().unwrap_or_default())
            .filter(|node| ["", "/@graph[]", "/mainEntity"].contains(&node[0].as_str().unwrap_or("?")))
            .collect();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let text = page(&shape, false);
        let found = explain(&source(&text, "https://example.test/", now)).0;
        for count in &mut count[..=usize::from(defect)] {
            count[0] += 1;
            count[1] += u32::from(!articles.is_empty());
            count[2] += u32::from(found.is_ok());
        }
        match &found {
            Ok(_) if articles.is_empty() => notes.push(format!("{name}: an article where the summary has none")),
            Err(refusal) if !articles.is_empty() => notes.push(format!("{name}: {}", refusal.message)),
            Ok(article) if articles.len() == 1 => {
                for (field, shape) in articles[0][2].as_object().into_iter().flatten() {
                    let said = !matches!(shape.as_str(), Some("empty-string" | "array[0]"));
                    if let (true, Some(has)) = (said, has(article, field)) {
                        let fields = fields.entry(field.clone()).or_default();
                        fields[0] += 1;
                        fields[1] += u32::from(has);
                        if !has {
                            notes.push(format!("{name}: no {field} was read ({shape})"));
                        }
                    }
                }
            }
            _ => {}
        }
        let text = page(&shape, true);
        let published =
            explain(&source(&text, "https://example.test/", now)).0.ok().and_then(|article| article.published);
        let expected = shape["expected_published"].as_str().map(str::to_owned);
        if expected.is_none() {
            continue;
        }
        dates[0] += 1;
        let expected_at = expected.as_deref().and_then(instant);
        let (right, same_day) = match (published, expected_at) {
            (Some(time), Some(at)) => ((time.at - at).abs() < 1000.0, (time.at - at).abs() <= 86_400_000.0),
            (None, None) => (true, true),
            _ => (false, false),
        };
        dates[1] += u32::from(right);
        dates[2] += u32::from(same_day);
        if !right {
            let read = published.map_or("nothing".to_owned(), Time::iso);
            notes.push(format!("{name}: published {read}, expected {}", expected.unwrap_or_default()));
        }
    }
    println!("{:<28} {:>6} {:>9} {:>6}", "", "pages", "articles", "found");
    for (name, count) in [("all", count[0]), ("with JSON that is not strict", count[1])] {
        println!("{name:<28} {:>6} {:>9} {:>6}", count[0], count[1], count[2]);
    }
    println!("\n{:<28} {:>6} {:>6}", "field of a lone node", "said", "read");
    for (field, [said, read]) in fields {
        println!("{field:<28} {said:>6} {read:>6}");
    }
    println!("\npublished as expected        {:>6} of {} ({} within a day)", dates[1], dates[0], dates[2]);
    for note in notes {
        println!("  {note}");
    }
    Ok(())
}

/// The UTC milliseconds of a time that a lenient reader wrote as ISO 8601; of one without zone as if in UTC.
fn instant(text: &str) -> Option<f64> {
    let text = text.replacen(' ', "T", 1);
    let moment = text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_millisecond);
    let civil = || jiff::tz::TimeZone::UTC.to_timestamp(text.parse::<jiff::civil::DateTime>().ok()?).ok();
    moment.or_else(|| Some(civil()?.as_millisecond())).map(|at| at as f64)
}

/// A date, through the reader that has no other door.
fn read_date(raw: &str, now: f64) -> Option<Time> {
    let text = json!({ "@type": "NewsArticle", "headline": "A", "expires": raw }).to_string();
    explain(&source(&text, "https://example.test/", now)).0.ok()?.ends
}

fn dates(file: &Path) -> Result<()> {
    let list: Vec<Value> = serde_json::from_slice(&fs::read(file)?)?;
    let mut right = 0;
    let mut clear = 0;
    let mut notes: Vec<String> = Vec::new();
    let (mut ambiguous, mut guessed, mut unread, mut extra) = (0, 0, 0, 0);
    for date in &list {
        let raw = date["raw"].as_str().unwrap_or_default();
        let expected = date["reads_as"].as_str().and_then(instant);
        let read = read_date(raw, now());
        let shown = read.map_or("nothing".to_owned(), Time::iso);
        if date["ambiguous"] == json!(true) {
            ambiguous += 1;
            guessed += u32::from(read.is_some());
            continue;
        }
        match (read, expected) {
            (_, None) => {
                unread += 1;
                if read.is_some() {
                    extra += 1;
                    notes.push(format!("{raw:?} reads as {shown}; the list has no reading"));
                }
            }
            (Some(time), Some(at)) if (time.at - at).abs() < 1.0 => {
                clear += 1;
                right += 1;
            }
            _ => {
                clear += 1;
                notes.push(format!("{raw:?} reads as {shown}; the list has {}", date["reads_as"]));
            }
        }
    }
    println!(
        "dates with one reading       {clear:>6}\nread as the list has them    {right:>6} ({:.2} %)",
        f64::from(right) * 100.0 / f64::from(clear)
    );
    println!("ambiguous                    {ambiguous:>6}, of which a reading was guessed: {guessed}");
    println!("without a reading in the list{unread:>6}, of which read here: {extra}");
    for note in notes {
        println!("  {note}");
    }
    Ok(())
}

//! A story's other forms, each made from its JSON-LD document: a page, JSON Feed, Atom, RSS, ninjs.
//!
//! A live blog becomes a feed of its entries, any other article a feed of one.

use std::fmt::Write;

use jiff::Timestamp;
use jiff::civil;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

/// What the paper is called.
const PAPER: &str = "The Wendhaven Courier";

/// A form a story is served in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    JsonLd,
    Html,
    JsonFeed,
    Atom,
    Rss,
    Ninjs,
}

impl Form {
    pub(super) const ALL: [Self; 6] = [Self::JsonLd, Self::Html, Self::JsonFeed, Self::Atom, Self::Rss, Self::Ninjs];

    /// As the list of stories calls it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::JsonLd => "jsonld",
            Self::Html => "html",
            Self::JsonFeed => "feed",
            Self::Atom => "atom",
            Self::Rss => "rss",
            Self::Ninjs => "ninjs",
        }
    }

    /// What follows the first dot of its address.
    pub(super) fn extension(self) -> &'static str {
        match self {
            Self::JsonFeed => "feed.json",
            Self::Ninjs => "ninjs.json",
            _ => self.name(),
        }
    }

    pub(super) fn content_type(self) -> &'static str {
        match self {
            Self::JsonLd => "application/ld+json",
            Self::Html => "text/html; charset=utf-8",
            Self::JsonFeed => "application/feed+json",
            Self::Atom => "application/atom+xml",
            Self::Rss => "application/rss+xml",
            Self::Ninjs => "application/json",
        }
    }

    /// The document in this form; `origin` makes its addresses absolute.
    pub(super) fn write(self, document: &Value, id: &str, origin: &str) -> String {
        let story = Story::of(document, id, origin);
        match self {
            Self::JsonLd => document.to_string(),
            Self::Html => story.html(document, id),
            Self::JsonFeed => story.json_feed(&format!("{origin}/stories/{id}.feed.json")),
            Self::Atom => story.atom(&format!("{origin}/stories/{id}.atom")),
            Self::Rss => story.rss(&format!("{origin}/stories/{id}.rss")),
            Self::Ninjs => story.ninjs(),
        }
    }
}

/// A document as the forms need it.
#[derive(Default)]
pub(super) struct Story {
    pub(super) headline: String,
    pub(super) blog: bool,
    pub(super) language: Option<String>,
    pub(super) published: Option<String>,
    pub(super) modified: Option<String>,
    url: String,
    summary: Option<String>,
    authors: Vec<Author>,
    publisher: Option<String>,
    image: Option<Image>,
    /// HTML.
    body: String,
    entries: Vec<Entry>,
    corrections: Vec<(String, Option<String>)>,
    version: Option<String>,
    ends: Option<String>,
    free: Option<bool>,
    status: Option<String>,
}

#[derive(Clone)]
struct Author {
    name: String,
    url: Option<String>,
}

struct Image {
    url: String,
    caption: Option<String>,
    credit: Option<String>,
    width: Option<u64>,
    height: Option<u64>,
}

#[derive(Clone)]
struct Entry {
    id: String,
    headline: Option<String>,
    published: Option<String>,
    modified: Option<String>,
    authors: Vec<Author>,
    /// HTML.
    body: String,
}

/// The article of a document: alone, in an array, in `@graph` or under `mainEntity`.
pub(super) fn article(document: &Value) -> Option<&Value> {
    match document {
        Value::Array(items) => items.iter().find_map(article),
        Value::Object(_) if is_article(&document["@type"]) => Some(document),
        Value::Object(fields) => ["@graph", "mainEntity"].iter().find_map(|name| article(fields.get(*name)?)),
        _ => None,
    }
}

fn is_article(kind: &Value) -> bool {
    match kind {
        Value::String(kind) => {
            let kind = kind.rsplit(['/', ':']).next().unwrap_or(kind);
            kind.ends_with("Article") || kind.ends_with("BlogPosting") || kind == "Report"
        }
        Value::Array(kinds) => kinds.iter().any(is_article),
        _ => false,
    }
}

/// The text of a value: a string, or what an object calls its name or text.
pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        Value::Array(items) => items.iter().find_map(text),
        Value::Object(fields) => ["name", "text", "url", "@id"].iter().find_map(|name| text(fields.get(*name)?)),
        _ => None,
    }
}

fn each(value: &Value) -> &[Value] {
    match value {
        Value::Null => &[],
        Value::Array(items) => items,
        _ => std::slice::from_ref(value),
    }
}

fn absolute(address: &str, origin: &str) -> String {
    if address.starts_with('/') && !address.starts_with("//") {
        format!("{origin}{address}")
    } else {
        address.to_owned()
    }
}

fn authors(value: &Value, origin: &str) -> Vec<Author> {
    let author =
        |value| Some(Author { name: text(value)?, url: text(&value["url"]).map(|url| absolute(&url, origin)) });
    each(value).iter().filter_map(author).collect()
}

/// A body as HTML: as it is where it holds markup, else a paragraph for each run of text between empty lines.
fn body(value: &Value) -> String {
    let text = text(value).unwrap_or_default();
    if text.contains("</") {
        return text;
    }
    let mut out = String::new();
    for paragraph in text.split("\n\n").map(str::trim).filter(|paragraph| !paragraph.is_empty()) {
        let _ = writeln!(out, "<p>{}</p>", Escaped(paragraph));
    }
    out
}

/// A moment as RFC 3339 has it. A date without a time becomes its noon, which is that date in most zones.
fn moment(text: &str) -> Option<Timestamp> {
    let utc = |time: civil::DateTime| TimeZone::UTC.to_timestamp(time).ok();
    if let Ok(moment) = text.parse() {
        return Some(moment);
    }
    if text.contains('T') {
        return utc(text.parse().ok()?);
    }
    utc(text.parse::<civil::Date>().ok()?.at(12, 0, 0, 0))
}

fn rfc_3339(text: Option<&String>) -> Option<String> {
    Some(moment(text?)?.to_string())
}

fn rfc_822(text: Option<&String>) -> Option<String> {
    Some(moment(text?)?.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string())
}

/// A time for reading: `2026-03-03, 16:05 UTC`; a date alone as it is.
fn plain(text: &str) -> String {
    match moment(text) {
        Some(moment) if text.contains('T') => moment.strftime("%Y-%m-%d, %H:%M UTC").to_string(),
        _ => Escaped(text).to_string(),
    }
}

/// Text as it stands in HTML or XML, in content and in attributes; characters that XML forbids are left out.
struct Escaped<'a>(&'a str);

impl std::fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'.. => f.write_char(c)?,
                _ => {}
            }
        }
        Ok(())
    }
}

impl Story {
    /// What the document of a story says; empty where it has no article. What has no address in it has one here.
    pub(super) fn of(document: &Value, id: &str, origin: &str) -> Self {
        let Some(node) = article(document) else { return Self::default() };
        let url = ["url", "@id", "mainEntityOfPage"].iter().find_map(|name| text(&node[*name]));
        let url = absolute(&url.unwrap_or_else(|| format!("/stories/{id}.html")), origin);
        let picture = each(&node["image"]).first();
        let image = picture.and_then(|image| {
            let address =
                if image.is_string() { text(image) } else { text(&image["url"]).or(text(&image["contentUrl"])) };
            Some(Image {
                url: absolute(&address?, origin),
                caption: text(&image["caption"]),
                credit: text(&image["creditText"]),
                width: image["width"].as_u64(),
                height: image["height"].as_u64(),
            })
        });
        let named = |value: &Value| {
            let own = text(&value["@id"]).or(text(&value["url"]));
            let time = || format!("{url}#{}", text(&value["datePublished"]).unwrap_or_default());
            own.map_or_else(time, |own| absolute(&own, origin))
        };
        let entry = |value: &Value| Entry {
            id: named(value),
            headline: text(&value["headline"]),
            published: text(&value["datePublished"]),
            modified: text(&value["dateModified"]),
            authors: authors(&value["author"], origin),
            body: body(&value["articleBody"]),
        };
        Self {
            headline: text(&node["headline"]).or(text(&node["name"])).unwrap_or_default(),
            blog: node.get("liveBlogUpdate").is_some(),
            language: text(&node["inLanguage"]),
            published: text(&node["datePublished"]),
            modified: text(&node["dateModified"]),
            entries: each(&node["liveBlogUpdate"]).iter().map(entry).collect(),
            url,
            summary: text(&node["description"]),
            authors: authors(&node["author"], origin),
            publisher: text(&node["publisher"]),
            image,
            body: body(&node["articleBody"]),
            corrections: each(&node["correction"])
                .iter()
                .filter_map(|value| Some((text(&value["text"]).or(text(value))?, text(&value["datePublished"]))))
                .collect(),
            version: text(&node["version"]),
            ends: text(&node["coverageEndTime"]).or(text(&node["expires"])),
            free: node["isAccessibleForFree"].as_bool(),
            status: text(&node["creativeWorkStatus"]),
        }
    }

    /// The entries of a feed: a live blog's own, or the article itself.
    fn items(&self) -> Vec<Entry> {
        if self.blog {
            return self.entries.clone();
        }
        let mut body = self.body.clone();
        for (correction, _) in &self.corrections {
            let _ = writeln!(body, "<p>{}</p>", Escaped(correction));
        }
        vec![Entry {
            id: self.url.clone(),
            headline: Some(self.headline.clone()),
            published: self.published.clone(),
            modified: self.modified.clone(),
            authors: self.authors.clone(),
            body,
        }]
    }

    /// `lang` and `dir` as attributes.
    fn tongue(&self) -> String {
        let Some(language) = &self.language else { return String::new() };
        let direction =
            if matches!(language.split('-').next(), Some("ar" | "fa" | "he" | "ur")) { "rtl" } else { "ltr" };
        format!(" lang=\"{}\" dir=\"{direction}\"", Escaped(language))
    }

    /// Headline and summary, for a front page.
    pub(super) fn teaser(&self) -> String {
        format!(
            "<article{}><h3><a href=\"{}\">{}</a></h3><p>{}</p></article>",
            self.tongue(),
            Escaped(&self.url),
            Escaped(&self.headline),
            Escaped(self.summary.as_deref().unwrap_or_default())
        )
    }

    /// The `<article>`, with schema.org microdata.
    pub(super) fn marked_up(&self, heading: u8) -> String {
        let kind = if self.blog { "LiveBlogPosting" } else { "NewsArticle" };
        let mut out = format!("<article itemscope itemtype=\"https://schema.org/{kind}\"{}>\n", self.tongue());
        let _ = writeln!(out, "<h{heading} itemprop=\"headline\">{}</h{heading}>", Escaped(&self.headline));
        times(&mut out, ["dateModified", "datePublished"], [&self.modified, &self.published]);
        if let Some(summary) = &self.summary {
            let _ = writeln!(out, "<p itemprop=\"description\">{}</p>", Escaped(summary));
        }
        if !self.authors.is_empty() {
            let names: Vec<_> = self.authors.iter().map(|author| author.name.as_str()).collect();
            let _ = writeln!(out, "<span itemprop=\"author\">{}</span>", Escaped(&names.join(", ")));
        }
        if let Some(image) = &self.image {
            let _ = write!(out, "<figure><img itemprop=\"image\" src=\"{}\"", Escaped(&image.url));
            if let (Some(width), Some(height)) = (image.width, image.height) {
                let _ = write!(out, " width=\"{width}\" height=\"{height}\"");
            }
            let caption = image.caption.as_deref().unwrap_or_default();
            let _ = write!(out, " alt=\"{0}\"><figcaption>{0}", Escaped(caption));
            if let Some(credit) = &image.credit {
                let _ = write!(out, " <small>{}</small>", Escaped(credit));
            }
            out.push_str("</figcaption></figure>\n");
        }
        if !self.body.is_empty() {
            let _ = writeln!(out, "<div itemprop=\"articleBody\">\n{}\n</div>", self.body.trim());
        }
        for entry in &self.entries {
            let id = entry.id.split_once('#').map_or("", |(_, id)| id);
            let _ = writeln!(
                out,
                "<section itemprop=\"liveBlogUpdate\" itemscope itemtype=\"https://schema.org/BlogPosting\" itemid=\"{}\" id=\"{}\">",
                Escaped(&entry.id),
                Escaped(id)
            );
            if let Some(headline) = &entry.headline {
                let _ = writeln!(out, "<h{0} itemprop=\"headline\">{1}</h{0}>", heading + 1, Escaped(headline));
            }
            times(&mut out, ["datePublished", "dateModified"], [&entry.published, &entry.modified]);
            let _ = writeln!(out, "<div itemprop=\"articleBody\">\n{}\n</div>\n</section>", entry.body.trim());
        }
        for (correction, _) in &self.corrections {
            let _ = writeln!(out, "<p itemprop=\"correction\">{}</p>", Escaped(correction));
        }
        out + "</article>\n"
    }

    /// A page of the paper, with every kind of metadata a publisher's page has.
    fn html(&self, document: &Value, id: &str) -> String {
        let mut out = format!(
            "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width\">\n<title>{} – {PAPER}</title>\n\
             <link rel=\"canonical\" href=\"{}\">\n<link rel=\"stylesheet\" href=\"/paper.css\">\n",
            Escaped(self.language.as_deref().unwrap_or("en")),
            Escaped(&self.headline),
            Escaped(&self.url)
        );
        let image = self.image.as_ref();
        for (property, content) in [
            ("og:type", Some("article")),
            ("og:site_name", Some(PAPER)),
            ("og:url", Some(self.url.as_str())),
            ("og:title", Some(self.headline.as_str())),
            ("og:description", self.summary.as_deref()),
            ("og:image", image.map(|image| image.url.as_str())),
            ("article:published_time", self.published.as_deref()),
            ("article:modified_time", self.modified.as_deref()),
        ] {
            if let Some(content) = content {
                let _ = writeln!(out, "<meta property=\"{property}\" content=\"{}\">", Escaped(content));
            }
        }
        for (kind, title, form) in [
            ("application/feed+json", "JSON Feed", Form::JsonFeed),
            ("application/atom+xml", "Atom", Form::Atom),
            ("application/rss+xml", "RSS", Form::Rss),
        ] {
            let _ = writeln!(
                out,
                "<link rel=\"alternate\" type=\"{kind}\" title=\"{title}\" href=\"/stories/{id}.{}\">",
                form.extension()
            );
        }
        // Nothing inside may look like the end of the script.
        let json = document.to_string().replace('<', "\\u003c");
        let _ = writeln!(
            out,
            "<script type=\"application/ld+json\">{json}</script>\n</head>\n<body class=\"story\">\n\
             <header lang=\"en\"><a href=\"/\">{PAPER}</a></header>\n<main>"
        );
        out.push_str(&self.marked_up(1));
        out + "</main>\n</body>\n</html>\n"
    }

    /// JSON Feed 1.1.
    fn json_feed(&self, address: &str) -> String {
        let people = |authors: &[Author]| {
            let one = |author: &Author| pruned(json!({"name": author.name, "url": author.url}));
            (!authors.is_empty()).then(|| authors.iter().map(one).collect::<Vec<_>>())
        };
        let items: Vec<_> = self
            .items()
            .iter()
            .map(|item| {
                pruned(json!({
                    "id": item.id,
                    "url": item.id,
                    "title": item.headline,
                    "summary": if self.blog { None } else { self.summary.as_deref() },
                    "content_html": item.body,
                    "image": if self.blog { None } else { self.image.as_ref().map(|image| image.url.as_str()) },
                    "date_published": rfc_3339(item.published.as_ref()),
                    "date_modified": rfc_3339(item.modified.as_ref()),
                    "authors": people(&item.authors),
                    "language": self.language,
                }))
            })
            .collect();
        let over = self.ends.as_deref().and_then(moment).is_some_and(|end| end < Timestamp::now());
        pruned(json!({
            "version": "https://jsonfeed.org/version/1.1",
            "title": self.headline,
            "description": self.summary,
            "home_page_url": self.url,
            "feed_url": address,
            "language": self.language,
            "authors": people(&self.authors),
            "expired": over.then_some(true),
            "items": items,
        }))
        .to_string()
    }

    /// Atom 1.0 (RFC 4287).
    fn atom(&self, address: &str) -> String {
        let mut out =
            String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\"");
        if let Some(language) = &self.language {
            let _ = write!(out, " xml:lang=\"{}\"", Escaped(language));
        }
        let _ = writeln!(out, ">\n<id>{}</id>\n<title>{}</title>", Escaped(address), Escaped(&self.headline));
        if let Some(summary) = &self.summary {
            let _ = writeln!(out, "<subtitle>{}</subtitle>", Escaped(summary));
        }
        // Each feed and entry must say when it was updated (section 4.2.15).
        let never = || Timestamp::UNIX_EPOCH.to_string();
        let changed = rfc_3339(self.modified.as_ref().or(self.published.as_ref())).unwrap_or_else(never);
        let _ = writeln!(
            out,
            "<updated>{changed}</updated>\n<link rel=\"self\" type=\"application/atom+xml\" href=\"{}\"/>\n\
             <link rel=\"alternate\" type=\"text/html\" href=\"{}\"/>",
            Escaped(address),
            Escaped(&self.url)
        );
        atom_authors(&mut out, if self.authors.is_empty() { None } else { Some(&self.authors) });
        for item in self.items() {
            // Each entry must have a title (section 4.1.2); that of one without a headline is empty.
            let title = item.headline.as_deref().unwrap_or_default();
            let _ = writeln!(out, "<entry>\n<id>{}</id>\n<title>{}</title>", Escaped(&item.id), Escaped(title));
            if let Some(published) = rfc_3339(item.published.as_ref()) {
                let _ = writeln!(out, "<published>{published}</published>");
            }
            let updated =
                rfc_3339(item.modified.as_ref().or(item.published.as_ref())).unwrap_or_else(|| changed.clone());
            let _ = writeln!(
                out,
                "<updated>{updated}</updated>\n<link rel=\"alternate\" type=\"text/html\" href=\"{}\"/>",
                Escaped(&item.id)
            );
            if self.blog && !item.authors.is_empty() {
                atom_authors(&mut out, Some(&item.authors));
            }
            if let (false, Some(summary)) = (self.blog, &self.summary) {
                let _ = writeln!(out, "<summary>{}</summary>", Escaped(summary));
            }
            if let (false, Some(image)) = (self.blog, &self.image) {
                let kind = mime_guess::from_path(&image.url).first_or_octet_stream();
                let _ = writeln!(out, "<link rel=\"enclosure\" type=\"{kind}\" href=\"{}\"/>", Escaped(&image.url));
            }
            let _ = writeln!(out, "<content type=\"html\">{}</content>\n</entry>", Escaped(&item.body));
        }
        out + "</feed>\n"
    }

    /// RSS 2.0, with the content, Dublin Core, Media RSS and Atom modules.
    fn rss(&self, address: &str) -> String {
        let mut out = String::from(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<rss version=\"2.0\" \
             xmlns:content=\"http://purl.org/rss/1.0/modules/content/\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" \
             xmlns:dcterms=\"http://purl.org/dc/terms/\" \
             xmlns:media=\"http://search.yahoo.com/mrss/\" xmlns:atom=\"http://www.w3.org/2005/Atom\">\n<channel>\n",
        );
        let _ = writeln!(
            out,
            "<title>{}</title>\n<link>{}</link>\n<description>{}</description>\n\
             <atom:link rel=\"self\" type=\"application/rss+xml\" href=\"{}\"/>",
            Escaped(&self.headline),
            Escaped(&self.url),
            Escaped(self.summary.as_deref().unwrap_or(PAPER)),
            Escaped(address)
        );
        if let Some(language) = &self.language {
            let _ = writeln!(out, "<language>{}</language>", Escaped(language));
        }
        if let Some(built) = rfc_822(self.modified.as_ref()) {
            let _ = writeln!(out, "<lastBuildDate>{built}</lastBuildDate>");
        }
        for item in self.items() {
            let _ = writeln!(out, "<item>\n<guid isPermaLink=\"true\">{0}</guid>\n<link>{0}</link>", Escaped(&item.id));
            if let Some(headline) = &item.headline {
                let _ = writeln!(out, "<title>{}</title>", Escaped(headline));
            }
            if let Some(published) = rfc_822(item.published.as_ref()) {
                let _ = writeln!(out, "<pubDate>{published}</pubDate>");
            }
            if let Some(modified) = rfc_3339(item.modified.as_ref()) {
                // RSS has no element for it; feeds that tell use Dublin Core's.
                let _ = writeln!(out, "<dcterms:modified>{modified}</dcterms:modified>");
            }
            for author in &item.authors {
                let _ = writeln!(out, "<dc:creator>{}</dc:creator>", Escaped(&author.name));
            }
            if let (false, Some(summary)) = (self.blog, &self.summary) {
                let _ = writeln!(out, "<description>{}</description>", Escaped(summary));
            }
            if let (false, Some(image)) = (self.blog, &self.image) {
                let _ = write!(out, "<media:content url=\"{}\" medium=\"image\"", Escaped(&image.url));
                if let (Some(width), Some(height)) = (image.width, image.height) {
                    let _ = write!(out, " width=\"{width}\" height=\"{height}\"");
                }
                out.push('>');
                if let Some(caption) = &image.caption {
                    let _ = write!(out, "<media:description>{}</media:description>", Escaped(caption));
                }
                if let Some(credit) = &image.credit {
                    let _ = write!(out, "<media:credit>{}</media:credit>", Escaped(credit));
                }
                out.push_str("</media:content>\n");
            }
            let _ = writeln!(out, "<content:encoded>{}</content:encoded>\n</item>", Escaped(&item.body));
        }
        out + "</channel>\n</rss>\n"
    }

    /// ninjs 3.0 (IPTC News in JSON).
    fn ninjs(&self) -> String {
        let mut html = self.body.clone();
        for entry in &self.entries {
            if let Some(headline) = &entry.headline {
                let _ = writeln!(html, "<h3>{}</h3>", Escaped(headline));
            }
            html.push_str(&entry.body);
        }
        let role = |role: &str, value: &Option<String>| {
            value.as_ref().map(|value| json!([{"role": role, "contentType": "text/plain", "value": value}]))
        };
        let picture = self.image.as_ref().map(|image| {
            let kind = mime_guess::from_path(&image.url).first_or_octet_stream().to_string();
            json!([pruned(json!({
                "name": "main",
                "uri": image.url,
                "type": "picture",
                "by": image.credit,
                "descriptions": role("caption", &image.caption),
                "renditions": [pruned(json!({
                    "name": "main", "href": image.url, "contentType": kind, "width": image.width, "height": image.height,
                }))],
            }))])
        });
        let withdrawn = self.status.as_deref().filter(|status| matches!(*status, "canceled" | "withheld"));
        let by: Vec<_> = self.authors.iter().map(|author| author.name.as_str()).collect();
        let mut corrections = self.corrections.iter().map(|(text, _)| text.as_str());
        pruned(json!({
            "uri": self.url,
            "standard": {"name": "ninjs", "version": "3.0", "schema": "https://iptc.org/std/ninjs/ninjs-schema_3.0.json"},
            "type": "text",
            "representationType": if self.free == Some(false) { "partial" } else { "full" },
            "version": self.version,
            "firstCreated": rfc_3339(self.published.as_ref()),
            "versionCreated": rfc_3339(self.modified.as_ref().or(self.published.as_ref())),
            "pubStatus": withdrawn.unwrap_or("usable"),
            "language": self.language,
            "copyrightHolder": self.publisher,
            "edNote": corrections.next_back(),
            "by": Some(by.join(", ")).filter(|by| !by.is_empty()),
            "headlines": [{"role": "main", "contentType": "text/plain", "value": self.headline}],
            "descriptions": role("summary", &self.summary),
            "bodies": [{"role": "main", "contentType": "text/html", "value": html}],
            "associations": picture,
        }))
        .to_string()
    }
}

/// A feed without an author needs one all the same (RFC 4287, section 4.1.1): the paper.
fn atom_authors(out: &mut String, authors: Option<&[Author]>) {
    let paper = [Author { name: PAPER.into(), url: None }];
    for author in authors.unwrap_or(&paper) {
        let _ = write!(out, "<author><name>{}</name>", Escaped(&author.name));
        if let Some(url) = &author.url {
            let _ = write!(out, "<uri>{}</uri>", Escaped(url));
        }
        out.push_str("</author>\n");
    }
}

/// The first of two times to be read, the other for machines; the other alone where there is no first.
fn times(out: &mut String, names: [&str; 2], times: [&Option<String>; 2]) {
    let mut given = names.into_iter().zip(times).filter_map(|(name, time)| Some((name, time.as_deref()?)));
    if let Some((name, time)) = given.next() {
        let _ = writeln!(
            out,
            "<time itemprop=\"{name}\" dir=\"ltr\" datetime=\"{}\">{}</time>",
            Escaped(time),
            plain(time)
        );
    }
    if let Some((name, time)) = given.next() {
        let _ = writeln!(out, "<time itemprop=\"{name}\" datetime=\"{0}\" hidden>{0}</time>", Escaped(time));
    }
}

/// An object without its absent fields.
fn pruned(mut value: Value) -> Value {
    if let Some(fields) = value.as_object_mut() {
        fields.retain(|_, field| !field.is_null());
    }
    value
}

#[cfg(test)]
mod tests {
    use live_article::article::Article;
    use live_article::read::{self, Source};

    use super::*;

    /// Later than any story: a date ahead of the clock would be none.
    const NOW: f64 = 1_800_000_000_000.0;

    fn article_of(text: &str, form: Form, url: &str) -> Article {
        let item = (!matches!(form, Form::JsonLd | Form::Html)).then_some(url);
        let source = Source { text, url, page: url, item, select: None, embeds: "", zone: &|local| local, now: NOW };
        read::read(&source).unwrap_or_else(|refusal| panic!("{form:?} of {url}: {refusal:?}"))
    }

    /// What every form can say of an article. Feeds have no field for a correction: there it ends the body.
    fn said(article: &Article) -> Vec<String> {
        let mut said = vec![article.headline.clone()];
        said.extend(article.blocks.iter().map(|block| block.body.plain(0, block.body.nodes().len())));
        said
    }

    fn document(id: &str) -> Value {
        let path = format!("{}/stories/{id}.jsonld", env!("CARGO_MANIFEST_DIR"));
        serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
    }

    #[test]
    fn the_card_reads_the_same_from_every_form() {
        for id in ["ferry", "water", "bridge", "comet", "kanal"] {
            let document = document(id);
            let url = format!("http://127.0.0.1/stories/{id}.html");
            let read = |form: Form| article_of(&form.write(&document, id, "http://127.0.0.1"), form, &url);
            let truth = read(Form::JsonLd);
            for form in [Form::JsonFeed, Form::Atom, Form::Rss, Form::Ninjs, Form::Html] {
                let mut expected = said(&truth);
                if matches!(form, Form::JsonFeed | Form::Atom | Form::Rss) {
                    expected.extend(truth.corrections.iter().map(|correction| correction.text.clone()));
                }
                assert_eq!(said(&read(form)), expected, "{form:?} of {id}");
            }
        }
    }

    #[test]
    fn a_live_blog_is_a_feed_of_its_entries() {
        let document = document("storm");
        let read = |form: Form, url: &str| {
            let text = form.write(&document, "storm", "http://127.0.0.1");
            let source = Source {
                text: &text,
                url,
                page: url,
                item: None,
                select: None,
                embeds: "",
                zone: &|local| local,
                now: NOW,
            };
            read::read(&source).unwrap()
        };
        let truth = read(Form::JsonLd, "http://127.0.0.1/stories/storm.jsonld");
        assert!(truth.blog && truth.blocks.len() >= 12);
        for form in [Form::JsonFeed, Form::Atom, Form::Rss] {
            let feed = read(form, "http://127.0.0.1/stories/storm.feed");
            assert_eq!(said(&feed), said(&truth), "{form:?}");
            for (entry, block) in feed.blocks.iter().zip(&truth.blocks) {
                assert_eq!(entry.id, format!("http://127.0.0.1{}", block.id), "{form:?}");
                assert_eq!(
                    (&entry.headline, entry.published, entry.modified),
                    (&block.headline, block.published, block.modified),
                    "{form:?}"
                );
            }
        }
    }

    #[test]
    fn what_has_no_address_has_one_here() {
        let document = json!({"@type": "LiveBlogPosting", "headline": "A",
            "liveBlogUpdate": [{"datePublished": "2026-07-27T10:00:00Z", "articleBody": "B"}]});
        let story = "http://127.0.0.1/stories/a.html";
        for form in Form::ALL {
            let text = form.write(&document, "a", "http://127.0.0.1");
            assert_eq!(text.contains(story), form != Form::JsonLd, "{form:?}: {text}");
        }
        let feed = Form::JsonFeed.write(&document, "a", "http://127.0.0.1");
        assert!(feed.contains(&format!("\"id\":\"{story}#2026-07-27T10:00:00Z\"")), "{feed}");
    }

    #[test]
    fn nothing_in_a_document_ends_its_place_in_another() {
        let document = json!({"@type": "NewsArticle", "headline": "</script><!--&\u{1}\"", "description": "]]>",
            "articleBody": "1 < 2 & 3\n\n</p"});
        for form in Form::ALL {
            let text = form.write(&document, "a", "http://127.0.0.1");
            match form {
                Form::JsonLd | Form::JsonFeed | Form::Ninjs => {
                    serde_json::from_str::<Value>(&text).unwrap();
                }
                Form::Html => assert_eq!(text.matches("</script").count(), 1, "{text}"),
                Form::Atom | Form::Rss => {
                    assert!(!text.contains("</script") && !text.contains('\u{1}') && !text.contains("]]>"), "{text}");
                }
            }
        }
    }
}

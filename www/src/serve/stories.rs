//! The stories: JSON-LD documents as they were published, in memory and, if asked, on disk.
//!
//! A document's bytes are kept as they came. Its other forms are made from it anew for each answer, by
//! [`super::forms`].

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path as FilePath, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::SystemTime;

use anyhow::{Context, Result, bail};
use axum::body::{Body, Bytes};
use axum::extract::{Path, Request, State};
use axum::http::header::HOST;
use axum::http::{Response, StatusCode};
use http_body_util::BodyExt;
use jiff::{SignedDuration, Timestamp};
use live_article::read::Source;
use serde_json::{Value, json};

use super::answer::{Representation, say};
use super::forms::{self, Form};
use super::{House, Side};

/// The largest document that can be published, in bytes.
const LARGEST: usize = 4 << 20;
/// Bytes of a too large document that are read and dropped, so that the sender gets to read the refusal.
const DRAINED: usize = 64 << 20;
/// Versions of a story that are kept.
const KEPT: usize = 8;
/// How long ago the seeded live blog was last updated.
const LULL: SignedDuration = SignedDuration::from_mins(4);
/// Short enough to follow a newsroom, long enough that a cache in front carries the readers; and a browser keeps what
/// it has as the dictionary of what comes for as long as it may show it, stale or not.
const CACHE_CONTROL: &str = "public, max-age=5, stale-while-revalidate=600, stale-if-error=600";

/// How many versions before the latest an answer is to be; a fault asks for it.
#[derive(Clone, Copy)]
pub(super) struct Back(pub(super) usize);

/// A document as it was published.
#[derive(Clone)]
struct Version {
    bytes: Bytes,
    document: Arc<Value>,
    at: SystemTime,
}

/// All stories, each with its versions, the latest last.
pub(super) struct Stories {
    directory: Option<PathBuf>,
    all: RwLock<BTreeMap<String, Vec<Version>>>,
}

impl Stories {
    /// The stories of the invented paper, and over them those kept in `directory`, which is made if it is missing.
    pub(super) fn open(directory: Option<PathBuf>) -> Result<Self> {
        let mut all = BTreeMap::new();
        for (id, bytes, _) in documents(concat!(env!("CARGO_MANIFEST_DIR"), "/stories").as_ref())? {
            let document = begun_today(read(&bytes).map_err(anyhow::Error::msg)?, Timestamp::now());
            let bytes = serde_json::to_vec_pretty(&document)?.into();
            all.insert(id, vec![Version { bytes, document: document.into(), at: SystemTime::now() }]);
        }
        if let Some(directory) = &directory {
            fs::create_dir_all(directory)
                .with_context(|| format!("Stories cannot be kept in {}.", directory.display()))?;
            for (id, bytes, at) in documents(directory)? {
                match read(&bytes) {
                    Ok(document) => {
                        all.insert(id, vec![Version { bytes: bytes.into(), document: document.into(), at }]);
                    }
                    Err(sentence) => bail!("{} holds {id}.jsonld, which is no story: {sentence}", directory.display()),
                }
            }
        }
        Ok(Self { directory, all: all.into() })
    }

    fn find(&self, id: &str, back: usize) -> Option<Version> {
        let all = self.all.read().unwrap_or_else(PoisonError::into_inner);
        let versions = all.get(id)?;
        versions.get(versions.len().saturating_sub(1 + back)).cloned()
    }

    /// The latest document of a story.
    pub(super) fn latest(&self, id: &str) -> Option<Arc<Value>> {
        Some(self.find(id, 0)?.document)
    }

    /// Adds a version; whether it is a story's first.
    fn add(&self, id: &str, bytes: Bytes, document: Value) -> Result<bool> {
        // Held while writing, so that the disk has the versions in the order of the memory.
        let mut all = self.all.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(directory) = &self.directory {
            write(directory, id, &bytes).context("The story could not be kept on disk.")?;
        }
        let versions = all.entry(id.to_owned()).or_default();
        versions.push(Version { bytes, document: document.into(), at: SystemTime::now() });
        if versions.len() > KEPT {
            versions.remove(0);
        }
        Ok(versions.len() == 1)
    }
}

/// `GET /stories`: what there is, with the address of each form.
pub(super) async fn list(State(house): State<Arc<House>>, request: Request) -> Response<Body> {
    let all = house.stories.all.read().unwrap_or_else(PoisonError::into_inner);
    let mut modified = SystemTime::UNIX_EPOCH;
    let mut stories = Vec::new();
    for (id, versions) in all.iter() {
        let Some(latest) = versions.last() else { continue };
        modified = modified.max(latest.at);
        let story = forms::Story::of(&latest.document, id, "");
        let addresses: serde_json::Map<_, _> = Form::ALL
            .iter()
            .map(|form| (form.name().to_owned(), format!("/stories/{id}.{}", form.extension()).into()))
            .collect();
        stories.push(json!({
            "id": id,
            "headline": story.headline,
            "type": if story.blog { "LiveBlogPosting" } else { "NewsArticle" },
            "language": story.language,
            "published": story.published,
            "modified": story.modified,
            "forms": addresses,
        }));
    }
    drop(all);
    Representation {
        content_type: "application/json".into(),
        bytes: Value::from(stories).to_string().into(),
        brotli: None,
        modified,
        cache_control: "no-cache",
    }
    .answer(request.method(), request.headers())
}

/// `GET /stories/{id}.{form}`.
pub(super) async fn show(
    State(house): State<Arc<House>>,
    Path(file): Path<String>,
    request: Request,
) -> Response<Body> {
    let Some((id, form)) = part(&file) else {
        return say(
            StatusCode::NOT_FOUND,
            "A story's address ends in .jsonld, .html, .feed.json, .atom, .rss or .ninjs.json.",
        );
    };
    let back = request.extensions().get::<Back>().map_or(0, |back| back.0);
    let Some(version) = house.stories.find(id, back) else {
        return say(StatusCode::NOT_FOUND, format!("There is no story {id}."));
    };
    let bytes = match form {
        Form::JsonLd => version.bytes,
        _ => form.write(&version.document, id, &origin(&house, &request)).into(),
    };
    let mut response = Representation {
        content_type: form.content_type().into(),
        bytes,
        brotli: None,
        modified: version.at,
        cache_control: CACHE_CONTROL,
    }
    .answer(request.method(), request.headers());
    if form == Form::Html {
        super::pages::protect(&mut response);
    }
    response
}

/// `PUT /stories/{id}.jsonld`: a new version, or a new story.
pub(super) async fn publish(State(house): State<Arc<House>>, Path(file): Path<String>, body: Body) -> Response<Body> {
    let Some((id, Form::JsonLd)) = part(&file) else {
        return say(
            StatusCode::NOT_FOUND,
            "A story is published at /stories/{id}.jsonld, its id of up to 80 small letters, digits and hyphens; \
             all other forms are made from that.",
        );
    };
    let bytes = match collect(body).await {
        Ok(Some(bytes)) => bytes,
        Ok(None) => return say(StatusCode::PAYLOAD_TOO_LARGE, "A story can have 4 MiB at most."),
        Err(_) => return say(StatusCode::BAD_REQUEST, "The document was cut off on its way."),
    };
    let document = match read(&bytes) {
        Ok(document) => document,
        Err(sentence) => return say(StatusCode::UNPROCESSABLE_ENTITY, sentence),
    };
    match house.stories.add(id, bytes, document) {
        Ok(true) => say(StatusCode::CREATED, format!("Story {id} is published.")),
        Ok(false) => say(StatusCode::OK, format!("Story {id} has a new version.")),
        Err(error) => say(StatusCode::INTERNAL_SERVER_ERROR, format!("{error:#}")),
    }
}

/// Where the asker sees this server: by its `Host`, since names differ, else where it listens.
fn origin(house: &House, request: &Request) -> String {
    let named = request
        .headers()
        .get(HOST)
        .and_then(|host| host.to_str().ok())
        .filter(|host| host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.:[]".contains(&byte)));
    let side = request.extensions().get::<Side>().map_or(0, |side| side.0);
    named.map_or_else(|| house.origins[side].clone(), |host| format!("http://{host}"))
}

fn part(file: &str) -> Option<(&str, Form)> {
    let (id, extension) = file.split_once('.')?;
    let plain = (1..=80).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    Some((id, Form::ALL.into_iter().find(|form| plain && form.extension() == extension)?))
}

/// The whole body, or none where it is too large.
pub(super) async fn collect(mut body: Body) -> Result<Option<Bytes>, axum::Error> {
    let (mut bytes, mut seen) = (Vec::new(), 0);
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame?.into_data() {
            seen += data.len();
            if seen <= LARGEST {
                bytes.extend_from_slice(&data);
            } else if seen > DRAINED {
                break;
            }
        }
    }
    Ok((seen <= LARGEST).then(|| bytes.into()))
}

/// The document, or why it is none, in a sentence. What the card would refuse is refused here.
fn read(bytes: &[u8]) -> Result<Value, String> {
    let text = std::str::from_utf8(bytes)
        .map_err(|error| format!("The document is not UTF-8 from byte {} on: encode it anew.", error.valid_up_to()))?;
    let document = serde_json::from_str(text)
        .map_err(|error| format!("The document is not JSON: {error}. Mend it there and publish again."))?;
    let source = Source {
        text,
        url: "",
        page: "",
        item: None,
        select: None,
        embeds: "",
        zone: &|local| local,
        now: Timestamp::now().as_millisecond() as f64,
    };
    let article = live_article::read::read(&source).map_err(|refusal| refusal.message)?;
    if article.headline.is_empty() {
        return Err("The article has no headline: give it a \"headline\" with some text.".into());
    }
    if forms::article(&document).is_none() {
        return Err("The document is not schema.org JSON-LD: an object with \"@type\": \"NewsArticle\", \
                    \"LiveBlogPosting\" or another kind of Article is needed."
            .into());
    }
    Ok(document)
}

/// The `.jsonld` files of a directory: id, bytes and age.
fn documents(directory: &FilePath) -> Result<Vec<(String, Vec<u8>, SystemTime)>> {
    let unread = || format!("Stories cannot be read from {}.", directory.display());
    let mut documents = Vec::new();
    for entry in fs::read_dir(directory).with_context(unread)? {
        let entry = entry.with_context(unread)?;
        let name = entry.file_name();
        if let Some((id, Form::JsonLd)) = name.to_str().and_then(part) {
            let at = entry.metadata().and_then(|data| data.modified()).with_context(unread)?;
            documents.push((id.to_owned(), fs::read(entry.path()).with_context(unread)?, at));
        }
    }
    Ok(documents)
}

/// Writes a file that is there whole or not at all, even after a power cut.
fn write(directory: &FilePath, id: &str, bytes: &[u8]) -> std::io::Result<()> {
    let part = directory.join(format!("{id}.part"));
    let mut file = fs::File::create(&part)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(part, directory.join(format!("{id}.jsonld")))?;
    fs::File::open(directory)?.sync_all()
}

/// A live blog moved in time so that its last update is minutes old; any other document as it is.
fn begun_today(mut document: Value, now: Timestamp) -> Value {
    let Some(node) = forms::article(&document) else { return document };
    let end = node.get("coverageEndTime").is_some();
    let last = node["dateModified"].as_str().and_then(|last| last.parse::<Timestamp>().ok());
    if let (true, Some(last)) = (end, last) {
        shift(&mut document, now.duration_since(last) - LULL);
    }
    document
}

fn shift(value: &mut Value, by: SignedDuration) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| shift(item, by)),
        Value::Object(fields) => {
            for (name, field) in fields {
                let is_time = name.starts_with("date") || name.starts_with("coverage");
                match field.as_str().filter(|_| is_time).and_then(|text| text.parse::<Timestamp>().ok()) {
                    Some(time) => {
                        let moved = Timestamp::from_second(time.as_second() + by.as_secs()).unwrap_or(time);
                        *field = moved.to_string().into();
                    }
                    None => shift(field, by),
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_storys_address_has_an_id_and_a_form() {
        for (file, parts) in [
            ("storm.jsonld", Some(("storm", Form::JsonLd))),
            ("storm-2.feed.json", Some(("storm-2", Form::JsonFeed))),
            ("storm.ninjs.json", Some(("storm", Form::Ninjs))),
            ("storm", None),
            ("storm.json", None),
            (".jsonld", None),
            ("Storm.jsonld", None),
            ("../storm.jsonld", None),
        ] {
            assert_eq!(part(file), parts, "{file}");
        }
    }

    #[test]
    fn what_is_no_article_is_refused_in_a_sentence() {
        for (document, words) in [
            ("", "not JSON"),
            ("{\"@type\": \"NewsArticle\",}", "not JSON"),
            ("[]", ""),
            ("{\"@type\": \"Person\", \"headline\": \"A\"}", ""),
            ("{\"@type\": \"NewsArticle\"}", ""),
            ("{\"@type\": \"NewsArticle\", \"headline\": \" \"}", ""),
            (
                r#"{"version": "https://jsonfeed.org/version/1.1", "title": "A", "items": [{"id": "1", "title": "A"}]}"#,
                "schema.org",
            ),
        ] {
            let sentence = read(document.as_bytes()).unwrap_err();
            assert!(sentence.contains(words) && sentence.ends_with('.'), "{document}: {sentence}");
        }
        for document in [
            r#"{"@type": "NewsArticle", "headline": "A"}"#,
            r#"[{"@type": "Person"}, {"@type": ["ReportageNewsArticle"], "headline": "A"}]"#,
            r#"{"@graph": [{"@type": "LiveBlogPosting", "name": "A"}]}"#,
            r#"{"@type": "WebPage", "mainEntity": {"@type": "Article", "headline": "A"}}"#,
        ] {
            assert!(read(document.as_bytes()).is_ok(), "{document}");
        }
    }

    #[test]
    fn only_a_live_blog_is_moved_to_today() {
        let now: Timestamp = "2026-01-02T03:04:00Z".parse().unwrap();
        let blog = json!({"@type": "LiveBlogPosting", "dateModified": "2020-05-05T12:00:00Z",
            "coverageEndTime": "2020-05-05T15:00:00Z", "liveBlogUpdate": [{"datePublished": "2020-05-05T11:00:00Z"}]});
        let moved = begun_today(blog, now);
        assert_eq!(moved["dateModified"], "2026-01-02T03:00:00Z");
        assert_eq!(moved["coverageEndTime"], "2026-01-02T06:00:00Z");
        assert_eq!(moved["liveBlogUpdate"][0]["datePublished"], "2026-01-02T02:00:00Z");
        let story = json!({"@type": "NewsArticle", "dateModified": "2016-07-27"});
        assert_eq!(begun_today(story.clone(), now), story);
    }

    #[test]
    fn a_kept_story_is_found_again() {
        let directory = std::env::temp_dir().join(format!("live-article-stories-{}", std::process::id()));
        let stories = Stories::open(Some(directory.clone())).unwrap();
        let bytes = Bytes::from_static(br#"{"@type": "NewsArticle", "headline": "Kept"}"#);
        assert!(stories.add("kept", bytes.clone(), read(&bytes).unwrap()).unwrap());
        assert!(!stories.add("kept", bytes.clone(), read(&bytes).unwrap()).unwrap());
        let again = Stories::open(Some(directory.clone())).unwrap();
        assert_eq!(again.find("kept", 0).unwrap().bytes, bytes);
        fs::remove_dir_all(directory).unwrap();
    }
}

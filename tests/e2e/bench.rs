//! One engine's browser, with a site and the harness for it to visit.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use fantoccini::actions::{InputSource as _, KeyAction, KeyActions};
use fantoccini::key::Key;
use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper::Method;
use serde_json::{Value, json};
use url::{ParseError, Url};
use www::browser::{Driver, Engine};
use www::serve::{self, Server};

use crate::site::{Answer, Site};

/// How long something may take to come about in a page.
const PATIENCE: Duration = Duration::from_secs(100);

/// A browser and what it visits.
pub(crate) struct Bench {
    /// Which browser it is.
    pub(crate) engine: Engine,
    /// Pages and documents of the tests' own.
    pub(crate) site: Site,
    /// The harness.
    pub(crate) harness: Server,
    client: Client,
    _driver: Driver,
}

impl Bench {
    /// Starts all of it.
    pub(crate) async fn start(engine: Engine) -> Result<Self> {
        engine.set_up()?;
        let driver = tokio::task::spawn_blocking(move || Driver::start(engine)).await??;
        let Value::Object(capabilities) = engine.capabilities() else { unreachable!("capabilities are an object") };
        let client = ClientBuilder::new(hyper_util::client::legacy::connect::HttpConnector::new())
            .capabilities(capabilities)
            .connect(&driver.url)
            .await
            .with_context(|| format!("{} does not start", engine.name()))?;
        let site = Site::start().await?;
        let harness = serve::start(serve::Options::default()).await?;
        Ok(Self { engine, site, harness, client, _driver: driver })
    }

    /// Opens a page of the site's whose body is `body`; what goes wrong in it is noted from its first script on.
    pub(crate) async fn open(&self, body: &str) -> Result<()> {
        self.open_with(body, &[]).await
    }

    /// As [`Self::open`], with headers.
    pub(crate) async fn open_with(&self, body: &str, headers: &[(&str, &str)]) -> Result<()> {
        self.open_whole(
            &format!("<!doctype html><html lang=\"en-US\"><head><meta charset=\"utf-8\"><title>A page</title></head><body>{body}</body></html>"),
            headers,
        )
        .await
    }

    /// Opens a page that is given whole.
    pub(crate) async fn open_page(&self, page: &str) -> Result<()> {
        self.open_whole(page, &[]).await
    }

    async fn open_whole(&self, page: &str, headers: &[(&str, &str)]) -> Result<()> {
        let page = page.replacen("<head>", "<head><script src=\"/watch.js\"></script>", 1);
        let mut answer = Answer::new("text/html; charset=utf-8", page);
        answer.headers.extend(headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        self.site.put("/page.html", answer);
        self.visit(&self.site.url("/page.html")).await
    }

    /// Opens any page.
    pub(crate) async fn visit(&self, url: &str) -> Result<()> {
        self.client.goto(url).await.with_context(|| format!("cannot open {url}"))
    }

    /// The value of a script's `return`. What a later script is to read is written to `window`: Firefox gives each a
    /// global of its own that stands before the page's, and a bare name would be assigned there.
    pub(crate) async fn eval(&self, script: &str) -> Result<Value> {
        self.client.execute(script, Vec::new()).await.with_context(|| format!("in the script {script}"))
    }

    /// The value of a script's promise.
    pub(crate) async fn eval_async(&self, expression: &str) -> Result<Value> {
        let script = format!(
            "const done = arguments[0]; Promise.resolve().then(() => {expression}).then(value => done({{ value }}), error => done({{ error: String(error) }}));"
        );
        let answer = self.client.execute_async(&script, Vec::new()).await?;
        ensure!(answer["error"].is_null(), "{}: {}", expression, answer["error"]);
        Ok(answer["value"].clone())
    }

    /// Waits until an expression is true.
    pub(crate) async fn until(&self, expression: &str) -> Result<()> {
        let begun = Instant::now();
        while self.eval(&format!("return !!({expression})")).await? != json!(true) {
            ensure!(begun.elapsed() < PATIENCE, "it never came about that {expression}");
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
        Ok(())
    }

    /// Waits until a promise's value is true.
    pub(crate) async fn until_async(&self, expression: &str) -> Result<()> {
        let begun = Instant::now();
        while self.eval_async(expression).await? != json!(true) {
            ensure!(begun.elapsed() < PATIENCE, "it never came about that {expression}");
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
        Ok(())
    }

    /// Checks an expression's value.
    pub(crate) async fn expect(&self, expression: &str, value: Value) -> Result<()> {
        let is = self.eval(&format!("return {expression}")).await?;
        ensure!(is == value, "{expression} is {is}, not {value}");
        Ok(())
    }

    /// Checks that nothing was thrown into the page, and that it was warned `warnings` times, each time by us.
    pub(crate) async fn quiet(&self, warnings: usize) -> Result<()> {
        let seen = self.eval("return seen").await?;
        ensure!(seen["errors"] == json!([]), "the page was thrown {}", seen["errors"]);
        let warned = seen["warnings"].as_array().map_or(&[] as &[_], Vec::as_slice);
        ensure!(warned.len() == warnings, "the page was warned {} times, not {warnings}: {warned:?}", warned.len());
        for warning in warned {
            ensure!(warning.as_str().is_some_and(|text| text.starts_with("live-article:")), "{warning} names nobody");
        }
        Ok(())
    }

    /// Makes the window so many pixels wide and high.
    pub(crate) async fn resize(&self, width: u32, height: u32) -> Result<()> {
        Ok(self.client.set_window_size(width, height).await?)
    }

    /// Puts the window away, so that its page is hidden; answers how large it was.
    pub(crate) async fn hide(&self) -> Result<(u64, u64)> {
        let size = self.client.get_window_size().await?;
        self.client.minimize_window().await?;
        self.until("document.hidden").await?;
        Ok(size)
    }

    /// Brings the window back.
    pub(crate) async fn show(&self, (width, height): (u64, u64)) -> Result<()> {
        self.resize(width as u32, height as u32).await?;
        self.until("!document.hidden").await
    }

    /// Goes back to the page before.
    pub(crate) async fn back(&self) -> Result<()> {
        Ok(self.client.back().await?)
    }

    /// Presses a key and lets it go.
    pub(crate) async fn press(&self, key: Key) -> Result<()> {
        let value = char::from(key);
        let keys = KeyActions::new("keys".into()).then(KeyAction::Down { value }).then(KeyAction::Up { value });
        Ok(self.client.perform_actions(keys).await?)
    }

    /// Types a text where the focus is.
    pub(crate) async fn type_text(&self, text: &str) -> Result<()> {
        let keys = text.chars().fold(KeyActions::new("keys".into()), |keys, value| {
            keys.then(KeyAction::Down { value }).then(KeyAction::Up { value })
        });
        Ok(self.client.perform_actions(keys).await?)
    }

    /// A picture of an element, as PNG.
    pub(crate) async fn picture(&self, selector: &str) -> Result<Vec<u8>> {
        Ok(self.client.find(Locator::Css(selector)).await?.screenshot().await?)
    }

    /// A command of Chromium's own protocol.
    pub(crate) async fn devtools(&self, command: &'static str, parameters: Value) -> Result<Value> {
        Ok(self.client.issue_cmd(Devtools { command, parameters }).await?)
    }

    /// What the page saw go wrong, for a message.
    pub(crate) async fn seen(&self) -> Value {
        self.eval("return typeof seen === 'object' ? seen : null").await.unwrap_or_default()
    }

    /// Leaves the page, so that the next test finds nothing of it.
    pub(crate) async fn leave(&self) -> Result<()> {
        self.site.forget();
        self.visit("about:blank").await
    }
}

#[derive(Debug)]
struct Devtools {
    command: &'static str,
    parameters: Value,
}

impl WebDriverCompatibleCommand for Devtools {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/goog/cdp/execute", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(json!({ "cmd": self.command, "params": self.parameters }).to_string()))
    }
}

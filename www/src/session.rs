//! A browser to run scripts in, over the few commands of WebDriver that this takes.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::browser::{Driver, Engine};

/// A browser with one page.
pub(crate) struct Session {
    agent: ureq::Agent,
    url: String,
    browser: String,
    _driver: Driver,
}

impl Session {
    /// Starts an engine, after it was installed if it is missing.
    pub(crate) fn start(engine: Engine) -> Result<Self> {
        engine.set_up()?;
        let driver = Driver::start(engine)?;
        // The driver's errors are answers to read.
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let mut session =
            Self { agent, url: format!("{}/session", driver.url), browser: String::new(), _driver: driver };
        let capabilities = json!({"capabilities": {"alwaysMatch": engine.capabilities()}});
        let begun = session.post("", &capabilities).with_context(|| format!("{} does not start", engine.name()))?;
        let named = |key: &str| begun["capabilities"][key].as_str().unwrap_or_default();
        session.browser = format!("{} {}", named("browserName"), named("browserVersion"));
        let id = begun["sessionId"].as_str().context("the driver names no session")?;
        session.url = format!("{}/{id}", session.url);
        session.post("/timeouts", &json!({"script": 600_000}))?;
        Ok(session)
    }

    /// Opens a page.
    pub(crate) fn open(&self, url: &str) -> Result<()> {
        self.post("/url", &json!({"url": url})).map(drop)
    }

    /// The value that the promise of an expression comes to.
    pub(crate) fn run(&self, expression: &str) -> Result<Value> {
        let script = format!(
            "const done = arguments[0]; ({expression}).then(value => done({{ value }}), error => done({{ error: String(error) }}));"
        );
        let answer = self.post("/execute/async", &json!({"script": script, "args": []}))?;
        ensure!(answer["error"].is_null(), "{expression}: {}", answer["error"]);
        Ok(answer["value"].clone())
    }

    /// A command of Chromium's own protocol.
    pub(crate) fn devtools(&self, command: &str, parameters: &Value) -> Result<Value> {
        self.post("/goog/cdp/execute", &json!({"cmd": command, "params": parameters}))
    }

    /// The browser's name and version.
    pub(crate) fn browser(&self) -> &str {
        &self.browser
    }

    fn post(&self, command: &str, body: &Value) -> Result<Value> {
        let url = format!("{}{command}", self.url);
        let mut answer = self.agent.post(&url).content_type("application/json").send(body.to_string())?;
        let answer: Value = serde_json::from_str(&answer.body_mut().read_to_string()?)?;
        // What a script comes to may have an `error` of its own, but not a stack trace beside it.
        ensure!(answer["value"]["stacktrace"].is_null(), "{url}: {}", answer["value"]["message"]);
        Ok(answer["value"].clone())
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let _ = self.agent.delete(&self.url).call();
    }
}

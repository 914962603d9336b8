//! A browser to run scripts in, over the four commands of WebDriver that this takes.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::browser::{Driver, Engine};

/// A browser with one page.
pub(super) struct Session {
    agent: ureq::Agent,
    url: String,
    _driver: Driver,
}

impl Session {
    /// Starts an engine, after it was installed if it is missing.
    pub(super) fn start(engine: Engine) -> Result<Self> {
        engine.set_up()?;
        let driver = Driver::start(engine)?;
        // The driver's errors are answers to read.
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let mut session = Self { agent, url: format!("{}/session", driver.url), _driver: driver };
        let capabilities = json!({"capabilities": {"alwaysMatch": engine.capabilities()}});
        let begun = session.post("", &capabilities).with_context(|| format!("{} does not start", engine.name()))?;
        let id = begun["sessionId"].as_str().context("the driver names no session")?;
        session.url = format!("{}/{id}", session.url);
        session.post("/timeouts", &json!({"script": 60_000}))?;
        Ok(session)
    }

    /// Opens a page.
    pub(super) fn open(&self, url: &str) -> Result<()> {
        self.post("/url", &json!({"url": url})).map(drop)
    }

    /// The value that the promise of an expression comes to.
    pub(super) fn run(&self, expression: &str) -> Result<Value> {
        let script = format!(
            "const done = arguments[0]; ({expression}).then(value => done({{ value }}), error => done({{ error: String(error) }}));"
        );
        let answer = self.post("/execute/async", &json!({"script": script, "args": []}))?;
        ensure!(answer["error"].is_null(), "{expression}: {}", answer["error"]);
        Ok(answer["value"].clone())
    }

    fn post(&self, command: &str, body: &Value) -> Result<Value> {
        let url = format!("{}{command}", self.url);
        let mut answer = self.agent.post(&url).content_type("application/json").send(body.to_string())?;
        let answer: Value = serde_json::from_str(&answer.body_mut().read_to_string()?)?;
        ensure!(answer["value"]["error"].is_null(), "{url}: {}", answer["value"]["message"]);
        Ok(answer["value"].clone())
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let _ = self.agent.delete(&self.url).call();
    }
}

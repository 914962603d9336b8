//! The three engines: which programs each needs, and a WebDriver for one, started on a free port and ended with its value.

use std::io::{BufRead as _, BufReader};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::child::Child;
use crate::setup::{self, debian};

/// A browser engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Engine {
    /// Chromium, through chromedriver.
    Chromium,
    /// Firefox, through geckodriver.
    Firefox,
    /// WebKitGTK, through its `WebKitWebDriver`, on a virtual display.
    Webkit,
}

impl Engine {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Chromium, Self::Firefox, Self::Webkit];

    /// As in test names and options.
    pub fn name(self) -> &'static str {
        match self {
            Self::Chromium => "chromium",
            Self::Firefox => "firefox",
            Self::Webkit => "webkit",
        }
    }

    /// Installs what it needs and this machine lacks.
    ///
    /// # Errors
    /// With what to install, where that is left to the reader.
    pub fn set_up(self) -> Result<()> {
        match self {
            Self::Chromium => debian(&[("chromium", "chromium"), ("chromedriver", "chromium-driver")]),
            Self::Firefox => {
                if setup::find("firefox").is_none() {
                    debian(&[("firefox-esr", "firefox-esr")])?;
                }
                setup::geckodriver().map(drop)
            }
            Self::Webkit => debian(&[("WebKitWebDriver", "webkit2gtk-driver"), ("Xvfb", "xvfb")]),
        }
    }

    /// What a WebDriver session of it asks for.
    pub fn capabilities(self) -> Value {
        match self {
            Self::Chromium => json!({ "goog:chromeOptions": { "args": [
                "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                "--disable-background-networking", "--disable-component-update", "--disable-sync", "--js-flags=--expose-gc",
                // For a site with a certificate of a test's own, and hosts that are not this machine by name.
                "--host-resolver-rules=MAP *.test 127.0.0.1",
            ] }, "acceptInsecureCerts": true }),
            Self::Firefox => json!({ "moz:firefoxOptions": { "args": ["-headless"] } }),
            Self::Webkit => json!({ "webkitgtk:browserOptions": { "args": ["--automation"] } }),
        }
    }
}

/// A running WebDriver.
#[derive(Debug)]
pub struct Driver {
    /// Where it listens.
    pub url: String,
    // Dropped in this order: the driver and its browser, their display, their profiles.
    _program: Child,
    _display: Option<Child>,
    _files: TempDir,
}

impl Driver {
    /// Starts the engine's driver and waits until it listens.
    ///
    /// # Errors
    /// If it does not within half a minute.
    pub fn start(engine: Engine) -> Result<Self> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let files = TempDir::new()?;
        let (mut command, display) = match engine {
            Engine::Chromium => (Command::new("chromedriver"), None),
            Engine::Firefox => {
                let mut command = Command::new(setup::geckodriver()?.join("geckodriver"));
                command.arg(format!("--websocket-port={}", TcpListener::bind("127.0.0.1:0")?.local_addr()?.port()));
                (command, None)
            }
            Engine::Webkit => {
                let (display, name) = display()?;
                let mut command = Command::new("WebKitWebDriver");
                command.env("DISPLAY", name).env("GDK_BACKEND", "x11").env_remove("WAYLAND_DISPLAY");
                // Its sandbox cannot be had by root.
                command.env("WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS", "1");
                // WebKit bug 289009: on Linux it now and then breaks a module when it changes to compiled code in the
                // middle of a function ("Out of bounds memory access" in code that has none). Between calls is safe.
                command.env("JSC_useWasmOSR", "0");
                (command, Some(display))
            }
        };
        command.arg(format!("--port={port}")).env("TMPDIR", files.path()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut program = Child::spawn(&mut command)?;
        let asked = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if let Some(status) = program.process.try_wait()? {
                bail!("{} ended at once ({status})", command.get_program().to_string_lossy());
            }
            if asked.elapsed() > Duration::from_secs(30) {
                bail!("{} does not listen on port {port}", command.get_program().to_string_lossy());
            }
            thread::sleep(Duration::from_millis(50));
        }
        Ok(Self { url: format!("http://127.0.0.1:{port}"), _program: program, _display: display, _files: files })
    }
}

/// A virtual display and its name.
fn display() -> Result<(Child, String)> {
    let mut command = Command::new("Xvfb");
    command.args(["-displayfd", "1", "-screen", "0", "1280x1024x24", "-nolisten", "tcp"]);
    let mut xvfb = Child::spawn(command.stdout(Stdio::piped()).stderr(Stdio::null()))?;
    let mut number = String::new();
    if let Some(out) = xvfb.process.stdout.take() {
        BufReader::new(out).read_line(&mut number)?;
    }
    let number = number.trim();
    number.parse::<u32>().context("Xvfb names no display")?;
    Ok((xvfb, format!(":{number}")))
}

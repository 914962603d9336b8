//! A real nginx on loopback that runs a recipe of `www/recipes/nginx`, in a folder that ends with it.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use tempfile::TempDir;

use crate::child::Child;
use crate::setup::{self, root};

/// A running nginx.
#[derive(Debug)]
pub struct Nginx {
    port: u16,
    // Dropped in this order, so that nothing writes into a folder that is gone.
    _process: Child,
    folder: TempDir,
}

impl Nginx {
    /// Starts it with a recipe's file, and waits until it listens.
    ///
    /// The recipe's `listen 80;` becomes a free port of loopback. `changes` are what else a newsroom would write into it:
    /// each is found and replaced, and `{folder}` in what replaces it is the folder of this nginx.
    ///
    /// # Errors
    /// Where nginx is missing (with what to install), where a change does not fit the recipe, or if nginx ends.
    pub fn start(recipe: &str, changes: &[(&str, &str)]) -> Result<Self> {
        setup::debian(&[("nginx", "nginx")])?;
        let folder = tempfile::tempdir()?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let path = folder.path().display().to_string();
        let file = root().join("www/recipes/nginx").join(recipe);
        let mut recipe = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
        for (from, to) in [("listen 80;", &*format!("listen 127.0.0.1:{port};"))].iter().chain(changes) {
            ensure!(recipe.contains(from), "{} has no `{from}`", file.display());
            recipe = recipe.replace(from, &to.replace("{folder}", &path));
        }
        // Root's workers would be another user's, who cannot see a folder of root's.
        let user = if fs::metadata("/proc/self").is_ok_and(|this| this.uid() == 0) { "user root;" } else { "" };
        let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|name| format!("{name}_temp_path {path}/temporary-{name};\n"))
            .concat();
        let whole = format!(
            "{user}\ndaemon off;\nworker_processes 1;\npid {path}/nginx.pid;\nerror_log {path}/error.log;\n\
             worker_rlimit_nofile 20000;\nevents {{ worker_connections 12000; }}\n\
             http {{\naccess_log off;\n{temporary}{recipe}}}\n"
        );
        let file = folder.path().join("nginx.conf");
        fs::write(&file, whole)?;
        let mut command = Command::new(setup::find("nginx").unwrap_or("/usr/sbin/nginx".into()));
        command.arg("-c").arg(&file).arg("-e").arg(folder.path().join("error.log"));
        let mut process = Child::spawn(command.stdout(Stdio::null()).stderr(Stdio::inherit()))?;
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if let Some(status) = process.process.try_wait()? {
                bail!("nginx ended at once ({status})");
            }
            ensure!(begun.elapsed() < Duration::from_secs(30), "nginx does not listen on port {port}");
            thread::sleep(Duration::from_millis(20));
        }
        Ok(Self { port, _process: process, folder })
    }

    /// Where it is on loopback.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its folder, for files it serves and logs it writes.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

//! A program that we start and that ends with us: when it is dropped, on Ctrl-C and on a termination signal.
//!
//! Each gets a process group of its own, so that what it started ends with it.

use std::os::unix::process::CommandExt as _;
use std::process::{self, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use std::{io, thread};

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};

/// Groups that run now.
static GROUPS: Mutex<Vec<Pid>> = Mutex::new(Vec::new());

/// Whether all of them are being ended.
static STOPPING: AtomicBool = AtomicBool::new(false);

/// How long a group may take to end by itself.
const GRACE: Duration = Duration::from_secs(2);

/// A running program and all that it started.
#[derive(Debug)]
pub struct Child {
    /// For its output.
    pub process: process::Child,
    group: Pid,
}

impl Child {
    /// Starts a program without standard input.
    ///
    /// # Errors
    /// If it cannot be started.
    pub fn spawn(command: &mut Command) -> Result<Self> {
        let name = command.get_program().to_string_lossy().into_owned();
        let process =
            command.stdin(Stdio::null()).process_group(0).spawn().with_context(|| format!("cannot run {name}"))?;
        let group = Pid::from_child(&process);
        groups().push(group);
        Ok(Self { process, group })
    }

    /// Waits for its end.
    ///
    /// # Errors
    /// If the system cannot say.
    pub fn wait(&mut self) -> io::Result<ExitStatus> {
        let status = self.process.wait();
        // It may have ended because we are stopping: then nothing comes after it.
        while STOPPING.load(Ordering::Relaxed) {
            thread::park();
        }
        status
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        end(&[self.group]);
        let _ = self.process.wait();
        groups().retain(|group| *group != self.group);
    }
}

/// From now on Ctrl-C and a termination signal end all that was started, and then this program.
///
/// # Errors
/// If a signal cannot be received.
pub fn end_with_us() -> Result<()> {
    ctrlc::set_handler(|| {
        STOPPING.store(true, Ordering::Relaxed);
        eprintln!("\nstopping");
        let running = groups().clone();
        end(&running);
        process::exit(130);
    })
    .context("cannot receive signals")
}

fn groups() -> std::sync::MutexGuard<'static, Vec<Pid>> {
    GROUPS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Asks first, so that locks and temporary files are taken away; then ends what is left.
fn end(running: &[Pid]) {
    for &group in running {
        let _ = kill_process_group(group, Signal::TERM);
    }
    let asked = Instant::now();
    while asked.elapsed() < GRACE && running.iter().any(|&group| test_kill_process_group(group).is_ok()) {
        // A child that ended but was not waited for still counts as there; its parent is this thread's caller.
        for &group in running {
            let _ = rustix::process::waitpid(Some(group), rustix::process::WaitOptions::NOHANG);
        }
        thread::sleep(Duration::from_millis(20));
    }
    for &group in running {
        let _ = kill_process_group(group, Signal::KILL);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dropped_child_takes_its_own_children_with_it() {
        let mut child = Child::spawn(Command::new("sh").args(["-c", "sleep 600 & sleep 600"])).unwrap();
        thread::sleep(Duration::from_millis(100));
        assert!(child.process.try_wait().unwrap().is_none());
        let group = child.group;
        drop(child);
        assert!(test_kill_process_group(group).is_err());
    }
}

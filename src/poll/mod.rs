//! stub
#![allow(missing_docs, dead_code)]
use crate::article::{Article, Millis};
pub use crate::badge::Status;
use crate::read::Reason;
pub struct Poll {
    interval: Millis,
    wake: Millis,
    status: Status,
    busy: bool,
    paused: bool,
    hidden: bool,
}
pub enum Event<'a> {
    Connected,
    Shown,
    Hidden,
    Paused,
    Resumed,
    Refresh,
    Woke,
    Answered(&'a Answer<'a>),
    Failed(Failure),
    Online,
    Offline,
}
pub struct Answer<'a> {
    pub status: u16,
    pub asked: Millis,
    pub date: Option<&'a str>,
    pub age: Option<&'a str>,
    pub cache_control: Option<&'a str>,
    pub retry_after: Option<&'a str>,
    pub article: Option<&'a Article>,
}
pub enum Failure {
    Offline,
    Timeout,
    Network,
    Http,
    TooLarge,
    Document(Reason),
}
pub enum Action {
    Nothing,
    Fetch,
    Abort,
}
impl Poll {
    pub fn new(interval: Millis, _seed: u64) -> Self {
        Self { interval, wake: f64::INFINITY, status: Status::Loading, busy: false, paused: false, hidden: false }
    }
    pub fn set_interval(&mut self, i: Millis) {
        self.interval = i.max(5000.0);
    }
    pub fn offset(&self) -> Millis {
        0.0
    }
    pub fn status(&self) -> Status {
        self.status
    }
    pub fn wake(&self) -> Millis {
        if self.busy || self.paused || self.hidden { f64::INFINITY } else { self.wake }
    }
    pub fn retry_in(&self, now: Millis) -> f64 {
        (self.wake - now) / 1000.0
    }
    pub fn on(&mut self, event: Event, now: Millis) -> Action {
        match event {
            Event::Connected | Event::Refresh => {
                if !self.busy {
                    self.busy = true;
                    return Action::Fetch;
                }
            }
            Event::Woke => {
                if !self.busy && now >= self.wake {
                    self.busy = true;
                    return Action::Fetch;
                }
            }
            Event::Answered(_) => {
                self.busy = false;
                self.status = Status::Live;
                self.wake = now + self.interval;
            }
            Event::Failed(_) => {
                self.busy = false;
                self.wake = now + self.interval;
            }
            Event::Paused => self.paused = true,
            Event::Resumed => self.paused = false,
            Event::Shown => {
                self.hidden = false;
                if !self.busy && !self.paused && now >= self.wake {
                    self.busy = true;
                    return Action::Fetch;
                }
            }
            Event::Hidden => self.hidden = true,
            _ => {}
        }
        Action::Nothing
    }
}

//! The requests seen, kept for a while and told as they come (server-sent events, WHATWG HTML section 9.2).
//!
//! A request is told once its answer has left, whole or not, so that its bytes are those that were sent.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Poll, ready};
use std::time::{Duration, Instant, SystemTime};

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{Request, State};
use axum::http::header::{IF_MODIFIED_SINCE, IF_NONE_MATCH};
use axum::http::{HeaderMap, Response};
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures_util::stream::{self, Stream, StreamExt};
use jiff::Timestamp;
use serde::Serialize;
use tokio::sync::broadcast;

use super::House;

/// Requests kept for who joins late.
const KEPT: usize = 200;

/// One request and what became of it.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Entry {
    id: u64,
    /// When it came, ISO 8601.
    time: String,
    method: String,
    path: String,
    /// Absent where no answer was given.
    status: Option<u16>,
    /// Of the body, as sent.
    bytes: u64,
    /// It asked only for what it did not have.
    conditional: bool,
    /// The fault that answered.
    fault: Option<&'static str>,
    /// From the request to the last byte, in milliseconds.
    took: u64,
    /// The answer left whole.
    whole: bool,
}

/// The requests seen.
#[derive(Clone)]
pub(super) struct Log(Arc<Mutex<Kept>>);

struct Kept {
    entries: VecDeque<Entry>,
    next: u64,
    followers: broadcast::Sender<Entry>,
}

impl Default for Log {
    fn default() -> Self {
        let followers = broadcast::Sender::new(KEPT);
        Self(Arc::new(Mutex::new(Kept { entries: VecDeque::new(), next: 1, followers })))
    }
}

impl Log {
    /// Takes note of a request; it is told when what is returned is dropped.
    pub(super) fn see(&self, request: &Request) -> Seen {
        let headers = request.headers();
        Seen {
            // Following the log is no news to who follows it.
            log: (request.uri().path() != "/log").then(|| self.clone()),
            begun: Instant::now(),
            entry: Entry {
                id: 0,
                time: Timestamp::try_from(SystemTime::now()).unwrap_or_default().to_string(),
                method: request.method().to_string(),
                path: request.uri().to_string(),
                status: None,
                bytes: 0,
                conditional: headers.contains_key(IF_NONE_MATCH) || headers.contains_key(IF_MODIFIED_SINCE),
                fault: None,
                took: 0,
                whole: false,
            },
        }
    }

    fn tell(&self, mut entry: Entry) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entry.id = kept.next;
        kept.next += 1;
        if kept.entries.len() == KEPT {
            kept.entries.pop_front();
        }
        kept.entries.push_back(entry.clone());
        // Nobody may be listening.
        let _ = kept.followers.send(entry);
    }

    fn join(&self, after: u64) -> (Vec<Entry>, broadcast::Receiver<Entry>) {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        (kept.entries.iter().filter(|entry| entry.id > after).cloned().collect(), kept.followers.subscribe())
    }
}

/// A request under way.
pub(super) struct Seen {
    log: Option<Log>,
    begun: Instant,
    entry: Entry,
}

impl Seen {
    /// Names the fault that answers.
    pub(super) fn broken_by(&mut self, fault: &'static str) {
        self.entry.fault = Some(fault);
    }

    /// The answer, with its bytes counted.
    pub(super) fn answered(mut self, response: Response<Body>) -> Response<Body> {
        self.entry.status = Some(response.status().as_u16());
        self.entry.whole = response.body().is_end_stream();
        response.map(|body| Body::new(Counted { body, seen: self }))
    }
}

impl Drop for Seen {
    fn drop(&mut self) {
        if let Some(log) = self.log.take() {
            self.entry.took = self.begun.elapsed().as_millis() as u64;
            log.tell(self.entry.clone());
        }
    }
}

struct Counted {
    body: Body,
    seen: Seen,
}

impl HttpBody for Counted {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> Poll<Option<Result<hyper::body::Frame<Bytes>, axum::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        if let Some(Ok(frame)) = &frame {
            self.seen.entry.bytes += frame.data_ref().map_or(0, |data| data.len() as u64);
        }
        self.seen.entry.whole = frame.is_none() || self.body.is_end_stream();
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> hyper::body::SizeHint {
        self.body.size_hint()
    }
}

/// `GET /log`: what was seen lately, then each request as it ends. A follower too slow to keep up misses some.
pub(super) async fn follow(
    State(house): State<Arc<House>>,
    headers: HeaderMap,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok()?.parse().ok()).unwrap_or(0);
    let (kept, receiver) = house.log.join(last);
    let coming = stream::unfold(receiver, |mut receiver| async {
        loop {
            match receiver.recv().await {
                Ok(entry) => return Some((entry, receiver)),
                Err(broadcast::error::RecvError::Lagged(_)) => {}
                Err(broadcast::error::RecvError::Closed) => return None,
            }
        }
    });
    let events = stream::iter(kept)
        .chain(coming)
        .map(|entry| Ok(Event::default().id(entry.id.to_string()).json_data(&entry).unwrap_or_default()));
    Sse::new(events).keep_alive(KeepAlive::new().interval(Duration::from_secs(15)))
}

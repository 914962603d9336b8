//! A line between a browser and a server on which every byte is counted.
//!
//! It speaks just enough HTTP/1.1 to tell one exchange from the next: browsers do not send a request on a connection
//! before they have the answer to the last. Requests with a body are not for it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// A request and its answer, as they were on the wire.
#[derive(Clone, Debug, Default)]
pub struct Exchange {
    /// The request.
    pub request: String,
    /// What came before the answer's body.
    pub head: String,
    /// Bytes of the answer's body, coded as it was sent.
    pub body: usize,
}

impl Exchange {
    /// The path and query that were asked for.
    pub fn target(&self) -> &str {
        self.request.split(' ').nth(1).unwrap_or_default()
    }

    /// The answer's status; 0 without one.
    pub fn status(&self) -> u16 {
        self.head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0)
    }

    /// The value of a header of the answer, by its name in small letters.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.head, name)
    }

    /// The value of a header of the request, by its name in small letters.
    pub fn asked(&self, name: &str) -> Option<&str> {
        header(&self.request, name)
    }
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let lines = head.lines().skip(1).filter_map(|line| line.split_once(':'));
    lines.into_iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}

/// A running line. It ends when it is dropped.
#[derive(Debug)]
pub struct Tap {
    origin: String,
    exchanges: Exchanges,
    task: JoinHandle<()>,
}

type Exchanges = Arc<Mutex<Vec<Arc<Mutex<Exchange>>>>>;

/// A request with this header goes no further: its answer is the `Available-Dictionary` it came with. So one can wait
/// until a browser has put away what it was sent last.
pub const PROBE: &str = "x-tap";

impl Tap {
    /// A line to the server at `to`, an origin as in `http://127.0.0.1:8080`.
    ///
    /// # Errors
    /// If no port is free.
    pub async fn start(to: &str) -> Result<Self> {
        let to = to.strip_prefix("http://").context("the tap speaks http alone")?.to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let origin = format!("http://{}", listener.local_addr()?);
        let exchanges = Exchanges::default();
        let seen = exchanges.clone();
        let task = tokio::spawn(async move {
            while let Ok((browser, _)) = listener.accept().await {
                let (to, seen) = (to.clone(), seen.clone());
                // Where one side is gone, the line to the other ends too.
                tokio::spawn(async move { connect(browser, &to, &seen).await.ok() });
            }
        });
        Ok(Self { origin, exchanges, task })
    }

    /// Where it is, without a slash at the end.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// What was exchanged over a path and query since this was last asked; what else was is forgotten.
    pub fn take(&self, target: &str) -> Vec<Exchange> {
        let exchanges = std::mem::take(&mut *lock(&self.exchanges));
        let exchanges = exchanges.iter().map(|exchange| lock(exchange).clone());
        exchanges.filter(|exchange| exchange.target() == target).collect()
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn connect(mut browser: TcpStream, to: &str, exchanges: &Exchanges) -> Result<()> {
    let mut server = TcpStream::connect(to).await?;
    let (mut from_browser, mut to_browser) = browser.split();
    let (mut from_server, mut to_server) = server.split();
    let (mut asked, mut answered) = (vec![0; 1 << 14], vec![0; 1 << 16]);
    let mut request = Vec::new();
    // The exchange under way, and its answer's head as far as it came.
    let mut current = Arc::<Mutex<Exchange>>::default();
    let mut head = Vec::new();
    loop {
        tokio::select! {
            read = from_browser.read(&mut asked) => {
                let read = read?;
                if read == 0 {
                    return Ok(());
                }
                request.extend_from_slice(&asked[..read]);
                if end(&request).is_none() {
                    continue;
                }
                let exchange = Exchange {
                    request: String::from_utf8_lossy(&std::mem::take(&mut request)).into_owned(),
                    ..Exchange::default()
                };
                if exchange.asked(PROBE).is_some() {
                    let word = exchange.asked("available-dictionary").unwrap_or_default();
                    let answer = format!(
                        "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncache-control: no-store\r\ncontent-length: {}\r\n\r\n{word}",
                        word.len()
                    );
                    to_browser.write_all(answer.as_bytes()).await?;
                    continue;
                }
                let asks = exchange.request.clone();
                current = Arc::new(Mutex::new(exchange));
                lock(exchanges).push(current.clone());
                head.clear();
                to_server.write_all(asks.as_bytes()).await?;
            }
            read = from_server.read(&mut answered) => {
                let read = read?;
                if read == 0 {
                    return Ok(());
                }
                note(&mut lock(&current), &mut head, &answered[..read]);
                to_browser.write_all(&answered[..read]).await?;
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn note(exchange: &mut Exchange, head: &mut Vec<u8>, bytes: &[u8]) {
    if !exchange.head.is_empty() {
        exchange.body += bytes.len();
        return;
    }
    head.extend_from_slice(bytes);
    if let Some(end) = end(head) {
        exchange.head = String::from_utf8_lossy(&head[..end]).into_owned();
        exchange.body = head.len() - end;
    }
}

/// Where a head ends, and a body begins.
fn end(bytes: &[u8]) -> Option<usize> {
    bytes.windows(4).position(|four| four == b"\r\n\r\n").map(|at| at + 4)
}

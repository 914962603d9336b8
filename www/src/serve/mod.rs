//! The server of the harness: stories, pages, the package, faults and the log of requests.
//!
//! Routes are axum's; the connections are held here, below it, so that a fault can end one in the middle of an
//! answer. What a story is, how it is answered, what goes wrong and what was seen each have a file of their own.

mod answer;
mod builder;
mod faults;
mod forms;
mod log;
mod pages;
mod stories;

use std::convert::Infallible;
use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{CACHE_CONTROL, DATE, ETAG, HeaderName, HeaderValue, RETRY_AFTER, X_CONTENT_TYPE_OPTIONS};
use axum::http::{Method, Response};
use axum::routing::{get, post, put};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tower::ServiceExt;
use tower_http::cors::{AllowOrigin, Any, CorsLayer};
use tower_http::set_header::SetResponseHeaderLayer;

use crate::delta::{Bounds, Delta};
use builder::Builder;
use faults::Faults;
use log::Log;
use stories::Stories;

/// How long a connection may take to finish when the server stops.
const GRACE: Duration = Duration::from_millis(500);

/// Where and what to serve.
#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    /// Port to listen on; 0 takes any that is free.
    #[arg(long, default_value_t = 8080)]
    pub port: u16,
    /// Address to listen on; anything but loopback lets others publish and break things here.
    #[arg(long, default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    pub host: IpAddr,
    /// Let the builder read pages of other machines too, for whoever can reach this one.
    #[arg(long)]
    pub reach_out: bool,
    /// Keep published stories in this directory.
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Where the release package lies.
    #[arg(skip = crate::pkg::folder())]
    pub package: PathBuf,
    /// Where the bench's scripts lie.
    #[arg(skip = crate::bench::folder())]
    pub bench: PathBuf,
}

impl Default for Options {
    /// A free port on loopback, nothing kept, the package of this checkout.
    fn default() -> Self {
        Self {
            port: 0,
            host: IpAddr::V4(Ipv4Addr::LOCALHOST),
            reach_out: false,
            data: None,
            package: crate::pkg::folder(),
            bench: crate::bench::folder(),
        }
    }
}

/// A server that is up. It ends when it is stopped or dropped.
#[derive(Debug)]
pub struct Server {
    origins: [String; 2],
    stop: watch::Sender<bool>,
    tasks: [JoinHandle<()>; 2],
}

impl Server {
    /// Where it is, without a slash at the end: `http://127.0.0.1:8080`.
    pub fn origin(&self) -> &str {
        &self.origins[0]
    }

    /// The same stories on another port, which makes it a foreign origin to a page of the first.
    pub fn other_origin(&self) -> &str {
        &self.origins[1]
    }

    /// Takes no more connections, lets those that are open finish for half a second, and ends.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        for task in self.tasks {
            let _ = task.await;
        }
    }
}

/// What all connections share.
struct House {
    origins: [String; 2],
    stories: Stories,
    faults: Faults,
    log: Log,
    builder: Builder,
    package: PathBuf,
    bench: PathBuf,
}

/// Which of the two origins a request came to.
#[derive(Clone, Copy)]
struct Side(usize);

/// The connection is to end without an answer.
#[derive(Debug)]
struct Dropped;

impl fmt::Display for Dropped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a fault closed the connection")
    }
}

impl std::error::Error for Dropped {}

/// Starts a server in the running tokio runtime.
///
/// # Errors
/// A taken port, an address that is not this machine's, stories that cannot be read: each in one sentence.
pub async fn start(options: Options) -> Result<Server> {
    let first = listen(options.host, options.port).await?;
    let second = listen(options.host, 0).await?;
    let origins = [origin(&first)?, origin(&second)?];
    let house = Arc::new(House {
        origins: origins.clone(),
        stories: Stories::open(options.data)?,
        faults: Faults::default(),
        log: Log::default(),
        builder: Builder::new(options.reach_out),
        package: options.package,
        bench: options.bench,
    });
    let routes = routes(&house);
    let (stop, stopped) = watch::channel(false);
    let tasks = [(first, 0), (second, 1)].map(|(listener, side)| {
        tokio::spawn(accept(listener, Side(side), house.clone(), routes.clone(), stopped.clone()))
    });
    Ok(Server { origins, stop, tasks })
}

/// Serves until Ctrl-C; `prepare` builds what is to be served once the port is known to be free.
///
/// # Errors
/// As [`start`], and whatever `prepare` returns.
pub fn run(options: Options, prepare: impl FnOnce() -> Result<()>) -> Result<()> {
    let runtime = tokio::runtime::Runtime::new().context("The system gave no threads for the server.")?;
    runtime.block_on(async {
        drop(listen(options.host, options.port).await?);
        tokio::task::block_in_place(prepare)?;
        let server = start(options).await?;
        println!("listening on {}", server.origin());
        tokio::signal::ctrl_c().await.context("Ctrl-C cannot be listened for.")?;
        server.stop().await;
        Ok(())
    })
}

async fn listen(host: IpAddr, port: u16) -> Result<TcpListener> {
    match TcpListener::bind((host, port)).await {
        Ok(listener) => Ok(listener),
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
            bail!("Port {port} is taken by another program: stop it, or choose another with --port N.")
        }
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            bail!("Port {port} needs rights that this user has not: choose one above 1023 with --port N.")
        }
        Err(error) => Err(error).with_context(|| format!("Nothing can listen on {}.", SocketAddr::new(host, port))),
    }
}

fn origin(listener: &TcpListener) -> Result<String> {
    Ok(format!("http://{}", listener.local_addr().context("The listener has no address.")?))
}

fn routes(house: &Arc<House>) -> Router {
    // Readers on any site may poll; publishing and faults are for this origin alone, so no other method is allowed.
    let open = CorsLayer::new()
        .allow_origin(AllowOrigin::from(Any))
        .allow_methods([Method::GET, Method::HEAD])
        .expose_headers([ETAG, DATE, RETRY_AFTER, CACHE_CONTROL])
        .vary([] as [HeaderName; 0]);
    Router::new()
        .route("/stories", get(stories::list))
        .route("/stories/{file}", get(stories::show).put(stories::publish).layer(Delta::new(Bounds::default())))
        .route("/pkg/{*file}", get(pages::package))
        .layer(open)
        .route("/bench/{file}", get(pages::bench))
        .route("/builder/read", post(builder::read))
        .route("/builder/copy/{id}", get(builder::copy))
        .route("/pictures/{file}", get(pages::picture))
        .route("/faults", get(faults::list))
        .route("/faults/", put(faults::switch_on).delete(faults::switch_off))
        .route("/faults/{*path}", put(faults::switch_on).delete(faults::switch_off))
        .route("/log", get(log::follow))
        .route("/sign-in", get(faults::sign_in))
        .fallback(pages::page)
        .layer(SetResponseHeaderLayer::if_not_present(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")))
        .with_state(house.clone())
}

async fn accept(listener: TcpListener, side: Side, house: Arc<House>, routes: Router, mut stop: watch::Receiver<bool>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(hold(stream, side, house.clone(), routes.clone(), stop.clone()));
                }
                // Out of file descriptors, most likely: some will be back in a moment.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            },
            Some(_) = connections.join_next() => {}
            _ = stop.changed() => break,
        }
    }
    drop(listener);
    let _ = tokio::time::timeout(GRACE, async { while connections.join_next().await.is_some() {} }).await;
}

async fn hold(stream: TcpStream, side: Side, house: Arc<House>, routes: Router, mut stop: watch::Receiver<bool>) {
    let _ = stream.set_nodelay(true);
    let service = service_fn(|request: hyper::Request<Incoming>| {
        let (house, routes) = (house.clone(), routes.clone());
        async move {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(side);
            serve(&house, routes, request).await
        }
    });
    let mut connection =
        std::pin::pin!(http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service));
    tokio::select! {
        _ = connection.as_mut() => {}
        _ = stop.changed() => {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
    }
}

async fn serve(house: &Arc<House>, routes: Router, request: Request) -> Result<Response<Body>, Dropped> {
    let mut seen = house.log.see(&request);
    let response = match house.faults.strike(&request) {
        Some(strike) => {
            seen.broken_by(strike.name());
            strike.answer(house, routes, request).await?
        }
        None => route(routes, request).await,
    };
    Ok(seen.answered(response))
}

async fn route(routes: Router, request: Request) -> Response<Body> {
    let answer: Result<_, Infallible> = routes.oneshot(request).await;
    match answer {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

//! Cores, listeners and the end of them.

use std::io;
use std::net::{SocketAddr, TcpListener as StdListener};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::thread::JoinHandle;
use std::time::Duration;

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinSet, LocalSet};
use trent_bus::{Bus, Sampler, Sealer};
use trent_operations::ports::{AuditTrail, RequestQuota};
use trent_runtime::{Refresh, Shutdown, ShutdownTrigger};
use trent_types::{Clock, IpNetwork, Region};

use crate::connection;
use crate::deadlines::Deadlines;
use crate::exchange::Core;
use crate::meters::{self, Meters};
use crate::pages::Pages;
use crate::proxy;
use crate::share::Share;
use crate::tls::TlsConfig;

/// How many connections may wait to be accepted, on each core.
const BACKLOG: i32 = 1024;
/// How long to wait before accepting again when the system has no room for another connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Where and how the gateway listens.
#[derive(Debug, Clone)]
pub struct GatewayConfig {
    /// The addresses; port 0 takes a free one.
    pub listen: Vec<SocketAddr>,
    /// `None`: plain HTTP.
    pub tls: Option<TlsConfig>,
    /// Where load balancers connect from: a connection from there begins with a PROXY protocol
    /// header, before TLS.
    pub trusted_proxies: Vec<IpNetwork>,
    /// How many threads, each with its own runtime and listeners.
    pub cores: usize,
    /// How many connections the process holds; one more is closed at once.
    pub connections_max: usize,
    /// The Regions that are served; a credential scope of another one is refused.
    pub regions: Vec<Region>,
    /// Where requests are recorded whose scope names none of [`Self::regions`].
    pub home_region: Region,
    /// Decides which requests are traced; `None`: none.
    pub sampler: Option<Sampler>,
    /// How long the requests in flight may take when the process finishes.
    pub drain_max: Duration,
}

/// What the gateway works with.
pub struct Services {
    /// To evaluators, registry and workers.
    pub bus: Bus,
    /// Seals plaintexts on their way to the workers.
    pub sealer: Arc<Sealer>,
    /// The wall clock.
    pub clock: Arc<dyn Clock>,
    /// Makes a core's audit trail; called once on each core's thread, inside its runtime.
    pub audit: Arc<dyn Fn() -> Rc<dyn AuditTrail> + Send + Sync>,
    /// How many requests there may be; all cores ask it.
    pub quota: Arc<dyn RequestQuota + Send + Sync>,
    /// What answers beside the API; `None`: nothing does.
    pub pages: Option<Pages>,
}

/// The gateway role.
#[derive(Debug)]
pub struct Gateway;

/// A gateway whose ports are taken and that serves nobody yet.
#[derive(Debug)]
pub struct Bound {
    config: GatewayConfig,
    /// For each core, one listener for each address.
    listeners: Vec<Vec<StdListener>>,
    addresses: Vec<SocketAddr>,
}

/// A gateway that serves.
pub struct Running {
    cores: Vec<JoinHandle<()>>,
    addresses: Vec<SocketAddr>,
    refresh: Option<Refresh>,
}

impl Gateway {
    /// Takes the addresses, once for each core: the system spreads connections over them
    /// (`SO_REUSEPORT`).
    ///
    /// # Errors
    /// That of the system when an address cannot be had.
    pub fn bind(config: GatewayConfig) -> io::Result<Bound> {
        let cores = config.cores.max(1);
        let mut addresses = Vec::with_capacity(config.listen.len());
        let mut listeners: Vec<Vec<StdListener>> = (0..cores).map(|_| Vec::new()).collect();
        for wanted in &config.listen {
            let mut address = *wanted;
            for core in &mut listeners {
                let listener = listen(address)?;
                // The first one settles the port.
                address = listener.local_addr()?;
                core.push(listener);
            }
            addresses.push(address);
        }
        Ok(Bound { config, listeners, addresses })
    }
}

impl Bound {
    /// The first address, with its port.
    #[must_use]
    pub fn local_addr(&self) -> Option<SocketAddr> {
        self.addresses.first().copied()
    }

    /// Every address, with its port.
    #[must_use]
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Starts to serve, on a thread for each core, until `shutdown`; then the requests in flight
    /// are answered, within [`GatewayConfig::drain_max`].
    ///
    /// # Errors
    /// That of the system when a thread or a runtime cannot be made.
    pub fn serve(self, services: &Services, shutdown: &Shutdown) -> io::Result<Running> {
        let connections = Arc::new(AtomicUsize::new(0));
        let large_bodies = Arc::new(AtomicUsize::new(0));
        let regions: Arc<[Region]> = self.config.regions.clone().into();
        meters::begin();
        let in_flight: Vec<_> = self.listeners.iter().map(|_| Arc::default()).collect();
        let mut cores = Vec::with_capacity(self.listeners.len());
        let each = self.listeners.into_iter().zip(&in_flight);
        for (number, (listeners, in_flight)) in each.enumerate() {
            let in_flight = Arc::clone(in_flight);
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            let (bus, sealer) = (services.bus.clone(), Arc::clone(&services.sealer));
            let (clock, audit) = (Arc::clone(&services.clock), Arc::clone(&services.audit));
            let (config, regions) = (self.config.clone(), Arc::clone(&regions));
            let (connections, shutdown) = (Arc::clone(&connections), shutdown.clone());
            let (large_bodies, quota) = (Arc::clone(&large_bodies), Arc::clone(&services.quota));
            let pages = services.pages.clone();
            let thread = std::thread::Builder::new().name(format!("gateway-{number}"));
            cores.push(thread.spawn(move || {
                LocalSet::new().block_on(&runtime, async move {
                    // Connections watch a shutdown of their own core: a shared one would bounce
                    // between the cores.
                    let (finish, finishing) = Shutdown::new();
                    let core = Core {
                        finishing,
                        bus,
                        sealer,
                        clock,
                        audit: audit(),
                        meters: Meters::new(in_flight),
                        sampler: config.sampler,
                        quota,
                        large_bodies,
                        regions,
                        home_region: config.home_region,
                        pages,
                        deadlines: Deadlines::default(),
                    };
                    let finish = (finish, shutdown);
                    run(Rc::new(core), &config, listeners, &connections, finish).await;
                });
            })?);
        }
        let refresh = meters::refresh(connections, in_flight);
        Ok(Running { cores, addresses: self.addresses, refresh: Some(refresh) })
    }
}

impl Running {
    /// Every address, with its port.
    #[must_use]
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Brings the metrics of connections and requests in flight up to date; to be had once.
    pub fn refresh(&mut self) -> Option<Refresh> {
        self.refresh.take()
    }

    /// Waits until every core has finished. It blocks: call it outside of a runtime, or on a thread
    /// for it.
    pub fn join(self) {
        for core in self.cores {
            if core.join().is_err() {
                tracing::error!("a core of the gateway panicked");
            }
        }
    }
}

fn listen(address: SocketAddr) -> io::Result<StdListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    socket.set_reuse_port(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// One core, from its listeners to the last answer.
async fn run(
    core: Rc<Core>,
    config: &GatewayConfig,
    listeners: Vec<StdListener>,
    connections: &Arc<AtomicUsize>,
    (finish, mut shutdown): (ShutdownTrigger, Shutdown),
) {
    let finishing = core.finishing.clone();
    let mut accepting = JoinSet::new();
    for listener in listeners {
        let (core, config) = (Rc::clone(&core), config.clone());
        let (connections, finishing) = (Arc::clone(connections), finishing.clone());
        accepting.spawn_local(async move {
            accept(core, &config, listener, &connections, finishing).await
        });
    }
    let watched = Rc::clone(&core);
    let looking = tokio::task::spawn_local(async move { watched.deadlines.look().await });
    let mut serving: Vec<JoinSet<()>> = Vec::new();
    shutdown.requested().await;
    finish.trigger();
    while let Some(accepted) = accepting.join_next().await {
        serving.extend(accepted);
    }
    let drained = tokio::time::timeout(config.drain_max, async {
        for connections in &mut serving {
            while connections.join_next().await.is_some() {}
        }
    });
    if drained.await.is_err() {
        tracing::warn!("requests were cut off at the end");
    }
    looking.abort();
}

/// Accepts connections until the core finishes; hands back those that are still there.
async fn accept(
    core: Rc<Core>,
    config: &GatewayConfig,
    listener: StdListener,
    connections: &Arc<AtomicUsize>,
    mut finishing: Shutdown,
) -> JoinSet<()> {
    let mut serving = JoinSet::new();
    let acceptor = config.tls.as_ref().map(TlsConfig::acceptor);
    let trusted: Rc<[IpNetwork]> = config.trusted_proxies.as_slice().into();
    let listener = match TcpListener::from_std(listener) {
        Ok(listener) => listener,
        Err(error) => {
            tracing::error!(%error, "a listener cannot be used");
            return serving;
        }
    };
    let watched = finishing.clone();
    let admit = |serving: &mut JoinSet<()>, mut socket: TcpStream, address: SocketAddr| {
        let Some(place) = Share::take(connections, config.connections_max) else {
            meters::refused_connections().increment(1);
            return;
        };
        without_delay(&socket);
        let (core, watched) = (Rc::clone(&core), watched.clone());
        let (acceptor, trusted) = (acceptor.clone(), Rc::clone(&trusted));
        serving.spawn_local(async move {
            let _place = place;
            let peer = address.ip().to_canonical();
            let client = proxy::client_address(&mut socket, peer, &trusted).await;
            if let Some(client) = client {
                let client = client.to_string();
                connection::serve(core, socket, client, acceptor, watched).await;
            }
        });
    };
    loop {
        let accepted = tokio::select! {
            biased;
            () = finishing.requested() => break,
            Some(_) = serving.join_next() => continue,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((socket, address)) => admit(&mut serving, socket, address),
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    for (socket, address) in waiting(listener) {
        admit(&mut serving, socket, address);
    }
    serving
}

/// The connections that the system has accepted already: closing the listener would reset them.
fn waiting(listener: TcpListener) -> impl Iterator<Item = (TcpStream, SocketAddr)> {
    let listener = listener.into_std().ok();
    let accept = move || listener.as_ref()?.accept().ok();
    std::iter::from_fn(accept).take(BACKLOG as usize).filter_map(|(socket, address)| {
        socket.set_nonblocking(true).ok()?;
        Some((TcpStream::from_std(socket).ok()?, address))
    })
}

fn without_delay(socket: &TcpStream) {
    // It only costs latency when it fails.
    if let Err(error) = socket.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY could not be set");
    }
}

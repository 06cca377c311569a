//! The socket by which an operator reaches an embedded deployment: `admin.sock` in the data
//! directory, mode 0600.
//!
//! Each message is preceded by its length, four bytes, big-endian. Who may connect is decided by
//! the file's mode; that the other side is the same user, or root, is looked at besides, because
//! between the making of a socket and the setting of its mode lies a moment.

use std::fs::{self, File, Permissions};
use std::io::{self, Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener as StdListener, UnixStream as StdStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::Semaphore;
use trent_bus::{Bus, Order, Subject};
use trent_runtime::Shutdown;

/// The socket's name in the data directory.
const NAME: &str = "admin.sock";
/// The longest message: as over NATS.
const MESSAGE_MAX: u32 = 1024 * 1024;
/// How long a change may take: it waits for every evaluator.
const PATIENCE: Duration = Duration::from_secs(20);
/// Connections that are served at the same time; others wait.
const CONNECTIONS_MAX: usize = 8;
/// The longest path of a socket (`sun_path`, unix(7)), with its closing zero.
const PATH_MAX: usize = 108;

/// The socket of a running deployment. The file goes when this is dropped.
pub(crate) struct AdminSocket {
    listener: StdListener,
    path: PathBuf,
}

impl AdminSocket {
    /// Makes the socket, in the place of one that a process left behind: the data directory is this
    /// process's alone.
    pub(crate) fn open(data_dir: &Path) -> io::Result<Self> {
        let path = data_dir.join(NAME);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        let listener = at(data_dir, |path| StdListener::bind(path))?;
        fs::set_permissions(&path, Permissions::from_mode(0o600))?;
        listener.set_nonblocking(true)?;
        Ok(Self { listener, path })
    }

    /// Hands the operator's requests to the evaluator until shutdown.
    pub(crate) async fn serve(self, bus: Bus, mut shutdown: Shutdown) -> io::Result<()> {
        let listener = UnixListener::from_std(self.listener.try_clone()?)?;
        let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
        loop {
            let Ok(place) = Arc::clone(&places).acquire_owned().await else { return Ok(()) };
            let accepted = tokio::select! {
                () = shutdown.requested() => return Ok(()),
                accepted = listener.accept() => accepted,
            };
            match accepted {
                Ok((stream, _)) => {
                    let bus = bus.clone();
                    tokio::spawn(async move {
                        let _place = place;
                        if let Err(error) = converse(stream, &bus).await {
                            tracing::warn!(%error, "a connection to {NAME} ended");
                        }
                    });
                }
                Err(error) => {
                    tracing::warn!(%error, "a connection to {NAME} was not accepted");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        }
    }
}

impl Drop for AdminSocket {
    fn drop(&mut self) {
        // One that stays behind is replaced at the next start.
        let _ = fs::remove_file(&self.path);
    }
}

/// Answers one connection's requests until it ends.
async fn converse(mut stream: UnixStream, bus: &Bus) -> io::Result<()> {
    let own = rustix::process::geteuid().as_raw();
    let peer = stream.peer_cred()?.uid();
    if peer != own && peer != 0 {
        return Err(io::Error::other(format!("user {peer} is not the owner")));
    }
    loop {
        let length = match stream.read_u32().await {
            Ok(length) => within(length)?,
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(()),
            Err(error) => return Err(error),
        };
        let mut payload = vec![0; length];
        tokio::time::timeout(PATIENCE, stream.read_exact(&mut payload))
            .await
            .map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
        let order = Order { deadline: PATIENCE, traceparent: None, payload: payload.into() };
        let answer = bus.call(Subject::Admin, order).await;
        let answer = answer.map_err(|error| io::Error::other(error.to_string()))?;
        stream.write_all(&framed(&answer)?).await?;
    }
}

/// Asks the deployment whose data directory this is.
pub(super) fn ask(data_dir: &Path, request: &[u8]) -> io::Result<Bytes> {
    let mut stream = at(data_dir, |path| StdStream::connect(path))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.write_all(&framed(request)?)?;
    let mut length = [0; 4];
    stream.read_exact(&mut length)?;
    let mut answer = vec![0; within(u32::from_be_bytes(length))?];
    stream.read_exact(&mut answer)?;
    Ok(answer.into())
}

/// A message with its length before it.
fn framed(message: &[u8]) -> io::Result<Vec<u8>> {
    let length = u32::try_from(message.len()).unwrap_or(u32::MAX);
    within(length)?;
    Ok([&length.to_be_bytes(), message].concat())
}

/// A length that a message can have.
fn within(length: u32) -> io::Result<usize> {
    if length > MESSAGE_MAX {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "the message is too long"));
    }
    usize::try_from(length).map_err(io::Error::other)
}

/// Does something with the socket's path. One that is too long for a socket is reached through the
/// directory that is open here.
fn at<T>(data_dir: &Path, work: impl Fn(&Path) -> io::Result<T>) -> io::Result<T> {
    let path = data_dir.join(NAME);
    if path.as_os_str().len() < PATH_MAX {
        return work(&path);
    }
    let directory = File::open(data_dir)?;
    work(&PathBuf::from(format!("/proc/self/fd/{}/{NAME}", directory.as_raw_fd())))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::FileTypeExt;

    use trent_bus::{InProcessBus, Service, ServiceFuture};
    use trent_runtime::ShutdownTrigger;

    use super::*;

    /// Answers with what it was asked.
    struct Echo;

    impl Service for Echo {
        fn handle<'a>(&'a self, order: Order) -> ServiceFuture<'a> {
            Box::pin(async move { Ok(order.payload) })
        }
    }

    fn serving(data_dir: &Path) -> (ShutdownTrigger, tokio::task::JoinHandle<io::Result<()>>) {
        let services = InProcessBus::new();
        services.serve(Subject::Admin, Arc::new(Echo)).unwrap();
        let (trigger, shutdown) = Shutdown::new();
        let socket = AdminSocket::open(data_dir).unwrap();
        (trigger, tokio::spawn(async move { socket.serve(services.bus(), shutdown).await }))
    }

    async fn asked(data_dir: &Path, request: Vec<u8>) -> io::Result<Bytes> {
        let data_dir = data_dir.to_owned();
        tokio::task::spawn_blocking(move || ask(&data_dir, &request)).await.unwrap()
    }

    #[tokio::test]
    async fn its_owner_is_answered_and_nobody_else_may_open_it() {
        let folder = tempfile::tempdir().unwrap();
        let (stop, served) = serving(folder.path());
        assert_eq!(asked(folder.path(), b"hello".to_vec()).await.unwrap(), "hello");
        let large = vec![7; 100_000];
        assert_eq!(asked(folder.path(), large.clone()).await.unwrap(), large);
        let mode = fs::metadata(folder.path().join(NAME)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert!(asked(folder.path(), vec![0; 2_000_000]).await.is_err());
        stop.trigger();
        served.await.unwrap().unwrap();
        assert!(!folder.path().join(NAME).exists());
        assert!(asked(folder.path(), b"gone".to_vec()).await.is_err());
    }

    #[tokio::test]
    async fn one_that_was_left_behind_is_replaced_and_a_long_path_is_no_obstacle() {
        let folder = tempfile::tempdir().unwrap();
        let deep = folder.path().join("d".repeat(150));
        fs::create_dir(&deep).unwrap();
        fs::write(deep.join(NAME), "left behind").unwrap();
        let (_stop, _served) = serving(&deep);
        assert!(fs::metadata(deep.join(NAME)).unwrap().file_type().is_socket());
        assert_eq!(asked(&deep, b"x".to_vec()).await.unwrap(), "x");
    }

    #[tokio::test]
    async fn a_length_that_no_message_has_ends_the_connection() {
        let folder = tempfile::tempdir().unwrap();
        let (_stop, _served) = serving(folder.path());
        let mut stream = UnixStream::connect(folder.path().join(NAME)).await.unwrap();
        stream.write_all(&u32::MAX.to_be_bytes()).await.unwrap();
        assert_eq!(stream.read(&mut [0; 8]).await.unwrap(), 0);
    }
}

//! Child processes that never outlive their parent.

use std::fs::File;
use std::io;
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// A command that dies with this process, whatever happens to it: `setpriv --pdeathsig` from
/// util-linux. The thread that spawns it must be the one that lives longest.
#[must_use]
pub fn bound(program: &Path) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL", "--"]).arg(program);
    command
}

/// Starts a command with its output in a file.
///
/// # Errors
/// When the log cannot be written or the command cannot be started.
pub fn spawn(mut command: Command, log: &Path) -> io::Result<Child> {
    let out = File::options().create(true).append(true).open(log)?;
    let error = out.try_clone()?;
    command.stdin(Stdio::null()).stdout(out).stderr(error).spawn()
}

/// Runs a command to its end.
///
/// # Errors
/// With the end of what it printed, when it fails.
pub fn run(command: &mut Command) -> io::Result<()> {
    let done = command.stdin(Stdio::null()).output()?;
    if done.status.success() {
        return Ok(());
    }
    let text = [done.stdout, done.stderr].concat();
    let text = String::from_utf8_lossy(&text);
    Err(io::Error::other(format!("{command:?} failed: {text}")))
}

/// Waits until the condition holds.
///
/// # Errors
/// [`io::ErrorKind::TimedOut`] names what was waited for.
pub fn wait_for(
    what: &str,
    patience: Duration,
    mut condition: impl FnMut() -> bool,
) -> io::Result<()> {
    let end = Instant::now() + patience;
    while !condition() {
        if Instant::now() > end {
            return Err(io::Error::new(io::ErrorKind::TimedOut, format!("no {what} in time")));
        }
        sleep(Duration::from_millis(20));
    }
    Ok(())
}

/// Whether something accepts connections on this loopback port.
#[must_use]
pub fn listens(port: u16) -> bool {
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    TcpStream::connect_timeout(&address, Duration::from_millis(200)).is_ok()
}

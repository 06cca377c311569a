//! Free ports on the loopback interface.

use std::io;
use std::net::TcpListener;

/// A port that was free a moment ago. Roles that are killed and started again keep theirs.
///
/// # Errors
/// When the machine has none.
pub fn free() -> io::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

//! Why a measurement cannot be made.

/// Why a measurement cannot be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LoadError {
    /// Sockets, files, standard output.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// The server answered, but not with success.
    #[error("HTTP {status}: {body}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// The start of the answer's body.
        body: String,
    },
    /// The server did not speak HTTP/1.1 with `Content-Length`.
    #[error("not an answer: {0}")]
    NotHttp(&'static str),
    /// The answer to a request of the preparation lacks a field.
    #[error("no {0} in the answer")]
    Missing(&'static str),
    /// Nothing beyond this machine is loaded.
    #[error("{0} is not a loopback address with a port, as in http://127.0.0.1:8080")]
    NotLoopback(String),
    /// The report cannot be written.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

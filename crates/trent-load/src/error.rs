//! Why a measurement cannot be made.

use std::path::PathBuf;

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
    /// The server closed the connection in the middle of an exchange.
    #[error("the connection was closed")]
    Closed,
    /// No connection or no answer within the time that was given.
    #[error("no answer in time")]
    Timeout,
    /// The answer to a request of the preparation lacks a field.
    #[error("no {0} in the answer")]
    Missing(&'static str),
    /// Nothing beyond this machine is compared with the echo.
    #[error("{0} is not a loopback address with a port, as in http://127.0.0.1:8080")]
    NotLoopback(String),
    /// Not a URL of a server.
    #[error("{0} is not an endpoint, as in https://kms.example.com:8443")]
    Endpoint(String),
    /// Load on AWS costs, and is not what this is for.
    #[error("AWS itself is not loaded")]
    Aws,
    /// The file of trusted authorities.
    #[error("{0} gives no trusted certificates: {1}")]
    Trust(PathBuf, String),
    /// A word on the command line that means nothing.
    #[error("{0}")]
    Argument(String),
    /// The environment lacks credentials.
    #[error("{0} is not set: credentials come from the environment")]
    Credentials(&'static str),
    /// The file of principals.
    #[error("{0}: {1}")]
    State(PathBuf, String),
    /// A report that cannot be read, or a file that is none.
    #[error("{0}: {1}")]
    Report(PathBuf, String),
    /// Two reports of different loads.
    #[error("the loads differ, which says nothing about the servers (--force compares them): {0}")]
    Different(String),
    /// The bounds of a histogram.
    #[error(transparent)]
    Histogram(#[from] hdrhistogram::CreationError),
    /// The report cannot be written.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

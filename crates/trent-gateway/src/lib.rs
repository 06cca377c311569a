//! The gateway role: HTTP and TLS, the AWS protocols, and the bus clients behind the operations'
//! ports.
//!
//! One single-threaded runtime per core; a request stays on the core that accepted it. The gateway
//! holds no secret but its TLS and bus keys: it hands signatures to the evaluator and key use to
//! the workers.

mod connection;
mod deadlines;
mod exchange;
mod http;
mod meters;
mod pages;
pub mod ports;
mod proxy;
mod quota;
mod route;
mod server;
mod share;
mod tls;

pub use pages::Pages;
pub use ports::StreamTrail;
pub use proxy::client_address;
pub use quota::RequestQuotas;
pub use server::{Bound, Gateway, GatewayConfig, Running, Services};
pub use tls::{TlsConfig, TlsConfigError};

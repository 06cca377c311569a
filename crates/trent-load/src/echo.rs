//! The bare server: reads a request to its end and answers 200 bytes of fixed JSON.
//!
//! Nothing is verified, parsed, stored or logged. What a key management service does on top of
//! this is what separates its figures from these.

use std::convert::Infallible;
use std::io::Write;
use std::net::SocketAddr;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};

use crate::error::LoadError;

const ANSWER_BYTES: usize = 200;

/// Serves until the process is ended.
pub(crate) fn serve(listen: SocketAddr, threads: usize) -> Result<(), LoadError> {
    if !listen.ip().is_loopback() {
        return Err(LoadError::NotLoopback(listen.to_string()));
    }
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind(listen).await?;
        let bound = listener.local_addr()?;
        writeln!(std::io::stdout(), "echo on http://{bound} with {threads} threads")?;
        accept(listener).await
    })
}

/// Answers everyone who connects.
pub(crate) async fn accept(listener: TcpListener) -> Result<(), LoadError> {
    let answer = fixed_answer();
    loop {
        let (stream, _) = listener.accept().await?;
        tokio::spawn(converse(stream, answer.clone()));
    }
}

async fn converse(stream: TcpStream, answer: Bytes) {
    // Without it answers may wait for acknowledgements; a failure only makes the echo slower.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| respond(request, answer.clone()));
    // A client that goes away ends the connection; there is nothing to be done about it.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

async fn respond(
    request: Request<Incoming>,
    answer: Bytes,
) -> Result<Response<Full<Bytes>>, Infallible> {
    // Only that the body has been read counts.
    let _ = request.into_body().collect().await;
    let mut response = Response::new(Full::new(answer));
    let json = HeaderValue::from_static("application/x-amz-json-1.1");
    response.headers_mut().insert(CONTENT_TYPE, json);
    Ok(response)
}

fn fixed_answer() -> Bytes {
    let mut answer = br#"{"KeyId":"arn:aws:kms:us-east-1:123456789012:key/","Filler":""#.to_vec();
    answer.resize(ANSWER_BYTES - 2, b'-');
    answer.extend_from_slice(br#""}"#);
    answer.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_is_200_bytes_of_json() {
        assert_eq!(fixed_answer().len(), ANSWER_BYTES);
        assert!(serde_json::from_slice::<serde_json::Value>(&fixed_answer()).is_ok());
    }

    #[test]
    fn it_does_not_listen_to_other_machines() {
        let result = serve("0.0.0.0:0".parse().unwrap(), 1);
        assert!(matches!(result, Err(LoadError::NotLoopback(_))));
    }
}

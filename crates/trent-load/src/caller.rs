//! One request after another with retries: for what has to be there before the load.

use std::time::{Duration, Instant};

use serde_json::Value;
use trent_types::{Clock, SystemClock};

use crate::client::Connection;
use crate::endpoint::Endpoint;
use crate::error::LoadError;
use crate::retry::{Fault, RetryPolicy};
use crate::sign::{Api, Signer};

/// Generous: nothing is measured here.
const POLICY: RetryPolicy =
    RetryPolicy { retries: 8, base: Duration::from_millis(200), most: Duration::from_secs(2) };
const PATIENCE: Duration = Duration::from_secs(10);

/// A client of one principal.
pub(crate) struct Caller<'a> {
    endpoint: &'a Endpoint,
    signer: Signer,
    connection: Option<Connection>,
}

impl<'a> Caller<'a> {
    pub(crate) const fn new(endpoint: &'a Endpoint, signer: Signer) -> Self {
        Self { endpoint, signer, connection: None }
    }

    /// A KMS action with its JSON body.
    pub(crate) async fn kms(
        &mut self,
        action: &'static str,
        body: &str,
    ) -> Result<Value, LoadError> {
        Ok(serde_json::from_slice(&self.call(Api::Kms(action), body).await?)?)
    }

    /// A KMS action whose answer has no body.
    pub(crate) async fn call_without_answer(
        &mut self,
        action: &'static str,
        body: &str,
    ) -> Result<(), LoadError> {
        self.call(Api::Kms(action), body).await.map(|_| ())
    }

    /// An action of the query protocol with its form; the answer's XML.
    pub(crate) async fn query(
        &mut self,
        service: &'static str,
        form: &str,
    ) -> Result<String, LoadError> {
        let body = self.call(Api::Query(service), form).await?;
        String::from_utf8(body).map_err(|_| LoadError::NotHttp("not text"))
    }

    /// Asks who the caller is until there is an answer: the server may be starting.
    pub(crate) async fn wait_until_served(
        &mut self,
        patience: Duration,
    ) -> Result<String, LoadError> {
        let end = Instant::now() + patience;
        loop {
            let form = "Action=GetCallerIdentity&Version=2011-06-15";
            match self.attempt(Api::Query("sts"), form).await {
                Ok(body) => {
                    return String::from_utf8(body).map_err(|_| LoadError::NotHttp("not text"));
                }
                Err((error, fault)) if !fault.retryable || Instant::now() >= end => {
                    return Err(error);
                }
                Err(_) => tokio::time::sleep(Duration::from_millis(250)).await,
            }
        }
    }

    async fn call(&mut self, api: Api, body: &str) -> Result<Vec<u8>, LoadError> {
        let mut attempts = 0;
        loop {
            attempts += 1;
            let (error, fault) = match self.attempt(api, body).await {
                Ok(body) => return Ok(body),
                Err(failed) => failed,
            };
            match POLICY.wait(attempts, rand::random()).filter(|_| fault.retryable) {
                Some(wait) => tokio::time::sleep(wait).await,
                None => return Err(error),
            }
        }
    }

    async fn attempt(&mut self, api: Api, body: &str) -> Result<Vec<u8>, (LoadError, Fault)> {
        let (host, now) = (&self.endpoint.host, SystemClock.now());
        let request = self.signer.request(host, api, body.as_bytes(), now, rand::random());
        let lost = |error: LoadError| {
            let fault = Fault::of_connection(&error);
            (error, fault)
        };
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => Connection::open(self.endpoint, 0).await.map_err(lost)?,
        };
        let answer = tokio::time::timeout(PATIENCE, connection.exchange(&request)).await;
        let answer = answer.map_err(|_| lost(LoadError::Timeout))?.map_err(lost)?;
        let fault = Fault::of_answer(&answer);
        let body = answer.success().map(<[u8]>::to_vec).map_err(|error| (error, fault))?;
        self.connection = connection.is_usable().then_some(connection);
        Ok(body)
    }
}

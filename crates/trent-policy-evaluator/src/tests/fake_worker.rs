//! A worker whose sealing is a mark, and which checks Permits as a real one does.

use std::sync::Arc;

use prost::Message;
use trent_bus::messages::crypto_answer::Outcome;
use trent_bus::messages::crypto_request::Order as CryptoOrder;
use trent_bus::messages::{CryptoAnswer, CryptoFault, CryptoRequest, Rejection, SealedSecret};
use trent_bus::{Claims, Order, PermitKeys, Purpose, Sealer, Service, ServiceFuture, convert};
use trent_types::{Clock, ManualClock, Primitive, RequestId};

pub(super) struct FakeWorker {
    pub(super) permit_keys: Arc<PermitKeys>,
    pub(super) sealer: Arc<Sealer>,
    pub(super) clock: Arc<ManualClock>,
    /// Stands for the domain key.
    pub(super) mark: u8,
}

impl FakeWorker {
    fn claims(&self, permit: &[u8], request: RequestId, primitive: Primitive) -> Option<Claims> {
        let permit = convert::permit(permit, "permit").ok()?;
        let claims = self.permit_keys.verify(&permit, self.clock.now()).ok()?;
        let allowed = claims.request_id == request && claims.primitives.contains(primitive);
        allowed.then_some(claims)
    }

    fn work(&self, request: CryptoRequest) -> Result<SealedSecret, CryptoFault> {
        let id = convert::request_id(&request.request_id, "request_id").unwrap();
        match request.order.unwrap() {
            CryptoOrder::SealSecret(order) => {
                self.claims(&order.permit, id, Primitive::SealSecret)
                    .ok_or(CryptoFault::NotPermitted)?;
                let secret = if order.sealed_secret.is_empty() {
                    b"a secret that the worker has made".to_vec()
                } else {
                    let given = &order.sealed_secret;
                    let secret = self.sealer.open(Purpose::EvaluatorToWorker, id, given).unwrap();
                    secret.expose().to_vec()
                };
                let stored_secret = sealed(self.mark, &secret).into();
                Ok(SealedSecret { stored_secret, ..SealedSecret::default() })
            }
            CryptoOrder::OpenSecret(order) => {
                let claims = self
                    .claims(&order.permit, id, Primitive::OpenSecret)
                    .ok_or(CryptoFault::NotPermitted)?;
                assert_eq!(claims.account.as_str(), order.account);
                let (mark, secret) = order.stored_secret.split_first().unwrap();
                if *mark != self.mark {
                    return Err(CryptoFault::MaterialUnusable);
                }
                let sealed_secret = self.sealer.seal(Purpose::WorkerToEvaluator, id, secret).into();
                Ok(SealedSecret { sealed_secret, ..SealedSecret::default() })
            }
            other => panic!("the evaluator does not order {other:?}"),
        }
    }
}

pub(super) fn sealed(mark: u8, secret: &[u8]) -> Vec<u8> {
    [&[mark], secret].concat()
}

impl Service for FakeWorker {
    fn handle<'a>(&'a self, order: Order) -> ServiceFuture<'a> {
        Box::pin(async move {
            let request = CryptoRequest::decode(order.payload).map_err(|_| Rejection::Malformed)?;
            let outcome = match self.work(request) {
                Ok(secret) => Outcome::Secret(secret),
                Err(fault) => Outcome::Fault(fault.into()),
            };
            Ok(CryptoAnswer { outcome: Some(outcome) }.encode_to_vec().into())
        })
    }
}

//! A worker whose sealing is a mark, and which checks Permits as a real one does.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use bytes::Bytes;
use prost::Message;
use trent_bus::messages::crypto_answer::Outcome;
use trent_bus::messages::crypto_request::Order as CryptoOrder;
use trent_bus::messages::re_seal_order::What;
use trent_bus::messages::{
    CryptoAnswer, CryptoFault, CryptoRequest, GenerateMaterialOrder, MadeMaterial, ReSealOrder,
    ReSealed, Rejection, SealMaterialOrder, SealedMaterial, SealedSecret,
};
use trent_bus::{
    ClaimedResource, Claims, Order, PermitKeys, Purpose, Sealer, Service, ServiceFuture, convert,
};
use trent_types::{Clock, KeyArn, KeySpec, ManualClock, Primitive, RequestId};

pub(super) struct FakeWorker {
    pub(super) permit_keys: Arc<PermitKeys>,
    pub(super) sealer: Arc<Sealer>,
    pub(super) clock: Arc<ManualClock>,
    /// Stands for the domain key, as its version.
    pub(super) mark: u8,
    /// The version that takes its place when this is not 0; both are accepted then.
    pub(super) next: Arc<AtomicU8>,
}

impl FakeWorker {
    fn claims(&self, permit: &[u8], request: RequestId, primitive: Primitive) -> Option<Claims> {
        let permit = convert::permit(permit, "permit").ok()?;
        let claims = self.permit_keys.verify(&permit, self.clock.now()).ok()?.into_owned();
        let allowed = claims.request_id == request && claims.primitives.contains(primitive);
        allowed.then_some(claims)
    }

    fn version(&self) -> u8 {
        match self.next.load(Ordering::SeqCst) {
            0 => self.mark,
            next => next,
        }
    }

    /// What was sealed, if this has the version.
    fn opened<'a>(&self, sealed: &'a [u8]) -> Result<&'a [u8], CryptoFault> {
        match sealed {
            [1, mark, secret @ ..] if *mark == self.mark || *mark == self.version() => Ok(secret),
            _ => Err(CryptoFault::MaterialUnusable),
        }
    }

    fn re_seal(&self, id: RequestId, order: ReSealOrder) -> Result<ReSealed, CryptoFault> {
        let claims =
            self.claims(&order.permit, id, Primitive::ReSeal).ok_or(CryptoFault::NotPermitted)?;
        assert_eq!(claims.action, "trent:ReSeal");
        let stored = match order.what.unwrap() {
            What::Material(what) => {
                let key = KeyArn::try_from(what.key.unwrap()).unwrap();
                assert_eq!(claims.key(), Some(&key));
                what.material.unwrap().sealed
            }
            What::Secret(what) => {
                assert_eq!(claims.resource, ClaimedResource::Other(what.access_key_id));
                what.stored_secret
            }
        };
        let version = self.version();
        if stored[1] >= version {
            return Ok(ReSealed { version: version.into(), sealed: Bytes::new() });
        }
        let anew = sealed(version, self.opened(&stored)?);
        Ok(ReSealed { version: version.into(), sealed: anew.into() })
    }

    /// Takes the texts `RSA` and `P-256` in PEM for keys of these kinds, and no others.
    fn seal_material(
        &self,
        id: RequestId,
        order: SealMaterialOrder,
    ) -> Result<MadeMaterial, CryptoFault> {
        let claims = self
            .claims(&order.permit, id, Primitive::SealMaterial)
            .ok_or(CryptoFault::NotPermitted)?;
        let key = KeyArn::try_from(order.key.unwrap()).unwrap();
        assert_eq!((claims.action.as_str(), claims.key()), ("trent:SealMaterial", Some(&key)));
        assert!(!claims.domain_key_check.is_empty());
        let given = &order.sealed_material;
        let material = self.sealer.open(Purpose::EvaluatorToWorker, id, given).unwrap();
        let text = String::from_utf8_lossy(material.expose());
        let spec = match (order.spec.as_str(), material.len()) {
            ("SYMMETRIC_DEFAULT", 32) => KeySpec::SymmetricDefault,
            ("", _) if text.contains("RSA") => KeySpec::Rsa2048,
            ("", _) if text.contains("P-256") => KeySpec::EccNistP256,
            _ => return Err(CryptoFault::InvalidMaterial),
        };
        let sealed = sealed(self.version(), material.expose()).into();
        let material = SealedMaterial { material_id: order.material_id, sealed };
        let public_key =
            if spec.is_asymmetric() { b"public".as_slice().into() } else { Bytes::new() };
        let (material, spec) = (Some(material), spec.as_str().to_owned());
        Ok(MadeMaterial { material, replicas: Vec::new(), public_key, spec })
    }

    /// Makes the material of AWS managed keys.
    fn generate_material(
        &self,
        id: RequestId,
        order: GenerateMaterialOrder,
    ) -> Result<MadeMaterial, CryptoFault> {
        let claims = self
            .claims(&order.permit, id, Primitive::GenerateMaterial)
            .ok_or(CryptoFault::NotPermitted)?;
        let key = KeyArn::try_from(order.key.unwrap()).unwrap();
        assert_eq!((claims.action.as_str(), claims.key()), ("trent:CreateManagedKey", Some(&key)));
        assert!(!claims.domain_key_check.is_empty());
        let material_id = Bytes::copy_from_slice(&[7; 32]);
        let sealed = sealed(self.version(), b"made by the worker").into();
        let material = Some(SealedMaterial { material_id, sealed });
        Ok(MadeMaterial { material, spec: order.spec, ..MadeMaterial::default() })
    }

    fn work(&self, request: CryptoRequest) -> Result<Outcome, CryptoFault> {
        let id = convert::request_id(&request.request_id, "request_id").unwrap();
        let secret = match request.order.unwrap() {
            CryptoOrder::ReSeal(order) => return Ok(Outcome::ReSealed(self.re_seal(id, order)?)),
            CryptoOrder::SealMaterial(order) => {
                return self.seal_material(id, order).map(Outcome::Made);
            }
            CryptoOrder::GenerateMaterial(order) => {
                return self.generate_material(id, order).map(Outcome::Made);
            }
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
                let stored_secret = sealed(self.version(), &secret).into();
                SealedSecret { stored_secret, ..SealedSecret::default() }
            }
            CryptoOrder::OpenSecret(order) => {
                let claims = self
                    .claims(&order.permit, id, Primitive::OpenSecret)
                    .ok_or(CryptoFault::NotPermitted)?;
                assert_eq!(claims.account.as_str(), order.account);
                let secret = self.opened(&order.stored_secret)?;
                let sealed_secret = self.sealer.seal(Purpose::WorkerToEvaluator, id, secret).into();
                SealedSecret { sealed_secret, ..SealedSecret::default() }
            }
            other => panic!("the evaluator does not order {other:?}"),
        };
        Ok(Outcome::Secret(secret))
    }
}

pub(super) fn sealed(mark: u8, secret: &[u8]) -> Vec<u8> {
    [&[1, mark], secret].concat()
}

impl Service for FakeWorker {
    fn handle<'a>(&'a self, order: Order) -> ServiceFuture<'a> {
        Box::pin(async move {
            let request = CryptoRequest::decode(order.payload).map_err(|_| Rejection::Malformed)?;
            let outcome = self.work(request).unwrap_or_else(|fault| Outcome::Fault(fault.into()));
            Ok(CryptoAnswer { outcome: Some(outcome) }.encode_to_vec().into())
        })
    }
}

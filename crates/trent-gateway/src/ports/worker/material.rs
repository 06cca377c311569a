//! What is made or opened to be sealed under the domain key.

use bytes::Bytes;
use trent_bus::convert;
use trent_bus::messages::{self, crypto_answer::Outcome, crypto_request::Order};
use trent_operations::ports::{ImportParameters, MaterialWorker, PortFuture, WorkerError};
use trent_types::{
    AccessKey, KeyArn, KeySpec, NewMaterial, Permit, Region, RequestId, SealedMaterial,
    SecretBytes, Timestamp, WrappingAlgorithm, WrappingKeySpec,
};

use super::{BusWorker, senseless, unexpected, wire_permit};

impl MaterialWorker for BusWorker<'_> {
    fn generate_material<'a>(
        &'a self,
        request: RequestId,
        permit: &'a Permit,
        key: KeyArn,
        spec: KeySpec,
        replicas: &'a [Region],
    ) -> PortFuture<'a, Result<NewMaterial, WorkerError>> {
        let order = move || {
            Order::GenerateMaterial(messages::GenerateMaterialOrder {
                permit: wire_permit(permit),
                key: Some(key.into()),
                spec: spec.as_str().to_owned(),
                replica_regions: replicas.iter().map(|region| region.as_str().to_owned()).collect(),
            })
        };
        self.told(request, order, made)
    }

    fn make_import_parameters<'a>(
        &'a self,
        request: RequestId,
        permit: &'a Permit,
        key: KeyArn,
        spec: WrappingKeySpec,
        algorithm: WrappingAlgorithm,
        valid_to: Timestamp,
    ) -> PortFuture<'a, Result<ImportParameters, WorkerError>> {
        let order = move || {
            Order::MakeImportParameters(messages::MakeImportParametersOrder {
                permit: wire_permit(permit),
                key: Some(key.into()),
                wrapping_spec: spec.as_str().to_owned(),
                wrapping_algorithm: algorithm.as_str().to_owned(),
                valid_to_ms: valid_to.as_millis(),
            })
        };
        self.told(request, order, |outcome| match outcome {
            Outcome::ImportParameters(made) => Ok((made.public_key.into(), made.token.into())),
            other => Err(unexpected(&other)),
        })
    }

    fn import_material<'a>(
        &'a self,
        request: RequestId,
        permit: &'a Permit,
        key: KeyArn,
        spec: KeySpec,
        token: &'a [u8],
        wrapped: &'a [u8],
    ) -> PortFuture<'a, Result<NewMaterial, WorkerError>> {
        let order = move || {
            Order::ImportMaterial(messages::ImportMaterialOrder {
                permit: wire_permit(permit),
                key: Some(key.into()),
                spec: spec.as_str().to_owned(),
                token: convert::bytes(token),
                wrapped_material: convert::bytes(wrapped),
            })
        };
        self.told(request, order, made)
    }

    fn copy_material<'a>(
        &'a self,
        request: RequestId,
        permit: &'a Permit,
        key: KeyArn,
        materials: &'a [&'a SealedMaterial],
        region: Region,
    ) -> PortFuture<'a, Result<Vec<SealedMaterial>, WorkerError>> {
        let order = move || {
            Order::CopyMaterial(messages::CopyMaterialOrder {
                permit: wire_permit(permit),
                key: Some(key.into()),
                materials: materials.iter().map(|material| (*material).into()).collect(),
                region: region.as_str().to_owned(),
            })
        };
        self.told(request, order, |outcome| match outcome {
            Outcome::Copied(copied) => {
                let copies = copied.materials.into_iter().map(SealedMaterial::try_from);
                let copies: Vec<_> =
                    copies.collect::<Result<_, _>>().map_err(|error| senseless(&error))?;
                let ids = |material: &SealedMaterial| material.material_id;
                if !copies.iter().map(ids).eq(materials.iter().map(|material| ids(material))) {
                    return Err(senseless(&"copies of other materials").into());
                }
                Ok(copies)
            }
            other => Err(unexpected(&other)),
        })
    }

    fn generate_secret<'a>(
        &'a self,
        request: RequestId,
        permit: &'a Permit,
        access_key: &'a AccessKey,
    ) -> PortFuture<'a, Result<(Vec<u8>, SecretBytes), WorkerError>> {
        let order = move || {
            Order::SealSecret(messages::SealSecretOrder {
                permit: wire_permit(permit),
                account: access_key.account.as_str().to_owned(),
                access_key_id: access_key.access_key_id.clone(),
                sealed_secret: Bytes::new(),
            })
        };
        self.told(request, order, move |outcome| match outcome {
            Outcome::Secret(made) => {
                Ok((made.stored_secret.into(), self.open(request, &made.sealed_secret)?))
            }
            other => Err(unexpected(&other)),
        })
    }
}

fn made(outcome: Outcome) -> Result<NewMaterial, WorkerError> {
    match outcome {
        Outcome::Made(material) => material.try_into().map_err(|error| senseless(&error).into()),
        other => Err(unexpected(&other)),
    }
}

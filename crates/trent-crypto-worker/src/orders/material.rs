//! Key material: made, imported, copied or brought, and sealed for the keys it belongs to.

use bytes::Bytes;
use trent_bus::Purpose;
use trent_bus::messages::crypto_answer::Outcome;
use trent_bus::messages::{
    CopiedMaterial, CopyMaterialOrder, CryptoFault, GenerateMaterialOrder, ImportMaterialOrder,
    ImportParameters, MadeMaterial, MakeImportParametersOrder, ReplicaMaterial, SealMaterialOrder,
};
use trent_crypto::{
    CryptoError, ImportToken, KeyMaterial, WrappingKey, imported_material_id, material_id,
};
use trent_types::{
    KeyArn, KeySpec, MaterialId, Region, SealedMaterial, SecretBytes, Timestamp, WrappingAlgorithm,
    WrappingKeySpec,
};

use super::{Bench, Done, Refusal, read_key, read_material_id, read_name};
use crate::permission::Duty;

/// How a PEM of a private key begins, in the place of DER or raw bytes.
const PEM: &[u8] = b"-----BEGIN ";

impl Bench<'_> {
    /// The same material for the key and for each of its related keys: sealed anew for each, since
    /// what is sealed belongs to one key in one Region.
    pub(super) fn generate_material(&self, order: GenerateMaterialOrder) -> Done {
        let key = read_key(order.key)?;
        let spec: KeySpec = read_name(&order.spec)?;
        let related = order.replica_regions.iter().map(|region| related_key(&key, region));
        let related = related.collect::<Result<Vec<KeyArn>, _>>()?;
        let claims = self.check.key(&order.permit, Duty::GenerateMaterial, &key)?;
        self.may_seal(&claims)?;
        let material = self.if_in_time(&claims, self.make_material(spec)?)?;
        let id = material_id(self.random)?;
        let replica = |key: &KeyArn| {
            let sealed = self.domain.keys.seal_material(key, id, &material, self.random)?;
            let region = key.region.as_str().to_owned();
            Ok(ReplicaMaterial { region, material: Some(sealed.into()) })
        };
        let replicas = related.iter().map(replica).collect::<Result<_, CryptoError>>()?;
        self.made(&key, id, &material, replicas)
    }

    /// Makes the key pair under which material will be wrapped, and a token with its private half,
    /// which only a worker can open: nothing needs to be kept.
    pub(super) fn make_import_parameters(&self, order: MakeImportParametersOrder) -> Done {
        let key = read_key(order.key)?;
        let wrapping_spec: WrappingKeySpec = read_name(&order.wrapping_spec)?;
        let algorithm: WrappingAlgorithm = read_name(&order.wrapping_algorithm)?;
        let claims = self.check.key(&order.permit, Duty::MakeImportParameters, &key)?;
        self.may_seal(&claims)?;
        let spec = match wrapping_spec {
            WrappingKeySpec::Rsa2048 => KeySpec::Rsa2048,
            WrappingKeySpec::Rsa3072 => KeySpec::Rsa3072,
            WrappingKeySpec::Rsa4096 => KeySpec::Rsa4096,
            WrappingKeySpec::Sm2 => return Err(CryptoFault::Malformed.into()),
        };
        let wrapping_key = WrappingKey::from_material(self.make_material(spec)?)?;
        let public_key = wrapping_key.public_key_der()?;
        let valid_to = Timestamp::from_millis(order.valid_to_ms);
        let token = ImportToken { key, algorithm, wrapping_spec, valid_to, wrapping_key };
        let token = self.domain.keys.seal_import_token(&token, self.random)?;
        let (public_key, token) = (public_key.into(), token.into());
        Ok(Outcome::ImportParameters(ImportParameters { public_key, token }))
    }

    /// Unwraps what somebody imports. The time is the evaluator's: it knows the key clock.
    pub(super) fn import_material(&self, order: ImportMaterialOrder) -> Done {
        let key = read_key(order.key)?;
        let spec: KeySpec = read_name(&order.spec)?;
        let claims = self.check.key(&order.permit, Duty::ImportMaterial, &key)?;
        let now = claims.key_now.ok_or(CryptoFault::NotPermitted)?;
        self.may_seal(&claims)?;
        self.domain.note_use(&order.token, self.check.now);
        let token = self.domain.keys.open_import_token(&key, &order.token)?;
        if now >= token.valid_to {
            return Err(CryptoFault::ExpiredImportToken.into());
        }
        let plaintext = token.wrapping_key.unwrap(token.algorithm, &order.wrapped_material)?;
        let material = KeyMaterial::from_imported(spec, plaintext.expose())?;
        let id = imported_id(&key, &material, &plaintext)?;
        self.made(&key, id, &material, Vec::new())
    }

    /// Seals materials of a multi-Region key for its related key in another Region.
    pub(super) fn copy_material(&self, order: CopyMaterialOrder) -> Done {
        let key = read_key(order.key)?;
        let to = related_key(&key, &order.region)?;
        let claims = self.check.key(&order.permit, Duty::CopyMaterial, &key)?;
        self.may_seal(&claims)?;
        let mut materials = Vec::with_capacity(order.materials.len());
        for material in &order.materials {
            let id = read_material_id(&material.material_id)?;
            if !claims.material_ids.contains(&id) {
                return Err(CryptoFault::NotPermitted.into());
            }
            self.domain.note_use(&material.sealed, self.check.now);
            let opened = self.domain.keys.open_material(&key, &id, &material.sealed)?;
            let sealed = self.domain.keys.seal_material(&to, id, &opened, self.random)?;
            materials.push(sealed.into());
        }
        Ok(Outcome::Copied(CopiedMaterial { materials }))
    }

    /// Seals material that the evaluator was configured with.
    pub(super) fn seal_material(&self, order: SealMaterialOrder) -> Done {
        let key = read_key(order.key)?;
        let wanted: Option<KeySpec> = match order.spec.as_str() {
            "" => None,
            name => Some(read_name(name)?),
        };
        let claims = self.check.key(&order.permit, Duty::SealMaterial, &key)?;
        self.may_seal(&claims)?;
        let plaintext = self.open_from(Purpose::EvaluatorToWorker, &order.sealed_material)?;
        let material = if plaintext.expose().starts_with(PEM) {
            let pem = std::str::from_utf8(plaintext.expose());
            KeyMaterial::from_private_pem(pem.map_err(|_| CryptoFault::InvalidMaterial)?)?
        } else {
            // Bytes alone do not tell what they are for.
            KeyMaterial::from_imported(wanted.ok_or(CryptoFault::Malformed)?, plaintext.expose())?
        };
        if wanted.is_some_and(|spec| material.spec() != spec) {
            return Err(CryptoFault::InvalidMaterial.into());
        }
        let id = match order.material_id.as_ref() {
            [] => material_id(self.random)?,
            id => read_material_id(id)?,
        };
        self.made(&key, id, &material, Vec::new())
    }

    fn made(
        &self,
        key: &KeyArn,
        id: MaterialId,
        material: &KeyMaterial,
        replicas: Vec<ReplicaMaterial>,
    ) -> Done {
        let sealed: SealedMaterial =
            self.domain.keys.seal_material(key, id, material, self.random)?;
        let public_key = material.public_key_der()?.map_or_else(Bytes::new, Into::into);
        let (material, spec) = (Some(sealed.into()), material.spec().as_str().to_owned());
        Ok(Outcome::Made(MadeMaterial { material, replicas, public_key, spec }))
    }
}

/// The related key in another Region: only multi-Region keys have any.
fn related_key(key: &KeyArn, region: &str) -> Result<KeyArn, CryptoFault> {
    let region: Region = read_name(region)?;
    if !key.key_id.is_multi_region() || region == key.region {
        return Err(CryptoFault::Malformed);
    }
    Ok(KeyArn { region, ..*key })
}

/// The id of imported material. Key pairs come in several encodings; the id is that of one of them,
/// so that the same key pair is known again in every other.
fn imported_id(
    key: &KeyArn,
    material: &KeyMaterial,
    plaintext: &SecretBytes,
) -> Result<MaterialId, Refusal> {
    if material.spec().is_asymmetric() {
        return Ok(imported_material_id(key.key_id, material.private_key_der()?.expose()));
    }
    Ok(imported_material_id(key.key_id, plaintext.expose()))
}

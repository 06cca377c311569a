//! What a Permit must say before the worker touches anything: one place, passed by every order.

use bytes::Bytes;
use trent_bus::messages::{CryptoFault, KeyUse};
use trent_bus::{ClaimedResource, Claims, PermitError, PermitKeys, convert};
use trent_types::{
    AccountId, EncryptionContext, KeyArn, MaterialId, Primitive, RequestId, Timestamp,
};

/// What an order asks of the worker; [`Duty::needs`] says what a Permit for it must say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Duty {
    GenerateMaterial,
    Encrypt,
    Decrypt,
    ReEncryptFrom,
    ReEncryptTo,
    GenerateDataKey,
    GenerateDataKeyWithoutPlaintext,
    GenerateDataKeyPair,
    GenerateDataKeyPairWithoutPlaintext,
    GenerateRandom,
    Sign,
    Verify,
    GenerateMac,
    VerifyMac,
    DeriveSharedSecret,
    Encapsulate,
    Decapsulate,
    /// Make a wrapping key and seal it in an import token.
    MakeImportParameters,
    /// Unwrap imported material and seal it for its key.
    ImportMaterial,
    /// Seal materials of a multi-Region key for a related key.
    CopyMaterial,
    /// Seal the key material that the order brings.
    SealMaterial,
    /// Make a secret access key and seal it.
    SealNewSecret,
    /// Seal the secret access key that the order brings.
    SealGivenSecret,
    OpenSecret,
    /// Seal under the current domain key what an older one has sealed.
    ReSeal,
}

impl Duty {
    /// The primitive and the permission, one of these, that a Permit must allow.
    ///
    /// The primitive alone is not enough: what an action gives its caller differs where the
    /// primitive is the same. Who may only re-encrypt must not get the plaintext.
    pub(crate) const fn needs(self) -> (Primitive, &'static [&'static str]) {
        use Primitive as P;
        match self {
            Self::GenerateMaterial => (
                P::GenerateMaterial,
                &[
                    "kms:CreateKey",
                    "kms:RotateKeyOnDemand",
                    "trent:RotateKey",
                    "trent:CreateManagedKey",
                ],
            ),
            Self::Encrypt => (P::Encrypt, &["kms:Encrypt"]),
            Self::Decrypt => (P::Decrypt, &["kms:Decrypt"]),
            Self::ReEncryptFrom => (P::Decrypt, &["kms:ReEncryptFrom"]),
            Self::ReEncryptTo => (P::Encrypt, &["kms:ReEncryptTo"]),
            Self::GenerateDataKey => (P::GenerateDataKey, &["kms:GenerateDataKey"]),
            Self::GenerateDataKeyWithoutPlaintext => {
                (P::GenerateDataKey, &["kms:GenerateDataKeyWithoutPlaintext"])
            }
            Self::GenerateDataKeyPair => (P::GenerateDataKeyPair, &["kms:GenerateDataKeyPair"]),
            Self::GenerateDataKeyPairWithoutPlaintext => {
                (P::GenerateDataKeyPair, &["kms:GenerateDataKeyPairWithoutPlaintext"])
            }
            Self::GenerateRandom => (P::GenerateRandom, &["kms:GenerateRandom"]),
            Self::Sign => (P::Sign, &["kms:Sign"]),
            Self::Verify => (P::Verify, &["kms:Verify"]),
            Self::GenerateMac => (P::GenerateMac, &["kms:GenerateMac"]),
            Self::VerifyMac => (P::VerifyMac, &["kms:VerifyMac"]),
            Self::DeriveSharedSecret => (P::DeriveSharedSecret, &["kms:DeriveSharedSecret"]),
            Self::Encapsulate => (P::Encapsulate, &["kms:Encapsulate"]),
            Self::Decapsulate => (P::Decapsulate, &["kms:Decapsulate"]),
            Self::MakeImportParameters => {
                (P::MakeImportParameters, &["kms:GetParametersForImport"])
            }
            Self::ImportMaterial => (P::ImportMaterial, &["kms:ImportKeyMaterial"]),
            Self::CopyMaterial => (P::CopyMaterial, &["kms:ReplicateKey"]),
            Self::SealMaterial => (P::SealMaterial, &["trent:SealMaterial"]),
            Self::SealNewSecret => (P::SealSecret, &["iam:CreateAccessKey", "trent:SealSecret"]),
            Self::SealGivenSecret => (P::SealSecret, &["trent:SealSecret"]),
            Self::OpenSecret => (P::OpenSecret, &["trent:OpenSecret"]),
            Self::ReSeal => (P::ReSeal, &["trent:ReSeal"]),
        }
    }
}

/// Checks the Permits of one request at one moment.
pub(crate) struct PermitCheck<'a> {
    pub(crate) keys: &'a PermitKeys,
    pub(crate) request: RequestId,
    pub(crate) now: Timestamp,
}

/// A key and its sealed material that a Permit allows to be used. Only [`PermitCheck`] makes one.
pub(crate) struct PermittedUse {
    key: KeyArn,
    material_id: MaterialId,
    sealed: Bytes,
}

impl PermittedUse {
    pub(crate) const fn key(&self) -> &KeyArn {
        &self.key
    }

    pub(crate) const fn material_id(&self) -> &MaterialId {
        &self.material_id
    }

    /// The material, under the domain key. What it says is believed only after it was opened.
    pub(crate) fn sealed(&self) -> &[u8] {
        &self.sealed
    }
}

impl PermitCheck<'_> {
    /// The Permit is genuine and fresh, was made for this request and allows this duty.
    pub(crate) fn duty(&self, permit: &Bytes, duty: Duty) -> Result<Claims, CryptoFault> {
        let claims = self.verify(permit)?;
        let (primitive, actions) = duty.needs();
        let allowed = claims.request_id == self.request
            && claims.primitives.contains(primitive)
            && actions.contains(&claims.action.as_str());
        if allowed { Ok(claims) } else { Err(CryptoFault::NotPermitted) }
    }

    /// [`Self::duty`], and the Permit is about this key.
    pub(crate) fn key(
        &self,
        permit: &Bytes,
        duty: Duty,
        key: &KeyArn,
    ) -> Result<Claims, CryptoFault> {
        let claims = self.duty(permit, duty)?;
        if claims.key() == Some(key) { Ok(claims) } else { Err(CryptoFault::NotPermitted) }
    }

    /// [`Self::key`], and the Permit is about this material and this encryption context.
    pub(crate) fn key_use(
        &self,
        order: Option<KeyUse>,
        duty: Duty,
        context: &[u8],
    ) -> Result<PermittedUse, CryptoFault> {
        let KeyUse { permit, key, material } = order.ok_or(CryptoFault::Malformed)?;
        let key = key.ok_or(CryptoFault::Malformed)?;
        let key = KeyArn::try_from(key).map_err(|_| CryptoFault::Malformed)?;
        let material = material.ok_or(CryptoFault::Malformed)?;
        let material_id = convert::material_id(&material.material_id, "material_id")
            .map_err(|_| CryptoFault::Malformed)?;
        let claims = self.key(&permit, duty, &key)?;
        let allowed = claims.material_ids.contains(&material_id)
            && claims.context_digest == EncryptionContext::digest_of(context);
        if !allowed {
            return Err(CryptoFault::NotPermitted);
        }
        Ok(PermittedUse { key, material_id, sealed: material.sealed })
    }

    /// [`Self::duty`], and the Permit is about something of this account.
    pub(crate) fn account(
        &self,
        permit: &Bytes,
        duty: Duty,
        account: AccountId,
    ) -> Result<Claims, CryptoFault> {
        let claims = self.duty(permit, duty)?;
        if claims.account == account { Ok(claims) } else { Err(CryptoFault::NotPermitted) }
    }

    /// [`Self::account`], and the Permit is about this access key of it.
    pub(crate) fn access_key(
        &self,
        permit: &Bytes,
        duty: Duty,
        account: AccountId,
        access_key_id: &str,
    ) -> Result<Claims, CryptoFault> {
        let claims = self.account(permit, duty, account)?;
        match &claims.resource {
            ClaimedResource::Other(named) if named == access_key_id => Ok(claims),
            ClaimedResource::Other(_) | ClaimedResource::Key(_) => Err(CryptoFault::NotPermitted),
        }
    }

    fn verify(&self, permit: &Bytes) -> Result<Claims, CryptoFault> {
        self.keys.verify_wire(permit, self.now).map_err(|error| match error {
            PermitError::Forged => CryptoFault::NotPermitted,
            PermitError::Expired => CryptoFault::PermitExpired,
        })
    }
}

//! What a Permit must say before the worker touches anything: one place, passed by every order.

use std::borrow::Cow;

use bytes::Bytes;
use trent_bus::messages::{self, CryptoFault};
use trent_bus::{ClaimedResource, Claims, PermitError, PermitKeys, convert};
use trent_types::{
    AccountId, EncryptionContext, KeyArn, KeyUse, MaterialId, Permit, Primitive, RequestId,
    Timestamp,
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

/// A Permit as it came: in a message, or as the value that it is.
#[derive(Clone, Copy)]
pub(crate) enum Proof<'p> {
    Wire(&'p Bytes),
    Value(&'p Permit),
}

impl<'p> From<&'p Bytes> for Proof<'p> {
    fn from(permit: &'p Bytes) -> Self {
        Self::Wire(permit)
    }
}

impl<'p> From<&'p Permit> for Proof<'p> {
    fn from(permit: &'p Permit) -> Self {
        Self::Value(permit)
    }
}

/// A key with its material and what is to allow its use, as an order names them.
#[derive(Clone, Copy)]
pub(crate) struct NamedKey<'a> {
    permit: Proof<'a>,
    key: KeyArn,
    material_id: MaterialId,
    sealed: &'a [u8],
}

impl<'a> From<KeyUse<'a>> for NamedKey<'a> {
    fn from(KeyUse { permit, key, material }: KeyUse<'a>) -> Self {
        let permit = Proof::Value(permit);
        Self { permit, key, material_id: material.material_id, sealed: &material.sealed }
    }
}

/// What a message holds of a [`NamedKey`].
pub(crate) struct MessageKey {
    permit: Bytes,
    key: KeyArn,
    material_id: MaterialId,
    sealed: Bytes,
}

impl MessageKey {
    pub(crate) fn read(order: Option<messages::KeyUse>) -> Result<Self, CryptoFault> {
        let messages::KeyUse { permit, key, material } = order.ok_or(CryptoFault::Malformed)?;
        let key = key.ok_or(CryptoFault::Malformed)?;
        let key = KeyArn::try_from(key).map_err(|_| CryptoFault::Malformed)?;
        let material = material.ok_or(CryptoFault::Malformed)?;
        let material_id = convert::material_id(&material.material_id, "material_id")
            .map_err(|_| CryptoFault::Malformed)?;
        Ok(Self { permit, key, material_id, sealed: material.sealed })
    }

    pub(crate) fn named(&self) -> NamedKey<'_> {
        let Self { permit, key, material_id, sealed } = self;
        NamedKey { permit: permit.into(), key: *key, material_id: *material_id, sealed }
    }
}

/// Checks the Permits of one request at one moment.
pub(crate) struct PermitCheck<'a> {
    pub(crate) keys: &'a PermitKeys,
    pub(crate) request: RequestId,
    pub(crate) now: Timestamp,
}

/// A key and its sealed material that a Permit allows to be used. Only [`PermitCheck`] makes one.
pub(crate) struct PermittedUse<'a> {
    key: KeyArn,
    material_id: MaterialId,
    sealed: &'a [u8],
}

impl PermittedUse<'_> {
    pub(crate) const fn key(&self) -> &KeyArn {
        &self.key
    }

    pub(crate) const fn material_id(&self) -> &MaterialId {
        &self.material_id
    }

    /// The material, under the domain key. What it says is believed only after it was opened.
    pub(crate) const fn sealed(&self) -> &[u8] {
        self.sealed
    }
}

/// What a Permit says.
type Said<'p> = Result<Cow<'p, Claims>, CryptoFault>;

impl PermitCheck<'_> {
    /// The Permit is genuine and fresh, was made for this request and allows this duty.
    pub(crate) fn duty<'p>(&self, permit: impl Into<Proof<'p>>, duty: Duty) -> Said<'p> {
        let claims = self.verify(permit.into())?;
        let (primitive, actions) = duty.needs();
        let allowed = claims.request_id == self.request
            && claims.primitives.contains(primitive)
            && actions.contains(&claims.action.as_str());
        if allowed { Ok(claims) } else { Err(CryptoFault::NotPermitted) }
    }

    /// [`Self::duty`], and the Permit is about this key.
    pub(crate) fn key<'p>(
        &self,
        permit: impl Into<Proof<'p>>,
        duty: Duty,
        key: &KeyArn,
    ) -> Said<'p> {
        let claims = self.duty(permit, duty)?;
        if claims.key() == Some(key) { Ok(claims) } else { Err(CryptoFault::NotPermitted) }
    }

    /// [`Self::key`], and the Permit is about this material and this encryption context.
    pub(crate) fn key_use<'a>(
        &self,
        named: NamedKey<'a>,
        duty: Duty,
        context: &[u8],
    ) -> Result<PermittedUse<'a>, CryptoFault> {
        let NamedKey { permit, key, material_id, sealed } = named;
        let claims = self.key(permit, duty, &key)?;
        let allowed = claims.material_ids.contains(&material_id)
            && claims.context_digest == EncryptionContext::digest_of(context);
        if !allowed {
            return Err(CryptoFault::NotPermitted);
        }
        Ok(PermittedUse { key, material_id, sealed })
    }

    /// [`Self::duty`], and the Permit is about something of this account.
    pub(crate) fn account<'p>(
        &self,
        permit: impl Into<Proof<'p>>,
        duty: Duty,
        account: AccountId,
    ) -> Said<'p> {
        let claims = self.duty(permit, duty)?;
        if claims.account == account { Ok(claims) } else { Err(CryptoFault::NotPermitted) }
    }

    /// [`Self::account`], and the Permit is about this access key of it.
    pub(crate) fn access_key<'p>(
        &self,
        permit: impl Into<Proof<'p>>,
        duty: Duty,
        account: AccountId,
        access_key_id: &str,
    ) -> Said<'p> {
        let claims = self.account(permit, duty, account)?;
        match &claims.resource {
            ClaimedResource::Other(named) if named == access_key_id => Ok(claims),
            ClaimedResource::Other(_) | ClaimedResource::Key(_) => Err(CryptoFault::NotPermitted),
        }
    }

    fn verify<'p>(&self, permit: Proof<'p>) -> Said<'p> {
        let verified = match permit {
            Proof::Wire(permit) => self.keys.verify_wire(permit, self.now).map(Cow::Owned),
            Proof::Value(permit) => self.keys.verify(permit, self.now),
        };
        verified.map_err(|error| match error {
            PermitError::Forged => CryptoFault::NotPermitted,
            PermitError::Expired => CryptoFault::PermitExpired,
        })
    }
}

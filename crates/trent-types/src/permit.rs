//! Permission as a value.

use std::any::Any;
use std::sync::Arc;

/// Proof that the policy evaluator allowed one action of one request.
///
/// Whoever holds a Permit can pass it on but not read, change or make one: its content and its MAC
/// are known to the evaluator, the registry and the crypto worker only (`trent-bus`, module
/// `permit`). Every port that touches key material or metadata takes one.
///
/// It is the bytes that came over the wire, or, in the process that made it, the very object: that
/// one is encoded only when it has to travel.
#[derive(Clone)]
pub struct Permit(Form);

#[derive(Clone)]
enum Form {
    Wire(Box<[u8]>),
    Held(Arc<dyn HeldPermit>),
}

/// A Permit that is in the process where it was made.
///
/// Having this trait proves nothing: whoever verifies Permits believes an object only when its type
/// is the one that nobody else can make, and any other one by its bytes, like those of a stranger.
pub trait HeldPermit: Any + Send + Sync {
    /// The bytes that travel; the same ones at each call.
    fn wire(&self) -> &[u8];
}

impl Permit {
    /// Takes a Permit off the wire. Only the bus decoder and the test kit call this (`cargo xtask
    /// tidy` checks it); bytes that no evaluator made are refused by whoever verifies the MAC.
    #[must_use]
    pub fn from_wire(bytes: &[u8]) -> Self {
        Self(Form::Wire(bytes.into()))
    }

    /// The Permit that this object is. Only `trent-bus` calls this (`cargo xtask tidy` checks it).
    #[must_use]
    pub fn from_held(held: Arc<dyn HeldPermit>) -> Self {
        Self(Form::Held(held))
    }

    /// The bytes that travel. Those of a held Permit are made at the first call.
    #[must_use]
    pub fn as_wire(&self) -> &[u8] {
        match &self.0 {
            Form::Wire(bytes) => bytes,
            Form::Held(held) => held.wire(),
        }
    }

    /// The object, where the Permit is one.
    #[must_use]
    pub fn as_held(&self) -> Option<&dyn HeldPermit> {
        match &self.0 {
            Form::Wire(_) => None,
            Form::Held(held) => Some(&**held),
        }
    }
}

/// The same object, or the same bytes.
impl PartialEq for Permit {
    fn eq(&self, other: &Self) -> bool {
        if let (Form::Held(one), Form::Held(other)) = (&self.0, &other.0)
            && Arc::ptr_eq(one, other)
        {
            return true;
        }
        self.as_wire() == other.as_wire()
    }
}

impl Eq for Permit {}

impl std::fmt::Debug for Permit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0 {
            Form::Wire(bytes) => write!(f, "Permit({} bytes)", bytes.len()),
            Form::Held(_) => f.write_str("Permit(held)"),
        }
    }
}

/// One thing that a crypto worker can be asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum Primitive {
    /// Make the material of a new key and seal it under the domain key.
    GenerateMaterial = 1,
    /// Encrypt a plaintext under a key.
    Encrypt = 1 << 1,
    /// Decrypt a ciphertext under a key.
    Decrypt = 1 << 2,
    /// Make a data key and encrypt it under a key.
    GenerateDataKey = 1 << 3,
    /// Make random bytes.
    GenerateRandom = 1 << 4,
    /// Make or take a secret access key and seal it under the domain key.
    SealSecret = 1 << 5,
    /// Open a sealed secret access key, for the evaluator only.
    OpenSecret = 1 << 6,
    /// Seal under the current domain key what an older one has sealed; nothing leaves the worker.
    ReSeal = 1 << 7,
    /// Sign a message or digest.
    Sign = 1 << 8,
    /// Verify a signature.
    Verify = 1 << 9,
    /// Make a MAC.
    GenerateMac = 1 << 10,
    /// Verify a MAC.
    VerifyMac = 1 << 11,
    /// Derive a shared secret.
    DeriveSharedSecret = 1 << 12,
    /// Make a shared secret and its ciphertext.
    Encapsulate = 1 << 13,
    /// Open the ciphertext of a shared secret.
    Decapsulate = 1 << 14,
    /// Make a data key pair and encrypt its private key.
    GenerateDataKeyPair = 1 << 15,
    /// Make a wrapping key and an import token.
    MakeImportParameters = 1 << 16,
    /// Unwrap imported material and seal it under the domain key.
    ImportMaterial = 1 << 17,
    /// Seal the materials of a multi-Region key for a replica.
    CopyMaterial = 1 << 18,
    /// Seal key material that the evaluator brings.
    SealMaterial = 1 << 19,
}

/// A set of [`Primitive`]s.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Primitives(u32);

impl Primitives {
    /// No primitive.
    pub const NONE: Self = Self(0);

    /// This one primitive.
    #[must_use]
    pub const fn only(primitive: Primitive) -> Self {
        Self(primitive as u32)
    }

    /// The set with these bits, as it travels.
    #[must_use]
    pub const fn from_bits(bits: u32) -> Self {
        Self(bits)
    }

    /// The bits, as they travel.
    #[must_use]
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// Whether the primitive is in the set.
    #[must_use]
    pub const fn contains(self, primitive: Primitive) -> bool {
        self.0 & primitive as u32 != 0
    }

    /// What is left of the set for a key that is not usable: what needs none of its materials.
    #[must_use]
    pub const fn only_without_material(self) -> Self {
        let without = Primitive::MakeImportParameters as u32 | Primitive::ImportMaterial as u32;
        Self(self.0 & without)
    }

    /// Whether the set is empty.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Held(&'static [u8]);

    impl HeldPermit for Held {
        fn wire(&self) -> &[u8] {
            self.0
        }
    }

    #[test]
    fn a_held_permit_is_equal_to_its_bytes() {
        let held = Permit::from_held(Arc::new(Held(b"bytes")));
        assert_eq!(held, held.clone());
        assert_eq!(held, Permit::from_held(Arc::new(Held(b"bytes"))));
        assert_eq!(held, Permit::from_wire(b"bytes"));
        assert_ne!(held, Permit::from_held(Arc::new(Held(b"other"))));
        assert_ne!(held, Permit::from_wire(b"other"));
    }

    #[test]
    fn debug_shows_neither_bytes_nor_claims() {
        let held = Permit::from_held(Arc::new(Held(b"bytes")));
        assert_eq!(format!("{held:?}"), "Permit(held)");
        assert_eq!(format!("{:?}", Permit::from_wire(b"bytes")), "Permit(5 bytes)");
    }
}

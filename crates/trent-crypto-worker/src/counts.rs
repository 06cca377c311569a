//! The worker's metrics, looked up once instead of with each order.

use metrics::{Counter, Gauge, counter, describe_counter, describe_gauge, gauge};
use trent_bus::messages::CryptoFault;
use trent_bus::messages::crypto_request::Order;

use crate::orders::Refusal;

const ORDERS: &str = "trent_crypto_orders_total";
const LOOK_UPS: &str = "trent_crypto_key_cache_lookups_total";
const ENTRIES: &str = "trent_crypto_key_cache_entries";

/// `trent_crypto_orders_total{primitive, outcome}`.
pub(crate) struct OrderCounts {
    generate_material: Outcomes,
    pub(crate) encrypt: Outcomes,
    pub(crate) decrypt: Outcomes,
    re_encrypt: Outcomes,
    pub(crate) generate_data_key: Outcomes,
    generate_data_key_pair: Outcomes,
    pub(crate) generate_random: Outcomes,
    sign: Outcomes,
    verify: Outcomes,
    pub(crate) generate_mac: Outcomes,
    verify_mac: Outcomes,
    derive_shared_secret: Outcomes,
    encapsulate: Outcomes,
    decapsulate: Outcomes,
    make_import_parameters: Outcomes,
    import_material: Outcomes,
    copy_material: Outcomes,
    seal_material: Outcomes,
    seal_secret: Outcomes,
    open_secret: Outcomes,
    re_seal: Outcomes,
    pub(crate) undecodable: Counter,
}

impl OrderCounts {
    pub(crate) fn new() -> Self {
        describe_counter!(ORDERS, "Cryptographic orders, by primitive and outcome");
        Self {
            generate_material: Outcomes::of("generate_material"),
            encrypt: Outcomes::of("encrypt"),
            decrypt: Outcomes::of("decrypt"),
            re_encrypt: Outcomes::of("re_encrypt"),
            generate_data_key: Outcomes::of("generate_data_key"),
            generate_data_key_pair: Outcomes::of("generate_data_key_pair"),
            generate_random: Outcomes::of("generate_random"),
            sign: Outcomes::of("sign"),
            verify: Outcomes::of("verify"),
            generate_mac: Outcomes::of("generate_mac"),
            verify_mac: Outcomes::of("verify_mac"),
            derive_shared_secret: Outcomes::of("derive_shared_secret"),
            encapsulate: Outcomes::of("encapsulate"),
            decapsulate: Outcomes::of("decapsulate"),
            make_import_parameters: Outcomes::of("make_import_parameters"),
            import_material: Outcomes::of("import_material"),
            copy_material: Outcomes::of("copy_material"),
            seal_material: Outcomes::of("seal_material"),
            seal_secret: Outcomes::of("seal_secret"),
            open_secret: Outcomes::of("open_secret"),
            re_seal: Outcomes::of("re_seal"),
            undecodable: counter!(ORDERS, "primitive" => "unknown", "outcome" => "malformed"),
        }
    }

    /// Where an order counts.
    pub(crate) const fn of(&self, order: &Order) -> &Outcomes {
        match order {
            Order::GenerateMaterial(_) => &self.generate_material,
            Order::Encrypt(_) => &self.encrypt,
            Order::Decrypt(_) => &self.decrypt,
            Order::ReEncrypt(_) => &self.re_encrypt,
            Order::GenerateDataKey(_) => &self.generate_data_key,
            Order::GenerateDataKeyPair(_) => &self.generate_data_key_pair,
            Order::GenerateRandom(_) => &self.generate_random,
            Order::Sign(_) => &self.sign,
            Order::Verify(_) => &self.verify,
            Order::GenerateMac(_) => &self.generate_mac,
            Order::VerifyMac(_) => &self.verify_mac,
            Order::DeriveSharedSecret(_) => &self.derive_shared_secret,
            Order::Encapsulate(_) => &self.encapsulate,
            Order::Decapsulate(_) => &self.decapsulate,
            Order::MakeImportParameters(_) => &self.make_import_parameters,
            Order::ImportMaterial(_) => &self.import_material,
            Order::CopyMaterial(_) => &self.copy_material,
            Order::SealMaterial(_) => &self.seal_material,
            Order::SealSecret(_) => &self.seal_secret,
            Order::OpenSecret(_) => &self.open_secret,
            Order::ReSeal(_) => &self.re_seal,
        }
    }
}

/// The orders of one primitive.
pub(crate) struct Outcomes {
    done: Counter,
    not_permitted: Counter,
    permit_expired: Counter,
    invalid_input: Counter,
    material_unusable: Counter,
    malformed: Counter,
    unavailable: Counter,
}

impl Outcomes {
    fn of(primitive: &'static str) -> Self {
        let outcome =
            |name: &'static str| counter!(ORDERS, "primitive" => primitive, "outcome" => name);
        Self {
            done: outcome("done"),
            not_permitted: outcome("not_permitted"),
            permit_expired: outcome("permit_expired"),
            invalid_input: outcome("invalid_input"),
            material_unusable: outcome("material_unusable"),
            malformed: outcome("malformed"),
            unavailable: outcome("unavailable"),
        }
    }

    pub(crate) fn count<T>(&self, result: &Result<T, Refusal>) {
        let counter = match result {
            Ok(_) => &self.done,
            Err(Refusal::Unavailable | Refusal::WrongDomainKey) => &self.unavailable,
            Err(Refusal::Fault(fault)) => match fault {
                CryptoFault::NotPermitted => &self.not_permitted,
                CryptoFault::PermitExpired => &self.permit_expired,
                CryptoFault::InvalidCiphertext
                | CryptoFault::InvalidSignature
                | CryptoFault::InvalidMac
                | CryptoFault::InvalidMessageLength
                | CryptoFault::InvalidPublicKey
                | CryptoFault::InvalidImportToken
                | CryptoFault::ExpiredImportToken
                | CryptoFault::InvalidMaterial => &self.invalid_input,
                CryptoFault::MaterialUnusable => &self.material_unusable,
                CryptoFault::Malformed | CryptoFault::Unspecified => &self.malformed,
            },
        };
        counter.increment(1);
    }
}

/// `trent_crypto_key_cache_lookups_total{outcome}`, `trent_crypto_key_cache_entries`.
pub(crate) struct CacheCounts {
    pub(crate) hits: Counter,
    pub(crate) misses: Counter,
    pub(crate) entries: Gauge,
}

impl CacheCounts {
    pub(crate) fn new() -> Self {
        describe_counter!(LOOK_UPS, "Look-ups in the cache of opened keys, by outcome");
        describe_gauge!(ENTRIES, "Opened keys that are kept ready");
        Self {
            hits: counter!(LOOK_UPS, "outcome" => "hit"),
            misses: counter!(LOOK_UPS, "outcome" => "miss"),
            entries: gauge!(ENTRIES),
        }
    }
}

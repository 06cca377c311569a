//! The worker's metrics, looked up once instead of with each order.

use metrics::{Counter, Gauge, counter, describe_counter, describe_gauge, gauge};
use trent_bus::messages::CryptoFault;

use crate::orders::Refusal;

const ORDERS: &str = "trent_crypto_orders_total";
const LOOK_UPS: &str = "trent_crypto_key_cache_lookups_total";
const ENTRIES: &str = "trent_crypto_key_cache_entries";

/// `trent_crypto_orders_total{primitive, outcome}`.
pub(crate) struct OrderCounts {
    pub(crate) generate_material: Outcomes,
    pub(crate) encrypt: Outcomes,
    pub(crate) decrypt: Outcomes,
    pub(crate) re_encrypt: Outcomes,
    pub(crate) generate_data_key: Outcomes,
    pub(crate) generate_random: Outcomes,
    pub(crate) seal_secret: Outcomes,
    pub(crate) open_secret: Outcomes,
    pub(crate) re_seal: Outcomes,
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
            generate_random: Outcomes::of("generate_random"),
            seal_secret: Outcomes::of("seal_secret"),
            open_secret: Outcomes::of("open_secret"),
            re_seal: Outcomes::of("re_seal"),
            undecodable: counter!(ORDERS, "primitive" => "unknown", "outcome" => "malformed"),
        }
    }
}

/// The orders of one primitive.
pub(crate) struct Outcomes {
    done: Counter,
    not_permitted: Counter,
    permit_expired: Counter,
    invalid_ciphertext: Counter,
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
            invalid_ciphertext: outcome("invalid_ciphertext"),
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
                | CryptoFault::InvalidMaterial => &self.invalid_ciphertext,
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

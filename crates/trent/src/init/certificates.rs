//! The deployment's private certificate authority (RFC 5280) and what it issues.

use std::net::IpAddr;
use std::time::Duration;

use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    NameConstraints, PKCS_ECDSA_P256_SHA256, SerialNumber,
};
use trent_runtime::StartError;
use trent_types::{SecretBytes, Timestamp};

/// The authority's subject.
pub(super) const AUTHORITY_NAME: &str = "Trent deployment CA";
/// How long the authority's certificate is valid, in days.
const AUTHORITY_DAYS: u32 = 3_650;
/// Clocks of machines differ: certificates are valid from this long ago.
const BEFORE: Duration = Duration::from_secs(3_600);

/// A certificate and its private key, PEM.
pub(super) struct Pair {
    pub(super) certificate: String,
    pub(super) key: SecretBytes,
}

/// What a certificate is used for. Never for both: who steals a role's key cannot pose as a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Usage {
    Client,
    Server,
}

/// The authority with its key, ready to issue.
pub(super) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    until: Timestamp,
}

impl Authority {
    /// Takes the authority's certificate, valid `until`, and its key.
    pub(super) fn load(
        certificate: &str,
        key: &SecretBytes,
        until: Timestamp,
    ) -> Result<Self, StartError> {
        let issuer = Issuer::from_ca_cert_pem(certificate, key_pair(key)?);
        Ok(Self { issuer: issuer.map_err(unusable)?, until })
    }

    /// Issues a certificate for a new key: P-256, valid for `days`, but no longer than the
    /// authority's own.
    pub(super) fn issue(
        &self,
        name: &str,
        usage: Usage,
        names: &[String],
        days: u32,
        now: Timestamp,
    ) -> Result<Pair, StartError> {
        let key = new_key()?;
        let mut params = CertificateParams::new(names).map_err(|_| {
            StartError::Configuration(format!("--host: one of {} is not a name", names.join(", ")))
        })?;
        params.distinguished_name = common_name(name);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![match usage {
            Usage::Client => ExtendedKeyUsagePurpose::ClientAuth,
            Usage::Server => ExtendedKeyUsagePurpose::ServerAuth,
        }];
        params.use_authority_key_identifier_extension = true;
        valid(&mut params, now, until(now, days).min(self.until));
        let issued = params.signed_by(&key, &self.issuer).map_err(unusable)?;
        Ok(Pair { certificate: issued.pem(), key: pem(&key) })
    }
}

/// The certificate of an authority with this key that can certify these names and no others.
pub(super) fn authority(
    key: &SecretBytes,
    names: &[String],
    now: Timestamp,
) -> Result<String, StartError> {
    let mut params = CertificateParams::default();
    params.distinguished_name = common_name(AUTHORITY_NAME);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    // Whoever trusts this authority, and be it a whole machine, trusts it for the deployment's
    // servers only (RFC 5280, section 4.2.1.10).
    let permitted_subtrees = names.iter().map(|name| subtree(name)).collect();
    params.name_constraints =
        Some(NameConstraints { permitted_subtrees, excluded_subtrees: Vec::new() });
    valid(&mut params, now, until(now, AUTHORITY_DAYS));
    let made = params.self_signed(&key_pair(key)?).map_err(unusable)?;
    Ok(made.pem())
}

/// A new private key, PKCS#8 as PEM.
pub(super) fn private_key() -> Result<SecretBytes, StartError> {
    new_key().map(|key| pem(&key))
}

fn new_key() -> Result<KeyPair, StartError> {
    KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(unusable)
}

fn key_pair(key: &SecretBytes) -> Result<KeyPair, StartError> {
    let text = std::str::from_utf8(key.expose()).unwrap_or_default();
    KeyPair::from_pem(text).map_err(unusable)
}

/// The public key that belongs to a private one, as it stands in a certificate.
pub(super) fn public_key(key: &SecretBytes) -> Result<Vec<u8>, StartError> {
    key_pair(key).map(|pair| rcgen::PublicKeyData::subject_public_key_info(&pair))
}

fn pem(key: &KeyPair) -> SecretBytes {
    SecretBytes::new(key.serialize_pem().into_bytes())
}

fn common_name(name: &str) -> DistinguishedName {
    let mut subject = DistinguishedName::new();
    subject.push(DnType::CommonName, name);
    subject
}

fn subtree(name: &str) -> GeneralSubtree {
    match name.parse() {
        Ok(address @ IpAddr::V4(_)) => {
            GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(address, 32))
        }
        Ok(address @ IpAddr::V6(_)) => {
            GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(address, 128))
        }
        Err(_) => GeneralSubtree::DnsName(name.to_owned()),
    }
}

fn until(now: Timestamp, days: u32) -> Timestamp {
    now.plus_millis(i64::from(days) * 86_400_000)
}

/// Sets the validity, and a serial number that nobody can guess: positive, 16 bytes.
fn valid(params: &mut CertificateParams, now: Timestamp, until: Timestamp) {
    let epoch = rcgen::date_time_ymd(1970, 1, 1);
    let seconds = |moment: Timestamp| {
        Duration::from_secs(u64::try_from(moment.as_seconds()).unwrap_or_default())
    };
    params.not_before = epoch + seconds(now).saturating_sub(BEFORE);
    params.not_after = epoch + seconds(until);
    let mut serial: [u8; 16] = rand::random();
    serial[0] = serial[0] & 0x7f | 0x40;
    params.serial_number = Some(SerialNumber::from_slice(&serial));
}

#[expect(clippy::needless_pass_by_value, reason = "for `map_err`")]
fn unusable(error: rcgen::Error) -> StartError {
    StartError::Environment(format!("certificate: {error}"))
}

//! What a certificate that is already there says of itself.

use std::net::IpAddr;

use trent_runtime::StartError;
use trent_types::Timestamp;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::pem::Pem;

use super::certificates::AUTHORITY_NAME;

/// A certificate that was read.
#[derive(Debug)]
pub(super) struct Issued {
    /// Until when it is valid.
    pub(super) until: Timestamp,
    /// The names and addresses that it holds for.
    pub(super) names: Vec<String>,
    /// The DER of its public key.
    pub(super) public_key: Vec<u8>,
    /// The identifier of its public key.
    pub(super) key_identifier: Option<Vec<u8>>,
    /// The identifier of the key that signed it.
    pub(super) authority_identifier: Option<Vec<u8>>,
    /// The only names that it may certify, if it is limited.
    permitted: Option<Vec<Subtree>>,
    /// Whether it is an authority that `trent init` has made.
    pub(super) own_authority: bool,
}

#[derive(Debug)]
enum Subtree {
    Host(String),
    Network(Vec<u8>),
}

impl Issued {
    /// Reads the first certificate of a PEM file.
    pub(super) fn read(text: &[u8], file: &str) -> Result<Self, StartError> {
        let malformed = || StartError::Configuration(format!("{file}: not a certificate"));
        let pem = Pem::iter_from_buffer(text).next().and_then(Result::ok).ok_or_else(malformed)?;
        let certificate = pem.parse_x509().map_err(|_| malformed())?;
        let permitted = certificate.name_constraints().map_err(|_| malformed())?;
        let permitted = permitted.and_then(|limits| limits.value.permitted_subtrees.as_ref());
        let permitted = permitted
            .map(|subtrees| subtrees.iter().filter_map(|subtree| of(&subtree.base)).collect());
        let common_name = certificate.subject().iter_common_name().next();
        let own_name = common_name.is_some_and(|name| name.as_str() == Ok(AUTHORITY_NAME));
        let alternatives = certificate.subject_alternative_name().map_err(|_| malformed())?;
        let names = alternatives.map_or_else(Vec::new, |found| {
            found.value.general_names.iter().filter_map(text_of).collect()
        });
        let (key_identifier, authority_identifier) = identifiers(&certificate);
        Ok(Self {
            until: Timestamp::from_millis(
                certificate.validity().not_after.timestamp().saturating_mul(1_000),
            ),
            names,
            public_key: certificate.public_key().raw.to_vec(),
            key_identifier,
            authority_identifier,
            permitted,
            own_authority: own_name && certificate.issuer() == certificate.subject(),
        })
    }

    /// Whether this authority may certify these names.
    pub(super) fn may_certify(&self, names: &[String]) -> bool {
        self.permitted.as_ref().is_none_or(|subtrees| {
            names.iter().all(|name| subtrees.iter().any(|subtree| subtree.contains(name)))
        })
    }

    /// Whether this certificate names that authority's key as the one that signed it.
    pub(super) fn is_of(&self, authority: &Self) -> bool {
        self.authority_identifier.is_some() && self.authority_identifier == authority.key_identifier
    }

    /// Whether it holds for all of these.
    pub(super) fn holds_for(&self, names: &[String]) -> bool {
        names.iter().all(|name| self.names.contains(&canonical(name)))
    }
}

impl Subtree {
    /// A host's subtree holds the host and all below it; a network's is an address and a mask.
    fn contains(&self, name: &str) -> bool {
        match (self, name.parse::<IpAddr>()) {
            (Self::Host(host), Err(_)) => {
                let name = name.to_ascii_lowercase();
                name.strip_suffix(host.as_str())
                    .is_some_and(|front| front.is_empty() || front.ends_with('.'))
            }
            (Self::Network(network), Ok(address)) => {
                let bytes = octets(address);
                let (base, mask) = network.split_at(network.len() / 2);
                let within = bytes.iter().zip(base).zip(mask);
                base.len() == bytes.len() && within.into_iter().all(|((a, b), m)| a & m == b & m)
            }
            (Self::Host(_), Ok(_)) | (Self::Network(_), Err(_)) => false,
        }
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the other kinds of names have no part here")]
fn of(name: &GeneralName<'_>) -> Option<Subtree> {
    match name {
        GeneralName::DNSName(host) => Some(Subtree::Host(host.to_ascii_lowercase())),
        GeneralName::IPAddress(network) => Some(Subtree::Network(network.to_vec())),
        _ => None,
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the other kinds of names have no part here")]
fn text_of(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(host) => Some(host.to_ascii_lowercase()),
        GeneralName::IPAddress(bytes) => match *bytes {
            [a, b, c, d] => Some(IpAddr::from([*a, *b, *c, *d]).to_string()),
            _ => <[u8; 16]>::try_from(*bytes).ok().map(|bytes| IpAddr::from(bytes).to_string()),
        },
        _ => None,
    }
}

/// A name or address as [`text_of`] writes it.
fn canonical(name: &str) -> String {
    name.parse::<IpAddr>().map_or_else(|_| name.to_ascii_lowercase(), |ip| ip.to_string())
}

fn octets(address: IpAddr) -> Vec<u8> {
    match address {
        IpAddr::V4(v4) => v4.octets().to_vec(),
        IpAddr::V6(v6) => v6.octets().to_vec(),
    }
}

/// The identifiers of the certificate's own key and of the key that signed it.
fn identifiers(certificate: &X509Certificate<'_>) -> (Option<Vec<u8>>, Option<Vec<u8>>) {
    let (mut own, mut authority) = (None, None);
    for extension in certificate.extensions() {
        if let ParsedExtension::SubjectKeyIdentifier(identifier) = extension.parsed_extension() {
            own = Some(identifier.0.to_vec());
        }
        if let ParsedExtension::AuthorityKeyIdentifier(identifier) = extension.parsed_extension() {
            authority = identifier.key_identifier.as_ref().map(|found| found.0.to_vec());
        }
    }
    (own, authority)
}

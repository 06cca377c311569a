//! A certificate authority of the tests' own.

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use trent_store::PostgresTls;
use trent_types::SecretBytes;

/// Issues certificates.
pub(crate) struct Authority {
    /// Its own certificate, PEM.
    pub(crate) certificate: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    pub(crate) fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap().pem();
        Self { certificate, issuer: Issuer::new(params, key) }
    }

    /// A certificate and its key, PEM, for this common name and these hosts.
    pub(crate) fn issue(&self, common_name: &str, hosts: &[&str]) -> (String, String) {
        let hosts: Vec<String> = hosts.iter().map(ToString::to_string).collect();
        let mut params = CertificateParams::new(hosts).unwrap();
        params.distinguished_name.push(DnType::CommonName, common_name);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        (certificate.pem(), key.serialize_pem())
    }

    /// TLS as whoever has this common name, trusting this authority.
    pub(crate) fn tls(&self, common_name: &str) -> PostgresTls {
        let (certificate, key) = self.issue(common_name, &[]);
        let identity = (certificate.into_bytes(), SecretBytes::new(key.into_bytes()));
        PostgresTls { identity: Some(identity), ..self.anonymous() }
    }

    /// TLS as nobody, trusting this authority.
    pub(crate) fn anonymous(&self) -> PostgresTls {
        PostgresTls { authority: self.certificate.clone().into_bytes(), identity: None }
    }
}

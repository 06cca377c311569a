//! Certificates for one test's server and roles, of the kind that `trent init` makes.

use std::path::{Path, PathBuf};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
};
use trent_bus::NatsTls;

/// An authority whose files are all in one directory.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    directory: PathBuf,
}

impl Authority {
    /// A new one.
    pub(crate) fn new(directory: &Path) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new([]).unwrap();
        params.distinguished_name.push(DnType::CommonName, "authority");
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        let certificate = params.self_signed(&key).unwrap();
        std::fs::create_dir_all(directory).unwrap();
        std::fs::write(directory.join("ca.pem"), certificate.pem()).unwrap();
        Self { issuer: Issuer::new(params, key), directory: directory.to_owned() }
    }

    /// `NAME.pem` and `NAME.key`: for a server on 127.0.0.1, or for a client with this name.
    pub(crate) fn issue(&self, name: &str, usage: ExtendedKeyUsagePurpose) {
        let key = KeyPair::generate().unwrap();
        let server = usage == ExtendedKeyUsagePurpose::ServerAuth;
        let names = server.then(|| String::from("127.0.0.1")).into_iter();
        let mut params = CertificateParams::new(names.collect::<Vec<_>>()).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.extended_key_usages = vec![usage];
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        std::fs::write(self.path(name, "pem"), certificate.pem()).unwrap();
        std::fs::write(self.path(name, "key"), key.serialize_pem()).unwrap();
    }

    /// The file of a name.
    pub(crate) fn path(&self, name: &str, extension: &str) -> PathBuf {
        self.directory.join(format!("{name}.{extension}"))
    }

    /// TLS that trusts this authority and comes with the certificate of a name.
    pub(crate) fn tls(&self, name: &str) -> NatsTls {
        let identity = Some((self.path(name, "pem"), self.path(name, "key")));
        NatsTls { authority: self.path("ca", "pem"), identity }
    }
}

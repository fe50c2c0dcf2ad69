//! The certificate authority of a run, its certificates, and kubeconfigs.
//!
//! In: names and addresses. Out: PEM files and kubeconfigs in one folder. Never here: who listens
//! where.

use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose,
};

/// Whom a certificate names. Kubernetes reads the user's name from CN and a group from O.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subject<'a> {
    pub(crate) user: &'a str,
    pub(crate) group: Option<&'a str>,
}

/// Signs certificates. Its key is written for the controller manager, which signs too.
pub(crate) struct Authority {
    folder: PathBuf,
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    /// Makes a new authority, and the pair of keys that signs the tokens of ServiceAccounts.
    pub(crate) fn create(folder: &Path) -> Result<Authority> {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("failed to make {}", folder.display()))?;
        let mut parameters = CertificateParams::default();
        parameters
            .distinguished_name
            .push(DnType::CommonName, "tidemill-e2e");
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        parameters.key_usages = vec![
            KeyUsagePurpose::KeyCertSign,
            KeyUsagePurpose::DigitalSignature,
        ];
        let key = KeyPair::generate().context("failed to make a key")?;
        write(&folder.join("ca.key"), &key.serialize_pem())?;
        let issuer = CertifiedIssuer::self_signed(parameters, key)
            .context("failed to sign the authority's certificate")?;
        write(&folder.join("ca.crt"), &issuer.pem())?;
        let tokens = KeyPair::generate().context("failed to make a key")?;
        write(&folder.join("sa.key"), &tokens.serialize_pem())?;
        write(&folder.join("sa.pub"), &tokens.public_key_pem())?;
        Ok(Authority {
            folder: folder.to_owned(),
            issuer,
        })
    }

    /// Writes `<name>.crt` and `<name>.key`, good for servers under `hosts` and for clients.
    pub(crate) fn issue(&self, name: &str, subject: Subject<'_>, hosts: &[&str]) -> Result<()> {
        let hosts: Vec<String> = hosts.iter().map(|it| (*it).to_owned()).collect();
        let mut parameters = CertificateParams::new(hosts)
            .with_context(|| format!("a name of {name} can't stand in a certificate"))?;
        parameters
            .distinguished_name
            .push(DnType::CommonName, subject.user);
        if let Some(group) = subject.group {
            parameters
                .distinguished_name
                .push(DnType::OrganizationName, group);
        }
        parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        parameters.extended_key_usages = vec![
            ExtendedKeyUsagePurpose::ServerAuth,
            ExtendedKeyUsagePurpose::ClientAuth,
        ];
        let key = KeyPair::generate().context("failed to make a key")?;
        let certificate = parameters
            .signed_by(&key, &self.issuer)
            .with_context(|| format!("failed to sign the certificate of {name}"))?;
        write(
            &self.folder.join(format!("{name}.key")),
            &key.serialize_pem(),
        )?;
        write(&self.folder.join(format!("{name}.crt")), &certificate.pem())
    }

    /// Issues a certificate and writes `<name>.kubeconfig`, by which its holder speaks to `server`.
    pub(crate) fn kubeconfig(&self, name: &str, subject: Subject<'_>, server: &str) -> Result<()> {
        self.issue(name, subject, &[])?;
        self.kubeconfig_of(name, server)
    }

    /// Writes `<name>.kubeconfig` for a certificate that was issued before.
    pub(crate) fn kubeconfig_of(&self, name: &str, server: &str) -> Result<()> {
        let data = |file: String| -> Result<String> {
            let path = self.folder.join(file);
            let bytes = std::fs::read(&path)
                .with_context(|| format!("failed to read {}", path.display()))?;
            Ok(STANDARD.encode(bytes))
        };
        let config = serde_json::json!({
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "tidemill", "cluster": {
                "server": server,
                "certificate-authority-data": data("ca.crt".to_owned())?,
            }}],
            "users": [{"name": name, "user": {
                "client-certificate-data": data(format!("{name}.crt"))?,
                "client-key-data": data(format!("{name}.key"))?,
            }}],
            "contexts": [{"name": "tidemill", "context": {"cluster": "tidemill", "user": name}}],
            "current-context": "tidemill",
        });
        // JSON is YAML.
        write(
            &self.folder.join(format!("{name}.kubeconfig")),
            &serde_json::to_string_pretty(&config)?,
        )
    }
}

/// Keys are for their owner alone.
fn write(path: &Path, text: &str) -> Result<()> {
    let mut file = std::fs::File::options()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("failed to open {}", path.display()))?;
    std::io::Write::write_all(&mut file, text.as_bytes())
        .with_context(|| format!("failed to write {}", path.display()))
}

//! Mutual TLS between the brokers of a cluster and its operator.
//!
//! In: files that somebody else renews. Out: what accepts and opens connections with the newest of
//! them, and who is at the other end. Never here: what a caller may do.
//!
//! The cluster's own authority issues everything that is trusted: a certificate of a broker has the
//! cluster's id as its organisation and `broker-<node id>` as its name; the operator's has `Tidemill`
//! and `tidemill-operator`.

use std::fs::Metadata;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use broker_types::BrokerId;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::WebPkiClientVerifier;
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio::net::TcpStream;
use tokio_rustls::{TlsAcceptor, TlsConnector, client, server};
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::config::TlsFiles;

/// How long what was read is used without a look at the files.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// How long a handshake may take.
const HANDSHAKE_WITHIN: Duration = Duration::from_secs(10);

/// Who is at the other end of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    /// The connection is in the clear, so it could be anybody.
    Anybody,
    Operator,
    Broker {
        cluster_id: String,
        broker_id: BrokerId,
    },
    /// The authority knows it, and it is neither a broker nor the operator.
    Other(String),
}

impl Caller {
    pub(crate) fn is_broker_of(&self, cluster: &str) -> bool {
        matches!(self, Caller::Broker { cluster_id, .. } if cluster_id == cluster)
    }
}

/// What a listener speaks above TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    Grpc,
    Other,
}

/// The certificates of this broker.
pub(crate) struct Tls {
    files: TlsFiles,
    current: Mutex<Current>,
}

struct Current {
    looked_at: Instant,
    version: Version,
    loaded: Loaded,
}

#[derive(Clone)]
struct Loaded {
    pem: Arc<Pem>,
    server: Arc<ServerConfig>,
    grpc_server: Arc<ServerConfig>,
    client: Arc<ClientConfig>,
}

/// The files as they are.
pub(crate) struct Pem {
    pub(crate) authorities: Vec<u8>,
    pub(crate) certificate: Vec<u8>,
    pub(crate) key: Vec<u8>,
}

/// What changes when a file is replaced.
type Version = [(u64, i64, i64, u64); 3];

impl Tls {
    /// Reads the files for the first time.
    pub(crate) fn load(files: TlsFiles) -> Result<Arc<Tls>> {
        let version = version(&files)?;
        let current = Current {
            looked_at: Instant::now(),
            version,
            loaded: read(&files)?,
        };
        Ok(Arc::new(Tls {
            files,
            current: Mutex::new(current),
        }))
    }

    /// What the files hold now. While they are half written, what they held before.
    fn newest(&self) -> Loaded {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if current.looked_at.elapsed() >= LOOK_EVERY {
            current.looked_at = Instant::now();
            match version(&self.files) {
                Ok(version) if version == current.version => {}
                Ok(version) => match read(&self.files) {
                    Ok(loaded) => {
                        tracing::info!("the certificates were renewed");
                        current.version = version;
                        current.loaded = loaded;
                    }
                    Err(error) => tracing::warn!("the new certificates are not used: {error:#}"),
                },
                Err(error) => tracing::warn!("the certificates cannot be seen: {error:#}"),
            }
        }
        current.loaded.clone()
    }

    /// For who greets by other means.
    pub(crate) fn pem(&self) -> Arc<Pem> {
        self.newest().pem
    }

    /// Lets a client in that can show a certificate.
    pub(crate) async fn accept(
        &self,
        stream: TcpStream,
        protocol: Protocol,
    ) -> io::Result<(server::TlsStream<TcpStream>, Caller)> {
        let loaded = self.newest();
        let config = match protocol {
            Protocol::Grpc => loaded.grpc_server,
            Protocol::Other => loaded.server,
        };
        let accepting = TlsAcceptor::from(config).accept(stream);
        let stream = within(HANDSHAKE_WITHIN, accepting).await?;
        let caller = caller(stream.get_ref().1.peer_certificates());
        Ok((stream, caller))
    }

    /// Greets a server that must be `host`, and a broker of the cluster.
    pub(crate) async fn connect(
        &self,
        stream: TcpStream,
        host: &str,
        cluster_id: &str,
    ) -> io::Result<client::TlsStream<TcpStream>> {
        let name = ServerName::try_from(host.to_owned())
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
        let connecting = TlsConnector::from(self.newest().client).connect(name, stream);
        let stream = within(HANDSHAKE_WITHIN, connecting).await?;
        let server = caller(stream.get_ref().1.peer_certificates());
        if !server.is_broker_of(cluster_id) {
            return Err(io::Error::new(
                io::ErrorKind::PermissionDenied,
                format!("{host} is {server:?}, not a broker of the cluster {cluster_id}"),
            ));
        }
        Ok(stream)
    }
}

async fn within<T>(limit: Duration, work: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    tokio::time::timeout(limit, work)
        .await
        .map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
}

fn version(files: &TlsFiles) -> Result<Version> {
    let of = |path: &Path| {
        let metadata = std::fs::metadata(path)
            .with_context(|| format!("failed to look at {}", path.display()))?;
        let version = |it: &Metadata| (it.ino(), it.mtime(), it.mtime_nsec(), it.size());
        anyhow::Ok(version(&metadata))
    };
    Ok([of(&files.ca)?, of(&files.certificate)?, of(&files.key)?])
}

fn read(files: &TlsFiles) -> Result<Loaded> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let pem = Pem {
        authorities: bytes(&files.ca)?,
        certificate: bytes(&files.certificate)?,
        key: bytes(&files.key)?,
    };
    let mut roots = RootCertStore::empty();
    for authority in certificates(&files.ca, &pem.authorities)? {
        roots
            .add(authority)
            .with_context(|| format!("tls.ca: {} is no authority", files.ca.display()))?;
    }
    let roots = Arc::new(roots);
    let chain = certificates(&files.certificate, &pem.certificate)?;
    let key = PrivateKeyDer::from_pem_slice(&pem.key)
        .with_context(|| format!("tls.key: {} holds no key in PEM", files.key.display()))?;
    let wrong_pair = || {
        format!(
            "{} and {} do not belong together",
            files.certificate.display(),
            files.key.display()
        )
    };
    let verifier =
        WebPkiClientVerifier::builder_with_provider(Arc::clone(&roots), Arc::clone(&provider))
            .build()
            .context("tls.ca: it cannot verify anybody")?;
    let server = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .context("failed to choose the versions of TLS")?
        .with_client_cert_verifier(verifier)
        .with_single_cert(chain.clone(), key.clone_key())
        .with_context(wrong_pair)?;
    let client = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .context("failed to choose the versions of TLS")?
        .with_root_certificates(roots)
        .with_client_auth_cert(chain, key)
        .with_context(wrong_pair)?;
    let mut grpc_server = server.clone();
    grpc_server.alpn_protocols = vec![b"h2".to_vec()];
    Ok(Loaded {
        pem: Arc::new(pem),
        server: Arc::new(server),
        grpc_server: Arc::new(grpc_server),
        client: Arc::new(client),
    })
}

fn bytes(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("failed to read {}", path.display()))
}

fn certificates(path: &Path, pem: &[u8]) -> Result<Vec<CertificateDer<'static>>> {
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    let certificates =
        certificates.with_context(|| format!("{} holds a broken certificate", path.display()))?;
    ensure!(
        !certificates.is_empty(),
        "{} holds no certificate in PEM",
        path.display()
    );
    Ok(certificates)
}

/// Who shows these certificates. They were verified before.
pub(crate) fn caller(certificates: Option<&[CertificateDer<'_>]>) -> Caller {
    let Some(first) = certificates.and_then(<[_]>::first) else {
        return Caller::Other("nobody, for it shows no certificate".to_owned());
    };
    let Ok((_, certificate)) = X509Certificate::from_der(first) else {
        return Caller::Other("a certificate that cannot be read".to_owned());
    };
    let subject = certificate.subject();
    let organisation = subject.iter_organization().next();
    let name = subject.iter_common_name().next();
    let text = |it: Option<&x509_parser::x509::AttributeTypeAndValue<'_>>| {
        it.and_then(|it| it.as_str().ok()).unwrap_or("").to_owned()
    };
    let (organisation, name) = (text(organisation), text(name));
    if organisation == "Tidemill" && name == "tidemill-operator" {
        return Caller::Operator;
    }
    let broker_id = name
        .strip_prefix("broker-")
        .and_then(|it| it.parse().ok())
        .and_then(BrokerId::from_wire);
    match broker_id {
        Some(broker_id) if !organisation.is_empty() => Caller::Broker {
            cluster_id: organisation,
            broker_id,
        },
        Some(_) | None => Caller::Other(subject.to_string()),
    }
}

#[cfg(test)]
mod tests;

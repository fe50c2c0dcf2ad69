//! Three `tidemill-broker run` with certificates of an authority of the test's own.
//!
//! In: who calls. Out: clients of the control service, and processes that end with the test.
//! Never here: what is asked.

use std::fs::File;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use broker_rpc as rpc;
use broker_rpc::control_client::ControlClient;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair,
};
use rustls::client::WantsClientCert;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsConnector;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Error, Identity};

use crate::judges;

/// Organisation and name of the operator's certificate.
pub(crate) const OPERATOR: (&str, &str) = ("Tidemill", "tidemill-operator");
const CLUSTER_ID: &str = "4L6g3nShT-eMCtK--X86sw";
const WITHIN: Duration = Duration::from_secs(60);

/// Waits for something to be there.
pub(crate) async fn until<T, F: Future<Output = Option<T>>>(
    what: &str,
    mut look: impl FnMut() -> F,
) -> T {
    let deadline = Instant::now() + WITHIN;
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(Instant::now() < deadline, "not within {WITHIN:?}: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority() -> Authority {
    let mut parameters = CertificateParams::default();
    parameters.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    CertifiedIssuer::self_signed(parameters, KeyPair::generate().unwrap()).unwrap()
}

/// PEM of a certificate and its key.
fn issue(authority: &Authority, (organisation, name): (&str, &str)) -> (String, String) {
    let mut parameters = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let subject = &mut parameters.distinguished_name;
    subject.push(DnType::OrganizationName, organisation);
    subject.push(DnType::CommonName, name);
    parameters.extended_key_usages = vec![
        ExtendedKeyUsagePurpose::ServerAuth,
        ExtendedKeyUsagePurpose::ClientAuth,
    ];
    let key = KeyPair::generate().unwrap();
    let certificate = parameters.signed_by(&key, authority).unwrap();
    (certificate.pem(), key.serialize_pem())
}

struct Broker {
    config: PathBuf,
    log: PathBuf,
    child: Child,
    control: u16,
    replication: u16,
    health: u16,
    metrics: u16,
}

/// Ended when dropped.
pub(crate) struct Cluster {
    authority: Authority,
    brokers: Vec<Broker>,
    clients: String,
    _folder: tempfile::TempDir,
}

fn run(config: &PathBuf, log: &PathBuf) -> Child {
    let log = File::options().create(true).append(true).open(log).unwrap();
    Command::new(env!("CARGO_BIN_EXE_tidemill-broker"))
        .args(["run", "--end-with-parent", "--config"])
        .arg(config)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .expect("the broker starts")
}

impl Cluster {
    /// Starts three brokers that wait for their identity.
    pub(crate) fn start() -> Cluster {
        let authority = authority();
        let folder = tempfile::tempdir().unwrap();
        let first_port = judges::free_ports(15);
        let replication: Vec<u16> = (0..3).map(|it| first_port + it).collect();
        let bootstrap: Vec<String> = replication
            .iter()
            .map(|it| format!("localhost:{it}"))
            .collect();
        let clients = first_port + 3;
        std::fs::write(folder.path().join("ca.crt"), authority.pem()).unwrap();
        let brokers = (0..3_u16).map(|index| {
            let at = |name: &str| folder.path().join(format!("broker-{index}{name}"));
            let (certificate, key) = issue(&authority, (CLUSTER_ID, &format!("broker-{index}")));
            std::fs::write(at(".crt"), certificate).unwrap();
            std::fs::write(at(".key"), key).unwrap();
            let (client, control) = (clients + index, first_port + 6 + index);
            let health = first_port + 9 + index;
            let metrics = first_port + 12 + index;
            let replication = first_port + index;
            let text = serde_json::json!({
                "nodeId": index,
                "dataDir": at(""),
                "rack": format!("zone-{index}"),
                "controller": true,
                "listeners": {
                    "clients": [{
                        "name": "internal",
                        "bind": format!("127.0.0.1:{client}"),
                        "advertised": format!("127.0.0.1:{client}"),
                    }],
                    "replication": {
                        "bind": format!("127.0.0.1:{replication}"),
                        "advertised": format!("localhost:{replication}"),
                    },
                    "control": {"bind": format!("127.0.0.1:{control}")},
                    "metrics": {"bind": format!("127.0.0.1:{metrics}")},
                    "health": {"bind": format!("127.0.0.1:{health}")},
                },
                "bootstrapServers": bootstrap,
                "tls": {
                    "ca": folder.path().join("ca.crt"),
                    "certificate": at(".crt"),
                    "key": at(".key"),
                },
            });
            let (config, log) = (at(".yaml"), at(".log"));
            std::fs::write(&config, text.to_string()).unwrap();
            let child = run(&config, &log);
            Broker {
                config,
                log,
                child,
                control,
                replication,
                health,
                metrics,
            }
        });
        let brokers = brokers.collect();
        Cluster {
            authority,
            brokers,
            clients: format!("127.0.0.1:{clients}"),
            _folder: folder,
        }
    }

    pub(crate) fn voter(&self, broker: usize, directory_id: &str) -> rpc::bootstrap_request::Voter {
        rpc::bootstrap_request::Voter {
            node_id: i32::try_from(broker).unwrap(),
            directory_id: directory_id.to_owned(),
            host: "localhost".to_owned(),
            port: self.brokers[broker].replication.into(),
        }
    }

    pub(crate) fn bootstrap(
        &self,
        broker: usize,
        voters: &[rpc::bootstrap_request::Voter],
    ) -> rpc::BootstrapRequest {
        rpc::BootstrapRequest {
            cluster_id: CLUSTER_ID.to_owned(),
            node_id: i32::try_from(broker).unwrap(),
            directory_id: voters[broker].directory_id.clone(),
            voters: voters.to_vec(),
            durability: rpc::Durability::Fsync.into(),
        }
    }

    pub(crate) async fn client(
        &self,
        broker: usize,
        subject: (&str, &str),
    ) -> ControlClient<Channel> {
        self.try_client(broker, subject).await.unwrap()
    }

    pub(crate) async fn try_client(
        &self,
        broker: usize,
        subject: (&str, &str),
    ) -> Result<ControlClient<Channel>, Error> {
        self.connect(broker, issue(&self.authority, subject)).await
    }

    /// A client of another authority that calls itself the operator.
    pub(crate) async fn stranger(&self, broker: usize) -> Result<ControlClient<Channel>, Error> {
        self.connect(broker, issue(&authority(), OPERATOR)).await
    }

    async fn connect(
        &self,
        broker: usize,
        (certificate, key): (String, String),
    ) -> Result<ControlClient<Channel>, Error> {
        let tls = ClientTlsConfig::new()
            .ca_certificate(Certificate::from_pem(self.authority.pem()))
            .identity(Identity::from_pem(certificate, key))
            .domain_name("localhost");
        let port = self.brokers[broker].control;
        let endpoint = Endpoint::from_shared(format!("https://127.0.0.1:{port}"))?;
        let channel = endpoint.tls_config(tls)?.connect().await?;
        Ok(ControlClient::new(channel))
    }

    /// The head of an answer of the health listener.
    pub(crate) fn http(&self, broker: usize, path: &str) -> String {
        let mut answer = String::new();
        let mut get = || {
            let mut stream = TcpStream::connect(("127.0.0.1", self.brokers[broker].health))?;
            write!(stream, "GET {path} HTTP/1.0\r\nHost: broker\r\n\r\n")?;
            stream.read_to_string(&mut answer)
        };
        get().unwrap_or_else(|error| panic!("{path}: {error}"));
        answer.replacen("HTTP/1.0", "HTTP/1.1", 1)
    }

    /// What the broker counts, as somebody sees it whom the authority knows.
    pub(crate) async fn metrics(&self, broker: usize) -> std::io::Result<String> {
        let (certificate, key) = issue(&self.authority, ("monitoring", "prometheus"));
        let chain = vec![CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap()];
        let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
        let client = self.roots().with_client_auth_cert(chain, key).unwrap();
        self.get_metrics(broker, client).await
    }

    /// The same, without a certificate.
    pub(crate) async fn metrics_for_anybody(&self, broker: usize) -> std::io::Result<String> {
        let client = self.roots().with_no_client_auth();
        self.get_metrics(broker, client).await
    }

    fn roots(&self) -> rustls::ConfigBuilder<ClientConfig, WantsClientCert> {
        let mut roots = RootCertStore::empty();
        roots.add(self.authority.der().clone()).unwrap();
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        ClientConfig::builder_with_provider(provider.into())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
    }

    async fn get_metrics(&self, broker: usize, client: ClientConfig) -> std::io::Result<String> {
        let address = ("127.0.0.1", self.brokers[broker].metrics);
        let stream = tokio::net::TcpStream::connect(address).await?;
        let host = ServerName::try_from("localhost").unwrap();
        let connector = TlsConnector::from(Arc::new(client));
        let mut stream = connector.connect(host, stream).await?;
        let request = b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        stream.write_all(request).await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        Ok(answer)
    }

    /// Runs what runs before a broker is stopped.
    pub(crate) fn drain(&self, broker: usize) -> Result<(), String> {
        let output = Command::new(env!("CARGO_BIN_EXE_tidemill-broker"))
            .args(["drain", "--config"])
            .arg(&self.brokers[broker].config)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        output.status.success().then_some(()).ok_or(said)
    }

    /// Stops a broker in good order, and starts it again.
    pub(crate) fn restart(&mut self, broker: usize) {
        let broker = &mut self.brokers[broker];
        // Its parent's end is what it waits for.
        drop(broker.child.stdin.take());
        assert!(
            broker.child.wait().unwrap().success(),
            "it stops in good order"
        );
        broker.child = run(&broker.config, &broker.log);
    }

    pub(crate) fn produce(&self, topic: &str, n_records: u32) {
        let lines: Vec<String> = (0..n_records)
            .map(|it| format!("{it}:value {it}"))
            .collect();
        self.kcat(&["-P", "-t", topic, "-K:"], &lines.join("\n"));
    }

    pub(crate) fn consume(&self, topic: &str, group: &str, n_records: u32) {
        let count = n_records.to_string();
        let arguments = [
            "-G",
            group,
            "-c",
            &count,
            "-X",
            "auto.offset.reset=earliest",
            topic,
        ];
        self.kcat(&arguments, "");
    }

    fn kcat(&self, arguments: &[&str], input: &str) {
        let mut kcat = Command::new("kcat");
        // Where cargo looks for libraries first there is another librdkafka.
        kcat.env_remove("LD_LIBRARY_PATH");
        kcat.args(["-b", &self.clients]).args(arguments);
        let output = judges::run(kcat, input);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "kcat {arguments:?}: {said}");
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        for broker in &mut self.brokers {
            // It may have ended by itself.
            let _ = broker.child.kill();
            let _ = broker.child.wait();
        }
        if std::thread::panicking() {
            for broker in &self.brokers {
                let log = std::fs::read_to_string(&broker.log).unwrap_or_default();
                eprintln!("{}:\n{log}", broker.log.display());
            }
        }
    }
}

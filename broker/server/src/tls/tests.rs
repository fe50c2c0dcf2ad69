//! Handshakes between real sockets, with certificates that the test issues.

use std::os::unix::fs::symlink;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair,
};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;

const CLUSTER: &str = "4L6g3nShT-eMCtK--X86sw";

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority() -> Authority {
    let mut parameters = CertificateParams::default();
    parameters.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    CertifiedIssuer::self_signed(parameters, KeyPair::generate().unwrap()).unwrap()
}

/// Writes a certificate and its key, and what is trusted, as a Secret's volume has them: names that
/// lead through a link to the newest folder.
fn write(
    folder: &TempDir,
    version: &str,
    issuer: &Authority,
    trusted: &Authority,
    (organisation, name): (&str, &str),
) {
    let mut parameters = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let subject = &mut parameters.distinguished_name;
    subject.push(DnType::OrganizationName, organisation);
    subject.push(DnType::CommonName, name);
    parameters.extended_key_usages = vec![
        ExtendedKeyUsagePurpose::ServerAuth,
        ExtendedKeyUsagePurpose::ClientAuth,
    ];
    let key = KeyPair::generate().unwrap();
    let certificate = parameters.signed_by(&key, issuer).unwrap();
    let at = folder.path().join(version);
    std::fs::create_dir(&at).unwrap();
    std::fs::write(at.join("ca.crt"), trusted.pem()).unwrap();
    std::fs::write(at.join("own.crt"), certificate.pem()).unwrap();
    std::fs::write(at.join("own.key"), key.serialize_pem()).unwrap();
    let (link, aside) = (folder.path().join("data"), folder.path().join("aside"));
    symlink(version, &aside).unwrap();
    std::fs::rename(aside, link).unwrap();
}

fn load(folder: &TempDir) -> Arc<Tls> {
    let at = |name: &str| folder.path().join("data").join(name);
    Tls::load(TlsFiles {
        ca: at("ca.crt"),
        certificate: at("own.crt"),
        key: at("own.key"),
    })
    .unwrap()
}

fn tls(issuer: &Authority, trusted: &Authority, subject: (&str, &str)) -> Arc<Tls> {
    let folder = tempfile::tempdir().unwrap();
    write(&folder, "1", issuer, trusted, subject);
    load(&folder)
}

/// How a handshake and one byte each way ended, at the server and at the client.
async fn meet(server: &Tls, client: &Tls, host: &str) -> (io::Result<Caller>, io::Result<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = async {
        let (stream, _) = listener.accept().await?;
        let (mut stream, caller) = server.accept(stream, Protocol::Other).await?;
        let byte = stream.read_u8().await?;
        stream.write_u8(byte).await?;
        stream.flush().await?;
        io::Result::Ok(caller)
    };
    let calling = async {
        let stream = TcpStream::connect(address).await?;
        let mut stream = client.connect(stream, host, CLUSTER).await?;
        stream.write_u8(7).await?;
        stream.flush().await?;
        assert_eq!(stream.read_u8().await?, 7);
        io::Result::Ok(())
    };
    tokio::join!(serving, calling)
}

#[tokio::test]
async fn brokers_of_a_cluster_know_each_other() {
    let authority = authority();
    let one = tls(&authority, &authority, (CLUSTER, "broker-1"));
    let two = tls(&authority, &authority, (CLUSTER, "broker-2"));
    let (caller, called) = meet(&one, &two, "localhost").await;
    called.unwrap();
    let expected = Caller::Broker {
        cluster_id: CLUSTER.to_owned(),
        broker_id: BrokerId::new(2),
    };
    assert_eq!(caller.unwrap(), expected);
}

#[tokio::test]
async fn the_operator_is_known_but_nobody_replicates_from_it() {
    let authority = authority();
    let broker = tls(&authority, &authority, (CLUSTER, "broker-1"));
    let operator = tls(&authority, &authority, ("Tidemill", "tidemill-operator"));
    let (caller, called) = meet(&broker, &operator, "localhost").await;
    called.unwrap();
    assert_eq!(caller.unwrap(), Caller::Operator);
    let (_, called) = meet(&operator, &broker, "localhost").await;
    let error = called.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::PermissionDenied, "{error}");
}

#[tokio::test]
async fn another_authority_another_host_and_another_cluster_are_refused() {
    let (own, other) = (authority(), authority());
    let broker = tls(&own, &own, (CLUSTER, "broker-1"));
    let foreign = tls(&other, &own, (CLUSTER, "broker-2"));
    let (served, called) = meet(&broker, &foreign, "localhost").await;
    assert!(served.is_err() && called.is_err());
    let (served, called) = meet(&broker, &broker, "demo-main-a-0.demo-brokers").await;
    assert!(served.is_err() && called.is_err());
    let of_another = tls(&own, &own, ("another", "broker-1"));
    let (_, called) = meet(&of_another, &broker, "localhost").await;
    assert_eq!(called.unwrap_err().kind(), io::ErrorKind::PermissionDenied);
}

#[tokio::test]
async fn a_new_authority_and_certificate_are_used_without_a_restart() {
    let (old, new) = (authority(), authority());
    let folder = tempfile::tempdir().unwrap();
    write(&folder, "1", &old, &old, (CLUSTER, "broker-1"));
    let renewing = load(&folder);
    let modern = tls(&new, &new, (CLUSTER, "broker-2"));
    assert!(meet(&renewing, &modern, "localhost").await.1.is_err());
    write(&folder, "2", &new, &new, (CLUSTER, "broker-1"));
    // As if the last look were long ago.
    let long_ago = Instant::now().checked_sub(LOOK_EVERY).unwrap();
    renewing.current.lock().unwrap().looked_at = long_ago;
    let (caller, called) = meet(&renewing, &modern, "localhost").await;
    called.unwrap();
    caller.unwrap();
}

#[test]
fn files_that_make_no_pair_are_refused_by_name() {
    let authority = authority();
    let folder = tempfile::tempdir().unwrap();
    write(&folder, "1", &authority, &authority, (CLUSTER, "broker-1"));
    let at = |name: &str| folder.path().join("data").join(name);
    let files = TlsFiles {
        ca: at("ca.crt"),
        certificate: at("own.crt"),
        key: at("own.key"),
    };
    let refused = |files: &TlsFiles, expected: &str| {
        let error = Tls::load(files.clone()).err().unwrap();
        let text = format!("{error:#}");
        assert!(text.contains(expected), "{text}");
    };
    std::fs::write(&files.key, KeyPair::generate().unwrap().serialize_pem()).unwrap();
    refused(&files, "do not belong together");
    std::fs::write(&files.ca, "nonsense").unwrap();
    refused(&files, "holds no certificate in PEM");
    std::fs::remove_file(&files.certificate).unwrap();
    refused(&files, "own.crt");
}

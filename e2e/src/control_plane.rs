//! The control plane: etcd, kube-apiserver, kube-controller-manager, kube-scheduler.
//!
//! In: addresses and certificates. Out: the command line of each. Never here: starting them; that is
//! for those who know where (see [`crate::cluster`], [`crate::api_server`]).
//!
//! Times are those of a cluster that is watched by a test, not run for years: a node that is off is
//! noticed after 10 s, and its pods are evicted 15 s later.

use std::path::Path;

use anyhow::{Context, Result};

use crate::pki::{Authority, Subject};

/// Of all Services. Only nodes and pods ever see it, so that every run may have the same.
pub(crate) const SERVICES: &str = "10.96.0.0/16";
/// The first address of [`SERVICES`], which Kubernetes gives to itself.
const SERVICE_OF_API: &str = "10.96.0.1";
/// Where pods ask for names.
pub(crate) const SERVICE_OF_DNS: &str = "10.96.0.10";

const ADMINISTRATORS: Option<&str> = Some("system:masters");

/// Where one control plane listens and keeps its files.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ControlPlane<'a> {
    pub(crate) pki: &'a Path,
    pub(crate) etcd_data: &'a Path,
    /// Ports of etcd on loopback: for clients and for its peers, of which there are none.
    pub(crate) etcd_ports: (u16, u16),
    pub(crate) address: &'a str,
    pub(crate) port: u16,
}

impl ControlPlane<'_> {
    pub(crate) fn server(&self) -> String {
        format!("https://{}:{}", self.address, self.port)
    }

    /// Makes an authority and the certificates of everything but nodes; gives the authority back.
    pub(crate) fn make_certificates(&self) -> Result<Authority> {
        let authority = Authority::create(self.pki)?;
        let hosts = [
            "kubernetes",
            "kubernetes.default",
            "kubernetes.default.svc",
            "kubernetes.default.svc.cluster.local",
            "localhost",
            "127.0.0.1",
            SERVICE_OF_API,
            self.address,
        ];
        let server = Subject {
            user: "kube-apiserver",
            group: None,
        };
        authority.issue("apiserver", server, &hosts)?;
        let to_kubelets = Subject {
            user: "kube-apiserver-kubelet-client",
            group: ADMINISTRATORS,
        };
        authority.issue("apiserver-kubelet-client", to_kubelets, &[])?;
        let to_aggregated = Subject {
            user: "front-proxy-client",
            group: None,
        };
        authority.issue("front-proxy-client", to_aggregated, &[])?;
        let administrator = Subject {
            user: "admin",
            group: ADMINISTRATORS,
        };
        authority.kubeconfig("admin", administrator, &self.server())?;
        for name in ["kube-controller-manager", "kube-scheduler", "kube-proxy"] {
            let full = format!("system:{name}");
            let subject = Subject {
                user: &full,
                group: None,
            };
            authority.kubeconfig(name, subject, &self.server())?;
        }
        Ok(authority)
    }

    fn file(&self, name: &str) -> String {
        self.pki.join(name).display().to_string()
    }

    pub(crate) fn etcd(&self) -> Vec<String> {
        let url = |port| format!("http://127.0.0.1:{port}");
        let (clients, peers) = (url(self.etcd_ports.0), url(self.etcd_ports.1));
        vec![
            format!("--data-dir={}", self.etcd_data.display()),
            format!("--listen-client-urls={clients}"),
            format!("--advertise-client-urls={clients}"),
            format!("--listen-peer-urls={peers}"),
            format!("--initial-advertise-peer-urls={peers}"),
            format!("--initial-cluster=default={peers}"),
            // The state of a test cluster is not worth a disk's time.
            "--unsafe-no-fsync".to_owned(),
            "--log-level=warn".to_owned(),
        ]
    }

    pub(crate) fn apiserver(&self) -> Vec<String> {
        let mut arguments = vec![
            format!("--advertise-address={}", self.address),
            format!("--bind-address={}", self.address),
            format!("--secure-port={}", self.port),
            format!("--etcd-servers=http://127.0.0.1:{}", self.etcd_ports.0),
            format!("--service-cluster-ip-range={SERVICES}"),
            "--service-account-issuer=https://kubernetes.default.svc.cluster.local".to_owned(),
            "--authorization-mode=Node,RBAC".to_owned(),
            "--enable-admission-plugins=NodeRestriction".to_owned(),
            "--allow-privileged=true".to_owned(),
            "--kubelet-preferred-address-types=InternalIP".to_owned(),
            // Webhooks and aggregated APIs are dialled by pod address: no kube-proxy runs here.
            "--enable-aggregator-routing=true".to_owned(),
            "--requestheader-allowed-names=front-proxy-client".to_owned(),
            "--requestheader-username-headers=X-Remote-User".to_owned(),
            "--requestheader-group-headers=X-Remote-Group".to_owned(),
            "--requestheader-extra-headers-prefix=X-Remote-Extra-".to_owned(),
            "--profiling=false".to_owned(),
            "--default-not-ready-toleration-seconds=15".to_owned(),
            "--default-unreachable-toleration-seconds=15".to_owned(),
        ];
        for (flag, file) in [
            ("client-ca-file", "ca.crt"),
            ("tls-cert-file", "apiserver.crt"),
            ("tls-private-key-file", "apiserver.key"),
            ("service-account-key-file", "sa.pub"),
            ("service-account-signing-key-file", "sa.key"),
            ("kubelet-client-certificate", "apiserver-kubelet-client.crt"),
            ("kubelet-client-key", "apiserver-kubelet-client.key"),
            ("kubelet-certificate-authority", "ca.crt"),
            ("requestheader-client-ca-file", "ca.crt"),
            ("proxy-client-cert-file", "front-proxy-client.crt"),
            ("proxy-client-key-file", "front-proxy-client.key"),
        ] {
            arguments.push(format!("--{flag}={}", self.file(file)));
        }
        arguments
    }

    pub(crate) fn controller_manager(&self) -> Vec<String> {
        let mut arguments = self.client("kube-controller-manager");
        arguments.extend([
            "--use-service-account-credentials=true".to_owned(),
            // One client for all controllers at the default rate takes seconds to start.
            "--kube-api-qps=500".to_owned(),
            "--kube-api-burst=1000".to_owned(),
            "--node-monitor-period=1s".to_owned(),
            "--node-monitor-grace-period=10s".to_owned(),
        ]);
        for (flag, file) in [
            ("service-account-private-key-file", "sa.key"),
            ("root-ca-file", "ca.crt"),
            ("cluster-signing-cert-file", "ca.crt"),
            ("cluster-signing-key-file", "ca.key"),
        ] {
            arguments.push(format!("--{flag}={}", self.file(file)));
        }
        arguments
    }

    pub(crate) fn scheduler(&self) -> Vec<String> {
        self.client("kube-scheduler")
    }

    /// What the two programs share that only speak to the API server.
    fn client(&self, name: &str) -> Vec<String> {
        let kubeconfig = self.file(&format!("{name}.kubeconfig"));
        vec![
            format!("--kubeconfig={kubeconfig}"),
            format!("--authentication-kubeconfig={kubeconfig}"),
            format!("--authorization-kubeconfig={kubeconfig}"),
            "--leader-elect=false".to_owned(),
            "--bind-address=127.0.0.1".to_owned(),
        ]
    }
}

/// Whether something listens there. Cheap, so that the dearer question is asked only then.
pub(crate) fn is_listening(address: &str, port: u16) -> Result<bool> {
    let socket = format!("{address}:{port}")
        .parse()
        .with_context(|| format!("{address}:{port} is no address"))?;
    let timeout = std::time::Duration::from_millis(200);
    Ok(std::net::TcpStream::connect_timeout(&socket, timeout).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listener_is_on_an_address_of_the_run() {
        let plane = ControlPlane {
            pki: Path::new("/pki"),
            etcd_data: Path::new("/etcd"),
            etcd_ports: (1, 2),
            address: "10.250.3.10",
            port: 6443,
        };
        let all = [
            plane.etcd(),
            plane.apiserver(),
            plane.controller_manager(),
            plane.scheduler(),
        ];
        let mut n_listeners = 0;
        for argument in all.iter().flatten() {
            let is_listener = ["--bind-address", "--listen-"]
                .iter()
                .any(|it| argument.starts_with(it));
            if is_listener {
                n_listeners += 1;
                assert!(
                    argument.contains("127.0.0.1") || argument.contains("10.250.3.10"),
                    "{argument}"
                );
            }
        }
        assert_eq!(n_listeners, 5);
    }
}

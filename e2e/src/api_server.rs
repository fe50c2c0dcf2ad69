//! An API server alone: etcd and kube-apiserver on loopback, for tests of what only speaks to it.
//!
//! In: nothing; needs no root. Out: an [`ApiServer`] with an administrator's kubeconfig, as many at a
//! time as one likes. Never here: nodes, controllers, pods that run.
//!
//! It ends when it is dropped; when its process is killed the kernel ends it, and the next start
//! removes its files.

use std::path::{Path, PathBuf};
use std::process::Child;
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use crate::cluster::Cluster;
use crate::control_plane::ControlPlane;
use crate::kubectl::{DEFAULT, Kubectl};
use crate::paths::Paths;
use crate::process::{self, Identity, log_tail};
use crate::run::write_whole;
use crate::toolchain;

/// A port that was free may be taken before the server binds it.
const ATTEMPTS: u32 = 5;

const LOOPBACK: &str = "127.0.0.1";

/// Who uses the files in a server's folder, and the mark of its processes.
#[derive(Debug, Serialize, Deserialize)]
struct Record {
    run: String,
    owner: Identity,
}

/// A running API server.
#[derive(Debug)]
pub struct ApiServer {
    folder: PathBuf,
    run: String,
    server: String,
    kubectl: Kubectl,
    children: Vec<Child>,
}

impl ApiServer {
    /// Starts etcd and kube-apiserver, and waits until they are ready. ServiceAccounts are not
    /// required of pods, for nothing here would make them.
    ///
    /// # Errors
    ///
    /// When the programs can't be built, or do not come up in time.
    pub fn start() -> Result<ApiServer> {
        let paths = Paths::from_environment()?;
        toolchain::ensure(&paths, &[toolchain::KUBERNETES, toolchain::ETCD])?;
        sweep(&paths)?;
        let mut attempt = 1;
        loop {
            match ApiServer::start_once(&paths) {
                Err(error) if attempt < ATTEMPTS && is_port_taken(&error) => attempt += 1,
                result => return result,
            }
        }
    }

    fn start_once(paths: &Paths) -> Result<ApiServer> {
        static N_STARTED: AtomicU32 = AtomicU32::new(0);
        let number = N_STARTED.fetch_add(1, Ordering::Relaxed);
        let folder = paths
            .api_servers()
            .join(format!("{}-{number}", std::process::id()));
        let record = Record {
            run: uuid::Uuid::new_v4().to_string(),
            owner: Identity::of_this_process()?,
        };
        write_whole(&record_of(&folder), &serde_json::to_vec(&record)?)?;
        let (pki, etcd_data) = (folder.join("pki"), folder.join("etcd"));
        let [clients, peers, port] = free_ports()?;
        let plane = ControlPlane {
            pki: &pki,
            etcd_data: &etcd_data,
            etcd_ports: (clients, peers),
            address: LOOPBACK,
            port,
        };
        plane.make_certificates()?;
        let mut server = ApiServer {
            kubectl: Kubectl {
                kubectl: toolchain::KUBERNETES.program(paths, "kubectl"),
                helm: toolchain::HELM.program(paths, "helm"),
                kubeconfig: pki.join("admin.kubeconfig"),
                cache: folder.join("cache"),
                run: Some(record.run.clone()),
            },
            folder: folder.clone(),
            run: record.run,
            server: plane.server(),
            children: Vec::new(),
        };
        let mut arguments = plane.apiserver();
        arguments.push("--disable-admission-plugins=ServiceAccount".to_owned());
        server.spawn(&toolchain::ETCD.program(paths, "etcd"), &plane.etcd())?;
        server.spawn(
            &toolchain::KUBERNETES.program(paths, "kube-apiserver"),
            &arguments,
        )?;
        let kubectl = server.kubectl.clone();
        kubectl.wait_for_server(&plane, || server.check())?;
        Ok(server)
    }

    fn spawn(&mut self, program: &Path, arguments: &[String]) -> Result<()> {
        let name = program.file_name().unwrap_or_default().to_string_lossy();
        let path = program.display().to_string();
        let mut command = vec![path.as_str()];
        command.extend(arguments.iter().map(String::as_str));
        let child = process::spawn_tied(&self.run, &name, &self.log(&name), &command)?;
        self.children.push(child);
        Ok(())
    }

    fn log(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.log"))
    }

    /// Fails when one of the two has ended.
    fn check(&mut self) -> Result<()> {
        for (index, name) in ["etcd", "kube-apiserver"].into_iter().enumerate() {
            let child = self.children.get_mut(index).context("it was not started")?;
            if let Some(status) = child.try_wait().context("failed to look after a child")? {
                let tail = log_tail(&self.folder.join(format!("{name}.log")));
                bail!("{name} ended ({status}); {tail}");
            }
        }
        Ok(())
    }

    /// The administrator's kubeconfig.
    pub fn kubeconfig(&self) -> &Path {
        &self.kubectl.kubeconfig
    }

    /// Where it listens: `https://127.0.0.1:<port>`.
    pub fn url(&self) -> &str {
        &self.server
    }

    /// Runs kubectl.
    ///
    /// # Errors
    ///
    /// When it fails; the message holds what it said.
    pub fn kubectl(&self, arguments: &[&str]) -> Result<String> {
        self.kubectl.run(arguments)
    }

    /// Runs helm, which is built when it is not there yet.
    ///
    /// # Errors
    ///
    /// When it fails; the message holds what it said.
    pub fn helm(&self, arguments: &[&str]) -> Result<String> {
        toolchain::ensure(&Paths::from_environment()?, &[toolchain::HELM])?;
        self.kubectl.helm(arguments)
    }

    /// It as a cluster that a user names, without nodes.
    ///
    /// # Errors
    ///
    /// When helm can't be built.
    pub fn as_named(&self) -> Result<Cluster> {
        let paths = Paths::from_environment()?;
        toolchain::ensure(&paths, &[toolchain::HELM])?;
        Ok(Cluster::of_user(&paths, self.kubectl.clone()))
    }

    /// Applies manifests.
    ///
    /// # Errors
    ///
    /// When one is refused; the message holds why.
    pub fn apply(&self, manifests: &str) -> Result<String> {
        self.kubectl.apply(DEFAULT, manifests)
    }
}

impl Drop for ApiServer {
    fn drop(&mut self) {
        for child in &mut self.children {
            // Fails only when it has ended already.
            drop(child.kill());
            drop(child.wait());
        }
        if let Err(error) = std::fs::remove_dir_all(&self.folder) {
            eprintln!("failed to remove {}: {error}", self.folder.display());
        }
    }
}

/// Removes the servers of processes that are gone.
pub(crate) fn sweep(paths: &Paths) -> Result<()> {
    let Ok(folders) = std::fs::read_dir(paths.api_servers()) else {
        return Ok(());
    };
    let _lock = paths.lock("api-server")?;
    for folder in folders.flatten() {
        let folder = folder.path();
        let Ok(bytes) = std::fs::read(record_of(&folder)) else {
            continue; // Its owner is just making or removing it.
        };
        let record: Record = serde_json::from_slice(&bytes)
            .with_context(|| format!("failed to understand {}", record_of(&folder).display()))?;
        if record.owner.is_alive() {
            continue;
        }
        process::kill(&record.run, |_| true)?;
        std::fs::remove_dir_all(&folder)
            .with_context(|| format!("failed to remove {}", folder.display()))?;
    }
    Ok(())
}

fn record_of(folder: &Path) -> PathBuf {
    folder.join("owner.json")
}

/// Ports of loopback that are free now, held together so that they differ.
fn free_ports<const N: usize>() -> Result<[u16; N]> {
    let mut held = Vec::with_capacity(N);
    let mut ports = [0; N];
    for port in &mut ports {
        let listener =
            std::net::TcpListener::bind((LOOPBACK, 0)).context("no port of loopback is free")?;
        *port = listener
            .local_addr()
            .context("a listener has no address")?
            .port();
        held.push(listener);
    }
    Ok(ports)
}

fn is_port_taken(error: &anyhow::Error) -> bool {
    format!("{error:#}").contains("address already in use")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_ports_differ() {
        let [one, two, three] = free_ports().unwrap();
        assert!(one != two && two != three && one != three);
    }
}

//! One node: namespaces, cgroups, containerd, kubelet and kube-proxy on a disk of its own.
//!
//! In: a machine with a network (see [`crate::network`]) and certificates. Out: power on, power off,
//! a command inside, an image imported. Never here: what the API server knows of the node.
//!
//! Power-off first pulls the cable: a machine without power sends no FIN and no RST, its peers are
//! left to wait. Its disk stays: images, volumes, pods' folders.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::control_plane::SERVICE_OF_DNS;
use crate::image::Archive;
use crate::network::{Machine, Network};
use crate::paths::Paths;
use crate::process::{self, Marked, log_tail};
use crate::program::run;
use crate::run::Run;
use crate::wait::until;
use crate::{cgroups, toolchain};

const INIT: &str = include_str!("node/init.sh");

const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Unpacking the addons' images three times on two busy cores is the longest part of it.
const START_TIMEOUT: Duration = Duration::from_secs(180);

/// Where programs in a node keep state that must not be another node's.
pub(crate) const FOLDERS: &[&str] = &[
    "/var/lib/kubelet",
    "/var/lib/containerd",
    "/var/lib/cni",
    "/var/log/pods",
    "/var/log/containers",
    "/etc/cni/net.d",
    "/opt/local-path-provisioner",
];

/// A node of a run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Node<'a> {
    pub(crate) paths: &'a Paths,
    pub(crate) run: &'a Run,
    pub(crate) network: Network,
    pub(crate) machine: Machine,
    /// Value of the label `topology.kubernetes.io/zone`.
    pub(crate) zone: &'a str,
    /// All machines with pods.
    pub(crate) nodes: &'a [Machine],
}

impl Node<'_> {
    fn disk(&self) -> PathBuf {
        self.paths.node(self.machine.name)
    }

    fn log(&self) -> PathBuf {
        self.paths.log(self.machine.name)
    }

    /// Whether its first process lives.
    pub(crate) fn is_on(&self) -> Result<bool> {
        Ok(self.init()?.is_some())
    }

    fn init(&self) -> Result<Option<Marked>> {
        let all = process::find(&self.run.id)?;
        Ok(all
            .into_iter()
            .find(|it| it.name == self.machine.name && it.is_init()))
    }

    /// Starts the node; it comes up on its own from here. `pause` is the image of its sandboxes.
    pub(crate) fn power_on(&self, pause: &str) -> Result<()> {
        let namespace = self.network.namespace(self.machine);
        self.network.plug_in(self.machine, self.nodes)?;
        cgroups::make(&namespace)?;
        self.write_files(pause)?;
        let name = self.machine.name;
        let assignments = [
            // Of root: a user's own may lack iptables.
            ("PATH", PATH.to_owned()),
            ("NODE", name.to_owned()),
            ("NODE_ADDRESS", self.network.address(self.machine)),
            ("ZONE", self.zone.to_owned()),
            ("DISK", self.disk().display().to_string()),
            ("IMAGES", imported(self.paths).display().to_string()),
            ("PKI", self.paths.pki().display().to_string()),
            ("LOGS", folder_of(&self.log())?),
            (
                "BIN",
                folder_of(&toolchain::KUBERNETES.program(self.paths, "kubelet"))?,
            ),
        ]
        .map(|(name, value)| format!("{name}={value}"));
        let network = format!("--net=/run/netns/{namespace}");
        let script = self.disk().join("init.sh").display().to_string();
        // Not `ip netns exec`: it mounts /sys anew, without the cgroups.
        let mut command = vec!["nsenter", network.as_str(), "env"];
        command.extend(assignments.iter().map(String::as_str));
        command.extend([
            "unshare",
            "--mount",
            "--propagation",
            "private",
            "--uts",
            "--ipc",
        ]);
        command.extend(["--pid", "--fork", "--kill-child=SIGKILL", "bash", &script]);
        process::spawn(&self.run.id, name, &self.log(), &command).map(drop)
    }

    /// Waits until containerd runs, the images are there and kubelet is started.
    pub(crate) fn wait_started(&self) -> Result<()> {
        let what = format!("the start of {}", self.machine.name);
        let started = self.disk().join("started");
        let result = until(&what, START_TIMEOUT, || {
            let is_started = started.exists();
            ensure!(
                is_started || self.is_starting()?,
                "{} ended",
                self.machine.name
            );
            Ok(is_started.then_some(()))
        });
        let containerd = self.paths.log(&format!("{}-containerd", self.machine.name));
        result.with_context(|| format!("{}\n{}", log_tail(&self.log()), log_tail(&containerd)))
    }

    /// Whether anything of the node lives: `unshare` does before the first process inside.
    fn is_starting(&self) -> Result<bool> {
        let all = process::find(&self.run.id)?;
        Ok(all.iter().any(|it| it.name == self.machine.name))
    }

    /// Cuts the power.
    pub(crate) fn power_off(&self) -> Result<()> {
        if self.network.is_plugged_in(self.machine) {
            self.network.set_connected(self.machine, false)?;
        }
        process::kill(&self.run.id, |name| name == self.machine.name)?;
        self.network.unplug(self.machine)?;
        cgroups::remove(&self.network.namespace(self.machine))
    }

    /// Runs a command inside the node, as root.
    pub(crate) fn exec(&self, arguments: &[&str]) -> Result<String> {
        let name = self.machine.name;
        let init = self
            .init()?
            .with_context(|| format!("{name} is off: `kubernetes power-on {name}` starts it"))?;
        let mut command = Command::new("nsenter");
        command
            .args(["--target", &init.pid.to_string()])
            .args(["--mount", "--uts", "--ipc", "--net", "--pid", "--"])
            .args(arguments);
        run(&mut command).with_context(|| format!("on {name}"))
    }

    /// Imports an archive, unless the node has it.
    pub(crate) fn import(&self, archive: &Archive) -> Result<()> {
        let file = archive.path.file_name().context("an archive has no name")?;
        let mark = self.disk().join("imported").join(file);
        if mark.exists() {
            return Ok(());
        }
        let path = archive.path.display().to_string();
        self.exec(&["ctr", "--namespace", "k8s.io", "images", "import", &path])?;
        std::fs::write(&mark, "").with_context(|| format!("failed to write {}", mark.display()))
    }

    fn write_files(&self, pause: &str) -> Result<()> {
        let disk = self.disk();
        std::fs::create_dir_all(&disk)
            .with_context(|| format!("failed to make {}", disk.display()))?;
        let started = disk.join("started");
        if started.exists() {
            std::fs::remove_file(&started)
                .with_context(|| format!("failed to remove {}", started.display()))?;
        }
        let files = [
            ("init.sh", INIT.to_owned()),
            (
                "folders",
                FOLDERS.iter().map(|it| format!("{it}\n")).collect(),
            ),
            // Empty of servers: the cluster knows its own names and no others.
            ("resolv.conf", "# no names but the cluster's\n".to_owned()),
            ("containerd.toml", containerd_config(pause)),
            ("cni.conflist", pretty(&self.cni_config())?),
            ("kubelet.yaml", pretty(&self.kubelet_config()?)?),
            ("kube-proxy.yaml", pretty(&self.kube_proxy_config())?),
        ];
        for (name, text) in files {
            let path = disk.join(name);
            std::fs::write(&path, text)
                .with_context(|| format!("failed to write {}", path.display()))?;
        }
        Ok(())
    }

    fn cni_config(&self) -> Value {
        json!({
            "cniVersion": "1.0.0",
            "name": "tidemill",
            "plugins": [
                {
                    "type": "bridge",
                    "bridge": "cni0",
                    "isGateway": true,
                    "ipMasq": false,
                    "hairpinMode": true,
                    "ipam": {
                        "type": "host-local",
                        "ranges": [[{"subnet": self.network.pods(self.machine)}]],
                        "routes": [{"dst": "0.0.0.0/0"}],
                    },
                },
                {"type": "portmap", "capabilities": {"portMappings": true}},
            ],
        })
    }

    fn kubelet_config(&self) -> Result<Value> {
        let pki = |file: String| self.paths.pki().join(file).display().to_string();
        let name = self.machine.name;
        Ok(json!({
            "apiVersion": "kubelet.config.k8s.io/v1beta1",
            "kind": "KubeletConfiguration",
            "authentication": {
                "anonymous": {"enabled": false},
                "webhook": {"enabled": true},
                "x509": {"clientCAFile": pki("ca.crt".to_owned())},
            },
            "authorization": {"mode": "Webhook"},
            "tlsCertFile": pki(format!("{name}.crt")),
            "tlsPrivateKeyFile": pki(format!("{name}.key")),
            "clusterDNS": [SERVICE_OF_DNS],
            "clusterDomain": "cluster.local",
            "resolvConf": self.disk().join("resolv.conf").display().to_string(),
            "cgroupDriver": "cgroupfs",
            // One below its own: kubelets that share a root remove each other's pods.
            "cgroupRoot": format!("/{}", self.network.namespace(self.machine)),
            "containerRuntimeEndpoint": "unix:///run/containerd/containerd.sock",
            "volumePluginDir": "/var/lib/kubelet/volumeplugins",
            "failSwapOn": false,
            "failCgroupV1": false,
            "nodeStatusUpdateFrequency": "2s",
            "nodeLeaseDurationSeconds": 8,
            // The disk is the machine's: neither is its fullness the node's doing, nor can the node
            // mend it by removing images that nobody could pull again.
            "imageGCHighThresholdPercent": 100,
            "evictionHard": {
                "memory.available": "100Mi",
                "nodefs.available": "1%",
                "imagefs.available": "1%",
            },
            // Each of the nodes sees the whole machine's memory.
            "systemReserved": {"memory": format!("{}Ki", others_share(self.nodes.len())?)},
        }))
    }

    fn kube_proxy_config(&self) -> Value {
        let kubeconfig = self.paths.pki().join("kube-proxy.kubeconfig");
        json!({
            "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
            "kind": "KubeProxyConfiguration",
            "clientConnection": {"kubeconfig": kubeconfig.display().to_string()},
            "mode": "iptables",
            "clusterCIDR": self.network.all_pods(),
            "hostnameOverride": self.machine.name,
            // Limits of the whole machine, which a network namespace can't set.
            "conntrack": {
                "maxPerCore": 0,
                "min": 0,
                "tcpEstablishedTimeout": "0s",
                "tcpCloseWaitTimeout": "0s",
            },
        })
    }
}

/// The archives that every node imports when it starts.
pub(crate) fn imported(paths: &Paths) -> PathBuf {
    paths.run().join("images")
}

fn folder_of(path: &Path) -> Result<String> {
    let folder = path.parent().context("a file has no folder")?;
    Ok(folder.display().to_string())
}

/// The memory, in KiB, that one of `n_nodes` leaves to the others.
fn others_share(n_nodes: usize) -> Result<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").context("failed to read the memory")?;
    let total: u64 = text
        .lines()
        .find_map(|it| it.strip_prefix("MemTotal:"))
        .and_then(|it| it.split_whitespace().next()?.parse().ok())
        .context("/proc/meminfo does not tell MemTotal")?;
    Ok(total - total / u64::try_from(n_nodes.max(1))?)
}

fn pretty(value: &Value) -> Result<String> {
    Ok(serde_json::to_string_pretty(value)?)
}

fn containerd_config(pause: &str) -> String {
    format!(
        r#"version = 2
root = "/var/lib/containerd"
state = "/run/containerd"
disabled_plugins = ["io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.zfs"]

[grpc]
address = "/run/containerd/containerd.sock"

[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "{pause}"
# Raising a process above others in the eyes of the OOM killer needs a capability that is missing in
# many virtual machines; without this, no sandbox would start there.
restrict_oom_score_adj = true

[plugins."io.containerd.grpc.v1.cri".containerd]
snapshotter = "overlayfs"
default_runtime_name = "runc"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
SystemdCgroup = false

[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "/usr/lib/cni"
conf_dir = "/etc/cni/net.d"
"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_nodes_leave_two_thirds_to_the_others() {
        let (three, one) = (others_share(3).unwrap(), others_share(1).unwrap());
        assert!(three > 0);
        assert_eq!(one, 0);
    }

    #[test]
    fn the_first_process_is_a_script_that_bash_understands() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("init.sh");
        std::fs::write(&path, INIT).unwrap();
        run(Command::new("bash").arg("-n").arg(&path)).unwrap();
    }
}

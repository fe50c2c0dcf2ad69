//! The programs that Debian has: containerd, runc, CNI plugins, what kubelet and kube-proxy call, and the
//! Kafka client that goes into pods.
//!
//! In: the machine. Out: nothing is missing, or an error that says what is. Never here: programs
//! that are built (see [`crate::toolchain`]).

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::program::run;

/// A file that must be there, and the package that brings it.
const WANTED: &[(&str, &str)] = &[
    ("containerd", "containerd"),
    ("ctr", "containerd"),
    ("runc", "runc"),
    ("/usr/lib/cni/bridge", "containernetworking-plugins"),
    ("iptables", "iptables"),
    ("conntrack", "conntrack"),
    ("ip", "iproute2"),
    ("nsenter", "util-linux"),
    ("mount", "mount"),
    ("modprobe", "kmod"),
    ("/bin/busybox", "busybox-static"),
    ("kcat", "kcat"),
];

/// Installs what is missing, when we are root on Debian; otherwise says what is missing.
pub(crate) fn ensure() -> Result<()> {
    let missing = missing();
    if missing.is_empty() {
        return Ok(());
    }
    let names = missing.join(" ");
    if !is_root() || find("apt-get").is_none() {
        bail!("missing programs; on Debian: apt-get install {names}");
    }
    eprintln!("installing {names}");
    apt(&["update"])?;
    let mut arguments = vec!["install", "-y", "--no-install-recommends"];
    arguments.extend(&missing);
    apt(&arguments)?;
    match self::missing().join(" ").as_str() {
        "" => Ok(()),
        left => bail!("still missing after their installation: {left}"),
    }
}

pub(crate) fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

fn missing() -> Vec<&'static str> {
    let mut packages: Vec<&str> = WANTED
        .iter()
        .filter(|(file, _)| find(file).is_none())
        .map(|(_, package)| *package)
        .collect();
    // Debian's other `busybox` needs a libc, which an image from scratch does not have.
    if Path::new("/bin/busybox").exists() && !is_static("/bin/busybox") {
        packages.push("busybox-static");
    }
    packages.dedup();
    packages
}

/// Where a program is; those of root are looked for even when the PATH does not name their folders.
pub(crate) fn find(file: &str) -> Option<std::path::PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/sbin", "/sbin"].map(Into::into))
        .map(|it| it.join(file))
        .find(|it| it.is_file())
}

/// Whether a program names no dynamic loader.
fn is_static(file: &str) -> bool {
    std::fs::read(file).is_ok_and(|bytes| {
        let head = bytes.get(..4096).unwrap_or(&bytes);
        !head.windows(10).any(|it| it == b"/ld-linux-")
    })
}

fn apt(arguments: &[&str]) -> Result<()> {
    let mut command = Command::new("apt-get");
    command
        .args(["-qq", "-o", "DPkg::Lock::Timeout=300"])
        .args(arguments)
        .env("DEBIAN_FRONTEND", "noninteractive");
    run(&mut command)
        .context("install the packages by hand, then try again")
        .map(drop)
}

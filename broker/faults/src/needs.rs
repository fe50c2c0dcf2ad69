//! What a case needs of the machine.
//!
//! In: the machine. Out: what is missing, and where it comes from. Never here: installing it.

use std::path::{Path, PathBuf};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    Root,
    Strace,
    Nft,
    /// Network namespaces, bridges and bounded rates.
    Iproute,
    Ext4,
    Faketime,
    /// A memory controller of cgroups, of either version.
    MemoryCgroup,
}

const FAKETIME: [&str; 3] = [
    "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1",
    "/usr/lib/faketime/libfaketimeMT.so.1",
    "/usr/lib64/faketime/libfaketimeMT.so.1",
];

/// The library that is loaded before all others and tells the time.
pub(crate) fn faketime() -> Option<&'static Path> {
    FAKETIME.iter().map(Path::new).find(|it| it.is_file())
}

/// Where groups of bounded memory are made, and whether by version 1.
pub(crate) fn memory_cgroup() -> Option<(PathBuf, bool)> {
    let first = Path::new("/sys/fs/cgroup/memory");
    if first.join("memory.limit_in_bytes").is_file() {
        return Some((first.to_owned(), true));
    }
    let second = Path::new("/sys/fs/cgroup");
    let controllers = std::fs::read_to_string(second.join("cgroup.controllers")).ok()?;
    let has_memory = controllers.split_whitespace().any(|it| it == "memory");
    has_memory.then(|| (second.to_owned(), false))
}

fn is_on_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|it| it.join(program).is_file())
}

fn reason(need: Need) -> Option<&'static str> {
    let (is_there, reason) = match need {
        Need::Root => (
            rustix::process::geteuid().is_root(),
            "it must be run as root",
        ),
        Need::Strace => (
            is_on_path("strace"),
            "strace is not installed (Debian: strace)",
        ),
        Need::Nft => (is_on_path("nft"), "nft is not installed (Debian: nftables)"),
        Need::Iproute => (
            is_on_path("ip") && is_on_path("tc"),
            "ip and tc are not installed (Debian: iproute2)",
        ),
        Need::Ext4 => (
            is_on_path("mkfs.ext4"),
            "mkfs.ext4 is not installed (Debian: e2fsprogs)",
        ),
        Need::Faketime => (
            faketime().is_some(),
            "libfaketime is not installed (Debian: libfaketime)",
        ),
        Need::MemoryCgroup => (
            memory_cgroup().is_some(),
            "there is no memory controller of cgroups",
        ),
    };
    (!is_there).then_some(reason)
}

/// Why a case cannot be run here; empty: it can.
pub fn missing(needs: &[Need]) -> Vec<&'static str> {
    needs.iter().filter_map(|it| reason(*it)).collect()
}

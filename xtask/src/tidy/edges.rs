//! Which room may know which: the table of allowed edges between crates, and what keeps the pure
//! ones pure.
//!
//! In: the manifests of the members. Out: findings for an edge that the table does not have and
//! for a dependency that does I/O, keeps time or makes chance in a pure crate.
//! Never here: dev-dependencies, which may be anything.

use std::path::Path;

use anyhow::{Context, Result};

use super::Finding;

/// A member of the workspace and the members it may depend on.
struct Room {
    folder: &'static str,
    name: &'static str,
    may_use: &'static [&'static str],
    purity: Purity,
}

/// Whether a crate may reach the outside.
#[derive(PartialEq, Eq)]
enum Purity {
    /// No clock, randomness, threads, files, sockets or async: only crates of [`PURE_CRATES`].
    Pure,
    /// Whatever it needs.
    Free,
}

/// What a pure crate may depend on from outside the workspace: computation on values alone.
const PURE_CRATES: &[&str] = &[
    "bytes",
    "bytestring",
    "crc-fast",
    "flate2",
    "jiff",
    "k8s-openapi",
    "kube-core",
    "lz4_flex",
    "schemars",
    "serde",
    "serde_json",
    "sha2",
    "snap",
    "thiserror",
    "tracing",
    "twox-hash",
    "zstd",
];

const BROKER: &[&str] = &[
    "broker-types",
    "broker-wire",
    "broker-log",
    "broker-placement",
    "broker-metadata",
    "broker-raft",
    "broker-replica",
    "broker-coordinator",
    "broker-rpc",
    "broker-node",
];

const ROOMS: &[Room] = &[
    room("broker/types", "broker-types", &[], Purity::Pure),
    room(
        "broker/wire",
        "broker-wire",
        &["broker-types"],
        Purity::Pure,
    ),
    room(
        "broker/log",
        "broker-log",
        &["broker-types", "broker-wire"],
        Purity::Free,
    ),
    room(
        "broker/placement",
        "broker-placement",
        &["broker-types"],
        Purity::Pure,
    ),
    room(
        "broker/raft",
        "broker-raft",
        &["broker-types", "broker-wire"],
        Purity::Pure,
    ),
    room(
        "broker/metadata",
        "broker-metadata",
        &["broker-types", "broker-wire", "broker-placement"],
        Purity::Pure,
    ),
    room(
        "broker/replica",
        "broker-replica",
        &["broker-types", "broker-wire"],
        Purity::Pure,
    ),
    room(
        "broker/coordinator",
        "broker-coordinator",
        &["broker-types", "broker-wire"],
        Purity::Pure,
    ),
    room("broker/rpc", "broker-rpc", &[], Purity::Free),
    room("broker/node", "broker-node", BROKER, Purity::Free),
    room("broker/server", "broker-server", BROKER, Purity::Free),
    room("broker/sim", "broker-sim", BROKER, Purity::Free),
    room(
        "broker/bench",
        "broker-bench",
        &["broker-types", "broker-wire"],
        Purity::Free,
    ),
    room(
        "broker/faults",
        "broker-faults",
        &["broker-types", "broker-wire", "broker-rpc", "broker-sim"],
        Purity::Free,
    ),
    room("crds", "crds", &[], Purity::Free),
    room(
        "operator/plan",
        "operator-plan",
        &["crds", "broker-types", "broker-placement"],
        Purity::Pure,
    ),
    room(
        "operator/controller",
        "operator-controller",
        &["crds", "operator-plan", "broker-rpc"],
        Purity::Free,
    ),
    room(
        "operator/cli",
        "operator-cli",
        &["crds", "operator-plan", "broker-rpc"],
        Purity::Free,
    ),
    room(
        "e2e",
        "e2e",
        &["crds", "broker-rpc", "broker-types", "broker-wire"],
        Purity::Free,
    ),
    room("xtask", "xtask", &[], Purity::Free),
];

const fn room(
    folder: &'static str,
    name: &'static str,
    may_use: &'static [&'static str],
    purity: Purity,
) -> Room {
    Room {
        folder,
        name,
        may_use,
        purity,
    }
}

/// Checks every member named in the workspace manifest.
pub(super) fn check(root: &Path) -> Result<Vec<Finding>> {
    let workspace = read(&root.join("Cargo.toml"))?;
    let mut findings = Vec::new();
    for folder in members(&workspace) {
        let place = format!("{folder}/Cargo.toml");
        let Some(room) = ROOMS.iter().find(|it| it.folder == folder) else {
            let what = "the table of rooms (xtask/src/tidy/edges.rs) does not have this crate";
            findings.push(Finding {
                place,
                what: what.to_owned(),
            });
            continue;
        };
        let manifest = read(&root.join(&place))?;
        findings.extend(check_room(room, &place, &manifest));
    }
    Ok(findings)
}

fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("failed to read {}", path.display()))
}

fn check_room(room: &Room, place: &str, manifest: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut find = |what: String| {
        findings.push(Finding {
            place: place.to_owned(),
            what,
        })
    };
    if !manifest.contains(&format!("name = \"{}\"", room.name)) {
        find(format!(
            "a crate's name is its path with hyphens: {}",
            room.name
        ));
    }
    for dependency in dependencies(manifest) {
        let is_ours = ROOMS.iter().any(|it| it.name == dependency);
        if is_ours && !room.may_use.contains(&dependency.as_str()) {
            find(format!("{} may not know {dependency}", room.name));
        }
        let is_pure = PURE_CRATES.contains(&dependency.as_str());
        if room.purity == Purity::Pure && !is_ours && !is_pure {
            find(format!(
                "{} is pure and may not depend on {dependency}",
                room.name
            ));
        }
    }
    findings
}

/// The folders under `members = [...]` of the workspace's manifest.
fn members(manifest: &str) -> Vec<String> {
    let list = manifest
        .split("members = [")
        .nth(1)
        .and_then(|it| it.split(']').next());
    list.unwrap_or_default()
        .split(',')
        .map(|it| it.trim().trim_matches('"').to_owned())
        .filter(|it| !it.is_empty())
        .collect()
}

/// The names under `[dependencies]`, whichever way they are written.
fn dependencies(manifest: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut is_inside = false;
    for line in manifest.lines().map(str::trim) {
        if let Some(table) = line.strip_prefix('[') {
            let table = table.trim_end_matches(']');
            is_inside = table == "dependencies" || table.ends_with(".dependencies");
            if let Some(name) = table.strip_prefix("dependencies.") {
                names.push(name.to_owned());
            }
        } else if is_inside && !line.starts_with('#') {
            let name = line.split(['=', '.', ' ']).next().unwrap_or_default();
            if !name.is_empty() && line.contains('=') {
                names.push(name.to_owned());
            }
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    const PURE: Room = room(
        "broker/raft",
        "broker-raft",
        &["broker-types"],
        Purity::Pure,
    );

    fn findings(dependencies: &str) -> Vec<String> {
        let manifest =
            format!("[package]\nname = \"broker-raft\"\n\n[dependencies]\n{dependencies}\n");
        check_room(&PURE, "broker/raft/Cargo.toml", &manifest)
            .into_iter()
            .map(|it| it.what)
            .collect()
    }

    #[test]
    fn allowed_edges_pass() {
        let none: [String; 0] = [];
        assert_eq!(
            findings("broker-types.workspace = true\nthiserror = \"2\""),
            none
        );
    }

    #[test]
    fn an_edge_outside_the_table_is_found() {
        assert_eq!(
            findings("broker-log = { path = \"../log\" }"),
            ["broker-raft may not know broker-log"]
        );
    }

    #[test]
    fn a_pure_crate_may_not_depend_on_a_runtime() {
        let expected = ["broker-raft is pure and may not depend on tokio"];
        assert_eq!(findings("tokio.workspace = true"), expected);
        assert_eq!(
            findings("\n[dependencies.tokio]\nversion = \"1\""),
            expected
        );
        assert_eq!(
            findings("\n[target.'cfg(unix)'.dependencies]\ntokio = \"1\""),
            expected
        );
    }

    #[test]
    fn dev_dependencies_may_be_anything() {
        let none: [String; 0] = [];
        assert_eq!(findings("\n[dev-dependencies]\ntokio = \"1\""), none);
    }
}

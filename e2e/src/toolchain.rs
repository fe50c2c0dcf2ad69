//! The programs that are built from Go modules, and kept until their pins change.
//!
//! In: the modules under `e2e/kubernetes`, whose go.mod and go.sum pin every version. Out: programs
//! in the folder of the harness. Never here: running them.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use aws_lc_rs::digest;

use crate::packages;
use crate::paths::Paths;
use crate::program::last_lines;

/// How often a long build says that it goes on.
const REPORT_EVERY: Duration = Duration::from_secs(15);

/// One Go module of pins and the programs that are built from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Module {
    name: &'static str,
    /// Package and program.
    programs: &'static [(&'static str, &'static str)],
    /// Module whose version the programs are told to report.
    version_of: Option<&'static str>,
}

pub(crate) const KUBERNETES: Module = Module {
    name: "kubernetes",
    programs: &[
        ("k8s.io/kubernetes/cmd/kube-apiserver", "kube-apiserver"),
        (
            "k8s.io/kubernetes/cmd/kube-controller-manager",
            "kube-controller-manager",
        ),
        ("k8s.io/kubernetes/cmd/kube-proxy", "kube-proxy"),
        ("k8s.io/kubernetes/cmd/kube-scheduler", "kube-scheduler"),
        ("k8s.io/kubernetes/cmd/kubectl", "kubectl"),
        ("k8s.io/kubernetes/cmd/kubelet", "kubelet"),
    ],
    version_of: Some("k8s.io/kubernetes"),
};

pub(crate) const ETCD: Module = Module {
    name: "etcd",
    programs: &[("go.etcd.io/etcd/server/v3", "etcd")],
    version_of: None,
};

pub(crate) const COREDNS: Module = Module {
    name: "coredns",
    programs: &[("github.com/coredns/coredns", "coredns")],
    version_of: None,
};

pub(crate) const LOCAL_PATH_PROVISIONER: Module = Module {
    name: "local-path-provisioner",
    programs: &[(
        "github.com/rancher/local-path-provisioner",
        "local-path-provisioner",
    )],
    version_of: None,
};

pub(crate) const HELM: Module = Module {
    name: "helm",
    programs: &[("helm.sh/helm/v3/cmd/helm", "helm")],
    version_of: None,
};

/// Everything that a cluster needs.
pub(crate) const ALL: &[Module] = &[KUBERNETES, ETCD, COREDNS, LOCAL_PATH_PROVISIONER, HELM];

/// Builds of `modules` what is not there or has other pins, one after the other.
pub(crate) fn ensure(paths: &Paths, modules: &[Module]) -> Result<()> {
    let stale = |module: &Module| -> Result<bool> {
        let stamp = std::fs::read_to_string(module.stamp(paths)).unwrap_or_default();
        Ok(stamp != module.digest()?)
    };
    let mut is_fresh = true;
    for module in modules {
        is_fresh &= !stale(module)?;
    }
    if is_fresh {
        return Ok(());
    }
    // The lock is for the building alone: who finds everything fresh needs none.
    let _lock = paths.lock("bin")?;
    for module in modules {
        if stale(module)? {
            module.build(paths)?;
        }
    }
    Ok(())
}

impl Module {
    fn pins(&self) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("kubernetes")
            .join(self.name)
    }

    fn folder(&self, paths: &Paths) -> PathBuf {
        paths.bin().join(self.name)
    }

    fn stamp(&self, paths: &Paths) -> PathBuf {
        self.folder(paths).join("pins.sha256")
    }

    /// Of all that decides what is built, apart from the Go toolchain.
    pub(crate) fn digest(&self) -> Result<String> {
        let mut digest = digest::Context::new(&digest::SHA256);
        for file in ["go.mod", "go.sum"] {
            let path = self.pins().join(file);
            let bytes = std::fs::read(&path)
                .with_context(|| format!("failed to read {}", path.display()))?;
            digest.update(&bytes);
        }
        digest.update(self.linker_flags()?.as_bytes());
        for (package, program) in self.programs {
            digest.update(format!("{package} {program}\n").as_bytes());
        }
        Ok(hex(digest.finish().as_ref()))
    }

    /// The programs' own idea of their version, which a build from a module does not know.
    fn linker_flags(&self) -> Result<String> {
        let mut flags = "-s -w".to_owned();
        let Some(module) = self.version_of else {
            return Ok(flags);
        };
        let version = self.version(module)?;
        let mut numbers = version.trim_start_matches('v').split('.');
        let (Some(major), Some(minor)) = (numbers.next(), numbers.next()) else {
            bail!("{module} has the version {version}, which is not of the form v1.2.3");
        };
        for (variable, value) in [
            ("k8s.io/component-base/version.gitVersion", version.as_str()),
            ("k8s.io/component-base/version.gitMajor", major),
            ("k8s.io/component-base/version.gitMinor", minor),
            ("k8s.io/client-go/pkg/version.gitVersion", version.as_str()),
        ] {
            flags.push_str(&format!(" -X {variable}={value}"));
        }
        Ok(flags)
    }

    /// The version of a module that go.mod requires.
    fn version(&self, module: &str) -> Result<String> {
        let path = self.pins().join("go.mod");
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("failed to read {}", path.display()))?;
        text.lines()
            .map(|it| it.trim().trim_start_matches("require "))
            .find_map(|it| it.strip_prefix(module)?.strip_prefix(' '))
            .and_then(|it| it.split_whitespace().next())
            .map(str::to_owned)
            .with_context(|| format!("{} requires no {module}", path.display()))
    }

    fn build(&self, paths: &Paths) -> Result<()> {
        if packages::find("go").is_none() {
            bail!(
                "missing: Go 1.25 or newer, to build {}; see https://go.dev/dl",
                self.name
            );
        }
        let new = paths.bin().join(format!("{}.new", self.name));
        remove(&new)?;
        std::fs::create_dir_all(&new)
            .with_context(|| format!("failed to make {}", new.display()))?;
        self.compile(&new)?;
        std::fs::write(new.join("pins.sha256"), self.digest()?)
            .with_context(|| format!("failed to stamp {}", new.display()))?;
        let folder = self.folder(paths);
        remove(&folder)?;
        std::fs::rename(&new, &folder)
            .with_context(|| format!("failed to put {} in place", folder.display()))
    }

    fn compile(&self, into: &Path) -> Result<()> {
        let mut command = Command::new("nice");
        command
            .args([
                "-n",
                "10",
                "go",
                "build",
                "-v",
                "-buildvcs=false",
                "-mod=readonly",
            ])
            .args(["-ldflags", &self.linker_flags()?, "-o"])
            .arg(match self.programs {
                // One program gets its name here: a package's last element may be its version.
                [(_, program)] => into.join(program),
                _ => into.join(""),
            })
            .args(self.programs.iter().map(|(package, _)| package))
            .current_dir(self.pins())
            // Programs without a libc run in images from scratch, and need no C compiler here.
            .env("CGO_ENABLED", "0")
            .env_remove("GOFLAGS");
        build(command, self.name)
    }

    /// The path of one of the module's programs.
    pub(crate) fn program(&self, paths: &Paths, program: &str) -> PathBuf {
        self.folder(paths).join(program)
    }
}

fn remove(folder: &Path) -> Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("failed to remove {}", folder.display()))
        }
        _ => Ok(()),
    }
}

/// Builds some of the workspace's programs, each a package and a name, so that they need nothing of the
/// machine that they run on, not even a libc. Gives the folder that they are in.
///
/// All in one go: what they share is then compiled once.
pub(crate) fn build_static(programs: &[(&str, &str)]) -> Result<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .context("e2e is not inside the workspace")?;
    let target = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    let folder = match std::env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => root.join(folder),
        None => root.join("target"),
    };
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command
        .args(["build", "--profile", "fast"])
        // Named, though it is the host's: so the flags reach neither build scripts nor macros.
        .args(["--target", &target])
        .current_dir(root)
        .env("RUSTFLAGS", "-C target-feature=+crt-static");
    let mut names = Vec::new();
    for (package, program) in programs {
        command.args(["--package", package, "--bin", program]);
        names.push(*program);
    }
    build(command, &names.join(" and "))?;
    Ok(folder.join(target).join("fast"))
}

/// Runs a compiler, and says now and then that it goes on. It names a package per line.
fn build(mut command: Command, what: &str) -> Result<()> {
    let started = Instant::now();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("failed to start building {what}"))?;
    let stderr = child.stderr.take().context("the child has no stderr")?;
    let (mut n_lines, mut text, mut reported) = (0_u32, String::new(), started);
    for line in BufReader::new(stderr).lines() {
        let line = line.context("failed to read what a compiler says")?;
        n_lines += 1;
        text.push_str(&line);
        text.push('\n');
        if reported.elapsed() >= REPORT_EVERY {
            let seconds = started.elapsed().as_secs();
            eprintln!("building {what}: {seconds} s, {n_lines} packages");
            reported = Instant::now();
        }
    }
    let status = child.wait().context("failed to wait for a compiler")?;
    if !status.success() {
        bail!("failed to build {what}:\n{}", last_lines(&text, 30));
    }
    if started.elapsed() >= REPORT_EVERY {
        eprintln!("built {what} in {} s", started.elapsed().as_secs());
    }
    Ok(())
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|it| format!("{it:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_module_has_its_pins() {
        let mut digests = Vec::new();
        for module in ALL {
            digests.push(module.digest().unwrap());
        }
        digests.sort();
        digests.dedup();
        assert_eq!(digests.len(), ALL.len());
    }

    #[test]
    fn kubernetes_reports_the_version_that_is_pinned() {
        let version = KUBERNETES.version("k8s.io/kubernetes").unwrap();
        let flags = KUBERNETES.linker_flags().unwrap();
        assert!(version.starts_with("v1."), "{version}");
        assert!(
            flags.contains(&format!("version.gitVersion={version}")),
            "{flags}"
        );
        assert!(flags.contains("version.gitMajor=1 "), "{flags}");
    }

    #[test]
    fn the_staging_modules_are_those_of_the_release() {
        let version = KUBERNETES.version("k8s.io/kubernetes").unwrap();
        let staging = version.replacen("v1.", "v0.", 1);
        let text = std::fs::read_to_string(KUBERNETES.pins().join("go.mod")).unwrap();
        let replaced: Vec<&str> = text.lines().filter(|it| it.contains(" => ")).collect();
        assert!(replaced.len() > 20);
        for line in replaced {
            assert!(line.ends_with(&staging), "{line}");
        }
    }
}

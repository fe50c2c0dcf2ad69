//! Where the harness keeps its files: outside the checkout, in one folder.
//!
//! In: the environment. Out: the paths of all other modules, and the lock that lets one harness at a
//! time change a run. Never here: what is in the files.

use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

/// Names the folder in which everything is kept.
const FOLDER: &str = "TIDEMILL_E2E_DIR";

/// The folder of the harness and what lies in it.
///
/// ```text
///   bin/<module>/        programs built from Go modules
///   images/              archives, named by their content
///   run/                 the cluster: run.json, pki/, log/, etcd/, node-a/ ...
///   api-server/<owner>/  an API server alone, for one test process each
/// ```
#[derive(Clone, Debug)]
pub struct Paths {
    root: PathBuf,
}

impl Paths {
    /// The folder that `TIDEMILL_E2E_DIR` names, else one in the user's cache.
    ///
    /// # Errors
    ///
    /// When no home is known, or the folder can't be made.
    pub fn from_environment() -> Result<Paths> {
        let named = |name: &str| std::env::var_os(name).map(PathBuf::from);
        let root = match (named(FOLDER), named("XDG_CACHE_HOME"), named("HOME")) {
            (Some(folder), _, _) => folder,
            (None, Some(cache), _) => cache.join("tidemill/kubernetes"),
            (None, None, Some(home)) => home.join(".cache/tidemill/kubernetes"),
            (None, None, None) => {
                anyhow::bail!("neither {FOLDER}, XDG_CACHE_HOME nor HOME is set: set one of them")
            }
        };
        Paths::at(&root)
    }

    /// The folder `root`, made when it is missing.
    ///
    /// # Errors
    ///
    /// When it can't be made, or lies where the nodes have file systems of their own.
    pub fn at(root: &Path) -> Result<Paths> {
        std::fs::create_dir_all(root)
            .with_context(|| format!("failed to make {}", root.display()))?;
        let root = root
            .canonicalize()
            .with_context(|| format!("failed to find {}", root.display()))?;
        for private in ["/run", "/proc", "/var/lib/kubelet", "/var/lib/containerd"] {
            ensure!(
                !root.starts_with(private),
                "{} lies in {private}, which the nodes don't share: set {FOLDER} to another folder",
                root.display()
            );
        }
        Ok(Paths { root })
    }

    pub(crate) fn bin(&self) -> PathBuf {
        self.root.join("bin")
    }

    /// Where archives of images are kept.
    pub fn images(&self) -> PathBuf {
        self.root.join("images")
    }

    pub(crate) fn run(&self) -> PathBuf {
        self.root.join("run")
    }

    pub(crate) fn pki(&self) -> PathBuf {
        self.run().join("pki")
    }

    /// The log of one process of the cluster.
    pub(crate) fn log(&self, name: &str) -> PathBuf {
        self.run().join("log").join(format!("{name}.log"))
    }

    /// What one node keeps on its disk.
    pub(crate) fn node(&self, name: &str) -> PathBuf {
        self.run().join(name)
    }

    pub(crate) fn api_servers(&self) -> PathBuf {
        self.root.join("api-server")
    }

    /// What became of a cluster after the test process that used it last.
    pub(crate) fn release_log(&self) -> PathBuf {
        self.root.join("release.log")
    }

    /// Waits for the lock named `what`; it is free again when the file is dropped, or its holder dies.
    pub(crate) fn lock(&self, what: &str) -> Result<File> {
        let path = self.root.join(format!("{what}.lock"));
        let file =
            File::create(&path).with_context(|| format!("failed to open {}", path.display()))?;
        if file.try_lock().is_err() {
            eprintln!("waiting for another harness that holds {}", path.display());
            file.lock()
                .with_context(|| format!("failed to lock {}", path.display()))?;
        }
        Ok(file)
    }
}

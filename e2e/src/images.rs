//! The images that a cluster of the harness holds: those of its addons, and the project's own.
//!
//! In: built programs. Out: archives. Never here: how an archive is made (see [`crate::image`]).

use std::path::Path;

use anyhow::{Context, Result};

use crate::image::{Archive, Image};
use crate::paths::Paths;
use crate::program::run;
use crate::toolchain::{COREDNS, LOCAL_PATH_PROVISIONER, build_static};

/// Debian's static busybox: a shell and the usual tools in one file.
const BUSYBOX: &str = "/bin/busybox";
/// About as long as anything lives; the kernel's timers take no more.
const FOR_EVER: &str = "2147483647";

/// What every node needs before its first pod.
#[derive(Clone, Debug)]
pub(crate) struct AddonImages {
    /// The container that holds a pod's namespaces.
    pub(crate) pause: Archive,
    /// A shell; for the provisioner's helpers, and for tests.
    pub(crate) busybox: Archive,
    pub(crate) coredns: Archive,
    pub(crate) local_path_provisioner: Archive,
}

impl AddonImages {
    pub(crate) fn write(paths: &Paths) -> Result<AddonImages> {
        let folder = paths.images();
        let busybox = busybox()?;
        let program = |name: &str, path: &Path| {
            let inside = format!("/{name}");
            Image::new(name)
                .copy(&inside, path, 0o755)
                .entrypoint(&[&inside])
                .write(&folder)
        };
        Ok(AddonImages {
            pause: busybox
                .clone()
                .entrypoint(&[BUSYBOX, "sleep", FOR_EVER])
                .named("pause")
                .write(&folder)?,
            busybox: busybox.write(&folder)?,
            coredns: program("coredns", &COREDNS.program(paths, "coredns"))?,
            local_path_provisioner: program(
                "local-path-provisioner",
                &LOCAL_PATH_PROVISIONER.program(paths, "local-path-provisioner"),
            )?,
        })
    }

    pub(crate) fn all(&self) -> [&Archive; 4] {
        [
            &self.pause,
            &self.busybox,
            &self.coredns,
            &self.local_path_provisioner,
        ]
    }
}

/// Busybox with a link for each of its tools.
pub(crate) fn busybox() -> Result<Image> {
    let mut image = Image::new("busybox").copy(BUSYBOX, Path::new(BUSYBOX), 0o755);
    let tools = run(std::process::Command::new(BUSYBOX).arg("--list"))?;
    for tool in tools.lines().filter(|it| *it != "busybox") {
        image = image.link(&format!("/bin/{tool}"), "busybox");
    }
    Ok(image)
}

/// The project's own images.
#[derive(Clone, Debug)]
pub struct ProjectImages {
    /// `tidemill-broker`.
    pub broker: Archive,
    /// `tidemill-operator`.
    pub operator: Archive,
}

/// Builds broker and operator as static programs and makes their images.
///
/// # Errors
///
/// When they don't compile.
pub fn build_project_images(paths: &Paths) -> Result<ProjectImages> {
    let (broker, operator) = ("tidemill-broker", "tidemill-operator");
    let folder = build_static(&[("broker-server", broker), ("operator-controller", operator)])
        .with_context(|| format!("failed to build {broker} and {operator}"))?;
    let image =
        |program: &str| Image::of_program(program, &folder.join(program)).write(&paths.images());
    Ok(ProjectImages {
        broker: image(broker)?,
        operator: image(operator)?,
    })
}

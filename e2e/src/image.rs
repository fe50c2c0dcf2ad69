//! Container images made without a docker engine: files in, an archive that containerd imports out.
//!
//! In: what the image holds. Out: a docker-archive of one layer, whose tag is the hash of its
//! content: the same content has the same name on every machine, another content never has it. Never
//! here: registries, base images.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context, Result, ensure};
use aws_lc_rs::digest;
use serde_json::json;

use crate::tar::Writer;
use crate::toolchain::hex;

/// The certificates of public authorities, where Debian keeps them.
const CERTIFICATES: &str = "/etc/ssl/certs/ca-certificates.crt";
/// Of one name: the one that is being tried, and some that a cluster still starts nodes with.
const ARCHIVES_KEPT: usize = 5;
/// Images have no date: it would change their tag.
const CREATED: &str = "1970-01-01T00:00:00Z";

#[derive(Clone, Debug)]
enum Entry {
    Copy { from: PathBuf, mode: u32 },
    Text { text: String, mode: u32 },
    Link { target: String },
    Folder { mode: u32 },
}

/// What an image will hold. Starts as what every program may expect: users, a place for temporary
/// files, certificates of public authorities when this machine has them.
#[derive(Clone, Debug)]
pub struct Image {
    repository: String,
    /// By path, without the leading slash: in order, so that the archive is always the same.
    entries: BTreeMap<String, Entry>,
    entrypoint: Vec<String>,
    user: String,
}

/// An image in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Archive {
    /// Name and tag, as a pod names it.
    pub reference: String,
    /// The docker-archive.
    pub path: PathBuf,
}

impl Image {
    /// An image called `tidemill.local/<name>`.
    pub fn new(name: &str) -> Image {
        let mut image = Image {
            repository: format!("tidemill.local/{name}"),
            entries: BTreeMap::new(),
            entrypoint: Vec::new(),
            user: "0:0".to_owned(),
        };
        image.add("tmp", Entry::Folder { mode: 0o1777 });
        image = image
            .text(
                "/etc/passwd",
                "root:x:0:0:root:/:/bin/sh\nnonroot:x:65532:65532:nonroot:/:/bin/false\n\
                 nobody:x:65534:65534:nobody:/:/bin/false\n",
            )
            .text(
                "/etc/group",
                "root:x:0:\nnonroot:x:65532:\nnogroup:x:65534:\n",
            );
        if Path::new(CERTIFICATES).is_file() {
            image = image.copy(CERTIFICATES, Path::new(CERTIFICATES), 0o644);
        }
        image
    }

    /// An image of one static program, which runs as a user without rights.
    pub fn of_program(name: &str, program: &Path) -> Image {
        let inside = format!("/{name}");
        Image::new(name)
            .copy(&inside, program, 0o755)
            .entrypoint(&[&inside])
            .user("65532:65532")
    }

    /// The same under another name, `tidemill.local/<name>`.
    #[must_use]
    pub fn named(mut self, name: &str) -> Image {
        self.repository = format!("tidemill.local/{name}");
        self
    }

    /// Adds a copy of the file `from`.
    #[must_use]
    pub fn copy(mut self, path: &str, from: &Path, mode: u32) -> Image {
        let from = from.to_owned();
        self.add(path, Entry::Copy { from, mode });
        self
    }

    /// Adds a file that holds `text`.
    #[must_use]
    pub fn text(mut self, path: &str, text: &str) -> Image {
        let (text, mode) = (text.to_owned(), 0o644);
        self.add(path, Entry::Text { text, mode });
        self
    }

    /// Adds a symbolic link.
    #[must_use]
    pub fn link(mut self, path: &str, target: &str) -> Image {
        let target = target.to_owned();
        self.add(path, Entry::Link { target });
        self
    }

    /// What a container runs unless its pod says otherwise.
    #[must_use]
    pub fn entrypoint(mut self, words: &[&str]) -> Image {
        self.entrypoint = words.iter().map(|it| (*it).to_owned()).collect();
        self
    }

    /// As whom it runs, `uid:gid`.
    #[must_use]
    pub fn user(mut self, user: &str) -> Image {
        user.clone_into(&mut self.user);
        self
    }

    /// Adds an entry, and the folders above it.
    fn add(&mut self, path: &str, entry: Entry) {
        let path = path.trim_start_matches('/').to_owned();
        for (at, _) in path.match_indices('/') {
            let above = path.split_at(at).0.to_owned();
            self.entries
                .entry(above)
                .or_insert(Entry::Folder { mode: 0o755 });
        }
        self.entries.insert(path, entry);
    }

    /// Writes the archive into `folder`, unless one with the same content is there.
    ///
    /// # Errors
    ///
    /// When a file can't be read or written.
    pub fn write(&self, folder: &Path) -> Result<Archive> {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("failed to make {}", folder.display()))?;
        // Of this process alone: two may write the same image at a time.
        let layer = folder.join(format!("layer-{}.tmp", uuid::Uuid::new_v4()));
        let archive = self.write_with_layer(folder, &layer);
        std::fs::remove_file(&layer)
            .with_context(|| format!("failed to remove {}", layer.display()))?;
        archive
    }

    fn write_with_layer(&self, folder: &Path, layer: &Path) -> Result<Archive> {
        let layer_digest = self.write_layer(layer)?;
        let config = serde_json::to_vec(&self.config(&layer_digest)?)?;
        // The config names the layer's digest, so its own digest speaks for all of the content.
        let config_digest = hex(digest::digest(&digest::SHA256, &config).as_ref());
        let archive = self.archive(folder, &config_digest)?;
        if let Ok(file) = File::open(&archive.path) {
            file.set_modified(SystemTime::now())
                .context("failed to renew an archive")?;
            return Ok(archive);
        }
        let new = layer.with_extension("tar");
        let file =
            File::create(&new).with_context(|| format!("failed to open {}", new.display()))?;
        let mut writer = Writer::new(BufWriter::new(file));
        let config_name = format!("{config_digest}.json");
        let manifest = serde_json::to_vec(&json!([{
            "Config": config_name,
            "RepoTags": [archive.reference],
            "Layers": ["layer.tar"],
        }]))?;
        writer.file(&config_name, 0o644, config.len() as u64, config.as_slice())?;
        let from =
            File::open(layer).with_context(|| format!("failed to open {}", layer.display()))?;
        let length = from.metadata().context("failed to measure a layer")?.len();
        writer.file("layer.tar", 0o644, length, from)?;
        writer.file(
            "manifest.json",
            0o644,
            manifest.len() as u64,
            manifest.as_slice(),
        )?;
        writer
            .finish()?
            .flush()
            .context("failed to write an archive")?;
        std::fs::rename(&new, &archive.path)
            .with_context(|| format!("failed to put {} in place", archive.path.display()))?;
        self.remove_old(folder)?;
        Ok(archive)
    }

    /// Removes all but the newest archives of the same name.
    fn remove_old(&self, folder: &Path) -> Result<()> {
        let mut found = Vec::new();
        let entries = std::fs::read_dir(folder)
            .with_context(|| format!("failed to read {}", folder.display()))?;
        for entry in entries.flatten() {
            let file = entry.file_name().to_string_lossy().into_owned();
            let is_same = file
                .strip_suffix(".tar")
                .and_then(|it| it.rsplit_once('-'))
                .is_some_and(|(name, _)| name == self.name());
            if is_same && let Ok(modified) = entry.metadata().and_then(|it| it.modified()) {
                found.push((modified, entry.path()));
            }
        }
        found.sort();
        found.reverse();
        for (_, path) in found.iter().skip(ARCHIVES_KEPT) {
            std::fs::remove_file(path)
                .with_context(|| format!("failed to remove {}", path.display()))?;
        }
        Ok(())
    }

    fn name(&self) -> &str {
        self.repository.rsplit('/').next().unwrap_or_default()
    }

    fn archive(&self, folder: &Path, digest: &str) -> Result<Archive> {
        let tag = digest.get(..16).context("a digest is longer than a tag")?;
        Ok(Archive {
            reference: format!("{}:{tag}", self.repository),
            path: folder.join(format!("{}-{tag}.tar", self.name())),
        })
    }

    /// Writes the layer and gives its digest.
    fn write_layer(&self, path: &Path) -> Result<String> {
        let file =
            File::create(path).with_context(|| format!("failed to open {}", path.display()))?;
        let mut writer = Writer::new(Hashing {
            to: BufWriter::new(file),
            digest: digest::Context::new(&digest::SHA256),
        });
        for (name, entry) in &self.entries {
            match entry {
                Entry::Copy { from, mode } => {
                    let file = File::open(from)
                        .with_context(|| format!("failed to open {}", from.display()))?;
                    let about = file
                        .metadata()
                        .with_context(|| format!("failed to measure {}", from.display()))?;
                    ensure!(about.is_file(), "{} is not a file", from.display());
                    writer.file(name, *mode, about.len(), file)?;
                }
                Entry::Text { text, mode } => {
                    writer.file(name, *mode, text.len() as u64, text.as_bytes())?;
                }
                Entry::Link { target } => writer.link(name, target)?,
                Entry::Folder { mode } => writer.folder(name, *mode)?,
            }
        }
        let mut hashing = writer.finish()?;
        hashing.flush().context("failed to write a layer")?;
        Ok(hex(hashing.digest.finish().as_ref()))
    }

    /// The OCI image config.
    fn config(&self, layer_digest: &str) -> Result<serde_json::Value> {
        Ok(json!({
            "architecture": architecture()?,
            "os": "linux",
            "created": CREATED,
            "config": {
                "User": self.user,
                "Env": ["PATH=/bin:/"],
                "Entrypoint": self.entrypoint,
            },
            "rootfs": {"type": "layers", "diff_ids": [format!("sha256:{layer_digest}")]},
            "history": [{"created": CREATED}],
        }))
    }
}

/// This machine's architecture, in Go's words, which images use.
fn architecture() -> Result<&'static str> {
    match std::env::consts::ARCH {
        "x86_64" => Ok("amd64"),
        "aarch64" => Ok("arm64"),
        other => anyhow::bail!("no images are made for {other}"),
    }
}

/// Passes bytes on and hashes them.
struct Hashing<W> {
    to: W,
    digest: digest::Context,
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let n = self.to.write(bytes)?;
        self.digest.update(bytes.get(..n).unwrap_or_default());
        Ok(n)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.to.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::run;
    use std::process::Command;

    #[test]
    fn the_same_content_has_the_same_tag_and_other_content_another() {
        let folder = tempfile::tempdir().unwrap();
        let image = Image::new("x").text("/a/b/c", "one");
        let one = image.write(folder.path()).unwrap();
        assert_eq!(image.write(folder.path()).unwrap(), one);
        for other in [
            image.clone().text("/a/b/c", "two"),
            image.clone().entrypoint(&["/a/b/c"]),
            image.clone().user("1:1"),
            image.clone().link("/d", "a"),
        ] {
            let other = other.write(folder.path()).unwrap();
            assert_ne!(other.reference, one.reference);
        }
        let left = std::fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(left, 5, "temporary files were left");
    }

    #[test]
    fn only_the_newest_archives_of_a_name_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let image = Image::new(name).text("/a", text);
            image.write(folder.path()).unwrap()
        };
        let (first, other) = (write("x", "first"), write("x-y", "other"));
        let mut last = first.clone();
        for number in 0..ARCHIVES_KEPT {
            last = write("x", &number.to_string());
        }
        assert!(!first.path.exists());
        assert!(last.path.exists() && other.path.exists());
    }

    #[test]
    fn an_archive_names_its_config_layer_and_reference() {
        let folder = tempfile::tempdir().unwrap();
        let archive = Image::new("x").write(folder.path()).unwrap();
        let path = archive.path.to_str().unwrap();
        let manifest = run(Command::new("tar").args(["-xOf", path, "manifest.json"])).unwrap();
        let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
        assert_eq!(manifest[0]["RepoTags"][0], archive.reference.as_str());
        let config = manifest[0]["Config"].as_str().unwrap();
        let config = run(Command::new("tar").args(["-xOf", path, config])).unwrap();
        let config: serde_json::Value = serde_json::from_str(&config).unwrap();
        let script = format!("tar -xOf {path} layer.tar | sha256sum | cut -d' ' -f1");
        let digest = run(Command::new("sh").args(["-c", &script])).unwrap();
        let expected = format!("sha256:{}", digest.trim());
        assert_eq!(config["rootfs"]["diff_ids"][0], expected.as_str());
    }

    #[test]
    fn folders_above_an_entry_are_made() {
        let image = Image::new("x").text("/a/b/c", "one");
        assert!(matches!(
            image.entries["a/b"],
            Entry::Folder { mode: 0o755 }
        ));
        assert!(matches!(
            image.entries["tmp"],
            Entry::Folder { mode: 0o1777 }
        ));
    }
}

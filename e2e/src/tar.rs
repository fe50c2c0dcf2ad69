//! Tar archives (POSIX ustar), as far as an image needs them.
//!
//! In: names and contents. Out: the same bytes for the same input: times and owners are zero. Never
//! here: reading archives, names over 100 bytes.

use std::io::{Read, Write};

use anyhow::{Context, Result, ensure};

const BLOCK: usize = 512;
const NAME_BYTES_MAX: usize = 100;

/// Writes entries one after the other.
pub(crate) struct Writer<W> {
    to: W,
}

impl<W: Write> Writer<W> {
    pub(crate) fn new(to: W) -> Writer<W> {
        Writer { to }
    }

    pub(crate) fn folder(&mut self, name: &str, mode: u32) -> Result<()> {
        self.header(&format!("{name}/"), mode, 0, b'5', "")
    }

    pub(crate) fn link(&mut self, name: &str, target: &str) -> Result<()> {
        self.header(name, 0o777, 0, b'2', target)
    }

    /// Adds a file of exactly `length` bytes.
    pub(crate) fn file(
        &mut self,
        name: &str,
        mode: u32,
        length: u64,
        mut from: impl Read,
    ) -> Result<()> {
        self.header(name, mode, length, b'0', "")?;
        let n_copied = std::io::copy(&mut (&mut from).take(length), &mut self.to)
            .with_context(|| format!("failed to archive {name}"))?;
        ensure!(
            n_copied == length,
            "{name} has {n_copied} bytes, expected {length}: it changed meanwhile"
        );
        let block = BLOCK as u64;
        let padding = usize::try_from((block - length % block) % block)?;
        self.zeros(padding)
    }

    /// Ends the archive and gives back what it was written to.
    pub(crate) fn finish(mut self) -> Result<W> {
        self.zeros(2 * BLOCK)?;
        Ok(self.to)
    }

    fn zeros(&mut self, n: usize) -> Result<()> {
        self.to
            .write_all(&vec![0; n])
            .context("failed to write an archive")
    }

    fn header(&mut self, name: &str, mode: u32, size: u64, kind: u8, target: &str) -> Result<()> {
        for it in [name, target] {
            ensure!(
                it.len() <= NAME_BYTES_MAX,
                "{it} is longer than the {NAME_BYTES_MAX} bytes that an archive's name may have"
            );
        }
        let mut header = Vec::with_capacity(BLOCK);
        let mut put = |bytes: &[u8], width: usize| {
            header.extend_from_slice(bytes);
            header.resize(header.len() + width - bytes.len(), 0);
        };
        put(name.as_bytes(), NAME_BYTES_MAX);
        put(format!("{mode:07o}").as_bytes(), 8);
        put(b"0000000", 8); // owner
        put(b"0000000", 8); // group
        put(format!("{size:011o}").as_bytes(), 12);
        put(b"00000000000", 12); // time
        put(b"        ", 8); // checksum, counted as spaces
        put(&[kind], 1);
        put(target.as_bytes(), NAME_BYTES_MAX);
        put(b"ustar", 6);
        put(b"00", 2);
        put(&[], 247); // names of owner and group, devices, prefix, padding
        assert_eq!(header.len(), BLOCK);
        let sum: u32 = header.iter().map(|it| u32::from(*it)).sum();
        header.splice(148..156, format!("{sum:06o}\0 ").bytes());
        self.to
            .write_all(&header)
            .context("failed to write an archive")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::run;
    use std::process::Command;

    #[test]
    fn the_systems_tar_reads_what_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.tar");
        let mut writer = Writer::new(std::fs::File::create(&path).unwrap());
        writer.folder("etc", 0o755).unwrap();
        writer.file("etc/one", 0o640, 3, &b"one"[..]).unwrap();
        writer.file("empty", 0o644, 0, &b""[..]).unwrap();
        let block = [7_u8; BLOCK];
        writer.file("block", 0o644, 512, &block[..]).unwrap();
        writer.link("link", "etc/one").unwrap();
        writer.finish().unwrap();
        let path = path.to_str().unwrap();
        let listed = run(Command::new("tar").args(["-tf", path])).unwrap();
        assert_eq!(listed, "etc/\netc/one\nempty\nblock\nlink\n");
        let one = run(Command::new("tar").args(["-xOf", path, "etc/one"])).unwrap();
        assert_eq!(one, "one");
        let modes = run(Command::new("tar").args(["-tvf", path, "etc/one"])).unwrap();
        assert!(modes.starts_with("-rw-r-----"), "{modes}");
    }

    #[test]
    fn a_file_shorter_than_announced_is_refused() {
        let mut writer = Writer::new(Vec::new());
        assert!(writer.file("x", 0o644, 4, &b"one"[..]).is_err());
        assert!(writer.folder(&"x".repeat(101), 0o755).is_err());
    }
}

//! Apache Kafka's own programs, resolved by Maven.
//!
//! In: a main class and its arguments. Out: what it printed, or a command that has yet to run. Never
//! here: what the figures mean.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

pub(crate) struct Java {
    class_path: String,
}

impl Java {
    /// Fetches what is missing.
    pub(crate) fn resolve() -> Result<Java> {
        let pom = Path::new(env!("CARGO_MANIFEST_DIR")).join("../server/tests/java/pom.xml");
        let file = tempfile::NamedTempFile::new().context("failed to make a file")?;
        let mut maven = Command::new("mvn");
        maven
            .args(["-q", "-B", "-f"])
            .arg(&pom)
            .arg("dependency:build-classpath")
            .arg(format!("-Dmdep.outputFile={}", file.path().display()))
            .stdout(Stdio::null());
        let status = maven.status().context("Maven is missing (Debian: maven)")?;
        ensure!(status.success(), "Maven could not resolve Apache Kafka");
        let class_path = std::fs::read_to_string(file.path()).context("failed to read")?;
        Ok(Java { class_path })
    }

    /// Runs one of Kafka's tools to its end.
    pub(crate) fn run(&self, main_class: &str, arguments: &[&str]) -> Result<String> {
        let mut command = self.command("-Xmx512m");
        command.arg(main_class).args(arguments);
        let output = command.output().context("java is missing")?;
        ensure!(
            output.status.success(),
            "{main_class} {arguments:?}: {}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// A server with the heap that Kafka's own scripts give it.
    pub(crate) fn server(&self, main_class: &str) -> Command {
        let mut command = self.command("-Xmx1G");
        command.arg("-Xms1G").arg("-XX:+UseG1GC").arg(main_class);
        command
    }

    fn command(&self, heap: &str) -> Command {
        let mut command = Command::new("java");
        command.arg(heap).arg("-cp").arg(&self.class_path);
        command
    }
}

//! Writes the codec of Kafka's messages from Kafka's own descriptors.
//!
//! In: the published jars, fetched with Maven and checked by their digests, and our own descriptors
//! under `broker/metadata/records`. Out: `broker/wire/src/generated`, formatted, and what its tests
//! need to know of the descriptors. Never here: what the generated code calls; that is written by
//! hand in `broker/wire`.

#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "a new primitive type is treated as the others are until it needs more"
)]

mod descriptor;
mod emit;
mod names;
mod short_form;

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

use descriptor::{Kind, Message};

const KAFKA_VERSION: &str = "4.3.1";

/// The artifacts that hold descriptors, with the SHA-256 of their jars.
const JARS: &[(&str, &str)] = &[
    (
        "kafka-clients",
        "52501b7b47510c66f898871adaf6d2968ab7246561d44ced43643a8a587f0b36",
    ),
    (
        "kafka-metadata",
        "4d73a96c6474a4ebdd67a1cee14da1a94cfd6bb9e6e252685ba5667d8ab7f898",
    ),
    (
        "kafka-storage",
        "97e3facddd2914a58f28ec91ef35f8da69963eab3651196e97f487924f6dac98",
    ),
    (
        "kafka-transaction-coordinator",
        "c64aaa2a88d8fd382c4800204872917686e542043c7916c9e8797d939d8eb313",
    ),
    (
        "kafka-group-coordinator",
        "4ab56d002e1624185c874199e9e0ffb243dbeb9f68b4d0cadf48ce2f617a1126",
    ),
    (
        "kafka-share-coordinator",
        "8ceeed7346127e652ea5c650b217890aaff14919f967d27fadce420745bd3066",
    ),
    (
        "kafka-raft",
        "46abbf89806dd22d848e997cdfb1431524cab4ec88e38a7d2806e20b24a70609",
    ),
];

/// The artifact whose records are the metadata of tiered storage.
const TIERED_STORAGE: &str = "kafka-storage";

const GENERATED: &str = "broker/wire/src/generated";
const GENERATED_FOR_TESTS: &str = "broker/wire/tests/generated";
const OWN_RECORDS: &str = "broker/metadata/records";

/// Generates everything; with `is_check`, only says whether what is there is what would be written.
pub(crate) fn run(root: &Path, is_check: bool) -> Result<()> {
    let mut messages = Vec::new();
    for (artifact, digest) in JARS {
        for (name, text) in descriptors(artifact, digest)? {
            let mut message =
                descriptor::parse(&text).with_context(|| format!("{artifact}: {name}"))?;
            if *artifact == TIERED_STORAGE {
                // Their numbers are of another log than the cluster's metadata.
                message.kind = Kind::Data;
            }
            messages.push(message);
        }
    }
    let own = root.join(OWN_RECORDS);
    if own.is_dir() {
        for path in sorted_files(&own)? {
            if path.extension().is_none_or(|it| it != "json") {
                continue;
            }
            let text = std::fs::read_to_string(&path)?;
            messages.push(descriptor::parse(&text).with_context(|| path.display().to_string())?);
        }
    }
    // A message that no version serves any more has nothing to read or write.
    messages.retain(|it| !it.versions.is_empty());
    messages.sort_by(|a, b| a.name.cmp(&b.name));
    for (folder, files) in [
        (GENERATED, render(&messages)?),
        (GENERATED_FOR_TESTS, render_for_tests(&messages)),
    ] {
        if is_check {
            check(root, folder, &files)?;
        } else {
            write(root, folder, &files)?;
        }
    }
    Ok(())
}

fn sorted_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)?
        .map(|it| it.map(|it| it.path()))
        .collect::<Result<_, _>>()?;
    paths.sort();
    Ok(paths)
}

/// The descriptors in a jar, by their names in it.
fn descriptors(artifact: &str, digest: &str) -> Result<BTreeMap<String, String>> {
    let jar = fetch(artifact)?;
    let bytes = std::fs::read(&jar).with_context(|| format!("failed to read {}", jar.display()))?;
    let found: String = Sha256::digest(&bytes)
        .iter()
        .map(|it| format!("{it:02x}"))
        .collect();
    if found != digest {
        bail!(
            "{} has SHA-256 {found}, expected {digest}; delete it and try again",
            jar.display()
        );
    }
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes))
        .with_context(|| format!("failed to open {}", jar.display()))?;
    let mut texts = BTreeMap::new();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index)?;
        let name = entry.name().to_owned();
        if is_descriptor(&name) {
            let mut text = String::new();
            entry
                .read_to_string(&mut text)
                .with_context(|| name.clone())?;
            texts.insert(name, text);
        }
    }
    if texts.is_empty() {
        bail!("{} holds no descriptor", jar.display());
    }
    Ok(texts)
}

/// Whether a jar's entry lies where Kafka's modules keep descriptors: in a folder `message` or
/// `metadata`, at the top or below another.
fn is_descriptor(name: &str) -> bool {
    let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
    let last = folder.rsplit('/').next().unwrap_or_default();
    name.ends_with(".json") && ["message", "metadata"].contains(&last)
}

/// The path of a jar in Maven's local repository, after Maven has brought it there.
fn fetch(artifact: &str) -> Result<PathBuf> {
    let home = std::env::var_os("HOME").context("HOME is not set")?;
    let path = Path::new(&home).join(format!(
        ".m2/repository/org/apache/kafka/{artifact}/{KAFKA_VERSION}/{artifact}-{KAFKA_VERSION}.jar"
    ));
    if !path.is_file() {
        let status = Command::new("mvn")
            .args(["-q", "-B", "dependency:get", "-Dtransitive=false"])
            .arg(format!(
                "-Dartifact=org.apache.kafka:{artifact}:{KAFKA_VERSION}"
            ))
            .status()
            .context("failed to run mvn; install Maven")?;
        if !status.success() {
            bail!("Maven could not fetch {artifact} {KAFKA_VERSION}");
        }
    }
    Ok(path)
}

fn render(messages: &[Message]) -> Result<BTreeMap<String, String>> {
    let mut files = BTreeMap::new();
    for message in messages {
        let name = format!("{}.rs", names::snake(&message.name));
        if files.insert(name, emit::module(message)).is_some() {
            bail!("two messages are called {}", message.name);
        }
    }
    files.insert("mod.rs".to_owned(), emit::index(messages));
    files.insert(
        "api_keys.rs".to_owned(),
        emit::table("api_keys", &api_rows(messages)?, "Request"),
    );
    let records = rows(messages, Kind::Metadata);
    files.insert(
        "metadata_records.rs".to_owned(),
        emit::table("metadata_records", &records, "Record"),
    );
    for text in files.values_mut() {
        *text = format_rust(text)?;
    }
    Ok(files)
}

/// The descriptors in short form, for a second implementation to interpret, and all names.
fn render_for_tests(messages: &[Message]) -> BTreeMap<String, String> {
    BTreeMap::from([
        ("schema.txt".to_owned(), short_form::text(messages)),
        ("codecs.rs".to_owned(), emit::names(messages)),
    ])
}

fn rows(messages: &[Message], kind: Kind) -> Vec<(i16, Vec<&Message>)> {
    let mut rows: Vec<(i16, Vec<&Message>)> = messages
        .iter()
        .filter(|it| it.kind == kind)
        .filter_map(|it| Some((it.api_key?, vec![it])))
        .collect();
    rows.sort_by_key(|(key, _)| *key);
    rows
}

/// A request and its response per API key.
fn api_rows(messages: &[Message]) -> Result<Vec<(i16, Vec<&Message>)>> {
    let mut requests = rows(messages, Kind::Request);
    let responses: BTreeMap<i16, Vec<&Message>> =
        rows(messages, Kind::Response).into_iter().collect();
    for (key, row) in &mut requests {
        let response = responses
            .get(key)
            .with_context(|| format!("key {key} has no response"))?;
        row.extend(response);
    }
    Ok(requests)
}

fn format_rust(text: &str) -> Result<String> {
    let mut child = Command::new("rustfmt")
        .args(["--edition", "2024", "--config", "max_width=100"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .context("failed to run rustfmt")?;
    let mut stdin = child.stdin.take().context("rustfmt has no stdin")?;
    let input = text.to_owned();
    let writer =
        std::thread::spawn(move || std::io::Write::write_all(&mut stdin, input.as_bytes()));
    let output = child.wait_with_output()?;
    writer
        .join()
        .map_err(|_| anyhow::anyhow!("the writer of rustfmt's input panicked"))??;
    if !output.status.success() {
        bail!("rustfmt refused generated code:\n{text}");
    }
    Ok(String::from_utf8(output.stdout)?)
}

fn write(root: &Path, folder: &str, files: &BTreeMap<String, String>) -> Result<()> {
    let path = root.join(folder);
    if path.is_dir() {
        std::fs::remove_dir_all(&path)?;
    }
    std::fs::create_dir_all(&path)?;
    for (name, text) in files {
        std::fs::write(path.join(name), text)?;
    }
    eprintln!("generate: {} files in {folder}", files.len());
    Ok(())
}

fn check(root: &Path, folder: &str, files: &BTreeMap<String, String>) -> Result<()> {
    let mut found = BTreeMap::new();
    for path in sorted_files(&root.join(folder))? {
        let name = path
            .file_name()
            .context("a file has no name")?
            .to_string_lossy()
            .into_owned();
        found.insert(name, std::fs::read_to_string(&path)?);
    }
    if found != *files {
        bail!("{folder} is stale; run `make generate` and commit what it writes");
    }
    eprintln!("generate: {} files in {folder} are fresh", files.len());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptors_are_told_from_other_entries_of_a_jar() {
        for (name, expected) in [
            ("common/message/FetchRequest.json", true),
            ("common/metadata/TopicRecord.json", true),
            ("message/ProducerSnapshot.json", true),
            ("common/message/README.md", false),
            ("META-INF/native.json", false),
        ] {
            assert_eq!(is_descriptor(name), expected, "{name}");
        }
    }

    #[test]
    fn a_metadata_record_of_ours_gets_its_row_and_its_module() {
        let text = r#"{ "apiKey": 10000, "type": "metadata", "name": "ThrottleRecord",
            "validVersions": "0", "flexibleVersions": "0+",
            "fields": [ { "name": "Rate", "type": "int64", "versions": "0+" } ] }"#;
        let messages = [descriptor::parse(text).unwrap()];
        let table = emit::table(
            "metadata_records",
            &rows(&messages, Kind::Metadata),
            "Record",
        );
        assert!(
            table.contains("Throttle = 10000: ThrottleRecord;"),
            "{table}"
        );
        let module = emit::module(&messages[0]);
        assert!(module.contains("pub rate: i64,"), "{module}");
    }
}

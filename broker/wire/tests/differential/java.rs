//! Apache Kafka's own classes as a judge.
//!
//! In: questions. Out: what the Java classes of Kafka 4.3.1 answered. Never here: comparisons.
//!
//! Needs a JDK and Maven. Without them the tests fail: a judge that was not heard is no judge.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

const KAFKA_VERSION: &str = "4.3.1";
const ARTIFACTS: &[&str] = &[
    "kafka-clients",
    "kafka-server-common",
    "kafka-coordinator-common",
    "kafka-metadata",
    "kafka-raft",
    "kafka-storage",
    "kafka-group-coordinator",
    "kafka-transaction-coordinator",
    "kafka-share-coordinator",
];

/// What is asked of Kafka's classes; the field that a question has no use for is empty.
#[derive(Default)]
pub(crate) struct Question {
    pub(crate) what: &'static str,
    pub(crate) name: String,
    pub(crate) from: i16,
    pub(crate) to: i16,
    pub(crate) first: Vec<u8>,
    pub(crate) second: Vec<u8>,
}

#[derive(Debug, PartialEq)]
pub(crate) enum Answer {
    Bytes(Vec<u8>),
    ReadRefused(String),
    WriteRefused(String),
}

static CLASS_PATH: LazyLock<String> = LazyLock::new(|| {
    let jars: Vec<String> = ARTIFACTS
        .iter()
        .map(|it| jar(it).to_string_lossy().into_owned())
        .collect();
    jars.join(":")
});

fn jar(artifact: &str) -> PathBuf {
    let home = std::env::var_os("HOME").expect("HOME is set");
    let path = Path::new(&home).join(format!(
        ".m2/repository/org/apache/kafka/{artifact}/{KAFKA_VERSION}/{artifact}-{KAFKA_VERSION}.jar"
    ));
    if !path.is_file() {
        let fetched = Command::new("mvn")
            .args(["-q", "-B", "dependency:get", "-Dtransitive=false"])
            .arg(format!(
                "-Dartifact=org.apache.kafka:{artifact}:{KAFKA_VERSION}"
            ))
            .status()
            .expect(
                "this test needs Maven to fetch Kafka's classes: install `mvn` (Debian: maven)",
            );
        assert!(fetched.success(), "Maven could not fetch {artifact}");
    }
    path
}

/// Asks all questions of one Java process. `name` tells the files of different tests apart.
pub(crate) fn ask(name: &str, questions: &[Question]) -> Vec<Answer> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let cases = folder.join(format!("{name}.cases"));
    let answers = folder.join(format!("{name}.answers"));
    std::fs::write(&cases, encode(questions)).expect("failed to write the questions");
    let output = Command::new("java")
        .args(["-XX:+UseSerialGC", "-cp", &CLASS_PATH])
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/java/Judge.java"))
        .args([&cases, &answers])
        .output()
        .expect(
            "this test needs a JDK of 17 or newer: install `java` (Debian: default-jdk-headless)",
        );
    assert!(
        output.status.success(),
        "the Java judge failed (it needs a JDK of 17 or newer):\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let answers = decode(&std::fs::read(&answers).expect("failed to read the answers"));
    assert_eq!(answers.len(), questions.len(), "an answer to each question");
    answers
}

fn encode(questions: &[Question]) -> Vec<u8> {
    let mut out = Vec::new();
    let count = |it: usize| i32::try_from(it).expect("small").to_be_bytes();
    out.extend(count(questions.len()));
    for question in questions {
        for text in [question.what, &question.name] {
            out.extend(u16::try_from(text.len()).expect("short").to_be_bytes());
            out.extend(text.as_bytes());
        }
        out.extend(question.from.to_be_bytes());
        out.extend(question.to.to_be_bytes());
        for bytes in [&question.first, &question.second] {
            out.extend(count(bytes.len()));
            out.extend(bytes);
        }
    }
    out
}

fn decode(mut bytes: &[u8]) -> Vec<Answer> {
    let mut answers = Vec::new();
    while let Some(([status, length @ ..], rest)) = bytes.split_first_chunk::<5>() {
        let length = usize::try_from(u32::from_be_bytes(*length)).expect("fits");
        let (answer, rest) = rest.split_at(length);
        let text = || String::from_utf8_lossy(answer).into_owned();
        answers.push(match status {
            0 => Answer::Bytes(answer.to_vec()),
            1 => Answer::ReadRefused(text()),
            _ => Answer::WriteRefused(text()),
        });
        bytes = rest;
    }
    answers
}

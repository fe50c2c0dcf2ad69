//! The codec against others: an interpreter of the descriptors, Kafka's own Java classes, and two
//! codecs in Rust.
//!
//! In: messages of every kind and version. Out: whether all read and write them alike.
//! Never here: bytes that are no message.

#![allow(
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm,
    reason = "a panic in a test is a finding"
)]

mod java;
mod java_judges;
mod rust_judges;
#[allow(dead_code, reason = "where lengths lie is the hostile tests' concern")]
#[path = "../schema/mod.rs"]
mod schema;

use bytes::Bytes;

use crate::schema::{MESSAGES, Message, Random, Sample};

/// Messages per version; each has other values.
const SAMPLES: usize = 8;

/// Random messages of every kind and version.
fn samples(seed: u64, with_unknown: bool) -> impl Iterator<Item = (&'static Message, Sample)> {
    let mut random = Random(seed);
    MESSAGES
        .values()
        .flat_map(|message| message.all_versions().map(move |it| (message, it)))
        .flat_map(|it| std::iter::repeat_n(it, SAMPLES))
        .map(move |(message, version)| {
            (message, message.sample(version, &mut random, with_unknown))
        })
}

/// The bytes that the crate writes when it has read `sample`.
#[track_caller]
fn rewritten(message: &Message, sample: &Sample) -> Bytes {
    let bytes = Bytes::from(sample.bytes.clone());
    (message.codec().recode)(bytes, sample.version, sample.version)
        .expect("a sound message")
        .expect("a message of its own version")
}

#[test]
fn a_message_reads_and_writes_as_its_descriptor_says() {
    let mut n_messages = 0;
    for (message, sample) in samples(10, true) {
        let what = format!("{} {}", message.name, sample.version);
        let bytes = Bytes::from(sample.bytes.clone());
        let debug = (message.codec().debug)(bytes.clone(), sample.version);
        assert_eq!(debug.as_ref(), Ok(&sample.debug), "{what}");
        assert_eq!(
            rewritten(message, &sample),
            bytes,
            "{what}: {}",
            sample.debug
        );
        n_messages += 1;
    }
    assert!(n_messages > 5_000, "only {n_messages} messages");
}

#[test]
fn defaults_are_the_descriptors() {
    for message in MESSAGES.values() {
        assert_eq!((message.codec().default_debug)(), message.default_debug());
    }
}

//! What bytes that nobody vouches for do to the codec: an error, in bounded memory.
//!
//! In: messages of every kind and version, cut, changed or made up. Out: whether reading refused
//! them, and the memory that it took. Never here: what a sound message says.

#![allow(
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm,
    reason = "a panic in a test is a finding"
)]

#[allow(
    dead_code,
    reason = "what a sound message says is the other tests' concern"
)]
#[path = "../schema/mod.rs"]
mod schema;

use std::sync::{Mutex, MutexGuard, PoisonError};

use broker_wire::frame::{Parsed, parse_request};
use broker_wire::{ApiKey, DecodeError, MEMORY_PER_BYTE_MAX, MEMORY_START, MetadataRecord};
use bytes::Bytes;
use peak_alloc::PeakAlloc;

use crate::schema::{LengthForm, MESSAGES, Message, Random, Sample};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// Memory that the test harness takes beside what is measured.
const MEMORY_NOISE: usize = 64 * 1024;

/// Memory is counted for the whole process, so the tests take turns.
fn alone() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The memory that `read` takes at its peak.
fn memory_of(read: impl FnOnce()) -> usize {
    MEMORY.reset_peak_usage();
    let before = MEMORY.current_usage();
    read();
    MEMORY.peak_usage().saturating_sub(before)
}

#[track_caller]
fn check_memory(what: &str, length: usize, taken: usize) {
    assert!(
        taken <= length * MEMORY_PER_BYTE_MAX + MEMORY_START + MEMORY_NOISE,
        "{what}: {length} bytes took {taken} bytes of memory"
    );
}

fn samples() -> impl Iterator<Item = (&'static Message, Sample)> {
    let mut random = Random(1);
    MESSAGES
        .values()
        .flat_map(|message| message.all_versions().map(move |it| (message, it)))
        .map(move |(message, version)| (message, message.sample(version, &mut random, true)))
}

#[test]
fn a_message_cut_at_any_byte_is_refused() {
    let _alone = alone();
    let mut n_cuts = 0;
    for (message, sample) in samples() {
        let check = message.codec().check;
        let bytes = Bytes::from(sample.bytes);
        check(bytes.clone(), sample.version).expect("a sound message");
        for end in 0..bytes.len() {
            let refused = check(bytes.slice(..end), sample.version);
            assert!(
                refused.is_err(),
                "{} {} cut at {end} was read",
                message.name,
                sample.version
            );
            n_cuts += 1;
        }
    }
    assert!(n_cuts > 40_000, "only {n_cuts} cuts");
}

#[test]
fn bytes_after_a_message_are_refused() {
    let _alone = alone();
    for (message, mut sample) in samples() {
        sample.bytes.push(0);
        let refused = (message.codec().check)(Bytes::from(sample.bytes), sample.version);
        assert!(refused.is_err(), "{} {}", message.name, sample.version);
    }
}

/// The bytes with the length at `index` replaced by 2^31 - 1, or what is nearest to it.
fn with_length_max(sample: &Sample, index: usize) -> Vec<u8> {
    let length = sample.lengths[index];
    let (n_bytes, huge): (usize, &[u8]) = match length.form {
        LengthForm::I16 => (2, &[0x7f, 0xff]),
        LengthForm::I32 => (4, &[0x7f, 0xff, 0xff, 0xff]),
        LengthForm::Varint(n_bytes) => (n_bytes, &[0xff, 0xff, 0xff, 0xff, 0x07]),
    };
    let mut bytes = sample.bytes.clone();
    bytes.splice(
        length.position..length.position + n_bytes,
        huge.iter().copied(),
    );
    bytes
}

#[test]
fn a_count_of_two_billion_is_refused_before_memory_is_taken() {
    let _alone = alone();
    let mut n_lengths = 0;
    for (message, sample) in samples() {
        let check = message.codec().check;
        for index in 0..sample.lengths.len() {
            let bytes = Bytes::from(with_length_max(&sample, index));
            let length = bytes.len();
            let what = format!("length {index} of {} {}", message.name, sample.version);
            let mut is_refused = false;
            let taken = memory_of(|| is_refused = check(bytes, sample.version).is_err());
            assert!(is_refused, "{what} was read");
            check_memory(&what, length, taken);
            n_lengths += 1;
        }
    }
    assert!(n_lengths > 5_000, "only {n_lengths} lengths");
}

/// Elements that are all empty take the most memory for their bytes: beyond a message's share they
/// are refused.
#[test]
fn the_emptiest_elements_take_bounded_memory() {
    let _alone = alone();
    let (mut n_read, mut n_refused, mut worst) = (0, 0, (0, String::new()));
    for message in MESSAGES.values() {
        for version in message.all_versions() {
            for n_elements in [&[5_000][..], &[1, 5_000], &[150, 150], &[1, 1, 5_000]] {
                let bytes = Bytes::from(message.emptiest(version, n_elements));
                let length = bytes.len();
                if length < 10_000 {
                    continue;
                }
                let what = format!("{} {version} {n_elements:?}", message.name);
                let check = message.codec().check;
                let mut outcome = Ok(());
                let taken = memory_of(|| outcome = check(bytes, version));
                check_memory(&what, length, taken);
                match outcome {
                    Ok(()) => n_read += 1,
                    Err(DecodeError::Message { source, .. }) => {
                        assert_eq!(*source, DecodeError::Memory, "{what}");
                        n_refused += 1;
                    }
                    Err(error) => panic!("{what}: {error}"),
                }
                worst = worst.max((taken / length, what));
            }
        }
    }
    println!("{n_read} read, {n_refused} refused, most memory per byte: {worst:?}");
    assert!(n_read > 300 && n_refused > 50 && worst.0 >= 8);
}

#[test]
fn changed_messages_take_bounded_memory() {
    let _alone = alone();
    let mut random = Random(2);
    for (message, sample) in samples() {
        let check = message.codec().check;
        for _ in 0..60 {
            let mut bytes = sample.bytes.clone();
            if bytes.is_empty() {
                break;
            }
            for _ in 0..=random.below(4) {
                let place = random.below(bytes.len());
                bytes[place] = match random.below(4) {
                    0 => 0xff,
                    1 => 0x7f,
                    2 => 0,
                    _ => random.bytes(1)[0],
                };
            }
            let length = bytes.len();
            let bytes = Bytes::from(bytes);
            let taken = memory_of(|| drop(check(bytes, sample.version)));
            check_memory(&message.name, length, taken);
        }
    }
}

#[test]
fn random_frames_are_read_or_refused_in_bounded_memory() {
    let _alone = alone();
    let mut random = Random(3);
    let mut n_parsed = 0;
    for _ in 0..200_000 {
        let length = random.below(400);
        let mut frame = random.bytes(length);
        // Most frames name an API and a version that exist, so that bodies are reached.
        if !random.one_in(8) && frame.len() >= 4 {
            let key = ApiKey::ALL[random.below(ApiKey::ALL.len())];
            let versions = key.versions();
            let n_versions = usize::try_from(versions.to - versions.from + 1).expect("some");
            let nth = i16::try_from(random.below(n_versions)).expect("small");
            frame[..2].copy_from_slice(&key.to_wire().to_be_bytes());
            frame[2..4].copy_from_slice(&(versions.from + nth).to_be_bytes());
            // A short client id and no tagged field, else hardly any header would be one.
            let header = [0, 0, 0, 1, 0, 1, b'c', 0];
            let n_bytes = header.len().min(frame.len() - 4);
            frame[4..4 + n_bytes].copy_from_slice(&header[..n_bytes]);
        }
        let frame = Bytes::from(frame);
        let taken = memory_of(|| {
            if let Ok(Parsed::Request(request)) = parse_request(frame) {
                n_parsed += 1;
                drop(request.decode());
            }
        });
        check_memory("a random frame", length, taken);
    }
    assert!(n_parsed > 50_000, "only {n_parsed} frames had a header");
}

#[test]
fn random_metadata_records_are_read_or_refused_in_bounded_memory() {
    let _alone = alone();
    let mut random = Random(4);
    for _ in 0..100_000 {
        let length = random.below(200);
        let mut value = random.bytes(length);
        let start = [1, random.bytes(1)[0] % 30, random.bytes(1)[0] % 5];
        let n_bytes = start.len().min(length);
        value[..n_bytes].copy_from_slice(&start[..n_bytes]);
        let value = Bytes::from(value);
        let taken = memory_of(|| drop(MetadataRecord::decode(value)));
        check_memory("a random metadata record", length, taken);
    }
}

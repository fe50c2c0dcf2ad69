//! What the crate and Kafka's own classes must agree on.
//!
//! In: random messages. Out: whether the bytes are the same. Never here: how Java is asked.

use broker_wire::frame::{self, LENGTH_BYTES};
use broker_wire::messages::{
    GroupMetadataKey, GroupMetadataValue, OffsetCommitKey, OffsetCommitValue, TransactionLogKey,
    TransactionLogValue,
};
use broker_wire::{ApiKey, MetadataRecord, Request, Response, Writer};
use bytes::Bytes;

use crate::java::{Answer, Question, ask};
use crate::schema::{MESSAGES, Message, Random};
use crate::{rewritten, samples};

/// Metadata records of ours are numbered from here on; Kafka does not know them.
const OWN_RECORDS_FROM: i16 = 10_000;

fn is_kafkas(message: &Message) -> bool {
    message.kind != "metadata" || message.api_key.is_some_and(|it| it < OWN_RECORDS_FROM)
}

/// Asks about all messages at once and compares with what the crate wrote.
fn check(name: &str, asked: Vec<(String, Question, Vec<u8>)>) {
    let (mut expected, mut questions) = (Vec::new(), Vec::new());
    for (what, question, bytes) in asked {
        expected.push((what, bytes));
        questions.push(question);
    }
    for ((what, bytes), answer) in expected.into_iter().zip(ask(name, &questions)) {
        assert_eq!(answer, Answer::Bytes(bytes), "{what}");
    }
}

#[test]
fn java_reads_and_writes_every_version_alike() {
    let asked: Vec<_> = samples(20, true)
        .filter(|(message, _)| is_kafkas(message))
        .map(|(message, sample)| {
            let what = format!("{} {}: {}", message.name, sample.version, sample.debug);
            let bytes = rewritten(message, &sample).to_vec();
            let question = Question {
                what: "message",
                name: message.name.clone(),
                from: sample.version,
                to: sample.version,
                first: bytes.clone(),
                ..Question::default()
            };
            (what, question, bytes)
        })
        .collect();
    assert!(asked.len() > 5_000, "only {} messages", asked.len());
    check("every-version", asked);
}

#[test]
fn java_writes_the_same_defaults() {
    let (mut questions, mut ours) = (Vec::new(), Vec::new());
    for message in MESSAGES.values().filter(|it| is_kafkas(it)) {
        for version in message.all_versions() {
            questions.push(Question {
                what: "default",
                name: message.name.clone(),
                to: version,
                ..Question::default()
            });
            let written = (message.codec().default)(version);
            ours.push((format!("{} {version}", message.name), written));
        }
    }
    let answers = ask("defaults", &questions);
    for ((what, written), answer) in ours.into_iter().zip(answers) {
        match (written, answer) {
            (Ok(bytes), answer) => assert_eq!(answer, Answer::Bytes(bytes.to_vec()), "{what}"),
            (Err(_), Answer::WriteRefused(_)) => {}
            (Err(error), answer) => panic!("{what}: {error}, but Java {answer:?}"),
        }
    }
}

/// A version that lacks a field drops it or refuses the message, as the descriptor says.
#[test]
fn java_refuses_and_drops_the_same_fields() {
    let (mut questions, mut ours) = (Vec::new(), Vec::new());
    for (message, sample) in samples(30, false).filter(|(it, _)| is_kafkas(it)) {
        for to in message.all_versions().filter(|it| *it != sample.version) {
            questions.push(Question {
                what: "message",
                name: message.name.clone(),
                from: sample.version,
                to,
                first: sample.bytes.clone(),
                ..Question::default()
            });
            let bytes = Bytes::from(sample.bytes.clone());
            let written = (message.codec().recode)(bytes, sample.version, to);
            let written = written.expect("a sound message");
            let what = format!("{} {} to {to}", message.name, sample.version);
            ours.push((format!("{what}: {}", sample.debug), written));
        }
    }
    let answers = ask("other-versions", &questions);
    let (mut n_written, mut n_refused) = (0, 0);
    for ((what, written), answer) in ours.into_iter().zip(answers) {
        match (written, answer) {
            (Ok(bytes), answer) => {
                assert_eq!(answer, Answer::Bytes(bytes.to_vec()), "{what}");
                n_written += 1;
            }
            (Err(_), Answer::WriteRefused(_)) => n_refused += 1,
            (Err(error), answer) => panic!("{what}: {error}, but Java {answer:?}"),
        }
    }
    assert!(
        n_written > 15_000 && n_refused > 4_000,
        "{n_written} {n_refused}"
    );
}

/// Samples of the requests or responses, with the key that each is for.
fn of_api(kind: &'static str) -> impl Iterator<Item = (ApiKey, i16, Bytes)> {
    samples(40, true)
        .filter(move |(message, _)| message.kind == kind)
        .map(|(message, sample)| {
            let number = message.api_key.expect("a key");
            let key = ApiKey::from_wire(number).expect("a known key");
            (key, sample.version, Bytes::from(sample.bytes))
        })
}

#[test]
fn java_reads_the_frames_of_requests() {
    let asked = of_api("request").map(|(key, version, bytes)| {
        let request = Request::decode(key, version, bytes).expect("a sound request");
        let frame = frame::encode_request(&request, version, 77, "größe").expect("a frame");
        let question = Question {
            what: "request",
            first: frame.to_vec(),
            ..Question::default()
        };
        (format!("{key:?} {version}"), question, frame.to_vec())
    });
    check("requests", asked.collect());
}

#[test]
fn java_reads_the_frames_of_responses() {
    let asked = of_api("response").map(|(key, version, bytes)| {
        let response = Response::decode(key, version, bytes).expect("a sound response");
        let (frame, holes) = frame::encode_response(&response, version, 78).expect("a frame");
        assert!(holes.is_empty());
        let frame = frame.slice(LENGTH_BYTES..);
        let question = Question {
            what: "response",
            from: key.to_wire(),
            to: version,
            first: frame.to_vec(),
            ..Question::default()
        };
        (format!("{key:?} {version}"), question, frame.to_vec())
    });
    check("responses", asked.collect());
}

#[test]
fn java_reads_the_frames_of_metadata_records() {
    let asked: Vec<_> = samples(50, true)
        .filter(|(message, _)| message.kind == "metadata" && is_kafkas(message))
        .map(|(message, sample)| {
            // The frame by hand: its version, the record's number and version, all below 128.
            let number = message.api_key.expect("a number");
            let head = [1, number, sample.version].map(|it| u8::try_from(it).expect("small"));
            let framed = [&head[..], &sample.bytes].concat();
            let record = MetadataRecord::decode(Bytes::from(framed)).expect("a sound record");
            let value = record.encode(sample.version).expect("its own version");
            let question = Question {
                what: "metadata record",
                first: value.to_vec(),
                ..Question::default()
            };
            let what = format!("{} {}", message.name, sample.version);
            (what, question, value.to_vec())
        })
        .collect();
    assert!(asked.len() > 200, "only {} records", asked.len());
    check("metadata-records", asked);
}

/// A key as coordinators store it: its type, then its only version.
fn key_bytes<K: broker_wire::Message>(key: &K) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.i16(K::API_KEY.expect("a key has a type"));
    key.write_to(&mut writer, 0).expect("version 0");
    writer.into_bytes().to_vec()
}

fn record_questions<K: broker_wire::Message, V: broker_wire::Message>(
    what: &'static str,
) -> Vec<(String, Question, Vec<u8>)> {
    let mut random = Random(60);
    let (keys, values) = (&MESSAGES[K::NAME], &MESSAGES[V::NAME]);
    values
        .all_versions()
        .map(|version| {
            let key = keys.sample(0, &mut random, false).bytes;
            let key = K::decode(Bytes::from(key), 0).expect("a sound key");
            let value = values.sample(version, &mut random, true).bytes;
            let value = V::decode(Bytes::from(value), version).expect("a sound value");
            let key = key_bytes(&key);
            let value = value.encode_versioned(version).expect("its own version");
            let expected = [&key[..], &value].concat();
            let question = Question {
                what,
                first: key,
                second: value.to_vec(),
                ..Question::default()
            };
            (format!("{} {version}", V::NAME), question, expected)
        })
        .collect()
}

#[test]
fn java_reads_the_records_of_coordinators() {
    let mut asked = record_questions::<OffsetCommitKey, OffsetCommitValue>("group record");
    asked.extend(record_questions::<GroupMetadataKey, GroupMetadataValue>(
        "group record",
    ));
    asked.extend(record_questions::<TransactionLogKey, TransactionLogValue>(
        "transaction record",
    ));
    check("coordinator-records", asked);
}

#[test]
fn java_has_the_same_apis() {
    let ours: String = ApiKey::ALL
        .iter()
        .map(|key| {
            let versions = key.versions();
            let mut line = format!("{} {}", key.to_wire(), key.name());
            line += &format!(" {} {}", versions.from, versions.to);
            line += &format!(" {}", key.is_latest_unstable());
            line += if key.is_on_broker() { " broker" } else { "" };
            line += if key.is_on_controller() {
                " controller"
            } else {
                ""
            };
            for version in versions.from..=versions.to {
                let request = key.request_header_version(version);
                let response = key.response_header_version(version);
                line += &format!(" {request}/{response}");
            }
            line + "\n"
        })
        .collect();
    let question = Question {
        what: "apis",
        ..Question::default()
    };
    let answers = ask("apis", &[question]);
    let [Answer::Bytes(theirs)] = answers.as_slice() else {
        panic!("{answers:?}")
    };
    let theirs = String::from_utf8_lossy(theirs);
    for (ours, theirs) in ours.lines().zip(theirs.lines()) {
        assert_eq!(ours, theirs);
    }
    assert_eq!(ours.lines().count(), theirs.lines().count());
}

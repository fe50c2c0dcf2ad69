//! Bytes that no client sends: the broker answers or closes, stays small, and others do not notice.

#![allow(
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a panic in a test is a finding, and its figures are for people"
)]

#[path = "hostile/bombs.rs"]
mod bombs;
mod judges;
mod raw;
#[allow(
    dead_code,
    clippy::wildcard_enum_match_arm,
    reason = "what a sound message says is the codec tests' concern"
)]
#[path = "../../wire/tests/schema/mod.rs"]
mod schema;

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use broker_types::ErrorCode;
use broker_wire::compression::Compression;
use broker_wire::messages::metadata_request::MetadataRequestTopic;
use broker_wire::messages::{ApiVersionsRequest, MetadataRequest, RequestHeader};
use broker_wire::{ApiKey, Message as _, Request, Response, frame};
use judges::Cluster;
use raw::Client;
use schema::{LengthForm, MESSAGES, Random, Sample};

const TOPIC: &str = "ledger";
const BOMBED: &str = "bombed";
const BOMBS_AT_ONCE: usize = 2;
/// Clients that do not read: each keeps the broker busy until what lies between them is full.
const DEAF: usize = 8;
/// Clients that stop within a request; more than there is room for what they send.
const STALLED: usize = 50;
/// More than fits the buffers between a broker and a client that does not read.
const ASKED_MAX: usize = 5_000;
/// How long the broker may take to answer or to close.
const ANSWER_WITHIN: Duration = Duration::from_secs(20);
const CONNECTIONS: usize = 1_000;
const RANDOM_FRAMES: usize = 3_000;
/// A broker that is not optimised takes some 20 MB more before anybody has connected.
const RESIDENT_KIB_MAX: u64 = if cfg!(debug_assertions) { 120 } else { 100 } * 1024;
/// The longest that another client may have to wait for an answer.
const OTHERS_WAIT_MAX: u64 = 5_000;
/// Largest frame that a broker takes.
const FRAME_BYTES_MAX: u32 = 104_857_600;

fn connect(cluster: &Cluster) -> TcpStream {
    let stream = TcpStream::connect(&cluster.bootstrap).unwrap();
    stream.set_read_timeout(Some(ANSWER_WITHIN)).unwrap();
    stream.set_write_timeout(Some(ANSWER_WITHIN)).unwrap();
    stream
}

/// A peer that has closed says so in several ways.
fn is_closed(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::ConnectionReset | ErrorKind::BrokenPipe | ErrorKind::UnexpectedEof
    )
}

/// Sends bytes and says no more; waits until the broker has closed, whatever it answers before.
/// Returns how many bytes it answered.
fn throw(cluster: &Cluster, bytes: &[u8], what: &str) -> usize {
    let mut stream = connect(cluster);
    let sent = stream
        .write_all(bytes)
        .and_then(|()| stream.shutdown(Shutdown::Write));
    if let Err(error) = sent {
        // Closed already: the answer may be lost with it.
        assert!(
            is_closed(error.kind()) || error.kind() == ErrorKind::NotConnected,
            "{what}: {error}"
        );
    }
    let mut answer = Vec::new();
    match stream.read_to_end(&mut answer) {
        Ok(_) => {}
        Err(error) if is_closed(error.kind()) => {}
        Err(error) => panic!("{what} was neither answered nor closed: {error}"),
    }
    answer.len()
}

fn framed(bytes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(bytes.len()).unwrap().to_be_bytes();
    [&length[..], bytes].concat()
}

fn header(key: ApiKey, version: i16) -> Vec<u8> {
    let header = RequestHeader {
        request_api_key: key.to_wire(),
        request_api_version: version,
        correlation_id: 7,
        client_id: Some("hostile".into()),
        ..RequestHeader::default()
    };
    let bytes = header.encode(key.request_header_version(version));
    bytes.unwrap().to_vec()
}

/// What the broker says it serves.
fn served(cluster: &Cluster) -> Vec<(ApiKey, i16)> {
    let request = ApiVersionsRequest::default().into();
    let Response::ApiVersions(versions) = Client::connect(&cluster.bootstrap).ask(&request, 0)
    else {
        panic!("another answer")
    };
    versions
        .api_keys
        .iter()
        .filter_map(|it| Some((ApiKey::from_wire(it.api_key)?, it)))
        .flat_map(|(key, it)| (it.min_version..=it.max_version).map(move |version| (key, version)))
        .collect()
}

/// A sound request of this key and version.
fn sample(key: ApiKey, version: i16, random: &mut Random) -> Sample {
    let message = MESSAGES
        .values()
        .find(|it| it.kind == "request" && it.api_key == Some(key.to_wire()))
        .unwrap();
    message.sample(version, random, true)
}

/// The request with the length or count at `index` made as large as its form allows, or negative.
fn with_length(sample: &Sample, index: usize, is_negative: bool) -> Vec<u8> {
    let length = sample.lengths[index];
    let (n_bytes, value): (usize, &[u8]) = match (length.form, is_negative) {
        (LengthForm::I16, false) => (2, &[0x7f, 0xff]),
        (LengthForm::I16, true) => (2, &[0xff, 0xfe]),
        (LengthForm::I32, false) => (4, &[0x7f, 0xff, 0xff, 0xff]),
        (LengthForm::I32, true) => (4, &[0xff, 0xff, 0xff, 0xfe]),
        (LengthForm::Varint(n_bytes), false) => (n_bytes, &[0xff, 0xff, 0xff, 0xff, 0x07]),
        (LengthForm::Varint(n_bytes), true) => (n_bytes, &[0xff, 0xff, 0xff, 0xff, 0x0f]),
    };
    let mut bytes = sample.bytes.clone();
    let place = length.position..length.position + n_bytes;
    bytes.splice(place, value.iter().copied());
    bytes
}

/// Connections that are open and say nothing, or begin and do not go on.
fn idle(cluster: &Cluster) -> Vec<TcpStream> {
    let whole = framed(&header(ApiKey::Metadata, 12));
    let begun = [
        &[][..],
        &[0, 0],
        &FRAME_BYTES_MAX.to_be_bytes(),
        &whole[..whole.len() - 1],
    ];
    (0..CONNECTIONS)
        .map(|index| {
            let mut stream = connect(cluster);
            stream.write_all(begun[index % begun.len()]).unwrap();
            stream
        })
        .collect()
}

fn random_frames(cluster: &Cluster, served: &[(ApiKey, i16)], random: &mut Random) {
    for turn in 0..RANDOM_FRAMES {
        let length = 1 + random.below(2_000);
        let body = random.bytes(length);
        let bytes = match turn % 3 {
            // Not even a length.
            0 => body,
            1 => framed(&body),
            _ => {
                let (key, version) = served[random.below(served.len())];
                framed(&[header(key, version), body].concat())
            }
        };
        throw(cluster, &bytes, &format!("random frame {turn}"));
    }
}

fn wrong_lengths(cluster: &Cluster, served: &[(ApiKey, i16)], random: &mut Random) -> usize {
    for length in [-1, i32::MIN, i32::MAX, 0, FRAME_BYTES_MAX.cast_signed() + 1] {
        let bytes = [&length.to_be_bytes()[..], &[1; 100]].concat();
        let n_answered = throw(cluster, &bytes, &format!("a frame of {length} bytes"));
        assert_eq!(n_answered, 0, "a frame of {length} bytes was answered");
    }
    let mut n_thrown = 0;
    for (key, version) in served {
        let sample = sample(*key, *version, random);
        for index in 0..sample.lengths.len() {
            for is_negative in [false, true] {
                let body = with_length(&sample, index, is_negative);
                let bytes = framed(&[header(*key, *version), body].concat());
                let what = format!("{} {version}, length {index}", key.name());
                throw(cluster, &bytes, &what);
                n_thrown += 1;
            }
        }
    }
    n_thrown
}

/// Each request in each version, cut after each byte.
fn half_frames(cluster: &Cluster, served: &[(ApiKey, i16)], random: &mut Random) -> usize {
    let mut n_thrown = 0;
    for (key, version) in served {
        let body = sample(*key, *version, random).bytes;
        let bytes = framed(&[header(*key, *version), body].concat());
        for end in 0..bytes.len().min(400) {
            let what = format!("{} {version}, cut at {end}", key.name());
            let n_answered = throw(cluster, &bytes[..end], &what);
            assert_eq!(n_answered, 0, "{what} was answered");
            n_thrown += 1;
        }
    }
    n_thrown
}

/// Clients that do not read what they are answered, and clients that stop in the middle of a large
/// request or of a small one: more of them than there are places for requests.
fn stalled(cluster: &Cluster) -> Vec<TcpStream> {
    // Many names, none of them known: the answer is longer than the request.
    let topics = (1_000..2_100).map(|number| MetadataRequestTopic {
        name: Some(format!("absent-{number}").into()),
        ..MetadataRequestTopic::default()
    });
    let request = Request::from(MetadataRequest {
        topics: Some(topics.collect()),
        allow_auto_topic_creation: false,
        ..MetadataRequest::default()
    });
    let asking = framed(&frame::encode_request(&request, 4, 1, "hostile").unwrap());
    // Of these the next ones are read before the ones before are answered.
    let producing = Request::from(bombs::nothing("absent", 100_000));
    let producing = framed(&frame::encode_request(&producing, 9, 1, "hostile").unwrap());
    let half = |length: u32, sent: usize| {
        let zeros = vec![0; sent];
        [&length.to_be_bytes()[..], &zeros].concat()
    };
    let (large, small) = (half(2_000_000, 1_000_000), half(16_000, 15_000));
    let mut streams = Vec::new();
    for turn in 0..DEAF {
        let asking = if turn % 2 == 0 { &asking } else { &producing };
        let mut reader = connect(cluster);
        reader.set_nonblocking(true).unwrap();
        // As many as it takes until the broker reads no more from who does not read.
        let n_asked = (0..ASKED_MAX).take_while(|_| reader.write_all(asking).is_ok());
        assert!(n_asked.count() < ASKED_MAX, "the broker reads on and on");
        streams.push(reader);
    }
    for bytes in [&large, &small] {
        for _ in 0..STALLED {
            let mut sender = connect(cluster);
            sender.set_nonblocking(true).unwrap();
            // What is not taken at once waits in vain.
            let _ = sender.write(bytes).unwrap();
            streams.push(sender);
        }
    }
    streams
}

/// Batches of little that hold much, each sent by several at once.
fn bombs(cluster: &Cluster) -> usize {
    cluster.create_topic(BOMBED, 1, 1);
    let codecs = [
        Compression::Gzip,
        Compression::Snappy,
        Compression::Lz4,
        Compression::Zstd,
    ];
    let mut n_sent = 0;
    for codec in codecs {
        for record_bytes in [usize::MAX, 50_000] {
            let request = Request::from(bombs::bomb(BOMBED, codec, record_bytes));
            std::thread::scope(|scope| {
                for _ in 0..BOMBS_AT_ONCE {
                    scope.spawn(|| {
                        let mut client = Client::connect(&cluster.bootstrap);
                        let Response::Produce(answer) = client.ask(&request, 9) else {
                            panic!("another answer")
                        };
                        let partition = &answer.responses[0].partition_responses[0];
                        // Snappy cannot hold more than a broker reads, but for its one record.
                        let is_small = codec == Compression::Snappy && record_bytes < usize::MAX;
                        let expected = if is_small {
                            ErrorCode::None
                        } else {
                            ErrorCode::MessageTooLarge
                        };
                        let found = ErrorCode::from_wire(partition.error_code);
                        assert_eq!(
                            found,
                            Some(expected),
                            "{codec:?} {:?}",
                            partition.error_message
                        );
                    });
                }
            });
            n_sent += BOMBS_AT_ONCE;
        }
    }
    n_sent
}

/// The most memory that the broker has had, in KiB.
fn resident_max(cluster: &Cluster) -> u64 {
    let pid = cluster.pid(1).unwrap();
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let peak = status.lines().find_map(|it| it.strip_prefix("VmHWM:"));
    let peak = peak.and_then(|it| it.trim().strip_suffix(" kB"));
    peak.unwrap().trim().parse().unwrap()
}

#[test]
fn hostile_bytes_are_answered_or_closed_and_nobody_else_notices() {
    let cluster = Cluster::start(1);
    cluster.create_topic(TOPIC, 3, 1);
    let pid = cluster.pid(1);
    let mut producer = cluster.python_running("produce.py", &[TOPIC, "1", "-", "200"]);
    let stdout = BufReader::new(producer.stdout.take().unwrap());
    let lines = std::thread::spawn(move || stdout.lines().collect::<Result<Vec<_>, _>>().unwrap());

    let seed = std::env::var("SEED").map_or_else(|_| rand::random(), |it| it.parse().unwrap());
    eprintln!("SEED={seed}");
    let mut random = Random(seed);
    let served = served(&cluster);
    let open = idle(&cluster);
    random_frames(&cluster, &served, &mut random);
    let n_lengths = wrong_lengths(&cluster, &served, &mut random);
    let n_halves = half_frames(&cluster, &served, &mut random);
    assert!(
        n_lengths > 1_500 && n_halves > 3_000,
        "{n_lengths} {n_halves}"
    );
    let stalled = stalled(&cluster);
    let n_bombs = bombs(&cluster);
    // With the lengths that they were promised these connections would hold 25 GB.
    drop((open, stalled));

    drop(producer.stdin.take());
    let _ = producer.wait();
    let lines = lines.join().unwrap();
    assert_eq!(lines.last().map(String::as_str), Some("done"));
    let times: Vec<u64> = lines[..lines.len() - 1]
        .iter()
        .map(|line| {
            assert!(line.starts_with("ok "), "{line}");
            line.rsplit(' ').next().unwrap().parse().unwrap()
        })
        .collect();
    let wait = times.windows(2).map(|it| it[1].abs_diff(it[0])).max();
    let read = cluster.python("consume.py", &[TOPIC]).lines().count();
    assert_eq!(read, times.len(), "all that was acknowledged is read");
    let peak = resident_max(&cluster);
    eprintln!(
        "{RANDOM_FRAMES} random frames, {n_lengths} lengths, {n_halves} half frames, {n_bombs} bombs, \
         {DEAF} deaf clients, {STALLED} stalled in each of two ways, \
         {CONNECTIONS} idle connections: at most {peak} KiB resident; another client got {} answers, the \
         longest wait {wait:?} ms",
        times.len()
    );
    assert_eq!(cluster.pid(1), pid, "the broker is the one that it was");
    assert!(peak < RESIDENT_KIB_MAX, "{peak} KiB");
    assert!(wait < Some(OTHERS_WAIT_MAX), "{wait:?} ms");
}

//! A client that costs nothing: requests made beforehand, answers looked at no more than needed.
//!
//! In: a broker and a topic of one partition. Out: MB/s. Never here: what librdkafka can do.

use std::io::{BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use broker_types::Timestamp;
use broker_wire::messages::fetch_request::{FetchPartition, FetchTopic};
use broker_wire::messages::produce_request::{PartitionProduceData, TopicProduceData};
use broker_wire::messages::{FetchRequest, ProduceRequest};
use broker_wire::record_batch::{BatchBuilder, BatchOptions};
use broker_wire::{ApiKey, Records, Request, Response, frame};
use bytes::Bytes;

use crate::client::payload::Payload;

const RECORD_BYTES: usize = 1024;
/// As many as fit into `max.message.bytes`.
const RECORDS_PER_BATCH: u32 = 1_014;
/// Requests on their way.
const IN_FLIGHT: u32 = 5;
const PRODUCE_VERSION: i16 = 9;
/// The last version that names topics and has no sessions of flexible form.
const FETCH_VERSION: i16 = 11;
/// What one fetch takes.
pub(super) const FETCH_BYTES: u32 = 8 * 1024 * 1024;

fn connect(bootstrap: &str) -> Result<TcpStream> {
    let stream = TcpStream::connect(bootstrap);
    let stream = stream.with_context(|| format!("failed to connect to {bootstrap}"))?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// A request with its length.
fn framed(request: &Request, version: i16) -> Result<Vec<u8>> {
    let frame = frame::encode_request(request, version, 0, "bench")?;
    let length = i32::try_from(frame.len())?.to_be_bytes();
    Ok([&length[..], &frame[..]].concat())
}

fn answer(stream: &mut impl Read, buffer: &mut Vec<u8>) -> Result<()> {
    let mut length = [0; 4];
    stream.read_exact(&mut length)?;
    buffer.resize(usize::try_from(i32::from_be_bytes(length))?, 0);
    stream.read_exact(buffer)?;
    Ok(())
}

fn batch() -> Result<Vec<u8>> {
    let mut payload = Payload::random(RECORD_BYTES);
    let mut builder = BatchBuilder::new(BatchOptions::default());
    for _ in 0..RECORDS_PER_BATCH {
        builder.append(Timestamp::from_millis(1), None, Some(payload.next()), &[]);
    }
    Ok(builder.build()?)
}

/// Bytes that a producer sends for one batch, payload alone.
pub(super) fn payload_bytes(batches: u32) -> f64 {
    f64::from(batches) * f64::from(RECORDS_PER_BATCH) * 1024.0
}

/// Writes so many batches, a few requests on their way.
pub(super) fn produce(bootstrap: &str, topic: &str, batches: u32) -> Result<f64> {
    let request = ProduceRequest {
        acks: 1,
        timeout_ms: 30_000,
        topic_data: vec![TopicProduceData {
            name: topic.into(),
            partition_data: vec![PartitionProduceData {
                index: 0,
                records: Some(Records::Bytes(Bytes::from(batch()?))),
                ..PartitionProduceData::default()
            }],
            ..TopicProduceData::default()
        }],
        ..ProduceRequest::default()
    };
    let request = framed(&request.into(), PRODUCE_VERSION)?;
    let mut stream = connect(bootstrap)?;
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut buffer = Vec::new();
    let started = Instant::now();
    for sent in 0..batches + IN_FLIGHT {
        if sent < batches {
            stream.write_all(&request)?;
        }
        if sent >= IN_FLIGHT {
            answer(&mut reader, &mut buffer)?;
            check_produced(&buffer)?;
        }
    }
    Ok(payload_bytes(batches) / 1e6 / started.elapsed().as_secs_f64())
}

fn check_produced(answer: &[u8]) -> Result<()> {
    let answer = Bytes::copy_from_slice(answer);
    let response = frame::decode_response(ApiKey::Produce, PRODUCE_VERSION, 0, answer)?;
    let Response::Produce(response) = response else {
        anyhow::bail!("an answer of another kind");
    };
    let mut partitions = response
        .responses
        .iter()
        .flat_map(|it| &it.partition_responses);
    let is_refused = partitions.any(|it| it.error_code != 0);
    ensure!(!is_refused, "a batch was refused: {response:?}");
    Ok(())
}

/// Reads so many batches from the beginning, one fetch after the other.
pub(super) fn fetch(bootstrap: &str, topic: &str, batches: u32) -> Result<f64> {
    let mut stream = connect(bootstrap)?;
    let mut reader = stream.try_clone()?;
    let end = i64::from(batches * RECORDS_PER_BATCH);
    let batch_bytes = batch()?.len();
    let (mut offset, mut buffer) = (0, Vec::new());
    let started = Instant::now();
    while offset < end {
        let request = FetchRequest {
            max_wait_ms: 1_000,
            min_bytes: 1,
            max_bytes: i32::try_from(FETCH_BYTES)?,
            session_epoch: -1,
            topics: vec![FetchTopic {
                topic: topic.into(),
                partitions: vec![FetchPartition {
                    partition: 0,
                    fetch_offset: offset,
                    partition_max_bytes: i32::try_from(FETCH_BYTES)?,
                    ..FetchPartition::default()
                }],
                ..FetchTopic::default()
            }],
            ..FetchRequest::default()
        };
        stream.write_all(&framed(&request.into(), FETCH_VERSION)?)?;
        answer(&mut reader, &mut buffer)?;
        // All batches are of one size; what else is in an answer is much smaller.
        let whole = i64::try_from(buffer.len() / batch_bytes)?;
        ensure!(
            whole > 0,
            "a fetch at offset {offset} brought {} bytes",
            buffer.len()
        );
        offset += whole * i64::from(RECORDS_PER_BATCH);
    }
    Ok(payload_bytes(batches) / 1e6 / started.elapsed().as_secs_f64())
}

//! The snapshot file of producer state: Kafka's `ProducerSnapshot`, version 1, checksummed.
//!
//! In: a state. Out: its bytes; and back. Never here: when one is written, or what it covers: its
//! name says that.
//!
//! Kafka writes one entry for each producer, of its last batch. Here each of the last batches is an
//! entry, oldest first: a reader that knows only Kafka's form keeps the last one, and ours all. An
//! entry without a batch comes before them where a marker was the last that was written: it has the
//! marker's time.

use std::collections::{BTreeSet, VecDeque};

use broker_types::{Offset, ProducerEpoch, ProducerId, Timestamp};
use broker_wire::Message;
use broker_wire::messages::producer_snapshot::{ProducerEntry as WireEntry, ProducerSnapshot};

use super::{BATCHES_RETAINED, BatchMetadata, ProducerEntry, ProducerState};

const VERSION: i16 = 1;
/// Bytes of version and CRC, which the CRC does not cover.
const UNCHECKED_BYTES: usize = 6;

/// The bytes of a snapshot file.
pub(crate) fn encode(state: &ProducerState) -> Vec<u8> {
    let mut snapshot = ProducerSnapshot::default();
    for (producer_id, entry) in state.producers() {
        let last = entry.batches.back().map(|it| it.timestamp);
        let marker = (last != Some(entry.last_timestamp)).then_some(None);
        let batches = entry.batches.iter().map(Some);
        let wire = |batch: Option<&BatchMetadata>| to_wire(producer_id, entry, batch);
        snapshot
            .producer_entries
            .extend(marker.into_iter().chain(batches).map(wire));
    }
    let encoded = snapshot.encode_versioned(VERSION);
    let mut bytes = encoded.expect("the version exists").to_vec();
    let crc = crc_fast::crc32_iscsi(bytes.get(UNCHECKED_BYTES..).unwrap_or_default());
    if let Some(field) = bytes.get_mut(2..UNCHECKED_BYTES) {
        field.copy_from_slice(&crc.to_be_bytes());
    }
    bytes
}

fn to_wire(
    producer_id: ProducerId,
    entry: &ProducerEntry,
    batch: Option<&BatchMetadata>,
) -> WireEntry {
    WireEntry {
        producer_id: producer_id.to_wire(),
        epoch: entry.epoch.to_wire(),
        last_sequence: batch.map_or(-1, |it| it.last_sequence.cast_signed()),
        last_offset: Offset::option_to_wire(batch.map(|it| it.last_offset)),
        offset_delta: batch.map_or(0, |it| it.offset_delta.cast_signed()),
        timestamp: batch
            .map_or(entry.last_timestamp, |it| it.timestamp)
            .as_millis(),
        coordinator_epoch: entry.coordinator_epoch.map_or(-1, u32::cast_signed),
        current_txn_first_offset: Offset::option_to_wire(entry.transaction_start_offset),
    }
}

/// Reads a snapshot file. `None` when it is damaged: the state is rebuilt from the log then.
pub(crate) fn decode(bytes: &[u8]) -> Option<ProducerState> {
    let (unchecked, rest) = bytes.split_first_chunk::<UNCHECKED_BYTES>()?;
    let [version_high, version_low, crc @ ..] = *unchecked;
    let is_known = i16::from_be_bytes([version_high, version_low]) == VERSION;
    if !is_known || u32::from_be_bytes(crc) != crc_fast::crc32_iscsi(rest) {
        return None;
    }
    let message = bytes.get(2..)?.to_vec();
    let snapshot = ProducerSnapshot::decode(message.into(), VERSION).ok()?;
    let mut state = ProducerState::default();
    let mut with_marker = BTreeSet::new();
    for wire in snapshot.producer_entries {
        if wire.last_offset < 0 {
            with_marker.insert(wire.producer_id);
        }
        add(&mut state, &wire, with_marker.contains(&wire.producer_id))?;
    }
    Some(state)
}

fn add(state: &mut ProducerState, wire: &WireEntry, has_marker: bool) -> Option<()> {
    let producer_id = ProducerId::from_wire(wire.producer_id)?;
    let epoch = ProducerEpoch::from_wire(wire.epoch)?;
    let timestamp = Timestamp::from_millis(wire.timestamp);
    let entry = state
        .producers
        .entry(producer_id)
        .or_insert_with(|| ProducerEntry {
            epoch,
            batches: VecDeque::new(),
            last_timestamp: timestamp,
            coordinator_epoch: u32::try_from(wire.coordinator_epoch).ok(),
            transaction_start_offset: Offset::from_wire(wire.current_txn_first_offset),
        });
    if !has_marker {
        entry.last_timestamp = timestamp;
    }
    state.log_time = state.log_time.max(Some(timestamp));
    let Some(last_offset) = Offset::from_wire(wire.last_offset) else {
        return Some(());
    };
    let last_sequence = u32::try_from(wire.last_sequence).ok()?;
    let offset_delta = u32::try_from(wire.offset_delta).ok()?;
    // Sequences wrap from 2^31-1 to 0, so the first may be the greater one.
    let first_sequence = last_sequence.wrapping_sub(offset_delta) & i32::MAX.unsigned_abs();
    if entry.batches.len() == BATCHES_RETAINED {
        return None;
    }
    entry.batches.push_back(BatchMetadata {
        first_sequence,
        last_sequence,
        last_offset,
        offset_delta,
        timestamp,
    });
    Some(())
}

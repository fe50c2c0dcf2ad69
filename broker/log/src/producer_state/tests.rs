//! Sequences, epochs and duplicates of producers.

use super::*;

/// A header as an idempotent producer's batch has it.
fn header(epoch: u16, base_sequence: u32, count: u32, base_offset: u64) -> BatchHeader {
    let builder = broker_wire::record_batch::BatchOptions {
        base_offset: Offset::new(base_offset),
        producer: Some(broker_wire::record_batch::Producer {
            id: ProducerId::new(1),
            epoch: ProducerEpoch::new(epoch),
            base_sequence: Some(base_sequence),
        }),
        ..Default::default()
    };
    let mut builder = broker_wire::record_batch::BatchBuilder::new(builder);
    let timestamp = Timestamp::from_millis(1000 + i64::try_from(base_offset).unwrap());
    for _ in 0..count {
        builder.append(timestamp, None, None, &[]);
    }
    BatchHeader::parse(&builder.build().unwrap()).unwrap()
}

/// Epoch, base sequence and number of records of a batch.
type Sent = (u16, u32, u32);

fn after(batches: &[Sent]) -> ProducerState {
    let mut state = ProducerState::default();
    let mut offset = 0;
    for (epoch, base_sequence, count) in batches {
        state.record(&header(*epoch, *base_sequence, *count, offset), &[]);
        offset += u64::from(*count);
    }
    state
}

#[derive(Debug, PartialEq)]
enum Answer {
    New,
    DuplicateAt(u64),
    OutOfOrder,
    Fenced,
}

fn answer(state: &ProducerState, epoch: u16, base_sequence: u32, count: u32) -> Answer {
    match state.admit(&header(epoch, base_sequence, count, 0)) {
        Ok(Admission::New) => Answer::New,
        Ok(Admission::Duplicate(batch)) => Answer::DuplicateAt(batch.base_offset().value()),
        Err(SequenceError::OutOfOrder { .. }) => Answer::OutOfOrder,
        Err(SequenceError::Fenced { .. }) => Answer::Fenced,
    }
}

#[test]
fn sequences_are_judged_as_kafka_judges_them() {
    const LAST: u32 = i32::MAX as u32;
    let seven: Vec<(u16, u32, u32)> = (0..7).map(|it| (0, 2 * it, 2)).collect();
    let one = [(3, 0, 2)];
    let at_the_end = [(0, LAST - 1, 2)];
    let over_the_end = [(0, LAST - 1, 4)];
    let cases: [(&str, &[Sent], Sent, Answer); 19] = [
        ("unknown producer, from 0", &[], (0, 0, 1), Answer::New),
        (
            "unknown producer, from anywhere",
            &[],
            (4, 77, 1),
            Answer::New,
        ),
        ("the next one", &one, (3, 2, 1), Answer::New),
        ("a gap", &one, (3, 3, 1), Answer::OutOfOrder),
        ("the same again", &one, (3, 0, 2), Answer::DuplicateAt(0)),
        (
            "the same start, another end",
            &one,
            (3, 0, 1),
            Answer::OutOfOrder,
        ),
        (
            "the same end, another start",
            &one,
            (3, 1, 1),
            Answer::OutOfOrder,
        ),
        ("an older epoch", &one, (2, 2, 1), Answer::Fenced),
        (
            "a duplicate of an older epoch",
            &one,
            (2, 0, 2),
            Answer::Fenced,
        ),
        ("a newer epoch from 0", &one, (4, 0, 1), Answer::New),
        (
            "a newer epoch from elsewhere",
            &one,
            (4, 2, 1),
            Answer::OutOfOrder,
        ),
        (
            "the last of seven",
            &seven,
            (0, 12, 2),
            Answer::DuplicateAt(12),
        ),
        (
            "the fifth last of seven",
            &seven,
            (0, 4, 2),
            Answer::DuplicateAt(4),
        ),
        (
            "the sixth last of seven",
            &seven,
            (0, 2, 2),
            Answer::OutOfOrder,
        ),
        (
            "after the greatest sequence comes 0",
            &at_the_end,
            (0, 0, 1),
            Answer::New,
        ),
        (
            "after the greatest sequence not 1",
            &at_the_end,
            (0, 1, 1),
            Answer::OutOfOrder,
        ),
        (
            "a batch over the end",
            &at_the_end,
            (0, LAST - 1, 2),
            Answer::DuplicateAt(0),
        ),
        (
            "after a batch over the end",
            &over_the_end,
            (0, 2, 1),
            Answer::New,
        ),
        (
            "a batch over the end again",
            &over_the_end,
            (0, LAST - 1, 4),
            Answer::DuplicateAt(0),
        ),
    ];
    for (what, before, (epoch, base_sequence, count), expected) in cases {
        let state = after(before);
        assert_eq!(
            answer(&state, epoch, base_sequence, count),
            expected,
            "{what}"
        );
    }
}

#[test]
fn a_duplicate_has_the_offset_and_timestamp_of_the_first_time() {
    let state = after(&[(0, 0, 2), (0, 2, 3)]);
    let Ok(Admission::Duplicate(batch)) = state.admit(&header(0, 2, 3, 99)) else {
        panic!("not a duplicate");
    };
    assert_eq!(
        (batch.base_offset(), batch.last_offset),
        (Offset::new(2), Offset::new(4))
    );
    assert_eq!(batch.timestamp, Timestamp::from_millis(1002));
}

#[test]
fn a_newer_epoch_forgets_the_batches_of_the_older_one() {
    let state = after(&[(0, 0, 2), (0, 2, 2), (1, 0, 1)]);
    let entry = state.producer(ProducerId::new(1)).unwrap();
    assert_eq!(entry.epoch, ProducerEpoch::new(1));
    assert_eq!(entry.batches.len(), 1);
}

#[test]
fn a_snapshot_keeps_all_that_is_known() {
    for state in [
        ProducerState::default(),
        after(&[(0, 0, 2)]),
        after(&(0..9).map(|it| (2, it, 1)).collect::<Vec<_>>()),
        after(&[(0, i32::MAX as u32 - 1, 5)]),
    ] {
        assert_eq!(decode(&encode(&state)), Some(state));
    }
}

#[test]
fn a_damaged_snapshot_is_none() {
    let bytes = encode(&after(&[(0, 0, 2), (0, 2, 1)]));
    for length in 0..bytes.len() {
        assert_eq!(decode(&bytes[..length]), None, "{length} bytes");
    }
    for place in 0..bytes.len() {
        let mut bytes = bytes.clone();
        bytes[place] ^= 0x40;
        assert_eq!(decode(&bytes), None, "byte {place}");
    }
}

#[test]
fn the_last_entry_of_a_snapshot_is_what_kafka_keeps() {
    use broker_wire::Message;
    use broker_wire::messages::producer_snapshot::ProducerSnapshot;
    let bytes = encode(&after(&[(0, 0, 2), (0, 2, 3)]));
    let snapshot = ProducerSnapshot::decode(bytes[2..].to_vec().into(), 1).unwrap();
    let last = snapshot.producer_entries.last().unwrap();
    assert_eq!(
        (last.last_sequence, last.last_offset, last.offset_delta),
        (4, 4, 2)
    );
    assert_eq!(
        (last.coordinator_epoch, last.current_txn_first_offset),
        (-1, -1)
    );
}

#[test]
fn producers_expire_by_the_logs_own_time_and_the_clock() {
    let mut state = after(&[(0, 0, 1)]);
    let mut later = header(0, 0, 1, 50_000);
    later.producer_id = Some(ProducerId::new(2));
    let count = |state: &ProducerState| state.producers().count();
    // The clock alone has moved on.
    state.expire(Timestamp::from_millis(1_000_000), 10_000);
    assert_eq!(count(&state), 1);
    state.record(&later, &[]);
    // The log alone has moved on.
    state.expire(Timestamp::from_millis(2000), 10_000);
    assert_eq!(count(&state), 2);
    state.expire(Timestamp::from_millis(51_000), 60_000);
    assert_eq!(count(&state), 2);
    state.expire(Timestamp::from_millis(51_000), 50_000);
    assert_eq!(count(&state), 1);
}

#[test]
fn a_transaction_is_open_until_its_marker() {
    use broker_wire::record_batch::{BatchBuilder, BatchOptions, Producer};
    let mut state = ProducerState::default();
    let producer = Producer {
        id: ProducerId::new(1),
        epoch: ProducerEpoch::ZERO,
        base_sequence: Some(0),
    };
    let options = |base_offset, producer| BatchOptions {
        base_offset: Offset::new(base_offset),
        producer: Some(producer),
        is_transactional: true,
        ..BatchOptions::default()
    };
    let mut data = BatchBuilder::new(options(7, producer));
    data.append(Timestamp::from_millis(5), None, None, &[]);
    let data = data.build().unwrap();
    state.record(&BatchHeader::parse(&data).unwrap(), &data[61..]);
    assert_eq!(state.first_unstable_offset(), Some(Offset::new(7)));
    state.expire(Timestamp::from_millis(i64::MAX), 0);
    assert_eq!(decode(&encode(&state)), Some(state.clone()));
    let no_sequence = Producer {
        base_sequence: None,
        ..producer
    };
    let (kind, time) = (ControlRecordKind::Commit, Timestamp::from_millis(9));
    let marker = BatchBuilder::control(options(8, no_sequence), kind, time, &[0, 0, 0, 0, 0, 3]);
    let marker = marker.unwrap();
    state.record(&BatchHeader::parse(&marker).unwrap(), &marker[61..]);
    assert_eq!(state.first_unstable_offset(), None);
    let entry = state.producer(ProducerId::new(1)).unwrap();
    assert_eq!(entry.coordinator_epoch, Some(3));
    assert_eq!(entry.last_timestamp, time);
    assert_eq!(decode(&encode(&state)), Some(state));
}

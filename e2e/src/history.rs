//! Whether what was read is what was produced: nothing lost, nothing twice, each key in its order.
//!
//! In: the records in the order in which one producer sent them, and everything that consumers saw.
//! Out: a [`Verdict`], or the first fault. Never here: producing, consuming.
//!
//! A consumer that takes over a partition may read again what another one had read before it committed:
//! the same record at the same offset. That is not a record stored twice, and is counted apart.

use std::collections::BTreeMap;

use anyhow::{Result, bail, ensure};

use crate::records::Records;

/// One record as a consumer saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    pub partition: u32,
    pub offset: u64,
    pub key: String,
    pub value: String,
}

/// What a good history was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    pub n_records: usize,
    pub n_keys: usize,
    /// Reads of an offset that had been read before.
    pub n_read_again: usize,
}

/// Judges.
///
/// # Errors
///
/// When a record is missing, stored twice, in another order than its key's others, or differs from one
/// read to the next; the message tells where.
pub fn check(sent: &Records, seen: &[Seen]) -> Result<Verdict> {
    let mut log: BTreeMap<(u32, u64), (&str, &str)> = BTreeMap::new();
    for it in seen {
        let record = (it.key.as_str(), it.value.as_str());
        let before = log.insert((it.partition, it.offset), record);
        ensure!(
            before.is_none_or(|before| before == record),
            "partition {} shows one record at offset {} and then another",
            it.partition,
            it.offset
        );
    }
    let mut by_key: BTreeMap<&str, (u32, Vec<&str>)> = BTreeMap::new();
    for ((partition, offset), (key, value)) in &log {
        let (home, values) = by_key.entry(key).or_insert((*partition, Vec::new()));
        ensure!(
            *home == *partition,
            "key {key} is in partition {home} and, at offset {offset}, in {partition}"
        );
        values.push(value);
    }
    let expected = sent.by_key();
    for (key, values) in &expected {
        let found = by_key.get(key).map_or(&[][..], |(_, it)| it.as_slice());
        compare(key, values, found)?;
    }
    if let Some(key) = by_key.keys().find(|it| !expected.contains_key(*it)) {
        bail!("nobody sent records of key {key}");
    }
    Ok(Verdict {
        n_records: log.len(),
        n_keys: expected.len(),
        n_read_again: seen.len() - log.len(),
    })
}

fn compare(key: &str, sent: &[&str], found: &[&str]) -> Result<()> {
    let at = sent.iter().zip(found).take_while(|(a, b)| a == b).count();
    let (n_sent, n_found) = (sent.len(), found.len());
    if n_found < n_sent {
        let n = n_sent - n_found;
        bail!("{n} of {n_sent} records of key {key} are lost, the first is about number {at}");
    }
    if n_found > n_sent {
        let n = n_found - n_sent;
        bail!("{n} records of key {key} are stored twice, the first is about number {at}");
    }
    ensure!(
        at == n_sent,
        "records of key {key} are not in the order in which they were sent, from number {at} on"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(all: &[(u32, u64, &str, &str)]) -> Vec<Seen> {
        all.iter()
            .map(|(partition, offset, key, value)| Seen {
                partition: *partition,
                offset: *offset,
                key: (*key).to_owned(),
                value: (*value).to_owned(),
            })
            .collect()
    }

    fn sent() -> Records {
        Records::of(&[("a", "1"), ("b", "1"), ("a", "2"), ("a", "1")])
    }

    const GOOD: [(u32, u64, &str, &str); 4] = [
        (0, 0, "a", "1"),
        (1, 7, "b", "1"),
        (0, 1, "a", "2"),
        (0, 3, "a", "1"),
    ];

    #[track_caller]
    fn fault(all: &[(u32, u64, &str, &str)], expected: &str) {
        let error = check(&sent(), &seen(all)).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }

    #[test]
    fn what_was_sent_is_what_is_there() {
        let verdict = check(&sent(), &seen(&GOOD)).unwrap();
        let expected = Verdict {
            n_records: 4,
            n_keys: 2,
            n_read_again: 0,
        };
        assert_eq!(verdict, expected);
    }

    #[test]
    fn an_offset_that_is_read_again_is_no_second_record() {
        let again = [&GOOD[..], &GOOD[1..2]].concat();
        assert_eq!(check(&sent(), &seen(&again)).unwrap().n_read_again, 1);
    }

    #[test]
    fn every_fault_is_found() {
        fault(&GOOD[..3], "1 of 3 records of key a are lost");
        fault(
            &[&GOOD[..1], &GOOD[2..]].concat(),
            "1 of 1 records of key b",
        );
        let twice = [&GOOD[..], &[(0, 4, "a", "1")]].concat();
        fault(&twice, "1 records of key a are stored twice");
        let mut swapped = GOOD;
        (swapped[0].3, swapped[2].3) = ("2", "1");
        fault(&swapped, "not in the order");
        let mut moved = GOOD;
        moved[3].0 = 1;
        fault(&moved, "key a is in partition 0 and, at offset 3, in 1");
        let changed = [&GOOD[..], &[(0, 1, "a", "3")]].concat();
        fault(&changed, "one record at offset 1 and then another");
        let foreign = [&GOOD[..], &[(0, 4, "c", "1")]].concat();
        fault(&foreign, "nobody sent records of key c");
    }
}

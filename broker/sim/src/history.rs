//! What clients saw, checked: lost, duplicated, reordered, changed or invented records.
//!
//! In: every send with its end, and every record a consumer was shown. Out: the anomalies, each with
//! the records it is about. Never here: how the history was made; the simulator and the tests with
//! real processes both write it. The rules are Jepsen's for Kafka, for producers that are
//! idempotent and wait for all in-sync replicas.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// A value that its producer sent once, and nobody else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Value {
    pub producer: u32,
    /// Counts up in the order in which the producer sent.
    pub sequence: u64,
}

impl fmt::Display for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "p{}#{}", self.producer, self.sequence)
    }
}

/// How a send ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// Acknowledged at an offset.
    Acknowledged { offset: u64 },
    /// Refused: it must never be seen.
    Refused,
    /// Nobody knows: it may be seen or not, once at most.
    Unknown,
}

/// Something that must not happen.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Anomaly {
    /// Acknowledged, yet not among the records that were read past its offset.
    Lost {
        partition: u32,
        value: Value,
        offset: u64,
    },
    /// Shown at two offsets.
    Duplicated {
        partition: u32,
        value: Value,
        offsets: (u64, u64),
    },
    /// A later record of a producer stands before an earlier one.
    Reordered {
        partition: u32,
        earlier: (Value, u64),
        later: (Value, u64),
    },
    /// One offset was shown, or acknowledged, with two values.
    Inconsistent {
        partition: u32,
        offset: u64,
        values: (Value, Value),
    },
    /// A record that was refused, or never sent, was shown.
    Invented {
        partition: u32,
        value: Value,
        offset: u64,
    },
    /// A consumer was shown offsets that do not ascend.
    Rewound {
        partition: u32,
        consumer: u32,
        from: u64,
        to: u64,
    },
}

impl fmt::Display for Anomaly {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Anomaly::Lost {
                partition,
                value,
                offset,
            } => {
                write!(
                    formatter,
                    "lost: {value} acknowledged at {partition}@{offset}, never read"
                )
            }
            Anomaly::Duplicated {
                partition,
                value,
                offsets: (first, second),
            } => {
                write!(
                    formatter,
                    "duplicated: {value} at {partition}@{first} and @{second}"
                )
            }
            Anomaly::Reordered {
                partition,
                earlier,
                later,
            } => write!(
                formatter,
                "reordered: {} at {partition}@{} after {} at @{}",
                earlier.0, earlier.1, later.0, later.1
            ),
            Anomaly::Inconsistent {
                partition,
                offset,
                values: (one, other),
            } => {
                write!(
                    formatter,
                    "inconsistent: {partition}@{offset} was {one} and {other}"
                )
            }
            Anomaly::Invented {
                partition,
                value,
                offset,
            } => {
                write!(
                    formatter,
                    "invented: {value} at {partition}@{offset} was refused or not sent"
                )
            }
            Anomaly::Rewound {
                partition,
                consumer,
                from,
                to,
            } => {
                write!(
                    formatter,
                    "rewound: consumer {consumer} went from {partition}@{from} to @{to}"
                )
            }
        }
    }
}

/// The sends and reads of one partition.
#[derive(Clone, Debug, Default)]
struct Partition {
    sends: BTreeMap<Value, Sent>,
    /// What each offset was shown or acknowledged to be.
    values: BTreeMap<u64, Value>,
    /// What was shown, by offset.
    reads: BTreeMap<u64, Value>,
    /// Where each consumer's last read stood.
    positions: BTreeMap<u32, u64>,
    anomalies: BTreeSet<Anomaly>,
    /// Records may go when a later one has their key.
    is_compacted: bool,
}

/// Everything that clients did.
#[derive(Clone, Debug, Default)]
pub struct History {
    partitions: BTreeMap<u32, Partition>,
}

impl History {
    /// Not all that was acknowledged in this partition must be read.
    pub fn is_compacted(&mut self, partition: u32) {
        self.partitions.entry(partition).or_default().is_compacted = true;
    }

    /// What was acknowledged in a partition, in the order of its producers.
    pub fn values(&self, partition: u32) -> impl Iterator<Item = (Value, u64)> {
        let log = self.partitions.get(&partition);
        let sends = log.into_iter().flat_map(|it| &it.sends);
        sends.filter_map(|(value, sent)| match sent {
            Sent::Acknowledged { offset } => Some((*value, *offset)),
            Sent::Refused | Sent::Unknown => None,
        })
    }

    /// A send begins: until it ends, nobody knows whether the record will be seen.
    pub fn sending(&mut self, partition: u32, value: Value) {
        let sends = &mut self.partitions.entry(partition).or_default().sends;
        let before = sends.insert(value, Sent::Unknown);
        assert!(before.is_none(), "{value} is sent once");
    }

    /// A send ends.
    pub fn sent(&mut self, partition: u32, value: Value, sent: Sent) {
        let log = self.partitions.entry(partition).or_default();
        let before = log.sends.insert(value, sent);
        assert!(before == Some(Sent::Unknown), "{value} was being sent");
        if let Sent::Acknowledged { offset } = sent {
            log.note(partition, offset, value);
        }
    }

    /// A consumer that goes forward through the log was shown a record.
    pub fn read(&mut self, partition: u32, consumer: u32, offset: u64, value: Value) {
        let log = self.partitions.entry(partition).or_default();
        log.note(partition, offset, value);
        log.reads.insert(offset, value);
        if let Some(from) = log.positions.insert(consumer, offset)
            && from >= offset
        {
            log.anomalies.insert(Anomaly::Rewound {
                partition,
                consumer,
                from,
                to: offset,
            });
        }
    }

    /// A consumer begins again somewhere: its next read may be at any offset.
    pub fn sought(&mut self, partition: u32, consumer: u32) {
        self.partitions
            .entry(partition)
            .or_default()
            .positions
            .remove(&consumer);
    }

    /// How many records were acknowledged.
    pub fn acknowledged(&self) -> usize {
        let is_acknowledged = |it: &&Sent| matches!(it, Sent::Acknowledged { .. });
        self.partitions
            .values()
            .map(|it| it.sends.values().filter(is_acknowledged).count())
            .sum()
    }

    /// How many distinct offsets were read.
    pub fn reads(&self) -> usize {
        self.partitions.values().map(|it| it.reads.len()).sum()
    }

    /// Every anomaly, once the log was read to its end.
    pub fn check(&self) -> Vec<Anomaly> {
        let mut found = BTreeSet::new();
        for (partition, log) in &self.partitions {
            found.extend(log.anomalies.iter().cloned());
            log.check_lost(*partition, &mut found);
            log.check_order(*partition, &mut found);
        }
        found.into_iter().collect()
    }
}

impl Partition {
    fn note(&mut self, partition: u32, offset: u64, value: Value) {
        let other = *self.values.entry(offset).or_insert(value);
        if other != value {
            let values = (other.min(value), other.max(value));
            self.anomalies.insert(Anomaly::Inconsistent {
                partition,
                offset,
                values,
            });
        }
    }

    fn check_lost(&self, partition: u32, found: &mut BTreeSet<Anomaly>) {
        if self.is_compacted {
            return;
        }
        for (value, sent) in &self.sends {
            if let Sent::Acknowledged { offset } = *sent
                && self.reads.get(&offset) != Some(value)
            {
                found.insert(Anomaly::Lost {
                    partition,
                    value: *value,
                    offset,
                });
            }
        }
    }

    fn check_order(&self, partition: u32, found: &mut BTreeSet<Anomaly>) {
        let mut places: BTreeMap<Value, u64> = BTreeMap::new();
        let mut newest: BTreeMap<u32, (Value, u64)> = BTreeMap::new();
        for (offset, value) in &self.reads {
            if matches!(self.sends.get(value), None | Some(Sent::Refused)) {
                found.insert(Anomaly::Invented {
                    partition,
                    value: *value,
                    offset: *offset,
                });
            }
            if let Some(first) = places.insert(*value, *offset) {
                let offsets = (first, *offset);
                found.insert(Anomaly::Duplicated {
                    partition,
                    value: *value,
                    offsets,
                });
                continue;
            }
            let newest = newest.entry(value.producer).or_insert((*value, *offset));
            if newest.0 > *value {
                let (earlier, later) = ((*value, *offset), *newest);
                found.insert(Anomaly::Reordered {
                    partition,
                    earlier,
                    later,
                });
            } else {
                *newest = (*value, *offset);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(sequence: u64) -> Value {
        Value {
            producer: 1,
            sequence,
        }
    }

    /// Sends that ended, then the offsets and values that one consumer was shown.
    fn anomalies(sends: &[(u64, Sent)], reads: &[(u64, u64)]) -> Vec<Anomaly> {
        let mut history = History::default();
        for (sequence, sent) in sends {
            history.sending(0, value(*sequence));
            history.sent(0, value(*sequence), *sent);
        }
        for (offset, sequence) in reads {
            history.read(0, 9, *offset, value(*sequence));
        }
        history.check()
    }

    fn acknowledged(offset: u64) -> Sent {
        Sent::Acknowledged { offset }
    }

    #[test]
    fn a_good_history_has_no_anomaly() {
        let sends = [
            (1, acknowledged(0)),
            (2, Sent::Unknown),
            (3, Sent::Refused),
            (4, acknowledged(2)),
        ];
        assert_eq!(anomalies(&sends, &[(0, 1), (1, 2), (2, 4)]), []);
        assert_eq!(anomalies(&sends, &[(0, 1), (2, 4)]), []);
    }

    #[test]
    fn each_anomaly_is_found() {
        let one = [(1, acknowledged(0))];
        let lost = Anomaly::Lost {
            partition: 0,
            value: value(1),
            offset: 0,
        };
        assert_eq!(anomalies(&one, &[]), [lost]);

        let duplicated = Anomaly::Duplicated {
            partition: 0,
            value: value(1),
            offsets: (0, 1),
        };
        assert_eq!(anomalies(&one, &[(0, 1), (1, 1)]), [duplicated]);

        let invented = Anomaly::Invented {
            partition: 0,
            value: value(2),
            offset: 1,
        };
        let refused = [(1, acknowledged(0)), (2, Sent::Refused)];
        for sends in [&refused[..], &one[..]] {
            assert_eq!(
                anomalies(sends, &[(0, 1), (1, 2)]),
                std::slice::from_ref(&invented)
            );
        }

        let two = [(1, acknowledged(1)), (2, acknowledged(0))];
        let reordered = Anomaly::Reordered {
            partition: 0,
            earlier: (value(1), 1),
            later: (value(2), 0),
        };
        assert_eq!(anomalies(&two, &[(0, 2), (1, 1)]), [reordered]);

        let rewound = Anomaly::Rewound {
            partition: 0,
            consumer: 9,
            from: 0,
            to: 0,
        };
        assert_eq!(anomalies(&one, &[(0, 1), (0, 1)]), [rewound]);

        let other = anomalies(&[(1, acknowledged(0)), (2, Sent::Unknown)], &[(0, 2)]);
        let values = (value(1), value(2));
        let inconsistent = Anomaly::Inconsistent {
            partition: 0,
            offset: 0,
            values,
        };
        let lost = Anomaly::Lost {
            partition: 0,
            value: value(1),
            offset: 0,
        };
        assert_eq!(other, [lost, inconsistent]);
    }
}

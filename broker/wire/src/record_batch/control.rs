//! Control records: what a control batch says.
//!
//! In: the key of a control record. Out: what kind its value is, and the other way round.
//! Never here: the values, which are messages of their own (`EndTxnMarker`,
//! `LeaderChangeMessage`, ...).

/// The kind of a control record (`org.apache.kafka.common.record.internal.ControlRecordType`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ControlRecordKind {
    /// Ends a transaction: its records were never written (KIP-98).
    Abort,
    /// Ends a transaction: its records count (KIP-98).
    Commit,
    /// A leader of the metadata quorum has begun its epoch (KIP-595).
    LeaderChange,
    /// First record of a snapshot (KIP-630).
    SnapshotHeader,
    /// Last record of a snapshot (KIP-630).
    SnapshotFooter,
    /// Level of `kraft.version` (KIP-853).
    KRaftVersion,
    /// The voters of the metadata quorum (KIP-853).
    KRaftVoters,
}

impl ControlRecordKind {
    /// All kinds, in the order of their numbers.
    pub const ALL: [ControlRecordKind; 7] = [
        ControlRecordKind::Abort,
        ControlRecordKind::Commit,
        ControlRecordKind::LeaderChange,
        ControlRecordKind::SnapshotHeader,
        ControlRecordKind::SnapshotFooter,
        ControlRecordKind::KRaftVersion,
        ControlRecordKind::KRaftVoters,
    ];

    /// The key of a record of this kind: version 0, then the kind's number.
    pub const fn to_key(self) -> [u8; 4] {
        [0, 0, 0, self as u8]
    }

    /// Reads a key. `None` when it is too short or names no kind; readers skip those, as Java's
    /// do. Versions after 0 may carry more bytes.
    pub fn from_key(key: &[u8]) -> Option<ControlRecordKind> {
        let (&[high, low, kind_high, kind_low], _) = key.split_first_chunk()?;
        if i16::from_be_bytes([high, low]) < 0 {
            return None;
        }
        let kind = u16::from_be_bytes([kind_high, kind_low]);
        ControlRecordKind::ALL.get(usize::from(kind)).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_found_by_their_keys() {
        for kind in ControlRecordKind::ALL {
            assert_eq!(ControlRecordKind::from_key(&kind.to_key()), Some(kind));
        }
        assert_eq!(ControlRecordKind::Commit.to_key(), [0, 0, 0, 1]);
        assert_eq!(ControlRecordKind::KRaftVoters.to_key(), [0, 0, 0, 6]);
    }

    #[test]
    fn other_keys_have_no_kind() {
        for key in [
            &[][..],
            &[0, 0, 0],
            &[0, 0, 0, 7],
            &[0, 0, 0xff, 0xff],
            &[0xff, 0xff, 0, 1],
        ] {
            assert_eq!(ControlRecordKind::from_key(key), None, "{key:?}");
        }
        assert_eq!(
            ControlRecordKind::from_key(&[0, 1, 0, 1, 9]),
            Some(ControlRecordKind::Commit)
        );
    }
}

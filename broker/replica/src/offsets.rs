//! The offsets that bound one replica's log.
//!
//! In: how far the log, its durable part and the high watermark have come. Out: the same, with
//! their order asserted. Never here: who may move them, and when.

use broker_types::Offset;

/// The offsets that bound one replica's log.
///
/// ```text
///   [ deleted ][ committed        ][ durable     ][ appended     ]
///              ^                   ^              ^               ^
///              log_start_offset    high_watermark durable_end     log_end_offset
/// ```
///
/// The high watermark may also be above `durable_end`: the others have what this replica has not
/// synced yet.
///
/// Invariant: `log_start_offset <= high_watermark <= log_end_offset` and
/// `durable_end_offset <= log_end_offset`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offsets {
    /// First offset still readable. Only retention and DeleteRecords move it, and only forward.
    pub log_start_offset: Offset,
    /// First offset not known to be on every in-sync replica. Consumers read below it.
    pub high_watermark: Offset,
    /// Offset up to which a sync has come back.
    pub durable_end_offset: Offset,
    /// Offset the next appended record will take.
    pub log_end_offset: Offset,
}

impl Offsets {
    pub fn assert_invariants(&self) {
        assert!(self.log_start_offset <= self.high_watermark, "{self:?}");
        assert!(self.high_watermark <= self.log_end_offset, "{self:?}");
        assert!(self.durable_end_offset <= self.log_end_offset, "{self:?}");
    }
}

//! Ids for idempotent producers, given out from blocks that the controller hands to this broker.
//!
//! In: blocks, requests for an id. Out: ids, each given once. Never here: asking the controller.

use broker_types::ProducerId;

/// Ids `first..first + length` that only this broker may give out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    pub first: ProducerId,
    pub length: u32,
}

/// What is left of the current block. What a crash leaves unused is never given out.
#[derive(Debug, Default)]
pub(crate) struct ProducerIds {
    next: u64,
    end: u64,
}

impl ProducerIds {
    /// The next id; `None` when a new block is needed.
    pub(crate) fn take(&mut self) -> Option<ProducerId> {
        if self.next == self.end {
            return None;
        }
        let id = i64::try_from(self.next)
            .ok()
            .and_then(ProducerId::from_wire);
        self.next += 1;
        id
    }

    /// Goes on with a new block; what was left of the old one is dropped.
    pub(crate) fn refill(&mut self, block: Block) {
        self.next = block.first.value();
        self.end = block.first.value().saturating_add(u64::from(block.length));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_id_of_a_block_is_given_once() {
        let mut ids = ProducerIds::default();
        assert_eq!(ids.take(), None);
        ids.refill(Block {
            first: ProducerId::new(1_000),
            length: 2,
        });
        assert_eq!(ids.take(), Some(ProducerId::new(1_000)));
        assert_eq!(ids.take(), Some(ProducerId::new(1_001)));
        assert_eq!(ids.take(), None);
    }
}

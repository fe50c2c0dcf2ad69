//! Numbers with a name: a leader epoch is not an offset, a broker id is not a partition.
//!
//! In: the wire's signed fields. Out: non-negative values that always fit those fields again.
//! Never here: arithmetic that can wrap in silence.

use std::fmt;

/// Declares a non-negative number that fits a signed field of the wire.
macro_rules! wire_number {
    ($(#[$doc:meta])* $name:ident($unsigned:ty, $signed:ty)) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name($unsigned);

        impl $name {
            pub const ZERO: $name = $name(0);
            /// The largest value the wire's signed field can hold.
            pub const MAX: $name = $name(<$signed>::MAX.unsigned_abs());

            /// A value known to fit.
            ///
            /// # Panics
            /// When `value` is above [`Self::MAX`].
            pub const fn new(value: $unsigned) -> $name {
                assert!(value <= Self::MAX.0, "the wire's signed field cannot hold the value");
                $name(value)
            }

            /// Reads the wire's signed form; every negative number means "not known".
            pub fn from_wire(raw: $signed) -> Option<$name> {
                <$unsigned>::try_from(raw).ok().map($name)
            }

            /// The wire's signed form.
            pub const fn to_wire(self) -> $signed {
                self.0.cast_signed()
            }

            /// The wire's signed form of a value that may be absent: `-1` when it is.
            pub fn option_to_wire(value: Option<$name>) -> $signed {
                value.map_or(-1, $name::to_wire)
            }

            pub const fn value(self) -> $unsigned {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(formatter)
            }
        }
    };
}

wire_number! {
    /// Position of a record in a partition's log. Ranges of offsets are half-open: `start..end`.
    Offset(u64, i64)
}

wire_number! {
    /// Number of a leadership of a partition. It grows with every new leader.
    LeaderEpoch(u32, i32)
}

wire_number! {
    /// Number of a change to a partition's leader, ISR or replicas, as the controller counts them.
    PartitionEpoch(u32, i32)
}

wire_number! {
    /// Epoch of the metadata quorum. There is at most one quorum leader per epoch.
    Epoch(u32, i32)
}

wire_number! {
    /// Kafka's node id. A broker with the controller role uses the same id as a voter.
    BrokerId(u32, i32)
}

wire_number! {
    /// Number of a broker's registration: the offset of its record in the metadata log.
    BrokerEpoch(u64, i64)
}

wire_number! {
    /// Index of a partition within its topic.
    PartitionIndex(u32, i32)
}

wire_number! {
    /// Id of an idempotent producer, given out in blocks by the controller.
    ProducerId(u64, i64)
}

wire_number! {
    /// Epoch of a producer id; a higher one fences the lower ones.
    ProducerEpoch(u16, i16)
}

impl Offset {
    /// The offset `count` records further on.
    ///
    /// # Panics
    /// When the result would pass [`Offset::MAX`]: no log can become that long.
    #[must_use]
    pub fn advance(self, count: u64) -> Offset {
        let next = self
            .0
            .checked_add(count)
            .map(Offset)
            .filter(|it| *it <= Offset::MAX);
        next.expect("offsets fit the wire's signed field")
    }

    /// How many offsets lie in `start..self`; zero when `start` is not below.
    pub fn distance_from(self, start: Offset) -> u64 {
        self.0.saturating_sub(start.0)
    }
}

macro_rules! next_number {
    ($($name:ident)*) => { $(
        impl $name {
            /// The number after this one.
            ///
            /// # Panics
            /// When there is none: epochs are not reused, so the cluster has come to its end.
            #[must_use]
            pub fn next(self) -> $name {
                assert!(self < Self::MAX, "epochs are used up");
                $name(self.0 + 1)
            }
        }
    )* };
}

next_number! { LeaderEpoch PartitionEpoch Epoch PartitionIndex }

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absence_on_the_wire_is_none() {
        assert_eq!(Offset::from_wire(-1), None);
        assert_eq!(Offset::from_wire(i64::MIN), None);
        assert_eq!(Offset::from_wire(7), Some(Offset::new(7)));
        assert_eq!(Offset::option_to_wire(None), -1);
        assert_eq!(
            LeaderEpoch::option_to_wire(Some(LeaderEpoch::MAX)),
            i32::MAX
        );
    }

    #[test]
    fn offsets_advance_and_measure() {
        assert_eq!(Offset::new(5).advance(3), Offset::new(8));
        assert_eq!(Offset::new(8).distance_from(Offset::new(5)), 3);
        assert_eq!(Offset::new(5).distance_from(Offset::new(8)), 0);
    }

    #[test]
    #[should_panic(expected = "offsets fit")]
    fn offsets_do_not_pass_their_maximum() {
        let _ = Offset::MAX.advance(1);
    }
}

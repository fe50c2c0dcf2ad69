//! Which partition of `__consumer_offsets` a group lives in.
//!
//! In: a group id. Out: a partition index. Never here: who leads that partition.

use std::num::NonZeroU32;

use broker_types::PartitionIndex;

/// The partition of `__consumer_offsets` that holds the group: the absolute value of Java's
/// `String.hashCode` of its id, modulo the number of partitions, where the one number without an
/// absolute value counts as zero.
pub fn group_partition(group_id: &str, n_partitions: NonZeroU32) -> PartitionIndex {
    let hash = group_id.encode_utf16().fold(0_i32, |hash, unit| {
        hash.wrapping_mul(31).wrapping_add(i32::from(unit))
    });
    let hash = hash.checked_abs().unwrap_or(0).unsigned_abs();
    PartitionIndex::new(hash % n_partitions)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_live_where_kafka_puts_them() {
        // Computed by org.apache.kafka.common.utils.Utils.abs(id.hashCode()) % 50.
        let cases = [
            ("", 0),
            ("group", 47),
            ("connect-cluster", 13),
            ("grüße", 23),
            ("😀", 49),
            ("test-consumer-group", 31),
            // Its hash is Integer.MIN_VALUE.
            ("polygenelubricants", 0),
        ];
        let n_partitions = NonZeroU32::new(50).unwrap();
        for (group_id, partition) in cases {
            assert_eq!(
                group_partition(group_id, n_partitions),
                PartitionIndex::new(partition),
                "{group_id}"
            );
        }
    }
}

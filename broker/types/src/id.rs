//! Identities: topics, log directories, partitions.
//!
//! In: 16 bytes, or Kafka's text form of them. Out: ids that compare, print and parse as Kafka's do.
//! Never here: making one up; randomness comes in as an argument.

use std::fmt;
use std::str::FromStr;

use crate::PartitionIndex;

const BASE64_URL: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Length of 16 bytes in base 64 without padding.
const TEXT_LENGTH: usize = 22;

/// Why a text is not an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidId;

impl fmt::Display for InvalidId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "an id is {TEXT_LENGTH} characters of URL-safe base 64 without padding"
        )
    }
}

impl std::error::Error for InvalidId {}

fn encode(bytes: [u8; 16]) -> String {
    let bits = u128::from_be_bytes(bytes);
    (0..TEXT_LENGTH)
        .map(|place| {
            // 22 digits of 6 bits are 132 bits: the last digit ends in four zero bits.
            let digit = match 122_u32.checked_sub(6 * u32::try_from(place).unwrap_or(0)) {
                Some(shift) => (bits >> shift) & 0x3f,
                None => (bits << 4) & 0x3f,
            };
            let index = usize::try_from(digit).unwrap_or(0);
            char::from(BASE64_URL.get(index).copied().unwrap_or(b'A'))
        })
        .collect()
}

fn decode(text: &str) -> Result<[u8; 16], InvalidId> {
    if text.len() != TEXT_LENGTH {
        return Err(InvalidId);
    }
    let mut bits: u128 = 0;
    for (place, character) in text.bytes().enumerate() {
        let digit = BASE64_URL
            .iter()
            .position(|it| *it == character)
            .ok_or(InvalidId)? as u128;
        if place + 1 < TEXT_LENGTH {
            bits = (bits << 6) | digit;
        } else {
            bits = (bits << 2) | (digit >> 4);
        }
    }
    Ok(bits.to_be_bytes())
}

/// Declares an id of 16 bytes; all zeros means "none" on the wire.
macro_rules! wire_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 16]);

        impl $name {
            pub const fn from_bytes(bytes: [u8; 16]) -> $name {
                $name(bytes)
            }

            /// Reads the wire's form, where all zeros means "none".
            pub fn from_wire(bytes: [u8; 16]) -> Option<$name> {
                (bytes != [0; 16]).then_some($name(bytes))
            }

            /// The wire's form of an id that may be absent.
            pub fn option_to_wire(id: Option<$name>) -> [u8; 16] {
                id.map_or([0; 16], |it| it.0)
            }

            pub const fn to_bytes(self) -> [u8; 16] {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&encode(self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(formatter, "{}({self})", stringify!($name))
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<$name, InvalidId> {
                decode(text).map($name)
            }
        }
    };
}

wire_id! {
    /// Identity of a topic; a topic made again under the same name has another one (KIP-516).
    TopicId
}

wire_id! {
    /// Identity of a log directory. A replica is known by broker id and directory id together, so
    /// that an empty disk is never taken for the old one (KIP-853, KIP-858).
    DirectoryId
}

impl TopicId {
    /// The topic id of the metadata log (KIP-595).
    pub const METADATA: TopicId = TopicId([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
}

/// A partition of a topic, known by the topic's id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TopicPartition {
    pub topic_id: TopicId,
    pub partition: PartitionIndex,
}

impl fmt::Display for TopicPartition {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}-{}", self.topic_id, self.partition)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_form_is_kafkas() {
        // org.apache.kafka.common.Uuid.METADATA_TOPIC_ID.toString()
        assert_eq!(TopicId::METADATA.to_string(), "AAAAAAAAAAAAAAAAAAAAAQ");
        let all_ones = TopicId::from_bytes([0xff; 16]);
        assert_eq!(all_ones.to_string(), "_____________________w");
    }

    #[test]
    fn text_form_round_trips() {
        let bytes: [u8; 16] = std::array::from_fn(|it| u8::try_from(it * 17).unwrap());
        let id = DirectoryId::from_bytes(bytes);
        assert_eq!(id.to_string().parse(), Ok(id));
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "",
            "AAAA",
            "AAAAAAAAAAAAAAAAAAAAA=",
            "AAAAAAAAAAAAAAAAAAAAAQ==",
        ] {
            assert_eq!(text.parse::<TopicId>(), Err(InvalidId), "{text}");
        }
    }

    #[test]
    fn zero_is_absence() {
        assert_eq!(TopicId::from_wire([0; 16]), None);
        assert_eq!(TopicId::option_to_wire(None), [0; 16]);
    }
}

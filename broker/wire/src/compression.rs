//! The compression codecs of record batches.
//!
//! In: bytes and a codec. Out: bytes, never more than the caller allows.
//! Never here: which codec a topic wants, or what the bytes mean.

/// A codec, as the lowest three bits of a batch's attributes name it
/// (`org.apache.kafka.common.record.CompressionType`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Compression {
    #[default]
    None,
    Gzip,
    Snappy,
    Lz4,
    /// Readable only by clients that speak Produce 7 or Fetch 10 and later (KIP-110).
    Zstd,
}

impl Compression {
    /// All codecs, in the order of their numbers.
    pub const ALL: [Compression; 5] = [
        Compression::None,
        Compression::Gzip,
        Compression::Snappy,
        Compression::Lz4,
        Compression::Zstd,
    ];

    /// The codec with this number. `None` for a number that Kafka has not given out.
    pub fn from_wire(number: u8) -> Option<Compression> {
        Compression::ALL.get(usize::from(number)).copied()
    }

    /// The number in a batch's attributes.
    pub const fn to_wire(self) -> u8 {
        self as u8
    }

    /// The name in the config `compression.type`.
    pub const fn name(self) -> &'static str {
        match self {
            Compression::None => "none",
            Compression::Gzip => "gzip",
            Compression::Snappy => "snappy",
            Compression::Lz4 => "lz4",
            Compression::Zstd => "zstd",
        }
    }
}

//! What the generated code stands on: the trait of all messages and the words it uses.
//!
//! In: a version and bytes, or a message. Out: the other. Never here: a particular message.

pub(crate) use bytes::Bytes;

pub(crate) use crate::reader::{DecodeError, Reader};
pub(crate) use crate::writer::{EncodeError, TaggedFields, Writer};

/// A UTF-8 string that shares the memory of what it was read from.
pub type Str = bytestring::ByteString;

pub(crate) type Decoded<T> = Result<T, DecodeError>;
pub(crate) type Encoded = Result<(), EncodeError>;

/// A tagged field (KIP-482) that this version of the code does not know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawTaggedField {
    /// Its number, unique in its struct.
    pub tag: u32,
    /// Its value's bytes, without their length.
    pub data: Bytes,
}

/// The record batches of a produce request or a fetch response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Records {
    /// The batches themselves.
    Bytes(Bytes),
    /// Batches that lie elsewhere: writing leaves a hole of `length` bytes, named by `token`.
    Deferred { token: u32, length: u32 },
}

impl Records {
    /// Bytes of the batches, wherever they lie.
    pub fn len(&self) -> usize {
        match self {
            Records::Bytes(bytes) => bytes.len(),
            Records::Deferred { length, .. } => *length as usize,
        }
    }

    /// Whether there is no batch.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Default for Records {
    fn default() -> Records {
        Records::Bytes(Bytes::new())
    }
}

/// Versions of a message; `to` is inclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Versions {
    /// The first version.
    pub from: i16,
    /// The last version.
    pub to: i16,
}

impl Versions {
    /// Whether `version` is one of them.
    pub fn contains(self, version: i16) -> bool {
        (self.from..=self.to).contains(&version)
    }
}

/// A message that has a descriptor: a request, a response, a header or a record.
pub trait Message: Sized {
    /// The descriptor's name.
    const NAME: &'static str;
    /// The API key of a request or response, the id of a metadata or coordinator record.
    const API_KEY: Option<i16>;
    /// The versions that the descriptor knows.
    const VERSIONS: Versions;
    /// First flexible version (KIP-482).
    const FLEXIBLE_FROM: Option<i16>;

    /// Reads the fields of a version that exists.
    ///
    /// # Errors
    /// When the bytes are not such a message.
    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self>;

    /// Writes the fields of a version that exists.
    ///
    /// # Errors
    /// When a field has a value that the version cannot carry.
    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded;

    /// Reads a message off the front of `reader`.
    ///
    /// # Errors
    /// When there is no such version, or the bytes are not such a message.
    fn read_from(reader: &mut Reader, version: i16) -> Decoded<Self> {
        if !Self::VERSIONS.contains(version) {
            return Err(DecodeError::Version {
                name: Self::NAME,
                version,
            });
        }
        let start = reader.remaining();
        Self::read_fields(reader, version).map_err(|source| DecodeError::Message {
            name: Self::NAME,
            version,
            position: start - reader.remaining(),
            source: Box::new(source),
        })
    }

    /// Reads a message that takes all of `bytes`.
    ///
    /// # Errors
    /// As [`Message::read_from`], and when bytes are left over.
    fn decode(bytes: Bytes, version: i16) -> Decoded<Self> {
        Self::read_all(&mut Reader::new(bytes), version)
    }

    /// Reads a message that takes all that `reader` has.
    ///
    /// # Errors
    /// As [`Message::decode`].
    fn read_all(reader: &mut Reader, version: i16) -> Decoded<Self> {
        let message = Self::read_from(reader, version)?;
        reader.finish(Self::NAME)?;
        Ok(message)
    }

    /// Appends the message to what `writer` holds.
    ///
    /// # Errors
    /// When there is no such version, or it cannot carry a value.
    fn write_to(&self, writer: &mut Writer, version: i16) -> Encoded {
        if !Self::VERSIONS.contains(version) {
            return Err(EncodeError::Version {
                name: Self::NAME,
                version,
            });
        }
        self.write_fields(writer, version)
    }

    /// The message's bytes.
    ///
    /// # Errors
    /// As [`Message::write_to`].
    fn encode(&self, version: i16) -> Result<Bytes, EncodeError> {
        let mut writer = Writer::new();
        self.write_to(&mut writer, version)?;
        Ok(writer.into_bytes())
    }

    /// The message with its version in two bytes before it, as coordinators store keys and values.
    ///
    /// # Errors
    /// As [`Message::write_to`].
    fn encode_versioned(&self, version: i16) -> Result<Bytes, EncodeError> {
        let mut writer = Writer::new();
        writer.i16(version);
        self.write_to(&mut writer, version)?;
        Ok(writer.into_bytes())
    }
}

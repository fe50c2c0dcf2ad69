//! Reading Kafka's primitive types from bytes that nobody vouches for.
//!
//! In: a buffer. Out: values, each checked against the bytes that are left before anything is
//! reserved for it. Never here: which fields a message has.

use bytes::{Buf, Bytes};

use crate::{RawTaggedField, Records, Str};

/// Tagged fields that a message may carry without our knowing them; more is an attack, not a client.
const UNKNOWN_TAGGED_FIELDS_MAX: u32 = 64;
/// Memory that reading a message may take: so much for each of its bytes, and a start for short ones.
/// An honest message takes a few times its size. Without a bound, structs of many fields that are
/// all empty would take a hundred times theirs.
pub const MEMORY_PER_BYTE_MAX: usize = 16;
pub const MEMORY_START: usize = 64 * 1024;
/// Bytes of the longest unsigned varint of 32 bits.
const VARINT_BYTES_MAX: u32 = 5;

/// Why bytes are not the message they should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// Where another error happened: `position` bytes into the message.
    #[error("failed to read {name} version {version} at byte {position}")]
    Message {
        name: &'static str,
        version: i16,
        position: usize,
        source: Box<DecodeError>,
    },
    #[error("{wanted} bytes are needed and {left} are left")]
    Truncated { wanted: usize, left: usize },
    #[error("a length or count of {value} does not fit the {left} bytes that are left")]
    Length { value: i64, left: usize },
    #[error("a field that may not be null is null")]
    UnexpectedNull,
    #[error("a string is not UTF-8")]
    NotUtf8,
    #[error("a varint is longer than its type")]
    Varint,
    #[error("tags of tagged fields do not ascend")]
    TagOrder,
    #[error("the elements of its arrays take more memory than a message of its size may")]
    Memory,
    #[error("more than {UNKNOWN_TAGGED_FIELDS_MAX} tagged fields")]
    TagCount,
    #[error("version {version} is not one of {name}'s")]
    Version { name: &'static str, version: i16 },
    #[error("{name} does not end where its bytes do: {left} are left")]
    Trailing { name: &'static str, left: usize },
    #[error("no {kind} has the number {number}")]
    Unknown { kind: &'static str, number: i64 },
}

/// Result of decoding.
pub(crate) type Result<T, E = DecodeError> = std::result::Result<T, E>;

/// Reads values off the front of a buffer. Slices share the buffer's memory.
#[derive(Clone, Debug)]
pub struct Reader {
    bytes: Bytes,
    /// Memory that may still be taken for elements of arrays and for unknown tagged fields.
    memory: usize,
}

macro_rules! fixed {
    ($($name:ident -> $type:ty, $get:ident;)*) => { $(
        /// A number of fixed size, big-endian.
        pub fn $name(&mut self) -> Result<$type> {
            self.check(size_of::<$type>())?;
            Ok(self.bytes.$get())
        }
    )* };
}

impl Reader {
    /// A reader of all of `bytes`.
    pub fn new(bytes: Bytes) -> Reader {
        let memory = bytes.len().saturating_mul(MEMORY_PER_BYTE_MAX);
        let memory = memory.saturating_add(MEMORY_START);
        Reader { bytes, memory }
    }

    /// A reader of all of `bytes` that takes at most so much memory for what it reads.
    pub fn within(bytes: Bytes, memory: usize) -> Reader {
        Reader { bytes, memory }
    }

    /// Memory that may still be taken.
    pub fn memory_left(&self) -> usize {
        self.memory
    }

    /// Bytes not read yet.
    pub fn remaining(&self) -> usize {
        self.bytes.len()
    }

    /// The bytes not read yet.
    pub fn rest(&self) -> &Bytes {
        &self.bytes
    }

    /// Fails unless everything was read.
    pub fn finish(&self, name: &'static str) -> Result<()> {
        match self.bytes.len() {
            0 => Ok(()),
            left => Err(DecodeError::Trailing { name, left }),
        }
    }

    fn check(&self, wanted: usize) -> Result<()> {
        let left = self.bytes.len();
        if wanted <= left {
            Ok(())
        } else {
            Err(DecodeError::Truncated { wanted, left })
        }
    }

    fixed! {
        i8 -> i8, get_i8;
        i16 -> i16, get_i16;
        u16 -> u16, get_u16;
        i32 -> i32, get_i32;
        u32 -> u32, get_u32;
        i64 -> i64, get_i64;
        f64 -> f64, get_f64;
    }

    /// A byte: any but 0 is true.
    pub fn bool(&mut self) -> Result<bool> {
        Ok(self.i8()? != 0)
    }

    /// The 16 bytes of a UUID.
    pub fn uuid(&mut self) -> Result<[u8; 16]> {
        self.check(16)?;
        let mut id = [0; 16];
        self.bytes.copy_to_slice(&mut id);
        Ok(id)
    }

    /// An unsigned varint of at most 32 bits.
    pub fn unsigned_varint(&mut self) -> Result<u32> {
        let mut value: u64 = 0;
        for place in 0..VARINT_BYTES_MAX {
            let byte = self.i8()?.cast_unsigned();
            value |= u64::from(byte & 0x7f) << (7 * place);
            if byte & 0x80 == 0 {
                return u32::try_from(value).map_err(|_| DecodeError::Varint);
            }
        }
        Err(DecodeError::Varint)
    }

    /// The length of a string, of bytes or of an array, as this version writes it.
    fn length(&mut self, is_flexible: bool, is_short: bool) -> Result<Option<usize>> {
        let value = if is_flexible {
            i64::from(self.unsigned_varint()?) - 1
        } else if is_short {
            i64::from(self.i16()?)
        } else {
            i64::from(self.i32()?)
        };
        match value {
            -1 => Ok(None),
            value => usize::try_from(value)
                .map(Some)
                .map_err(|_| DecodeError::Length {
                    value,
                    left: self.bytes.len(),
                }),
        }
    }

    fn slice(&mut self, length: usize) -> Result<Bytes> {
        self.check(length)?;
        Ok(self.bytes.split_to(length))
    }

    /// A string that may be null. Flexible versions write lengths as varints.
    pub fn nullable_string(&mut self, is_flexible: bool) -> Result<Option<Str>> {
        let Some(length) = self.length(is_flexible, true)? else {
            return Ok(None);
        };
        let bytes = self.slice(length)?;
        Str::try_from(bytes)
            .map(Some)
            .map_err(|_| DecodeError::NotUtf8)
    }

    /// A string; null is an error.
    pub fn string(&mut self, is_flexible: bool) -> Result<Str> {
        self.nullable_string(is_flexible)?
            .ok_or(DecodeError::UnexpectedNull)
    }

    /// Bytes that may be null.
    pub fn nullable_bytes(&mut self, is_flexible: bool) -> Result<Option<Bytes>> {
        let Some(length) = self.length(is_flexible, false)? else {
            return Ok(None);
        };
        self.slice(length).map(Some)
    }

    /// Bytes; null is an error.
    pub fn bytes(&mut self, is_flexible: bool) -> Result<Bytes> {
        self.nullable_bytes(is_flexible)?
            .ok_or(DecodeError::UnexpectedNull)
    }

    /// Record batches that may be null, not looked into.
    pub fn nullable_records(&mut self, is_flexible: bool) -> Result<Option<Records>> {
        Ok(self.nullable_bytes(is_flexible)?.map(Records::Bytes))
    }

    /// Record batches, not looked into; null is an error.
    pub fn records(&mut self, is_flexible: bool) -> Result<Records> {
        self.bytes(is_flexible).map(Records::Bytes)
    }

    /// Takes the memory for `count` values out of what may still be taken.
    fn charge<T>(&mut self, count: usize) -> Result<()> {
        let cost = count.saturating_mul(size_of::<T>());
        self.memory = self.memory.checked_sub(cost).ok_or(DecodeError::Memory)?;
        Ok(())
    }

    /// An array whose elements take at least `element_bytes_min` bytes each. Memory is reserved only
    /// for a count that the bytes left can hold, and that the message's share of memory allows.
    pub fn nullable_array<T>(
        &mut self,
        is_flexible: bool,
        element_bytes_min: usize,
        mut element: impl FnMut(&mut Reader) -> Result<T>,
    ) -> Result<Option<Vec<T>>> {
        let Some(count) = self.length(is_flexible, false)? else {
            return Ok(None);
        };
        let left = self.bytes.len();
        if count > left / element_bytes_min.max(1) {
            let value = i64::try_from(count).unwrap_or(i64::MAX);
            return Err(DecodeError::Length { value, left });
        }
        self.charge::<T>(count)?;
        let mut elements = Vec::with_capacity(count);
        for _ in 0..count {
            elements.push(element(self)?);
        }
        Ok(Some(elements))
    }

    /// As [`Reader::nullable_array`]; null is an error.
    pub fn array<T>(
        &mut self,
        is_flexible: bool,
        element_bytes_min: usize,
        element: impl FnMut(&mut Reader) -> Result<T>,
    ) -> Result<Vec<T>> {
        self.nullable_array(is_flexible, element_bytes_min, element)?
            .ok_or(DecodeError::UnexpectedNull)
    }

    /// A struct that may be null: a byte before it says so, if negative.
    pub fn nullable_struct<T>(
        &mut self,
        read: impl FnOnce(&mut Reader) -> Result<T>,
    ) -> Result<Option<T>> {
        if self.i8()? < 0 {
            Ok(None)
        } else {
            read(self).map(Some)
        }
    }

    /// A struct in a tagged field: an unsigned varint says whether it is there, not a byte.
    pub fn nullable_tagged_struct<T>(
        &mut self,
        read: impl FnOnce(&mut Reader) -> Result<T>,
    ) -> Result<Option<T>> {
        if self.unsigned_varint()? == 0 {
            Ok(None)
        } else {
            read(self).map(Some)
        }
    }

    /// The tagged fields of a struct. `known` takes the value of a tag it knows and says so; the
    /// rest is kept as it is.
    pub fn tagged_fields(
        &mut self,
        mut known: impl FnMut(u32, &mut Reader) -> Result<bool>,
    ) -> Result<Vec<RawTaggedField>> {
        let count = self.unsigned_varint()?;
        let mut unknown = Vec::new();
        let mut last = None;
        for _ in 0..count {
            let tag = self.unsigned_varint()?;
            if last.is_some_and(|it| it >= tag) {
                return Err(DecodeError::TagOrder);
            }
            last = Some(tag);
            let length = self.unsigned_varint()? as usize;
            let data = self.slice(length)?;
            let mut field = Reader {
                bytes: data.clone(),
                memory: self.memory,
            };
            let is_known = known(tag, &mut field)?;
            self.memory = field.memory;
            if is_known {
                field.finish("a tagged field")?;
            } else if unknown.len() < UNKNOWN_TAGGED_FIELDS_MAX as usize {
                self.charge::<RawTaggedField>(1)?;
                unknown.push(RawTaggedField { tag, data });
            } else {
                return Err(DecodeError::TagCount);
            }
        }
        Ok(unknown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reader(bytes: &'static [u8]) -> Reader {
        Reader::new(Bytes::from_static(bytes))
    }

    #[test]
    fn a_count_beyond_the_bytes_is_an_error_before_anything_is_reserved() {
        let count_max = reader(&[0x7f, 0xff, 0xff, 0xff]).array(false, 1, Reader::i8);
        assert_eq!(
            count_max,
            Err(DecodeError::Length {
                value: 0x7fff_ffff,
                left: 0
            })
        );
        let too_many = reader(&[0, 0, 0, 2, 0, 0, 0]).array(false, 2, Reader::i16);
        assert_eq!(too_many, Err(DecodeError::Length { value: 2, left: 3 }));
    }

    #[test]
    fn negative_lengths_other_than_null_are_errors() {
        assert_eq!(reader(&[0xff, 0xff]).nullable_string(false), Ok(None));
        assert!(reader(&[0xff, 0xfe]).nullable_string(false).is_err());
        assert_eq!(
            reader(&[0xff, 0xff]).string(false),
            Err(DecodeError::UnexpectedNull)
        );
        assert_eq!(reader(&[0]).nullable_string(true), Ok(None));
    }

    #[test]
    fn varints_are_bounded() {
        assert_eq!(
            reader(&[0xff, 0xff, 0xff, 0xff, 0x0f]).unsigned_varint(),
            Ok(u32::MAX)
        );
        assert_eq!(
            reader(&[0xff, 0xff, 0xff, 0xff, 0x1f]).unsigned_varint(),
            Err(DecodeError::Varint)
        );
        assert_eq!(
            reader(&[0x80; 6]).unsigned_varint(),
            Err(DecodeError::Varint)
        );
    }

    #[test]
    fn tags_must_ascend() {
        let error = reader(&[2, 1, 0, 1, 0]).tagged_fields(|_, _| Ok(false));
        assert_eq!(error, Err(DecodeError::TagOrder));
    }

    #[test]
    fn a_known_tag_must_be_read_to_its_end() {
        let error = reader(&[1, 0, 2, 5, 6]).tagged_fields(|_, it| it.i8().map(|_| true));
        assert!(matches!(error, Err(DecodeError::Trailing { left: 1, .. })));
    }
}

//! Writing Kafka's primitive types.
//!
//! In: values. Out: bytes, and the holes that file ranges will fill. Never here: which fields a
//! message has, or the files.

use bytes::{BufMut, Bytes, BytesMut};

use crate::{RawTaggedField, Records};

/// Why a message cannot be written in a version.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    #[error("{name} has no version {version}")]
    Version { name: &'static str, version: i16 },
    #[error("version {version} of {name} cannot carry {field}")]
    Field {
        name: &'static str,
        field: &'static str,
        version: i16,
    },
    #[error("{field} of {name} may not be null in version {version}")]
    Null {
        name: &'static str,
        field: &'static str,
        version: i16,
    },
    #[error("a length of {length} does not fit its field")]
    Length { length: usize },
}

/// Result of encoding.
pub(crate) type Result<T, E = EncodeError> = std::result::Result<T, E>;

/// A place in the written bytes where `length` bytes from elsewhere belong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hole {
    /// Where in the written bytes the others belong: before the byte at this index.
    pub position: usize,
    /// The token of [`Records::Deferred`].
    pub token: u32,
    /// How many bytes belong there.
    pub length: u32,
}

/// Collects a message's bytes.
#[derive(Clone, Debug, Default)]
pub struct Writer {
    bytes: BytesMut,
    holes: Vec<Hole>,
}

macro_rules! fixed {
    ($($name:ident($type:ty), $put:ident;)*) => { $(
        /// A number of fixed size, big-endian.
        pub fn $name(&mut self, value: $type) {
            self.bytes.$put(value);
        }
    )* };
}

impl Writer {
    /// A writer that holds nothing yet.
    pub fn new() -> Writer {
        Writer::default()
    }

    /// The bytes, and the holes in the order of their positions.
    pub fn into_parts(self) -> (BytesMut, Vec<Hole>) {
        (self.bytes, self.holes)
    }

    /// The bytes of a message that has no holes.
    ///
    /// # Panics
    /// When there are holes: only a fetch response has them.
    pub fn into_bytes(self) -> Bytes {
        assert!(self.holes.is_empty(), "only a fetch response has holes");
        self.bytes.freeze()
    }

    fixed! {
        i8(i8), put_i8;
        i16(i16), put_i16;
        u16(u16), put_u16;
        i32(i32), put_i32;
        u32(u32), put_u32;
        i64(i64), put_i64;
        f64(f64), put_f64;
    }

    /// A byte: 1 or 0.
    pub fn bool(&mut self, value: bool) {
        self.bytes.put_u8(u8::from(value));
    }

    /// The 16 bytes of a UUID.
    pub fn uuid(&mut self, value: [u8; 16]) {
        self.bytes.put_slice(&value);
    }

    /// Bytes as they are, without their length.
    pub fn raw(&mut self, bytes: &[u8]) {
        self.bytes.put_slice(bytes);
    }

    /// An unsigned varint of 32 bits.
    pub fn unsigned_varint(&mut self, mut value: u32) {
        while value >= 0x80 {
            self.bytes.put_u8((value & 0x7f) as u8 | 0x80);
            value >>= 7;
        }
        self.bytes.put_u8((value & 0x7f) as u8);
    }

    fn length(&mut self, length: Option<usize>, is_flexible: bool, is_short: bool) -> Result<()> {
        let error = || EncodeError::Length {
            length: length.unwrap_or(0),
        };
        let value = match length {
            None => -1,
            Some(length) => i32::try_from(length).map_err(|_| error())?,
        };
        if is_flexible {
            let value = u32::try_from(i64::from(value) + 1).map_err(|_| error())?;
            self.unsigned_varint(value);
        } else if is_short {
            self.i16(i16::try_from(value).map_err(|_| error())?);
        } else {
            self.i32(value);
        }
        Ok(())
    }

    /// A string, or null. Flexible versions write lengths as varints.
    pub fn string(&mut self, value: Option<&str>, is_flexible: bool) -> Result<()> {
        self.length(value.map(str::len), is_flexible, true)?;
        self.raw(value.unwrap_or_default().as_bytes());
        Ok(())
    }

    /// Bytes, or null.
    pub fn bytes(&mut self, value: Option<&[u8]>, is_flexible: bool) -> Result<()> {
        self.length(value.map(<[u8]>::len), is_flexible, false)?;
        self.raw(value.unwrap_or_default());
        Ok(())
    }

    /// Record batches, or null. Deferred ones leave a hole behind their length.
    pub fn records(&mut self, value: Option<&Records>, is_flexible: bool) -> Result<()> {
        match value {
            None => self.bytes(None, is_flexible),
            Some(Records::Bytes(bytes)) => self.bytes(Some(bytes), is_flexible),
            Some(Records::Deferred { token, length }) => {
                self.length(Some(*length as usize), is_flexible, false)?;
                let position = self.bytes.len();
                self.holes.push(Hole {
                    position,
                    token: *token,
                    length: *length,
                });
                Ok(())
            }
        }
    }

    /// An array, or null: the count, then each element as `element` writes it.
    pub fn array<T>(
        &mut self,
        value: Option<&[T]>,
        is_flexible: bool,
        mut element: impl FnMut(&mut Writer, &T) -> Result<()>,
    ) -> Result<()> {
        self.length(value.map(<[T]>::len), is_flexible, false)?;
        value
            .unwrap_or_default()
            .iter()
            .try_for_each(|it| element(self, it))
    }

    /// A struct after a byte of 1, or a byte of -1 for null.
    pub fn nullable_struct<T>(
        &mut self,
        value: Option<&T>,
        write: impl FnOnce(&mut Writer, &T) -> Result<()>,
    ) -> Result<()> {
        match value {
            None => {
                self.i8(-1);
                Ok(())
            }
            Some(value) => {
                self.i8(1);
                write(self, value)
            }
        }
    }

    /// A struct in a tagged field: an unsigned varint says whether it is there, not a byte.
    pub fn nullable_tagged_struct<T>(
        &mut self,
        value: Option<&T>,
        write: impl FnOnce(&mut Writer, &T) -> Result<()>,
    ) -> Result<()> {
        self.unsigned_varint(u32::from(value.is_some()));
        value.map_or(Ok(()), |value| write(self, value))
    }

    /// The tagged fields of a struct in the order of their tags: those it knows and those it kept.
    pub fn tagged_fields(&mut self, known: TaggedFields, unknown: &[RawTaggedField]) -> Result<()> {
        let mut fields = known.fields;
        fields.extend(unknown.iter().cloned());
        fields.sort_by_key(|it| it.tag);
        self.unsigned_varint(as_u32(fields.len())?);
        for field in &fields {
            self.unsigned_varint(field.tag);
            self.unsigned_varint(as_u32(field.data.len())?);
            self.raw(&field.data);
        }
        Ok(())
    }
}

fn as_u32(length: usize) -> Result<u32> {
    u32::try_from(length).map_err(|_| EncodeError::Length { length })
}

/// The tagged fields of a struct that have something to say.
#[derive(Debug, Default)]
pub struct TaggedFields {
    fields: Vec<RawTaggedField>,
}

impl TaggedFields {
    /// Adds the field that `write` writes.
    pub fn add(&mut self, tag: u32, write: impl FnOnce(&mut Writer) -> Result<()>) -> Result<()> {
        let mut writer = Writer::new();
        write(&mut writer)?;
        self.fields.push(RawTaggedField {
            tag,
            data: writer.into_bytes(),
        });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tagged_fields_ascend_whoever_knows_them() {
        let mut known = TaggedFields::default();
        known
            .add(3, |writer| writer.string(Some("x"), true))
            .unwrap();
        let unknown = [RawTaggedField {
            tag: 1,
            data: Bytes::from_static(&[7]),
        }];
        let mut writer = Writer::new();
        writer.tagged_fields(known, &unknown).unwrap();
        assert_eq!(&*writer.into_bytes(), [2, 1, 1, 7, 3, 2, 2, b'x']);
    }

    #[test]
    fn a_deferred_value_leaves_a_hole() {
        let mut writer = Writer::new();
        writer.i16(1);
        writer
            .records(
                Some(&Records::Deferred {
                    token: 5,
                    length: 1_000,
                }),
                false,
            )
            .unwrap();
        writer.i8(2);
        let (bytes, holes) = writer.into_parts();
        assert_eq!(&*bytes, [0, 1, 0, 0, 3, 0xe8, 2]);
        assert_eq!(
            holes,
            [Hole {
                position: 6,
                token: 5,
                length: 1_000
            }]
        );
    }
}

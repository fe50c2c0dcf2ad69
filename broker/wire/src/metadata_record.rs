//! The records of the metadata log, and their framing in a record's value.
//!
//! In: a value's bytes. Out: one of the records, and the other way round.
//! Never here: what a record changes.

use crate::codec::*;
use crate::generated::*;

/// The only version of the framing itself.
const FRAME_VERSION: u32 = 1;

macro_rules! metadata_records {
    ($($kind:ident = $number:literal: $record:ident;)*) => {
        /// A record of the metadata log.
        #[derive(Clone, Debug, PartialEq)]
        pub enum MetadataRecord {
            $($kind($record),)*
        }

        impl MetadataRecord {
            /// The record's number in the log.
            pub fn api_key(&self) -> i16 {
                match self {
                    $(MetadataRecord::$kind(_) => $number,)*
                }
            }

            fn read(number: i16, version: i16, reader: &mut Reader) -> Decoded<MetadataRecord> {
                match number {
                    $($number => <$record as Message>::read_from(reader, version).map(MetadataRecord::$kind),)*
                    _ => Err(DecodeError::Unknown { kind: "metadata record", number: number.into() }),
                }
            }

            fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
                match self {
                    $(MetadataRecord::$kind(it) => it.write_to(writer, version),)*
                }
            }

            /// The versions that the record's descriptor knows.
            pub fn versions(&self) -> Versions {
                match self {
                    $(MetadataRecord::$kind(_) => <$record as Message>::VERSIONS,)*
                }
            }
        }

        $(
            impl From<$record> for MetadataRecord {
                fn from(record: $record) -> MetadataRecord {
                    MetadataRecord::$kind(record)
                }
            }
        )*
    };
}

include!("generated/metadata_records.rs");

impl MetadataRecord {
    /// Reads a record's value: frame version, number, version and fields.
    ///
    /// # Errors
    /// When the bytes are not a record that this version of the code knows.
    pub fn decode(value: Bytes) -> Decoded<MetadataRecord> {
        let mut reader = Reader::new(value);
        let frame_version = reader.unsigned_varint()?;
        if frame_version != FRAME_VERSION {
            let number = i64::from(frame_version);
            return Err(DecodeError::Unknown {
                kind: "frame version of metadata records",
                number,
            });
        }
        let mut short = || {
            let value = reader.unsigned_varint()?;
            i16::try_from(value).map_err(|_| DecodeError::Varint)
        };
        let (number, version) = (short()?, short()?);
        let record = MetadataRecord::read(number, version, &mut reader)?;
        reader.finish("a metadata record")?;
        Ok(record)
    }

    /// The bytes of the record's value, in `version` of its descriptor.
    ///
    /// # Errors
    /// When the version cannot carry a value.
    pub fn encode(&self, version: i16) -> Result<Bytes, EncodeError> {
        let mut writer = Writer::new();
        writer.unsigned_varint(FRAME_VERSION);
        writer.unsigned_varint(u32::from(self.api_key().cast_unsigned()));
        writer.unsigned_varint(u32::from(version.cast_unsigned()));
        self.write(&mut writer, version)?;
        Ok(writer.into_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_round_trips_through_its_frame() {
        let record = MetadataRecord::from(FeatureLevelRecord {
            name: "metadata.version".into(),
            feature_level: 30,
            ..FeatureLevelRecord::default()
        });
        let bytes = record.encode(0).unwrap();
        assert_eq!(bytes.first_chunk(), Some(&[1, 12, 0]));
        assert_eq!(MetadataRecord::decode(bytes), Ok(record));
    }

    #[test]
    fn unknown_records_are_refused_by_number() {
        let error = MetadataRecord::decode(Bytes::from_static(&[1, 0xff, 0x7f, 0])).unwrap_err();
        assert_eq!(
            error,
            DecodeError::Unknown {
                kind: "metadata record",
                number: 16_383
            }
        );
        assert!(MetadataRecord::decode(Bytes::from_static(&[2, 12, 0])).is_err());
        assert!(MetadataRecord::decode(Bytes::new()).is_err());
    }
}

// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `BrokerRegistrationChangeRecord`, versions 0 to 3.

use crate::codec::*;

/// `BrokerRegistrationChangeRecord`, versions 0 to 3.
#[derive(Clone, Debug, PartialEq)]
pub struct BrokerRegistrationChangeRecord {
    /// The broker id.
    pub broker_id: i32,
    /// The broker epoch assigned by the controller.
    pub broker_epoch: i64,
    /// -1 if the broker has been unfenced, 0 if no change, 1 if the broker has been fenced.
    pub fenced: i8,
    /// 0 if no change, 1 if the broker is in controlled shutdown.
    pub in_controlled_shutdown: i8,
    /// Log directories configured in this broker which are available.
    pub log_dirs: Vec<[u8; 16]>,
    /// Log directories that are cordoned or null if no change.
    pub cordoned_log_dirs: Option<Vec<[u8; 16]>>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for BrokerRegistrationChangeRecord {
    fn default() -> BrokerRegistrationChangeRecord {
        BrokerRegistrationChangeRecord {
            broker_id: 0,
            broker_epoch: 0,
            fenced: 0,
            in_controlled_shutdown: 0,
            log_dirs: Vec::new(),
            cordoned_log_dirs: None,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl BrokerRegistrationChangeRecord {
    pub(crate) fn read(
        reader: &mut Reader,
        version: i16,
    ) -> Decoded<BrokerRegistrationChangeRecord> {
        let flexible = true;
        let mut it = BrokerRegistrationChangeRecord::default();
        it.broker_id = reader.i32()?;
        it.broker_epoch = reader.i64()?;
        if flexible {
            let unknown = reader.tagged_fields(|tag, reader| {
                match tag {
                    0 => it.fenced = reader.i8()?,
                    1 if version >= 1 => it.in_controlled_shutdown = reader.i8()?,
                    2 if version >= 2 => {
                        it.log_dirs = reader.array(flexible, 16, |reader| reader.uuid())?
                    }
                    3 if version >= 3 => {
                        it.cordoned_log_dirs =
                            reader.nullable_array(flexible, 16, |reader| reader.uuid())?
                    }
                    _ => return Ok(false),
                }
                Ok(true)
            })?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        if !(version >= 1) && self.in_controlled_shutdown != 0 {
            return Err(EncodeError::Field {
                name: "BrokerRegistrationChangeRecord",
                field: "in_controlled_shutdown",
                version,
            });
        }
        if !(version >= 2) && !self.log_dirs.is_empty() {
            return Err(EncodeError::Field {
                name: "BrokerRegistrationChangeRecord",
                field: "log_dirs",
                version,
            });
        }
        if !(version >= 3) && self.cordoned_log_dirs.is_some() {
            return Err(EncodeError::Field {
                name: "BrokerRegistrationChangeRecord",
                field: "cordoned_log_dirs",
                version,
            });
        }
        writer.i32(self.broker_id);
        writer.i64(self.broker_epoch);
        if flexible {
            let mut tagged = TaggedFields::default();
            if self.fenced != 0 {
                tagged.add(0, |writer| {
                    writer.i8(self.fenced);
                    Ok(())
                })?;
            }
            if version >= 1 && self.in_controlled_shutdown != 0 {
                tagged.add(1, |writer| {
                    writer.i8(self.in_controlled_shutdown);
                    Ok(())
                })?;
            }
            if version >= 2 && !self.log_dirs.is_empty() {
                tagged.add(2, |writer| {
                    writer.array(Some(&self.log_dirs), true, |writer, it| {
                        writer.uuid(*it);
                        Ok(())
                    })?;
                    Ok(())
                })?;
            }
            if version >= 3 && self.cordoned_log_dirs.is_some() {
                tagged.add(3, |writer| {
                    writer.array(self.cordoned_log_dirs.as_deref(), true, |writer, it| {
                        writer.uuid(*it);
                        Ok(())
                    })?;
                    Ok(())
                })?;
            }
            writer.tagged_fields(tagged, &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for BrokerRegistrationChangeRecord {
    const NAME: &'static str = "BrokerRegistrationChangeRecord";
    const API_KEY: Option<i16> = Some(17);
    const VERSIONS: Versions = Versions { from: 0, to: 3 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        BrokerRegistrationChangeRecord::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}

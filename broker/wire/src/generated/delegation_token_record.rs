// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `DelegationTokenRecord`, version 0.

use crate::codec::*;

/// `DelegationTokenRecord`, version 0.
#[derive(Clone, Debug, PartialEq)]
pub struct DelegationTokenRecord {
    /// The delegation token owner.
    pub owner: Str,
    /// The delegation token requester.
    pub requester: Str,
    /// The principals which can renew this token.
    pub renewers: Vec<Str>,
    /// The time at which this timestamp was issued.
    pub issue_timestamp: i64,
    /// The time at which this token cannot be renewed any more.
    pub max_timestamp: i64,
    /// The next time at which this token must be renewed.
    pub expiration_timestamp: i64,
    /// The token id.
    pub token_id: Str,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for DelegationTokenRecord {
    fn default() -> DelegationTokenRecord {
        DelegationTokenRecord {
            owner: Str::new(),
            requester: Str::new(),
            renewers: Vec::new(),
            issue_timestamp: 0,
            max_timestamp: 0,
            expiration_timestamp: 0,
            token_id: Str::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl DelegationTokenRecord {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<DelegationTokenRecord> {
        let flexible = true;
        let mut it = DelegationTokenRecord::default();
        it.owner = reader.string(flexible)?;
        it.requester = reader.string(flexible)?;
        it.renewers = reader.array(flexible, 1, |reader| reader.string(flexible))?;
        it.issue_timestamp = reader.i64()?;
        it.max_timestamp = reader.i64()?;
        it.expiration_timestamp = reader.i64()?;
        it.token_id = reader.string(flexible)?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.string(Some(&self.owner), flexible)?;
        writer.string(Some(&self.requester), flexible)?;
        writer.array(Some(&self.renewers), flexible, |writer, it| {
            writer.string(Some(it), flexible)
        })?;
        writer.i64(self.issue_timestamp);
        writer.i64(self.max_timestamp);
        writer.i64(self.expiration_timestamp);
        writer.string(Some(&self.token_id), flexible)?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for DelegationTokenRecord {
    const NAME: &'static str = "DelegationTokenRecord";
    const API_KEY: Option<i16> = Some(10);
    const VERSIONS: Versions = Versions { from: 0, to: 0 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        DelegationTokenRecord::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}

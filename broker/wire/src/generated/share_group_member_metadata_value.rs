// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `ShareGroupMemberMetadataValue`, version 0.

use crate::codec::*;

/// `ShareGroupMemberMetadataValue`, version 0.
#[derive(Clone, Debug, PartialEq)]
pub struct ShareGroupMemberMetadataValue {
    /// The (optional) rack id.
    pub rack_id: Option<Str>,
    /// The client id.
    pub client_id: Str,
    /// The client host.
    pub client_host: Str,
    /// The list of subscribed topic names.
    pub subscribed_topic_names: Vec<Str>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for ShareGroupMemberMetadataValue {
    fn default() -> ShareGroupMemberMetadataValue {
        ShareGroupMemberMetadataValue {
            rack_id: Some(Str::new()),
            client_id: Str::new(),
            client_host: Str::new(),
            subscribed_topic_names: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl ShareGroupMemberMetadataValue {
    pub(crate) fn read(
        reader: &mut Reader,
        version: i16,
    ) -> Decoded<ShareGroupMemberMetadataValue> {
        let flexible = true;
        let mut it = ShareGroupMemberMetadataValue::default();
        it.rack_id = reader.nullable_string(flexible)?;
        it.client_id = reader.string(flexible)?;
        it.client_host = reader.string(flexible)?;
        it.subscribed_topic_names = reader.array(flexible, 1, |reader| reader.string(flexible))?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.string(self.rack_id.as_deref(), flexible)?;
        writer.string(Some(&self.client_id), flexible)?;
        writer.string(Some(&self.client_host), flexible)?;
        writer.array(
            Some(&self.subscribed_topic_names),
            flexible,
            |writer, it| writer.string(Some(it), flexible),
        )?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for ShareGroupMemberMetadataValue {
    const NAME: &'static str = "ShareGroupMemberMetadataValue";
    const API_KEY: Option<i16> = Some(10);
    const VERSIONS: Versions = Versions { from: 0, to: 0 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        ShareGroupMemberMetadataValue::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}

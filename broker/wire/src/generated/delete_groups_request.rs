// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `DeleteGroupsRequest`, versions 0 to 2.

use crate::codec::*;

/// `DeleteGroupsRequest`, versions 0 to 2.
#[derive(Clone, Debug, PartialEq)]
pub struct DeleteGroupsRequest {
    /// The group names to delete.
    pub groups_names: Vec<Str>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for DeleteGroupsRequest {
    fn default() -> DeleteGroupsRequest {
        DeleteGroupsRequest {
            groups_names: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl DeleteGroupsRequest {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<DeleteGroupsRequest> {
        let flexible = version >= 2;
        let mut it = DeleteGroupsRequest::default();
        it.groups_names = reader.array(flexible, 1, |reader| reader.string(flexible))?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 2;
        writer.array(Some(&self.groups_names), flexible, |writer, it| {
            writer.string(Some(it), flexible)
        })?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for DeleteGroupsRequest {
    const NAME: &'static str = "DeleteGroupsRequest";
    const API_KEY: Option<i16> = Some(42);
    const VERSIONS: Versions = Versions { from: 0, to: 2 };
    const FLEXIBLE_FROM: Option<i16> = Some(2);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        DeleteGroupsRequest::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}

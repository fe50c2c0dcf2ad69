// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `ListGroupsRequest`, versions 0 to 5.

use crate::codec::*;

/// `ListGroupsRequest`, versions 0 to 5.
#[derive(Clone, Debug, PartialEq)]
pub struct ListGroupsRequest {
    /// The states of the groups we want to list. If empty, all groups are returned with their state.
    pub states_filter: Vec<Str>,
    /// The types of the groups we want to list. If empty, all groups are returned with their type.
    pub types_filter: Vec<Str>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for ListGroupsRequest {
    fn default() -> ListGroupsRequest {
        ListGroupsRequest {
            states_filter: Vec::new(),
            types_filter: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl ListGroupsRequest {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<ListGroupsRequest> {
        let flexible = version >= 3;
        let mut it = ListGroupsRequest::default();
        if version >= 4 {
            it.states_filter = reader.array(flexible, 1, |reader| reader.string(flexible))?;
        }
        if version >= 5 {
            it.types_filter = reader.array(flexible, 1, |reader| reader.string(flexible))?;
        }
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 3;
        if !(version >= 4) && !self.states_filter.is_empty() {
            return Err(EncodeError::Field {
                name: "ListGroupsRequest",
                field: "states_filter",
                version,
            });
        }
        if !(version >= 5) && !self.types_filter.is_empty() {
            return Err(EncodeError::Field {
                name: "ListGroupsRequest",
                field: "types_filter",
                version,
            });
        }
        if version >= 4 {
            writer.array(Some(&self.states_filter), flexible, |writer, it| {
                writer.string(Some(it), flexible)
            })?;
        }
        if version >= 5 {
            writer.array(Some(&self.types_filter), flexible, |writer, it| {
                writer.string(Some(it), flexible)
            })?;
        }
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for ListGroupsRequest {
    const NAME: &'static str = "ListGroupsRequest";
    const API_KEY: Option<i16> = Some(16);
    const VERSIONS: Versions = Versions { from: 0, to: 5 };
    const FLEXIBLE_FROM: Option<i16> = Some(3);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        ListGroupsRequest::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}

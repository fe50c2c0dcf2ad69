// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `ListConfigResourcesRequest`, versions 0 to 1.

use crate::codec::*;

/// `ListConfigResourcesRequest`, versions 0 to 1.
#[derive(Clone, Debug, PartialEq)]
pub struct ListConfigResourcesRequest {
    /// The list of resource type. If the list is empty, it uses default supported config resource types.
    pub resource_types: Vec<i8>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for ListConfigResourcesRequest {
    fn default() -> ListConfigResourcesRequest {
        ListConfigResourcesRequest {
            resource_types: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl ListConfigResourcesRequest {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<ListConfigResourcesRequest> {
        let flexible = true;
        let mut it = ListConfigResourcesRequest::default();
        if version >= 1 {
            it.resource_types = reader.array(flexible, 1, |reader| reader.i8())?;
        }
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        if !(version >= 1) && !self.resource_types.is_empty() {
            return Err(EncodeError::Field {
                name: "ListConfigResourcesRequest",
                field: "resource_types",
                version,
            });
        }
        if version >= 1 {
            writer.array(Some(&self.resource_types), flexible, |writer, it| {
                writer.i8(*it);
                Ok(())
            })?;
        }
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for ListConfigResourcesRequest {
    const NAME: &'static str = "ListConfigResourcesRequest";
    const API_KEY: Option<i16> = Some(74);
    const VERSIONS: Versions = Versions { from: 0, to: 1 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        ListConfigResourcesRequest::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}

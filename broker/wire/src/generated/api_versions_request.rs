// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `ApiVersionsRequest`, versions 0 to 4.

use crate::codec::*;

/// `ApiVersionsRequest`, versions 0 to 4.
#[derive(Clone, Debug, PartialEq)]
pub struct ApiVersionsRequest {
    /// The name of the client.
    pub client_software_name: Str,
    /// The version of the client.
    pub client_software_version: Str,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for ApiVersionsRequest {
    fn default() -> ApiVersionsRequest {
        ApiVersionsRequest {
            client_software_name: Str::new(),
            client_software_version: Str::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl ApiVersionsRequest {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<ApiVersionsRequest> {
        let flexible = version >= 3;
        let mut it = ApiVersionsRequest::default();
        if version >= 3 {
            it.client_software_name = reader.string(flexible)?;
        }
        if version >= 3 {
            it.client_software_version = reader.string(flexible)?;
        }
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 3;
        if version >= 3 {
            writer.string(Some(&self.client_software_name), flexible)?;
        }
        if version >= 3 {
            writer.string(Some(&self.client_software_version), flexible)?;
        }
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for ApiVersionsRequest {
    const NAME: &'static str = "ApiVersionsRequest";
    const API_KEY: Option<i16> = Some(18);
    const VERSIONS: Versions = Versions { from: 0, to: 4 };
    const FLEXIBLE_FROM: Option<i16> = Some(3);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        ApiVersionsRequest::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}

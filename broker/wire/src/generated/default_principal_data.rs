// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `DefaultPrincipalData`, version 0.

use crate::codec::*;

/// `DefaultPrincipalData`, version 0.
#[derive(Clone, Debug, PartialEq)]
pub struct DefaultPrincipalData {
    /// The principal type.
    pub r#type: Str,
    /// The principal name.
    pub name: Str,
    /// Whether the principal was authenticated by a delegation token on the forwarding broker.
    pub token_authenticated: bool,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for DefaultPrincipalData {
    fn default() -> DefaultPrincipalData {
        DefaultPrincipalData {
            r#type: Str::new(),
            name: Str::new(),
            token_authenticated: false,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl DefaultPrincipalData {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<DefaultPrincipalData> {
        let flexible = true;
        let mut it = DefaultPrincipalData::default();
        it.r#type = reader.string(flexible)?;
        it.name = reader.string(flexible)?;
        it.token_authenticated = reader.bool()?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.string(Some(&self.r#type), flexible)?;
        writer.string(Some(&self.name), flexible)?;
        writer.bool(self.token_authenticated);
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for DefaultPrincipalData {
    const NAME: &'static str = "DefaultPrincipalData";
    const API_KEY: Option<i16> = None;
    const VERSIONS: Versions = Versions { from: 0, to: 0 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        DefaultPrincipalData::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}

// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `CreateDelegationTokenRequest`, versions 1 to 3.

use crate::codec::*;

/// `CreateDelegationTokenRequest`, versions 1 to 3.
#[derive(Clone, Debug, PartialEq)]
pub struct CreateDelegationTokenRequest {
    /// The principal type of the owner of the token. If it's null it defaults to the token request principal.
    pub owner_principal_type: Option<Str>,
    /// The principal name of the owner of the token. If it's null it defaults to the token request principal.
    pub owner_principal_name: Option<Str>,
    /// A list of those who are allowed to renew this token before it expires.
    pub renewers: Vec<CreatableRenewers>,
    /// The maximum lifetime of the token in milliseconds, or -1 to use the server side default.
    pub max_lifetime_ms: i64,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for CreateDelegationTokenRequest {
    fn default() -> CreateDelegationTokenRequest {
        CreateDelegationTokenRequest {
            owner_principal_type: Some(Str::new()),
            owner_principal_name: Some(Str::new()),
            renewers: Vec::new(),
            max_lifetime_ms: 0,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl CreateDelegationTokenRequest {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<CreateDelegationTokenRequest> {
        let flexible = version >= 2;
        let mut it = CreateDelegationTokenRequest::default();
        if version >= 3 {
            it.owner_principal_type = reader.nullable_string(flexible)?;
        }
        if version >= 3 {
            it.owner_principal_name = reader.nullable_string(flexible)?;
        }
        it.renewers = reader.array(flexible, 3, |reader| {
            CreatableRenewers::read(reader, version)
        })?;
        it.max_lifetime_ms = reader.i64()?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 2;
        if !(version >= 3) && self.owner_principal_type.as_deref() != Some("") {
            return Err(EncodeError::Field {
                name: "CreateDelegationTokenRequest",
                field: "owner_principal_type",
                version,
            });
        }
        if !(version >= 3) && self.owner_principal_name.as_deref() != Some("") {
            return Err(EncodeError::Field {
                name: "CreateDelegationTokenRequest",
                field: "owner_principal_name",
                version,
            });
        }
        if version >= 3 {
            writer.string(self.owner_principal_type.as_deref(), flexible)?;
        }
        if version >= 3 {
            writer.string(self.owner_principal_name.as_deref(), flexible)?;
        }
        writer.array(Some(&self.renewers), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        writer.i64(self.max_lifetime_ms);
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`CreateDelegationTokenRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct CreatableRenewers {
    /// The type of the Kafka principal.
    pub principal_type: Str,
    /// The name of the Kafka principal.
    pub principal_name: Str,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for CreatableRenewers {
    fn default() -> CreatableRenewers {
        CreatableRenewers {
            principal_type: Str::new(),
            principal_name: Str::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl CreatableRenewers {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<CreatableRenewers> {
        let flexible = version >= 2;
        let mut it = CreatableRenewers::default();
        it.principal_type = reader.string(flexible)?;
        it.principal_name = reader.string(flexible)?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 2;
        writer.string(Some(&self.principal_type), flexible)?;
        writer.string(Some(&self.principal_name), flexible)?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for CreateDelegationTokenRequest {
    const NAME: &'static str = "CreateDelegationTokenRequest";
    const API_KEY: Option<i16> = Some(38);
    const VERSIONS: Versions = Versions { from: 1, to: 3 };
    const FLEXIBLE_FROM: Option<i16> = Some(2);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        CreateDelegationTokenRequest::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}

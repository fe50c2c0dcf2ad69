//! A message's descriptor as Rust: its structs, their defaults, reading and writing.
//!
//! In: a [`Message`]. Out: the text of one module, not yet formatted. Never here: files, or how a
//! primitive looks in bytes; the generated code calls `Reader` and `Writer` for that.

mod reading;
mod writing;

use std::fmt::Write as _;

use super::descriptor::{Field, Message, Struct, Type, Versions};
use super::names::{snake, variant};

/// First line of every generated file.
pub(super) const HEAD: &str = "// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.\n";

/// The module of a message.
pub(super) fn module(message: &Message) -> String {
    let mut out = String::from(HEAD);
    let _ = writeln!(out, "//! {}", describe(message));
    out.push_str("\nuse crate::codec::*;\n");
    for structure in &message.structs {
        let emitter = Emitter { message, structure };
        out.push_str(&emitter.definition());
        out.push_str(&emitter.default());
        out.push_str(&emitter.codec());
    }
    out.push_str(&message_impl(message));
    out
}

fn describe(message: &Message) -> String {
    let Versions { from, to } = message.versions;
    if message.versions.is_empty() {
        format!("`{}`, which no version serves any more.", message.name)
    } else if from == to {
        format!("`{}`, version {from}.", message.name)
    } else {
        format!("`{}`, versions {from} to {to}.", message.name)
    }
}

fn message_impl(message: &Message) -> String {
    let Versions { from, to } = message.versions;
    let flexible = if message.flexible.is_empty() {
        "None".to_owned()
    } else {
        format!("Some({})", message.flexible.from)
    };
    let api_key = message
        .api_key
        .map_or("None".to_owned(), |it| format!("Some({it})"));
    let name = &message.name;
    format!(
        "\nimpl Message for {name} {{
    const NAME: &'static str = \"{name}\";
    const API_KEY: Option<i16> = {api_key};
    const VERSIONS: Versions = Versions {{ from: {from}, to: {to} }};
    const FLEXIBLE_FROM: Option<i16> = {flexible};

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {{
        {name}::read(reader, version)
    }}

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {{
        self.write(writer, version)
    }}
}}\n"
    )
}

/// A condition on `version`; `None` when it holds in every version of the message.
fn condition(within: Versions, versions: Versions) -> Option<String> {
    let versions = versions.and(within);
    if versions.contains(within) {
        return None;
    }
    Some(
        match (versions.from > within.from, versions.to < within.to) {
            _ if versions.is_empty() => "false".to_owned(),
            (true, true) if versions.from == versions.to => format!("version == {}", versions.from),
            (true, true) => format!("({}..={}).contains(&version)", versions.from, versions.to),
            (true, false) => format!("version >= {}", versions.from),
            (false, _) => format!("version <= {}", versions.to),
        },
    )
}

fn not(condition: &str) -> String {
    format!("!({condition})")
}

struct Emitter<'a> {
    message: &'a Message,
    structure: &'a Struct,
}

impl Emitter<'_> {
    fn within(&self) -> Versions {
        self.message.versions
    }

    fn is_ever_flexible(&self) -> bool {
        !self.message.flexible.is_empty()
    }

    fn definition(&self) -> String {
        let mut out = String::new();
        let name = &self.structure.name;
        let about = if *name == self.message.name {
            describe(self.message)
        } else {
            format!("Part of [`{}`].", self.message.name)
        };
        let _ = writeln!(
            out,
            "\n/// {about}\n#[derive(Clone, Debug, PartialEq)]\npub struct {name} {{"
        );
        for field in &self.structure.fields {
            for line in field.about.lines() {
                let _ = writeln!(
                    out,
                    "    /// {}",
                    line.replace('[', "\\[").replace('<', "\\<")
                );
            }
            let _ = writeln!(
                out,
                "    pub {}: {},",
                snake(&field.name),
                field_type(field)
            );
        }
        if self.is_ever_flexible() {
            out.push_str("    /// Tagged fields of newer versions, kept as they came.\n");
            out.push_str("    pub unknown_tagged_fields: Vec<RawTaggedField>,\n");
        }
        out.push_str("}\n");
        out
    }

    fn default(&self) -> String {
        let mut out = format!(
            "\nimpl Default for {0} {{\n    fn default() -> {0} {{\n        {0} {{\n",
            self.structure.name
        );
        for field in &self.structure.fields {
            let _ = writeln!(
                out,
                "            {}: {},",
                snake(&field.name),
                default_value(field)
            );
        }
        if self.is_ever_flexible() {
            out.push_str("            unknown_tagged_fields: Vec::new(),\n");
        }
        out.push_str("        }\n    }\n}\n");
        out
    }

    fn codec(&self) -> String {
        let flexible = match condition(self.within(), self.message.flexible) {
            _ if !self.is_ever_flexible() => "false".to_owned(),
            None => "true".to_owned(),
            Some(condition) => condition,
        };
        let name = &self.structure.name;
        let mut out = format!("\nimpl {name} {{\n");
        let _ = writeln!(
            out,
            "    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<{name}> {{
        let flexible = {flexible};
        let mut it = {name}::default();"
        );
        for field in self.plain_fields() {
            out.push_str(&self.read_field(field));
        }
        if self.is_ever_flexible() {
            out.push_str(&self.read_tagged());
        }
        out.push_str("        Ok(it)\n    }\n\n");
        let _ = writeln!(
            out,
            "    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {{
        let flexible = {flexible};"
        );
        for field in &self.structure.fields {
            out.push_str(&self.write_check(field));
        }
        for field in self.plain_fields() {
            out.push_str(&self.write_field(field));
        }
        if self.is_ever_flexible() {
            out.push_str(&self.write_tagged());
        }
        out.push_str("        Ok(())\n    }\n}\n");
        out
    }

    fn plain_fields(&self) -> impl Iterator<Item = &Field> {
        let within = self.within();
        self.structure
            .fields
            .iter()
            .filter(move |it| !it.versions.and(within).is_empty() && it.tag.is_none())
    }

    fn tagged_fields(&self) -> Vec<&Field> {
        let mut fields: Vec<&Field> = self
            .structure
            .fields
            .iter()
            .filter(|it| it.tag.is_some())
            .collect();
        fields.sort_by_key(|it| it.tag);
        fields
    }

    fn flexible_of(field: &Field) -> &'static str {
        match field.flexible {
            Some(versions) if versions.is_empty() => "false",
            Some(_) | None => "flexible",
        }
    }
}

fn is_nullable(kind: &Type) -> bool {
    matches!(
        kind,
        Type::String | Type::Bytes | Type::Records | Type::Array(_) | Type::Struct(_)
    )
}

/// Reader's and writer's name for a struct that may be null: a tagged field marks null otherwise
/// than a plain one does.
fn nullable_struct(field: &Field) -> &'static str {
    if field.tag.is_some() {
        "nullable_tagged_struct"
    } else {
        "nullable_struct"
    }
}

fn primitive(kind: &Type) -> &'static str {
    match kind {
        Type::Bool => "bool",
        Type::I8 => "i8",
        Type::I16 => "i16",
        Type::U16 => "u16",
        Type::I32 => "i32",
        Type::U32 => "u32",
        Type::I64 => "i64",
        Type::F64 => "f64",
        Type::Uuid => "uuid",
        Type::String => "string",
        Type::Bytes => "bytes",
        Type::Records => "records",
        Type::Struct(_) | Type::Array(_) => unreachable!("not a primitive"),
    }
}

fn rust_type(kind: &Type) -> String {
    match kind {
        Type::Uuid => "[u8; 16]".to_owned(),
        Type::String => "Str".to_owned(),
        Type::Bytes => "Bytes".to_owned(),
        Type::Records => "Records".to_owned(),
        Type::Struct(name) => name.clone(),
        Type::Array(element) => format!("Vec<{}>", rust_type(element)),
        other => primitive(other).to_owned(),
    }
}

fn field_type(field: &Field) -> String {
    let plain = rust_type(&field.kind);
    if is_nullable(&field.kind) && !field.nullable.is_empty() {
        format!("Option<{plain}>")
    } else {
        plain
    }
}

fn default_value(field: &Field) -> String {
    let default = field.default.as_deref();
    let is_optional = is_nullable(&field.kind) && !field.nullable.is_empty();
    if is_optional && default == Some("null") {
        return "None".to_owned();
    }
    let plain = match &field.kind {
        Type::Bool => default.unwrap_or("false").to_owned(),
        Type::F64 => default.map_or("0.0".to_owned(), |it| format!("{it}_f64")),
        Type::Uuid => "[0; 16]".to_owned(),
        Type::String => match default.unwrap_or_default() {
            "" => "Str::new()".to_owned(),
            text => format!("Str::from_static({text:?})"),
        },
        Type::Bytes => "Bytes::new()".to_owned(),
        Type::Records => "Records::default()".to_owned(),
        Type::Array(_) => "Vec::new()".to_owned(),
        Type::Struct(name) => format!("{name}::default()"),
        _ => default
            .filter(|it| !it.is_empty())
            .unwrap_or("0")
            .to_owned(),
    };
    if is_optional {
        format!("Some({plain})")
    } else {
        plain
    }
}

/// The modules' list, the API keys and the enums over all messages.
pub(super) fn index(messages: &[Message]) -> String {
    let mut out = String::from(HEAD);
    out.push_str("//! The modules of all messages.\n\n");
    for message in messages {
        let _ = writeln!(out, "pub mod {};", snake(&message.name));
    }
    out.push('\n');
    for message in messages {
        let _ = writeln!(out, "pub use {}::{};", snake(&message.name), message.name);
    }
    out
}

/// The rows of the macro that the tests find a message's codec with.
pub(super) fn names(messages: &[Message]) -> String {
    let mut out = String::from(HEAD);
    out.push_str("// The rows of the macro `codecs`.\n\ncodecs! {\n");
    for message in messages {
        let _ = writeln!(out, "    {};", message.name);
    }
    out.push_str("}\n");
    out
}

/// The rows of a macro that lists messages of one kind: `Variant = number: Type, ...`.
pub(super) fn table(name: &str, messages: &[(i16, Vec<&Message>)], suffix: &str) -> String {
    let mut out = String::from(HEAD);
    let _ = writeln!(out, "// The rows of the macro `{name}`.\n\n{name}! {{");
    for (number, row) in messages {
        let first = row
            .first()
            .map(|it| it.name.trim_end_matches(suffix))
            .unwrap_or_default();
        let types: Vec<&str> = row.iter().map(|it| it.name.as_str()).collect();
        let extra = row.first().map(|it| extra(it)).unwrap_or_default();
        let _ = writeln!(
            out,
            "    {} = {number}: {}{extra};",
            variant(first),
            types.join(", ")
        );
    }
    out.push_str("}\n");
    out
}

/// What a request's row says besides its types.
fn extra(message: &Message) -> String {
    if message.listeners.is_empty() {
        return String::new();
    }
    let on = |listener: &str| message.listeners.iter().any(|it| it == listener);
    format!(
        ", broker {}, controller {}, unstable {}",
        on("broker"),
        on("controller"),
        message.is_latest_unstable
    )
}

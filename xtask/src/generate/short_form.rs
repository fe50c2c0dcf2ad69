//! The descriptors in a form that a test reads without JSON: a line per message, struct and field.
//!
//! In: the messages. Out: one text. Never here: what the generated code is made of.
//!
//! ```text
//! message NAME KIND API_KEY VERSIONS FLEXIBLE_VERSIONS
//! struct NAME
//! field NAME TYPE VERSIONS NULLABLE_VERSIONS TAG never|- [DEFAULT]
//! ```
//!
//! The versions of a tagged field are those in which it is tagged. An empty range ends before it
//! begins.

use std::fmt::Write as _;

use super::descriptor::{Field, Kind, Message, Type, Versions};
use super::names::snake;

pub(super) fn text(messages: &[Message]) -> String {
    let mut out = String::from(
        "# Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.\n",
    );
    for message in messages {
        let _ = writeln!(
            out,
            "message {} {} {} {} {}",
            message.name,
            kind_word(message.kind),
            or_dash(message.api_key),
            range(message.versions),
            range(message.flexible),
        );
        for structure in &message.structs {
            let _ = writeln!(out, "struct {}", structure.name);
            for field in &structure.fields {
                out.push_str(&field_line(message, field));
            }
        }
    }
    out
}

fn field_line(message: &Message, field: &Field) -> String {
    let stated = if field.tag.is_some() {
        field.tagged
    } else {
        field.versions
    };
    let is_never_flexible = field.flexible.is_some_and(Versions::is_empty);
    let mut line = format!(
        "field {} {} {} {} {} {}",
        snake(&field.name).trim_start_matches("r#"),
        type_word(&field.kind),
        range(stated.and(message.versions)),
        range(field.nullable),
        or_dash(field.tag),
        if is_never_flexible { "never" } else { "-" },
    );
    if let Some(default) = field.default.as_ref().filter(|it| !it.is_empty()) {
        line.push(' ');
        line.push_str(default);
    }
    line.push('\n');
    line
}

fn range(versions: Versions) -> String {
    format!("{}..{}", versions.from, versions.to)
}

fn or_dash<T: ToString>(value: Option<T>) -> String {
    value.map_or("-".to_owned(), |it| it.to_string())
}

fn kind_word(kind: Kind) -> &'static str {
    match kind {
        Kind::Request => "request",
        Kind::Response => "response",
        Kind::Header => "header",
        Kind::Data => "data",
        Kind::Metadata => "metadata",
        Kind::CoordinatorKey => "coordinator-key",
        Kind::CoordinatorValue => "coordinator-value",
    }
}

fn type_word(kind: &Type) -> String {
    match kind {
        Type::Bool => "bool".to_owned(),
        Type::I8 => "int8".to_owned(),
        Type::I16 => "int16".to_owned(),
        Type::U16 => "uint16".to_owned(),
        Type::I32 => "int32".to_owned(),
        Type::U32 => "uint32".to_owned(),
        Type::I64 => "int64".to_owned(),
        Type::F64 => "float64".to_owned(),
        Type::Uuid => "uuid".to_owned(),
        Type::String => "string".to_owned(),
        Type::Bytes => "bytes".to_owned(),
        Type::Records => "records".to_owned(),
        Type::Struct(name) => name.clone(),
        Type::Array(element) => format!("[]{}", type_word(element)),
    }
}

//! The half of a struct's code that writes.
//!
//! In: a field. Out: the statement that writes it, and the one that refuses what a version cannot
//! carry. Never here: reading.

use std::fmt::Write as _;

use super::{Emitter, condition, default_value, is_nullable, not, nullable_struct, primitive};
use crate::generate::descriptor::{Field, Type};
use crate::generate::names::snake;

impl Emitter<'_> {
    /// Refuses a value that this version cannot carry and that may not be dropped.
    pub(super) fn write_check(&self, field: &Field) -> String {
        let name = snake(&field.name);
        let mut out = String::new();
        let carried = if field.tag.is_some() {
            field.tagged
        } else {
            field.versions
        };
        if let Some(condition) = condition(self.within(), carried)
            && !field.is_ignorable
        {
            let _ = writeln!(
                out,
                "        if {} && {} {{
            return Err(EncodeError::Field {{ name: \"{}\", field: \"{name}\", version }});
        }}",
                not(&condition),
                self.is_set(field),
                self.structure.name,
            );
        }
        let carried = carried.and(self.within());
        if is_nullable(&field.kind)
            && !field.nullable.is_empty()
            && let Some(nullable) = condition(carried, field.nullable)
        {
            let present =
                condition(self.within(), carried).map_or(String::new(), |it| format!("{it} && "));
            let _ = writeln!(
                out,
                "        if {present}{} && self.{name}.is_none() {{
            return Err(EncodeError::Null {{ name: \"{}\", field: \"{name}\", version }});
        }}",
                not(&nullable),
                self.structure.name,
            );
        }
        out
    }

    /// Whether a field differs from its default.
    fn is_set(&self, field: &Field) -> String {
        let name = format!("self.{}", snake(&field.name));
        let default = field.default.as_deref();
        let is_optional = is_nullable(&field.kind) && !field.nullable.is_empty();
        match &field.kind {
            _ if is_optional && default == Some("null") => format!("{name}.is_some()"),
            Type::Bool if default == Some("true") => format!("!{name}"),
            Type::Bool => name,
            Type::String => {
                let text = default.unwrap_or_default();
                if is_optional {
                    format!("{name}.as_deref() != Some({text:?})")
                } else if text.is_empty() {
                    format!("!{name}.is_empty()")
                } else {
                    format!("*{name} != *{text:?}")
                }
            }
            Type::Bytes | Type::Records | Type::Array(_) if is_optional => {
                format!("{name}.as_ref().is_none_or(|it| !it.is_empty())")
            }
            Type::Bytes | Type::Records | Type::Array(_) => format!("!{name}.is_empty()"),
            Type::Struct(kind) if is_optional => format!("{name} != Some({kind}::default())"),
            Type::Struct(kind) => format!("{name} != {kind}::default()"),
            _ => format!("{name} != {}", default_value(field)),
        }
    }

    pub(super) fn write_field(&self, field: &Field) -> String {
        let write = self.write_value(field, Self::flexible_of(field));
        match condition(self.within(), field.versions) {
            None => format!("        {write}\n"),
            Some(condition) => {
                format!("        if {condition} {{\n            {write}\n        }}\n")
            }
        }
    }

    fn write_value(&self, field: &Field, flexible: &str) -> String {
        let name = format!("self.{}", snake(&field.name));
        let is_optional = is_nullable(&field.kind) && !field.nullable.is_empty();
        match &field.kind {
            Type::String | Type::Bytes | Type::Array(_) => {
                let value = if is_optional {
                    format!("{name}.as_deref()")
                } else {
                    format!("Some(&{name})")
                };
                self.write_expression(&field.kind, &value, flexible)
            }
            Type::Records => {
                let value = if is_optional {
                    format!("{name}.as_ref()")
                } else {
                    format!("Some(&{name})")
                };
                self.write_expression(&field.kind, &value, flexible)
            }
            Type::Struct(_) if is_optional => format!(
                "writer.{}({name}.as_ref(), |writer, it| it.write(writer, version))?;",
                nullable_struct(field)
            ),
            Type::Struct(_) => format!("{name}.write(writer, version)?;"),
            kind => format!("writer.{}({name});", primitive(kind)),
        }
    }

    fn write_expression(&self, kind: &Type, value: &str, flexible: &str) -> String {
        match kind {
            Type::String => format!("writer.string({value}, {flexible})?;"),
            Type::Bytes => format!("writer.bytes({value}, {flexible})?;"),
            Type::Records => format!("writer.records({value}, {flexible})?;"),
            Type::Array(element) => {
                let inner = match &**element {
                    Type::String | Type::Bytes | Type::Array(_) => self
                        .write_expression(element, "Some(it)", flexible)
                        .replace("?;", ""),
                    Type::Struct(_) => "it.write(writer, version)".to_owned(),
                    Type::Records => self
                        .write_expression(element, "Some(it)", flexible)
                        .replace("?;", ""),
                    kind => format!("{{ writer.{}(*it); Ok(()) }}", primitive(kind)),
                };
                format!("writer.array({value}, {flexible}, |writer, it| {inner})?;")
            }
            Type::Struct(_) => format!("{value}.write(writer, version)?;"),
            kind => format!("writer.{}({value});", primitive(kind)),
        }
    }

    pub(super) fn write_tagged(&self) -> String {
        let mut out = String::from("        if flexible {\n");
        let fields = self.tagged_fields();
        if fields.is_empty() {
            out.push_str("            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;\n");
        } else {
            out.push_str("            let mut tagged = TaggedFields::default();\n");
            for field in fields {
                let carried = condition(self.message.flexible, field.tagged)
                    .map_or(String::new(), |it| format!("{it} && "));
                let _ = writeln!(
                    out,
                    "            if {carried}{} {{
                tagged.add({}, |writer| {{ {} Ok(()) }})?;
            }}",
                    self.is_set(field),
                    field.tag.unwrap_or_default(),
                    self.write_value(field, "true"),
                );
            }
            out.push_str(
                "            writer.tagged_fields(tagged, &self.unknown_tagged_fields)?;\n",
            );
        }
        out.push_str("        }\n");
        out
    }
}

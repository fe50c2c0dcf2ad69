//! The half of a struct's code that reads.
//!
//! In: a field. Out: the statement that reads it. Never here: writing.

use std::fmt::Write as _;

use super::{Emitter, condition, is_nullable, nullable_struct, primitive};
use crate::generate::descriptor::{Field, Type, Versions};
use crate::generate::names::snake;

impl Emitter<'_> {
    pub(super) fn read_field(&self, field: &Field) -> String {
        let assign = format!("it.{} = {};", snake(&field.name), self.read_value(field));
        match condition(self.within(), field.versions) {
            None => format!("        {assign}\n"),
            Some(condition) => {
                format!("        if {condition} {{\n            {assign}\n        }}\n")
            }
        }
    }

    fn read_value(&self, field: &Field) -> String {
        let flexible = Self::flexible_of(field);
        let plain = self.read_expression(&field.kind, flexible, false);
        if field.nullable.is_empty() || !is_nullable(&field.kind) {
            return format!("{plain}?");
        }
        let nullable = match &field.kind {
            Type::Struct(name) => format!(
                "reader.{}(|reader| {name}::read(reader, version))",
                nullable_struct(field)
            ),
            kind => self.read_expression(kind, flexible, true),
        };
        match condition(field.versions.and(self.within()), field.nullable) {
            None => format!("{nullable}?"),
            Some(condition) => {
                format!("if {condition} {{ {nullable}? }} else {{ Some({plain}?) }}")
            }
        }
    }

    fn read_expression(&self, kind: &Type, flexible: &str, is_nullable: bool) -> String {
        let prefix = if is_nullable { "nullable_" } else { "" };
        match kind {
            Type::String => format!("reader.{prefix}string({flexible})"),
            Type::Bytes => format!("reader.{prefix}bytes({flexible})"),
            Type::Records => format!("reader.{prefix}records({flexible})"),
            Type::Struct(name) => format!("{name}::read(reader, version)"),
            Type::Array(element) => format!(
                "reader.{prefix}array({flexible}, {}, |reader| {})",
                self.bytes_min(element),
                self.read_expression(element, flexible, false),
            ),
            _ => format!("reader.{}()", primitive(kind)),
        }
    }

    /// The fewest bytes that a value takes in any version.
    fn bytes_min(&self, kind: &Type) -> usize {
        let Versions { from, to } = self.within();
        let each = (from..=to).map(|version| self.bytes_min_in(kind, version));
        // An element of no bytes would let a count claim anything.
        each.min().unwrap_or(1).max(1)
    }

    /// The fewest bytes that a value takes in `version`.
    fn bytes_min_in(&self, kind: &Type, version: i16) -> usize {
        let version_only = Versions {
            from: version,
            to: version,
        };
        let is_flexible = self.message.flexible.contains(version_only);
        match kind {
            Type::Bool | Type::I8 => 1,
            Type::I16 | Type::U16 => 2,
            Type::I32 | Type::U32 => 4,
            Type::I64 | Type::F64 => 8,
            Type::Uuid => 16,
            // At least a length: a field that is never flexible has a longer one.
            Type::String | Type::Bytes | Type::Records | Type::Array(_) if is_flexible => 1,
            Type::String => 2,
            Type::Bytes | Type::Records | Type::Array(_) => 4,
            Type::Struct(name) => {
                let found = self.message.structs.iter().find(|it| it.name == *name);
                let fields = found.map(|it| it.fields.as_slice()).unwrap_or_default();
                let present = fields
                    .iter()
                    .filter(|it| it.tag.is_none() && it.versions.contains(version_only));
                let fields: usize = present.map(|it| self.field_bytes_min(it, version)).sum();
                fields + usize::from(is_flexible)
            }
        }
    }

    fn field_bytes_min(&self, field: &Field, version: i16) -> usize {
        let may_be_null = matches!(field.kind, Type::Struct(_)) && !field.nullable.is_empty();
        if may_be_null {
            1
        } else {
            self.bytes_min_in(&field.kind, version)
        }
    }

    pub(super) fn read_tagged(&self) -> String {
        let mut arms = String::new();
        for field in self.tagged_fields() {
            let guard = condition(self.within(), field.tagged)
                .map_or(String::new(), |it| format!(" if {it}"));
            let _ = writeln!(
                arms,
                "                    {}{guard} => it.{} = {},",
                field.tag.unwrap_or_default(),
                snake(&field.name),
                self.read_value(field),
            );
        }
        let known = if arms.is_empty() {
            "|_, _| Ok(false)".to_owned()
        } else {
            format!(
                "|tag, reader| {{
                match tag {{
{arms}                    _ => return Ok(false),
                }}
                Ok(true)
            }}"
            )
        };
        format!(
            "        if flexible {{
            let unknown = reader.tagged_fields({known})?;
            it.unknown_tagged_fields = unknown;
        }}\n"
        )
    }
}

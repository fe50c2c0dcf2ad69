//! The custom resources as Rust types, their rules and generated YAML.

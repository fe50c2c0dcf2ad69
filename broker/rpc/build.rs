//! Generates the client and the server of the control service.
//!
//! In: `proto/`. Out: Rust in `OUT_DIR`. Never here: `protoc`; the compiler is a crate.

use std::error::Error;

const PROTO: &str = "proto/tidemill/control/v1/control.proto";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={PROTO}");
    let descriptors = protox::compile([PROTO], ["proto"])?;
    tonic_prost_build::configure()
        // Maps in order of their keys: what is printed or compared never flaps.
        .btree_map(".")
        .compile_fds(descriptors)?;
    Ok(())
}

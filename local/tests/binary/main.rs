//! `cargo local` as a program.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod building;
mod log;
mod paste;
mod program;
mod running;
mod stopping;

use program::{folder, program};

#[test]
fn openapi_documents_go_into_the_checkout_that_asks_for_them() {
    let folder = folder("checkout");
    std::fs::create_dir(folder.join("local")).unwrap();
    let status = program().arg("openapi").env("CARGO_MANIFEST_DIR", folder.join("local")).status().unwrap();
    assert!(status.success());
    let written = std::fs::read_to_string(folder.join("docs/openapi/sdelements.json")).unwrap();
    assert!(written.contains("\"openapi\""));
}

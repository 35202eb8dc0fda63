//! What the program says where AWS cannot be called.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{fs, path::Path, process::Command};

/// What it complains about with just these variables and that configuration file of AWS's tools.
fn complaint(variables: &[(&str, &str)], profiles: &str) -> String {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("profiles-{}", variables.len()));
    fs::write(&file, profiles).unwrap();
    let mut admin = Command::new(env!("CARGO_BIN_EXE_admin"));
    admin.args(["--webhooks-table", "W", "--events-table", "E", "--deliveries-table", "D", "list-organizations"]);
    admin.env_clear().env("HOME", env!("CARGO_TARGET_TMPDIR")).env("AWS_EC2_METADATA_DISABLED", "true");
    admin.env("AWS_CONFIG_FILE", &file).env("AWS_SHARED_CREDENTIALS_FILE", &file).envs(variables.iter().copied());
    let done = admin.output().unwrap();
    assert!(!done.status.success());
    String::from_utf8(done.stderr).unwrap()
}

#[test]
fn without_a_region_or_credentials_it_says_what_to_do() {
    let said = complaint(&[], "");
    assert!(said.contains("export AWS_REGION="), "{said}");
    let said = complaint(&[("AWS_REGION", "eu-central-1")], "");
    assert!(said.contains("no AWS credentials were found: set AWS_PROFILE"), "{said}");
    let sso = "[profile work]\nsso_start_url = https://start.example\nsso_region = eu-central-1\n\
               sso_account_id = 123456789012\nsso_role_name = admin\n";
    let said = complaint(&[("AWS_REGION", "eu-central-1"), ("AWS_PROFILE", "work")], sso);
    assert!(said.contains("aws configure export-credentials") && !said.contains("start.example"), "{said}");
}

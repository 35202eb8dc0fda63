//! Shared by the start of `cargo local` and the local stack: which binaries are built before the stack starts, and how
//! a program that cargo runs calls cargo.

use std::{env, path::Path, process::Command};

/// The environment variable that tells the stack which functions have just been built: their binaries' names, separated
/// by commas.
pub const BUILT: &str = "OUTHOOK_BUILT";

/// The binaries of the functions that a first message needs. The stack builds the others while it runs.
pub const FIRST: [&str; 7] = [
    "sdelements-create-webhook",
    "sdelements-create-configuration",
    "sdelements-publish-activity",
    "delivery-fan-out",
    "delivery-spread",
    "delivery-drain",
    "delivery-tick",
];

/// A command that runs cargo in a checkout as a shell would, without the variables that cargo sets for the programs
/// that it runs. `through` is a command that runs another one, such as `nice`, or empty.
#[must_use]
pub fn cargo(root: &Path, through: &[&str]) -> Command {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = match through.split_first() {
        None => Command::new(cargo),
        Some((program, arguments)) => {
            let mut command = Command::new(program);
            command.args(arguments).arg(cargo);
            command
        }
    };
    command.current_dir(root);
    // With these variables, build scripts would run again, and everything that depends on them would be built again.
    let told = |name: &str| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
    for (name, _) in env::vars_os().filter(|(name, _)| name.to_str().is_some_and(told)) {
        command.env_remove(name);
    }
    command
}

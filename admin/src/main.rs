//! `cargo admin`: the operator's command line.

use std::{
    io::{IsTerminal as _, stderr, stdout},
    process::ExitCode,
};

use admin::{Arguments, Found, Terminal};
use anstream::{AutoStream, ColorChoice};
use clap::Parser as _;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let mut output = stdout();
    // Considers whether it is a terminal, and NO_COLOR and the like.
    let colour = AutoStream::choice(&output) != ColorChoice::Never;
    let terminal = Terminal { colour, progress: stderr().is_terminal(), ..Terminal::plain(&mut output) };
    match admin::run(arguments, terminal).await {
        Ok(Found::Nothing) => ExitCode::SUCCESS,
        Ok(Found::Something) => ExitCode::from(1),
        Err(error) => {
            eprintln!("cargo admin: {error}");
            ExitCode::from(2)
        }
    }
}

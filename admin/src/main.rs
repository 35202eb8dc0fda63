//! `cargo admin`: the operator's command line.

use std::process::ExitCode;

use clap::Parser as _;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match admin::run(admin::Arguments::parse(), &mut std::io::stdout()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cargo admin: {error}");
            ExitCode::FAILURE
        }
    }
}

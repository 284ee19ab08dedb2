//! `zhanggui-cli`: the console without a window, for support, scripts and servers without a screen.
//!
//! Every command parses, makes one call and prints: `arguments` says what can be typed, `commands` has a file per
//! subject, `rows` the shapes that other programs rely on.

mod arguments;
mod commands;
mod output;
mod pins;
mod rows;
mod session;

use std::process::ExitCode;

use arguments::Arguments;
use clap::Parser;

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return output::usage(&error),
    };
    output::start_logging();
    let output = output::Output::new(arguments.json, arguments.language());
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return output.fail(&adapters::fault::Fault::internal(&error)),
    };
    let outcome = runtime.block_on(commands::run(&arguments, &output));
    // A blocking call (a printer, the keychain) must not hold the end of the program up.
    runtime.shutdown_timeout(std::time::Duration::from_millis(200));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => output.fail(&fault),
    }
}

//! A file per subject: each command parses, makes one call and prints.

pub(crate) mod audit;
mod connect;
mod doctor;
mod orders;
mod paper;
mod query;
mod refunds;
mod sandbox;
mod serve;
mod staff;
mod sync;

use adapters::fault::Fault;

use crate::arguments::{Arguments, Command};
use crate::output::Output;

pub(crate) async fn run(arguments: &Arguments, output: &Output) -> Result<(), Fault> {
    match &arguments.command {
        Command::Sandbox(options) => sandbox::run(arguments, options).await,
        Command::Connect { from } => connect::run(arguments, from, output).await,
        Command::Sync { watch: true, .. } => sync::watch(arguments, output).await,
        Command::Sync { watch: false, .. } => sync::once(arguments, output).await,
        Command::Orders(options) => orders::list(arguments, options, output).await,
        Command::Order { number } => orders::one(arguments, number, output).await,
        Command::Refunds { state } => refunds::list(arguments, state.clone(), output).await,
        Command::Refund(command) => refunds::decide(arguments, command, output).await,
        Command::Staff(command) => staff::run(arguments, command, output).await,
        Command::Query { number } => query::run(arguments, number, output).await,
        Command::Receipt(options) => paper::receipt(arguments, options, output).await,
        Command::Print(options) => paper::print(arguments, options, output).await,
        Command::Printers => paper::printers(output),
        Command::Serve { print_to, width } => serve::run(arguments, print_to.as_ref(), *width, output).await,
        Command::Audit(command) => audit::run(arguments, command, output).await,
        Command::Doctor => doctor::run(arguments, output).await,
    }
}

/// Ends with the user's Ctrl-C, or when the system asks the program to end.
async fn asked_to_end() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            },
            Err(error) => {
                tracing::warn!(%error, "only Ctrl-C ends this program");
                let _ = tokio::signal::ctrl_c().await;
            }
        }
    }
    #[cfg(not(unix))]
    {
        let _ = tokio::signal::ctrl_c().await;
    }
}

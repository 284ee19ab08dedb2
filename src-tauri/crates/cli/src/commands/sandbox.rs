use adapters::fault::Fault;
use sandbox::{Options, Sandbox};

use crate::arguments::{Arguments, SandboxArguments};
use crate::output;

pub(crate) async fn run(arguments: &Arguments, options: &SandboxArguments) -> Result<(), Fault> {
    let (folder, ours) = match &arguments.data {
        Some(folder) => (folder.clone(), false),
        None => (std::env::temp_dir().join(format!("zhanggui-sandbox-{}", uuid::Uuid::new_v4())), true),
    };
    let sandbox = Sandbox::start(Options {
        gateway_listen: options.listen,
        seed: options.seed,
        orders: options.orders,
        rate_per_minute: options.rate,
        folder: folder.clone(),
    })
    .await
    .map_err(|error| Fault::internal(&error))?;
    output::print(&sandbox.connection().to_string());
    super::asked_to_end().await;
    sandbox.shutdown().await;
    if ours && let Err(error) = std::fs::remove_dir_all(&folder) {
        tracing::warn!(%error, "the sandbox's certificates could not be removed");
    }
    Ok(())
}

//! What can be typed after the program's name: for support, tests and demonstrations. A shop needs none of it.

use std::path::PathBuf;

use clap::Parser;

/// The window.
#[derive(Debug, Clone, Parser)]
#[command(name = "zhanggui", version)]
pub(crate) struct Arguments {
    /// The folder below which each shop has its own; the platform's data folder by default.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,

    /// Opens vaults without asking for the passphrase.
    #[arg(long, value_name = "FILE")]
    pub(crate) vault_passphrase_file: Option<PathBuf>,

    /// Orders that the demo shop has had in the week before.
    #[arg(long, value_name = "COUNT", default_value_t = 60)]
    pub(crate) demo_orders: u32,

    /// New orders a minute in the demo shop, on average.
    #[arg(long, value_name = "PER_MINUTE", default_value_t = 3.0)]
    pub(crate) demo_rate: f64,

    /// Which demo shop: the same number is the same shop. Another one at each start by default.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) demo_seed: Option<u64>,

    /// Writes there how the demo shop is reached, for tests and for whoever wants to look at its books. The file holds the
    /// demo shop's keys, which open nothing.
    #[arg(long, value_name = "FILE")]
    pub(crate) demo_connection_file: Option<PathBuf>,
}

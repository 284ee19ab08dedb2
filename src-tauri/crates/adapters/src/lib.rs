//! What stands behind the engine's traits on a real PC.
//!
//! - [`secrets`]: keys, certificate key and token, in the keychain or in a sealed vault file.
//! - [`settings`]: what is remembered beside the mirror, and no secret.
//! - [`connection`]: the JSON that sets a shop up, its checks, and the setting up itself.
//! - [`notifications`]: the desktop's notifications, with buttons.
//! - [`paper`]: tickets to printers.
//! - [`shop`]: one shop opened, and an engine over all of the above.
//! - [`audit`]: the audit log as a file.
//! - [`fault`]: what a person reads when something went wrong, and [`refunds`] why a refund did not end well.

pub mod audit;
mod backend;
mod clients;
mod clock;
pub mod connection;
mod csv;
pub mod fault;
mod files;
pub mod folders;
pub mod gateway;
mod home;
mod lock;
pub mod notifications;
pub mod paper;
mod pins;
mod probe;
pub mod refunds;
pub mod secrets;
pub mod settings;
pub mod shop;
mod telling;
pub mod window_settings;

pub use home::people_of;
pub use lock::FolderLock;
pub use telling::readable as alert_parameters;

//! What stands behind the engine's traits on a real PC.
//!
//! - [`secrets`]: keys, certificate key and token, in the keychain or in a sealed vault file.
//! - [`settings`]: what is remembered beside the mirror, and no secret.
//! - [`connection`]: the JSON that sets a shop up, its checks, and the setting up itself.
//! - [`notifications`]: the desktop's notifications, with buttons.
//! - [`paper`]: tickets to printers.
//! - [`shop`]: one shop opened, and an engine over all of the above.

mod backend;
mod clock;
pub mod connection;
mod files;
pub mod gateway;
mod lock;
pub mod notifications;
pub mod paper;
pub mod secrets;
pub mod settings;
pub mod shop;
mod telling;

pub use lock::FolderLock;

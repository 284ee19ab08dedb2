//! A simulated WeChat and a demo shop over real sockets: the demo mode, and the other side in tests.
//!
//! [`Sandbox::start`] opens two listeners on loopback:
//!
//! - WeChat Pay's gateway, API v2, over TLS with an authority of its own. A client certificate is asked for and, under
//!   `/secapi/`, demanded; every signature is checked, every answer signed, and every fen that moves stands in
//!   [`Books`].
//! - The shop's backend, which serves the merchant contract (`merchant-api.yaml`) over plain HTTP, as R11 allows on
//!   loopback. Its orders go the real way: placed at the gateway over TLS, paid there, told of by WeChat's notice.
//!
//! [`Sandbox::place_order`] and [`Sandbox::ask_for_refund`] pull strings of this world, and with a rate it lives by
//! itself: buyers order, pay, cancel, come for their coffee, and now and then want their money back.
//!
//! [`Faults`] are the bad days of both. Other processes reach the same switches under `/sandbox/` on the backend's
//! listener, with the shop's bearer token: orders to place and pay, refund requests, the books, the faults.
//!
//! What is deliberately absent: no state outlives a run, and signing is shared with the client under test, so the
//! sandbox proves nothing about signatures. Vectors and foreign clients do.

mod backend;
mod books;
mod certificates;
mod control;
mod error;
mod faults;
mod gateway;
mod generator;
mod goods;
mod history;
mod identity;
mod life;
mod sandbox;
mod serve;
#[cfg(test)]
mod tests;

pub use books::{Books, Imbalance, Movement, MovementKind, MovementStatus};
pub use certificates::ClientCertificate;
pub use error::Error;
pub use faults::{BackendFaults, Delay, Faults, GatewayFaults, Switch, Times};
pub use gateway::{Notification, PaymentMade};
pub use life::{Placed, Wishes};
pub use sandbox::{Options, Sandbox};

//! What crosses to the page, a file per subject. Names are `camelCase` there, every value is converted by hand from the
//! inner types, and money is whole fen.

mod alerts;
mod audit;
mod connection;
mod console;
mod number;
mod orders;
mod printing;
mod refunds;
mod staff;
mod status;

pub(crate) use alerts::*;
pub(crate) use audit::*;
pub(crate) use connection::*;
pub(crate) use console::*;
pub(crate) use number::*;
pub(crate) use orders::*;
pub(crate) use printing::*;
pub(crate) use refunds::*;
pub(crate) use staff::*;
pub(crate) use status::*;

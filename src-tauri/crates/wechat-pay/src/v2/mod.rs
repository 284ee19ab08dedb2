//! API v2: XML messages signed with the merchant's API key.
//!
//! A request goes from typed parameters to [`Fields`], gets what every request carries and its sign, and leaves as XML.
//! An answer takes the way back: read strictly, its sign checked before any field is looked at, its merchant and numbers
//! compared with what was asked, and only then turned into the types of `domain`. [`Client`] does both over TLS; the
//! modules are open to the simulated gateway, which stands on the other side.

pub(crate) mod answer;
pub mod bill;
pub(crate) mod call;
mod client;
mod credentials;
mod fields;
pub mod notification;
mod order;
pub mod pay_params;
pub(crate) mod payment;
mod refund;
mod refusal;
pub(crate) mod req_info;
pub mod sign;
pub mod xml;

pub use answer::{BadField, Rejected};
pub use client::{CONNECT_TIMEOUT, Client, Config, MAIN_ADDRESS, READ_TIMEOUT};
pub use fields::Fields;
pub use order::{Prepay, TradeType, UnifiedOrder};
pub use payment::PaymentNumber;
pub use refund::{AcceptedRefund, ApplyRefund, RefundEntry, RefundedCoupon, read_refunds};
pub use refusal::Refusal;
pub use sign::{SignError, SignType};
pub use xml::XmlError;

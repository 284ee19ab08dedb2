//! The shapes of `merchant-api.yaml`, schema by schema, as they stand on the wire: what the client sends and reads,
//! and what a server reads and sends.
//!
//! A type has the name of its schema and a member the name of its property. Reading follows R1: members that are
//! not known are passed over, absent and null are the same, words of open enums are kept. Writing leaves out what is
//! `None` and always writes what the schema requires. Ranges (an amount of at most 10^11 fen, a version above 0) are
//! checked where an object becomes one of the domain.

mod action;
mod capabilities;
#[cfg(test)]
pub(crate) mod examples;
mod feed;
mod order;
mod problem;
mod refund;
mod shipping;

use serde::{Deserialize, Deserializer};

pub use crate::words::{
    AckKind, ChangeReason, DecisionStep, DecisionWord, Feature, ObjectKind, ObservedTradeState, ProblemCode,
    ReportedState, TicketState,
};
pub use action::{AckRequest, DecisionRequest, Operator, PaymentObserved, PayoutReport, RefundOrderRequest};
pub use capabilities::{
    Backend, Capabilities, ChangesCapability, ReasonCode, RefundCapability, Shop, WeChatCapability,
};
pub use feed::{Change, ChangePage, Cursor, OrderPage, RefundRequestPage};
pub use order::{
    Ack, Amounts, Buyer, Discount, Hold, Order, OrderLine, Payment, Pickup, Receiver, RefundSummary,
    Shipment, ShipmentLine, TicketAck, WeChatUpload,
};
pub use problem::{Current, Problem};
pub use refund::{DecisionRecord, Payout, PayoutError, RefundLine, RefundRequest, ReturnInfo};
pub use shipping::{Carrier, CarrierList, ShipmentCorrection, ShipmentRequest};

/// Null and absent are the same for members that have a default.
fn null_is_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Option::<T>::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// Empty text is no number: some backends have an empty column where the contract has null.
fn empty_is_none<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: TryFrom<String>,
    T::Error: std::fmt::Display,
{
    match Option::<String>::deserialize(deserializer)? {
        Some(text) if !text.is_empty() => T::try_from(text).map(Some).map_err(serde::de::Error::custom),
        _ => Ok(None),
    }
}

/// The contract lets `mchid` and `appid` be any text. One that has not WeChat's form names no merchant and no
/// program of WeChat's, so that it is as good as none; the order itself is not to be lost for it.
fn foul_is_none<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: TryFrom<String>,
{
    Ok(Option::<String>::deserialize(deserializer)?.and_then(|text| T::try_from(text).ok()))
}

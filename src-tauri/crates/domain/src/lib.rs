//! What an order, a payment, a refund and an amount are, and what should happen next.
//!
//! Nothing in here reads a clock, a file or a socket: functions take `now` and answer with what to do. That is
//! what lets the money logic be tested by the million without a network.
//!
//! - [`Fen`]: money. [`time`]: instants and WeChat's own clock.
//! - [`id`]: numbers as the protocols spell them.
//! - [`Order`], [`RefundRequest`]: what the shop's backend says.
//! - [`WechatPayment`], [`WechatRefund`]: what WeChat says, whatever protocol version it was asked in.
//! - [`verify`]: whether the two agree. [`payout`]: the refund's way from claim to "money arrived".
//! - [`reconcile`]: what a new or changed order should cause. [`pace`]: when to ask again.
//! - [`certificate`]: when people are told that the merchant certificate ends.
//! - [`staff`]: who works here, what they may do, and how much they may send back.

pub mod certificate;
pub mod id;
mod money;
mod order;
pub mod pace;
pub mod payout;
pub mod reconcile;
mod refund;
mod secret;
pub mod staff;
pub mod time;
pub mod verify;
mod wechat;
mod words;

pub use id::{
    AppId, InvalidId, MchId, OrderId, OutRefundNo, OutTradeNo, RefundRequestId, ShopId, StaffId, TerminalId,
    TransactionId,
};
pub use money::{Fen, InvalidYuan};
pub use order::{
    Ack, Amounts, Buyer, Discount, Fulfilment, Hold, Order, OrderKind, OrderLine, Payment, PaymentMethod,
    PaymentState, Pickup, Receiver, RefundSummary, Shipment, ShopHead, TicketAck,
};
pub use refund::{
    BackendPayout, BackendPayoutState, PayoutError, PayoutMode, RefundKind, RefundLine, RefundRequest,
    RefundState,
};
pub use secret::Secret;
pub use wechat::{RefundStatus, TradeState, WechatPayment, WechatRefund};

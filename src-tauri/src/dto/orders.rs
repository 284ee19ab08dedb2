//! Orders: the list and one in full.

use serde::{Deserialize, Serialize};

use super::{Fen, Milliseconds, Paper, RefundRow, Revision};
use crate::error::Fault;

/// Which orders a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) enum OrderGroup {
    /// All.
    All,
    /// Waiting for the payment.
    Unpaid,
    /// Paid, and not done.
    ToFulfil,
    /// Money is asked back or on its way back.
    Refunding,
    /// The money does not agree.
    Attention,
    /// Done.
    Done,
    /// Cancelled or closed.
    Cancelled,
}

/// What a list asks for.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) struct OrderQuery {
    /// Which orders.
    pub(crate) group: OrderGroup,
    /// Any part of a number, a name of goods or a note; empty: all.
    pub(crate) search: String,
}

/// How many orders a group holds.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) struct GroupCount {
    /// Which.
    pub(crate) group: OrderGroup,
    /// How many.
    pub(crate) count: u32,
}

/// A stretch of the list, newest first.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) struct OrderWindow {
    /// The position of the first row.
    pub(crate) first: u32,
    /// How many orders the whole list has.
    pub(crate) total: u32,
    /// The rows.
    pub(crate) rows: Vec<OrderSummary>,
}

/// An order as the list shows it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) struct OrderSummary {
    /// Its id.
    pub(crate) id: String,
    /// The number that people say.
    pub(crate) number: String,
    /// What a refund of it names as seen.
    pub(crate) revision: Revision,
    /// When it was placed.
    pub(crate) placed_at_ms: Milliseconds,
    /// When the backend says it was paid.
    pub(crate) paid_at_ms: Option<Milliseconds>,
    /// The goods in one line.
    pub(crate) goods: String,
    /// How many pieces.
    pub(crate) pieces: u32,
    /// What it costs.
    pub(crate) total_fen: Fen,
    /// What went back.
    pub(crate) refunded_fen: Fen,
    /// A word of `state.fulfilment`.
    pub(crate) fulfilment: String,
    /// A word of `state.payment`.
    pub(crate) payment: String,
    /// A word of `state.method`.
    pub(crate) method: Option<String>,
    /// A word of `state.verified`.
    pub(crate) verified: String,
    /// A word of `receipt.kind`.
    pub(crate) kind: String,
    /// What the customer says at the counter.
    pub(crate) pickup_code: Option<String>,
    /// Who.
    pub(crate) buyer: Option<String>,
    /// What the customer wrote.
    pub(crate) note: Option<String>,
    /// Whether an alert about it is still open.
    pub(crate) unseen: bool,
    /// Whether money is asked back or on its way.
    pub(crate) refunding: bool,
    /// Its ticket.
    pub(crate) printed: PrintState,
}

/// Where the ticket of an order is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) enum PrintState {
    /// None was wanted.
    No,
    /// Waits for the printer.
    Queued,
    /// On paper.
    Printed,
    /// It did not come out, or nobody knows.
    Trouble,
}

/// An order in full, with both truths.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) struct OrderDetail {
    /// As in the list.
    pub(crate) summary: OrderSummary,
    /// The goods.
    pub(crate) lines: Vec<OrderLine>,
    /// The sums.
    pub(crate) amounts: Amounts,
    /// Where it goes.
    pub(crate) receiver: Option<Receiver>,
    /// Where it is fetched.
    pub(crate) pickup: Option<Pickup>,
    /// What the shop wrote.
    pub(crate) merchant_note: Option<String>,
    /// Why the backend wants it held back.
    pub(crate) hold: Option<String>,
    /// What the backend says of the money.
    pub(crate) backend: BackendWord,
    /// What WeChat says of it.
    pub(crate) wechat: Option<WechatWord>,
    /// Where they differ.
    pub(crate) differences: Vec<Difference>,
    /// When WeChat said so.
    pub(crate) verified_at_ms: Option<Milliseconds>,
    /// When WeChat is asked next.
    pub(crate) ask_at_ms: Option<Milliseconds>,
    /// Why WeChat could not be asked the last time.
    pub(crate) ask_fault: Option<Fault>,
    /// Its refunds.
    pub(crate) refunds: Vec<RefundRow>,
    /// What happened, oldest first.
    pub(crate) timeline: Vec<Moment>,
    /// Its tickets.
    pub(crate) papers: Vec<Paper>,
    /// Why no refund of it can be started now.
    pub(crate) refund_refusal: Option<Fault>,
}

/// One kind of goods.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) struct OrderLine {
    /// Its id in the order.
    pub(crate) id: String,
    /// What.
    pub(crate) title: String,
    /// Which kind.
    pub(crate) spec: Option<String>,
    /// The shop's code.
    pub(crate) sku: Option<String>,
    /// How many.
    pub(crate) quantity: u32,
    /// Each.
    pub(crate) unit_price_fen: Option<Fen>,
    /// Together.
    pub(crate) total_fen: Fen,
    /// How many came back.
    pub(crate) refunded_quantity: Option<u32>,
    /// A note on it.
    pub(crate) note: Option<String>,
}

/// A discount.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) struct Discount {
    /// What it is called.
    pub(crate) label: String,
    /// How much less.
    pub(crate) amount_fen: Fen,
}

/// The sums of an order.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) struct Amounts {
    /// Goods.
    pub(crate) goods_fen: Option<Fen>,
    /// Freight.
    pub(crate) freight_fen: Option<Fen>,
    /// Discounts.
    pub(crate) discounts: Vec<Discount>,
    /// To pay.
    pub(crate) total_fen: Fen,
    /// Went back.
    pub(crate) refunded_fen: Fen,
    /// Can still go back.
    pub(crate) refundable_fen: Fen,
    /// Whether they add up.
    pub(crate) add_up: bool,
}

/// What the backend says of the money.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) struct BackendWord {
    /// The order's version there.
    pub(crate) version: Revision,
    /// A word of `state.payment`.
    pub(crate) payment_state: String,
    /// The payment's amount; one payment may cover several orders.
    pub(crate) total_fen: Fen,
    /// The merchant's number.
    pub(crate) out_trade_no: Option<String>,
    /// WeChat's number.
    pub(crate) transaction_id: Option<String>,
    /// The merchant.
    pub(crate) mch_id: Option<String>,
    /// The mini program.
    pub(crate) app_id: Option<String>,
    /// When.
    pub(crate) paid_at_ms: Option<Milliseconds>,
}

/// What WeChat says of the money.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) struct WechatWord {
    /// As the protocol spells it.
    pub(crate) trade_state: String,
    /// The amount.
    pub(crate) total_fen: Option<Fen>,
    /// The merchant's number.
    pub(crate) out_trade_no: Option<String>,
    /// WeChat's number.
    pub(crate) transaction_id: Option<String>,
    /// The merchant.
    pub(crate) mch_id: Option<String>,
    /// The mini program.
    pub(crate) app_id: Option<String>,
    /// When.
    pub(crate) paid_at_ms: Option<Milliseconds>,
}

/// One field in which they differ.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) struct Difference {
    /// A word of `state.field`.
    pub(crate) field: String,
    /// The backend's.
    pub(crate) expected: String,
    /// WeChat's.
    pub(crate) found: String,
}

/// Where an order goes.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) struct Receiver {
    /// Who.
    pub(crate) name: Option<String>,
    /// Their phone.
    pub(crate) phone: Option<String>,
    /// In one line.
    pub(crate) address: Option<String>,
}

/// Where an order is fetched.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) struct Pickup {
    /// What the customer says.
    pub(crate) code: Option<String>,
    /// Where.
    pub(crate) store: Option<String>,
    /// Not before.
    pub(crate) from_ms: Option<Milliseconds>,
    /// Not after.
    pub(crate) to_ms: Option<Milliseconds>,
}

/// Something that happened to an order.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) struct Moment {
    /// When.
    pub(crate) at_ms: Milliseconds,
    /// A word of `timeline`.
    pub(crate) kind: String,
    /// A reason, a number or a printer, in one line.
    pub(crate) note: Option<String>,
    /// Who.
    pub(crate) actor: Option<String>,
}

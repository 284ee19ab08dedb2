use domain::{
    AppId, Fen, Fulfilment, MchId, OrderId, OrderKind, OutTradeNo, PaymentMethod, PaymentState,
    RefundRequestId, RefundState, TransactionId,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{empty_is_none, foul_is_none, null_is_default};
use crate::words::TicketState;

/// An order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Order {
    /// The server's id.
    pub id: OrderId,
    /// What people call the order.
    pub number: String,
    /// Grows with every visible change, from 1.
    pub version: u64,
    /// Always [`Order::CNY`].
    pub currency: String,
    /// Fulfilment only.
    pub state: Fulfilment,
    /// The money side.
    pub payment: Payment,
    /// When it was placed.
    pub placed_at: Timestamp,
    /// When it reached the buyer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<Timestamp>,
    /// When it was cancelled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancelled_at: Option<Timestamp>,
    /// Until when it has to be shipped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ship_before: Option<Timestamp>,
    /// Where it was placed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// WeChat's logistics types 1 to 4.
    pub kind: OrderKind,
    /// The sums.
    pub amounts: Amounts,
    /// The goods.
    pub lines: Vec<OrderLine>,
    /// Who bought.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub buyer: Option<Buyer>,
    /// Where the goods go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receiver: Option<Receiver>,
    /// Where the goods are fetched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pickup: Option<Pickup>,
    /// The shop's own note.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merchant_note: Option<String>,
    /// Parcels.
    #[serde(default, deserialize_with = "null_is_default")]
    pub shipments: Vec<Shipment>,
    /// Refund requests in short.
    #[serde(default, deserialize_with = "null_is_default")]
    pub refund_requests: Vec<RefundSummary>,
    /// Who has seen and printed it.
    #[serde(default, deserialize_with = "null_is_default")]
    pub ack: Ack,
    /// Why shipping is off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold: Option<Hold>,
}

impl Order {
    /// The one currency of the contract.
    pub const CNY: &'static str = "CNY";
}

/// The money side of an order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Payment {
    /// Whether it is paid.
    pub state: PaymentState,
    /// By what means.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<PaymentMethod>,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paid_at: Option<Timestamp>,
    /// WeChat's number.
    #[serde(default, deserialize_with = "empty_is_none", skip_serializing_if = "Option::is_none")]
    pub transaction_id: Option<TransactionId>,
    /// The shop's number at WeChat.
    #[serde(default, deserialize_with = "empty_is_none", skip_serializing_if = "Option::is_none")]
    pub out_trade_no: Option<OutTradeNo>,
    /// The merchant number that was paid.
    #[serde(default, deserialize_with = "foul_is_none", skip_serializing_if = "Option::is_none")]
    pub mchid: Option<MchId>,
    /// The mini program that was paid through.
    #[serde(default, deserialize_with = "foul_is_none", skip_serializing_if = "Option::is_none")]
    pub appid: Option<AppId>,
    /// The buyer under that appid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payer_openid: Option<String>,
    /// The whole payment at WeChat; above the order's total where one payment covers several orders.
    pub total_fen: Fen,
    /// What the buyer paid after WeChat's own coupons.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payer_total_fen: Option<Fen>,
}

/// The sums of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amounts {
    /// Goods before discounts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goods_fen: Option<Fen>,
    /// Carriage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub freight_fen: Option<Fen>,
    /// All discounts, as a positive amount.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discount_fen: Option<Fen>,
    /// What `discount_fen` is made of.
    #[serde(default, deserialize_with = "null_is_default", skip_serializing_if = "Vec::is_empty")]
    pub discounts: Vec<Discount>,
    /// What the order costs.
    pub total_fen: Fen,
    /// What went back.
    pub refunded_fen: Fen,
    /// paid − refunded − payouts that are processing or abnormal.
    pub refundable_fen: Fen,
}

/// One kind of discount.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Discount {
    /// What it is called; at most 64 characters.
    pub label: String,
    /// How much, as a positive amount.
    pub amount_fen: Fen,
}

/// One line of goods.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderLine {
    /// The line's id in its order.
    pub id: String,
    /// The shop's article number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sku: Option<String>,
    /// The goods' name.
    pub title: String,
    /// Colour, size …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spec: Option<String>,
    /// Pieces, 1 to 1,000,000.
    pub qty: u32,
    /// Price of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit_price_fen: Option<Fen>,
    /// Price of the line.
    pub total_fen: Fen,
    /// Pieces that left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shipped_qty: Option<u32>,
    /// Pieces that were refunded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refunded_qty: Option<u32>,
    /// A picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_url: Option<String>,
    /// The buyer's note on this line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Who bought.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Buyer {
    /// The server's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// A name to call out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// What the buyer typed for the shop.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Where the goods go.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Receiver {
    /// Name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Phone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Province.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub province: Option<String>,
    /// City.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// District.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub district: Option<String>,
    /// Street and house.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Whether any of it is masked.
    pub masked: bool,
}

/// Where and when the goods are fetched.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Pickup {
    /// The code that the buyer says at the counter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Which shop.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub store: Option<String>,
    /// Not before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_from: Option<Timestamp>,
    /// Not after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_to: Option<Timestamp>,
}

/// Why an order must not be shipped now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// `address_under_review`, `gift_pending`, `group_pending`, `risk`, `refund_pending`, or a later word.
    pub reason: String,
    /// The same for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// Who has seen, accepted and printed an order.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Ack {
    /// When the first terminal saw or accepted it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acked_at: Option<Timestamp>,
    /// Which one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acked_by: Option<String>,
    /// When it was first accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted_at: Option<Timestamp>,
    /// By which terminal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted_by: Option<String>,
    /// Tickets claimed or printed.
    #[serde(default, deserialize_with = "null_is_default")]
    pub tickets: Vec<TicketAck>,
}

/// One ticket of an order (R8).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketAck {
    /// Which paper.
    pub ticket: String,
    /// How far it is.
    pub state: TicketState,
    /// Which terminal.
    pub terminal: String,
    /// Since when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// End of the claim while printing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Above 1 the ticket may be on paper already.
    pub claims: u32,
}

/// A parcel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shipment {
    /// The server's id.
    pub id: String,
    /// How it travels.
    pub kind: OrderKind,
    /// The carrier's code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carrier: Option<String>,
    /// The carrier's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carrier_name: Option<String>,
    /// Tracking number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracking_no: Option<String>,
    /// What is in it.
    #[serde(default, deserialize_with = "null_is_default")]
    pub lines: Vec<ShipmentLine>,
    /// When it left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shipped_at: Option<Timestamp>,
    /// What WeChat was told of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wechat: Option<WeChatUpload>,
}

/// Goods of a parcel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShipmentLine {
    /// The order's line.
    pub order_line_id: String,
    /// Pieces, 1 to 1,000,000.
    pub qty: u32,
}

/// What WeChat was told of a parcel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WeChatUpload {
    /// `none`, `pending`, `uploaded`, `failed`, or a later word.
    pub state: String,
    /// WeChat's error number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub errcode: Option<i64>,
    /// WeChat's error text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub errmsg: Option<String>,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uploaded_at: Option<Timestamp>,
}

/// A refund request in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundSummary {
    /// Its id.
    pub id: RefundRequestId,
    /// Its state.
    pub state: RefundState,
    /// Its amount.
    pub amount_fen: Fen,
    /// Its version.
    pub version: u64,
}

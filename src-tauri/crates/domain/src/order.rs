use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::open_words;
use crate::{AppId, Fen, MchId, OrderId, OutTradeNo, RefundRequestId, RefundState, TransactionId};

open_words! {
    /// How far the goods are: the contract's `state`. It says nothing about money.
    Fulfilment {
        /// Placed, not paid.
        Unpaid = "unpaid",
        /// To be shipped or handed over.
        Paid = "paid",
        /// Some parcels have left.
        PartiallyShipped = "partially_shipped",
        /// All parcels have left.
        Shipped = "shipped",
        /// With the buyer.
        Completed = "completed",
        /// Cancelled by somebody.
        Cancelled = "cancelled",
        /// Closed by the system.
        Closed = "closed",
    }
}
open_words! {
    /// What the backend says of the money: the contract's `payment.state`. A claim until WeChat confirms it.
    PaymentState {
        /// Nothing was paid.
        Unpaid = "unpaid",
        /// Paid in full.
        Paid = "paid",
        /// Paid, and part of it went back.
        PartiallyRefunded = "partially_refunded",
        /// Paid, and all of it went back.
        Refunded = "refunded",
        /// The attempt to pay failed.
        Failed = "failed",
    }
}
open_words! {
    /// By what means the order was paid. Only WeChat can be asked about.
    PaymentMethod {
        /// Through WeChat Pay.
        Wechat = "wechat",
        /// From the buyer's balance at the shop.
        Balance = "balance",
        /// In cash or otherwise outside the program.
        Offline = "offline",
    }
}
open_words! {
    /// How the goods reach the buyer: WeChat's logistics types 1 to 4.
    OrderKind {
        /// By a carrier.
        Express = "express",
        /// By a rider in the same city.
        SameCity = "same_city",
        /// Nothing to carry.
        Virtual = "virtual",
        /// Fetched at the shop.
        Pickup = "pickup",
    }
}

/// An order as the shop's backend tells it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Order {
    /// The backend's id.
    pub id: OrderId,
    /// What people call the order.
    pub number: String,
    /// Grows with every visible change.
    pub version: u64,
    /// How far the goods are.
    pub fulfilment: Fulfilment,
    /// What the backend says of the money.
    pub payment: Payment,
    /// When it was placed.
    pub placed_at: Timestamp,
    /// When it reached the buyer.
    pub completed_at: Option<Timestamp>,
    /// When it was cancelled.
    pub cancelled_at: Option<Timestamp>,
    /// Until when it has to be shipped.
    pub ship_before: Option<Timestamp>,
    /// Where it was placed, as the backend calls it.
    pub channel: Option<String>,
    /// How the goods reach the buyer.
    pub kind: OrderKind,
    /// The sums.
    pub amounts: Amounts,
    /// The goods.
    pub lines: Vec<OrderLine>,
    /// Who bought.
    pub buyer: Option<Buyer>,
    /// Where the goods go.
    pub receiver: Option<Receiver>,
    /// Where and when the goods are fetched.
    pub pickup: Option<Pickup>,
    /// The shop's own note.
    pub merchant_note: Option<String>,
    /// Parcels.
    pub shipments: Vec<Shipment>,
    /// Refund requests of this order, in short.
    pub refund_requests: Vec<RefundSummary>,
    /// Who has seen and printed it.
    pub ack: Ack,
    /// Why it must not be shipped now.
    pub hold: Option<Hold>,
}

impl Order {
    /// Whether this order's money is WeChat's to confirm: its method says so, or the backend does not tell the method.
    pub fn is_wechat(&self) -> bool {
        match &self.payment.method {
            Some(PaymentMethod::Wechat) | None => true,
            Some(PaymentMethod::Balance | PaymentMethod::Offline | PaymentMethod::Other(_)) => false,
        }
    }

    /// Whether the backend claims that money has come in, be it that some went back since.
    pub fn claims_paid(&self) -> bool {
        match self.payment.state {
            PaymentState::Paid | PaymentState::PartiallyRefunded | PaymentState::Refunded => true,
            PaymentState::Unpaid | PaymentState::Failed | PaymentState::Other(_) => false,
        }
    }

    /// Whether the order is over without money: nobody will pay it any more.
    pub fn is_dead(&self) -> bool {
        matches!(self.fulfilment, Fulfilment::Cancelled | Fulfilment::Closed)
    }

    /// Whether goods + freight − discount = total where all are given, and the discounts add up.
    pub fn amounts_add_up(&self) -> bool {
        let amounts = &self.amounts;
        let discounts: Option<Fen> = (!amounts.discounts.is_empty())
            .then(|| amounts.discounts.iter().map(|discount| discount.amount).sum());
        if let (Some(sum), Some(discount)) = (discounts, amounts.discount)
            && sum != discount
        {
            return false;
        }
        match (amounts.goods, amounts.freight, amounts.discount) {
            (Some(goods), Some(freight), Some(discount)) => {
                goods.checked_add(freight).and_then(|sum| sum.checked_sub(discount)) == Some(amounts.total)
            }
            _ => true,
        }
    }
}

/// The money side of an order, as the backend tells it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Payment {
    /// Whether it is paid.
    pub state: PaymentState,
    /// By what means; `None` when the backend does not say.
    pub method: Option<PaymentMethod>,
    /// When.
    pub paid_at: Option<Timestamp>,
    /// WeChat's number.
    pub transaction_id: Option<TransactionId>,
    /// The shop's number at WeChat.
    pub out_trade_no: Option<OutTradeNo>,
    /// The merchant number that was paid.
    pub mchid: Option<MchId>,
    /// The mini program that was paid through.
    pub appid: Option<AppId>,
    /// The buyer under that appid.
    pub payer_openid: Option<String>,
    /// The whole payment at WeChat (`total_fee`): above the order's total where one payment covers several orders.
    pub total: Fen,
    /// What the buyer paid after WeChat's own coupons.
    pub payer_total: Option<Fen>,
}

/// The sums of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amounts {
    /// Goods before discounts.
    pub goods: Option<Fen>,
    /// Carriage.
    pub freight: Option<Fen>,
    /// All discounts together, as a positive amount.
    pub discount: Option<Fen>,
    /// What the discount is made of.
    pub discounts: Vec<Discount>,
    /// What the order costs.
    pub total: Fen,
    /// What went back so far.
    pub refunded: Fen,
    /// What may still go back: refunded money and payouts under way are already taken off.
    pub refundable: Fen,
}

/// One kind of discount.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Discount {
    /// What it is called.
    pub label: String,
    /// How much, as a positive amount.
    pub amount: Fen,
}

/// One line of goods.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderLine {
    /// The line's id in its order.
    pub id: String,
    /// The shop's article number.
    pub sku: Option<String>,
    /// The goods' name.
    pub title: String,
    /// Colour, size, sweetness …
    pub spec: Option<String>,
    /// Pieces.
    pub quantity: u32,
    /// Price of one.
    pub unit_price: Option<Fen>,
    /// Price of the line.
    pub total: Fen,
    /// Pieces that left.
    pub shipped_quantity: Option<u32>,
    /// Pieces that were refunded.
    pub refunded_quantity: Option<u32>,
    /// The buyer's note on this line.
    pub note: Option<String>,
}

/// Who bought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Buyer {
    /// The backend's id.
    pub id: Option<String>,
    /// A name to call out.
    pub display_name: Option<String>,
    /// What the buyer typed for the shop.
    pub note: Option<String>,
}

/// Where the goods go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receiver {
    /// Name, maybe masked.
    pub name: Option<String>,
    /// Phone, maybe masked.
    pub phone: Option<String>,
    /// Province.
    pub province: Option<String>,
    /// City.
    pub city: Option<String>,
    /// District.
    pub district: Option<String>,
    /// Street and house.
    pub detail: Option<String>,
    /// Whether any of it is masked.
    pub masked: bool,
}

/// Where and when the goods are fetched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pickup {
    /// The code that the buyer says at the counter.
    pub code: Option<String>,
    /// Which shop.
    pub store: Option<String>,
    /// Not before.
    pub time_from: Option<Timestamp>,
    /// Not after.
    pub time_to: Option<Timestamp>,
}

/// A parcel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shipment {
    /// The backend's id.
    pub id: String,
    /// How it travels.
    pub kind: OrderKind,
    /// The carrier's name, or else its code.
    pub carrier: Option<String>,
    /// Tracking number.
    pub tracking_no: Option<String>,
    /// When it left.
    pub shipped_at: Option<Timestamp>,
}

/// A refund request in short, as an order lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundSummary {
    /// Its id.
    pub id: RefundRequestId,
    /// Its state.
    pub state: RefundState,
    /// Its amount.
    pub amount: Fen,
    /// Its version.
    pub version: u64,
}

/// Who has seen and printed an order, over all terminals.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Ack {
    /// When the first terminal saw it.
    pub acked_at: Option<Timestamp>,
    /// Which one.
    pub acked_by: Option<String>,
    /// Tickets claimed or printed.
    pub tickets: Vec<TicketAck>,
}

/// One ticket of an order, over all terminals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketAck {
    /// Which paper: `order`, `kitchen` …
    pub ticket: String,
    /// Whether it is on paper; else it is claimed.
    pub printed: bool,
    /// Which terminal.
    pub terminal: String,
    /// Claims so far; above 1 it may be on paper twice.
    pub claims: u32,
}

/// Why an order must not be shipped now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// The contract's word.
    pub reason: String,
    /// The same for people.
    pub text: Option<String>,
}

/// The shop as a ticket's head names it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ShopHead {
    /// Name.
    pub name: String,
    /// Address.
    pub address: Option<String>,
    /// Phone.
    pub phone: Option<String>,
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A WeChat order of one line, paid in full.
    pub(crate) fn paid_order(number: &str, total_fen: i64) -> Order {
        Order {
            id: OrderId::new(number).unwrap(),
            number: number.to_owned(),
            version: 1,
            fulfilment: Fulfilment::Paid,
            payment: Payment {
                state: PaymentState::Paid,
                method: Some(PaymentMethod::Wechat),
                paid_at: Some("2025-06-01T10:20:30+08:00".parse().unwrap()),
                transaction_id: Some(TransactionId::new(format!("42000000000000{number}")).unwrap()),
                out_trade_no: Some(OutTradeNo::new(number).unwrap()),
                mchid: None,
                appid: None,
                payer_openid: None,
                total: Fen::new(total_fen),
                payer_total: None,
            },
            placed_at: "2025-06-01T10:20:11+08:00".parse().unwrap(),
            completed_at: None,
            cancelled_at: None,
            ship_before: None,
            channel: None,
            kind: OrderKind::Pickup,
            amounts: Amounts {
                goods: None,
                freight: None,
                discount: None,
                discounts: Vec::new(),
                total: Fen::new(total_fen),
                refunded: Fen::ZERO,
                refundable: Fen::new(total_fen),
            },
            lines: vec![OrderLine {
                id: "1".to_owned(),
                sku: None,
                title: "豆浆".to_owned(),
                spec: None,
                quantity: 1,
                unit_price: None,
                total: Fen::new(total_fen),
                shipped_quantity: None,
                refunded_quantity: None,
                note: None,
            }],
            buyer: None,
            receiver: None,
            pickup: None,
            merchant_note: None,
            shipments: Vec::new(),
            refund_requests: Vec::new(),
            ack: Ack::default(),
            hold: None,
        }
    }

    #[test]
    fn sums_that_do_not_add_up_are_seen() {
        let mut order = paid_order("1", 3780);
        assert!(order.amounts_add_up(), "nothing to add is no contradiction");
        order.amounts.goods = Some(Fen::new(3980));
        order.amounts.freight = Some(Fen::ZERO);
        order.amounts.discount = Some(Fen::new(200));
        assert!(order.amounts_add_up());
        order.amounts.discounts = vec![Discount { label: "满减".to_owned(), amount: Fen::new(150) }];
        assert!(!order.amounts_add_up());
        order.amounts.discounts.clear();
        order.amounts.total = Fen::new(3781);
        assert!(!order.amounts_add_up());
    }

    #[test]
    fn a_word_of_a_later_writer_is_kept() {
        let state: Fulfilment = serde_json::from_str("\"teleported\"").unwrap();
        assert_eq!(state, Fulfilment::Other("teleported".to_owned()));
        assert_eq!(serde_json::to_string(&state).unwrap(), "\"teleported\"");
    }
}

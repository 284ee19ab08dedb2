//! From the wire to the domain: ranges are checked here, each error naming its member.
//!
//! Types and forms (a number without a fraction, an id's alphabet, a time with its offset) were checked while the
//! JSON was read, see [`crate::wire`].

use std::fmt::Display;

use domain::{
    Ack, Amounts, BackendPayout, Buyer, Discount, Fen, Hold, Order, OrderLine, Payment, PayoutError, Pickup,
    Receiver, RefundLine, RefundRequest, RefundSummary, Shipment, ShopHead, TicketAck,
};
use serde::{Deserialize, Deserializer};

use crate::read::{InvalidMember, read_json};
use crate::words::TicketState;
use crate::{Error, wire};

/// Reads an order object of the contract from text, as `receipt FILE` gets it, with the shop beside it where the
/// object has the additional member `shop`. A byte order mark before it is passed over.
pub fn order_from_json(json: impl AsRef<[u8]>) -> Result<(Order, Option<ShopHead>), Error> {
    let json = json.as_ref();
    let json = json.strip_prefix("\u{feff}".as_bytes()).unwrap_or(json);
    let order: wire::Order = read_json(json)?;
    let beside: BesideOrder = read_json(json)?;
    let shop = beside.shop.map(|Shop { name, address, phone }| ShopHead {
        name: name.unwrap_or_default(),
        address,
        phone,
    });
    Ok((order.try_into()?, shop))
}

#[derive(Deserialize)]
struct BesideOrder {
    #[serde(default)]
    shop: Option<Shop>,
}

#[derive(Deserialize)]
struct Shop {
    #[serde(default)]
    name: Option<String>,
    #[serde(default, deserialize_with = "filled")]
    address: Option<String>,
    #[serde(default, deserialize_with = "filled")]
    phone: Option<String>,
}

fn filled<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.filter(|text| !text.is_empty()))
}

impl TryFrom<wire::Order> for Order {
    type Error = InvalidMember;

    fn try_from(order: wire::Order) -> Result<Order, InvalidMember> {
        if order.currency != wire::Order::CNY {
            return Err(InvalidMember::new("currency", "is not CNY"));
        }
        let refund_requests = order.refund_requests.into_iter().enumerate();
        Ok(Order {
            id: order.id,
            number: order.number,
            version: version("version", order.version)?,
            fulfilment: order.state,
            payment: payment(order.payment)?,
            placed_at: order.placed_at,
            completed_at: order.completed_at,
            cancelled_at: order.cancelled_at,
            ship_before: order.ship_before,
            channel: order.channel,
            kind: order.kind,
            amounts: amounts(order.amounts)?,
            lines: order.lines.into_iter().enumerate().map(order_line).collect::<Result<_, _>>()?,
            buyer: order.buyer.map(|buyer| Buyer {
                id: buyer.id,
                display_name: buyer.display_name,
                note: buyer.note,
            }),
            receiver: order.receiver.map(receiver),
            pickup: order.pickup.map(|pickup| Pickup {
                code: pickup.code,
                store: pickup.store,
                time_from: pickup.time_from,
                time_to: pickup.time_to,
            }),
            merchant_note: order.merchant_note,
            shipments: order.shipments.into_iter().map(shipment).collect(),
            refund_requests: refund_requests.map(refund_summary).collect::<Result<_, _>>()?,
            ack: order.ack.into(),
            hold: order.hold.map(|hold| Hold { reason: hold.reason, text: hold.text }),
        })
    }
}

impl TryFrom<wire::RefundRequest> for RefundRequest {
    type Error = InvalidMember;

    fn try_from(request: wire::RefundRequest) -> Result<RefundRequest, InvalidMember> {
        Ok(RefundRequest {
            id: request.id,
            order_id: request.order_id,
            version: version("version", request.version)?,
            state: request.state,
            kind: request.kind,
            requested_by: request.requested_by.unwrap_or_else(|| "buyer".to_owned()),
            amount: fen("amount_fen", request.amount_fen)?,
            max: fen("max_fen", request.max_fen)?,
            reason_code: request.reason_code,
            reason_text: request.reason_text,
            lines: request.lines.into_iter().enumerate().map(refund_line).collect::<Result<_, _>>()?,
            requested_at: request.requested_at,
            deadline_at: request.deadline_at,
            payout: payout(request.payout)?,
        })
    }
}

impl From<wire::Ack> for Ack {
    fn from(ack: wire::Ack) -> Ack {
        let ticket = |ticket: wire::TicketAck| TicketAck {
            ticket: ticket.ticket,
            printed: ticket.state == TicketState::Printed,
            terminal: ticket.terminal,
            claims: ticket.claims,
        };
        Ack {
            acked_at: ack.acked_at,
            acked_by: ack.acked_by,
            tickets: ack.tickets.into_iter().map(ticket).collect(),
        }
    }
}

/// Refuses capabilities of another contract, and amounts out of range.
pub(crate) fn checked_capabilities(
    capabilities: wire::Capabilities,
) -> Result<wire::Capabilities, InvalidMember> {
    if capabilities.api != wire::Capabilities::API {
        return Err(InvalidMember::new("api", "is not merchant/1"));
    }
    if capabilities.shop.currency.as_deref().is_some_and(|currency| currency != wire::Order::CNY) {
        return Err(InvalidMember::new("shop.currency", "is not CNY"));
    }
    optional_fen("refund.max_fen", capabilities.refund.max_fen)?;
    Ok(capabilities)
}

fn payment(payment: wire::Payment) -> Result<Payment, InvalidMember> {
    Ok(Payment {
        state: payment.state,
        method: payment.method,
        paid_at: payment.paid_at,
        transaction_id: payment.transaction_id,
        out_trade_no: payment.out_trade_no,
        mchid: payment.mchid,
        appid: payment.appid,
        payer_openid: payment.payer_openid,
        total: fen("payment.total_fen", payment.total_fen)?,
        payer_total: optional_fen("payment.payer_total_fen", payment.payer_total_fen)?,
    })
}

fn amounts(amounts: wire::Amounts) -> Result<Amounts, InvalidMember> {
    let discount = |(index, discount): (usize, wire::Discount)| {
        let amount = fen(format_args!("amounts.discounts[{index}].amount_fen"), discount.amount_fen)?;
        Ok(Discount { label: discount.label, amount })
    };
    Ok(Amounts {
        goods: optional_fen("amounts.goods_fen", amounts.goods_fen)?,
        freight: optional_fen("amounts.freight_fen", amounts.freight_fen)?,
        discount: optional_fen("amounts.discount_fen", amounts.discount_fen)?,
        discounts: amounts.discounts.into_iter().enumerate().map(discount).collect::<Result<_, _>>()?,
        total: fen("amounts.total_fen", amounts.total_fen)?,
        refunded: fen("amounts.refunded_fen", amounts.refunded_fen)?,
        refundable: fen("amounts.refundable_fen", amounts.refundable_fen)?,
    })
}

fn order_line((index, line): (usize, wire::OrderLine)) -> Result<OrderLine, InvalidMember> {
    if !(1..=MOST_PIECES).contains(&line.qty) {
        return Err(InvalidMember::new(format!("lines[{index}].qty"), "is not 1 to 1000000"));
    }
    Ok(OrderLine {
        id: line.id,
        sku: line.sku,
        title: line.title,
        spec: line.spec,
        quantity: line.qty,
        unit_price: optional_fen(format_args!("lines[{index}].unit_price_fen"), line.unit_price_fen)?,
        total: fen(format_args!("lines[{index}].total_fen"), line.total_fen)?,
        shipped_quantity: line.shipped_qty,
        refunded_quantity: line.refunded_qty,
        note: line.note,
    })
}

fn receiver(receiver: wire::Receiver) -> Receiver {
    Receiver {
        name: receiver.name,
        phone: receiver.phone,
        province: receiver.province,
        city: receiver.city,
        district: receiver.district,
        detail: receiver.detail,
        masked: receiver.masked,
    }
}

fn shipment(shipment: wire::Shipment) -> Shipment {
    Shipment {
        id: shipment.id,
        kind: shipment.kind,
        carrier: shipment.carrier_name.or(shipment.carrier),
        tracking_no: shipment.tracking_no,
        shipped_at: shipment.shipped_at,
    }
}

fn refund_summary((index, summary): (usize, wire::RefundSummary)) -> Result<RefundSummary, InvalidMember> {
    Ok(RefundSummary {
        id: summary.id,
        state: summary.state,
        amount: fen(format_args!("refund_requests[{index}].amount_fen"), summary.amount_fen)?,
        version: version(format_args!("refund_requests[{index}].version"), summary.version)?,
    })
}

fn refund_line((index, line): (usize, wire::RefundLine)) -> Result<RefundLine, InvalidMember> {
    if line.qty > MOST_PIECES {
        return Err(InvalidMember::new(format!("lines[{index}].qty"), "is above 1000000"));
    }
    Ok(RefundLine {
        order_line_id: line.order_line_id,
        quantity: line.qty,
        amount: optional_fen(format_args!("lines[{index}].amount_fen"), line.amount_fen)?,
    })
}

fn payout(payout: wire::Payout) -> Result<BackendPayout, InvalidMember> {
    if payout.round > MOST_ROUNDS {
        return Err(InvalidMember::new("payout.round", "is above 1000"));
    }
    Ok(BackendPayout {
        mode: payout.mode,
        state: payout.state,
        round: payout.round,
        refund_no: payout.refund_no,
        amount: optional_fen("payout.amount_fen", payout.amount_fen)?,
        refund_id: payout.refund_id,
        terminal: payout.terminal,
        claim_until: payout.claim_until,
        succeeded_at: payout.succeeded_at,
        error: payout.error.map(|error| PayoutError { code: error.code, text: error.text }),
    })
}

/// Schema OrderLine and RefundLine, `qty`.
const MOST_PIECES: u32 = 1_000_000;
/// Schema Payout, `round`.
const MOST_ROUNDS: u32 = 1_000;
/// Schema Version: what a JSON number holds exactly everywhere.
const HIGHEST_VERSION: u64 = (1 << 53) - 1;

fn version(member: impl Display, version: u64) -> Result<u64, InvalidMember> {
    if (1..=HIGHEST_VERSION).contains(&version) {
        Ok(version)
    } else {
        Err(InvalidMember::new(member.to_string(), "is not 1 to 9007199254740991"))
    }
}

fn fen(member: impl Display, amount: Fen) -> Result<Fen, InvalidMember> {
    if (Fen::ZERO..=Fen::CONTRACT_MAX).contains(&amount) {
        Ok(amount)
    } else {
        Err(InvalidMember::new(member.to_string(), "is not 0 to 100000000000 fen"))
    }
}

fn optional_fen(member: impl Display, amount: Option<Fen>) -> Result<Option<Fen>, InvalidMember> {
    amount.map(|amount| fen(member, amount)).transpose()
}

#[cfg(test)]
mod tests {
    use domain::{BackendPayoutState, Fulfilment, PaymentMethod, PaymentState, PayoutMode, RefundState};
    use serde_json::{Value, json};

    use super::*;
    use crate::wire::examples;

    fn example(schema: &str, index: usize) -> Value {
        serde_json::from_str(&examples::of(schema)[index]).unwrap()
    }

    /// The order example with one member replaced; `path` is a JSON pointer.
    fn order_with(path: &str, value: Value) -> Result<Order, InvalidMember> {
        let mut order = example("Order", 0);
        *order.pointer_mut(path).unwrap_or_else(|| panic!("no {path}")) = value;
        read_json::<wire::Order>(order.to_string().as_bytes()).and_then(Order::try_from)
    }

    fn request_with(path: &str, value: Value) -> Result<RefundRequest, InvalidMember> {
        let mut request = example("RefundRequest", 0);
        *request.pointer_mut(path).unwrap_or_else(|| panic!("no {path}")) = value;
        read_json::<wire::RefundRequest>(request.to_string().as_bytes()).and_then(RefundRequest::try_from)
    }

    #[test]
    fn every_order_of_the_contract_becomes_one_of_the_domain() {
        let (full, none) = order_from_json(&examples::of("Order")[0]).unwrap();
        assert_eq!(none, None);
        assert_eq!(full.fulfilment, Fulfilment::Paid);
        assert_eq!((full.payment.state.clone(), full.payment.total), (PaymentState::Paid, Fen::new(3780)));
        assert_eq!(full.payment.method, Some(PaymentMethod::Wechat));
        assert_eq!(full.payment.paid_at, "2025-06-01T02:20:30Z".parse().ok());
        assert_eq!(full.payment.mchid.as_ref().unwrap().as_str(), "1900000109");
        assert_eq!((full.lines[0].quantity, full.lines[0].total), (2, Fen::new(3980)));
        assert_eq!(full.refund_requests[0].state, RefundState::Pending);
        assert!(full.receiver.as_ref().unwrap().masked && full.amounts_add_up() && full.is_wechat());

        let (least, _) = order_from_json(&examples::of("Order")[1]).unwrap();
        assert_eq!((least.version, least.payment.method.as_ref(), least.buyer.as_ref()), (1, None, None));
        assert!(least.shipments.is_empty() && least.ack == Ack::default());
        assert!(least.is_wechat(), "a method that is not told is not taken for another one");
    }

    #[test]
    fn every_refund_request_of_the_contract_becomes_one_of_the_domain() {
        let request: wire::RefundRequest = read_json(examples::of("RefundRequest")[0].as_bytes()).unwrap();
        let request = RefundRequest::try_from(request).unwrap();
        assert_eq!((request.amount, request.max), (Fen::new(500), Fen::new(500)));
        assert_eq!(request.payout.mode, Some(PayoutMode::Terminal));
        assert_eq!((request.payout.state, request.payout.round), (BackendPayoutState::None, 0));
        assert_eq!(request.lines[0].amount, Some(Fen::new(500)));

        let mut claimed = example("RefundRequest", 0);
        claimed["payout"] = example("Payout", 0);
        let claimed: wire::RefundRequest = serde_json::from_value(claimed).unwrap();
        let payout = RefundRequest::try_from(claimed).unwrap().payout;
        assert_eq!(payout.refund_no.unwrap().as_str(), "mr1-9a43203f9db53222efb006dbaa2e4f7a");
        assert_eq!(payout.claim_until, "2025-06-01T04:05:00Z".parse().ok());
        assert_eq!(payout.terminal.unwrap().as_str(), "till-1");
    }

    #[test]
    fn money_is_an_integer_in_its_range() {
        let paths = [
            "/payment/total_fen",
            "/amounts/refundable_fen",
            "/lines/0/total_fen",
            "/refund_requests/0/amount_fen",
        ];
        for path in paths {
            let wrong = [
                json!(-1),
                json!(100_000_000_001_u64),
                json!(3780.0),
                json!("3780"),
                json!(null),
                json!(1e30),
            ];
            for value in wrong {
                let error = order_with(path, value.clone()).unwrap_err();
                assert_eq!(error.member.replace(['[', '.'], "/").replace(']', ""), path[1..], "{value}");
            }
            assert!(order_with(path, json!(100_000_000_000_u64)).is_ok());
            assert!(order_with(path, json!(0)).is_ok());
        }
        for path in ["/amount_fen", "/max_fen", "/lines/0/amount_fen"] {
            assert!(request_with(path, json!(-1)).is_err(), "{path}");
        }
    }

    #[test]
    fn a_member_out_of_range_is_named() {
        let member = |path, value| order_with(path, value).unwrap_err().member;
        assert_eq!(member("/version", json!(0)), "version");
        assert_eq!(member("/version", json!(1_u64 << 53)), "version");
        assert_eq!(member("/currency", json!("USD")), "currency");
        assert_eq!(member("/lines/0/qty", json!(0)), "lines[0].qty");
        assert_eq!(member("/lines/0/qty", json!(1_000_001)), "lines[0].qty");
        assert_eq!(member("/id", json!("../secrets")), "id");
        assert_eq!(request_with("/payout/round", json!(1_001)).unwrap_err().member, "payout.round");
        assert_eq!(request_with("/payout/mode", json!("somebody")).unwrap_err().member, "payout.mode");
    }

    #[test]
    fn numbers_at_wechat_have_their_form_and_empty_is_none() {
        for path in ["/payment/out_trade_no", "/payment/transaction_id"] {
            let error = order_with(path, json!("号 码")).unwrap_err();
            assert_eq!(format!("/{}", error.member.replace('.', "/")), path);
            assert!(!error.reason.contains('号'), "{error}");
        }
        let empty = order_with("/payment/transaction_id", json!("")).unwrap();
        assert_eq!(empty.payment.transaction_id, None);
        assert_eq!(order_with("/payment/out_trade_no", json!("")).unwrap().payment.out_trade_no, None);
        assert_eq!(order_with("/payment/mchid", json!("")).unwrap().payment.mchid, None);
        let foreign = order_with("/payment/mchid", json!("本店"));
        assert_eq!(foreign.unwrap().payment.mchid, None, "the contract allows any text");
        assert_eq!(request_with("/payout/refund_no", json!("")).unwrap().payout.refund_no, None);
    }

    #[test]
    fn times_have_an_offset_and_any_will_do() {
        let placed =
            |text: &str| order_with("/placed_at", json!(text)).map(|order| order.placed_at.to_string());
        for same in ["2025-06-01T10:20:30+08:00", "2025-06-01T02:20:30Z", "2025-05-31T19:50:30-06:30"] {
            assert_eq!(placed(same).as_deref(), Ok("2025-06-01T02:20:30Z"), "{same}");
        }
        assert_eq!(placed("2025-06-01T02:20:30.125Z").as_deref(), Ok("2025-06-01T02:20:30.125Z"));
        for wrong in ["2025-06-01T10:20:30", "2025-06-01", "1748744430", ""] {
            assert_eq!(placed(wrong).unwrap_err().member, "placed_at", "{wrong}");
        }
    }

    #[test]
    fn an_order_file_may_name_the_shop() {
        let mut order = example("Order", 1);
        order["shop"] = json!({ "name": "示例小店", "address": "", "phone": "020-1", "motto": "…" });
        let (_, shop) = order_from_json(format!("\u{feff}{order}\n")).unwrap();
        let phone = Some("020-1".to_owned());
        assert_eq!(shop, Some(ShopHead { name: "示例小店".to_owned(), address: None, phone }));
        order["shop"] = Value::Null;
        assert_eq!(order_from_json(order.to_string()).unwrap().1, None);
        order["shop"] = json!(7);
        assert!(
            matches!(order_from_json(order.to_string()), Err(Error::Invalid(error)) if error.member == "shop")
        );
        assert!(order_from_json(b"\xff\xfe").is_err());
        assert!(order_from_json("").is_err());
    }

    #[test]
    fn text_is_passed_on_as_typed() {
        let typed = "a\u{1b}@\u{202e}<b>\u{0}🙏";
        let order = order_with("/buyer/note", json!(typed)).unwrap();
        assert_eq!(order.buyer.unwrap().note.as_deref(), Some(typed));
    }

    #[test]
    fn capabilities_of_another_contract_are_refused() {
        for index in 0..2 {
            let read: wire::Capabilities = read_json(examples::of("Capabilities")[index].as_bytes()).unwrap();
            assert!(checked_capabilities(read.clone()).is_ok());
            let other = wire::Capabilities { api: "merchant/2".to_owned(), ..read };
            assert_eq!(checked_capabilities(other).unwrap_err().member, "api");
        }
    }
}

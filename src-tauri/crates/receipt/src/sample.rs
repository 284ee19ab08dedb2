//! Orders for this crate's tests.

use catalogue::Language;
use domain::payout::{Claim, Payout, PayoutState, Report};
use domain::time::Timestamp;
use domain::{
    Ack, Amounts, BackendPayout, BackendPayoutState, Buyer, Discount, Fen, Fulfilment, Hold, Order, OrderId,
    OrderKind, OrderLine, OutRefundNo, OutTradeNo, Payment, PaymentMethod, PaymentState, Pickup, Receiver,
    RefundKind, RefundLine, RefundRequest, RefundRequestId, RefundState, ShopHead, TransactionId,
};

use crate::{Marks, Paper, Rendered, Template, Ticket, render};

pub(crate) fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn shop() -> ShopHead {
    ShopHead {
        name: "掌柜的小馆子（天河店）".to_owned(),
        address: Some("广州市天河区体育西路191号中石化大厦B塔首层".to_owned()),
        phone: Some("020-38888888".to_owned()),
    }
}

/// An order with everything a ticket may show.
pub(crate) fn order() -> Order {
    let line = |id: &str, title: &str, spec: Option<&str>, quantity, total, note: Option<&str>| OrderLine {
        id: id.to_owned(),
        sku: None,
        title: title.to_owned(),
        spec: spec.map(str::to_owned),
        quantity,
        unit_price: None,
        total: Fen::new(total),
        shipped_quantity: None,
        refunded_quantity: None,
        note: note.map(str::to_owned),
    };
    Order {
        id: OrderId::new("20250601001").unwrap(),
        number: "20250601-001".to_owned(),
        version: 3,
        fulfilment: Fulfilment::Paid,
        payment: Payment {
            state: PaymentState::Paid,
            method: Some(PaymentMethod::Wechat),
            paid_at: Some(time("2025-06-01T10:20:30+08:00")),
            transaction_id: Some(TransactionId::new("4200002345202506010123456789").unwrap()),
            out_trade_no: Some(OutTradeNo::new("T20250601001").unwrap()),
            mchid: None,
            appid: None,
            payer_openid: None,
            total: Fen::new(9_880),
            payer_total: Some(Fen::new(9_680)),
        },
        placed_at: time("2025-06-01T10:20:02+08:00"),
        completed_at: None,
        cancelled_at: None,
        ship_before: None,
        channel: None,
        kind: OrderKind::Pickup,
        amounts: Amounts {
            goods: Some(Fen::new(10_080)),
            freight: Some(Fen::new(500)),
            discount: Some(Fen::new(700)),
            discounts: vec![
                Discount { label: "满减".to_owned(), amount: Fen::new(500) },
                Discount {
                    label: "新客立减（仅限首单，不与其他优惠同享）".to_owned(),
                    amount: Fen::new(200),
                },
            ],
            total: Fen::new(9_880),
            refunded: Fen::ZERO,
            refundable: Fen::new(9_880),
        },
        lines: vec![
            line("1", "宫保鸡丁", Some("大份 / 微辣"), 2, 5_600, Some("不要花生，谢谢")),
            line("2", "【招牌】手工现包猪肉白菜水饺 20只装（可生可熟，含醋包）", None, 1, 3_880, None),
            line("3", "可乐", Some("去冰"), 12, 600, None),
            line("4", "餐具", None, 1, 0, None),
        ],
        buyer: Some(Buyer {
            id: None,
            display_name: Some("小王😀".to_owned()),
            note: Some("请放门口，不要敲门，宝宝在睡觉🙏🙏🙏🙏🙏 到了发个信息就好，谢谢老板！".to_owned()),
        }),
        receiver: Some(Receiver {
            name: Some("王小明".to_owned()),
            phone: Some("13812345678".to_owned()),
            province: Some("广东省".to_owned()),
            city: Some("广州市".to_owned()),
            district: Some("天河区".to_owned()),
            detail: Some("体育西路189号城建大厦18楼1803室（前台）".to_owned()),
            masked: false,
        }),
        pickup: Some(Pickup {
            code: Some("8231".to_owned()),
            store: Some("天河店".to_owned()),
            time_from: Some(time("2025-06-01T15:00:00+08:00")),
            time_to: Some(time("2025-06-01T16:00:00+08:00")),
        }),
        merchant_note: Some("老客户，多送一份泡菜".to_owned()),
        shipments: Vec::new(),
        refund_requests: Vec::new(),
        ack: Ack::default(),
        hold: None,
    }
}

/// The same order with `text` wherever somebody can type.
pub(crate) fn order_saying(text: &str) -> Order {
    let mut order = order();
    let said = || Some(text.to_owned());
    order.number = text.to_owned();
    order.kind = OrderKind::Other(text.to_owned());
    order.payment.method = Some(PaymentMethod::Other(text.to_owned()));
    order.payment.state = PaymentState::Other(text.to_owned());
    order.buyer = Some(Buyer { id: said(), display_name: said(), note: said() });
    order.receiver = Some(Receiver {
        name: said(),
        phone: said(),
        province: said(),
        city: said(),
        district: said(),
        detail: said(),
        masked: true,
    });
    order.pickup = Some(Pickup { code: said(), store: said(), time_from: None, time_to: None });
    order.merchant_note = said();
    order.hold = Some(Hold { reason: text.to_owned(), text: said() });
    for discount in &mut order.amounts.discounts {
        discount.label = text.to_owned();
    }
    for line in &mut order.lines {
        line.title = text.to_owned();
        line.spec = said();
        line.note = said();
    }
    order
}

pub(crate) fn refund_request() -> RefundRequest {
    RefundRequest {
        id: RefundRequestId::new("r20250601-7").unwrap(),
        order_id: order().id,
        version: 2,
        state: RefundState::Processing,
        kind: RefundKind::RefundOnly,
        requested_by: "buyer".to_owned(),
        amount: Fen::new(2_800),
        max: Fen::new(9_880),
        reason_code: None,
        reason_text: Some("少送了一份宫保鸡丁".to_owned()),
        lines: vec![
            RefundLine { order_line_id: "1".to_owned(), quantity: 1, amount: Some(Fen::new(2_800)) },
            RefundLine { order_line_id: "unknown".to_owned(), quantity: 1, amount: None },
        ],
        requested_at: time("2025-06-01T11:00:00+08:00"),
        deadline_at: None,
        payout: BackendPayout {
            mode: None,
            state: BackendPayoutState::Processing,
            round: 1,
            refund_no: None,
            amount: None,
            refund_id: None,
            terminal: None,
            claim_until: None,
            succeeded_at: None,
            error: None,
        },
    }
}

pub(crate) fn payout(state: PayoutState) -> Payout {
    let number = OutRefundNo::new("mr1-9a43203f9db53222efb006dbaa2e4f7a").unwrap();
    let next_at = time("2025-06-01T11:02:00+08:00");
    Payout {
        state,
        claim: Claim::Held { until: None },
        submissions: 1,
        known_at: time("2025-06-01T11:01:30+08:00"),
        refund_id: Some("50300002345202506010123456789".to_owned()),
        succeeded_at: Some(time("2025-06-01T11:01:30+08:00")),
        report: Report::Owed,
        ..Payout::wanted(number, 1, Fen::new(2_800), Fen::new(9_880), next_at)
    }
}

pub(crate) fn ticket<'a>(order: &'a Order, shop: &'a ShopHead) -> Ticket<'a> {
    Ticket {
        order,
        shop,
        marks: Marks::default(),
        printed_at: time("2025-06-01T10:20:33+08:00"),
        language: Language::ZhCn,
        job: Some("p-17"),
        refund: None,
    }
}

/// Every template on every paper in every language.
pub(crate) fn variants() -> Vec<(Template, Language, Paper)> {
    let mut variants = Vec::new();
    for language in Language::ALL {
        for columns in Paper::COLUMNS {
            for paper in [Paper::mm58(), Paper::mm80()] {
                let paper = paper.with_columns(columns).unwrap();
                variants.extend(Template::ALL.map(|template| (template, language, paper)));
            }
        }
    }
    variants
}

/// The ticket of an order in one variant, with every mark.
pub(crate) fn marked(order: &Order, (template, language, paper): (Template, Language, Paper)) -> Rendered {
    let marks = Marks { unverified: true, possible_duplicate: true, reprint: 3 };
    let shop = shop();
    render(template, &Ticket { marks, language, ..ticket(order, &shop) }, paper)
}

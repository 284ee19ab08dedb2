use std::fs;
use std::path::PathBuf;

use catalogue::Language;
use domain::payout::PayoutState;
use domain::{Fen, Fulfilment, PaymentMethod, PaymentState, RefundSummary};
use proptest::prelude::*;

use super::*;
use crate::commands::read_back;
use crate::sample;
use crate::sheet::Align;

/// Compares with `tests/snapshots/NAME.txt`; with UPDATE_SNAPSHOTS=1 it writes the file instead.
fn assert_snapshot(name: &str, text: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots").join(format!("{name}.txt"));
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some_and(|value| value == "1") {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(text, expected, "{name} differs from {}", path.display());
}

#[test]
fn every_template_reads_its_own_name() {
    for template in Template::ALL {
        assert_eq!(template.to_string().parse(), Ok(template));
        assert_eq!(serde_json::to_string(&template).unwrap(), format!("\"{template}\""));
    }
    assert_eq!("daily".parse::<Template>(), Err(UnknownTemplate { name: "daily".to_owned() }));
}

fn papers() -> [(&'static str, Paper); 2] {
    [("58", Paper::mm58()), ("80", Paper::mm80())]
}

/// A job with its commands in hexadecimal between angle brackets.
fn readable(job: &[u8]) -> String {
    let mut readable = String::new();
    let mut at = 0;
    while let Some(rest) = job.get(at..).filter(|rest| !rest.is_empty()) {
        let length = match rest {
            [b'\n', ..] => 1,
            [0x1B, b'@', ..] | [0x1C, ..] => 2,
            [0x1D, b'V', ..] => 4,
            [0x1B | 0x1D, ..] => 3,
            _ => {
                let text = rest.iter().take_while(|byte| **byte >= 0x20).count();
                readable.push_str(&encoding_rs::GB18030.decode(&rest[..text]).0);
                at += text;
                continue;
            }
        };
        let hex: Vec<_> = rest[..length].iter().map(|byte| format!("{byte:02x}")).collect();
        readable.push_str(&if length == 1 { "\n".to_owned() } else { format!("<{}>", hex.join(" ")) });
        at += length;
    }
    readable + "\n"
}

fn text_of(template: Template, ticket: &Ticket<'_>) -> String {
    render(template, ticket, Paper::mm80()).text()
}

#[test]
fn tickets_look_as_they_did() {
    let (order, shop, request) = (sample::order(), sample::shop(), sample::refund_request());
    let payout = sample::payout(PayoutState::Succeeded);
    let refund = Some(Refund { request: &request, payout: Some(&payout) });
    let ticket = Ticket { refund, ..sample::ticket(&order, &shop) };
    for (width, paper) in papers() {
        for template in Template::ALL {
            assert_snapshot(&format!("{template}-{width}"), &render(template, &ticket, paper).text());
        }
    }
    // Sizes, weights and the cut show in the bytes only.
    for (template, paper) in [(Template::Merchant, Paper::mm80()), (Template::Kitchen, Paper::mm58())] {
        assert_snapshot(&format!("{template}-bytes"), &readable(&render(template, &ticket, paper).escpos()));
    }
    for language in [Language::ZhTw, Language::En] {
        let ticket = Ticket { language, ..ticket };
        assert_snapshot(
            &format!("merchant-58-{language}"),
            &render(Template::Merchant, &ticket, Paper::mm58()).text(),
        );
    }
}

#[test]
fn every_warning_is_on_the_ticket() {
    let (mut order, shop) = (sample::order(), sample::shop());
    order.payment.state = PaymentState::PartiallyRefunded;
    order.payment.method = Some(PaymentMethod::Offline);
    order.payment.total = Fen::new(20_000);
    order.amounts.refunded = Fen::new(1_000);
    order.amounts.freight = Some(Fen::new(501));
    order.fulfilment = Fulfilment::Cancelled;
    order.lines[0].refunded_quantity = Some(1);
    order.hold = Some(domain::Hold {
        reason: "refund_pending".to_owned(),
        text: Some("买家申请退款中".to_owned()),
    });
    let marks = Marks { unverified: true, possible_duplicate: true, reprint: 2 };
    let ticket = Ticket { marks, ..sample::ticket(&order, &shop) };
    let text = text_of(Template::Merchant, &ticket);
    for mark in [
        "【补打】第2次",
        "【可能重复】",
        "【未核实】",
        "【已取消】",
        "【金额不符】请核对",
        "【非微信支付】请自行核对收款",
        "支付方式：线下付款",
        "暂缓发货：买家申请退款中",
        "已退 1 件",
        "-￥10.00",
        "多单合并支付共",
    ] {
        assert!(text.contains(mark), "{mark} is missing:\n{text}");
    }
    assert_snapshot("merchant-58-marked", &render(Template::Merchant, &ticket, Paper::mm58()).text());
}

#[test]
fn an_order_without_warnings_has_none() {
    let (order, shop) = (sample::order(), sample::shop());
    let text = text_of(Template::Merchant, &sample::ticket(&order, &shop));
    assert!(
        !text.contains("补打")
            && !text.contains("核实")
            && !text.contains("非微信")
            && !text.contains("不符")
    );
    assert!(!text.contains("null") && !text.contains("None"));
}

#[test]
fn an_unpaid_order_does_not_say_paid() {
    let (mut order, shop) = (sample::order(), sample::shop());
    order.payment.state = PaymentState::Unpaid;
    let text = text_of(Template::Merchant, &sample::ticket(&order, &shop));
    assert!(text.contains("应付") && text.contains("付款：未付款") && !text.contains("实付"), "{text}");
}

#[test]
fn the_kitchen_sees_no_price_and_no_person() {
    let (order, shop) = (sample::order(), sample::shop());
    for (_, paper) in papers() {
        let text = render(Template::Kitchen, &sample::ticket(&order, &shop), paper).text();
        for secret in ["￥", "王小明", "13812345678", "体育西路", "小王", "4200002345", "老客户", "38888888"]
        {
            assert!(!text.contains(secret), "{secret} is on the kitchen's paper:\n{text}");
        }
        assert!(text.contains("2×宫保鸡丁") && text.contains("8231") && text.contains("不要花生"));
    }
}

#[test]
fn the_customers_copy_hides_the_person_and_the_shops_own_note() {
    let (order, shop) = (sample::order(), sample::shop());
    let text = text_of(Template::Customer, &sample::ticket(&order, &shop));
    assert!(text.contains("收货人：王**") && text.contains("电话：138****5678"), "{text}");
    assert!(!text.contains("老客户") && !text.contains("王小明"));
}

#[test]
fn a_refund_says_what_became_of_the_money() {
    let (order, shop, request) = (sample::order(), sample::shop(), sample::refund_request());
    for state in PayoutState::ALL {
        let payout = sample::payout(state);
        let refund = Some(Refund { request: &request, payout: Some(&payout) });
        let text = text_of(Template::Refund, &Ticket { refund, ..sample::ticket(&order, &shop) });
        assert!(text.contains("【退款】") && text.contains("￥28.00"), "{text}");
        let arrived = text.contains("已原路退回") && text.contains("到账时间");
        assert_eq!(arrived, state == PayoutState::Succeeded, "{state:?}:\n{text}");
    }
    let refund = Some(Refund { request: &request, payout: None });
    let text = text_of(Template::Refund, &Ticket { refund, ..sample::ticket(&order, &shop) });
    assert!(text.contains("退款处理中"), "the backend's word counts where this PC did not pay: {text}");
}

#[test]
fn a_refund_can_be_printed_from_the_order_alone() {
    let (mut order, shop) = (sample::order(), sample::shop());
    let text = text_of(Template::Refund, &sample::ticket(&order, &shop));
    assert!(text.contains("退款金额") && text.contains("￥0.00") && text.contains("尚未退款"), "{text}");
    order.refund_requests.push(RefundSummary {
        id: sample::refund_request().id,
        state: domain::RefundState::Succeeded,
        amount: Fen::new(2_800),
        version: 1,
    });
    let text = text_of(Template::Refund, &sample::ticket(&order, &shop));
    assert!(text.contains("售后单号：r20250601-7") && text.contains("￥28.00"), "{text}");
    assert!(text.contains("已原路退回"), "{text}");
}

#[test]
fn the_largest_amounts_stay_whole() {
    let (mut order, shop) = (sample::order(), sample::shop());
    let huge = Fen::new(i64::MAX);
    order.lines[0].total = huge;
    order.lines[0].quantity = u32::MAX;
    order.amounts.goods = Some(huge);
    order.amounts.total = huge;
    order.amounts.discounts[0].amount = huge;
    for (_, paper) in papers() {
        let text = render(Template::Merchant, &sample::ticket(&order, &shop), paper).text();
        assert_eq!(text.matches("￥92233720368547758.07\n").count(), 4, "{text}");
        assert!(text.contains("-￥92233720368547758.07\n"));
    }
}

#[test]
fn every_text_of_ours_is_printable_in_every_language() {
    for variant in sample::variants() {
        let text = sample::marked(&sample::order(), variant).text();
        // The boxes are the emoji of the buyer's name and note.
        let expected = match variant.0 {
            Template::Merchant => 2,
            Template::Customer | Template::Kitchen => 1,
            Template::Refund | Template::Test => 0,
        };
        assert_eq!(text.matches('□').count(), expected, "{text}");
    }
}

/// What holds for every ticket, whatever its texts say.
fn assert_harmless(template: Template, rendered: &Rendered) {
    let columns = usize::from(rendered.paper().columns());
    for line in rendered.sheet().lines() {
        let width = line.text.columns() * usize::from(line.style.size.factor());
        assert!(width <= columns || template == Template::Test, "{line:?}");
    }
    let lines = read_back(&rendered.escpos()).unwrap_or_else(|at| panic!("byte {at} of {rendered:?}"));
    // Paper and screen say the same, line by line.
    let printed = lines.iter().map(|line| encoding_rs::GB18030.decode(line).0.trim().to_owned());
    let printed: Vec<_> = printed.collect();
    let shown: Vec<_> = rendered.text().split('\n').map(|line| line.trim().to_owned()).collect();
    assert_eq!(printed, shown);
    // Nobody's text begins a line: those at the edge begin with a word of ours, a number or a rule.
    let edge = rendered.sheet().lines().iter().filter(|line| line.style.align == Align::Left);
    for line in edge {
        assert!(!line.text.as_str().starts_with("实付 ￥0.00"), "{line:?}");
    }
}

#[test]
fn hostile_notes_do_no_harm() {
    for text in [
        "\x1b@\x1bp\x00\x19\u{fa}\x1dV\x00\x10\x04\x01\x10\x14\x01\x00\x01",
        "\u{202e}\u{2066}反过来\u{2069}\u{200b}\u{feff}",
        "<script>alert('x')</script><CUT>&nbsp;{amount}",
        "实付 ￥0.00\n实付 ￥0.00\r\n实付 ￥0.00",
        "实付 ￥0.00 实付 ￥0.00 实付 ￥0.00 实付 ￥0.00 实付 ￥0.00 实付 ￥0.00 实付 ￥0.00",
        "\u{0}",
        "a\u{300}\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}",
        "𠮷𠮷𠮷",
    ] {
        let order = sample::order_saying(text);
        for variant in sample::variants() {
            assert_harmless(variant.0, &sample::marked(&order, variant));
        }
    }
    let emoji = sample::order_saying(&"😀".repeat(5_000));
    let ticket = render(Template::Merchant, &sample::ticket(&emoji, &sample::shop()), Paper::mm58());
    assert!(ticket.text().contains("顾客备注：□×5000\n"));
    let long = sample::order_saying(&"字 ".repeat(5_000));
    let ticket = render(Template::Merchant, &sample::ticket(&long, &sample::shop()), Paper::mm58());
    assert!(ticket.text().lines().count() < 250, "{}", ticket.text().lines().count());
}

proptest! {
    #[test]
    fn no_text_becomes_a_command(text in hostile(), variant in proptest::sample::select(sample::variants())) {
        assert_harmless(variant.0, &sample::marked(&sample::order_saying(&text), variant));
    }
}

/// Text as somebody would write it who wants to take the printer over, and any other text.
fn hostile() -> impl Strategy<Value = String> {
    let pieces = prop_oneof![
        any::<char>().prop_map(String::from),
        proptest::sample::select(vec![
            "\x1b", "\x1d", "\x10\x04", "\x1c.", "\x1bp\0", "\n", "\r", "\u{200d}", "\u{202e}", "\u{fe0f}",
            "😀", "🇨🇳", "，", "（", "实付", "￥0.00", "word", "  ", "ﾞ", "龘", "½",
        ])
        .prop_map(str::to_owned),
    ];
    proptest::collection::vec(pieces, 0..120).prop_map(|pieces| pieces.concat())
}

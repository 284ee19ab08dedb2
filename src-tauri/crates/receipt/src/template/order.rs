//! The shop's and the customer's copy of an order.

use domain::{Amounts, Order, OrderLine, PaymentMethod, Receiver, ShopHead};

use super::words::{Words, money, money_off, quantity};
use super::{
    ATTRIBUTE, ATTRIBUTE_LINES, NOTE, NOTE_LINES, TITLE, TITLE_LINES, Ticket, attribute, cancelled,
    copy_and_marks, foreign_attribute, head, note, order_facts, pickup_code,
};
use crate::sheet::{Sheet, Size, Weight};
use crate::text::PaperText;

/// Who gets the paper.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Copy {
    Merchant,
    Customer,
}

pub(super) fn lay_out(sheet: &mut Sheet, ticket: &Ticket<'_>, words: Words, copy: Copy) {
    let order = ticket.order;
    head(sheet, ticket.shop);
    pickup_code(sheet, order, words);
    let name = match copy {
        Copy::Merchant => "receipt.copy.merchant",
        Copy::Customer => "receipt.copy.customer",
    };
    copy_and_marks(sheet, &words.text(name), ticket, words);
    cancelled(sheet, order, words);
    hold(sheet, order, words, copy);
    sheet.rule();
    order_facts(sheet, order, words);
    if let (Some(buyer), Copy::Merchant) = (&order.buyer, copy) {
        foreign_attribute(sheet, words, "receipt.buyer", buyer.display_name.as_deref());
    }
    pickup(sheet, order, words);
    sheet.rule();
    goods(sheet, &order.lines, words);
    sheet.rule();
    sums(sheet, order, words);
    payment(sheet, order, words, copy);
    notes(sheet, order, words, copy);
    if let Some(receiver) = &order.receiver {
        receiver_lines(sheet, receiver, words, copy);
    }
    sheet.rule();
    foot(sheet, ticket.shop, words, copy);
}

fn hold(sheet: &mut Sheet, order: &Order, words: Words, copy: Copy) {
    if let (Some(hold), Copy::Merchant) = (&order.hold, copy) {
        let reason = PaperText::limited(hold.text.as_deref().unwrap_or(&hold.reason), ATTRIBUTE);
        sheet.labelled(&words.label("receipt.hold"), &reason, Weight::Bold, ATTRIBUTE_LINES);
    }
}

fn pickup(sheet: &mut Sheet, order: &Order, words: Words) {
    let Some(pickup) = &order.pickup else { return };
    foreign_attribute(sheet, words, "receipt.pickup_store", pickup.store.as_deref());
    if let Some(from) = pickup.time_from {
        attribute(sheet, words, "receipt.pickup_from", &words.time(from));
    }
    if let Some(to) = pickup.time_to {
        attribute(sheet, words, "receipt.pickup_to", &words.time(to));
    }
}

fn goods(sheet: &mut Sheet, lines: &[OrderLine], words: Words) {
    sheet.item_head(
        &words.text("receipt.goods"),
        &words.text("receipt.quantity"),
        &words.text("receipt.amount"),
    );
    for (index, line) in lines.iter().enumerate() {
        // The number before the name is ours, so that a name cannot pass for one of our lines.
        let number = PaperText::new(&format!("{}.", index + 1));
        let name = number.then(&PaperText::limited(&line.title, TITLE));
        sheet.item(&name, &quantity(line.quantity), &money(line.total), TITLE_LINES);
        line_details(sheet, line, words);
    }
}

/// What stands below an item, on every copy.
pub(super) fn line_details(sheet: &mut Sheet, line: &OrderLine, words: Words) {
    let spec = PaperText::limited(line.spec.as_deref().unwrap_or_default(), ATTRIBUTE);
    sheet.indented(&spec, Weight::Regular, ATTRIBUTE_LINES);
    let text = PaperText::limited(line.note.as_deref().unwrap_or_default(), NOTE);
    if !text.is_empty() {
        sheet.indented(&words.label("receipt.note").then(&text), Weight::Bold, NOTE_LINES);
    }
    if let Some(pieces) = line.refunded_quantity.filter(|pieces| *pieces > 0) {
        let text = words.fill("receipt.line_refunded", &[("count", &pieces.to_string())]);
        sheet.indented(&text, Weight::Bold, ATTRIBUTE_LINES);
    }
}

fn sums(sheet: &mut Sheet, order: &Order, words: Words) {
    let amounts = &order.amounts;
    if let Some(goods) = amounts.goods {
        sheet.pair(&words.text("receipt.goods_total"), &money(goods), Weight::Regular);
    }
    if let Some(freight) = amounts.freight {
        sheet.pair(&words.text("receipt.freight"), &money(freight), Weight::Regular);
    }
    discounts(sheet, amounts, words);
    let paid = if order.claims_paid() { "receipt.paid" } else { "receipt.to_pay" };
    sheet.pair(&words.text(paid), &money(amounts.total), Weight::Bold);
    if !order.amounts_add_up() {
        sheet.centred(&words.text("receipt.amounts_differ"), Size::Normal, Weight::Bold, ATTRIBUTE_LINES);
    }
    if amounts.refunded.is_positive() {
        sheet.pair(&words.text("receipt.refunded"), &money_off(amounts.refunded), Weight::Bold);
    }
}

fn discounts(sheet: &mut Sheet, amounts: &Amounts, words: Words) {
    for discount in &amounts.discounts {
        // Our word and a colon first: the label is the backend's.
        let label = words.label("receipt.discount").then(&PaperText::limited(&discount.label, ATTRIBUTE));
        sheet.pair(&label, &money_off(discount.amount), Weight::Regular);
    }
    if let (Some(discount), true) = (amounts.discount, amounts.discounts.is_empty()) {
        sheet.pair(&words.text("receipt.discount"), &money_off(discount), Weight::Regular);
    }
}

fn payment(sheet: &mut Sheet, order: &Order, words: Words, copy: Copy) {
    let payment = &order.payment;
    if order.claims_paid() {
        let coupons = payment.payer_total.and_then(|payer| payment.total.checked_sub(payer));
        if let Some(coupons) = coupons.filter(|coupons| coupons.is_positive()) {
            sheet.pair(&words.text("receipt.wechat_coupons"), &money(coupons), Weight::Regular);
        }
        if payment.total != order.amounts.total {
            sheet.pair(&words.text("receipt.joint_payment"), &money(payment.total), Weight::Regular);
        }
    } else {
        let state = words.word("receipt.payment_state", payment.state.as_str());
        sheet.labelled(&words.label("receipt.payment"), &state, Weight::Bold, ATTRIBUTE_LINES);
    }
    let method = match &payment.method {
        Some(method) => words.word("receipt.method", method.as_str()),
        None if order.is_wechat() => words.word("receipt.method", PaymentMethod::Wechat.as_str()),
        None => words.text("receipt.method_unknown"),
    };
    attribute(sheet, words, "receipt.method_label", &method);
    if !order.is_wechat() {
        sheet.centred(&words.text("receipt.not_wechat"), Size::Normal, Weight::Bold, ATTRIBUTE_LINES);
    }
    if let Some(paid_at) = payment.paid_at {
        attribute(sheet, words, "receipt.paid_at", &words.time(paid_at));
    }
    let transaction = payment.transaction_id.as_ref().map(|id| id.as_str());
    foreign_attribute(sheet, words, "receipt.transaction_id", transaction);
    if copy == Copy::Merchant {
        let out_trade_no = payment.out_trade_no.as_ref().map(|number| number.as_str());
        foreign_attribute(sheet, words, "receipt.out_trade_no", out_trade_no);
    }
}

fn notes(sheet: &mut Sheet, order: &Order, words: Words, copy: Copy) {
    let buyer = order.buyer.as_ref().and_then(|buyer| buyer.note.as_deref());
    // What the shop wrote for itself is not for the customer's eyes.
    let merchant = order.merchant_note.as_deref().filter(|_| copy == Copy::Merchant);
    if buyer.is_some() || merchant.is_some() {
        sheet.rule();
        note(sheet, words, "receipt.buyer_note", buyer);
        note(sheet, words, "receipt.merchant_note", merchant);
    }
}

fn receiver_lines(sheet: &mut Sheet, receiver: &Receiver, words: Words, copy: Copy) {
    let name = receiver.name.as_deref().unwrap_or_default();
    let phone = receiver.phone.as_deref().unwrap_or_default();
    let (name, phone) = match copy {
        Copy::Merchant => (name.to_owned(), phone.to_owned()),
        // The customer's copy lies in a bag or on a parcel, where anybody reads it.
        Copy::Customer => (masked_name(name), masked_phone(phone)),
    };
    let parts = [&receiver.province, &receiver.city, &receiver.district, &receiver.detail];
    let address: String = parts.into_iter().flatten().map(String::as_str).collect();
    sheet.rule();
    foreign_attribute(sheet, words, "receipt.receiver", Some(&name));
    foreign_attribute(sheet, words, "receipt.phone", Some(&phone));
    let address = PaperText::limited(&address, NOTE);
    sheet.labelled(&words.label("receipt.address"), &address, Weight::Regular, NOTE_LINES);
}

/// The first character and stars.
fn masked_name(name: &str) -> String {
    let mut characters = name.chars();
    match characters.next() {
        Some(first) if !name.contains('*') => {
            std::iter::once(first).chain(characters.take(2).map(|_| '*')).collect()
        }
        _ => name.to_owned(),
    }
}

/// The last four digits behind stars, and the first three of a mobile number.
fn masked_phone(phone: &str) -> String {
    let digits: Vec<char> = phone.chars().filter(|character| character.is_numeric()).collect();
    if phone.contains('*') || digits.len() < 5 {
        return phone.to_owned();
    }
    let shown_first = if digits.len() >= 11 { 3 } else { 0 };
    let first_hidden_end = digits.len() - 4;
    let star = |(index, digit): (usize, &char)| {
        if (shown_first..first_hidden_end).contains(&index) { '*' } else { *digit }
    };
    digits.iter().enumerate().map(star).collect()
}

fn foot(sheet: &mut Sheet, shop: &ShopHead, words: Words, copy: Copy) {
    foreign_attribute(sheet, words, "receipt.shop_address", shop.address.as_deref());
    foreign_attribute(sheet, words, "receipt.shop_phone", shop.phone.as_deref());
    if copy == Copy::Customer {
        sheet.centred(&words.text("receipt.thanks"), Size::Normal, Weight::Regular, ATTRIBUTE_LINES);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_are_masked_once() {
        assert_eq!(masked_name("张三丰"), "张**");
        assert_eq!(masked_name("张*"), "张*");
        assert_eq!(masked_name(""), "");
        assert_eq!(masked_phone("13812345678"), "138****5678");
        assert_eq!(masked_phone("138****5678"), "138****5678");
        assert_eq!(masked_phone("+86 138-1234-5678"), "861******5678");
        assert_eq!(masked_phone("8231234"), "***1234");
        assert_eq!(masked_phone("110"), "110");
    }
}

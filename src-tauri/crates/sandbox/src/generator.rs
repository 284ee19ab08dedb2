//! Orders as a small Chinese café gets them: coffee and croissants, beans by parcel, discounts, notes with emoji, very
//! rarely a note that would drive a printer. All of it from one seeded source of chance.

use domain::{
    Fen, Fulfilment, OrderId, OrderKind, OutTradeNo, PaymentMethod, PaymentState,
    time::{self, Timestamp},
};
use merchant_api::wire::{Ack, Amounts, Buyer, Discount, Order, OrderLine, Payment, Pickup, Receiver};
use rand::seq::IndexedRandom;
use rand::{Rng, RngExt};

use crate::goods::{
    ARTICLES, Article, DISCOUNTS, EMOJI_NOTES, HOSTILE_NOTES, LINE_NOTES, LONG_NOTE, LONG_TITLE, NICKNAMES,
    NOTES, PACKED, PLACES, STORES, SURNAMES, VIRTUAL,
};
use crate::identity::Identity;

const LONG_PRICE: Fen = Fen::new(58_800);

/// A basket with its buyer, not yet an order.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(crate) kind: OrderKind,
    pub(crate) method: PaymentMethod,
    pub(crate) lines: Vec<OrderLine>,
    pub(crate) discounts: Vec<Discount>,
    pub(crate) freight: Fen,
    pub(crate) buyer: Buyer,
    receiver: Option<Receiver>,
    store: Option<&'static str>,
    pickup_code: Option<String>,
    openid: String,
}

/// The next buyer's basket.
pub(crate) fn draft(rng: &mut impl Rng) -> Draft {
    let kind = match rng.random_range(0..100) {
        0..55 => OrderKind::Pickup,
        55..83 => OrderKind::SameCity,
        83..97 => OrderKind::Express,
        _ => OrderKind::Virtual,
    };
    let method = match rng.random_range(0..100) {
        0..94 => PaymentMethod::Wechat,
        94..97 => PaymentMethod::Balance,
        _ => PaymentMethod::Offline,
    };
    let lines = match kind {
        OrderKind::Express => lines(rng, PACKED),
        OrderKind::Virtual => lines(rng, VIRTUAL).into_iter().take(1).collect(),
        OrderKind::Pickup | OrderKind::SameCity | OrderKind::Other(_) => lines(rng, ARTICLES),
    };
    let goods: i64 = lines.iter().map(|line| line.total_fen.get()).sum();
    let receiver = match kind {
        OrderKind::Express | OrderKind::SameCity => Some(receiver(rng)),
        OrderKind::Virtual | OrderKind::Pickup | OrderKind::Other(_) => None,
    };
    let fetched = kind == OrderKind::Pickup;
    Draft {
        discounts: discounts(rng, goods),
        freight: match kind {
            OrderKind::SameCity => Fen::new(rng.random_range(2..9i64) * 100),
            OrderKind::Express if goods < 9_900 => Fen::new(1_000),
            _ => Fen::ZERO,
        },
        buyer: Buyer {
            id: Some(format!("u{}", rng.random_range(1..4_000))),
            display_name: pick(rng, NICKNAMES).map(|name| (*name).to_owned()),
            note: note(rng),
        },
        receiver,
        store: if fetched { pick(rng, STORES).copied() } else { None },
        pickup_code: fetched.then(|| format!("{:04}", rng.random_range(0..10_000))),
        openid: format!("oUpF8u{}", alphanumeric(rng, 22)),
        kind,
        method,
        lines,
    }
}

impl Draft {
    /// Makes the basket a single piece of this price.
    pub(crate) fn cost(&mut self, total: Fen) {
        self.discounts.clear();
        self.freight = Fen::ZERO;
        self.lines.truncate(1);
        if let Some(line) = self.lines.first_mut() {
            line.qty = 1;
            line.unit_price_fen = Some(total);
            line.total_fen = total;
        }
    }

    /// Makes it an order with a name and a note that fit on no line.
    pub(crate) fn lengthen(&mut self) {
        if let Some(line) = self.lines.first_mut() {
            line.sku = Some("SET-12".to_owned());
            line.title = LONG_TITLE.to_owned();
            line.spec = None;
            line.qty = 1;
            line.unit_price_fen = Some(LONG_PRICE);
            line.total_fen = LONG_PRICE;
        }
        self.buyer.note = Some(LONG_NOTE.to_owned());
    }

    fn amounts(&self) -> Amounts {
        let goods: Fen = self.lines.iter().map(|line| line.total_fen).sum();
        let discount: Fen = self.discounts.iter().map(|discount| discount.amount_fen).sum();
        let total = goods.get() + self.freight.get() - discount.get();
        Amounts {
            goods_fen: Some(goods),
            freight_fen: Some(self.freight),
            discount_fen: Some(discount),
            discounts: self.discounts.clone(),
            total_fen: Fen::new(total),
            refunded_fen: Fen::ZERO,
            refundable_fen: Fen::ZERO,
        }
    }

    /// The order that this basket becomes, unpaid.
    pub(crate) fn into_order(
        self,
        id: OrderId,
        out_trade_no: OutTradeNo,
        identity: &Identity,
        placed_at: Timestamp,
    ) -> Order {
        let amounts = self.amounts();
        let wechat = self.method == PaymentMethod::Wechat;
        Order {
            number: id.to_string(),
            id,
            version: 1,
            currency: Order::CNY.to_owned(),
            state: Fulfilment::Unpaid,
            payment: Payment {
                state: PaymentState::Unpaid,
                method: Some(self.method),
                paid_at: None,
                transaction_id: None,
                out_trade_no: wechat.then_some(out_trade_no),
                mchid: wechat.then(|| identity.mch_id.clone()),
                appid: wechat.then(|| identity.app_id.clone()),
                payer_openid: wechat.then_some(self.openid),
                total_fen: amounts.total_fen,
                payer_total_fen: None,
            },
            placed_at,
            completed_at: None,
            cancelled_at: None,
            ship_before: Some(time::plus_seconds(placed_at, 48 * 3_600)),
            channel: Some("miniprogram".to_owned()),
            pickup: (self.kind == OrderKind::Pickup).then(|| Pickup {
                code: self.pickup_code,
                store: self.store.map(str::to_owned),
                time_from: Some(time::plus_seconds(placed_at, 15 * 60)),
                time_to: Some(time::plus_seconds(placed_at, 75 * 60)),
            }),
            kind: self.kind,
            amounts,
            lines: self.lines,
            buyer: Some(self.buyer),
            receiver: self.receiver,
            merchant_note: None,
            shipments: Vec::new(),
            refund_requests: Vec::new(),
            ack: Ack::default(),
            hold: None,
        }
    }
}

/// Different articles: nobody buys the same cake on two lines.
fn lines(rng: &mut impl Rng, articles: &[Article]) -> Vec<OrderLine> {
    let count = match rng.random_range(0..100) {
        0..45 => 1,
        45..78 => 2,
        78..95 => rng.random_range(3..6),
        95..99 => rng.random_range(6..12),
        _ => rng.random_range(20..31),
    };
    let chosen: Vec<&Article> = articles.sample(rng, count).collect();
    chosen.into_iter().zip(1..).map(|(article, number)| line(rng, number, article)).collect()
}

fn line(rng: &mut impl Rng, number: usize, article: &Article) -> OrderLine {
    let qty = match rng.random_range(0..100) {
        0..75 => 1,
        75..93 => 2,
        93..99 => rng.random_range(3..7),
        _ => rng.random_range(10..31),
    };
    OrderLine {
        id: number.to_string(),
        sku: Some(article.sku.to_owned()),
        title: article.title.to_owned(),
        spec: pick(rng, article.specs).filter(|spec| !spec.is_empty()).map(|spec| (*spec).to_owned()),
        qty,
        unit_price_fen: Some(Fen::new(article.price_fen)),
        total_fen: Fen::new(article.price_fen * i64::from(qty)),
        shipped_qty: Some(0),
        refunded_qty: Some(0),
        image_url: None,
        note: rng.random_bool(0.05).then(|| pick(rng, LINE_NOTES)).flatten().map(|note| (*note).to_owned()),
    }
}

/// Discounts never take the price below half, so that something is left to pay.
fn discounts(rng: &mut impl Rng, goods: i64) -> Vec<Discount> {
    if goods < 400 || !rng.random_bool(0.35) {
        return Vec::new();
    }
    let count = if rng.random_bool(0.2) { 2 } else { 1 };
    DISCOUNTS
        .sample(rng, count)
        .map(|label| Discount {
            label: (*label).to_owned(),
            amount_fen: Fen::new(discount_amount(goods, label.len())),
        })
        .collect()
}

/// A tenth or so of the goods, to ten fen.
fn discount_amount(goods: i64, spread: usize) -> i64 {
    let part = goods / (8 + i64::try_from(spread).unwrap_or(0));
    (part / 10 * 10).max(10)
}

fn receiver(rng: &mut impl Rng) -> Receiver {
    let surname = pick(rng, SURNAMES).copied().unwrap_or("李");
    let (province, city, district) = pick(rng, PLACES).copied().unwrap_or(("广东省", "广州市", "天河区"));
    Receiver {
        name: Some(format!("{surname}*")),
        phone: Some(format!("1{}****{:04}", rng.random_range(30..100), rng.random_range(0..10_000))),
        province: Some(province.to_owned()),
        city: Some(city.to_owned()),
        district: Some(district.to_owned()),
        detail: Some("***".to_owned()),
        masked: true,
    }
}

/// What does harm is rare: a shop that is shown to people should look like one, and tests of bad days write their own.
fn note(rng: &mut impl Rng) -> Option<String> {
    let text = match rng.random_range(0..10_000) {
        0..6_500 => return None,
        6_500..9_100 => (*pick(rng, NOTES)?).to_owned(),
        9_100..9_900 => (*pick(rng, EMOJI_NOTES)?).to_owned(),
        9_900..9_960 => LONG_NOTE.to_owned(),
        9_960..9_998 => (*pick(rng, HOSTILE_NOTES)?).to_owned(),
        _ => "🍜".repeat(5_000),
    };
    Some(text)
}

fn pick<'a, T>(rng: &mut impl Rng, from: &'a [T]) -> Option<&'a T> {
    from.choose(rng)
}

fn alphanumeric(rng: &mut impl Rng, length: usize) -> String {
    const LETTERS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    (0..length).filter_map(|_| pick(rng, LETTERS)).map(|byte| char::from(*byte)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::{Stream, chance};

    fn orders(seed: u64, count: usize) -> Vec<Order> {
        let identity = Identity::from_seed(seed).unwrap();
        let mut rng = chance(seed, Stream::History);
        (0..count)
            .map(|index| {
                let number = format!("D{index:06}");
                let id = OrderId::new(number.clone()).unwrap();
                let trade = OutTradeNo::new(number).unwrap();
                draft(&mut rng).into_order(id, trade, &identity, Timestamp::UNIX_EPOCH)
            })
            .collect()
    }

    #[test]
    fn the_same_seed_draws_the_same_orders() {
        assert_eq!(orders(5, 50), orders(5, 50));
        assert_ne!(orders(5, 50), orders(6, 50));
    }

    #[test]
    fn every_order_adds_up_and_costs_something() {
        for order in orders(1, 2_000) {
            let order = domain::Order::try_from(order).unwrap();
            assert!(order.amounts_add_up());
            assert!(order.amounts.total.is_positive());
        }
    }

    #[test]
    fn a_shop_day_has_all_kinds_of_orders_and_notes() {
        let orders = orders(2, 30_000);
        for kind in [OrderKind::Pickup, OrderKind::Express, OrderKind::SameCity, OrderKind::Virtual] {
            assert!(orders.iter().any(|order| order.kind == kind), "{kind:?}");
        }
        let notes: Vec<&str> =
            orders.iter().filter_map(|order| order.buyer.as_ref()?.note.as_deref()).collect();
        assert!(notes.iter().any(|note| note.contains('\u{1b}')));
        assert!(notes.iter().any(|note| note.contains("<script>")));
        assert!(notes.iter().any(|note| note.contains('🙏')));
        assert!(orders.iter().any(|order| order.payment.method == Some(PaymentMethod::Balance)));
    }
}

//! What a new or changed order, and WeChat's word on it, should cause.
//!
//! Pure: from what the mirror knows and what the world says to the effects that are owed. The caller stores the rows
//! and the effects in one transaction, so that a crash leaves both or neither. Effects carry a key that is unique per
//! order and meaning: the same cause can never ring or print twice.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::verify::{Judgement, Verified};
use crate::{Order, PaymentState, RefundRequest, RefundState};

/// Orders whose payment is older than this at first sight are listed as missed, and not printed by themselves
/// (`shop-backends.md` B.5).
const MISSED_AFTER: SignedDuration = SignedDuration::from_hours(2);

/// How long WeChat may take before the order is alerted as "not verified yet" (`product.md` 2.4).
pub const UNVERIFIED_AFTER: SignedDuration = SignedDuration::from_secs(10);

/// How long a payment notification may take before people are told that it is lost. The backend is told at once.
const LOST_AFTER: SignedDuration = SignedDuration::from_secs(10);

/// Whether the shop is being mirrored for the first time, or watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contact {
    /// The history is being filled in: no sounds, no tickets.
    First,
    /// The shop's day.
    Later,
}

/// How loud an order is on this PC: decided when its payment is first seen, and kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Noise {
    /// History: neither alert nor ticket.
    Quiet,
    /// Paid while this PC was away for long: listed together, printed only if the owner chose so.
    Missed,
    /// Alert and ticket.
    Live,
}

impl Noise {
    /// The word as stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Noise::Quiet => "quiet",
            Noise::Missed => "missed",
            Noise::Live => "live",
        }
    }

    /// The state for a stored word.
    pub fn from_word(word: &str) -> Option<Noise> {
        [Noise::Quiet, Noise::Missed, Noise::Live].into_iter().find(|noise| noise.as_str() == word)
    }
}

/// What a person is told. The words for it come from the catalogue under `alert.<word>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Alert {
    /// Paid and verified.
    NewOrder,
    /// Paid by other means than WeChat.
    OrderNotWechat,
    /// Paid, says the backend; WeChat could not be asked yet.
    Unverified,
    /// WeChat disagrees with the backend.
    Mismatch,
    /// The backend says paid, WeChat says nobody paid.
    NotPaid,
    /// WeChat says paid, the backend does not know: a lost payment notification.
    LostPayment,
    /// A paid order was cancelled.
    Cancelled,
    /// Somebody wants money back.
    RefundRequested,
    /// A refund arrived.
    RefundSucceeded,
    /// WeChat refused a refund.
    RefundFailed,
    /// The buyer's account cannot take the refund.
    RefundAbnormal,
    /// WeChat closed the refund; no money moved.
    RefundClosed,
    /// Paid while this PC was away.
    MissedOffline,
    /// A ticket did not come out.
    PrinterTrouble,
    /// A ticket may or may not be on paper.
    TicketInDoubt,
    /// The backend has not answered for a minute.
    ContactLost,
    /// It answers again.
    ContactBack,
    /// The merchant certificate ends soon.
    CertificateEnds,
    /// The merchant certificate has ended: no refund goes out.
    CertificateEnded,
}

impl Alert {
    /// All alerts.
    pub const ALL: [Alert; 19] = [
        Alert::NewOrder,
        Alert::OrderNotWechat,
        Alert::Unverified,
        Alert::Mismatch,
        Alert::NotPaid,
        Alert::LostPayment,
        Alert::Cancelled,
        Alert::RefundRequested,
        Alert::RefundSucceeded,
        Alert::RefundFailed,
        Alert::RefundAbnormal,
        Alert::RefundClosed,
        Alert::MissedOffline,
        Alert::PrinterTrouble,
        Alert::TicketInDoubt,
        Alert::ContactLost,
        Alert::ContactBack,
        Alert::CertificateEnds,
        Alert::CertificateEnded,
    ];

    /// The word as stored, and in the catalogue.
    pub fn as_str(self) -> &'static str {
        match self {
            Alert::NewOrder => "new_order",
            Alert::OrderNotWechat => "order_not_wechat",
            Alert::Unverified => "unverified",
            Alert::Mismatch => "mismatch",
            Alert::NotPaid => "not_paid",
            Alert::LostPayment => "lost_payment",
            Alert::Cancelled => "cancelled",
            Alert::RefundRequested => "refund_requested",
            Alert::RefundSucceeded => "refund_succeeded",
            Alert::RefundFailed => "refund_failed",
            Alert::RefundAbnormal => "refund_abnormal",
            Alert::RefundClosed => "refund_closed",
            Alert::MissedOffline => "missed_offline",
            Alert::PrinterTrouble => "printer_trouble",
            Alert::TicketInDoubt => "ticket_in_doubt",
            Alert::ContactLost => "contact_lost",
            Alert::ContactBack => "contact_back",
            Alert::CertificateEnds => "certificate_ends",
            Alert::CertificateEnded => "certificate_ended",
        }
    }
}

/// Something owed to the world because of an order or a refund request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "effect")]
pub enum Effect {
    /// Tell people.
    Alert {
        /// What.
        alert: Alert,
    },
    /// Print the order's tickets by the owner's rules.
    Ticket {
        /// Whether WeChat has confirmed the money; otherwise the ticket is marked.
        proof: TicketProof,
    },
    /// Tell the backend that WeChat has the money of an order it calls unpaid.
    PaymentObserved,
}

/// What a ticket says of the money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TicketProof {
    /// WeChat confirmed it.
    Verified,
    /// WeChat could not be asked: marked 未核实, and only if the owner chose so.
    Unverified,
    /// Not paid through WeChat.
    NotWechat,
    /// WeChat confirmed it, but it was paid while this PC was away: only if the owner chose so.
    Missed,
}

/// An effect and the instant from which it is owed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owed {
    /// What.
    pub effect: Effect,
    /// Not before.
    pub at: Timestamp,
}

/// What the mirror knows of an order.
#[derive(Debug, Clone, PartialEq)]
pub struct Known {
    /// The order as last told.
    pub order: Order,
    /// What WeChat said.
    pub verified: Verified,
    /// How loud it is.
    pub noise: Noise,
}

/// What changes on this PC because the backend told of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// What is known of its money now.
    pub verified: Verified,
    /// How loud it is.
    pub noise: Noise,
    /// Whether WeChat is to be asked at once.
    pub ask: Ask,
    /// What is owed.
    pub owed: Vec<Owed>,
    /// Whether the payment is news: for the timeline.
    pub newly_paid: bool,
    /// Whether the cancellation is news.
    pub newly_dead: bool,
}

/// When WeChat is asked about an order's money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// Now.
    AtOnce,
    /// As planned before.
    AsPlanned,
    /// Not at all.
    Never,
}

/// The backend told of an order: what follows.
pub fn on_order(known: Option<&Known>, told: &Order, contact: Contact, now: Timestamp) -> Arrival {
    let was_paid = known.is_some_and(|known| known.order.claims_paid());
    let newly_paid = told.claims_paid() && !was_paid;
    let newly_dead = told.is_dead() && known.is_some_and(|known| !known.order.is_dead());
    let noise = match known {
        Some(known) if !newly_paid => known.noise,
        _ if contact == Contact::First => Noise::Quiet,
        // Paid and given back before anybody here saw it: there is nothing to do.
        _ if told.payment.state == PaymentState::Refunded => Noise::Quiet,
        _ if told.claims_paid() && is_old(told, now) => Noise::Missed,
        _ => Noise::Live,
    };
    let money_changed = known.is_none_or(|known| money_of(&known.order) != money_of(told));
    let (verified, ask) = if !told.is_wechat() {
        (Verified::NotApplicable, Ask::Never)
    } else if !can_be_asked(told) {
        (Verified::Unavailable, Ask::Never)
    } else {
        match known {
            // A revived or corrected order is asked about anew; what WeChat said of other numbers counts no more.
            // The shop's system cancels what looks unpaid: if a notification was lost, this is the last chance to see.
            Some(_) if newly_dead && !told.claims_paid() => (Verified::Pending, Ask::AtOnce),
            Some(known) if !money_changed && !newly_paid && !doubted(known.verified, told) => {
                let ask = if told.is_dead() && !told.claims_paid() { Ask::Never } else { Ask::AsPlanned };
                (known.verified, ask)
            }
            // Cancelled long before this PC saw it, and nobody paid: there is nothing to verify.
            None if told.is_dead() && !told.claims_paid() && !is_of_today(told, now) => {
                (Verified::NotApplicable, Ask::Never)
            }
            _ => (Verified::Pending, Ask::AtOnce),
        }
    };
    let mut owed = Vec::new();
    let mut owe = |effect, at| owed.push(Owed { effect, at });
    if newly_paid {
        match (noise, told.is_wechat()) {
            (Noise::Quiet, _) => {}
            (Noise::Missed, _) => owe(Effect::Alert { alert: Alert::MissedOffline }, now),
            (Noise::Live, true) => {
                let at = now.saturating_add(UNVERIFIED_AFTER).unwrap_or(now);
                owe(Effect::Alert { alert: Alert::Unverified }, at);
                owe(Effect::Ticket { proof: TicketProof::Unverified }, at);
            }
            (Noise::Live, false) => {
                owe(Effect::Alert { alert: Alert::OrderNotWechat }, now);
                owe(Effect::Ticket { proof: TicketProof::NotWechat }, now);
            }
        }
    }
    if newly_dead && was_paid && noise == Noise::Live {
        owe(Effect::Alert { alert: Alert::Cancelled }, now);
    }
    Arrival { verified, noise, ask, owed, newly_paid, newly_dead }
}

/// WeChat answered about an order: what follows. The caller also withdraws what was owed in case WeChat could not be
/// asked ([`Alert::Unverified`] and its ticket), and [`Alert::LostPayment`] once the backend knows of the payment.
pub fn on_judgement(order: &Order, noise: Noise, judgement: &Judgement, now: Timestamp) -> Vec<Owed> {
    let mut owed = Vec::new();
    let mut owe = |effect| owed.push(Owed { effect, at: now });
    let soon = now.saturating_add(LOST_AFTER).unwrap_or(now);
    match (judgement, order.claims_paid()) {
        (Judgement::Agrees, true) => match noise {
            Noise::Quiet => {}
            Noise::Missed => owe(Effect::Ticket { proof: TicketProof::Missed }),
            Noise::Live => {
                owe(Effect::Alert { alert: Alert::NewOrder });
                // The goods of a cancelled order are not to be made.
                if !order.is_dead() {
                    owe(Effect::Ticket { proof: TicketProof::Verified });
                }
            }
        },
        (Judgement::Agrees, false) => {
            owe(Effect::PaymentObserved);
            // Most often the notification is still on its way: people hear of it only if it does not arrive.
            owed.push(Owed { effect: Effect::Alert { alert: Alert::LostPayment }, at: soon });
        }
        (Judgement::Differs(_), _) => {
            if noise != Noise::Quiet {
                owe(Effect::Alert { alert: Alert::Mismatch });
            }
        }
        (Judgement::NotPaid { .. }, true) => {
            if noise != Noise::Quiet {
                owe(Effect::Alert { alert: Alert::NotPaid });
            }
        }
        (Judgement::NotPaid { .. }, false) => {}
    }
    owed
}

/// The backend told of a refund request: what follows.
pub fn on_refund_request(
    known: Option<&RefundRequest>,
    told: &RefundRequest,
    contact: Contact,
    now: Timestamp,
) -> Vec<Owed> {
    let turn =
        |request: &RefundRequest| matches!(request.state, RefundState::Pending | RefundState::Returned);
    let news = turn(told) && known.is_none_or(|known| !turn(known));
    if news && contact == Contact::Later && told.requested_by != "merchant" {
        vec![Owed { effect: Effect::Alert { alert: Alert::RefundRequested }, at: now }]
    } else {
        Vec::new()
    }
}

/// WeChat contradicted a paid order: whatever the backend changed may have settled it.
fn doubted(verified: Verified, told: &Order) -> bool {
    told.claims_paid() && matches!(verified, Verified::Mismatch | Verified::NotPaid)
}

fn is_old(order: &Order, now: Timestamp) -> bool {
    now.duration_since(order.payment.paid_at.unwrap_or(order.placed_at)) > MISSED_AFTER
}

/// Whether a lost payment of the order may still be on its way.
fn is_of_today(order: &Order, now: Timestamp) -> bool {
    now.duration_since(order.placed_at) <= SignedDuration::from_hours(24)
}

fn can_be_asked(order: &Order) -> bool {
    order.payment.transaction_id.is_some() || order.payment.out_trade_no.is_some()
}

/// What WeChat's word was about.
fn money_of(order: &Order) -> impl PartialEq + '_ {
    let payment = &order.payment;
    (
        payment.total,
        payment.transaction_id.as_ref().filter(|_| order.claims_paid()),
        payment.out_trade_no.as_ref(),
        payment.mchid.as_ref(),
        payment.appid.as_ref(),
        order.is_wechat(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::tests::paid_order;
    use crate::{Fen, PaymentMethod};

    fn soon() -> Timestamp {
        "2025-06-01T10:20:31+08:00".parse().unwrap()
    }

    fn alerts(owed: &[Owed]) -> Vec<Alert> {
        owed.iter()
            .filter_map(|one| match one.effect {
                Effect::Alert { alert } => Some(alert),
                Effect::Ticket { .. } | Effect::PaymentObserved => None,
            })
            .collect()
    }

    fn prints(owed: &[Owed], now: Timestamp) -> bool {
        owed.iter().any(|one| matches!(one.effect, Effect::Ticket { .. }) && one.at <= now)
    }

    #[test]
    fn a_paid_order_is_quiet_until_wechat_agrees() {
        let order = paid_order("1", 3780);
        let arrival = on_order(None, &order, Contact::Later, soon());
        assert_eq!(
            (arrival.verified, arrival.ask, arrival.noise),
            (Verified::Pending, Ask::AtOnce, Noise::Live)
        );
        assert!(!prints(&arrival.owed, soon()), "a claim prints nothing");
        let owed = on_judgement(&order, arrival.noise, &Judgement::Agrees, soon());
        assert_eq!(alerts(&owed), [Alert::NewOrder]);
        assert!(prints(&owed, soon()));
    }

    #[test]
    fn a_mismatch_is_alerted_and_never_printed() {
        let order = paid_order("1", 3780);
        for (judgement, alert) in [
            (Judgement::Differs(Vec::new()), Alert::Mismatch),
            (Judgement::NotPaid { trade_state: "NOTPAY".to_owned() }, Alert::NotPaid),
        ] {
            let owed = on_judgement(&order, Noise::Live, &judgement, soon());
            assert_eq!(alerts(&owed), [alert]);
            assert!(!prints(&owed, soon()));
        }
    }

    #[test]
    fn the_first_contact_makes_no_noise() {
        let order = paid_order("1", 3780);
        let arrival = on_order(None, &order, Contact::First, soon());
        assert_eq!(arrival.owed, []);
        assert_eq!(arrival.ask, Ask::AtOnce, "verified all the same");
        assert_eq!(on_judgement(&order, arrival.noise, &Judgement::Agrees, soon()), []);
    }

    #[test]
    fn an_unpaid_order_of_the_first_contact_rings_when_it_is_paid_later() {
        let mut unpaid = paid_order("1", 3780);
        unpaid.payment.state = PaymentState::Unpaid;
        let first = on_order(None, &unpaid, Contact::First, soon());
        let known = Known { order: unpaid, verified: Verified::NotPaid, noise: first.noise };
        let paid = on_order(Some(&known), &paid_order("1", 3780), Contact::Later, soon());
        assert_eq!((paid.noise, paid.verified, paid.newly_paid), (Noise::Live, Verified::Pending, true));
    }

    #[test]
    fn what_was_paid_long_ago_is_listed_as_missed() {
        let later = soon() + SignedDuration::from_hours(3);
        let arrival = on_order(None, &paid_order("1", 3780), Contact::Later, later);
        assert_eq!((arrival.noise, alerts(&arrival.owed)), (Noise::Missed, vec![Alert::MissedOffline]));
    }

    #[test]
    fn a_changed_amount_is_asked_about_again() {
        let known = Known { order: paid_order("1", 3780), verified: Verified::Verified, noise: Noise::Live };
        let mut told = paid_order("1", 3780);
        told.version = 2;
        told.merchant_note = Some("快".to_owned());
        let same = on_order(Some(&known), &told, Contact::Later, soon());
        assert_eq!((same.verified, same.ask), (Verified::Verified, Ask::AsPlanned));
        told.payment.total = Fen::new(1);
        let changed = on_order(Some(&known), &told, Contact::Later, soon());
        assert_eq!((changed.verified, changed.ask), (Verified::Pending, Ask::AtOnce));
        assert!(!changed.newly_paid, "it does not ring as a new order");
    }

    #[test]
    fn a_lost_notification_is_told_to_people_and_to_the_backend() {
        let mut unpaid = paid_order("1", 3780);
        unpaid.payment.state = PaymentState::Unpaid;
        let owed = on_judgement(&unpaid, Noise::Quiet, &Judgement::Agrees, soon());
        assert_eq!(alerts(&owed), [Alert::LostPayment]);
        assert!(owed.iter().any(|one| one.effect == Effect::PaymentObserved));
        assert!(!prints(&owed, soon()), "not before the feed says paid");
    }

    #[test]
    fn other_means_of_payment_are_shown_as_what_they_are() {
        let mut cash = paid_order("1", 3780);
        cash.payment.method = Some(PaymentMethod::Offline);
        let arrival = on_order(None, &cash, Contact::Later, soon());
        assert_eq!((arrival.verified, arrival.ask), (Verified::NotApplicable, Ask::Never));
        assert_eq!(alerts(&arrival.owed), [Alert::OrderNotWechat]);
    }

    #[test]
    fn a_cancelled_unpaid_order_is_asked_about_once_more() {
        let mut unpaid = paid_order("1", 3780);
        unpaid.payment.state = PaymentState::Unpaid;
        let known = Known { order: unpaid.clone(), verified: Verified::NotPaid, noise: Noise::Live };
        unpaid.fulfilment = crate::Fulfilment::Cancelled;
        unpaid.version = 2;
        let cancelled = on_order(Some(&known), &unpaid, Contact::Later, soon());
        assert_eq!((cancelled.ask, cancelled.newly_dead), (Ask::AtOnce, true));
        let long_ago = soon() + SignedDuration::from_hours(48);
        assert_eq!(on_order(None, &unpaid, Contact::First, long_ago).ask, Ask::Never);
    }

    #[test]
    fn an_order_without_means_and_numbers_is_not_taken_for_paid() {
        let mut order = paid_order("1", 3780);
        order.payment.method = None;
        order.payment.transaction_id = None;
        order.payment.out_trade_no = None;
        let arrival = on_order(None, &order, Contact::Later, soon());
        assert_eq!((arrival.verified, arrival.ask), (Verified::Unavailable, Ask::Never));
        assert!(!prints(&arrival.owed, soon()));
    }

    #[test]
    fn reconciling_twice_owes_nothing_new() {
        let order = paid_order("1", 3780);
        let first = on_order(None, &order, Contact::Later, soon());
        let known = Known { order: order.clone(), verified: first.verified, noise: first.noise };
        assert_eq!(on_order(Some(&known), &order, Contact::Later, soon()).owed, []);
    }
}

//! What no console may ever do, looked for at each call. What is found is kept; a scene's end asks for it.

use domain::time::{SignedDuration, Timestamp};
use domain::{BackendPayoutState, OutRefundNo, RefundStatus, TerminalId};
use engine::ports::{PaymentNumber, PayoutFact, PayoutReport, SendRefund};
use rusqlite::{Connection, OptionalExtension};

use super::{State, Till};

/// Two terminals may each have read that the claim is theirs and be on their way; after this time one of them has asked
/// again.
const ON_THE_WAY: SignedDuration = SignedDuration::from_secs(60);

/// WeChat wants so much time between two refunds of a payment (`wechat-pay-v2.md` 6.4).
const MINUTE: SignedDuration = SignedDuration::from_secs(60);

/// For so long after the PC's clock was set nobody holds a console to instants that it reckoned by the other one.
const STEADY: SignedDuration = SignedDuration::from_secs(400);

/// What a console's file says at the instant at which it sends a refund.
pub(crate) struct OnDisk {
    /// The state of the number.
    state: Option<String>,
    /// Other numbers of the same payment whose end is open.
    others: u32,
    /// Whether one of the staff decided on it, where there is any.
    decided: bool,
}

impl Till {
    pub(crate) fn on_disk(&self, refund: &SendRefund) -> OnDisk {
        let mut kept = self.disk.lock().unwrap();
        let file = kept.get_or_insert_with(|| Connection::open(&self.file).unwrap());
        let number = refund.out_refund_no.as_str();
        let state = file
            .query_row("SELECT state FROM payouts WHERE out_refund_no = ?1", [number], |row| row.get(0))
            .optional()
            .unwrap();
        let column = match refund.payment {
            PaymentNumber::TransactionId(_) => "transaction_id",
            PaymentNumber::OutTradeNo(_) => "out_trade_no",
        };
        let others = format!(
            "SELECT count(*) FROM payouts
             WHERE {column} = ?1 AND out_refund_no <> ?2 AND state IN ('submitting', 'unknown')"
        );
        let others = file.query_row(&others, [refund.payment.as_str(), number], |row| row.get(0)).unwrap();
        let decided = "SELECT NOT EXISTS (SELECT 1 FROM staff) OR EXISTS (SELECT 1 FROM staff
                WHERE id = json_extract(decision, '$.actor.id') AND (role <> 'clerk' OR per_day_fen IS NOT NULL))
             FROM payouts WHERE out_refund_no = ?1";
        let decided =
            file.query_row(decided, [number], |row| row.get(0)).optional().unwrap().unwrap_or(false);
        OnDisk { state, others, decided }
    }
}

impl State {
    /// A refund arrives at WeChat.
    pub(crate) fn watch_sending(
        &mut self,
        till: &TerminalId,
        refund: &SendRefund,
        on_disk: &OnDisk,
        now: Timestamp,
    ) {
        let (number, amount) = (&refund.out_refund_no, refund.amount.get());
        let mut found = Vec::new();
        if on_disk.state.as_deref() != Some("submitting") {
            found.push(format!("is sent while the disk says {:?} [written_first]", on_disk.state));
        }
        // A console whose mirror was lost or put back finds what it claimed before only by and by.
        let remembers = self.remembers(till);
        if remembers && on_disk.others > 0 {
            found.push(format!(
                "is sent while {} others of the payment are open [one_in_flight]",
                on_disk.others
            ));
        }
        if !on_disk.decided {
            found.push("is sent where there is staff and none of them decided on it [approval]".to_owned());
        }
        let steady = !self.clock_set.iter().any(|at| now.duration_since(*at) < STEADY);
        let payment = refund.payment.as_str();
        let before = self
            .arrived
            .iter()
            .filter(|(from, of, other, _)| from == till && of == payment && other != number);
        let since = before.map(|(_, _, _, at)| now.duration_since(*at)).min();
        if let Some(since) = since.filter(|since| remembers && steady && *since < MINUTE) {
            found.push(format!("is sent {since} after another refund of its payment [one_minute]"));
        }
        // What a program that has ended had under way may arrive late, under a number that WeChat has by then: no new refund.
        if !self.wechat.booked().into_iter().any(|(known, ..)| known == number) {
            self.arrived.push((till.clone(), payment.to_owned(), number.clone(), now));
        }
        if let Some((_, _, other, _)) =
            self.wechat.booked().into_iter().find(|(known, _, fen, _)| *known == number && *fen != amount)
        {
            found.push(format!("is sent with {amount} after it ran with {other}"));
        }
        match self.claimed(number) {
            None => found.push("is sent without a claim [claim]".to_owned()),
            Some(claim) => {
                if !self.approved.iter().any(|(about, fen)| claim.is_about(about) && *fen == amount) {
                    found.push(format!("is sent with {amount}, which nobody approved"));
                }
                // A console whose mirror was put back asks before it sends if it must; what it sends is the same.
                let knows = self.remembers(till);
                if knows && claim.is_anothers(till, now) {
                    found.push(format!(
                        "is sent by {till} under the claim of another terminal [claim_read_again]"
                    ));
                }
                if knows && matches!(claim.state, BackendPayoutState::None | BackendPayoutState::Failed) {
                    found.push(format!("is sent while the backend says {}", claim.state.as_str()));
                }
            }
        }
        self.breaches.extend(found.into_iter().map(|what| format!("{number} {what}")));
    }

    /// A console tells the backend how a refund ended.
    pub(crate) fn watch_report(&mut self, till: &TerminalId, report: &PayoutReport, now: Timestamp) {
        let stands = self.wechat.stands(&report.refund_no, now);
        let (told, true_) = match &report.fact {
            PayoutFact::Processing { .. } => return,
            PayoutFact::Success { .. } => ("success", stands == Some(RefundStatus::Success)),
            PayoutFact::Closed => ("closed", stands == Some(RefundStatus::Close)),
            // Staff may have settled it in the merchant platform since.
            PayoutFact::Abnormal => ("abnormal", stands.is_some()),
            // From whoever does not hold the claim the backend takes no such word: it is an old one.
            PayoutFact::Failed { .. } => ("failed", stands.is_none() || !self.holds(till, &report.refund_no)),
        };
        if !true_ {
            let number = &report.refund_no;
            self.breaches.push(format!("{till} reports {number} as {told}, which stands {stands:?}"));
        }
    }

    fn holds(&self, till: &TerminalId, number: &OutRefundNo) -> bool {
        self.claimed(number).is_some_and(|claim| claim.terminal.as_ref() == Some(till))
    }

    fn claimed(&self, number: &OutRefundNo) -> Option<Claimed> {
        let request = self
            .backend
            .requests
            .values()
            .find(|request| request.payout.refund_no.as_ref() == Some(number))?;
        Some(Claimed {
            request: request.id.to_string(),
            order: request.order_id.to_string(),
            state: request.payout.state.clone(),
            terminal: request.payout.terminal.clone(),
            since: request.payout.claim_until.map(|until| until - self.backend.claim),
        })
    }
}

/// What the backend says of a number.
struct Claimed {
    request: String,
    order: String,
    state: BackendPayoutState,
    terminal: Option<TerminalId>,
    since: Option<Timestamp>,
}

impl Claimed {
    /// Whether that is what a person decided on: a request, or an order whose refund the shop starts.
    fn is_about(&self, about: &str) -> bool {
        about == self.request || about == self.order
    }

    fn is_anothers(&self, till: &TerminalId, now: Timestamp) -> bool {
        let long = self.since.is_some_and(|since| now.duration_since(since) > ON_THE_WAY);
        self.state == BackendPayoutState::Processing && self.terminal.as_ref() != Some(till) && long
    }
}

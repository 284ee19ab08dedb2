//! The shop's day: buyers who place orders, pay, and ask for their money back. Each order goes the real way: into the
//! shop's records, to WeChat over TLS, paid there, told of by WeChat's notice.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::{
    Fen, Fulfilment, OrderId, OutTradeNo, PaymentMethod, PaymentState, RefundKind, RefundState,
    TransactionId,
    time::{self, Timestamp},
};
use merchant_api::wire::{ChangeReason, Order, Payout, RefundRequest};
use rand::seq::IndexedRandom;
use rand::{Rng, RngExt};
use rand_chacha::ChaCha12Rng;
use tokio::task::JoinSet;

use crate::Error;
use crate::backend::{Backend, Store, payout_mode};
use crate::gateway::{Gateway, Notification};
use crate::generator::{Draft, draft};
use crate::goods::REFUND_REASONS;
use crate::identity::{Stream, chance};

/// The feed has to tell of a payment within this.
const PAID_WITHIN: Duration = Duration::from_secs(10);

/// Of so many orders, the newest first, one is picked whose buyer wants money back.
const REGRETTED: usize = 12;

/// Makes orders and moves them along.
pub(crate) struct Life {
    backend: Arc<Backend>,
    gateway: Arc<Gateway>,
    rng: Mutex<ChaCha12Rng>,
}

/// What is fixed about an order; chance fills in the rest.
#[derive(Debug, Clone, Default)]
pub struct Wishes {
    /// Another price: the order is one piece of it. Above zero.
    pub total: Option<Fen>,
    /// What the first of its goods is called.
    pub title: Option<String>,
    /// The buyer's note.
    pub note: Option<String>,
    /// How it is paid.
    pub method: Option<PaymentMethod>,
}

/// Whether the buyer pays, and whether the shop hears of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Paying {
    Not,
    Told,
    Untold,
}

/// An order that was placed and maybe paid.
#[derive(Debug, Clone)]
pub struct Placed {
    /// Its id at the backend.
    pub order_id: OrderId,
    /// Its number at WeChat; `None` if it is not paid there.
    pub out_trade_no: Option<OutTradeNo>,
    /// The payment's number at WeChat, once it is paid there.
    pub transaction_id: Option<TransactionId>,
    /// When it was paid.
    pub paid_at: Option<Timestamp>,
    /// When the feed told of the payment; `None` while it has not.
    pub committed_at: Option<Timestamp>,
}

/// What a buyer asks back.
#[derive(Debug, Clone)]
pub(crate) struct AskedBack {
    pub(crate) order_id: String,
    pub(crate) amount: Option<Fen>,
    pub(crate) reason_text: Option<String>,
    pub(crate) kind: RefundKind,
}

impl Life {
    pub(crate) fn new(backend: Arc<Backend>, gateway: Arc<Gateway>, seed: u64) -> Life {
        Life { backend, gateway, rng: Mutex::new(chance(seed, Stream::Life)) }
    }

    /// Places an order, and has it paid if the buyer pays.
    pub(crate) async fn order(&self, wishes: Wishes, paying: Paying) -> Result<Placed, Error> {
        let draft = self.draft(wishes);
        let now = self.backend.now();
        let make = |store: &mut Store| {
            let (id, out_trade_no) = store.next_order_id();
            draft.clone().into_order(id, out_trade_no, &self.backend.identity, now)
        };
        if draft.method == PaymentMethod::Wechat {
            let prepaid = self.backend.place(make).await?;
            if paying == Paying::Not {
                return Ok(Placed {
                    order_id: prepaid.id,
                    out_trade_no: Some(prepaid.out_trade_no),
                    transaction_id: None,
                    paid_at: None,
                    committed_at: None,
                });
            }
            return self.pay(&prepaid.id, &prepaid.out_trade_no, paying).await;
        }
        let order_id = {
            let mut store = self.backend.store();
            let order = make(&mut store);
            let id = order.id.clone();
            store.insert_order(order, ChangeReason::Created, now);
            id
        };
        self.settle(order_id, paying)
    }

    /// A buyer pays at WeChat; unless the notice is lost, returns when the feed has told of it.
    pub(crate) async fn pay(
        &self,
        id: &OrderId,
        out_trade_no: &OutTradeNo,
        paying: Paying,
    ) -> Result<Placed, Error> {
        let notification = if paying == Paying::Untold { Notification::Lost } else { Notification::Sent };
        let payment = self.gateway.pay(out_trade_no, notification)?;
        // A notice that a fault drops never comes, so there is nothing to wait for.
        let committed_at = match payment.notified {
            Notification::Sent => Some(self.backend.paid_entry(id, PAID_WITHIN).await?),
            Notification::Lost => None,
        };
        Ok(Placed {
            order_id: id.clone(),
            out_trade_no: Some(out_trade_no.clone()),
            transaction_id: Some(payment.transaction_id),
            paid_at: Some(payment.paid_at),
            committed_at,
        })
    }

    /// An order that is not WeChat's is paid at the shop itself.
    fn settle(&self, order_id: OrderId, paying: Paying) -> Result<Placed, Error> {
        let (id, now) = (order_id.as_str(), self.backend.now());
        let mut store = self.backend.store();
        if paying != Paying::Not {
            store.change_order(id, ChangeReason::Paid, now, |order| {
                order.state = Fulfilment::Paid;
                order.payment.state = PaymentState::Paid;
                order.payment.paid_at = Some(now);
            });
        }
        let record =
            store.order_record(id).ok_or_else(|| Error::NoSuchOrder { number: order_id.to_string() })?;
        Ok(Placed {
            out_trade_no: None,
            transaction_id: None,
            paid_at: record.order.payment.paid_at,
            committed_at: record.paid_entry_at,
            order_id,
        })
    }

    /// A buyer asks for money back.
    pub(crate) fn ask_back(&self, asked: AskedBack) -> Result<RefundRequest, Error> {
        let now = self.backend.now();
        let (code, text) = REFUND_REASONS.choose(&mut *self.rng()).copied().unwrap_or(("other", "其他"));
        let mut store = self.backend.store();
        let order = store
            .order(&asked.order_id)
            .ok_or_else(|| Error::NoSuchOrder { number: asked.order_id.clone() })?
            .clone();
        if order.payment.state == PaymentState::Unpaid {
            let state = order.payment.state.as_str().to_owned();
            return Err(Error::WrongState { number: asked.order_id, state });
        }
        let amount = asked.amount.unwrap_or(order.amounts.refundable_fen);
        let request = RefundRequest {
            id: store.next_request_id(),
            order_id: order.id.clone(),
            version: 1,
            state: RefundState::Pending,
            kind: asked.kind,
            requested_by: Some("buyer".to_owned()),
            amount_fen: amount,
            max_fen: amount.max(order.amounts.refundable_fen),
            reason_code: Some(code.to_owned()),
            reason_text: Some(asked.reason_text.unwrap_or_else(|| text.to_owned())),
            images: Vec::new(),
            lines: Vec::new(),
            requested_at: now,
            deadline_at: Some(time::plus_seconds(now, 48 * 3_600)),
            on_deadline: Some("escalate".to_owned()),
            return_info: None,
            decision: None,
            payout: Payout { mode: Some(payout_mode(&order)), ..Payout::default() },
        };
        store.insert_request(request.clone(), now);
        Ok(request)
    }

    /// The buyer of one of the newest orders wants money back: all of it, or that of one thing.
    pub(crate) fn ask_back_by_chance(&self) -> Result<RefundRequest, Error> {
        let candidates: Vec<Order> = {
            let store = self.backend.store();
            store
                .orders_before(None)
                .filter(|order| may_be_regretted(order))
                .take(REGRETTED)
                .cloned()
                .collect()
        };
        let (order, whole) = {
            let mut rng = self.rng();
            let order = candidates.choose(&mut *rng).ok_or(Error::NothingToRefund)?;
            (order, rng.random_bool(0.6))
        };
        let refundable = order.amounts.refundable_fen;
        let one = order.lines.first().map(|line| line.total_fen).filter(|fen| *fen < refundable);
        self.ask_back(AskedBack {
            order_id: order.id.to_string(),
            amount: if whole { None } else { one },
            reason_text: None,
            kind: RefundKind::RefundOnly,
        })
    }

    /// The order is cancelled, by the buyer or by the shop.
    pub(crate) fn cancel(&self, id: &str) -> Option<Order> {
        let now = self.backend.now();
        self.backend.store().change_order(id, ChangeReason::Cancelled, now, |order| {
            order.state = Fulfilment::Cancelled;
            order.cancelled_at = Some(now);
        })
    }

    /// The buyer has the goods.
    fn complete(&self, id: &str) {
        let now = self.backend.now();
        let mut store = self.backend.store();
        // Whoever cancelled meanwhile, or wants money back, did not come for it.
        let waits = |order: &Order| order.state == Fulfilment::Paid && order.refund_requests.is_empty();
        if store.order(id).is_some_and(waits) {
            store.change_order(id, ChangeReason::Completed, now, |order| {
                order.state = Fulfilment::Completed;
                order.completed_at = Some(now);
                for line in &mut order.lines {
                    line.shipped_qty = Some(line.qty);
                }
            });
        }
    }

    /// Places orders by chance, `per_minute` on average, for as long as the task lives.
    pub(crate) async fn run(self: Arc<Life>, per_minute: f64) {
        let mut stories = JoinSet::new();
        loop {
            let pause = self.pause(per_minute);
            tokio::select! {
                () = tokio::time::sleep(pause) => drop(stories.spawn(self.clone().story())),
                Some(_) = stories.join_next(), if !stories.is_empty() => {}
            }
        }
    }

    /// One buyer, from the order to its end.
    async fn story(self: Arc<Life>) {
        let plan = Plan::by_chance(&mut *self.rng());
        if let Err(error) = self.follow(plan).await {
            tracing::debug!(%error, "a buyer's story ended early");
        }
    }

    async fn follow(&self, plan: Plan) -> Result<(), Error> {
        let Placed { order_id: id, out_trade_no, .. } = self.order(Wishes::default(), Paying::Not).await?;
        if plan.turn == Turn::NeverPays {
            tokio::time::sleep(plan.later).await;
            self.cancel(id.as_str());
            return Ok(());
        }
        tokio::time::sleep(plan.hesitates).await;
        match out_trade_no {
            Some(number) => drop(self.pay(&id, &number, Paying::Told).await?),
            None => drop(self.settle(id.clone(), Paying::Told)?),
        }
        tokio::time::sleep(plan.later).await;
        let all = AskedBack {
            order_id: id.to_string(),
            amount: None,
            reason_text: None,
            kind: RefundKind::RefundOnly,
        };
        match plan.turn {
            Turn::NeverPays | Turn::Waits => {}
            Turn::Fetches => self.complete(id.as_str()),
            Turn::Regrets => drop(self.ask_back(all)?),
            Turn::Cancels => {
                self.cancel(id.as_str());
                self.ask_back(all)?;
            }
        }
        Ok(())
    }

    /// Buyers come independently of each other, so the pauses between them are exponential.
    fn pause(&self, per_minute: f64) -> Duration {
        let chance: f64 = self.rng().random_range(f64::EPSILON..1.0);
        Duration::try_from_secs_f64(-chance.ln() * 60.0 / per_minute).unwrap_or(Duration::from_secs(3_600))
    }

    fn draft(&self, wishes: Wishes) -> Draft {
        let mut draft = draft(&mut *self.rng());
        draft.method = wishes.method.unwrap_or(draft.method);
        if let Some(total) = wishes.total {
            draft.cost(total);
        }
        if let (Some(title), Some(line)) = (wishes.title, draft.lines.first_mut()) {
            line.title = title;
        }
        if wishes.note.is_some() {
            draft.buyer.note = wishes.note;
        }
        draft
    }

    fn rng(&self) -> MutexGuard<'_, ChaCha12Rng> {
        self.rng.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How one buyer's order goes.
#[derive(Debug, Clone, Copy)]
struct Plan {
    turn: Turn,
    /// From the order to the payment.
    hesitates: Duration,
    /// From there to what happens last.
    later: Duration,
}

/// What happens last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    /// The order waits to be handed over or sent.
    Waits,
    /// The buyer comes and takes it.
    Fetches,
    /// The buyer wants the money back.
    Regrets,
    /// The buyer cancels what is paid, and wants the money back.
    Cancels,
    /// The buyer never pays, and the shop cancels.
    NeverPays,
}

impl Plan {
    fn by_chance(rng: &mut impl Rng) -> Plan {
        let (turn, later_s) = match rng.random_range(0..100) {
            0..48 => (Turn::Waits, 0..1),
            48..82 => (Turn::Fetches, 45..240),
            82..90 => (Turn::Regrets, 5..40),
            90..92 => (Turn::Cancels, 5..30),
            _ => (Turn::NeverPays, 20..60),
        };
        Plan {
            turn,
            hesitates: Duration::from_millis(rng.random_range(300..5_000)),
            later: Duration::from_secs(rng.random_range(later_s)),
        }
    }
}

/// Paid through WeChat, with something left to refund, and nobody has asked yet.
fn may_be_regretted(order: &Order) -> bool {
    order.payment.method == Some(PaymentMethod::Wechat)
        && order.payment.state == PaymentState::Paid
        && order.amounts.refundable_fen.is_positive()
        && order.refund_requests.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lively_day_has_every_turn_and_the_same_one_for_the_same_seed() {
        let turns = |seed| {
            let mut rng = chance(seed, Stream::Life);
            (0..400).map(|_| Plan::by_chance(&mut rng).turn).collect::<Vec<_>>()
        };
        let day = turns(1);
        for turn in [Turn::Waits, Turn::Fetches, Turn::Regrets, Turn::Cancels, Turn::NeverPays] {
            assert!(day.contains(&turn), "{turn:?}");
        }
        let regrets = day.iter().filter(|turn| **turn == Turn::Regrets).count();
        assert!((10..80).contains(&regrets), "now and then, {regrets} of 400");
        assert_eq!(day, turns(1));
        assert_ne!(day, turns(2));
    }
}

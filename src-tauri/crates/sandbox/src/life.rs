//! The shop's day: buyers who place orders, pay, and ask for their money back. Each order goes the real way: into the
//! shop's records, to WeChat over TLS, paid there, told of by WeChat's notice.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::{
    Fen, OrderId, OutTradeNo, PaymentMethod, PaymentState, RefundKind, RefundState, TransactionId,
    time::{self, Timestamp},
};
use merchant_api::wire::{ChangeReason, Payout, RefundRequest};
use rand::RngExt;
use rand::seq::IndexedRandom;
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

/// Makes orders and moves them along.
pub(crate) struct Life {
    backend: Arc<Backend>,
    gateway: Arc<Gateway>,
    rng: Mutex<ChaCha12Rng>,
}

/// What is fixed about an order; chance fills in the rest.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wishes {
    pub(crate) total: Option<Fen>,
    pub(crate) title: Option<String>,
    pub(crate) note: Option<String>,
    pub(crate) method: Option<PaymentMethod>,
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
pub(crate) struct Placed {
    pub(crate) order_id: OrderId,
    pub(crate) out_trade_no: Option<OutTradeNo>,
    pub(crate) transaction_id: Option<TransactionId>,
    pub(crate) paid_at: Option<Timestamp>,
    pub(crate) committed_at: Option<Timestamp>,
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
                order.state = domain::Fulfilment::Paid;
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

    /// One buyer: most pay within seconds, some never do, some want their money back.
    async fn story(self: Arc<Life>) {
        let (pays, hesitates_ms, regrets) = {
            let mut rng = self.rng();
            (rng.random_bool(0.92), rng.random_range(300..3_000), rng.random_bool(0.08))
        };
        let result = async {
            let placed = self.order(Wishes::default(), Paying::Not).await?;
            tokio::time::sleep(Duration::from_millis(hesitates_ms)).await;
            if !pays {
                return Ok(());
            }
            let id = placed.order_id;
            match placed.out_trade_no {
                Some(number) => drop(self.pay(&id, &number, Paying::Told).await?),
                None => drop(self.settle(id.clone(), Paying::Told)?),
            }
            if regrets {
                tokio::time::sleep(Duration::from_millis(4 * hesitates_ms)).await;
                self.ask_back(AskedBack {
                    order_id: id.to_string(),
                    amount: None,
                    reason_text: None,
                    kind: RefundKind::RefundOnly,
                })?;
            }
            Ok::<(), Error>(())
        };
        if let Err(error) = result.await {
            tracing::debug!(%error, "a buyer's story ended early");
        }
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

//! What WeChat knows: trades, refunds, and the movements of money that both cause.

use std::collections::HashMap;

use domain::{
    Fen,
    time::{self, SignedDuration, Timestamp},
};
use sha2::{Digest, Sha256};
use wechat_pay::v2::SignType;

use crate::books::{Books, Movement, MovementKind, MovementStatus};

/// All trades and refunds of the one merchant.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    trades: HashMap<String, Trade>,
    by_transaction: HashMap<String, String>,
    refunds: HashMap<String, Refund>,
    by_refund_id: HashMap<String, String>,
    processing: Vec<String>,
    movements: Vec<Movement>,
    balance: Fen,
    refund_calls: u64,
    conflicting_refund_calls: u64,
}

/// An order as WeChat knows it.
#[derive(Debug, Clone)]
pub(crate) struct Trade {
    pub(crate) out_trade_no: String,
    pub(crate) total: Fen,
    pub(crate) openid: String,
    pub(crate) trade_type: String,
    pub(crate) attach: Option<String>,
    pub(crate) notify_url: String,
    /// What signs the payment notice: the algorithm of the order.
    pub(crate) sign_type: SignType,
    /// SHA-256 over the parameters of the first unifiedorder.
    pub(crate) fingerprint: String,
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) state: TradeState,
    /// The refund numbers of this trade, oldest first.
    pub(crate) refunds: Vec<String>,
}

/// Where a trade stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TradeState {
    NotPaid,
    Paid { transaction_id: String, at: Timestamp },
    Closed,
}

/// A refund that WeChat accepted.
#[derive(Debug, Clone)]
pub(crate) struct Refund {
    pub(crate) out_refund_no: String,
    pub(crate) refund_id: String,
    pub(crate) out_trade_no: String,
    pub(crate) transaction_id: String,
    pub(crate) total: Fen,
    pub(crate) amount: Fen,
    pub(crate) notify_url: Option<String>,
    pub(crate) accepted_at: Timestamp,
    pub(crate) end: RefundEnd,
    pub(crate) state: RefundState,
    request_hash: String,
    movement: usize,
}

/// How a refund is going to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RefundEnd {
    Success,
    Change,
    Closed,
}

/// Where a refund stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RefundState {
    Processing,
    Ended { at: Timestamp },
}

/// What a refund call asks for, already checked for its form.
#[derive(Debug, Clone)]
pub(crate) struct RefundOrder {
    pub(crate) transaction_id: Option<String>,
    pub(crate) out_trade_no: Option<String>,
    pub(crate) out_refund_no: String,
    pub(crate) total: Fen,
    pub(crate) amount: Fen,
    pub(crate) notify_url: Option<String>,
}

/// Why WeChat does not do what it was asked: an `err_code` with its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) code: &'static str,
    pub(crate) text: String,
}

impl Refusal {
    pub(crate) fn new(code: &'static str, text: impl Into<String>) -> Refusal {
        Refusal { code, text: text.into() }
    }
}

/// How a refund call is to be judged.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RefundRules {
    pub(crate) one_minute: bool,
    pub(crate) end: RefundEnd,
}

/// At most this many partial refunds of one order (sheet wechat-pay-v2, section 6.4).
const MAX_REFUNDS: usize = 50;
/// A payment can be refunded for this long (sheet wechat-pay-v2, section 6.4).
const REFUNDABLE: SignedDuration = SignedDuration::from_hours(365 * 24);

impl Ledger {
    pub(crate) fn trade(&self, out_trade_no: &str) -> Option<&Trade> {
        self.trades.get(out_trade_no)
    }

    /// The trade that a call means; the transaction id wins over the shop's number.
    pub(crate) fn find(&self, transaction_id: Option<&str>, out_trade_no: Option<&str>) -> Option<&Trade> {
        match (transaction_id, out_trade_no) {
            (Some(id), _) => self.trades.get(self.by_transaction.get(id)?),
            (None, Some(number)) => self.trades.get(number),
            (None, None) => None,
        }
    }

    pub(crate) fn insert_trade(&mut self, trade: Trade) {
        self.trades.insert(trade.out_trade_no.clone(), trade);
    }

    /// Closes a trade that is not paid; says whether it was open.
    pub(crate) fn close(&mut self, out_trade_no: &str) -> bool {
        match self.trades.get_mut(out_trade_no) {
            Some(trade) if trade.state == TradeState::NotPaid => {
                trade.state = TradeState::Closed;
                true
            }
            _ => false,
        }
    }

    /// Books a payment. The trade has to be open.
    pub(crate) fn pay(
        &mut self,
        out_trade_no: &str,
        transaction_id: String,
        at: Timestamp,
    ) -> Option<&Trade> {
        let trade = self.trades.get_mut(out_trade_no)?;
        if trade.state != TradeState::NotPaid {
            return None;
        }
        trade.state = TradeState::Paid { transaction_id: transaction_id.clone(), at };
        self.by_transaction.insert(transaction_id.clone(), out_trade_no.to_owned());
        self.balance = [self.balance, trade.total].into_iter().sum();
        self.movements.push(Movement {
            at,
            kind: MovementKind::Payment,
            out_trade_no: out_trade_no.to_owned(),
            transaction_id,
            out_refund_no: None,
            request_hash: None,
            amount_fen: trade.total,
            status: MovementStatus::Success,
        });
        Some(trade)
    }

    pub(crate) fn count_refund_call(&mut self) {
        self.refund_calls += 1;
    }

    /// Accepts a refund, or finds the one that this number already made.
    pub(crate) fn refund(
        &mut self,
        order: &RefundOrder,
        rules: RefundRules,
        now: Timestamp,
        refund_id: impl FnOnce() -> String,
    ) -> Result<&Refund, Refusal> {
        let Some(trade) = self.find(order.transaction_id.as_deref(), order.out_trade_no.as_deref()) else {
            return Err(match order.transaction_id {
                Some(_) => Refusal::new("INVALID_TRANSACTIONID", "无效transaction_id"),
                None => Refusal::new("ORDERNOTEXIST", "订单不存在"),
            });
        };
        let request_hash = request_hash(&trade.out_trade_no, order);
        if let Some(known) = self.refunds.get(&order.out_refund_no) {
            if known.request_hash == request_hash {
                return self.refunds.get(&order.out_refund_no).ok_or_else(lost);
            }
            let refusal = if known.out_trade_no == trade.out_trade_no {
                Refusal::new("REFUND_FEE_MISMATCH", "订单金额或退款金额与之前请求不一致，请核实后再试")
            } else {
                Refusal::new("INVALID_REQUEST", "商户退款单号已用于另一笔订单")
            };
            self.conflicting_refund_calls += 1;
            return Err(refusal);
        }
        let TradeState::Paid { transaction_id, at } = &trade.state else {
            return Err(Refusal::new("ORDERNOTEXIST", "订单未支付"));
        };
        if order.total != trade.total {
            return Err(Refusal::new("REFUND_FEE_MISMATCH", "订单金额不一致"));
        }
        if time::since(now, *at) > REFUNDABLE {
            return Err(Refusal::new("TRADE_OVERDUE", "订单已经超过退款期限"));
        }
        let earlier: Vec<&Refund> =
            trade.refunds.iter().filter_map(|number| self.refunds.get(number)).collect();
        if earlier.len() >= MAX_REFUNDS {
            return Err(Refusal::new("INVALID_REQUEST", "部分退款次数超过50次"));
        }
        let taken: Fen =
            earlier.iter().filter(|refund| refund.holds_money()).map(|refund| refund.amount).sum();
        if taken.checked_add(order.amount).is_none_or(|sum| sum > trade.total) {
            return Err(Refusal::new("INVALID_REQUEST", "累计退款金额大于订单金额"));
        }
        let minute = SignedDuration::from_secs(60);
        if rules.one_minute && earlier.iter().any(|refund| time::since(now, refund.accepted_at) < minute) {
            return Err(Refusal::new("INVALID_REQUEST", "同一笔订单的退款间隔须大于1分钟"));
        }
        let Some(balance) = self.balance.checked_sub(order.amount).filter(|left| *left >= Fen::ZERO) else {
            return Err(Refusal::new("NOTENOUGH", "基本账户余额不足，请充值后重新发起"));
        };
        let refund = Refund {
            out_refund_no: order.out_refund_no.clone(),
            refund_id: refund_id(),
            out_trade_no: trade.out_trade_no.clone(),
            transaction_id: transaction_id.clone(),
            total: trade.total,
            amount: order.amount,
            notify_url: order.notify_url.clone(),
            accepted_at: now,
            end: rules.end,
            state: RefundState::Processing,
            request_hash,
            movement: self.movements.len(),
        };
        self.balance = balance;
        self.accept(refund)
    }

    fn accept(&mut self, refund: Refund) -> Result<&Refund, Refusal> {
        self.movements.push(Movement {
            at: refund.accepted_at,
            kind: MovementKind::Refund,
            out_trade_no: refund.out_trade_no.clone(),
            transaction_id: refund.transaction_id.clone(),
            out_refund_no: Some(refund.out_refund_no.clone()),
            request_hash: Some(refund.request_hash.clone()),
            amount_fen: refund.amount,
            status: MovementStatus::Processing,
        });
        let number = refund.out_refund_no.clone();
        self.by_refund_id.insert(refund.refund_id.clone(), number.clone());
        if let Some(trade) = self.trades.get_mut(&refund.out_trade_no) {
            trade.refunds.push(number.clone());
        }
        self.processing.push(number.clone());
        self.refunds.insert(number.clone(), refund);
        self.refunds.get(&number).ok_or_else(lost)
    }

    /// Ends the refunds whose time has come and returns them.
    pub(crate) fn settle(&mut self, now: Timestamp, stays: SignedDuration) -> Vec<Refund> {
        let (due, open): (Vec<String>, Vec<String>) =
            std::mem::take(&mut self.processing).into_iter().partition(|number| {
                self.refunds.get(number).is_some_and(|refund| time::since(now, refund.accepted_at) >= stays)
            });
        self.processing = open;
        due.iter().filter_map(|number| self.end(number, now)).collect()
    }

    fn end(&mut self, number: &str, now: Timestamp) -> Option<Refund> {
        let refund = self.refunds.get_mut(number)?;
        refund.state = RefundState::Ended { at: now };
        let status = match refund.end {
            RefundEnd::Success => MovementStatus::Success,
            RefundEnd::Change => MovementStatus::Change,
            RefundEnd::Closed => {
                self.balance = [self.balance, refund.amount].into_iter().sum();
                MovementStatus::Closed
            }
        };
        if let Some(movement) = self.movements.get_mut(refund.movement) {
            movement.status = status;
        }
        Some(refund.clone())
    }

    /// When the next refund is due, if one is under way.
    pub(crate) fn next_due(&self, stays: SignedDuration) -> Option<Timestamp> {
        self.processing
            .iter()
            .filter_map(|number| self.refunds.get(number))
            .map(|refund| refund.accepted_at.saturating_add(stays).unwrap_or(Timestamp::MAX))
            .min()
    }

    pub(crate) fn refund_by_id(&self, refund_id: &str) -> Option<&Refund> {
        self.refunds.get(self.by_refund_id.get(refund_id)?)
    }

    pub(crate) fn refund_by_number(&self, out_refund_no: &str) -> Option<&Refund> {
        self.refunds.get(out_refund_no)
    }

    pub(crate) fn refunds_of(&self, trade: &Trade) -> Vec<&Refund> {
        trade.refunds.iter().filter_map(|number| self.refunds.get(number)).collect()
    }

    pub(crate) fn books(&self) -> Books {
        Books {
            movements: self.movements.clone(),
            balance_fen: self.balance,
            refund_calls: self.refund_calls,
            conflicting_refund_calls: self.conflicting_refund_calls,
        }
    }
}

impl Refund {
    /// Whether its amount can no longer be refunded otherwise.
    fn holds_money(&self) -> bool {
        !(self.end == RefundEnd::Closed && matches!(self.state, RefundState::Ended { .. }))
    }

    /// v2's `refund_status`.
    pub(crate) fn status(&self) -> &'static str {
        match (self.state, self.end) {
            (RefundState::Processing, _) => "PROCESSING",
            (RefundState::Ended { .. }, RefundEnd::Success) => "SUCCESS",
            (RefundState::Ended { .. }, RefundEnd::Change) => "CHANGE",
            (RefundState::Ended { .. }, RefundEnd::Closed) => "REFUNDCLOSE",
        }
    }

    /// When the money arrived.
    pub(crate) fn succeeded_at(&self) -> Option<Timestamp> {
        match (self.state, self.end) {
            (RefundState::Ended { at }, RefundEnd::Success) => Some(at),
            _ => None,
        }
    }
}

impl Trade {
    /// v2's `trade_state`.
    pub(crate) fn trade_state(&self) -> &'static str {
        match &self.state {
            TradeState::NotPaid => "NOTPAY",
            TradeState::Closed => "CLOSED",
            TradeState::Paid { .. } if self.refunds.is_empty() => "SUCCESS",
            TradeState::Paid { .. } => "REFUND",
        }
    }
}

/// What a repeated call has to repeat: the order, however it was named, and both amounts.
fn request_hash(out_trade_no: &str, order: &RefundOrder) -> String {
    let text = format!("{out_trade_no}\n{}\n{}", order.total.get(), order.amount.get());
    hex::encode(Sha256::digest(text))
}

/// A record that was found a line above cannot be missing; should it be, the answer is WeChat's own for such a case.
fn lost() -> Refusal {
    Refusal::new("SYSTEMERROR", "系统超时")
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAYS: SignedDuration = SignedDuration::from_millis(1_500);

    fn paid() -> Ledger {
        let mut ledger = Ledger::default();
        ledger.insert_trade(Trade {
            out_trade_no: "T000001".into(),
            total: Fen::new(1_000),
            openid: "o1".into(),
            trade_type: "JSAPI".into(),
            attach: None,
            notify_url: "http://localhost/".into(),
            sign_type: SignType::Md5,
            fingerprint: String::new(),
            expires_at: None,
            state: TradeState::NotPaid,
            refunds: Vec::new(),
        });
        ledger.pay("T000001", "4200".into(), at(0)).unwrap();
        ledger
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_750_000_000 + second).unwrap()
    }

    fn ask(ledger: &mut Ledger, number: &str, fen: i64, end: RefundEnd) -> Result<String, &'static str> {
        let order = RefundOrder {
            transaction_id: None,
            out_trade_no: Some("T000001".into()),
            out_refund_no: number.into(),
            total: Fen::new(1_000),
            amount: Fen::new(fen),
            notify_url: None,
        };
        let id = format!("50{number}");
        ledger
            .refund(&order, RefundRules { one_minute: false, end }, at(1), || id)
            .map(|refund| refund.refund_id.clone())
            .map_err(|refusal| refusal.code)
    }

    #[test]
    fn one_number_refunds_once() {
        let mut ledger = paid();
        let first = ask(&mut ledger, "a", 400, RefundEnd::Success).unwrap();
        assert_eq!(ask(&mut ledger, "a", 400, RefundEnd::Success), Ok(first));
        assert_eq!(ask(&mut ledger, "a", 500, RefundEnd::Success), Err("REFUND_FEE_MISMATCH"));
        let books = ledger.books();
        assert_eq!(books.check(), Ok(()));
        assert_eq!(books.refunded("T000001"), Fen::new(400));
        assert_eq!(books.conflicting_refund_calls, 1);
    }

    #[test]
    fn the_sum_of_refunds_stays_within_the_payment() {
        let mut ledger = paid();
        ask(&mut ledger, "a", 600, RefundEnd::Success).unwrap();
        assert_eq!(ask(&mut ledger, "b", 401, RefundEnd::Success), Err("INVALID_REQUEST"));
        ask(&mut ledger, "c", 400, RefundEnd::Success).unwrap();
        assert_eq!(ledger.books().check(), Ok(()));
    }

    #[test]
    fn a_closed_refund_gives_its_amount_back() {
        let mut ledger = paid();
        ask(&mut ledger, "a", 1_000, RefundEnd::Closed).unwrap();
        assert_eq!(
            ask(&mut ledger, "b", 1, RefundEnd::Success),
            Err("INVALID_REQUEST"),
            "it is not closed yet"
        );
        assert!(ledger.settle(at(2), STAYS).is_empty());
        assert_eq!(ledger.settle(at(3), STAYS)[0].status(), "REFUNDCLOSE");
        ask(&mut ledger, "b", 1_000, RefundEnd::Success).unwrap();
        assert_eq!(ledger.next_due(STAYS), Some(at(1).saturating_add(STAYS).unwrap()));
        assert_eq!(ledger.books().check(), Ok(()));
    }

    #[test]
    fn fifty_partial_refunds_are_the_most() {
        let mut ledger = paid();
        for number in 0..50 {
            ask(&mut ledger, &format!("r{number}"), 1, RefundEnd::Success).unwrap();
        }
        assert_eq!(ask(&mut ledger, "r50", 1, RefundEnd::Success), Err("INVALID_REQUEST"));
    }
}

//! Every fen that moved, for tests to count: what was really paid and what really went back.

use std::collections::{HashMap, HashSet};

use domain::{Fen, time::Timestamp};
use serde::{Deserialize, Serialize};

/// The gateway's books at one moment.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Books {
    /// One entry for each payment and each accepted refund, in order; none is ever taken away.
    pub movements: Vec<Movement>,
    /// What the merchant's account holds: payments less refunds that were not closed.
    pub balance_fen: Fen,
    /// Calls of the refund endpoint that passed signature and certificate, whatever became of them.
    pub refund_calls: u64,
    /// Refund calls that repeated a known number with other parameters, and were refused.
    pub conflicting_refund_calls: u64,
}

/// Money on its way in or out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Movement {
    /// When it was accepted.
    pub at: Timestamp,
    /// In or out.
    pub kind: MovementKind,
    /// The payment's number at the shop.
    pub out_trade_no: String,
    /// The payment's number at WeChat.
    pub transaction_id: String,
    /// The refund's number at the shop; none for a payment.
    pub out_refund_no: Option<String>,
    /// SHA-256, in hex, over the parameters that a repeated refund call has to repeat; none for a payment.
    pub request_hash: Option<String>,
    /// How much, always positive.
    pub amount_fen: Fen,
    /// Where it stands now.
    pub status: MovementStatus,
}

/// In or out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MovementKind {
    /// From a buyer.
    Payment,
    /// Back to a buyer.
    Refund,
}

/// Where a movement stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MovementStatus {
    /// Done.
    Success,
    /// Accepted, the end is open.
    Processing,
    /// The buyer could not be credited; the amount stays set aside.
    Change,
    /// Closed: the money is back with the merchant.
    Closed,
}

/// The books do not add up.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Imbalance {
    /// A number was refunded twice.
    #[error("refund {out_refund_no} moved money twice")]
    RefundedTwice {
        /// The refund's number.
        out_refund_no: String,
    },
    /// A payment was booked twice.
    #[error("payment {out_trade_no} was booked twice")]
    PaidTwice {
        /// The payment's number.
        out_trade_no: String,
    },
    /// More went back than came in.
    #[error("payment {out_trade_no}: {refunded} yuan refunded of {paid} paid")]
    RefundedBeyondPayment {
        /// The payment's number.
        out_trade_no: String,
        /// What came in.
        paid: Fen,
        /// What went back.
        refunded: Fen,
    },
    /// An amount is not positive.
    #[error("payment {out_trade_no} has a movement of {amount} yuan")]
    NotPositive {
        /// The payment's number.
        out_trade_no: String,
        /// The amount.
        amount: Fen,
    },
    /// The balance is not what the movements make.
    #[error("the balance is {balance} yuan, the movements make {movements}")]
    Balance {
        /// What the account holds.
        balance: Fen,
        /// Payments less refunds.
        movements: Fen,
    },
}

impl Movement {
    /// Whether the amount left the merchant, or may still.
    pub fn is_out(&self) -> bool {
        self.kind == MovementKind::Refund && self.status != MovementStatus::Closed
    }
}

impl Books {
    /// What was refunded of one payment, refunds under way included.
    pub fn refunded(&self, out_trade_no: &str) -> Fen {
        self.movements
            .iter()
            .filter(|movement| movement.is_out() && movement.out_trade_no == out_trade_no)
            .map(|movement| movement.amount_fen)
            .sum()
    }

    /// What was paid for one order.
    pub fn paid(&self, out_trade_no: &str) -> Fen {
        self.movements
            .iter()
            .filter(|movement| {
                movement.kind == MovementKind::Payment && movement.out_trade_no == out_trade_no
            })
            .map(|movement| movement.amount_fen)
            .sum()
    }

    /// Checks that no number moved money twice, no payment was refunded beyond its total, and all of it adds up.
    pub fn check(&self) -> Result<(), Imbalance> {
        let mut paid: HashMap<&str, Fen> = HashMap::new();
        let mut refunded: HashMap<&str, Fen> = HashMap::new();
        let mut numbers = HashSet::new();
        let mut movements = 0i64;
        for movement in &self.movements {
            let trade = movement.out_trade_no.as_str();
            if !movement.amount_fen.is_positive() {
                let (out_trade_no, amount) = (trade.to_owned(), movement.amount_fen);
                return Err(Imbalance::NotPositive { out_trade_no, amount });
            }
            match movement.kind {
                MovementKind::Payment => {
                    movements = movements.saturating_add(movement.amount_fen.get());
                    if paid.insert(trade, movement.amount_fen).is_some() {
                        return Err(Imbalance::PaidTwice { out_trade_no: trade.to_owned() });
                    }
                }
                MovementKind::Refund => {
                    let number = movement.out_refund_no.as_deref().unwrap_or_default();
                    if !numbers.insert(number) {
                        return Err(Imbalance::RefundedTwice { out_refund_no: number.to_owned() });
                    }
                    if movement.is_out() {
                        movements = movements.saturating_sub(movement.amount_fen.get());
                        let sum = refunded.entry(trade).or_default();
                        *sum = [*sum, movement.amount_fen].into_iter().sum();
                    }
                }
            }
        }
        for (trade, refunded) in refunded {
            let paid = paid.get(trade).copied().unwrap_or_default();
            if refunded > paid {
                let out_trade_no = trade.to_owned();
                return Err(Imbalance::RefundedBeyondPayment { out_trade_no, paid, refunded });
            }
        }
        let movements = Fen::new(movements);
        if movements != self.balance_fen {
            return Err(Imbalance::Balance { balance: self.balance_fen, movements });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn movement(kind: MovementKind, number: Option<&str>, fen: i64, status: MovementStatus) -> Movement {
        Movement {
            at: Timestamp::UNIX_EPOCH,
            kind,
            out_trade_no: "T1".into(),
            transaction_id: "42".into(),
            out_refund_no: number.map(str::to_owned),
            request_hash: None,
            amount_fen: Fen::new(fen),
            status,
        }
    }

    fn books(refunds: &[(&str, i64, MovementStatus)], balance: i64) -> Books {
        let mut movements = vec![movement(MovementKind::Payment, None, 100, MovementStatus::Success)];
        movements.extend(
            refunds
                .iter()
                .map(|(number, fen, status)| movement(MovementKind::Refund, Some(number), *fen, *status)),
        );
        Books { movements, balance_fen: Fen::new(balance), ..Books::default() }
    }

    #[test]
    fn refunds_up_to_the_payment_are_in_order() {
        use MovementStatus::{Closed, Processing, Success};
        let books = books(&[("a", 60, Success), ("b", 40, Processing), ("c", 100, Closed)], 0);
        assert_eq!(books.check(), Ok(()), "a closed refund is no refund");
        assert_eq!(books.refunded("T1"), Fen::new(100));
        assert_eq!(books.paid("T1"), Fen::new(100));
    }

    #[test]
    fn each_way_of_losing_money_is_found() {
        use MovementStatus::Success;
        let check = |refunds: &[_], balance| books(refunds, balance).check().unwrap_err();
        assert!(matches!(
            check(&[("a", 10, Success), ("a", 10, Success)], 80),
            Imbalance::RefundedTwice { .. }
        ));
        let beyond = check(&[("a", 60, Success), ("b", 60, Success)], -20);
        assert!(matches!(beyond, Imbalance::RefundedBeyondPayment { .. }));
        assert!(matches!(check(&[("a", 10, Success)], 100), Imbalance::Balance { .. }));
        assert!(matches!(check(&[("a", 0, Success)], 100), Imbalance::NotPositive { .. }));
    }
}

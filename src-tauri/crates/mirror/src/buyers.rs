use std::collections::HashMap;

use domain::{Fen, RefundState};

use crate::store::to_json;
use crate::{Error, View};

/// What the mirror knows of a buyer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BuyerHistory {
    /// Orders, paid or not.
    pub orders: u64,
    /// Refunds that gave money back. One that is still asked for, or was refused, says nothing about the buyer.
    pub refunds: u64,
    /// What went back of all the orders.
    pub refunded: Fen,
}

impl View<'_> {
    /// The histories of some buyers, by the backend's id of each.
    pub fn buyer_histories(&self, ids: &[&str]) -> Result<HashMap<String, BuyerHistory>, Error> {
        let ids = to_json("buyer ids", &ids)?;
        let mut histories: HashMap<String, BuyerHistory> = HashMap::new();
        let mut orders = self.connection.prepare_cached(
            "SELECT buyer_id, count(*), sum(refunded_fen) FROM orders
             WHERE buyer_id IN (SELECT value FROM json_each(?1)) GROUP BY buyer_id",
        )?;
        let mut rows = orders.query([&ids])?;
        while let Some(row) = rows.next()? {
            let history = BuyerHistory { orders: row.get(1)?, refunds: 0, refunded: Fen::new(row.get(2)?) };
            histories.insert(row.get(0)?, history);
        }
        let mut requests = self.connection.prepare_cached(
            "SELECT buyer_id, count(*) FROM orders JOIN refund_requests ON refund_requests.order_id = orders.id
             WHERE buyer_id IN (SELECT value FROM json_each(?1)) AND refund_requests.state = ?2 GROUP BY buyer_id",
        )?;
        let mut rows = requests.query([ids.as_str(), RefundState::Succeeded.as_str()])?;
        while let Some(row) = rows.next()? {
            histories.entry(row.get(0)?).or_default().refunds = row.get(1)?;
        }
        Ok(histories)
    }
}

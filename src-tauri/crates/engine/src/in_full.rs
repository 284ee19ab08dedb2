//! One order with everything that this PC knows of it.

use domain::OrderId;
use mirror::{ListedOrder, MomentRow, PrintJobRow};

use crate::cases::{RefundCase, capabilities, cases_of_order, refund_refusal};
use crate::intent::payouts_of_payment;
use crate::{Engine, Error};

/// An order in full.
#[derive(Debug)]
pub struct OrderInFull {
    /// The order as the list shows it.
    pub listed: ListedOrder,
    /// Its refunds, newest first.
    pub refunds: Vec<RefundCase>,
    /// What happened, oldest first.
    pub timeline: Vec<MomentRow>,
    /// Its tickets and slips, oldest first.
    pub papers: Vec<PrintJobRow>,
    /// Why nobody can start a refund of it now; `None`: one may be started.
    pub refund_refusal: Option<Error>,
}

impl Engine {
    /// Everything about one order, of one state of the mirror. It changes nothing: that a person has opened the order is
    /// said by [`Engine::acknowledge_order`].
    pub async fn order_in_full(&self, id: &OrderId) -> Result<OrderInFull, Error> {
        let (id, place, clocks) = (id.clone(), self.parts.place.clone(), self.clocks());
        self.parts
            .mirror
            .read::<_, Error>(move |view| {
                let listed = view
                    .listed_order(&id)?
                    .ok_or_else(|| Error::NoOrder { number: id.as_str().to_owned() })?;
                let of_payment = payouts_of_payment(view, &listed.row.order, &place)?;
                let can = capabilities(view)?;
                Ok(OrderInFull {
                    refunds: cases_of_order(view, &id, &place, clocks)?,
                    timeline: view.timeline(&id)?,
                    papers: view.print_jobs_of_order(&id)?,
                    refund_refusal: refund_refusal(&listed.row, &of_payment, can.as_ref(), &place),
                    listed,
                })
            })
            .await
    }
}

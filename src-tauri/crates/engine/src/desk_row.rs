//! A row of the refund desk: what the backend tells beside what this console did about it.

use domain::payout::{Claim, PayoutState, Report};
use domain::time::Timestamp;
use domain::{BackendPayoutState, OutRefundNo, RefundRequest, RefundState};
use mirror::{Mirror, OrderRow, PayoutRow, RefundFilter, View};

use crate::Error;

/// A refund request beside what this console did about it.
#[derive(Debug, Clone, PartialEq)]
pub struct DeskRow {
    /// The backend's request; `None` while the backend has not answered a refund that the shop started.
    pub request: Option<RefundRequest>,
    /// This console's payout.
    pub payout: Option<PayoutRow>,
    /// The order, where the mirror has it.
    pub order: Option<OrderRow>,
}

impl DeskRow {
    /// Where the money is, in the words of `refunds --json`. A decision that is written down and waits for the backend is
    /// `ready`: it will be sent. One that the backend refused left nothing, so the backend's own word counts.
    pub fn payout_word(&self) -> &'static str {
        if let Some(row) = self.own_payout() {
            return match row.payout.state {
                PayoutState::None => PayoutState::Ready.as_str(),
                other => other.as_str(),
            };
        }
        match self.request.as_ref().map(|request| &request.payout.state) {
            None | Some(BackendPayoutState::None | BackendPayoutState::Other(_)) => {
                PayoutState::None.as_str()
            }
            Some(BackendPayoutState::Processing) => PayoutState::Processing.as_str(),
            Some(BackendPayoutState::Success) => PayoutState::Succeeded.as_str(),
            Some(BackendPayoutState::Closed) => PayoutState::Closed.as_str(),
            Some(BackendPayoutState::Abnormal) => PayoutState::Abnormal.as_str(),
            Some(BackendPayoutState::Failed) => PayoutState::Failed.as_str(),
        }
    }

    /// This console's payout, unless its claim was refused before anything was sent.
    pub fn own_payout(&self) -> Option<&PayoutRow> {
        let refused = |row: &&PayoutRow| {
            row.payout.state == PayoutState::None && matches!(row.payout.claim, Claim::Lost { .. })
        };
        self.payout.as_ref().filter(|row| !refused(row))
    }

    /// Whether WeChat's last word is known and the backend has it (or has its own way to it).
    pub fn is_settled(&self) -> bool {
        match &self.payout {
            Some(row) => match row.payout.state {
                PayoutState::None => matches!(row.payout.claim, Claim::Lost { .. }),
                PayoutState::Succeeded
                | PayoutState::Failed
                | PayoutState::Abnormal
                | PayoutState::Closed => row.payout.report != Report::Owed,
                // Nothing goes on until a person approves it.
                PayoutState::Ready => row.payout.awaits_approval,
                PayoutState::Submitting | PayoutState::Unknown | PayoutState::Processing => false,
            },
            None => self.request.as_ref().is_none_or(|request| match request.state {
                RefundState::Processing => false,
                RefundState::Pending
                | RefundState::WaitingReturn
                | RefundState::Returned
                | RefundState::Succeeded
                | RefundState::Failed
                | RefundState::Rejected
                | RefundState::Withdrawn
                | RefundState::Closed
                | RefundState::Other(_) => true,
            }),
        }
    }

    /// The refund's number at WeChat, as this console or the backend fixed it.
    pub fn out_refund_no(&self) -> Option<&OutRefundNo> {
        let own = self.own_payout().map(|row| &row.payout.out_refund_no);
        own.or_else(|| self.request.as_ref().and_then(|request| request.payout.refund_no.as_ref()))
    }

    /// When WeChat accepted the refund, as far as this console knows.
    pub fn accepted_at(&self) -> Option<Timestamp> {
        let payout = &self.own_payout()?.payout;
        payout.asking_since.filter(|_| payout.refund_id.is_some())
    }

    /// When the money arrived.
    pub fn arrived_at(&self) -> Option<Timestamp> {
        let own = self.own_payout().and_then(|row| row.payout.succeeded_at);
        own.or_else(|| self.request.as_ref().and_then(|request| request.payout.succeeded_at))
    }

    /// When this console does the next thing about it: claims, sends, asks, reports.
    pub fn next_at(&self) -> Option<Timestamp> {
        let payout = &self.own_payout()?.payout;
        let waits = !payout.state.is_final()
            || payout.report == Report::Owed
            || payout.state == PayoutState::Abnormal;
        waits.then_some(payout.next_at)
    }
}

/// The refund desk's list, newest first. It needs the mirror alone.
pub async fn refund_desk(mirror: &Mirror, state: Option<String>, limit: u32) -> Result<Vec<DeskRow>, Error> {
    mirror
        .read::<_, Error>(move |view| {
            let filter = RefundFilter { state, order_id: None, limit };
            let mut rows = Vec::new();
            if filter.state.is_none() {
                for payout in view.open_payouts()?.into_iter().filter(|row| row.request_id.is_none()) {
                    let order = view.order(&payout.order_id)?;
                    rows.push(DeskRow { request: None, payout: Some(payout), order });
                }
            }
            for row in view.refund_requests(&filter)? {
                rows.push(desk_row(view, row.request)?);
            }
            Ok(rows)
        })
        .await
}

pub(crate) fn desk_row(view: &View<'_>, request: RefundRequest) -> Result<DeskRow, Error> {
    let payout = view.payout_of_request(&request.id)?;
    let order = view.order(&request.order_id)?;
    Ok(DeskRow { request: Some(request), payout, order })
}

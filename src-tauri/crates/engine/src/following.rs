//! A refund, followed until its end is known and reported.

use std::time::Duration;

use domain::RefundRequestId;
use domain::payout::{PayoutState, Step};
use domain::time::Timestamp;

use crate::clocks::Clocks;
use crate::desk_row::DeskRow;
use crate::payouts::Progress;
use crate::{Engine, Error};

/// How long between two looks at rows that another process drives.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

impl Engine {
    /// Drives one refund (or watches it being driven) until its outcome is known and reported, or `deadline` is over.
    pub(crate) async fn settle_payout(&self, id: i64, deadline: Timestamp) -> Result<DeskRow, Error> {
        loop {
            let row = self.desk_row_of_payout(id).await?;
            let Clocks { now, told } = self.clocks();
            // One at its end may still have a question due, because somebody asks for it.
            let asks = row.payout.as_ref().is_some_and(|row| row.payout.next_step(now, told) == Step::Query);
            if (row.is_settled() && !asks) || now >= deadline {
                return Ok(row);
            }
            if !self.drives().await? {
                tokio::time::sleep(LOOK_AGAIN).await;
                continue;
            }
            // On its own: whoever waits no longer than asked for must not cut a step off in its middle.
            let engine = self.clone();
            let mut step = tokio::spawn(async move { engine.advance(id).await });
            let progress = loop {
                tokio::select! {
                    biased;
                    done = &mut step => break done.map_err(|_| Error::Panicked)??,
                    () = self.pause_until(Some(deadline)) => {
                        if self.now() >= deadline {
                            return self.desk_row_of_payout(id).await;
                        }
                    }
                }
            };
            match progress {
                Progress::Stepped => {}
                Progress::Waits(at) => self.pause_until(Some(at.min(deadline))).await,
                Progress::Rests => {
                    let state = |row: &DeskRow| row.payout.as_ref().map(|row| row.payout.state);
                    let now = self.desk_row_of_payout(id).await?;
                    if state(&now) == state(&row) && state(&now) != Some(PayoutState::Submitting) {
                        return Ok(now);
                    }
                    // Another task of this process is sending it, or has just done so.
                    tokio::time::sleep(LOOK_AGAIN).await;
                }
            }
        }
    }

    /// As [`Engine::settle_payout`], for a request that the backend pays out.
    pub(crate) async fn settle_request(
        &self,
        id: &RefundRequestId,
        deadline: Timestamp,
    ) -> Result<DeskRow, Error> {
        let mut pause = Duration::from_millis(250);
        loop {
            let row = self.refund(id).await?;
            let now = self.now();
            if row.is_settled() || now >= deadline {
                return Ok(row);
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(5));
            match self.parts.source.refund_request(id).await {
                Ok(request) => {
                    self.keep_refund_request(request, None).await?;
                }
                Err(error) if error.is_transient() => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    pub(crate) async fn desk_row_of_payout(&self, id: i64) -> Result<DeskRow, Error> {
        self.parts
            .mirror
            .read::<_, Error>(move |view| {
                let payout =
                    view.payout(id)?.ok_or(mirror::Error::Stored { what: "payout", source: None })?;
                let request = match &payout.request_id {
                    Some(id) => view.refund_request(id)?.map(|row| row.request),
                    None => None,
                };
                let order = view.order(&payout.order_id)?;
                Ok(DeskRow { request, payout: Some(payout), order })
            })
            .await
    }

    /// The newest payout of a request, if this console made one.
    pub(crate) async fn payout_of(&self, id: &RefundRequestId) -> Result<Option<i64>, Error> {
        let id = id.clone();
        self.parts
            .mirror
            .read::<_, Error>(move |view| Ok(view.payout_of_request(&id)?.map(|row| row.id)))
            .await
    }
}

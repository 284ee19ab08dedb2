//! The backend's claim on a payout: asked for, confirmed, lost (contract R7, step 1).

use domain::payout::Event as Fact;
use domain::{BackendPayoutState, Order, PayoutError, PayoutMode, RefundRequest};
use mirror::PayoutRow;

use crate::engine::Event;
use crate::guards::Guard;
use crate::intent::{seen_of_order, seen_of_request};
use crate::ports::{Approve, PayoutFact, PayoutReport, RefundOrder, SourceError, SourceErrorKind};
use crate::{Engine, Error, Trouble};

impl Engine {
    pub(crate) async fn claim(&self, row: &PayoutRow) -> Result<(), Error> {
        if !self.guard(Guard::Claim) {
            return self.happened(row.id, Fact::Claimed { until: None }, None).await;
        }
        match self.send_decision(row).await {
            Ok(request) => self.claimed(row, request).await,
            Err(error) => self.claim_failed(row, error).await,
        }
    }

    async fn send_decision(&self, row: &PayoutRow) -> Result<RefundRequest, SourceError> {
        let payout = &row.payout;
        match &row.request_id {
            Some(request) => {
                let approve = Approve {
                    request: request.clone(),
                    version: row.decision.version,
                    idempotency_key: row.idempotency_key.clone(),
                    amount: payout.amount,
                    refund_no: Some(payout.out_refund_no.clone()),
                    reason: row.decision.reason.clone(),
                    actor: row.decision.actor.clone(),
                };
                self.parts.source.approve(&approve).await
            }
            None => {
                let refund = RefundOrder {
                    order: row.order_id.clone(),
                    version: row.decision.version,
                    idempotency_key: row.idempotency_key.clone(),
                    amount: payout.amount,
                    refund_no: Some(payout.out_refund_no.clone()),
                    reason: row.decision.reason.clone().unwrap_or_default(),
                    actor: row.decision.actor.clone(),
                };
                self.parts.source.refund_order(&refund).await
            }
        }
    }

    async fn claimed(&self, row: &PayoutRow, request: RefundRequest) -> Result<(), Error> {
        if !self.is_ours(row, &request) {
            // A 200 that does not hold our claim: an old reply, replayed. Nothing may be sent on it.
            let error = lost(&request);
            return self.happened(row.id, Fact::ClaimLost(error), Some(request)).await;
        }
        let fact = Fact::Claimed { until: request.payout.claim_until };
        self.happened(row.id, fact, Some(request)).await
    }

    async fn claim_failed(&self, row: &PayoutRow, error: SourceError) -> Result<(), Error> {
        self.hear(Event::Trouble(Trouble::source(&error)));
        match &error.kind {
            SourceErrorKind::Transient { .. }
            | SourceErrorKind::Unauthenticated
            | SourceErrorKind::CursorExpired => self.happened(row.id, error.as_unavailable(), None).await,
            SourceErrorKind::Conflict { request: Some(request), .. } if self.is_ours(row, request) => {
                // Our own claim, whose reply was lost and whose key was forgotten.
                let fact = Fact::Claimed { until: request.payout.claim_until };
                self.happened(row.id, fact, Some((**request).clone())).await
            }
            SourceErrorKind::VersionConflict { request, order } => {
                if let Some(version) = harmless_version(row, request.as_deref(), order.as_deref())
                    && version != row.decision.version
                {
                    return self.decide_on_version(row.id, version).await;
                }
                let fact = Fact::ClaimLost(error.as_payout_error());
                self.happened(row.id, fact, request.as_deref().cloned()).await
            }
            SourceErrorKind::Conflict { request, .. } => {
                let reason = request.as_deref().map_or_else(|| error.as_payout_error(), lost);
                self.happened(row.id, Fact::ClaimLost(reason), request.as_deref().cloned()).await
            }
            SourceErrorKind::Forbidden | SourceErrorKind::NotFound | SourceErrorKind::Refused => {
                let reason = error.as_payout_error();
                if error.denies_earlier() {
                    return self.happened(row.id, Fact::ClaimLost(reason), None).await;
                }
                // Whether an earlier one was carried out shows at the request.
                match self.request_in_doubt(row).await {
                    Some(request) if self.is_ours(row, &request) => self.claimed(row, request).await,
                    Some(request) => self.happened(row.id, Fact::ClaimLost(reason), Some(request)).await,
                    None => self.happened(row.id, Fact::ClaimLostUnlessEarlier(reason), None).await,
                }
            }
        }
    }

    /// The request as it is now, where an earlier claim of it is in doubt and the backend shows it.
    async fn request_in_doubt(&self, row: &PayoutRow) -> Option<RefundRequest> {
        let id = row.request_id.as_ref().filter(|_| row.payout.claim_in_doubt)?;
        self.parts.source.refund_request(id).await.ok().flatten()
    }

    async fn decide_on_version(&self, id: i64, version: u64) -> Result<(), Error> {
        self.parts
            .mirror
            .write::<_, Error>(move |tx| {
                if let Some(mut row) = tx.payout(id)? {
                    row.decision.version = version;
                    tx.put_payout(&row)?;
                }
                Ok(())
            })
            .await
    }

    fn is_ours(&self, row: &PayoutRow, request: &RefundRequest) -> bool {
        let payout = &request.payout;
        payout.state == BackendPayoutState::Processing
            && payout.mode != Some(PayoutMode::Backend)
            && payout.refund_no.as_ref() == Some(&row.payout.out_refund_no)
            && payout.terminal.as_ref().is_none_or(|terminal| *terminal == self.parts.place.terminal)
            && payout.amount.is_none_or(|amount| amount == row.payout.amount)
    }

    /// The claim's time is over: the request is read before WeChat is called again, and the claim renewed (R7).
    pub(crate) async fn check_claim(&self, row: &PayoutRow) -> Result<(), Error> {
        let Some(request_id) = &row.request_id else {
            return self.happened(row.id, Fact::ClaimLost(gone()), None).await;
        };
        if !self.guard(Guard::ClaimReadAgain) {
            let fact = Fact::ClaimConfirmed { until: None, told: self.clocks().told };
            return self.happened(row.id, fact, None).await;
        }
        let request = match self.parts.source.refund_request(request_id).await {
            Ok(Some(request)) => request,
            // Nothing ends because a backend has lost it: only its own word about the claim does.
            Ok(None) => return self.happened(row.id, unavailable(gone()), None).await,
            Err(error) => return self.happened(row.id, error.as_unavailable(), None).await,
        };
        if !self.is_ours(row, &request) {
            let error = lost(&request);
            return self.happened(row.id, Fact::ClaimLost(error), Some(request)).await;
        }
        if row.payout.awaits_approval {
            // Nothing is sent before a person decides: until then another terminal may have it.
            return self.confirmed_claim(row, request).await;
        }
        let report = PayoutReport {
            request: request_id.clone(),
            fact: PayoutFact::Processing { error: None },
            refund_no: row.payout.out_refund_no.clone(),
            amount: row.payout.amount,
        };
        match self.parts.source.report_payout(&report).await {
            Ok(request) if self.is_ours(row, &request) => self.confirmed_claim(row, request).await,
            Ok(request) => {
                let error = lost(&request);
                self.happened(row.id, Fact::ClaimLost(error), Some(request)).await
            }
            Err(error) => match &error.kind {
                SourceErrorKind::Conflict { request: Some(request), .. } if !self.is_ours(row, request) => {
                    self.happened(row.id, Fact::ClaimLost(lost(request)), Some((**request).clone())).await
                }
                // Whatever else it refuses, it has said a moment ago that the claim is ours.
                SourceErrorKind::Conflict { .. }
                | SourceErrorKind::NotFound
                | SourceErrorKind::Refused
                | SourceErrorKind::Transient { .. }
                | SourceErrorKind::Unauthenticated
                | SourceErrorKind::Forbidden
                | SourceErrorKind::CursorExpired
                | SourceErrorKind::VersionConflict { .. } => {
                    self.happened(row.id, error.as_unavailable(), None).await
                }
            },
        }
    }

    async fn confirmed_claim(&self, row: &PayoutRow, request: RefundRequest) -> Result<(), Error> {
        let fact = Fact::ClaimConfirmed { until: request.payout.claim_until, told: self.clocks().told };
        self.happened(row.id, fact, Some(request)).await
    }
}

/// The new version, if what changed since the person looked is nothing that matters to the decision
/// (`shop-backends.md` B.1: only `ack` and `version`).
fn harmless_version(row: &PayoutRow, request: Option<&RefundRequest>, order: Option<&Order>) -> Option<u64> {
    let (version, seen) = match (&row.request_id, request, order) {
        (Some(_), Some(now), _) => (now.version, seen_of_request(now)),
        (None, _, Some(now)) => (now.version, seen_of_order(now)),
        _ => return None,
    };
    (seen == row.decision.seen).then_some(version)
}

/// Why a claim is not ours, from what the backend shows: another terminal has it, or the request's state forbids it.
fn lost(request: &RefundRequest) -> PayoutError {
    let held = request.payout.state == BackendPayoutState::Processing;
    match request.payout.terminal.as_ref().filter(|_| held) {
        Some(terminal) => {
            PayoutError { code: "state_conflict".to_owned(), text: terminal.as_str().to_owned() }
        }
        None => {
            PayoutError { code: "console:not_decidable".to_owned(), text: request.state.as_str().to_owned() }
        }
    }
}

fn unavailable(error: PayoutError) -> Fact {
    Fact::BackendUnavailable { error, retry_after_s: None }
}

fn gone() -> PayoutError {
    PayoutError { code: "not_found".to_owned(), text: String::new() }
}

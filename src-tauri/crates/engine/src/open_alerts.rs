//! Alerts that wait for a person: what the window lists, and what a click on a notification means.

use domain::reconcile::Alert;
use domain::time::Timestamp;
use domain::{OrderId, RefundRequestId};
use mirror::{AuditKind, EffectRow, NewAudit, OpenAlertRow, Tx};
use serde_json::json;

use crate::alerts::{alert_of, parameters};
use crate::{Engine, Error};

/// The alert that stands as long as the backend is out of reach.
pub(crate) const CONTACT_LOST: &str = "alert:contact_lost";

/// The key of the notification for both ends of an outage, so that the second replaces the first.
pub(crate) const CONTACT_NOTICE: &str = "alert:contact";

/// An alert that nobody has acknowledged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenAlert {
    /// What [`Engine::acknowledge`] names it by.
    pub key: String,
    /// What it says.
    pub alert: Alert,
    /// The order that it is about.
    pub order_id: Option<OrderId>,
    /// That order's number, where the mirror has the order.
    pub order_number: Option<String>,
    /// The refund request that it is about.
    pub request_id: Option<RefundRequestId>,
    /// What fills the text's placeholders, as in [`crate::ports::Notice`].
    pub parameters: Vec<(&'static str, String)>,
    /// When it was owed.
    pub at: Timestamp,
}

/// What a notification is about.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AlertTarget {
    /// The order; `None` for a notice that stands for several, or for none.
    pub order: Option<OrderId>,
    /// The refund request.
    pub request: Option<RefundRequestId>,
    /// Whether it is about a refund, be it one that has no request yet.
    pub is_refund: bool,
}

impl Engine {
    /// Alerts that nobody has acknowledged, newest first.
    pub async fn open_alerts(&self, limit: u32) -> Result<Vec<OpenAlert>, Error> {
        let rows = self.parts.mirror.read::<_, mirror::Error>(move |view| view.open_alerts(limit)).await?;
        Ok(rows.iter().filter_map(open_alert).collect())
    }

    /// A person has seen these, each named by the key of its alert or of its notification. A notification that stood for
    /// several stands for the very ones that were last told by it, also after a restart: what came after it waits on.
    /// Keys of which nothing is open are passed over. `actor` is who has seen them.
    pub async fn acknowledge(&self, keys: Vec<String>, actor: Option<String>) -> Result<(), Error> {
        let (now, seen) = (self.now(), self.acknowledged(actor));
        self.parts
            .mirror
            .write::<_, Error>(move |tx| {
                for key in &keys {
                    let count = acknowledge_one(tx, key, now)?;
                    if count > 0 {
                        let order = tx.alert(key)?.and_then(|alert| alert.order_id);
                        let audit = NewAudit { order_id: order, ..seen.clone() };
                        tx.audit(&audit.to(json!({ "alert": key, "count": count })), now)?;
                    }
                }
                Ok(())
            })
            .await
    }

    /// A person has opened the order, and with it seen whatever was told of it and its refunds.
    pub async fn acknowledge_order(&self, id: &OrderId, actor: Option<String>) -> Result<(), Error> {
        let (id, now, seen) = (id.clone(), self.now(), self.acknowledged(actor));
        self.parts
            .mirror
            .write::<_, Error>(move |tx| {
                let count = tx.acknowledge_order(&id, now)?;
                if count > 0 {
                    tx.audit(&seen.order(&id).to(json!({ "count": count })), now)?;
                }
                Ok(())
            })
            .await
    }

    fn acknowledged(&self, actor: Option<String>) -> NewAudit {
        NewAudit::new(AuditKind::AlertAcknowledged, &self.parts.place.terminal).by(actor.as_deref())
    }

    /// What the notification of this key is about. One that stands for several, or that is not known any more, names no
    /// order: the list is opened.
    pub async fn alert_target(&self, key: &str) -> Result<AlertTarget, Error> {
        let key = key.to_owned();
        let found = self.parts.mirror.read::<_, mirror::Error>(move |view| view.alert(&key)).await?;
        let Some(effect) = found else { return Ok(AlertTarget::default()) };
        let is_refund = alert_of(&effect).is_some_and(is_refund);
        Ok(AlertTarget { order: effect.order_id, request: effect.request_id, is_refund })
    }
}

/// The key of the notification that stands for several of a kind.
pub(crate) fn together_key(alert: Alert) -> String {
    format!("alert:{}:many", alert.as_str())
}

/// Returns how many alerts were open.
fn acknowledge_one(tx: &Tx<'_>, key: &str, now: Timestamp) -> Result<usize, mirror::Error> {
    if tx.acknowledge(key, now)? {
        return Ok(1);
    }
    if tx.alert(key)?.is_some() {
        return Ok(0);
    }
    let contact = key == CONTACT_NOTICE && tx.acknowledge(CONTACT_LOST, now)?;
    Ok(usize::from(contact) + tx.acknowledge_told_together(key, now)?)
}

/// `None` when a later version wrote the alert and nobody can say it here.
fn open_alert(row: &OpenAlertRow) -> Option<OpenAlert> {
    let OpenAlertRow { effect, order } = row;
    let EffectRow { key, order_id, request_id, created_at, .. } = effect;
    Some(OpenAlert {
        key: key.clone(),
        alert: alert_of(effect)?,
        order_id: order_id.clone(),
        order_number: order.as_ref().map(|row| row.order.number.clone()),
        request_id: request_id.clone(),
        parameters: parameters(effect, order.as_ref()),
        at: *created_at,
    })
}

fn is_refund(alert: Alert) -> bool {
    match alert {
        Alert::RefundRequested
        | Alert::RefundSucceeded
        | Alert::RefundFailed
        | Alert::RefundAbnormal
        | Alert::RefundClosed => true,
        Alert::NewOrder
        | Alert::OrderNotWechat
        | Alert::Unverified
        | Alert::Mismatch
        | Alert::NotPaid
        | Alert::LostPayment
        | Alert::Cancelled
        | Alert::MissedOffline
        | Alert::PrinterTrouble
        | Alert::TicketInDoubt
        | Alert::ContactLost
        | Alert::ContactBack
        | Alert::CertificateEnds
        | Alert::CertificateEnded => false,
    }
}

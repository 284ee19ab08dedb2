//! Tells people. At least once: an alert is settled after it was shown, so that a crash in between shows it again under
//! the same key, where it replaces itself.

use domain::pace;
use domain::reconcile::Alert;
use domain::time::Timestamp;
use jiff::SignedDuration;
use mirror::{EffectKind, EffectRow, EffectState, Moment, NewEffect, OrderRow};

use crate::engine::Event;
use crate::open_alerts::{CONTACT_LOST, CONTACT_NOTICE, together_key};
use crate::ports::Notice;
use crate::{Engine, Error};

/// More new orders than this at once are told as one.
const SINGLY: usize = 3;

/// What waited longer than this to be told is listed with what was missed.
const STALE_AFTER: SignedDuration = SignedDuration::from_hours(2);

/// The longest pause before a desktop that shows nothing is tried again. It may start after this program, or anew.
const PAUSE_CAP_SECONDS: i64 = 60;

impl Engine {
    /// Tells people whatever is owed to them, for ever.
    pub(crate) async fn keep_alerting(&self) -> Result<(), Error> {
        let mut changes = self.parts.mirror.changes();
        loop {
            changes.borrow_and_update();
            let now = self.now();
            let (due, next) = self
                .parts
                .mirror
                .read::<_, Error>(move |view| {
                    let mut due = Vec::new();
                    for effect in view.due_effects(EffectKind::Alert, now, 500)? {
                        let order = match &effect.order_id {
                            Some(id) => view.order(id)?,
                            None => None,
                        };
                        due.push((effect, order));
                    }
                    Ok((due, view.next_effect(EffectKind::Alert)?))
                })
                .await?;
            if !due.is_empty() {
                self.leave_unknown_words(&due).await?;
                for bundle in bundles(due, now) {
                    self.tell_people(bundle).await?;
                }
                continue;
            }
            tokio::select! {
                biased;
                changed = changes.changed() => {
                    if changed.is_err() {
                        return Ok(());
                    }
                }
                () = self.pause_until(next) => {}
            }
        }
    }

    /// The backend is out of reach, or back. The loss stands among the open alerts until it is back, and people are told
    /// of both under one key.
    pub(crate) async fn tell_contact(&self, alert: Alert) -> Result<(), Error> {
        let now = self.now();
        self.parts
            .mirror
            .write::<_, Error>(move |tx| {
                tx.take_back(CONTACT_LOST, now)?;
                if alert != Alert::ContactLost {
                    return Ok(());
                }
                let effect = NewEffect {
                    key: CONTACT_LOST.to_owned(),
                    kind: EffectKind::Alert,
                    order_id: None,
                    request_id: None,
                    payload: serde_json::json!({ "alert": alert.as_str() }),
                    due_at: now,
                };
                tx.owe(&effect, now)?;
                // Told right here, also where nobody serves alerts.
                match tx.alert(CONTACT_LOST)? {
                    Some(row) => Ok(tx.settle(row.id, EffectState::Done, None, now)?),
                    None => Ok(()),
                }
            })
            .await?;
        let notice = Notice {
            key: CONTACT_NOTICE.to_owned(),
            alert,
            count: 1,
            order_id: None,
            parameters: Vec::new(),
        };
        if let Err(error) = self.parts.notifier.notify(&notice).await {
            tracing::warn!(alert = alert.as_str(), %error, "the desktop shows no notification");
        }
        self.hear(Event::Alerted { alert: alert.as_str(), number: None });
        Ok(())
    }

    /// Puts alerts aside whose word this version does not know: a later one wrote them, and nobody can say them here.
    async fn leave_unknown_words(&self, due: &[(EffectRow, Option<OrderRow>)]) -> Result<(), Error> {
        let unknown: Vec<(i64, String)> = due
            .iter()
            .filter(|(effect, _)| alert_of(effect).is_none())
            .map(|(effect, _)| (effect.id, effect.key.clone()))
            .collect();
        if unknown.is_empty() {
            return Ok(());
        }
        let now = self.now();
        self.parts
            .mirror
            .write::<_, Error>(move |tx| {
                for (id, key) in unknown {
                    tx.settle(id, EffectState::NeedsAttention, Some("unknown alert"), now)?;
                    // Open it would be counted, and yet shown nowhere.
                    tx.close_alert(&key, now)?;
                }
                Ok(())
            })
            .await
    }

    async fn tell_people(&self, bundle: Bundle) -> Result<(), Error> {
        let shown = self.parts.notifier.notify(&bundle.notice).await;
        let now = self.now();
        let alert = bundle.notice.alert.as_str();
        if let Err(error) = &shown {
            tracing::warn!(alert, %error, "the desktop shows no notification");
        }
        let numbers: Vec<Option<String>> = bundle
            .effects
            .iter()
            .map(|(_, order)| order.as_ref().map(|row| row.order.number.clone()))
            .collect();
        let first = bundle.effects.iter().any(|(effect, _)| effect.attempts == 0);
        let together = (bundle.notice.key == together_key(bundle.notice.alert)).then_some(bundle.notice.key);
        let effects = bundle.effects;
        let reason = shown.as_ref().err().map(|error| error.reason.clone());
        let told = self
            .parts
            .mirror
            .write::<_, Error>(move |tx| {
                let mut told = false;
                if let (Some(key), None) = (&together, &reason) {
                    let keys: Vec<&str> = effects.iter().map(|(effect, _)| effect.key.as_str()).collect();
                    tx.keep_told_together(key, &keys)?;
                }
                for (effect, order) in &effects {
                    match &reason {
                        None => {
                            tx.settle(effect.id, EffectState::Done, None, now)?;
                            told = true;
                            if let Some(row) = order {
                                let detail = serde_json::json!({ "alert": alert });
                                tx.note(&row.order.id, &Moment::with("alerted", detail), now)?;
                            }
                        }
                        Some(reason) if now.duration_since(effect.created_at) < STALE_AFTER => {
                            let pause = pace::backoff(effect.attempts + 1, PAUSE_CAP_SECONDS);
                            tx.postpone(effect.id, now.saturating_add(pause).unwrap_or(now), reason)?;
                        }
                        Some(reason) => {
                            tx.settle(effect.id, EffectState::NeedsAttention, Some(reason), now)?
                        }
                    }
                }
                Ok(told)
            })
            .await?;
        // Whoever reads this program's own words hears of it even where no desktop shows anything.
        if told || first {
            for number in numbers {
                self.hear(Event::Alerted { alert, number });
            }
        }
        Ok(())
    }
}

struct Bundle {
    notice: Notice,
    effects: Vec<(EffectRow, Option<OrderRow>)>,
}

/// One notice for each alert, but one for a burst of new orders and one for everything that was missed.
fn bundles(due: Vec<(EffectRow, Option<OrderRow>)>, now: Timestamp) -> Vec<Bundle> {
    let (mut new_orders, mut missed, mut singly) = (Vec::new(), Vec::new(), Vec::new());
    for (effect, order) in due {
        let Some(alert) = alert_of(&effect) else { continue };
        let stale = now.duration_since(effect.created_at) > STALE_AFTER;
        match alert {
            Alert::NewOrder if !stale => new_orders.push((effect, order)),
            Alert::MissedOffline | Alert::NewOrder => missed.push((effect, order)),
            _ => singly.push((alert, effect, order)),
        }
    }
    let mut bundles = Vec::new();
    if new_orders.len() > SINGLY {
        bundles.push(together(Alert::NewOrder, new_orders));
    } else {
        singly.extend(new_orders.into_iter().map(|(effect, order)| (Alert::NewOrder, effect, order)));
    }
    if !missed.is_empty() {
        bundles.push(together(Alert::MissedOffline, missed));
    }
    bundles.extend(singly.into_iter().map(|(alert, effect, order)| Bundle {
        notice: Notice {
            key: effect.key.clone(),
            alert,
            count: 1,
            order_id: effect.order_id.clone(),
            parameters: parameters(&effect, order.as_ref()),
        },
        effects: vec![(effect, order)],
    }));
    bundles
}

fn together(alert: Alert, effects: Vec<(EffectRow, Option<OrderRow>)>) -> Bundle {
    let count = u32::try_from(effects.len()).unwrap_or(u32::MAX);
    Bundle {
        notice: Notice {
            key: together_key(alert),
            alert,
            count,
            order_id: None,
            parameters: vec![("count", count.to_string())],
        },
        effects,
    }
}

pub(crate) fn alert_of(effect: &EffectRow) -> Option<Alert> {
    let word = effect.payload.get("alert")?.as_str()?;
    Alert::ALL.into_iter().find(|alert| alert.as_str() == word)
}

/// What fills the placeholders of an alert's text.
pub(crate) fn parameters(effect: &EffectRow, order: Option<&OrderRow>) -> Vec<(&'static str, String)> {
    let mut list = Vec::new();
    if order.is_none()
        && let Some(id) = &effect.order_id
    {
        list.push(("number", id.as_str().to_owned()));
    }
    if let Some(row) = order {
        list.push(("number", row.order.number.clone()));
        if let Some(method) = &row.order.payment.method {
            list.push(("method", method.as_str().to_owned()));
        }
        let first = row.evidence.as_ref().and_then(|evidence| evidence.differences.first());
        if let Some(difference) = first {
            list.push(("field", difference.field.clone()));
            list.push(("expected", difference.expected.clone()));
            list.push(("found", difference.found.clone()));
        }
    }
    let told = |name| effect.payload.get(name).and_then(|value| value.as_str()).map(str::to_owned);
    let amount = told("amount").or_else(|| order.map(|row| row.order.payment.total.to_string()));
    list.extend(amount.map(|amount| ("amount", amount)));
    list.extend(told("printer").map(|printer| ("printer", printer)));
    list.extend(told("date").map(|date| ("date", date)));
    if alert_of(effect) == Some(Alert::MissedOffline) {
        // Told together with others it is counted; alone it is one.
        list.push(("count", "1".to_owned()));
    }
    list
}

use std::sync::{Arc, PoisonError, RwLock};

use domain::PayoutMode;
use domain::reconcile::{Alert, Owed};
use domain::time::Timestamp;
use domain::{Order, OrderId, RefundRequestId};
use mirror::{EffectKind, Mirror, NewEffect, Tx};
use serde_json::json;
use tokio::sync::OnceCell;

use crate::Trouble;
use crate::failing::Failing;
use crate::guards::{Guard, Guards};
use crate::health::Pulse;
use crate::people::People;
use crate::ports::{Capabilities, Clock, Notifier, OrderSource, PaymentGateway, Place, Printer, Seat};
use crate::turns::Turns;

/// What an engine is made of.
#[derive(Clone)]
pub struct Parts {
    /// The shop's mirror.
    pub mirror: Mirror,
    /// The shop's backend.
    pub source: Arc<dyn OrderSource>,
    /// WeChat Pay.
    pub gateway: Arc<dyn PaymentGateway>,
    /// Whoever tells people.
    pub notifier: Arc<dyn Notifier>,
    /// Paper.
    pub printer: Arc<dyn Printer>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Whether this process drives the folder's refunds.
    pub seat: Arc<dyn Seat>,
    /// Which shop and terminal this is.
    pub place: Place,
    /// Who works here, and who of them is signed in.
    pub people: People,
    /// The last instant of the certificate that refunds go out with, where it is known.
    pub certificate_until: Option<Timestamp>,
    /// What is printed, until [`Engine::set_tickets`].
    pub tickets: Tickets,
    /// Whoever wants to hear what happens.
    pub observer: Arc<dyn Observer>,
    /// The guards of the money: all of them stand.
    pub guards: Guards,
}

/// What the owner wants on paper.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tickets {
    /// Which tickets a paid order makes.
    pub rules: Vec<TicketRule>,
    /// Whether an order that WeChat could not be asked about is printed, marked 未核实.
    pub print_unverified: bool,
    /// Whether orders that were paid while this PC was away are printed.
    pub print_missed: bool,
    /// Whether a refund's arrival prints a slip.
    pub print_refunds: bool,
}

/// One ticket of a paid order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TicketRule {
    /// Which template.
    pub template: String,
    /// Which printer, as `print --to` names it, or `auto`.
    pub target: String,
    /// Paper width in mm.
    pub width_mm: u32,
    /// How many.
    pub copies: u32,
}

/// Hears what happens, after it is in the mirror.
pub trait Observer: Send + Sync {
    /// Something happened.
    fn heard(&self, event: &Event);
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The backend told of an order.
    Order {
        /// Its id.
        id: OrderId,
        /// Its number.
        number: String,
    },
    /// The backend told of a refund request.
    RefundRequest {
        /// Its id.
        id: RefundRequestId,
        /// The contract's state.
        state: String,
    },
    /// WeChat answered about an order, or could not.
    Asked {
        /// Its number.
        number: String,
        /// The word of `verified`.
        verified: &'static str,
    },
    /// A refund went a step.
    Payout {
        /// Its number.
        out_refund_no: String,
        /// The word of `payout`.
        state: &'static str,
    },
    /// People were told.
    Alerted {
        /// The word of the catalogue.
        alert: &'static str,
        /// The order's number, if it is about one.
        number: Option<String>,
    },
    /// A ticket was handed to a printer.
    Printed {
        /// The order's number.
        number: String,
        /// Which template.
        template: String,
    },
    /// Something went wrong.
    Trouble(Trouble),
}

/// The shop's day. Clones share it.
#[derive(Clone)]
pub struct Engine {
    pub(crate) parts: Arc<Parts>,
    pub(crate) pulse: Pulse,
    /// Who drives which refund.
    pub(crate) turns: Turns,
    /// Whose last step could not be written down.
    pub(crate) failing: Failing,
    tickets: Arc<RwLock<Tickets>>,
    recovered: Arc<OnceCell<()>>,
}

impl Engine {
    /// An engine over these parts. It does nothing before it is asked to.
    pub fn new(parts: Parts) -> Engine {
        let pulse = Pulse::new(parts.clock.clone());
        let tickets = Arc::new(RwLock::new(parts.tickets.clone()));
        let parts = Parts {
            source: pulse.source(parts.source),
            gateway: pulse.gateway(parts.gateway),
            printer: pulse.printer(parts.printer),
            ..parts
        };
        Engine {
            parts: Arc::new(parts),
            pulse,
            turns: Turns::default(),
            failing: Failing::default(),
            tickets,
            recovered: Arc::default(),
        }
    }

    /// Changes what is printed. It holds for every ticket that is not queued yet.
    pub fn set_tickets(&self, tickets: Tickets) {
        self.pulse.keep_printers(&tickets);
        *self.tickets.write().unwrap_or_else(PoisonError::into_inner) = tickets;
    }

    /// What the owner wants on paper now.
    pub(crate) fn tickets(&self) -> Tickets {
        self.tickets.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The mirror that it keeps.
    pub fn mirror(&self) -> &Mirror {
        &self.parts.mirror
    }

    /// Who works here, and who of them is signed in.
    pub fn people(&self) -> &People {
        &self.parts.people
    }

    /// Whether this process drives refunds. The first time that it does, it takes over whatever an earlier driver left.
    pub(crate) async fn drives(&self) -> Result<bool, crate::Error> {
        if !self.parts.seat.take() {
            return Ok(false);
        }
        self.recovered.get_or_try_init(|| self.recover_payouts()).await?;
        Ok(true)
    }

    pub(crate) fn guard(&self, guard: Guard) -> bool {
        self.parts.guards.stands(guard)
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.parts.clock.now()
    }

    pub(crate) fn hear(&self, event: Event) {
        self.parts.observer.heard(&event);
    }

    /// What the backend can do: asked once per start, else as the mirror remembers it.
    pub(crate) async fn capabilities(&self) -> Result<Capabilities, crate::Error> {
        let kept = self.parts.mirror.read::<_, mirror::Error>(|view| view.capabilities()).await?;
        if let Some(capabilities) = kept.and_then(|text| serde_json::from_str(&text).ok()) {
            return Ok(capabilities);
        }
        self.refresh_capabilities().await
    }

    /// Asks the backend what it can do, and remembers it.
    pub(crate) async fn refresh_capabilities(&self) -> Result<Capabilities, crate::Error> {
        let capabilities = self.parts.source.capabilities().await?;
        let known = self.parts.place.shop.as_str();
        if capabilities.shop_id != known {
            // One shop's orders must never get into another's folder.
            return Err(crate::Error::OtherShop { known: known.to_owned(), told: capabilities.shop_id });
        }
        if let Ok(text) = serde_json::to_string(&capabilities) {
            self.parts
                .mirror
                .write::<_, mirror::Error>(move |tx| {
                    if tx.capabilities()?.as_deref() == Some(text.as_str()) {
                        Ok(())
                    } else {
                        tx.set_capabilities(&text)
                    }
                })
                .await?;
        }
        Ok(capabilities)
    }

    /// Who pays a request out.
    pub(crate) fn payer(capabilities: &Capabilities, mode: Option<PayoutMode>) -> PayoutMode {
        mode.unwrap_or(capabilities.payout)
    }
}

/// Owes what a decision about an order asked for.
pub(crate) fn owe_for_order(
    tx: &Tx<'_>,
    order: &Order,
    owed: &[Owed],
    now: Timestamp,
) -> Result<(), mirror::Error> {
    use domain::reconcile::Effect;
    for one in owed {
        let (key, kind, payload) = match one.effect {
            Effect::Alert { alert } => {
                (alert_key(alert, order), EffectKind::Alert, json!({ "alert": alert.as_str() }))
            }
            Effect::Ticket { proof } => {
                (ticket_key(&order.id), EffectKind::Ticket, json!({ "proof": proof }))
            }
            Effect::PaymentObserved => {
                (format!("payment_observed:{}", order.id), EffectKind::PaymentObserved, json!({}))
            }
        };
        let effect = NewEffect {
            key,
            kind,
            order_id: Some(order.id.clone()),
            request_id: None,
            payload,
            due_at: one.at,
        };
        tx.owe(&effect, now)?;
    }
    Ok(())
}

/// One alert per order and meaning; a contradiction rings again when the order changed since.
pub(crate) fn alert_key(alert: Alert, order: &Order) -> String {
    match alert {
        Alert::Mismatch | Alert::NotPaid => {
            format!("alert:{}:{}:{}", alert.as_str(), order.id, order.version)
        }
        _ => format!("alert:{}:{}", alert.as_str(), order.id),
    }
}

/// One ticket per order, whatever made it come out.
pub(crate) fn ticket_key(id: &OrderId) -> String {
    format!("ticket:{id}")
}

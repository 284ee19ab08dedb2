//! Bad days at the flick of a switch (product sheet, section 7).
//!
//! Every switch is off, on for a number of times, or on for good, and may be narrowed to one operation. As JSON a
//! switch is `0`, a number of times, `"always"`, or `{"times": 2, "only": "refund"}`. Operations of the gateway are
//! the last words of its paths (`unifiedorder`, `orderquery`, `closeorder`, `refund`, `refundquery`) and, for a buyer's
//! payment, `pay`; those of the backend are `capabilities`, `changes`, `orders`, `order`, `refund_requests`, `refund_request`, `decision`,
//! `payout`, `refund_order`, `ack`, `payment_observed`, `shipments`, `note` and `carriers`.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use tokio::sync::Notify;
use tokio::sync::futures::Notified;

/// All switches. Those that are not named in a JSON document are off.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Faults {
    /// What the gateway does wrong.
    pub gateway: GatewayFaults,
    /// What the demo backend does wrong.
    pub backend: BackendFaults,
}

/// What the gateway does wrong. Faults of the answer strike after the call was carried out: money has moved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GatewayFaults {
    /// A refund is carried out and never answered.
    pub refund_timeout_after_moving: Switch,
    /// A refund is neither carried out nor answered.
    pub refund_timeout_before_moving: Switch,
    /// A refund is carried out, then the connection is reset.
    pub refund_connection_reset: Switch,
    /// The answer is nginx's page for 502.
    pub http_502_html: Switch,
    /// The answer is an HTML page with status 200, as of a hotel's login.
    pub html_200: Switch,
    /// The answer stops half-way.
    pub truncated: Switch,
    /// The answer is larger than 1 MiB.
    pub huge: Switch,
    /// The answer begins with entity declarations that grow without bound.
    pub entity_bomb: Switch,
    /// The answer has no sign.
    pub unsigned: Switch,
    /// The answer's sign does not belong to it.
    pub bad_sign: Switch,
    /// A refund is carried out and answered SYSTEMERROR.
    pub system_error_after_moving: Switch,
    /// A refund is not carried out and answered SYSTEMERROR.
    pub system_error_before_moving: Switch,
    /// A refund is not carried out and answered BIZERR_NEED_RETRY.
    pub bizerr_need_retry: Switch,
    /// The call is not carried out and answered FREQUENCY_LIMITED.
    pub frequency_limited: Switch,
    /// A refund is refused with NOTENOUGH: the merchant lacks funds.
    pub not_enough: Switch,
    /// A refund is refused with TRADE_OVERDUE: the payment is older than a year.
    pub trade_overdue: Switch,
    /// A refund is accepted and ends as CHANGE: the buyer cannot be credited.
    pub refund_abnormal: Switch,
    /// A refund is accepted and ends as REFUNDCLOSE: no money moves.
    pub refund_closed: Switch,
    /// How long a refund stays PROCESSING, in milliseconds; it counts for refunds under way as well.
    pub refund_stays_processing_ms: u64,
    /// Partial refunds of one order closer than a minute are refused, as WeChat may.
    pub refund_one_minute_rule: Switch,
    /// Both queries answer SYSTEMERROR.
    pub query_unavailable: Switch,
    /// A payment is made and never notified.
    pub drop_payment_notification: Switch,
    /// The order query tells one fen more than was paid.
    pub wrong_total_in_query: Switch,
    /// Every call takes longer by this.
    pub slow_ms: Delay,
}

impl Default for GatewayFaults {
    fn default() -> Self {
        let off = Switch::default;
        GatewayFaults {
            refund_timeout_after_moving: off(),
            refund_timeout_before_moving: off(),
            refund_connection_reset: off(),
            http_502_html: off(),
            html_200: off(),
            truncated: off(),
            huge: off(),
            entity_bomb: off(),
            unsigned: off(),
            bad_sign: off(),
            system_error_after_moving: off(),
            system_error_before_moving: off(),
            bizerr_need_retry: off(),
            frequency_limited: off(),
            not_enough: off(),
            trade_overdue: off(),
            refund_abnormal: off(),
            refund_closed: off(),
            refund_stays_processing_ms: 1_500,
            refund_one_minute_rule: off(),
            query_unavailable: off(),
            drop_payment_notification: off(),
            wrong_total_in_query: off(),
            slow_ms: Delay::default(),
        }
    }
}

/// What the demo backend does wrong.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BackendFaults {
    /// 401, whatever the token.
    pub unauthorized: Switch,
    /// 429 with `Retry-After: 1`.
    pub rate_limited: Switch,
    /// 503 with `Retry-After: 1`.
    pub unavailable: Switch,
    /// The reply is cut inside the JSON.
    pub malformed_json: Switch,
    /// The change is made, then the connection is dropped without a reply.
    pub drop_connection_after_commit: Switch,
    /// 410 for the feed's cursor.
    pub cursor_expired: Switch,
    /// Every entry of a feed page comes twice.
    pub duplicate_entries: Switch,
    /// Bodies in the feed claim a version that is one lower.
    pub older_version: Switch,
    /// Every call takes longer by this.
    pub slow_ms: Delay,
    /// Entries of the feed come without bodies.
    pub omit_bodies: Switch,
    /// The first body of a feed page has a text where its total should be.
    pub one_bad_item: Switch,
}

/// How often something still happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Times {
    /// Not at all.
    #[default]
    Off,
    /// This many times more.
    Count(u32),
    /// For good.
    Always,
}

impl Times {
    fn take(&mut self) -> bool {
        match *self {
            Times::Off => false,
            Times::Always => true,
            Times::Count(left) => {
                *self = if left > 1 { Times::Count(left - 1) } else { Times::Off };
                left > 0
            }
        }
    }
}

/// A fault that is off or strikes a number of times, at any operation or at one.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "SwitchWire", into = "SwitchWire")]
pub struct Switch {
    /// How often it still strikes.
    pub times: Times,
    /// Only at this operation; `None` is any.
    pub only: Option<String>,
}

impl Switch {
    /// On for the next `count` times.
    pub fn times(count: u32) -> Switch {
        Switch { times: if count == 0 { Times::Off } else { Times::Count(count) }, only: None }
    }

    /// On for good.
    pub fn always() -> Switch {
        Switch { times: Times::Always, only: None }
    }

    /// The same, at one operation only.
    pub fn only(self, operation: &str) -> Switch {
        Switch { only: Some(operation.to_owned()), ..self }
    }

    /// Whether it strikes now; a counted one is used up by one.
    pub(crate) fn take(&mut self, operation: &str) -> bool {
        self.only.as_deref().is_none_or(|only| only == operation) && self.times.take()
    }
}

/// A delay that is none or strikes a number of times. As JSON: milliseconds, or `{"ms", "times", "only"}`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "DelayWire", into = "DelayWire")]
pub struct Delay {
    /// How long, in milliseconds.
    pub ms: u64,
    /// How often.
    pub switch: Switch,
}

impl Delay {
    /// From now on every call takes this many milliseconds longer.
    pub fn always(ms: u64) -> Delay {
        Delay { ms, switch: Switch::always() }
    }

    pub(crate) fn take(&mut self, operation: &str) -> u64 {
        if self.ms > 0 && self.switch.take(operation) { self.ms } else { 0 }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum TimesWire {
    Count(u32),
    Flag(bool),
    Word(String),
}

impl TryFrom<TimesWire> for Times {
    type Error = String;

    fn try_from(wire: TimesWire) -> Result<Times, String> {
        match wire {
            TimesWire::Count(0) | TimesWire::Flag(false) => Ok(Times::Off),
            TimesWire::Count(count) => Ok(Times::Count(count)),
            TimesWire::Flag(true) => Ok(Times::Always),
            TimesWire::Word(word) => match word.as_str() {
                "always" => Ok(Times::Always),
                "off" => Ok(Times::Off),
                _ => Err(format!("{word:?} is neither a number of times nor \"always\" nor \"off\"")),
            },
        }
    }
}

impl From<Times> for TimesWire {
    fn from(times: Times) -> TimesWire {
        match times {
            Times::Off => TimesWire::Count(0),
            Times::Count(count) => TimesWire::Count(count),
            Times::Always => TimesWire::Word("always".to_owned()),
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum SwitchWire {
    Times(TimesWire),
    Narrow {
        times: TimesWire,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        only: Option<String>,
    },
}

impl TryFrom<SwitchWire> for Switch {
    type Error = String;

    fn try_from(wire: SwitchWire) -> Result<Switch, String> {
        match wire {
            SwitchWire::Times(times) => Ok(Switch { times: times.try_into()?, only: None }),
            SwitchWire::Narrow { times, only } => Ok(Switch { times: times.try_into()?, only }),
        }
    }
}

impl From<Switch> for SwitchWire {
    fn from(switch: Switch) -> SwitchWire {
        match switch.only {
            None => SwitchWire::Times(switch.times.into()),
            only => SwitchWire::Narrow { times: switch.times.into(), only },
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum DelayWire {
    Always(u64),
    Narrow {
        ms: u64,
        times: TimesWire,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        only: Option<String>,
    },
}

impl TryFrom<DelayWire> for Delay {
    type Error = String;

    fn try_from(wire: DelayWire) -> Result<Delay, String> {
        match wire {
            DelayWire::Always(0) => Ok(Delay::default()),
            DelayWire::Always(ms) => Ok(Delay::always(ms)),
            DelayWire::Narrow { ms, times, only } => {
                Ok(Delay { ms, switch: Switch { times: times.try_into()?, only } })
            }
        }
    }
}

impl From<Delay> for DelayWire {
    fn from(delay: Delay) -> DelayWire {
        match delay.switch {
            Switch { times: Times::Off, .. } => DelayWire::Always(0),
            Switch { times: Times::Always, only: None } => DelayWire::Always(delay.ms),
            Switch { times, only } => DelayWire::Narrow { ms: delay.ms, times: times.into(), only },
        }
    }
}

/// The switches as the running servers share them.
#[derive(Debug, Default)]
pub(crate) struct FaultBoard {
    faults: Mutex<Faults>,
    changed: Notify,
}

impl FaultBoard {
    pub(crate) fn get(&self) -> Faults {
        self.lock().clone()
    }

    pub(crate) fn set(&self, faults: Faults) {
        *self.lock() = faults;
        self.changed.notify_waiters();
    }

    /// Comes after the next [`FaultBoard::set`], counted from this call.
    pub(crate) fn changed(&self) -> Notified<'_> {
        self.changed.notified()
    }

    /// Looks at, and uses up, switches of the gateway.
    pub(crate) fn gateway<T>(&self, look: impl FnOnce(&mut GatewayFaults) -> T) -> T {
        look(&mut self.lock().gateway)
    }

    /// Looks at, and uses up, switches of the backend.
    pub(crate) fn backend<T>(&self, look: impl FnOnce(&mut BackendFaults) -> T) -> T {
        look(&mut self.lock().backend)
    }

    fn lock(&self) -> MutexGuard<'_, Faults> {
        // A panic elsewhere cannot leave switches half-written.
        self.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counted_switch_is_used_up_by_its_operation_alone() {
        let mut switch = Switch::times(2).only("refund");
        assert!(!switch.take("orderquery"));
        assert!(switch.take("refund") && switch.take("refund"));
        assert!(!switch.take("refund"));
        let mut permanent = Switch::always();
        assert!((0..5).all(|_| permanent.take("refund")));
    }

    #[test]
    fn switches_read_back_as_they_were_written() {
        let mut faults = Faults::default();
        faults.gateway.http_502_html = Switch::times(2).only("refund");
        faults.gateway.slow_ms = Delay { ms: 20, switch: Switch::times(3) };
        faults.backend.unauthorized = Switch::always();
        faults.backend.slow_ms = Delay::always(5);
        let json = serde_json::to_value(&faults).unwrap();
        assert_eq!(json["gateway"]["http_502_html"], serde_json::json!({"times": 2, "only": "refund"}));
        assert_eq!(json["backend"]["unauthorized"], "always");
        assert_eq!(json["backend"]["slow_ms"], 5);
        assert_eq!(serde_json::from_value::<Faults>(json).unwrap(), faults);
    }

    #[test]
    fn a_misspelt_switch_is_refused() {
        assert!(serde_json::from_str::<Faults>(r#"{"gateway":{"http_502":1}}"#).is_err());
        assert!(serde_json::from_str::<Faults>(r#"{"gateway":{"http_502_html":"twice"}}"#).is_err());
        let some: Faults = serde_json::from_str(r#"{"backend":{"unauthorized":true}}"#).unwrap();
        assert_eq!(some.backend.unauthorized, Switch::always());
        assert_eq!(some.gateway.refund_stays_processing_ms, 1_500);
    }
}

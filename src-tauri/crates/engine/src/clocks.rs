//! Two clocks: this PC's, which anybody may set, and the backend's, as its last answer told it and counted on from there.

use domain::time::Timestamp;
use mirror::{AuditKind, NewAudit};
use serde_json::json;

use crate::people::ShopTime;
use crate::{Engine, Error};

/// One instant by both clocks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clocks {
    /// By this PC's.
    pub now: Timestamp,
    /// By the backend's; as this PC's where it tells none. The end of a claim is held against it: before the backend has
    /// answered anything, every claim may be over.
    pub told: Timestamp,
}

impl Engine {
    pub(crate) fn clocks(&self) -> Clocks {
        let now = self.now();
        let without = || if self.pulse.backend_works() { now } else { Timestamp::MAX };
        Clocks { now, told: self.told().unwrap_or_else(without) }
    }

    /// What the backend's clock shows; `None`: it has told no time.
    pub(crate) fn told(&self) -> Option<Timestamp> {
        self.parts.source.ahead().and_then(|ahead| self.now().checked_add(ahead).ok())
    }

    /// By which time a decision of now counts in a day's limits. What a clock that ran ahead dated later than the backend
    /// has ever told is dated anew here, on its own: a decision that is refused must not take that back. What the backend
    /// itself dated stays where it is, or its clock put back would give a day its room again.
    pub(crate) async fn shop_time(&self) -> Result<ShopTime, Error> {
        let now = self.now();
        let Some(told) = self.told() else { return Ok(ShopTime::Own(now)) };
        let terminal = self.parts.place.terminal.clone();
        self.parts
            .mirror
            .write::<_, Error>(move |tx| {
                let latest = tx.keep_latest_told(told)?;
                let redated = tx.redate_decisions(latest, told)?;
                if redated > 0 {
                    let row = NewAudit::new(AuditKind::DecisionsRedated, &terminal)
                        .to(json!({ "refunds": redated, "at": told.to_string() }));
                    tx.audit(&row, now)?;
                }
                Ok(())
            })
            .await?;
        Ok(ShopTime::Told(told))
    }
}

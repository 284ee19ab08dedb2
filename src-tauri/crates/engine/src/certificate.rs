//! Tells people that the merchant certificate ends, 60, 30 and 7 days before and once it has.

use std::time::Duration;

use domain::certificate::{Nearness, WARNING_DAYS, nearness};
use domain::reconcile::Alert;
use domain::time::{self, Timestamp};
use mirror::{EffectKind, NewEffect};
use serde_json::json;
use tokio::time::sleep;

use crate::{Engine, Error};

/// How often it is looked at: the warnings are days apart.
const LOOK_AGAIN: Duration = Duration::from_secs(3600);

/// How the keys of these alerts begin.
const CERTIFICATE: &str = "alert:certificate:";

/// More open alerts than anybody leaves unread.
const OPEN_AT_MOST: u32 = 1000;

impl Engine {
    /// Looks at the certificate's end, for ever.
    pub(crate) async fn keep_certificate(&self) -> Result<(), Error> {
        let Some(until) = self.parts.certificate_until else { return Ok(()) };
        loop {
            self.warn_of_certificate(until).await?;
            sleep(LOOK_AGAIN).await;
        }
    }

    /// Owes the warning whose time it is and closes all others: the earlier ones, those about a certificate that is not
    /// used any more, and those that a clock put forward has told too early, which are owed anew when their time comes.
    async fn warn_of_certificate(&self, until: Timestamp) -> Result<(), Error> {
        let now = self.now();
        let stage = Stage::at(until, now);
        self.parts
            .mirror
            .write::<_, Error>(move |tx| {
                let key = stage.map(|stage| stage.key(until)).unwrap_or_default();
                for open in tx.open_alerts(OPEN_AT_MOST)? {
                    let other = &open.effect.key;
                    if other.starts_with(CERTIFICATE) && *other != key {
                        tx.close_alert(other, now)?;
                    }
                }
                for other in Stage::all().filter(|other| Some(*other) != stage) {
                    tx.take_back(&other.key(until), now)?;
                }
                match stage {
                    Some(stage) => Ok(tx.owe(&stage.warning(until, now), now)?),
                    None => Ok(()),
                }
            })
            .await
    }
}

/// A warning of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// So many days before the end at most.
    Within(u16),
    /// After it.
    Over,
}

impl Stage {
    fn at(until: Timestamp, now: Timestamp) -> Option<Stage> {
        match nearness(until, now) {
            Nearness::Far => None,
            Nearness::Within(days) => Some(Stage::Within(days)),
            Nearness::Over => Some(Stage::Over),
        }
    }

    fn all() -> impl Iterator<Item = Stage> {
        WARNING_DAYS.into_iter().map(Stage::Within).chain([Stage::Over])
    }

    fn key(self, until: Timestamp) -> String {
        let until = until.as_second();
        match self {
            Stage::Within(days) => format!("{CERTIFICATE}{until}:{days}"),
            Stage::Over => format!("{CERTIFICATE}{until}:over"),
        }
    }

    fn warning(self, until: Timestamp, now: Timestamp) -> NewEffect {
        let alert = match self {
            Stage::Within(_) => Alert::CertificateEnds,
            Stage::Over => Alert::CertificateEnded,
        };
        NewEffect {
            key: self.key(until),
            kind: EffectKind::Alert,
            order_id: None,
            request_id: None,
            payload: json!({ "alert": alert.as_str(), "date": time::to_spaced(until) }),
            due_at: now,
        }
    }
}

//! The desktop's notifications behind the engine's trait, with texts from the catalogue.

use std::sync::{Arc, PoisonError, RwLock};

use async_trait::async_trait;
use catalogue::Language;
use domain::Fen;
use domain::reconcile::Alert;
use engine::ports::{Notice, Notifier, NotifyError};

use crate::notifications::{Click, DEFAULT_ACTION, DesktopNotifications, Notification, Urgency};
use crate::settings::LiveSettings;

pub(crate) struct Desktop {
    notifications: Arc<DesktopNotifications>,
    settings: LiveSettings,
    title_name: TitleName,
}

/// What the titles call the shop. Clones share it, so that a running engine follows when shops come and go.
#[derive(Debug, Clone, Default)]
pub(crate) struct TitleName {
    shared: Arc<RwLock<Option<String>>>,
}

impl TitleName {
    pub(crate) fn set(&self, name: Option<String>) {
        // A panic while the lock is held leaves the whole old value or the whole new one.
        *self.shared.write().unwrap_or_else(PoisonError::into_inner) = name;
    }

    fn get(&self) -> Option<String> {
        self.shared.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Desktop {
    pub(crate) fn start(
        settings: LiveSettings,
        title_name: TitleName,
        on_click: impl Fn(Click) + Send + Sync + 'static,
    ) -> Result<Desktop, crate::notifications::NotificationError> {
        let notifications = Arc::new(DesktopNotifications::start(on_click)?);
        Ok(Desktop { notifications, settings, title_name })
    }
}

#[async_trait]
impl Notifier for Desktop {
    async fn notify(&self, notice: &Notice) -> Result<(), NotifyError> {
        let settings = self.settings.current();
        if !settings.alerts {
            return Ok(());
        }
        let notification = compose(notice, settings.language(), self.title_name.get().as_deref());
        let notifications = Arc::clone(&self.notifications);
        let shown = tokio::task::spawn_blocking(move || notifications.show(&notification)).await;
        match shown {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(NotifyError { reason: error.code().to_owned() }),
            Err(_) => Err(NotifyError { reason: "notifications_unavailable".to_owned() }),
        }
    }
}

/// Shows nothing: this process tells nobody.
pub(crate) struct Silence;

#[async_trait]
impl Notifier for Silence {
    async fn notify(&self, _notice: &Notice) -> Result<(), NotifyError> {
        Ok(())
    }
}

/// `shop` is what the title calls the shop, if anything.
fn compose(notice: &Notice, language: Language, shop: Option<&str>) -> Notification {
    let several = notice.count > 1 && notice.alert == Alert::NewOrder;
    let word = if several { "new_orders" } else { notice.alert.as_str() };
    let parameters = readable(&notice.parameters, language);
    let filled: Vec<(&str, &str)> = parameters.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let text = |part: &str| catalogue::fill(language, &format!("alert.{word}.{part}"), &filled);
    let mut actions = Vec::new();
    if notice.order_id.is_some() {
        let label = |action: &str| {
            catalogue::find(language, &format!("alert.action.{action}")).unwrap_or_default().to_owned()
        };
        actions.push((DEFAULT_ACTION.to_owned(), label("open")));
        if matches!(notice.alert, Alert::NewOrder | Alert::OrderNotWechat) {
            actions.push(("print".to_owned(), label("print")));
        }
    }
    let title = text("title");
    Notification {
        id_key: notice.key.clone(),
        title: match shop {
            Some(shop) => catalogue::fill(language, "alert.of_shop", &[("shop", shop), ("title", &title)]),
            None => title,
        },
        body: text("body"),
        actions,
        urgency: urgency(notice.alert),
        replaces: Vec::new(),
    }
}

/// What the protocol writes, as people read it: fen as yuan, fields and methods by name.
pub fn readable(parameters: &[(&'static str, String)], language: Language) -> Vec<(&'static str, String)> {
    let field = parameters.iter().find(|(name, _)| *name == "field").map(|(_, value)| value.as_str());
    let named = |group: &str, word: &str| {
        catalogue::find(language, &format!("state.{group}.{word}")).unwrap_or(word).to_owned()
    };
    parameters
        .iter()
        .map(|(name, value)| {
            let text = match (*name, field) {
                ("expected" | "found", Some(field)) => {
                    let yuan = value.parse().map(|fen| Fen::new(fen).to_string());
                    let value = if field == "total_fee" {
                        yuan.unwrap_or_else(|_| value.clone())
                    } else {
                        value.clone()
                    };
                    format!("{} {value}", named("field", field))
                }
                ("method", _) => named("method", value),
                _ => value.clone(),
            };
            (*name, text)
        })
        .collect()
}

fn urgency(alert: Alert) -> Urgency {
    match alert {
        Alert::Mismatch
        | Alert::NotPaid
        | Alert::RefundFailed
        | Alert::RefundAbnormal
        | Alert::TicketInDoubt
        | Alert::PrinterTrouble
        | Alert::ContactLost
        | Alert::CertificateEnded => Urgency::Critical,
        Alert::ContactBack | Alert::RefundSucceeded => Urgency::Low,
        Alert::NewOrder
        | Alert::OrderNotWechat
        | Alert::Unverified
        | Alert::LostPayment
        | Alert::Cancelled
        | Alert::RefundRequested
        | Alert::RefundClosed
        | Alert::MissedOffline
        | Alert::CertificateEnds => Urgency::Normal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notice(alert: Alert, parameters: Vec<(&'static str, String)>) -> Notice {
        Notice { key: "k".to_owned(), alert, count: 1, order_id: None, parameters }
    }

    #[test]
    fn every_alert_has_its_texts_without_a_gap() {
        let all = ["number", "amount", "method", "field", "expected", "found", "printer", "count", "date"]
            .map(|name| (name, if name == "field" { "total_fee" } else { "100" }.to_owned()));
        for alert in Alert::ALL {
            for language in Language::ALL {
                let made = compose(&notice(alert, all.to_vec()), language, None);
                assert!(!made.title.is_empty() && !made.title.contains("alert."), "{alert:?} {}", made.title);
                assert!(
                    !made.title.contains('{') && !made.body.contains('{'),
                    "{alert:?} {} {}",
                    made.title,
                    made.body
                );
            }
        }
    }

    #[tokio::test]
    async fn switched_off_it_is_content_and_says_nothing() {
        let folder = tempfile::tempdir().unwrap();
        crate::settings::example().save(folder.path()).unwrap();
        let live = LiveSettings::new(folder.path(), crate::settings::example());
        let desktop = Desktop::start(live.clone(), TitleName::default(), |_| {}).unwrap();
        live.change(|settings| settings.alerts = false).unwrap();
        // With nobody to show it, showing it would be an error.
        let quiet = notice(Alert::NewOrder, Vec::new());
        assert_eq!(desktop.notify(&quiet).await, Ok(()));
    }

    #[test]
    fn a_title_says_which_shop_where_there_are_several() {
        let name = TitleName::default();
        let shared = name.clone();
        let title = |language| {
            let new_order = notice(Alert::NewOrder, vec![("number", "{shop}".to_owned())]);
            compose(&new_order, language, shared.get().as_deref()).title
        };
        let alone = title(Language::ZhCn);
        assert!(alone.starts_with("新订单"), "{alone}");
        name.set(Some("演示".to_owned()));
        assert_eq!(
            title(Language::ZhCn),
            format!("【演示】{alone}"),
            "what is filled in is not filled again"
        );
        name.set(Some("Soy & Co".to_owned()));
        assert!(title(Language::En).starts_with("[Soy & Co] "), "{}", title(Language::En));
        name.set(None);
        assert_eq!(title(Language::ZhCn), alone);
    }

    #[test]
    fn a_mismatch_names_the_field_and_yuan() {
        let made = compose(
            &notice(
                Alert::Mismatch,
                vec![
                    ("number", "77".to_owned()),
                    ("field", "total_fee".to_owned()),
                    ("expected", "3780".to_owned()),
                    ("found", "1".to_owned()),
                ],
            ),
            Language::ZhCn,
            None,
        );
        assert!(made.body.contains("37.80") && made.body.contains("0.01"), "{}", made.body);
        assert_eq!(made.urgency, Urgency::Critical);
    }
}

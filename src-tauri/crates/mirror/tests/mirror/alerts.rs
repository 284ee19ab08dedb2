//! Alerts stay open until a person acknowledges them.

use crate::common::{at, mirror, order, row};
use domain::OrderId;
use mirror::{EffectKind, EffectState, Error, Mirror, NewEffect};
use serde_json::json;

fn alert(word: &str, order: &str, due: i64) -> NewEffect {
    NewEffect {
        key: format!("alert:{word}:{order}"),
        kind: EffectKind::Alert,
        order_id: Some(OrderId::new(order).unwrap()),
        request_id: None,
        payload: json!({"alert": word}),
        due_at: at(due),
    }
}

async fn open(mirror: &Mirror) -> Vec<String> {
    let (open, count) =
        mirror.read::<_, Error>(|view| Ok((view.open_alerts(10)?, view.count_open_alerts()?))).await.unwrap();
    assert_eq!(open.len() as u64, count);
    open.into_iter().map(|alert| alert.effect.key).collect()
}

async fn due(mirror: &Mirror, seconds: i64) -> Vec<i64> {
    let due = mirror
        .read::<_, Error>(move |view| view.due_effects(EffectKind::Alert, at(seconds), 10))
        .await
        .unwrap();
    due.into_iter().map(|effect| effect.id).collect()
}

#[tokio::test]
async fn an_alert_is_open_from_its_time_on_until_it_is_acknowledged() {
    let (_folder, mirror) = mirror();
    mirror
        .write::<_, Error>(|tx| {
            tx.put_order(&row(order("1", 0)))?;
            tx.owe(&alert("new_order", "1", 0), at(0))?;
            tx.owe(&alert("unverified", "1", 10), at(0))
        })
        .await
        .unwrap();
    assert_eq!(open(&mirror).await, ["alert:new_order:1"], "what is owed for later is not open yet");
    let id = due(&mirror, 0).await[0];
    mirror.write::<_, Error>(move |tx| tx.settle(id, EffectState::Done, None, at(1))).await.unwrap();
    assert_eq!(open(&mirror).await, ["alert:new_order:1"], "shown is not seen");
    let seen = mirror
        .write::<_, Error>(|tx| tx.acknowledge_order(&OrderId::new("1").unwrap(), at(2)))
        .await
        .unwrap();
    assert_eq!((seen, open(&mirror).await), (1, Vec::new()));
    let later = due(&mirror, 10).await;
    assert_eq!(later.len(), 1, "whoever saw the order has not seen what comes later");
    mirror.write::<_, Error>(move |tx| tx.postpone(later[0], at(20), "no desktop")).await.unwrap();
    assert_eq!(
        open(&mirror).await,
        ["alert:unverified:1"],
        "what no desktop could show is open all the same"
    );
    mirror.write::<_, Error>(|tx| tx.acknowledge("alert:unverified:1", at(21))).await.unwrap();
    assert_eq!(due(&mirror, 100).await, [0; 0], "what was seen is not told any more");
}

#[tokio::test]
async fn an_alert_whose_cause_is_over_closes_by_itself_and_rings_once_only() {
    let (_folder, mirror) = mirror();
    let owe = alert("printer_trouble", "1", 0);
    let again = owe.clone();
    mirror.write::<_, Error>(move |tx| tx.owe(&owe, at(0))).await.unwrap();
    let id = due(&mirror, 0).await[0];
    mirror.write::<_, Error>(move |tx| tx.settle(id, EffectState::Done, None, at(1))).await.unwrap();
    let key = again.key.clone();
    mirror
        .write::<_, Error>(move |tx| {
            assert!(tx.close_alert(&key, at(2))?);
            assert!(!tx.close_alert(&key, at(3))?, "closed once");
            tx.owe(&again, at(4))
        })
        .await
        .unwrap();
    assert_eq!(open(&mirror).await, [""; 0]);
    assert_eq!(due(&mirror, 10).await, [0; 0]);
}

#[tokio::test]
async fn an_alert_that_was_withdrawn_and_owed_anew_is_open_anew() {
    let (_folder, mirror) = mirror();
    mirror
        .write::<_, Error>(|tx| {
            tx.owe(&alert("contact_lost", "1", 0), at(0))?;
            tx.acknowledge("alert:contact_lost:1", at(1))?;
            tx.take_back("alert:contact_lost:1", at(2))?;
            tx.owe(&alert("contact_lost", "1", 50), at(50))
        })
        .await
        .unwrap();
    assert_eq!(open(&mirror).await, ["alert:contact_lost:1"]);
    let row = mirror.read::<_, Error>(|view| view.open_alerts(1)).await.unwrap();
    assert_eq!(row[0].effect.created_at, at(50));
}

#[tokio::test]
async fn several_that_were_told_together_are_acknowledged_together() {
    let (_folder, mirror) = mirror();
    mirror
        .write::<_, Error>(|tx| {
            for order in ["1", "2"] {
                tx.owe(&alert("new_order", order, 0), at(0))?;
            }
            tx.owe(&alert("cancelled", "1", 0), at(0))?;
            tx.keep_told_together("many", &["alert:new_order:1", "alert:new_order:2"])?;
            for effect in tx.due_effects(EffectKind::Alert, at(0), 10)? {
                tx.settle(effect.id, EffectState::Done, None, at(0))?;
            }
            tx.owe(&alert("new_order", "3", 0), at(0))?;
            for effect in tx.due_effects(EffectKind::Alert, at(0), 10)? {
                tx.settle(effect.id, EffectState::Done, None, at(0))?;
            }
            assert_eq!(tx.acknowledge_told_together("few", at(2))?, 0);
            assert_eq!(tx.acknowledge_told_together("many", at(2))?, 2);
            tx.keep_told_together("many", &["alert:new_order:3"])
        })
        .await
        .unwrap();
    assert_eq!(
        open(&mirror).await,
        ["alert:new_order:3", "alert:cancelled:1"],
        "not what was told on its own, be it in the same moment"
    );
    mirror.write::<_, Error>(|tx| tx.acknowledge_told_together("many", at(3))).await.unwrap();
    assert_eq!(open(&mirror).await, ["alert:cancelled:1"], "the next notification under the key has its own");
}

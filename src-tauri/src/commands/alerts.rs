use super::Desk;
use crate::convert;
use crate::dto::{Alert, ShopKey};
use crate::error::Fault;

/// More than anybody reads.
const AT_MOST: u32 = 200;

/// Alerts that nobody has acknowledged, newest first.
#[tauri::command]
#[cfg_attr(test, specta::specta)]
pub(crate) async fn alerts(desk: Desk<'_>, shop: ShopKey) -> Result<Vec<Alert>, Fault> {
    desk.answer(async {
        let open = desk.shop(&shop)?;
        let alerts = open.engine.open_alerts(AT_MOST).await?;
        Ok(alerts.iter().map(|alert| convert::alert(alert, desk.language())).collect())
    })
    .await
}

/// Somebody has seen these.
#[tauri::command]
#[cfg_attr(test, specta::specta)]
pub(crate) async fn alerts_acknowledge(
    desk: Desk<'_>,
    shop: ShopKey,
    keys: Vec<String>,
) -> Result<(), Fault> {
    desk.answer(async {
        let open = desk.shop(&shop)?;
        Ok(open.engine.acknowledge(keys, open.hand().await?).await?)
    })
    .await
}

use adapters::connection::{Connection, ConnectionError};
use adapters::fault::Fault as Reason;
use domain::StaffId;
use domain::staff::Act;
use tauri::AppHandle;
use tauri_plugin_dialog::DialogExt;

use super::Desk;
use crate::convert;
use crate::dto::{ConnectionSource, Picked, SecretPlace, ShopKey, ShopSettings, Trial};
use crate::error::Fault;
use crate::page::ChangedTag;

/// Lets the person choose a file in the system's own dialog. Only its path comes back.
#[tauri::command]
#[cfg_attr(test, specta::specta)]
pub(crate) async fn connection_pick(app: AppHandle, what: Picked) -> Result<Option<String>, Fault> {
    let (answer, answered) = tokio::sync::oneshot::channel();
    let extensions: &[&str] = match what {
        Picked::Connection => &["json"],
        Picked::Certificate | Picked::Key => &["pem", "crt", "cer", "key"],
        Picked::P12 => &["p12", "pfx"],
    };
    app.dialog().file().add_filter(extensions.join(" "), extensions).pick_file(move |chosen| {
        // Nobody waits any more when the page was reloaded meanwhile.
        let _ = answer.send(chosen);
    });
    let chosen = answered.await.ok().flatten().and_then(|file| file.into_path().ok());
    Ok(chosen.map(|path| path.display().to_string()))
}

/// Tries a connection: everything that can be checked is checked by trying it, and nothing is stored.
#[tauri::command]
#[cfg_attr(test, specta::specta)]
pub(crate) async fn connection_try(desk: Desk<'_>, source: ConnectionSource) -> Result<Trial, Fault> {
    let language = desk.language();
    match read(&source) {
        Ok(connection) => Ok(convert::trial(&connection, &connection.try_out().await, language)),
        Err(error) => Ok(convert::unreadable(&error, language)),
    }
}

/// Connects a shop: its secrets go to the keychain or a vault, the rest to a folder of its own, and it is watched from
/// now on.
#[tauri::command]
#[cfg_attr(test, specta::specta)]
pub(crate) async fn connection_keep(
    desk: Desk<'_>,
    source: ConnectionSource,
    place: SecretPlace,
) -> Result<ShopKey, Fault> {
    desk.answer(async {
        let connection = read(&source)?;
        Ok(ShopKey(desk.connect(&connection, convert::passphrase(place)).await?))
    })
    .await
}

/// Reads the description with the files that it names.
fn read(source: &ConnectionSource) -> Result<Connection, ConnectionError> {
    tokio::task::block_in_place(|| convert::connection(source))
}

/// What a shop is set up with; no secret.
#[tauri::command]
#[cfg_attr(test, specta::specta)]
pub(crate) async fn shop_settings(desk: Desk<'_>, shop: ShopKey) -> Result<ShopSettings, Fault> {
    desk.answer(async {
        let open = desk.shop(&shop)?;
        Ok(convert::shop_settings(&open))
    })
    .await
}

/// Switches the desktop notifications of a shop on or off, by whoever may.
#[tauri::command]
#[cfg_attr(test, specta::specta)]
pub(crate) async fn shop_alerts_set(desk: Desk<'_>, shop: ShopKey, on: bool) -> Result<(), Fault> {
    desk.answer(async {
        let open = desk.shop(&shop)?;
        let actor = open.actor().await?;
        let set = async { Ok::<_, Reason>(open.shop.set_alerts(on, actor.id().map(StaffId::as_str))?) };
        open.engine.people().may_do(&actor, Act::SetAlerts, set).await?;
        desk.page().changed(&shop, vec![ChangedTag::Console]);
        Ok(())
    })
    .await
}

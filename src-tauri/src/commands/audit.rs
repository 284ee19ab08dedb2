use std::fs::File;
use std::path::{Path, PathBuf};

use adapters::audit::{AuditExportError, export_audit, note_export};
use adapters::fault::Fault as Reason;
use domain::OrderId;
use domain::time::{Timestamp, to_spaced};
use mirror::AuditRow;
use tauri::AppHandle;
use tauri_plugin_dialog::DialogExt;

use super::Desk;
use crate::convert;
use crate::dto::{AuditCheck, AuditEntry, AuditFormat, AuditQuery, AuditSeq, Exported, ShopKey};
use crate::error::Fault;

/// The longest page.
const AT_MOST: u32 = 500;

/// Rows of the audit log, newest first: the first `count` of those with a number below `before`.
#[tauri::command]
#[cfg_attr(test, specta::specta)]
pub(crate) async fn audit_page(
    desk: Desk<'_>,
    shop: ShopKey,
    query: AuditQuery,
    before: Option<AuditSeq>,
    count: u32,
) -> Result<Vec<AuditEntry>, Fault> {
    desk.answer(async {
        let filter = convert::audit_filter(query)?;
        let page = desk
            .shop(&shop)?
            .engine
            .mirror()
            .read::<_, mirror::Error>(move |view| {
                let rows = view.audit_page(&filter, before.map(|seq| seq.0), count.min(AT_MOST))?;
                let numbered = |row: AuditRow| Ok((order_number(view, row.order_id.as_deref())?, row));
                rows.into_iter().map(numbered).collect::<Result<Vec<_>, _>>()
            })
            .await?;
        Ok(page.into_iter().map(|(number, row)| convert::audit_entry(row, number)).collect())
    })
    .await
}

/// An order's number; a row that somebody has tampered with may name what can be no order.
fn order_number(view: &mirror::View<'_>, id: Option<&str>) -> Result<Option<String>, mirror::Error> {
    let Some(id) = id.and_then(|id| OrderId::new(id).ok()) else { return Ok(None) };
    Ok(view.order(&id)?.map(|row| row.order.number))
}

/// Checks the whole log: every row changed, removed, added or put elsewhere is found.
#[tauri::command]
#[cfg_attr(test, specta::specta)]
pub(crate) async fn audit_verify(desk: Desk<'_>, shop: ShopKey) -> Result<AuditCheck, Fault> {
    desk.answer(async {
        let mirror = desk.shop(&shop)?.engine.mirror().clone();
        let check = mirror.read::<_, mirror::Error>(|view| view.verify_audit()).await?;
        Ok(convert::audit_check(&check))
    })
    .await
}

/// Writes the wanted rows to a file that the person chooses in the system's own dialog. `None`: they chose none.
#[tauri::command]
#[cfg_attr(test, specta::specta)]
pub(crate) async fn audit_export(
    app: AppHandle,
    desk: Desk<'_>,
    shop: ShopKey,
    query: AuditQuery,
    format: AuditFormat,
) -> Result<Option<Exported>, Fault> {
    desk.answer(async {
        let open = desk.shop(&shop)?;
        let filter = convert::audit_filter(query)?;
        let Some(path) = file_to_write(&app, format).await else { return Ok(None) };
        let unwritable = |error: &std::io::Error| {
            Reason::new("output_unwritable", vec![("path", path.display().to_string())]).caused(error)
        };
        let mut file = create(&path).map_err(|error| unwritable(&error))?;
        let rows =
            export_audit(open.engine.mirror(), &filter, format.into(), desk.language(), &mut file).await;
        let rows = rows.map_err(|error| match error {
            AuditExportError::Mirror(error) => error.into(),
            AuditExportError::Write(error) => unwritable(&error),
        })?;
        let actor = open.actor().await?;
        let note = || note_export(open.shop.people(), &actor, (rows, format.into(), &path));
        tokio::task::block_in_place(note)?;
        let rows = u32::try_from(rows).unwrap_or(u32::MAX);
        Ok(Some(Exported { rows, path: path.display().to_string() }))
    })
    .await
}

fn create(path: &Path) -> std::io::Result<File> {
    tokio::task::block_in_place(|| File::create(path))
}

/// Lets the person choose where a file goes. The page names no path.
async fn file_to_write(app: &AppHandle, format: AuditFormat) -> Option<PathBuf> {
    let extension = adapters::audit::AuditFormat::from(format).as_str();
    let (answer, answered) = tokio::sync::oneshot::channel();
    let day: String = to_spaced(Timestamp::now()).chars().take("2025-06-01".len()).collect();
    let name = format!("zhanggui-audit-{day}.{extension}");
    app.dialog().file().set_file_name(name).add_filter(extension, &[extension]).save_file(move |chosen| {
        // Nobody waits any more when the page was reloaded meanwhile.
        let _ = answer.send(chosen);
    });
    answered.await.ok().flatten().and_then(|file| file.into_path().ok())
}

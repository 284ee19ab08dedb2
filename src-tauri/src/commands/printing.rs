use adapters::fault::Fault as Reason;
use domain::StaffId;
use domain::staff::Act;
use mirror::AuditKind;
use serde_json::json;

use super::Desk;
use crate::convert;
use crate::dto::{FoundPrinter, Paper, Printing, ShopKey, Slip};
use crate::error::Fault;
use crate::open_shop::OpenShop;

/// As far back as the history goes on the screen.
const AT_MOST: u32 = 200;

/// Printers that tickets can go to.
#[tauri::command]
#[cfg_attr(test, specta::specta)]
pub(crate) async fn printers(desk: Desk<'_>, shop: ShopKey) -> Result<Vec<FoundPrinter>, Fault> {
    desk.answer(async {
        let open = desk.shop(&shop)?;
        let found = blocking(adapters::paper::found).await?;
        Ok(convert::found_printers(&found, open.demo.as_ref(), desk.language()))
    })
    .await
}

/// Which ticket comes out where.
#[tauri::command]
#[cfg_attr(test, specta::specta)]
pub(crate) async fn printing(desk: Desk<'_>, shop: ShopKey) -> Result<Printing, Fault> {
    desk.answer(async { Ok(convert::printing(&desk.shop(&shop)?.shop.settings().printing.choice())) }).await
}

/// Changes it; the next ticket follows.
#[tauri::command]
#[cfg_attr(test, specta::specta)]
pub(crate) async fn printing_set(desk: Desk<'_>, shop: ShopKey, printing: Printing) -> Result<(), Fault> {
    desk.answer(async {
        let open = desk.shop(&shop)?;
        // First what can be done at all: nobody types a PIN for what cannot.
        let choice = convert::print_rule(&printing)?;
        known_printer(&open, &printing.target).await?;
        let actor = open.actor().await?;
        let set =
            async { Ok::<_, Reason>(open.shop.change_printing(&choice, actor.id().map(StaffId::as_str))?) };
        open.engine.people().may_do(&actor, Act::SetPrinting, set).await?;
        open.engine.set_tickets(open.shop.tickets(&adapters::shop::Wishes::default()));
        desk.page().changed(&shop, vec![crate::page::ChangedTag::Papers, crate::page::ChangedTag::Status]);
        Ok(())
    })
    .await
}

/// Prints a test page.
#[tauri::command]
#[cfg_attr(test, specta::specta)]
pub(crate) async fn print_test(
    desk: Desk<'_>,
    shop: ShopKey,
    target: String,
    width_mm: u32,
) -> Result<(), Fault> {
    desk.answer(async {
        let open = desk.shop(&shop)?;
        known_printer(&open, &target).await?;
        let (head, language) = (open.shop.head(), desk.language());
        let actor = open.actor().await?;
        let printer = target.clone();
        let printed =
            blocking(move || adapters::paper::print_test(&target, width_mm, &head, language)).await?;
        // Also what did not come out: it may lie in the tray all the same.
        let error = printed.as_ref().err().map(|error| error.code.clone());
        let wanted = json!({ "printer": printer, "width_mm": width_mm, "error": error });
        open.write_down(AuditKind::TestPrinted, &actor, (None, wanted))?;
        printed?;
        desk.page().changed(&shop, vec![crate::page::ChangedTag::Papers]);
        Ok(())
    })
    .await
}

/// The queue and the history of tickets, newest first.
#[tauri::command]
#[cfg_attr(test, specta::specta)]
pub(crate) async fn papers(desk: Desk<'_>, shop: ShopKey) -> Result<Vec<Paper>, Fault> {
    desk.answer(async {
        let mirror = desk.shop(&shop)?.engine.mirror().clone();
        let jobs = mirror.read::<_, mirror::Error>(|view| view.recent_print_jobs(AT_MOST)).await?;
        Ok(jobs.iter().map(|job| convert::paper(job, desk.language())).collect())
    })
    .await
}

/// Prints a ticket again that did not come out, or may not have.
#[tauri::command]
#[cfg_attr(test, specta::specta)]
pub(crate) async fn paper_again(desk: Desk<'_>, shop: ShopKey, id: i32) -> Result<(), Fault> {
    desk.answer(async {
        let open = desk.shop(&shop)?;
        Ok(open.engine.print_again(i64::from(id), open.hand().await?).await?)
    })
    .await
}

/// What the demo shop's printer has printed, as it looks on paper, newest first.
#[tauri::command]
#[cfg_attr(test, specta::specta)]
pub(crate) async fn paper_roll(desk: Desk<'_>, shop: ShopKey, count: u32) -> Result<Vec<Slip>, Fault> {
    desk.answer(async {
        let open = desk.shop(&shop)?;
        let Some(demo) = &open.demo else { return Ok(Vec::new()) };
        let (roll, width) = (demo.roll().to_owned(), open.shop.paper_width());
        blocking(move || convert::roll(&roll, width.millimetres().into(), count)).await?
    })
    .await
}

/// Only what was found on this PC, a network printer, or what is in use already: the page names no files.
async fn known_printer(open: &OpenShop, target: &str) -> Result<(), Reason> {
    let in_use = open.shop.settings().printing.choice().target.to_string();
    let demo = open.demo.as_ref().map(|demo| demo.printer().to_string());
    if target == "auto" || target.starts_with("tcp:") || target == in_use || demo.as_deref() == Some(target) {
        return Ok(());
    }
    let found = blocking(adapters::paper::found).await?;
    if found.iter().any(|printer| printer.target.to_string() == target) {
        return Ok(());
    }
    Err(Reason::new("printer_not_found", vec![("printer", target.to_owned())]))
}

/// Devices and files are waited for on a thread of their own.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Reason> {
    tauri::async_runtime::spawn_blocking(work).await.map_err(|error| Reason::internal(&error))
}

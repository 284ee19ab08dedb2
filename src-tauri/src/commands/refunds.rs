use domain::RefundRequestId;
use engine::Approval;

use super::Desk;
use crate::convert;
use crate::dto::{Fen, RefundDesk, RefundGroup, Revision, ShopKey, SignIn};
use crate::error::Fault;

/// More than anybody decides in one go.
const AT_MOST: u32 = 500;

/// One group of the refund desk, newest first, and how many each group holds.
#[tauri::command]
#[cfg_attr(test, specta::specta)]
pub(crate) async fn refund_desk(
    desk: Desk<'_>,
    shop: ShopKey,
    group: RefundGroup,
) -> Result<RefundDesk, Fault> {
    desk.answer(async {
        let open = desk.shop(&shop)?;
        let listed = open.engine.refund_desk_group(group.into(), AT_MOST).await?;
        Ok(convert::refund_desk(&listed, desk.language()))
    })
    .await
}

/// Approves the payout of a refund that the person saw as `revision`; the amount is the requested one unless another is
/// wished for, and what is refundable is read from the mirror. Above an amount a second person types their PIN with it.
#[tauri::command]
#[cfg_attr(test, specta::specta)]
pub(crate) async fn refund_approve(
    desk: Desk<'_>,
    shop: ShopKey,
    id: String,
    revision: Revision,
    amount_fen: Option<Fen>,
    reason: Option<String>,
    second: Option<SignIn>,
) -> Result<(), Fault> {
    desk.answer(async {
        let open = desk.shop(&shop)?;
        let actor = open.actor_with(second).await?;
        let approval =
            Approval { amount: amount_fen.map(Into::into), reason, actor, seen: Some(revision.into()) };
        Ok(open.engine.approve(&request(id)?, &approval).await?)
    })
    .await
}

/// Refuses a refund that the person saw as `revision`.
#[tauri::command]
#[cfg_attr(test, specta::specta)]
pub(crate) async fn refund_refuse(
    desk: Desk<'_>,
    shop: ShopKey,
    id: String,
    revision: Revision,
    reason: String,
) -> Result<(), Fault> {
    desk.answer(async {
        let open = desk.shop(&shop)?;
        let actor = open.actor().await?;
        open.engine.reject(&request(id)?, reason.trim(), &actor, Some(revision.into())).await?;
        Ok(())
    })
    .await
}

/// Agrees that the goods come back; no money moves.
#[tauri::command]
#[cfg_attr(test, specta::specta)]
pub(crate) async fn refund_agree_return(
    desk: Desk<'_>,
    shop: ShopKey,
    id: String,
    revision: Revision,
) -> Result<(), Fault> {
    desk.answer(async {
        let open = desk.shop(&shop)?;
        let actor = open.actor().await?;
        let approval = Approval { actor, seen: Some(revision.into()), ..Approval::default() };
        open.engine.agree_return(&request(id)?, &approval).await?;
        Ok(())
    })
    .await
}

/// Asks about every refund that is on its way now.
#[tauri::command]
#[cfg_attr(test, specta::specta)]
pub(crate) async fn refund_resume(desk: Desk<'_>, shop: ShopKey) -> Result<(), Fault> {
    desk.answer(async {
        let open = desk.shop(&shop)?;
        let actor = open.actor().await?;
        open.engine.resume_refunds(&actor).await?;
        Ok(())
    })
    .await
}

fn request(id: String) -> Result<RefundRequestId, adapters::fault::Fault> {
    RefundRequestId::new(id.clone())
        .map_err(|_| adapters::fault::Fault::new("refund_request_not_found", vec![("id", id)]))
}

use adapters::fault::Fault as Reason;
use domain::time::Timestamp;
use engine::NewPin;

use super::Desk;
use crate::convert;
use crate::dto::{
    NewStaff, Pin, Revision, SeenRules, ShopKey, SignIn, StaffChange, StaffHere, StaffMember, StaffRules,
};
use crate::error::Fault;
use crate::open_shop::known_id;
use crate::page::ChangedTag;

/// Who is signed in, and who could be.
#[tauri::command]
#[cfg_attr(test, specta::specta)]
pub(crate) async fn staff_here(desk: Desk<'_>, shop: ShopKey) -> Result<StaffHere, Fault> {
    desk.answer(async {
        let people = desk.people(&shop)?;
        let (all, rules) = (people.staff().await?, people.rules().await?);
        Ok(convert::here(&all, people.signed_in_until().await?.as_ref(), &rules.rules, Timestamp::now()))
    })
    .await
}

/// Signs somebody in, in place of whoever was.
#[tauri::command]
#[cfg_attr(test, specta::specta)]
pub(crate) async fn staff_sign_in(desk: Desk<'_>, shop: ShopKey, sign_in: SignIn) -> Result<(), Fault> {
    desk.answer(async {
        desk.people(&shop)?.sign_in(&known_id(sign_in.id)?, &sign_in.pin.0).await?;
        desk.page().changed(&shop, vec![ChangedTag::Staff]);
        Ok(())
    })
    .await
}

/// Signs whoever is at the PC out.
#[tauri::command]
#[cfg_attr(test, specta::specta)]
pub(crate) async fn staff_sign_out(desk: Desk<'_>, shop: ShopKey) -> Result<(), Fault> {
    desk.answer(async {
        let outcome = desk.people(&shop)?.sign_out().await;
        // They are, also where that could not be written down.
        desk.page().changed(&shop, vec![ChangedTag::Staff]);
        Ok(outcome?)
    })
    .await
}

/// Everybody, those who left too, with their limits and what they have sent back today.
#[tauri::command]
#[cfg_attr(test, specta::specta)]
pub(crate) async fn staff_roll(desk: Desk<'_>, shop: ShopKey) -> Result<Vec<StaffMember>, Fault> {
    desk.answer(async {
        let roll = desk.shop(&shop)?.shop.people().roll().await?;
        let now = Timestamp::now();
        Ok(roll.iter().map(|entry| convert::member(entry, now)).collect())
    })
    .await
}

/// Adds somebody; the first one has to be an owner.
#[tauri::command]
#[cfg_attr(test, specta::specta)]
pub(crate) async fn staff_add(
    desk: Desk<'_>,
    shop: ShopKey,
    new_staff: NewStaff,
    pin: Pin,
) -> Result<(), Fault> {
    desk.answer(async {
        let open = desk.shop(&shop)?;
        let new = convert::new_staff(new_staff)?;
        open.shop.people().add(&open.actor().await?, new, &pin.0).await?;
        Ok(())
    })
    .await
}

/// Changes somebody of whom the person saw `revision`.
#[tauri::command]
#[cfg_attr(test, specta::specta)]
pub(crate) async fn staff_change(
    desk: Desk<'_>,
    shop: ShopKey,
    id: String,
    revision: Revision,
    change: StaffChange,
) -> Result<(), Fault> {
    desk.answer(async {
        let open = desk.shop(&shop)?;
        let change = convert::change(change, revision);
        let changed = open.shop.people().change(&open.actor().await?, &known_id(id)?, change).await;
        changed.map(drop).map_err(|error| stale_as("staff_changed_meanwhile", error))
    })
    .await
}

/// Gives somebody a new PIN: an owner anybody, everybody themselves with their `present` one.
#[tauri::command]
#[cfg_attr(test, specta::specta)]
pub(crate) async fn staff_pin_set(
    desk: Desk<'_>,
    shop: ShopKey,
    id: String,
    pin: Pin,
    present: Option<Pin>,
) -> Result<(), Fault> {
    desk.answer(async {
        let open = desk.shop(&shop)?;
        let pin = NewPin { new: pin.0, present: present.map(|present| present.0) };
        open.shop.people().set_pin(&open.actor().await?, &known_id(id)?, &pin).await?;
        Ok(())
    })
    .await
}

/// The shop's rules for refunds.
#[tauri::command]
#[cfg_attr(test, specta::specta)]
pub(crate) async fn staff_rules(desk: Desk<'_>, shop: ShopKey) -> Result<SeenRules, Fault> {
    desk.answer(async { Ok(convert::rules(&desk.shop(&shop)?.shop.people().rules().await?)) }).await
}

/// Changes them, of which the person saw `revision`.
#[tauri::command]
#[cfg_attr(test, specta::specta)]
pub(crate) async fn staff_rules_set(
    desk: Desk<'_>,
    shop: ShopKey,
    revision: Revision,
    rules: StaffRules,
) -> Result<(), Fault> {
    desk.answer(async {
        let open = desk.shop(&shop)?;
        let (wished, seen) = (convert::rules_wished(&rules), Some(revision.into()));
        let changed = open.shop.people().set_rules(&open.actor().await?, wished, seen).await;
        changed.map(drop).map_err(|error| stale_as("staff_rules_changed_meanwhile", error))
    })
    .await
}

/// What somebody saw is out of date: the engine's own code for it speaks of refunds.
fn stale_as(code: &str, error: engine::Error) -> Reason {
    match error {
        engine::Error::Stale => Reason::new(code, Vec::new()),
        other => other.into(),
    }
}

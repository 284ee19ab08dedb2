//! What is kept elsewhere than in the mirror, as settings are: who may change it, and that it is written down with it.

use domain::staff::{Act, OwnLimits, Refusal, Role, Rules};
use domain::{Secret, StaffId};
use engine::{Actor, Denied, Error, NewStaff};
use mirror::{AuditFilter, AuditKind};
use serde_json::{Value, json};
use simulation::world::{Console, Shop, play};

fn id(text: &str) -> StaffId {
    StaffId::new(text).unwrap()
}

fn pin() -> Secret<String> {
    Secret::new("2580".to_owned())
}

/// A counter with an owner, a manager and a clerk, at which every PIN is typed every time.
async fn counter(shop: &Shop) -> Console {
    let console = shop.console();
    let people = console.people();
    let person =
        |who: &str, role| NewStaff { id: id(who), name: who.to_owned(), role, limits: OwnLimits::default() };
    people.add(&Actor::nobody(), person("boss", Role::Owner), &pin()).await.unwrap();
    let boss = sign_in(&console, "boss").await;
    people.add(&boss, person("mia", Role::Manager), &pin()).await.unwrap();
    people.add(&boss, person("kim", Role::Clerk), &pin()).await.unwrap();
    let every_time = Rules { pin_kept_s: 0, ..Rules::default() };
    people.set_rules(&boss, every_time, None).await.unwrap();
    people.sign_out().await.unwrap();
    console
}

async fn sign_in(console: &Console, who: &str) -> Actor {
    console.people().sign_in(&id(who), &pin()).await.unwrap().into()
}

async fn rows(console: &Console, kind: AuditKind) -> Vec<(Option<String>, Option<Value>, Option<Value>)> {
    let filter = AuditFilter { kind: Some(kind), ..AuditFilter::default() };
    let rows = console
        .mirror()
        .read::<_, mirror::Error>(move |view| view.audit_after(&filter, 0, 100))
        .await
        .unwrap();
    rows.into_iter().map(|row| (row.who, row.before, row.after)).collect()
}

#[test]
fn a_manager_silences_alerts_and_a_clerk_does_not() {
    play(async |shop: Shop| {
        let console = counter(&shop).await;
        let people = console.people();
        let set = async |actor: &Actor| people.may_do(actor, Act::SetAlerts, async { Ok(()) }).await;
        assert!(matches!(set(&Actor::nobody()).await, Err(Error::Denied(Denied::NotSignedIn))));
        let kim = sign_in(&console, "kim").await;
        let Err(Error::Denied(Denied::Refused(refused))) = set(&kim).await else { panic!("a clerk did it") };
        assert!(matches!(refused.refusal, Refusal::NotForRole { act: Act::SetAlerts, .. }));
        assert_eq!(refused.able, [id("boss"), id("mia")]);
        let [(who, _, Some(after))] = &rows(&console, AuditKind::ActRefused).await[..] else { panic!() };
        assert_eq!((who.as_deref(), &after["act"]), (Some("kim"), &json!("set_alerts")));
        set(&sign_in(&console, "mia").await).await.unwrap();
    });
}

#[test]
fn a_pin_is_not_used_up_by_what_could_not_be_done() {
    play(async |shop: Shop| {
        let console = counter(&shop).await;
        let people = console.people();
        let mia = sign_in(&console, "mia").await;
        let fails = people.may_do(&mia, Act::SetPrinting, async { Err::<(), _>(Error::NothingLeft) }).await;
        assert!(matches!(fails, Err(Error::NothingLeft)));
        people.may(&mia, Act::SetPrinting).await.unwrap();
        let again = people.may(&mia, Act::SetPrinting).await;
        assert!(matches!(again, Err(Error::Denied(Denied::NotSignedIn))), "{again:?}");
    });
}

#[test]
fn what_is_changed_and_its_row_are_kept_both_or_neither() {
    play(async |shop: Shop| {
        let console = counter(&shop).await;
        let people = console.people();
        let mia = sign_in(&console, "mia").await;
        let change = || (Some(json!({ "sound": true })), json!({ "sound": false }));
        let full = || Err(Error::NothingLeft);
        people.write_down(AuditKind::SettingChanged, &mia, change(), full).unwrap_err();
        assert_eq!(rows(&console, AuditKind::SettingChanged).await, []);
        people.write_down(AuditKind::SettingChanged, &mia, change(), || Ok::<_, Error>(())).unwrap();
        let (before, after) = change();
        assert_eq!(
            rows(&console, AuditKind::SettingChanged).await,
            [(Some("mia".to_owned()), before, Some(after))]
        );
    });
}

//! What is kept elsewhere than in the mirror, as settings are: who may change it, and that it is written down with it.

use domain::staff::{Act, OwnLimits, Role, Rules};
use domain::{Secret, StaffId};
use engine::{Actor, Denied, Error, NewStaff};
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

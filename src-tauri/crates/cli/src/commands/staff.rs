use adapters::fault::Fault;
use adapters::shop::Shop;
use catalogue::{Language, fill, text};
use domain::staff::{OwnLimits, Role, Rules, Staff};
use domain::{Fen, StaffId};
use engine::{Actor, Denied, NewPin, NewStaff, RollEntry, StaffChange};
use mirror::StaffRow;
use serde_json::{Value, json};

use crate::arguments::{Arguments, Limit, LimitArguments, OwnLimitArguments, StaffCommand};
use crate::output::Output;
use crate::{pins, session};

/// None of it needs a secret or the network.
pub(crate) async fn run(arguments: &Arguments, command: &StaffCommand, output: &Output) -> Result<(), Fault> {
    let shop = session::open(arguments)?;
    match command {
        StaffCommand::List => list(&shop, output).await,
        StaffCommand::Add { id, name, role, limits } => {
            let actor = session::actor(arguments, shop.people(), None, output).await?;
            let pin = pins::read(id.as_str(), "cli.staff.askNewPin", output)?;
            let limits = chosen(limits, OwnLimits::default());
            let new = NewStaff { id: id.clone(), name: name.clone(), role: (*role).into(), limits };
            let row = shop.people().add(&actor, new, &pin).await?;
            show(&row, "cli.staff.added", output);
            Ok(())
        }
        StaffCommand::Change { id, name, role, active, limits } => {
            let actor = session::actor(arguments, shop.people(), None, output).await?;
            let known = known(&shop, id).await?;
            let change = StaffChange {
                name: name.clone(),
                role: role.map(Role::from),
                limits: Some(chosen(limits, known.staff.limits)),
                active: active.then_some(true),
                seen: Some(known.revision),
            };
            let row = shop.people().change(&actor, id, change).await?;
            show(&row, "cli.staff.changed", output);
            Ok(())
        }
        StaffCommand::Pin { id } => {
            let (first, present) = session::first(arguments, shop.people(), output).await?.unzip();
            let new = pins::read(id.as_str(), "cli.staff.askNewPin", output)?;
            // Whoever changes their own has just typed the present one.
            let row = shop.people().set_pin(&Actor::of(first), id, &NewPin { new, present }).await?;
            show(&row, "cli.staff.pin", output);
            Ok(())
        }
        StaffCommand::Remove { id } => {
            let actor = session::actor(arguments, shop.people(), None, output).await?;
            let change = StaffChange { active: Some(false), ..StaffChange::default() };
            let row = shop.people().change(&actor, id, change).await?;
            show(&row, "cli.staff.removed", output);
            Ok(())
        }
        StaffCommand::Limits(limits) => {
            let mut row = shop.people().rules().await?;
            if !limits.are_none() {
                let actor = session::actor(arguments, shop.people(), None, output).await?;
                let wished = wished(limits, row.rules);
                row = shop.people().set_rules(&actor, wished, Some(row.revision)).await?;
            }
            let rules = row.rules;
            output.document(&rules_document(&rules), |language| vec![rules_in_words(&rules, language)]);
            Ok(())
        }
    }
}

async fn list(shop: &Shop, output: &Output) -> Result<(), Fault> {
    let roll = shop.people().roll().await?;
    let document = roll
        .iter()
        .map(|entry| {
            let mut document = document(&entry.row);
            if let Value::Object(object) = &mut document {
                object.insert("refunded_today_fen".to_owned(), json!(entry.refunded_today));
            }
            document
        })
        .collect();
    output.document(&document, |language| {
        if roll.is_empty() {
            return vec![text(language, "cli.staff.none").to_owned()];
        }
        roll.iter().map(|entry| sentence(entry, language)).collect()
    });
    Ok(())
}

async fn known(shop: &Shop, id: &StaffId) -> Result<StaffRow, Fault> {
    let all = shop.people().staff().await?;
    let unknown = || Denied::Unknown { id: id.as_str().to_owned() };
    Ok(all.into_iter().find(|row| row.staff.id == *id).ok_or_else(unknown)?)
}

fn chosen(typed: &OwnLimitArguments, before: OwnLimits) -> OwnLimits {
    OwnLimits {
        per_refund: typed.per_refund.map_or(before.per_refund, |Limit(limit)| limit),
        per_day: typed.per_day.map_or(before.per_day, |Limit(limit)| limit),
    }
}

fn wished(typed: &LimitArguments, before: Rules) -> Rules {
    let or = |typed: Option<Limit>, before| typed.map_or(before, |Limit(limit)| limit);
    Rules {
        per_refund: or(typed.per_refund, before.per_refund),
        per_day: or(typed.per_day, before.per_day),
        per_person_a_day: or(typed.per_person, before.per_person_a_day),
        second_person_above: or(typed.second_above, before.second_person_above),
        pin_kept_s: typed.pin_kept.unwrap_or(before.pin_kept_s),
    }
}

fn document(row: &StaffRow) -> Value {
    let staff = &row.staff;
    json!({
        "id": staff.id,
        "name": staff.name,
        "role": staff.role,
        "active": staff.active,
        "per_refund_fen": staff.limits.per_refund,
        "per_day_fen": staff.limits.per_day,
        "locked_until": row.locked_until,
    })
}

fn rules_document(rules: &Rules) -> Value {
    json!({
        "per_refund_fen": rules.per_refund,
        "per_day_fen": rules.per_day,
        "per_person_a_day_fen": rules.per_person_a_day,
        "second_person_above_fen": rules.second_person_above,
        "pin_kept_s": rules.pin_kept_s,
    })
}

fn show(row: &StaffRow, key: &str, output: &Output) {
    output.document(&document(row), |language| {
        let Staff { id, name, role, .. } = &row.staff;
        vec![fill(
            language,
            key,
            &[("id", id.as_str()), ("name", name), ("role", role_word(*role, language))],
        )]
    });
}

fn sentence(entry: &RollEntry, language: Language) -> String {
    let staff = &entry.row.staff;
    let limits = fill(
        language,
        "cli.staff.own",
        &[
            ("per_refund", &amount(staff.limits.per_refund, language)),
            ("per_day", &amount(staff.limits.per_day, language)),
        ],
    );
    let left = if staff.active { "" } else { text(language, "cli.staff.left") };
    let role = role_word(staff.role, language);
    format!("{}  {}{left}  {role}  {limits}  {}", staff.id, staff.name, entry.refunded_today)
}

fn rules_in_words(rules: &Rules, language: Language) -> String {
    fill(
        language,
        "cli.staff.limits",
        &[
            ("per_refund", &amount(rules.per_refund, language)),
            ("per_day", &amount(rules.per_day, language)),
            ("per_person", &amount(rules.per_person_a_day, language)),
            ("second", &amount(rules.second_person_above, language)),
            ("kept", &rules.pin_kept_s.to_string()),
        ],
    )
}

fn amount(limit: Option<Fen>, language: Language) -> String {
    limit.map_or_else(|| text(language, "cli.staff.unlimited").to_owned(), |limit| limit.to_string())
}

fn role_word(role: Role, language: Language) -> &'static str {
    catalogue::find(language, &format!("state.role.{}", role.as_str())).unwrap_or(role.as_str())
}

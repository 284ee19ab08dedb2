use std::io::Read;
use std::path::Path;

use adapters::connection::{Connection, connect};
use adapters::fault::Fault;
use adapters::people_of;
use adapters::secrets::open_store;
use catalogue::{fill, text};
use domain::StaffId;
use domain::staff::Act;
use domain::time::Timestamp;
use serde_json::json;

use crate::arguments::Arguments;
use crate::output::Output;
use crate::session;

/// The JSON has some KiB; more on standard input is something else.
const LIMIT: u64 = 1024 * 1024;

pub(crate) async fn run(arguments: &Arguments, from: &Path, output: &Output) -> Result<(), Fault> {
    // The owner's PIN, where one is needed, stands before the JSON.
    let owner = check_owner(arguments, output).await?;
    let now = Timestamp::now();
    let connection = if from == Path::new("-") {
        let mut json = Vec::new();
        std::io::stdin().take(LIMIT).read_to_end(&mut json).map_err(|error| Fault::internal(&error))?;
        Connection::read(&json, Path::new(""), now)?
    } else {
        Connection::read_file(from, now)?
    };
    let folder = session::data_folder(arguments)?;
    let store = open_store(&folder, connection.shop_id(), session::passphrase(arguments)?)?;
    let report = connect(&folder, &connection, store.as_ref(), owner.as_ref().map(StaffId::as_str))?;
    let warnings: Vec<Fault> = report.warnings.iter().map(Fault::from).collect();
    let document = json!({
        "shop": { "id": report.shop_id, "name": report.shop_name },
        "terminal": report.terminal_id,
        "certificate": {
            "serial": report.certificate.serial,
            "common_name": report.certificate.common_name,
            "not_before": report.certificate.not_before,
            "not_after": report.certificate.not_after,
        },
        "warnings": warnings.iter().map(|warning| json!({
            "code": warning.code, "message": warning.message(output.language()), "hint": warning.hint(output.language()),
        })).collect::<Vec<_>>(),
    });
    for warning in &warnings {
        output.aside(&warning.message(output.language()));
        output.aside(&warning.hint(output.language()));
    }
    output.document(&document, |language| {
        vec![
            fill(
                language,
                "cli.connect.done",
                &[("name", &report.shop_name), ("id", report.shop_id.as_str())],
            ),
            text(language, "cli.connect.next").to_owned(),
        ]
    });
    Ok(())
}

/// Once staff exist, only an owner connects the shop again, whatever became of its settings. A folder without a mirror has
/// nobody to ask.
async fn check_owner(arguments: &Arguments, output: &Output) -> Result<Option<StaffId>, Fault> {
    let folder = session::data_folder(arguments)?;
    let Some(people) = people_of(&folder)? else { return Ok(None) };
    let actor = session::actor(arguments, &people, None, output).await?;
    people.may(&actor, Act::Connect).await?;
    Ok(actor.id().cloned())
}

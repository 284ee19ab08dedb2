use std::sync::Arc;

use adapters::fault::Fault;
use adapters::shop::{Telling, Wishes};
use catalogue::{fill, text};
use receipt::Target;
use serde_json::json;

use super::sync::Narrator;
use crate::arguments::{Arguments, Width};
use crate::output::{self, Output};
use crate::session::Session;

pub(crate) async fn run(
    arguments: &Arguments,
    print_to: Option<&Target>,
    width: Option<Width>,
    output: &Output,
) -> Result<(), Fault> {
    let observer = Arc::new(Narrator { json: output.is_json(), language: output.language() });
    let wishes =
        Wishes { print_to: print_to.map(Target::to_string), width_mm: width.map(Width::millimetres) };
    // Without a window there is nothing to open; the click only takes the notification away.
    let telling = Telling::Desktop(Box::new(|click| {
        tracing::info!(key = click.id_key, action = click.action, "clicked")
    }));
    let session = Session::serve(arguments, telling, observer, &wishes)?;
    if output.is_json() {
        output::print(&json!({ "event": "serving", "shop": session.shop.settings().shop.id }).to_string());
    } else {
        output::print(&fill(
            output.language(),
            "cli.serve.started",
            &[("name", &session.shop.settings().shop.name)],
        ));
    }
    tokio::select! {
        ended = session.engine.serve() => ended?,
        () = super::asked_to_end() => {}
    }
    if !output.is_json() {
        output::print(text(output.language(), "cli.serve.ended"));
    }
    Ok(())
}

use std::sync::Arc;

use adapters::fault::Fault;
use adapters::shop::{Telling, Wishes};
use catalogue::{Language, fill};
use domain::verify::Verified;
use engine::{Event, Observer};
use mirror::{OrderFilter, OrderRow};
use serde_json::{Value, json};

use crate::arguments::Arguments;
use crate::output::{self, Output};
use crate::rows;
use crate::session::Session;

pub(crate) async fn once(arguments: &Arguments, output: &Output) -> Result<(), Fault> {
    let session = Session::start(arguments)?;
    let round = session.engine.round().await?;
    let contradicted =
        if round.mismatch + round.not_paid > 0 { contradicted(&session).await? } else { Vec::new() };
    let explained: Vec<(&str, Fault)> = contradicted
        .iter()
        .map(|row| {
            let fault = match row.verified {
                Verified::Mismatch => super::query::mismatch(row),
                _ => Fault::new("payment_not_paid", Vec::new()),
            };
            (row.order.number.as_str(), fault)
        })
        .collect();
    output.document(&rows::round(&round, &explained, output.language()), |language| {
        let count = |number: u64| number.to_string();
        let mut lines = vec![fill(
            language,
            "cli.sync.done",
            &[
                ("orders", &count(round.orders)),
                ("refunds", &count(round.refund_requests)),
                ("verified", &count(round.verified)),
                ("mismatch", &count(round.mismatch)),
                ("not_paid", &count(round.not_paid)),
                ("unavailable", &count(round.unavailable)),
                ("lost", &count(round.lost_payments)),
            ],
        )];
        for (number, fault) in &explained {
            lines.push(format!("{} {}", super::orders::harmless(number), fault.message(language)));
            lines.push(fault.hint(language));
        }
        lines
    });
    match round.troubles.first() {
        Some(trouble) => Err(Fault::from(trouble)),
        None => Ok(()),
    }
}

/// Orders of the mirror on which WeChat and the backend contradict each other: said out loud, each with its numbers.
async fn contradicted(session: &Session) -> Result<Vec<OrderRow>, Fault> {
    let filter = OrderFilter { limit: 1_000, ..OrderFilter::default() };
    let orders = session.shop.mirror().read::<_, mirror::Error>(move |view| view.orders(&filter)).await?;
    let contradicted = |row: &OrderRow| {
        row.verified == Verified::Mismatch || (row.verified == Verified::NotPaid && row.order.claims_paid())
    };
    Ok(orders.into_iter().filter(contradicted).collect())
}

pub(crate) async fn watch(arguments: &Arguments, output: &Output) -> Result<(), Fault> {
    let observer = Arc::new(Narrator { json: output.is_json(), language: output.language() });
    let session = Session::serve(arguments, Telling::Nobody, observer, &Wishes::default())?;
    tokio::select! {
        ended = session.engine.watch() => Ok(ended?),
        () = super::asked_to_end() => Ok(()),
    }
}

/// Says what happens: a line each.
pub(crate) struct Narrator {
    pub(crate) json: bool,
    pub(crate) language: Language,
}

impl Observer for Narrator {
    fn heard(&self, event: &Event) {
        if self.json {
            output::print(&document(event).to_string());
            return;
        }
        if let Some(line) = sentence(event, self.language) {
            output::print(&line);
        }
    }
}

fn document(event: &Event) -> Value {
    match event {
        Event::Order { id, number } => json!({ "event": "order", "order_id": id, "number": number }),
        Event::RefundRequest { id, state } => json!({ "event": "refund_request", "id": id, "state": state }),
        Event::Asked { number, verified } => {
            json!({ "event": "asked", "number": number, "verified": verified })
        }
        Event::Payout { out_refund_no, state } => {
            json!({ "event": "payout", "out_refund_no": out_refund_no, "payout": state })
        }
        Event::Alerted { alert, number } => json!({ "event": "alerted", "alert": alert, "number": number }),
        Event::Printed { number, template } => {
            json!({ "event": "printed", "number": number, "template": template })
        }
        Event::Trouble(trouble) => json!({
            "event": "trouble", "code": trouble.code, "detail": trouble.detail, "text": trouble.text,
            "number": trouble.number,
        }),
    }
}

fn sentence(event: &Event, language: Language) -> Option<String> {
    let word = |group: &str, word: &str| {
        catalogue::find(language, &format!("state.{group}.{word}")).unwrap_or(word).to_owned()
    };
    Some(match event {
        Event::Order { number, .. } => fill(language, "cli.event.order", &[("number", number)]),
        Event::RefundRequest { id, state } => fill(
            language,
            "cli.event.refund_request",
            &[("id", id.as_str()), ("state", &word("refund", state))],
        ),
        Event::Asked { number, verified } => fill(
            language,
            "cli.event.asked",
            &[("number", number), ("verified", &word("verified", verified))],
        ),
        Event::Payout { out_refund_no, state } => fill(
            language,
            "cli.event.payout",
            &[("number", out_refund_no), ("state", &word("payout", state))],
        ),
        Event::Alerted { alert, number } => {
            let number = number.as_deref().unwrap_or("-");
            fill(
                language,
                &format!("alert.{alert}.title"),
                &[("number", number), ("printer", "-"), ("count", "-")],
            )
        }
        Event::Printed { number, .. } => fill(language, "cli.event.printed", &[("number", number)]),
        Event::Trouble(trouble) => Fault::from(trouble).message(language),
    })
}

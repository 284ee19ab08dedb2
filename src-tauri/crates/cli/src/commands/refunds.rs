use adapters::fault::Fault;
use adapters::refunds;
use catalogue::Language;
use domain::{Fen, RefundRequestId};
use engine::{Approval, DeskRow, Engine};
use jiff::SignedDuration;

use crate::arguments::{Arguments, RefundCommand};
use crate::output::Output;
use crate::rows;
use crate::session::{self, Session};

/// A list of refund requests has at most this many rows.
const MOST: u32 = 10_000;

pub(crate) async fn list(arguments: &Arguments, state: Option<String>, output: &Output) -> Result<(), Fault> {
    let shop = session::open(arguments)?;
    let found = engine::refund_desk(shop.mirror(), state, MOST).await?;
    output.document(&found.iter().map(|row| rows::refund(row, output.language())).collect(), |language| {
        found.iter().map(|row| sentence(row, language)).collect()
    });
    Ok(())
}

pub(crate) async fn decide(
    arguments: &Arguments,
    command: &RefundCommand,
    output: &Output,
) -> Result<(), Fault> {
    let session = Session::start(arguments)?;
    let engine = &session.engine;
    let second = match command {
        RefundCommand::Approve { second, .. } | RefundCommand::Order { second, .. } => second.as_deref(),
        RefundCommand::Reject { .. } | RefundCommand::Resume { .. } => None,
    };
    let actor = session::actor(arguments, engine.people(), second, output).await?;
    match command {
        RefundCommand::Approve { id, amount, reason, wait, agree_return, second: _ } => {
            let id = request_id(id)?;
            let approval =
                Approval { amount: amount.map(Fen::new), reason: reason.clone(), actor, seen: None };
            let outcome = if *agree_return {
                engine.agree_return(&id, &approval).await
            } else {
                engine.approve_and_wait(&id, &approval, seconds(*wait)).await
            };
            let row = told(engine, &id, outcome, output).await?;
            show(&row, output);
            if *agree_return { Ok(()) } else { verdict(refunds::failure(&row)) }
        }
        RefundCommand::Reject { id, reason } => {
            check_reason(reason)?;
            let id = request_id(id)?;
            let outcome = engine.reject(&id, reason, &actor, None).await;
            show(&told(engine, &id, outcome, output).await?, output);
            Ok(())
        }
        RefundCommand::Order { number, amount, reason, wait, second: _ } => {
            check_reason(reason)?;
            let amount = Fen::new(*amount);
            let row = engine.refund_order_and_wait(number, amount, reason, &actor, seconds(*wait)).await?;
            show(&row, output);
            verdict(refunds::failure(&row))
        }
        RefundCommand::Resume { wait } => {
            let rows = engine.resume_and_wait(&actor, seconds(*wait)).await?;
            output.document(
                &rows.iter().map(|row| rows::refund(row, output.language())).collect(),
                |language| rows.iter().map(|row| sentence(row, language)).collect(),
            );
            verdict(rows.iter().find_map(refunds::failure))
        }
    }
}

/// The row of a decision. When it was refused, the request is shown as it is before the refusal is said.
async fn told(
    engine: &Engine,
    id: &RefundRequestId,
    outcome: Result<DeskRow, engine::Error>,
    output: &Output,
) -> Result<DeskRow, Fault> {
    match outcome {
        Ok(row) => Ok(row),
        Err(error) => {
            if let Ok(row) = engine.refund(id).await {
                show(&row, output);
            }
            Err(error.into())
        }
    }
}

fn show(row: &DeskRow, output: &Output) {
    output.document(&rows::refund(row, output.language()), |language| vec![sentence(row, language)]);
}

fn verdict(fault: Option<Fault>) -> Result<(), Fault> {
    fault.map_or(Ok(()), Err)
}

fn check_reason(reason: &str) -> Result<(), Fault> {
    if reason.trim().is_empty() { Err(Fault::new("reason_missing", Vec::new())) } else { Ok(()) }
}

fn request_id(text: &str) -> Result<RefundRequestId, Fault> {
    RefundRequestId::new(text)
        .map_err(|_| Fault::new("refund_request_not_found", vec![("id", text.to_owned())]))
}

fn seconds(wait: u32) -> SignedDuration {
    SignedDuration::from_secs(i64::from(wait))
}

/// One line about a refund: what was asked, and where the money is.
pub(crate) fn sentence(row: &DeskRow, language: Language) -> String {
    let word = |group: &str, word: &str| {
        catalogue::find(language, &format!("state.{group}.{word}")).unwrap_or(word).to_owned()
    };
    let request = row.request.as_ref();
    let amount = row
        .payout
        .as_ref()
        .map(|row| row.payout.amount)
        .or_else(|| request.map(|request| request.amount))
        .unwrap_or(Fen::ZERO);
    let number = row.order.as_ref().map(|row| super::orders::harmless(&row.order.number)).unwrap_or_default();
    let state = request.map(|request| word("refund", request.state.as_str())).unwrap_or_default();
    format!(
        "{}  {number}  {amount}  {state}  {}",
        request.map_or("-", |request| request.id.as_str()),
        word("payout", row.payout_word()),
    )
}

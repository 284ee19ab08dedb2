use catalogue::Language;
use domain::{Fen, RefundRequestId};
use engine::{Approval, DeskRow};
use jiff::SignedDuration;

use crate::arguments::{Arguments, RefundCommand};
use crate::failure::Failure;
use crate::output::Output;
use crate::rows;
use crate::session::{self, Session};

/// A list of refund requests has at most this many rows.
const MOST: u32 = 10_000;

pub(crate) async fn list(
    arguments: &Arguments,
    state: Option<String>,
    output: &Output,
) -> Result<(), Failure> {
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
) -> Result<(), Failure> {
    let actor = arguments.staff.clone();
    let session = Session::start(arguments)?;
    let engine = &session.engine;
    let row = match command {
        RefundCommand::Approve { id, amount, reason, wait, agree_return } => {
            let id = request_id(id)?;
            let approval = Approval { amount: amount.map(Fen::new), reason: reason.clone(), actor };
            if *agree_return {
                engine.agree_return(&id, &approval).await?
            } else {
                engine.approve_and_wait(&id, &approval, seconds(*wait)).await?
            }
        }
        RefundCommand::Reject { id, reason } => {
            if reason.trim().is_empty() {
                return Err(Failure::new("reason_missing", Vec::new()));
            }
            engine.reject(&request_id(id)?, reason, actor).await?
        }
        RefundCommand::Order { number, amount, reason, wait } => {
            if reason.trim().is_empty() {
                return Err(Failure::new("reason_missing", Vec::new()));
            }
            engine.refund_order_and_wait(number, Fen::new(*amount), reason, actor, seconds(*wait)).await?
        }
        RefundCommand::Resume { wait } => {
            let rows = engine.resume_and_wait(seconds(*wait)).await?;
            output.document(
                &rows.iter().map(|row| rows::refund(row, output.language())).collect(),
                |language| rows.iter().map(|row| sentence(row, language)).collect(),
            );
            return match rows.iter().find_map(rows::refund_failure) {
                Some(failure) => Err(failure),
                None => Ok(()),
            };
        }
    };
    output.document(&rows::refund(&row, output.language()), |language| vec![sentence(&row, language)]);
    match rows::refund_failure(&row) {
        Some(failure) => Err(failure),
        None => Ok(()),
    }
}

fn request_id(text: &str) -> Result<RefundRequestId, Failure> {
    RefundRequestId::new(text)
        .map_err(|_| Failure::new("refund_request_not_found", vec![("id", text.to_owned())]))
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

use adapters::fault::Fault;
use catalogue::fill;
use domain::verify::Judgement;
use mirror::OrderRow;
use serde_json::json;

use crate::arguments::Arguments;
use crate::output::Output;
use crate::session::Session;

pub(crate) async fn run(arguments: &Arguments, number: &str, output: &Output) -> Result<(), Fault> {
    let session = Session::start(arguments)?;
    let asked = session.engine.ask(number).await?;
    let order = &asked.row.order;
    let paid = order.claims_paid();
    let (agrees, trade_state) = match &asked.judgement {
        Judgement::Agrees => {
            (paid, asked.payment.as_ref().map(|payment| payment.trade_state.as_str().to_owned()))
        }
        Judgement::NotPaid { trade_state } => (!paid, Some(trade_state.clone())),
        Judgement::Differs(_) => {
            (false, asked.payment.as_ref().map(|payment| payment.trade_state.as_str().to_owned()))
        }
    };
    let advice = advice(&asked.row, &asked.judgement);
    let document = json!({
        "order_id": order.id,
        "number": order.number,
        "out_trade_no": order.payment.out_trade_no,
        "agrees": agrees,
        "verified": asked.row.verified.as_str(),
        "payment": order.payment.state.as_str(),
        "expected_total_fen": order.payment.total,
        "trade_state": trade_state,
        "total_fen": asked.payment.as_ref().and_then(|payment| payment.total),
        "transaction_id": asked.payment.as_ref().and_then(|payment| payment.transaction_id.as_ref()),
        "paid_at": asked.payment.as_ref().and_then(|payment| payment.paid_at),
        "differences": asked.row.evidence.as_ref().map(|evidence| &evidence.differences),
        "message": advice.as_ref().map(|fault| fault.message(output.language())),
        "hint": advice.as_ref().map(|fault| fault.hint(output.language())),
    });
    output.document(&document, |language| match &advice {
        Some(fault) => vec![fault.message(language), fault.hint(language)],
        None => {
            let key = if paid { "cli.query.agrees" } else { "cli.query.unpaid" };
            let amount = order.payment.total.to_string();
            vec![fill(language, key, &[("number", &order.number), ("amount", &amount)])]
        }
    });
    Ok(())
}

/// What a person should know and do when WeChat and the backend do not say the same.
fn advice(row: &OrderRow, judgement: &Judgement) -> Option<Fault> {
    match (judgement, row.order.claims_paid()) {
        (Judgement::Agrees, true) | (Judgement::NotPaid { .. }, false) => None,
        (Judgement::Agrees, false) => Some(Fault::new("payment_lost", Vec::new())),
        (Judgement::NotPaid { .. }, true) => Some(Fault::new("payment_not_paid", Vec::new())),
        (Judgement::Differs(_), _) => Some(mismatch(row)),
    }
}

/// The contradiction in words.
pub(crate) fn mismatch(row: &OrderRow) -> Fault {
    Fault::mismatch(row.evidence.as_ref().and_then(|evidence| evidence.differences.first()))
}

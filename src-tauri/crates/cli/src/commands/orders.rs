use adapters::fault::Fault;
use catalogue::{Language, text};
use domain::time::{beijing, to_spaced};
use engine::DeskRow;
use mirror::{OrderFilter, OrderRow, RefundFilter};

use crate::arguments::{Arguments, OrdersArguments};
use crate::output::Output;
use crate::{rows, session};

pub(crate) async fn list(
    arguments: &Arguments,
    options: &OrdersArguments,
    output: &Output,
) -> Result<(), Fault> {
    let shop = session::open(arguments)?;
    let filter = OrderFilter {
        state: options.state.clone(),
        search: options.search.clone(),
        after: options.after.clone(),
        limit: options.limit,
    };
    let found = shop.mirror().read::<_, mirror::Error>(move |view| view.orders(&filter)).await?;
    output.document(&found.iter().map(rows::order).collect(), |language| {
        found.iter().map(|row| sentence(row, language)).collect()
    });
    Ok(())
}

pub(crate) async fn one(arguments: &Arguments, number: &str, output: &Output) -> Result<(), Fault> {
    let shop = session::open(arguments)?;
    let wanted = number.to_owned();
    let found = shop
        .mirror()
        .read::<_, mirror::Error>(move |view| {
            let Some(row) = view.order_by_any_number(&wanted)? else { return Ok(None) };
            let filter = RefundFilter { state: None, order_id: Some(row.order.id.clone()), limit: 100 };
            let mut refunds = Vec::new();
            for request in view.refund_requests(&filter)? {
                let payout = view.payout_of_request(&request.request.id)?;
                refunds.push(DeskRow { request: Some(request.request), payout, order: Some(row.clone()) });
            }
            for payout in view.payouts_of_order(&row.order.id)? {
                if payout.request_id.is_none() {
                    refunds.push(DeskRow { request: None, payout: Some(payout), order: Some(row.clone()) });
                }
            }
            let timeline = view.timeline(&row.order.id)?;
            Ok(Some((row, refunds, timeline)))
        })
        .await?;
    let Some((row, refunds, timeline)) = found else {
        return Err(Fault::new("order_not_found", vec![("number", number.to_owned())]));
    };
    output.document(&rows::order_in_full(&row, &refunds, &timeline, output.language()), |language| {
        let mut lines = vec![sentence(&row, language)];
        lines.extend(row.order.lines.iter().map(|line| {
            let spec = line.spec.as_deref().map(|spec| format!(" {spec}")).unwrap_or_default();
            format!("  {}{spec} × {}  {}", harmless(&line.title), line.quantity, line.total)
        }));
        lines
            .extend(refunds.iter().map(|refund| format!("  {}", super::refunds::sentence(refund, language))));
        lines.extend(timeline.iter().map(|moment| {
            let said =
                catalogue::find(language, &format!("timeline.{}", moment.kind)).unwrap_or(&moment.kind);
            format!("  {} {said}", to_spaced(moment.at))
        }));
        lines
    });
    Ok(())
}

/// One line about an order: time, number, amount, and the three states.
fn sentence(row: &OrderRow, language: Language) -> String {
    let order = &row.order;
    let word = |group: &str, word: &str| {
        catalogue::find(language, &format!("state.{group}.{word}")).unwrap_or(word).to_owned()
    };
    let placed = order.placed_at.to_zoned_datetime(beijing()).strftime("%m-%d %H:%M").to_string();
    let doubt = if order.amounts_add_up() { "" } else { text(language, "cli.order.sums") };
    format!(
        "{placed}  {:<20} {:>10}  {}  {}  {} {doubt}",
        harmless(&order.number),
        order.amounts.total,
        word("fulfilment", order.fulfilment.as_str()),
        word("payment", order.payment.state.as_str()),
        word("verified", row.verified.as_str()),
    )
}

/// What people typed must not move the terminal's cursor or colour its letters.
pub(crate) fn harmless(text: &str) -> String {
    text.chars()
        .map(|letter| if letter.is_control() || is_invisible(letter) { '·' } else { letter })
        .collect()
}

fn is_invisible(letter: char) -> bool {
    matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

//! What terminals say of an order: seen, accepted, printing, printed (contract R8).

use domain::time;
use merchant_api::wire::{Ack, AckKind, AckRequest, ChangeReason, TicketAck, TicketState};

use super::problem::{self, Refused};
use super::{Backend, Call, Reply};

/// Seconds for which a ticket is claimed.
const CLAIM_S: i64 = 60;

impl Backend {
    pub(super) fn ack(&self, id: &str, call: &Call) -> Result<Reply, Refused> {
        let request: AckRequest = call.read()?;
        let name = request.ticket.as_deref().unwrap_or("order");
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-".contains(&byte);
        if !(1..=32).contains(&name.len()) || !name.bytes().all(plain) {
            return Err(problem::invalid("ticket", "1 至 32 个小写字母、数字、_ 或 -"));
        }
        let mut store = self.store();
        let order = store.order(id).ok_or_else(problem::not_found)?;
        let Some(ack) = next(&order.ack, &request, name, call) else {
            return Err(problem::order_conflict(order, "该小票正由另一台终端打印或已打印"));
        };
        if ack == order.ack {
            return Ok(Reply::ok(&ack));
        }
        store.change_order(id, ChangeReason::Acked, call.now, |order| order.ack = ack.clone());
        Ok(Reply::ok(&ack))
    }
}

/// The order's ack after the request, the same one if nothing changes, or none if another terminal has the ticket.
fn next(ack: &Ack, request: &AckRequest, name: &str, call: &Call) -> Option<Ack> {
    let mut ack = ack.clone();
    let terminal = call.terminal.to_string();
    let at = request.at.unwrap_or(call.now);
    match request.kind {
        AckKind::Seen | AckKind::Accepted => {
            if ack.acked_at.is_none() {
                ack.acked_at = Some(at);
                ack.acked_by = Some(terminal.clone());
            }
            if request.kind == AckKind::Accepted && ack.accepted_at.is_none() {
                ack.accepted_at = Some(at);
                ack.accepted_by = Some(terminal);
            }
        }
        AckKind::Printing => {
            let until = Some(time::plus_seconds(call.now, CLAIM_S));
            let claimed = TicketAck {
                ticket: name.to_owned(),
                state: TicketState::Printing,
                terminal: terminal.clone(),
                at: Some(at),
                until,
                claims: 1,
            };
            match ack.tickets.iter_mut().find(|ticket| ticket.ticket == name) {
                None => ack.tickets.push(claimed),
                Some(ticket) if ticket.state != TicketState::Printing => return None,
                Some(ticket) => {
                    let lapsed = ticket.until.is_none_or(|until| until <= call.now);
                    if !lapsed && ticket.terminal != terminal {
                        return None;
                    }
                    *ticket = TicketAck { claims: ticket.claims + u32::from(lapsed), ..claimed };
                }
            }
        }
        AckKind::Printed => match ack.tickets.iter_mut().find(|ticket| ticket.ticket == name) {
            None => ack.tickets.push(TicketAck {
                ticket: name.to_owned(),
                state: TicketState::Printed,
                terminal,
                at: Some(at),
                until: None,
                claims: 0,
            }),
            // The first report stays: paper does not come out of the printer a second time by being told of again.
            Some(ticket) if ticket.state == TicketState::Printed => {}
            Some(ticket) => {
                ticket.state = TicketState::Printed;
                ticket.terminal = terminal;
                ticket.at = Some(at);
                ticket.until = None;
            }
        },
    }
    Some(ack)
}

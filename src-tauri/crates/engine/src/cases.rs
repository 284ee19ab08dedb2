//! The refund desk as people work at it: in four groups, each refund with what may be decided now and why not.

use std::cmp::Reverse;
use std::collections::HashMap;

use domain::payout::{PayoutState, Report};
use domain::time::Timestamp;
use domain::{BackendPayoutState, OrderId, PayoutMode, RefundKind, RefundRequest, RefundState};
use mirror::{BuyerHistory, OrderRow, PayoutRow, RefundFilter, Revision, View};

use crate::clocks::Clocks;
use crate::desk::Approval;
use crate::desk_row::DeskRow;
use crate::intent::{
    Facts, Next, already_running, check_amount, check_decidable, check_payable, payouts_of_payment, plan,
    refuse_while_in_flight,
};
use crate::payout_news::has_other_amount;
use crate::ports::{Capabilities, Place};
use crate::{Engine, Error};

/// More refunds are never open at once.
const MOST: u32 = 10_000;

/// An order has fewer refunds than this.
const MOST_OF_ORDER: u32 = 100;

/// Where a refund stands for the people of the shop. Every refund is in one group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RefundGroup {
    /// It is the shop's turn: a request is pending or its goods came back, and no payout is under way; or this terminal had
    /// claimed a payout that nobody has approved here.
    ToDecide,
    /// It was decided, and money or goods are under way; also what the backend tells of in a word that this version does
    /// not know.
    OnTheWay,
    /// A payout did not succeed, or WeChat tells of another amount: somebody has to look.
    Trouble,
    /// At its end: the money arrived, or it will not: refused, taken back, closed.
    Done,
}

impl RefundGroup {
    /// All groups, in the order in which they are shown.
    pub const ALL: [RefundGroup; 4] =
        [RefundGroup::ToDecide, RefundGroup::OnTheWay, RefundGroup::Trouble, RefundGroup::Done];

    /// The group of a refund. What this console knows of its own payout counts before what the backend has heard of it.
    pub fn of(row: &DeskRow) -> RefundGroup {
        let state = row.request.as_ref().map(|request| &request.state);
        match row.own_payout().map(|row| &row.payout) {
            Some(payout) => match payout.state {
                // Nobody has approved here what this terminal had claimed.
                PayoutState::Ready if payout.awaits_approval && !has_other_amount(payout) => {
                    RefundGroup::ToDecide
                }
                PayoutState::None
                | PayoutState::Ready
                | PayoutState::Submitting
                | PayoutState::Unknown
                | PayoutState::Processing => {
                    if has_other_amount(payout) {
                        RefundGroup::Trouble
                    } else {
                        RefundGroup::OnTheWay
                    }
                }
                PayoutState::Succeeded => RefundGroup::Done,
                PayoutState::Failed | PayoutState::Abnormal | PayoutState::Closed => match state {
                    // Another terminal went on from there; before the backend has heard of the end it is only our claim.
                    Some(RefundState::Processing) if payout.report != Report::Owed => RefundGroup::OnTheWay,
                    Some(state) if is_over(state) => RefundGroup::Done,
                    _ => RefundGroup::Trouble,
                },
            },
            None => match state {
                Some(RefundState::Pending | RefundState::Returned) => RefundGroup::ToDecide,
                Some(RefundState::WaitingReturn | RefundState::Processing | RefundState::Other(_)) => {
                    RefundGroup::OnTheWay
                }
                Some(RefundState::Failed) => RefundGroup::Trouble,
                Some(
                    RefundState::Succeeded
                    | RefundState::Rejected
                    | RefundState::Withdrawn
                    | RefundState::Closed,
                ) => RefundGroup::Done,
                // The backend refused a refund that the shop started: nothing was sent, and people were told.
                None => RefundGroup::Done,
            },
        }
    }
}

fn is_over(state: &RefundState) -> bool {
    match state {
        RefundState::Succeeded | RefundState::Rejected | RefundState::Withdrawn | RefundState::Closed => true,
        RefundState::Pending
        | RefundState::WaitingReturn
        | RefundState::Returned
        | RefundState::Processing
        | RefundState::Failed
        | RefundState::Other(_) => false,
    }
}

/// One group of the desk.
#[derive(Debug)]
pub struct RefundDesk {
    /// Its refunds, newest first.
    pub cases: Vec<RefundCase>,
    /// How many refunds each group holds.
    pub counts: [(RefundGroup, u64); RefundGroup::ALL.len()],
}

/// A refund with all that a person decides by.
#[derive(Debug)]
pub struct RefundCase {
    /// What is known of it.
    pub row: DeskRow,
    /// The newer revision of its request and its payout: what a decision names as seen.
    pub revision: Revision,
    /// Where it stands.
    pub group: RefundGroup,
    /// What may be decided now.
    pub choices: Choices,
    /// The same buyer's past, where the backend names the buyer.
    pub history: Option<BuyerHistory>,
}

impl RefundCase {
    /// Names the refund in a list: its request's id, or before the backend has answered its number at WeChat.
    pub fn key(&self) -> &str {
        let number = || self.row.payout.as_ref().map(|row| row.payout.out_refund_no.as_str());
        let request = self.row.request.as_ref().map(|request| request.id.as_str());
        request.or_else(number).unwrap_or_default()
    }

    fn at(&self) -> Timestamp {
        let decided = || self.row.payout.as_ref().map(|row| row.created_at);
        let asked = self.row.request.as_ref().map(|request| request.requested_at);
        asked.or_else(decided).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

/// What may be decided about a refund now; an error says why not. `Ok` promises nothing: the backend and the state of the
/// row at that moment have the last word.
#[derive(Debug)]
pub struct Choices {
    /// Paying it, whole or in part as the backend allows.
    pub approve: Result<(), Error>,
    /// Refusing it.
    pub refuse: Result<(), Error>,
    /// Agreeing that the goods come back.
    pub agree_return: Result<(), Error>,
}

/// By what decisions are judged, beside the refund itself.
struct Bench<'a> {
    capabilities: Option<Capabilities>,
    place: &'a Place,
    clocks: Clocks,
}

impl Engine {
    /// One group of the refund desk, newest first, at most `limit` refunds of it; and how many each group holds.
    pub async fn refund_desk_group(&self, group: RefundGroup, limit: u32) -> Result<RefundDesk, Error> {
        let (place, clocks) = (self.parts.place.clone(), self.clocks());
        self.parts.mirror.read::<_, Error>(move |view| desk(view, group, limit, &place, clocks)).await
    }
}

fn desk(
    view: &View<'_>,
    group: RefundGroup,
    limit: u32,
    place: &Place,
    clocks: Clocks,
) -> Result<RefundDesk, Error> {
    let mut counts = RefundGroup::ALL.map(|group| (group, 0));
    let mut of_group = Vec::new();
    let mut add = |found: Found| {
        let its_group = RefundGroup::of(&found.0);
        if let Some((_, count)) = counts.iter_mut().find(|(group, _)| *group == its_group) {
            *count += 1;
        }
        if its_group == group {
            of_group.push(found);
        }
    };
    let open = view.open_refund_requests(MOST)?;
    let ended = view.count_refund_requests()?.saturating_sub(open.len() as u64);
    for row in open {
        add(found(view, row.request, row.revision)?);
    }
    for payout in view.payouts_without_request(MOST)? {
        let revision = payout.revision;
        add((DeskRow { request: None, payout: Some(payout), order: None }, revision));
    }
    // Those that are at their end by the backend's word and by this console's are done, and are read only to be shown.
    for (_, count) in counts.iter_mut().filter(|(group, _)| *group == RefundGroup::Done) {
        *count += ended;
    }
    if group == RefundGroup::Done {
        for row in view.ended_refund_requests(limit)? {
            of_group.push(found(view, row.request, row.revision)?);
        }
    }
    let bench = Bench { capabilities: capabilities(view)?, place, clocks };
    let mut cases: Vec<RefundCase> =
        of_group.into_iter().map(|found| case(view, found, &bench)).collect::<Result<_, Error>>()?;
    cases.sort_by_key(|case| Reverse(case.at()));
    cases.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    tell_histories(view, &mut cases)?;
    Ok(RefundDesk { cases, counts })
}

/// The refunds of one order, newest first.
pub(crate) fn cases_of_order(
    view: &View<'_>,
    id: &OrderId,
    place: &Place,
    clocks: Clocks,
) -> Result<Vec<RefundCase>, Error> {
    let bench = Bench { capabilities: capabilities(view)?, place, clocks };
    let filter = RefundFilter { state: None, order_id: Some(id.clone()), limit: MOST_OF_ORDER };
    let mut cases = Vec::new();
    for row in view.refund_requests(&filter)? {
        cases.push(case(view, found(view, row.request, row.revision)?, &bench)?);
    }
    for payout in view.payouts_of_order(id)?.into_iter().filter(|row| row.request_id.is_none()) {
        let revision = payout.revision;
        let row = DeskRow { request: None, payout: Some(payout), order: None };
        cases.push(case(view, (row, revision), &bench)?);
    }
    cases.sort_by_key(|case| Reverse(case.at()));
    tell_histories(view, &mut cases)?;
    Ok(cases)
}

/// A refund as it stands in the mirror, its order not read yet, and its revision.
type Found = (DeskRow, Revision);

fn found(view: &View<'_>, request: RefundRequest, revision: Revision) -> Result<Found, Error> {
    let payout = view.payout_of_request(&request.id)?;
    let revision = payout.as_ref().map_or(revision, |row| row.revision.max(revision));
    Ok((DeskRow { request: Some(request), payout, order: None }, revision))
}

fn case(view: &View<'_>, found: Found, bench: &Bench<'_>) -> Result<RefundCase, Error> {
    let (mut row, revision) = found;
    let order_id = match (&row.request, &row.payout) {
        (Some(request), _) => Some(&request.order_id),
        (None, payout) => payout.as_ref().map(|row| &row.order_id),
    };
    row.order = match order_id {
        Some(id) => view.order(id)?,
        None => None,
    };
    let of_payment = match &row.order {
        Some(order) => payouts_of_payment(view, &order.order, bench.place)?,
        None => Vec::new(),
    };
    let choices = choices(&row, &of_payment, bench);
    Ok(RefundCase { group: RefundGroup::of(&row), row, revision, choices, history: None })
}

fn tell_histories(view: &View<'_>, cases: &mut [RefundCase]) -> Result<(), Error> {
    let buyer = |case: &RefundCase| {
        let order = case.row.order.as_ref()?;
        order.order.buyer.as_ref()?.id.clone()
    };
    let ids: Vec<String> = cases.iter().filter_map(buyer).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let histories: HashMap<String, BuyerHistory> = view.buyer_histories(&ids)?;
    for case in cases {
        case.history = buyer(case).and_then(|id| histories.get(&id).copied());
    }
    Ok(())
}

/// What the backend can do, as the mirror remembers it.
pub(crate) fn capabilities(view: &View<'_>) -> Result<Option<Capabilities>, mirror::Error> {
    Ok(view.capabilities()?.and_then(|text| serde_json::from_str(&text).ok()))
}

fn choices(row: &DeskRow, of_payment: &[PayoutRow], bench: &Bench<'_>) -> Choices {
    let offered =
        || bench.capabilities.as_ref().filter(|known| known.decide_refunds).ok_or(Error::NotOffered);
    let request = || row.request.as_ref().ok_or_else(|| undecidable(row));
    Choices {
        approve: offered().and_then(|can| approvable(row, request()?, of_payment, can, bench)),
        refuse: offered().and_then(|_| refusable(row, request()?, bench.clocks.now)),
        agree_return: offered().and_then(|_| returnable(row, request()?)),
    }
}

fn approvable(
    row: &DeskRow,
    request: &RefundRequest,
    of_payment: &[PayoutRow],
    capabilities: &Capabilities,
    bench: &Bench<'_>,
) -> Result<(), Error> {
    let order =
        row.order.as_ref().ok_or_else(|| Error::NoOrder { number: request.order_id.as_str().to_owned() })?;
    let unclaimed = request.payout.state == BackendPayoutState::None;
    if unclaimed && row.own_payout().is_none() && !order.order.amounts.refundable.is_positive() {
        return Err(Error::NothingLeft);
    }
    let planned = if Engine::payer(capabilities, request.payout.mode) == PayoutMode::Backend {
        check_decidable(request)
            .and_then(|()| check_amount(request, request.amount, capabilities))
            .map(|_| ())
    } else {
        check_payable(order, capabilities, bench.place)?;
        let facts = Facts { request, order, known: row.payout.as_ref(), of_payment };
        match plan(&facts, &Approval::default(), capabilities, bench.place, bench.clocks) {
            Ok(plan) => match (plan.next, &row.payout) {
                (Next::UnderWay, Some(payout)) => Err(already_running(payout)),
                _ => Ok(()),
            },
            Err(error) => Err(error),
        }
    };
    match planned {
        // The whole cannot be paid, and a part of it can.
        Err(Error::AmountAbove { max }) if max.is_positive() && capabilities.partial_refund => Ok(()),
        other => other,
    }
}

/// By the contract's operation `decideRefund`: not after an abnormal payout, of which the money may still arrive.
/// And what waits for an approval of this shop's staff may be given up.
fn refusable(row: &DeskRow, request: &RefundRequest, now: Timestamp) -> Result<(), Error> {
    if row.payout.as_ref().is_some_and(|row| row.payout.given_up(now).is_some()) {
        return Ok(());
    }
    not_running(row)?;
    match request.state {
        RefundState::Pending | RefundState::WaitingReturn | RefundState::Returned => Ok(()),
        RefundState::Failed if request.payout.state != BackendPayoutState::Abnormal => Ok(()),
        RefundState::Succeeded => Err(Error::AlreadyDone),
        RefundState::Failed
        | RefundState::Processing
        | RefundState::Rejected
        | RefundState::Withdrawn
        | RefundState::Closed
        | RefundState::Other(_) => Err(undecidable(row)),
    }
}

/// By the same: while it is pending, and goods are to come back.
fn returnable(row: &DeskRow, request: &RefundRequest) -> Result<(), Error> {
    not_running(row)?;
    match (&request.state, &request.kind) {
        (RefundState::Pending, RefundKind::ReturnRefund | RefundKind::Exchange) => Ok(()),
        _ => Err(undecidable(row)),
    }
}

fn not_running(row: &DeskRow) -> Result<(), Error> {
    match &row.payout {
        Some(payout) if payout.payout.counts() => Err(already_running(payout)),
        _ => Ok(()),
    }
}

fn undecidable(row: &DeskRow) -> Error {
    match (&row.request, row.own_payout()) {
        (Some(request), _) => Error::NotDecidable { state: request.state.as_str().to_owned() },
        (None, Some(payout)) => already_running(payout),
        (None, None) => Error::NotDecidable { state: RefundState::Closed.as_str().to_owned() },
    }
}

/// Why nobody can start a refund of this order now; `None`: one may be started. `of_payment` are this console's payouts
/// of the order's payment.
pub(crate) fn refund_refusal(
    order: &OrderRow,
    of_payment: &[PayoutRow],
    capabilities: Option<&Capabilities>,
    place: &Place,
) -> Option<Error> {
    let startable = || {
        let can = capabilities
            .filter(|known| known.decide_refunds && known.initiate_refunds)
            .ok_or(Error::NotOffered)?;
        if !order.order.amounts.refundable.is_positive() {
            return Err(if order.order.claims_paid() { Error::NothingLeft } else { Error::NotPaid });
        }
        if can.payout == PayoutMode::Backend {
            return Ok(());
        }
        check_payable(order, can, place)?;
        refuse_while_in_flight(of_payment, None)
    };
    startable().err()
}

#[cfg(test)]
mod tests;

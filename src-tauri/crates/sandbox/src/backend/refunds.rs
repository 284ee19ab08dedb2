//! Deciding refund requests and starting refunds (contract R4, R7).

use domain::{
    BackendPayoutState, Fen, OutRefundNo, PaymentMethod, PaymentState, PayoutMode, RefundKind, RefundState,
    time,
};
use merchant_api::wire::{
    ChangeReason, Current, DecisionRecord, DecisionRequest, DecisionStep, DecisionWord, Order, Payout,
    ProblemCode, RefundOrderRequest, RefundRequest, ReturnInfo,
};

use super::problem::{self, Refused};
use super::{Backend, CLAIM_S, Call, Reply, Store};

impl Backend {
    pub(super) fn decide(&self, id: &str, call: &Call) -> Result<Reply, Refused> {
        let decision: DecisionRequest = call.read()?;
        check_shape(&decision)?;
        let (key, version) = (call.idempotency_key()?, call.if_match()?);
        let mut store = self.store();
        let request = store.request(id).ok_or_else(problem::not_found)?;
        if let Some(reply) = store.replies.find(key, call)? {
            return Ok(reply);
        }
        check_state(request, &decision, call)?;
        if let Some(number) = &decision.refund_no
            && request.payout.state == BackendPayoutState::Closed
            && store.number_owner(number.as_str()).is_some_and(|owner| owner.as_str() == id)
        {
            return Err(problem::refund_conflict(request, "该退款单号已被微信关闭，须换新单号"));
        }
        if request.version != version {
            return Err(problem::version_conflict(Current::RefundRequest(Box::new(request.clone()))));
        }
        check_rules(&store, request, &decision)?;
        let now = call.now;
        let pays_itself = request.payout.mode == Some(PayoutMode::Backend)
            && decision.step == Some(DecisionStep::Refund)
            && decision.decision == DecisionWord::Approve;
        let amount = decision.amount_fen.unwrap_or_default();
        let reason = if pays_itself { ChangeReason::Refunded } else { ChangeReason::RefundChanged };
        let changed = store.change_request_and_order(
            id,
            reason,
            now,
            |request| apply(request, decision, call),
            |order| {
                if pays_itself {
                    order.amounts.refunded_fen = [order.amounts.refunded_fen, amount].into_iter().sum();
                }
            },
        );
        let request = changed.ok_or_else(problem::not_found)?;
        let reply = Reply::versioned(&request, request.version);
        store.replies.keep(key, call, &reply);
        Ok(reply)
    }

    pub(super) fn refund_order(&self, id: &str, call: &Call) -> Result<Reply, Refused> {
        let asked: RefundOrderRequest = call.read()?;
        if !asked.amount_fen.is_positive() || asked.amount_fen > Fen::CONTRACT_MAX {
            return Err(problem::invalid("amount_fen", "须为正整数"));
        }
        check_reason("reason_text", Some(&asked.reason_text))?;
        let (key, version) = (call.idempotency_key()?, call.if_match()?);
        let mut store = self.store();
        let order = store.order(id).ok_or_else(problem::not_found)?;
        if let Some(reply) = store.replies.find(key, call)? {
            return Ok(reply);
        }
        if matches!(order.payment.state, PaymentState::Unpaid | PaymentState::Failed | PaymentState::Refunded)
        {
            return Err(problem::order_conflict(order, "该订单没有可退的款项"));
        }
        if order.version != version {
            return Err(problem::version_conflict(Current::Order(Box::new(order.clone()))));
        }
        let mode = payout_mode(order);
        if mode == PayoutMode::Terminal {
            check_number(&store, asked.refund_no.as_ref(), None)?;
        }
        if asked.amount_fen > order.amounts.refundable_fen {
            return Err(beyond(order.amounts.refundable_fen));
        }
        let order = order.clone();
        let request = merchant_request(&mut store, &order, asked, call);
        let request_id = request.id.to_string();
        let pays_itself = mode == PayoutMode::Backend;
        let amount = request.payout.amount_fen.unwrap_or_default();
        store.insert_request(request, call.now);
        if pays_itself {
            store.change_order(id, ChangeReason::Refunded, call.now, |order| {
                order.amounts.refunded_fen = [order.amounts.refunded_fen, amount].into_iter().sum();
            });
        }
        let request = store.request(&request_id).ok_or_else(problem::not_found)?;
        let reply = Reply::versioned(request, request.version);
        store.replies.keep(key, call, &reply);
        Ok(reply)
    }
}

/// Who pays a refund of this order: the console pays WeChat's money back, the shop itself any other.
pub(crate) fn payout_mode(order: &Order) -> PayoutMode {
    match order.payment.method {
        Some(PaymentMethod::Balance | PaymentMethod::Offline) => PayoutMode::Backend,
        Some(PaymentMethod::Wechat | PaymentMethod::Other(_)) | None => PayoutMode::Terminal,
    }
}

/// A request that is approved and claimed as it is made.
fn merchant_request(
    store: &mut Store,
    order: &Order,
    asked: RefundOrderRequest,
    call: &Call,
) -> RefundRequest {
    let mut request = RefundRequest {
        id: store.next_request_id(),
        order_id: order.id.clone(),
        version: 1,
        state: RefundState::Pending,
        kind: RefundKind::RefundOnly,
        requested_by: Some("merchant".to_owned()),
        amount_fen: asked.amount_fen,
        max_fen: order.amounts.refundable_fen,
        reason_code: asked.reason_code.clone(),
        reason_text: Some(asked.reason_text.clone()),
        images: Vec::new(),
        lines: asked.lines,
        requested_at: call.now,
        deadline_at: None,
        on_deadline: None,
        return_info: None,
        decision: None,
        payout: Payout { mode: Some(payout_mode(order)), ..Payout::default() },
    };
    let decision = DecisionRequest {
        decision: DecisionWord::Approve,
        step: Some(DecisionStep::Refund),
        amount_fen: Some(asked.amount_fen),
        refund_no: asked.refund_no,
        reason_code: asked.reason_code,
        reason_text: Some(asked.reason_text),
        restock: asked.restock,
        operator: asked.operator,
    };
    apply(&mut request, decision, call);
    request
}

fn check_shape(decision: &DecisionRequest) -> Result<(), Refused> {
    match decision.decision {
        DecisionWord::Reject => check_reason("reason_text", decision.reason_text.as_deref()),
        DecisionWord::Approve => {
            if decision.step.is_none() {
                return Err(problem::invalid("step", "同意时必填"));
            }
            match decision.amount_fen {
                Some(amount) if amount.is_positive() && amount <= Fen::CONTRACT_MAX => Ok(()),
                Some(_) | None => Err(problem::invalid("amount_fen", "同意时必填，须为正整数")),
            }
        }
    }
}

fn check_reason(field: &str, text: Option<&str>) -> Result<(), Refused> {
    match text.map(|text| text.chars().count()) {
        Some(1..=500) => Ok(()),
        _ => Err(problem::invalid(field, "1 至 500 个字符")),
    }
}

/// Whether the decision fits the request's state, the payout's round included (R7, table of rounds).
fn check_state(request: &RefundRequest, decision: &DecisionRequest, call: &Call) -> Result<(), Refused> {
    use BackendPayoutState as Paid;
    let payout = &request.payout;
    let same_number = decision.refund_no.is_none() || decision.refund_no == payout.refund_no;
    let same_amount = decision.amount_fen == payout.amount_fen;
    let open =
        matches!(request.state, RefundState::Pending | RefundState::WaitingReturn | RefundState::Returned);
    let (fits, title) = match (decision.decision, decision.step) {
        (DecisionWord::Reject, _) => {
            let failed = request.state == RefundState::Failed && payout.state != Paid::Abnormal;
            (open || failed, "当前状态不能拒绝")
        }
        (DecisionWord::Approve, Some(DecisionStep::AgreeReturn)) => {
            let goods = matches!(request.kind, RefundKind::ReturnRefund | RefundKind::Exchange);
            (goods && request.state == RefundState::Pending, "当前状态不能同意退货")
        }
        (DecisionWord::Approve, Some(DecisionStep::Refund) | None) => match &request.state {
            state if open && payout.state == Paid::None => (true, state.as_str()),
            RefundState::Processing => {
                let lapsed = payout.claim_until.is_none_or(|until| until <= call.now);
                let stranger = payout.terminal.as_ref() != Some(&call.terminal);
                let fits =
                    stranger && lapsed && same_number && same_amount && payout.state == Paid::Processing;
                (fits, "该退款正在由另一台终端处理")
            }
            RefundState::Failed => {
                let fits = match payout.state {
                    Paid::Failed => same_number,
                    Paid::Abnormal => same_number && same_amount,
                    Paid::Closed => decision.refund_no.is_none() || decision.refund_no != payout.refund_no,
                    Paid::None | Paid::Processing | Paid::Success | Paid::Other(_) => false,
                };
                (fits, "退款单号或金额与上一次打款不一致")
            }
            _ => (false, "当前状态不能退款"),
        },
    };
    if fits { Ok(()) } else { Err(problem::refund_conflict(request, title)) }
}

fn check_rules(store: &Store, request: &RefundRequest, decision: &DecisionRequest) -> Result<(), Refused> {
    if decision.decision == DecisionWord::Reject {
        return Ok(());
    }
    let amount = decision.amount_fen.unwrap_or_default();
    if amount > request.max_fen {
        return Err(beyond(request.max_fen));
    }
    if decision.step != Some(DecisionStep::Refund) {
        return Ok(());
    }
    if request.payout.mode != Some(PayoutMode::Backend) {
        check_number(store, decision.refund_no.as_ref(), Some(request))?;
    }
    let order = store.order(request.order_id.as_str()).ok_or_else(problem::not_found)?;
    let refundable = store.refundable_for(order, request.id.as_str());
    if amount > refundable { Err(beyond(refundable)) } else { Ok(()) }
}

fn check_number(
    store: &Store,
    number: Option<&OutRefundNo>,
    request: Option<&RefundRequest>,
) -> Result<(), Refused> {
    let Some(number) = number else {
        let title = "缺少退款单号";
        return Err(problem::unprocessable(ProblemCode::RefundNoMissing, "refund_no", title));
    };
    match store.number_owner(number.as_str()) {
        Some(owner) if request.is_none_or(|request| request.id != *owner) => {
            let title = "该退款单号已用于另一退款";
            Err(problem::unprocessable(ProblemCode::RefundNoReused, "refund_no", title))
        }
        _ => Ok(()),
    }
}

fn beyond(limit: Fen) -> Refused {
    let title = "退款金额超过可退金额";
    let mut problem = problem::unprocessable(ProblemCode::AmountExceedsRefundable, "amount_fen", title);
    problem.detail = Some(format!("最多可退 {limit} 元"));
    problem
}

/// Makes the decision; everything was checked.
fn apply(request: &mut RefundRequest, decision: DecisionRequest, call: &Call) {
    let now = call.now;
    request.decision = Some(DecisionRecord {
        decision: match decision.decision {
            DecisionWord::Approve => "approve".to_owned(),
            DecisionWord::Reject => "reject".to_owned(),
        },
        step: decision.step.filter(|_| decision.decision == DecisionWord::Approve).map(|step| match step {
            DecisionStep::AgreeReturn => "agree_return".to_owned(),
            DecisionStep::Refund => "refund".to_owned(),
        }),
        amount_fen: decision.amount_fen.filter(|_| decision.decision == DecisionWord::Approve),
        reason_code: decision.reason_code,
        reason_text: decision.reason_text,
        at: now,
        by: Some("terminal".to_owned()),
        terminal: Some(call.terminal.clone()),
        operator: decision.operator,
    });
    match (decision.decision, decision.step) {
        (DecisionWord::Reject, _) => request.state = RefundState::Rejected,
        (DecisionWord::Approve, Some(DecisionStep::AgreeReturn)) => {
            request.state = RefundState::WaitingReturn;
            let info = request.return_info.take();
            request.return_info = Some(ReturnInfo {
                required: true,
                ..info.unwrap_or(ReturnInfo {
                    required: true,
                    carrier: None,
                    tracking_no: None,
                    received_at: None,
                })
            });
        }
        (DecisionWord::Approve, Some(DecisionStep::Refund) | None) => {
            claim(request, decision.amount_fen, decision.refund_no, call);
        }
    }
}

fn claim(request: &mut RefundRequest, amount: Option<Fen>, refund_no: Option<OutRefundNo>, call: &Call) {
    let now = call.now;
    let payout = &mut request.payout;
    payout.amount_fen = amount;
    payout.claimed_at = Some(now);
    payout.error = None;
    if payout.mode == Some(PayoutMode::Backend) {
        payout.state = BackendPayoutState::Success;
        payout.succeeded_at = Some(now);
        request.state = RefundState::Succeeded;
        return;
    }
    if payout.refund_no != refund_no {
        payout.round += 1;
        payout.refund_no = refund_no;
        payout.refund_id = None;
    }
    payout.state = BackendPayoutState::Processing;
    payout.terminal = Some(call.terminal.clone());
    payout.claim_until = Some(time::plus_seconds(now, CLAIM_S));
    request.state = RefundState::Processing;
}

//! The strings behind the stage, for tests and benches in other processes: `/sandbox/…` on the backend's listener,
//! with the same bearer token as the contract.
//!
//! | call | does |
//! |---|---|
//! | `POST /sandbox/orders` | places orders: `{"count":1,"pay":true,"notify":true,"total_fen","title","note","method"}` |
//! | `POST /sandbox/orders/{id}/pay` | pays one: `{"notify":true}` |
//! | `POST /sandbox/orders/{id}/cancel` | the buyer cancels it |
//! | `POST /sandbox/orders/{id}/amount` | the shop's record gets another amount: `{"total_fen"}` |
//! | `POST /sandbox/refund-requests` | a buyer wants money back: `{"order_id","amount_fen","reason_text","kind"}` |
//! | `POST /sandbox/refund-requests/{id}/withdraw` | the buyer takes it back; 409 while it is being paid out |
//! | `POST /sandbox/refund-requests/{id}/returned` | the goods have come back |
//! | `GET /sandbox/books` | every fen moved |
//! | `GET`, `PUT /sandbox/faults` | all switches; a switch that is not named is off |
//! | `PUT /sandbox/clock` | the shop's clock, for claims that run out: `{"ahead_s"}` |

use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use domain::{
    BackendPayoutState, Fen, OrderId, OutTradeNo, PaymentMethod, RefundKind, RefundState, TransactionId,
    time::Timestamp,
};
use merchant_api::wire::{ChangeReason, Order, RefundRequest};
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::backend::{Backend, refusal};
use crate::books::Books;
use crate::faults::Faults;
use crate::gateway::Gateway;
use crate::life::{AskedBack, Life, Paying, Placed, Wishes};

/// Everything that a string can pull.
#[derive(Clone)]
pub(crate) struct Stage {
    pub(crate) backend: Arc<Backend>,
    pub(crate) gateway: Arc<Gateway>,
    pub(crate) life: Arc<Life>,
}

/// Most orders that one call may place.
const MAX_ORDERS: u32 = 100_000;

pub(crate) fn router(stage: Stage) -> Router {
    Router::new()
        .route("/sandbox/orders", post(place))
        .route("/sandbox/orders/{id}/pay", post(pay))
        .route("/sandbox/orders/{id}/cancel", post(cancel))
        .route("/sandbox/orders/{id}/amount", post(amount))
        .route("/sandbox/refund-requests", post(ask_back))
        .route("/sandbox/refund-requests/{id}/withdraw", post(withdraw))
        .route("/sandbox/refund-requests/{id}/returned", post(returned))
        .route("/sandbox/books", get(books))
        .route("/sandbox/faults", get(faults).put(set_faults))
        .route("/sandbox/clock", put(set_clock))
        .layer(middleware::from_fn_with_state(stage.clone(), admit))
        .with_state(stage)
}

/// Lets in whoever has the shop's bearer token.
async fn admit(State(stage): State<Stage>, request: Request, next: Next) -> Response {
    let method = request.method().as_str();
    match stage.backend.sign_in(request.headers(), method, request.uri().path(), &[]) {
        Ok(()) => next.run(request).await,
        Err(problem) => refusal(&problem),
    }
}

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct NewOrders {
    count: u32,
    pay: bool,
    notify: bool,
    total_fen: Option<Fen>,
    title: Option<String>,
    note: Option<String>,
    method: PaymentMethod,
}

impl Default for NewOrders {
    fn default() -> Self {
        NewOrders {
            count: 1,
            pay: true,
            notify: true,
            total_fen: None,
            title: None,
            note: None,
            method: PaymentMethod::Wechat,
        }
    }
}

#[derive(Serialize)]
struct PlacedOrder {
    order_id: OrderId,
    out_trade_no: Option<OutTradeNo>,
    transaction_id: Option<TransactionId>,
    paid_at: Option<String>,
    committed_at: Option<String>,
}

impl From<Placed> for PlacedOrder {
    fn from(placed: Placed) -> PlacedOrder {
        // Microseconds, always six digits: benches subtract them.
        let precise = |at: Timestamp| format!("{at:.6}");
        PlacedOrder {
            order_id: placed.order_id,
            out_trade_no: placed.out_trade_no,
            transaction_id: placed.transaction_id,
            paid_at: placed.paid_at.map(precise),
            committed_at: placed.committed_at.map(precise),
        }
    }
}

async fn place(
    State(stage): State<Stage>,
    Json(wanted): Json<NewOrders>,
) -> Result<Json<Vec<PlacedOrder>>, Failure> {
    let invalid = |text: &str| Failure { status: StatusCode::BAD_REQUEST, text: text.to_owned() };
    if wanted.count > MAX_ORDERS {
        return Err(invalid("count is at most 100000"));
    }
    if wanted.total_fen.is_some_and(|total| !total.is_positive() || total > Fen::CONTRACT_MAX) {
        return Err(invalid("total_fen is not an amount"));
    }
    if matches!(wanted.method, PaymentMethod::Other(_)) {
        return Err(invalid("method is wechat, balance or offline"));
    }
    let mut placed = Vec::new();
    for _ in 0..wanted.count {
        let wishes = Wishes {
            total: wanted.total_fen,
            title: wanted.title.clone(),
            note: wanted.note.clone(),
            method: Some(wanted.method.clone()),
        };
        placed.push(stage.life.order(wishes, paying(wanted.pay, wanted.notify)).await?.into());
    }
    Ok(Json(placed))
}

fn paying(pay: bool, notify: bool) -> Paying {
    match (pay, notify) {
        (false, _) => Paying::Not,
        (true, true) => Paying::Told,
        (true, false) => Paying::Untold,
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pay {
    #[serde(default = "yes")]
    notify: bool,
}

fn yes() -> bool {
    true
}

async fn pay(
    State(stage): State<Stage>,
    Path(id): Path<String>,
    Json(wanted): Json<Pay>,
) -> Result<Json<PlacedOrder>, Failure> {
    let order = stage.backend.store().order(&id).cloned().ok_or_else(|| missing(&id))?;
    let number =
        order.payment.out_trade_no.ok_or_else(|| conflict("the order is not paid through WeChat"))?;
    let placed = stage.life.pay(&order.id, &number, paying(true, wanted.notify)).await?;
    Ok(Json(placed.into()))
}

async fn cancel(State(stage): State<Stage>, Path(id): Path<String>) -> Result<Json<Order>, Failure> {
    stage.life.cancel(&id).map(Json).ok_or_else(|| missing(&id))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewAmount {
    total_fen: Fen,
}

/// The shop's record only: WeChat keeps what was paid.
async fn amount(
    State(stage): State<Stage>,
    Path(id): Path<String>,
    Json(wanted): Json<NewAmount>,
) -> Result<Json<Order>, Failure> {
    let now = stage.backend.now();
    let total = wanted.total_fen;
    let changed = stage.backend.store().change_order(&id, ChangeReason::Unspecified, now, |order| {
        order.payment.total_fen = total;
        order.amounts.total_fen = total;
        order.amounts.goods_fen = Some(total);
        order.amounts.freight_fen = Some(Fen::ZERO);
        order.amounts.discount_fen = Some(Fen::ZERO);
        order.amounts.discounts.clear();
    });
    changed.map(Json).ok_or_else(|| missing(&id))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewRequest {
    order_id: String,
    amount_fen: Option<Fen>,
    reason_text: Option<String>,
    kind: Option<RefundKind>,
}

async fn ask_back(
    State(stage): State<Stage>,
    Json(wanted): Json<NewRequest>,
) -> Result<Json<RefundRequest>, Failure> {
    let request = stage.life.ask_back(AskedBack {
        order_id: wanted.order_id,
        amount: wanted.amount_fen,
        reason_text: wanted.reason_text,
        kind: wanted.kind.unwrap_or(RefundKind::RefundOnly),
    })?;
    Ok(Json(request))
}

/// From the claim on the buyer cannot withdraw, until the payout has failed or is closed (contract R7).
async fn withdraw(
    State(stage): State<Stage>,
    Path(id): Path<String>,
) -> Result<Json<RefundRequest>, Failure> {
    let now = stage.backend.now();
    let mut store = stage.backend.store();
    let request = store.request(&id).ok_or_else(|| missing(&id))?;
    let open = matches!(
        request.state,
        RefundState::Pending | RefundState::WaitingReturn | RefundState::Returned | RefundState::Failed
    );
    if !open || request.payout.state == BackendPayoutState::Abnormal {
        return Err(conflict(&format!("the refund request is {}", request.state.as_str())));
    }
    let changed = store.change_request(&id, ChangeReason::RefundChanged, now, |request| {
        request.state = RefundState::Withdrawn;
    });
    changed.map(Json).ok_or_else(|| missing(&id))
}

async fn returned(
    State(stage): State<Stage>,
    Path(id): Path<String>,
) -> Result<Json<RefundRequest>, Failure> {
    let now = stage.backend.now();
    let mut store = stage.backend.store();
    let request = store.request(&id).ok_or_else(|| missing(&id))?;
    if request.state != RefundState::WaitingReturn {
        return Err(conflict(&format!("the refund request is {}", request.state.as_str())));
    }
    let changed = store.change_request(&id, ChangeReason::RefundChanged, now, |request| {
        request.state = RefundState::Returned;
        if let Some(info) = &mut request.return_info {
            info.received_at = Some(now);
        }
    });
    changed.map(Json).ok_or_else(|| missing(&id))
}

async fn books(State(stage): State<Stage>) -> Json<Books> {
    Json(stage.gateway.books())
}

async fn faults(State(stage): State<Stage>) -> Json<Faults> {
    Json(stage.backend.faults.get())
}

async fn set_faults(State(stage): State<Stage>, Json(faults): Json<Faults>) -> Json<Faults> {
    stage.backend.faults.set(faults);
    Json(stage.backend.faults.get())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Clock {
    ahead_s: i64,
}

async fn set_clock(State(stage): State<Stage>, Json(clock): Json<Clock>) -> StatusCode {
    stage.backend.set_clock_ahead(clock.ahead_s);
    StatusCode::NO_CONTENT
}

/// Why a string did not move anything: `{"error": text}`.
struct Failure {
    status: StatusCode,
    text: String,
}

fn missing(id: &str) -> Failure {
    Failure { status: StatusCode::NOT_FOUND, text: format!("there is no {id}") }
}

fn conflict(text: &str) -> Failure {
    Failure { status: StatusCode::CONFLICT, text: text.to_owned() }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        let status = match error {
            Error::NoSuchOrder { .. } => StatusCode::NOT_FOUND,
            Error::WrongState { .. } => StatusCode::CONFLICT,
            Error::NotInTime { .. } => StatusCode::GATEWAY_TIMEOUT,
            _ => StatusCode::BAD_GATEWAY,
        };
        Failure { status, text: error.to_string() }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        (self.status, Json(serde_json::json!({ "error": self.text }))).into_response()
    }
}

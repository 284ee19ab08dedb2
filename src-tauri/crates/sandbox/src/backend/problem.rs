//! Problem documents (RFC 9457) as the contract wants them.

use merchant_api::wire::{Current, Order, Problem, ProblemCode, RefundRequest};

/// Why a call is refused. Boxed, because it carries the whole object in some cases.
pub(crate) type Refused = Box<Problem>;

fn problem(status: u16, code: ProblemCode, title: &str) -> Refused {
    Box::new(Problem { retryable: Some(false), ..Problem::new(status, code, title) })
}

/// 400, naming the member, parameter or header.
pub(super) fn invalid(field: &str, detail: impl Into<String>) -> Refused {
    let mut problem = problem(400, ProblemCode::InvalidRequest, "请求格式不正确");
    problem.field = Some(field.to_owned());
    problem.detail = Some(detail.into());
    problem
}

pub(super) fn unauthenticated() -> Refused {
    problem(401, ProblemCode::Unauthenticated, "身份验证失败，请重新登录")
}

pub(super) fn not_found() -> Refused {
    problem(404, ProblemCode::NotFound, "没有找到")
}

pub(super) fn method_not_allowed() -> Refused {
    problem(405, ProblemCode::MethodNotAllowed, "不支持该方法")
}

pub(super) fn too_large() -> Refused {
    problem(413, ProblemCode::PayloadTooLarge, "请求内容过大")
}

pub(super) fn unsupported_media_type() -> Refused {
    problem(415, ProblemCode::UnsupportedMediaType, "请求内容须为 JSON")
}

pub(super) fn cursor_expired() -> Refused {
    problem(410, ProblemCode::CursorExpired, "游标已失效，请重新同步")
}

pub(super) fn rate_limited() -> Refused {
    let mut problem = problem(429, ProblemCode::RateLimited, "请求过于频繁");
    problem.retryable = Some(true);
    problem
}

pub(super) fn unavailable() -> Refused {
    let mut problem = problem(503, ProblemCode::UpstreamUnavailable, "服务暂时不可用");
    problem.retryable = Some(true);
    problem
}

/// 409 with the refund request as it is.
pub(super) fn refund_conflict(current: &RefundRequest, title: &str) -> Refused {
    let mut problem = problem(409, ProblemCode::StateConflict, title);
    problem.current = Some(Current::RefundRequest(Box::new(current.clone())));
    problem
}

/// 409 with the order as it is.
pub(super) fn order_conflict(current: &Order, title: &str) -> Refused {
    let mut problem = problem(409, ProblemCode::StateConflict, title);
    problem.current = Some(Current::Order(Box::new(current.clone())));
    problem
}

/// 412 with the object as it is.
pub(super) fn version_conflict(current: Current) -> Refused {
    let mut problem = problem(412, ProblemCode::VersionConflict, "数据已变化，请核对后重试");
    problem.current = Some(current);
    problem
}

/// 422 with the code that says which rule.
pub(super) fn unprocessable(code: ProblemCode, field: &str, title: &str) -> Refused {
    let mut problem = problem(422, code, title);
    problem.field = Some(field.to_owned());
    problem
}

//! Words of the contract that the domain does not need: closed ones, and open ones that a later writer may extend.

use domain::open_words;
use serde::{Deserialize, Serialize};

open_words! {
    /// What a feed entry or a list item is about.
    ObjectKind {
        /// An order.
        Order = "order",
        /// A refund request.
        RefundRequest = "refund_request",
    }
}
open_words! {
    /// Why a feed entry was written: a hint for the sound, never the basis of state.
    ChangeReason {
        /// The object is new.
        Created = "created",
        /// The order was paid.
        Paid = "paid",
        /// The order was cancelled.
        Cancelled = "cancelled",
        /// Another address.
        AddressChanged = "address_changed",
        /// Another note.
        NoteChanged = "note_changed",
        /// A parcel left.
        Shipped = "shipped",
        /// The order reached the buyer.
        Completed = "completed",
        /// A terminal saw, accepted or printed the order.
        Acked = "acked",
        /// A refund was asked for.
        RefundRequested = "refund_requested",
        /// A refund request changed.
        RefundChanged = "refund_changed",
        /// Money went back.
        Refunded = "refunded",
        /// The object is gone.
        Deleted = "deleted",
        /// The server itself says "other": something else.
        Unspecified = "other",
    }
}
open_words! {
    /// Something that a server may offer beyond the minimum.
    Feature {
        /// `/changes` holds an empty reply for `wait` seconds.
        LongPoll = "long_poll",
        /// The feed as server-sent events.
        Sse = "sse",
        /// The list of orders.
        History = "history",
        /// The parameter `q` of that list.
        Search = "search",
        /// Terminals say what they saw and printed.
        Ack = "ack",
        /// One terminal claims a ticket before it prints it (R8).
        PrintClaim = "print_claim",
        /// Hints about payments whose notification was lost.
        PaymentObserved = "payment_observed",
        /// A decision may pay less than was asked for.
        PartialRefund = "partial_refund",
        /// An order may leave in several parcels.
        SplitShipment = "split_shipment",
        /// Masked buyer data may be asked for in clear.
        Reveal = "reveal",
        /// The merchant's note may be set.
        Note = "note",
    }
}
open_words! {
    /// How far a ticket of an order is.
    TicketState {
        /// Claimed by a terminal.
        Printing = "printing",
        /// On paper.
        Printed = "printed",
    }
}
open_words! {
    /// The machine-readable word of a problem document.
    ProblemCode {
        /// 400: malformed.
        InvalidRequest = "invalid_request",
        /// 401: the credential is not known.
        Unauthenticated = "unauthenticated",
        /// 403: not for this credential.
        Forbidden = "forbidden",
        /// 403: the credential lacks a scope.
        ScopeMissing = "scope_missing",
        /// 404: no such object, or an operation that is not offered.
        NotFound = "not_found",
        /// 405.
        MethodNotAllowed = "method_not_allowed",
        /// 409: the object's state forbids it.
        StateConflict = "state_conflict",
        /// 412: the object has changed since.
        VersionConflict = "version_conflict",
        /// 409: the first request with this key is still being worked on.
        IdempotencyInProgress = "idempotency_in_progress",
        /// 422: the key belongs to another request.
        IdempotencyKeyReused = "idempotency_key_reused",
        /// 410: the cursor is too old, ahead, or foreign.
        CursorExpired = "cursor_expired",
        /// 413.
        PayloadTooLarge = "payload_too_large",
        /// 415.
        UnsupportedMediaType = "unsupported_media_type",
        /// 422: more than may go back.
        AmountExceedsRefundable = "amount_exceeds_refundable",
        /// 422: another amount than the claimed one.
        AmountMismatch = "amount_mismatch",
        /// 422: terminal mode needs a refund number.
        RefundNoMissing = "refund_no_missing",
        /// 422: the number belongs to another request.
        RefundNoReused = "refund_no_reused",
        /// 422: not the payment of this order.
        PaymentMismatch = "payment_mismatch",
        /// 422: the merchant account is empty (backend mode).
        InsufficientBalance = "insufficient_balance",
        /// 422.
        CarrierUnknown = "carrier_unknown",
        /// 422.
        TrackingNoInvalid = "tracking_no_invalid",
        /// 422.
        LinesInvalid = "lines_invalid",
        /// 422: WeChat's one correction would be used up.
        ConfirmationRequired = "confirmation_required",
        /// 422.
        AddressUnderReview = "address_under_review",
        /// 422.
        OnHold = "on_hold",
        /// 422.
        QuotaExceeded = "quota_exceeded",
        /// 429.
        RateLimited = "rate_limited",
        /// 500.
        InternalError = "internal_error",
        /// 502, 503 or 504.
        UpstreamUnavailable = "upstream_unavailable",
    }
}

/// What a decision does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DecisionWord {
    /// Agree.
    Approve,
    /// Refuse.
    Reject,
}

/// What exactly is approved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DecisionStep {
    /// The goods may come back; no money yet.
    AgreeReturn,
    /// The money goes back; in terminal mode this claims the payout (R7).
    Refund,
}

/// What a terminal says of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AckKind {
    /// Shown on its screen.
    Seen,
    /// Taken on by a person.
    Accepted,
    /// Claims a ticket for 60 s (R8).
    Printing,
    /// The ticket is on paper.
    Printed,
}

/// WeChat's `trade_state` in lower case, as far as it is worth a hint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ObservedTradeState {
    /// Paid.
    Success,
    /// Paid, and some of it went back.
    Refund,
}

/// What became of a refund number at WeChat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReportedState {
    /// Under way, or not known yet.
    Processing,
    /// The money arrived.
    Success,
    /// WeChat closed the number, no money moved.
    Closed,
    /// WeChat could not credit the buyer.
    Abnormal,
    /// WeChat has no such refund and the holder will not call again.
    Failed,
}

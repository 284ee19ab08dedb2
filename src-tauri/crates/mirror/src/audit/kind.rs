/// What an audit row tells of.
///
/// The words are stored, exported and searched for: they never change their meaning. A new one needs a migration that
/// tells the database of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AuditKind {
    /// A person approved that a request is paid out.
    RefundApproved,
    /// A person refused a request.
    RefundRejected,
    /// A person agreed that the goods come back.
    ReturnAgreed,
    /// A person started a refund that nobody asked for.
    RefundStarted,
    /// What the backend answered to a decision that is its own to carry out.
    DecisionAnswered,
    /// The backend lets this terminal pay.
    RefundClaimed,
    /// The backend does not let this terminal pay, or not any more.
    RefundClaimLost,
    /// A refund is sent to WeChat: one row for each sending.
    RefundSubmitted,
    /// WeChat certainly has no such refund; it may be sent (again).
    RefundNotSent,
    /// Whether WeChat has the refund is not known.
    RefundUnknown,
    /// WeChat accepted the refund.
    RefundAccepted,
    /// The money arrived.
    RefundSucceeded,
    /// WeChat refused the refund.
    RefundFailed,
    /// The money could not arrive, or WeChat has the number with another amount.
    RefundAbnormal,
    /// WeChat closed the number; no money moved.
    RefundClosed,
    /// A refund of this terminal of which this mirror knew nothing was taken up.
    RefundRecovered,
    /// The backend was told how a refund ended.
    RefundReported,
    /// The backend was told that WeChat has the money of an order.
    PaymentReported,
    /// A ticket was queued, by a rule or by hand.
    PrintQueued,
    /// A ticket was queued of which paper may exist already.
    ReprintQueued,
    /// A ticket went to the printer whole.
    Printed,
    /// A ticket did not come out, or perhaps not whole.
    PrintFailed,
    /// A ticket is not to come out here any more: not wanted, or printed elsewhere.
    PrintDropped,
    /// A person acknowledged alerts.
    AlertAcknowledged,
    /// A shop's connection was stored.
    ShopConnected,
    /// A setting was changed.
    SettingChanged,
    /// A staff member signed in, or took over from another one.
    SignedIn,
    /// A staff member signed out.
    SignedOut,
    /// Somebody could not sign in.
    SignInRefused,
    /// A staff member was added, changed or removed.
    StaffChanged,
    /// The log itself was found to be cut off or without its head, when the next row was to be written.
    AuditBroken,
    /// Somebody wanted what their role or a limit does not let them do. Nothing was done.
    ActRefused,
    /// A person had every refund on its way looked at at once.
    RefundsResumed,
    /// Decisions that a clock that ran ahead had dated were dated anew, for the limits of a day.
    DecisionsRedated,
    /// A person printed a test page, or tried to.
    TestPrinted,
    /// A person wrote rows of this log to a file.
    AuditExported,
    /// A person opened a shop with the passphrase of its vault.
    ShopUnlocked,
}

impl AuditKind {
    /// All kinds.
    pub const ALL: [AuditKind; 37] = [
        AuditKind::RefundApproved,
        AuditKind::RefundRejected,
        AuditKind::ReturnAgreed,
        AuditKind::RefundStarted,
        AuditKind::DecisionAnswered,
        AuditKind::RefundClaimed,
        AuditKind::RefundClaimLost,
        AuditKind::RefundSubmitted,
        AuditKind::RefundNotSent,
        AuditKind::RefundUnknown,
        AuditKind::RefundAccepted,
        AuditKind::RefundSucceeded,
        AuditKind::RefundFailed,
        AuditKind::RefundAbnormal,
        AuditKind::RefundClosed,
        AuditKind::RefundRecovered,
        AuditKind::RefundReported,
        AuditKind::PaymentReported,
        AuditKind::PrintQueued,
        AuditKind::ReprintQueued,
        AuditKind::Printed,
        AuditKind::PrintFailed,
        AuditKind::PrintDropped,
        AuditKind::AlertAcknowledged,
        AuditKind::ShopConnected,
        AuditKind::SettingChanged,
        AuditKind::SignedIn,
        AuditKind::SignedOut,
        AuditKind::SignInRefused,
        AuditKind::StaffChanged,
        AuditKind::AuditBroken,
        AuditKind::ActRefused,
        AuditKind::RefundsResumed,
        AuditKind::DecisionsRedated,
        AuditKind::TestPrinted,
        AuditKind::AuditExported,
        AuditKind::ShopUnlocked,
    ];

    /// The word as stored and exported; `audit.kind.<word>` is its text in the catalogue.
    pub fn as_str(self) -> &'static str {
        match self {
            AuditKind::RefundApproved => "refund_approved",
            AuditKind::RefundRejected => "refund_rejected",
            AuditKind::ReturnAgreed => "return_agreed",
            AuditKind::RefundStarted => "refund_started",
            AuditKind::DecisionAnswered => "decision_answered",
            AuditKind::RefundClaimed => "refund_claimed",
            AuditKind::RefundClaimLost => "refund_claim_lost",
            AuditKind::RefundSubmitted => "refund_submitted",
            AuditKind::RefundNotSent => "refund_not_sent",
            AuditKind::RefundUnknown => "refund_unknown",
            AuditKind::RefundAccepted => "refund_accepted",
            AuditKind::RefundSucceeded => "refund_succeeded",
            AuditKind::RefundFailed => "refund_failed",
            AuditKind::RefundAbnormal => "refund_abnormal",
            AuditKind::RefundClosed => "refund_closed",
            AuditKind::RefundRecovered => "refund_recovered",
            AuditKind::RefundReported => "refund_reported",
            AuditKind::PaymentReported => "payment_reported",
            AuditKind::PrintQueued => "print_queued",
            AuditKind::ReprintQueued => "reprint_queued",
            AuditKind::Printed => "printed",
            AuditKind::PrintFailed => "print_failed",
            AuditKind::PrintDropped => "print_dropped",
            AuditKind::AlertAcknowledged => "alert_acknowledged",
            AuditKind::ShopConnected => "shop_connected",
            AuditKind::SettingChanged => "setting_changed",
            AuditKind::SignedIn => "signed_in",
            AuditKind::SignedOut => "signed_out",
            AuditKind::SignInRefused => "sign_in_refused",
            AuditKind::StaffChanged => "staff_changed",
            AuditKind::AuditBroken => "audit_broken",
            AuditKind::ActRefused => "act_refused",
            AuditKind::RefundsResumed => "refunds_resumed",
            AuditKind::DecisionsRedated => "decisions_redated",
            AuditKind::TestPrinted => "test_printed",
            AuditKind::AuditExported => "audit_exported",
            AuditKind::ShopUnlocked => "shop_unlocked",
        }
    }

    /// The kind for a stored word.
    pub fn from_word(word: &str) -> Option<AuditKind> {
        AuditKind::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

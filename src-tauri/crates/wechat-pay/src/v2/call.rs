use std::fmt;

use crate::transport::Side;

/// The calls of API v2 that this crate makes (sheet section 1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Call {
    UnifiedOrder,
    OrderQuery,
    CloseOrder,
    Refund,
    RefundQuery,
}

impl Call {
    pub(super) fn path(self) -> &'static str {
        match self {
            Call::UnifiedOrder => "/pay/unifiedorder",
            Call::OrderQuery => "/pay/orderquery",
            Call::CloseOrder => "/pay/closeorder",
            Call::Refund => "/secapi/pay/refund",
            Call::RefundQuery => "/pay/refundquery",
        }
    }

    /// Everything under `/secapi/` wants the client certificate, and nothing else here does.
    pub(super) fn side(self) -> Side {
        match self {
            Call::Refund => Side::WithCertificate,
            Call::UnifiedOrder | Call::OrderQuery | Call::CloseOrder | Call::RefundQuery => Side::Plain,
        }
    }
}

impl fmt::Display for Call {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.path())
    }
}

use adapters::alert_parameters;
use catalogue::Language;
use domain::reconcile::Alert;
use engine::OpenAlert;

use crate::dto::{self, Meaning};

/// An alert that nobody has acknowledged, with its parameters as people read them.
pub(crate) fn alert(open: &OpenAlert, language: Language) -> dto::Alert {
    let parameters = alert_parameters(&open.parameters, language);
    dto::Alert {
        key: open.key.clone(),
        alert: open.alert.as_str().to_owned(),
        meaning: meaning(open.alert),
        urgent: matches!(meaning(open.alert), Meaning::Attention | Meaning::Contact | Meaning::Printer),
        order_id: open.order_id.as_ref().map(ToString::to_string),
        order_number: open.order_number.clone(),
        parameters: parameters.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        at_ms: open.at.into(),
    }
}

/// What an alert sounds like.
fn meaning(alert: Alert) -> Meaning {
    match alert {
        Alert::NewOrder | Alert::OrderNotWechat | Alert::LostPayment | Alert::MissedOffline => {
            Meaning::NewOrder
        }
        Alert::Cancelled => Meaning::Cancelled,
        Alert::RefundRequested | Alert::RefundSucceeded => Meaning::RefundAsked,
        Alert::PrinterTrouble | Alert::TicketInDoubt => Meaning::Printer,
        Alert::ContactLost | Alert::ContactBack => Meaning::Contact,
        Alert::Unverified
        | Alert::Mismatch
        | Alert::NotPaid
        | Alert::RefundFailed
        | Alert::RefundAbnormal
        | Alert::RefundClosed
        | Alert::CertificateEnds
        | Alert::CertificateEnded => Meaning::Attention,
    }
}

//! Every example of the contract reads, and what is written holds what was read and what the schema requires.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::read::read_json;
use crate::wire;

#[derive(Deserialize)]
struct Examples {
    schemas: BTreeMap<String, Schema>,
}

#[derive(Deserialize)]
struct Schema {
    required: Vec<String>,
    examples: Vec<Value>,
}

fn examples() -> BTreeMap<String, Schema> {
    let file: Examples = serde_json::from_str(include_str!("../../tests/data/examples.json")).unwrap();
    file.schemas
}

/// Every example of a schema, as text.
pub(crate) fn of(schema: &str) -> Vec<String> {
    examples()[schema].examples.iter().map(Value::to_string).collect()
}

/// Whether `written` says all that `read` said: null is the same as absent, and an instant may have another offset.
fn says_the_same(read: &Value, written: &Value) -> bool {
    match (read, written) {
        (Value::Object(read), Value::Object(written)) => read.iter().all(|(member, value)| {
            value.is_null() || written.get(member).is_some_and(|written| says_the_same(value, written))
        }),
        (Value::Array(read), Value::Array(written)) => {
            read.len() == written.len() && read.iter().zip(written).all(|(a, b)| says_the_same(a, b))
        }
        (Value::String(read), Value::String(written)) => {
            let instant = |text: &str| text.parse::<Timestamp>().ok();
            read == written || (instant(read).is_some() && instant(read) == instant(written))
        }
        _ => read == written,
    }
}

fn check<W: DeserializeOwned + Serialize>(name: &str, schema: &Schema) {
    for example in &schema.examples {
        let object: W = read_json(example.to_string().as_bytes())
            .unwrap_or_else(|error| panic!("{name}: {error} in {example}"));
        let written = serde_json::to_value(&object).unwrap();
        assert!(says_the_same(example, &written), "{name}: {example}\nwas written as {written}");
        for member in &schema.required {
            assert!(written.get(member).is_some(), "{name}: {member} is required but not in {written}");
        }

        let mut later = example.clone();
        later["a_later_member"] = serde_json::json!({ "x": [1.5, null] });
        assert!(read_json::<W>(later.to_string().as_bytes()).is_ok(), "{name}: {later}");
    }
}

#[test]
fn every_example_is_read_and_written() {
    let all = examples();
    for (name, schema) in &all {
        let check = match name.as_str() {
            "Ack" => check::<wire::Ack>,
            "AckRequest" => check::<wire::AckRequest>,
            "Amounts" => check::<wire::Amounts>,
            "Buyer" => check::<wire::Buyer>,
            "Capabilities" => check::<wire::Capabilities>,
            "Carrier" => check::<wire::Carrier>,
            "CarrierList" => check::<wire::CarrierList>,
            "Change" => check::<wire::Change>,
            "ChangePage" => check::<wire::ChangePage>,
            "DecisionRecord" => check::<wire::DecisionRecord>,
            "DecisionRequest" => check::<wire::DecisionRequest>,
            "Hold" => check::<wire::Hold>,
            "Operator" => check::<wire::Operator>,
            "Order" => check::<wire::Order>,
            "OrderLine" => check::<wire::OrderLine>,
            "OrderPage" => check::<wire::OrderPage>,
            "Payment" => check::<wire::Payment>,
            "PaymentObserved" => check::<wire::PaymentObserved>,
            "Payout" => check::<wire::Payout>,
            "PayoutError" => check::<wire::PayoutError>,
            "PayoutReport" => check::<wire::PayoutReport>,
            "Pickup" => check::<wire::Pickup>,
            "Problem" => check::<wire::Problem>,
            "ReasonCode" => check::<wire::ReasonCode>,
            "Receiver" => check::<wire::Receiver>,
            "RefundLine" => check::<wire::RefundLine>,
            "RefundOrderRequest" => check::<wire::RefundOrderRequest>,
            "RefundRequest" => check::<wire::RefundRequest>,
            "RefundRequestPage" => check::<wire::RefundRequestPage>,
            "RefundSummary" => check::<wire::RefundSummary>,
            "ReturnInfo" => check::<wire::ReturnInfo>,
            "Shipment" => check::<wire::Shipment>,
            "ShipmentCorrection" => check::<wire::ShipmentCorrection>,
            "ShipmentLine" => check::<wire::ShipmentLine>,
            "ShipmentRequest" => check::<wire::ShipmentRequest>,
            "TicketAck" => check::<wire::TicketAck>,
            "WeChatUpload" => check::<wire::WeChatUpload>,
            other => panic!("no type for {other}"),
        };
        check(name, schema);
    }
    assert_eq!(all.len(), 37);
}

#[test]
fn words_that_are_not_known_are_kept() {
    let order = of("Order")[1].replace(r#""state":"unpaid""#, r#""state":"teleported""#);
    let order: wire::Order = read_json(order.as_bytes()).unwrap();
    assert_eq!((order.state.as_str(), order.payment.state.as_str()), ("teleported", "teleported"));
    let change = of("Change")[0].replace(r#""order""#, r#""coupon""#).replace(r#""paid""#, r#""minted""#);
    let change: wire::Change = read_json(change.as_bytes()).unwrap();
    assert_eq!((change.kind.as_str(), change.reason.as_str()), ("coupon", "minted"));
}

#[test]
fn null_and_absent_are_the_same() {
    let null = r#"{"decide":true,"initiate":null,"payout":"terminal","claim_s":null,"max_fen":null,"reason_codes":null}"#;
    let absent = r#"{"decide":true,"payout":"terminal"}"#;
    let read = |json: &str| read_json::<wire::RefundCapability>(json.as_bytes()).unwrap();
    assert_eq!(read(null), read(absent));
    assert_eq!(read(null).claim_s, 300);
}

#[test]
fn a_cursor_keeps_to_its_pattern() {
    assert!(wire::Cursor::new("000000018432").is_ok());
    assert!(wire::Cursor::new("a_.:=-Z").is_ok());
    for wrong in ["", "a b", "a/b", "光标", &"x".repeat(65)] {
        assert!(wire::Cursor::new(wrong).is_err(), "{wrong}");
    }
}

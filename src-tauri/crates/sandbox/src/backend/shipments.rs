//! Parcels and carriers.

use std::collections::HashMap;

use domain::{Fulfilment, OrderKind, time::Timestamp};
use merchant_api::wire::{
    Carrier, CarrierList, ChangeReason, Current, Order, ProblemCode, Shipment, ShipmentCorrection,
    ShipmentLine, ShipmentRequest, WeChatUpload,
};

use super::problem::{self, Refused};
use super::{Backend, Call, Reply};

/// Code, name, WeChat's code for mini programs, WeChat's code for its shops.
const CARRIERS: [(&str, &str, &str, &str); 6] = [
    ("SF", "顺丰速运", "SF", "SF"),
    ("ZTO", "中通快递", "ZTO", "ZTO"),
    ("YTO", "圆通速递", "YTO", "YTO"),
    ("YD", "韵达速递", "YD", "YUNDA"),
    ("STO", "申通快递", "STO", "STO"),
    ("EMS", "邮政EMS", "EMS", "EMS"),
];
const CARRIERS_ETAG: &str = "\"carriers-1\"";

pub(super) fn carriers(call: &Call) -> Reply {
    if call.has(CARRIERS_ETAG) {
        return Reply::not_modified(CARRIERS_ETAG.to_owned());
    }
    let items = CARRIERS
        .map(|(code, name, program, shop)| Carrier {
            code: code.to_owned(),
            name: name.to_owned(),
            wechat_miniprogram_id: Some(program.to_owned()),
            wechat_shop_id: Some(shop.to_owned()),
            tracking_pattern: (code == "SF").then(|| "SF[0-9]{13}".to_owned()),
        })
        .to_vec();
    Reply { etag: Some(CARRIERS_ETAG.to_owned()), ..Reply::ok(&CarrierList { items }) }
}

impl Backend {
    pub(super) fn ship(&self, id: &str, call: &Call) -> Result<Reply, Refused> {
        let parcel: ShipmentRequest = call.read()?;
        if parcel.kind == OrderKind::Express {
            for (field, value) in [("carrier", &parcel.carrier), ("tracking_no", &parcel.tracking_no)] {
                if value.is_none() {
                    return Err(problem::invalid(field, "快递发货时必填"));
                }
            }
        }
        let (key, version) = (call.idempotency_key()?, call.if_match()?);
        let mut store = self.store();
        let order = store.order(id).ok_or_else(problem::not_found)?;
        if let Some(reply) = store.replies.find(key, call)? {
            return Ok(reply);
        }
        if !matches!(order.state, Fulfilment::Paid | Fulfilment::PartiallyShipped) {
            return Err(problem::order_conflict(order, "当前状态不能发货"));
        }
        if order.version != version {
            return Err(problem::version_conflict(Current::Order(Box::new(order.clone()))));
        }
        if order.hold.is_some() {
            return Err(problem::unprocessable(ProblemCode::OnHold, "id", "该订单暂缓发货"));
        }
        check_carrier(parcel.carrier.as_deref(), parcel.tracking_no.as_deref())?;
        let lines = lines_to_ship(order, &parcel)?;
        let sid = format!("P{}", order.shipments.len() + 1);
        let changed = store.change_order(id, ChangeReason::Shipped, call.now, |order| {
            add_parcel(order, sid, parcel, lines, call.now);
        });
        let order = changed.ok_or_else(problem::not_found)?;
        let reply = Reply::versioned(&order, order.version);
        store.replies.keep(key, call, &reply);
        Ok(reply)
    }

    pub(super) fn correct_shipment(&self, id: &str, parcel: &str, call: &Call) -> Result<Reply, Refused> {
        let correction: ShipmentCorrection = call.read()?;
        let (key, version) = (call.idempotency_key()?, call.if_match()?);
        let mut store = self.store();
        let order = store.order(id).ok_or_else(problem::not_found)?;
        let index =
            order.shipments.iter().position(|known| known.id == parcel).ok_or_else(problem::not_found)?;
        if let Some(reply) = store.replies.find(key, call)? {
            return Ok(reply);
        }
        if order.version != version {
            return Err(problem::version_conflict(Current::Order(Box::new(order.clone()))));
        }
        check_carrier(Some(&correction.carrier), Some(&correction.tracking_no))?;
        if !correction.confirm_wechat_correction {
            let title = "微信只允许更正一次物流信息，请确认";
            let field = "confirm_wechat_correction";
            return Err(problem::unprocessable(ProblemCode::ConfirmationRequired, field, title));
        }
        let changed = store.change_order(id, ChangeReason::Shipped, call.now, |order| {
            if let Some(parcel) = order.shipments.get_mut(index) {
                parcel.carrier_name = correction.carrier_name.or_else(|| carrier_name(&correction.carrier));
                parcel.carrier = Some(correction.carrier);
                parcel.tracking_no = Some(correction.tracking_no);
            }
        });
        let order = changed.ok_or_else(problem::not_found)?;
        let reply = Reply::versioned(&order, order.version);
        store.replies.keep(key, call, &reply);
        Ok(reply)
    }
}

fn check_carrier(carrier: Option<&str>, tracking_no: Option<&str>) -> Result<(), Refused> {
    if carrier.is_some_and(|code| carrier_name(code).is_none()) {
        return Err(problem::unprocessable(ProblemCode::CarrierUnknown, "carrier", "未知的快递公司"));
    }
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
    let fits = |number: &str| (1..=128).contains(&number.len()) && number.bytes().all(plain);
    if tracking_no.is_some_and(|number| !fits(number)) {
        return Err(problem::unprocessable(ProblemCode::TrackingNoInvalid, "tracking_no", "快递单号不正确"));
    }
    Ok(())
}

fn carrier_name(code: &str) -> Option<String> {
    CARRIERS.iter().find(|(known, ..)| *known == code).map(|(_, name, ..)| (*name).to_owned())
}

fn lines_to_ship(order: &Order, parcel: &ShipmentRequest) -> Result<Vec<ShipmentLine>, Refused> {
    let wrong = || problem::unprocessable(ProblemCode::LinesInvalid, "lines", "发货商品或数量不正确");
    let left: HashMap<&str, u32> = order
        .lines
        .iter()
        .map(|line| (line.id.as_str(), line.qty.saturating_sub(line.shipped_qty.unwrap_or(0))))
        .collect();
    if parcel.lines.is_empty() {
        let all = order.lines.iter().filter_map(|line| {
            let qty = left.get(line.id.as_str()).copied().filter(|qty| *qty > 0)?;
            Some(ShipmentLine { order_line_id: line.id.clone(), qty })
        });
        return Ok(all.collect());
    }
    for line in &parcel.lines {
        let asked: u32 = parcel
            .lines
            .iter()
            .filter(|other| other.order_line_id == line.order_line_id)
            .fold(0, |sum, other| sum.saturating_add(other.qty));
        if line.qty == 0 || left.get(line.order_line_id.as_str()).is_none_or(|left| asked > *left) {
            return Err(wrong());
        }
    }
    Ok(parcel.lines.clone())
}

fn add_parcel(
    order: &mut Order,
    sid: String,
    parcel: ShipmentRequest,
    lines: Vec<ShipmentLine>,
    now: Timestamp,
) {
    for line in &mut order.lines {
        let sent: u32 = lines.iter().filter(|sent| sent.order_line_id == line.id).map(|sent| sent.qty).sum();
        line.shipped_qty = Some(line.shipped_qty.unwrap_or(0) + sent);
    }
    // What the buyer fetches is with the buyer as it is handed over.
    order.state = match (parcel.complete, &parcel.kind) {
        (false, _) => Fulfilment::PartiallyShipped,
        (true, OrderKind::Pickup) => Fulfilment::Completed,
        (true, _) => Fulfilment::Shipped,
    };
    if order.state == Fulfilment::Completed {
        order.completed_at = Some(now);
    }
    order.shipments.push(Shipment {
        id: sid,
        kind: parcel.kind,
        carrier_name: parcel.carrier_name.or_else(|| parcel.carrier.as_deref().and_then(carrier_name)),
        carrier: parcel.carrier,
        tracking_no: parcel.tracking_no,
        lines,
        shipped_at: Some(parcel.shipped_at.unwrap_or(now)),
        wechat: Some(WeChatUpload {
            state: "uploaded".to_owned(),
            errcode: None,
            errmsg: None,
            uploaded_at: Some(now),
        }),
    });
}

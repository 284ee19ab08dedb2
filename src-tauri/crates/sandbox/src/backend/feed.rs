//! The feed of changes (contract R6) and the two lists that a console pages through.

use std::time::Duration;

use axum::http::StatusCode;
use domain::{Fulfilment, PayoutMode, RefundState, time::Timestamp};
use merchant_api::wire::{
    Backend as Software, Capabilities, Change, ChangesCapability, Cursor, Feature, ObjectKind, ReasonCode,
    RefundCapability, Shop, WeChatCapability,
};
use serde::Serialize;
use serde_json::Value;

use super::problem::{self, Refused};
use super::store::Entry;
use super::{Backend, CLAIM_S, Call, Reply, Store};
use crate::faults::BackendFaults;

/// R11 allows 4 MiB; a page stops well before.
const MAX_PAGE_BYTES: usize = 3 * 1024 * 1024;
/// Seconds for which an empty reply is held at most.
const MAX_WAIT_S: u32 = 25;

/// What a caller wants of the feed.
struct Wanted {
    after: usize,
    limit: usize,
    kinds: Option<Vec<String>>,
    bodies: bool,
}

/// Faults of one page.
#[derive(Default)]
struct PageFaults {
    duplicate: bool,
    older: bool,
    omit: bool,
    bad_item: bool,
}

impl PageFaults {
    fn take(faults: &mut BackendFaults) -> PageFaults {
        PageFaults {
            duplicate: faults.duplicate_entries.take("changes"),
            older: faults.older_version.take("changes"),
            omit: faults.omit_bodies.take("changes"),
            bad_item: faults.one_bad_item.take("changes"),
        }
    }
}

impl Backend {
    pub(super) fn capabilities(&self) -> Capabilities {
        let reason = |code: &str, text: &str, fits: &str| ReasonCode {
            code: code.to_owned(),
            text: text.to_owned(),
            fits: Some(fits.to_owned()),
        };
        Capabilities {
            api: Capabilities::API.to_owned(),
            shop: Shop {
                id: self.identity.shop_id.clone(),
                name: self.identity.shop_name.clone(),
                time_zone: Some("Asia/Shanghai".to_owned()),
                currency: Some("CNY".to_owned()),
            },
            backend: Some(Software {
                kind: Some("sandbox".to_owned()),
                version: Some(env!("CARGO_PKG_VERSION").to_owned()),
                adapter: None,
            }),
            auth: vec!["bearer".to_owned(), "hmac".to_owned()],
            scopes: Some(["orders:read", "orders:ship", "refunds:decide"].map(str::to_owned).to_vec()),
            features: vec![
                Feature::LongPoll,
                Feature::History,
                Feature::Search,
                Feature::Ack,
                Feature::PrintClaim,
                Feature::PaymentObserved,
                Feature::PartialRefund,
                Feature::SplitShipment,
                Feature::Note,
            ],
            refund: RefundCapability {
                decide: true,
                initiate: true,
                payout: PayoutMode::Terminal,
                claim_s: u32::try_from(CLAIM_S).unwrap_or(300),
                max_fen: None,
                reason_codes: vec![
                    reason("out_of_stock", "缺货", "initiate"),
                    reason("goodwill", "补偿顾客", "initiate"),
                    reason("agreed", "协商一致退款", "approve"),
                    reason("used", "商品已使用", "reject"),
                    reason("made", "已开始制作", "reject"),
                ],
            },
            changes: ChangesCapability { retention_days: 30, max_wait_s: MAX_WAIT_S },
            wechat: Some(WeChatCapability {
                appid: Some(self.identity.app_id.to_string()),
                mchids: vec![self.identity.mch_id.to_string()],
                uploads_shipping_info: true,
            }),
        }
    }

    pub(super) async fn changes(&self, call: &Call) -> Result<Reply, Refused> {
        let wait = call.number("wait", 0..=300, 0)?.min(u64::from(MAX_WAIT_S));
        let mut wanted = self.wanted(call)?;
        if self.take_fault(|faults| faults.cursor_expired.take("changes")) {
            return Err(problem::cursor_expired());
        }
        let mut end = self.store().watch();
        let deadline = tokio::time::Instant::now() + Duration::from_secs(wait);
        loop {
            // Marked as seen before reading: a change that comes in between wakes the wait below.
            end.borrow_and_update();
            let (page, place, has_items) = self.page(&wanted);
            if has_items || wait == 0 {
                return Ok(page);
            }
            wanted.after = place;
            if tokio::time::timeout_at(deadline, end.changed()).await.is_err() {
                return Ok(page);
            }
        }
    }

    fn wanted(&self, call: &Call) -> Result<Wanted, Refused> {
        let kinds = match call.parameter("types") {
            None => None,
            Some(text) => {
                let kinds: Vec<String> = text.split(',').map(str::to_owned).collect();
                if kinds.iter().any(|kind| !matches!(kind.as_str(), "order" | "refund_request")) {
                    return Err(problem::invalid("types", "须为 order 或 refund_request"));
                }
                Some(kinds)
            }
        };
        let bodies = match call.parameter("include").as_deref() {
            None | Some("body") => true,
            Some("none") => false,
            Some(_) => return Err(problem::invalid("include", "须为 body 或 none")),
        };
        let end = self.store().end();
        let after = match call.parameter("cursor").as_deref() {
            None => 0,
            Some("now") => end,
            Some(text) => {
                let cursor = Cursor::new(text).map_err(|_| problem::invalid("cursor", "格式不正确"))?;
                let place = cursor.as_str().strip_prefix(&self.epoch).and_then(|rest| rest.strip_prefix('-'));
                place
                    .and_then(|place| place.parse().ok())
                    .filter(|place| *place <= end)
                    .ok_or_else(problem::cursor_expired)?
            }
        };
        Ok(Wanted { after, limit: call.limit()?, kinds, bodies })
    }

    /// A page, the place behind it, and whether it has items.
    fn page(&self, wanted: &Wanted) -> (Reply, usize, bool) {
        let store = self.store();
        let entries = store.entries_after(wanted.after);
        let faults =
            if entries.is_empty() { PageFaults::default() } else { self.faults.backend(PageFaults::take) };
        let mut items = Items::default();
        let mut place = wanted.after;
        for entry in entries {
            if items.count >= wanted.limit || items.bytes.len() >= MAX_PAGE_BYTES {
                break;
            }
            place += 1;
            if wanted
                .kinds
                .as_ref()
                .is_some_and(|kinds| !kinds.iter().any(|kind| kind == entry.kind.as_str()))
            {
                continue;
            }
            let change = self.change(&store, entry, place, wanted.bodies && !faults.omit);
            let mut json = serde_json::to_value(&change).unwrap_or_default();
            if faults.older {
                lower_version(&mut json);
            }
            if faults.bad_item && items.count == 0 {
                spoil(&mut json);
            }
            items.push(&json);
            if faults.duplicate {
                items.push(&json);
            }
        }
        let has_items = items.count > 0;
        let next = format!("\"{}\"", self.cursor(place));
        let reply = items.reply("next_cursor", &next, place < store.end());
        (reply, place, has_items)
    }

    fn change(&self, store: &Store, entry: &Entry, place: usize, body: bool) -> Change {
        let order = (body && entry.kind == ObjectKind::Order).then(|| store.order(&entry.id).cloned());
        let request =
            (body && entry.kind == ObjectKind::RefundRequest).then(|| store.request(&entry.id).cloned());
        Change {
            cursor: self.cursor(place),
            kind: entry.kind.clone(),
            id: entry.id.clone(),
            version: entry.version,
            reason: entry.reason.clone(),
            changed_at: entry.at,
            order: order.flatten(),
            refund_request: request.flatten(),
        }
    }

    #[expect(
        clippy::expect_used,
        reason = "hex, a hyphen and digits are a cursor by the pattern of the type"
    )]
    fn cursor(&self, place: usize) -> Cursor {
        Cursor::new(format!("{}-{place:012}", self.epoch)).expect("hex and digits are a cursor")
    }

    pub(super) fn orders(&self, call: &Call) -> Result<Reply, Refused> {
        if let Some(ids) = call.parameter("ids") {
            return self.orders_by_id(&ids);
        }
        let states: Option<Vec<Fulfilment>> = states(call)?;
        let from = instant(call, "placed_from")?;
        let to = instant(call, "placed_to")?;
        let words = call.parameter("q").map(|words| words.trim().to_lowercase());
        if words.as_ref().is_some_and(|words| words.is_empty() || words.chars().count() > 64) {
            return Err(problem::invalid("q", "1 至 64 个字符"));
        }
        let (limit, place) = (call.limit()?, place(call)?);
        let store = self.store();
        let found = store.orders_before(place).filter(|order| {
            from.is_none_or(|from| order.placed_at >= from)
                && to.is_none_or(|to| order.placed_at < to)
                && states.as_ref().is_none_or(|states| states.contains(&order.state))
                && words.as_ref().is_none_or(|words| matches(order, words))
        });
        Ok(list(found, limit, |order| format!("{}:{}", order.placed_at.as_nanosecond(), order.id)))
    }

    fn orders_by_id(&self, ids: &str) -> Result<Reply, Refused> {
        let ids: Vec<&str> = ids.split(',').collect();
        if ids.len() > 100 || ids.iter().any(|id| id.is_empty()) {
            return Err(problem::invalid("ids", "1 至 100 个编号"));
        }
        let store = self.store();
        let mut items = Items::default();
        ids.iter().filter_map(|id| store.order(id)).for_each(|order| items.push(order));
        Ok(items.reply("next_cursor", "null", false))
    }

    pub(super) fn refund_requests(&self, call: &Call) -> Result<Reply, Refused> {
        let states: Option<Vec<RefundState>> = states(call)?;
        let (limit, place) = (call.limit()?, place(call)?);
        let store = self.store();
        let found = store
            .requests_before(place)
            .filter(|request| states.as_ref().is_none_or(|states| states.contains(&request.state)));
        Ok(list(found, limit, |request| format!("{}:{}", request.requested_at.as_nanosecond(), request.id)))
    }
}

/// Items written one after the other, so that a page can stop before it is too large.
#[derive(Default)]
struct Items {
    bytes: Vec<u8>,
    count: usize,
}

impl Items {
    fn push(&mut self, item: &impl Serialize) {
        if self.count > 0 {
            self.bytes.push(b',');
        }
        self.bytes.extend(serde_json::to_vec(item).unwrap_or_default());
        self.count += 1;
    }

    fn reply(self, cursor_name: &str, cursor: &str, has_more: bool) -> Reply {
        let mut body = b"{\"items\":[".to_vec();
        body.extend(self.bytes);
        body.extend(format!("],\"{cursor_name}\":{cursor},\"has_more\":{has_more}}}").into_bytes());
        Reply::raw(StatusCode::OK, body)
    }
}

fn list<'a, T: Serialize + 'a>(
    found: impl Iterator<Item = &'a T>,
    limit: usize,
    cursor: impl Fn(&T) -> String,
) -> Reply {
    let mut items = Items::default();
    let mut next = String::from("null");
    for item in found {
        if items.count >= limit || items.bytes.len() >= MAX_PAGE_BYTES {
            return items.reply("next_cursor", &next, true);
        }
        items.push(item);
        next = format!("\"{}\"", cursor(item));
    }
    items.reply("next_cursor", "null", false)
}

/// Where a list goes on: instant and id of the last item told.
fn place(call: &Call) -> Result<Option<(Timestamp, String)>, Refused> {
    let Some(text) = call.parameter("cursor") else { return Ok(None) };
    text.split_once(':')
        .and_then(|(at, id)| Some((Timestamp::from_nanosecond(at.parse().ok()?).ok()?, id.to_owned())))
        .map(Some)
        .ok_or_else(problem::cursor_expired)
}

fn states<T: From<String>>(call: &Call) -> Result<Option<Vec<T>>, Refused> {
    let Some(text) = call.parameter("states") else { return Ok(None) };
    let states: Vec<T> = text.split(',').map(|word| T::from(word.to_owned())).collect();
    if states.len() > 20 || text.is_empty() {
        return Err(problem::invalid("states", "1 至 20 个状态"));
    }
    Ok(Some(states))
}

fn instant(call: &Call, name: &'static str) -> Result<Option<Timestamp>, Refused> {
    call.parameter(name)
        .map(|text| text.parse().map_err(|_| problem::invalid(name, "须为 RFC 3339 时间")))
        .transpose()
}

fn matches(order: &merchant_api::wire::Order, words: &str) -> bool {
    let buyer = order.buyer.as_ref();
    let note = buyer.and_then(|buyer| buyer.note.as_deref());
    let code = order.pickup.as_ref().and_then(|pickup| pickup.code.as_deref());
    let titles = order.lines.iter().map(|line| line.title.as_str());
    titles
        .chain([order.number.as_str()])
        .chain([note, code].into_iter().flatten())
        .any(|text| text.to_lowercase().contains(words))
}

/// The entry's body, if it has one.
fn body(json: &mut Value) -> Option<&mut Value> {
    let name = if json.get("order").is_some() { "order" } else { "refund_request" };
    json.get_mut(name)
}

fn lower_version(json: &mut Value) {
    if let Some(version) = body(json).and_then(|body| body.get_mut("version"))
        && let Some(number) = version.as_u64().filter(|number| *number > 1)
    {
        *version = Value::from(number - 1);
    }
}

fn spoil(json: &mut Value) {
    let order = json.get("order").is_some();
    if let Some(body) = body(json) {
        let member = if order { &mut body["amounts"]["total_fen"] } else { &mut body["amount_fen"] };
        *member = Value::from("很多钱");
    }
}

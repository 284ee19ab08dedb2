//! Pages, read item by item: one foul order must not silence the shop.

use domain::{Order, OrderId, RefundRequest, RefundRequestId};
use jiff::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::read::{InvalidMember, read_json};
use crate::wire;
use crate::wire::Cursor;
use crate::words::{ChangeReason, ObjectKind};

/// A page of the feed (R6).
#[derive(Debug, Clone, PartialEq)]
pub struct ChangePage {
    /// The entries, in the feed's order.
    pub items: Vec<Result<Change, BadItem>>,
    /// Where to go on; to be stored in the transaction that stores the entries.
    pub next_cursor: Cursor,
    /// Whether more is there already.
    pub has_more: bool,
}

/// A page of a list, newest first.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T> {
    /// The objects.
    pub items: Vec<Result<T, BadItem>>,
    /// Where to go on; `None` at the end.
    pub next_cursor: Option<Cursor>,
    /// Whether there is more.
    pub has_more: bool,
}

/// One entry of the feed.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The place after this entry.
    pub cursor: Cursor,
    /// The object's version at the time of the entry; the body's may be above it, never below.
    pub version: u64,
    /// A hint for the sound, never the basis of state.
    pub reason: ChangeReason,
    /// When.
    pub changed_at: Timestamp,
    /// What changed.
    pub subject: Subject,
}

/// What a feed entry is about, with the object as it is now. Where the body is missing the console reads the object.
#[derive(Debug, Clone, PartialEq)]
pub enum Subject {
    /// An order.
    Order {
        /// Its id.
        id: OrderId,
        /// The order itself.
        body: Option<Box<Order>>,
    },
    /// A refund request.
    RefundRequest {
        /// Its id.
        id: RefundRequestId,
        /// The refund request itself.
        body: Option<Box<RefundRequest>>,
    },
    /// Something of a later version of the contract: to be passed over.
    Other {
        /// The contract's word.
        kind: String,
    },
}

/// An item of a page that could not be read. The object is then read singly, if its id could be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadItem {
    /// What it is about.
    pub kind: Option<ObjectKind>,
    /// The object's id; always of the form of the contract's Id.
    pub id: Option<String>,
    /// What is wrong with it.
    pub reason: InvalidMember,
}

/// More items than this are no page: 200 is the most that may be asked for, and a server that takes `limit` lightly
/// is not to fill the memory with the errors of a million items that are no objects.
const MOST_ITEMS: usize = 10_000;

/// A page whose items are still text.
struct RawPage<'a> {
    items: Vec<&'a RawValue>,
    next_cursor: Option<Cursor>,
    has_more: bool,
}

impl<'a> RawPage<'a> {
    fn read(text: &'a str) -> Result<RawPage<'a>, InvalidMember> {
        #[derive(Deserialize)]
        struct Members<'a> {
            #[serde(borrow)]
            items: Vec<&'a RawValue>,
            #[serde(default)]
            next_cursor: Option<String>,
            has_more: bool,
        }
        // Raw values cannot be read through the reader that notes paths, so that no single member is named here.
        let members: Members<'a> = serde_json::from_str(text)
            .map_err(|_| InvalidMember::new(".", "is no page with items, next_cursor and has_more"))?;
        if members.items.len() > MOST_ITEMS {
            return Err(InvalidMember::new("items", "are more than 10000"));
        }
        let next_cursor = members
            .next_cursor
            .filter(|cursor| !cursor.is_empty())
            .map(Cursor::new)
            .transpose()
            .map_err(|_| InvalidMember::new("next_cursor", "does not have the form of a cursor"))?;
        Ok(RawPage { items: members.items, next_cursor, has_more: members.has_more })
    }
}

impl ChangePage {
    pub(crate) fn read(text: &str) -> Result<ChangePage, InvalidMember> {
        let page = RawPage::read(text)?;
        let next_cursor = page.next_cursor.ok_or_else(|| InvalidMember::new("next_cursor", "is missing"))?;
        let read = |item: &RawValue| {
            Change::read(item.get()).map_err(|reason| BadItem::new(None, item.get(), reason))
        };
        Ok(ChangePage {
            items: page.items.into_iter().map(read).collect(),
            next_cursor,
            has_more: page.has_more,
        })
    }
}

impl<T> Page<T> {
    /// Reads a page whose items are `kind`, each written as a `W`.
    pub(crate) fn read<W>(kind: ObjectKind, text: &str) -> Result<Page<T>, InvalidMember>
    where
        W: DeserializeOwned,
        T: TryFrom<W, Error = InvalidMember>,
    {
        let page = RawPage::read(text)?;
        let read = |item: &RawValue| {
            read_json::<W>(item.get().as_bytes())
                .and_then(T::try_from)
                .map_err(|reason| BadItem::new(Some(kind.clone()), item.get(), reason))
        };
        let items = page.items.into_iter().map(read).collect();
        Ok(Page { items, next_cursor: page.next_cursor, has_more: page.has_more })
    }
}

impl Change {
    fn read(text: &str) -> Result<Change, InvalidMember> {
        let change: wire::Change = read_json(text.as_bytes())?;
        let id_of = |_| InvalidMember::new("id", "does not have the form of an id");
        let subject = match change.kind {
            ObjectKind::Order => {
                let id = OrderId::new(change.id).map_err(id_of)?;
                let body = body::<_, Order>("order", change.order)?;
                if body.as_ref().is_some_and(|order| order.id != id) {
                    return Err(InvalidMember::new("order.id", "is not the entry's"));
                }
                let body = body.filter(|order| order.version >= change.version).map(Box::new);
                Subject::Order { id, body }
            }
            ObjectKind::RefundRequest => {
                let id = RefundRequestId::new(change.id).map_err(id_of)?;
                let body = body::<_, RefundRequest>("refund_request", change.refund_request)?;
                if body.as_ref().is_some_and(|request| request.id != id) {
                    return Err(InvalidMember::new("refund_request.id", "is not the entry's"));
                }
                let body = body.filter(|request| request.version >= change.version).map(Box::new);
                Subject::RefundRequest { id, body }
            }
            ObjectKind::Other(kind) => Subject::Other { kind },
        };
        Ok(Change {
            cursor: change.cursor,
            version: change.version,
            reason: change.reason,
            changed_at: change.changed_at,
            subject,
        })
    }
}

fn body<W, T: TryFrom<W, Error = InvalidMember>>(
    member: &str,
    body: Option<W>,
) -> Result<Option<T>, InvalidMember> {
    body.map(T::try_from)
        .transpose()
        .map_err(|inner| InvalidMember::new(format!("{member}.{}", inner.member), inner.reason))
}

impl BadItem {
    fn new(kind: Option<ObjectKind>, text: &str, reason: InvalidMember) -> BadItem {
        #[derive(Deserialize)]
        struct Head<'a> {
            #[serde(default, borrow, rename = "type")]
            kind: Option<&'a RawValue>,
            #[serde(default, borrow)]
            id: Option<&'a RawValue>,
        }
        let head = serde_json::from_str(text).unwrap_or(Head { kind: None, id: None });
        let text = |value: Option<&RawValue>| -> Option<String> { serde_json::from_str(value?.get()).ok() };
        BadItem {
            kind: kind.or_else(|| text(head.kind).map(ObjectKind::from)),
            id: text(head.id).filter(|id| OrderId::new(id.as_str()).is_ok()),
            reason,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORDER: &str = r#"{"id":"77","number":"77","version":3,"currency":"CNY","state":"unpaid",
        "payment":{"state":"unpaid","total_fen":100},"placed_at":"2025-06-01T02:20:11Z","kind":"pickup",
        "amounts":{"total_fen":100,"refunded_fen":0,"refundable_fen":0},
        "lines":[{"id":"1","title":"豆浆","qty":1,"total_fen":100}]}"#;

    fn entry(kind: &str, id: &str, version: u64, body: &str) -> String {
        format!(
            r#"{{"cursor":"1","type":"{kind}","id":{id},"version":{version},"reason":"paid",
                "changed_at":"2025-06-01T10:20:30+08:00"{body}}}"#
        )
    }

    fn page(items: &[String]) -> ChangePage {
        let text = format!(r#"{{"items":[{}],"next_cursor":"9","has_more":false}}"#, items.join(","));
        ChangePage::read(&crate::read::to_text(text.into_bytes())).unwrap()
    }

    fn bad(item: String) -> BadItem {
        page(&[item]).items.remove(0).unwrap_err()
    }

    #[test]
    fn a_bad_item_does_not_stop_the_feed() {
        let good = entry("order", "\"77\"", 3, &format!(",\"order\":{ORDER}"));
        let float = good.replace("100,\"refunded_fen\"", "100.0,\"refunded_fen\"");
        let broken_text = good.replace("豆浆", "\\ud83d");
        let page = page(&[float, "7".to_owned(), good, broken_text, entry("order", "\"78\"", 1, "")]);
        let read: Vec<bool> = page.items.iter().map(Result::is_ok).collect();
        assert_eq!(read, [false, false, true, false, true]);
        let float = page.items[0].as_ref().unwrap_err();
        assert_eq!((float.kind.as_ref(), float.id.as_deref()), (Some(&ObjectKind::Order), Some("77")));
        assert_eq!(float.reason.member, "order.amounts.total_fen");
        assert_eq!(page.items[1].as_ref().unwrap_err().id, None);
        let broken = page.items[3].as_ref().unwrap_err();
        assert_eq!(
            (broken.id.as_deref(), broken.reason.member.as_str()),
            (Some("77"), "order.lines[0].title")
        );
        assert!(matches!(&page.items[4], Ok(Change { subject: Subject::Order { body: None, .. }, .. })));
    }

    #[test]
    fn bytes_that_are_not_text_spoil_one_item() {
        let mut text = format!(
            r#"{{"items":[{},{}],"next_cursor":"9","has_more":false}}"#,
            entry("order", "\"77\"", 3, &format!(",\"order\":{ORDER}")),
            entry("order", "\"78\"", 1, "")
        )
        .into_bytes();
        let at = text.windows(3).position(|bytes| bytes == "豆".as_bytes()).unwrap();
        text[at] = 0xff;
        let page = ChangePage::read(&crate::read::to_text(text)).unwrap();
        assert!(page.items[0].is_err() && page.items[1].is_ok());
    }

    #[test]
    fn ranges_count_inside_a_body() {
        let order = ORDER.replace("\"total_fen\":100}]", "\"total_fen\":-1}]");
        let bad = bad(entry("order", "\"77\"", 3, &format!(",\"order\":{order}")));
        assert_eq!(bad.reason.member, "order.lines[0].total_fen");
    }

    #[test]
    fn a_body_of_another_object_is_not_taken() {
        let bad = bad(entry("order", "\"78\"", 3, &format!(",\"order\":{ORDER}")));
        assert_eq!((bad.id.as_deref(), bad.reason.member.as_str()), (Some("78"), "order.id"));
    }

    #[test]
    fn a_body_older_than_its_entry_is_read_anew() {
        let page = page(&[entry("order", "\"77\"", 4, &format!(",\"order\":{ORDER}"))]);
        assert!(matches!(&page.items[0], Ok(Change { subject: Subject::Order { body: None, .. }, .. })));
    }

    #[test]
    fn an_entry_of_a_later_contract_is_passed_over() {
        let page = page(&[entry("coupon", "\"c1\"", 1, ",\"coupon\":{}")]);
        let kind = "coupon".to_owned();
        assert_eq!(page.items[0].as_ref().unwrap().subject, Subject::Other { kind });
    }

    #[test]
    fn an_id_that_cannot_stand_in_a_path_is_not_readable() {
        for id in ["\"../x\"", "7", "null", "\"\\ud83d\""] {
            assert_eq!(bad(entry("order", id, 3, "")).id, None, "{id}");
        }
    }

    #[test]
    fn a_page_without_its_members_is_no_page() {
        for text in ["{}", "[]", r#"{"items":{},"next_cursor":"1","has_more":false}"#] {
            assert!(ChangePage::read(text).is_err(), "{text}");
        }
        let no_cursor = ChangePage::read(r#"{"items":[],"has_more":false}"#).unwrap_err();
        assert_eq!(no_cursor.member, "next_cursor");
        let many = format!(r#"{{"items":[{}1],"has_more":false}}"#, "1,".repeat(MOST_ITEMS));
        assert_eq!(Page::<Order>::read::<wire::Order>(ObjectKind::Order, &many).unwrap_err().member, "items");
    }

    #[test]
    fn a_list_names_the_foul_object() {
        let foul = ORDER.replace("CNY", "USD");
        let text = format!(r#"{{"items":[{ORDER},{foul}],"next_cursor":null,"has_more":false}}"#);
        let page = Page::<Order>::read::<wire::Order>(ObjectKind::Order, &text).unwrap();
        assert!(page.items[0].is_ok());
        let bad = page.items[1].as_ref().unwrap_err();
        assert_eq!((bad.id.as_deref(), bad.reason.member.as_str()), (Some("77"), "currency"));
    }
}

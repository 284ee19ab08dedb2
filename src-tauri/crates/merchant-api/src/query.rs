use std::fmt::Write;
use std::time::Duration;

use domain::{Fulfilment, OrderId};
use jiff::Timestamp;

use crate::wire::Cursor;

/// What to read of the feed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ChangesQuery {
    /// Where to go on. `None`: from the oldest entry kept; [`Cursor::now`]: only the present end.
    pub cursor: Option<Cursor>,
    /// Most items, 1 to 200; `None` is 100.
    pub limit: Option<u32>,
    /// Seconds for which the server may hold an empty reply, at most 300. Counts only with feature long_poll.
    pub wait_s: u32,
}

/// What to list of the orders.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OrdersQuery {
    /// Where to go on.
    pub cursor: Option<Cursor>,
    /// Most items, 1 to 200; `None` is 100.
    pub limit: Option<u32>,
    /// At most 100. If there are any, the other filters and paging do not apply, and an id that is missing in the
    /// reply does not exist.
    pub ids: Vec<OrderId>,
    /// Only orders in these states; empty is any.
    pub states: Vec<Fulfilment>,
    /// Placed then or later.
    pub placed_from: Option<Timestamp>,
    /// Placed before that.
    pub placed_to: Option<Timestamp>,
    /// Search words, 1 to 64 characters (feature search).
    pub search: Option<String>,
}

impl ChangesQuery {
    pub(crate) fn wait(&self) -> Duration {
        Duration::from_secs(self.wait_s.min(300).into())
    }

    pub(crate) fn text(&self) -> String {
        let mut query = Query::default();
        query.page(self.cursor.as_ref(), self.limit);
        if self.wait_s > 0 {
            query.add("wait", [self.wait_s.min(300).to_string()]);
        }
        query.0
    }
}

impl OrdersQuery {
    pub(crate) fn text(&self) -> String {
        let mut query = Query::default();
        if !self.ids.is_empty() {
            query.add("ids", &self.ids);
            return query.0;
        }
        query.page(self.cursor.as_ref(), self.limit);
        query.add("states", self.states.iter().map(Fulfilment::as_str));
        query.add("placed_from", self.placed_from);
        query.add("placed_to", self.placed_to);
        query.add("q", &self.search);
        query.0
    }
}

/// A query string. Lists are joined by a literal comma (style form, not exploded), so that a server may split before
/// or after it decodes.
#[derive(Default)]
pub(crate) struct Query(pub(crate) String);

impl Query {
    pub(crate) fn page(&mut self, cursor: Option<&Cursor>, limit: Option<u32>) {
        self.add("cursor", cursor);
        self.add("limit", limit.map(|limit| limit.clamp(1, 200)));
    }

    /// Adds a parameter, if there is any value for it.
    pub(crate) fn add(&mut self, name: &str, values: impl IntoIterator<Item = impl ToString>) {
        let values: Vec<String> = values.into_iter().map(|value| encoded(&value.to_string())).collect();
        if values.is_empty() {
            return;
        }
        if !self.0.is_empty() {
            self.0.push('&');
        }
        self.0.push_str(name);
        self.0.push('=');
        self.0.push_str(&values.join(","));
    }
}

/// Percent-encodes everything that is not unreserved (RFC 3986, section 2.3), the plus sign of times included.
fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_asked_for_stands_in_the_query() {
        assert_eq!(ChangesQuery::default().text(), "");
        let query = ChangesQuery { cursor: Some(Cursor::now()), limit: Some(9_999), wait_s: 9_999 };
        assert_eq!(query.text(), "cursor=now&limit=200&wait=300");
    }

    #[test]
    fn lists_keep_their_commas_and_values_are_encoded() {
        let query = OrdersQuery {
            states: vec![Fulfilment::Paid, Fulfilment::Other("a,b".to_owned())],
            placed_from: "2025-06-01T10:20:30+08:00".parse().ok(),
            search: Some("张 +&".to_owned()),
            ..OrdersQuery::default()
        };
        assert_eq!(
            query.text(),
            "states=paid,a%2Cb&placed_from=2025-06-01T02%3A20%3A30Z&q=%E5%BC%A0%20%2B%26"
        );
    }

    #[test]
    fn ids_go_alone() {
        let ids = vec![OrderId::new("a:1").unwrap(), OrderId::new("2").unwrap()];
        let query = OrdersQuery { ids, limit: Some(5), ..OrdersQuery::default() };
        assert_eq!(query.text(), "ids=a%3A1,2");
    }
}

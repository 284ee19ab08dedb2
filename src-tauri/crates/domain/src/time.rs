//! Instants, and the two ways in which WeChat writes Beijing time.

use std::ops::Range;

use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};
pub use jiff::{SignedDuration, Timestamp};
use thiserror::Error;

/// Beijing time. China has kept UTC+8 without summer time since 1991, so that no zone database is needed.
pub fn beijing() -> TimeZone {
    TimeZone::fixed(Offset::constant(8))
}

/// The text is not a time in the form that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0:?} is not a time")]
pub struct InvalidTime(pub String);

/// Reads `yyyyMMddHHmmss`, as in `time_end`: Beijing time.
pub fn from_compact(text: &str) -> Result<Timestamp, InvalidTime> {
    let wrong = || InvalidTime(text.chars().take(40).collect());
    if text.len() != 14 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(wrong());
    }
    DateTime::strptime("%Y%m%d%H%M%S", text)
        .map_err(|_| wrong())
        .and_then(|time| in_beijing(time).ok_or_else(wrong))
}

/// Reads `yyyy-MM-dd HH:mm:ss`, as in `refund_success_time` and bills, also with the full-width colons of one
/// published sample: Beijing time.
pub fn from_spaced(text: &str) -> Result<Timestamp, InvalidTime> {
    let wrong = || InvalidTime(text.chars().take(40).collect());
    let plain = text.replace('：', ":");
    DateTime::strptime("%Y-%m-%d %H:%M:%S", &plain)
        .map_err(|_| wrong())
        .and_then(|time| in_beijing(time).ok_or_else(wrong))
}

fn in_beijing(time: DateTime) -> Option<Timestamp> {
    beijing().to_timestamp(time).ok()
}

/// Writes `yyyyMMddHHmmss` in Beijing time.
pub fn to_compact(time: Timestamp) -> String {
    time.to_zoned_datetime(beijing()).strftime("%Y%m%d%H%M%S").to_string()
}

/// Writes `yyyy-MM-dd HH:mm:ss` in Beijing time, for WeChat and for people.
pub fn to_spaced(time: Timestamp) -> String {
    time.to_zoned_datetime(beijing()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// Whole seconds later (or earlier); the ends of time stop it.
pub fn plus_seconds(time: Timestamp, seconds: i64) -> Timestamp {
    time.saturating_add(SignedDuration::from_secs(seconds)).unwrap_or(time)
}

/// The day of the shop that an instant lies in, from its first instant to the first of the next one. A shop's day is
/// Beijing's, wherever the PC's own zone is.
pub fn beijing_day(now: Timestamp) -> Range<Timestamp> {
    const DAY_S: i64 = 86_400;
    const AHEAD_S: i64 = 8 * 3_600;
    let from = (now.as_second() + AHEAD_S).div_euclid(DAY_S) * DAY_S - AHEAD_S;
    let start = Timestamp::from_second(from).unwrap_or(Timestamp::MIN);
    start..plus_seconds(start, DAY_S)
}

/// How long after `earlier` the instant `later` is; negative if it is before.
pub fn since(later: Timestamp, earlier: Timestamp) -> SignedDuration {
    later.duration_since(earlier)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_of_the_shop_begins_at_midnight_in_beijing() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let day = at("2025-06-01T00:00:00+08:00")..at("2025-06-02T00:00:00+08:00");
        for within in ["2025-05-31T16:00:00Z", "2025-06-01T23:59:59.999+08:00", "2025-06-01T12:00:00+08:00"] {
            assert_eq!(beijing_day(at(within)), day, "{within}");
        }
        assert_eq!(beijing_day(day.end).start, day.end);
        assert_eq!(beijing_day(at("1969-12-31T20:00:00Z")).start, at("1969-12-31T16:00:00Z"));
    }

    #[test]
    fn wechat_writes_beijing_time() {
        let paid: Timestamp = "2014-11-11T17:00:43+08:00".parse().unwrap();
        assert_eq!(from_compact("20141111170043"), Ok(paid));
        assert_eq!(to_compact(paid), "20141111170043");
        assert_eq!(from_spaced("2014-11-11 17：00：43"), Ok(paid));
        assert_eq!(to_spaced(paid), "2014-11-11 17:00:43");
        for wrong in ["", "2014111117004", "20141311170043", "2014111117004x", "２０１４1111170043"] {
            assert!(from_compact(wrong).is_err(), "{wrong:?}");
        }
    }
}

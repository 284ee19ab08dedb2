//! When to ask again: the schedules of `product.md` section 6 ("Pace of asking") and of the protocol sheets.

use jiff::{SignedDuration, Timestamp};

use crate::time::plus_seconds;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Seconds after first sight at which an unpaid order is asked about; then hourly until it is a day old.
const UNPAID_OFFSETS: [i64; 9] = [0, 5, 15, 30, MINUTE, 2 * MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE];

/// Seconds after acceptance (or after an unknown answer) at which a refund is asked about; then hourly for a day,
/// then daily up to ten days. The first six are the product's, the rest is the sheet's polling policy
/// (`wechat-pay-v2.md` 6.5).
const REFUND_OFFSETS: [i64; 9] = [1, 3, 7, 15, 30, MINUTE, 5 * MINUTE, 10 * MINUTE, 30 * MINUTE];

/// The next time after `now` at which an unpaid order is asked about, or `None` when it has been asked about for long
/// enough: it is a day old and will not be paid any more.
pub fn next_unpaid(first_seen: Timestamp, placed_at: Timestamp, now: Timestamp) -> Option<Timestamp> {
    let next = next_of(&UNPAID_OFFSETS, first_seen, now, HOUR);
    let end = plus_seconds(placed_at.min(first_seen), DAY);
    (next <= end).then_some(next)
}

/// The next time after `now` at which a refund's state is asked about, counted from its acceptance or from the unknown
/// answer; `None` after ten days.
pub fn next_refund(since: Timestamp, now: Timestamp) -> Option<Timestamp> {
    let age = now.duration_since(since);
    let next = if age < SignedDuration::from_secs(DAY) {
        next_of(&REFUND_OFFSETS, since, now, HOUR)
    } else {
        next_of(&[], since, now, DAY)
    };
    (next <= plus_seconds(since, 10 * DAY)).then_some(next)
}

/// Seconds that lie between two refunds of one payment (`wechat-pay-v2.md` 6.4): "at least 1 minute apart".
pub const BETWEEN_REFUNDS_S: i64 = MINUTE;

/// The next time after `now` at which a refund is asked about that its buyer's account could not take, counted from when
/// WeChat said so: hourly for a day, daily for thirty days, then weekly. It has no end, since the money is with nobody
/// until staff settle it, and nobody is told when they do.
pub fn next_abnormal(since: Timestamp, now: Timestamp) -> Timestamp {
    let age = now.duration_since(since);
    let period = if age < SignedDuration::from_secs(DAY) {
        HOUR
    } else if age < SignedDuration::from_secs(30 * DAY) {
        DAY
    } else {
        7 * DAY
    };
    next_of(&[], since, now, period)
}

/// The first offset still to come, or the next whole period after `since`.
fn next_of(offsets: &[i64], since: Timestamp, now: Timestamp, period: i64) -> Timestamp {
    for offset in offsets {
        let at = plus_seconds(since, *offset);
        if at > now {
            return at;
        }
    }
    let age = now.duration_since(since).as_secs().max(0);
    plus_seconds(since, (age / period + 1).saturating_mul(period))
}

/// When WeChat is asked again about an order that the backend calls paid and WeChat does not, after so many such answers
/// in a row: soon at first, since a payment can be seconds old, then ever more seldom; `None` after a day and more.
pub fn next_contradicted(answers: u32, now: Timestamp) -> Option<Timestamp> {
    const GAPS: [i64; 8] = [5, 10, 15, 30, MINUTE, 3 * MINUTE, 10 * MINUTE, 30 * MINUTE];
    const HOURLY: usize = 24;
    let asked = usize::try_from(answers.saturating_sub(1)).unwrap_or(usize::MAX);
    let gap = match GAPS.get(asked) {
        Some(gap) => *gap,
        None if asked < GAPS.len() + HOURLY => HOUR,
        None => return None,
    };
    Some(plus_seconds(now, gap))
}

/// How long to wait after the `failures`-th failure in a row: 1, 2, 4 … up to `cap` seconds.
pub fn backoff(failures: u32, cap_seconds: i64) -> SignedDuration {
    let seconds = 1i64.checked_shl(failures.saturating_sub(1).min(30)).unwrap_or(cap_seconds);
    SignedDuration::from_secs(seconds.min(cap_seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_750_000_000 + seconds).unwrap()
    }

    fn asked(next: impl Fn(Timestamp) -> Option<Timestamp>) -> Vec<i64> {
        let mut now = at(0);
        let mut list = Vec::new();
        while let Some(next) = next(now) {
            list.push(next.duration_since(at(0)).as_secs());
            now = next;
        }
        list
    }

    #[test]
    fn unpaid_orders_are_asked_about_on_the_easing_schedule() {
        let list = asked(|now| next_unpaid(at(0), at(0), now));
        assert_eq!(list[..9], [5, 15, 30, 60, 120, 300, 900, 1800, 3600]);
        assert_eq!(list.last(), Some(&DAY));
        assert_eq!(
            next_unpaid(at(0), at(-2 * DAY), at(0)),
            None,
            "older than a day: once at first sight only"
        );
    }

    #[test]
    fn refunds_are_asked_about_for_ten_days() {
        let list = asked(|now| next_refund(at(0), now));
        assert_eq!(list[..10], [1, 3, 7, 15, 30, 60, 300, 600, 1800, 3600]);
        assert_eq!(list.last(), Some(&(10 * DAY)));
    }

    #[test]
    fn an_abnormal_refund_is_asked_about_ever_more_seldom_and_for_ever() {
        let mut now = at(0);
        let mut gaps = Vec::new();
        for _ in 0..60 {
            let next = next_abnormal(at(0), now);
            gaps.push(next.duration_since(now).as_secs());
            now = next;
        }
        assert_eq!(gaps[..24], [HOUR; 24]);
        assert_eq!(gaps[24..53], [DAY; 29]);
        assert!(gaps[53] <= 7 * DAY && gaps[54..].iter().all(|gap| *gap == 7 * DAY), "{gaps:?}");
    }

    #[test]
    fn a_contradicted_payment_is_asked_about_soon_and_not_for_ever() {
        let gap =
            |answers| next_contradicted(answers, at(0)).map(|next| next.duration_since(at(0)).as_secs());
        assert_eq!(
            (gap(1), gap(2), gap(8), gap(9), gap(32)),
            (Some(5), Some(10), Some(1800), Some(3600), Some(3600))
        );
        assert_eq!(gap(33), None);
    }

    #[test]
    fn backoff_doubles_and_stops() {
        let seconds: Vec<i64> = (1..=8).map(|failures| backoff(failures, 60).as_secs()).collect();
        assert_eq!(seconds, [1, 2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(backoff(0, 60).as_secs(), 1);
        assert_eq!(backoff(u32::MAX, 60).as_secs(), 60);
    }
}

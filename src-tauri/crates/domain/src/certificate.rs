//! How near the end of the merchant certificate is. Without one no refund goes out, and getting a new one takes a person
//! some days.

use jiff::Timestamp;

/// So many days before the end people are told, each time once.
pub const WARNING_DAYS: [u16; 3] = [60, 30, 7];

const DAY_SECONDS: i64 = 86_400;

/// How near the end of a certificate is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nearness {
    /// Further away than anybody has to think of.
    Far,
    /// So many days away at most: one of [`WARNING_DAYS`].
    Within(u16),
    /// Behind us.
    Over,
}

/// How near the end of a certificate is whose last instant is `until`.
pub fn nearness(until: Timestamp, now: Timestamp) -> Nearness {
    if now > until {
        return Nearness::Over;
    }
    let left = until.as_second().saturating_sub(now.as_second());
    let within = WARNING_DAYS.into_iter().rev().find(|days| left <= i64::from(*days) * DAY_SECONDS);
    within.map_or(Nearness::Far, Nearness::Within)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time;

    #[test]
    fn each_warning_holds_until_the_next_one() {
        let now: Timestamp = "2027-01-01T00:00:00Z".parse().unwrap();
        let after =
            |days: i64, seconds: i64| nearness(time::plus_seconds(now, days * DAY_SECONDS + seconds), now);
        assert_eq!(after(60, 1), Nearness::Far);
        assert_eq!(after(60, 0), Nearness::Within(60));
        assert_eq!(after(30, 1), Nearness::Within(60));
        assert_eq!(after(30, 0), Nearness::Within(30));
        assert_eq!(after(7, 1), Nearness::Within(30));
        assert_eq!(after(7, 0), Nearness::Within(7));
        assert_eq!(after(0, 0), Nearness::Within(7));
        assert_eq!(after(0, -1), Nearness::Over);
    }
}

//! What a PIN has to be, and how long somebody waits after wrong ones.
//!
//! A PIN keeps colleagues at the counter apart. It is no protection from somebody who carries the data folder away: four
//! digits are soon tried out there, whatever they are hashed with. Keys that could move money are not in that folder.

use thiserror::Error;

use crate::Secret;
use crate::time::{SignedDuration, Timestamp, plus_seconds, since};

/// How many digits a PIN has.
pub const PIN_LENGTH: std::ops::RangeInclusive<usize> = 4..=12;

/// Why a new PIN is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum WeakPin {
    /// It is not 4 to 12 digits.
    #[error("a PIN has 4 to 12 digits")]
    Form,
    /// A piece of it repeated: 0000, 1212, 123123.
    #[error("a PIN that repeats itself is soon guessed")]
    Repeated,
    /// Digits in a row: 1234, 9876, 7890.
    #[error("a PIN of digits in a row is soon guessed")]
    Sequence,
}

/// Whether somebody may choose this PIN.
pub fn check_pin(pin: &Secret<String>) -> Result<(), WeakPin> {
    let digits = pin.expose().as_bytes();
    if !PIN_LENGTH.contains(&digits.len()) || !digits.iter().all(u8::is_ascii_digit) {
        return Err(WeakPin::Form);
    }
    let repeats = |period: usize| digits.iter().zip(&digits[period..]).all(|(one, next)| one == next);
    if (1..=digits.len() / 2).any(repeats) {
        return Err(WeakPin::Repeated);
    }
    // As on a row of keys: after 9 comes 0.
    let steps = |by: u8| digits.windows(2).all(|pair| (pair[0] - b'0' + by) % 10 == pair[1] - b'0');
    if steps(1) || steps(9) {
        return Err(WeakPin::Sequence);
    }
    Ok(())
}

/// What each wrong PIN in a row costs, in seconds. The last one goes for all further ones: with half an hour a try it
/// takes most of a year to go through four digits, and whoever forgot theirs is not locked out for a day.
const COOL_DOWN_S: [i64; 8] = [0, 0, 30, 60, 120, 300, 900, 1_800];

/// Which wrong PIN in a row is the first that costs time.
const FIRST_THAT_WAITS: u32 = 3;

/// How long somebody has to wait after so many wrong PINs in a row.
pub fn cool_down(wrong_in_a_row: u32) -> SignedDuration {
    let last = COOL_DOWN_S.len() - 1;
    let index = usize::try_from(wrong_in_a_row).unwrap_or(usize::MAX);
    let seconds = index.checked_sub(1).map_or(0, |index| COOL_DOWN_S[index.min(last)]);
    SignedDuration::from_secs(seconds)
}

/// How many tries are left until a wrong one costs time: 3 at first, 0 once each of them does.
pub fn tries_before_waiting(wrong_in_a_row: u32) -> u32 {
    FIRST_THAT_WAITS.saturating_sub(wrong_in_a_row)
}

/// Until when somebody has to wait, by the PC's clock.
///
/// The rule: a cool-down is over when both the clock says so, which anybody may set and which goes on over restarts
/// (`locked_until`), and the machine's own count of time, which nobody sets (`left`). So a clock put forward shortens no
/// cool-down as long as the program runs, and one put back locks nobody out for longer than the whole cool-down from now
/// on. What is left is to put the clock forward and to start the program anew for every single try.
pub fn waits_until(
    wrong_in_a_row: u32,
    locked_until: Option<Timestamp>,
    left: SignedDuration,
    now: Timestamp,
) -> Option<Timestamp> {
    let by_clock = locked_until.filter(|until| *until > now).map(|until| {
        let whole = cool_down(wrong_in_a_row);
        if since(until, now) > whole { plus_seconds(now, whole.as_secs()) } else { until }
    });
    let steady = left.is_positive().then(|| now.saturating_add(left).unwrap_or(now));
    by_clock.max(steady)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pin(text: &str) -> Secret<String> {
        Secret::new(text.to_owned())
    }

    #[test]
    fn weak_pins_are_told_why() {
        for wrong in ["", "123", "1234567890123", "12a4", "１２３５", "12 5", "-123"] {
            assert_eq!(check_pin(&pin(wrong)), Err(WeakPin::Form), "{wrong:?}");
        }
        for wrong in ["0000", "7777777", "1212", "123123", "12341234", "9090909", "12121"] {
            assert_eq!(check_pin(&pin(wrong)), Err(WeakPin::Repeated), "{wrong}");
        }
        for wrong in ["1234", "4321", "7890", "0987", "23456789", "901234"] {
            assert_eq!(check_pin(&pin(wrong)), Err(WeakPin::Sequence), "{wrong}");
        }
        for right in ["2580", "1357", "8241", "1235", "1221", "100200300400"] {
            assert_eq!(check_pin(&pin(right)), Ok(()), "{right}");
        }
    }

    #[test]
    fn waiting_grows_and_is_bounded() {
        let waits: Vec<i64> = (0..12).map(|wrong| cool_down(wrong).as_secs()).collect();
        assert_eq!(waits, [0, 0, 0, 30, 60, 120, 300, 900, 1_800, 1_800, 1_800, 1_800]);
        assert_eq!(cool_down(u32::MAX).as_secs(), 1_800);
        assert_eq!([0, 1, 2, 3, 9].map(tries_before_waiting), [3, 2, 1, 0, 0]);
        let first = (1..).find(|wrong| cool_down(*wrong).is_positive());
        assert_eq!(first, Some(FIRST_THAT_WAITS));
    }

    #[test]
    fn a_clock_that_was_put_back_locks_nobody_out() {
        let at = |seconds: i64| Timestamp::from_second(1_750_000_000 + seconds).unwrap();
        let by_clock = |until, now| waits_until(3, until, SignedDuration::ZERO, now);
        assert_eq!(by_clock(Some(at(30)), at(29)), Some(at(30)));
        assert_eq!(by_clock(Some(at(30)), at(30)), None);
        assert_eq!(by_clock(None, at(0)), None);
        assert_eq!(by_clock(Some(at(86_400)), at(0)), Some(at(30)), "a whole cool-down and no day");
    }

    #[test]
    fn a_clock_that_is_put_forward_shortens_nothing() {
        let at = |seconds: i64| Timestamp::from_second(1_750_000_000 + seconds).unwrap();
        let left = SignedDuration::from_secs(20);
        assert_eq!(waits_until(3, Some(at(30)), left, at(3_600)), Some(at(3_620)));
        assert_eq!(waits_until(3, Some(at(30)), left, at(10)), Some(at(30)), "both say the same");
        assert_eq!(waits_until(3, Some(at(30)), left, at(5)), Some(at(30)), "whichever is later");
    }

    proptest! {
        #[test]
        fn no_text_breaks_the_check(text in ".{0,20}") {
            let digits = text.bytes().all(|byte| byte.is_ascii_digit());
            let outcome = check_pin(&pin(&text));
            prop_assert!(outcome.is_err() || (digits && PIN_LENGTH.contains(&text.len())));
        }

        #[test]
        fn a_longer_row_of_wrong_pins_never_waits_less(wrong in 0..40u32) {
            prop_assert!(cool_down(wrong) <= cool_down(wrong + 1));
        }
    }
}

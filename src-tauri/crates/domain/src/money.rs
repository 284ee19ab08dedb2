use std::fmt;
use std::iter::Sum;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// An amount of money in fen, 1/100 yuan.
///
/// Arithmetic is checked: an overflow is `None`, never a wrapped number. There is no conversion from or to
/// floating point, because 0.29 yuan times 100 is 28.999… there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fen(i64);

impl Fen {
    /// No money.
    pub const ZERO: Fen = Fen(0);
    /// The most that one amount of the merchant contract may be: 10^11 fen, a billion yuan
    /// (`merchant-api.yaml`, schema Fen).
    pub const CONTRACT_MAX: Fen = Fen(100_000_000_000);

    /// An amount of `fen`.
    pub const fn new(fen: i64) -> Fen {
        Fen(fen)
    }

    /// The number of fen.
    pub const fn get(self) -> i64 {
        self.0
    }

    /// The sum, or `None` when it does not fit.
    pub fn checked_add(self, other: Fen) -> Option<Fen> {
        self.0.checked_add(other.0).map(Fen)
    }

    /// The difference, or `None` when it does not fit.
    pub fn checked_sub(self, other: Fen) -> Option<Fen> {
        self.0.checked_sub(other.0).map(Fen)
    }

    /// The amount times a quantity, or `None` when it does not fit.
    pub fn checked_mul(self, quantity: i64) -> Option<Fen> {
        self.0.checked_mul(quantity).map(Fen)
    }

    /// Whether the amount is above zero.
    pub const fn is_positive(self) -> bool {
        self.0 > 0
    }

    /// Reads yuan written with at most two decimals, as a person types them: `12`, `12.5`, `12.50`.
    pub fn from_yuan(text: &str) -> Result<Fen, InvalidYuan> {
        Fen::read(text, 2)
    }

    /// Reads yuan as WeChat's bills print them: up to five decimals, of which those beyond fen must be zero
    /// for an amount (`6.00000`), while fees may have them and are read by [`Fen::from_bill_fee`].
    pub fn from_bill(text: &str) -> Result<Fen, InvalidYuan> {
        Fen::read(text, 5)
    }

    /// Reads a fee of a bill (`0.03870`) and rounds it half away from zero to fen: WeChat charges to the fen and
    /// prints the unrounded product.
    pub fn from_bill_fee(text: &str) -> Result<Fen, InvalidYuan> {
        let micro = scaled(text, 5)?;
        let rounded = (micro.abs() + 500) / 1_000;
        i64::try_from(rounded * micro.signum()).map(Fen).map_err(|_| InvalidYuan)
    }

    fn read(text: &str, decimals: usize) -> Result<Fen, InvalidYuan> {
        let micro = scaled(text, decimals)?;
        if micro % 1_000 != 0 {
            return Err(InvalidYuan);
        }
        i64::try_from(micro / 1_000).map(Fen).map_err(|_| InvalidYuan)
    }
}

/// The text times 10^5, by integer arithmetic alone.
fn scaled(text: &str, decimals: usize) -> Result<i128, InvalidYuan> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !plain(whole) || !plain(fraction) || fraction.len() > decimals.max(1) || whole.len() > 17 {
        return Err(InvalidYuan);
    }
    let whole: i128 = whole.parse().map_err(|_| InvalidYuan)?;
    let fraction: i128 = format!("{fraction:0<5}").parse().map_err(|_| InvalidYuan)?;
    let value = whole * 100_000 + fraction;
    Ok(if negative { -value } else { value })
}

/// Yuan with two decimals and no currency sign: `-3.05`.
impl fmt::Display for Fen {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let fen = self.0.unsigned_abs();
        let text = format!("{sign}{}.{:02}", fen / 100, fen % 100);
        formatter.pad(&text)
    }
}

impl FromStr for Fen {
    type Err = InvalidYuan;

    fn from_str(text: &str) -> Result<Fen, InvalidYuan> {
        Fen::from_yuan(text)
    }
}

/// Saturates at the ends of the range, which no real day's takings reach.
impl Sum for Fen {
    fn sum<I: Iterator<Item = Fen>>(amounts: I) -> Fen {
        Fen(amounts.fold(0, |sum, amount| sum.saturating_add(amount.0)))
    }
}

/// The text is not an amount of yuan that fen can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("not an amount of yuan")]
pub struct InvalidYuan;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn yuan_is_read_without_floats() {
        assert_eq!(Fen::from_yuan("0.29"), Ok(Fen(29)));
        assert_eq!(Fen::from_yuan("-12.5"), Ok(Fen(-1250)));
        assert_eq!(Fen::from_yuan("7"), Ok(Fen(700)));
        for wrong in
            ["", ".", "1.", ".5", "1.234", "1,00", "+1", "１", "--1", "1e2", " 1", "99999999999999999999"]
        {
            assert_eq!(Fen::from_yuan(wrong), Err(InvalidYuan), "{wrong:?}");
        }
    }

    #[test]
    fn bills_print_up_to_five_decimals() {
        assert_eq!(Fen::from_bill("6.00000"), Ok(Fen(600)));
        assert_eq!(Fen::from_bill("0"), Ok(Fen(0)));
        assert_eq!(Fen::from_bill("0.0"), Ok(Fen(0)));
        assert_eq!(Fen::from_bill("0.001"), Err(InvalidYuan), "an amount with a part of a fen is no amount");
        assert_eq!(Fen::from_bill_fee("0.03870"), Ok(Fen(4)));
        assert_eq!(Fen::from_bill_fee("-0.01500"), Ok(Fen(-2)));
    }

    proptest! {
        #[test]
        fn what_is_printed_reads_back(fen in -9_000_000_000_000_000i64..9_000_000_000_000_000) {
            prop_assert_eq!(Fen::from_yuan(&Fen(fen).to_string()), Ok(Fen(fen)));
        }

        #[test]
        fn any_text_is_an_amount_or_an_error(text in "\\PC{0,30}") {
            let _ = Fen::from_yuan(&text);
            let _ = Fen::from_bill_fee(&text);
        }
    }
}

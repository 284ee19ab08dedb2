//! Codes that the printer draws itself: what they say, and how it looks.

use std::sync::Arc;

use barcoders::sym::codabar::Codabar;
use barcoders::sym::code39::Code39;
use barcoders::sym::code93::Code93;
use barcoders::sym::code128::Code128;
use barcoders::sym::ean8::EAN8;
use barcoders::sym::ean13::EAN13;
use barcoders::sym::tf::TF;
use qrcodegen::{QrCodeEcc, QrSegment, Version};

/// A QR code of model 2.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QrCode {
    /// What it says. Shared, because a job may print the same code a thousand times.
    pub content: Arc<[u8]>,
    /// How much of it may be lost.
    pub level: QrLevel,
    /// The side of a module in dots, 1 to 16.
    pub module_dots: u8,
    pub(super) paper_dots: u32,
}

/// How much of a QR code may be lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum QrLevel {
    /// 7 %.
    #[default]
    L,
    /// 15 %.
    M,
    /// 25 %.
    Q,
    /// 30 %.
    H,
}

impl QrCode {
    /// Its modules: the smallest version that holds the content. `None` where the printer prints nothing: there is
    /// no content, or too much for a code or for the paper.
    ///
    /// This is work, up to some milliseconds for a large code. Printers differ in the mask, which is free.
    pub fn modules(&self) -> Option<Modules> {
        if self.content.is_empty() {
            return None;
        }
        let segments = match std::str::from_utf8(&self.content) {
            Ok(text) => QrSegment::make_segments(text),
            Err(_) => vec![QrSegment::make_bytes(&self.content)],
        };
        let level = match self.level {
            QrLevel::L => QrCodeEcc::Low,
            QrLevel::M => QrCodeEcc::Medium,
            QrLevel::Q => QrCodeEcc::Quartile,
            QrLevel::H => QrCodeEcc::High,
        };
        let (smallest, largest) = (Version::MIN, Version::MAX);
        let drawn =
            qrcodegen::QrCode::encode_segments_advanced(&segments, level, smallest, largest, None, false);
        let drawn = drawn.ok()?;
        let side = drawn.size();
        let modules = (0..side).flat_map(|y| (0..side).map(move |x| (x, y)));
        let modules = Modules {
            side: u32::try_from(side).ok()?,
            dark: modules.map(|(x, y)| drawn.get_module(x, y)).collect(),
        };
        (modules.side * u32::from(self.module_dots) <= self.paper_dots).then_some(modules)
    }
}

/// The modules of a QR code, without the blank margin around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Modules {
    side: u32,
    dark: Vec<bool>,
}

impl Modules {
    /// How many stand side by side, 21 to 177.
    pub fn side(&self) -> u32 {
        self.side
    }

    /// Whether one is dark, counted from the top left; outside the code none is.
    pub fn is_dark(&self, x: u32, y: u32) -> bool {
        let index = u64::from(y) * u64::from(self.side) + u64::from(x);
        let dark = usize::try_from(index).ok().and_then(|index| self.dark.get(index));
        x < self.side && dark.copied().unwrap_or_default()
    }

    /// The dark modules as the data of an SVG path, one unit a module, a rectangle for each run in a row.
    pub fn svg_path(&self) -> String {
        let mut path = String::new();
        for y in 0..self.side {
            let mut x = 0;
            while x < self.side {
                let run = (x..self.side).take_while(|x| self.is_dark(*x, y)).count();
                if run > 0 {
                    path.push_str(&format!("M{x} {y}h{run}v1h-{run}z"));
                }
                // Behind a run stands a light module.
                x += u32::try_from(run).unwrap_or_default() + 1;
            }
        }
        path
    }
}

/// A bar code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Barcode {
    /// Which kind.
    pub symbology: Symbology,
    /// What it says, as it was sent.
    pub content: Vec<u8>,
    /// The height of its bars in dots, 1 to 255.
    pub height_dots: u8,
    /// The width of the thinnest bar in dots, 2 to 6.
    pub module_dots: u8,
    /// Where its text stands.
    pub label: Label,
    pub(super) paper_dots: u32,
}

/// A kind of bar code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the standards, and there is no more to say")]
pub enum Symbology {
    UpcA,
    UpcE,
    Ean13,
    Ean8,
    Code39,
    Itf,
    Codabar,
    Code93,
    Code128,
}

/// Where the text of a bar code stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Label {
    /// There is none.
    #[default]
    None,
    /// Above the bars.
    Above,
    /// Below them.
    Below,
    /// Above and below.
    Both,
}

impl Barcode {
    /// Its bars from left to right, one module each, true for black. `None` where the printer only feeds paper:
    /// the content is none of this kind, or wider than the paper. Neither UPC-E nor the shift of CODE128 is drawn.
    pub fn bars(&self) -> Option<Vec<bool>> {
        let text = self.payload()?;
        let modules = match self.symbology {
            Symbology::UpcE => return None,
            Symbology::UpcA | Symbology::Ean13 => EAN13::new(text).ok()?.encode(),
            Symbology::Ean8 => EAN8::new(text).ok()?.encode(),
            Symbology::Code39 => Code39::new(text).ok()?.encode(),
            Symbology::Itf => TF::interleaved(text).ok()?.encode(),
            Symbology::Codabar => Codabar::new(text).ok()?.encode(),
            Symbology::Code93 => Code93::new(text).ok()?.encode(),
            Symbology::Code128 => Code128::new(text).ok()?.encode(),
        };
        let width_dots = modules.len() * usize::from(self.module_dots);
        let fits = u32::try_from(width_dots).is_ok_and(|width| width <= self.paper_dots);
        fits.then(|| modules.into_iter().map(|module| module == 1).collect())
    }

    /// What its label says: the content without the commands in it, with the check digit where the printer adds one.
    pub fn text(&self) -> String {
        let text = match self.symbology {
            Symbology::Code128 => code128(&self.content).map(|symbols| symbols.label),
            Symbology::UpcA => self.digits(11).map(with_check_digit),
            Symbology::Ean13 => self.digits(12).map(with_check_digit),
            Symbology::Ean8 => self.digits(7).map(with_check_digit),
            _ => None,
        };
        text.unwrap_or_else(|| self.content.iter().map(|byte| printable(*byte)).collect())
    }

    /// The content as the library wants it.
    fn payload(&self) -> Option<String> {
        let text = || String::from_utf8(self.content.clone()).ok();
        match self.symbology {
            // The check digit is the printer's to add, also where a wrong one was sent.
            Symbology::UpcA => Some(format!("0{}", self.digits(11)?)),
            Symbology::Ean13 => self.digits(12),
            Symbology::Ean8 => self.digits(7),
            // An odd digit is ignored.
            Symbology::Itf => self.digits(self.content.len() & !1),
            // The stars are the printer's to add, also where they were sent.
            Symbology::Code39 => Some(text()?.trim_matches('*').to_owned()),
            Symbology::Codabar => Some(text()?.to_ascii_uppercase()),
            Symbology::Code128 => Some(code128(&self.content)?.payload),
            Symbology::UpcE | Symbology::Code93 => text(),
        }
    }

    /// So many digits from the beginning, of which one more may have been sent.
    fn digits(&self, count: usize) -> Option<String> {
        let is_long_enough = (count..=count + 1).contains(&self.content.len());
        let digits = self.content.get(..count)?;
        let is_number = is_long_enough && self.content.iter().all(u8::is_ascii_digit);
        is_number.then(|| digits.iter().map(|digit| char::from(*digit)).collect())
    }
}

/// The digits and the one that makes the weighted sum, counted with 3 and 1 from the right, a multiple of ten.
fn with_check_digit(mut digits: String) -> String {
    let weighted = digits.bytes().rev().zip([3, 1].into_iter().cycle());
    let sum: u32 = weighted.map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    digits.extend(char::from_digit((10 - sum % 10) % 10, 10));
    digits
}

fn printable(byte: u8) -> char {
    match byte {
        0x20..=0x7E => char::from(byte),
        _ => ' ',
    }
}

/// What stands in a CODE128, in two spellings.
struct Code128Symbols {
    payload: String,
    label: String,
}

/// Reads the data of `GS k 73`: `{A`, `{B` and `{C` choose the set, `{1` to `{4` are FNC1 to FNC4, `{{` is a brace, and
/// in set C a byte is a number from 0 to 99. `None` for anything else.
fn code128(data: &[u8]) -> Option<Code128Symbols> {
    let mut symbols = Code128Symbols { payload: String::new(), label: String::new() };
    let mut set = None;
    let mut bytes = data.iter().copied();
    while let Some(byte) = bytes.next() {
        let escape = if byte == b'{' { Some(bytes.next()?) } else { None };
        if let Some(chosen @ b'A'..=b'C') = escape {
            if set != Some(chosen) {
                symbols.payload.push(match chosen {
                    b'A' => '\u{C0}',
                    b'B' => '\u{181}',
                    _ => '\u{106}',
                });
            }
            set = Some(chosen);
            continue;
        }
        match (escape, set?) {
            (Some(b'1'), _) => symbols.payload.push('\u{179}'),
            (Some(b'2'), b'A' | b'B') => symbols.payload.push('\u{17A}'),
            (Some(b'3'), b'A' | b'B') => symbols.payload.push('\u{17B}'),
            (Some(b'4'), b'A' | b'B') => symbols.payload.push('\u{17C}'),
            (None, b'C') if byte < 100 => {
                let pair = format!("{byte:02}");
                symbols.payload.push_str(&pair);
                symbols.label.push_str(&pair);
            }
            (None | Some(b'{'), b'A' | b'B') if byte < 0x80 => {
                symbols.payload.push(char::from(byte));
                symbols.label.push(printable(byte));
            }
            _ => return None,
        }
    }
    Some(symbols)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn qr(content: &[u8], module_dots: u8) -> QrCode {
        QrCode { content: content.into(), level: QrLevel::M, module_dots, paper_dots: 384 }
    }

    fn barcode(symbology: Symbology, content: &[u8]) -> Barcode {
        let label = Label::Below;
        Barcode {
            symbology,
            content: content.to_vec(),
            height_dots: 64,
            module_dots: 2,
            label,
            paper_dots: 576,
        }
    }

    fn bars(symbology: Symbology, content: &[u8]) -> Option<String> {
        let bars = barcode(symbology, content).bars()?;
        Some(bars.into_iter().map(|bar| if bar { '1' } else { '0' }).collect())
    }

    #[test]
    fn a_qr_code_is_the_smallest_that_holds_its_content() {
        for (content, side) in
            [(b"wxp://x".as_slice(), 21), (b"01234567890123456789012345678901", 21), (&[0xFF; 20], 25)]
        {
            let modules = qr(content, 3).modules().unwrap();
            assert_eq!(modules.side(), side, "{content:?}");
            // The corners have their eyes, which no content touches.
            let eye = |left, top| {
                (0..7).all(|at| modules.is_dark(left + at, top) && modules.is_dark(left, top + at))
            };
            assert!(eye(0, 0) && eye(side - 7, 0) && eye(0, side - 7) && !modules.is_dark(side, 0));
        }
    }

    #[test]
    fn the_path_of_a_qr_code_covers_its_dark_modules() {
        let modules = qr("https://例子.cn/订单/1".as_bytes(), 3).modules().unwrap();
        let path = modules.svg_path();
        let mut covered = 0;
        for run in path.split('M').skip(1) {
            let (place, rest) = run.split_once('h').unwrap();
            let (x, y) = place.split_once(' ').unwrap();
            let (x, y): (u32, u32) = (x.parse().unwrap(), y.parse().unwrap());
            let length: u32 = rest.split_once('v').unwrap().0.parse().unwrap();
            assert_eq!(rest, format!("{length}v1h-{length}z"));
            assert!((x..x + length).all(|x| modules.is_dark(x, y)));
            covered += length;
        }
        let side = modules.side();
        let dark =
            (0..side).flat_map(|y| (0..side).map(move |x| (x, y))).filter(|(x, y)| modules.is_dark(*x, *y));
        assert_eq!(covered as usize, dark.count());
    }

    #[test]
    fn a_qr_code_that_fits_nowhere_is_not_printed() {
        assert_eq!(qr(b"", 3).modules(), None);
        assert_eq!(qr(&[b'a'; 2_400], 1).modules(), None, "more than version 40 holds at level M");
        assert_eq!(qr(b"a", 18).modules().map(|modules| modules.side()), Some(21));
        assert_eq!(qr(b"a", 19).modules(), None, "21 modules of 19 dots are wider than 384");
    }

    /// Of each bar and gap whether it is thicker than the thinnest.
    fn thickness(bars: &str) -> Vec<bool> {
        let runs: Vec<_> = bars.as_bytes().chunk_by(|a, b| a == b).map(<[u8]>::len).collect();
        let thinnest = runs.iter().min().copied();
        runs.into_iter().map(|run| Some(run) > thinnest).collect()
    }

    #[test]
    fn bars_are_those_of_the_standards() {
        // What python-barcode 0.16.1 draws.
        for (symbology, content, expected) in [
            (
                Symbology::Ean13,
                b"400398133393".as_slice(),
                "10100011010100111011110100010110001001011001101010100001010000101000010111010010000101011100101",
            ),
            (
                Symbology::Ean13,
                b"4003981333931",
                "10100011010100111011110100010110001001011001101010100001010000101000010111010010000101011100101",
            ),
            (
                Symbology::UpcA,
                b"03600029145",
                "10100011010111101010111100011010001101000110101010110110011101001100110101110010011101101100101",
            ),
            (
                Symbology::Ean8,
                b"9638507",
                "1010001011010111101111010110111010101001110111001010001001011100101",
            ),
            (
                Symbology::Code128,
                b"{BAb12",
                "1101001000010100011000100100001101001110011011001110010101111001001100011101011",
            ),
            (
                Symbology::Code128,
                b"{C\x0c\x22\x38",
                "11010011100101100111001000101100011100010110100011011101100011101011",
            ),
        ] {
            assert_eq!(bars(symbology, content).as_deref(), Some(expected), "{symbology:?} of {content:?}");
        }
        // A thick bar is two or three thin ones, as each library likes it.
        assert_eq!(
            thickness(&bars(Symbology::Itf, b"123456").unwrap()),
            thickness(
                "11001100111110011000001100110011111000001111100111110011000001100110000011111001100000111110000011001100111110011"
            ),
        );
        assert_eq!(
            thickness(&bars(Symbology::Code39, b"ABC-12").unwrap()),
            thickness(
                "1000101110111010111010100010111010111010001011101110111010001010100010101110111011101000101011101011100010101110100010111011101"
            ),
        );
        assert_eq!(bars(Symbology::Code39, b"ABC"), bars(Symbology::Code39, b"*ABC*"));
        assert_eq!(bars(Symbology::Itf, b"12345"), bars(Symbology::Itf, b"1234"));
        assert_eq!(bars(Symbology::UpcA, b"03600029145"), bars(Symbology::Ean13, b"003600029145"));
    }

    #[test]
    fn a_label_says_what_the_bars_say() {
        let text = |symbology, content: &[u8]| barcode(symbology, content).text();
        assert_eq!(text(Symbology::Ean13, b"690123456789"), "6901234567892");
        assert_eq!(text(Symbology::Ean8, b"9638507"), "96385074");
        assert_eq!(text(Symbology::UpcA, b"03600029145"), "036000291452");
        assert_eq!(text(Symbology::Code128, b"{C\x25\x05{Ba{{b"), "3705a{b");
        assert_eq!(text(Symbology::Code39, b"A\nB"), "A B");
    }

    #[test]
    fn what_is_no_bar_code_is_not_printed() {
        for (symbology, content) in [
            (Symbology::Ean13, b"12345".as_slice()),
            (Symbology::Ean13, b"12345678901x"),
            (Symbology::Ean8, b""),
            (Symbology::Code39, b"abc"),
            (Symbology::Code39, b"\xFF"),
            (Symbology::Itf, b"1"),
            (Symbology::Codabar, b"X"),
            (Symbology::Code128, b"no set"),
            (Symbology::Code128, b"{"),
            (Symbology::Code128, b"{C\x64"),
            (Symbology::Code128, b"{Ba{Sb"),
        ] {
            assert_eq!(bars(symbology, content), None, "{symbology:?} of {content:?}");
        }
        assert_eq!(bars(Symbology::Code39, &[b'A'; 40]), None, "wider than the paper");
    }
}

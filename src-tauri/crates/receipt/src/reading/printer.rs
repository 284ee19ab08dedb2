//! A printer's state, and what it puts on paper.

use std::sync::Arc;

use super::character;
use super::code::{Barcode, Label, QrCode, QrLevel};
use super::command::{self, Command};
use super::picture::Picture;
use super::slip::{Align, End, Font, Knife, LINE_DOTS, Look, Row, Slip, Span};
use crate::paper::Paper;

/// Tab stops after power-on stand this many columns apart.
const TAB_COLUMNS: u32 = 8;
/// Dots of a column of font A.
const COLUMN_DOTS: u32 = 12;
/// The bytes of a `GS k` that are no data.
const BARCODE_HEAD: usize = 3;

/// Gives slips one after the other, as the bytes come to their ends.
pub(super) struct Printer<'a> {
    bytes: &'a [u8],
    at: usize,
    columns: u8,
    width_dots: u32,
    slip_begin: usize,
    rows: Vec<Row>,
    /// Whether any of the rows took paper.
    paper_moved: bool,
    line: Line,
    settings: Settings,
}

/// Text that waits for the end of its line.
#[derive(Default)]
struct Line {
    spans: Vec<Span>,
    used_dots: u32,
}

/// Everything that `ESC @` resets.
struct Settings {
    align: Align,
    bold: bool,
    double_strike: bool,
    inverse: bool,
    single: Manner,
    double: Manner,
    font: Font,
    double_byte: bool,
    code_page: u8,
    spacing_dots: u32,
    tab_stops: Option<Vec<u8>>,
    qr: QrSettings,
    barcode_height: u8,
    barcode_module: u8,
    barcode_label: Label,
}

/// What single-byte and double-byte text have each for themselves.
#[derive(Clone, Copy)]
struct Manner {
    wide: u8,
    tall: u8,
    underline: bool,
}

struct QrSettings {
    is_model_2: bool,
    module_dots: u8,
    level: QrLevel,
    content: Arc<[u8]>,
}

impl Default for Settings {
    /// As after power-on.
    fn default() -> Settings {
        let plain = Manner { wide: 1, tall: 1, underline: false };
        Settings {
            align: Align::Left,
            bold: false,
            double_strike: false,
            inverse: false,
            single: plain,
            double: plain,
            font: Font::A,
            double_byte: true,
            code_page: 0,
            spacing_dots: LINE_DOTS,
            tab_stops: None,
            qr: QrSettings { is_model_2: true, module_dots: 3, level: QrLevel::L, content: Arc::default() },
            barcode_height: 162,
            barcode_module: 3,
            barcode_label: Label::None,
        }
    }
}

impl Settings {
    fn look(&self, cells: u32) -> Look {
        let (manner, font) = if cells == 1 { (self.single, self.font) } else { (self.double, Font::A) };
        Look {
            bold: self.bold || self.double_strike,
            underline: manner.underline,
            inverse: self.inverse,
            wide: manner.wide,
            tall: manner.tall,
            font,
        }
    }
}

impl Iterator for Printer<'_> {
    type Item = Slip;

    fn next(&mut self) -> Option<Slip> {
        while let Some(rest) = self.bytes.get(self.at..).filter(|rest| !rest.is_empty()) {
            if let Some(end) = self.step(rest) {
                let slip = self.slip(end);
                self.slip_begin = self.at;
                if slip.is_some() {
                    return slip;
                }
            }
        }
        self.slip(End::Hanging)
    }
}

impl<'a> Printer<'a> {
    pub(super) fn new(bytes: &'a [u8], paper: Paper) -> Printer<'a> {
        Printer {
            bytes,
            at: 0,
            columns: paper.columns(),
            width_dots: u32::from(paper.columns()) * COLUMN_DOTS,
            slip_begin: 0,
            rows: Vec::new(),
            paper_moved: false,
            line: Line::default(),
            settings: Settings::default(),
        }
    }

    /// Takes the next command or character; says if it ended the slip.
    fn step(&mut self, rest: &'a [u8]) -> Option<End> {
        match *rest {
            [lead, second, ..] if self.settings.double_byte && character::is_lead(lead) => {
                self.write(character::double([lead, second]), 2);
                self.at += 2;
                None
            }
            [lead] if self.settings.double_byte && character::is_lead(lead) => self.wait_for_ever(),
            [byte @ (0x20..=0x7E | 0x80..), ..] => {
                self.write(character::single(byte, self.settings.code_page), 1);
                self.at += 1;
                None
            }
            _ => match command::parse(rest) {
                Some((command, length)) => self.obey(command, length),
                None => self.wait_for_ever(),
            },
        }
    }

    /// The rest of a command never comes.
    fn wait_for_ever(&mut self) -> Option<End> {
        self.at = self.bytes.len();
        None
    }

    fn obey(&mut self, command: Command<'_>, length: usize) -> Option<End> {
        let begins_job = command == Command::Initialise;
        if begins_job && self.paper_moved {
            // Once more, as the first command of the next slip.
            self.line = Line::default();
            return Some(End::Torn);
        }
        let line_is_empty = self.line.spans.is_empty();
        let is_text_here = matches!(command, Command::Barcode { .. }) && !line_is_empty;
        self.at = self.at.saturating_add(if is_text_here { BARCODE_HEAD } else { length });
        match command {
            Command::Cut { knife, feed_dots } if line_is_empty => return Some(self.cut(knife, feed_dots)),
            Command::Align(align) if line_is_empty => self.settings.align = align,
            Command::Raster { wide, tall, bytes_across, data } if line_is_empty => {
                if let Some(picture) = Picture::new(data, bytes_across, wide, tall, self.width_dots) {
                    self.picture(picture);
                }
            }
            Command::QrPrint if line_is_empty && self.settings.qr.is_model_2 => self.qr_code(),
            Command::Barcode { symbology, content } if line_is_empty => {
                let code = Barcode {
                    symbology,
                    content: content.to_vec(),
                    height_dots: self.settings.barcode_height,
                    module_dots: self.settings.barcode_module,
                    label: self.settings.barcode_label,
                    paper_dots: self.width_dots,
                };
                self.print(Row::Barcode { align: self.settings.align, code });
            }
            Command::Initialise => {
                self.line = Line::default();
                self.settings = Settings::default();
            }
            Command::LineFeed => self.end_line(self.settings.spacing_dots),
            Command::FeedLines(lines) => self.end_line(u32::from(lines) * self.settings.spacing_dots),
            Command::FeedDots(dots) => self.end_line(u32::from(dots)),
            Command::Tab => self.tab(),
            Command::Drawer(pin) => self.rows.push(Row::Drawer { pin }),
            setting => self.set(setting),
        }
        None
    }

    fn set(&mut self, command: Command<'_>) {
        let settings = &mut self.settings;
        match command {
            Command::LineSpacing(dots) => settings.spacing_dots = dots.map_or(LINE_DOTS, u32::from),
            Command::TabStops(stops) => settings.tab_stops = Some(stops.to_vec()),
            Command::Bold(on) => settings.bold = on,
            Command::DoubleStrike(on) => settings.double_strike = on,
            Command::Inverse(on) => settings.inverse = on,
            Command::Underline(on) => settings.single.underline = on,
            Command::DoubleByteUnderline(on) => settings.double.underline = on,
            Command::Size { wide, tall } => {
                settings.single = Manner { wide, tall, ..settings.single };
                settings.double = Manner { wide, tall, ..settings.double };
            }
            Command::DoubleByteSize { wide, tall } => {
                settings.double = Manner { wide, tall, ..settings.double };
            }
            Command::Mode(bits) => {
                let factor = |bit: u8| 1 + u8::from(bits & bit != 0);
                settings.single = Manner { wide: factor(32), tall: factor(16), underline: bits & 128 != 0 };
                settings.bold = bits & 8 != 0;
                settings.font = if bits & 1 == 0 { Font::A } else { Font::B };
            }
            Command::DoubleByteMode(bits) => {
                let factor = |bit: u8| 1 + u8::from(bits & bit != 0);
                settings.double = Manner { wide: factor(4), tall: factor(8), underline: bits & 128 != 0 };
            }
            Command::Font(font) => settings.font = font,
            Command::DoubleByte(on) => settings.double_byte = on,
            Command::CodePage(page) => settings.code_page = page,
            Command::QrModel(model) => settings.qr.is_model_2 = matches!(model, 2 | b'2'),
            Command::QrModule(dots) => settings.qr.module_dots = dots,
            Command::QrLevel(level) => settings.qr.level = level,
            Command::QrStore(content) => settings.qr.content = content.into(),
            Command::BarcodeHeight(dots) => settings.barcode_height = dots,
            Command::BarcodeModule(dots) => settings.barcode_module = dots,
            Command::BarcodeLabel(label) => settings.barcode_label = label,
            // Those that leave nothing, and those that came in the middle of a line.
            _ => {}
        }
    }

    fn write(&mut self, character: char, cells: u32) {
        let look = self.settings.look(cells);
        let dots = look.cell_dots() * cells;
        if self.line.used_dots + dots > self.width_dots {
            self.end_line(self.settings.spacing_dots);
        }
        self.line.used_dots += dots;
        match self.line.spans.last_mut() {
            Some(span) if span.look == look => {
                span.text.push(character);
                span.columns += cells;
            }
            _ => self.line.spans.push(Span { text: character.to_string(), look, columns: cells }),
        }
    }

    /// Blank up to the next stop; nothing where there is none in the line.
    fn tab(&mut self) {
        let used = self.line.used_dots;
        let behind = |stop: &u32| *stop > used;
        let stop = match &self.settings.tab_stops {
            Some(stops) => stops.iter().map(|column| u32::from(*column) * COLUMN_DOTS).find(behind),
            None => Some((used / (TAB_COLUMNS * COLUMN_DOTS) + 1) * TAB_COLUMNS * COLUMN_DOTS),
        };
        let Some(stop) = stop.filter(|stop| *stop < self.width_dots) else { return };
        // In font A and normal size, because a gap has no look; what is less than a column is lost.
        let columns = (stop - used) / COLUMN_DOTS;
        let look = Settings::default().look(1);
        let text = " ".repeat(usize::try_from(columns).unwrap_or_default());
        self.line.spans.push(Span { text, look, columns });
        self.line.used_dots = stop;
    }

    /// Prints what waits and moves the paper by so many dots, of which a line of text takes what it needs.
    fn end_line(&mut self, dots: u32) {
        let spans = std::mem::take(&mut self.line).spans;
        let Some(tallest) = spans.iter().map(|span| span.look.height_dots()).max() else {
            return self.feed(dots);
        };
        self.print(Row::Text { align: self.settings.align, spans });
        self.feed(dots.saturating_sub(tallest.max(LINE_DOTS)));
    }

    fn print(&mut self, row: Row) {
        self.rows.push(row);
        self.paper_moved = true;
    }

    fn feed(&mut self, more: u32) {
        match self.rows.last_mut() {
            _ if more == 0 => {}
            Some(Row::Feed { dots }) => *dots = dots.saturating_add(more),
            _ => self.print(Row::Feed { dots: more }),
        }
    }

    fn picture(&mut self, picture: Picture) {
        let align = self.settings.align;
        let rest = match self.rows.last_mut() {
            Some(Row::Picture { align: above, picture: growing }) if *above == align => growing.grow(picture),
            _ => Some(picture),
        };
        if let Some(picture) = rest {
            self.print(Row::Picture { align, picture });
        }
    }

    fn qr_code(&mut self) {
        let qr = &self.settings.qr;
        let code = QrCode {
            content: Arc::clone(&qr.content),
            level: qr.level,
            module_dots: qr.module_dots,
            paper_dots: self.width_dots,
        };
        self.print(Row::Qr { align: self.settings.align, code });
    }

    fn cut(&mut self, knife: Knife, feed_dots: u8) -> End {
        self.feed(u32::from(feed_dots));
        End::Cut(knife)
    }

    /// The slip that ends here, if there is paper to it. A drawer that opened in between goes to the next one.
    fn slip(&mut self, end: End) -> Option<Slip> {
        if !std::mem::take(&mut self.paper_moved) {
            return None;
        }
        Some(Slip {
            offset: u64::try_from(self.slip_begin).unwrap_or(u64::MAX),
            width_dots: self.width_dots,
            columns: self.columns,
            rows: std::mem::take(&mut self.rows),
            end,
        })
    }
}

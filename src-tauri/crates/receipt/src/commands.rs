//! The printer commands that a ticket is made of, and nothing else of them.
//!
//! Only what every ESC/POS printer understands: cheap ones do not skip a command that they do not know, they print
//! its tail. The `escpos` crate writes the commands that it writes right; the others are its `custom` bytes, since
//! in version 0.20.1 `partial_cut` is a full cut, `feed` is three bytes long where LF does, and there is no `FS &`.
//! Its text methods are not used at all: they would let control characters through.

use std::cell::RefCell;
use std::rc::Rc;

use escpos::driver::Driver;
use escpos::errors::Result;
use escpos::printer::Printer;
use escpos::utils::{JustifyMode, Protocol};

use crate::paper::Cutter;
use crate::sheet::{Align, Line, Size, Style, Weight};

/// Lines to feed before a cut, so that the last one is past the knife also on printers that ignore the feeding form
/// of the command.
const FEED_BEFORE_CUT: u8 = 3;
/// Lines to feed where there is no knife, so that the paper can be torn off below the last one.
const FEED_BEFORE_TEARING: u8 = 5;

/// `ESC @`, then `FS &`: double-byte mode, in which Chinese models start, but not all of them.
const DOUBLE_BYTE_MODE: [u8; 2] = [0x1C, 0x26];
const LINE_FEED: u8 = 0x0A;
/// `GS V 66 0`: feed to the knife and cut, leaving a bridge.
const PARTIAL_CUT: [u8; 4] = [0x1D, 0x56, 0x42, 0x00];

/// The bytes of a whole ticket.
pub(crate) fn ticket(lines: &[Line], cutter: Cutter) -> Vec<u8> {
    let mut job = Job::begin();
    for line in lines {
        job.style(line.style);
        line.text.encode_into(&mut job.run);
        job.run.push(LINE_FEED);
    }
    job.style(Style::default());
    job.end(cutter)
}

struct Job {
    printer: Printer<Memory>,
    memory: Memory,
    /// Text and line feeds since the last command.
    run: Vec<u8>,
    style: Style,
}

impl Job {
    fn begin() -> Job {
        let memory = Memory::default();
        let mut printer = Printer::new(memory.clone(), Protocol::default(), None);
        taken(printer.init());
        taken(printer.custom(&DOUBLE_BYTE_MODE));
        Job { printer, memory, run: Vec::new(), style: Style::default() }
    }

    /// Changes what differs from the line before. Only between lines, because `ESC a` works nowhere else.
    fn style(&mut self, style: Style) {
        if style == self.style {
            return;
        }
        self.flush();
        if style.align != self.style.align {
            taken(self.printer.justify(match style.align {
                Align::Left => JustifyMode::LEFT,
                Align::Centre => JustifyMode::CENTER,
            }));
        }
        if style.size != self.style.size {
            let factor = Size::factor(style.size);
            taken(self.printer.size(factor, factor));
        }
        if style.weight != self.style.weight {
            taken(self.printer.bold(style.weight == Weight::Bold));
        }
        self.style = style;
    }

    fn end(mut self, cutter: Cutter) -> Vec<u8> {
        self.flush();
        match cutter {
            Cutter::None => {
                taken(self.printer.feeds(FEED_BEFORE_TEARING));
            }
            Cutter::Partial => {
                taken(self.printer.feeds(FEED_BEFORE_CUT));
                taken(self.printer.custom(&PARTIAL_CUT));
            }
            Cutter::Full => {
                taken(self.printer.feeds(FEED_BEFORE_CUT));
                taken(self.printer.cut());
            }
        }
        taken(self.printer.print());
        self.memory.0.take()
    }

    fn flush(&mut self) {
        if !self.run.is_empty() {
            taken(self.printer.custom(&self.run));
            self.run.clear();
        }
    }
}

/// A driver that keeps the bytes. The crate's own ones lose data or wait for ever; ours are in `transport`.
#[derive(Clone, Default)]
struct Memory(Rc<RefCell<Vec<u8>>>);

impl Driver for Memory {
    fn name(&self) -> String {
        "memory".to_owned()
    }

    fn write(&self, data: &[u8]) -> Result<()> {
        self.0.borrow_mut().extend_from_slice(data);
        Ok(())
    }

    fn read(&self, _buffer: &mut [u8]) -> Result<usize> {
        Ok(0)
    }

    fn flush(&self) -> Result<()> {
        Ok(())
    }
}

#[expect(clippy::expect_used, reason = "the crate's signatures allow for drivers that fail")]
fn taken<T>(outcome: Result<T>) -> T {
    outcome.expect("memory takes every byte, and sizes are from 1 to 3")
}

/// Reads a job back as a generic printer would, for tests: `Err` at the first byte that is none of our commands and
/// no text.
#[cfg(test)]
pub(crate) fn read_back(job: &[u8]) -> std::result::Result<Vec<Vec<u8>>, usize> {
    const COMMANDS: [&[u8]; 15] = [
        b"\x1b@",
        b"\x1c&",
        b"\x1ba\x00",
        b"\x1ba\x01",
        b"\x1d!\x00",
        b"\x1d!\x11",
        b"\x1d!\x22",
        b"\x1bE\x00",
        b"\x1bE\x01",
        b"\x1bd\x03",
        b"\x1bd\x05",
        b"\x1dVB\x00",
        b"\x1dVA\x00",
        b"\x0a",
        b"\x1b@\x1c&",
    ];
    let mut lines = vec![Vec::new()];
    let mut at = 0;
    while let Some(rest) = job.get(at..).filter(|rest| !rest.is_empty()) {
        if let Some(command) = COMMANDS.iter().find(|command| rest.starts_with(command)) {
            if *command == b"\x0a" {
                lines.push(Vec::new());
            }
            at += command.len();
            continue;
        }
        let length = match *rest {
            [0x20..=0x7E, ..] => 1,
            [0x81..=0xFE, 0x40..=0x7E | 0x80..=0xFE, ..] => 2,
            _ => return Err(at),
        };
        if let Some(line) = lines.last_mut() {
            line.extend(&rest[..length]);
        }
        at += length;
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::PaperText;

    fn line(text: &str, style: Style) -> Line {
        Line { text: PaperText::new(text), style }
    }

    #[test]
    fn a_ticket_is_these_bytes() {
        let big = Style { align: Align::Centre, size: Size::Double, weight: Weight::Bold };
        let lines = [line("测试", big), line("a", Style::default())];
        let bytes = ticket(&lines, Cutter::Partial);
        let expected: &[u8] = b"\x1b@\x1c&\x1ba\x01\x1d!\x11\x1bE\x01\xb2\xe2\xca\xd4\n\x1ba\x00\x1d!\x00\x1bE\x00a\n\x1bd\x03\x1dVB\x00";
        assert_eq!(bytes, expected);
    }

    #[test]
    fn a_ticket_leaves_the_printer_in_its_plain_style() {
        let bold = Style { weight: Weight::Bold, ..Style::default() };
        assert!(ticket(&[line("x", bold)], Cutter::None).ends_with(b"x\n\x1bE\x00\x1bd\x05"));
        assert!(ticket(&[], Cutter::Full).ends_with(b"\x1bd\x03\x1dVA\x00"));
    }

    #[test]
    fn reading_back_stops_at_what_is_not_ours() {
        assert_eq!(read_back(b"ok\n\x1bp\x00"), Err(3));
        assert_eq!(read_back(b"\x10\x04\x01"), Err(0));
        assert_eq!(read_back(b"\x1b@\xb2\xe2\x0a"), Ok(vec![vec![0xb2, 0xe2], vec![]]));
    }
}

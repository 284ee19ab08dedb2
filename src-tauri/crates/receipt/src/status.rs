//! What a printer says of itself.
//!
//! Three ways lead to it: the USB class's port status, which goes beside the data and asks nothing of the printer's
//! command set; `DLE EOT` replies and `GS r` replies to questions in the data; and automatic status (ASB), four
//! bytes that some printers send by themselves. Which bits mean what is in `printing.md`, section 6, from Epson's
//! command reference.

/// A state of the printer that matters to a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Condition {
    /// Ready to print.
    Ready,
    /// Ready, and the roll is about to end.
    PaperLow,
    /// Not printing: something the reply does not tell.
    Offline,
    /// Not printing: the cutter, the head, the mechanism.
    Error,
    /// Not printing: no paper.
    PaperOut,
    /// Not printing: the cover is open.
    CoverOpen,
}

/// Bits of a reply that are always the same, by which it is told from other bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pattern {
    pub(crate) mask: u8,
    pub(crate) value: u8,
}

impl Pattern {
    pub(crate) const fn matches(self, byte: u8) -> bool {
        byte & self.mask == self.value
    }
}

/// A reply to `DLE EOT n`, one byte.
pub(crate) const REAL_TIME: Pattern = Pattern { mask: 0x93, value: 0x12 };
/// The first of four bytes of automatic status.
pub(crate) const AUTOMATIC: Pattern = Pattern { mask: 0x93, value: 0x10 };
/// The other three have bits 4 and 7 clear, and so has a reply to `GS r`, one byte.
pub(crate) const IN_ORDER: Pattern = Pattern { mask: 0x90, value: 0x00 };

/// Reads GET_PORT_STATUS of the USB printer class (Universal Serial Bus Device Class Definition for Printing
/// Devices 1.1, 4.2.2): 20 paper empty, 10 selected, 08 no error. `None` for a byte with reserved bits, which no
/// printer would send that means it.
///
/// The class has one bit for every fault but paper. The cover is by far the most frequent of them, and the cure that
/// a clerk can try.
pub(crate) fn port_status(byte: u8) -> Option<Condition> {
    match byte {
        _ if byte & 0xC7 != 0 => None,
        _ if byte & 0x20 != 0 => Some(Condition::PaperOut),
        // Boards that do not know the request answer 0: that is no fault.
        0 => None,
        _ if byte & 0x08 == 0 => Some(Condition::CoverOpen),
        _ => Some(Condition::Ready),
    }
}

/// The question `DLE EOT n` (n from 1 to 4): printers obey it at once, also when they are offline. It has three bytes;
/// the `escpos` crate's `real_time_status` sends four.
pub(crate) const fn real_time_question(n: u8) -> [u8; 3] {
    [0x10, 0x04, n]
}

/// Reads the reply to `DLE EOT n`, or `None` for a byte that is none.
pub(crate) fn real_time(n: u8, reply: u8) -> Option<Condition> {
    let is = |bits: u8| reply & bits == bits;
    if !REAL_TIME.matches(reply) {
        return None;
    }
    Some(match n {
        1 if is(0x08) => Condition::Offline,
        2 if is(0x20) => Condition::PaperOut,
        2 if is(0x04) => Condition::CoverOpen,
        2 if is(0x40) => Condition::Error,
        3 if reply & 0x6C != 0 => Condition::Error,
        4 if is(0x60) => Condition::PaperOut,
        4 if is(0x0C) => Condition::PaperLow,
        _ => Condition::Ready,
    })
}

/// The newest bytes that a printer sent back.
#[derive(Debug, Default)]
pub(crate) struct Heard(Vec<u8>);

impl Heard {
    /// Older ones tell nothing any more.
    const KEPT: usize = 64;

    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
        let surplus = self.0.len().saturating_sub(Heard::KEPT);
        self.0.drain(..surplus);
    }

    pub(crate) fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.0)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What the printer last said of itself unasked.
    pub(crate) fn condition(&self) -> Option<Condition> {
        last_automatic(&self.0)
    }

    /// The same beside the USB class's status. Cheap boards answer "ready" to the class whatever happens; then what
    /// they send by themselves is worth more.
    pub(crate) fn condition_beside(&self, of_the_class: Option<Condition>) -> Option<Condition> {
        match of_the_class {
            None | Some(Condition::Ready) => self.condition().or(of_the_class),
            told => told,
        }
    }
}

/// Reads the last whole automatic status among bytes that a printer sent unasked. Other bytes are passed over.
pub(crate) fn last_automatic(bytes: &[u8]) -> Option<Condition> {
    let status = |window: &&[u8]| {
        matches!(window, [first, rest @ ..]
            if AUTOMATIC.matches(*first) && rest.iter().all(|byte| IN_ORDER.matches(*byte)))
    };
    bytes.windows(4).rev().find(status).map(automatic)
}

fn automatic(status: &[u8]) -> Condition {
    let byte = |index: usize| status.get(index).copied().unwrap_or_default();
    let (printer, error, paper) = (byte(0), byte(1), byte(2));
    if paper & 0x0C == 0x0C {
        Condition::PaperOut
    } else if printer & 0x20 != 0 {
        Condition::CoverOpen
    } else if error & 0x68 != 0 {
        Condition::Error
    } else if printer & 0x08 != 0 {
        Condition::Offline
    } else if paper & 0x03 != 0 {
        Condition::PaperLow
    } else {
        Condition::Ready
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_status_tells_paper_and_faults() {
        assert_eq!(port_status(0x18), Some(Condition::Ready));
        assert_eq!(port_status(0x38), Some(Condition::PaperOut));
        assert_eq!(port_status(0x30), Some(Condition::PaperOut));
        assert_eq!(port_status(0x10), Some(Condition::CoverOpen));
        for senseless in [0x00, 0xFF, 0x01, 0x58] {
            assert_eq!(port_status(senseless), None, "{senseless:02x}");
        }
    }

    #[test]
    fn the_last_automatic_status_counts() {
        assert_eq!(last_automatic(b"\x14\0\0\x0f\x38\0\0\0"), Some(Condition::CoverOpen));
        assert_eq!(last_automatic(b"\x38\0\0\0\x12\x10\0\0\0"), Some(Condition::Ready));
        assert_eq!(last_automatic(b"\x12\x10\0\0"), None);
        assert_eq!(last_automatic(b""), None);
    }
}

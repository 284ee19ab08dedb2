//! USB printers, through `nusb`.
//!
//! The loop is ours because ready-made ones answer wrongly when a printer stops taking data: they report half a
//! receipt as sent, or leave it queued so that it comes out later. Here at most one chunk is under way; it is
//! cancelled when the job is given up, and what the host controller counted of it is what has left.

use std::io;
use std::time::{Duration, Instant};

use nusb::descriptors::{InterfaceDescriptor, TransferType};
use nusb::transfer::{
    Buffer, Bulk, Completion, ControlIn, ControlType, Direction, In, Out, Recipient, TransferError,
};
use nusb::{Device, DeviceId, DeviceInfo, Endpoint, ErrorKind, Interface, MaybeFuture};

use super::Cause;
use super::drive::Link;
use crate::status::{Condition, Heard, port_status};
use crate::target::UsbId;

/// The USB class of printers (Universal Serial Bus Device Class Definition for Printing Devices 1.1, chapter 4).
pub(super) const PRINTER_CLASS: u8 = 7;
const PRINTER_SUBCLASS: u8 = 1;
/// The class request that asks for the status byte, 4.2.2 there.
const GET_PORT_STATUS: u8 = 1;
const CONTROL_TIMEOUT: Duration = Duration::from_millis(500);
/// How long a cancelled transfer may take to come back.
const CANCEL_TIMEOUT: Duration = Duration::from_secs(2);
/// How long the system takes to notice that a device is gone whose transfers fail already.
const UNPLUG_NOTICED: Duration = Duration::from_secs(1);

pub(super) struct UsbLink {
    device: DeviceId,
    interface: Interface,
    output: Endpoint<Bulk, Out>,
    /// Printers that only listen have none.
    input: Option<Endpoint<Bulk, In>>,
    heard: Heard,
    /// Bytes of a failed chunk that had left before it failed.
    left_before_failure: usize,
}

impl UsbLink {
    pub(super) fn open(id: Option<&UsbId>) -> Result<UsbLink, Cause> {
        let mut devices = nusb::list_devices().wait().map_err(opening)?;
        let info = devices.find(|info| is_wanted(info, id)).ok_or(Cause::NotFound { source: None })?;
        let device = info.open().wait().map_err(opening)?;
        let choice = choose(&device)?;
        // Takes the interface from the kernel's printer driver, and gives it back when it is dropped.
        let interface = device.detach_and_claim_interface(choice.interface).wait().map_err(opening)?;
        if interface.get_alt_setting() != choice.alternate {
            interface.set_alt_setting(choice.alternate).wait().map_err(opening)?;
        }
        let output = interface.endpoint::<Bulk, Out>(choice.output).map_err(opening)?;
        let input = choice
            .input
            .map(|address| interface.endpoint::<Bulk, In>(address))
            .transpose()
            .map_err(opening)?;
        Ok(UsbLink {
            device: info.id(),
            interface,
            output,
            input,
            heard: Heard::default(),
            left_before_failure: 0,
        })
    }

    /// What a chunk's end means.
    fn completed(&mut self, completion: &Completion) -> Result<usize, Cause> {
        let Err(error) = completion.status else { return Ok(completion.actual_len) };
        self.left_before_failure += completion.actual_len;
        let source = io::Error::from(error);
        match error {
            TransferError::Disconnected => Err(Cause::Unplugged { source }),
            _ if self.is_gone() => Err(Cause::Unplugged { source }),
            _ => Err(Cause::Write { source }),
        }
    }

    /// Whether the device is no longer on the bus. A pulled cable shows as broken transfers first.
    fn is_gone(&self) -> bool {
        let deadline = Instant::now() + UNPLUG_NOTICED;
        loop {
            let listed = nusb::list_devices().wait().map(|mut all| all.any(|info| info.id() == self.device));
            match listed {
                Ok(false) => return true,
                Ok(true) if Instant::now() < deadline => std::thread::sleep(UNPLUG_NOTICED / 20),
                Ok(true) | Err(_) => return false,
            }
        }
    }

    fn port_status_byte(&self) -> Result<Option<u8>, TransferError> {
        let request = ControlIn {
            control_type: ControlType::Class,
            recipient: Recipient::Interface,
            request: GET_PORT_STATUS,
            value: 0,
            index: u16::from(self.interface.interface_number()),
            length: 1,
        };
        let answer = self.interface.control_in(request, CONTROL_TIMEOUT).wait()?;
        Ok(answer.first().copied())
    }

    /// Takes in what the printer sent, waiting at most `wait` for the first of it.
    fn listen(&mut self, wait: Duration) {
        let Some(input) = &mut self.input else { return };
        if input.pending() == 0 {
            input.submit(Buffer::new(input.max_packet_size()));
        }
        let mut wait = wait;
        while let Some(completion) = input.wait_next_complete(wait) {
            let bytes = completion.buffer.get(..completion.actual_len).unwrap_or_default();
            self.heard.push(bytes);
            if completion.status.is_err() || bytes.is_empty() {
                break;
            }
            input.submit(Buffer::new(input.max_packet_size()));
            wait = Duration::ZERO;
        }
    }
}

impl Link for UsbLink {
    fn offer(&mut self, bytes: &[u8], wait: Duration) -> Result<usize, Cause> {
        if self.output.pending() == 0 {
            self.output.submit(bytes.to_vec().into());
        }
        match self.output.wait_next_complete(wait) {
            Some(completion) => self.completed(&completion),
            None => Ok(0),
        }
    }

    fn withdraw(&mut self) -> usize {
        let mut left = std::mem::take(&mut self.left_before_failure);
        if self.output.pending() > 0 {
            self.output.cancel_all();
        }
        while self.output.pending() > 0 {
            match self.output.wait_next_complete(CANCEL_TIMEOUT) {
                Some(completion) => left += completion.actual_len,
                // A host controller that does not give it back: dropping the endpoint cancels once more. How much of
                // the chunk has left is not known, so at least one byte must be taken to have.
                None => return left.max(1),
            }
        }
        left
    }

    /// A completed transfer is in the printer, and nothing is under way between two chunks. But the printer should
    /// still be there.
    fn settle(&mut self, _wait: Duration) -> Result<bool, Cause> {
        match self.port_status_byte() {
            // A printer that does not know the request stalls it, and is there.
            Ok(_) | Err(TransferError::Stall) => Ok(true),
            Err(error) if error == TransferError::Disconnected || self.is_gone() => {
                Err(Cause::Unplugged { source: error.into() })
            }
            Err(_) => Ok(true),
        }
    }

    fn condition(&mut self) -> Option<Condition> {
        let of_the_class = self.port_status_byte().ok().flatten().and_then(port_status);
        self.listen(Duration::ZERO);
        self.heard.condition_beside(of_the_class)
    }

    fn ask(&mut self, question: &[u8], wait: Duration) -> Vec<u8> {
        self.listen(Duration::ZERO);
        self.heard.take();
        if self.input.is_some() && self.output.pending() == 0 {
            self.output.submit(question.to_vec().into());
            match self.output.wait_next_complete(wait) {
                Some(_) => self.listen(wait),
                None => {
                    self.withdraw();
                }
            }
        }
        self.heard.take()
    }
}

/// Whether a device is a printer, and the one that is wanted.
fn is_wanted(info: &DeviceInfo, id: Option<&UsbId>) -> bool {
    let is_printer = info.interfaces().any(|interface| interface.class() == PRINTER_CLASS);
    is_printer
        && id.is_none_or(|id| {
            (id.vendor, id.product) == (info.vendor_id(), info.product_id())
                && id.serial.as_deref().is_none_or(|serial| info.serial_number() == Some(serial))
        })
}

/// The part of a device to print through.
struct Choice {
    interface: u8,
    alternate: u8,
    output: u8,
    input: Option<u8>,
}

/// Prefers the two-way protocol, takes the one-way one, and leaves IPP over USB (protocol 4), which is no ESC/POS.
fn choose(device: &Device) -> Result<Choice, Cause> {
    let configuration = device.active_configuration().map_err(|source| opening(source.into()))?;
    let rank = |alternate: &InterfaceDescriptor<'_>| match (
        alternate.class(),
        alternate.subclass(),
        alternate.protocol(),
    ) {
        (PRINTER_CLASS, PRINTER_SUBCLASS, 2) => Some(0),
        (PRINTER_CLASS, PRINTER_SUBCLASS, 1) => Some(1),
        (PRINTER_CLASS, PRINTER_SUBCLASS, 3) => Some(2),
        _ => None,
    };
    let ways = configuration.interface_alt_settings().filter_map(|alternate| {
        let bulk = |direction| {
            let mut endpoints = alternate.endpoints();
            endpoints
                .find(|endpoint| {
                    endpoint.transfer_type() == TransferType::Bulk && endpoint.direction() == direction
                })
                .map(|endpoint| endpoint.address())
        };
        let choice = Choice {
            interface: alternate.interface_number(),
            alternate: alternate.alternate_setting(),
            output: bulk(Direction::Out)?,
            input: bulk(Direction::In),
        };
        Some((rank(&alternate)?, choice))
    });
    let best = ways.min_by_key(|(rank, _)| *rank).map(|(_, choice)| choice);
    best.ok_or(Cause::NotFound { source: None })
}

fn opening(error: nusb::Error) -> Cause {
    let kind = error.kind();
    let source = io::Error::from(error);
    match kind {
        ErrorKind::Disconnected | ErrorKind::NotFound => Cause::NotFound { source: Some(source) },
        ErrorKind::PermissionDenied => Cause::Permission { source },
        ErrorKind::Busy => Cause::Busy { source },
        _ => Cause::Connect { source },
    }
}

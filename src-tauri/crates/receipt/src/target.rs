use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Where the bytes of a ticket go, as a person writes it:
/// `usb[:VID:PID[:SERIAL]]|tcp:HOST:PORT|spool:NAME|dev:PATH|file:PATH|roll:PATH`.
///
/// Settings and the print queue store it as that text.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Target {
    /// A USB device of the printer class: any, or the one with these ids, or with this serial number.
    Usb(Option<UsbId>),
    /// A printer that takes raw bytes over TCP, most on port 9100.
    Tcp {
        /// Name or address; an IPv6 address without brackets.
        host: String,
        /// Port.
        port: u16,
    },
    /// A queue of the system's print service.
    Spool(String),
    /// A device node, as `/dev/usb/lp0`.
    Device(PathBuf),
    /// A file, which is replaced.
    File(PathBuf),
    /// A file to which each ticket is added below the one before: the paper of a printer that does not exist. See
    /// [`roll`](crate::roll).
    Roll(PathBuf),
}

/// Which USB device.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct UsbId {
    /// Vendor id.
    pub vendor: u16,
    /// Product id.
    pub product: u16,
    /// Serial number, where several printers have the same ids. Cheap printers have none, or all the same.
    pub serial: Option<String>,
}

/// The text names no target.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{text:?} is not a printer: {reason}")]
pub struct InvalidTarget {
    /// The text, cut to 80 characters.
    pub text: String,
    /// What is wrong with it.
    pub reason: &'static str,
}

impl FromStr for Target {
    type Err = InvalidTarget;

    fn from_str(text: &str) -> Result<Target, InvalidTarget> {
        parse(text).map_err(|reason| InvalidTarget { text: text.chars().take(80).collect(), reason })
    }
}

impl TryFrom<String> for Target {
    type Error = InvalidTarget;

    fn try_from(text: String) -> Result<Target, InvalidTarget> {
        text.parse()
    }
}

impl From<Target> for String {
    fn from(target: Target) -> String {
        target.to_string()
    }
}

impl fmt::Display for Target {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Target::Usb(None) => formatter.write_str("usb"),
            Target::Usb(Some(id)) => {
                write!(formatter, "usb:{:04x}:{:04x}", id.vendor, id.product)?;
                id.serial.iter().try_for_each(|serial| write!(formatter, ":{serial}"))
            }
            Target::Tcp { host, port } if host.contains(':') => write!(formatter, "tcp:[{host}]:{port}"),
            Target::Tcp { host, port } => write!(formatter, "tcp:{host}:{port}"),
            Target::Spool(name) => write!(formatter, "spool:{name}"),
            Target::Device(path) => write!(formatter, "dev:{}", path.display()),
            Target::File(path) => write!(formatter, "file:{}", path.display()),
            Target::Roll(path) => write!(formatter, "roll:{}", path.display()),
        }
    }
}

fn parse(text: &str) -> Result<Target, &'static str> {
    if text.chars().any(char::is_control) {
        return Err("it holds a control character");
    }
    let (kind, rest) = text.split_once(':').unwrap_or((text, ""));
    match kind {
        "usb" => usb(rest),
        "tcp" => tcp(rest),
        "spool" => Ok(Target::Spool(named(rest, "the name of the queue is missing")?)),
        "dev" => Ok(Target::Device(named(rest, "the path of the device is missing")?.into())),
        "file" => Ok(Target::File(named(rest, "the path of the file is missing")?.into())),
        "roll" => Ok(Target::Roll(named(rest, "the path of the roll is missing")?.into())),
        _ => Err("it begins with none of usb, tcp:, spool:, dev:, file: and roll:"),
    }
}

fn named(text: &str, missing: &'static str) -> Result<String, &'static str> {
    if text.is_empty() { Err(missing) } else { Ok(text.to_owned()) }
}

fn usb(text: &str) -> Result<Target, &'static str> {
    if text.is_empty() {
        return Ok(Target::Usb(None));
    }
    let (vendor, rest) = text.split_once(':').ok_or("the product id is missing")?;
    // What stands behind the second colon is the serial number, which may hold colons.
    let (product, serial) = match rest.split_once(':') {
        Some((product, serial)) => (product, Some(serial).filter(|serial| !serial.is_empty())),
        None => (rest, None),
    };
    Ok(Target::Usb(Some(UsbId {
        vendor: hexadecimal(vendor)?,
        product: hexadecimal(product)?,
        serial: serial.map(str::to_owned),
    })))
}

fn hexadecimal(text: &str) -> Result<u16, &'static str> {
    let digits = (1..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let id = if digits { u16::from_str_radix(text, 16).ok() } else { None };
    id.ok_or("a USB id is one to four hexadecimal digits")
}

fn tcp(text: &str) -> Result<Target, &'static str> {
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (host, port) = rest.split_once("]:").ok_or("the port is missing")?;
            host.parse::<std::net::Ipv6Addr>().map_err(|_| "there is no IPv6 address in the brackets")?;
            (host, port)
        }
        None => text.rsplit_once(':').ok_or("the port is missing")?,
    };
    let is_name = |c: char| c.is_alphanumeric() || "-._".contains(c);
    if host.is_empty() || !(text.starts_with('[') || host.chars().all(is_name)) {
        return Err("the host is no name and no address; an IPv6 address stands in brackets");
    }
    match port.parse() {
        Ok(port @ 1..) => Ok(Target::Tcp { host: host.to_owned(), port }),
        _ => Err("the port is a number from 1 to 65535"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_written_as_it_is_read() {
        for text in [
            "usb",
            "usb:04b8:0e15",
            "usb:0416:5011:AB:12 3",
            "tcp:192.168.1.50:9100",
            "tcp:kitchen.local:9101",
            "tcp:[fe80::1]:9100",
            "spool:厨房",
            "dev:/dev/usb/lp0",
            "file:C:\\out.bin",
            "file:out:1.bin",
            "roll:/home/纸/paper.bin",
        ] {
            let target: Target = text.parse().unwrap();
            assert_eq!(target.to_string(), text);
            assert_eq!(serde_json::to_string(&target).unwrap(), serde_json::to_string(text).unwrap());
        }
    }

    #[test]
    fn ids_are_hexadecimal_in_any_case() {
        let id = UsbId { vendor: 0x4B8, product: 0xE15, serial: None };
        assert_eq!("usb:4B8:E15".parse(), Ok(Target::Usb(Some(id))));
        assert_eq!("usb:".parse(), Ok(Target::Usb(None)));
    }

    #[test]
    fn what_names_no_target_is_refused() {
        for text in [
            "",
            "usb:1234",
            "usb:12345:1",
            "usb:+123:1",
            "usb:xyz:1",
            "tcp:",
            "tcp:host",
            "tcp::9100",
            "tcp:host:0",
            "tcp:host:65536",
            "tcp:fe80::1:9100",
            "tcp:[host]:9100",
            "tcp:[::1]",
            "tcp:a b:9100",
            "spool:",
            "dev:",
            "file:",
            "roll:",
            "lpt1",
            "USB",
            "spool:a\nb",
            "file:a\u{1b}",
        ] {
            assert!(text.parse::<Target>().is_err(), "{text:?}");
        }
    }
}

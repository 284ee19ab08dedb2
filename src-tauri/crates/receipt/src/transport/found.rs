use nusb::{DeviceInfo, MaybeFuture};

use super::usb::PRINTER_CLASS;
use crate::target::{Target, UsbId};

/// A printer that is attached to this PC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundPrinter {
    /// What to give to [`send`](crate::send); as text what to write after `--to`.
    pub target: Target,
    /// USB vendor id.
    pub vendor: Option<u16>,
    /// USB product id.
    pub product: Option<u16>,
    /// USB serial number. Cheap printers have none, or all the same.
    pub serial: Option<String>,
    /// The maker's name, as the device tells it.
    pub maker: Option<String>,
    /// The model's name, as the device tells it.
    pub model: Option<String>,
}

/// The printers attached by USB, and the device nodes that the system made for them. One printer may be in the list
/// twice, once for each way to it; use one of them.
///
/// It opens nothing, so a printer that another program uses is listed as well. A system without USB has an empty list.
pub fn printers() -> Vec<FoundPrinter> {
    let mut found: Vec<_> = match nusb::list_devices().wait() {
        Ok(devices) => devices.filter(is_printer).map(|info| by_usb(&info)).collect(),
        Err(error) => {
            tracing::debug!(%error, "USB devices cannot be listed");
            Vec::new()
        }
    };
    found.extend(nodes());
    found
}

fn is_printer(info: &DeviceInfo) -> bool {
    info.interfaces().any(|interface| interface.class() == PRINTER_CLASS)
}

fn by_usb(info: &DeviceInfo) -> FoundPrinter {
    let text = |text: Option<&str>| text.map(plain).filter(|text| !text.is_empty());
    // A serial number that cannot be written on a command line cannot be asked for either.
    let serial = info.serial_number().filter(|serial| !serial.is_empty() && plain(serial) == *serial);
    FoundPrinter {
        target: Target::Usb(Some(UsbId {
            vendor: info.vendor_id(),
            product: info.product_id(),
            serial: serial.map(str::to_owned),
        })),
        vendor: Some(info.vendor_id()),
        product: Some(info.product_id()),
        serial: text(info.serial_number()),
        maker: text(info.manufacturer_string()),
        model: text(info.product_string()),
    }
}

/// A device names itself, and anybody can build a device: its name must not be a command to the terminal.
fn plain(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).collect::<String>().trim().to_owned()
}

/// `/dev/usb/lp0` and so on, with what the kernel knows of the device behind.
#[cfg(target_os = "linux")]
fn nodes() -> Vec<FoundPrinter> {
    use std::fs;

    let read = |file: std::path::PathBuf| fs::read_to_string(file).ok().map(|text| plain(&text));
    let is_node = |name: &str| {
        let number = name.strip_prefix("lp");
        number.is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let entries = fs::read_dir("/dev/usb").into_iter().flatten().flatten();
    let mut names: Vec<_> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.retain(|name| is_node(name));
    names.sort();
    let describe = |name: String| {
        // The node's device is the interface; its parent is the printer.
        let device = fs::canonicalize(format!("/sys/class/usbmisc/{name}/device/..")).ok();
        let attribute = |file: &str| read(device.as_ref()?.join(file)).filter(|text| !text.is_empty());
        let id = |file| u16::from_str_radix(&attribute(file)?, 16).ok();
        FoundPrinter {
            target: Target::Device(format!("/dev/usb/{name}").into()),
            vendor: id("idVendor"),
            product: id("idProduct"),
            serial: attribute("serial"),
            maker: attribute("manufacturer"),
            model: attribute("product"),
        }
    };
    names.into_iter().map(describe).collect()
}

/// Other systems have no such nodes.
#[cfg(not(target_os = "linux"))]
fn nodes() -> Vec<FoundPrinter> {
    Vec::new()
}

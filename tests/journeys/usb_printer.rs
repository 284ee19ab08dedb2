//! A ticket through the kernel's USB stack into a printer-class device, in an emulated machine.

use std::path::Path;
use std::process::Command;

use journeys::{Program, World};

#[test]
fn a_ticket_reaches_a_usb_printer_byte_for_byte() {
    let world = World::with_orders(0);
    let shop = world.shop();
    let placed = world.place_paid(3780);
    shop.run(&["sync"]).done();
    let machine = Path::new(env!("CARGO_MANIFEST_DIR")).join("virtual-usb-printer/run.sh");
    for target in ["usb", "usb:04b8:0e15:VP0001", "dev:/dev/usb/lp0"] {
        let out = world.folder().join(target.replace([':', '/'], "_"));
        let ended = Command::new(&machine)
            .arg("--out")
            .arg(&out)
            .arg("--file")
            .arg(format!("{}:/job/data", shop.data().display()))
            .arg(Program::file())
            .args(["--json", "--data", "/job/data", "print", &placed.order_id, "--to", target])
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&ended.stdout);
        assert!(ended.status.success(), "{target}: {said} {}", String::from_utf8_lossy(&ended.stderr));
        let document: serde_json::Value = serde_json::from_str(said.lines().next().unwrap()).unwrap();
        let received = std::fs::read(out.join("received.bin")).unwrap();
        assert_eq!(received.len() as u64, document["bytes"].as_u64().unwrap(), "{target}");
        assert_eq!(&received[..2], b"\x1b@", "{target}");
        let number = placed.out_trade_no.as_bytes();
        assert!(
            received.windows(number.len()).any(|piece| piece == number),
            "{target}: the order stands on the paper"
        );
    }
}

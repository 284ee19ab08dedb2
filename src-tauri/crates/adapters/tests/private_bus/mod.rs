//! A D-Bus session of its own for each test.
//!
//! Libraries find the session bus by an environment variable, and a process must not change its own while threads run.
//! So each test runs twice: once to start a bus, and once more in a child process that has the bus in its environment.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

const BUS: &str = "DBUS_SESSION_BUS_ADDRESS";
const INSIDE: &str = "ZHANGGUI_TEST_INSIDE";

/// Runs the body of the test with this name on a bus that nobody else uses. The body gets the bus's address.
#[track_caller]
pub(crate) fn on_a_private_bus(test: &str, body: impl FnOnce(&str)) {
    if std::env::var_os(INSIDE).is_some() {
        return body(&std::env::var(BUS).unwrap());
    }
    let bus = Bus::start();
    in_a_child(test, &bus.address);
}

/// Runs the body of the test with this name where the environment names a bus that is not there.
#[track_caller]
pub(crate) fn without_a_bus(test: &str, body: impl FnOnce()) {
    if std::env::var_os(INSIDE).is_some() {
        return body();
    }
    in_a_child(test, "unix:path=/nowhere/bus");
}

#[track_caller]
fn in_a_child(test: &str, address: &str) {
    let output = Command::new(std::env::current_exe().unwrap())
        .args([test, "--exact", "--nocapture"])
        .env(BUS, address)
        .env(INSIDE, "1")
        .output()
        .unwrap();
    let stdout = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stdout}\n{stderr}");
    assert!(stdout.contains("1 passed"), "the name {test} is not that of a test:\n{stdout}");
}

struct Bus {
    daemon: Child,
    address: String,
}

impl Bus {
    fn start() -> Bus {
        let mut daemon = Command::new("dbus-daemon")
            .arg(concat!("--config-file=", env!("CARGO_MANIFEST_DIR"), "/tests/private_bus/bus.conf"))
            .args(["--nofork", "--nosyslog", "--print-address"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("these tests need dbus-daemon (Debian: apt-get install dbus)");
        let mut address = String::new();
        // The line is written when the bus listens, so nothing has to be waited for after it.
        BufReader::new(daemon.stdout.take().unwrap()).read_line(&mut address).unwrap();
        let address = address.trim().to_owned();
        Bus { daemon, address }
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}

mod tray;

use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use tokio::sync::Notify;
use zbus::OwnedVariant;

use tray::Tray;

/// A D-Bus session of its own, with a notification daemon that remembers.
pub struct Desktop {
    bus: Child,
    address: String,
    shown: Arc<Mutex<Vec<Shown>>>,
    icons: Arc<Mutex<Vec<String>>>,
    runtime: tokio::runtime::Runtime,
    connection: zbus::Connection,
}

/// A notification that was shown.
#[derive(Debug, Clone)]
pub struct Shown {
    /// When it came.
    pub at: SystemTime,
    /// Its id; the same again when it replaces one.
    pub id: u32,
    /// One line.
    pub title: String,
    /// Some lines.
    pub body: String,
    /// Ids and labels in turn.
    pub actions: Vec<String>,
}

struct Daemon {
    shown: Arc<Mutex<Vec<Shown>>>,
    next: u32,
}

#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Daemon {
    #[expect(clippy::too_many_arguments, reason = "the interface of the desktop specification")]
    fn notify(
        &mut self,
        _app_name: String,
        replaces_id: u32,
        _app_icon: String,
        summary: String,
        body: String,
        actions: Vec<String>,
        _hints: HashMap<String, OwnedVariant>,
        _expire_timeout: i32,
    ) -> u32 {
        let at = SystemTime::now();
        let id = if replaces_id == 0 {
            self.next += 1;
            self.next
        } else {
            replaces_id
        };
        self.shown.lock().expect("nobody panics with it").push(Shown {
            at,
            id,
            title: summary,
            body,
            actions,
        });
        id
    }

    fn close_notification(&self, _id: u32) {}

    fn get_capabilities(&self) -> Vec<String> {
        ["body", "body-markup", "actions", "persistence"].map(str::to_owned).to_vec()
    }

    fn get_server_information(&self) -> (String, String, String, String) {
        ("paper desktop".to_owned(), "journeys".to_owned(), "1".to_owned(), "1.2".to_owned())
    }
}

/// The first window's program as a second start sees it while it ends: its name is still there, and no answer comes.
struct Ending {
    called: Arc<Notify>,
}

#[zbus::interface(name = "org.SingleInstance.DBus")]
impl Ending {
    async fn execute_callback(&self, _arguments: Vec<String>, _folder: String) {
        self.called.notify_one();
        std::future::pending().await
    }
}

impl Desktop {
    /// Starts the bus and the daemon.
    pub fn start() -> Desktop {
        Desktop::new(false)
    }

    /// The same with a place for icons beside the clock.
    pub fn with_tray() -> Desktop {
        Desktop::new(true)
    }

    fn new(has_tray: bool) -> Desktop {
        let mut bus = Command::new("dbus-daemon")
            .args(["--session", "--nofork", "--print-address"])
            .stdout(Stdio::piped())
            // It complains about limits of the machine that do not matter here.
            .stderr(Stdio::null())
            .spawn()
            .expect("dbus-daemon is installed (cargo xtask test does it)");
        let mut address = String::new();
        BufReader::new(bus.stdout.take().expect("stdout is piped"))
            .read_line(&mut address)
            .expect("an address");
        let address = address.trim().to_owned();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        let shown: Arc<Mutex<Vec<Shown>>> = Arc::default();
        let daemon = Daemon { shown: Arc::clone(&shown), next: 0 };
        let icons: Arc<Mutex<Vec<String>>> = Arc::default();
        let tray = Tray { icons: Arc::clone(&icons) };
        let connection = runtime.block_on(async {
            let mut builder = zbus::connection::Builder::address(address.as_str())
                .name("org.freedesktop.Notifications")
                .serve_at("/org/freedesktop/Notifications", daemon);
            if has_tray {
                builder =
                    builder.name("org.kde.StatusNotifierWatcher").serve_at("/StatusNotifierWatcher", tray);
            }
            builder.build().await
        });
        let connection = connection.expect("the bus takes the daemon");
        Desktop { bus, address, shown, icons, runtime, connection }
    }

    /// A program of ours seems to run, and ends when it is called.
    pub fn with_an_ending_program(&self) {
        let called = Arc::new(Notify::new());
        let ending = Ending { called: Arc::clone(&called) };
        let address = self.address.clone();
        let connection = self.runtime.block_on(async {
            zbus::connection::Builder::address(address.as_str())
                .name("cn.zhanggui.console.SingleInstance")
                .serve_at("/cn/zhanggui/console/SingleInstance", ending)
                .build()
                .await
        });
        let connection = connection.expect("the bus takes the program");
        self.runtime.spawn(async move {
            called.notified().await;
            connection.close().await
        });
    }

    /// What programs of this session have in `DBUS_SESSION_BUS_ADDRESS`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Everything that was shown so far.
    pub fn shown(&self) -> Vec<Shown> {
        self.shown.lock().expect("nobody panics with it").clone()
    }

    /// What was shown with this text in title or body.
    pub fn with(&self, text: &str) -> Vec<Shown> {
        self.shown().into_iter().filter(|one| one.title.contains(text) || one.body.contains(text)).collect()
    }

    /// The icons beside the clock that were put there so far.
    pub fn icons(&self) -> Vec<String> {
        self.icons.lock().expect("nobody panics with it").clone()
    }

    /// Somebody clicks on a notification: on one of its actions, or `default` for the notification itself.
    pub fn click(&self, shown: &Shown, action: &str) {
        let what = (shown.id, action);
        let said = self.connection.emit_signal(
            None::<&str>,
            "/org/freedesktop/Notifications",
            "org.freedesktop.Notifications",
            "ActionInvoked",
            &what,
        );
        self.runtime.block_on(said).expect("the bus carries signals");
    }
}

impl Drop for Desktop {
    fn drop(&mut self) {
        // Ended already is fine.
        let _ = self.bus.kill();
        let _ = self.bus.wait();
    }
}

//! Notifications against a desktop that the test plays itself, over a real D-Bus.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "what cannot be set up cannot be tested")]

mod private_bus;

use std::collections::HashMap;
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use adapters::notifications::{
    Click, DEFAULT_ACTION, DesktopNotifications, Notification, NotificationError, Shown, Urgency,
};
use private_bus::{on_a_private_bus, without_a_bus};
use zbus::OwnedVariant;
use zbus::message::Header;
use zbus::object_server::SignalEmitter;

const PATH: &str = "/org/freedesktop/Notifications";
const NAME: &str = "org.freedesktop.Notifications";

/// What the desktop was asked to show.
#[derive(Debug, Clone)]
struct Seen {
    id: u32,
    replaces_id: u32,
    app_name: String,
    summary: String,
    body: String,
    actions: Vec<String>,
    urgency: Option<u8>,
    timeout_ms: i32,
    sender: String,
}

#[derive(Default)]
struct Book {
    seen: Vec<Seen>,
    closed: Vec<u32>,
}

/// A desktop with these capabilities; one without any never answers.
struct Server {
    book: Arc<Mutex<Book>>,
    capabilities: Option<Vec<&'static str>>,
}

#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Server {
    async fn get_capabilities(&self) -> Vec<String> {
        match &self.capabilities {
            Some(capabilities) => capabilities.iter().map(|capability| (*capability).to_owned()).collect(),
            None => std::future::pending().await,
        }
    }

    #[expect(clippy::too_many_arguments, reason = "as the specification has it")]
    fn notify(
        &self,
        app_name: String,
        replaces_id: u32,
        _icon: String,
        summary: String,
        body: String,
        actions: Vec<String>,
        hints: HashMap<String, OwnedVariant>,
        timeout_ms: i32,
        #[zbus(header)] header: Header<'_>,
    ) -> u32 {
        let mut book = self.book.lock().unwrap();
        let id = if replaces_id == 0 { book.seen.len() as u32 + 1 } else { replaces_id };
        let urgency = hints.get("urgency").map(|urgency| u8::try_from(urgency).unwrap());
        let sender = header.sender().unwrap().to_string();
        book.seen.push(Seen {
            id,
            replaces_id,
            app_name,
            summary,
            body,
            actions,
            urgency,
            timeout_ms,
            sender,
        });
        id
    }

    async fn close_notification(&self, id: u32, #[zbus(signal_emitter)] emitter: SignalEmitter<'_>) {
        self.book.lock().unwrap().closed.push(id);
        emitter.notification_closed(id, 3).await.unwrap();
    }

    #[zbus(signal)]
    async fn action_invoked(emitter: &SignalEmitter<'_>, id: u32, action_key: &str) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn notification_closed(emitter: &SignalEmitter<'_>, id: u32, reason: u32) -> zbus::Result<()>;
}

/// A desktop on the bus, and the program that talks to it.
struct Scene {
    runtime: tokio::runtime::Runtime,
    connection: zbus::Connection,
    book: Arc<Mutex<Book>>,
    notifications: DesktopNotifications,
    clicks: Receiver<Click>,
}

impl Scene {
    fn new(address: &str, capabilities: Option<Vec<&'static str>>) -> Scene {
        let book = Arc::new(Mutex::new(Book::default()));
        let server = Server { book: Arc::clone(&book), capabilities };
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let connection = runtime
            .block_on(zbus::connection::Builder::address(address).name(NAME).serve_at(PATH, server).build())
            .unwrap();
        let (clicked, clicks) = mpsc::channel();
        let notifications = DesktopNotifications::start(move |click| {
            let _ = clicked.send(click);
        })
        .unwrap();
        Scene { runtime, connection, book, notifications, clicks }
    }

    fn seen(&self) -> Vec<Seen> {
        self.book.lock().unwrap().seen.clone()
    }

    /// Clicks as a person does who sees nothing happen: again. A click in the first instants may find nobody who
    /// listens, since the library listens only after it has shown.
    fn click(&self, id: u32, action: &str) -> Click {
        let emitter = SignalEmitter::new(&self.connection, PATH).unwrap();
        within_ten_seconds(|| {
            self.runtime.block_on(Server::action_invoked(&emitter, id, action)).unwrap();
            self.clicks.recv_timeout(Duration::from_millis(50)).ok()
        })
    }

    fn wait_until_closed(&self, id: u32) {
        within_ten_seconds(|| {
            let closed = self.book.lock().unwrap().closed.contains(&id);
            if !closed {
                std::thread::yield_now();
            }
            closed.then_some(())
        });
    }
}

fn within_ten_seconds<T>(mut attempt: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = attempt() {
            return found;
        }
        assert!(start.elapsed() < Duration::from_secs(10), "it does not happen");
    }
}

fn everything() -> Option<Vec<&'static str>> {
    Some(vec!["actions", "body", "body-markup", "persistence"])
}

fn paid(id_key: &str, body: &str) -> Notification {
    Notification {
        id_key: id_key.to_owned(),
        title: "收款已核实".to_owned(),
        body: body.to_owned(),
        actions: vec![
            (DEFAULT_ACTION.to_owned(), "打开".to_owned()),
            ("print".to_owned(), "打印".to_owned()),
        ],
        urgency: Urgency::Normal,
        replaces: Vec::new(),
    }
}

#[test]
fn a_notification_arrives_with_text_and_buttons() {
    on_a_private_bus("a_notification_arrives_with_text_and_buttons", |address| {
        let scene = Scene::new(address, everything());
        let critical = Notification {
            urgency: Urgency::Critical,
            ..paid("order/1", "<b>少辣</b> & 多葱\n第二行")
        };
        assert_eq!(scene.notifications.show(&critical).unwrap(), Shown::New);
        let seen = &scene.seen()[0];
        assert_eq!((seen.app_name.as_str(), seen.summary.as_str()), ("Zhanggui 掌柜", "收款已核实"));
        assert_eq!(seen.body, "&lt;b&gt;少辣&lt;/b&gt; &amp; 多葱\n第二行", "a customer's markup is text");
        assert_eq!(seen.actions, ["default", "打开", "print", "打印"]);
        assert_eq!((seen.urgency, seen.timeout_ms), (Some(2), 0), "it stays until somebody closes it");
    });
}

#[test]
fn a_plain_desktop_gets_plain_text_and_no_buttons() {
    on_a_private_bus("a_plain_desktop_gets_plain_text_and_no_buttons", |address| {
        let scene = Scene::new(address, Some(vec!["body"]));
        scene.notifications.show(&paid("order/1", "a < b & c")).unwrap();
        let seen = &scene.seen()[0];
        assert_eq!(seen.body, "a < b & c");
        assert!(seen.actions.is_empty());
        assert_eq!((seen.urgency, seen.timeout_ms), (Some(1), -1));
    });
}

#[test]
fn the_same_key_takes_the_place_of_the_one_before() {
    on_a_private_bus("the_same_key_takes_the_place_of_the_one_before", |address| {
        let scene = Scene::new(address, everything());
        assert_eq!(scene.notifications.show(&paid("order/1", "one")).unwrap(), Shown::New);
        assert_eq!(scene.notifications.show(&paid("order/2", "other")).unwrap(), Shown::New);
        assert_eq!(scene.notifications.show(&paid("order/1", "two")).unwrap(), Shown::Replaced);
        let seen = scene.seen();
        assert_eq!((seen[2].replaces_id, seen[2].body.as_str()), (seen[0].id, "two"));
        assert_eq!(seen[2].sender, seen[0].sender, "the connection stays, or some desktops take it down");
        assert_eq!(scene.click(seen[0].id, "print").id_key, "order/1", "a replaced one is still heard");
    });
}

#[test]
fn replacing_goes_on_without_end() {
    on_a_private_bus("replacing_goes_on_without_end", |address| {
        let scene = Scene::new(address, everything());
        scene.notifications.show(&paid("alert", "0")).unwrap();
        for count in 1..=120 {
            let shown = scene.notifications.show(&paid("alert", &count.to_string())).unwrap();
            assert_eq!(shown, Shown::Replaced);
        }
        let seen = scene.seen();
        assert!(seen[1..].iter().all(|later| later.replaces_id == seen[0].id));
        assert_ne!(seen[120].sender, seen[0].sender, "a fresh connection has no old match rules");
        scene.click(seen[0].id, "print");
    });
}

#[test]
fn a_click_is_heard_and_ends_the_notification() {
    on_a_private_bus("a_click_is_heard_and_ends_the_notification", |address| {
        let scene = Scene::new(address, everything());
        for (count, action) in ["print", DEFAULT_ACTION].into_iter().enumerate() {
            assert_eq!(scene.notifications.show(&paid("order/1", "x")).unwrap(), Shown::New);
            let id = scene.seen()[count].id;
            let click = scene.click(id, action);
            assert_eq!(click, Click { id_key: "order/1".to_owned(), action: action.to_owned() });
        }
    });
}

#[test]
fn closing_takes_it_down_and_frees_the_key() {
    on_a_private_bus("closing_takes_it_down_and_frees_the_key", |address| {
        let scene = Scene::new(address, everything());
        scene.notifications.show(&paid("order/1", "x")).unwrap();
        scene.notifications.close("order/1").unwrap();
        scene.notifications.close("never shown").unwrap();
        scene.wait_until_closed(scene.seen()[0].id);
    });
}

#[test]
fn one_for_many_takes_the_many_down() {
    on_a_private_bus("one_for_many_takes_the_many_down", |address| {
        let scene = Scene::new(address, everything());
        for key in ["order/1", "order/2"] {
            scene.notifications.show(&paid(key, "x")).unwrap();
        }
        let many = Notification {
            replaces: vec!["order/1".to_owned(), "order/2".to_owned(), "order/3".to_owned()],
            ..paid("orders", "3 个新订单")
        };
        scene.notifications.show(&many).unwrap();
        for seen in &scene.seen()[..2] {
            scene.wait_until_closed(seen.id);
        }
        assert_eq!(scene.book.lock().unwrap().closed.len(), 2);
    });
}

#[test]
fn the_oldest_goes_when_too_many_are_shown() {
    on_a_private_bus("the_oldest_goes_when_too_many_are_shown", |address| {
        let scene = Scene::new(address, everything());
        for count in 0..65 {
            scene.notifications.show(&paid(&format!("order/{count}"), "x")).unwrap();
        }
        scene.wait_until_closed(scene.seen()[0].id);
        assert_eq!(scene.click(scene.seen()[64].id, "print").id_key, "order/64");
    });
}

#[test]
fn a_desktop_that_hangs_is_an_error_in_time() {
    on_a_private_bus("a_desktop_that_hangs_is_an_error_in_time", |address| {
        let scene = Scene::new(address, None);
        let start = Instant::now();
        let error = scene.notifications.show(&paid("order/1", "x")).unwrap_err();
        assert!(matches!(error, NotificationError::Unresponsive), "{error:?}");
        assert!(start.elapsed() < Duration::from_secs(6));
    });
}

#[test]
fn no_desktop_is_an_error_and_not_the_end() {
    on_a_private_bus("no_desktop_is_an_error_and_not_the_end", |address| {
        let (clicked, _clicks) = mpsc::channel();
        let notifications = DesktopNotifications::start(move |click| drop(clicked.send(click))).unwrap();
        let error = notifications.show(&paid("order/1", "x")).unwrap_err();
        assert_eq!(error.code(), "notifications_unavailable", "{error:?}");
        // The desktop comes up later than we do.
        let scene = Scene::new(address, everything());
        assert_eq!(notifications.show(&paid("order/1", "x")).unwrap(), Shown::New);
        assert_eq!(scene.seen().len(), 1);
    });
}

#[test]
fn no_bus_is_an_error_and_not_the_end() {
    without_a_bus("no_bus_is_an_error_and_not_the_end", || {
        let notifications = DesktopNotifications::start(drop).unwrap();
        for _ in 0..2 {
            let error = notifications.show(&paid("order/1", "x")).unwrap_err();
            assert_eq!(error.code(), "notifications_unavailable", "{error:?}");
        }
    });
}

//! The desktop's notifications, with buttons that are heard.
//!
//! A notification says what happened; the badge in the window is the truth (`house-style.md` 3). So nothing in here is
//! fatal: a PC without a desktop gives an error, and a desktop that hangs gives one after five seconds.
//!
//! All talk with the desktop happens on a thread of its own. Each notification is watched until somebody clicks or
//! closes it, since a click is heard only by whoever still listens.

#[cfg(all(unix, not(target_os = "macos")))]
#[path = "notifications/bus.rs"]
mod desktop;
#[cfg(windows)]
#[path = "notifications/toast.rs"]
mod desktop;
#[cfg(not(any(windows, all(unix, not(target_os = "macos")))))]
#[path = "notifications/absent.rs"]
mod desktop;
mod text;

use std::sync::Arc;
use std::sync::mpsc::{self, SyncSender};
use std::thread;
use std::time::Duration;

use thiserror::Error;
use tokio::sync::mpsc as tasks;

/// What the desktop's own list calls us.
const APP_NAME: &str = "Zhanggui 掌柜";

/// How long a desktop may take to show a notification.
const DEADLINE: Duration = Duration::from_secs(5);

/// Notifications that are watched at once. Each holds a connection to the desktop, and nobody reads the 65th.
const WATCHED: usize = 64;

/// Orders that may wait for a desktop that hangs.
const QUEUE: usize = 64;

/// The action that stands for a click on the notification itself.
pub const DEFAULT_ACTION: &str = "default";

/// Something to say on the desktop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// Names what it is about, as in `order/20250601001`: under the same key it takes the place of the one before, so
    /// that telling twice leaves one notification.
    pub id_key: String,
    /// One line.
    pub title: String,
    /// Some lines; may hold what a customer typed.
    pub body: String,
    /// Buttons, as id and label. [`DEFAULT_ACTION`] is the click on the notification itself, and its label is not
    /// always shown. Desktops without buttons leave them out.
    pub actions: Vec<(String, String)>,
    /// How much it matters.
    pub urgency: Urgency,
    /// Keys whose notifications are taken down once this one is shown: "3 new orders" in place of three.
    pub replaces: Vec<String>,
}

/// How much a notification matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Urgency {
    /// May be kept for later.
    Low,
    /// Is shown for as long as the desktop thinks fit.
    #[default]
    Normal,
    /// Stays until somebody closes it.
    Critical,
}

/// How a notification came to the desktop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// As a new one.
    New,
    /// In the place of the one before under its key.
    Replaced,
}

/// Somebody clicked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Click {
    /// The key of the notification.
    pub id_key: String,
    /// The id of the button, or [`DEFAULT_ACTION`].
    pub action: String,
}

/// A notification could not be shown. Never a reason to stop.
#[derive(Debug, Error)]
pub enum NotificationError {
    /// There is no desktop to show it, or it refused.
    #[error("the desktop shows no notifications")]
    Unavailable {
        /// What the system said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The desktop did not answer in time. The notification may still appear.
    #[error("the desktop did not answer in time")]
    Unresponsive,
    /// This system has no notifications that we know.
    #[error("notifications are not supported on this system")]
    Unsupported,
}

impl NotificationError {
    /// The stable word by which the catalogues have a text.
    pub fn code(&self) -> &'static str {
        match self {
            NotificationError::Unavailable { .. } => "notifications_unavailable",
            NotificationError::Unresponsive => "notifications_unresponsive",
            NotificationError::Unsupported => "notifications_unsupported",
        }
    }
}

/// The way to the desktop. When it is dropped clicks are no longer heard; the shown notifications stay, except on
/// desktops that take them down with the program that sent them.
#[derive(Debug)]
pub struct DesktopNotifications {
    commands: tasks::Sender<Command>,
}

type Reply = SyncSender<Result<Shown, NotificationError>>;
type OnClick = Arc<dyn Fn(Click) + Send + Sync>;

enum Command {
    Show { notification: Notification, reply: Reply },
    Close { id_key: String },
}

impl DesktopNotifications {
    /// Starts the thread that talks with the desktop; the desktop itself is met with the first notification.
    ///
    /// `on_click` runs on a thread of this module and must return at once, as by putting the click into a channel.
    ///
    /// # Errors
    ///
    /// [`NotificationError::Unavailable`] if the system gives no thread.
    pub fn start(
        on_click: impl Fn(Click) + Send + Sync + 'static,
    ) -> Result<DesktopNotifications, NotificationError> {
        let (commands, received) = tasks::channel(QUEUE);
        let on_click: OnClick = Arc::new(on_click);
        thread::Builder::new()
            .name("notifications".to_owned())
            .spawn(move || desktop::run(received, on_click))
            .map_err(|source| NotificationError::Unavailable { source: source.into() })?;
        Ok(DesktopNotifications { commands })
    }

    /// Shows it, or puts it in the place of the one under the same key. Blocks for at most five seconds; on a desktop
    /// that works for some milliseconds.
    pub fn show(&self, notification: &Notification) -> Result<Shown, NotificationError> {
        let (reply, shown) = mpsc::sync_channel(1);
        let notification = text::presentable(notification);
        self.send(Command::Show { notification, reply })?;
        shown.recv_timeout(DEADLINE).map_err(|_| NotificationError::Unresponsive)?
    }

    /// Takes the notification of this key down, where the desktop can (Windows cannot). Does not wait.
    pub fn close(&self, id_key: &str) -> Result<(), NotificationError> {
        self.send(Command::Close { id_key: id_key.to_owned() })
    }

    fn send(&self, command: Command) -> Result<(), NotificationError> {
        self.commands.try_send(command).map_err(|_| NotificationError::Unresponsive)
    }
}

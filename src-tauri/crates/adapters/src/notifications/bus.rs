//! Linux: notifications over D-Bus (Desktop Notifications Specification 1.2).
//!
//! One thread runs a small runtime. On it the *board* knows which notifications are shown, and each has a task that
//! shows it, puts newer ones in its place, and waits for a click.
//!
//! notify-rust opens a connection for every notification. Some desktops take all notifications of a program down when
//! the connection that sent the first one ends (GNOME before 46, halloy#2141), so a connection is kept after its own
//! notification is done, until no notification is left that could be hurt.

use std::time::Duration;

use notify_rust::{
    Notification as BusNotification, NotificationHandle, NotificationResponse, Timeout, Urgency as BusUrgency,
};
use tokio::sync::mpsc;
use tokio::task::{LocalSet, spawn_blocking, spawn_local};
use tokio::time::timeout;

use super::{
    APP_NAME, Click, Command, DEADLINE, DEFAULT_ACTION, Notification, NotificationError, OnClick, Reply,
    Shown, Urgency, WATCHED,
};

/// Newer versions that may wait for a notification whose desktop hangs.
const ORDERS: usize = 4;

/// Each wait for a click adds two match rules to the connection, which notify-rust never takes back, and the bus
/// allows a limited number. After so many replacements a fresh connection takes over.
const REPLACEMENTS: u32 = 100;

pub(super) fn run(commands: mpsc::Receiver<Command>, on_click: OnClick) {
    // Few threads for calls that block: with a desktop that hangs, all of them hang, and no more may be started.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().max_blocking_threads(16).build();
    match runtime {
        Ok(runtime) => {
            LocalSet::new().block_on(&runtime, Board::new(on_click).serve(commands));
            // Not waiting for calls that a hanging desktop never answers.
            runtime.shutdown_background();
        }
        // Every caller hears "unresponsive", since the commands are dropped with their replies.
        Err(error) => tracing::warn!(%error, "no runtime for notifications"),
    }
}

/// Which notifications are shown, oldest first.
struct Board {
    shown: Vec<Watched>,
    finished: Vec<NotificationHandle>,
    serial: u64,
    events: mpsc::UnboundedSender<Event>,
    happened: mpsc::UnboundedReceiver<Event>,
    on_click: OnClick,
}

struct Watched {
    id_key: String,
    serial: u64,
    orders: mpsc::Sender<Order>,
}

/// What the board tells a notification's task.
enum Order {
    Show { notification: Notification, reply: Reply },
    Close,
}

/// What a notification's task tells the board.
enum Event {
    /// It is shown, in place of these.
    Shown { replaces: Vec<String> },
    /// It is gone; its connection is left.
    Ended { serial: u64, handle: Option<NotificationHandle> },
    /// It was gone before it could show this.
    Missed { notification: Notification, reply: Reply },
}

impl Board {
    fn new(on_click: OnClick) -> Board {
        let (events, happened) = mpsc::unbounded_channel();
        Board { shown: Vec::new(), finished: Vec::new(), serial: 0, events, happened, on_click }
    }

    async fn serve(mut self, mut commands: mpsc::Receiver<Command>) {
        loop {
            tokio::select! {
                command = commands.recv() => match command {
                    Some(Command::Show { notification, reply }) => self.show(notification, reply),
                    Some(Command::Close { id_key }) => self.close(&id_key),
                    None => return,
                },
                Some(event) = self.happened.recv() => match event {
                    Event::Shown { replaces } => replaces.iter().for_each(|id_key| self.close(id_key)),
                    Event::Ended { serial, handle } => self.end(serial, handle),
                    Event::Missed { notification, reply } => self.show(notification, reply),
                },
            }
        }
    }

    fn show(&mut self, notification: Notification, reply: Reply) {
        // A task that panicked in the library told nobody that it ended.
        self.shown.retain(|watched| !watched.orders.is_closed());
        if let Some(watched) = self.shown.iter().find(|watched| watched.id_key == notification.id_key) {
            if let Err(error) = watched.orders.try_send(Order::Show { notification, reply })
                && let Order::Show { reply, .. } = error.into_inner()
            {
                let _ = reply.send(Err(NotificationError::Unresponsive));
            }
            return;
        }
        self.make_room();
        self.serial += 1;
        let (orders, mut received) = mpsc::channel(ORDERS);
        let (id_key, serial) = (notification.id_key.clone(), self.serial);
        self.shown.push(Watched { id_key: id_key.clone(), serial, orders });
        let (events, on_click) = (self.events.clone(), OnClick::clone(&self.on_click));
        spawn_local(async move {
            let handle = watch(id_key, notification, reply, &mut received, &events, &on_click).await;
            let _ = events.send(Event::Ended { serial, handle });
            // A click and a newer version may come at the same moment: the click ends this one, the newer one counts.
            received.close();
            while let Ok(order) = received.try_recv() {
                if let Order::Show { notification, reply } = order {
                    let _ = events.send(Event::Missed { notification, reply });
                }
            }
        });
    }

    fn close(&mut self, id_key: &str) {
        if let Some(watched) = self.shown.iter().find(|watched| watched.id_key == id_key) {
            // Full or gone: then it hangs or is closed already.
            let _ = watched.orders.try_send(Order::Close);
        }
    }

    fn make_room(&mut self) {
        while self.shown.len() + self.finished.len() >= WATCHED {
            if !self.finished.is_empty() {
                self.finished.remove(0);
            } else {
                let oldest = self.shown.remove(0);
                let _ = oldest.orders.try_send(Order::Close);
            }
        }
    }

    fn end(&mut self, serial: u64, handle: Option<NotificationHandle>) {
        self.shown.retain(|watched| watched.serial != serial);
        self.finished.extend(handle);
        if self.shown.is_empty() {
            self.finished.clear();
        }
    }
}

/// Shows the notification and follows it to its end. Gives back what holds its connection.
async fn watch(
    id_key: String,
    notification: Notification,
    reply: Reply,
    orders: &mut mpsc::Receiver<Order>,
    events: &mpsc::UnboundedSender<Event>,
    on_click: &OnClick,
) -> Option<NotificationHandle> {
    let mut handle = match within_deadline(first(&notification)).await {
        Ok(handle) => handle,
        Err(error) => {
            let _ = reply.send(Err(error));
            return None;
        }
    };
    let _ = reply.send(Ok(Shown::New));
    let _ = events.send(Event::Shown { replaces: notification.replaces });
    let mut replacements = 0;
    loop {
        tokio::select! {
            response = response(&handle) => {
                if let Some(action) = response {
                    on_click(Click { id_key, action });
                }
                return Some(handle);
            }
            order = orders.recv() => match order {
                Some(Order::Show { notification, reply }) => {
                    replacements += 1;
                    handle = match within_deadline(next(handle, &notification, replacements)).await {
                        Ok(handle) => handle,
                        Err(error) => {
                            let _ = reply.send(Err(error));
                            return None;
                        }
                    };
                    let _ = reply.send(Ok(Shown::Replaced));
                    let _ = events.send(Event::Shown { replaces: notification.replaces });
                }
                Some(Order::Close) => {
                    // A desktop that does not answer keeps it on the screen; there is nothing more to do.
                    let _ = timeout(DEADLINE, handle.close_async()).await;
                    return Some(handle);
                }
                None => return Some(handle),
            },
        }
    }
}

async fn first(notification: &Notification) -> Result<NotificationHandle, NotificationError> {
    prepare(notification).await?.show_async().await.map_err(unavailable)
}

/// Puts the notification in the place of the one that `handle` stands for.
async fn next(
    mut handle: NotificationHandle,
    notification: &Notification,
    replacements: u32,
) -> Result<NotificationHandle, NotificationError> {
    let mut prepared = prepare(notification).await?;
    if replacements.is_multiple_of(REPLACEMENTS) {
        return prepared.id(handle.id()).show_async().await.map_err(unavailable);
    }
    *handle = prepared;
    // `update` keeps the connection but blocks, so it has to leave this thread.
    let updated = spawn_blocking(move || handle.update().map(|()| handle)).await;
    updated.map_err(|source| NotificationError::Unavailable { source: source.into() })?.map_err(unavailable)
}

/// Turns the notification into the bus's words, as far as this desktop understands them. It is asked each time: another
/// desktop may have taken over since.
async fn prepare(notification: &Notification) -> Result<BusNotification, NotificationError> {
    let capabilities = spawn_blocking(notify_rust::get_capabilities)
        .await
        .map_err(|source| NotificationError::Unavailable { source: source.into() })?
        .map_err(unavailable)?;
    let can = |capability: &str| capabilities.iter().any(|offered| offered == capability);
    let body = &notification.body;
    let body = if can("body-markup") { as_markup(body) } else { body.clone() };
    let mut prepared = BusNotification::new();
    prepared.appname(APP_NAME).summary(&notification.title).body(&body);
    match notification.urgency {
        Urgency::Low => prepared.urgency(BusUrgency::Low),
        Urgency::Normal => prepared.urgency(BusUrgency::Normal),
        Urgency::Critical => prepared.urgency(BusUrgency::Critical).timeout(Timeout::Never),
    };
    // A desktop without buttons may turn them into a dialog that stands in the way.
    if can("actions") {
        for (id, label) in &notification.actions {
            prepared.action(id, label);
        }
    }
    Ok(prepared.finalize())
}

/// The same text where the desktop reads markup: a `<b>` in a customer's note stays a `<b>`.
fn as_markup(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The action that was clicked, or `None` if the notification was closed or the bus is gone.
async fn response(handle: &NotificationHandle) -> Option<String> {
    let mut action = None;
    handle
        .wait_for_action_async(|response| {
            action = match response {
                NotificationResponse::Default => Some(DEFAULT_ACTION.to_owned()),
                NotificationResponse::Action(id) => Some(id.clone()),
                NotificationResponse::Reply(_) | NotificationResponse::Closed(_) => None,
            };
        })
        .await;
    action
}

async fn within_deadline<T>(
    work: impl Future<Output = Result<T, NotificationError>>,
) -> Result<T, NotificationError> {
    const A_LITTLE_LESS: Duration = DEADLINE.saturating_sub(Duration::from_millis(200));
    // The caller waits for the deadline itself and should hear this answer.
    timeout(A_LITTLE_LESS, work).await.unwrap_or(Err(NotificationError::Unresponsive))
}

fn unavailable(source: notify_rust::error::Error) -> NotificationError {
    NotificationError::Unavailable { source: Box::new(source) }
}

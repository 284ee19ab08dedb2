//! Windows: toasts. They cannot be replaced or taken down by us, so a second one under a key is a new toast, and the
//! clicks on the older one no longer count.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;

use notify_rust::{Notification as Toast, NotificationResponse, Timeout, Urgency as ToastUrgency};
use tokio::sync::mpsc;
use winreg::RegKey;
use winreg::enums::HKEY_CURRENT_USER;

use super::{APP_NAME, Click, Command, DEFAULT_ACTION, Notification, NotificationError, OnClick, Shown};
use super::{Reply, Urgency, WATCHED};

/// By which Windows knows whose toast it is: the application user model id, the same as the installer puts on the
/// shortcut in the Start menu.
const APP_ID: &str = "cn.zhanggui.console";

/// Where Windows looks up what to call an application that has no shortcut of that id.
const REGISTERED: &str = r"Software\Classes\AppUserModelId";

/// Which toast of a key counts. Shared with the threads that wait for clicks.
#[derive(Clone, Default)]
struct Newest(Arc<Mutex<HashMap<String, u64>>>);

pub(super) fn run(mut commands: mpsc::Receiver<Command>, on_click: OnClick) {
    let newest = Newest::default();
    let mut serial = 0;
    while let Some(command) = commands.blocking_recv() {
        match command {
            Command::Show { notification, reply } => {
                serial += 1;
                let (newest, on_click) = (newest.clone(), OnClick::clone(&on_click));
                let shown = thread::Builder::new()
                    .name("toast".to_owned())
                    .spawn(move || show(serial, &notification, &reply, &newest, &on_click));
                if let Err(error) = shown {
                    // The reply went down with the closure, so the caller hears of it at once.
                    tracing::warn!(%error, "no thread for a toast");
                }
            }
            Command::Close { id_key } => {
                newest.lock().remove(&id_key);
            }
        }
    }
}

/// Shows the toast and waits, on a thread of its own, until it is clicked or gone: Windows reports either.
fn show(serial: u64, notification: &Notification, reply: &Reply, newest: &Newest, on_click: &OnClick) {
    let handle = match toast(notification).show() {
        Ok(handle) => handle,
        Err(source) => {
            let _ = reply.send(Err(NotificationError::Unavailable { source: Box::new(source) }));
            return;
        }
    };
    let watched = newest.watch(notification, serial);
    let _ = reply.send(Ok(Shown::New));
    if !watched {
        return;
    }
    let waited = handle.wait_for_response(|response: &NotificationResponse| {
        let action = match response {
            NotificationResponse::Default => DEFAULT_ACTION.to_owned(),
            NotificationResponse::Action(action) => action.clone(),
            NotificationResponse::Reply(_) | NotificationResponse::Closed(_) => return,
        };
        if newest.is(&notification.id_key, serial) {
            on_click(Click { id_key: notification.id_key.clone(), action });
        }
    });
    if let Err(error) = waited {
        tracing::debug!(%error, "a toast ended without an answer");
    }
    newest.forget(&notification.id_key, serial);
}

fn toast(notification: &Notification) -> Toast {
    let mut toast = Toast::new();
    toast.appname(APP_NAME).summary(&notification.title).body(&notification.body);
    if is_registered() {
        toast.app_id(APP_ID);
    }
    match notification.urgency {
        Urgency::Low => toast.urgency(ToastUrgency::Low),
        Urgency::Normal => toast.urgency(ToastUrgency::Normal),
        Urgency::Critical => toast.urgency(ToastUrgency::Critical).timeout(Timeout::Never),
    };
    for (id, label) in &notification.actions {
        // A click on the toast itself is always reported; a button for it would be a second one.
        if id != DEFAULT_ACTION {
            toast.action(id, label);
        }
    }
    toast.finalize()
}

/// Whether Windows knows us by our own name. It drops the toasts of a name that it does not know without a word, so
/// without one they go out under the name that notify-rust borrows (PowerShell's).
fn is_registered() -> bool {
    static KNOWN: OnceLock<bool> = OnceLock::new();
    *KNOWN.get_or_init(|| {
        register().inspect_err(|error| tracing::warn!(%error, "toasts go out under another name")).is_ok()
    })
}

/// For this person only, which takes no rights.
fn register() -> io::Result<()> {
    let (key, _) = RegKey::predef(HKEY_CURRENT_USER).create_subkey(format!(r"{REGISTERED}\{APP_ID}"))?;
    key.set_value("DisplayName", &APP_NAME)
}

impl Newest {
    /// Notes the toast as the newest of its key; `false` if so many are watched that this one's clicks go unheard.
    fn watch(&self, notification: &Notification, serial: u64) -> bool {
        let mut newest = self.lock();
        for replaced in &notification.replaces {
            newest.remove(replaced);
        }
        if newest.len() >= WATCHED && !newest.contains_key(&notification.id_key) {
            return false;
        }
        newest.insert(notification.id_key.clone(), serial);
        true
    }

    fn is(&self, id_key: &str, serial: u64) -> bool {
        self.lock().get(id_key) == Some(&serial)
    }

    fn forget(&self, id_key: &str, serial: u64) {
        let mut newest = self.lock();
        if newest.get(id_key) == Some(&serial) {
            newest.remove(id_key);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, u64>> {
        // Every change is one call, so a panic elsewhere leaves the map whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_is_told_whose_toasts_they_are() {
        assert!(is_registered());
        let ours = RegKey::predef(HKEY_CURRENT_USER).open_subkey(format!(r"{REGISTERED}\{APP_ID}")).unwrap();
        assert_eq!(ours.get_value::<String, _>("DisplayName").unwrap(), APP_NAME);
    }
}

//! What the page may ask for. A command parses, makes one call, and maps the answer.

#[macro_use]
mod list;

mod alerts;
mod audit;
mod connection;
pub(crate) mod console;
mod orders;
mod printing;
mod refunds;
mod staff;

use tauri::Wry;
use tauri::ipc::Invoke;

/// Answers every command of the list.
pub(crate) fn handler() -> impl Fn(Invoke<Wry>) -> bool + Send + Sync + 'static {
    macro_rules! handler {
        ($($module:ident::$command:ident,)*) => { tauri::generate_handler![$($module::$command),*] };
    }
    commands!(handler)
}

/// The console, as commands get it.
type Desk<'a> = tauri::State<'a, std::sync::Arc<crate::console::Console>>;

/// The names of all commands, for the test of the capability.
#[cfg(test)]
pub(crate) fn names() -> &'static [&'static str] {
    macro_rules! names {
        ($($module:ident::$command:ident,)*) => { &[$(stringify!($command)),*] };
    }
    commands!(names)
}

/// All commands with their types, for the bindings.
#[cfg(test)]
pub(crate) fn collected() -> tauri_specta::Commands<Wry> {
    macro_rules! collected {
        ($($module:ident::$command:ident,)*) => { tauri_specta::collect_commands![$($module::$command),*] };
    }
    commands!(collected)
}

//! The window: the shop's desk as a desktop program. The only code that knows Tauri.
//!
//! Every command parses, makes one call into the engine or the mirror, and maps the answer: `commands` has a file per
//! subject, `dto` what crosses to the page, `error` what it gets when something went wrong. `console` holds the shops of
//! this PC, `open_shop` one that is served, `demo` the simulated world behind the demo shop. `page`, `changes` and
//! `clicks` are the ways between them and the page; `tray` the icon beside the clock.

mod arguments;
mod changes;
mod clicks;
mod commands;
mod console;
mod convert;
mod demo;
mod dto;
mod error;
mod linux;
mod logging;
mod open_shop;
mod page;
mod tray;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use etcetera::BaseStrategy;
use tauri::{AppHandle, Manager, RunEvent, Window, WindowEvent};

use arguments::Arguments;
use console::Console;
use page::Page;

/// The label of the one window; the capability names it too.
pub(crate) const WINDOW: &str = "main";

/// Runs the window until somebody quits.
pub fn run() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Nobody reads it where there is no terminal.
            let _ = error.print();
            return ExitCode::from(2);
        }
    };
    let Some(root) = arguments.data.clone().or_else(platform_folder) else {
        tracing::error!("this user has no data folder; name one with --data");
        return ExitCode::FAILURE;
    };
    linux::keep_files_private();
    logging::start(&root);
    let app = tauri::Builder::default()
        // First of all: a second start brings the first window up and ends.
        .plugin(tauri_plugin_single_instance::init(|app, _, _| Page::of(app).show()))
        .plugin(tauri_plugin_dialog::init())
        .plugin(window_memory())
        .invoke_handler(commands::handler())
        .on_window_event(keep_watching)
        .setup(move |app| Ok(open(app.handle(), root, &arguments)?))
        .build(tauri::generate_context!());
    match app {
        Ok(app) => {
            app.run(|_, event| {
                if let RunEvent::Exit = event {
                    tracing::info!("ended; what is not finished goes on at the next start");
                }
            });
            ExitCode::SUCCESS
        }
        // The first window's program was just ending.
        Err(tauri::Error::PluginInitialization(plugin, reason)) if plugin == "single-instance" => {
            linux::start_over(&reason)
        }
        Err(error) => {
            tracing::error!(%error, "the window cannot be opened");
            ExitCode::FAILURE
        }
    }
}

/// Starts the console, then its shops: the window is there while they open.
fn open(app: &AppHandle, root: PathBuf, arguments: &Arguments) -> Result<(), std::io::Error> {
    let console = Console::new(root, Page::of(app), arguments)
        .map_err(|fault| std::io::Error::other(fault.detail.unwrap_or(fault.code)))?;
    let console = Arc::new(console);
    app.manage(Arc::clone(&console));
    tray::start(app, console.language());
    commands::console::show_look(app, console.settings().look);
    Page::of(app).show();
    tauri::async_runtime::spawn(async move { console.open_all().await });
    Ok(())
}

/// Closing the window keeps watching. The icon brings it back, or starting the program again; the settings end it.
fn keep_watching(window: &Window, event: &WindowEvent) {
    if let WindowEvent::CloseRequested { api, .. } = event {
        api.prevent_close();
        if let Err(error) = window.hide() {
            tracing::warn!(%error, "the window cannot be hidden");
        }
    }
}

/// Size and place of the window, remembered. Not whether it was seen: a start always shows it.
fn window_memory() -> tauri::plugin::TauriPlugin<tauri::Wry> {
    use tauri_plugin_window_state::StateFlags;
    tauri_plugin_window_state::Builder::default()
        .with_state_flags(StateFlags::SIZE | StateFlags::POSITION | StateFlags::MAXIMIZED)
        .build()
}

fn platform_folder() -> Option<PathBuf> {
    let folders = etcetera::base_strategy::choose_native_strategy().ok()?;
    Some(folders.data_dir().join("zhanggui"))
}

#[cfg(test)]
mod tests;

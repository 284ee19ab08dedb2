use std::collections::BTreeSet;

use serde_json::Value;
use tauri::ipc::{CallbackFn, InvokeBody};
use tauri::test::{INVOKE_KEY, MockRuntime, get_ipc_response, mock_builder};
use tauri::webview::InvokeRequest;
use tauri::{WebviewWindow, WebviewWindowBuilder};

use crate::commands::names;

const CAPABILITY: &str = include_str!("../../capabilities/main.json");

#[test]
fn the_capability_names_every_command_and_nothing_that_is_none() {
    let capability: Value = serde_json::from_str(CAPABILITY).unwrap();
    let granted: BTreeSet<String> = capability["permissions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|permission| permission.as_str().unwrap().to_owned())
        .filter(|permission| !permission.starts_with("core:event:allow-"))
        .collect();
    let wanted: BTreeSet<String> =
        names().iter().map(|name| format!("allow-{}", name.replace('_', "-"))).collect();
    assert_eq!(granted, wanted);
    assert_eq!(capability["windows"], serde_json::json!([crate::WINDOW]));
}

#[test]
fn a_command_is_answered_in_the_main_window_and_in_no_other() {
    let app = mock_builder()
        // The permission is looked at before any handler is; what it lets through ends here.
        .invoke_handler(|invoke| {
            invoke.resolver.resolve("reached");
            true
        })
        .build(tauri::generate_context!())
        .unwrap();
    let main = window(&app, crate::WINDOW);
    let other = window(&app, "other");
    for name in names() {
        assert_eq!(call(&main, name), Ok("reached".to_owned()), "{name}");
        let refused = call(&other, name).unwrap_err();
        assert!(refused.contains("not allowed"), "{name}: {refused}");
    }
}

#[test]
fn what_the_page_does_not_need_is_refused_in_the_main_window_too() {
    let app = mock_builder().build(tauri::generate_context!()).unwrap();
    let main = window(&app, crate::WINDOW);
    for name in [
        "plugin:event|emit",
        "plugin:window|close",
        "plugin:dialog|open",
        "plugin:webview|internal_toggle_devtools",
    ] {
        let refused = call(&main, name).unwrap_err();
        assert!(refused.contains("not allowed"), "{name}: {refused}");
    }
}

fn window(app: &tauri::App<MockRuntime>, label: &str) -> WebviewWindow<MockRuntime> {
    use tauri::Manager;
    match app.get_webview_window(label) {
        Some(window) => window,
        None => WebviewWindowBuilder::new(app, label, tauri::WebviewUrl::default()).build().unwrap(),
    }
}

fn call(window: &WebviewWindow<MockRuntime>, command: &str) -> Result<String, String> {
    let request = InvokeRequest {
        cmd: command.to_owned(),
        callback: CallbackFn(0),
        error: CallbackFn(1),
        url: if cfg!(windows) { "http://tauri.localhost" } else { "tauri://localhost" }.parse().unwrap(),
        body: InvokeBody::default(),
        headers: tauri::http::HeaderMap::default(),
        invoke_key: INVOKE_KEY.to_owned(),
    };
    match get_ipc_response(window, request) {
        Ok(body) => Ok(body.deserialize::<String>().unwrap()),
        Err(refusal) => Err(refusal.as_str().unwrap_or_default().to_owned()),
    }
}

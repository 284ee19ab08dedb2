//! What a page that somebody got a foot into could not do.

use journeys::Pc;
use serde_json::Value;

use crate::quiet_demo;

#[test]
fn nothing_can_be_called_without_its_permission() {
    let pc = Pc::new();
    let (window, _world) = quiet_demo(&pc);
    let calls = [
        ("plugin:event|emit", r#"{ event: "changed", payload: {} }"#),
        ("plugin:event|emit_to", r#"{ target: { kind: "Any" }, event: "opened", payload: {} }"#),
        ("plugin:window|close", r#"{ label: "main" }"#),
        ("plugin:window|destroy", r#"{ label: "main" }"#),
        (
            "plugin:webview|create_webview_window",
            r#"{ options: { label: "other", url: "https://example.com" } }"#,
        ),
        ("plugin:dialog|open", "{ options: {} }"),
        ("plugin:path|resolve_directory", "{ directory: 1 }"),
        ("plugin:app|version", "{}"),
        ("plugin:fs|read_file", r#"{ path: "/etc/passwd" }"#),
        ("plugin:shell|execute", r#"{ program: "sh", args: [] }"#),
        ("no_such_command", "{}"),
    ];
    for (command, arguments) in calls {
        let script =
            format!("return {{ done: await window.__TAURI_INTERNALS__.invoke('{command}', {arguments}) }};");
        let answer = window.wait_for(&script);
        assert!(answer["failed"].is_string(), "{command}: {answer}");
    }
    let allowed = "return { done: await window.__TAURI_INTERNALS__.invoke('console_state') };";
    assert!(
        window.wait_for(allowed)["done"]["shops"].is_array(),
        "what is permitted is answered the same way"
    );
    window.role("grid", "订单列表").see();
}

#[test]
fn what_is_smuggled_into_the_page_does_nothing_and_is_noticed() {
    let pc = Pc::new();
    let (window, _world) = quiet_demo(&pc);
    let attempts = [
        (
            "script-src",
            "const s = document.createElement('script'); s.textContent = 'window.smuggled = 1'; document.head.append(s);",
        ),
        (
            "script-src",
            "const s = document.createElement('script'); s.src = 'https://example.com/x.js'; document.head.append(s);",
        ),
        (
            "script-src",
            "const i = document.createElement('img'); i.setAttribute('onerror', 'window.smuggled = 1'); i.src = 'data:,'; document.body.append(i);",
        ),
        ("script-src", "try { eval('window.smuggled = 1'); } catch {}"),
        ("script-src", "try { new Function('window.smuggled = 1')(); } catch {}"),
        ("script-src", "try { setTimeout('window.smuggled = 1'); } catch {}"),
        (
            "style-src",
            "const s = document.createElement('style'); s.textContent = 'body { --smuggled: 1 }'; document.head.append(s);",
        ),
        ("style-src", "document.body.setAttribute('style', '--smuggled: 1');"),
        ("connect-src", "fetch('https://example.com/').catch(() => {});"),
        ("connect-src", "fetch('http://127.0.0.1:9/').catch(() => {});"),
        ("connect-src", "try { new WebSocket('wss://example.com/'); } catch {}"),
        (
            "img-src",
            "const i = document.createElement('img'); i.src = 'https://example.com/x.png'; document.body.append(i);",
        ),
        (
            "frame-src",
            "const f = document.createElement('iframe'); f.src = 'https://example.com/'; document.body.append(f);",
        ),
        (
            "form-action",
            "const f = document.createElement('form'); f.action = 'https://example.com/'; document.body.append(f); f.submit();",
        ),
        (
            "base-uri",
            "const b = document.createElement('base'); b.href = 'https://example.com/'; document.head.append(b);",
        ),
    ];
    for (directive, attempt) in attempts {
        window.run(attempt);
        let mut heard = Vec::new();
        journeys::until(&format!("{directive} stops {attempt}"), || {
            heard.extend(window.complaints());
            heard.iter().any(|complaint| complaint.contains(directive)).then_some(())
        });
        let smuggled = "return [window.smuggled ?? null, getComputedStyle(document.body).getPropertyValue('--smuggled')];";
        assert_eq!(window.run(smuggled), serde_json::json!([Value::Null, ""]), "{attempt}");
    }
    window.complaints();
}

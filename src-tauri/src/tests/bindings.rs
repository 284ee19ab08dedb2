use std::path::Path;

use specta_typescript::Typescript;
use tauri_specta::{Builder, ErrorHandlingMode};

use crate::page::{Changed, Opened};

/// The committed file that the page compiles against.
const BINDINGS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../ui/src/ipc/bindings.ts");

/// Rewrites the file instead of comparing it.
const UPDATE: &str = "UPDATE_BINDINGS";

#[test]
fn the_committed_bindings_are_what_the_commands_say() {
    let folder = tempfile::tempdir().unwrap();
    let fresh = folder.path().join("bindings.ts");
    Builder::<tauri::Wry>::new()
        .commands(crate::commands::collected())
        .typ::<Changed>()
        .typ::<Opened>()
        .error_handling(ErrorHandlingMode::Throw)
        .disable_serde_phases()
        .export(Typescript::default(), &fresh)
        .unwrap();
    let fresh = std::fs::read_to_string(fresh).unwrap();
    if std::env::var_os(UPDATE).is_some() {
        std::fs::write(BINDINGS, &fresh).unwrap();
    }
    let committed = std::fs::read_to_string(Path::new(BINDINGS)).unwrap().replace("\r\n", "\n");
    assert_eq!(committed, fresh, "ui/src/ipc/bindings.ts drifted; run this test with {UPDATE}=1");
}

//! Lists the window's commands in the app manifest, so that each of them needs a permission.

include!("src/commands/list.rs");

macro_rules! names {
    ($($module:ident::$command:ident,)*) => { &[$(stringify!($command)),*] };
}

const COMMANDS: &[&str] = commands!(names);

fn main() {
    println!("cargo:rerun-if-changed=src/commands/list.rs");
    let manifest = tauri_build::AppManifest::new().commands(COMMANDS);
    if let Err(error) = tauri_build::try_build(tauri_build::Attributes::new().app_manifest(manifest)) {
        println!("cargo:warning={error:#}");
        std::process::exit(1);
    }
}

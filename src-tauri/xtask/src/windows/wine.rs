//! Wine, in which tests for Windows run.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::files::at;
use crate::prepare::is_installed;
use crate::step::{self, Failure, repository};

/// Links programs for Windows; rustc looks for it by this name.
pub(super) const CROSS_COMPILER: &str = "x86_64-w64-mingw32-gcc";

/// A wine with a system folder that is ready for programs of Rust.
pub(super) struct Wine {
    program: PathBuf,
    prefix: PathBuf,
}

impl Wine {
    /// The machine's wine, made ready below the target folder, where the person's own is left alone.
    pub(super) fn find() -> Result<Option<Wine>, Failure> {
        // Debian's package wine64 puts it beside PATH; `wine` alone may be for programs of 32 bits only.
        let besides = Path::new("/usr/lib/wine/wine64");
        let program = if is_installed("wine64") {
            "wine64".into()
        } else if besides.is_file() {
            besides.to_owned()
        } else {
            return Ok(None);
        };
        let wine = Wine { program, prefix: step::target()?.join("tools/wine") };
        wine.make_ready()?;
        Ok(Some(wine))
    }

    /// Makes cargo's runner of it.
    pub(super) fn runs_what(&self, command: &mut Command) {
        command.env("CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUNNER", &self.program);
        command.envs(self.settings());
    }

    fn settings(&self) -> [(&'static str, PathBuf); 3] {
        [
            ("WINEPREFIX", self.prefix.clone()),
            ("WINEDEBUG", "-all".into()),
            // Neither .NET nor a browser is asked for, and nothing is put into the person's menus.
            ("WINEDLLOVERRIDES", "mscoree,mshtml,winemenubuilder.exe=".into()),
        ]
    }

    fn make_ready(&self) -> Result<(), Failure> {
        let system = self.prefix.join("drive_c/windows/system32");
        if !system.is_dir() {
            fs::create_dir_all(&self.prefix).map_err(at(&self.prefix))?;
            let mut boot = Command::new(&self.program);
            step::run("wine", boot.args(["wineboot", "--init"]).envs(self.settings()))?;
        }
        let library = system.join("bcryptprimitives.dll");
        if library.is_file() {
            return Ok(());
        }
        let mut compile = Command::new(CROSS_COMPILER);
        compile.args(["-O2", "-shared", "-nostartfiles", "-Wl,-e,DllMain"]);
        compile.arg(repository().join("src-tauri/xtask/src/windows/bcryptprimitives.c"));
        compile.arg("-o").arg(&library).args(["-ladvapi32", "-lkernel32"]);
        step::run("random numbers for wine", &mut compile)
    }
}

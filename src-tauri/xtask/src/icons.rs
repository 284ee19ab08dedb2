//! `cargo xtask icons`: the bundle's and the tray's icons, made from the one drawing by Tauri's own tool.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::files::{self, at};
use crate::step::{self, Failure, repository};
use crate::{page, prepare};

/// What `tauri.conf.json` names. The tool makes telephones' and the Windows store's as well, and cannot be told not
/// to.
const OF_THE_BUNDLE: [&str; 6] =
    ["32x32.png", "128x128.png", "128x128@2x.png", "icon.png", "icon.icns", "icon.ico"];

/// What hides the mark that somebody should look, in the drawing.
const HIDDEN: &str = " display=\"none\"";

/// Edge of the tray's pictures in pixels.
const TRAY: &str = "32";

pub(crate) fn make() -> Result<(), Failure> {
    prepare::page_packages()?;
    let icons = repository().join("icons");
    let drawing = icons.join("zhanggui.svg");
    let workshop = step::target()?.join("icons");
    files::remove(&workshop)?;
    fs::create_dir_all(&workshop).map_err(at(&workshop))?;
    let take = |made: &str, name: &str| {
        fs::copy(workshop.join(made), icons.join(name)).map(drop).map_err(at(&workshop.join(made)))
    };

    step::run("icons", &mut tool(&drawing, &workshop))?;
    OF_THE_BUNDLE.iter().try_for_each(|name| take(name, name))?;

    let marked = workshop.join("marked.svg");
    let text = fs::read_to_string(&drawing).map_err(at(&drawing))?;
    fs::write(&marked, unhidden(&text)?).map_err(at(&marked))?;
    for (drawing, name) in [(&drawing, "tray.png"), (&marked, "tray-alert.png")] {
        step::run("tray", tool(drawing, &workshop).args(["--png", TRAY]))?;
        take(&format!("{TRAY}x{TRAY}.png"), name)?;
    }
    Ok(())
}

fn tool(drawing: &Path, folder: &Path) -> Command {
    let program = if cfg!(windows) { "tauri.cmd" } else { "tauri" };
    let mut tool = Command::new(page::folder().join("node_modules/.bin").join(program));
    tool.arg("icon").arg(drawing).arg("--output").arg(folder).current_dir(repository());
    tool
}

/// The drawing with its mark.
fn unhidden(drawing: &str) -> Result<String, Failure> {
    if drawing.matches(HIDDEN).count() == 1 {
        return Ok(drawing.replace(HIDDEN, ""));
    }
    let finding = format!("the drawing hides one part by{HIDDEN}, or the tray has no mark");
    Err(Failure::Check { heading: "icons", finding })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_drawing_hides_the_trays_mark() {
        let drawing = fs::read_to_string(repository().join("icons/zhanggui.svg")).unwrap();
        assert!(!unhidden(&drawing).unwrap().contains("display"));
        assert!(unhidden("<svg/>").is_err());
    }
}

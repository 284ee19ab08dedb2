//! The real window, worked through WebDriver as a person works it.

mod driver;
mod place;
mod screen;
mod session;

use std::cell::Cell;
use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::Value;

pub use place::Place;

use crate::program::built;
use crate::until;
use driver::Driver;
use screen::OnScreen;
use session::Session;

/// The program with the window.
pub(crate) const WINDOW_PROGRAM: &str = "zhanggui";

/// Listens to what goes wrong in the page, and tells what did since it was asked last.
const LISTEN: &str = include_str!("window/listen.js");

/// The program's window, open. When it is dropped the program ends, and nothing may have gone wrong in the page.
pub struct Window {
    session: Session,
    driver: Driver,
    folder: PathBuf,
    /// Whether the program has ended by itself.
    ended: Cell<bool>,
}

impl Window {
    /// Opens it with these arguments, on a PC whose environment has these variables. What the program and its driver say
    /// goes to files of the folder.
    pub(crate) fn open(folder: &Path, environment: &[(&str, PathBuf)], arguments: &[&str]) -> Window {
        assert!(
            std::env::var_os("DISPLAY").is_some(),
            "there is no display for the window; `cargo xtask test` brings one"
        );
        let program = built().join(WINDOW_PROGRAM);
        assert!(program.exists(), "{} is not built", program.display());
        let program = program.display().to_string();
        // The driver would keep to itself what the program says.
        let said = format!("exec \"$0\" \"$@\" >>'{}' 2>&1", folder.join("said").display());
        let arguments = [&["-c", &said, &program], arguments].concat();
        let driver = Driver::start(environment, &folder.join("driver"));
        let session = Session::start(&driver.url(), "/bin/sh", &arguments);
        let session = session.unwrap_or_else(|refusal| panic!("{refusal}: {}", said_by_all(folder)));
        let window = Window { session, driver, folder: folder.to_owned(), ended: Cell::new(false) };
        window.listen();
        window
    }

    /// What has this role and is called this.
    pub fn role(&self, role: &str, name: &str) -> Place<'_> {
        Place::whole(self).role(role, name)
    }

    /// What has this role and says this somewhere.
    pub fn holding(&self, role: &str, text: &str) -> Place<'_> {
        Place::whole(self).holding(role, text)
    }

    /// The innermost that says this.
    pub fn text(&self, text: &str) -> Place<'_> {
        Place::whole(self).text(text)
    }

    /// What a style sheet would find.
    pub fn css(&self, selector: &str) -> Place<'_> {
        Place::whole(self).css(selector)
    }

    /// Presses a key where the focus is.
    pub fn press(&self, key: &str) {
        self.session.press(key).unwrap_or_else(|refusal| panic!("{key}: {refusal}"));
    }

    /// Loads the page again, as an impatient person does.
    pub fn reload(&self) {
        self.must_be_content();
        self.session.reload().unwrap_or_else(|refusal| panic!("{refusal}"));
        self.listen();
    }

    /// Gives the window this size, in pixels.
    pub fn resize(&self, width: u32, height: u32) {
        self.session.resize(width, height).unwrap_or_else(|refusal| panic!("{refusal}"));
        until("the page has the new size", || {
            (self.run("return [innerWidth, innerHeight];") == serde_json::json!([width, height]))
                .then_some(())
        });
    }

    /// What the body of a function says in the page.
    pub fn run(&self, script: &str) -> Value {
        self.session.run(script, &[]).unwrap_or_else(|refusal| panic!("{refusal}: {script}"))
    }

    /// The same for a body that may `await`.
    pub fn wait_for(&self, script: &str) -> Value {
        let script = format!(
            "const done = arguments[0]; (async () => {{ {script} }})().then(done, (reason) => done({{ failed: String(reason?.message ?? reason) }}));"
        );
        self.session.run_async(&script, &[]).unwrap_or_else(|refusal| panic!("{refusal}: {script}"))
    }

    /// A picture of the page as PNG, after all that it has to draw.
    pub fn picture(&self) -> Vec<u8> {
        // The frame that is on its way, and one more.
        self.wait_for("for (const _ of [1, 2]) await new Promise(requestAnimationFrame);");
        let picture = self.session.picture().unwrap_or_else(|refusal| panic!("{refusal}"));
        BASE64.decode(picture).expect("pictures come in base64")
    }

    /// What went wrong in the page since this was asked last: errors and breaches of its policy.
    pub fn complaints(&self) -> Vec<String> {
        self.session
            .run(LISTEN, &[])
            .map(|list| texts(&list))
            .unwrap_or_else(|refusal| vec![refusal.to_string()])
    }

    /// The program's process.
    pub fn process(&self) -> u32 {
        until("the program runs", || self.driver.process(WINDOW_PROGRAM))
    }

    /// Closes it by its title bar.
    pub fn close(&self) {
        self.on_screen().close();
    }

    /// Whether the display shows it.
    pub fn is_seen(&self) -> bool {
        self.on_screen().is_seen()
    }

    fn on_screen(&self) -> OnScreen {
        until("the window is on the display", || OnScreen::of(self.process()))
    }

    /// Begins to listen, as early as there is something to hear; a page that is just being loaded forgets who did.
    fn listen(&self) {
        self.must_be_content();
        until("the page is loaded", || (self.run("return document.readyState;") == "complete").then_some(()));
        self.must_be_content();
    }

    fn must_end(&self) {
        assert!(self.driver.gone(WINDOW_PROGRAM), "the program does not end: {}", said_by_all(&self.folder));
        self.ended.set(true);
    }

    fn must_be_content(&self) {
        let complaints = self.complaints();
        assert!(complaints.is_empty(), "the page complains: {complaints:#?}");
    }

    /// What a person needs who was not there: what the page showed and what the program said.
    fn testify(&self) {
        let test = std::thread::current().name().unwrap_or("window").replace("::", "-");
        let folder = built().parent().unwrap_or(Path::new("target")).join("tmp/window");
        let file = folder.join(format!("{test}.png"));
        let picture = self.session.picture().ok().and_then(|picture| BASE64.decode(picture).ok());
        let kept = picture.is_some_and(|picture| {
            fs::create_dir_all(&folder).is_ok_and(|()| fs::write(&file, picture).is_ok())
        });
        let text = self.session.run("return document.body.innerText;", &[]);
        let text = text.ok().and_then(|text| Some(text.as_str()?.to_owned())).unwrap_or_default();
        eprintln!("--- the page said:\n{text}");
        if kept {
            eprintln!("--- and looked like {}", file.display());
        }
        eprintln!("--- it complained: {:#?}", self.complaints());
        eprintln!("--- the program said:\n{}", said_by_all(&self.folder));
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        let failing = std::thread::panicking();
        if failing {
            self.testify();
        }
        if !self.ended.get() {
            let complaints = self.complaints();
            // An orderly end; whatever does not take part in it is ended by the driver's.
            let ended = self.session.end();
            let left = ended.is_ok() && self.driver.gone(WINDOW_PROGRAM);
            if !failing {
                assert!(complaints.is_empty(), "the page complains: {complaints:#?}");
                assert!(left, "the program does not end with its window: {ended:?}");
            }
        }
        if !failing {
            let said = fs::read_to_string(self.folder.join("said")).unwrap_or_default();
            assert!(!said.contains("panicked at") && !said.contains(" ERROR "), "{said}");
        }
    }
}

/// The last of what the program and its driver said.
fn said_by_all(folder: &Path) -> String {
    ["said", "driver"]
        .iter()
        .map(|name| {
            let text = fs::read_to_string(folder.join(name)).unwrap_or_default();
            let lines: Vec<&str> = text.lines().collect();
            lines[lines.len().saturating_sub(60)..].join("\n")
        })
        .collect::<Vec<_>>()
        .join("\n")
}

fn texts(list: &Value) -> Vec<String> {
    let list = list.as_array().map(Vec::as_slice).unwrap_or_default();
    list.iter().map(|one| one.as_str().unwrap_or_default().to_owned()).collect()
}

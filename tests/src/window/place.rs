use serde_json::{Value, json};

use super::Window;
use super::session::{Element, Refusal};
use crate::until;

/// Finds elements in the page.
const FIND: &str = include_str!("find.js");

/// Where something is on the page, as one would tell another person: "the button 同意退款 in the row of that order". It is
/// looked up anew each time, because the page may have drawn it anew, and only what is seen counts.
#[derive(Clone)]
pub struct Place<'a> {
    window: &'a Window,
    steps: Vec<Value>,
}

impl<'a> Place<'a> {
    pub(super) fn whole(window: &'a Window) -> Place<'a> {
        Place { window, steps: Vec::new() }
    }

    /// Inside it, what has this role and is called this.
    pub fn role(&self, role: &str, name: &str) -> Place<'a> {
        self.then(json!({ "role": role, "name": name }))
    }

    /// Inside it, what has this role and says this somewhere, or has it in its name.
    pub fn holding(&self, role: &str, text: &str) -> Place<'a> {
        self.then(json!({ "role": role, "holding": text }))
    }

    /// Inside it, the innermost that says this.
    pub fn text(&self, text: &str) -> Place<'a> {
        self.then(json!({ "text": text }))
    }

    /// Inside it, what a style sheet would find.
    pub fn css(&self, selector: &str) -> Place<'a> {
        self.then(json!({ "css": selector }))
    }

    fn then(&self, step: Value) -> Place<'a> {
        let steps = self.steps.iter().cloned().chain([step]).collect();
        Place { window: self.window, steps }
    }

    /// Waits until it is seen.
    pub fn see(&self) -> &Place<'a> {
        self.until("seen", || (self.count() > 0).then_some(()));
        self
    }

    /// Waits until it is not seen any more.
    pub fn vanish(&self) {
        self.until("gone", || (self.count() == 0).then_some(()));
    }

    /// How many such places there are now.
    pub fn count(&self) -> usize {
        self.now().len()
    }

    /// Clicks in its middle, as soon as there is exactly one and it can be clicked.
    pub fn click(&self) {
        self.act("clicked", |element| self.window.session.click(element));
    }

    /// Clicks what ends the program. Whether the click is still answered nobody knows; whether the program ends is what
    /// counts.
    pub fn click_to_end(&self) {
        self.window.must_be_content();
        self.until("clicked", || {
            let element = self.only()?;
            match self.window.session.click(&element) {
                Err(refusal) if refusal.left_it_alone() => None,
                Ok(()) | Err(_) => Some(()),
            }
        });
        self.window.must_end();
    }

    /// Clicks twice, with nothing between.
    pub fn double_click(&self) {
        self.act("clicked twice", |element| self.window.session.double_click(element));
    }

    /// Has the page itself click it twice before it can draw anything: faster than any hand.
    pub fn click_twice_at_once(&self) {
        self.act("clicked twice at once", |element| {
            let script = "arguments[0].click(); arguments[0].click();";
            self.window.session.run(script, &[element.as_argument()]).map(drop)
        });
    }

    /// Empties the field and types.
    pub fn write(&self, text: &str) {
        self.act("written into", |element| self.window.session.write(element, text));
    }

    /// What it says, in one line.
    pub fn words(&self) -> String {
        let script = "return arguments[0].innerText.replace(/\\s+/g, ' ').trim();";
        let words = self.of("read", script);
        words.as_str().unwrap_or_default().to_owned()
    }

    /// What a screen reader would call it, as far as it is written down on it.
    pub fn name(&self) -> String {
        self.attribute("aria-label").unwrap_or_default()
    }

    /// One of its attributes.
    pub fn attribute(&self, name: &str) -> Option<String> {
        let value = self.of("looked at", &format!("return arguments[0].getAttribute({name:?});"));
        value.as_str().map(str::to_owned)
    }

    /// Whether its letters are red.
    pub fn is_red(&self) -> bool {
        // A style may name a colour in any way there is; a pixel is of three numbers.
        let script = "const pen = document.createElement('canvas').getContext('2d');
            pen.fillStyle = getComputedStyle(arguments[0]).color;
            pen.fillRect(0, 0, 1, 1);
            return [...pen.getImageData(0, 0, 1, 1).data];";
        let pixel = self.of("looked at", script);
        let part = |place: usize| pixel[place].as_i64().unwrap_or_default();
        part(0) > part(1) + 60 && part(0) > part(2) + 60
    }

    /// What a script's body says of it, which gets it as `arguments[0]`.
    pub(super) fn of(&self, doing: &str, script: &str) -> Value {
        self.until(doing, || {
            let element = self.only()?;
            self.window.session.run(script, &[element.as_argument()]).ok()
        })
    }

    fn act(&self, doing: &str, act: impl Fn(&Element) -> Result<(), Refusal>) {
        self.until(doing, || {
            let element = self.only()?;
            let off = "return arguments[0].matches(':disabled,[aria-disabled=true]');";
            let off = self.window.session.run(off, &[element.as_argument()]).ok()?;
            if off != Value::Bool(false) {
                return None;
            }
            match act(&element) {
                Ok(()) => Some(()),
                Err(refusal) if refusal.left_it_alone() => None,
                Err(refusal) => panic!("{}: {refusal}", self.described(doing)),
            }
        });
    }

    /// The element, where exactly one is seen.
    fn only(&self) -> Option<Element> {
        let mut found = self.now();
        if found.len() == 1 { found.pop() } else { None }
    }

    fn now(&self) -> Vec<Element> {
        self.until("found", || match self.window.session.run(FIND, &[Value::Array(self.steps.clone())]) {
            Ok(answer) => Some(Element::all(&answer)),
            // The page is being loaded.
            Err(Refusal { code, .. }) if code == "no such frame" || code == "no such window" => {
                Some(Vec::new())
            }
            // What was found was drawn anew before the answer was written.
            Err(Refusal { code, .. }) if code == "stale element reference" => None,
            Err(refusal) => panic!("{}: {refusal}", self.described("found")),
        })
    }

    fn until<T>(&self, doing: &str, question: impl FnMut() -> Option<T>) -> T {
        until(&self.described(doing), question)
    }

    fn described(&self, doing: &str) -> String {
        let steps: Vec<String> = self.steps.iter().map(Value::to_string).collect();
        format!("{} is to be {doing}", steps.join(" "))
    }
}

use std::fmt;

use reqwest::Method;
use serde_json::{Value, json};

use crate::http::Http;

/// A WebDriver session (W3C WebDriver, level 2): the few calls that a person at a window amounts to.
///
/// Ours, because of the two clients there are one turns on `serde_json/preserve_order` for every crate that is built
/// beside it, so that the tests would run another program than the shop gets, and the other brings a licence that we do
/// not take.
pub(super) struct Session {
    http: Http,
    /// Up to and with the session's id.
    base: String,
}

/// An element of the page, as long as the page keeps it.
#[derive(Debug, Clone)]
pub(super) struct Element(String);

/// What the driver refused, in the protocol's own words.
#[derive(Debug, Clone)]
pub(super) struct Refusal {
    /// One of the protocol's error codes, as `stale element reference`.
    pub(super) code: String,
    /// For a person.
    pub(super) message: String,
}

impl Refusal {
    /// Whether nothing has happened to the element: it was drawn anew, is covered or not there yet.
    pub(super) fn left_it_alone(&self) -> bool {
        let codes = ["stale element reference", "element not interactable", "element click intercepted"];
        codes.contains(&self.code.as_str())
    }
}

/// The member by which the protocol knows elements.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

impl Session {
    /// Has the driver start a program with a window.
    pub(super) fn start(driver: &str, program: &str, arguments: &[&str]) -> Result<Session, Refusal> {
        let http = Http::new();
        let options = json!({ "application": program, "args": arguments });
        let wish = json!({ "capabilities": { "alwaysMatch": { "tauri:options": options, "timeouts": { "script": 55_000 } } } });
        let answer = call(&http, Method::POST, &format!("{driver}/session"), Some(&wish))?;
        let id = answer["sessionId"].as_str().unwrap_or_else(|| panic!("no session: {answer}"));
        Ok(Session { base: format!("{driver}/session/{id}"), http })
    }

    /// Runs the body of a function in the page. An element in its answer is `{"element-…": id}`.
    pub(super) fn run(&self, script: &str, arguments: &[Value]) -> Result<Value, Refusal> {
        self.post("execute/sync", &json!({ "script": script, "args": arguments }))
    }

    /// The same for a body that calls its last argument with the answer.
    pub(super) fn run_async(&self, script: &str, arguments: &[Value]) -> Result<Value, Refusal> {
        self.post("execute/async", &json!({ "script": script, "args": arguments }))
    }

    /// A click in its middle, after scrolling it into sight.
    pub(super) fn click(&self, element: &Element) -> Result<(), Refusal> {
        self.post(&format!("element/{}/click", element.0), &json!({})).map(drop)
    }

    /// Empties a field and types.
    pub(super) fn write(&self, element: &Element, text: &str) -> Result<(), Refusal> {
        self.post(&format!("element/{}/clear", element.0), &json!({}))?;
        self.post(&format!("element/{}/value", element.0), &json!({ "text": text })).map(drop)
    }

    /// Two clicks of the mouse with nothing between them.
    pub(super) fn double_click(&self, element: &Element) -> Result<(), Refusal> {
        let origin = element.as_argument();
        let (down, up) =
            (json!({ "type": "pointerDown", "button": 0 }), json!({ "type": "pointerUp", "button": 0 }));
        let mouse = json!({
            "type": "pointer", "id": "mouse", "parameters": { "pointerType": "mouse" },
            "actions": [{ "type": "pointerMove", "origin": origin, "x": 0, "y": 0, "duration": 0 }, down, up, down, up],
        });
        self.post("actions", &json!({ "actions": [mouse] })).map(drop)
    }

    /// Presses and releases a key, wherever the focus is. Named keys have code points in the protocol.
    pub(super) fn press(&self, key: &str) -> Result<(), Refusal> {
        let keyboard = json!({
            "type": "key", "id": "keyboard",
            "actions": [{ "type": "keyDown", "value": key }, { "type": "keyUp", "value": key }],
        });
        self.post("actions", &json!({ "actions": [keyboard] })).map(drop)
    }

    /// Loads the page again.
    pub(super) fn reload(&self) -> Result<(), Refusal> {
        self.post("refresh", &json!({})).map(drop)
    }

    /// Outer size of the window in pixels.
    pub(super) fn resize(&self, width: u32, height: u32) -> Result<(), Refusal> {
        self.post("window/rect", &json!({ "width": width, "height": height })).map(drop)
    }

    /// A picture of the page, PNG in base64.
    pub(super) fn picture(&self) -> Result<String, Refusal> {
        let answer = call(&self.http, Method::GET, &format!("{}/screenshot", self.base), None)?;
        Ok(answer.as_str().unwrap_or_default().to_owned())
    }

    /// Ends the session and with it the program.
    pub(super) fn end(&self) -> Result<(), Refusal> {
        call(&self.http, Method::DELETE, &self.base, None).map(drop)
    }

    fn post(&self, path: &str, body: &Value) -> Result<Value, Refusal> {
        call(&self.http, Method::POST, &format!("{}/{path}", self.base), Some(body))
    }
}

impl Element {
    /// The elements in a script's answer.
    pub(super) fn all(answer: &Value) -> Vec<Element> {
        let list = answer.as_array().map(Vec::as_slice).unwrap_or_default();
        list.iter().filter_map(|one| Some(Element(one[ELEMENT].as_str()?.to_owned()))).collect()
    }

    /// What a script gets it as.
    pub(super) fn as_argument(&self) -> Value {
        json!({ ELEMENT: self.0 })
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.code, self.message)
    }
}

fn call(http: &Http, method: Method, url: &str, body: Option<&Value>) -> Result<Value, Refusal> {
    let unreachable = |error| Refusal { code: "unreachable".to_owned(), message: format!("{url}: {error}") };
    let (status, mut answer) = http.call(method, url, None, body).map_err(unreachable)?;
    let value = answer["value"].take();
    if status.is_success() {
        return Ok(value);
    }
    let text = |member: &str| value[member].as_str().unwrap_or_default().to_owned();
    Err(Refusal { code: text("error"), message: text("message") })
}

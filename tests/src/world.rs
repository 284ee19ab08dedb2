use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::http::Http;
use crate::{Desktop, Ended, PaperTape, Program, Running};

/// A sandbox process: WeChat's gateway and a shop's backend.
pub struct World {
    /// Absent where the sandbox is inside a window.
    _process: Option<Running>,
    folder: TempDir,
    connection: Value,
    http: Http,
}

/// An order that the control made.
#[derive(Debug, Clone)]
pub struct Placed {
    /// The backend's id.
    pub order_id: String,
    /// The shop's number at WeChat.
    pub out_trade_no: String,
    /// The control's whole word on it.
    pub document: Value,
}

/// A data folder connected to a world.
pub struct Shop {
    folder: TempDir,
}

impl Placed {
    /// When the backend had written down that it is paid.
    pub fn committed_at(&self) -> SystemTime {
        let at: jiff::Timestamp = text(&self.document, "committed_at").parse().expect("RFC 3339");
        let microseconds = u64::try_from(at.as_microsecond()).expect("after 1970");
        SystemTime::UNIX_EPOCH + Duration::from_micros(microseconds)
    }
}

impl World {
    /// A world with so many orders in its past, where nothing happens by itself.
    pub fn with_orders(orders: u32) -> World {
        World::new(&["--orders", &orders.to_string(), "--rate", "0"])
    }

    /// A world with these arguments of `sandbox`.
    pub fn new(arguments: &[&str]) -> World {
        let folder = tempfile::tempdir().expect("a folder");
        let mut process = Program::new(&["sandbox"])
            .arg("--data")
            .arg(folder.path().join("sandbox"))
            .args(arguments)
            .start();
        let line = process.line();
        let connection: Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
        World { _process: Some(process), folder, connection, http: Http::new() }
    }

    /// The world that somebody else runs, by its connection JSON.
    pub fn of(connection: Value) -> World {
        World {
            _process: None,
            folder: tempfile::tempdir().expect("a folder"),
            connection,
            http: Http::new(),
        }
    }

    /// The connection JSON, to be changed at will.
    pub fn connection(&self) -> Value {
        self.connection.clone()
    }

    /// A folder of this world's for a test's own files.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A shop of its own, connected.
    pub fn shop(&self) -> Shop {
        let shop = Shop::unconnected();
        shop.connect(&self.connection).done();
        shop
    }

    /// Places orders: see the sandbox's control for the members.
    pub fn place(&self, wish: Value) -> Vec<Placed> {
        let answer = self.control("POST", "orders", Some(wish));
        let list = answer.as_array().unwrap_or_else(|| panic!("no list: {answer}")).clone();
        list.into_iter()
            .map(|document| Placed {
                order_id: text(&document, "order_id"),
                out_trade_no: text(&document, "out_trade_no"),
                document,
            })
            .collect()
    }

    /// Places and pays one order.
    pub fn place_paid(&self, total_fen: i64) -> Placed {
        self.place(json!({ "count": 1, "pay": true, "notify": true, "total_fen": total_fen })).remove(0)
    }

    /// A buyer asks for money back. Returns the request's id.
    pub fn ask_refund(&self, order_id: &str, amount_fen: i64) -> String {
        let wish = json!({ "order_id": order_id, "amount_fen": amount_fen, "reason_text": "包装破了" });
        let answer = self.control("POST", "refund-requests", Some(wish));
        ["id", "refund_request_id"]
            .iter()
            .find_map(|name| answer[*name].as_str())
            .unwrap_or_else(|| panic!("no id: {answer}"))
            .to_owned()
    }

    /// The gateway's books.
    pub fn books(&self) -> Value {
        self.control("GET", "books", None)
    }

    /// Refunds in the gateway's books that moved money of one order.
    pub fn refunds_moved(&self, out_trade_no: &str) -> Vec<i64> {
        let books = self.books();
        let movements = books["movements"].as_array().unwrap_or_else(|| panic!("no movements: {books}"));
        movements
            .iter()
            .filter(|one| one["kind"] == "refund" && one["out_trade_no"] == out_trade_no)
            .map(|one| one["amount_fen"].as_i64().unwrap_or_else(|| panic!("no amount: {one}")))
            .collect()
    }

    /// Sets switches of the faults.
    pub fn faults(&self, faults: Value) {
        self.control("PUT", "faults", Some(faults));
    }

    /// Any call of the sandbox's control.
    pub fn control(&self, method: &str, path: &str, body: Option<Value>) -> Value {
        let base = text(&self.connection["backend"], "base_url");
        let origin = base.trim_end_matches("/merchant/v1");
        let token = text(&self.connection["backend"], "token");
        let url = format!("{origin}/sandbox/{path}");
        let method: reqwest::Method = method.parse().expect("a method");
        let reply = self.http.call(method, &url, Some(&token), body.as_ref());
        let (status, answer) = reply.unwrap_or_else(|error| panic!("{url}: {error}"));
        assert!(status.is_success(), "{url}: {status} {answer}");
        answer
    }
}

impl Shop {
    /// A data folder that knows no shop.
    pub fn unconnected() -> Shop {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("passphrase"), "correct horse battery staple\n").expect("a file");
        Shop { folder }
    }

    /// Connects it by a connection JSON.
    pub fn connect(&self, connection: &Value) -> Ended {
        let file = self.folder.path().join("connection.json");
        std::fs::write(&file, connection.to_string()).expect("a file");
        let ended = self.program(&["connect", "--from"]).arg(&file).run();
        std::fs::remove_file(&file).expect("the file is there");
        ended
    }

    /// The data folder.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// A call on this shop, with JSON output.
    pub fn program(&self, arguments: &[&str]) -> Program {
        Program::new(&["--json"])
            .arg("--data")
            .arg(self.data())
            .arg("--vault-passphrase-file")
            .arg(self.folder.path().join("passphrase"))
            .args(arguments)
    }

    /// The same, run to its end.
    pub fn run(&self, arguments: &[&str]) -> Ended {
        self.program(arguments).run()
    }

    /// Serves the shop onto this paper and desktop; returns once it does.
    pub fn serve(&self, paper: &PaperTape, desktop: &Desktop) -> Running {
        let mut serving = self
            .program(&["serve", "--print-to", &paper.target()])
            .env("DBUS_SESSION_BUS_ADDRESS", desktop.address())
            .start();
        serving.event("start", |event| event["event"] == "serving");
        serving
    }

    /// One order of the mirror.
    pub fn order(&self, number: &str) -> Value {
        self.run(&["order", number]).done()
    }
}

impl Program {
    /// More arguments.
    pub fn args(self, arguments: &[&str]) -> Program {
        arguments.iter().fold(self, |program, argument| program.arg(argument))
    }
}

fn text(document: &Value, member: &str) -> String {
    document[member].as_str().unwrap_or_else(|| panic!("no {member}: {document}")).to_owned()
}

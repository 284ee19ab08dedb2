//! Trying a connection out, against the simulated WeChat and backend: over real sockets, with TLS, keys and signatures.

#![expect(clippy::unwrap_used, reason = "what cannot be set up cannot be tested")]
use std::collections::BTreeMap;
use std::path::Path;

use adapters::connection::{CheckState, Connection, ConnectionError, Subject, Trial};
use adapters::secrets::InMemory;
use adapters::settings::Settings;
use adapters::shop::Shop;
use domain::time::Timestamp;
use sandbox::{Options, Sandbox};
use serde_json::Value;
use tempfile::TempDir;

struct World {
    sandbox: Sandbox,
    folder: TempDir,
}

impl World {
    async fn start() -> World {
        let folder = tempfile::tempdir().unwrap();
        let options = Options {
            gateway_listen: "127.0.0.1:0".parse().unwrap(),
            seed: 7,
            orders: 0,
            rate_per_minute: 0.0,
            folder: folder.path().join("world"),
        };
        World { sandbox: Sandbox::start(options).await.unwrap(), folder }
    }

    /// The connection of this world with one member changed, by its JSON pointer.
    fn with(&self, pointer: &str, value: impl Into<Value>) -> Result<Connection, ConnectionError> {
        let mut document = self.sandbox.connection();
        *document.pointer_mut(pointer).unwrap() = value.into();
        Connection::read(document.to_string().as_bytes(), Path::new(""), Timestamp::now())
    }

    fn connection(&self) -> Connection {
        self.with("/wechat_pay/sign_type", "MD5").unwrap()
    }

    async fn trial_with(&self, pointer: &str, value: impl Into<Value>) -> Trial {
        self.with(pointer, value).unwrap().try_out().await
    }
}

/// What is not right, as subject, state, code and members.
fn remarks(trial: &Trial) -> Vec<(Subject, CheckState, String, Vec<&'static str>)> {
    trial
        .checks
        .iter()
        .filter(|check| check.state != CheckState::Right || check.fault.is_some())
        .map(|check| {
            let code = check.fault.as_ref().map(|fault| fault.code.clone()).unwrap_or_default();
            (check.subject, check.state, code, check.members.clone())
        })
        .collect()
}

#[tokio::test]
async fn a_right_connection_is_right_in_every_part_and_leaves_nothing_behind() {
    let world = World::start().await;
    let before = std::fs::read_dir(world.folder.path()).unwrap().count();
    let trial = world.connection().try_out().await;
    assert_eq!(remarks(&trial), []);
    assert!(trial.may_connect());
    assert_eq!(trial.name_at_backend.as_deref(), world.sandbox.connection()["shop"]["name"].as_str());
    assert_eq!(std::fs::read_dir(world.folder.path()).unwrap().count(), before);
    assert_eq!(world.sandbox.books().movements, [], "no money was touched");
}

#[tokio::test]
async fn each_wrong_member_is_found_by_asking() {
    let world = World::start().await;
    let key = world.trial_with("/wechat_pay/api_v2_key", "0123456789abcdef0123456789abcdef").await;
    let wrong = |subject, code: &str, members| vec![(subject, CheckState::Wrong, code.to_owned(), members)];
    assert_eq!(remarks(&key), wrong(Subject::WechatPay, "wechat_key_wrong", vec!["wechat_pay.api_v2_key"]));

    let mut token = remarks(&world.trial_with("/backend/token", "demo_of_somebody_else").await);
    assert_eq!(token.remove(0).0, Subject::Shop, "which could not be asked about");
    assert_eq!(token, wrong(Subject::Backend, "backend_unauthenticated", vec!["backend.token"]));

    let shop = world.trial_with("/shop/id", "demo-8").await;
    assert_eq!(remarks(&shop), wrong(Subject::Shop, "backend_other_shop", vec!["shop.id"]));

    let app = world.trial_with("/wechat_pay/app_id", "wx0000000000000000").await;
    assert_eq!((remarks(&app)[0].0, remarks(&app)[0].1), (Subject::WechatPay, CheckState::Wrong));
    assert!(remarks(&app)[0].3.contains(&"wechat_pay.app_id"));

    let root = world.trial_with("/wechat_pay/ca_file", Value::Null).await;
    let members = vec!["wechat_pay.base_url", "wechat_pay.ca_file"];
    assert_eq!(remarks(&root), wrong(Subject::WechatPay, "wechat_tls", members));
    for trial in [key, shop, app, root] {
        assert!(!trial.may_connect());
    }
}

#[tokio::test]
async fn a_form_connects_the_same_shop_as_the_file() {
    let world = World::start().await;
    let document = world.sandbox.connection();
    let mut members: BTreeMap<String, String> = BTreeMap::new();
    for part in ["shop", "backend", "wechat_pay"] {
        for (name, value) in document[part].as_object().unwrap() {
            members.insert(format!("{part}.{name}"), value.as_str().unwrap_or_default().to_owned());
        }
    }
    let typed = members.iter().map(|(member, value)| (member.as_str(), value.as_str()));
    let connection = Connection::read_form(typed, Timestamp::now()).unwrap();
    assert_eq!(remarks(&connection.try_out().await), []);

    let data = world.folder.path().join("shop");
    let secrets = InMemory::default();
    adapters::connection::connect(&data, &connection, &secrets, None).unwrap();
    let settings = Settings::load(&data).unwrap().unwrap();
    assert_eq!(settings.shop.id.as_str(), document["shop"]["id"].as_str().unwrap());
    let shop = Shop::open(&data).unwrap();
    shop.probe_backend(&secrets).await.unwrap();
    shop.probe_wechat_pay(&secrets).await.unwrap();
}

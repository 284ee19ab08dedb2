//! What the audit log tells of connecting a shop.

use serde_json::{Value, json};

use super::tests::{MCH_ID, Papers, open_vault};
use super::*;

#[test]
fn connecting_is_told_in_the_audit_log_with_the_names_of_the_secrets_alone() {
    let data = tempfile::tempdir().unwrap();
    let vault = open_vault(data.path());
    let papers = Papers::new();
    let first = connect(data.path(), &papers.read().unwrap(), &vault, Some("wang")).unwrap();
    let again = papers.with("backend.token", "token-new").with("shop.name", "新名字");
    connect(data.path(), &again.read().unwrap(), &vault, None).unwrap();
    let mirror = mirror::Mirror::open(&data.path().join(MIRROR_FILE)).unwrap();
    let all = mirror::AuditFilter::default();
    let rows = mirror.write_blocking::<_, mirror::Error>(move |tx| tx.audit_after(&all, 0, 10)).unwrap();
    let told: Vec<_> = rows.iter().map(|row| (row.kind.as_str(), row.who.as_deref())).collect();
    assert_eq!(told, [("shop_connected", Some("wang")), ("shop_connected", None)]);
    assert!(rows.iter().all(|row| row.terminal == first.terminal_id.as_str()));
    assert_eq!(rows[0].before, Some(Value::Null));
    let after = rows[0].after.clone().unwrap();
    assert_eq!(after["settings"]["wechat_pay"]["mch_id"], MCH_ID);
    assert_eq!(after["secrets"], json!(["backend_token", "merchant_key", "api_v2_key"]));
    assert_eq!(rows[1].before, Some(json!({"shop": {"name": "示例小店"}})));
    assert_eq!(rows[1].after.as_ref().unwrap()["settings"], json!({"shop": {"name": "新名字"}}));
}

/// A folder of the shop with an owner, whose settings were moved away.
async fn without_settings(data: &std::path::Path) -> (Papers, crate::secrets::Vault, TerminalId) {
    let vault = open_vault(data);
    let papers = Papers::new();
    let first = connect(data, &papers.read().unwrap(), &vault, None).unwrap();
    let people = crate::people_of(data).unwrap().unwrap();
    let boss = engine::NewStaff {
        id: domain::StaffId::new("boss").unwrap(),
        name: "BOSS".to_owned(),
        role: domain::staff::Role::Owner,
        limits: domain::staff::OwnLimits::default(),
    };
    people.add(&engine::Actor::nobody(), boss, &Secret::new("2580".to_owned())).await.unwrap();
    std::fs::remove_file(data.join(crate::settings::SETTINGS_FILE)).unwrap();
    (papers, vault, first.terminal_id)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_without_its_settings_is_still_its_shops() {
    let data = tempfile::tempdir().unwrap();
    let (papers, vault, terminal) = without_settings(data.path()).await;
    let own = papers.read().unwrap();
    let other = papers.with("shop.id", "s2");
    let outcome = connect(data.path(), &other.read().unwrap(), &vault, None);
    assert!(matches!(outcome, Err(ConnectionError::ShopDiffers { .. })), "{outcome:?}");
    let people = crate::people_of(data.path()).unwrap().unwrap();
    let outcome = people.may(&engine::Actor::nobody(), domain::staff::Act::Connect).await;
    assert!(outcome.is_err(), "the owner is still asked");
    let again = connect(data.path(), &own, &vault, Some("boss")).unwrap();
    assert_eq!(again.terminal_id, terminal, "its claims at the backend stay its own");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mirror_beside_another_shops_settings_is_not_opened() {
    let (data, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (papers, _, _) = without_settings(data.path()).await;
    let vault = open_vault(other.path());
    connect(other.path(), &papers.with("shop.id", "s2").read().unwrap(), &vault, None).unwrap();
    let settings = crate::settings::SETTINGS_FILE;
    std::fs::copy(other.path().join(settings), data.path().join(settings)).unwrap();
    let outcome = crate::shop::Shop::open(data.path());
    assert!(matches!(outcome.err(), Some(crate::shop::OpenError::ShopDiffers { .. })));
}

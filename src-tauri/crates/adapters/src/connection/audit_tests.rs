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

//! Checks everything that has to work, and says what does not: one row each, all of them whatever fails before.

use adapters::connection::certificate_warnings;
use adapters::fault::Fault;
use adapters::secrets::SecretStore;
use adapters::shop::Shop;
use domain::time::Timestamp;
use serde_json::json;

use crate::arguments::Arguments;
use crate::output::Output;
use crate::session;

struct Check {
    name: &'static str,
    fault: Option<Fault>,
}

pub(crate) async fn run(arguments: &Arguments, output: &Output) -> Result<(), Fault> {
    let shop = session::open(arguments)?;
    let secrets = session::secrets(arguments, shop.folder(), shop.settings().shop.id.clone())?;
    let checks = vec![
        Check { name: "mirror", fault: mirror(&shop).await.err() },
        Check { name: "secrets", fault: keys(&secrets).err() },
        Check { name: "certificate", fault: certificate(&shop, &secrets).err() },
        Check { name: "backend", fault: shop.probe_backend(&secrets).await.map_err(Fault::from).err() },
        Check { name: "wechat_pay", fault: shop.probe_wechat_pay(&secrets).await.map_err(Fault::from).err() },
        Check { name: "printer", fault: printer() },
    ];
    let language = output.language();
    let document = checks
        .iter()
        .map(|check| {
            json!({
                "check": check.name,
                "ok": check.fault.is_none(),
                "code": check.fault.as_ref().map(|fault| &fault.code),
                "message": check.fault.as_ref().map(|fault| fault.message(language)),
                "hint": check.fault.as_ref().map(|fault| fault.hint(language)),
                "detail": check.fault.as_ref().and_then(|fault| fault.detail.as_ref()),
            })
        })
        .collect();
    output.document(&document, |language| {
        checks
            .iter()
            .flat_map(|check| {
                let name =
                    catalogue::find(language, &format!("cli.doctor.{}", check.name)).unwrap_or(check.name);
                match &check.fault {
                    None => vec![format!("✓ {name}")],
                    Some(fault) => {
                        vec![
                            format!("✗ {name}: {}", fault.message(language)),
                            format!("  {}", fault.hint(language)),
                        ]
                    }
                }
            })
            .collect()
    });
    // A shop may well have no printer; everything else has to work.
    let failed = checks.into_iter().find(|check| check.name != "printer" && check.fault.is_some());
    match failed.and_then(|check| check.fault) {
        Some(fault) => Err(fault),
        None => Ok(()),
    }
}

async fn mirror(shop: &Shop) -> Result<(), Fault> {
    shop.mirror().read::<_, mirror::Error>(|view| view.count_orders()).await?;
    Ok(())
}

fn keys(secrets: &dyn SecretStore) -> Result<(), Fault> {
    use adapters::secrets::SecretName;
    for name in [SecretName::BackendToken, SecretName::MerchantKey, SecretName::ApiV2Key] {
        if secrets.get(name)?.is_none() {
            return Err(Fault::new("secret_missing", vec![("name", name.to_string())]));
        }
    }
    Ok(())
}

fn certificate(shop: &Shop, secrets: &dyn SecretStore) -> Result<(), Fault> {
    let certificate = shop.certificate(secrets)?;
    let mch_id = &shop.settings().wechat_pay.mch_id;
    match certificate_warnings(mch_id, certificate.summary(), Timestamp::now()).first() {
        Some(warning) => Err(warning.into()),
        None => Ok(()),
    }
}

fn printer() -> Option<Fault> {
    adapters::paper::found()
        .is_empty()
        .then(|| Fault::new("printer_not_found", vec![("printer", "usb".to_owned())]))
}

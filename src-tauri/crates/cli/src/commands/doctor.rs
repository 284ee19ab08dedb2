//! Checks everything that has to work, and says what does not: one row each, all of them whatever fails before.

use adapters::connection::certificate_warnings;
use adapters::secrets::SecretStore;
use adapters::shop::Shop;
use domain::time::Timestamp;
use serde_json::json;

use crate::arguments::Arguments;
use crate::failure::Failure;
use crate::output::Output;
use crate::session;

struct Check {
    name: &'static str,
    failure: Option<Failure>,
}

pub(crate) async fn run(arguments: &Arguments, output: &Output) -> Result<(), Failure> {
    let shop = session::open(arguments)?;
    let secrets = session::secrets(arguments, shop.folder(), shop.settings().shop.id.clone())?;
    let checks = vec![
        Check { name: "mirror", failure: mirror(&shop).await.err() },
        Check { name: "secrets", failure: keys(&secrets).err() },
        Check { name: "certificate", failure: certificate(&shop, &secrets).err() },
        Check { name: "backend", failure: shop.probe_backend(&secrets).await.map_err(probe_failure).err() },
        Check {
            name: "wechat_pay",
            failure: shop.probe_wechat_pay(&secrets).await.map_err(probe_failure).err(),
        },
        Check { name: "printer", failure: printer() },
    ];
    let language = output.language();
    let document = checks
        .iter()
        .map(|check| {
            json!({
                "check": check.name,
                "ok": check.failure.is_none(),
                "code": check.failure.as_ref().map(|failure| &failure.code),
                "message": check.failure.as_ref().map(|failure| failure.message(language)),
                "hint": check.failure.as_ref().map(|failure| failure.hint(language)),
                "detail": check.failure.as_ref().and_then(|failure| failure.detail.as_ref()),
            })
        })
        .collect();
    output.document(&document, |language| {
        checks
            .iter()
            .flat_map(|check| {
                let name =
                    catalogue::find(language, &format!("cli.doctor.{}", check.name)).unwrap_or(check.name);
                match &check.failure {
                    None => vec![format!("✓ {name}")],
                    Some(failure) => {
                        vec![
                            format!("✗ {name}: {}", failure.message(language)),
                            format!("  {}", failure.hint(language)),
                        ]
                    }
                }
            })
            .collect()
    });
    // A shop may well have no printer; everything else has to work.
    let failed = checks.into_iter().find(|check| check.name != "printer" && check.failure.is_some());
    match failed.and_then(|check| check.failure) {
        Some(failure) => Err(failure),
        None => Ok(()),
    }
}

async fn mirror(shop: &Shop) -> Result<(), Failure> {
    shop.mirror().read::<_, mirror::Error>(|view| view.count_orders()).await?;
    Ok(())
}

fn keys(secrets: &dyn SecretStore) -> Result<(), Failure> {
    use adapters::secrets::SecretName;
    for name in [SecretName::BackendToken, SecretName::MerchantKey, SecretName::ApiV2Key] {
        if secrets.get(name)?.is_none() {
            return Err(Failure::new("secret_missing", vec![("name", name.to_string())]));
        }
    }
    Ok(())
}

fn certificate(shop: &Shop, secrets: &dyn SecretStore) -> Result<(), Failure> {
    let certificate = shop.certificate(secrets)?;
    let mch_id = &shop.settings().wechat_pay.mch_id;
    match certificate_warnings(mch_id, certificate.summary(), Timestamp::now()).first() {
        Some(warning) => Err(Failure::new(warning.code(), warning.parameters())),
        None => Ok(()),
    }
}

fn probe_failure(error: adapters::shop::ProbeError) -> Failure {
    use adapters::shop::ProbeError;
    match error {
        ProbeError::Open(error) => error.into(),
        ProbeError::Source(error) => Failure::from(&error),
        ProbeError::Gateway(error) => Failure::from(&error),
        ProbeError::OtherShop { known, told } => {
            Failure::new("shop_differs", vec![("known", known), ("given", told)])
        }
        ProbeError::Clock { seconds } => {
            Failure::new("clock_differs", vec![("seconds", seconds.to_string())])
        }
    }
}

fn printer() -> Option<Failure> {
    receipt::printers()
        .is_empty()
        .then(|| Failure::new("printer_not_found", vec![("printer", "usb".to_owned())]))
}

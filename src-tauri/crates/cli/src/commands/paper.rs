//! Tickets: rendered to a file, or printed.

use std::io::Write;
use std::path::Path;

use adapters::fault::Fault;
use domain::time::Timestamp;
use domain::verify::Verified;
use domain::{Order, ShopHead};
use mirror::{AuditKind, Moment, NewAudit, OrderRow};
use receipt::{Marks, Rendered, Template, Ticket};
use serde_json::json;

use crate::arguments::{Arguments, Mode, PrintArguments, ReceiptArguments, ReceiptFormat};
use crate::output::Output;
use crate::session;

/// An order's JSON is far below this.
const LIMIT: u64 = 4 * 1024 * 1024;

pub(crate) async fn receipt(
    arguments: &Arguments,
    options: &ReceiptArguments,
    output: &Output,
) -> Result<(), Fault> {
    let Mode::Text = options.mode;
    let file = Path::new(&options.source);
    let (order, shop, marks, language) = if file.is_file() {
        let (order, shop) = read_order(file)?;
        (order, shop.unwrap_or_default(), Marks::default(), output.language())
    } else {
        let shop = session::open(arguments)?;
        let row = find(&shop, &options.source).await?;
        let marks = Marks { unverified: is_unverified(&row), ..Marks::default() };
        (row.order, shop.head(), marks, shop.language())
    };
    let ticket = Ticket {
        order: &order,
        shop: &shop,
        marks,
        printed_at: Timestamp::now(),
        language,
        job: None,
        refund: None,
    };
    let rendered = render(options.template, &ticket, options.width.paper())?;
    let bytes = match options.format {
        ReceiptFormat::Escpos => rendered.escpos(),
        ReceiptFormat::Text => rendered.text().into_bytes(),
    };
    if options.output == Path::new("-") {
        // The document is the ticket itself.
        let written = std::io::stdout().lock().write_all(&bytes);
        return written.map_err(|error| unwritable("-", &error));
    }
    std::fs::write(&options.output, &bytes)
        .map_err(|error| unwritable(&options.output.display().to_string(), &error))?;
    if output.is_json() {
        output.document(&json!({ "bytes": bytes.len(), "output": options.output }), |_| Vec::new());
    }
    Ok(())
}

pub(crate) async fn print(
    arguments: &Arguments,
    options: &PrintArguments,
    output: &Output,
) -> Result<(), Fault> {
    let shop = session::open(arguments)?;
    // Printing asks nobody for a PIN; whoever is named in the log has typed one.
    let actor = session::actor(arguments, shop.people(), None, output).await?;
    let row = find(&shop, &options.number).await?;
    match row.verified {
        Verified::Mismatch => return Err(super::query::mismatch(&row)),
        Verified::NotPaid if row.order.claims_paid() => {
            return Err(Fault::new("payment_not_paid", Vec::new()));
        }
        Verified::NotPaid
        | Verified::Pending
        | Verified::Verified
        | Verified::Unavailable
        | Verified::NotApplicable => {}
    }
    let id = row.order.id.clone();
    let template = options.template;
    let before = shop
        .mirror()
        .read::<_, mirror::Error>(move |view| {
            let printed = |moment: &&mirror::MomentRow| {
                moment.kind == "printed"
                    && moment.detail.get("template").and_then(|name| name.as_str()) == Some(template.as_str())
            };
            Ok(view.timeline(&id)?.iter().filter(printed).count())
        })
        .await?;
    let now = Timestamp::now();
    let head = shop.head();
    let ticket = Ticket {
        order: &row.order,
        shop: &head,
        marks: Marks {
            unverified: is_unverified(&row),
            possible_duplicate: false,
            reprint: u32::try_from(before).unwrap_or(u32::MAX),
        },
        printed_at: now,
        language: shop.language(),
        job: None,
        refund: None,
    };
    let bytes = render(template, &ticket, options.width.paper())?.escpos();
    let target = options.to.clone();
    let sent = tokio::task::spawn_blocking(move || adapters::paper::send(&target, &bytes))
        .await
        .map_err(|error| Fault::internal(&error))?;
    let (id, detail) =
        (row.order.id.clone(), json!({ "template": template.as_str(), "target": options.to.to_string() }));
    let (kind, word, bytes, error) = match &sent {
        Ok(printed) => (AuditKind::Printed, "printed", printed.bytes, None),
        Err(error) => (AuditKind::PrintFailed, "print_failed", error.bytes_sent, Some(error.code)),
    };
    let audit = NewAudit::new(kind, &shop.settings().terminal_id)
        .by(actor.id().map(|id| id.as_str()))
        .order(&id)
        .to(json!({
            "template": template.as_str(), "printer": options.to.to_string(), "by_hand": true, "bytes": bytes,
            "error": error, "reprint": before,
        }));
    shop.mirror()
        .write::<_, mirror::Error>(move |tx| {
            tx.audit(&audit, now)?;
            tx.note(&id, &Moment::with(word, detail), now)
        })
        .await?;
    match sent {
        Ok(printed) => {
            let document = json!({ "printed": true, "bytes": printed.bytes, "to": options.to.to_string() });
            output.document(&document, |language| {
                vec![catalogue::fill(language, "cli.event.printed", &[("number", &row.order.number)])]
            });
            Ok(())
        }
        Err(error) => Err(Fault::from(&error)),
    }
}

pub(crate) fn printers(output: &Output) -> Result<(), Fault> {
    let found = adapters::paper::found();
    let document = found
        .iter()
        .map(|printer| {
            json!({
                "to": printer.target.to_string(),
                "vendor_id": printer.vendor.map(|id| format!("{id:04x}")),
                "product_id": printer.product.map(|id| format!("{id:04x}")),
                "serial": printer.serial, "maker": printer.maker, "model": printer.model,
            })
        })
        .collect();
    output.document(&document, |language| {
        if found.is_empty() {
            return vec![catalogue::text(language, "cli.printers.none").to_owned()];
        }
        found
            .iter()
            .map(|printer| {
                let name = [printer.maker.as_deref(), printer.model.as_deref()].into_iter().flatten();
                format!("{}  {}", printer.target, name.collect::<Vec<_>>().join(" "))
            })
            .collect()
    });
    Ok(())
}

fn render(template: Template, ticket: &Ticket<'_>, paper: receipt::Paper) -> Result<Rendered, Fault> {
    // A refund slip without a refund would be a receipt for nothing.
    if template == Template::Refund {
        return Err(Fault::new("receipt_needs_refund", Vec::new()));
    }
    Ok(receipt::render(template, ticket, paper))
}

fn read_order(file: &Path) -> Result<(Order, Option<ShopHead>), Fault> {
    use std::io::Read;
    let name = file.display().to_string();
    let mut json = Vec::new();
    std::fs::File::open(file)
        .and_then(|opened| opened.take(LIMIT).read_to_end(&mut json))
        .map_err(|error| Fault::new("receipt_file_unreadable", vec![("path", name)]).caused(&error))?;
    merchant_api::order_from_json(&json).map_err(|error| {
        let member = match &error {
            merchant_api::Error::Invalid(invalid) => invalid.member.clone(),
            other => other.to_string(),
        };
        Fault::new("receipt_file_invalid", vec![("member", member)]).caused(&error)
    })
}

async fn find(shop: &adapters::shop::Shop, number: &str) -> Result<OrderRow, Fault> {
    let wanted = number.to_owned();
    shop.mirror()
        .read::<_, mirror::Error>(move |view| view.order_by_any_number(&wanted))
        .await?
        .ok_or_else(|| Fault::new("order_not_found", vec![("number", number.to_owned())]))
}

/// A WeChat order whose money WeChat has not confirmed.
fn is_unverified(row: &OrderRow) -> bool {
    !matches!(row.verified, Verified::Verified | Verified::NotApplicable)
}

fn unwritable(path: &str, error: &std::io::Error) -> Fault {
    Fault::new("output_unwritable", vec![("path", path.to_owned())]).caused(error)
}

//! The audit log: checked, listed, exported. None of it needs a secret.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use adapters::audit::{self, AuditExportError, AuditFormat, export_audit, note_export};
use adapters::fault::Fault;
use catalogue::{Language, fill};
use domain::time::to_spaced;
use mirror::{AuditCheck, AuditFault, AuditFilter, AuditRow, Mirror};

use super::orders::harmless;
use crate::arguments::{Arguments, AuditCommand, AuditFilterArguments, ExportFormat};
use crate::output::Output;
use crate::{rows, session};

pub(crate) async fn run(arguments: &Arguments, command: &AuditCommand, output: &Output) -> Result<(), Fault> {
    let shop = session::open(arguments)?;
    let mirror = shop.mirror();
    match command {
        AuditCommand::Verify => verify(mirror, output).await,
        AuditCommand::List { filter, limit, after } => list(mirror, filter, *limit, *after, output).await,
        AuditCommand::Export { filter, format, output: path } => {
            let actor = session::actor(arguments, shop.people(), None, output).await?;
            let rows = export(mirror, filter, *format, path, output).await?;
            Ok(note_export(shop.people(), &actor, (rows, (*format).into(), path))?)
        }
    }
}

async fn verify(mirror: &Mirror, output: &Output) -> Result<(), Fault> {
    let check = mirror.read::<_, mirror::Error>(|view| view.verify_audit()).await?;
    output.document(&rows::audit_check(&check, output.language()), |language| report(&check, language));
    if check.is_whole() {
        return Ok(());
    }
    let count = check.faults.len() as u64 + check.unlisted;
    Err(Fault::new("audit_damaged", vec![("count", count.to_string())]))
}

fn report(check: &AuditCheck, language: Language) -> Vec<String> {
    let count = |number: u64| number.to_string();
    let key = if check.is_whole() { "cli.audit.whole" } else { "cli.audit.damaged" };
    let counts = [("rows", count(check.rows)), ("right", count(check.right))];
    let mut lines =
        vec![fill(language, key, &counts.each_ref().map(|(name, count)| (*name, count.as_str())))];
    lines.extend(check.faults.iter().map(|fault| sentence(fault, language)));
    if check.unlisted > 0 {
        lines.push(fill(language, "cli.audit.unlisted", &[("count", &count(check.unlisted))]));
    }
    if let Some(head) = check.head.as_ref().filter(|head| head.seq > 0) {
        let values = [("row", head.seq.to_string()), ("hash", harmless(&head.hash))];
        lines.push(fill(
            language,
            "cli.audit.head",
            &values.each_ref().map(|(name, is)| (*name, is.as_str())),
        ));
    }
    lines
}

/// A fault in words.
pub(crate) fn sentence(fault: &AuditFault, language: Language) -> String {
    let number = |number: Option<i64>| number.map(|number| number.to_string()).unwrap_or_default();
    let (first, last) = fault.rows().unzip();
    let values = [
        ("row", number(first)),
        ("first", number(first)),
        ("last", number(last)),
        ("from", number(fault.moved_from())),
        ("name", fault.guard().unwrap_or_default().to_owned()),
    ];
    let values = values.each_ref().map(|(name, value)| (*name, value.as_str()));
    let said = fill(language, &format!("audit.fault.{}", fault.as_str()), &values);
    match fault.noted_at() {
        Some(row) => format!("{said} {}", fill(language, "cli.audit.noted", &[("row", &row.to_string())])),
        None => said,
    }
}

async fn list(
    mirror: &Mirror,
    wanted: &AuditFilterArguments,
    limit: u32,
    after: Option<i64>,
    output: &Output,
) -> Result<(), Fault> {
    let filter = filter(wanted);
    let found = mirror.read::<_, mirror::Error>(move |view| view.audit_page(&filter, after, limit)).await?;
    output.document(&found.iter().map(|row| audit::document(row, output.language())).collect(), |language| {
        found.iter().map(|row| line(row, language)).collect()
    });
    Ok(())
}

fn filter(wanted: &AuditFilterArguments) -> AuditFilter {
    AuditFilter {
        search: wanted.search.clone(),
        kind: wanted.kind,
        who: wanted.who.clone(),
        from: wanted.from.map(|day| day.begins),
        until: wanted.to.map(|day| day.ends),
        ..AuditFilter::default()
    }
}

/// One line about a row: number, time, who, what, about what, and how it is now.
fn line(row: &AuditRow, language: Language) -> String {
    let about = [&row.order_id, &row.request_id, &row.out_refund_no].into_iter().flatten();
    let about: Vec<String> = about.map(|number| harmless(number)).collect();
    let after = row.after.as_ref().map(|after| harmless(&after.to_string())).unwrap_or_default();
    format!(
        "{:>6}  {}  {:<8}  {}  {}  {after}",
        row.seq,
        to_spaced(row.at),
        harmless(row.who.as_deref().unwrap_or("-")),
        kind(row, language),
        about.join(" "),
    )
}

/// What happened, in words where the catalogue has them.
fn kind(row: &AuditRow, language: Language) -> String {
    harmless(&audit::kind_in_words(row, language))
}

async fn export(
    mirror: &Mirror,
    wanted: &AuditFilterArguments,
    format: ExportFormat,
    path: &Path,
    output: &Output,
) -> Result<u64, Fault> {
    let name = path.display().to_string();
    let unwritable =
        |error: &std::io::Error| Fault::new("output_unwritable", vec![("path", name.clone())]).caused(error);
    let to_stdout = path == Path::new("-");
    let mut target: Box<dyn Write + Send> = if to_stdout {
        Box::new(std::io::stdout())
    } else {
        Box::new(File::create(path).map_err(|error| unwritable(&error))?)
    };
    let exported = export_audit(mirror, &filter(wanted), format.into(), output.language(), &mut target).await;
    let count = exported.map_err(|error| match error {
        AuditExportError::Mirror(error) => error.into(),
        AuditExportError::Write(error) => unwritable(&error),
    })?;
    if !to_stdout {
        let document = serde_json::json!({ "rows": count, "output": path });
        output.document(&document, |language| {
            vec![fill(language, "cli.audit.exported", &[("rows", &count.to_string()), ("path", &name)])]
        });
    }
    Ok(count)
}

impl From<ExportFormat> for AuditFormat {
    fn from(format: ExportFormat) -> AuditFormat {
        match format {
            ExportFormat::Csv => AuditFormat::Csv,
            ExportFormat::Json => AuditFormat::Json,
        }
    }
}

#[cfg(test)]
mod tests {
    use mirror::AuditKind;

    use super::*;

    #[test]
    fn every_kind_and_every_fault_has_its_text_in_every_language() {
        let faults = [
            AuditFault::Changed { seq: 1 },
            AuditFault::Moved { seq: 1, from: 2 },
            AuditFault::NotChained { seq: 1 },
            AuditFault::Removed { first: 1, last: 2 },
            AuditFault::CutOff { first: 1, last: 2, noted_at: Some(3) },
            AuditFault::Added { first: 1, last: 2, noted_at: None },
            AuditFault::Replaced { seq: 1, noted_at: None },
            AuditFault::HeadMissing { noted_at: Some(3) },
        ];
        for language in Language::ALL {
            for kind in AuditKind::ALL {
                assert!(catalogue::has(&format!("audit.kind.{}", kind.as_str())), "{}", kind.as_str());
            }
            for fault in &faults {
                assert!(catalogue::has(&format!("audit.fault.{}", fault.as_str())), "{fault:?}");
                let said = sentence(fault, language);
                assert!(!said.contains('{') && said.contains(char::is_alphabetic), "{said}");
            }
        }
        assert!(sentence(&faults[1], Language::En).contains('2'));
        assert_eq!(catalogue::text(Language::En, "audit.kind.signed_in"), "Signed in");
    }
}

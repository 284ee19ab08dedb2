//! The audit log as a file: a table for a spreadsheet, or one JSON array.

use std::io::{self, BufWriter, Write};
use std::path::Path;

use catalogue::Language;
use domain::time::to_spaced;
use engine::{Actor, People};
use mirror::{AuditFilter, AuditKind, AuditRow, Mirror};
use serde_json::{Value, json};
use thiserror::Error;

use crate::csv;

/// Rows that are read at a time.
const AT_A_TIME: u32 = 1_000;

/// What kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditFormat {
    /// A table for a spreadsheet.
    Csv,
    /// One array of [`document`]s.
    Json,
}

impl AuditFormat {
    /// The word for it, which ends the file's name.
    pub fn as_str(self) -> &'static str {
        match self {
            AuditFormat::Csv => "csv",
            AuditFormat::Json => "json",
        }
    }
}

/// Writes down that somebody has taken `rows` rows of the log along, in a file of this name. Blocks for some milliseconds.
pub fn note_export(
    people: &People,
    actor: &Actor,
    (rows, format, file): (u64, AuditFormat, &Path),
) -> Result<(), mirror::Error> {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let wrote = json!({ "rows": rows, "format": format.as_str(), "file": name });
    people.write_down(AuditKind::AuditExported, actor, (None, wrote), || Ok(()))
}

/// Why the log could not be written to a file. What was written so far may stand there.
#[derive(Debug, Error)]
pub enum AuditExportError {
    /// The log cannot be read.
    #[error("the audit log cannot be read")]
    Mirror(#[from] mirror::Error),
    /// The file cannot be written.
    #[error("the file cannot be written")]
    Write(#[from] io::Error),
}

/// Writes every row that the filter wants, oldest first. Returns how many.
pub async fn export_audit(
    mirror: &Mirror,
    filter: &AuditFilter,
    format: AuditFormat,
    language: Language,
    target: &mut (dyn Write + Send),
) -> Result<u64, AuditExportError> {
    let mut file = BufWriter::new(target);
    file.write_all(beginning(format).as_bytes())?;
    let (mut last, mut count) = (0, 0_u64);
    loop {
        let filter = filter.clone();
        let page =
            mirror.read::<_, mirror::Error>(move |view| view.audit_after(&filter, last, AT_A_TIME)).await?;
        let Some(newest) = page.last() else { break };
        last = newest.seq;
        for row in &page {
            file.write_all(written(row, format, count == 0, language).as_bytes())?;
            count += 1;
        }
    }
    if format == AuditFormat::Json {
        file.write_all(b"\n]\n")?;
    }
    file.flush()?;
    Ok(count)
}

/// What happened, in words where the catalogue has them.
pub fn kind_in_words(row: &AuditRow, language: Language) -> String {
    catalogue::find(language, &format!("audit.kind.{}", row.kind)).unwrap_or(&row.kind).to_owned()
}

/// A row as a JSON document.
pub fn document(row: &AuditRow, language: Language) -> Value {
    json!({
        "seq": row.seq, "at": row.at, "who": row.who, "terminal": row.terminal,
        "kind": row.kind, "text": kind_in_words(row, language),
        "order_id": row.order_id, "request_id": row.request_id, "out_refund_no": row.out_refund_no,
        "before": row.before, "after": row.after,
        "previous_hash": row.previous_hash, "hash": row.hash,
    })
}

/// The columns of the table: those of the log, with what happened in words as well.
const COLUMNS: [&str; 13] = [
    "seq",
    "at",
    "who",
    "terminal",
    "kind",
    "text",
    "order_id",
    "request_id",
    "out_refund_no",
    "before",
    "after",
    "previous_hash",
    "hash",
];

fn beginning(format: AuditFormat) -> String {
    match format {
        AuditFormat::Csv => format!("{}{}", csv::BEGINNING, csv::line(COLUMNS)),
        AuditFormat::Json => "[".to_owned(),
    }
}

fn written(row: &AuditRow, format: AuditFormat, first: bool, language: Language) -> String {
    match format {
        AuditFormat::Json => {
            let comma = if first { "" } else { "," };
            format!("{comma}\n{}", document(row, language))
        }
        AuditFormat::Csv => {
            let json = |value: &Option<Value>| value.as_ref().map(ToString::to_string);
            let (seq, at, said) = (row.seq.to_string(), to_spaced(row.at), kind_in_words(row, language));
            let (before, after) = (json(&row.before), json(&row.after));
            let optional = |text: &Option<String>| text.clone().unwrap_or_default();
            let cells = [
                seq,
                at,
                optional(&row.who),
                row.terminal.clone(),
                row.kind.clone(),
                said,
                optional(&row.order_id),
                optional(&row.request_id),
                optional(&row.out_refund_no),
                optional(&before),
                optional(&after),
                row.previous_hash.clone(),
                row.hash.clone(),
            ];
            csv::line(cells.iter().map(String::as_str))
        }
    }
}

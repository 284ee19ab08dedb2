use std::path::Path;

use adapters::fault::Fault;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use receipt::reading::{self, Row, Span};

use crate::dto::{self, PaperRow};

/// More than anybody scrolls back on the screen.
const AT_MOST: u32 = 50;

/// The newest slips of the demo printer's roll, newest first.
pub(crate) fn roll(path: &Path, width_mm: u32, count: u32) -> Result<Vec<dto::Slip>, Fault> {
    let Some(paper) = adapters::paper::paper(width_mm) else { return Ok(Vec::new()) };
    let count = usize::try_from(count.min(AT_MOST)).unwrap_or_default();
    let slips = receipt::roll::newest(path, paper, count).map_err(|error| Fault::internal(&error))?;
    Ok(slips.iter().map(slip).collect())
}

fn slip(slip: &reading::Slip) -> dto::Slip {
    dto::Slip {
        // A roll of 4 GiB would take a shop a thousand years.
        id: u32::try_from(slip.offset).unwrap_or(u32::MAX),
        width_dots: slip.width_dots,
        columns: slip.columns.into(),
        rows: slip.rows.iter().filter_map(row).collect(),
    }
}

fn row(row: &Row) -> Option<PaperRow> {
    match row {
        Row::Text { align, spans } => {
            Some(PaperRow::Text { align: (*align).into(), spans: spans.iter().map(span).collect() })
        }
        Row::Feed { dots } => Some(PaperRow::Feed { lines: dots.div_ceil(reading::LINE_DOTS) }),
        Row::Qr { align, code } => {
            let modules = code.modules()?;
            let side = modules.side();
            let svg = modules.svg_path();
            let side_dots = side * u32::from(code.module_dots);
            Some(PaperRow::Qr { align: (*align).into(), svg, modules: side, side_dots })
        }
        Row::Picture { align, picture } => Some(PaperRow::Picture {
            align: (*align).into(),
            width_dots: picture.width_dots(),
            height_dots: picture.height_dots(),
            png: format!("data:image/png;base64,{}", STANDARD.encode(picture.png())),
        }),
        // Our tickets have no bar codes, and an opened drawer leaves nothing on the paper.
        Row::Barcode { .. } | Row::Drawer { .. } => None,
    }
}

fn span(span: &Span) -> dto::PaperSpan {
    dto::PaperSpan {
        text: span.text.clone(),
        bold: span.look.bold,
        underline: span.look.underline,
        inverse: span.look.inverse,
        wide: span.look.wide.into(),
        tall: span.look.tall.into(),
        columns: span.columns,
    }
}

impl From<reading::Align> for dto::Align {
    fn from(align: reading::Align) -> dto::Align {
        match align {
            reading::Align::Left => dto::Align::Left,
            reading::Align::Centre => dto::Align::Centre,
            reading::Align::Right => dto::Align::Right,
        }
    }
}

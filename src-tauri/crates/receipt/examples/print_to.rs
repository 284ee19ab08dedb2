//! Prints the test page: `print_to TARGET [--pages N] [--progress-ms N] [--total-ms N] [--ask]`.
//!
//! Exit codes: 0 handed over, 1 failed (what and after how many bytes is on stdout), 2 usage. The page has a fixed
//! time on it, so that the bytes are the same each time: print it to `file:PATH` to compare. `print_to list` lists the
//! printers that are attached.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "an example program talks to its user")]

use std::process::ExitCode;
use std::time::Duration;

use catalogue::Language;
use domain::ShopHead;
use receipt::{Paper, Questions, SendOptions, Target, printers, send, test_page};

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let outcome = match arguments.next().as_deref() {
        Some("list") => return list(),
        Some(target) => target
            .parse::<Target>()
            .map_err(|error| error.to_string())
            .and_then(|target| run(&target, arguments)),
        None => Err("which printer?".to_owned()),
    };
    outcome.unwrap_or_else(|message| {
        eprintln!("print_to: {message}");
        ExitCode::from(2)
    })
}

fn run(target: &Target, mut arguments: impl Iterator<Item = String>) -> Result<ExitCode, String> {
    let mut options = SendOptions::default();
    let mut pages = 1;
    while let Some(option) = arguments.next() {
        let mut number = || {
            let value = arguments.next().ok_or(format!("{option} needs a value"))?;
            value.parse::<u32>().map_err(|error| format!("{value}: {error}"))
        };
        match option.as_str() {
            "--pages" => pages = number()?,
            "--progress-ms" => options.deadlines.progress = Duration::from_millis(number()?.into()),
            "--total-ms" => options.deadlines.total = Duration::from_millis(number()?.into()),
            "--ask" => options.questions = Questions::BeforeTheJob,
            unknown => return Err(format!("unknown option {unknown}")),
        }
    }
    let shop = ShopHead { name: "掌柜测试店".to_owned(), ..ShopHead::default() };
    let now = "2025-06-01T10:20:33+08:00".parse().map_err(|error| format!("{error}"))?;
    let page = test_page(&shop, Language::ZhCn, now, Paper::mm80()).escpos();
    let bytes = page.repeat(usize::try_from(pages).map_err(|error| error.to_string())?);
    let observer = |progress| eprintln!("{progress:?}");
    options.observer = Some(&observer);
    Ok(match send(target, &bytes, &options) {
        Ok(sent) => {
            println!("sent {} bytes, trouble: {:?}", sent.bytes, sent.trouble);
            ExitCode::SUCCESS
        }
        Err(error) => {
            println!(
                "{} after {} of {} bytes: {error}",
                error.cause().as_str(),
                error.bytes_sent(),
                bytes.len()
            );
            ExitCode::from(1)
        }
    })
}

fn list() -> ExitCode {
    for printer in printers() {
        println!("{} {:?} {:?} {:?}", printer.target, printer.maker, printer.model, printer.serial);
    }
    ExitCode::SUCCESS
}

//! Where words go: documents to stdout, everything else to stderr.

use std::io::{self, Write};
use std::process::ExitCode;

use adapters::fault::Fault;
use catalogue::Language;
use serde_json::{Value, json};

/// How this run speaks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    json: bool,
    language: Language,
}

impl Output {
    pub(crate) fn new(json: bool, language: Language) -> Output {
        Output { json, language }
    }

    pub(crate) fn language(&self) -> Language {
        self.language
    }

    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    /// A document: as JSON on one line, else as the lines for people.
    pub(crate) fn document(&self, document: &Value, lines: impl FnOnce(Language) -> Vec<String>) {
        if self.json {
            print(&document.to_string());
        } else {
            for line in lines(self.language) {
                print(&line);
            }
        }
    }

    /// A line for people that is no part of the result.
    pub(crate) fn aside(&self, line: &str) {
        // A closed stderr is nobody's loss.
        let _ = writeln!(io::stderr(), "{line}");
    }

    /// Says what went wrong, and gives the exit code for it.
    pub(crate) fn fail(&self, fault: &Fault) -> ExitCode {
        let (message, hint) = (fault.message(self.language), fault.hint(self.language));
        if self.json {
            let (message_en, hint_en) = (fault.message(Language::En), fault.hint(Language::En));
            print(
                &json!({ "error": {
                    "code": fault.code, "message": message, "hint": hint,
                    "message_en": message_en, "hint_en": hint_en,
                    "detail": fault.detail,
                } })
                .to_string(),
            );
        } else {
            self.aside(&message);
            self.aside(&hint);
            // Whoever helps by telephone or ticket may not read Chinese, and the other way round.
            if self.language != Language::En {
                self.aside(&format!(
                    "[{}] {} {}",
                    fault.code,
                    fault.message(Language::En),
                    fault.hint(Language::En)
                ));
            } else {
                let zh = Language::ZhCn;
                self.aside(&format!("[{}] {} {}", fault.code, fault.message(zh), fault.hint(zh)));
            }
            if let Some(detail) = &fault.detail {
                self.aside(&format!("({detail})"));
            }
        }
        ExitCode::FAILURE
    }
}

/// Usage errors and help, by clap.
pub(crate) fn usage(error: &clap::Error) -> ExitCode {
    // As above: there is nobody else to tell.
    let _ = error.print();
    match error.kind() {
        clap::error::ErrorKind::DisplayHelp | clap::error::ErrorKind::DisplayVersion => ExitCode::SUCCESS,
        _ => ExitCode::from(2),
    }
}

/// Logs on stderr; `ZHANGGUI_LOG=debug` shows more.
pub(crate) fn start_logging() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("ZHANGGUI_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("error"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).init();
}

/// One line on stdout, at once: whoever reads a stream waits for it. A reader that went away ends the program quietly.
pub(crate) fn print(line: &str) {
    let mut stdout = io::stdout().lock();
    let written = writeln!(stdout, "{line}").and_then(|()| stdout.flush());
    if let Err(error) = written {
        tracing::debug!(%error, "stdout is closed");
    }
}

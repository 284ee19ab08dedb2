//! PINs: from a terminal without showing them, else a line of standard input each.

use std::io::{self, BufRead, IsTerminal, Read};

use adapters::fault::Fault;
use catalogue::fill;
use domain::Secret;

use crate::output::Output;

/// A line beyond this is no PIN.
const LIMIT: u64 = 1024;

/// The PIN of somebody. What follows its line on standard input is left for whoever reads on.
pub(crate) fn read(id: &str, prompt: &str, output: &Output) -> Result<Secret<String>, Fault> {
    let mut line = if io::stdin().is_terminal() {
        output.aside(&fill(output.language(), prompt, &[("id", id)]));
        rpassword::read_password()
    } else {
        let mut line = String::new();
        io::stdin().lock().take(LIMIT).read_line(&mut line).map(|_| line)
    }
    .map_err(|error| Fault::new("pin_missing", Vec::new()).caused(&error))?;
    line.truncate(line.trim_end_matches(['\r', '\n']).len());
    Ok(Secret::new(line))
}

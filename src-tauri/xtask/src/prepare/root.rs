//! How we come to root on a Unix system, and whether somebody has to agree first.

use std::env;
use std::io::{self, BufRead, IsTerminal, Write};
use std::process::Command;

use super::is_installed;
use crate::step::{self, Failure};

pub(super) enum Root {
    /// We are it.
    Here,
    /// By sudo.
    Sudo,
}

pub(super) fn find() -> Result<Root, Failure> {
    if step::output("user", Command::new("id").arg("-u"))?.trim() == "0" {
        Ok(Root::Here)
    } else if is_installed("sudo") {
        Ok(Root::Sudo)
    } else {
        let advice = "system packages are missing (above), and here is neither root nor sudo to install them";
        Err(Failure::Missing { advice: advice.to_owned() })
    }
}

impl Root {
    /// What runs the command line that comes after it, which may begin with settings, as root.
    pub(super) fn command(&self) -> Command {
        Command::new(match self {
            Root::Here => "env",
            Root::Sudo => "sudo",
        })
    }

    /// Asks the person at the terminal. Under CI=true nobody is there, and where no terminal is either
    /// only root itself has agreed by being root.
    pub(super) fn agreed(&self, install: &Command) -> Result<(), Failure> {
        let refused = || Failure::Missing {
            advice: format!("nothing was installed; please run it yourself: {}", step::shown(install)),
        };
        if env::var("CI").is_ok_and(|value| value == "true") {
            return Ok(());
        }
        if !io::stdin().is_terminal() {
            return match self {
                Root::Here => Ok(()),
                Root::Sudo => Err(refused()),
            };
        }
        print!("This needs root. Go on? [y/N] ");
        let mut answer = String::new();
        let read = io::stdout().flush().and_then(|()| io::stdin().lock().read_line(&mut answer));
        match read {
            Ok(_) if matches!(answer.trim(), "y" | "Y" | "yes") => Ok(()),
            Ok(_) | Err(_) => Err(refused()),
        }
    }
}

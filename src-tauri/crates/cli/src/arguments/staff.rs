use clap::{Args, Subcommand, ValueEnum};
use domain::staff::Role;
use domain::{Fen, StaffId};

#[derive(Debug, Subcommand)]
pub(crate) enum StaffCommand {
    /// List everybody, those who left too
    List,
    /// Add somebody; the first one has to be an owner. The new PIN is read from standard input, after that of --as
    Add {
        /// Under which they sign in: letters, digits, _ . : -
        #[arg(value_name = "ID")]
        id: StaffId,
        /// What people call them
        #[arg(long, value_name = "NAME")]
        name: String,
        /// What they are
        #[arg(long)]
        role: RoleWord,
        #[command(flatten)]
        limits: OwnLimitArguments,
    },
    /// Change somebody
    Change {
        /// Their id
        #[arg(value_name = "ID")]
        id: StaffId,
        /// What people call them
        #[arg(long, value_name = "NAME")]
        name: Option<String>,
        /// What they are
        #[arg(long)]
        role: Option<RoleWord>,
        /// They work here again
        #[arg(long)]
        active: bool,
        #[command(flatten)]
        limits: OwnLimitArguments,
    },
    /// Give somebody a new PIN, read from standard input after that of --as; everybody may change their own
    Pin {
        /// Their id
        #[arg(value_name = "ID")]
        id: StaffId,
    },
    /// Show the shop's limits for refunds, or change them
    Limits(LimitArguments),
    /// Somebody left: they cannot sign in any more, what they decided keeps their name
    Remove {
        /// Their id
        #[arg(value_name = "ID")]
        id: StaffId,
    },
}

#[derive(Debug, Args)]
pub(crate) struct OwnLimitArguments {
    /// Most that one of their refunds may be, in fen, or none
    #[arg(long, value_name = "FEN", value_parser = limit)]
    pub(crate) per_refund: Option<Limit>,
    /// Most that their refunds of a day may be together, in fen, or none
    #[arg(long, value_name = "FEN", value_parser = limit)]
    pub(crate) per_day: Option<Limit>,
}

#[derive(Debug, Args)]
pub(crate) struct LimitArguments {
    /// Most that one refund may be, in fen, or none
    #[arg(long, value_name = "FEN", value_parser = limit)]
    pub(crate) per_refund: Option<Limit>,
    /// Most that all refunds of a day may be together, in fen, or none
    #[arg(long, value_name = "FEN", value_parser = limit)]
    pub(crate) per_day: Option<Limit>,
    /// Most that the refunds of one person may be together in a day, in fen, or none
    #[arg(long, value_name = "FEN", value_parser = limit)]
    pub(crate) per_person: Option<Limit>,
    /// Above how much a second person has to agree, in fen, or none
    #[arg(long, value_name = "FEN", value_parser = limit)]
    pub(crate) second_above: Option<Limit>,
    /// How long the window remembers a PIN after its last use; 0: it is typed every time
    #[arg(long, value_name = "SECONDS")]
    pub(crate) pin_kept: Option<u32>,
}

impl LimitArguments {
    /// Whether they are only to be shown.
    pub(crate) fn are_none(&self) -> bool {
        let limits = [&self.per_refund, &self.per_day, &self.per_person, &self.second_above];
        limits.into_iter().all(Option::is_none) && self.pin_kept.is_none()
    }
}

/// A limit as it is typed; `None`: there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limit(pub(crate) Option<Fen>);

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RoleWord {
    /// Serves; may refund only within limits of their own
    Clerk,
    /// Decides refunds within the shop's limits
    Manager,
    /// May everything
    Owner,
}

impl From<RoleWord> for Role {
    fn from(word: RoleWord) -> Role {
        match word {
            RoleWord::Clerk => Role::Clerk,
            RoleWord::Manager => Role::Manager,
            RoleWord::Owner => Role::Owner,
        }
    }
}

fn limit(text: &str) -> Result<Limit, String> {
    if text == "none" {
        return Ok(Limit(None));
    }
    match text.parse() {
        Ok(fen) if fen >= 0 => Ok(Limit(Some(Fen::new(fen)))),
        _ => Err("a whole number of fen, or none".to_owned()),
    }
}

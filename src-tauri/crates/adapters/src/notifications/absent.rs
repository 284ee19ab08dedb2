//! A system for which there is nothing: every notification is an error.

use tokio::sync::mpsc;

use super::{Command, NotificationError, OnClick};

pub(super) fn run(mut commands: mpsc::Receiver<Command>, _: OnClick) {
    while let Some(command) = commands.blocking_recv() {
        if let Command::Show { reply, .. } = command {
            let _ = reply.send(Err(NotificationError::Unsupported));
        }
    }
}

//! Numbered migrations, each in one transaction with its version. A released file is never edited.

use rusqlite::Connection;

use crate::Error;

const MIGRATIONS: [&str; 7] = [
    include_str!("../migrations/0001_first.sql"),
    include_str!("../migrations/0002_window.sql"),
    include_str!("../migrations/0003_audit.sql"),
    include_str!("../migrations/0004_staff.sql"),
    include_str!("../migrations/0005_guards.sql"),
    include_str!("../migrations/0006_decisions.sql"),
    include_str!("../migrations/0007_log_of_the_pc.sql"),
];

/// Brings the file to the newest version.
pub(crate) fn migrate(connection: &mut Connection) -> Result<(), Error> {
    let known = MIGRATIONS.len() as u32;
    let found: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found > known {
        return Err(Error::Newer { found, known });
    }
    for (number, sql) in (1u32..).zip(MIGRATIONS).skip(found as usize) {
        // Immediate: of two processes that open a new file, the second waits and then finds the work done.
        let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let present: u32 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
        if present < number {
            transaction.execute_batch(sql)?;
            transaction.pragma_update(None, "user_version", number)?;
        }
        transaction.commit()?;
    }
    Ok(())
}

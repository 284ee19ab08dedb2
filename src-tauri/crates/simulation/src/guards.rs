//! What the database itself has to refuse, tried by SQL as a mistake anywhere else in the program would.

use rusqlite::Connection;

/// One thing that must never stand in the file.
struct Attempt {
    /// What it would be.
    what: &'static str,
    /// What has to be there first; nothing where the file has it anyway.
    given: &'static str,
    /// Changes nothing where the file has no row for it.
    sql: &'static str,
}

/// An owner, where nobody is defined.
const OWNER: &str = "INSERT INTO staff (id, name, role, pin, active, created_at_ms, changed_at_ms, revision)
    SELECT 'g0', 'g0', 'owner', '$argon2id$', 1, 0, 0, 0 WHERE NOT EXISTS (SELECT 1 FROM staff)";

/// The columns of a copied payout; `request_id`, `round`, `out_refund_no`, `amount_fen`, `state`, `counts` and
/// `idempotency_key` are what the attempts differ in.
macro_rules! insert {
    ($request:literal, $round:literal, $number:literal, $amount:literal, $state:literal, $counts:literal, $key:literal, $which:literal) => {
        concat!(
            "INSERT INTO payouts (request_id, order_id, mch_id, out_trade_no, transaction_id, payment_total_fen,
                out_refund_no, round, amount_fen, state, counts, decision, idempotency_key, body, created_at_ms, revision)
             SELECT ", $request, ", order_id, mch_id, out_trade_no, transaction_id, payment_total_fen,
                ", $number, ", ", $round, ", ", $amount, ", ", $state, ", ", $counts, ", decision, ", $key, ",
                body, created_at_ms, revision
             FROM payouts WHERE ", $which, " ORDER BY id LIMIT 1"
        )
    };
}

macro_rules! update {
    ($change:literal, $which:literal) => {
        concat!(
            "UPDATE payouts SET ",
            $change,
            " WHERE id = (SELECT id FROM payouts WHERE ",
            $which,
            " ORDER BY id LIMIT 1)"
        )
    };
}

#[rustfmt::skip]
const ATTEMPTS: &[Attempt] = &[
    Attempt {
        given: "", what: "a refund beside another one, together above the payment",
        sql: insert!("NULL", "1", "'g1'", "payment_total_fen", "'ready'", "1", "'g1'", "counts = 1"),
    },
    Attempt {
        given: "", what: "a refund that alone is above the payment",
        sql: insert!("NULL", "1", "'g2'", "payment_total_fen + 1", "'ready'", "1", "'g2'", "true"),
    },
    Attempt {
        given: "", what: "a refund that grows above the payment",
        sql: update!("amount_fen = payment_total_fen + 1, counts = 1", "state IN ('none', 'failed')"),
    },
    Attempt {
        given: "", what: "another number for a refund",
        sql: update!("out_refund_no = 'g3'", "true"),
    },
    Attempt { given: "", what: "another round for a number", sql: update!("round = round + 1", "true") },
    Attempt { given: "", what: "another merchant for a number", sql: update!("mch_id = 'g4'", "true") },
    Attempt { given: "", what: "another order for a number", sql: update!("order_id = 'g5'", "true") },
    Attempt { given: "", what: "another payment for a number", sql: update!("out_trade_no = 'g6'", "true") },
    Attempt { given: "", what: "another transaction for a number", sql: update!("transaction_id = 'g7'", "true") },
    Attempt { given: "", what: "a payment that grows", sql: update!("payment_total_fen = payment_total_fen + 1", "true") },
    Attempt {
        given: "", what: "another request for a number",
        sql: update!("request_id = 'g8'", "request_id IS NOT NULL"),
    },
    Attempt {
        given: "", what: "another amount for a refund that WeChat may have",
        sql: update!("amount_fen = amount_fen - 1", "amount_fen > 1 AND state NOT IN ('none', 'failed')"),
    },
    Attempt { given: "", what: "a step back from success", sql: update!("state = 'unknown'", "state = 'succeeded'") },
    Attempt {
        given: "", what: "a refund that may have happened and is not counted",
        sql: update!("counts = 0", "state IN ('ready', 'submitting', 'unknown', 'processing', 'abnormal')"),
    },
    Attempt {
        given: "", what: "a refund that happened and is not counted",
        sql: update!("counts = 0", "state = 'succeeded'"),
    },
    Attempt { given: "", what: "a refund that is forgotten", sql: "DELETE FROM payouts" },
    Attempt {
        given: "", what: "a second number for a request whose first one is not closed",
        sql: insert!("request_id", "round + 1", "'g9'", "1", "'none'", "0", "'g9'", "request_id IS NOT NULL AND state <> 'closed'"),
    },
    Attempt {
        given: "", what: "a second number for one round",
        sql: insert!("request_id", "round", "'g10'", "1", "'none'", "0", "'g10'", "request_id IS NOT NULL"),
    },
    Attempt {
        given: "", what: "one number for two refunds",
        sql: insert!("NULL", "1", "out_refund_no", "1", "'none'", "0", "'g11'", "true"),
    },
    Attempt {
        given: "", what: "one key for two decisions",
        sql: insert!("NULL", "1", "'g12'", "1", "'none'", "0", "idempotency_key", "true"),
    },
    Attempt {
        given: "", what: "a refund of nothing",
        sql: insert!("NULL", "1", "'g13'", "0", "'none'", "0", "'g13'", "true"),
    },
    Attempt {
        given: "", what: "a refund in a state that there is not",
        sql: insert!("NULL", "1", "'g14'", "1", "'done'", "0", "'g14'", "true"),
    },
    Attempt {
        given: "", what: "another word in the audit log",
        sql: "UPDATE audit SET who = 'g15' WHERE seq = (SELECT max(seq) FROM audit)",
    },
    Attempt {
        given: "", what: "an audit log without its end",
        sql: "DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)",
    },
    Attempt {
        given: "", what: "an audit row that does not follow the one before",
        sql: "INSERT INTO audit (seq, at_ms, terminal, kind, previous_hash, hash)
              SELECT max(seq) + 2, 0, 'g16', 'signed_in', '', '' FROM audit HAVING max(seq) IS NOT NULL",
    },
    Attempt {
        given: "", what: "an audit row of a kind that there is not",
        sql: "INSERT INTO audit (seq, at_ms, terminal, kind, previous_hash, hash)
              SELECT seq + 1, 0, 'g17', 'nothing', hash, 'g17' FROM audit ORDER BY seq DESC LIMIT 1",
    },
    Attempt {
        given: "", what: "staff without an owner",
        sql: "INSERT INTO staff (id, name, role, pin, active, created_at_ms, changed_at_ms, revision)
              SELECT 'g18', 'g18', 'clerk', '$argon2id$', 1, 0, 0, 0 WHERE NOT EXISTS (SELECT 1 FROM staff)",
    },
    Attempt { given: OWNER, what: "an owner who is the last one and leaves", sql: "UPDATE staff SET active = 0" },
    Attempt { given: OWNER, what: "staff that are forgotten", sql: "DELETE FROM staff" },
    Attempt {
        given: OWNER, what: "another id for somebody",
        sql: "UPDATE staff SET id = 'g19' WHERE id = (SELECT min(id) FROM staff)",
    },
];

/// Tries everything on a console's file, and leaves it as it was. Answers what the database let happen.
pub fn attempt_all(file: &Connection) -> Vec<String> {
    ATTEMPTS.iter().filter(|attempt| attempt.succeeds(file)).map(|attempt| attempt.what.to_owned()).collect()
}

impl Attempt {
    fn succeeds(&self, file: &Connection) -> bool {
        file.execute_batch("BEGIN IMMEDIATE").unwrap();
        file.execute_batch(self.given).unwrap();
        let changed = file.execute(self.sql, []);
        file.execute_batch("ROLLBACK").unwrap();
        match changed {
            Ok(rows) => rows > 0,
            Err(rusqlite::Error::SqliteFailure(error, _)) => {
                assert_eq!(error.code, rusqlite::ErrorCode::ConstraintViolation, "{}", self.what);
                false
            }
            Err(error) => panic!("{}: {error}", self.what),
        }
    }
}

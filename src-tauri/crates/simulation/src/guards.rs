//! What the database itself has to refuse, tried by SQL as a mistake anywhere else in the program would.

use rusqlite::Connection;

/// One thing that must never stand in the file.
struct Attempt {
    /// What it would be.
    what: &'static str,
    /// Changes nothing where the file has no row for it.
    sql: &'static str,
}

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
        what: "a refund beside another one, together above the payment",
        sql: insert!("NULL", "1", "'g1'", "payment_total_fen", "'ready'", "1", "'g1'", "counts = 1"),
    },
    Attempt {
        what: "a refund that alone is above the payment",
        sql: insert!("NULL", "1", "'g2'", "payment_total_fen + 1", "'ready'", "1", "'g2'", "true"),
    },
    Attempt {
        what: "a refund that grows above the payment",
        sql: update!("amount_fen = payment_total_fen + 1, counts = 1", "state IN ('none', 'failed')"),
    },
    Attempt {
        what: "another number for a refund",
        sql: update!("out_refund_no = 'g3'", "true"),
    },
    Attempt { what: "another round for a number", sql: update!("round = round + 1", "true") },
    Attempt { what: "another merchant for a number", sql: update!("mch_id = 'g4'", "true") },
    Attempt { what: "another order for a number", sql: update!("order_id = 'g5'", "true") },
    Attempt { what: "another payment for a number", sql: update!("out_trade_no = 'g6'", "true") },
    Attempt { what: "another transaction for a number", sql: update!("transaction_id = 'g7'", "true") },
    Attempt { what: "a payment that grows", sql: update!("payment_total_fen = payment_total_fen + 1", "true") },
    Attempt {
        what: "another request for a number",
        sql: update!("request_id = 'g8'", "request_id IS NOT NULL"),
    },
    Attempt {
        what: "another amount for a refund that WeChat may have",
        sql: update!("amount_fen = amount_fen - 1", "amount_fen > 1 AND state NOT IN ('none', 'failed')"),
    },
    Attempt { what: "a step back from success", sql: update!("state = 'unknown'", "state = 'succeeded'") },
    Attempt {
        what: "a refund that may have happened and is not counted",
        sql: update!("counts = 0", "state IN ('ready', 'submitting', 'unknown', 'processing', 'abnormal')"),
    },
    Attempt {
        what: "a refund that happened and is not counted",
        sql: update!("counts = 0", "state = 'succeeded'"),
    },
    Attempt { what: "a refund that is forgotten", sql: "DELETE FROM payouts" },
    Attempt {
        what: "a second number for a request whose first one is not closed",
        sql: insert!("request_id", "round + 1", "'g9'", "1", "'none'", "0", "'g9'", "request_id IS NOT NULL AND state <> 'closed'"),
    },
    Attempt {
        what: "a second number for one round",
        sql: insert!("request_id", "round", "'g10'", "1", "'none'", "0", "'g10'", "request_id IS NOT NULL"),
    },
    Attempt {
        what: "one number for two refunds",
        sql: insert!("NULL", "1", "out_refund_no", "1", "'none'", "0", "'g11'", "true"),
    },
    Attempt {
        what: "one key for two decisions",
        sql: insert!("NULL", "1", "'g12'", "1", "'none'", "0", "idempotency_key", "true"),
    },
    Attempt {
        what: "a refund of nothing",
        sql: insert!("NULL", "1", "'g13'", "0", "'none'", "0", "'g13'", "true"),
    },
    Attempt {
        what: "a refund in a state that there is not",
        sql: insert!("NULL", "1", "'g14'", "1", "'done'", "0", "'g14'", "true"),
    },
    Attempt {
        what: "another word in the audit log",
        sql: "UPDATE audit SET who = 'g15' WHERE seq = (SELECT max(seq) FROM audit)",
    },
    Attempt {
        what: "an audit log without its end",
        sql: "DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)",
    },
];

/// Tries everything on a console's file, and leaves it as it was. Answers what the database let happen.
pub fn attempt_all(file: &Connection) -> Vec<String> {
    ATTEMPTS.iter().filter(|attempt| attempt.succeeds(file)).map(|attempt| attempt.what.to_owned()).collect()
}

impl Attempt {
    fn succeeds(&self, file: &Connection) -> bool {
        file.execute_batch("BEGIN IMMEDIATE").unwrap();
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

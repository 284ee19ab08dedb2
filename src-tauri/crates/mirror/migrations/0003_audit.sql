-- Who did what, and when: a log that only grows, each row bound to the one before it by a hash.

CREATE TABLE audit (
    -- 1, 2, 3 … without a gap.
    seq INTEGER PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    -- The staff member who did it or on whose decision it was done; null: nobody was signed in, or the program itself.
    who TEXT,
    terminal TEXT NOT NULL,
    kind TEXT NOT NULL,
    -- What it is about.
    order_id TEXT,
    request_id TEXT,
    out_refund_no TEXT,
    -- JSON: ids, amounts, states, codes and what staff typed; nothing of a customer, and no secret.
    before TEXT,
    after TEXT,
    -- Of the row before; 64 zeros in the first row.
    previous_hash TEXT NOT NULL,
    -- SHA-256 over all of the above, as `audit/chain.rs` has it.
    hash TEXT NOT NULL
) STRICT;

-- "What was done about this order", "who was refused", "the way of this refund", each newest first.
CREATE INDEX audit_by_order ON audit (order_id) WHERE order_id IS NOT NULL;
CREATE INDEX audit_by_kind ON audit (kind);
CREATE INDEX audit_by_out_refund_no ON audit (out_refund_no) WHERE out_refund_no IS NOT NULL;

-- Whoever takes these away leaves rows that are found by their hashes.
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
BEGIN SELECT raise(ABORT, 'guard: the audit log is never changed'); END;
CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit
BEGIN SELECT raise(ABORT, 'guard: the audit log is never shortened'); END;
CREATE TRIGGER audit_grows_at_its_end BEFORE INSERT ON audit
    WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) FROM audit) + 1
    OR NEW.previous_hash <> coalesce((SELECT hash FROM audit ORDER BY seq DESC LIMIT 1),
        '0000000000000000000000000000000000000000000000000000000000000000')
BEGIN SELECT raise(ABORT, 'guard: the audit log grows at its end only'); END;
-- The words of `AuditKind`. A trigger and not a CHECK: a later version that knows one more puts another trigger in its
-- place, where a CHECK would want the whole log copied.
CREATE TRIGGER audit_knows_its_kinds BEFORE INSERT ON audit WHEN NEW.kind NOT IN (
    'refund_approved', 'refund_rejected', 'return_agreed', 'refund_started', 'decision_answered', 'refund_claimed',
    'refund_claim_lost', 'refund_submitted', 'refund_not_sent', 'refund_unknown', 'refund_accepted', 'refund_succeeded',
    'refund_failed', 'refund_abnormal', 'refund_closed', 'refund_recovered', 'refund_reported', 'payment_reported',
    'print_queued', 'reprint_queued', 'printed', 'print_failed', 'print_dropped', 'alert_acknowledged',
    'shop_connected', 'setting_changed', 'signed_in', 'signed_out', 'sign_in_refused', 'staff_changed', 'audit_broken')
BEGIN SELECT raise(ABORT, 'guard: no such kind of audit row'); END;

-- The newest row's number and hash, so that rows that are cut off at the end are missed.
INSERT INTO meta (key, value)
VALUES ('audit_head', '0 0000000000000000000000000000000000000000000000000000000000000000');

-- Who works in the shop, how much each may send back, and who decided on what.

CREATE TABLE staff (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('clerk', 'manager', 'owner')),
    -- argon2id, as a PHC string. The PIN itself is nowhere.
    pin TEXT NOT NULL CHECK (pin LIKE '$argon2id$%'),
    -- What the owner gave beside the shop's rules; null: nothing of its own.
    per_refund_fen INTEGER CHECK (per_refund_fen >= 0),
    per_day_fen INTEGER CHECK (per_day_fen >= 0),
    active INTEGER NOT NULL CHECK (active IN (0, 1)),
    -- Wrong PINs in a row, each written down before it is compared, so that no restart makes it unhappened.
    wrong_pins INTEGER NOT NULL DEFAULT 0 CHECK (wrong_pins >= 0),
    locked_until_ms INTEGER,
    created_at_ms INTEGER NOT NULL,
    changed_at_ms INTEGER NOT NULL,
    revision INTEGER NOT NULL
) STRICT;
-- Once there is anybody there is somebody who may change everything: without an owner nobody could ever be let in again.
CREATE TRIGGER staff_begin_with_an_owner AFTER INSERT ON staff
    WHEN NOT EXISTS (SELECT 1 FROM staff WHERE active = 1 AND role = 'owner')
BEGIN SELECT raise(ABORT, 'guard: no owner left'); END;
CREATE TRIGGER staff_keep_an_owner AFTER UPDATE ON staff
    WHEN NOT EXISTS (SELECT 1 FROM staff WHERE active = 1 AND role = 'owner')
BEGIN SELECT raise(ABORT, 'guard: no owner left'); END;
CREATE TRIGGER staff_are_kept BEFORE DELETE ON staff
BEGIN SELECT raise(ABORT, 'guard: staff are never deleted'); END;
CREATE TRIGGER staff_keep_their_id BEFORE UPDATE ON staff WHEN NEW.id <> OLD.id
BEGIN SELECT raise(ABORT, 'guard: staff keep their id'); END;

CREATE TABLE staff_rules (
    -- One row; none: no limits.
    id INTEGER PRIMARY KEY CHECK (id = 1),
    per_refund_fen INTEGER CHECK (per_refund_fen >= 0),
    per_day_fen INTEGER CHECK (per_day_fen >= 0),
    per_person_a_day_fen INTEGER CHECK (per_person_a_day_fen >= 0),
    second_person_above_fen INTEGER CHECK (second_person_above_fen >= 0),
    pin_kept_s INTEGER NOT NULL CHECK (pin_kept_s BETWEEN 0 AND 43200),
    changed_at_ms INTEGER NOT NULL,
    revision INTEGER NOT NULL
) STRICT;

-- Who decided on a payout, and when: the newest decision counts, a first one that was repeated does not. Null: nobody was
-- defined, or this console took the payout up without a decision of its own.
ALTER TABLE payouts ADD COLUMN decided_by TEXT;
ALTER TABLE payouts ADD COLUMN decided_at_ms INTEGER NOT NULL DEFAULT 0;
UPDATE payouts SET decided_by = json_extract(decision, '$.actor'), decided_at_ms = created_at_ms;
-- What was sent back on a day: read from the index alone. It has no condition, or it would be taken for the few that
-- are on the way.
CREATE INDEX payouts_by_day ON payouts (decided_at_ms, counts, decided_by, amount_fen);

CREATE TABLE refunds_by_backend (
    -- Refunds that were decided here and are paid by the backend: there is no payout of ours to sum up.
    key TEXT PRIMARY KEY,
    request_id TEXT,
    order_id TEXT NOT NULL,
    amount_fen INTEGER NOT NULL CHECK (amount_fen > 0),
    -- 0 only for what the backend refused or told to have failed.
    counts INTEGER NOT NULL CHECK (counts IN (0, 1)),
    decided_by TEXT,
    decided_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX refunds_by_backend_by_day ON refunds_by_backend (decided_at_ms, decided_by, amount_fen) WHERE counts = 1;
CREATE INDEX refunds_by_backend_by_request ON refunds_by_backend (request_id) WHERE request_id IS NOT NULL;

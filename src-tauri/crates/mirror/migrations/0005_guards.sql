-- Refunds that staff settle at WeChat are asked about, and the audit log knows who was refused and who resumed.

-- An abnormal refund stays open: staff settle it in WeChat's merchant platform, which tells nobody. The condition is that
-- of the query, letter by letter.
DROP INDEX payouts_open;
CREATE INDEX payouts_open ON payouts (id)
    WHERE (state NOT IN ('succeeded', 'failed', 'closed') AND NOT (state = 'none' AND counts = 0))
        OR json_extract(body, '$.report') = 'owed';

-- The backend's word that a refund failed gives its room in the limits back when it is heard, no more at the next
-- decision: what was heard before this version is made up for here.
UPDATE refunds_by_backend SET counts = 0
    WHERE request_id IN (SELECT id FROM refund_requests WHERE state = 'failed');

-- Two more kinds.
DROP TRIGGER audit_knows_its_kinds;
CREATE TRIGGER audit_knows_its_kinds BEFORE INSERT ON audit WHEN NEW.kind NOT IN (
    'refund_approved', 'refund_rejected', 'return_agreed', 'refund_started', 'decision_answered', 'refund_claimed',
    'refund_claim_lost', 'refund_submitted', 'refund_not_sent', 'refund_unknown', 'refund_accepted', 'refund_succeeded',
    'refund_failed', 'refund_abnormal', 'refund_closed', 'refund_recovered', 'refund_reported', 'payment_reported',
    'print_queued', 'reprint_queued', 'printed', 'print_failed', 'print_dropped', 'alert_acknowledged',
    'shop_connected', 'setting_changed', 'signed_in', 'signed_out', 'sign_in_refused', 'staff_changed', 'audit_broken',
    'act_refused', 'refunds_resumed')
BEGIN SELECT raise(ABORT, 'guard: no such kind of audit row'); END;

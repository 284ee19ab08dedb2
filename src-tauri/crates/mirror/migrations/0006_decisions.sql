-- A request that the backend pays is paid once: of several decisions on it the largest counts, and a sum reads that of the
-- index.
DROP INDEX refunds_by_backend_by_day;
CREATE INDEX refunds_by_backend_by_day ON refunds_by_backend (decided_at_ms, decided_by, amount_fen, request_id)
    WHERE counts = 1;
DROP INDEX refunds_by_backend_by_request;
CREATE INDEX refunds_by_backend_by_request ON refunds_by_backend (request_id, counts, amount_fen)
    WHERE request_id IS NOT NULL;

-- One more kind.
DROP TRIGGER audit_knows_its_kinds;
CREATE TRIGGER audit_knows_its_kinds BEFORE INSERT ON audit WHEN NEW.kind NOT IN (
    'refund_approved', 'refund_rejected', 'return_agreed', 'refund_started', 'decision_answered', 'refund_claimed',
    'refund_claim_lost', 'refund_submitted', 'refund_not_sent', 'refund_unknown', 'refund_accepted', 'refund_succeeded',
    'refund_failed', 'refund_abnormal', 'refund_closed', 'refund_recovered', 'refund_reported', 'payment_reported',
    'print_queued', 'reprint_queued', 'printed', 'print_failed', 'print_dropped', 'alert_acknowledged',
    'shop_connected', 'setting_changed', 'signed_in', 'signed_out', 'sign_in_refused', 'staff_changed', 'audit_broken',
    'act_refused', 'refunds_resumed', 'decisions_redated')
BEGIN SELECT raise(ABORT, 'guard: no such kind of audit row'); END;

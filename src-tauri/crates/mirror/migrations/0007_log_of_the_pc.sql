-- The audit log also knows what people do at the PC that no row of the mirror tells of: three more kinds.

DROP TRIGGER audit_knows_its_kinds;
CREATE TRIGGER audit_knows_its_kinds BEFORE INSERT ON audit WHEN NEW.kind NOT IN (
    'refund_approved', 'refund_rejected', 'return_agreed', 'refund_started', 'decision_answered', 'refund_claimed',
    'refund_claim_lost', 'refund_submitted', 'refund_not_sent', 'refund_unknown', 'refund_accepted', 'refund_succeeded',
    'refund_failed', 'refund_abnormal', 'refund_closed', 'refund_recovered', 'refund_reported', 'payment_reported',
    'print_queued', 'reprint_queued', 'printed', 'print_failed', 'print_dropped', 'alert_acknowledged',
    'shop_connected', 'setting_changed', 'signed_in', 'signed_out', 'sign_in_refused', 'staff_changed', 'audit_broken',
    'act_refused', 'refunds_resumed', 'decisions_redated', 'test_printed', 'audit_exported', 'shop_unlocked')
BEGIN SELECT raise(ABORT, 'guard: no such kind of audit row'); END;

-- A mirror as the version before migration 0006 left it: that of 0004.sql, migrated.
BEGIN TRANSACTION;
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
CREATE TABLE effects (
    -- What is owed to the world: alerts, tickets, words to the backend. Written with the fact that caused it.
    id INTEGER PRIMARY KEY,
    -- Unique for a cause and a meaning, so that nothing is owed twice.
    key TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('alert', 'ticket', 'payment_observed', 'printed')),
    order_id TEXT,
    request_id TEXT,
    payload TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'started', 'done', 'withdrawn', 'needs_attention')),
    reason TEXT,
    attempts INTEGER NOT NULL DEFAULT 0,
    due_at_ms INTEGER NOT NULL,
    created_at_ms INTEGER NOT NULL,
    settled_at_ms INTEGER
, acknowledged_at_ms INTEGER) STRICT;
INSERT INTO "effects" VALUES(1,'alert:new_order:1','alert','1',NULL,'{"alert": "new_order"}','done',NULL,0,1750000000000,1750000000000,1750000000500,1750000000500);
INSERT INTO "effects" VALUES(2,'alert:mismatch:4:1','alert','4',NULL,'{"alert": "mismatch"}','pending',NULL,0,1750000000000,1750000000000,NULL,NULL);
INSERT INTO "effects" VALUES(3,'ticket:1','ticket','1',NULL,'{"proof":"verified"}','done',NULL,0,1750000000000,1750000000000,1750000000500,NULL);
CREATE TABLE meta (
    -- Small facts about the mirror itself: which shop it holds, how far the feed was read.
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO "meta" VALUES('audit_head','0 0000000000000000000000000000000000000000000000000000000000000000');
INSERT INTO "meta" VALUES('revision','7');
INSERT INTO "meta" VALUES('sync','{"phase": "live", "cursor": "18432", "history_page": null, "resync": false, "cursor_lost_at": null, "contact_at": "2025-06-15T15:06:40Z"}');
CREATE TABLE orders (
    id TEXT PRIMARY KEY,
    -- What the backend says. `body` is the whole order; the columns repeat what is searched and sorted by.
    number TEXT NOT NULL,
    version INTEGER NOT NULL,
    out_trade_no TEXT,
    transaction_id TEXT,
    fulfilment TEXT NOT NULL,
    payment_state TEXT NOT NULL,
    payment_total_fen INTEGER NOT NULL CHECK (payment_total_fen >= 0),
    placed_at_ms INTEGER NOT NULL,
    body TEXT NOT NULL,
    search TEXT NOT NULL,
    -- What WeChat says.
    verified TEXT NOT NULL CHECK (verified IN
        ('pending', 'verified', 'mismatch', 'not_paid', 'unavailable', 'not_applicable')),
    verified_at_ms INTEGER,
    evidence TEXT,
    -- When WeChat is asked (again); null: not by itself.
    ask_at_ms INTEGER,
    ask_failures INTEGER NOT NULL DEFAULT 0,
    -- What this PC did about it.
    noise TEXT NOT NULL CHECK (noise IN ('quiet', 'missed', 'live')),
    first_seen_ms INTEGER NOT NULL,
    -- Grows with every change of this row; what a person saw is named by it.
    revision INTEGER NOT NULL
, amounts_add_up INTEGER NOT NULL DEFAULT 1 CHECK (amounts_add_up IN (0, 1)), buyer_id TEXT, refunded_fen INTEGER NOT NULL DEFAULT 0) STRICT;
INSERT INTO "orders" VALUES('1','1',1,'T1','421','paid','partially_refunded',3780,1750000000000,'{"id":"1","number":"1","version":1,"fulfilment":"paid","payment":{"state":"partially_refunded","method":"wechat","paid_at":"2025-06-15T15:06:40Z","transaction_id":"421","out_trade_no":"T1","mchid":null,"appid":null,"payer_openid":null,"total":3780,"payer_total":null},"placed_at":"2025-06-15T15:06:40Z","completed_at":null,"cancelled_at":null,"ship_before":null,"channel":null,"kind":"pickup","amounts":{"goods":3980,"freight":0,"discount":200,"discounts":[{"label":"满减","amount":200}],"total":3780,"refunded":500,"refundable":3280},"lines":[{"id":"1","sku":null,"title":"现磨豆浆 Soy","spec":"大杯","quantity":1,"unit_price":null,"total":3780,"shipped_quantity":null,"refunded_quantity":null,"note":null}],"buyer":{"id":"b1","display_name":"小王","note":null},"receiver":null,"pickup":null,"merchant_note":null,"shipments":[],"refund_requests":[],"ack":{"acked_at":null,"acked_by":null,"tickets":[]},"hold":null}','1
1
t1
421
现磨豆浆 soy
大杯','verified',NULL,NULL,NULL,0,'live',1750000000000,7,1,'b1',500);
INSERT INTO "orders" VALUES('2','2',1,'T2','422','paid','paid',3780,1750000001000,'{"id":"2","number":"2","version":1,"fulfilment":"paid","payment":{"state":"paid","method":"wechat","paid_at":"2025-06-15T15:06:40Z","transaction_id":"422","out_trade_no":"T2","mchid":null,"appid":null,"payer_openid":null,"total":3780,"payer_total":null},"placed_at":"2025-06-15T15:06:40Z","completed_at":null,"cancelled_at":null,"ship_before":null,"channel":null,"kind":"pickup","amounts":{"goods":3980,"freight":0,"discount":100,"discounts":[],"total":3780,"refunded":0,"refundable":3780},"lines":[{"id":"1","sku":null,"title":"现磨豆浆 Soy","spec":"大杯","quantity":1,"unit_price":null,"total":3780,"shipped_quantity":null,"refunded_quantity":null,"note":null}],"buyer":null,"receiver":null,"pickup":null,"merchant_note":null,"shipments":[],"refund_requests":[],"ack":{"acked_at":null,"acked_by":null,"tickets":[]},"hold":null}','2
2
t2
422
现磨豆浆 soy
大杯','verified',NULL,NULL,NULL,0,'live',1750000000000,7,0,NULL,0);
INSERT INTO "orders" VALUES('3','3',1,'T3','423','paid','paid',3780,1750000002000,'{"id":"3","number":"3","version":1,"fulfilment":"paid","payment":{"state":"paid","method":"wechat","paid_at":"2025-06-15T15:06:40Z","transaction_id":"423","out_trade_no":"T3","mchid":null,"appid":null,"payer_openid":null,"total":3780,"payer_total":null},"placed_at":"2025-06-15T15:06:40Z","completed_at":null,"cancelled_at":null,"ship_before":null,"channel":null,"kind":"pickup","amounts":{"goods":null,"freight":null,"discount":200,"discounts":[{"label":"满减","amount":150}],"total":3780,"refunded":0,"refundable":3780},"lines":[{"id":"1","sku":null,"title":"现磨豆浆 Soy","spec":"大杯","quantity":1,"unit_price":null,"total":3780,"shipped_quantity":null,"refunded_quantity":null,"note":null}],"buyer":null,"receiver":null,"pickup":null,"merchant_note":null,"shipments":[],"refund_requests":[],"ack":{"acked_at":null,"acked_by":null,"tickets":[]},"hold":null}','3
3
t3
423
现磨豆浆 soy
大杯','verified',NULL,NULL,NULL,0,'live',1750000000000,7,0,NULL,0);
INSERT INTO "orders" VALUES('4','4',1,'T4','424','paid','paid',3780,1750000003000,'{"id":"4","number":"4","version":1,"fulfilment":"paid","payment":{"state":"paid","method":"wechat","paid_at":"2025-06-15T15:06:40Z","transaction_id":"424","out_trade_no":"T4","mchid":null,"appid":null,"payer_openid":null,"total":3780,"payer_total":null},"placed_at":"2025-06-15T15:06:40Z","completed_at":null,"cancelled_at":null,"ship_before":null,"channel":null,"kind":"pickup","amounts":{"goods":null,"freight":null,"discount":null,"discounts":[],"total":3780,"refunded":0,"refundable":3780},"lines":[{"id":"1","sku":null,"title":"现磨豆浆 Soy","spec":"大杯","quantity":1,"unit_price":null,"total":3780,"shipped_quantity":null,"refunded_quantity":null,"note":null}],"buyer":null,"receiver":null,"pickup":null,"merchant_note":null,"shipments":[],"refund_requests":[],"ack":{"acked_at":null,"acked_by":null,"tickets":[]},"hold":null}','4
4
t4
424
现磨豆浆 soy
大杯','mismatch',NULL,NULL,NULL,0,'live',1750000000000,7,1,NULL,0);
CREATE TABLE payouts (
    id INTEGER PRIMARY KEY,
    -- Null until the backend has answered a refund that the shop started.
    request_id TEXT,
    order_id TEXT NOT NULL,
    -- The payment that money goes back from, by both its numbers as far as they are known. Several orders may share it.
    mch_id TEXT NOT NULL,
    out_trade_no TEXT,
    transaction_id TEXT,
    payment_total_fen INTEGER NOT NULL CHECK (payment_total_fen > 0),
    out_refund_no TEXT NOT NULL UNIQUE,
    round INTEGER NOT NULL CHECK (round BETWEEN 1 AND 1000),
    amount_fen INTEGER NOT NULL CHECK (amount_fen > 0),
    state TEXT NOT NULL CHECK (state IN ('none', 'ready', 'submitting', 'unknown', 'processing', 'succeeded',
        'failed', 'abnormal', 'closed')),
    -- Whether the amount may have gone back, or may yet: 0 only for what is known not to have happened.
    counts INTEGER NOT NULL CHECK (counts IN (0, 1)),
    -- The decision as it is sent to the backend, fixed before the first sending.
    decision TEXT NOT NULL,
    idempotency_key TEXT NOT NULL UNIQUE,
    -- The state machine's facts, whole.
    body TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL,
    revision INTEGER NOT NULL, decided_by TEXT, decided_at_ms INTEGER NOT NULL DEFAULT 0,
    UNIQUE (request_id, round),
    CHECK (counts = 1 OR state IN ('none', 'failed', 'closed')),
    CHECK (out_trade_no IS NOT NULL OR transaction_id IS NOT NULL)
) STRICT;
INSERT INTO "payouts" VALUES(1,'r1','1','1900000109','T1','421',3780,'mr1-r1',1,500,'none',1,'{"version": 1, "seen": "", "reason": null, "actor": null}','key-r1-0123456789','{"out_refund_no":"mr1-r1","round":1,"amount":500,"total":3780,"state":"none","claim":{"state":"wanted"},"in_doubt":false,"refusal":null,"submissions":0,"asking_since":null,"not_found_since":null,"failures":0,"next_at":"2025-06-15T15:06:40Z","refund_id":null,"succeeded_at":null,"error":null,"report":"nothing"}',1750000000000,7,NULL,1750000000000);
INSERT INTO "payouts" VALUES(2,'r2','2','1900000109','T2','422',3780,'mr1-r2',1,700,'processing',1,'{"version": 1, "seen": "", "reason": null, "actor": "ann"}','key-r2-0123456789','{"out_refund_no":"mr1-r2","round":1,"amount":700,"total":3780,"state":"processing","claim":{"state":"held","until":"2025-06-15T15:11:40Z"},"in_doubt":false,"refusal":null,"submissions":1,"asking_since":"2025-06-15T15:06:41Z","not_found_since":null,"failures":0,"next_at":"2025-06-15T15:06:42Z","refund_id":"50","succeeded_at":null,"error":null,"report":"nothing"}',1750000000000,7,'ann',1750000000000);
INSERT INTO "payouts" VALUES(3,'r3','3','1900000109','T3','423',3780,'mr1-r3',1,700,'abnormal',1,'{"version": 1, "seen": "", "reason": null, "actor": null}','key-r3-0123456789','{"out_refund_no": "mr1-r3", "round": 1, "amount": 700, "total": 3780, "state": "abnormal", "claim": {"state": "held", "until": "2025-06-15T15:11:40Z"}, "in_doubt": false, "refusal": null, "submissions": 1, "asking_since": "2025-06-15T15:06:41Z", "not_found_since": null, "failures": 0, "next_at": "2025-06-15T15:06:42Z", "refund_id": "50", "succeeded_at": null, "error": null, "report": "done"}',1749900000000,7,NULL,1749900000000);
CREATE TABLE print_jobs (
    -- The ledger of paper. `sending` is committed before the first byte, so that a crash is seen as a doubt.
    id INTEGER PRIMARY KEY,
    -- Order, event, template, printer and copy: one cause prints once.
    key TEXT NOT NULL UNIQUE,
    order_id TEXT NOT NULL,
    -- The refund whose slip it is; null for an order's ticket.
    out_refund_no TEXT,
    template TEXT NOT NULL,
    target TEXT NOT NULL,
    width_mm INTEGER NOT NULL,
    copy INTEGER NOT NULL,
    proof TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'sent', 'confirmed', 'failed_before_start',
        'unknown', 'elsewhere')),
    bytes_sent INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    error TEXT,
    due_at_ms INTEGER NOT NULL,
    created_at_ms INTEGER NOT NULL,
    updated_at_ms INTEGER NOT NULL
, cause TEXT NOT NULL DEFAULT 'rule' CHECK (cause IN ('rule', 'hand')), reprint INTEGER NOT NULL DEFAULT 0) STRICT;
INSERT INTO "print_jobs" VALUES(1,'order:1:paid:merchant:auto:0:1','1',NULL,'merchant','auto',80,1,'"verified"','sent',300,1,NULL,1750000000000,1750000000000,1750000000000,'rule',0);
CREATE TABLE refund_requests (
    id TEXT PRIMARY KEY,
    order_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    state TEXT NOT NULL,
    requested_at_ms INTEGER NOT NULL,
    body TEXT NOT NULL,
    revision INTEGER NOT NULL
) STRICT;
INSERT INTO "refund_requests" VALUES('b1','3',2,'failed',1750000000000,'{}',7);
INSERT INTO "refund_requests" VALUES('b2','4',2,'processing',1750000000000,'{}',7);
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
INSERT INTO "refunds_by_backend" VALUES('k1','b1','3',900,0,'ann',1750000000000);
INSERT INTO "refunds_by_backend" VALUES('k2','b2','3',80,1,'ann',1750000000000);
CREATE TABLE rereads (
    -- Objects that the feed named without a body, or with one that could not be read.
    kind TEXT NOT NULL CHECK (kind IN ('order', 'refund_request')),
    id TEXT NOT NULL,
    failures INTEGER NOT NULL DEFAULT 0,
    due_at_ms INTEGER NOT NULL,
    PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;
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
CREATE TABLE timeline (
    id INTEGER PRIMARY KEY,
    order_id TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    kind TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;
CREATE INDEX orders_by_number ON orders (number);
CREATE INDEX orders_by_out_trade_no ON orders (out_trade_no) WHERE out_trade_no IS NOT NULL;
CREATE INDEX orders_by_transaction_id ON orders (transaction_id) WHERE transaction_id IS NOT NULL;
CREATE INDEX orders_to_ask ON orders (ask_at_ms) WHERE ask_at_ms IS NOT NULL;
CREATE INDEX refund_requests_by_time ON refund_requests (requested_at_ms DESC, id DESC);
CREATE INDEX refund_requests_by_order ON refund_requests (order_id);
CREATE INDEX payouts_by_order ON payouts (order_id);
CREATE INDEX payouts_by_out_trade_no ON payouts (out_trade_no) WHERE out_trade_no IS NOT NULL;
CREATE INDEX payouts_by_transaction_id ON payouts (transaction_id) WHERE transaction_id IS NOT NULL;
CREATE TRIGGER payouts_within_payment_insert BEFORE INSERT ON payouts WHEN NEW.counts = 1 AND
    NEW.amount_fen + (SELECT coalesce(sum(amount_fen), 0) FROM payouts
                      WHERE (out_trade_no = NEW.out_trade_no OR transaction_id = NEW.transaction_id) AND counts = 1)
    > NEW.payment_total_fen
BEGIN SELECT raise(ABORT, 'guard: refunds exceed the payment'); END;
CREATE TRIGGER payouts_within_payment_update BEFORE UPDATE ON payouts WHEN NEW.counts = 1 AND
    NEW.amount_fen + (SELECT coalesce(sum(amount_fen), 0) FROM payouts
                      WHERE (out_trade_no = NEW.out_trade_no OR transaction_id = NEW.transaction_id) AND counts = 1
                        AND id <> NEW.id) > NEW.payment_total_fen
BEGIN SELECT raise(ABORT, 'guard: refunds exceed the payment'); END;
CREATE TRIGGER payouts_keep_their_number BEFORE UPDATE ON payouts WHEN NEW.out_refund_no <> OLD.out_refund_no
    OR NEW.round <> OLD.round OR NEW.mch_id <> OLD.mch_id OR NEW.out_trade_no IS NOT OLD.out_trade_no
    OR NEW.transaction_id IS NOT OLD.transaction_id OR NEW.order_id <> OLD.order_id
    OR NEW.payment_total_fen <> OLD.payment_total_fen
    OR (OLD.request_id IS NOT NULL AND NEW.request_id IS NOT OLD.request_id)
BEGIN SELECT raise(ABORT, 'guard: a refund keeps its number'); END;
CREATE TRIGGER payouts_keep_their_amount BEFORE UPDATE ON payouts
    WHEN NEW.amount_fen <> OLD.amount_fen AND OLD.state NOT IN ('none', 'failed')
BEGIN SELECT raise(ABORT, 'guard: a refund keeps its amount'); END;
CREATE TRIGGER payouts_success_is_final BEFORE UPDATE ON payouts
    WHEN OLD.state = 'succeeded' AND (NEW.state <> 'succeeded' OR NEW.counts <> 1)
BEGIN SELECT raise(ABORT, 'guard: success is final'); END;
CREATE TRIGGER payouts_are_kept BEFORE DELETE ON payouts
BEGIN SELECT raise(ABORT, 'guard: refunds are never deleted'); END;
CREATE TRIGGER payouts_next_round BEFORE INSERT ON payouts WHEN NEW.request_id IS NOT NULL AND
    EXISTS (SELECT 1 FROM payouts WHERE request_id = NEW.request_id AND state <> 'closed')
BEGIN SELECT raise(ABORT, 'guard: the number before is not closed'); END;
CREATE INDEX effects_due ON effects (kind, due_at_ms) WHERE state IN ('pending', 'started');
CREATE INDEX print_jobs_open ON print_jobs (due_at_ms) WHERE state IN ('queued', 'sending');
CREATE INDEX print_jobs_by_order ON print_jobs (order_id);
CREATE INDEX timeline_by_order ON timeline (order_id, id);
CREATE INDEX effects_open_alerts ON effects (order_id)
    WHERE kind = 'alert' AND acknowledged_at_ms IS NULL AND state <> 'withdrawn';
CREATE INDEX orders_list ON orders
    (placed_at_ms DESC, id DESC, fulfilment, payment_state, verified, amounts_add_up, search);
CREATE INDEX orders_by_buyer ON orders (buyer_id, refunded_fen) WHERE buyer_id IS NOT NULL;
CREATE INDEX refund_requests_open ON refund_requests (order_id)
    WHERE state IN ('pending', 'waiting_return', 'returned', 'processing', 'failed');
CREATE INDEX payouts_on_the_way ON payouts (order_id)
    WHERE counts = 1 AND state IN ('none', 'ready', 'submitting', 'unknown', 'processing');
CREATE INDEX payouts_without_request ON payouts (id) WHERE request_id IS NULL;
CREATE INDEX audit_by_order ON audit (order_id) WHERE order_id IS NOT NULL;
CREATE INDEX audit_by_kind ON audit (kind);
CREATE INDEX audit_by_out_refund_no ON audit (out_refund_no) WHERE out_refund_no IS NOT NULL;
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
BEGIN SELECT raise(ABORT, 'guard: the audit log is never changed'); END;
CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit
BEGIN SELECT raise(ABORT, 'guard: the audit log is never shortened'); END;
CREATE TRIGGER audit_grows_at_its_end BEFORE INSERT ON audit
    WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) FROM audit) + 1
    OR NEW.previous_hash <> coalesce((SELECT hash FROM audit ORDER BY seq DESC LIMIT 1),
        '0000000000000000000000000000000000000000000000000000000000000000')
BEGIN SELECT raise(ABORT, 'guard: the audit log grows at its end only'); END;
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
CREATE INDEX payouts_by_day ON payouts (decided_at_ms, counts, decided_by, amount_fen);
CREATE INDEX refunds_by_backend_by_day ON refunds_by_backend (decided_at_ms, decided_by, amount_fen) WHERE counts = 1;
CREATE INDEX refunds_by_backend_by_request ON refunds_by_backend (request_id) WHERE request_id IS NOT NULL;
CREATE INDEX payouts_open ON payouts (id)
    WHERE (state NOT IN ('succeeded', 'failed', 'closed') AND NOT (state = 'none' AND counts = 0))
        OR json_extract(body, '$.report') = 'owed';
CREATE TRIGGER audit_knows_its_kinds BEFORE INSERT ON audit WHEN NEW.kind NOT IN (
    'refund_approved', 'refund_rejected', 'return_agreed', 'refund_started', 'decision_answered', 'refund_claimed',
    'refund_claim_lost', 'refund_submitted', 'refund_not_sent', 'refund_unknown', 'refund_accepted', 'refund_succeeded',
    'refund_failed', 'refund_abnormal', 'refund_closed', 'refund_recovered', 'refund_reported', 'payment_reported',
    'print_queued', 'reprint_queued', 'printed', 'print_failed', 'print_dropped', 'alert_acknowledged',
    'shop_connected', 'setting_changed', 'signed_in', 'signed_out', 'sign_in_refused', 'staff_changed', 'audit_broken',
    'act_refused', 'refunds_resumed')
BEGIN SELECT raise(ABORT, 'guard: no such kind of audit row'); END;
COMMIT;
PRAGMA user_version = 5;

-- What the window asks for: alerts that stay open until somebody acknowledges them, the list of orders by group and
-- position, the refund desk, tickets printed by hand.

-- Null: open. What people were told before this existed counts as seen; what they are still to be told does not.
ALTER TABLE effects ADD COLUMN acknowledged_at_ms INTEGER;
UPDATE effects SET acknowledged_at_ms = coalesce(settled_at_ms, due_at_ms) WHERE kind = 'alert' AND state <> 'pending';
CREATE INDEX effects_open_alerts ON effects (order_id)
    WHERE kind = 'alert' AND acknowledged_at_ms IS NULL AND state <> 'withdrawn';

ALTER TABLE orders ADD COLUMN amounts_add_up INTEGER NOT NULL DEFAULT 1 CHECK (amounts_add_up IN (0, 1));
ALTER TABLE orders ADD COLUMN buyer_id TEXT;
ALTER TABLE orders ADD COLUMN refunded_fen INTEGER NOT NULL DEFAULT 0;
-- By the rule of `Order::amounts_add_up`; a sum that is not told contradicts nothing.
UPDATE orders SET
    buyer_id = json_extract(body, '$.buyer.id'),
    refunded_fen = json_extract(body, '$.amounts.refunded'),
    amounts_add_up = NOT (
        coalesce((SELECT sum(json_extract(value, '$.amount')) FROM json_each(body, '$.amounts.discounts'))
            <> json_extract(body, '$.amounts.discount'), 0)
        OR coalesce(json_extract(body, '$.amounts.goods') + json_extract(body, '$.amounts.freight')
            - json_extract(body, '$.amounts.discount') <> json_extract(body, '$.amounts.total'), 0));
-- The list by position: whatever a group is made of and whatever is searched stands in the index, so that a stretch far
-- down the list and the counts of all groups are read without one order being opened. It begins as the index by time
-- did, which it replaces.
CREATE INDEX orders_list ON orders
    (placed_at_ms DESC, id DESC, fulfilment, payment_state, verified, amounts_add_up, search);
DROP INDEX orders_by_time;
-- A buyer's orders, and what went back of them.
CREATE INDEX orders_by_buyer ON orders (buyer_id, refunded_fen) WHERE buyer_id IS NOT NULL;

-- Few of many: what is not at its end. The conditions are those of the queries, letter by letter.
CREATE INDEX refund_requests_open ON refund_requests (order_id)
    WHERE state IN ('pending', 'waiting_return', 'returned', 'processing', 'failed');
CREATE INDEX payouts_on_the_way ON payouts (order_id)
    WHERE counts = 1 AND state IN ('none', 'ready', 'submitting', 'unknown', 'processing');
CREATE INDEX payouts_open ON payouts (id)
    WHERE (state NOT IN ('succeeded', 'failed', 'abnormal', 'closed') AND NOT (state = 'none' AND counts = 0))
        OR json_extract(body, '$.report') = 'owed';
CREATE INDEX payouts_without_request ON payouts (id) WHERE request_id IS NULL;

-- Who wanted the ticket, and which repetition the slip calls itself; 0: the first of its kind.
ALTER TABLE print_jobs ADD COLUMN cause TEXT NOT NULL DEFAULT 'rule' CHECK (cause IN ('rule', 'hand'));
ALTER TABLE print_jobs ADD COLUMN reprint INTEGER NOT NULL DEFAULT 0;

// The one list of the window's commands. It feeds the handler, the permissions that `build.rs` makes, and the tests of
// capability and bindings; `build.rs` includes this file, which is why it holds nothing else.
macro_rules! commands {
    ($use:ident) => {
        $use! {
            alerts::alerts,
            alerts::alerts_acknowledge,
            connection::connection_keep,
            connection::connection_pick,
            connection::connection_try,
            connection::shop_alerts_set,
            connection::shop_settings,
            console::console_state,
            console::demo_order,
            console::demo_refund_request,
            console::preferences_set,
            console::quit,
            console::shop_open,
            console::shop_show,
            console::shop_unlock,
            console::status,
            orders::order_ask,
            orders::order_counts,
            orders::order_detail,
            orders::order_position,
            orders::order_print,
            orders::order_refund,
            orders::order_seen,
            orders::order_window,
            printing::paper_again,
            printing::paper_roll,
            printing::papers,
            printing::print_test,
            printing::printers,
            printing::printing,
            printing::printing_set,
            refunds::refund_agree_return,
            refunds::refund_approve,
            refunds::refund_desk,
            refunds::refund_refuse,
            refunds::refund_resume,
        }
    };
}

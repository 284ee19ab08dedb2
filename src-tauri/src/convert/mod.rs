//! From the inner types to what crosses to the page, by hand: only the outermost layer knows the wire.

mod alerts;
mod audit;
mod connection;
mod console;
mod orders;
mod printing;
mod refunds;
mod roll;
mod staff;
mod status;

pub(crate) use alerts::alert;
pub(crate) use audit::{audit_check, audit_entry, audit_filter};
pub(crate) use connection::{connection, passphrase, shop_settings, trial, unreadable};
pub(crate) use console::{prefer, preferences};
pub(crate) use orders::{order_counts, order_detail, order_window};
pub(crate) use printing::{found_printers, paper, print_rule, printing};
pub(crate) use refunds::refund_desk;
pub(crate) use roll::roll;
pub(crate) use staff::{change, here, member, new_staff, rules, rules_wished};
pub(crate) use status::status;

/// The goods of an order in one line: `手冲咖啡 ×2、可颂`.
fn goods_in_a_line(lines: &[domain::OrderLine]) -> String {
    /// More than this is cut off on every screen.
    const AT_MOST: usize = 6;
    let named = |line: &domain::OrderLine| match line.quantity {
        1 => line.title.clone(),
        several => format!("{} ×{several}", line.title),
    };
    let mut text = lines.iter().take(AT_MOST).map(named).collect::<Vec<_>>().join("、");
    if lines.len() > AT_MOST {
        text.push('…');
    }
    text
}

/// A count, as large as the page shows one.
fn counted(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

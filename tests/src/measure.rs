//! The tables of the measuring programs.

use std::time::Duration;

/// What is measured, and the names of the columns.
pub fn heading(text: &str) {
    println!("{text}");
    println!("{:<24}{:>10}{:>10}{:>10}{:>10}   bar (p99)", "", "p50", "p95", "p99", "max");
}

/// One line of durations against its bar. Returns the p99.
///
/// # Panics
///
/// Where nothing was measured.
pub fn row(what: &str, durations: &mut [Duration], bar: Duration) -> Duration {
    durations.sort();
    let at = |share: usize| durations[(durations.len() * share).div_ceil(100).saturating_sub(1)];
    let ms = |duration: Duration| format!("{:.1} ms", duration.as_secs_f64() * 1_000.0);
    let p99 = at(99);
    let verdict = if p99 <= bar { "met" } else { "missed" };
    println!(
        "{what:<24}{:>10}{:>10}{:>10}{:>10}   {bar:?} {verdict}",
        ms(at(50)),
        ms(at(95)),
        ms(p99),
        ms(durations[durations.len() - 1]),
    );
    p99
}

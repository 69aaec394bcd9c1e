//! Counts the allocations of each scenario: one line per figure, `name_allocations value`.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::print_stdout,
    clippy::unused_async,
    missing_docs,
    unreachable_pub,
    reason = "a measurement that cannot go on fails; handlers are async by form"
)]

mod scenarios;

use self::scenarios::{Fixture, scenarios};

const TIMES: u64 = 100;

fn main() {
    let fixture = Fixture::new();
    for (name, prepare) in scenarios() {
        let mut work = prepare(&fixture);
        (0..20).for_each(|_| work());
        let counted = allocation_counter::measure(|| (0..TIMES).for_each(|_| work()));
        println!("{name}_allocations {}", counted.count_total / TIMES);
        println!("{name}_allocated_bytes {}", counted.bytes_total / TIMES);
    }
}

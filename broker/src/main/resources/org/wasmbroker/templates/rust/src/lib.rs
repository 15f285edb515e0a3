//! The total of an order: prices times quantities, and the tax on them.

use serde::{Deserialize, Serialize};
use wasm_broker_sdk::{Config, Failure, Outcome, PreparedHandler, Step, Success, log};

/// The handler, which is made of the step's `config`: what whoever uses it has set.
#[derive(Deserialize)]
pub struct OrderTotal {
    #[serde(default)]
    tax_percent: u64,
}

/// The step's `context`: what it works on.
#[derive(Deserialize)]
struct Order {
    lines: Vec<Line>,
}

#[derive(Deserialize)]
struct Line {
    item: String,
    price_cents: u64,
    quantity: u64,
}

#[derive(Serialize)]
struct Total {
    net_cents: u64,
    tax_cents: u64,
    total_cents: u64,
}

impl PreparedHandler for OrderTotal {
    /// Runs once for each configuration, and sees nothing else: work that no step should do again belongs here.
    fn prepare(config: &Config<'_>) -> Result<Self, Failure> {
        config.read()
    }

    /// Runs in each step, in a fresh instance: nothing is kept for the next one.
    fn run(&self, step: &Step<'_>) -> Outcome {
        let order: Order = step.context()?;
        if order.lines.is_empty() {
            return Err(Failure::permanent("no_lines", "the order has no lines"));
        }
        let net_cents = net_cents(&order)?;
        let tax_cents = net_cents * self.tax_percent / 100;
        log::info(&format!("lines added up: {}", order.lines.len()));
        Success::completed(&Total {
            net_cents,
            tax_cents,
            total_cents: net_cents + tax_cents,
        })
    }
}

fn net_cents(order: &Order) -> Result<u64, Failure> {
    const MAX_CENTS: u64 = 1_000_000_000_000;
    let mut sum: u64 = 0;
    for line in &order.lines {
        sum = line
            .price_cents
            .checked_mul(line.quantity)
            .and_then(|cents| sum.checked_add(cents))
            .filter(|sum| *sum <= MAX_CENTS)
            .ok_or_else(|| {
                Failure::permanent(
                    "too_much",
                    format!("the total is too large at '{}'", line.item),
                )
            })?;
    }
    Ok(sum)
}

wasm_broker_sdk::prepared_handler!(OrderTotal);

/// A handler is plain Rust elsewhere, so `cargo test` needs neither broker nor WebAssembly.
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tax_is_added_to_the_lines() {
        let document = br#"{"step": {}, "config": {"tax_percent": 19},
            "context": {"lines": [{"item": "tea", "price_cents": 250, "quantity": 2}]}}"#;
        let result = wasm_broker_sdk::run_prepared::<OrderTotal>(None, document);
        let result: serde_json::Value = serde_json::from_slice(&result).unwrap();
        assert_eq!(result["result"]["total_cents"], 595);
    }
}

//! How many sources there are, and what the result says of them.

use crate::settings::Settings;
use crate::sources::Sources;
use catalog_kit::{Failure, Map, Text, Val};
use wasm_broker_sdk::log;

/// So many sources are named that failed, and so many that are missing; all are counted.
const MAX_NAMED: usize = 100;
/// A share such as 0.29 of 100 is meant exactly.
const TOLERANCE: f64 = 1e-9;

/// Fails if more sources than may have failed or are missing.
pub fn check(settings: &Settings, sources: &Sources) -> Result<(), Failure> {
    let missing = sources.missing.len();
    let bad = sources.failed.len() + if settings.ignores_missing { 0 } else { missing };
    let all = sources.used.len() + bad;
    if float(bad) > settings.failure_threshold * float(all) + TOLERANCE {
        let share = settings.failure_threshold;
        let message = format!("{bad} of {all} sources failed or are missing, and failure_threshold is {share}");
        let failure = Failure::new("too_many_failed", message).with("counts", counts(sources));
        return Err(failure.with("failed", failed(sources)).with("missing", names(sources)));
    }
    if bad > 0 {
        log::warn(&format!("{bad} of {all} sources failed or are missing, and are left out"));
    }
    Ok(())
}

/// The result of a step.
pub fn result(settings: &Settings, sources: Sources, value: Val) -> Val {
    object([
        ("value", value),
        ("reduction", Val::str(settings.reduction.word())),
        ("counts", counts(&sources)),
        ("failed", failed(&sources)),
        ("missing", names(&sources)),
    ])
}

fn counts(sources: &Sources) -> Val {
    let (used, failed, missing) = (sources.used.len(), sources.failed.len(), sources.missing.len());
    object([
        ("sources", count(used + failed + missing)),
        ("used", count(used)),
        ("failed", count(failed)),
        ("missing", count(missing)),
    ])
}

fn failed(sources: &Sources) -> Val {
    let failed = sources.failed.iter().take(MAX_NAMED).map(|failed| {
        object([("source", Val::Str(failed.name.clone())), ("error", failed.error.clone())])
    });
    failed.collect()
}

fn names(sources: &Sources) -> Val {
    sources.missing.iter().take(MAX_NAMED).cloned().map(Val::Str).collect()
}

pub fn object<const N: usize>(members: [(&str, Val); N]) -> Val {
    Val::obj(members.into_iter().map(|(key, value)| (Text::from(key), value)).collect::<Map>())
}

pub fn count(count: usize) -> Val {
    Val::Int(i64::try_from(count).unwrap_or(i64::MAX))
}

#[expect(clippy::cast_precision_loss, reason = "there are not that many sources")]
fn float(count: usize) -> f64 {
    count as f64
}

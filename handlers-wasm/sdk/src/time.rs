//! The clocks of a run.

use crate::host::{self, Clock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The time of day.
#[must_use]
pub fn now() -> SystemTime {
    UNIX_EPOCH + nanoseconds(Clock::Wall)
}

/// How long this run has taken so far; never goes backwards.
#[must_use]
pub fn elapsed() -> Duration {
    nanoseconds(Clock::Monotonic)
}

/// How long this run may still take before the broker stops it; zero when the time is up.
#[must_use]
pub fn remaining() -> Duration {
    nanoseconds(Clock::Deadline)
}

fn nanoseconds(clock: Clock) -> Duration {
    Duration::from_nanos(u64::try_from(host::get_time(clock)).unwrap_or(0))
}

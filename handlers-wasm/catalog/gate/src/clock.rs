//! Times, as milliseconds since 1970.

use catalog_kit::Val;
use chrono::{DateTime, SecondsFormat};
use std::time::UNIX_EPOCH;
use wasm_broker_sdk::time;

/// The years that a time can have that is written as text: from 1 to 9999.
const YEARS: std::ops::RangeInclusive<i64> = -62_135_596_800_000..=253_402_300_799_999;

/// The time of the host.
pub fn now() -> i64 {
    let since = time::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// A time in data: a text as RFC 3339 has it, or seconds since 1970.
pub fn of(value: &Val) -> Option<i64> {
    let millis = match value {
        Val::Str(text) => DateTime::parse_from_rfc3339(text).ok()?.timestamp_millis(),
        Val::Int(seconds) => seconds.checked_mul(1000)?,
        Val::Float(_) | Val::Num(_) => {
            let seconds = value.as_float().ok().filter(|seconds| seconds.abs() < 1e12)?;
            #[expect(clippy::cast_possible_truncation, reason = "the range was checked")]
            let millis = (seconds * 1000.0).floor() as i64;
            millis
        }
        _ => return None,
    };
    YEARS.contains(&millis).then_some(millis)
}

/// A time as text, in UTC; the last one that can be written for what is beyond.
pub fn text(millis: i64) -> String {
    let millis = millis.clamp(*YEARS.start(), *YEARS.end());
    let time = DateTime::from_timestamp_millis(millis).unwrap_or_default();
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

#[cfg(test)]
mod tests {
    use super::{of, text};
    use catalog_kit::json;

    #[test]
    fn times_are_read_as_text_and_as_seconds() {
        let read = |value: &str| of(&json::parse(value).expect("JSON")).map(text);
        let time = Some("2026-01-02T03:04:05.000Z".to_owned());
        for value in ["\"2026-01-02T03:04:05Z\"", "\"2026-01-02T04:04:05+01:00\"", "1767323045", "1767323045.0"] {
            assert_eq!(read(value), time, "{value}");
        }
        for value in ["\"2026-01-02\"", "\"soon\"", "null", "true", "{}", "1e300", "9223372036854775807", "300000000000"] {
            assert_eq!(read(value), None, "{value}");
        }
    }
}

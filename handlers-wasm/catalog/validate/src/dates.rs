//! Dates and times as people write them, to the one way that JSON Schema's formats have.
//!
//! Without a time zone it is UTC; `3/5/2026` is the American way to write the fifth of March, `5.3.2026` the European
//! one; a number is seconds since 1970.

use chrono::{DateTime, NaiveDate, NaiveDateTime, SecondsFormat, Utc};

const DATES: [&str; 3] = ["%Y-%m-%d", "%m/%d/%Y", "%d.%m.%Y"];

/// A text as the format `date-time` writes it, if it is another way to write one.
pub fn date_time(text: &str) -> Option<String> {
    let text = text.trim();
    if DateTime::parse_from_rfc3339(text).is_ok() {
        return Some(text.to_owned());
    }
    let moment = naive(text)
        .or_else(|| day(text).and_then(|day| day.and_hms_opt(0, 0, 0)))
        .map(|naive| naive.and_utc())
        .or_else(|| seconds(text))?;
    let precision = match moment.timestamp_subsec_nanos() {
        0 => SecondsFormat::Secs,
        _ => SecondsFormat::Millis,
    };
    Some(moment.to_rfc3339_opts(precision, true))
}

/// A text as the format `date` writes it, if it is another way to write one.
pub fn date(text: &str) -> Option<String> {
    let text = text.trim();
    let moment = || DateTime::parse_from_rfc3339(text).ok().map(|moment| moment.date_naive());
    let day = day(text).or_else(moment).or_else(|| naive(text).map(|naive| naive.date()))?;
    Some(day.format("%Y-%m-%d").to_string())
}

fn day(text: &str) -> Option<NaiveDate> {
    DATES.iter().find_map(|format| NaiveDate::parse_from_str(text, format).ok())
}

fn naive(text: &str) -> Option<NaiveDateTime> {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").ok()
}

fn seconds(text: &str) -> Option<DateTime<Utc>> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if !fraction.bytes().all(|digit| digit.is_ascii_digit()) || fraction.len() > 9 {
        return None;
    }
    let nanos = format!("{fraction:0<9}").parse().ok()?;
    DateTime::from_timestamp(whole.parse().ok()?, nanos)
}

#[cfg(test)]
mod tests {
    use super::{date, date_time};

    #[test]
    fn a_date_with_time_is_written_in_one_way() {
        for (text, expected) in [
            ("2026-03-05T14:30:00Z", Some("2026-03-05T14:30:00Z")),
            ("2026-03-05T14:30:00+02:00", Some("2026-03-05T14:30:00+02:00")),
            (" 2026-03-05T14:30:00 ", Some("2026-03-05T14:30:00Z")),
            ("2026-03-05T14:30:00.25", Some("2026-03-05T14:30:00.250Z")),
            ("2026-03-05", Some("2026-03-05T00:00:00Z")),
            ("03/05/2026", Some("2026-03-05T00:00:00Z")),
            ("05.03.2026", Some("2026-03-05T00:00:00Z")),
            ("1772721000", Some("2026-03-05T14:30:00Z")),
            ("1772721000.5", Some("2026-03-05T14:30:00.500Z")),
            ("13/45/2026", None),
            ("tomorrow", None),
            ("99999999999999999", None),
            ("1.x", None),
        ] {
            assert_eq!(date_time(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn a_date_is_written_in_one_way() {
        for (text, expected) in [
            ("2026-03-05", Some("2026-03-05")),
            ("2026-03-05T23:30:00-05:00", Some("2026-03-05")),
            ("2026-03-05T14:30:00", Some("2026-03-05")),
            ("03/05/2026", Some("2026-03-05")),
            ("05.03.2026", Some("2026-03-05")),
            ("1772721000", None),
        ] {
            assert_eq!(date(text).as_deref(), expected, "{text}");
        }
    }
}

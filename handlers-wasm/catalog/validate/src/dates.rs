//! Dates and times as they are written in many ways, to the one way that JSON Schema's formats have.
//!
//! Nothing is guessed. A year has four digits. Whether day or month comes first is the configuration's to say, where the
//! year comes last, and so is the unit of numbers. Without a time zone it is UTC, a day without a time begins at midnight.

use std::fmt::{self, Write};

const SECONDS_OF_DAY: i64 = 86_400;

/// Which comes first where the year comes last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Day, month, year.
    Dmy,
    /// Month, day, year.
    Mdy,
}

/// What the configuration says of dates.
#[derive(Clone, Copy, Debug)]
pub struct Notation {
    pub order: Option<Order>,
    /// Numbers count milliseconds since 1970, and not seconds.
    pub milliseconds: bool,
}

/// Why a text cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    Unknown,
    NoOrder,
    ShortYear,
    NoSuchDay,
    NoSuchTime,
    TooFar,
    HasTime,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unknown => "it is in no known notation",
            Self::NoOrder => "date_order does not say which of day and month comes first",
            Self::ShortYear => "the year needs four digits",
            Self::NoSuchDay => "there is no such day",
            Self::NoSuchTime => "there is no such time",
            Self::TooFar => "it is outside of the years 1 to 9999",
            Self::HasTime => "it has a time, which would be lost",
        })
    }
}

type Read<T> = Result<T, Problem>;

/// A text as the format `date-time` writes it.
pub fn date_time(text: &str, notation: Notation) -> Read<String> {
    let text = text.trim();
    if let Some(number) = Number::of(text) {
        return number.moment(notation.milliseconds);
    }
    let (day, time) = parts(text);
    let day = Day::read(day, notation.order)?;
    match time {
        None => Ok(format!("{day}T00:00:00Z")),
        Some(time) => Ok(format!("{day}T{}", Time::read(time)?)),
    }
}

/// A text as the format `date` writes it. A time is only left out if it is midnight in UTC.
pub fn date(text: &str, notation: Notation) -> Read<String> {
    let (day, time) = parts(text.trim());
    let day = Day::read(day, notation.order)?;
    match time.map(Time::read).transpose()? {
        Some(time) if !time.is_midnight() => Err(Problem::HasTime),
        _ => Ok(day.to_string()),
    }
}

/// The day, and the time after a `T` or a blank.
fn parts(text: &str) -> (&str, Option<&str>) {
    match text.split_once(['T', 't', ' ']) {
        Some((day, time)) => (day, Some(time)),
        None => (text, None),
    }
}

/// The number of some digits; none for another text or more than nine of them.
fn digits(text: &str) -> Option<u32> {
    let plain = (1..=9).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

struct Day {
    year: u32,
    month: u32,
    day: u32,
}

impl Day {
    fn read(text: &str, order: Option<Order>) -> Read<Self> {
        let separator = text.chars().find(|c| !c.is_ascii_digit()).filter(|c| "-/.".contains(*c));
        let parts: Vec<&str> = separator.map_or_else(Vec::new, |separator| text.split(separator).collect());
        let [first, second, third] = parts[..] else { return Err(Problem::Unknown) };
        let numbers = [first, second, third].map(digits);
        let [Some(a), Some(b), Some(c)] = numbers else { return Err(Problem::Unknown) };
        let (year, month, day) = match [first.len(), second.len(), third.len()] {
            [4, 1..=2, 1..=2] => (a, b, c),
            [1..=2, 1..=2, 4] => match order.ok_or(Problem::NoOrder)? {
                Order::Dmy => (c, b, a),
                Order::Mdy => (c, a, b),
            },
            [1..=2, 1..=2, 1..=2] => return Err(Problem::ShortYear),
            _ => return Err(Problem::Unknown),
        };
        match year {
            0 => Err(Problem::TooFar),
            _ if (1..=12).contains(&month) && (1..=days_of(year, month)).contains(&day) => Ok(Self { year, month, day }),
            _ => Err(Problem::NoSuchDay),
        }
    }

    /// The day that is so many days after the first of January 1970.
    fn of(days: i64) -> Option<Self> {
        // Years are counted from the first of March of the year 0, so that the day that comes and goes is the last one.
        let days = days + 719_468;
        let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month + 2) / 5 + 1;
        let month = if month < 10 { month + 3 } else { month - 9 };
        let year = era * 400 + year_of_era + i64::from(month <= 2);
        let year = u32::try_from(year).ok().filter(|year| (1..=9999).contains(year))?;
        Some(Self {
            year,
            month: u32::try_from(month).ok()?,
            day: u32::try_from(day).ok()?,
        })
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

fn days_of(year: u32, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

/// A time of day with its zone; the digits of a fraction are kept as they are.
struct Time<'t> {
    hour: u32,
    minute: u32,
    second: u32,
    fraction: &'t str,
    /// Minutes ahead of UTC, and whether they are to be shown as such.
    offset: Option<(bool, u32)>,
}

impl<'t> Time<'t> {
    fn read(text: &'t str) -> Read<Self> {
        let (clock, zone) = match text.find(['Z', 'z', '+', '-']) {
            Some(at) => (&text[..at], &text[at..]),
            None => (text, ""),
        };
        let offset = match zone {
            "" | "Z" | "z" => None,
            zone => Some((zone.starts_with('-'), Self::zone(&zone[1..]).ok_or(Problem::Unknown)?)),
        };
        let (clock, fraction) = match clock.trim_end().split_once('.') {
            Some((clock, fraction)) => (clock, Some(fraction)),
            None => (clock.trim_end(), None),
        };
        let fraction = match fraction {
            Some(digits) if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) => {
                return Err(Problem::Unknown);
            }
            fraction => fraction.unwrap_or_default(),
        };
        let parts: Vec<Option<u32>> =
            clock.split(':').map(|part| digits(part).filter(|_| part.len() == 2)).collect();
        let (hour, minute, second) = match parts[..] {
            [Some(hour), Some(minute), Some(second)] => (hour, minute, second),
            [Some(hour), Some(minute)] if fraction.is_empty() => (hour, minute, 0),
            _ => return Err(Problem::Unknown),
        };
        let leap = second == 60;
        if hour > 23 || minute > 59 || second > 59 && !leap || offset.is_some_and(|(_, ahead)| ahead >= 24 * 60) {
            return Err(Problem::NoSuchTime);
        }
        Ok(Self {
            hour,
            minute,
            second,
            fraction,
            offset,
        })
    }

    /// The minutes of a zone such as `02:00` or `0200`.
    fn zone(text: &str) -> Option<u32> {
        let (hours, minutes) = match text.split_once(':') {
            Some(parts) => parts,
            None => text.split_at_checked(2)?,
        };
        if hours.len() != 2 || minutes.len() != 2 {
            return None;
        }
        let minutes = digits(minutes).filter(|minutes| *minutes < 60)?;
        Some(digits(hours)? * 60 + minutes)
    }

    fn is_midnight(&self) -> bool {
        let nothing = self.hour + self.minute + self.second == 0 && self.fraction.bytes().all(|digit| digit == b'0');
        nothing && self.offset.is_none_or(|(_, minutes)| minutes == 0)
    }
}

impl fmt::Display for Time<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}:{:02}", self.hour, self.minute, self.second)?;
        if !self.fraction.is_empty() {
            write!(f, ".{}", self.fraction)?;
        }
        match self.offset {
            None => f.write_char('Z'),
            Some((behind, minutes)) => {
                let sign = if behind { '-' } else { '+' };
                write!(f, "{sign}{:02}:{:02}", minutes / 60, minutes % 60)
            }
        }
    }
}

/// A number as text, of seconds or milliseconds.
struct Number<'t> {
    negative: bool,
    whole: &'t str,
    fraction: &'t str,
}

impl<'t> Number<'t> {
    fn of(text: &'t str) -> Option<Self> {
        let (negative, rest) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (whole, fraction) = match rest.split_once('.') {
            Some((_, "")) => return None,
            Some(parts) => parts,
            None => (rest, ""),
        };
        let plain = |digits: &str| digits.bytes().all(|digit| digit.is_ascii_digit());
        (!whole.is_empty() && plain(whole) && plain(fraction)).then_some(Self {
            negative,
            whole,
            fraction,
        })
    }

    /// The moment so long after the start of 1970, or before it.
    fn moment(&self, milliseconds: bool) -> Read<String> {
        let whole: i64 = self.whole.parse().map_err(|_| Problem::TooFar)?;
        let fraction = self.fraction.trim_end_matches('0');
        let (mut seconds, mut fraction) = match milliseconds {
            true => (whole / 1000, format!("{:03}{fraction}", whole % 1000)),
            false => (whole, fraction.to_owned()),
        };
        if self.negative {
            seconds = -seconds;
            if fraction.bytes().any(|digit| digit != b'0') {
                seconds -= 1;
                fraction = complement(&fraction);
            }
        }
        let day = Day::of(seconds.div_euclid(SECONDS_OF_DAY)).ok_or(Problem::TooFar)?;
        let second = seconds.rem_euclid(SECONDS_OF_DAY);
        let fraction = fraction.trim_end_matches('0');
        let point = if fraction.is_empty() { "" } else { "." };
        Ok(format!("{day}T{:02}:{:02}:{:02}{point}{fraction}Z", second / 3600, second / 60 % 60, second % 60))
    }
}

/// What is missing from a fraction to one.
fn complement(fraction: &str) -> String {
    let significant = fraction.trim_end_matches('0');
    let last = significant.len() - 1;
    let digits = significant.bytes().enumerate().map(|(i, digit)| {
        let missing = if i == last { 10 } else { 9 };
        char::from(b'0' + (missing - (digit - b'0')))
    });
    digits.collect()
}

#[cfg(test)]
mod tests {
    use super::{Notation, Order, Problem, date, date_time};

    const NONE: Notation = Notation {
        order: None,
        milliseconds: false,
    };
    const DMY: Notation = Notation {
        order: Some(Order::Dmy),
        milliseconds: true,
    };
    const MDY: Notation = Notation {
        order: Some(Order::Mdy),
        milliseconds: false,
    };

    #[test]
    fn a_date_with_time_is_written_in_one_way() {
        for (text, notation, expected) in [
            ("2026-03-05T14:30:00Z", NONE, Ok("2026-03-05T14:30:00Z")),
            ("2026-03-05t14:30:00z", NONE, Ok("2026-03-05T14:30:00Z")),
            ("2026-03-05T14:30:00+02:00", NONE, Ok("2026-03-05T14:30:00+02:00")),
            ("2026-03-05 14:30 -0930", NONE, Ok("2026-03-05T14:30:00-09:30")),
            (" 2026-03-05T14:30:00 ", NONE, Ok("2026-03-05T14:30:00Z")),
            ("2026-03-05 10:00:00", NONE, Ok("2026-03-05T10:00:00Z")),
            ("2026-03-05T14:30:00.2500", NONE, Ok("2026-03-05T14:30:00.2500Z")),
            ("2026-12-31T23:59:60Z", NONE, Ok("2026-12-31T23:59:60Z")),
            ("2026-03-05", NONE, Ok("2026-03-05T00:00:00Z")),
            ("2026/3/5", NONE, Ok("2026-03-05T00:00:00Z")),
            ("03/05/2026", MDY, Ok("2026-03-05T00:00:00Z")),
            ("03/05/2026 1:00", MDY, Err(Problem::Unknown)),
            ("31/12/2026 09:05", DMY, Ok("2026-12-31T09:05:00Z")),
            ("05.03.2026", DMY, Ok("2026-03-05T00:00:00Z")),
            ("5-3-2026", DMY, Ok("2026-03-05T00:00:00Z")),
            ("05.03.2026", NONE, Err(Problem::NoOrder)),
            ("31/12/2026", NONE, Err(Problem::NoOrder)),
            ("31/12/2026", MDY, Err(Problem::NoSuchDay)),
            ("5/3/26", DMY, Err(Problem::ShortYear)),
            ("26-3-5", DMY, Err(Problem::ShortYear)),
            ("2026-02-30", NONE, Err(Problem::NoSuchDay)),
            ("2024-02-29", NONE, Ok("2024-02-29T00:00:00Z")),
            ("2100-02-29", NONE, Err(Problem::NoSuchDay)),
            ("0000-01-01", NONE, Err(Problem::TooFar)),
            ("2026-03-05T24:00:00Z", NONE, Err(Problem::NoSuchTime)),
            ("2026-03-05T10:00:00+25:00", NONE, Err(Problem::NoSuchTime)),
            ("2026-03-05 10:00 PM", NONE, Err(Problem::Unknown)),
            ("2026-03/05", NONE, Err(Problem::Unknown)),
            ("2026-003-05", NONE, Err(Problem::Unknown)),
            ("tomorrow", NONE, Err(Problem::Unknown)),
            ("", NONE, Err(Problem::Unknown)),
            ("1.x", NONE, Err(Problem::Unknown)),
        ] {
            assert_eq!(date_time(text, notation).as_deref(), expected.as_ref().map(|text| *text), "{text}");
        }
    }

    #[test]
    fn a_number_counts_in_the_configured_unit() {
        for (text, notation, expected) in [
            ("1772721000", NONE, Ok("2026-03-05T14:30:00Z")),
            ("1772721000.5", NONE, Ok("2026-03-05T14:30:00.5Z")),
            ("1772721000.123456789012", NONE, Ok("2026-03-05T14:30:00.123456789012Z")),
            ("0", NONE, Ok("1970-01-01T00:00:00Z")),
            ("-1", NONE, Ok("1969-12-31T23:59:59Z")),
            ("-0.25", NONE, Ok("1969-12-31T23:59:59.75Z")),
            ("1772721000500", DMY, Ok("2026-03-05T14:30:00.5Z")),
            ("-500", DMY, Ok("1969-12-31T23:59:59.5Z")),
            ("951782400", NONE, Ok("2000-02-29T00:00:00Z")),
            ("253402300799", NONE, Ok("9999-12-31T23:59:59Z")),
            ("253402300800", NONE, Err(Problem::TooFar)),
            ("1772721000000", NONE, Err(Problem::TooFar)),
            ("99999999999999999999", NONE, Err(Problem::TooFar)),
            ("-62135596800", NONE, Ok("0001-01-01T00:00:00Z")),
            ("-62135596801", NONE, Err(Problem::TooFar)),
        ] {
            assert_eq!(date_time(text, notation).as_deref(), expected.as_ref().map(|text| *text), "{text}");
        }
    }

    #[test]
    fn a_date_loses_no_time() {
        for (text, notation, expected) in [
            ("2026-03-05", NONE, Ok("2026-03-05")),
            ("2026-3-5", NONE, Ok("2026-03-05")),
            ("2026-03-05T00:00:00", NONE, Ok("2026-03-05")),
            ("2026-03-05 00:00:00.000+00:00", NONE, Ok("2026-03-05")),
            ("2026-03-05T00:00:00+02:00", NONE, Err(Problem::HasTime)),
            ("2026-03-05T23:30:00-05:00", NONE, Err(Problem::HasTime)),
            ("03/05/2026", MDY, Ok("2026-03-05")),
            ("03/05/2026", DMY, Ok("2026-05-03")),
            ("2026-13-01", NONE, Err(Problem::NoSuchDay)),
            ("1772721000", NONE, Err(Problem::Unknown)),
        ] {
            assert_eq!(date(text, notation).as_deref(), expected.as_ref().map(|text| *text), "{text}");
        }
    }
}

//! Filters on times: seconds since 1970, and times that are broken down to
//! `[year, month, day, hours, minutes, seconds, day of the week, day of the year]`. Months and the days of the year count
//! from 0, the days of the week from Sunday. The time zone is always UTC.
//!
//! The letters of formats mean what they mean in the C library of GNU, in the locale C.

use super::{Native, surroundings};
use crate::jq::Error;
use crate::jq::ops::{double, number};
use crate::value::Val;
use std::fmt::Write;

/// The filters of this file.
pub const TABLE: &[Native] = &[
    Native { name: "now", arity: 0, run: |_, _| Ok(now()) },
    Native { name: "mktime", arity: 0, run: |v, _| seconds(&v) },
    Native { name: "gmtime", arity: 0, run: |v, _| broken_down(&v, "gmtime") },
    Native { name: "localtime", arity: 0, run: |v, _| broken_down(&v, "localtime") },
    Native { name: "strftime", arity: 1, run: |v, args| formatted(&v, &args[0], "strftime/1", "GMT") },
    Native {
        name: "strflocaltime",
        arity: 1,
        run: |v, args| formatted(&v, &args[0], "strflocaltime/1", "UTC"),
    },
    Native { name: "strptime", arity: 1, run: |v, args| parsed(&v, &args[0]) },
    Native { name: "todateiso8601", arity: 0, run: |v, _| to_date(&v) },
    Native { name: "todate", arity: 0, run: |v, _| to_date(&v) },
    Native { name: "date", arity: 0, run: |v, _| to_date(&v) },
    Native { name: "fromdateiso8601", arity: 0, run: |v, _| from_date(&v) },
    Native { name: "fromdate", arity: 0, run: |v, _| from_date(&v) },
    Native { name: "dateadd", arity: 2, run: |v, args| crate::jq::ops::add(v, args[1].clone()) },
    Native { name: "datesub", arity: 2, run: |v, args| crate::jq::ops::subtract(v, args[1].clone()) },
];

const ISO_8601: &str = "%Y-%m-%dT%H:%M:%SZ";
const DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS: [&str; 12] = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
];
const DAY: i64 = 86_400;
/// A field of a broken-down time is at most this.
const MAX_FIELD: i64 = i32::MAX as i64;

/// A time that is broken down; the year is the whole one.
#[derive(Clone, Copy, Debug, Default)]
struct Time {
    year: i64,
    month: i64,
    day: i64,
    hours: i64,
    minutes: i64,
    seconds: i64,
    weekday: i64,
    yearday: i64,
}

/// Days from the first of January 1970 to a date; days and months may lie outside their range.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = year + month.div_euclid(12);
    let month = month.rem_euclid(12);
    // Years that begin in March have their leap day at the end.
    let year = if month < 2 { year - 1 } else { year };
    let from_march = (month + 10) % 12;
    let of_year = (153 * from_march + 2) / 5 + day - 1;
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    year * 365 + leap_days + of_year - 719_468
}

impl Time {
    /// The time of so many seconds since 1970.
    fn at(seconds: i64) -> Self {
        let day_number = seconds.div_euclid(DAY);
        let rest = seconds.rem_euclid(DAY);
        let since_march = day_number + 719_468;
        let era = since_march.div_euclid(146_097);
        let of_era = since_march.rem_euclid(146_097);
        let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let from_march = (5 * of_year + 2) / 153;
        let month = (from_march + 2) % 12;
        let year = era * 400 + year_of_era + i64::from(month < 2);
        Self {
            year,
            month,
            day: of_year - (153 * from_march + 2) / 5 + 1,
            hours: rest / 3600,
            minutes: rest / 60 % 60,
            seconds: rest % 60,
            weekday: (day_number + 4).rem_euclid(7),
            yearday: day_number - days(year, 0, 1),
        }
    }

    /// Seconds since 1970.
    fn stamp(&self) -> i64 {
        let days = days(self.year, self.month, self.day);
        days * DAY + self.hours * 3600 + self.minutes * 60 + self.seconds
    }

    /// The time of an array; none if something in it is no number.
    fn of(parts: &[Val]) -> Option<Self> {
        let mut fields = [0; 8];
        for (i, (field, part)) in fields.iter_mut().zip(parts).enumerate() {
            let part = double(part).filter(|part| !part.is_nan())?;
            let part = if i == 0 { part - 1900.0 } else { part };
            #[expect(clippy::cast_possible_truncation, reason = "truncation is meant")]
            let part = part as i64;
            *field = part.clamp(-MAX_FIELD - 1, MAX_FIELD);
        }
        let [year, month, day, hours, minutes, seconds, ..] = fields;
        let time = Self { year: year + 1900, month, day, hours, minutes, seconds, ..Self::default() };
        Some(Self::at(time.stamp()))
    }

    fn array(&self, fraction: f64) -> Vec<Val> {
        #[expect(clippy::cast_precision_loss, reason = "seconds are a small number")]
        let seconds = number(self.seconds as f64 + fraction);
        vec![
            Val::Int(self.year),
            Val::Int(self.month),
            Val::Int(self.day),
            Val::Int(self.hours),
            Val::Int(self.minutes),
            seconds,
            Val::Int(self.weekday),
            Val::Int(self.yearday),
        ]
    }
}

/// Whether a year, counted from 1900, is no integer of 32 bits.
fn is_far(year: i64) -> bool {
    !(-MAX_FIELD - 1..=MAX_FIELD).contains(&(year - 1900))
}

fn now() -> Val {
    let since_1970 = surroundings::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    #[expect(clippy::cast_precision_loss, reason = "a number of seconds with a fraction is one")]
    number(since_1970.as_micros() as f64 / 1e6)
}

fn seconds(value: &Val) -> Result<Val, Error> {
    let Val::Arr(parts) = value else {
        return Err(Error::new("mktime requires array inputs"));
    };
    let time = Time::of(parts).ok_or_else(|| Error::new("mktime requires parsed datetime inputs"))?;
    match time.stamp() {
        -1 => Err(Error::new("invalid gmtime representation")),
        _ if is_far(time.year) => Err(Error::new("invalid gmtime representation")),
        stamp => Ok(Val::Int(stamp)),
    }
}

/// The time of a number of seconds, and the fraction of the last one.
fn time_of(value: &Val, name: &str) -> Result<(Time, f64), Error> {
    let Some(seconds) = double(value) else {
        return Err(Error::new(format_args!("{name}() requires numeric inputs")));
    };
    #[expect(clippy::cast_possible_truncation, reason = "truncation is meant")]
    let whole = seconds as i64;
    if !seconds.is_finite() || is_far(whole / (DAY * 365)) || is_far(Time::at(whole).year) {
        let message = "error converting number of seconds since epoch to datetime";
        return Err(Error::new(message));
    }
    Ok((Time::at(whole), seconds - seconds.floor()))
}

fn broken_down(value: &Val, name: &str) -> Result<Val, Error> {
    let (time, fraction) = time_of(value, name)?;
    Ok(Val::arr(time.array(fraction)))
}

fn to_date(value: &Val) -> Result<Val, Error> {
    formatted(value, &Val::str(ISO_8601), "strftime/1", "GMT")
}

fn from_date(value: &Val) -> Result<Val, Error> {
    seconds(&parsed(value, &Val::str(ISO_8601))?)
}

// --- from times to texts ------------------------------------------------------------------------------------------------

fn formatted(value: &Val, format: &Val, name: &str, zone: &str) -> Result<Val, Error> {
    let no_time = || Error::new(format_args!("{name} requires parsed datetime inputs"));
    let time = match value {
        Val::Arr(parts) => Some(parts),
        v if double(v).is_some() => None,
        _ => return Err(no_time()),
    };
    let time = match time {
        None if name == "strftime/1" => time_of(value, "gmtime")?.0,
        None => time_of(value, "localtime")?.0,
        Some(_) if !matches!(format, Val::Str(_)) => Time::default(),
        Some(parts) => Time::of(parts).ok_or_else(no_time)?,
    };
    let Val::Str(format) = format else {
        return Err(Error::new(format_args!("{name} requires a string format")));
    };
    let mut out = String::with_capacity(format.len() + 16);
    Writer { time, zone, out: &mut out }.write(format);
    if out.len() >= format.len() + 100 {
        return Err(Error::new(format_args!("{name}: unknown system failure")));
    }
    Ok(out.into())
}

/// What stands between `%` and the letter.
#[derive(Clone, Copy, Default)]
struct Flags {
    pad: Option<char>,
    upper: bool,
    swap: bool,
    width: usize,
}

struct Writer<'o> {
    time: Time,
    zone: &'o str,
    out: &'o mut String,
}

impl Writer<'_> {
    fn write(&mut self, format: &str) {
        let mut rest = format;
        while let Some(at) = rest.find('%') {
            self.out.push_str(&rest[..at]);
            rest = &rest[at..];
            let length = self.conversion(rest);
            rest = &rest[length..];
        }
        self.out.push_str(rest);
    }

    /// Writes what begins with `%`; tells how long it is. What has no meaning is copied.
    fn conversion(&mut self, text: &str) -> usize {
        let mut flags = Flags::default();
        let mut characters = text[1..].char_indices().peekable();
        while let Some((_, c @ ('_' | '-' | '0' | '^' | '#' | '+'))) = characters.peek().copied() {
            match c {
                '^' => flags.upper = true,
                '#' => flags.swap = true,
                '+' => break,
                pad => flags.pad = Some(pad),
            }
            characters.next();
        }
        while let Some(digit) = characters.peek().and_then(|(_, c)| c.to_digit(10)) {
            flags.width = flags.width.saturating_mul(10).saturating_add(digit as usize).min(1 << 16);
            characters.next();
        }
        let modifier = characters.next_if(|(_, c)| matches!(c, 'E' | 'O')).map(|(_, c)| c);
        let Some((at, letter)) = characters.next() else {
            self.out.push_str(text);
            return text.len();
        };
        let length = 1 + at + letter.len_utf8();
        let allowed = match modifier {
            None => true,
            Some('E') => "cCxXyY".contains(letter),
            Some(_) => "dehHIklmMSuUVgGwWyYp".contains(letter),
        };
        if !allowed || !self.letter(letter, flags) {
            self.out.push_str(&text[..length]);
        }
        length
    }

    fn letter(&mut self, letter: char, flags: Flags) -> bool {
        let time = self.time;
        let place = |number: i64| usize::try_from(number).unwrap_or(0);
        let weekday = DAYS[place(time.weekday)];
        let month = MONTHS[place(time.month)];
        let noon = if time.hours < 12 { "AM" } else { "PM" };
        let of_twelve = match time.hours % 12 {
            0 => 12,
            hours => hours,
        };
        let names = Flags { upper: flags.upper || flags.swap, swap: false, ..flags };
        match letter {
            'a' => self.text(&weekday[..3], names),
            'A' => self.text(weekday, names),
            'b' | 'h' => self.text(&month[..3], names),
            'B' => self.text(month, names),
            'c' => self.part("%a %b %e %H:%M:%S %Y", flags),
            'C' => self.number(time.year.div_euclid(100), 2, flags),
            'd' => self.number(time.day, 2, flags),
            'D' | 'x' => self.part("%m/%d/%y", flags),
            'e' => self.spaced(time.day, flags),
            'F' => self.part("%Y-%m-%d", flags),
            'g' => self.number(self.iso_week().0.rem_euclid(100), 2, flags),
            'G' => self.number(self.iso_week().0, 1, flags),
            'H' => self.number(time.hours, 2, flags),
            'I' => self.number(of_twelve, 2, flags),
            'j' => self.number(time.yearday + 1, 3, flags),
            'k' => self.spaced(time.hours, flags),
            'l' => self.spaced(of_twelve, flags),
            'm' => self.number(time.month + 1, 2, flags),
            'M' => self.number(time.minutes, 2, flags),
            'n' => self.text("\n", flags),
            'p' if flags.swap => self.text(&noon.to_ascii_lowercase(), Flags { swap: false, ..flags }),
            'p' => self.text(noon, flags),
            'P' => self.text(&noon.to_ascii_lowercase(), Flags { upper: false, ..flags }),
            'r' => self.part("%I:%M:%S %p", flags),
            'R' => self.part("%H:%M", flags),
            's' => self.number(time.stamp(), 1, flags),
            'S' => self.number(time.seconds, 2, flags),
            't' => self.text("\t", flags),
            'T' | 'X' => self.part("%H:%M:%S", flags),
            'u' => self.number((time.weekday + 6) % 7 + 1, 1, flags),
            'U' => self.number((time.yearday - time.weekday + 7) / 7, 2, flags),
            'V' => self.number(self.iso_week().1, 2, flags),
            'w' => self.number(time.weekday, 1, flags),
            'W' => self.number((time.yearday - (time.weekday + 6) % 7 + 7) / 7, 2, flags),
            'y' => self.number(time.year.rem_euclid(100), 2, flags),
            'Y' => self.number(time.year, 1, flags),
            'z' => {
                self.text("+", flags);
                self.number(0, 4, flags);
            }
            'Z' if flags.swap => {
                let zone = self.zone.to_ascii_lowercase();
                self.text(&zone, Flags { swap: false, ..flags });
            }
            'Z' => self.text(self.zone, flags),
            '%' => self.text("%", flags),
            _ => return false,
        }
        true
    }

    /// The year and the week that ISO 8601 gives a day.
    fn iso_week(&self) -> (i64, i64) {
        let time = self.time;
        // The year of a week is that of its Thursday.
        let thursday = days(time.year, time.month, time.day) + 3 - (time.weekday + 6) % 7;
        let year = Time::at(thursday * DAY).year;
        (year, (thursday - days(year, 0, 1)) / 7 + 1)
    }

    fn text(&mut self, text: &str, flags: Flags) {
        let pad = if flags.pad == Some('0') { '0' } else { ' ' };
        for _ in text.chars().count()..flags.width {
            self.out.push(pad);
        }
        if flags.upper {
            self.out.push_str(&text.to_ascii_uppercase());
        } else {
            self.out.push_str(text);
        }
    }

    fn part(&mut self, format: &str, flags: Flags) {
        let mut out = String::new();
        Writer { time: self.time, zone: self.zone, out: &mut out }.write(format);
        self.text(&out, flags);
    }

    fn spaced(&mut self, number: i64, flags: Flags) {
        self.number(number, 2, Flags { pad: flags.pad.or(Some('_')), ..flags });
    }

    fn number(&mut self, number: i64, digits: usize, flags: Flags) {
        let digits = digits.max(flags.width);
        let _ = match flags.pad {
            Some('-') => write!(self.out, "{number}"),
            Some('_') => write!(self.out, "{number:digits$}"),
            _ => write!(self.out, "{number:0digits$}"),
        };
    }
}

// --- from texts to times ------------------------------------------------------------------------------------------------

fn parsed(value: &Val, format: &Val) -> Result<Val, Error> {
    let (Val::Str(text), Val::Str(format)) = (value, format) else {
        return Err(Error::new("strptime/1 requires string inputs and arguments"));
    };
    let mut reader = Reader {
        rest: text,
        // What no letter sets tells of it by these days.
        time: Time { year: 1900, weekday: 8, yearday: 367, ..Time::default() },
        ..Reader::default()
    };
    let matches = reader.read(format).is_some();
    if !matches || reader.rest.starts_with(|c: char| !is_space(c)) {
        let message = format!("date \"{text}\" does not match format \"{format}\"");
        return Err(Error::new(message));
    }
    let rest = reader.rest;
    let mut parts = reader.finish().array(0.0);
    if !rest.is_empty() {
        parts.push(Val::str(rest));
    }
    Ok(Val::arr(parts))
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\u{b}' | '\u{c}' | '\r')
}

/// Reads a text as a format says. What it could not read ends in none.
#[derive(Default)]
struct Reader<'t> {
    rest: &'t str,
    time: Time,
    /// The hours are those of a clock of twelve.
    of_twelve: bool,
    afternoon: bool,
    century: Option<i64>,
    of_century: bool,
    has_month: bool,
    has_day: bool,
    has_weekday: bool,
    has_yearday: bool,
    /// The number of the week, and the day with which weeks begin.
    week: Option<(i64, i64)>,
    wants_days: bool,
}

impl Reader<'_> {
    fn read(&mut self, format: &str) -> Option<()> {
        let mut format = format.chars();
        while let Some(c) = format.next() {
            if is_space(c) {
                self.skip_space();
            } else if c == '%' {
                let is_flag = |c: &char| matches!(c, '_' | '-' | '0' | '^' | '#');
                let mut letter = format.next()?;
                while is_flag(&letter) {
                    letter = format.next()?;
                }
                if let 'E' | 'O' = letter {
                    letter = format.next()?;
                }
                self.letter(letter)?;
            } else {
                self.rest = self.rest.strip_prefix(c)?;
            }
        }
        Some(())
    }

    fn letter(&mut self, letter: char) -> Option<()> {
        match letter {
            '%' => self.rest = self.rest.strip_prefix('%')?,
            'a' | 'A' => {
                self.time.weekday = self.name(&DAYS)?;
                self.has_weekday = true;
            }
            'b' | 'B' | 'h' => {
                self.time.month = self.name(&MONTHS)?;
                self.has_month = true;
                self.wants_days = true;
            }
            'c' => self.read("%a %b %e %H:%M:%S %Y")?,
            'C' => {
                self.century = Some(self.number(0, 99, 2)?);
                self.wants_days = true;
            }
            'd' | 'e' => {
                self.time.day = self.number(1, 31, 2)?;
                self.has_day = true;
                self.wants_days = true;
            }
            'D' | 'x' => self.read("%m/%d/%y")?,
            'F' => self.read("%Y-%m-%d")?,
            'g' => drop(self.number(0, 99, 2)?),
            'G' => {
                let digits = self.rest.bytes().take_while(u8::is_ascii_digit).count();
                self.rest = self.rest.get(digits..).filter(|_| digits > 0)?;
            }
            'H' | 'k' => {
                self.time.hours = self.number(0, 23, 2)?;
                self.of_twelve = false;
            }
            'I' | 'l' => {
                self.time.hours = self.number(1, 12, 2)? % 12;
                self.of_twelve = true;
            }
            'j' => {
                self.time.yearday = self.number(1, 366, 3)? - 1;
                self.has_yearday = true;
            }
            'm' => {
                self.time.month = self.number(1, 12, 2)? - 1;
                self.has_month = true;
                self.wants_days = true;
            }
            'M' => self.time.minutes = self.number(0, 59, 2)?,
            'n' | 't' => self.skip_space(),
            'p' | 'P' => self.afternoon = self.name(&["AM", "PM"])? == 1,
            'r' => self.read("%I:%M:%S %p")?,
            'R' => self.read("%H:%M")?,
            's' => {
                let digits = self.rest.bytes().take_while(u8::is_ascii_digit).count();
                self.time = Time::at(self.rest[..digits].parse().ok()?);
                self.rest = &self.rest[digits..];
            }
            'S' => self.time.seconds = self.number(0, 61, 2)?,
            'T' | 'X' => self.read("%H:%M:%S")?,
            'u' => {
                self.time.weekday = self.number(1, 7, 1)? % 7;
                self.has_weekday = true;
            }
            'U' => self.week = Some((self.number(0, 53, 2)?, 0)),
            'V' => drop(self.number(0, 53, 2)?),
            'w' => {
                self.time.weekday = self.number(0, 6, 1)?;
                self.has_weekday = true;
            }
            'W' => self.week = Some((self.number(0, 53, 2)?, 1)),
            'y' => {
                let year = self.number(0, 99, 2)?;
                self.time.year = if year < 69 { year + 2000 } else { year + 1900 };
                self.of_century = true;
                self.wants_days = true;
            }
            'Y' => {
                self.time.year = self.number(0, 9999, 4)?;
                self.of_century = false;
                self.wants_days = true;
            }
            'z' => self.zone()?,
            'Z' => {
                self.skip_space();
                let end = self.rest.find(is_space).unwrap_or(self.rest.len());
                self.rest = &self.rest[end..];
            }
            _ => return None,
        }
        Some(())
    }

    fn skip_space(&mut self) {
        self.rest = self.rest.trim_start_matches(is_space);
    }

    /// Reads a number of at most so many digits; those that would make it too large stay.
    fn number(&mut self, from: i64, to: i64, digits: usize) -> Option<i64> {
        self.skip_space();
        let mut number = 0;
        let mut count = 0;
        for digit in self.rest.bytes().take(digits) {
            if !digit.is_ascii_digit() || count > 0 && number * 10 > to {
                break;
            }
            number = number * 10 + i64::from(digit - b'0');
            count += 1;
        }
        self.rest = &self.rest[count..];
        (count > 0 && (from..=to).contains(&number)).then_some(number)
    }

    /// Reads one of some names, or its first three letters, in any case.
    fn name(&mut self, names: &[&str]) -> Option<i64> {
        let rest = self.rest;
        let begins = |name: &str| {
            rest.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))
        };
        for (place, name) in names.iter().enumerate() {
            for name in [name, &name[..name.len().min(3)]] {
                if begins(name) {
                    self.rest = &rest[name.len()..];
                    return i64::try_from(place).ok();
                }
            }
        }
        None
    }

    /// Reads a time zone as a difference in time, which changes nothing.
    fn zone(&mut self) -> Option<()> {
        self.skip_space();
        if let Some(rest) = self.rest.strip_prefix('Z') {
            self.rest = rest;
            return Some(());
        }
        let rest = self.rest.strip_prefix(['+', '-'])?;
        let bytes = rest.as_bytes();
        let mut digits = 0;
        let mut at = 0;
        let mut value = 0_u32;
        while digits < 4 && at < bytes.len() {
            match bytes[at] {
                digit @ b'0'..=b'9' => {
                    value = value * 10 + u32::from(digit - b'0');
                    digits += 1;
                }
                b':' if digits == 2 && bytes.get(at + 1).is_some_and(u8::is_ascii_digit) => {}
                _ => break,
            }
            at += 1;
        }
        let minutes = match digits {
            2 => 0,
            4 => value % 100,
            _ => return None,
        };
        if minutes >= 60 || (if digits == 2 { value * 100 } else { value }) > 1400 {
            return None;
        }
        self.rest = &rest[at..];
        Some(())
    }

    /// Sets what follows from what was read.
    fn finish(mut self) -> Time {
        let time = &mut self.time;
        if self.of_twelve && self.afternoon {
            time.hours += 12;
        }
        if let Some(century) = self.century {
            let of_century = if self.of_century { time.year.rem_euclid(100) } else { 0 };
            time.year = century * 100 + of_century;
        }
        if self.wants_days && !self.has_weekday {
            if !(self.has_month && self.has_day) && self.has_yearday {
                from_yearday(time, self.has_month, self.has_day);
                (self.has_month, self.has_day) = (true, true);
            }
            time.weekday = (days(time.year, time.month, time.day) + 4).rem_euclid(7);
        }
        if self.wants_days && !self.has_yearday {
            time.yearday = days(time.year, time.month, time.day) - days(time.year, 0, 1);
        }
        if let (Some((week, first)), true) = (self.week, self.has_weekday) {
            let new_year = (days(time.year, 0, 1) + 4).rem_euclid(7);
            if !self.has_yearday {
                let before = (7 - (new_year - first)) % 7;
                time.yearday = before + (week - 1) * 7 + (time.weekday - first + 7) % 7;
            }
            if !(self.has_day && self.has_month) {
                from_yearday(time, self.has_month, self.has_day);
            }
        }
        let dated = time.day != 0;
        if time.weekday == 8 && dated {
            time.weekday = (days(time.year, time.month, time.day) + 4).rem_euclid(7);
        }
        if time.yearday == 367 && dated {
            time.yearday = days(time.year, time.month, time.day) - days(time.year, 0, 1);
        }
        *time
    }
}

/// Sets month and day, where they are not known, from the day of the year.
fn from_yearday(time: &mut Time, has_month: bool, has_day: bool) {
    let date = Time::at((days(time.year, 0, 1) + time.yearday) * DAY);
    if !has_month {
        time.month = date.month;
    }
    if !has_day {
        time.day = date.day;
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::run;
    use super::*;

    fn quoted(text: &str) -> String {
        Val::str(text).to_string()
    }

    #[test]
    fn seconds_and_broken_down_times_are_the_same() {
        for stamp in [0_i64, 951_782_400, 951_868_800, 4_107_542_399, -1_000_000_000, -62_000_000_000, 253_402_300_800] {
            let time = run("gmtime", &format!("{stamp}"), &[]);
            assert_eq!(run("mktime", &time, &[]), format!("{stamp}"));
        }
        assert_eq!(run("gmtime", "-1.5", &[]), "[1969,11,31,23,59,59.5,3,364]");
        assert_eq!(run("gmtime", "1425599621.678", &[]), "[2015,2,5,23,53,41.67799997329712,4,63]");
        assert_eq!(run("mktime", "[2024,13,40,25,61,61]", &[]), "1741831321");
        assert_eq!(run("mktime", "[1969,11,31,23,59,59]", &[]), "invalid gmtime representation");
        let far = "[4294967296,2147483648,3.14159,1.5e300]";
        assert_eq!(run("mktime", far, &[]), "invalid gmtime representation");
        let message = "error converting number of seconds since epoch to datetime";
        assert_eq!(run("gmtime", "1e18", &[]), message);
    }

    #[test]
    fn letters_of_formats_mean_what_they_mean_in_c() {
        let formats = "%Z %a %A %b %B|%C|%d|%D|%e|%F|%g|%G|%H|%I|%j|%k|%l|%m|%M|%p|%P|%r|%R|%S|%T|%u|%U|%V|%w|%W|%y|%Y|%%";
        assert_eq!(
            run("strftime", "0", &[&quoted(formats)]),
            quoted(
                "GMT Thu Thursday Jan January|19|01|01/01/70| 1|1970-01-01|70|1970|00|12|001| 0|12|01|00|AM|am|\
                 12:00:00 AM|00:00|00|00:00:00|4|00|01|4|00|70|1970|%"
            )
        );
        assert_eq!(run("strflocaltime", "0", &[r#""%Z %z %c""#]), r#""UTC +0000 Thu Jan  1 00:00:00 1970""#);
        let flags = "%_d|%-d|%10Y|%^a|%#Z|%#p|%_5d|%05d|%Ey|%Od|%-m|%_H|%^B|%:z|%-I|%_j|%010e|%3a|%^10a|%Q|%";
        assert_eq!(
            run("strftime", "0", &[&quoted(flags)]),
            quoted(" 1|1|0000001970|THU|gmt|am|    1|00001|70|01|1| 0|JANUARY|%:z|12|  1|0000000001|Thu|       THU|%Q|%")
        );
    }

    #[test]
    fn weeks_of_iso_8601_belong_to_the_year_of_their_thursday() {
        let week = |date: &str| {
            let time = run("strptime", &quoted(date), &[r#""%F""#]);
            run("strftime", &time, &[r#""%G-W%V-%u""#])
        };
        assert_eq!(week("2021-01-03"), r#""2020-W53-7""#);
        assert_eq!(week("2024-12-30"), r#""2025-W01-1""#);
        assert_eq!(week("2026-06-15"), r#""2026-W25-1""#);
    }

    #[test]
    fn texts_are_read_as_the_format_says() {
        let read = |text: &str, format: &str| run("strptime", &quoted(text), &[&quoted(format)]);
        assert_eq!(read("2015-03-05T23:51:47Z", ISO_8601), "[2015,2,5,23,51,47,4,63]");
        assert_eq!(read("Thu Mar  5 23:51:47 2015", "%c"), "[2015,2,5,23,51,47,4,63]");
        assert_eq!(read("10:20", "%H:%M"), "[1900,0,0,10,20,0,8,367]");
        assert_eq!(read("2024", "%Y"), "[2024,0,0,0,0,0,0,-1]");
        assert_eq!(read("2024 60", "%Y %j"), "[2024,1,29,0,0,0,4,59]");
        assert_eq!(read("1924", "%C%y"), "[1924,0,0,0,0,0,1,-1]");
        assert_eq!(read("2024 W10 1", "%Y W%W %u"), "[2024,2,4,0,0,0,1,63]");
        assert_eq!(read("12:30 am", "%I:%M %p"), "[1900,0,0,0,30,0,8,367]");
        assert_eq!(read("2015-03-05 +02:30", "%F %z"), "[2015,2,5,0,0,0,4,63]");
        assert_eq!(read("2015-03-05 CET 3", "%F %Z %H"), "[2015,2,5,3,0,0,4,63]");
        assert_eq!(read("2015-03-05 x", "%F"), r#"[2015,2,5,0,0,0,4,63," x"]"#);
        assert_eq!(read("5x", "%d x"), "[1900,0,5,0,0,0,5,4]");
        assert_eq!(read("99", "%S"), r#"date "99" does not match format "%S""#);
        assert_eq!(read("1", "%Q"), r#"date "1" does not match format "%Q""#);
    }

    #[test]
    fn dates_are_those_of_iso_8601() {
        assert_eq!(run("fromdate", r#""2015-03-05T23:51:47Z""#, &[]), "1425599507");
        assert_eq!(run("todate", "1425599507", &[]), r#""2015-03-05T23:51:47Z""#);
        assert_eq!(run("todate", "1425599507.9", &[]), r#""2015-03-05T23:51:47Z""#);
        assert_eq!(run("todate", "-63000000000", &[]), r#""-27-08-11T08:00:00Z""#);
        assert_eq!(run("fromdate", "1", &[]), "strptime/1 requires string inputs and arguments");
        assert_eq!(run("todate", r#""x""#, &[]), "strftime/1 requires parsed datetime inputs");
    }
}

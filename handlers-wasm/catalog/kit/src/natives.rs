//! The filters that are functions: those of jaq's standard library, and ours in place of some.
//!
//! Ours are those on our own values, those where jaq's depend on the width of a machine integer, on the machine's time
//! zone or its environment, and those that would reach outside of a step:
//!
//! | filter | here |
//! |---|---|
//! | `now` | the broker's clock |
//! | `env`, `$ENV` | always empty |
//! | `localtime`, `strflocaltime` | the time zone is UTC |
//! | `debug`, `debug(f)` | a log line at level debug |
//! | `stderr` | a log line at level info |
//! | `input`, `inputs` | there are none |
//! | `halt`, `halt_error` | not defined: `error` ends a filter |
//!
//! `sub` is a function here, and a definition in jaq's library, which keeps a copy of the text for each match.

use crate::json;
use crate::regex;
use crate::value::{Error, Val, ValR, ValX};
use chrono::format::{Item, StrftimeItems};
use chrono::{DateTime, NaiveDate, NaiveDateTime, Timelike, Utc};
use jaq_core::box_iter::{BoxIter, box_once};
use jaq_core::{Bind, Cv, Exn, Native, RunPtr, ValXs};
use std::rc::Rc;
use wasm_broker_sdk::{log, time};

/// A filter that is a function: its name, its parameters, and what it does.
pub type Filter = (&'static str, Box<[Bind]>, Native<Val>);

/// All of them.
pub fn natives() -> Vec<Filter> {
    let ours = ours();
    let is_ours = |name| name == "halt" || name == "halt_error" || ours.iter().any(|f| f.0 == name);
    let mut all: Vec<Filter> = jaq_std::funs().filter(|f| !is_ours(f.0)).collect();
    all.extend(ours);
    all
}

/// Whether a definition of the library is not to be used.
pub fn replaces(name: &str, arity: usize) -> bool {
    matches!((name, arity), ("halt_error", 0) | ("sub", 3))
}

type Parameters = &'static [Bind];

const NONE: Parameters = &[];
const VALUE: Parameters = &[Bind::Var(())];
const TWO_VALUES: Parameters = &[Bind::Var(()), Bind::Var(())];
const FILTER: Parameters = &[Bind::Fun(())];
const VALUE_AND_FILTER: Parameters = &[Bind::Var(()), Bind::Fun(())];
const VALUE_FILTER_VALUE: Parameters = &[Bind::Var(()), Bind::Fun(()), Bind::Var(())];

fn ours() -> Vec<Filter> {
    let run: [(&'static str, Parameters, RunPtr<Val>); 31] = [
        ("tojson", NONE, |_, cv| one(Ok(json::to_string(&cv.1).into()))),
        ("fromjson", NONE, |_, cv| one(from_json(&cv.1))),
        ("length", NONE, |_, cv| one(length(&cv.1))),
        ("keys_unsorted", NONE, |_, cv| one(keys(&cv.1))),
        ("path_values", NONE, |_, cv| {
            let pair = |(path, v)| Ok([path, v].into_iter().collect());
            Box::new(path_values(cv.1, Vec::new()).skip(1).map(pair))
        }),
        ("paths", NONE, |_, cv| {
            Box::new(path_values(cv.1, Vec::new()).skip(1).map(|(path, _)| Ok(path)))
        }),
        ("contains", VALUE, |_, cv| binary(cv, |v, part| Ok(contains(v, part).into()))),
        ("has", VALUE, |_, cv| binary(cv, has)),
        ("indices", VALUE, |_, cv| binary(cv, indices)),
        ("bsearch", VALUE, |_, cv| {
            binary(cv, |v, wanted| {
                match v.as_array()?.binary_search(wanted) {
                    Ok(found) => Ok(index(found)),
                    Err(place) => -index(place + 1),
                }
            })
        }),
        ("sort", NONE, |_, cv| {
            one(cv.1.as_array().map(|values| {
                let mut values = values.to_vec();
                values.sort_by(Val::cmp);
                values.into_iter().collect()
            }))
        }),
        ("sort_by", FILTER, |lut, mut cv| {
            let (f, context) = cv.0.pop_fun();
            box_once(sort_by(&cv.1, |v| {
                jaq_core::FilterT::run(f, lut, (context.clone(), v))
            }))
        }),
        ("limit", VALUE_AND_FILTER, |lut, mut cv| {
            let (f, context) = cv.0.pop_fun();
            match cv.0.pop_var().as_int() {
                Ok(..1) => Box::new(std::iter::empty()),
                Ok(count) => {
                    let outputs = jaq_core::FilterT::run(f, lut, (context, cv.1));
                    Box::new(outputs.take(usize::try_from(count).unwrap_or(usize::MAX)))
                }
                Err(cause) => one(Err(cause)),
            }
        }),
        ("floor", NONE, |_, cv| one(round(&cv.1, f64::floor))),
        ("round", NONE, |_, cv| one(round(&cv.1, f64::round))),
        ("ceil", NONE, |_, cv| one(round(&cv.1, f64::ceil))),
        ("implode", NONE, |_, cv| one(implode(&cv.1))),
        ("matches", TWO_VALUES, |_, cv| matches(cv, false, true)),
        ("split_matches", TWO_VALUES, |_, cv| matches(cv, true, true)),
        ("split_", TWO_VALUES, |_, cv| matches(cv, true, false)),
        ("sub", VALUE_FILTER_VALUE, |lut, mut cv| {
            let flags = cv.0.pop_var();
            let (f, context) = cv.0.pop_fun();
            let pattern = cv.0.pop_var();
            let replace = |groups| jaq_core::FilterT::run(f, lut, (context.clone(), groups));
            match pieces(&cv.1, &pattern, &flags, replace) {
                Ok(pieces) => substituted(pieces),
                Err(cause) => box_once(Err(cause)),
            }
        }),
        ("now", NONE, |_, _| one(Ok(now()))),
        ("env", NONE, |_, _| one(Ok(Val::obj(Default::default())))),
        ("todateiso8601", NONE, |_, cv| one(to_iso8601(&cv.1))),
        ("gmtime", NONE, |_, cv| one(broken_down(&cv.1))),
        ("localtime", NONE, |_, cv| one(broken_down(&cv.1))),
        ("mktime", NONE, |_, cv| one(moment(&cv.1).map(seconds))),
        ("strftime", VALUE, |_, cv| binary(cv, format)),
        ("strflocaltime", VALUE, |_, cv| binary(cv, format)),
        ("strptime", VALUE, |_, cv| binary(cv, parse_time)),
        ("fromdateiso8601", NONE, |_, cv| one(from_iso8601(&cv.1))),
    ];
    let mut filters: Vec<Filter> = run
        .into_iter()
        .map(|(name, parameters, f)| (name, parameters.into(), Native::new(f)))
        .collect();
    filters.push((
        "debug",
        NONE.into(),
        Native::new(|_, cv| one(Ok(debug(cv.1)))).with_update(|_, cv, f| f(debug(cv.1))),
    ));
    filters.push((
        "stderr",
        NONE.into(),
        Native::new(|_, cv| one(Ok(stderr(cv.1)))).with_update(|_, cv, f| f(stderr(cv.1))),
    ));
    filters
}

fn one<'a>(result: ValR) -> ValXs<'a, Val> {
    box_once(result.map_err(Exn::from))
}

fn binary<'a>(mut cv: Cv<'a, Val>, f: impl FnOnce(&Val, &Val) -> ValR) -> ValXs<'a, Val> {
    let argument = cv.0.pop_var();
    one(f(&cv.1, &argument))
}

fn debug(value: Val) -> Val {
    log::debug(&json::to_string(&value));
    value
}

fn stderr(value: Val) -> Val {
    match &value {
        Val::Str(s) => log::info(s),
        v => log::info(&json::to_string(v)),
    }
    value
}

// --- values -------------------------------------------------------------------------------------------------------------

fn index(i: usize) -> Val {
    Val::Int(i64::try_from(i).expect("an index is smaller than the memory"))
}

fn from_json(value: &Val) -> ValR {
    let text = value.as_string()?;
    json::parse(text)
        .map_err(|cause| Error::str(format_args!("cannot parse {text} as JSON: {cause}")))
}

fn length(value: &Val) -> ValR {
    match value {
        Val::Null => Ok(Val::Int(0)),
        Val::Bool(_) => Err(Error::str(format_args!("{value} has no length"))),
        Val::Int(i) if *i < 0 => -value.clone(),
        Val::Int(_) => Ok(value.clone()),
        Val::Num(_) => value.as_float().map(|f| Val::Float(f.abs())),
        Val::Float(f) => Ok(Val::Float(f.abs())),
        Val::Str(s) => Ok(index(s.chars().count())),
        Val::Arr(a) => Ok(index(a.len())),
        Val::Obj(o) => Ok(index(o.len())),
    }
}

fn keys(value: &Val) -> ValR {
    match value {
        Val::Arr(a) => Ok((0..a.len()).map(index).collect()),
        Val::Obj(o) => Ok(o.keys().map(|key| Val::Str(Rc::clone(key))).collect()),
        _ => Err(value.clone().not_iterable()),
    }
}

/// All places in a value with what is there, each place before those inside it.
fn path_values(value: Val, path: Vec<Val>) -> BoxIter<'static, (Val, Val)> {
    let here = (path.iter().cloned().collect(), value.clone());
    let inside = move |(step, v)| {
        let mut path = path.clone();
        path.push(step);
        path_values(v, path)
    };
    let parts: BoxIter<'static, (Val, Val)> = match value {
        Val::Arr(a) => Box::new((0..a.len()).map(move |i| (index(i), a[i].clone()))),
        Val::Obj(o) => Box::new((0..o.len()).map(move |i| {
            let (key, v) = o.member(i);
            (Val::Str(Rc::clone(key)), v.clone())
        })),
        _ => Box::new(std::iter::empty()),
    };
    Box::new(std::iter::once(here).chain(parts.flat_map(inside)))
}

fn contains(value: &Val, part: &Val) -> bool {
    match (value, part) {
        (Val::Str(l), Val::Str(r)) => l.contains(&**r),
        (Val::Arr(l), Val::Arr(r)) => r.iter().all(|r| l.iter().any(|l| contains(l, r))),
        (Val::Obj(l), Val::Obj(r)) => r
            .iter()
            .all(|(key, r)| l.get(key).is_some_and(|l| contains(l, r))),
        _ => value == part,
    }
}

fn has(value: &Val, key: &Val) -> ValR {
    match (value, key) {
        (Val::Arr(a), Val::Int(i @ 0..)) => {
            Ok(usize::try_from(*i).is_ok_and(|i| i < a.len()).into())
        }
        (Val::Obj(o), Val::Str(key)) => Ok(o.contains_key(key).into()),
        _ => Err(Error::index(value.clone(), key.clone())),
    }
}

fn indices(value: &Val, wanted: &Val) -> ValR {
    let whole = |found: &mut dyn Iterator<Item = usize>| Ok(found.map(index).collect());
    match (value, wanted) {
        (Val::Str(_), Val::Str(w)) if w.is_empty() => whole(&mut std::iter::empty()),
        (Val::Arr(_), Val::Arr(w)) if w.is_empty() => whole(&mut std::iter::empty()),
        (Val::Str(s), Val::Str(w)) => {
            let starts = s.char_indices().enumerate();
            whole(&mut starts.filter(|(_, (at, _))| s[*at..].starts_with(&**w)).map(|(i, _)| i))
        }
        (Val::Arr(a), Val::Arr(w)) => {
            let windows = a.windows(w.len()).enumerate();
            whole(&mut windows.filter(|(_, window)| **window == w[..]).map(|(i, _)| i))
        }
        (Val::Arr(a), v) => {
            whole(&mut a.iter().enumerate().filter(|(_, e)| *e == v).map(|(i, _)| i))
        }
        _ => Err(Error::index(value.clone(), wanted.clone())),
    }
}

fn sort_by<'a>(value: &Val, f: impl Fn(Val) -> ValXs<'a, Val>) -> ValX<'a> {
    let mut keyed = value
        .as_array()?
        .iter()
        .map(|v| Ok((f(v.clone()).collect::<Result<Vec<_>, _>>()?, v.clone())))
        .collect::<Result<Vec<_>, Exn<'a, Val>>>()?;
    keyed.sort_by(|(l, _), (r, _)| l.cmp(r));
    Ok(keyed.into_iter().map(|(_, v)| v).collect())
}

fn round(value: &Val, f: impl FnOnce(f64) -> f64) -> ValR {
    match value {
        Val::Int(_) => Ok(value.clone()),
        _ => value.as_float().map(|number| Val::whole(f(number))),
    }
}

fn implode(value: &Val) -> ValR {
    let character = |v: &Val| {
        let code = v.as_int()?;
        let character = u32::try_from(code).ok().and_then(char::from_u32);
        character.ok_or_else(|| Error::str(format_args!("cannot use {code} as character")))
    };
    let characters = value.as_array()?.iter().map(character);
    characters.collect::<Result<String, _>>().map(Val::from)
}

fn matches(mut cv: Cv<'_, Val>, between: bool, found: bool) -> ValXs<'_, Val> {
    let flags = cv.0.pop_var();
    let pattern = cv.0.pop_var();
    one((|| {
        let (flags, pattern) = (flags.as_string()?, pattern.as_string()?);
        let regex = regex::compiled(pattern, flags).map_err(Error::str)?;
        Ok(regex.parts(cv.1.as_string()?, between, found))
    })())
}

/// Takes a text apart: what stays is one piece, and what a match is replaced by is one of some.
fn pieces<'a>(
    text: &Val,
    pattern: &Val,
    flags: &Val,
    replace: impl Fn(Val) -> ValXs<'a, Val>,
) -> Result<Vec<Vec<Val>>, Exn<'a, Val>> {
    let regex = regex::compiled(pattern.as_string()?, flags.as_string()?).map_err(Error::str)?;
    let Val::Arr(parts) = regex.parts(text.as_string()?, true, true) else {
        unreachable!("parts are an array");
    };
    let pieces = parts.iter().map(|part| match part {
        Val::Arr(groups) => replace(regex::named(groups)).collect(),
        text => Ok(vec![text.clone()]),
    });
    pieces.collect()
}

/// Puts a text together, in all ways that there are; the last piece changes first.
fn substituted<'a>(pieces: Vec<Vec<Val>>) -> ValXs<'a, Val> {
    let mut ways = pieces.iter().map(Vec::len);
    if ways.all(|ways| ways == 1) {
        let mut pieces = pieces.into_iter().flatten();
        return one(pieces.try_fold(Val::from(String::new()), |text, piece| text + piece));
    }
    let mut chosen = vec![0; pieces.len()];
    let mut more = pieces.iter().all(|piece| !piece.is_empty());
    Box::new(std::iter::from_fn(move || {
        if !more {
            return None;
        }
        let mut pieces_chosen = pieces.iter().zip(&chosen).map(|(piece, way)| piece[*way].clone());
        let text = pieces_chosen.try_fold(Val::from(String::new()), |text, piece| text + piece);
        more = false;
        for (way, piece) in chosen.iter_mut().zip(&pieces).rev() {
            *way += 1;
            if *way < piece.len() {
                more = true;
                break;
            }
            *way = 0;
        }
        Some(text.map_err(Exn::from))
    }))
}

// --- time ---------------------------------------------------------------------------------------------------------------

fn now() -> Val {
    let since_1970 = time::now().duration_since(std::time::UNIX_EPOCH);
    Val::Float(since_1970.unwrap_or_default().as_secs_f64())
}

/// The moment of seconds since 1970, or of a broken-down time.
fn moment(value: &Val) -> Result<DateTime<Utc>, Error> {
    let fail = || Error::str(format_args!("cannot convert {value} to time"));
    match value {
        Val::Arr(parts) => assemble(parts).ok_or_else(fail),
        Val::Int(seconds) => DateTime::from_timestamp(*seconds, 0).ok_or_else(fail),
        _ => {
            let micros = Val::whole((value.as_float()? * 1e6).trunc()).as_int();
            let moment = micros.ok().and_then(DateTime::from_timestamp_micros);
            moment.ok_or_else(fail)
        }
    }
}

/// Seconds since 1970: an integer, or a number with microseconds if there are any.
fn seconds(moment: DateTime<Utc>) -> Val {
    if moment.timestamp_subsec_micros() == 0 {
        Val::Int(moment.timestamp())
    } else {
        #[expect(clippy::cast_precision_loss, reason = "a number of seconds with a fraction is one")]
        Val::Float(moment.timestamp_micros() as f64 / 1e6)
    }
}

/// Puts `[year, month, day, hours, minutes, seconds, …]` together; months count from 0.
fn assemble(parts: &[Val]) -> Option<DateTime<Utc>> {
    let [year, month, day, hours, minutes, seconds, ..] = parts else {
        return None;
    };
    let small = |v: &Val| v.as_int().ok().and_then(|i| u32::try_from(i).ok());
    let year = i32::try_from(year.as_int().ok()?).ok()?;
    let date = NaiveDate::from_ymd_opt(year, small(month)?.checked_add(1)?, small(day)?)?;
    let seconds = seconds.as_float().ok().filter(|s| (0.0..60.0).contains(s))?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the range was checked"
    )]
    let (whole, nanos) = (seconds as u32, (seconds.fract() * 1e9) as u32);
    let time = date.and_hms_nano_opt(small(hours)?, small(minutes)?, whole, nanos)?;
    Some(time.and_utc())
}

/// Takes a moment apart: `[year, month, day, hours, minutes, seconds, day of the week, day of the year]`.
fn broken_down(value: &Val) -> ValR {
    use chrono::Datelike;
    let moment = match value {
        Val::Arr(_) => return Err(value.as_float().err().expect("an array is no number")),
        _ => moment(value)?,
    };
    let part = |n: u32| Val::Int(i64::from(n));
    let micros = moment.timestamp_subsec_micros();
    let seconds = if micros > 0 {
        Val::Float(f64::from(moment.second()) + f64::from(micros) / 1e6)
    } else {
        part(moment.second())
    };
    Ok([
        Val::Int(i64::from(moment.year())),
        part(moment.month0()),
        part(moment.day()),
        part(moment.hour()),
        part(moment.minute()),
        seconds,
        part(moment.weekday().num_days_from_sunday()),
        part(moment.ordinal0()),
    ]
    .into_iter()
    .collect())
}

fn to_iso8601(value: &Val) -> ValR {
    let fail = || Error::str(format_args!("cannot format {value} as ISO-8601 timestamp"));
    let text = match value {
        Val::Int(seconds) => {
            let moment = DateTime::from_timestamp(*seconds, 0).ok_or_else(fail)?;
            moment.format("%Y-%m-%dT%H:%M:%SZ")
        }
        _ => {
            value.as_float()?;
            moment(value).map_err(|_| fail())?.format("%Y-%m-%dT%H:%M:%S%.6fZ")
        }
    };
    Ok(text.to_string().into())
}

fn from_iso8601(value: &Val) -> ValR {
    let text = value.as_string()?;
    let moment = DateTime::parse_from_rfc3339(text).map_err(|cause| {
        Error::str(format_args!("cannot parse {text} as ISO-8601 timestamp: {cause}"))
    })?;
    let moment = moment.to_utc();
    if text.contains('.') {
        #[expect(clippy::cast_precision_loss, reason = "a number of seconds with a fraction is one")]
        return Ok(Val::Float(moment.timestamp_micros() as f64 / 1e6));
    }
    Ok(Val::Int(moment.timestamp()))
}

fn format(value: &Val, pattern: &Val) -> ValR {
    let pattern = pattern.as_string()?;
    let items: Vec<Item> = StrftimeItems::new(pattern).collect();
    if items.contains(&Item::Error) {
        return Err(Error::str(format_args!("unknown time format {pattern:?}")));
    }
    let text = moment(value)?.fixed_offset().format_with_items(items.iter());
    Ok(text.to_string().into())
}

fn parse_time(value: &Val, pattern: &Val) -> ValR {
    let (text, pattern) = (value.as_string()?, pattern.as_string()?);
    let time = NaiveDateTime::parse_from_str(text, pattern)
        .map_err(|cause| Error::str(format_args!("cannot parse {text} using {pattern}: {cause}")))?;
    broken_down(&seconds(time.and_utc()))
}

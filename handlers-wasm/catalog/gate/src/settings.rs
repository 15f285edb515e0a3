//! What a configuration says.

use crate::clock;
use crate::criteria::{Criteria, Looked, Verdict};
use crate::data::Data;
use catalog_kit::filter::{Filter, Prelude};
use catalog_kit::{Failure, Map, Text, Val, config};

/// Times in a configuration are at most a hundred years.
const MAX_MS: i64 = 100 * 365 * 24 * 60 * 60 * 1000;
const MAX_LEVELS: usize = 10;
/// How long the next look is away, unless it is said otherwise.
const DEFAULT_WAIT_MS: i64 = 60_000;

/// The configuration of a step, with its filters compiled.
pub struct Settings {
    pub criteria: Criteria,
    by: Option<Filter>,
    at: Option<Filter>,
    reason: Option<Filter>,
    rejected_fails: bool,
    pub retry_after_ms: i64,
    pub since: Option<Filter>,
    pub timeout_ms: Option<i64>,
    pub on_timeout: OnTimeout,
    /// The last attempt is treated as if the time were out.
    pub last_is_timeout: bool,
    /// In the order of their times.
    pub escalation: Vec<Level>,
    pub notification: Option<Data>,
}

/// What becomes of a step when the time is out.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum OnTimeout {
    Fail,
    Approve,
    Reject,
    Escalate,
}

/// Whom it is passed on to, after a time; that of the timeout if none is given.
pub struct Level {
    pub after_ms: i64,
    pub to: Data,
    pub notification: Option<Data>,
}

impl Settings {
    /// Reads and compiles a configuration; keys that are not ours belong to somebody else.
    pub fn read(config: &Map, prelude: &Prelude) -> Result<Self, Failure> {
        let timeout_ms = duration(config, "timeout_ms", "/config")?;
        let settings = Self {
            criteria: Criteria::of(config, prelude)?,
            by: prelude.optional(config, "by")?,
            at: prelude.optional(config, "at")?,
            reason: prelude.optional(config, "reason")?,
            rejected_fails: config::word(config, "on_rejected", &["result", "fail"])? == "fail",
            retry_after_ms: duration(config, "retry_after_ms", "/config")?.unwrap_or(DEFAULT_WAIT_MS),
            since: prelude.optional(config, "since")?,
            timeout_ms,
            on_timeout: match config::word(config, "on_timeout", &["fail", "approve", "reject", "escalate"])? {
                "approve" => OnTimeout::Approve,
                "reject" => OnTimeout::Reject,
                "escalate" => OnTimeout::Escalate,
                _ => OnTimeout::Fail,
            },
            last_is_timeout: config::word(config, "on_last_attempt", &["wait", "timeout"])? == "timeout",
            escalation: levels(config, timeout_ms)?,
            notification: data(config, "notification", "/config")?,
        };
        let ends = settings.timeout_ms.is_some() || settings.last_is_timeout;
        if config.contains_key("on_timeout") && !ends {
            let problem = "is of no use without timeout_ms or \"on_last_attempt\": \"timeout\"";
            return Err(config::invalid("/config/on_timeout", problem));
        }
        if settings.on_timeout == OnTimeout::Escalate && settings.escalation.is_empty() {
            return Err(config::invalid("/config/escalation", "is missing: on_timeout is \"escalate\""));
        }
        Ok(settings)
    }

    /// Whether anything depends on how long the step has waited.
    pub fn counts_time(&self) -> bool {
        self.timeout_ms.is_some() || !self.escalation.is_empty()
    }

    /// The result of a step for which the data has a decision, with who made it, when and why.
    pub fn decided(&self, looked: Looked, input: &Val, since: Option<i64>) -> Result<Val, Failure> {
        let said = |filter: &Option<Filter>, key: &str| match filter {
            None => Ok(Val::Null),
            Some(filter) => filter.run(input.clone()).map_err(|failure| failure.at(&format!("/config/{key}"))),
        };
        let decision = Decision {
            outcome: looked.verdict.word(),
            is_timeout: false,
            by: said(&self.by, "by")?,
            at: said(&self.at, "at")?,
            reason: said(&self.reason, "reason")?,
            criteria: looked.each,
            since,
        };
        self.result(looked.verdict, decision)
    }

    /// The result of a decision, unless it is a rejection that fails the step.
    pub fn result(&self, verdict: Verdict, decision: Decision) -> Result<Val, Failure> {
        if verdict != Verdict::Rejected || !self.rejected_fails {
            return Ok(Val::obj(decision.members()));
        }
        let message = match (&decision.by, &decision.reason) {
            (Val::Str(by), Val::Str(reason)) => format!("rejected by {by}: {reason}"),
            (Val::Str(by), _) => format!("rejected by {by}"),
            (_, Val::Str(reason)) => format!("rejected: {reason}"),
            _ => "rejected".to_owned(),
        };
        let members = decision.members().into_iter().filter(|(key, _)| key.as_str() != "outcome");
        Err(members.fold(Failure::new("rejected", message), |failure, (key, value)| failure.with(&key, value)))
    }
}

/// What was decided, as a result has it.
pub struct Decision {
    pub outcome: &'static str,
    pub is_timeout: bool,
    pub by: Val,
    pub at: Val,
    pub reason: Val,
    pub criteria: Val,
    pub since: Option<i64>,
}

impl Decision {
    pub fn members(self) -> Map {
        let mut members = Map::with_capacity(9);
        let mut add = |key: &str, value| members.insert(Text::from(key), value);
        add("outcome", Val::str(self.outcome));
        add("is_timeout", Val::Bool(self.is_timeout));
        add("by", self.by);
        add("at", self.at);
        add("reason", self.reason);
        add("criteria", self.criteria);
        add("waiting_since", self.since.map_or(Val::Null, |since| Val::from(clock::text(since))));
        members
    }
}

fn data(members: &Map, key: &str, at: &str) -> Result<Option<Data>, Failure> {
    members.get(key).map(|value| Data::of(value, &format!("{at}/{key}"))).transpose()
}

fn duration(members: &Map, key: &str, at: &str) -> Result<Option<i64>, Failure> {
    let pointer = format!("{at}/{key}");
    match members.get(key) {
        None => Ok(None),
        Some(Val::Int(millis @ 1..=MAX_MS)) => Ok(Some(*millis)),
        Some(Val::Int(_) | Val::Float(_) | Val::Num(_)) => {
            let problem = format!("expected a whole number of milliseconds from 1 to {MAX_MS}");
            Err(config::invalid(&pointer, problem))
        }
        other => Err(config::expected(&pointer, "a number of milliseconds", other)),
    }
}

fn levels(config: &Map, timeout_ms: Option<i64>) -> Result<Vec<Level>, Failure> {
    let pointer = "/config/escalation";
    let levels = match config.get("escalation") {
        None => return Ok(Vec::new()),
        Some(level @ Val::Obj(_)) => vec![self::level(level, pointer, timeout_ms)?],
        Some(Val::Arr(levels)) if (1..=MAX_LEVELS).contains(&levels.len()) => {
            let levels = levels.iter().enumerate();
            levels.map(|(i, one)| level(one, &format!("{pointer}/{i}"), timeout_ms)).collect::<Result<_, _>>()?
        }
        Some(Val::Arr(levels)) => {
            let problem = format!("expected 1 to {MAX_LEVELS} levels, found {}", levels.len());
            return Err(config::invalid(pointer, problem));
        }
        other => return Err(config::expected(pointer, "an object or an array of objects", other)),
    };
    match levels.windows(2).position(|two| two[0].after_ms >= two[1].after_ms) {
        None => Ok(levels),
        Some(place) => {
            let pointer = format!("{pointer}/{}/after_ms", place + 1);
            Err(config::invalid(&pointer, "must be later than that of the level before"))
        }
    }
}

fn level(level: &Val, pointer: &str, timeout_ms: Option<i64>) -> Result<Level, Failure> {
    let Val::Obj(members) = level else {
        return Err(config::expected(pointer, "an object", Some(level)));
    };
    for (key, _) in members.iter() {
        if !["after_ms", "to", "notification"].contains(&key.as_str()) {
            let problem = format!("a level has after_ms, to and notification, but not {:?}", key.as_str());
            return Err(config::invalid(pointer, problem));
        }
    }
    let missing = |key: &str, expected: &str| config::expected(&format!("{pointer}/{key}"), expected, None);
    Ok(Level {
        after_ms: duration(members, "after_ms", pointer)?
            .or(timeout_ms)
            .ok_or_else(|| missing("after_ms", "a number of milliseconds"))?,
        to: data(members, "to", pointer)?.ok_or_else(|| missing("to", "whom to escalate to"))?,
        notification: data(members, "notification", pointer)?,
    })
}

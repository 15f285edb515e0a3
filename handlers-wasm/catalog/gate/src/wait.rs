//! What becomes of a step for which nobody has decided yet.

use crate::clock;
use crate::criteria::{Looked, Verdict};
use crate::settings::{Decision, Level, OnTimeout, Settings};
use catalog_kit::failure::capped;
use catalog_kit::{Failure, Map, Text, Val, config};
use std::rc::Rc;
use wasm_broker_sdk::log;

/// The member of a checkpoint's cursor that has the time of the first attempt, in milliseconds.
pub const CURSOR: &str = "waiting_since_ms";

/// Since when a step waits, as far as it is known: by the data, or by the checkpoint of an earlier run.
pub fn since(settings: &Settings, document: &Map, input: &Val) -> Result<Option<i64>, Failure> {
    if let Some(filter) = &settings.since {
        let pointer = "/config/since";
        let value = filter.run(input.clone()).map_err(|failure| failure.at(pointer))?;
        return clock::of(&value).map(Some).ok_or_else(|| {
            let expected = "expected a time as RFC 3339 has it, or seconds since 1970";
            let message = format!("{pointer}: {expected}, the filter gave {}", capped(&value, 100));
            Failure::new("invalid_since", message).at(pointer)
        });
    }
    if !settings.counts_time() {
        return Ok(None);
    }
    let cursor = match document.get("checkpoint") {
        None | Some(Val::Null) => return Ok(None),
        Some(Val::Obj(checkpoint)) => checkpoint.get("cursor"),
        Some(_) => None,
    };
    match cursor {
        Some(Val::Obj(cursor)) => match cursor.get(CURSOR) {
            Some(Val::Int(since)) => Ok(Some(*since)),
            _ => Err(invalid_checkpoint()),
        },
        _ => Err(invalid_checkpoint()),
    }
}

fn invalid_checkpoint() -> Failure {
    let pointer = format!("/checkpoint/cursor/{CURSOR}");
    Failure::new("invalid_checkpoint", format!("{pointer}: expected a number of milliseconds")).at(&pointer)
}

/// The time of the first attempt, which is now. It can be kept only for a step of a task.
pub fn first(document: &Map) -> Result<i64, Failure> {
    match document.get("task") {
        Some(Val::Obj(task)) if task.contains_key("name") => Ok(clock::now()),
        _ => {
            let problem = "is missing: without a task there is nothing that keeps the time of the first attempt, \
                           from which timeout_ms and escalation would count";
            Err(config::invalid("/config/since", problem))
        }
    }
}

/// A step that waits, at one moment.
pub struct Wait<'s> {
    settings: &'s Settings,
    document: &'s Map,
    since: Option<i64>,
    now: i64,
    attempt: Option<i64>,
    max_attempts: Option<i64>,
}

impl<'s> Wait<'s> {
    pub fn new(settings: &'s Settings, document: &'s Map, since: Option<i64>, now: i64) -> Self {
        let number = |name: &str| match document.get("step") {
            Some(Val::Obj(step)) => step.get(name).and_then(|number| number.as_int().ok()).filter(|number| *number > 0),
            _ => None,
        };
        Self {
            settings,
            document,
            since,
            now,
            attempt: number("attempt"),
            max_attempts: number("max_attempts"),
        }
    }

    /// The end of the run: the result of a timeout, or the error with which the step waits.
    pub fn end(&self, looked: Looked) -> Result<Val, Failure> {
        let is_over = self.deadline().is_some_and(|deadline| deadline <= self.now);
        if is_over || (self.settings.last_is_timeout && self.attempts_left() == Some(0)) {
            return self.timed_out(looked, is_over);
        }
        let mut message = format!("waiting for {}", names(&looked.open));
        if self.attempts_left() == Some(0) {
            message.push_str("; this was the last attempt");
        }
        let mut failure = Failure::new("waiting", message)
            .retryable(true)
            .retry_after_ms(u64::try_from(self.delay()).ok())
            .with("criteria", looked.each);
        for (key, value) in self.told(self.level())? {
            failure = failure.with(&key, value);
        }
        Err(failure)
    }

    fn deadline(&self) -> Option<i64> {
        Some(self.since?.saturating_add(self.settings.timeout_ms?))
    }

    /// How many attempts there are after this one, if it is known.
    fn attempts_left(&self) -> Option<i64> {
        Some((self.max_attempts? - self.attempt?).max(0))
    }

    /// The last level whose time has come.
    fn level(&self) -> Option<(usize, &'s Level)> {
        let waited = self.now.saturating_sub(self.since?);
        self.settings.escalation.iter().enumerate().take_while(|(_, level)| level.after_ms <= waited).last()
    }

    /// When to look again. The next level and the deadline are not missed if there are attempts for them; and if there
    /// are too few for looks as often as configured, they are spread over what is left, so that the last one is at the deadline.
    fn delay(&self) -> i64 {
        let mut delay = self.settings.retry_after_ms;
        let Some(since) = self.since else { return delay };
        let next = self.settings.escalation.iter().map(|level| since.saturating_add(level.after_ms) - self.now);
        if let Some(next) = next.filter(|next| *next > 0).min() {
            delay = delay.min(next);
        }
        if let Some(deadline) = self.deadline() {
            let remaining = deadline.saturating_sub(self.now).max(1);
            if let Some(left @ 1..) = self.attempts_left() {
                delay = delay.max(remaining.div_euclid(left) + i64::from(remaining % left > 0));
            }
            delay = delay.min(remaining);
        }
        delay
    }

    /// What the error of a step that waits, and the result of one whose time is out, have of time and escalation.
    fn told(&self, level: Option<(usize, &Level)>) -> Result<Map, Failure> {
        let mut members = Map::with_capacity(4);
        if let Some(since) = self.since {
            members.insert(Text::from("waiting_since"), Val::from(clock::text(since)));
        }
        if let Some(deadline) = self.deadline() {
            members.insert(Text::from("times_out_at"), Val::from(clock::text(deadline)));
        }
        let mut notification = &self.settings.notification;
        if let Some((place, level)) = level {
            members.insert(Text::from("escalation"), self.escalation(place, level)?);
            if level.notification.is_some() {
                notification = &level.notification;
            }
        }
        if let Some(notification) = notification {
            members.insert(Text::from("notification"), notification.filled(self.document)?);
        }
        Ok(members)
    }

    fn escalation(&self, place: usize, level: &Level) -> Result<Val, Failure> {
        log::warn(&format!("escalation level {} is reached", place + 1));
        let mut members = Map::with_capacity(3);
        let mut add = |key: &str, value| members.insert(Text::from(key), value);
        add("level", Val::Int(i64::try_from(place + 1).unwrap_or(i64::MAX)));
        let at = self.since.map_or(Val::Null, |since| Val::from(clock::text(since.saturating_add(level.after_ms))));
        add("at", at);
        add("to", level.to.filled(self.document)?);
        Ok(Val::obj(members))
    }

    fn timed_out(&self, looked: Looked, is_over: bool) -> Result<Val, Failure> {
        let reason = match self.deadline() {
            Some(deadline) if is_over => format!("no decision until {}", clock::text(deadline)),
            _ => "no decision until the last attempt".to_owned(),
        };
        let (outcome, verdict) = match self.settings.on_timeout {
            OnTimeout::Fail => {
                let message = format!("{reason}: waiting for {}", names(&looked.open));
                let failure = Failure::new("timed_out", message).with("criteria", looked.each);
                let told = self.told(self.level())?.into_iter();
                return Err(told.fold(failure, |failure, (key, value)| failure.with(&key, value)));
            }
            OnTimeout::Approve => ("approved", Verdict::Approved),
            OnTimeout::Reject => ("rejected", Verdict::Rejected),
            OnTimeout::Escalate => ("escalated", Verdict::Waiting),
        };
        let at = self.deadline().filter(|_| is_over).map_or(Val::Null, |deadline| Val::from(clock::text(deadline)));
        let decision = Decision {
            outcome,
            is_timeout: true,
            by: Val::Null,
            at,
            reason: Val::from(reason),
            criteria: looked.each,
            since: self.since,
        };
        let result = self.settings.result(verdict, decision)?;
        let Val::Obj(members) = result else { return Ok(result) };
        let mut members = Rc::unwrap_or_clone(members);
        // If the time is out before the first level's is, it is passed on nevertheless.
        let first = || self.settings.escalation.first().map(|level| (0, level)).filter(|_| outcome == "escalated");
        members.extend(self.told(self.level().or_else(first))?);
        Ok(Val::obj(members))
    }
}

fn names(open: &[Text]) -> String {
    let names: Vec<&str> = open.iter().map(Text::as_str).collect();
    capped(names.join(", "), 500)
}

#[cfg(test)]
mod tests {
    use super::Wait;
    use crate::criteria::Looked;
    use crate::settings::Settings;
    use catalog_kit::filter::Prelude;
    use catalog_kit::{Failure, Map, Val, json, seen};
    use std::rc::Rc;

    const SINCE: i64 = 1_767_225_600_000;

    fn object(text: &str) -> Rc<Map> {
        match json::parse(text) {
            Ok(Val::Obj(members)) => members,
            other => panic!("{other:?}"),
        }
    }

    /// What a step gives that waits for `more` milliseconds, in an attempt of so many.
    fn ends(config: &str, waited: i64, (attempt, of): (i64, i64)) -> String {
        let config = object(&format!("{{\"criteria\":\".context.verdict\",{config}}}"));
        let settings = Settings::read(&config, &Prelude::new()).expect("a configuration");
        let document = object(&format!("{{\"step\":{{\"attempt\":{attempt},\"max_attempts\":{of}}},\"context\":{{}}}}"));
        let looked: Result<Looked, Failure> = settings.criteria.look(&seen::seen(&document));
        let mut text = String::new();
        match Wait::new(&settings, &document, Some(SINCE), SINCE + waited).end(looked.expect("criteria")) {
            Ok(result) => json::write(&mut text, &result),
            Err(failure) => failure.write(&mut text),
        }
        text
    }

    fn delay(config: &str, waited: i64, attempts: (i64, i64)) -> i64 {
        let text = ends(config, waited, attempts);
        let rest = text.split("\"retry_after_ms\":").nth(1).unwrap_or_else(|| panic!("it does not wait: {text}"));
        rest.split(',').next().and_then(|number| number.parse().ok()).expect("a number")
    }

    #[test]
    fn looks_are_as_far_apart_as_configured() {
        assert_eq!(delay(r#""retry_after_ms":5000"#, 0, (1, 10)), 5000);
        assert_eq!(delay(r#""retry_after_ms":5000,"timeout_ms":40000"#, 0, (1, 10)), 5000);
        assert_eq!(delay(r#""timeout_ms":10000000"#, 0, (1, 1000)), 60_000);
    }

    #[test]
    fn the_deadline_and_the_next_level_are_not_missed() {
        assert_eq!(delay(r#""retry_after_ms":5000,"timeout_ms":9000"#, 7000, (2, 10)), 2000);
        let levels = r#""retry_after_ms":5000,"timeout_ms":90000,"escalation":[{"after_ms":8000,"to":1},{"after_ms":10000,"to":2}]"#;
        assert_eq!(delay(levels, 7000, (2, 100)), 1000);
        assert_eq!(delay(levels, 8000, (3, 100)), 2000);
        assert_eq!(delay(levels, 10_000, (4, 100)), 5000);
    }

    #[test]
    fn too_few_attempts_are_spread_so_that_the_last_is_at_the_deadline() {
        let config = r#""retry_after_ms":1000,"timeout_ms":10000"#;
        assert_eq!(delay(config, 0, (1, 3)), 5000);
        assert_eq!(delay(config, 5000, (2, 3)), 5000);
        assert!(ends(config, 10_000, (3, 3)).contains("timed_out"));
        assert_eq!(delay(config, 1, (1, 4)), 3333);
        // There is nothing to be spread any more.
        assert_eq!(delay(config, 9000, (3, 3)), 1000);
    }

    #[test]
    fn the_last_attempt_says_so_or_is_the_timeout() {
        let config = r#""timeout_ms":10000"#;
        assert!(ends(config, 9999, (3, 3)).contains("this was the last attempt"));
        let config = r#""on_last_attempt":"timeout","on_timeout":"reject""#;
        assert!(ends(config, 1, (2, 3)).contains("\"waiting\""));
        assert!(ends(config, 1, (3, 3)).starts_with(r#"{"outcome":"rejected","is_timeout":true"#));
    }

    #[test]
    fn the_time_is_out_at_its_last_millisecond_and_not_before() {
        let config = r#""timeout_ms":10000,"on_timeout":"approve""#;
        assert!(ends(config, 9999, (1, 100)).contains("\"waiting\""));
        assert!(ends(config, 10_000, (1, 100)).contains(r#""at":"2026-01-01T00:00:10.000Z""#));
    }

    #[test]
    fn a_level_counts_from_its_time() {
        let config = r#""escalation":[{"after_ms":5000,"to":"a"},{"after_ms":9000,"to":"b"}]"#;
        assert!(!ends(config, 4999, (1, 9)).contains("escalation"));
        assert!(ends(config, 5000, (1, 9)).contains(r#""escalation":{"level":1,"at":"2026-01-01T00:00:05.000Z","to":"a"}"#));
        assert!(ends(config, 1_000_000, (1, 9)).contains(r#""level":2"#));
    }

    #[test]
    fn a_clock_that_is_behind_the_data_waits() {
        assert_eq!(delay(r#""timeout_ms":10000"#, -5000, (1, 100)), 15_000);
    }
}

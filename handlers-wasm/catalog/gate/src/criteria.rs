//! What the data says about the decision.

use catalog_kit::filter::{Filter, Prelude};
use catalog_kit::{Failure, Map, Text, Val, config};

const POINTER: &str = "/config/criteria";
/// So many criteria can there be.
const MAX_CRITERIA: usize = 100;
/// What the only criterion is called if it has no name.
const ONLY: &str = "criterion";

/// What is decided, by one criterion or by all of them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Approved,
    Rejected,
    Waiting,
}

impl Verdict {
    pub fn word(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Waiting => "waiting",
        }
    }

    fn of(value: &Val) -> Option<Self> {
        match value {
            Val::Null => Some(Self::Waiting),
            Val::Str(word) => [Self::Approved, Self::Rejected, Self::Waiting]
                .into_iter()
                .find(|verdict| verdict.word() == word.as_str()),
            _ => None,
        }
    }
}

/// All criteria, and how many of them must be met.
pub struct Criteria {
    criteria: Vec<Criterion>,
    needed: usize,
}

struct Criterion {
    name: Text,
    filter: Filter,
    pointer: String,
}

/// What all criteria gave.
pub struct Looked {
    pub verdict: Verdict,
    /// What each gave, by name.
    pub each: Val,
    /// The names of those that gave no decision.
    pub open: Vec<Text>,
}

impl Criteria {
    pub fn of(config: &Map, prelude: &Prelude) -> Result<Self, Failure> {
        let mut criteria = Vec::new();
        match config.get("criteria") {
            Some(filter @ Val::Str(_)) => criteria.push(Criterion::of(Text::from(ONLY), filter, POINTER.to_owned(), prelude)?),
            Some(Val::Obj(members)) => {
                if members.is_empty() || members.len() > MAX_CRITERIA {
                    let problem = format!("expected 1 to {MAX_CRITERIA} criteria, found {}", members.len());
                    return Err(config::invalid(POINTER, problem));
                }
                for (name, filter) in members.iter() {
                    let pointer = format!("{POINTER}/{}", name.replace('~', "~0").replace('/', "~1"));
                    criteria.push(Criterion::of(name.clone(), filter, pointer, prelude)?);
                }
            }
            other => return Err(config::expected(POINTER, "a filter, or an object of filters", other)),
        }
        let needed = needed(config, criteria.len())?;
        Ok(Self { criteria, needed })
    }

    /// Runs the criteria. One that fails, or gives something else than a decision, ends the step.
    pub fn look(&self, input: &Val) -> Result<Looked, Failure> {
        let mut each = Map::with_capacity(self.criteria.len());
        let mut open = Vec::new();
        let (mut approved, mut rejected) = (0, 0);
        for criterion in &self.criteria {
            let verdict = criterion.look(input)?;
            match verdict {
                Verdict::Approved => approved += 1,
                Verdict::Rejected => rejected += 1,
                Verdict::Waiting => open.push(criterion.name.clone()),
            }
            each.insert(criterion.name.clone(), Val::str(verdict.word()));
        }
        let verdict = if approved >= self.needed {
            Verdict::Approved
        } else if self.criteria.len() - rejected < self.needed {
            Verdict::Rejected
        } else {
            Verdict::Waiting
        };
        Ok(Looked { verdict, each: Val::obj(each), open })
    }
}

impl Criterion {
    fn of(name: Text, filter: &Val, pointer: String, prelude: &Prelude) -> Result<Self, Failure> {
        let Val::Str(text) = filter else {
            return Err(config::expected(&pointer, "a filter (a string)", Some(filter)));
        };
        let filter = prelude.compile(text).map_err(|failure| failure.at(&pointer))?;
        Ok(Self { name, filter, pointer })
    }

    fn look(&self, input: &Val) -> Result<Verdict, Failure> {
        let gave = self.filter.run(input.clone()).map_err(|failure| failure.at(&self.pointer))?;
        Verdict::of(&gave).ok_or_else(|| {
            let found = match &gave {
                Val::Str(text) => catalog_kit::failure::capped(format_args!("{:?}", text.as_str()), 100),
                other => other.type_name().to_owned(),
            };
            let expected = "expected \"approved\", \"rejected\", \"waiting\" or null";
            let message = format!("{}: {expected}, the filter gave {found}", self.pointer);
            Failure::new("invalid_verdict", message).at(&self.pointer)
        })
    }
}

/// How many criteria must be met.
fn needed(config: &Map, of: usize) -> Result<usize, Failure> {
    let pointer = "/config/needed";
    match config.get("needed") {
        None => Ok(of),
        Some(Val::Str(word)) if word.as_str() == "all" => Ok(of),
        Some(Val::Str(word)) if word.as_str() == "any" => Ok(1),
        Some(Val::Int(count)) => match usize::try_from(*count) {
            Ok(count) if (1..=of).contains(&count) => Ok(count),
            _ => Err(config::invalid(pointer, format!("expected 1 to {of}, the number of criteria, found {count}"))),
        },
        Some(Val::Str(other)) => {
            let problem = format!("expected \"all\", \"any\" or a number, found {:?}", other.as_str());
            Err(config::invalid(pointer, problem))
        }
        other => Err(config::expected(pointer, "\"all\", \"any\" or a number", other)),
    }
}

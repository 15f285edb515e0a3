//! Applying a query.

use super::{Comparable, Comparison, Expression, Logical, Path, Query, Segment, Selector};
use catalog_kit::pattern::Pattern;
use catalog_kit::Val;
use std::borrow::Cow;

impl Query {
    /// All values that are found from `start`, in order.
    pub(super) fn find<'v>(&self, root: &'v Val, start: &'v Val) -> Vec<&'v Val> {
        let mut found = vec![start];
        for segment in &self.segments {
            let mut next = Vec::new();
            for value in found {
                match segment {
                    Segment::Child(selectors) => select(selectors, root, value, &mut next),
                    Segment::Descendant(selectors) => descend(selectors, root, value, &mut next),
                }
            }
            found = next;
        }
        found
    }
}

fn descend<'v>(selectors: &[Selector], root: &'v Val, value: &'v Val, found: &mut Vec<&'v Val>) {
    select(selectors, root, value, found);
    children(value).for_each(|child| descend(selectors, root, child, found));
}

fn children(value: &Val) -> Box<dyn Iterator<Item = &Val> + '_> {
    match value {
        Val::Arr(values) => Box::new(values.iter()),
        Val::Obj(members) => Box::new(members.values()),
        _ => Box::new(std::iter::empty()),
    }
}

fn select<'v>(selectors: &[Selector], root: &'v Val, value: &'v Val, found: &mut Vec<&'v Val>) {
    for selector in selectors {
        match (selector, value) {
            (Selector::Name(name), Val::Obj(members)) => found.extend(members.get(name)),
            (Selector::Index(index), Val::Arr(values)) => {
                found.extend(place(*index, values.len()).and_then(|place| values.get(place)));
            }
            (Selector::Slice(from, to, step), Val::Arr(values)) => slice(*from, *to, *step, values, found),
            (Selector::Wildcard, value) => found.extend(children(value)),
            (Selector::Filter(filter), value) => {
                found.extend(children(value).filter(|child| filter.holds(root, child)));
            }
            _ => {}
        }
    }
}

fn place(index: i64, length: usize) -> Option<usize> {
    let length = i64::try_from(length).ok()?;
    usize::try_from(if index < 0 { length + index } else { index }).ok()
}

fn slice<'v>(from: Option<i64>, to: Option<i64>, step: i64, values: &'v [Val], found: &mut Vec<&'v Val>) {
    let length = i64::try_from(values.len()).unwrap_or(i64::MAX);
    let normal = |index: i64| if index < 0 { length + index } else { index };
    let mut at;
    let end;
    if step > 0 {
        at = normal(from.unwrap_or(0)).clamp(0, length);
        end = normal(to.unwrap_or(length)).clamp(0, length);
    } else {
        at = from.map_or(length - 1, normal).clamp(-1, length - 1);
        end = to.map_or(-1, normal).clamp(-1, length - 1);
    }
    while (step > 0 && at < end) || (step < 0 && at > end) {
        found.extend(usize::try_from(at).ok().and_then(|at| values.get(at)));
        at = at.saturating_add(step);
    }
}

impl Logical {
    fn holds(&self, root: &Val, current: &Val) -> bool {
        match self {
            Self::Or(all) => all.iter().any(|one| one.holds(root, current)),
            Self::And(all) => all.iter().all(|one| one.holds(root, current)),
            Self::Not(one) => !one.holds(root, current),
            Self::Exists(path) => !path.find(root, current).is_empty(),
            Self::Compare(l, comparison, r) => {
                let (l, r) = (l.value(root, current), r.value(root, current));
                comparison.holds(l.as_deref(), r.as_deref())
            }
            Self::Matches { text, pattern } => match text.value(root, current).as_deref() {
                Some(Val::Str(text)) => pattern.matches(text, root, current),
                _ => false,
            },
        }
    }
}

impl Expression {
    fn matches(&self, text: &str, root: &Val, current: &Val) -> bool {
        match self {
            Self::Written(pattern) => pattern.is_match(text),
            Self::Found { pattern, whole } => match pattern.value(root, current).as_deref() {
                Some(Val::Str(pattern)) => {
                    Pattern::i_regexp(pattern, *whole).is_ok_and(|pattern| pattern.is_match(text))
                }
                _ => false,
            },
        }
    }
}

impl Comparison {
    fn holds(self, l: Option<&Val>, r: Option<&Val>) -> bool {
        match self {
            Self::Equal => l == r,
            Self::NotEqual => l != r,
            Self::Less => is_less(l, r),
            Self::LessOrEqual => is_less(l, r) || l == r,
            Self::Greater => is_less(r, l),
            Self::GreaterOrEqual => is_less(r, l) || l == r,
        }
    }
}

/// Numbers are compared with numbers and strings with strings; nothing else is less than anything.
fn is_less(l: Option<&Val>, r: Option<&Val>) -> bool {
    match (l, r) {
        (Some(l @ Val::Str(_)), Some(r @ Val::Str(_))) => l < r,
        (Some(l), Some(r)) if l.as_float().is_ok() && r.as_float().is_ok() => l < r,
        _ => false,
    }
}

impl Path {
    fn find<'v>(&self, root: &'v Val, current: &'v Val) -> Vec<&'v Val> {
        self.query.find(root, if self.absolute { root } else { current })
    }
}

impl Comparable {
    fn value<'v>(&'v self, root: &'v Val, current: &'v Val) -> Option<Cow<'v, Val>> {
        let count = |n: usize| i64::try_from(n).ok().map(|n| Cow::Owned(Val::Int(n)));
        match self {
            Self::Literal(value) => Some(Cow::Borrowed(value)),
            Self::Path(path) => path.find(root, current).first().map(|value| Cow::Borrowed(*value)),
            Self::Count(path) => count(path.find(root, current).len()),
            Self::Value(path) => match path.find(root, current).as_slice() {
                [one] => Some(Cow::Borrowed(*one)),
                _ => None,
            },
            Self::Length(of) => match of.value(root, current).as_deref() {
                Some(Val::Str(text)) => count(text.chars().count()),
                Some(Val::Arr(values)) => count(values.len()),
                Some(Val::Obj(members)) => count(members.len()),
                _ => None,
            },
        }
    }
}

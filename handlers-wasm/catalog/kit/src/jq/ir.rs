//! Compiled filters: names are resolved, and what has at most one output is marked.

use super::Error;
use super::syntax::{Comparison, Math, Optional};
use crate::text::Text;
use crate::value::Val;

/// A compiled part of a filter.
#[derive(Debug)]
pub struct Ir {
    pub op: Op,
    /// It has at most one output, which is then computed directly and not handed to a callback.
    pub single: bool,
    /// Where an error in it is reported.
    pub at: u32,
}

/// Variables and closures are counted from the innermost one.
#[derive(Debug)]
pub enum Op {
    Identity,
    Constant(Val),
    Variable(u32),
    Index(Box<Ir>, Box<Ir>, Optional),
    Slice(Box<Ir>, Option<Box<Ir>>, Option<Box<Ir>>, Optional),
    Each(Box<Ir>, Optional),
    Pipe(Box<[Ir]>),
    Comma(Box<[Ir]>),
    Math(Math, Box<Ir>, Box<Ir>),
    Compare(Comparison, Box<Ir>, Box<Ir>),
    And(Box<Ir>, Box<Ir>),
    Or(Box<Ir>, Box<Ir>),
    Not,
    Negate(Box<Ir>),
    Alternative(Box<Ir>, Box<Ir>),
    Collect(Box<Ir>),
    /// `[.[] | f]` with an `f` that has at most one output; the first part gives the container.
    Map(Box<Ir>, Box<Ir>),
    /// Keys and values.
    Object(Box<[(Ir, Ir)]>),
    /// With a format for what is put in, if it is not put in as it is.
    Text(Box<[Piece]>, Option<Function>),
    If(Box<Ir>, Box<Ir>, Box<Ir>),
    Try(Box<Ir>, Option<Box<Ir>>),
    Reduce(Box<Fold>),
    Foreach(Box<Fold>, Option<Box<Ir>>),
    Label(Box<Ir>),
    Break(u32),
    Bind(Box<Ir>, Patterns, Box<Ir>),
    Native(Function, Box<[Ir]>),
    /// A function, the number of variables and closures that it does not see, and its arguments.
    Call(u32, u32, Box<[Argument]>),
    Closure(u32),
    Assign(Box<Ir>, Box<Ir>),
    Modify(Box<Ir>, Box<Ir>),
    Update(Math, Box<Ir>, Box<Ir>),
    UpdateAlternative(Box<Ir>, Box<Ir>),
    Empty,
    Error(Box<Ir>),
    Path(Box<Ir>),
    GetPath(Box<Ir>),
    /// All values in the input, itself first; with a filter, what that gives of it, and so on.
    Recurse(Option<Box<Ir>>),
    First(Box<Ir>),
    Last(Box<Ir>),
    Limit(Box<Ir>, Box<Ir>),
    Until(Box<Ir>, Box<Ir>),
    While(Box<Ir>, Box<Ir>),
    Repeat(Box<Ir>),
    Range(Box<Ir>, Box<Ir>, Option<Box<Ir>>),
    /// Whether any output of the first makes the second true, or all do.
    Any(Box<Ir>, Box<Ir>),
    All(Box<Ir>, Box<Ir>),
    IsEmpty(Box<Ir>),
    Walk(Box<Ir>),
    Substitute(Box<Substitution>),
}

pub type Function = fn(Val, &[Val]) -> Result<Val, Error>;

#[derive(Debug)]
pub enum Piece {
    Plain(Text),
    Filter(Ir),
}

#[derive(Debug)]
pub struct Fold {
    pub source: Ir,
    pub patterns: Patterns,
    pub init: Ir,
    pub update: Ir,
}

/// `sub(pattern; replacement; flags)`
#[derive(Debug)]
pub struct Substitution {
    pub pattern: Ir,
    pub replacement: Ir,
    pub flags: Ir,
    pub matches: Function,
}

/// One pattern, or several of which the first that fits is taken.
#[derive(Debug)]
pub struct Patterns {
    pub alternatives: Box<[Pattern]>,
    /// How many variables they bind.
    pub variables: u32,
}

impl Patterns {
    /// The pattern of one variable.
    pub fn variable() -> Self {
        Self { alternatives: Box::new([Pattern::Variable(0)]), variables: 1 }
    }

    /// Whether it is only a variable.
    pub fn is_variable(&self) -> bool {
        matches!(*self.alternatives, [Pattern::Variable(_)])
    }
}

#[derive(Debug)]
pub enum Pattern {
    Variable(u32),
    /// Matched from the last to the first.
    Array(Box<[Pattern]>, u32),
    Object(Box<[Entry]>),
}

#[derive(Debug)]
pub struct Entry {
    pub key: Ir,
    pub variable: Option<u32>,
    pub value: Option<Pattern>,
}

#[derive(Debug)]
pub enum Argument {
    /// Of a parameter with a `$`: what it is for each output; also the filter itself, if the function uses both.
    Value(Ir),
    Closure(Ir),
    /// A parameter of the caller, handed on.
    Forward(u32),
}

/// A function that a filter defines.
#[derive(Debug)]
pub struct Definition {
    pub body: Ir,
    pub parameters: Box<[Parameter]>,
}

/// As what an argument is handed over; either, or both.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    pub closure: bool,
    pub value: bool,
}

impl Op {
    pub fn at(self, at: u32) -> Ir {
        Ir { op: self, single: false, at }
    }
}

impl Ir {
    /// Marks what has at most one output; `functions` tells of each function whether it does.
    pub fn settle(&mut self, functions: &[bool]) -> bool {
        let all = |parts: &mut [&mut Ir]| {
            let mut single = true;
            for part in parts {
                single &= part.settle(functions);
            }
            single
        };
        self.single = match &mut self.op {
            Op::Identity | Op::Constant(_) | Op::Variable(_) | Op::Not | Op::Break(_) | Op::Empty => true,
            Op::Closure(_) => false,
            Op::Index(base, key, _) => all(&mut [base, key]),
            Op::Slice(base, from, upto, _) => {
                let mut single = base.settle(functions);
                for bound in from.iter_mut().chain(upto) {
                    single &= bound.settle(functions);
                }
                single
            }
            Op::Each(base, _) => {
                base.settle(functions);
                false
            }
            Op::Pipe(stages) => stages.iter_mut().fold(true, |single, stage| stage.settle(functions) & single),
            Op::Comma(parts) => {
                for part in parts.iter_mut() {
                    part.settle(functions);
                }
                false
            }
            Op::Math(_, l, r)
            | Op::Compare(_, l, r)
            | Op::And(l, r)
            | Op::Or(l, r)
            | Op::Alternative(l, r)
            | Op::Until(l, r) => all(&mut [l, r]),
            Op::Negate(f) | Op::Error(f) | Op::GetPath(f) | Op::Label(f) | Op::Walk(f) => f.settle(functions),
            Op::Collect(f) | Op::First(f) | Op::Last(f) | Op::IsEmpty(f) => {
                f.settle(functions);
                true
            }
            Op::Map(container, f) => {
                f.settle(functions);
                container.settle(functions)
            }
            Op::Object(members) => members.iter_mut().fold(true, |single, (key, value)| {
                let key = key.settle(functions);
                value.settle(functions) & key & single
            }),
            Op::Text(pieces, _) => pieces.iter_mut().fold(true, |single, piece| match piece {
                Piece::Plain(_) => single,
                Piece::Filter(f) => f.settle(functions) & single,
            }),
            Op::If(condition, then, other) => all(&mut [condition, then, other]),
            Op::Try(body, catch) => {
                let catch = catch.as_mut().is_none_or(|catch| catch.settle(functions));
                body.settle(functions) & catch
            }
            Op::Reduce(fold) => {
                fold.settle(functions);
                fold.init.single
            }
            Op::Foreach(fold, extract) => {
                fold.settle(functions);
                for f in extract.iter_mut() {
                    f.settle(functions);
                }
                false
            }
            Op::Bind(source, patterns, body) => {
                let patterns = patterns.settle(functions);
                all(&mut [source, body]) & patterns
            }
            Op::Native(_, arguments) => arguments.iter_mut().fold(true, |single, f| f.settle(functions) & single),
            Op::Call(function, _, arguments) => {
                let mut single = functions[*function as usize];
                for argument in arguments {
                    match argument {
                        Argument::Value(f) => single &= f.settle(functions),
                        Argument::Closure(f) => drop(f.settle(functions)),
                        Argument::Forward(_) => {}
                    }
                }
                single
            }
            Op::Assign(paths, value) | Op::Update(_, paths, value) | Op::UpdateAlternative(paths, value) => {
                paths.settle(functions);
                value.settle(functions)
            }
            Op::Modify(paths, f) => {
                all(&mut [paths, f]);
                true
            }
            Op::Path(f) | Op::Repeat(f) => {
                f.settle(functions);
                false
            }
            Op::Recurse(f) => {
                for f in f.iter_mut() {
                    f.settle(functions);
                }
                false
            }
            Op::Limit(l, r) | Op::While(l, r) => {
                all(&mut [l, r]);
                false
            }
            Op::Range(from, upto, by) => {
                for by in by.iter_mut() {
                    by.settle(functions);
                }
                all(&mut [from, upto]);
                false
            }
            Op::Any(source, condition) | Op::All(source, condition) => {
                all(&mut [source, condition]);
                true
            }
            Op::Substitute(parts) => all(&mut [&mut parts.pattern, &mut parts.replacement, &mut parts.flags]),
        };
        self.single
    }

    /// Whether it leads to places of which none lies inside of another, and of which none depends on what is elsewhere in
    /// the input: then what lies there can be changed on the way.
    pub fn is_plain(&self) -> bool {
        match &self.op {
            Op::Identity | Op::Empty => true,
            Op::Index(base, key, _) => key.single && base.is_plain(),
            Op::Slice(base, from, upto, _) => {
                base.is_plain() && from.iter().chain(upto).all(|bound| bound.single)
            }
            Op::Each(base, _) => base.is_plain(),
            Op::Pipe(stages) => stages.iter().all(Self::is_plain),
            Op::If(condition, then, other) => condition.single && then.is_plain() && other.is_plain(),
            _ => false,
        }
    }

    /// The parts that it is made of.
    pub(super) fn parts(&mut self) -> Vec<&mut Self> {
        match &mut self.op {
            Op::Identity
            | Op::Constant(_)
            | Op::Variable(_)
            | Op::Not
            | Op::Break(_)
            | Op::Closure(_)
            | Op::Empty
            | Op::Recurse(None) => Vec::new(),
            Op::Each(f, _)
            | Op::Negate(f)
            | Op::Collect(f)
            | Op::Label(f)
            | Op::Error(f)
            | Op::Path(f)
            | Op::GetPath(f)
            | Op::Recurse(Some(f))
            | Op::First(f)
            | Op::Last(f)
            | Op::Repeat(f)
            | Op::IsEmpty(f)
            | Op::Walk(f) => vec![f],
            Op::Index(l, r, _)
            | Op::Math(_, l, r)
            | Op::Compare(_, l, r)
            | Op::And(l, r)
            | Op::Or(l, r)
            | Op::Alternative(l, r)
            | Op::Map(l, r)
            | Op::Assign(l, r)
            | Op::Modify(l, r)
            | Op::Update(_, l, r)
            | Op::UpdateAlternative(l, r)
            | Op::Limit(l, r)
            | Op::Until(l, r)
            | Op::While(l, r)
            | Op::Any(l, r)
            | Op::All(l, r) => vec![l, r],
            Op::Slice(base, from, upto, _) => {
                let bounds = from.iter_mut().chain(upto).map(|bound| &mut **bound);
                std::iter::once(&mut **base).chain(bounds).collect()
            }
            Op::Range(from, upto, by) => {
                [&mut **from, &mut **upto].into_iter().chain(by.iter_mut().map(|by| &mut **by)).collect()
            }
            Op::Pipe(parts) | Op::Comma(parts) | Op::Native(_, parts) => parts.iter_mut().collect(),
            Op::Object(members) => members.iter_mut().flat_map(|(key, value)| [key, value]).collect(),
            Op::Text(pieces, _) => {
                let filter = |piece| match piece {
                    &mut Piece::Plain(_) => None,
                    Piece::Filter(f) => Some(f),
                };
                pieces.iter_mut().filter_map(filter).collect()
            }
            Op::If(condition, then, other) => vec![condition, then, other],
            Op::Try(body, catch) => std::iter::once(body).chain(catch).map(|part| &mut **part).collect(),
            Op::Reduce(fold) => fold.parts(),
            Op::Foreach(fold, extract) => {
                let mut parts = fold.parts();
                parts.extend(extract.iter_mut().map(|extract| &mut **extract));
                parts
            }
            Op::Bind(source, patterns, body) => {
                let mut parts = vec![&mut **source, &mut **body];
                patterns.parts(&mut parts);
                parts
            }
            Op::Call(_, _, arguments) => {
                let filter = |argument| match argument {
                    &mut Argument::Forward(_) => None,
                    Argument::Value(f) | Argument::Closure(f) => Some(f),
                };
                arguments.iter_mut().filter_map(filter).collect()
            }
            Op::Substitute(parts) => vec![&mut parts.pattern, &mut parts.replacement, &mut parts.flags],
        }
    }

    /// Does what is left to do when it is known which parts have one output.
    pub fn finish(&mut self) {
        self.fuse();
        self.parts().into_iter().for_each(Self::finish);
    }

    /// Puts `[.[] | f]` into its own form, when it is known which parts have one output.
    fn fuse(&mut self) {
        let Op::Collect(body) = &mut self.op else { return };
        let (each, rest) = match &mut body.op {
            Op::Each(..) => (&mut **body, &mut [][..]),
            Op::Pipe(stages) => stages.split_first_mut().expect("a pipe has stages"),
            _ => return,
        };
        let Op::Each(container, false) = &mut each.op else { return };
        if !container.single || !rest.iter().all(|stage| stage.single) {
            return;
        }
        let at = body_at(rest, self.at);
        let take = |ir: &mut Ir| std::mem::replace(ir, Op::Identity.at(0));
        let container = take(container);
        let each_at = each.at;
        let mut stages: Vec<Ir> = rest.iter_mut().map(take).collect();
        let f = match stages.len() {
            0 => Ir { op: Op::Identity, single: true, at },
            1 => stages.remove(0),
            _ => Ir { op: Op::Pipe(stages.into()), single: true, at },
        };
        self.op = Op::Map(Box::new(container), Box::new(f));
        self.at = each_at;
    }
}

fn body_at(stages: &[Ir], at: u32) -> u32 {
    stages.first().map_or(at, |stage| stage.at)
}

impl Fold {
    fn parts(&mut self) -> Vec<&mut Ir> {
        let mut parts = vec![&mut self.source, &mut self.init, &mut self.update];
        self.patterns.parts(&mut parts);
        parts
    }

    fn settle(&mut self, functions: &[bool]) {
        self.source.settle(functions);
        self.init.settle(functions);
        self.update.settle(functions);
        self.patterns.settle(functions);
    }
}

impl Patterns {
    fn parts<'i>(&'i mut self, parts: &mut Vec<&'i mut Ir>) {
        self.alternatives.iter_mut().for_each(|pattern| pattern.parts(parts));
    }

    fn settle(&mut self, functions: &[bool]) -> bool {
        let mut single = self.alternatives.len() == 1;
        for pattern in &mut self.alternatives {
            single &= pattern.settle(functions);
        }
        single
    }
}

impl Pattern {
    fn parts<'i>(&'i mut self, parts: &mut Vec<&'i mut Ir>) {
        match self {
            Self::Variable(_) => {}
            Self::Array(inner, _) => inner.iter_mut().for_each(|pattern| pattern.parts(parts)),
            Self::Object(entries) => {
                for entry in entries {
                    parts.push(&mut entry.key);
                    if let Some(value) = &mut entry.value {
                        value.parts(parts);
                    }
                }
            }
        }
    }

    fn settle(&mut self, functions: &[bool]) -> bool {
        match self {
            Self::Variable(_) => true,
            Self::Array(parts, _) => parts.iter_mut().fold(true, |single, part| part.settle(functions) & single),
            Self::Object(entries) => entries.iter_mut().fold(true, |single, entry| {
                let key = entry.key.settle(functions);
                let value = entry.value.as_mut().is_none_or(|value| value.settle(functions));
                single & key & value
            }),
        }
    }
}

//! Filters as places: what `path(f)`, `f |= g` and their like make of a filter.

use super::access::{self, Fate, identical};
use super::env::Env;
use super::eval::{Flow, Machine, One, Out, checked, frame, math, slice, some};
use super::Error;
use super::ir::{Fold, Ir, Op};
use crate::array::Array;
use crate::value::Val;
use std::rc::Rc;

/// A place in the input of a path expression.
///
/// The value at hand need not be the one at the place: it is not after a filter that computes something. Only from a
/// place can one go on.
pub struct Path<'t> {
    before: Option<&'t Path<'t>>,
    keys: Keys,
    at: Val,
}

enum Keys {
    None,
    One(Val),
    Many(Rc<Array>),
}

/// Takes places, each with the value at hand.
pub type PathOut<'o> = &'o mut dyn FnMut(&Path<'_>, Val) -> Flow;

impl Path<'_> {
    /// The place of the whole input.
    pub fn root(input: Val) -> Self {
        Self { before: None, keys: Keys::None, at: input }
    }

    /// The keys that lead here.
    pub fn keys(&self) -> Vec<Val> {
        let mut keys = Vec::new();
        let mut path = Some(self);
        while let Some(here) = path {
            match &here.keys {
                Keys::None => {}
                Keys::One(key) => keys.push(key.clone()),
                Keys::Many(many) => keys.extend(many.iter().rev().cloned()),
            }
            path = here.before;
        }
        keys.reverse();
        keys
    }

    /// The path as a value, if the value at hand is what lies there.
    pub fn end(&self, value: &Val) -> Result<Val, Error> {
        if identical(&self.at, value) { Ok(Val::arr(self.keys())) } else { Err(access::no_path(value)) }
    }
}

impl<'p> Machine<'p> {
    /// Hands all places to which a filter leads to `out`.
    pub(super) fn paths(&self, ir: &'p Ir, env: &Env<'p>, path: &Path<'_>, input: Val, out: PathOut<'_>) -> Flow {
        let depth = self.depth.get();
        self.descend(depth, frame::PATHS, ir)?;
        let flow = self.places(ir, env, path, input, out);
        self.depth.set(depth);
        flow
    }

    fn places(&self, ir: &'p Ir, env: &Env<'p>, path: &Path<'_>, input: Val, out: PathOut<'_>) -> Flow {
        match &ir.op {
            Op::Identity => out(path, input),
            Op::Index(base, key, optional) => self.each(key, env, input.clone(), &mut |key| {
                self.paths(base, env, path, input.clone(), &mut |path, value| {
                    step(path, &value, key.clone(), *optional, ir, out)
                })
            }),
            Op::Slice(base, from, upto, optional) => {
                self.bounds(from.as_deref(), upto.as_deref(), env, &input, &mut |bounds| {
                    self.paths(base, env, path, input.clone(), &mut |path, value| {
                        step(path, &value, bounds.clone(), *optional, ir, out)
                    })
                })
            }
            Op::Each(base, optional) => self.paths(base, env, path, input, &mut |path, value| {
                children(path, &value, *optional, ir, out)
            }),
            Op::Pipe(stages) => self.pipe_paths(stages, env, path, input, out),
            Op::Comma(parts) => parts.iter().try_for_each(|part| self.paths(part, env, path, input.clone(), out)),
            Op::If(condition, then, other) => self.each(condition, env, input.clone(), &mut |condition| {
                let branch = if condition.is_true() { then } else { other };
                self.paths(branch, env, path, input.clone(), out)
            }),
            Op::And(l, r) => self.paths(l, env, path, input.clone(), &mut |path, l| {
                if !l.is_true() {
                    return out(path, false.into());
                }
                self.paths(r, env, path, input.clone(), &mut |path, r| out(path, r.is_true().into()))
            }),
            Op::Or(l, r) => self.paths(l, env, path, input.clone(), &mut |path, l| {
                if l.is_true() {
                    return out(path, true.into());
                }
                self.paths(r, env, path, input.clone(), &mut |path, r| out(path, r.is_true().into()))
            }),
            Op::Alternative(l, r) => {
                let mut found = false;
                self.paths(l, env, path, input.clone(), &mut |path, value| {
                    if !value.is_true() {
                        return Ok(());
                    }
                    found = true;
                    out(path, value)
                })?;
                if found { Ok(()) } else { self.paths(r, env, path, input, out) }
            }
            Op::Try(body, catch) => {
                let mut passing = |path: &Path<'_>, value| out(path, value).map_err(Error::passing);
                match self.paths(body, env, path, input, &mut passing) {
                    Ok(()) => Ok(()),
                    Err(cause) => {
                        let cause = cause.caught()?;
                        match catch {
                            Some(catch) => self.paths(catch, env, path, cause.into_value(), out),
                            None => Ok(()),
                        }
                    }
                }
            }
            Op::Bind(source, patterns, body) => self.each(source, env, input.clone(), &mut |value| {
                self.bind(patterns, env, value, &mut |env| self.paths(body, env, path, input.clone(), out))
            }),
            Op::Closure(steps) => {
                let (f, env) = env.closure(*steps);
                self.paths(f, env, path, input, out)
            }
            Op::Call(function, hidden, arguments) => {
                let definition = &self.program().functions[*function as usize];
                let inside = env.without(*hidden).clone();
                self.arguments(arguments, &definition.parameters, inside, env, &input, &mut |inside| {
                    self.paths(&definition.body, inside, path, input.clone(), out)
                })
            }
            Op::Reduce(fold) => self.each(&fold.init, env, input.clone(), &mut |init| {
                let state = self.fold_paths(fold, None, env, path, input.clone(), init, out)?;
                out(path, state)
            }),
            Op::Foreach(fold, extract) => self.each(&fold.init, env, input.clone(), &mut |init| {
                let extract = Some(extract.as_deref());
                self.fold_paths(fold, extract, env, path, input.clone(), init, out).map(drop)
            }),
            Op::Label(body) => self.labelled(env, &mut |env| {
                let mut passing = |path: &Path<'_>, value| out(path, value).map_err(Error::passing);
                self.paths(body, env, path, input.clone(), &mut passing)
            }),
            Op::Empty => Ok(()),
            Op::GetPath(keys) => self.each(keys, env, input.clone(), &mut |keys| {
                let found = access::get_at(&input, &keys).map_err(|cause| cause.at(ir.at))?;
                match keys {
                    Val::Arr(keys) if identical(&path.at, &input) => {
                        let keys = Keys::Many(keys);
                        out(&Path { before: Some(path), keys, at: found.clone() }, found)
                    }
                    _ => out(path, found),
                }
            }),
            Op::Recurse(None) => self.descendants(path, input, ir, out),
            Op::Recurse(Some(f)) => {
                out(path, input.clone())?;
                self.paths(f, env, path, input, &mut |path, value| self.paths(ir, env, path, value, out))
            }
            Op::First(f) => {
                let cut = self.number();
                let flow = self.paths(f, env, path, input, &mut |path, value| {
                    out(path, value)?;
                    Err(Error::cut(cut))
                });
                flow.or_else(|cause| if cause.is_cut(cut) { Ok(()) } else { Err(cause) })
            }
            Op::Limit(count, f) => self.each(count, env, input.clone(), &mut |count| {
                self.limited(count, ir, &mut |out| self.paths(f, env, path, input.clone(), out), out)
            }),
            Op::Until(condition, f) => self.each(condition, env, input.clone(), &mut |done| {
                if done.is_true() {
                    return out(path, input.clone());
                }
                self.paths(f, env, path, input.clone(), &mut |path, value| self.paths(ir, env, path, value, out))
            }),
            Op::While(condition, f) => self.each(condition, env, input.clone(), &mut |goes_on| {
                if !goes_on.is_true() {
                    return Ok(());
                }
                out(path, input.clone())?;
                self.paths(f, env, path, input.clone(), &mut |path, value| self.paths(ir, env, path, value, out))
            }),
            Op::Repeat(f) => loop {
                self.paths(f, env, path, input.clone(), out)?;
            },
            Op::Modify(..) | Op::Update(..) | Op::UpdateAlternative(..) => {
                // jq keeps what is changed in an array while it works, which can be seen.
                self.each(ir, env, input, &mut |value| {
                    let kept = Val::arr(vec![value, Val::arr(Vec::new())]);
                    Err(access::no_path_to(&Val::Int(0), &kept).at(ir.at))
                })
            }
            _ => self.each(ir, env, input, &mut |value| out(path, value)),
        }
    }

    fn pipe_paths(
        &self,
        stages: &'p [Ir],
        env: &Env<'p>,
        path: &Path<'_>,
        input: Val,
        out: PathOut<'_>,
    ) -> Flow {
        match stages {
            [] => out(path, input),
            [last] => self.paths(last, env, path, input, out),
            [stage, rest @ ..] => self.paths(stage, env, path, input, &mut |path, value| {
                self.pipe_paths(rest, env, path, value, out)
            }),
        }
    }

    /// Folds, where each step begins at a place of the source; with `extract`, hands on what each step gives.
    #[expect(clippy::too_many_arguments, reason = "what is folded, and what it sees")]
    fn fold_paths(
        &self,
        fold: &'p Fold,
        extract: Option<Option<&'p Ir>>,
        env: &Env<'p>,
        path: &Path<'_>,
        input: Val,
        init: Val,
        out: PathOut<'_>,
    ) -> Result<Val, Error> {
        let state = std::cell::Cell::new(init);
        self.paths(&fold.source, env, path, input, &mut |path, value| {
            self.bind(&fold.patterns, env, value, &mut |env| {
                self.paths(&fold.update, env, path, state.take(), &mut |path, value| {
                    state.set(value.clone());
                    match extract {
                        None => Ok(()),
                        Some(None) => out(path, value),
                        Some(Some(extract)) => self.paths(extract, env, path, value, out),
                    }
                })
            })
        })?;
        Ok(state.take())
    }

    fn limited(
        &self,
        count: Val,
        ir: &Ir,
        source: &mut dyn FnMut(PathOut<'_>) -> Flow,
        out: PathOut<'_>,
    ) -> Flow {
        let Some(mut left) = super::eval::Countdown::new(count).map_err(|cause| cause.at(ir.at))? else {
            return Ok(());
        };
        let cut = self.number();
        let flow = source(&mut |path, value| {
            let is_last = left.next().map_err(|cause| cause.at(ir.at))?;
            out(path, value)?;
            if is_last { Err(Error::cut(cut)) } else { Ok(()) }
        });
        flow.or_else(|cause| if cause.is_cut(cut) { Ok(()) } else { Err(cause) })
    }

    fn descendants(&self, path: &Path<'_>, value: Val, ir: &Ir, out: PathOut<'_>) -> Flow {
        out(path, value.clone())?;
        let depth = self.depth.get();
        self.descend(depth, frame::DESCENDANTS, ir)?;
        let flow = children(path, &value, true, ir, &mut |path, value| self.descendants(path, value, ir, out));
        self.depth.set(depth);
        flow
    }

    // --- updates ----------------------------------------------------------------------------------------------------------

    /// The output of an assignment whose right side has at most one.
    pub(super) fn update(&self, ir: &'p Ir, env: &Env<'p>, input: Val) -> One {
        let (paths, value) = match &ir.op {
            Op::Modify(paths, f) => {
                let mut modify = |place: &mut Val| match self.first(f, env, std::mem::take(place))? {
                    Some(value) => {
                        *place = value;
                        Ok(Fate::Keep)
                    }
                    None => Ok(Fate::Gone),
                };
                return self.modify(paths, env, input, ir, &mut modify).map(Some);
            }
            Op::Assign(paths, value) | Op::Update(_, paths, value) | Op::UpdateAlternative(paths, value) => {
                (paths, some!(self.one(value, env, &input)))
            }
            _ => unreachable!("the caller saw that it is an assignment"),
        };
        self.set(ir, paths, &value, env, input).map(Some)
    }

    /// The outputs of an assignment, one for each output of its right side.
    pub(super) fn updates(&self, ir: &'p Ir, env: &Env<'p>, input: &Val, out: Out<'_>) -> Flow {
        match &ir.op {
            Op::Assign(paths, value) | Op::Update(_, paths, value) | Op::UpdateAlternative(paths, value) => {
                self.each(value, env, input.clone(), &mut |value| out(self.set(ir, paths, &value, env, input.clone())?))
            }
            _ => unreachable!("the caller saw that it is an assignment"),
        }
    }

    fn set(&self, ir: &'p Ir, paths: &'p Ir, value: &Val, env: &Env<'p>, input: Val) -> Result<Val, Error> {
        let mut change = |place: &mut Val| {
            match &ir.op {
                Op::Update(operation, ..) => {
                    let changed = math(*operation, std::mem::take(place), value.clone());
                    *place = changed.map_err(|cause| cause.at(ir.at))?;
                }
                Op::UpdateAlternative(..) if place.is_true() => {}
                _ => *place = value.clone(),
            }
            Ok(Fate::Keep)
        };
        self.modify(paths, env, input, ir, &mut change)
    }

    /// Changes what lies at the places to which a filter leads.
    fn modify(
        &self,
        paths: &'p Ir,
        env: &Env<'p>,
        input: Val,
        ir: &Ir,
        change: &mut dyn FnMut(&mut Val) -> Result<Fate, Error>,
    ) -> Result<Val, Error> {
        let depth = self.depth.get();
        self.descend(depth, frame::MODIFY, ir)?;
        let modified = self.modified(paths, env, input, ir, change);
        self.depth.set(depth);
        modified
    }

    #[inline(never)]
    fn modified(
        &self,
        paths: &'p Ir,
        env: &Env<'p>,
        input: Val,
        ir: &Ir,
        change: &mut dyn FnMut(&mut Val) -> Result<Fate, Error>,
    ) -> Result<Val, Error> {
        let mut value = input;
        if paths.is_plain() {
            return match self.change(paths, env, &mut value, change)? {
                Fate::Gone => Ok(Val::Null),
                Fate::Keep | Fate::Untouched => checked(value, ir),
            };
        }
        // The places are those in the input as it was.
        let input = value.clone();
        let mut gone = Array::default();
        self.paths(paths, env, &Path::root(input.clone()), input, &mut |path, at| {
            path.end(&at).map_err(|cause| cause.at(paths.at))?;
            let keys = path.keys();
            let mut is_gone = false;
            let changed = access::change_at(&mut value, &keys, &mut |place| match change(place)? {
                Fate::Gone => {
                    is_gone = true;
                    Ok(Fate::Untouched)
                }
                fate => Ok(fate),
            });
            changed.map_err(|cause| cause.at(paths.at))?;
            if is_gone {
                gone.push(Val::arr(keys));
            }
            Ok(())
        })?;
        if !gone.is_empty() {
            access::delete(&mut value, &Val::arr(gone)).map_err(|cause| cause.at(paths.at))?;
        }
        checked(value, ir)
    }

    /// Changes what lies at the places to which a plain filter leads, on the way to them.
    fn change(
        &self,
        paths: &'p Ir,
        env: &Env<'p>,
        value: &mut Val,
        change: &mut dyn FnMut(&mut Val) -> Result<Fate, Error>,
    ) -> Result<Fate, Error> {
        let at = |cause: Error| cause.at(paths.at);
        match &paths.op {
            Op::Identity => change(value),
            Op::Index(base, key, optional) => {
                let Some(key) = self.one(key, env, value)? else { return Ok(Fate::Untouched) };
                self.change(base, env, value, &mut |value| access::change(value, &key, *optional, change).map_err(at))
            }
            Op::Slice(base, from, upto, optional) => {
                let Some(from) = self.bound(from.as_deref(), env, value)? else { return Ok(Fate::Untouched) };
                let Some(upto) = self.bound(upto.as_deref(), env, value)? else { return Ok(Fate::Untouched) };
                let key = slice(from, upto);
                self.change(base, env, value, &mut |value| access::change(value, &key, *optional, change).map_err(at))
            }
            Op::Each(base, optional) => self.change(base, env, value, &mut |value| {
                change_children(value, *optional, change).map_err(at)
            }),
            Op::Pipe(stages) => self.change_stages(stages, env, value, change),
            Op::If(condition, then, other) => match self.look(condition, env, value)? {
                Some(condition) => {
                    let branch = if condition.is_true() { then } else { other };
                    drop(condition);
                    self.change(branch, env, value, change)
                }
                None => Ok(Fate::Untouched),
            },
            Op::Empty => Ok(Fate::Untouched),
            _ => unreachable!("this is not plain"),
        }
    }

    fn change_stages(
        &self,
        stages: &'p [Ir],
        env: &Env<'p>,
        value: &mut Val,
        change: &mut dyn FnMut(&mut Val) -> Result<Fate, Error>,
    ) -> Result<Fate, Error> {
        match stages {
            [] => change(value),
            [stage, rest @ ..] => {
                self.change(stage, env, value, &mut |value| self.change_stages(rest, env, value, change))
            }
        }
    }
}

/// Goes on to what lies at a key.
fn step(path: &Path<'_>, value: &Val, key: Val, optional: bool, ir: &Ir, out: PathOut<'_>) -> Flow {
    if !identical(&path.at, value) {
        return Err(access::no_path_to(&key, value).at(ir.at));
    }
    match access::get(value, &key) {
        Ok(part) => out(&Path { before: Some(path), keys: Keys::One(key), at: part.clone() }, part),
        Err(_) if optional => Ok(()),
        Err(cause) => Err(cause.at(ir.at)),
    }
}

/// Goes on to all parts.
fn children(path: &Path<'_>, value: &Val, optional: bool, ir: &Ir, out: PathOut<'_>) -> Flow {
    if !identical(&path.at, value) {
        return Err(access::no_path_through(value).at(ir.at));
    }
    let mut to = |key: Val, part: &Val| {
        out(&Path { before: Some(path), keys: Keys::One(key), at: part.clone() }, part.clone())
    };
    match value {
        Val::Arr(values) => (0..).zip(values.iter()).try_for_each(|(i, part)| to(Val::Int(i), part)),
        Val::Obj(members) => members.iter().try_for_each(|(key, part)| to(Val::Str(key.clone()), part)),
        _ if optional => Ok(()),
        _ => Err(access::not_iterable(value).at(ir.at)),
    }
}

/// Changes all parts of a value, and deletes those that are gone when all are done.
pub(super) fn change_children(
    value: &mut Val,
    optional: bool,
    change: &mut dyn FnMut(&mut Val) -> Result<Fate, Error>,
) -> Result<Fate, Error> {
    let mut gone = Vec::new();
    match value {
        Val::Arr(values) => {
            let values = Rc::make_mut(values);
            for place in 0..values.len() {
                if values.update(place, &mut *change)? == Fate::Gone {
                    gone.push(place);
                }
            }
            let mut place = 0;
            if !gone.is_empty() {
                values.retain(|_| {
                    place += 1;
                    gone.binary_search(&(place - 1)).is_err()
                });
            }
        }
        Val::Obj(members) => {
            let members = Rc::make_mut(members);
            for place in 0..members.len() {
                if members.update(place, &mut *change)? == Fate::Gone {
                    gone.push(place);
                }
            }
            members.remove_all(&gone);
        }
        _ if optional => return Ok(Fate::Untouched),
        _ => return Err(access::not_iterable(value)),
    }
    Ok(Fate::Keep)
}

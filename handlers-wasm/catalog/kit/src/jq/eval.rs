//! Running compiled filters.
//!
//! What has at most one output is computed directly ([`Machine::one`], [`Machine::take`], [`Machine::look`]). Everything
//! else hands its outputs to a callback, one after the other ([`Machine::each`]); what comes after it in the filter runs
//! in that callback. A callback that has enough ends what calls it with an error that is none, a cut.
//!
//! An input is handed over by value where it may be changed in place, as the state of a `reduce` is.

use super::access::{self, Fate, MAX_HEIGHT};
use super::compile::Program;
use super::env::Env;
use super::error::Shown;
use super::ir::{Argument, Entry, Fold, Function, Ir, Op, Pattern, Patterns, Piece, Substitution};
use super::paths::change_children;
use super::syntax::{Comparison, Math};
use super::{Error, ops};
use crate::array::Array;
use crate::json;
use crate::map::Map;
use crate::text::Text;
use crate::value::Val;
use std::borrow::Cow;
use std::cell::Cell;
use std::rc::Rc;

/// The bytes of a guest's stack that running a filter may take. The rest of the 512 KiB is for the functions on values,
/// and for walks through values that are as deep as they may be.
const STACK: u32 = 320 * 1024;

/// What the functions that call each other take of it at most, with those between them that count nothing themselves:
/// their frames in a compiled module, rounded up.
pub(super) mod frame {
    pub const ONE: u32 = 480;
    pub const TAKE: u32 = 640;
    pub const EACH: u32 = 1200;
    pub const FOLD: u32 = 800;
    pub const BIND: u32 = 800;
    pub const PATHS: u32 = 1000;
    pub const MODIFY: u32 = 900;
    pub const SUBSTITUTE: u32 = 1400;
    pub const WALK: u32 = 560;
    pub const WALK_ALL: u32 = 1000;
    pub const DESCENDANTS: u32 = 480;
}

/// One output, or none.
pub type One = Result<Option<Val>, Error>;
/// Whether to go on.
pub type Flow = Result<(), Error>;
/// Takes outputs.
pub type Out<'o> = &'o mut dyn FnMut(Val) -> Flow;

/// The output of a part, or the end of all that needs it if there is none.
macro_rules! some {
    ($part:expr) => {
        match $part? {
            Some(value) => value,
            None => return Ok(None),
        }
    };
}
pub(super) use some;

/// Runs a filter.
pub struct Machine<'p> {
    program: &'p Program,
    pub(super) depth: Cell<u32>,
    /// The last number that was given to a label or a cut.
    last: Cell<u32>,
}

impl<'p> Machine<'p> {
    pub fn new(program: &'p Program) -> Self {
        Self { program, depth: Cell::new(0), last: Cell::new(0) }
    }

    /// Runs the filter on an input.
    pub fn run(&self, input: Val, out: Out<'_>) -> Flow {
        self.each(&self.program.main, &Env::default(), input, out)
    }

    /// Takes so many bytes of the stack beyond a depth, to which the caller comes back.
    pub(super) fn descend(&self, from: u32, by: u32, ir: &Ir) -> Flow {
        let depth = from + by;
        if depth > STACK {
            return Err(Error::new("the filter calls itself too deep, or goes too deep into a value").at(ir.at));
        }
        self.depth.set(depth);
        Ok(())
    }

    pub(super) fn program(&self) -> &'p Program {
        self.program
    }

    pub(super) fn number(&self) -> u32 {
        let number = self.last.get() + 1;
        self.last.set(number);
        number
    }

    // --- at most one output -------------------------------------------------------------------------------------------

    /// The output of what has at most one; borrowed if it is a variable or a part of the input.
    #[inline]
    pub(super) fn look<'v>(
        &self,
        ir: &'p Ir,
        env: &'v Env<'p>,
        input: &'v Val,
    ) -> Result<Option<Cow<'v, Val>>, Error> {
        match &ir.op {
            Op::Identity => Ok(Some(Cow::Borrowed(input))),
            Op::Constant(value) => Ok(Some(Cow::Borrowed(value))),
            Op::Variable(steps) => Ok(Some(Cow::Borrowed(env.value(*steps)))),
            Op::Index(base, key, optional) => self.part(base, key, *optional, env, input, ir),
            _ => Ok(self.one(ir, env, input)?.map(Cow::Owned)),
        }
    }

    #[inline(never)]
    fn part<'v>(
        &self,
        base: &'p Ir,
        key: &'p Ir,
        optional: bool,
        env: &'v Env<'p>,
        input: &'v Val,
        ir: &Ir,
    ) -> Result<Option<Cow<'v, Val>>, Error> {
        let key = some!(self.look(key, env, input));
        let base = some!(self.look(base, env, input));
        if let (Cow::Borrowed(Val::Obj(members)), Val::Str(key)) = (&base, &*key) {
            return Ok(Some(members.get(key).map_or(Cow::Owned(Val::Null), Cow::Borrowed)));
        }
        match access::get(&base, &key) {
            Ok(part) => Ok(Some(Cow::Owned(part))),
            Err(_) if optional => Ok(None),
            Err(cause) => Err(cause.at(ir.at)),
        }
    }

    /// The output of what has at most one.
    pub(super) fn one(&self, ir: &'p Ir, env: &Env<'p>, input: &Val) -> One {
        let depth = self.depth.get();
        self.descend(depth, frame::ONE, ir)?;
        let one = self.compute(ir, env, input);
        self.depth.set(depth);
        one
    }

    #[inline(always)]
    fn compute(&self, ir: &'p Ir, env: &Env<'p>, input: &Val) -> One {
        Ok(Some(match &ir.op {
            Op::Identity | Op::Constant(_) | Op::Variable(_) | Op::Index(..) => {
                some!(self.look(ir, env, input)).into_owned()
            }
            Op::Slice(base, from, upto, optional) => {
                return self.slice(base, from.as_deref(), upto.as_deref(), *optional, env, input, ir);
            }
            Op::Math(operation, l, r) => {
                let r = some!(self.look(r, env, input)).into_owned();
                let l = some!(self.look(l, env, input)).into_owned();
                math(*operation, l, r).map_err(|cause| cause.at(ir.at))?
            }
            Op::Compare(comparison, l, r) => {
                let r = some!(self.look(r, env, input));
                let l = some!(self.look(l, env, input));
                compare(*comparison, &l, &r)
            }
            Op::And(l, r) => {
                let l = some!(self.look(l, env, input)).is_true();
                Val::Bool(l && some!(self.look(r, env, input)).is_true())
            }
            Op::Or(l, r) => {
                let l = some!(self.look(l, env, input)).is_true();
                Val::Bool(l || some!(self.look(r, env, input)).is_true())
            }
            Op::Not => Val::Bool(!input.is_true()),
            Op::Negate(f) => {
                let value = some!(self.one(f, env, input));
                ops::negate(value).map_err(|cause| cause.at(ir.at))?
            }
            Op::Collect(f) => self.collect(f, env, input, ir)?,
            Op::Map(container, f) => {
                let container = some!(self.look(container, env, input));
                self.map(&container, f, env, ir)?
            }
            Op::Object(members) => return self.object(members, env, input, ir),
            Op::Text(pieces, format) => return self.text(pieces, format.as_ref(), env, input, ir),
            Op::Native(run, arguments) => return self.native(*run, arguments, env, Cow::Borrowed(input), ir),
            Op::Pipe(stages) => {
                let (first, rest) = stages.split_first().expect("a pipe has stages");
                let mut value = some!(self.one(first, env, input));
                for stage in rest {
                    value = some!(self.take(stage, env, value));
                }
                value
            }
            Op::If(condition, then, other) => {
                let condition = some!(self.look(condition, env, input)).is_true();
                return self.one(if condition { then } else { other }, env, input);
            }
            Op::Alternative(l, r) => match self.one(l, env, input)? {
                Some(value) if value.is_true() => value,
                _ => return self.one(r, env, input),
            },
            Op::Empty => return Ok(None),
            _ => return self.take(ir, env, input.clone()),
        }))
    }

    /// The output of what has at most one; what it does to its input is done in place if nobody else has that. A call
    /// at the end takes no room on the stack.
    pub(super) fn take(&self, ir: &'p Ir, env: &Env<'p>, input: Val) -> One {
        match &ir.op {
            Op::Identity => Ok(Some(input)),
            Op::Index(..) | Op::Constant(_) | Op::Variable(_) => {
                Ok(self.look(ir, env, &input)?.map(Cow::into_owned))
            }
            _ => {
                let depth = self.depth.get();
                self.descend(depth, frame::TAKE, ir)?;
                let value = self.steps(ir, env, input);
                self.depth.set(depth);
                value
            }
        }
    }

    #[inline(always)]
    fn steps(&self, ir: &'p Ir, env: &Env<'p>, input: Val) -> One {
        let mut ir = ir;
        let mut env = Cow::Borrowed(env);
        let mut input = input;
        loop {
            match &ir.op {
                Op::Identity => return Ok(Some(input)),
                Op::Math(operation, l, r) => {
                    let r = some!(self.look(r, &env, &input)).into_owned();
                    let l = some!(self.take(l, &env, input));
                    return math(*operation, l, r).map(Some).map_err(|cause| cause.at(ir.at));
                }
                Op::Native(run, arguments) => return self.native(*run, arguments, &env, Cow::Owned(input), ir),
                Op::Pipe(stages) => {
                    let (last, stages) = stages.split_last().expect("a pipe has stages");
                    for stage in stages {
                        input = some!(self.take(stage, &env, input));
                    }
                    ir = last;
                }
                Op::If(condition, then, other) => {
                    let condition = some!(self.look(condition, &env, &input)).is_true();
                    ir = if condition { then } else { other };
                }
                Op::Alternative(l, r) => match self.one(l, &env, &input)? {
                    Some(value) if value.is_true() => return Ok(Some(value)),
                    _ => ir = r,
                },
                Op::Try(body, catch) => match self.take(body, &env, input) {
                    Ok(value) => return Ok(value),
                    Err(cause) => {
                        let cause = cause.caught()?;
                        let Some(catch) = catch else { return Ok(None) };
                        ir = catch;
                        input = cause.into_value();
                    }
                },
                Op::Bind(source, patterns, body) => {
                    let value = some!(self.one(source, &env, &input));
                    env = Cow::Owned(some!(self.bind_one(patterns, &env, value)));
                    ir = body;
                }
                Op::Call(function, hidden, arguments) => {
                    env = Cow::Owned(some!(self.inside(*function, *hidden, arguments, &env, &input)));
                    ir = &self.program.functions[*function as usize].body;
                }
                Op::Until(condition, f) => {
                    while !some!(self.look(condition, &env, &input)).is_true() {
                        input = some!(self.take(f, &env, input));
                    }
                    return Ok(Some(input));
                }
                _ => return self.rare(ir, &env, input),
            }
        }
    }

    /// What a function sees when it is called with arguments that have at most one output each.
    #[inline(never)]
    fn inside(
        &self,
        function: u32,
        hidden: u32,
        arguments: &'p [Argument],
        env: &Env<'p>,
        input: &Val,
    ) -> Result<Option<Env<'p>>, Error> {
        let parameters = &self.program.functions[function as usize].parameters;
        let mut inside = env.without(hidden).clone();
        for (argument, parameter) in arguments.iter().zip(parameters) {
            match argument {
                Argument::Value(f) => {
                    let value = some!(self.one(f, env, input));
                    if parameter.closure {
                        inside = inside.with_closure(f, env.clone())?;
                    }
                    inside = inside.with_value(value);
                }
                Argument::Closure(f) => inside = inside.with_closure(f, env.clone())?,
                Argument::Forward(steps) => {
                    let (f, of) = env.closure(*steps);
                    inside = inside.with_closure(f, of.clone())?;
                }
            }
        }
        Ok(Some(inside))
    }

    /// The output of what is less common.
    #[inline(never)]
    fn rare(&self, ir: &'p Ir, env: &Env<'p>, input: Val) -> One {
        match &ir.op {
            Op::Assign(..) | Op::Modify(..) | Op::Update(..) | Op::UpdateAlternative(..) => {
                self.update(ir, env, input)
            }
            Op::Reduce(fold) => self.reduce(fold, env, input, ir),
            Op::Label(body) => {
                let label = self.label();
                let number = self.last.get();
                match self.take(body, &env.with_value(label), input) {
                    Err(cause) => self.leave(cause, number).map(|()| None),
                    value => value,
                }
            }
            Op::Break(steps) => Err(Error::raise(env.value(*steps).clone()).at(ir.at)),
            Op::Error(f) => match self.take(f, env, input)? {
                Some(value) => Err(Error::raise(value).by_filter().at(ir.at)),
                None => Ok(None),
            },
            Op::GetPath(path) => {
                let path = some!(self.look(path, env, &input));
                access::get_at(&input, &path).map(Some).map_err(|cause| cause.at(ir.at))
            }
            Op::First(f) => self.first(f, env, input),
            Op::Last(f) => {
                let mut last = None;
                self.each(f, env, input, &mut |value| {
                    last = Some(value);
                    Ok(())
                })?;
                Ok(last)
            }
            Op::Any(source, condition) => self.find(source, condition, true, env, input).map(|found| Some(found.into())),
            Op::All(source, condition) => {
                self.find(source, condition, false, env, input).map(|found| Some((!found).into()))
            }
            Op::IsEmpty(f) => {
                let cut = self.number();
                match self.each(f, env, input, &mut |_| Err(Error::cut(cut))) {
                    Ok(()) => Ok(Some(true.into())),
                    Err(cause) if cause.is_cut(cut) => Ok(Some(false.into())),
                    Err(cause) => Err(cause),
                }
            }
            Op::Walk(f) => self.walk(f, env, input, ir),
            Op::Substitute(parts) => {
                let mut result = None;
                self.substitute(parts, env, &input, ir, &mut |value| {
                    result = Some(value);
                    Ok(())
                })?;
                Ok(result)
            }
            _ => self.one(ir, env, &input),
        }
    }

    #[inline(never)]
    fn object(&self, members: &'p [(Ir, Ir)], env: &Env<'p>, input: &Val, ir: &Ir) -> One {
        let mut object = Map::with_capacity(members.len());
        for (key, value) in members {
            let key = some!(self.look(key, env, input));
            let value = some!(self.look(value, env, input)).into_owned();
            object.insert(name(&key).map_err(|cause| cause.at(ir.at))?, value);
        }
        checked(Val::obj(object), ir).map(Some)
    }

    #[expect(clippy::too_many_arguments, reason = "three filters, and what they see")]
    #[inline(never)]
    fn slice(
        &self,
        base: &'p Ir,
        from: Option<&'p Ir>,
        upto: Option<&'p Ir>,
        optional: bool,
        env: &Env<'p>,
        input: &Val,
        ir: &Ir,
    ) -> One {
        let from = some!(self.bound(from, env, input));
        let upto = some!(self.bound(upto, env, input));
        let base = some!(self.look(base, env, input));
        match access::get(&base, &slice(from, upto)) {
            Ok(part) => Ok(Some(part)),
            Err(_) if optional => Ok(None),
            Err(cause) => Err(cause.at(ir.at)),
        }
    }

    pub(super) fn bound(&self, bound: Option<&'p Ir>, env: &Env<'p>, input: &Val) -> One {
        bound.map_or(Ok(Some(Val::Null)), |bound| self.one(bound, env, input))
    }

    #[inline(never)]
    fn collect(&self, f: &'p Ir, env: &Env<'p>, input: &Val, ir: &Ir) -> Result<Val, Error> {
        let mut values = Array::default();
        if f.single {
            if let Some(value) = self.one(f, env, input)? {
                values.push(value);
            }
        } else {
            self.each(f, env, input.clone(), &mut |value| {
                values.push(value);
                Ok(())
            })?;
        }
        checked(Val::arr(values), ir)
    }

    #[inline(never)]
    fn map(&self, container: &Val, f: &'p Ir, env: &Env<'p>, ir: &Ir) -> Result<Val, Error> {
        let mut mapped = Array::default();
        match container {
            Val::Arr(values) => {
                mapped = Array::with_capacity(values.len());
                for value in values.iter() {
                    if let Some(value) = self.one(f, env, value)? {
                        mapped.push(value);
                    }
                }
            }
            Val::Obj(members) => {
                for value in members.values() {
                    if let Some(value) = self.one(f, env, value)? {
                        mapped.push(value);
                    }
                }
            }
            _ => return Err(access::not_iterable(container).at(ir.at)),
        }
        checked(Val::arr(mapped), ir)
    }

    #[inline(never)]
    fn text(
        &self,
        pieces: &'p [Piece],
        format: Option<&Function>,
        env: &Env<'p>,
        input: &Val,
        ir: &Ir,
    ) -> One {
        let mut values = Vec::with_capacity(pieces.len());
        for piece in pieces.iter().rev() {
            if let Piece::Filter(f) = piece {
                let mut value = some!(self.look(f, env, input));
                if format.is_some() {
                    // A format may refuse a value, and the last one is looked at first.
                    let mut text = String::new();
                    put(&mut text, value, format).map_err(|cause| cause.at(ir.at))?;
                    value = Cow::Owned(text.into());
                }
                values.push(value);
            }
        }
        let mut text = String::new();
        for piece in pieces {
            match piece {
                Piece::Plain(plain) => text.push_str(plain),
                Piece::Filter(_) => {
                    let value = values.pop().expect("each filter has a value");
                    put(&mut text, value, None).map_err(|cause| cause.at(ir.at))?;
                }
            }
        }
        Ok(Some(text.into()))
    }

    #[inline(never)]
    fn native(
        &self,
        run: Function,
        arguments: &'p [Ir],
        env: &Env<'p>,
        input: Cow<'_, Val>,
        ir: &Ir,
    ) -> One {
        let result = match arguments {
            [] => run(input.into_owned(), &[]),
            [one] => {
                let one = some!(self.one(one, env, &input));
                run(input.into_owned(), &[one])
            }
            _ => {
                let mut values = vec![Val::Null; arguments.len()];
                for (argument, value) in arguments.iter().zip(&mut values).rev() {
                    *value = some!(self.one(argument, env, &input));
                }
                run(input.into_owned(), &values)
            }
        };
        match result {
            Ok(value) => checked(value, ir).map(Some),
            Err(cause) => Err(cause.at(ir.at)),
        }
    }

    #[inline(never)]
    fn reduce(&self, fold: &'p Fold, env: &Env<'p>, input: Val, ir: &Ir) -> One {
        let init = some!(self.one(&fold.init, env, &input));
        self.fold(fold, env, input, init, ir).map(Some)
    }

    fn fold(&self, fold: &'p Fold, env: &Env<'p>, input: Val, init: Val, ir: &Ir) -> Result<Val, Error> {
        let mut state = init;
        let depth = self.depth.get();
        self.descend(depth, frame::FOLD, ir)?;
        let folded = self.each(&fold.source, env, input, &mut |value| {
            self.bind(&fold.patterns, env, value, &mut |env| {
                let before = std::mem::take(&mut state);
                if fold.update.single {
                    state = self.take(&fold.update, env, before)?.unwrap_or_default();
                    return Ok(());
                }
                self.each(&fold.update, env, before, &mut |value| {
                    state = value;
                    Ok(())
                })
            })
        });
        self.depth.set(depth);
        folded?;
        checked(state, ir)
    }

    /// The first output of what may have several.
    #[inline(never)]
    pub(super) fn first(&self, f: &'p Ir, env: &Env<'p>, input: Val) -> One {
        if f.single {
            return self.take(f, env, input);
        }
        let cut = self.number();
        let mut first = None;
        let done = self.each(f, env, input, &mut |value| {
            first = Some(value);
            Err(Error::cut(cut))
        });
        match done {
            Err(cause) if !cause.is_cut(cut) => Err(cause),
            _ => Ok(first),
        }
    }

    /// Whether there is an output for which a condition is what is wanted of it.
    #[inline(never)]
    fn find(&self, source: &'p Ir, condition: &'p Ir, wanted: bool, env: &Env<'p>, input: Val) -> Result<bool, Error> {
        let cut = self.number();
        let found = self.each(source, env, input, &mut |value| {
            let mut test = |value: Val| if value.is_true() == wanted { Err(Error::cut(cut)) } else { Ok(()) };
            if condition.single {
                self.take(condition, env, value)?.map_or(Ok(()), test)
            } else {
                self.each(condition, env, value, &mut test)
            }
        });
        match found {
            Ok(()) => Ok(false),
            Err(cause) if cause.is_cut(cut) => Ok(true),
            Err(cause) => Err(cause),
        }
    }

    /// Changes all values in a value by a filter with at most one output, the inner ones first.
    #[inline(never)]
    fn walk(&self, f: &'p Ir, env: &Env<'p>, value: Val, ir: &Ir) -> One {
        let depth = self.depth.get();
        self.descend(depth, frame::WALK, ir)?;
        let mut value = value;
        change_children(&mut value, true, &mut |part| match self.walk(f, env, std::mem::take(part), ir)? {
            Some(walked) => {
                *part = walked;
                Ok(Fate::Keep)
            }
            None => Ok(Fate::Gone),
        })?;
        let value = checked(value, ir)?;
        self.depth.set(depth);
        self.take(f, env, value)
    }

    /// Changes the parts of a value.
    fn walk_parts(&self, value: Val, ir: &Ir, f: &mut dyn FnMut(Val) -> One) -> Result<Val, Error> {
        match value {
            Val::Arr(values) => {
                let mut walked = Array::with_capacity(values.len());
                for value in Rc::unwrap_or_clone(values) {
                    if let Some(value) = f(value)? {
                        walked.push(value);
                    }
                }
                checked(Val::arr(walked), ir)
            }
            Val::Obj(members) => {
                let mut walked = Map::with_capacity(members.len());
                for (key, value) in Rc::unwrap_or_clone(members) {
                    if let Some(value) = f(value)? {
                        walked.insert(key, value);
                    }
                }
                checked(Val::obj(walked), ir)
            }
            scalar => Ok(scalar),
        }
    }

    // --- labels ---------------------------------------------------------------------------------------------------------

    /// What `break` raises.
    pub(super) fn label(&self) -> Val {
        let mut members = Map::with_capacity(1);
        members.insert(Text::from("__jq"), Val::Int(self.number().into()));
        Val::obj(members)
    }

    /// Ends a label's body, if that is what an error wants.
    fn leave(&self, cause: Error, number: u32) -> Flow {
        let is_it = |value: &Val| match value {
            Val::Obj(members) if members.len() == 1 => members.get("__jq") == Some(&Val::Int(number.into())),
            _ => false,
        };
        let cause = cause.caught()?;
        if is_it(cause.value()) { Ok(()) } else { Err(cause) }
    }

    /// Runs the body of a label.
    pub(super) fn labelled(
        &self,
        env: &Env<'p>,
        body: &mut dyn FnMut(&Env<'p>) -> Flow,
    ) -> Flow {
        let label = self.label();
        let number = self.last.get();
        body(&env.with_value(label)).or_else(|cause| self.leave(cause, number))
    }

    // --- patterns -------------------------------------------------------------------------------------------------------

    /// Binds the variables of a pattern whose keys have one output each.
    #[inline(never)]
    fn bind_one(&self, patterns: &'p Patterns, env: &Env<'p>, value: Val) -> Result<Option<Env<'p>>, Error> {
        if patterns.is_variable() {
            return Ok(Some(env.with_value(value)));
        }
        let mut bound = None;
        self.bind(patterns, env, value, &mut |env| {
            bound = Some(env.clone());
            Ok(())
        })?;
        Ok(bound)
    }

    /// Binds the variables of patterns, and runs what sees them.
    pub(super) fn bind(
        &self,
        patterns: &'p Patterns,
        env: &Env<'p>,
        value: Val,
        body: &mut dyn FnMut(&Env<'p>) -> Flow,
    ) -> Flow {
        if patterns.is_variable() {
            return body(&env.with_value(value));
        }
        let slots: Vec<Cell<Val>> = (0..patterns.variables).map(|_| Cell::default()).collect();
        let (last, others) = patterns.alternatives.split_last().expect("there is a pattern");
        let mut matched = || {
            let mut inside = env.clone();
            for slot in &slots {
                let value = slot.take();
                inside = inside.with_value(value.clone());
                slot.set(value);
            }
            body(&inside)
        };
        let clear = || slots.iter().for_each(|slot| slot.set(Val::Null));
        for pattern in others {
            clear();
            // Whatever goes wrong, also later in the filter, leads to the next alternative.
            if self.destructure(pattern, env, &value, &slots, &mut matched).is_ok() {
                return Ok(());
            }
        }
        clear();
        self.destructure(last, env, &value, &slots, &mut matched)
    }

    /// How deep a pattern may go is known from the filter; this is for what runs inside.
    fn matching(&self, ir: &Ir, run: impl FnOnce() -> Flow) -> Flow {
        let depth = self.depth.get();
        self.descend(depth, frame::BIND, ir)?;
        let flow = run();
        self.depth.set(depth);
        flow
    }

    fn destructure(
        &self,
        pattern: &'p Pattern,
        env: &Env<'p>,
        value: &Val,
        slots: &[Cell<Val>],
        matched: &mut dyn FnMut() -> Flow,
    ) -> Flow {
        match pattern {
            Pattern::Variable(slot) => {
                slots[*slot as usize].set(value.clone());
                matched()
            }
            Pattern::Array(parts, at) => self.elements(parts, *at, env, value, slots, matched),
            Pattern::Object(entries) => self.entries(entries, env, value, slots, matched),
        }
    }

    fn elements(
        &self,
        parts: &'p [Pattern],
        at: u32,
        env: &Env<'p>,
        value: &Val,
        slots: &[Cell<Val>],
        matched: &mut dyn FnMut() -> Flow,
    ) -> Flow {
        let Some((part, others)) = parts.split_last() else {
            return matched();
        };
        let place = Val::Int(i64::try_from(others.len()).unwrap_or(i64::MAX));
        let element = access::get(value, &place).map_err(|cause| cause.at(at))?;
        self.destructure(part, env, &element, slots, &mut || {
            self.elements(others, at, env, value, slots, matched)
        })
    }

    fn entries(
        &self,
        entries: &'p [Entry],
        env: &Env<'p>,
        value: &Val,
        slots: &[Cell<Val>],
        matched: &mut dyn FnMut() -> Flow,
    ) -> Flow {
        let Some((entry, others)) = entries.split_first() else {
            return matched();
        };
        self.each(&entry.key, env, value.clone(), &mut |key| {
            let member = access::get(value, &key).map_err(|cause| cause.at(entry.key.at))?;
            if let Some(slot) = entry.variable {
                slots[slot as usize].set(member.clone());
            }
            match &entry.value {
                None => self.entries(others, env, value, slots, matched),
                Some(pattern) => self.destructure(pattern, env, &member, slots, &mut || {
                    self.entries(others, env, value, slots, matched)
                }),
            }
        })
    }

    // --- any number of outputs ------------------------------------------------------------------------------------------

    /// Hands all outputs to `out`.
    pub(super) fn each(&self, ir: &'p Ir, env: &Env<'p>, input: Val, out: Out<'_>) -> Flow {
        let depth = self.depth.get();
        self.descend(depth, frame::EACH, ir)?;
        let flow = if ir.single {
            self.take(ir, env, input).and_then(|value| value.map_or(Ok(()), out))
        } else {
            self.outputs(ir, env, input, out)
        };
        self.depth.set(depth);
        flow
    }

    fn outputs(&self, ir: &'p Ir, env: &Env<'p>, input: Val, out: Out<'_>) -> Flow {
        let mut ir = ir;
        let mut env = Cow::Borrowed(env);
        let mut input = input;
        loop {
            if ir.single {
                return self.take(ir, &env, input)?.map_or(Ok(()), out);
            }
            match &ir.op {
                Op::Pipe(stages) => {
                    let mut stages = &**stages;
                    while let [stage, _, ..] = stages {
                        if !stage.single {
                            break;
                        }
                        let Some(value) = self.take(stage, &env, input)? else { return Ok(()) };
                        input = value;
                        stages = &stages[1..];
                    }
                    match stages {
                        [last] => ir = last,
                        [stage, rest @ ..] => {
                            return self.each(stage, &env, input, &mut |value| self.pipe(rest, &env, value, out));
                        }
                        [] => return out(input),
                    }
                }
                Op::Comma(parts) => {
                    let (last, parts) = parts.split_last().expect("a comma has two sides");
                    for part in parts {
                        self.each(part, &env, input.clone(), out)?;
                    }
                    ir = last;
                }
                Op::Each(base, optional) => {
                    if !base.single {
                        return self.each(base, &env, input, &mut |value| values(value, *optional, ir, out));
                    }
                    return match self.take(base, &env, input)? {
                        Some(value) => values(value, *optional, ir, out),
                        None => Ok(()),
                    };
                }
                Op::If(condition, then, other) => {
                    if !condition.single {
                        return self.each(condition, &env, input.clone(), &mut |condition| {
                            let branch = if condition.is_true() { then } else { other };
                            self.each(branch, &env, input.clone(), out)
                        });
                    }
                    let Some(condition) = self.look(condition, &env, &input)? else { return Ok(()) };
                    ir = if condition.is_true() { then } else { other };
                }
                Op::Alternative(l, r) => {
                    let mut found = false;
                    self.each(l, &env, input.clone(), &mut |value| {
                        if !value.is_true() {
                            return Ok(());
                        }
                        found = true;
                        out(value)
                    })?;
                    if found {
                        return Ok(());
                    }
                    ir = r;
                }
                Op::Try(body, catch) => {
                    match self.each(body, &env, input, &mut |value| out(value).map_err(Error::passing)) {
                        Ok(()) => return Ok(()),
                        Err(cause) => {
                            let cause = cause.caught()?;
                            let Some(catch) = catch else { return Ok(()) };
                            ir = catch;
                            input = cause.into_value();
                        }
                    }
                }
                Op::Bind(source, patterns, body) if source.single && patterns.is_variable() => {
                    let Some(value) = self.one(source, &env, &input)? else { return Ok(()) };
                    env = Cow::Owned(env.with_value(value));
                    ir = body;
                }
                Op::Bind(source, patterns, body) => {
                    return self.each(source, &env, input.clone(), &mut |value| {
                        self.matching(ir, || {
                            self.bind(patterns, &env, value, &mut |env| self.each(body, env, input.clone(), out))
                        })
                    });
                }
                Op::Closure(steps) => {
                    let (f, of) = env.closure(*steps);
                    let of = of.clone();
                    ir = f;
                    env = Cow::Owned(of);
                }
                Op::Call(function, hidden, arguments) => {
                    let definition = &self.program.functions[*function as usize];
                    let mut inside = env.without(*hidden).clone();
                    for (i, (argument, parameter)) in arguments.iter().zip(&definition.parameters).enumerate() {
                        match argument {
                            Argument::Value(f) => {
                                if !f.single {
                                    let rest = &arguments[i..];
                                    let body = &definition.body;
                                    let caller = &env;
                                    return self.arguments(rest, &definition.parameters[i..], inside, caller, &input, &mut |inside| {
                                        self.each(body, inside, input.clone(), out)
                                    });
                                }
                                let Some(value) = self.one(f, &env, &input)? else { return Ok(()) };
                                if parameter.closure {
                                    inside = inside.with_closure(f, env.clone().into_owned())?;
                                }
                                inside = inside.with_value(value);
                            }
                            Argument::Closure(f) => inside = inside.with_closure(f, env.clone().into_owned())?,
                            Argument::Forward(steps) => {
                                let (f, of) = env.closure(*steps);
                                inside = inside.with_closure(f, of.clone())?;
                            }
                        }
                    }
                    env = Cow::Owned(inside);
                    ir = &definition.body;
                }
                _ => return self.generate(ir, &env, input, out),
            }
        }
    }

    /// Hands on what a row of stages gives.
    pub(super) fn pipe(&self, stages: &'p [Ir], env: &Env<'p>, input: Val, out: Out<'_>) -> Flow {
        let mut input = input;
        let mut stages = stages;
        while let [stage, rest @ ..] = stages {
            if rest.is_empty() {
                return self.each(stage, env, input, out);
            }
            if !stage.single {
                return self.each(stage, env, input, &mut |value| self.pipe(rest, env, value, out));
            }
            let Some(value) = self.take(stage, env, input)? else { return Ok(()) };
            input = value;
            stages = rest;
        }
        out(input)
    }

    /// Hands over arguments in all combinations of their outputs, of which those of the last one change first.
    pub(super) fn arguments(
        &self,
        arguments: &'p [Argument],
        parameters: &[super::ir::Parameter],
        inside: Env<'p>,
        env: &Env<'p>,
        input: &Val,
        call: &mut dyn FnMut(&Env<'p>) -> Flow,
    ) -> Flow {
        let ([argument, arguments @ ..], [parameter, parameters @ ..]) = (arguments, parameters) else {
            return call(&inside);
        };
        match argument {
            Argument::Value(f) => self.each(f, env, input.clone(), &mut |value| {
                let mut inside = inside.clone();
                if parameter.closure {
                    inside = inside.with_closure(f, env.clone())?;
                }
                let inside = inside.with_value(value);
                self.arguments(arguments, parameters, inside, env, input, call)
            }),
            Argument::Closure(f) => {
                let inside = inside.with_closure(f, env.clone())?;
                self.arguments(arguments, parameters, inside, env, input, call)
            }
            Argument::Forward(steps) => {
                let (f, of) = env.closure(*steps);
                let inside = inside.with_closure(f, of.clone())?;
                self.arguments(arguments, parameters, inside, env, input, call)
            }
        }
    }

    /// Hands on the outputs of what is less common.
    #[inline(never)]
    fn generate(&self, ir: &'p Ir, env: &Env<'p>, input: Val, out: Out<'_>) -> Flow {
        match &ir.op {
            Op::Index(base, key, optional) => self.each(key, env, input.clone(), &mut |key| {
                self.each(base, env, input.clone(), &mut |value| match access::get(&value, &key) {
                    Ok(part) => out(part),
                    Err(_) if *optional => Ok(()),
                    Err(cause) => Err(cause.at(ir.at)),
                })
            }),
            Op::Slice(base, from, upto, optional) => {
                self.bounds(from.as_deref(), upto.as_deref(), env, &input, &mut |bounds| {
                    self.each(base, env, input.clone(), &mut |value| match access::get(&value, &bounds) {
                        Ok(part) => out(part),
                        Err(_) if *optional => Ok(()),
                        Err(cause) => Err(cause.at(ir.at)),
                    })
                })
            }
            Op::Math(operation, l, r) => self.each(r, env, input.clone(), &mut |r| {
                self.each(l, env, input.clone(), &mut |l| {
                    out(math(*operation, l, r.clone()).map_err(|cause| cause.at(ir.at))?)
                })
            }),
            Op::Compare(comparison, l, r) => self.each(r, env, input.clone(), &mut |r| {
                self.each(l, env, input.clone(), &mut |l| out(compare(*comparison, &l, &r)))
            }),
            Op::And(l, r) => self.each(l, env, input.clone(), &mut |l| {
                if !l.is_true() {
                    return out(false.into());
                }
                self.each(r, env, input.clone(), &mut |r| out(r.is_true().into()))
            }),
            Op::Or(l, r) => self.each(l, env, input.clone(), &mut |l| {
                if l.is_true() {
                    return out(true.into());
                }
                self.each(r, env, input.clone(), &mut |r| out(r.is_true().into()))
            }),
            Op::Negate(f) => self.each(f, env, input, &mut |value| {
                out(ops::negate(value).map_err(|cause| cause.at(ir.at))?)
            }),
            Op::Map(container, f) => {
                self.each(container, env, input, &mut |container| out(self.map(&container, f, env, ir)?))
            }
            Op::Object(members) => self.members(members, Map::with_capacity(members.len()), env, &input, ir, out),
            Op::Text(pieces, format) => {
                let mut texts = vec![String::new(); pieces.len()];
                self.texts(pieces, &mut texts, format.as_ref(), env, &input, ir, out)
            }
            Op::Native(run, arguments) => {
                let mut values = vec![Val::Null; arguments.len()];
                self.calls(*run, arguments, &mut values, env, &input, ir, out)
            }
            Op::Reduce(fold) => self.each(&fold.init, env, input.clone(), &mut |init| {
                out(self.fold(fold, env, input.clone(), init, ir)?)
            }),
            Op::Foreach(fold, extract) => self.each(&fold.init, env, input.clone(), &mut |init| {
                self.foreach(fold, extract.as_deref(), env, input.clone(), init, out)
            }),
            Op::Label(body) => self.labelled(env, &mut |env| {
                self.each(body, env, input.clone(), &mut |value| out(value).map_err(Error::passing))
            }),
            Op::Assign(..) | Op::Update(..) | Op::UpdateAlternative(..) => self.updates(ir, env, &input, out),
            Op::Error(f) => self.each(f, env, input, &mut |value| Err(Error::raise(value).by_filter().at(ir.at))),
            Op::Path(f) => self.paths(f, env, &super::paths::Path::root(input.clone()), input, &mut |path, value| {
                out(path.end(&value).map_err(|cause| cause.at(f.at))?)
            }),
            Op::GetPath(path) => self.each(path, env, input.clone(), &mut |path| {
                out(access::get_at(&input, &path).map_err(|cause| cause.at(ir.at))?)
            }),
            Op::Recurse(None) => descendants(input, out),
            Op::Recurse(Some(f)) => self.recurse(f, env, input, out),
            Op::Limit(count, f) => self.each(count, env, input.clone(), &mut |count| {
                let Some(mut left) = Countdown::new(count).map_err(|cause| cause.at(ir.at))? else { return Ok(()) };
                let cut = self.number();
                let flow = self.each(f, env, input.clone(), &mut |value| {
                    let is_last = left.next().map_err(|cause| cause.at(ir.at))?;
                    out(value)?;
                    if is_last { Err(Error::cut(cut)) } else { Ok(()) }
                });
                flow.or_else(|cause| if cause.is_cut(cut) { Ok(()) } else { Err(cause) })
            }),
            Op::Until(condition, f) => self.until(condition, f, env, input, ir, out),
            Op::While(condition, f) => self.repeat_while(condition, f, env, input, out),
            Op::Repeat(f) => loop {
                self.each(f, env, input.clone(), out)?;
            },
            Op::Range(from, upto, by) => self.range(from, upto, by.as_deref(), env, &input, ir, out),
            Op::Walk(f) => {
                let walked = self.walk_all(f, env, input, ir)?;
                self.each(f, env, walked, out)
            }
            Op::Substitute(parts) => self.substitute(parts, env, &input, ir, out),
            _ => self.take(ir, env, input)?.map_or(Ok(()), out),
        }
    }

    pub(super) fn bounds(
        &self,
        from: Option<&'p Ir>,
        upto: Option<&'p Ir>,
        env: &Env<'p>,
        input: &Val,
        found: &mut dyn FnMut(Val) -> Flow,
    ) -> Flow {
        let mut with_from = |from: Val| match upto {
            None => found(slice(from, Val::Null)),
            Some(upto) => self.each(upto, env, input.clone(), &mut |upto| found(slice(from.clone(), upto))),
        };
        match from {
            None => with_from(Val::Null),
            Some(from) => self.each(from, env, input.clone(), &mut with_from),
        }
    }

    fn members(
        &self,
        members: &'p [(Ir, Ir)],
        object: Map,
        env: &Env<'p>,
        input: &Val,
        ir: &Ir,
        out: Out<'_>,
    ) -> Flow {
        let [(key, value), rest @ ..] = members else {
            return out(checked(Val::obj(object), ir)?);
        };
        self.each(key, env, input.clone(), &mut |key| {
            self.each(value, env, input.clone(), &mut |value| {
                let mut object = object.clone();
                object.insert(name(&key).map_err(|cause| cause.at(ir.at))?, value);
                self.members(rest, object, env, input, ir, out)
            })
        })
    }

    /// The combinations of the outputs in a string; those of the first one change first.
    #[expect(clippy::too_many_arguments, reason = "what is done, what is to do, and what both see")]
    fn texts(
        &self,
        pieces: &'p [Piece],
        texts: &mut Vec<String>,
        format: Option<&Function>,
        env: &Env<'p>,
        input: &Val,
        ir: &Ir,
        out: Out<'_>,
    ) -> Flow {
        let Some((piece, before)) = pieces.split_last() else {
            return out(texts.concat().into());
        };
        match piece {
            Piece::Plain(plain) => {
                texts[before.len()].replace_range(.., plain);
                self.texts(before, texts, format, env, input, ir, out)
            }
            Piece::Filter(f) => self.each(f, env, input.clone(), &mut |value| {
                texts[before.len()].clear();
                put(&mut texts[before.len()], Cow::Owned(value), format).map_err(|cause| cause.at(ir.at))?;
                self.texts(before, texts, format, env, input, ir, out)
            }),
        }
    }

    /// Calls a function for the combinations of its arguments' outputs; those of the first one change first.
    #[expect(clippy::too_many_arguments, reason = "what is done, what is to do, and what both see")]
    fn calls(
        &self,
        run: Function,
        arguments: &'p [Ir],
        values: &mut Vec<Val>,
        env: &Env<'p>,
        input: &Val,
        ir: &Ir,
        out: Out<'_>,
    ) -> Flow {
        let Some((argument, before)) = arguments.split_last() else {
            let result = run(input.clone(), values).map_err(|cause| cause.at(ir.at))?;
            return out(checked(result, ir)?);
        };
        self.each(argument, env, input.clone(), &mut |value| {
            values[before.len()] = value;
            self.calls(run, before, values, env, input, ir, out)
        })
    }

    #[inline(never)]
    fn foreach(
        &self,
        fold: &'p Fold,
        extract: Option<&'p Ir>,
        env: &Env<'p>,
        input: Val,
        init: Val,
        out: Out<'_>,
    ) -> Flow {
        let state = Cell::new(init);
        self.each(&fold.source, env, input, &mut |value| {
            self.matching(&fold.source, || self.bind(&fold.patterns, env, value, &mut |env| {
                let before = state.take();
                self.each(&fold.update, env, before, &mut |value| {
                    state.set(value.clone());
                    match extract {
                        None => out(value),
                        Some(extract) => self.each(extract, env, value, out),
                    }
                })
            }))
        })
    }

    fn recurse(&self, f: &'p Ir, env: &Env<'p>, input: Val, out: Out<'_>) -> Flow {
        if f.single {
            let mut value = input;
            loop {
                out(value.clone())?;
                match self.take(f, env, value)? {
                    Some(next) => value = next,
                    None => return Ok(()),
                }
            }
        }
        out(input.clone())?;
        let depth = self.depth.get();
        self.descend(depth, frame::BIND, f)?;
        let flow = self.each(f, env, input, &mut |value| self.recurse(f, env, value, out));
        self.depth.set(depth);
        flow
    }

    fn until(&self, condition: &'p Ir, f: &'p Ir, env: &Env<'p>, input: Val, ir: &Ir, out: Out<'_>) -> Flow {
        let depth = self.depth.get();
        self.descend(depth, frame::BIND, ir)?;
        let flow = self.each(condition, env, input.clone(), &mut |done| {
            if done.is_true() {
                return out(input.clone());
            }
            self.each(f, env, input.clone(), &mut |value| self.until(condition, f, env, value, ir, out))
        });
        self.depth.set(depth);
        flow
    }

    fn repeat_while(&self, condition: &'p Ir, f: &'p Ir, env: &Env<'p>, input: Val, out: Out<'_>) -> Flow {
        if condition.single && f.single {
            let mut value = input;
            while self.look(condition, env, &value)?.is_some_and(|condition| condition.is_true()) {
                out(value.clone())?;
                match self.take(f, env, value)? {
                    Some(next) => value = next,
                    None => return Ok(()),
                }
            }
            return Ok(());
        }
        let depth = self.depth.get();
        self.descend(depth, frame::BIND, f)?;
        let flow = self.each(condition, env, input.clone(), &mut |goes_on| {
            if !goes_on.is_true() {
                return Ok(());
            }
            out(input.clone())?;
            self.each(f, env, input.clone(), &mut |value| self.repeat_while(condition, f, env, value, out))
        });
        self.depth.set(depth);
        flow
    }

    #[expect(clippy::too_many_arguments, reason = "three filters, and what they see")]
    fn range(
        &self,
        from: &'p Ir,
        upto: &'p Ir,
        by: Option<&'p Ir>,
        env: &Env<'p>,
        input: &Val,
        ir: &Ir,
        out: Out<'_>,
    ) -> Flow {
        self.each(from, env, input.clone(), &mut |from| {
            self.each(upto, env, input.clone(), &mut |upto| match by {
                None => count(from.clone(), &upto, out).map_err(|cause| cause.at(ir.at)),
                Some(by) => self.each(by, env, input.clone(), &mut |by| {
                    progress(from.clone(), &upto, &by, out).map_err(|cause| cause.at(ir.at))
                }),
            })
        })
    }

    /// A value with its parts changed, where they may become several; those of an object keep the first.
    fn walk_all(&self, f: &'p Ir, env: &Env<'p>, value: Val, ir: &Ir) -> Result<Val, Error> {
        let depth = self.depth.get();
        self.descend(depth, frame::WALK_ALL, ir)?;
        let walked = match value {
            Val::Arr(values) => {
                let mut walked = Array::with_capacity(values.len());
                for value in Rc::unwrap_or_clone(values) {
                    let value = self.walk_all(f, env, value, ir)?;
                    self.each(f, env, value, &mut |value| {
                        walked.push(value);
                        Ok(())
                    })?;
                }
                checked(Val::arr(walked), ir)?
            }
            object => self.walk_parts(object, ir, &mut |value| {
                let value = self.walk_all(f, env, value, ir)?;
                self.first(f, env, value)
            })?,
        };
        self.depth.set(depth);
        Ok(walked)
    }

    /// Replaces what a pattern matches; with several replacements for each match, there are several results.
    #[inline(never)]
    fn substitute(&self, parts: &'p Substitution, env: &Env<'p>, input: &Val, ir: &Ir, out: Out<'_>) -> Flow {
        let depth = self.depth.get();
        self.descend(depth, frame::SUBSTITUTE, ir)?;
        let flow = self.each(&parts.pattern, env, input.clone(), &mut |pattern| {
            self.each(&parts.flags, env, input.clone(), &mut |flags| {
                let arguments = [pattern.clone(), flags];
                let matches = (parts.matches)(input.clone(), &arguments).map_err(|cause| cause.at(ir.at))?;
                self.substituted(&parts.replacement, env, input, &matches, ir, out)
            })
        });
        self.depth.set(depth);
        flow
    }

    fn substituted(
        &self,
        replacement: &'p Ir,
        env: &Env<'p>,
        input: &Val,
        matches: &Val,
        ir: &Ir,
        out: Out<'_>,
    ) -> Flow {
        let (Val::Str(text), Val::Arr(matches)) = (input, matches) else {
            unreachable!("only strings have matches, and they are an array");
        };
        let mut rest = Characters { text, at: 0 };
        let mut results: Vec<Val> = Vec::new();
        for found in matches.iter() {
            let Val::Obj(found) = found else { unreachable!("a match is an object") };
            let gap = rest.until(member(found, "offset"));
            let mut place = 0;
            self.each(replacement, env, captures(found), &mut |value| {
                let piece = math(Math::Add, Val::str(gap), value).map_err(|cause| cause.at(ir.at))?;
                let before = match results.get_mut(place) {
                    Some(result) => std::mem::take(result),
                    None => {
                        results.push(Val::Null);
                        Val::Null
                    }
                };
                results[place] = math(Math::Add, before, piece).map_err(|cause| cause.at(ir.at))?;
                place += 1;
                Ok(())
            })?;
            rest.skip(member(found, "length"));
        }
        if results.is_empty() {
            return out(input.clone());
        }
        for result in results {
            out(math(Math::Add, result, Val::str(rest.rest())).map_err(|cause| cause.at(ir.at))?)?;
        }
        Ok(())
    }
}

/// The named groups of a match, as an object from name to text.
fn captures(found: &Map) -> Val {
    let Some(Val::Arr(groups)) = found.get("captures") else { unreachable!("a match has captures") };
    let mut named = Map::default();
    for group in groups.iter() {
        if let Val::Obj(group) = group {
            if let (Some(Val::Str(name)), Some(text)) = (group.get("name"), group.get("string")) {
                named.insert(name.clone(), text.clone());
            }
        }
    }
    Val::obj(named)
}

/// A number of characters in a match.
fn member(found: &Map, key: &str) -> usize {
    match found.get(key) {
        Some(Val::Int(count)) => usize::try_from(*count).unwrap_or(0),
        _ => 0,
    }
}

/// What is left of a text, of which places are counted in characters.
struct Characters<'t> {
    text: &'t str,
    /// The characters before it.
    at: usize,
}

impl<'t> Characters<'t> {
    /// The text up to a place.
    fn until(&mut self, place: usize) -> &'t str {
        self.forward(place.saturating_sub(self.at))
    }

    fn skip(&mut self, count: usize) {
        self.forward(count);
    }

    fn forward(&mut self, count: usize) -> &'t str {
        let end = self.text.char_indices().nth(count).map_or(self.text.len(), |(end, _)| end);
        let (passed, rest) = self.text.split_at(end);
        self.text = rest;
        self.at += count;
        passed
    }

    fn rest(&self) -> &'t str {
        self.text
    }
}

/// How many outputs a `limit` still lets through.
pub(super) struct Countdown(Val);

impl Countdown {
    /// None if there are to be no outputs.
    pub(super) fn new(count: Val) -> Result<Option<Self>, Error> {
        let zero = Val::Int(0);
        if count > zero {
            Ok(Some(Self(count)))
        } else if count == zero {
            Ok(None)
        } else {
            Err(Error::new("limit doesn't support negative count"))
        }
    }

    /// Counts an output; tells whether it is the last one.
    pub(super) fn next(&mut self) -> Result<bool, Error> {
        self.0 = ops::subtract(std::mem::take(&mut self.0), Val::Int(1))?;
        Ok(self.0 <= Val::Int(0))
    }
}

/// All values in a value, itself first.
fn descendants(value: Val, out: Out<'_>) -> Flow {
    let mut open = vec![(value.clone(), 0)];
    out(value)?;
    while let Some((container, next)) = open.last_mut() {
        let part = match container {
            Val::Arr(values) => values.get(*next).cloned(),
            Val::Obj(members) if *next < members.len() => Some(members.member(*next).1.clone()),
            _ => None,
        };
        *next += 1;
        match part {
            None => drop(open.pop()),
            Some(part) => {
                out(part.clone())?;
                if part.height() > 0 {
                    open.push((part, 0));
                }
            }
        }
    }
    Ok(())
}

/// All values in an array or an object.
fn values(container: Val, optional: bool, ir: &Ir, out: Out<'_>) -> Flow {
    match container {
        Val::Arr(values) => match Rc::try_unwrap(values) {
            Ok(values) => values.into_iter().try_for_each(out),
            Err(values) => values.iter().cloned().try_for_each(out),
        },
        Val::Obj(members) => members.values().cloned().try_for_each(out),
        _ if optional => Ok(()),
        other => Err(access::not_iterable(&other).at(ir.at)),
    }
}

/// All numbers from one to below another.
fn count(from: Val, upto: &Val, out: Out<'_>) -> Flow {
    if let (Val::Int(from), Val::Int(upto)) = (&from, upto) {
        return (*from..*upto).try_for_each(|i| out(Val::Int(i)));
    }
    if from.type_name() != "number" || upto.type_name() != "number" {
        return Err(Error::new("Range bounds must be numeric"));
    }
    let mut number = from;
    while number < *upto {
        out(number.clone())?;
        number = ops::add(number, Val::Int(1))?;
    }
    Ok(())
}

/// All values from one to below or above another, in steps.
fn progress(from: Val, upto: &Val, by: &Val, out: Out<'_>) -> Flow {
    let zero = Val::Int(0);
    let mut value = from;
    loop {
        let goes_on = if *by > zero {
            value < *upto
        } else if *by < zero {
            value > *upto
        } else {
            false
        };
        if !goes_on {
            return Ok(());
        }
        out(value.clone())?;
        value = ops::add(value, by.clone())?;
    }
}

/// The key of a slice.
pub fn slice(from: Val, upto: Val) -> Val {
    let mut bounds = Map::with_capacity(2);
    bounds.insert(Text::from("start"), from);
    bounds.insert(Text::from("end"), upto);
    Val::obj(bounds)
}

/// Appends a value to a text, as its format wants it.
fn put(text: &mut String, value: Cow<'_, Val>, format: Option<&Function>) -> Flow {
    match (&*value, format) {
        (Val::Str(piece), None) => text.push_str(piece),
        (_, None) => json::write(text, &value),
        (_, Some(format)) => match format(value.into_owned(), &[])? {
            Val::Str(piece) => text.push_str(&piece),
            other => json::write(text, &other),
        },
    }
    Ok(())
}

/// The key of a member of an object.
fn name(key: &Val) -> Result<Text, Error> {
    match key {
        Val::Str(name) => Ok(name.clone()),
        _ => Err(Error::new(format_args!("Cannot use {} as object key", Shown(key)))),
    }
}

/// A value that was made, unless it is nested so deep that walking through it could overflow the stack.
pub fn checked(value: Val, ir: &Ir) -> Result<Val, Error> {
    if value.height() > MAX_HEIGHT {
        return Err(Error::new(format_args!("the filter makes a value that is nested deeper than {MAX_HEIGHT} levels")).at(ir.at));
    }
    Ok(value)
}

pub fn math(operation: Math, l: Val, r: Val) -> Result<Val, Error> {
    match operation {
        Math::Add => ops::add(l, r),
        Math::Subtract => ops::subtract(l, r),
        Math::Multiply => ops::multiply(l, r),
        Math::Divide => ops::divide(l, r),
        Math::Modulo => ops::modulo(l, r),
    }
}

fn compare(comparison: Comparison, l: &Val, r: &Val) -> Val {
    Val::Bool(match comparison {
        Comparison::Equal => l == r,
        Comparison::NotEqual => l != r,
        Comparison::Less => l < r,
        Comparison::LessEqual => l <= r,
        Comparison::Greater => l > r,
        Comparison::GreaterEqual => l >= r,
    })
}

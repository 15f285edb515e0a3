//! Variables and closures.

use super::Error;
use super::ir::Ir;
use crate::value::Val;
use std::rc::Rc;

/// Closures may lie so deep in each other, each the argument of the next.
const MAX_DEPTH: u32 = 1000;

/// All variables and closures that a part of a filter sees, the innermost first.
#[derive(Clone, Default)]
pub struct Env<'p>(Option<Rc<Frame<'p>>>);

struct Frame<'p> {
    item: Item<'p>,
    outer: Env<'p>,
    depth: u32,
}

enum Item<'p> {
    Value(Val),
    Closure(&'p Ir, Env<'p>),
}

impl<'p> Env<'p> {
    fn depth(&self) -> u32 {
        self.0.as_ref().map_or(0, |frame| frame.depth)
    }

    /// This with a variable.
    pub fn with_value(&self, value: Val) -> Self {
        let depth = self.depth();
        Self(Some(Rc::new(Frame { item: Item::Value(value), outer: self.clone(), depth })))
    }

    /// This with a closure.
    pub fn with_closure(&self, filter: &'p Ir, env: Self) -> Result<Self, Error> {
        let depth = 1 + self.depth().max(env.depth());
        if depth > MAX_DEPTH {
            return Err(Error::new(format_args!("the arguments of functions are nested deeper than {MAX_DEPTH} levels")));
        }
        let item = Item::Closure(filter, env);
        Ok(Self(Some(Rc::new(Frame { item, outer: self.clone(), depth }))))
    }

    /// Without the innermost ones.
    pub fn without(&self, count: u32) -> &Self {
        let mut env = self;
        for _ in 0..count {
            env = &env.frame().outer;
        }
        env
    }

    fn frame(&self) -> &Frame<'p> {
        self.0.as_ref().expect("the compiler counted what there is")
    }

    /// A variable.
    pub fn value(&self, steps: u32) -> &Val {
        match &self.without(steps).frame().item {
            Item::Value(value) => value,
            Item::Closure(..) => unreachable!("the compiler took this for a variable"),
        }
    }

    /// A closure: what it does, and what it sees.
    pub fn closure(&self, steps: u32) -> (&'p Ir, &Self) {
        match &self.without(steps).frame().item {
            Item::Closure(filter, env) => (filter, env),
            Item::Value(_) => unreachable!("the compiler took this for a closure"),
        }
    }
}

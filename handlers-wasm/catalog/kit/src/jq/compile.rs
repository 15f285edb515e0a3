//! From syntax trees to compiled filters.
//!
//! A call of a definition of the prelude is replaced by the body of that definition, in which the parameters stand for
//! the arguments: a definition of the prelude uses each of its parameters once, and none calls itself. What a filter
//! defines becomes a function.

use super::ir::{self, Argument, Fold, Ir, Op, Parameter, Patterns, Piece, Substitution};
use super::natives::{Native, TABLES};
use super::syntax::{self, Binary, Node, Term};
use super::reach::Reach;
use super::{Position, ops, parse};
use crate::map::Map;
use crate::text::Text;
use crate::value::Val;
use foldhash::fast::FixedState;
use std::collections::HashMap;

/// The definitions that are written in jq.
#[cfg(not(feature = "command"))]
const DEFINITIONS: &str = include_str!("prelude.jq");
#[cfg(feature = "command")]
const DEFINITIONS: &str = concat!(include_str!("prelude.jq"), include_str!("command.jq"));

/// The filters that the evaluator knows by itself, with their numbers of arguments.
const SPECIAL: [(&str, usize); 25] = [
    ("all", 2),
    ("any", 2),
    ("builtins", 0),
    ("empty", 0),
    ("env", 0),
    ("error", 0),
    ("error", 1),
    ("first", 1),
    ("getpath", 1),
    ("isempty", 1),
    ("last", 1),
    ("limit", 2),
    ("not", 0),
    ("path", 1),
    ("range", 1),
    ("range", 2),
    ("range", 3),
    ("recurse", 0),
    ("recurse", 1),
    ("repeat", 1),
    ("select", 1),
    ("sub", 3),
    ("until", 2),
    ("walk", 1),
    ("while", 2),
];

/// What every filter can call.
pub struct Prelude {
    definitions: HashMap<(&'static str, usize), syntax::Definition<'static>, FixedState>,
    natives: HashMap<(&'static str, usize), ir::Function, FixedState>,
}

/// A compiled filter with the functions that it defines.
#[derive(Debug)]
pub struct Program {
    pub main: Ir,
    pub functions: Vec<ir::Definition>,
    pub reach: Reach,
}

/// A name that is not defined: where it is used, what kind of name it is, and how it reads.
#[derive(Debug)]
pub struct Undefined {
    pub at: u32,
    pub kind: &'static str,
    pub name: String,
}

impl Prelude {
    /// Reads the definitions.
    pub fn new() -> Self {
        let definitions = match parse::definitions(DEFINITIONS) {
            Ok(definitions) => definitions,
            Err(cause) => {
                let at = Position::of(DEFINITIONS, cause.at);
                unreachable!("the prelude, {at}: expected {}", cause.expected)
            }
        };
        let definitions = definitions.into_iter().map(|d| ((d.name, d.parameters.len()), d)).collect();
        let natives = TABLES.iter().flat_map(|table| table.iter());
        let natives = natives.map(|Native { name, arity, run }| ((*name, *arity), *run)).collect();
        Self { definitions, natives }
    }

    /// All that a filter can call, each with its number of arguments: `"map/1"`.
    fn names(&self) -> Val {
        let names = SPECIAL.iter().chain(self.natives.keys()).chain(self.definitions.keys());
        let mut names: Vec<_> = names.filter(|(name, _)| name.starts_with(|c: char| c.is_ascii_alphabetic())).collect();
        names.sort_unstable();
        names.into_iter().map(|(name, arity)| Val::from(format!("{name}/{arity}"))).collect()
    }

    /// Compiles a filter that can use these variables.
    pub fn compile(&self, text: &str, filter: &Node<'_>, globals: &[(String, Val)]) -> Result<Program, Vec<Undefined>> {
        let mut compiler = Compiler { prelude: self, text, globals, functions: Vec::new(), undefined: Vec::new() };
        let mut main = compiler.node(filter, Context { scope: None, at: None }, 0);
        if !compiler.undefined.is_empty() {
            let mut undefined = compiler.undefined;
            undefined.sort_by_key(|name| name.at);
            undefined.dedup_by_key(|name| name.at);
            return Err(undefined);
        }
        let mut functions: Vec<ir::Definition> = compiler.functions;
        // A function that calls itself has one output if it has one whenever the call has one.
        let mut singles = vec![true; functions.len()];
        loop {
            let mut stable = true;
            for i in 0..functions.len() {
                let single = functions[i].body.settle(&singles);
                stable &= single == singles[i];
                singles[i] = single;
            }
            if stable {
                break;
            }
        }
        main.settle(&singles);
        main.finish();
        for function in &mut functions {
            function.body.finish();
        }
        let reach = Reach::of(text, &mut main, !functions.is_empty());
        Ok(Program { main, functions, reach })
    }
}

/// What a name stands for.
struct Scope<'x, 'c> {
    outer: Option<&'x Scope<'x, 'c>>,
    name: &'c str,
    what: What<'x, 'c>,
}

/// Variables, labels and closures are counted from the outermost one.
#[derive(Clone, Copy)]
enum What<'x, 'c> {
    Variable(u32),
    Label(u32),
    Closure(u32),
    /// A function of so many parameters, and how many variables and closures were there before it.
    Function { arity: usize, function: u32, level: u32 },
    /// An argument that stands in the place of a parameter of the prelude.
    Inlined { node: &'c Node<'c>, context: Context<'x, 'c> },
    /// A parameter with a `$` whose argument is written out.
    Constant(&'c Val),
}

#[derive(Clone, Copy)]
struct Context<'x, 'c> {
    scope: Option<&'x Scope<'x, 'c>>,
    /// The place of the call, inside a definition of the prelude.
    at: Option<u32>,
}

struct Compiler<'c> {
    prelude: &'c Prelude,
    text: &'c str,
    /// Variables that are there from the start.
    globals: &'c [(String, Val)],
    functions: Vec<ir::Definition>,
    undefined: Vec<Undefined>,
}

impl<'c> Compiler<'c> {
    fn node(&mut self, node: &'c Node<'c>, cx: Context<'_, 'c>, depth: u32) -> Ir {
        let at = cx.at.unwrap_or(node.at);
        match &node.term {
            Term::Identity => Op::Identity,
            Term::Recurse => Op::Recurse(None),
            Term::Literal(value) => Op::Constant(value.clone()),
            Term::Text(text) => self.text(text, cx, depth, at),
            Term::Format(name) => match self.prelude.natives.get(&(*name, 0)) {
                Some(run) => Op::Native(*run, Box::new([])),
                None => self.unknown_format(name, at),
            },
            Term::Variable(name) => return self.variable(name, cx, depth, at),
            Term::Location => self.location(node.at),
            Term::Call(name, arguments) => return self.call(name, arguments, cx, depth, at),
            Term::Array(None) => Op::Constant(Val::arr(Vec::new())),
            Term::Array(Some(inside)) => {
                let inside = self.node(inside, cx, depth);
                match constants(&inside) {
                    Some(values) => Op::Constant(Val::arr(values)),
                    None => Op::Collect(Box::new(inside)),
                }
            }
            Term::Object(members) => self.object(members, cx, depth),
            Term::Negate(f) => {
                let f = self.node(f, cx, depth);
                match &f.op {
                    Op::Constant(value) => match ops::negate(value.clone()) {
                        Ok(negative) => Op::Constant(negative),
                        Err(_) => Op::Negate(Box::new(f)),
                    },
                    _ => Op::Negate(Box::new(f)),
                }
            }
            Term::Index(base, key, optional) => {
                let base = self.boxed(base, cx, depth);
                Op::Index(base, self.boxed(key, cx, depth), *optional)
            }
            Term::Slice(base, from, upto, optional) => {
                let base = self.boxed(base, cx, depth);
                let mut bound = |f: &'c Option<Box<Node<'c>>>| f.as_ref().map(|f| self.boxed(f, cx, depth));
                let from = bound(from);
                Op::Slice(base, from, bound(upto), *optional)
            }
            Term::Each(base, optional) => Op::Each(self.boxed(base, cx, depth), *optional),
            Term::Pipe(stages) => {
                let mut flat = Vec::with_capacity(stages.len());
                for stage in stages {
                    flatten(self.node(stage, cx, depth), &mut flat);
                }
                return pipe(flat, at);
            }
            Term::Comma(parts) => Op::Comma(parts.iter().map(|part| self.node(part, cx, depth)).collect()),
            Term::Binary(binary, l, r) => self.binary(*binary, l, r, cx, depth),
            Term::If(condition, then, other) => {
                let condition = self.boxed(condition, cx, depth);
                let then = self.boxed(then, cx, depth);
                let other = match other {
                    Some(other) => self.boxed(other, cx, depth),
                    None => Box::new(Op::Identity.at(at)),
                };
                Op::If(condition, then, other)
            }
            Term::Try(body, catch) => {
                let body = self.boxed(body, cx, depth);
                Op::Try(body, catch.as_ref().map(|catch| self.boxed(catch, cx, depth)))
            }
            Term::Reduce(fold) => {
                let mut update = |c: &mut Self, cx: Context<'_, 'c>, depth| c.node(&fold.update, cx, depth);
                let fold = self.fold(fold, cx, depth, &mut update);
                Op::Reduce(Box::new(fold))
            }
            Term::Foreach(fold, extract) => {
                let mut extracted = None;
                let mut update = |c: &mut Self, cx: Context<'_, 'c>, depth| {
                    extracted = extract.as_ref().map(|extract| c.boxed(extract, cx, depth));
                    c.node(&fold.update, cx, depth)
                };
                let fold = self.fold(fold, cx, depth, &mut update);
                Op::Foreach(Box::new(fold), extracted)
            }
            Term::Define(definition, body) => {
                let function = self.define(definition, cx, depth);
                let scope = Scope { outer: cx.scope, name: definition.name, what: function };
                return self.node(body, Context { scope: Some(&scope), at: cx.at }, depth);
            }
            Term::Label(name, body) => {
                let scope = Scope { outer: cx.scope, name, what: What::Label(depth) };
                Op::Label(self.boxed(body, Context { scope: Some(&scope), at: cx.at }, depth + 1))
            }
            Term::Break(name) => {
                let is_it = |scope: &Scope<'_, 'c>| match scope.what {
                    What::Label(level) if scope.name == *name => Some(level),
                    _ => None,
                };
                match find(cx.scope, is_it) {
                    Some(level) => Op::Break(depth - 1 - level),
                    None => self.undefined(at, "label", format!("${name}")),
                }
            }
            Term::Bind(source, patterns, body) => {
                let source = self.boxed(source, cx, depth);
                let mut inner = |c: &mut Self, cx: Context<'_, 'c>, depth| c.boxed(body, cx, depth);
                let (patterns, body) = self.patterns(patterns, cx, depth, &mut inner);
                Op::Bind(source, patterns, body)
            }
        }
        .at(at)
    }

    fn boxed(&mut self, node: &'c Node<'c>, cx: Context<'_, 'c>, depth: u32) -> Box<Ir> {
        Box::new(self.node(node, cx, depth))
    }

    fn undefined(&mut self, at: u32, kind: &'static str, name: String) -> Op {
        self.undefined.push(Undefined { at, kind, name });
        Op::Empty
    }

    /// What fails when it is run, as jq's formats do that do not exist.
    fn unknown_format(&self, name: &str, at: u32) -> Op {
        let run = self.prelude.natives[&("format", 1)];
        let name = Val::str(name.trim_start_matches('@'));
        Op::Native(run, Box::new([Op::Constant(name).at(at)]))
    }

    fn text(&mut self, text: &'c syntax::Text<'c>, cx: Context<'_, 'c>, depth: u32, at: u32) -> Op {
        let name = text.format.filter(|name| *name != "@text");
        let format = name.and_then(|name| self.prelude.natives.get(&(name, 0)).copied());
        let unknown = name.filter(|_| format.is_none());
        let pieces = text.pieces.iter().map(|piece| match piece {
            syntax::Piece::Plain(plain) => Piece::Plain(plain.as_str().into()),
            syntax::Piece::Filter(f) => {
                let f = self.node(f, cx, depth);
                Piece::Filter(match unknown {
                    Some(name) => pipe(vec![f, self.unknown_format(name, at).at(at)], at),
                    None => f,
                })
            }
        });
        Op::Text(pieces.collect(), format)
    }

    fn variable(&mut self, name: &'c str, cx: Context<'_, 'c>, depth: u32, at: u32) -> Ir {
        let is_it = |scope: &Scope<'_, 'c>| match scope.what {
            What::Variable(level) if scope.name == name => Some(Op::Variable(depth - 1 - level)),
            What::Constant(value) if scope.name == name => Some(Op::Constant(value.clone())),
            _ => None,
        };
        let op = match find(cx.scope, is_it) {
            Some(op) => op,
            None => match self.global(name) {
                Some(value) => Op::Constant(value),
                None => self.undefined(at, "variable", format!("${name}")),
            },
        };
        op.at(at)
    }

    /// A variable that is there from the start; the environment is, though it may be empty.
    fn global(&self, name: &str) -> Option<Val> {
        let global = self.globals.iter().find(|(global, _)| global == name);
        global.map(|(_, value)| value.clone()).or_else(|| (name == "ENV").then(|| Val::obj(Map::default())))
    }

    fn location(&self, at: u32) -> Op {
        let line = Position::of(self.text, at as usize).line;
        let members = [
            ("file", Val::str("<top-level>")),
            ("line", Val::Int(i64::try_from(line).unwrap_or(i64::MAX))),
        ];
        let members = members.map(|(key, value)| (Text::from(key), value));
        Op::Constant(Val::obj(members.into_iter().collect()))
    }

    fn object(&mut self, members: &'c [syntax::Member<'c>], cx: Context<'_, 'c>, depth: u32) -> Op {
        let mut compiled = Vec::with_capacity(members.len());
        for member in members {
            let key = self.node(&member.key, cx, depth);
            let at = key.at;
            let value = match &member.value {
                Some(value) => self.node(value, cx, depth),
                None => {
                    let key = self.node(&member.key, cx, depth);
                    Op::Index(Box::new(Op::Identity.at(at)), Box::new(key), false).at(at)
                }
            };
            compiled.push((key, value));
        }
        let constant = compiled.iter().map(|(key, value)| match (&key.op, &value.op) {
            (Op::Constant(Val::Str(key)), Op::Constant(value)) => Some((key.clone(), value.clone())),
            _ => None,
        });
        match constant.collect::<Option<Map>>() {
            Some(members) => Op::Constant(Val::obj(members)),
            None => Op::Object(compiled.into()),
        }
    }

    fn binary(
        &mut self,
        binary: Binary,
        l: &'c Node<'c>,
        r: &'c Node<'c>,
        cx: Context<'_, 'c>,
        depth: u32,
    ) -> Op {
        let l = self.boxed(l, cx, depth);
        let r = self.boxed(r, cx, depth);
        match binary {
            Binary::Alternative => Op::Alternative(l, r),
            Binary::Assign => Op::Assign(l, r),
            Binary::Modify => Op::Modify(l, r),
            Binary::UpdateAlternative => Op::UpdateAlternative(l, r),
            Binary::Update(math) => Op::Update(math, l, r),
            Binary::Or => Op::Or(l, r),
            Binary::And => Op::And(l, r),
            Binary::Compare(comparison) => Op::Compare(comparison, l, r),
            Binary::Math(math) => Op::Math(math, l, r),
        }
    }

    fn fold(
        &mut self,
        fold: &'c syntax::Fold<'c>,
        cx: Context<'_, 'c>,
        depth: u32,
        update: &mut dyn FnMut(&mut Self, Context<'_, 'c>, u32) -> Ir,
    ) -> Fold {
        let source = self.node(&fold.source, cx, depth);
        let init = self.node(&fold.init, cx, depth);
        let mut inner = |c: &mut Self, cx: Context<'_, 'c>, depth| Box::new(update(c, cx, depth));
        let (patterns, update) = self.patterns(&fold.patterns, cx, depth, &mut inner);
        Fold { source, patterns, init, update: *update }
    }

    /// Compiles patterns, and then what sees their variables.
    fn patterns(
        &mut self,
        patterns: &'c [syntax::Pattern<'c>],
        cx: Context<'_, 'c>,
        depth: u32,
        inner: &mut dyn FnMut(&mut Self, Context<'_, 'c>, u32) -> Box<Ir>,
    ) -> (Patterns, Box<Ir>) {
        let mut names = Vec::new();
        let shared = patterns.len() > 1;
        let mut slot = |name: &'c str| {
            let known = names.iter().position(|known| *known == Some(name));
            let slot = match known {
                Some(slot) if shared => slot,
                // Of a name that comes twice in a pattern, the one that is matched first counts.
                known => {
                    names.push(if known.is_some() { None } else { Some(name) });
                    names.len() - 1
                }
            };
            u32::try_from(slot).expect("a filter has fewer variables")
        };
        let alternatives = patterns.iter().map(|pattern| self.pattern(pattern, cx, depth, &mut slot)).collect();
        let variables = u32::try_from(names.len()).expect("a filter has fewer variables");
        let body = self.with_variables(&names, cx, depth, inner);
        (Patterns { alternatives, variables }, body)
    }

    fn with_variables(
        &mut self,
        names: &[Option<&'c str>],
        cx: Context<'_, 'c>,
        depth: u32,
        inner: &mut dyn FnMut(&mut Self, Context<'_, 'c>, u32) -> Box<Ir>,
    ) -> Box<Ir> {
        match names {
            [] => inner(self, cx, depth),
            [None, rest @ ..] => self.with_variables(rest, cx, depth + 1, inner),
            [Some(name), rest @ ..] => {
                let scope = Scope { outer: cx.scope, name, what: What::Variable(depth) };
                self.with_variables(rest, Context { scope: Some(&scope), at: cx.at }, depth + 1, inner)
            }
        }
    }

    fn pattern(
        &mut self,
        pattern: &'c syntax::Pattern<'c>,
        cx: Context<'_, 'c>,
        depth: u32,
        slot: &mut impl FnMut(&'c str) -> u32,
    ) -> ir::Pattern {
        match pattern {
            syntax::Pattern::Variable(name) => ir::Pattern::Variable(slot(name)),
            syntax::Pattern::Array(parts, at) => {
                let parts = parts.iter().rev().map(|part| self.pattern(part, cx, depth, slot));
                let mut parts: Vec<ir::Pattern> = parts.collect();
                parts.reverse();
                ir::Pattern::Array(parts.into(), cx.at.unwrap_or(*at))
            }
            syntax::Pattern::Object(entries) => {
                let entries = entries.iter().map(|entry| ir::Entry {
                    key: self.node(&entry.key, cx, depth),
                    variable: entry.variable.map(&mut *slot),
                    value: entry.value.as_ref().map(|value| self.pattern(value, cx, depth, slot)),
                });
                ir::Pattern::Object(entries.collect())
            }
        }
    }

    // --- definitions and calls ----------------------------------------------------------------------------------------

    fn define<'x>(
        &mut self,
        definition: &'c syntax::Definition<'c>,
        cx: Context<'x, 'c>,
        depth: u32,
    ) -> What<'x, 'c> {
        let index = self.functions.len();
        let parameters = definition.parameters.iter().map(|parameter| Parameter {
            closure: !parameter.is_value || calls(&definition.body, parameter.name),
            value: parameter.is_value,
        });
        let parameters: Box<[Parameter]> = parameters.collect();
        let body = Op::Empty.at(0);
        self.functions.push(ir::Definition { body, parameters: parameters.clone() });
        let function = What::Function {
            arity: parameters.len(),
            function: u32::try_from(index).expect("a filter has fewer functions"),
            level: depth,
        };
        let scope = Scope { outer: cx.scope, name: definition.name, what: function };
        let inside = Context { scope: Some(&scope), at: cx.at };
        self.functions[index].body = self.body(definition, &parameters, 0, inside, depth);
        function
    }

    /// Compiles the body of a definition, with the parameters from `next` on still to come.
    fn body(
        &mut self,
        definition: &'c syntax::Definition<'c>,
        parameters: &[Parameter],
        next: usize,
        cx: Context<'_, 'c>,
        depth: u32,
    ) -> Ir {
        let Some(parameter) = definition.parameters.get(next) else {
            return self.node(&definition.body, cx, depth);
        };
        let mut depth = depth;
        let closure = Scope { outer: cx.scope, name: parameter.name, what: What::Closure(depth) };
        let mut scope = cx.scope;
        if parameters[next].closure {
            scope = Some(&closure);
            depth += 1;
        }
        let value = Scope { outer: scope, name: parameter.name, what: What::Variable(depth) };
        if parameters[next].value {
            scope = Some(&value);
            depth += 1;
        }
        self.body(definition, parameters, next + 1, Context { scope, at: cx.at }, depth)
    }

    fn call<'x>(
        &mut self,
        name: &'c str,
        arguments: &'c [Node<'c>],
        cx: Context<'x, 'c>,
        depth: u32,
        at: u32,
    ) -> Ir {
        let arity = arguments.len();
        let is_it = |scope: &Scope<'x, 'c>| {
            let fits = match scope.what {
                What::Function { arity: parameters, .. } => parameters == arity,
                What::Closure(_) | What::Inlined { .. } => arity == 0,
                What::Variable(_) | What::Label(_) | What::Constant(_) => false,
            };
            (fits && scope.name == name).then_some(scope.what)
        };
        match find(cx.scope, is_it) {
            Some(What::Inlined { node, context }) => return self.node(node, context, depth),
            Some(What::Closure(level)) => return Op::Closure(depth - 1 - level).at(at),
            Some(What::Function { function, level, .. }) => {
                let mut handed = Vec::with_capacity(arity);
                for (i, argument) in arguments.iter().enumerate() {
                    let parameter = self.functions[function as usize].parameters[i];
                    let ir = self.node(argument, cx, depth);
                    handed.push(match ir.op {
                        _ if parameter.value => Argument::Value(ir),
                        Op::Closure(steps) => Argument::Forward(steps),
                        _ => Argument::Closure(ir),
                    });
                }
                return Op::Call(function, depth - level, handed.into()).at(at);
            }
            _ => {}
        }
        if let Some(op) = self.special(name, arguments, cx, depth, at) {
            return op.at(at);
        }
        // What the prelude keeps to itself begins with an underscore.
        let is_visible = cx.at.is_some() || !name.starts_with('_');
        if let Some(run) = self.prelude.natives.get(&(name, arity)).filter(|_| is_visible) {
            let arguments = arguments.iter().map(|argument| self.node(argument, cx, depth));
            return Op::Native(*run, arguments.collect()).at(at);
        }
        if let Some(definition) = self.prelude.definitions.get(&(name, arity)).filter(|_| is_visible) {
            let inside = Context { scope: None, at: Some(at) };
            return self.inline(definition, arguments, 0, cx, inside, depth, at);
        }
        self.undefined(at, "filter", format!("{name}/{arity}")).at(at)
    }

    /// Puts the body of a definition of the prelude in the place of a call.
    #[expect(clippy::too_many_arguments, reason = "the scopes of both sides, and how far the parameters are done")]
    fn inline(
        &mut self,
        definition: &'c syntax::Definition<'c>,
        arguments: &'c [Node<'c>],
        next: usize,
        caller: Context<'_, 'c>,
        inside: Context<'_, 'c>,
        depth: u32,
        at: u32,
    ) -> Ir {
        let Some(parameter) = definition.parameters.get(next) else {
            return self.node(&definition.body, inside, depth);
        };
        let argument = &arguments[next];
        let what = match &argument.term {
            _ if !parameter.is_value => What::Inlined { node: argument, context: caller },
            Term::Literal(value) => What::Constant(value),
            _ => {
                let source = self.boxed(argument, caller, depth);
                let scope = Scope { outer: inside.scope, name: parameter.name, what: What::Variable(depth) };
                let inside = Context { scope: Some(&scope), at: inside.at };
                let body = self.inline(definition, arguments, next + 1, caller, inside, depth + 1, at);
                return Op::Bind(source, Patterns::variable(), Box::new(body)).at(at);
            }
        };
        let scope = Scope { outer: inside.scope, name: parameter.name, what };
        let inside = Context { scope: Some(&scope), at: inside.at };
        self.inline(definition, arguments, next + 1, caller, inside, depth, at)
    }

    /// The filters that the evaluator knows by itself.
    fn special(
        &mut self,
        name: &str,
        arguments: &'c [Node<'c>],
        cx: Context<'_, 'c>,
        depth: u32,
        at: u32,
    ) -> Option<Op> {
        let mut argument = |i: usize| self.boxed(&arguments[i], cx, depth);
        Some(match (name, arguments.len()) {
            ("empty", 0) => Op::Empty,
            ("not", 0) => Op::Not,
            ("error", 0) => Op::Error(Box::new(Op::Identity.at(at))),
            ("error", 1) => Op::Error(argument(0)),
            ("env", 0) => Op::Constant(self.global("ENV").unwrap_or_default()),
            ("builtins", 0) => Op::Constant(self.prelude.names()),
            ("path", 1) => Op::Path(argument(0)),
            ("getpath", 1) => Op::GetPath(argument(0)),
            ("select", 1) => Op::If(argument(0), Box::new(Op::Identity.at(at)), Box::new(Op::Empty.at(at))),
            ("recurse", 0) => Op::Recurse(None),
            ("recurse", 1) => Op::Recurse(Some(argument(0))),
            ("first", 1) => Op::First(argument(0)),
            ("last", 1) => Op::Last(argument(0)),
            ("limit", 2) => Op::Limit(argument(0), argument(1)),
            ("until", 2) => Op::Until(argument(0), argument(1)),
            ("while", 2) => Op::While(argument(0), argument(1)),
            ("repeat", 1) => Op::Repeat(argument(0)),
            ("range", 1) => Op::Range(Box::new(Op::Constant(Val::Int(0)).at(at)), argument(0), None),
            ("range", 2) => Op::Range(argument(0), argument(1), None),
            ("range", 3) => Op::Range(argument(0), argument(1), Some(argument(2))),
            ("any", 2) => Op::Any(argument(0), argument(1)),
            ("all", 2) => Op::All(argument(0), argument(1)),
            ("isempty", 1) => Op::IsEmpty(argument(0)),
            ("walk", 1) => Op::Walk(argument(0)),
            ("sub", 3) => {
                let (pattern, replacement, flags) = (*argument(0), *argument(1), *argument(2));
                let matches = *self.prelude.natives.get(&("_matches", 2))?;
                Op::Substitute(Box::new(Substitution { pattern, replacement, flags, matches }))
            }
            _ => return None,
        })
    }
}

fn find<'x, 'c, T>(
    scope: Option<&'x Scope<'x, 'c>>,
    is_it: impl Fn(&Scope<'x, 'c>) -> Option<T>,
) -> Option<T> {
    let mut scope = scope;
    while let Some(here) = scope {
        if let Some(found) = is_it(here) {
            return Some(found);
        }
        scope = here.outer;
    }
    None
}

fn flatten(ir: Ir, stages: &mut Vec<Ir>) {
    match ir.op {
        Op::Identity => {}
        Op::Pipe(inner) => stages.extend(inner),
        _ => stages.push(ir),
    }
}

fn pipe(mut stages: Vec<Ir>, at: u32) -> Ir {
    match stages.len() {
        0 => Op::Identity.at(at),
        1 => stages.remove(0),
        _ => Op::Pipe(stages.into()).at(at),
    }
}

/// The values of a list that is written out.
fn constants(ir: &Ir) -> Option<Vec<Val>> {
    let constant = |ir: &Ir| match &ir.op {
        Op::Constant(value) => Some(value.clone()),
        _ => None,
    };
    match &ir.op {
        Op::Comma(parts) => parts.iter().map(constant).collect(),
        _ => constant(ir).map(|value| vec![value]),
    }
}

/// Whether a parameter is used as a filter anywhere inside, or something else of its name.
fn calls(node: &Node<'_>, name: &str) -> bool {
    let here = |node: &Node<'_>| calls(node, name);
    let optional = |node: &Option<Box<Node<'_>>>| node.as_ref().is_some_and(|node| calls(node, name));
    match &node.term {
        Term::Identity
        | Term::Recurse
        | Term::Literal(_)
        | Term::Format(_)
        | Term::Variable(_)
        | Term::Location
        | Term::Array(None)
        | Term::Break(_) => false,
        Term::Text(text) => text.pieces.iter().any(|piece| match piece {
            syntax::Piece::Plain(_) => false,
            syntax::Piece::Filter(f) => here(f),
        }),
        Term::Call(called, arguments) => (*called == name && arguments.is_empty()) || arguments.iter().any(here),
        Term::Array(Some(f)) | Term::Negate(f) | Term::Each(f, _) | Term::Label(_, f) => here(f),
        Term::Object(members) => {
            members.iter().any(|member| here(&member.key) || member.value.as_ref().is_some_and(here))
        }
        Term::Index(l, r, _) | Term::Binary(_, l, r) => here(l) || here(r),
        Term::Slice(base, from, upto, _) => here(base) || optional(from) || optional(upto),
        Term::Pipe(parts) | Term::Comma(parts) => parts.iter().any(here),
        Term::If(condition, then, other) => here(condition) || here(then) || optional(other),
        Term::Try(body, catch) => here(body) || optional(catch),
        Term::Reduce(fold) => calls_in_fold(fold, name),
        Term::Foreach(fold, extract) => calls_in_fold(fold, name) || optional(extract),
        Term::Define(definition, body) => calls(&definition.body, name) || here(body),
        Term::Bind(source, patterns, body) => {
            here(source) || here(body) || patterns.iter().any(|pattern| calls_in_pattern(pattern, name))
        }
    }
}

fn calls_in_fold(fold: &syntax::Fold<'_>, name: &str) -> bool {
    calls(&fold.source, name)
        || calls(&fold.init, name)
        || calls(&fold.update, name)
        || fold.patterns.iter().any(|pattern| calls_in_pattern(pattern, name))
}

fn calls_in_pattern(pattern: &syntax::Pattern<'_>, name: &str) -> bool {
    match pattern {
        syntax::Pattern::Variable(_) => false,
        syntax::Pattern::Array(parts, _) => parts.iter().any(|part| calls_in_pattern(part, name)),
        syntax::Pattern::Object(entries) => entries.iter().any(|entry| {
            calls(&entry.key, name) || entry.value.as_ref().is_some_and(|value| calls_in_pattern(value, name))
        }),
    }
}

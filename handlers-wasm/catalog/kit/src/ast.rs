//! What jaq's syntax trees do not offer: finding the calls in one, and copying one.

use jaq_core::load::lex::StrPart;
use jaq_core::load::parse::{BinaryOp, Def, Pattern, Term};
use jaq_core::path::{Part, Path};

/// Shows `see` the name and the number of arguments of each call in a term.
pub fn calls<'t, 's>(term: &'t Term<&'s str>, see: &mut impl FnMut(&'s str, usize)) {
    match term {
        Term::Id | Term::Recurse | Term::Num(_) | Term::Break(_) | Term::Var(_) => {}
        Term::Str(format, parts) => {
            if let Some(format) = format {
                see(format, 0);
            }
            for part in parts {
                if let StrPart::Term(t) = part {
                    calls(t, see);
                }
            }
        }
        Term::Arr(t) => t.iter().for_each(|t| calls(t, see)),
        Term::Obj(members) => {
            for (key, value) in members {
                calls(key, see);
                value.iter().for_each(|t| calls(t, see));
            }
        }
        Term::Neg(t) | Term::Label(_, t) => calls(t, see),
        Term::Pipe(l, pattern, r) => {
            calls(l, see);
            pattern.iter().for_each(|p| calls_in_pattern(p, see));
            calls(r, see);
        }
        Term::BinOp(l, _, r) => {
            calls(l, see);
            calls(r, see);
        }
        Term::Fold(_, source, pattern, arguments) => {
            calls(source, see);
            calls_in_pattern(pattern, see);
            arguments.iter().for_each(|t| calls(t, see));
        }
        Term::TryCatch(t, catch) => {
            calls(t, see);
            catch.iter().for_each(|t| calls(t, see));
        }
        Term::IfThenElse(branches, other) => {
            for (condition, then) in branches {
                calls(condition, see);
                calls(then, see);
            }
            other.iter().for_each(|t| calls(t, see));
        }
        Term::Def(definitions, t) => {
            definitions.iter().for_each(|d| calls(&d.body, see));
            calls(t, see);
        }
        Term::Call(name, arguments) => {
            see(name, arguments.len());
            arguments.iter().for_each(|t| calls(t, see));
        }
        Term::Path(t, path) => {
            calls(t, see);
            for (part, _) in &path.0 {
                match part {
                    Part::Index(t) => calls(t, see),
                    Part::Range(from, upto) => {
                        from.iter().chain(upto).for_each(|t| calls(t, see));
                    }
                }
            }
        }
    }
}

fn calls_in_pattern<'t, 's>(pattern: &'t Pattern<&'s str>, see: &mut impl FnMut(&'s str, usize)) {
    match pattern {
        Pattern::Var(_) => {}
        Pattern::Arr(patterns) => patterns.iter().for_each(|p| calls_in_pattern(p, see)),
        Pattern::Obj(members) => {
            for (key, p) in members {
                calls(key, see);
                calls_in_pattern(p, see);
            }
        }
    }
}

/// Copies a definition.
pub fn copy_definition<S: Copy>(definition: &Def<S>) -> Def<S> {
    Def {
        name: definition.name,
        args: definition.args.clone(),
        body: copy(&definition.body),
    }
}

fn boxed<S: Copy>(term: &Term<S>) -> Box<Term<S>> {
    Box::new(copy(term))
}

fn all<S: Copy>(terms: &[Term<S>]) -> Vec<Term<S>> {
    terms.iter().map(copy).collect()
}

fn copy<S: Copy>(term: &Term<S>) -> Term<S> {
    match term {
        Term::Id => Term::Id,
        Term::Recurse => Term::Recurse,
        Term::Num(n) => Term::Num(*n),
        Term::Str(format, parts) => {
            let parts = parts.iter().map(|part| match part {
                StrPart::Str(s) => StrPart::Str(*s),
                StrPart::Term(t) => StrPart::Term(copy(t)),
                StrPart::Char(c) => StrPart::Char(*c),
            });
            Term::Str(*format, parts.collect())
        }
        Term::Arr(t) => Term::Arr(t.as_deref().map(boxed)),
        Term::Obj(members) => {
            let members = members.iter();
            Term::Obj(members.map(|(k, v)| (copy(k), v.as_ref().map(copy))).collect())
        }
        Term::Neg(t) => Term::Neg(boxed(t)),
        Term::Pipe(l, pattern, r) => {
            Term::Pipe(boxed(l), pattern.as_ref().map(copy_pattern), boxed(r))
        }
        Term::BinOp(l, op, r) => Term::BinOp(boxed(l), copy_op(op), boxed(r)),
        Term::Label(name, t) => Term::Label(*name, boxed(t)),
        Term::Break(name) => Term::Break(*name),
        Term::Fold(name, source, pattern, arguments) => {
            Term::Fold(*name, boxed(source), copy_pattern(pattern), all(arguments))
        }
        Term::TryCatch(t, catch) => Term::TryCatch(boxed(t), catch.as_deref().map(boxed)),
        Term::IfThenElse(branches, other) => {
            let branches = branches.iter().map(|(c, t)| (copy(c), copy(t)));
            Term::IfThenElse(branches.collect(), other.as_deref().map(boxed))
        }
        Term::Def(definitions, t) => {
            Term::Def(definitions.iter().map(copy_definition).collect(), boxed(t))
        }
        Term::Call(name, arguments) => Term::Call(*name, all(arguments)),
        Term::Var(name) => Term::Var(*name),
        Term::Path(t, path) => {
            let parts = path.0.iter().map(|(part, opt)| {
                let part = match part {
                    Part::Index(t) => Part::Index(copy(t)),
                    Part::Range(from, upto) => {
                        Part::Range(from.as_ref().map(copy), upto.as_ref().map(copy))
                    }
                };
                (part, *opt)
            });
            Term::Path(boxed(t), Path(parts.collect()))
        }
    }
}

fn copy_pattern<S: Copy>(pattern: &Pattern<S>) -> Pattern<S> {
    match pattern {
        Pattern::Var(name) => Pattern::Var(*name),
        Pattern::Arr(patterns) => Pattern::Arr(patterns.iter().map(copy_pattern).collect()),
        Pattern::Obj(members) => {
            let members = members.iter();
            Pattern::Obj(members.map(|(k, p)| (copy(k), copy_pattern(p))).collect())
        }
    }
}

fn copy_op(op: &BinaryOp) -> BinaryOp {
    match op {
        BinaryOp::Comma => BinaryOp::Comma,
        BinaryOp::Alt => BinaryOp::Alt,
        BinaryOp::Or => BinaryOp::Or,
        BinaryOp::And => BinaryOp::And,
        BinaryOp::Math(op) => BinaryOp::Math(*op),
        BinaryOp::Cmp(op) => BinaryOp::Cmp(*op),
        BinaryOp::Assign => BinaryOp::Assign,
        BinaryOp::Update => BinaryOp::Update,
        BinaryOp::UpdateMath(op) => BinaryOp::UpdateMath(*op),
        BinaryOp::UpdateAlt => BinaryOp::UpdateAlt,
    }
}

//! Syntax trees of filters.

use crate::value::Val;

/// A part of a filter, with the place at which an error in it is reported: the offset of a byte.
#[derive(Debug)]
pub struct Node<'s> {
    pub term: Term<'s>,
    pub at: u32,
}

#[derive(Debug)]
pub enum Term<'s> {
    Identity,
    /// `..`
    Recurse,
    Literal(Val),
    Text(Text<'s>),
    /// `@base64`, with the `@`.
    Format(&'s str),
    Variable(&'s str),
    /// `$__loc__`
    Location,
    Call(&'s str, Vec<Node<'s>>),
    Array(Option<Box<Node<'s>>>),
    Object(Vec<Member<'s>>),
    Negate(Box<Node<'s>>),
    /// `.a`, `.[f]`; optional ones end in `?` and pass over values that have no such part.
    Index(Box<Node<'s>>, Box<Node<'s>>, Optional),
    Slice(Box<Node<'s>>, Option<Box<Node<'s>>>, Option<Box<Node<'s>>>, Optional),
    Each(Box<Node<'s>>, Optional),
    /// Stages, of which the last may be a binding that reaches to the end.
    Pipe(Vec<Node<'s>>),
    Comma(Vec<Node<'s>>),
    Binary(Binary, Box<Node<'s>>, Box<Node<'s>>),
    If(Box<Node<'s>>, Box<Node<'s>>, Option<Box<Node<'s>>>),
    Try(Box<Node<'s>>, Option<Box<Node<'s>>>),
    Reduce(Box<Fold<'s>>),
    /// With what each step gives, if that is not the state.
    Foreach(Box<Fold<'s>>, Option<Box<Node<'s>>>),
    Define(Box<Definition<'s>>, Box<Node<'s>>),
    Label(&'s str, Box<Node<'s>>),
    Break(&'s str),
    /// `source as pattern ?// pattern | body`
    Bind(Box<Node<'s>>, Vec<Pattern<'s>>, Box<Node<'s>>),
}

pub type Optional = bool;

/// A string, with the format of what is put in, if there is one.
#[derive(Debug)]
pub struct Text<'s> {
    pub format: Option<&'s str>,
    pub pieces: Vec<Piece<'s>>,
}

#[derive(Debug)]
pub enum Piece<'s> {
    Plain(String),
    Filter(Node<'s>),
}

#[derive(Debug)]
pub struct Member<'s> {
    pub key: Node<'s>,
    /// Without it, the value is what the input has under the key.
    pub value: Option<Node<'s>>,
}

#[derive(Debug)]
pub struct Fold<'s> {
    pub source: Node<'s>,
    pub patterns: Vec<Pattern<'s>>,
    pub init: Node<'s>,
    pub update: Node<'s>,
}

#[derive(Debug)]
pub struct Definition<'s> {
    pub name: &'s str,
    pub parameters: Vec<Parameter<'s>>,
    pub body: Node<'s>,
}

#[derive(Clone, Copy, Debug)]
pub struct Parameter<'s> {
    pub name: &'s str,
    /// Written with a `$`: the argument is also a variable.
    pub is_value: bool,
}

#[derive(Debug)]
pub enum Pattern<'s> {
    Variable(&'s str),
    Array(Vec<Pattern<'s>>, u32),
    Object(Vec<Entry<'s>>),
}

/// What an object pattern takes from an object.
#[derive(Debug)]
pub struct Entry<'s> {
    pub key: Node<'s>,
    /// The variable of a key written as one: `{$a}`, `{$a: [$b]}`.
    pub variable: Option<&'s str>,
    pub value: Option<Pattern<'s>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binary {
    Alternative,
    Assign,
    Modify,
    UpdateAlternative,
    Update(Math),
    Or,
    And,
    Compare(Comparison),
    Math(Math),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Math {
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

impl<'s> Term<'s> {
    pub fn at(self, at: u32) -> Node<'s> {
        Node { term: self, at }
    }
}

//! From tokens to a syntax tree.

use super::lex::{self, Kind, Token};
use super::syntax::{
    Binary, Comparison, Definition, Entry, Fold, Math, Member, Node, Optional, Parameter, Pattern, Piece, Term, Text,
};
use crate::value::Val;

/// Brackets in a filter may lie so deep in each other.
const MAX_BRACKETS: usize = 128;
/// Parts of a filter may lie so deep in each other: beside brackets, also operators and words as in `try try try`.
const MAX_DEPTH: usize = 512;

/// Why a text is no filter.
#[derive(Debug)]
pub struct Error {
    pub expected: String,
    /// Where the text that was found instead begins and ends.
    pub at: usize,
    pub end: usize,
}

type Parsed<T> = Result<T, Error>;

/// Reads a filter.
pub fn filter(text: &str) -> Parsed<Node<'_>> {
    Parser::new(text, MAX_DEPTH).whole()
}

/// Reads a filter, unless its parts lie in each other deeper than so many levels: then there is none.
pub fn filter_within(text: &str, levels: usize) -> Option<Parsed<Node<'_>>> {
    let mut parser = Parser::new(text, levels.min(MAX_DEPTH));
    let read = parser.whole();
    if parser.is_beyond { None } else { Some(read) }
}

/// Reads definitions without a filter.
pub fn definitions(text: &str) -> Parsed<Vec<Definition<'_>>> {
    let mut parser = Parser::new(text, MAX_DEPTH);
    let mut definitions = Vec::new();
    while !parser.is(Kind::End) {
        definitions.push(parser.definition()?);
    }
    Ok(definitions)
}

struct Parser<'s> {
    text: &'s str,
    at: usize,
    /// The brackets that are open.
    brackets: Vec<(usize, &'static str)>,
    depth: usize,
    /// The depth at which it gives up.
    levels: usize,
    /// It has given up for that.
    is_beyond: bool,
}

fn place(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// How tightly an operator binds, and what comes of several in a row.
#[derive(Clone, Copy, PartialEq)]
enum Rank {
    Alternative = 1,
    Assignment,
    Or,
    And,
    Comparison,
    Sum,
    Product,
}

fn operator(kind: Kind<'_>) -> Option<(Binary, Rank)> {
    use Comparison::{Equal, Greater, GreaterEqual, Less, LessEqual, NotEqual};
    use Math::{Add, Divide, Modulo, Multiply, Subtract};
    let (Kind::Sign(name) | Kind::Keyword(name)) = kind else { return None };
    Some(match name {
        "//" => (Binary::Alternative, Rank::Alternative),
        "=" => (Binary::Assign, Rank::Assignment),
        "|=" => (Binary::Modify, Rank::Assignment),
        "//=" => (Binary::UpdateAlternative, Rank::Assignment),
        "+=" => (Binary::Update(Add), Rank::Assignment),
        "-=" => (Binary::Update(Subtract), Rank::Assignment),
        "*=" => (Binary::Update(Multiply), Rank::Assignment),
        "/=" => (Binary::Update(Divide), Rank::Assignment),
        "%=" => (Binary::Update(Modulo), Rank::Assignment),
        "or" => (Binary::Or, Rank::Or),
        "and" => (Binary::And, Rank::And),
        "==" => (Binary::Compare(Equal), Rank::Comparison),
        "!=" => (Binary::Compare(NotEqual), Rank::Comparison),
        "<" => (Binary::Compare(Less), Rank::Comparison),
        "<=" => (Binary::Compare(LessEqual), Rank::Comparison),
        ">" => (Binary::Compare(Greater), Rank::Comparison),
        ">=" => (Binary::Compare(GreaterEqual), Rank::Comparison),
        "+" => (Binary::Math(Add), Rank::Sum),
        "-" => (Binary::Math(Subtract), Rank::Sum),
        "*" => (Binary::Math(Multiply), Rank::Product),
        "/" => (Binary::Math(Divide), Rank::Product),
        "%" => (Binary::Math(Modulo), Rank::Product),
        _ => return None,
    })
}

impl<'s> Parser<'s> {
    fn new(text: &'s str, levels: usize) -> Self {
        Self { text, at: 0, brackets: Vec::new(), depth: 0, levels, is_beyond: false }
    }

    fn whole(&mut self) -> Parsed<Node<'s>> {
        let query = self.query()?;
        self.expect_end()?;
        Ok(query)
    }

    fn peek(&self) -> Token<'s> {
        lex::token(self.text, self.at)
    }

    fn is(&self, kind: Kind<'_>) -> bool {
        self.peek().kind == kind
    }

    fn next(&mut self) -> Token<'s> {
        let token = self.peek();
        self.at = token.end;
        token
    }

    fn accept(&mut self, kind: Kind<'_>) -> bool {
        let token = self.peek();
        let is_it = token.kind == kind;
        if is_it {
            self.at = token.end;
        }
        is_it
    }

    fn accept_sign(&mut self, sign: &'static str) -> bool {
        self.accept(Kind::Sign(sign))
    }

    fn failed<T>(&self, expected: impl Into<String>) -> Parsed<T> {
        let token = self.peek();
        Err(Error { expected: expected.into(), at: token.at, end: token.end })
    }

    fn expect_sign(&mut self, sign: &'static str) -> Parsed<()> {
        if self.accept_sign(sign) { Ok(()) } else { self.failed(format!("'{sign}'")) }
    }

    fn expect_keyword(&mut self, keyword: &'static str) -> Parsed<()> {
        if self.accept(Kind::Keyword(keyword)) { Ok(()) } else { self.failed(format!("'{keyword}'")) }
    }

    fn expect_variable(&mut self) -> Parsed<&'s str> {
        match self.peek().kind {
            Kind::Variable(name) => {
                self.next();
                Ok(name)
            }
            _ => self.failed("a variable"),
        }
    }

    fn expect_end(&mut self) -> Parsed<()> {
        if self.is(Kind::End) { Ok(()) } else { self.failed("an operator or the end of the filter") }
    }

    /// Takes a bracket, of which there may be only so many.
    fn open(&mut self, close: &'static str) -> Parsed<u32> {
        if self.brackets.len() == MAX_BRACKETS {
            return self.failed(format!("brackets no deeper than {MAX_BRACKETS} levels"));
        }
        let at = self.next().at;
        self.brackets.push((at, close));
        Ok(place(at))
    }

    fn close(&mut self) -> Parsed<()> {
        let (at, close) = *self.brackets.last().expect("a bracket was opened");
        if !self.accept_sign(close) {
            return self.failed(self.unclosed(at, close));
        }
        self.brackets.pop();
        Ok(())
    }

    fn unclosed(&self, at: usize, close: &str) -> String {
        let name = match close {
            ")" => "parenthesis",
            "]" => "bracket",
            "}" => "brace",
            _ => "quote",
        };
        format!("a closing {name} for the one opened at {}", super::Position::of(self.text, at))
    }

    fn beyond<T>(&mut self) -> Parsed<T> {
        self.is_beyond = true;
        self.failed(format!("a filter nested no deeper than {MAX_DEPTH} levels"))
    }

    /// Reads what may lie inside of itself, to a depth that all later walks through the tree can bear.
    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth == self.levels {
            return self.beyond();
        }
        self.depth += 1;
        let read = read(self);
        self.depth -= 1;
        read
    }

    fn query(&mut self) -> Parsed<Node<'s>> {
        self.deeper(|parser| {
            let mut stages = Vec::new();
            loop {
                let (stage, reaches_to_end) = parser.commas()?;
                stages.push(stage);
                if reaches_to_end || !parser.accept_sign("|") {
                    break;
                }
            }
            Ok(several(stages, Term::Pipe))
        })
    }

    /// Reads what stands between two `|`; tells whether it reaches to the end of the query.
    fn commas(&mut self) -> Parsed<(Node<'s>, bool)> {
        let mut parts = Vec::new();
        loop {
            let token = self.peek();
            let at = place(token.at);
            match token.kind {
                Kind::Keyword("def") => {
                    let definition = self.definition()?;
                    let body = self.query()?;
                    parts.push(Term::Define(Box::new(definition), Box::new(body)).at(at));
                }
                Kind::Keyword("label") => {
                    self.next();
                    let name = self.expect_variable()?;
                    self.expect_sign("|")?;
                    let body = self.query()?;
                    parts.push(Term::Label(name, Box::new(body)).at(at));
                }
                _ => {
                    let part = self.expression()?;
                    if !self.accept(Kind::Keyword("as")) {
                        parts.push(part);
                        if self.accept_sign(",") {
                            continue;
                        }
                        return Ok((several(parts, Term::Comma), false));
                    }
                    let patterns = self.patterns()?;
                    self.expect_sign("|")?;
                    let body = self.query()?;
                    let at = part.at;
                    parts.push(Term::Bind(Box::new(part), patterns, Box::new(body)).at(at));
                }
            }
            return Ok((several(parts, Term::Comma), true));
        }
    }

    fn expression(&mut self) -> Parsed<Node<'s>> {
        self.operations(Rank::Alternative as u8)
    }

    fn operations(&mut self, lowest: u8) -> Parsed<Node<'s>> {
        let mut left = self.deeper(Self::term)?;
        let mut last = None;
        let depth = self.depth;
        while let Some((binary, rank)) = operator(self.peek().kind) {
            let strength = rank as u8;
            if strength < lowest {
                break;
            }
            let stands_alone = matches!(rank, Rank::Assignment | Rank::Comparison);
            if stands_alone && last == Some(rank) {
                return self.failed("parentheses around one of two such operators");
            }
            let at = place(self.next().at);
            // What stands on the left now lies one level deeper.
            self.depth += 1;
            let right = if rank == Rank::Alternative { strength } else { strength + 1 };
            let right = self.deeper(|parser| parser.operations(right))?;
            left = Term::Binary(binary, Box::new(left), Box::new(right)).at(at);
            last = Some(rank);
        }
        self.depth = depth;
        Ok(left)
    }

    /// Reads a term with what follows it: fields, brackets, question marks.
    fn term(&mut self) -> Parsed<Node<'s>> {
        let mut term = self.primary()?;
        let depth = self.depth;
        loop {
            let token = self.peek();
            let at = place(token.at);
            match token.kind {
                Kind::Field(name) => {
                    self.next();
                    let key = Term::Literal(Val::str(name)).at(at);
                    term = Term::Index(Box::new(term), Box::new(key), self.optional()).at(at);
                }
                Kind::Sign(".") => {
                    self.next();
                    match self.peek().kind {
                        Kind::Quote | Kind::Format(_) => {
                            let key = self.text()?;
                            term = Term::Index(Box::new(term), Box::new(key), self.optional()).at(at);
                        }
                        Kind::Sign("[") => term = self.brackets(term)?,
                        _ => return self.failed("a field"),
                    }
                }
                Kind::Sign("[") => term = self.brackets(term)?,
                Kind::Sign("?") => {
                    self.next();
                    term = Term::Try(Box::new(term), None).at(at);
                }
                _ => break,
            }
            self.depth += 1;
            if self.depth >= self.levels {
                return self.beyond();
            }
        }
        self.depth = depth;
        Ok(term)
    }

    fn optional(&mut self) -> Optional {
        self.accept_sign("?")
    }

    /// Reads `[]`, `[f]`, `[f:g]`, `[f:]` or `[:g]` after a term.
    fn brackets(&mut self, term: Node<'s>) -> Parsed<Node<'s>> {
        let term = Box::new(term);
        let at = self.open("]")?;
        if self.is(Kind::Sign("]")) {
            self.close()?;
            return Ok(Term::Each(term, self.optional()).at(at));
        }
        if self.accept_sign(":") {
            let upto = self.query()?;
            self.close()?;
            return Ok(Term::Slice(term, None, Some(Box::new(upto)), self.optional()).at(at));
        }
        let first = Box::new(self.query()?);
        if self.accept_sign(":") {
            let upto = if self.is(Kind::Sign("]")) { None } else { Some(Box::new(self.query()?)) };
            self.close()?;
            return Ok(Term::Slice(term, Some(first), upto, self.optional()).at(at));
        }
        self.close()?;
        Ok(Term::Index(term, first, self.optional()).at(at))
    }

    fn primary(&mut self) -> Parsed<Node<'s>> {
        let token = self.peek();
        let at = place(token.at);
        let term = match token.kind {
            Kind::Number(text) => {
                self.next();
                Term::Literal(number(text))
            }
            Kind::Quote => return self.text(),
            Kind::Format(name) => {
                if lex::token(self.text, token.end).kind == Kind::Quote {
                    return self.text();
                }
                self.next();
                Term::Format(name)
            }
            Kind::Field(name) => {
                self.next();
                let key = Term::Literal(Val::str(name)).at(at);
                let input = Term::Identity.at(at);
                Term::Index(Box::new(input), Box::new(key), self.optional())
            }
            Kind::Variable("__loc__") => {
                self.next();
                Term::Location
            }
            Kind::Variable(name) => {
                self.next();
                Term::Variable(name)
            }
            Kind::Name(name) => {
                self.next();
                let arguments = self.arguments()?;
                match name {
                    "null" if arguments.is_empty() => Term::Literal(Val::Null),
                    "true" if arguments.is_empty() => Term::Literal(Val::Bool(true)),
                    "false" if arguments.is_empty() => Term::Literal(Val::Bool(false)),
                    _ => Term::Call(name, arguments),
                }
            }
            Kind::Sign(".") => {
                self.next();
                match self.peek().kind {
                    Kind::Quote => self.string_field(at)?,
                    Kind::Format(_) if lex::token(self.text, self.peek().end).kind == Kind::Quote => {
                        self.string_field(at)?
                    }
                    Kind::Name(_) | Kind::Keyword("def" | "if" | "reduce" | "foreach" | "try" | "label") => {
                        return self.failed("an operator, or a name directly after the dot");
                    }
                    _ => Term::Identity,
                }
            }
            Kind::Sign("..") => {
                self.next();
                Term::Recurse
            }
            Kind::Sign("-") => {
                self.next();
                Term::Negate(Box::new(self.deeper(Self::term)?))
            }
            Kind::Sign("(") => {
                self.open(")")?;
                let query = self.query()?;
                self.close()?;
                return Ok(query);
            }
            Kind::Sign("[") => {
                self.open("]")?;
                let inside = if self.is(Kind::Sign("]")) { None } else { Some(Box::new(self.query()?)) };
                self.close()?;
                Term::Array(inside)
            }
            Kind::Sign("{") => self.object()?,
            Kind::Keyword(keyword) => {
                self.next();
                match keyword {
                    "if" => self.condition()?,
                    "try" => {
                        let body = self.deeper(Self::term)?;
                        let catch = if self.accept(Kind::Keyword("catch")) {
                            Some(Box::new(self.deeper(Self::term)?))
                        } else {
                            None
                        };
                        Term::Try(Box::new(body), catch)
                    }
                    "reduce" => Term::Reduce(Box::new(self.fold()?.0)),
                    "foreach" => {
                        let (fold, extract) = self.fold()?;
                        Term::Foreach(Box::new(fold), extract.map(Box::new))
                    }
                    "break" => Term::Break(self.expect_variable()?),
                    "import" | "include" | "module" => {
                        self.at = token.at;
                        return self.failed("a filter without modules");
                    }
                    _ => {
                        self.at = token.at;
                        return self.failed("a filter");
                    }
                }
            }
            Kind::Unknown => return self.failed("a filter or an operator"),
            Kind::Sign(_) | Kind::End => return self.failed("a filter"),
        };
        Ok(term.at(at))
    }

    fn string_field(&mut self, at: u32) -> Parsed<Term<'s>> {
        let key = self.text()?;
        let input = Term::Identity.at(at);
        Ok(Term::Index(Box::new(input), Box::new(key), self.optional()))
    }

    fn arguments(&mut self) -> Parsed<Vec<Node<'s>>> {
        let mut arguments = Vec::new();
        if self.is(Kind::Sign("(")) {
            self.open(")")?;
            loop {
                arguments.push(self.query()?);
                if !self.accept_sign(";") {
                    break;
                }
            }
            self.close()?;
        }
        Ok(arguments)
    }

    /// Reads an `if` from behind the word.
    fn condition(&mut self) -> Parsed<Term<'s>> {
        self.deeper(|parser| {
            let condition = parser.query()?;
            parser.expect_keyword("then")?;
            let then = parser.query()?;
            let token = parser.peek();
            let other = match token.kind {
                Kind::Keyword("elif") => {
                    parser.next();
                    Some(parser.condition()?.at(place(token.at)))
                }
                Kind::Keyword("else") => {
                    parser.next();
                    let other = parser.query()?;
                    parser.expect_keyword("end")?;
                    Some(other)
                }
                Kind::Keyword("end") => {
                    parser.next();
                    None
                }
                _ => return parser.failed("'else' or 'end'"),
            };
            Ok(Term::If(Box::new(condition), Box::new(then), other.map(Box::new)))
        })
    }

    /// Reads a `reduce` or a `foreach` from behind the word, with a third argument, if there is one.
    fn fold(&mut self) -> Parsed<(Fold<'s>, Option<Node<'s>>)> {
        let foreach = self.text[..self.at].ends_with("foreach");
        let source = self.expression()?;
        self.expect_keyword("as")?;
        let patterns = self.patterns()?;
        if !self.is(Kind::Sign("(")) {
            return self.failed("'('");
        }
        self.open(")")?;
        let init = self.query()?;
        self.expect_sign(";")?;
        let update = self.query()?;
        let extract = if foreach && self.accept_sign(";") { Some(self.query()?) } else { None };
        self.close()?;
        Ok((Fold { source, patterns, init, update }, extract))
    }

    fn definition(&mut self) -> Parsed<Definition<'s>> {
        self.expect_keyword("def")?;
        let name = self.expect_name("a name for the definition")?;
        let mut parameters = Vec::new();
        if self.is(Kind::Sign("(")) {
            self.open(")")?;
            loop {
                let parameter = match self.peek().kind {
                    Kind::Variable(name) => Parameter { name, is_value: true },
                    Kind::Name(name) => Parameter { name, is_value: false },
                    _ => return self.failed("a parameter"),
                };
                self.next();
                parameters.push(parameter);
                if !self.accept_sign(";") {
                    break;
                }
            }
            self.close()?;
        }
        self.expect_sign(":")?;
        let body = self.query()?;
        self.expect_sign(";")?;
        Ok(Definition { name, parameters, body })
    }

    fn expect_name(&mut self, expected: &str) -> Parsed<&'s str> {
        match self.peek().kind {
            Kind::Name(name) => {
                self.next();
                Ok(name)
            }
            _ => self.failed(expected),
        }
    }

    fn patterns(&mut self) -> Parsed<Vec<Pattern<'s>>> {
        let mut patterns = vec![self.pattern()?];
        while self.accept_sign("?//") {
            patterns.push(self.pattern()?);
        }
        Ok(patterns)
    }

    fn pattern(&mut self) -> Parsed<Pattern<'s>> {
        self.deeper(|parser| {
            let token = parser.peek();
            match token.kind {
                Kind::Variable(name) => {
                    parser.next();
                    Ok(Pattern::Variable(name))
                }
                Kind::Sign("[") => {
                    let at = parser.open("]")?;
                    let mut parts = vec![parser.pattern()?];
                    while parser.accept_sign(",") {
                        parts.push(parser.pattern()?);
                    }
                    parser.close()?;
                    Ok(Pattern::Array(parts, at))
                }
                Kind::Sign("{") => {
                    parser.open("}")?;
                    let mut entries = vec![parser.entry()?];
                    while parser.accept_sign(",") {
                        entries.push(parser.entry()?);
                    }
                    parser.close()?;
                    Ok(Pattern::Object(entries))
                }
                _ => parser.failed("a pattern"),
            }
        })
    }

    fn entry(&mut self) -> Parsed<Entry<'s>> {
        let token = self.peek();
        let at = place(token.at);
        if let Kind::Variable(name) = token.kind {
            self.next();
            let key = Term::Literal(Val::str(name)).at(at);
            let value = if self.accept_sign(":") { Some(self.pattern()?) } else { None };
            return Ok(Entry { key, variable: Some(name), value });
        }
        let key = match token.kind {
            Kind::Name(name) | Kind::Keyword(name) => {
                self.next();
                Term::Literal(Val::str(name)).at(at)
            }
            Kind::Quote | Kind::Format(_) => self.text()?,
            Kind::Sign("(") => self.computed_key()?,
            _ => return self.failed("a key"),
        };
        self.expect_sign(":")?;
        let value = Some(self.pattern()?);
        Ok(Entry { key, variable: None, value })
    }

    /// Reads a key in parentheses. One that is written out must be a string.
    fn computed_key(&mut self) -> Parsed<Node<'s>> {
        let start = self.peek().at;
        self.open(")")?;
        let key = self.query()?;
        self.close()?;
        match &key.term {
            Term::Literal(value) if !matches!(value, Val::Str(_)) => Err(Error {
                expected: "a string as key".to_owned(),
                at: start,
                end: self.at,
            }),
            _ => Ok(key),
        }
    }

    fn object(&mut self) -> Parsed<Term<'s>> {
        self.open("}")?;
        let mut members = Vec::new();
        while !self.is(Kind::Sign("}")) {
            members.push(self.member()?);
            if !self.accept_sign(",") {
                break;
            }
        }
        self.close()?;
        Ok(Term::Object(members))
    }

    fn member(&mut self) -> Parsed<Member<'s>> {
        let token = self.peek();
        let at = place(token.at);
        let (key, alone) = match token.kind {
            Kind::Name(name) | Kind::Keyword(name) => {
                self.next();
                (Term::Literal(Val::str(name)).at(at), None)
            }
            Kind::Variable("__loc__") => {
                self.next();
                let key = Term::Literal(Val::str("__loc__")).at(at);
                return Ok(Member { key, value: Some(Term::Location.at(at)) });
            }
            Kind::Variable(name) => {
                self.next();
                (Term::Variable(name).at(at), Some(name))
            }
            Kind::Quote | Kind::Format(_) => (self.text()?, None),
            Kind::Sign("(") => {
                let key = self.computed_key()?;
                self.expect_sign(":")?;
                let value = Some(self.member_value()?);
                return Ok(Member { key, value });
            }
            Kind::Number(_) => return self.failed("a key; one that is no name stands in quotes"),
            _ => return self.failed("a key"),
        };
        if self.accept_sign(":") {
            let value = Some(self.member_value()?);
            return Ok(Member { key, value });
        }
        Ok(match alone {
            Some(name) => Member {
                key: Term::Literal(Val::str(name)).at(at),
                value: Some(key),
            },
            None => Member { key, value: None },
        })
    }

    /// Reads what stands behind a colon: a comma would begin the next member.
    fn member_value(&mut self) -> Parsed<Node<'s>> {
        let mut stages = vec![self.expression()?];
        while self.accept_sign("|") {
            stages.push(self.expression()?);
        }
        Ok(several(stages, Term::Pipe))
    }

    /// Reads a string, with its format if there is one.
    fn text(&mut self) -> Parsed<Node<'s>> {
        let token = self.next();
        let at = place(token.at);
        let format = match token.kind {
            Kind::Format(name) => {
                if !self.accept(Kind::Quote) {
                    return self.failed("a string");
                }
                Some(name)
            }
            _ => None,
        };
        let opened = self.at - 1;
        let mut pieces = Vec::new();
        let mut plain = String::new();
        loop {
            let rest = &self.text[self.at..];
            let length = rest.find(['"', '\\']).unwrap_or(rest.len());
            plain.push_str(&rest[..length]);
            self.at += length;
            let rest = &self.text.as_bytes()[self.at..];
            match rest {
                [] => {
                    let expected = self.unclosed(opened, "\"");
                    return Err(Error { expected, at: self.at, end: self.at });
                }
                [b'"', ..] => {
                    self.at += 1;
                    break;
                }
                [b'\\', b'(', ..] => {
                    if !plain.is_empty() {
                        pieces.push(Piece::Plain(std::mem::take(&mut plain)));
                    }
                    self.at += 1;
                    self.open(")")?;
                    pieces.push(Piece::Filter(self.query()?));
                    self.close()?;
                }
                _ => self.escape(&mut plain)?,
            }
        }
        if pieces.is_empty() {
            return Ok(Term::Literal(plain.into()).at(at));
        }
        if !plain.is_empty() {
            pieces.push(Piece::Plain(plain));
        }
        Ok(Term::Text(Text { format, pieces }).at(at))
    }

    fn escape(&mut self, plain: &mut String) -> Parsed<()> {
        let at = self.at;
        let character = match self.text.as_bytes().get(at + 1) {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                let first = self.unit(at)?;
                self.at = at + 6;
                let second = self.text[self.at..].starts_with("\\u").then(|| self.unit(self.at));
                let pair = match second {
                    Some(Ok(second)) => char::decode_utf16([first, second]).next().and_then(Result::ok),
                    _ => None,
                };
                match (char::from_u32(first.into()), pair) {
                    (Some(character), _) => plain.push(character),
                    (None, Some(character)) => {
                        self.at += 6;
                        plain.push(character);
                    }
                    (None, None) => plain.push(char::REPLACEMENT_CHARACTER),
                }
                return Ok(());
            }
            _ => {
                let end = self.text[at + 1..].chars().next().map_or(at + 1, |c| at + 1 + c.len_utf8());
                return Err(Error { expected: "an escape sequence".to_owned(), at, end });
            }
        };
        plain.push(character);
        self.at = at + 2;
        Ok(())
    }

    /// The number of an escape sequence `\u0000`.
    fn unit(&self, at: usize) -> Parsed<u16> {
        let digits = self.text.as_bytes().get(at + 2..at + 6).and_then(|digits| std::str::from_utf8(digits).ok());
        let digits = digits.filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
        digits.and_then(|digits| u16::from_str_radix(digits, 16).ok()).ok_or_else(|| Error {
            expected: "four hexadecimal digits".to_owned(),
            at: at + 2,
            end: at + 2,
        })
    }
}

fn several<'s>(mut parts: Vec<Node<'s>>, make: impl FnOnce(Vec<Node<'s>>) -> Term<'s>) -> Node<'s> {
    if parts.len() == 1 {
        return parts.remove(0);
    }
    let at = parts[0].at;
    make(parts).at(at)
}

/// The value of a number, which may have zeros in front, and a dot without digits before or after it.
fn number(text: &str) -> Val {
    let (mantissa, exponent) = text.split_at(text.find(['e', 'E']).unwrap_or(text.len()));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let zeros = whole.len().saturating_sub(1).min(whole.bytes().take_while(|b| *b == b'0').count());
    let whole = match &whole[zeros..] {
        "" => "0",
        whole => whole,
    };
    let dot = if fraction.is_empty() { "" } else { "." };
    Val::number(&format!("{whole}{dot}{fraction}{exponent}"))
}

//! From the text of a query to its segments.

use super::{Comparable, Comparison, Error, Expression, Logical, Path, Query, Segment, Selector};
use catalog_kit::pattern::Pattern;
use catalog_kit::{Val, json};

/// Integers of a query lie between the negative of this and it.
const MAX_INTEGER: i64 = (1 << 53) - 1;
/// Filters and brackets may lie so deep in each other.
const MAX_DEPTH: usize = 32;

type Parsed<T> = Result<T, Error>;

pub fn query(text: &str) -> Parsed<Query> {
    let mut parser = Parser { text, at: 0, depth: 0 };
    parser.expect("$")?;
    let query = parser.segments()?;
    if parser.at < text.len() {
        return Err(parser.error("expected '.', '..' or '['"));
    }
    Ok(query)
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    depth: usize,
}

/// What a function or a path in a filter is used for.
enum Operand {
    /// It can be compared.
    Comparable(Comparable),
    /// It holds or not.
    Logical(Logical),
    /// A path that may find several values: it can only be tested.
    Test(Path),
}

impl<'t> Parser<'t> {
    fn error(&self, problem: &'static str) -> Error {
        Error {
            problem: problem.into(),
            offset: self.at,
        }
    }

    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn take(&mut self, token: &str) -> bool {
        let is_next = self.rest().starts_with(token);
        if is_next {
            self.at += token.len();
        }
        is_next
    }

    fn expect(&mut self, token: &'static str) -> Parsed<()> {
        if self.take(token) {
            return Ok(());
        }
        Err(self.error(match token {
            "$" => "expected '$'",
            "]" => "expected ',' or ']'",
            ")" => "expected ')'",
            "," => "expected ','",
            _ => "expected something else",
        }))
    }

    fn space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
    }

    /// Does something one level deeper.
    fn deeper<T>(&mut self, f: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.error("nested too deeply"));
        }
        let parsed = f(self)?;
        self.depth -= 1;
        Ok(parsed)
    }

    fn segments(&mut self) -> Parsed<Query> {
        let mut segments = Vec::new();
        loop {
            let before = self.at;
            self.space();
            if self.take("..") {
                let selectors = match self.peek() {
                    Some('[') => self.bracketed()?,
                    _ => vec![self.shorthand()?],
                };
                segments.push(Segment::Descendant(selectors));
            } else if self.take(".") {
                segments.push(Segment::Child(vec![self.shorthand()?]));
            } else if self.peek() == Some('[') {
                segments.push(Segment::Child(self.bracketed()?));
            } else {
                self.at = before;
                return Ok(Query { segments });
            }
        }
    }

    fn shorthand(&mut self) -> Parsed<Selector> {
        if self.take("*") {
            return Ok(Selector::Wildcard);
        }
        let is_first = |c: char| c.is_ascii_alphabetic() || c == '_' || !c.is_ascii();
        let rest = self.rest();
        let end = rest.find(|c: char| !is_first(c) && !c.is_ascii_digit()).unwrap_or(rest.len());
        if !rest.starts_with(is_first) {
            return Err(self.error("expected a name or '*'"));
        }
        self.at += end;
        Ok(Selector::Name(rest[..end].to_owned()))
    }

    fn bracketed(&mut self) -> Parsed<Vec<Selector>> {
        self.deeper(|parser| {
            parser.at += 1;
            let mut selectors = Vec::new();
            loop {
                parser.space();
                selectors.push(parser.selector()?);
                parser.space();
                if !parser.take(",") {
                    break;
                }
            }
            parser.expect("]")?;
            Ok(selectors)
        })
    }

    fn selector(&mut self) -> Parsed<Selector> {
        match self.peek() {
            Some('\'' | '"') => self.string().map(Selector::Name),
            Some('*') => {
                self.at += 1;
                Ok(Selector::Wildcard)
            }
            Some('?') => {
                self.at += 1;
                self.space();
                self.or().map(Selector::Filter)
            }
            Some('-' | '0'..='9' | ':') => self.index_or_slice(),
            _ => Err(self.error("expected a name, a number, '*', ':' or '?'")),
        }
    }

    fn index_or_slice(&mut self) -> Parsed<Selector> {
        let from = self.optional_integer()?;
        let after = self.at;
        self.space();
        if !self.take(":") {
            self.at = after;
            return from.map(Selector::Index).ok_or_else(|| self.error("expected a number"));
        }
        self.space();
        let to = self.optional_integer()?;
        let after = self.at;
        self.space();
        let mut step = None;
        if self.take(":") {
            let after_colon = self.at;
            self.space();
            step = self.optional_integer()?;
            if step.is_none() {
                self.at = after_colon;
            }
        } else {
            self.at = after;
        }
        Ok(Selector::Slice(from, to, step.unwrap_or(1)))
    }

    fn optional_integer(&mut self) -> Parsed<Option<i64>> {
        let rest = self.rest();
        let digits = rest.strip_prefix('-').unwrap_or(rest);
        let count = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
        let written = &rest[..rest.len() - digits.len() + count];
        if written.is_empty() {
            return Ok(None);
        }
        let is_plain = count > 0 && written != "-0" && (count == 1 || !digits.starts_with('0'));
        let number = written.parse().ok().filter(|number: &i64| is_plain && number.abs() <= MAX_INTEGER);
        let number = number.ok_or_else(|| self.error("expected an integer"))?;
        self.at += written.len();
        Ok(Some(number))
    }

    fn string(&mut self) -> Parsed<String> {
        let quote = self.peek().unwrap_or('"');
        let start = self.at;
        self.at += 1;
        // Written as JSON has it, and read as that: only the quotes differ.
        let mut written = String::from("\"");
        loop {
            let c = self.peek().ok_or_else(|| self.error("unterminated string"))?;
            self.at += c.len_utf8();
            match c {
                c if c == quote => break,
                '\\' => match self.peek() {
                    Some(escaped) if escaped == quote && quote == '\'' => {
                        self.at += 1;
                        written.push('\'');
                    }
                    Some('"') if quote == '\'' => return Err(self.error("unknown escape in a string")),
                    Some(escaped) => {
                        self.at += escaped.len_utf8();
                        written.push('\\');
                        written.push(escaped);
                    }
                    None => return Err(self.error("unterminated string")),
                },
                '"' => written.push_str("\\\""),
                c => written.push(c),
            }
        }
        written.push('"');
        match json::parse(&written) {
            Ok(Val::Str(text)) => Ok(text.into()),
            _ => Err(Error {
                problem: "expected a string".into(),
                offset: start,
            }),
        }
    }

    // --- filters --------------------------------------------------------------------------------------------------------

    fn or(&mut self) -> Parsed<Logical> {
        let mut all = vec![self.and()?];
        while self.operator("||") {
            all.push(self.and()?);
        }
        Ok(if all.len() == 1 { all.remove(0) } else { Logical::Or(all) })
    }

    fn and(&mut self) -> Parsed<Logical> {
        let mut all = vec![self.basic()?];
        while self.operator("&&") {
            all.push(self.basic()?);
        }
        Ok(if all.len() == 1 { all.remove(0) } else { Logical::And(all) })
    }

    /// Takes an operator with the space around it.
    fn operator(&mut self, operator: &str) -> bool {
        let before = self.at;
        self.space();
        let is_next = self.take(operator);
        if is_next {
            self.space();
        } else {
            self.at = before;
        }
        is_next
    }

    fn basic(&mut self) -> Parsed<Logical> {
        let negated = self.take("!");
        if negated {
            self.space();
        }
        let logical = if self.take("(") {
            self.deeper(|parser| {
                parser.space();
                let inner = parser.or()?;
                parser.space();
                parser.expect(")")?;
                Ok(inner)
            })?
        } else {
            self.test_or_comparison(negated)?
        };
        Ok(if negated { Logical::Not(Box::new(logical)) } else { logical })
    }

    fn test_or_comparison(&mut self, negated: bool) -> Parsed<Logical> {
        let start = self.at;
        let left = self.operand()?;
        let comparison = if negated { None } else { self.comparison() };
        let Some(comparison) = comparison else {
            return match left {
                Operand::Logical(logical) => Ok(logical),
                Operand::Test(path) | Operand::Comparable(Comparable::Path(path)) => Ok(Logical::Exists(path)),
                Operand::Comparable(_) => Err(self.error("expected a comparison")),
            };
        };
        let left = self.comparable(left, start)?;
        let start = self.at;
        let right = self.operand()?;
        let right = self.comparable(right, start)?;
        Ok(Logical::Compare(left, comparison, right))
    }

    fn comparable(&self, operand: Operand, offset: usize) -> Parsed<Comparable> {
        let problem = match operand {
            Operand::Comparable(comparable) => return Ok(comparable),
            Operand::Logical(_) => "a logical expression cannot be compared",
            Operand::Test(_) => "a query that may return several values cannot be compared",
        };
        Err(Error {
            problem: problem.into(),
            offset,
        })
    }

    fn comparison(&mut self) -> Option<Comparison> {
        let operators = [
            ("==", Comparison::Equal),
            ("!=", Comparison::NotEqual),
            ("<=", Comparison::LessOrEqual),
            (">=", Comparison::GreaterOrEqual),
            ("<", Comparison::Less),
            (">", Comparison::Greater),
        ];
        operators.into_iter().find(|(operator, _)| self.operator(operator)).map(|(_, comparison)| comparison)
    }

    fn operand(&mut self) -> Parsed<Operand> {
        let literal = |value| Ok(Operand::Comparable(Comparable::Literal(value)));
        match self.peek() {
            Some('@' | '$') => {
                let path = self.path()?;
                Ok(match path.query.is_singular() {
                    true => Operand::Comparable(Comparable::Path(path)),
                    false => Operand::Test(path),
                })
            }
            Some('\'' | '"') => literal(self.string()?.into()),
            Some('-' | '0'..='9') => literal(self.number()?),
            Some('a'..='z') => {
                let rest = self.rest();
                let in_word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
                let word = &rest[..rest.find(|c: char| !in_word(c)).unwrap_or(rest.len())];
                self.at += word.len();
                match word {
                    _ if self.take("(") => self.deeper(|parser| parser.function(word)),
                    "true" => literal(Val::Bool(true)),
                    "false" => literal(Val::Bool(false)),
                    "null" => literal(Val::Null),
                    _ => Err(self.error("expected '('")),
                }
            }
            _ => Err(self.error("expected a path, a function, a string, a number, true, false or null")),
        }
    }

    fn path(&mut self) -> Parsed<Path> {
        let absolute = match self.peek() {
            Some('$') => true,
            Some('@') => false,
            _ => return Err(self.error("expected '@' or '$'")),
        };
        self.at += 1;
        let query = self.segments()?;
        Ok(Path { absolute, query })
    }

    fn number(&mut self) -> Parsed<Val> {
        let rest = self.rest();
        let end = rest.find(|c: char| !c.is_ascii_digit() && !"+-.eE".contains(c)).unwrap_or(rest.len());
        let number = json::parse(&rest[..end]).map_err(|_| self.error("expected a number"))?;
        self.at += end;
        Ok(number)
    }

    fn function(&mut self, name: &str) -> Parsed<Operand> {
        self.space();
        let operand = match name {
            "length" => Operand::Comparable(Comparable::Length(Box::new(self.argument()?))),
            "count" => Operand::Comparable(Comparable::Count(self.path()?)),
            "value" => Operand::Comparable(Comparable::Value(self.path()?)),
            "match" | "search" => {
                let text = self.argument()?;
                self.space();
                self.expect(",")?;
                self.space();
                let place = self.at;
                let whole = name == "match";
                let pattern = match self.argument()? {
                    Comparable::Literal(Val::Str(pattern)) => {
                        Expression::Written(Pattern::i_regexp(&pattern, whole).map_err(|cause| Error {
                            problem: format!("the pattern cannot be used: {cause}").into(),
                            offset: place,
                        })?)
                    }
                    pattern => Expression::Found { pattern, whole },
                };
                Operand::Logical(Logical::Matches { text, pattern })
            }
            _ => return Err(self.error("unknown function; available: count, length, match, search, value")),
        };
        self.space();
        self.expect(")")?;
        Ok(operand)
    }

    /// An argument that is a value.
    fn argument(&mut self) -> Parsed<Comparable> {
        let start = self.at;
        let operand = self.operand()?;
        self.comparable(operand, start)
    }
}

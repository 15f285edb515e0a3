//! Characters, and sets of them: what a bracket matches.

/// A character, or, beyond the last one, a byte that is part of none.
pub type Unit = u32;

const BYTES: Unit = 0x11_0000;

/// The character at a place in a text, and its length.
pub fn unit(text: &[u8], at: usize) -> (Unit, usize) {
    let byte = text[at];
    if byte < 0x80 {
        return (Unit::from(byte), 1);
    }
    let length = match byte {
        0xC2..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF4 => 4,
        _ => return (BYTES + Unit::from(byte), 1),
    };
    let bytes = text.get(at..at + length).and_then(|bytes| std::str::from_utf8(bytes).ok());
    match bytes.and_then(|text| text.chars().next()) {
        Some(c) => (Unit::from(c), length),
        None => (BYTES + Unit::from(byte), 1),
    }
}

/// How long the character at a place is.
pub fn width(text: &[u8], at: usize) -> usize {
    unit(text, at).1
}

/// Where the character before a place begins.
pub fn before(text: &[u8], at: usize) -> usize {
    for length in 2..=4.min(at) {
        if text[at - 1] < 0x80 {
            break;
        }
        if width(text, at - length) == length {
            return at - length;
        }
    }
    at - 1
}

/// The bytes of a character.
pub fn push(text: &mut Vec<u8>, unit: Unit) {
    match char::from_u32(unit) {
        Some(c) => text.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        None => text.push(u8::try_from(unit - BYTES).expect("a byte")),
    }
}

/// A character without its case.
pub fn fold(unit: Unit) -> Unit {
    if unit < 0x80 {
        return Unit::from(u8::try_from(unit).expect("ASCII").to_ascii_lowercase());
    }
    match char::from_u32(unit) {
        Some(c) => {
            let mut lower = c.to_lowercase();
            match (lower.next(), lower.next()) {
                (Some(lower), None) => Unit::from(lower),
                _ => unit,
            }
        }
        None => unit,
    }
}

fn upper(unit: Unit) -> Unit {
    match char::from_u32(unit) {
        Some(c) => {
            let mut upper = c.to_uppercase();
            match (upper.next(), upper.next()) {
                (Some(upper), None) => Unit::from(upper),
                _ => unit,
            }
        }
        None => unit,
    }
}

/// A class of characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    Alnum,
    Alpha,
    Blank,
    Cntrl,
    Digit,
    Graph,
    Lower,
    Print,
    Punct,
    Space,
    Upper,
    XDigit,
    Word,
}

impl Class {
    /// The class of this name.
    pub fn named(name: &[u8]) -> Option<Self> {
        Some(match name {
            b"alnum" => Self::Alnum,
            b"alpha" => Self::Alpha,
            b"blank" => Self::Blank,
            b"cntrl" => Self::Cntrl,
            b"digit" => Self::Digit,
            b"graph" => Self::Graph,
            b"lower" => Self::Lower,
            b"print" => Self::Print,
            b"punct" => Self::Punct,
            b"space" => Self::Space,
            b"upper" => Self::Upper,
            b"xdigit" => Self::XDigit,
            _ => return None,
        })
    }

    /// Whether a character belongs to it.
    pub fn has(self, unit: Unit) -> bool {
        let Some(c) = char::from_u32(unit) else { return false };
        match self {
            Self::Alnum => c.is_alphanumeric(),
            Self::Alpha => c.is_alphabetic(),
            Self::Blank => c == ' ' || c == '\t',
            Self::Cntrl => c.is_control(),
            Self::Digit => c.is_ascii_digit(),
            Self::Graph => c.is_ascii_graphic() || !c.is_ascii() && !c.is_control() && !c.is_whitespace(),
            Self::Lower => c.is_lowercase(),
            Self::Print => matches!(c, ' '..='~') || !c.is_ascii() && !c.is_control(),
            Self::Punct => {
                c.is_ascii_punctuation()
                    || !c.is_ascii() && !c.is_control() && !c.is_whitespace() && !c.is_alphanumeric()
            }
            Self::Space => matches!(c, '\t'..='\r' | ' ') || !c.is_ascii() && c.is_whitespace(),
            Self::Upper => c.is_uppercase(),
            Self::XDigit => c.is_ascii_hexdigit(),
            Self::Word => c == '_' || c.is_alphanumeric(),
        }
    }
}

/// A set of characters.
#[derive(Clone, Debug, Default)]
pub struct Set {
    /// It is all others.
    pub negated: bool,
    /// From the first to the last.
    pub ranges: Vec<(Unit, Unit)>,
    /// Classes, and whether their characters belong to the set or all others.
    pub classes: Vec<(Class, bool)>,
    /// Small letters and capitals are the same.
    ignore_case: bool,
    /// Which ASCII characters it has.
    ascii: u128,
}

impl Set {
    /// A class as a set.
    pub fn of(class: Class, has: bool) -> Self {
        Self { classes: vec![(class, has)], ..Self::default() }
    }

    /// To be called when all is in it.
    pub fn finish(&mut self, ignore_case: bool) {
        self.ignore_case = ignore_case;
        self.ascii = (0..128).filter(|unit| self.looked_up(*unit)).fold(0, |ascii, unit| ascii | 1 << unit);
    }

    /// Whether it has a character.
    pub fn has(&self, unit: Unit) -> bool {
        if unit < 0x80 { self.ascii >> unit & 1 == 1 } else { self.looked_up(unit) }
    }

    fn looked_up(&self, unit: Unit) -> bool {
        let found = self.lists(unit) || self.ignore_case && (self.lists(fold(unit)) || self.lists(upper(unit)));
        found != self.negated
    }

    fn lists(&self, unit: Unit) -> bool {
        self.ranges.iter().any(|(first, last)| (*first..=*last).contains(&unit))
            || self.classes.iter().any(|(class, has)| class.has(unit) == *has)
    }
}

//! Sets of characters.

use super::property::Property;

/// A range of characters by their code points, both ends included.
pub type Range = (u32, u32);

pub const DIGITS: &[Range] = &[(0x30, 0x39)];
pub const WORD: &[Range] = &[(0x30, 0x39), (0x41, 0x5a), (0x5f, 0x5f), (0x61, 0x7a)];
/// White space and line ends of ECMA-262.
pub const SPACE: &[Range] = &[
    (0x09, 0x0d),
    (0x20, 0x20),
    (0xa0, 0xa0),
    (0x1680, 0x1680),
    (0x2000, 0x200a),
    (0x2028, 0x2029),
    (0x202f, 0x202f),
    (0x205f, 0x205f),
    (0x3000, 0x3000),
    (0xfeff, 0xfeff),
];

/// What a set is made of.
#[derive(Clone, Debug)]
pub enum Item {
    /// A range.
    Range(Range),
    /// Some ranges, or all other characters.
    Ranges(&'static [Range], bool),
    /// The characters that have a property, or all others.
    Property(Property, bool),
}

impl Item {
    fn contains(&self, c: char) -> bool {
        let code = u32::from(c);
        let within = |range: &Range| (range.0..=range.1).contains(&code);
        match self {
            Self::Range(range) => within(range),
            Self::Ranges(ranges, negated) => ranges.iter().any(within) != *negated,
            Self::Property(property, negated) => property.has(c) != *negated,
        }
    }
}

/// Some characters, or all others.
#[derive(Clone, Debug)]
pub struct Set {
    items: Vec<Item>,
    negated: bool,
    /// The answers for ASCII, a bit each.
    ascii: u128,
}

impl Set {
    pub fn new(items: Vec<Item>, negated: bool) -> Self {
        let mut set = Self { items, negated, ascii: 0 };
        for c in '\0'..='\x7f' {
            set.ascii |= u128::from(set.looked_up(c)) << u32::from(c);
        }
        set
    }

    pub fn contains(&self, c: char) -> bool {
        if c.is_ascii() {
            self.ascii >> u32::from(c) & 1 == 1
        } else {
            self.looked_up(c)
        }
    }

    fn looked_up(&self, c: char) -> bool {
        self.items.iter().any(|item| item.contains(c)) != self.negated
    }
}

pub fn is_word(c: Option<char>) -> bool {
    c.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_')
}

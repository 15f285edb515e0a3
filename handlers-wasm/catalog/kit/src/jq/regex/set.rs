//! Sets of characters: what a bracket, `\w` or `\p{…}` matches.

use unicode_general_category::{GeneralCategory as Category, get_general_category};
use unicode_script::{Script, UnicodeScript};

/// A kind of characters that has a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    Alnum,
    Alpha,
    Ascii,
    Blank,
    Cntrl,
    Digit,
    Graph,
    Lower,
    Print,
    Punct,
    Space,
    Upper,
    Word,
    XDigit,
    Any,
    /// General categories, a bit for each.
    Categories(u32),
    Script(Script),
}

impl Class {
    /// The class of a POSIX bracket.
    pub fn posix(name: &str) -> Option<Self> {
        Some(match name {
            "alnum" => Self::Alnum,
            "alpha" => Self::Alpha,
            "ascii" => Self::Ascii,
            "blank" => Self::Blank,
            "cntrl" => Self::Cntrl,
            "digit" => Self::Digit,
            "graph" => Self::Graph,
            "lower" => Self::Lower,
            "print" => Self::Print,
            "punct" => Self::Punct,
            "space" => Self::Space,
            "upper" => Self::Upper,
            "word" => Self::Word,
            "xdigit" => Self::XDigit,
            _ => return None,
        })
    }

    /// The class of a property's name, in which case, spaces, `-` and `_` do not count.
    pub fn property(name: &str) -> Option<Self> {
        let words: Vec<&str> = name.split([' ', '-', '_']).filter(|word| !word.is_empty()).collect();
        let plain = words.concat().to_ascii_lowercase();
        Self::posix(&plain)
            .or_else(|| other_class(&plain))
            .or_else(|| categories(&plain).map(Self::Categories))
            .or_else(|| script(&words).map(Self::Script))
    }

    /// Whether a character belongs to it.
    pub fn contains(self, c: char) -> bool {
        if c.is_ascii() {
            return self.contains_ascii(c);
        }
        match self {
            Self::Any => true,
            Self::Ascii | Self::XDigit => false,
            Self::Alpha => c.is_alphabetic(),
            Self::Alnum => c.is_alphabetic() || is_of(c, DECIMAL_NUMBER),
            Self::Word => c.is_alphabetic() || is_of(c, WORD),
            Self::Digit => is_of(c, DECIMAL_NUMBER),
            Self::Lower => c.is_lowercase(),
            Self::Upper => c.is_uppercase(),
            Self::Space => c.is_whitespace(),
            Self::Cntrl => c.is_control(),
            Self::Blank => is_of(c, SPACE),
            Self::Punct => is_of(c, PUNCTUATION),
            Self::Graph => !c.is_whitespace() && !is_of(c, INVISIBLE),
            Self::Print => is_of(c, SPACE) || !c.is_whitespace() && !is_of(c, INVISIBLE),
            Self::Categories(categories) => is_of(c, categories),
            Self::Script(script) => c.script() == script,
        }
    }

    fn contains_ascii(self, c: char) -> bool {
        match self {
            Self::Any | Self::Ascii => true,
            Self::Alnum => c.is_ascii_alphanumeric(),
            Self::Alpha => c.is_ascii_alphabetic(),
            Self::Blank => c == ' ' || c == '\t',
            Self::Cntrl => c.is_ascii_control(),
            Self::Digit => c.is_ascii_digit(),
            Self::Graph => c.is_ascii_graphic(),
            Self::Lower => c.is_ascii_lowercase(),
            Self::Print => c.is_ascii_graphic() || c == ' ',
            Self::Punct => c.is_ascii_punctuation(),
            Self::Space => matches!(c, '\t'..='\r' | ' '),
            Self::Upper => c.is_ascii_uppercase(),
            Self::Word => c.is_ascii_alphanumeric() || c == '_',
            Self::XDigit => c.is_ascii_hexdigit(),
            Self::Categories(categories) => is_of(c, categories),
            Self::Script(script) => c.script() == script,
        }
    }
}

/// Each general category by its short and its long name.
const CATEGORIES: [(Category, &str, &str); 30] = [
    (Category::UppercaseLetter, "lu", "uppercaseletter"),
    (Category::LowercaseLetter, "ll", "lowercaseletter"),
    (Category::TitlecaseLetter, "lt", "titlecaseletter"),
    (Category::ModifierLetter, "lm", "modifierletter"),
    (Category::OtherLetter, "lo", "otherletter"),
    (Category::NonspacingMark, "mn", "nonspacingmark"),
    (Category::SpacingMark, "mc", "spacingmark"),
    (Category::EnclosingMark, "me", "enclosingmark"),
    (Category::DecimalNumber, "nd", "decimalnumber"),
    (Category::LetterNumber, "nl", "letternumber"),
    (Category::OtherNumber, "no", "othernumber"),
    (Category::ConnectorPunctuation, "pc", "connectorpunctuation"),
    (Category::DashPunctuation, "pd", "dashpunctuation"),
    (Category::OpenPunctuation, "ps", "openpunctuation"),
    (Category::ClosePunctuation, "pe", "closepunctuation"),
    (Category::InitialPunctuation, "pi", "initialpunctuation"),
    (Category::FinalPunctuation, "pf", "finalpunctuation"),
    (Category::OtherPunctuation, "po", "otherpunctuation"),
    (Category::MathSymbol, "sm", "mathsymbol"),
    (Category::CurrencySymbol, "sc", "currencysymbol"),
    (Category::ModifierSymbol, "sk", "modifiersymbol"),
    (Category::OtherSymbol, "so", "othersymbol"),
    (Category::SpaceSeparator, "zs", "spaceseparator"),
    (Category::LineSeparator, "zl", "lineseparator"),
    (Category::ParagraphSeparator, "zp", "paragraphseparator"),
    (Category::Control, "cc", "control"),
    (Category::Format, "cf", "format"),
    (Category::Surrogate, "cs", "surrogate"),
    (Category::PrivateUse, "co", "privateuse"),
    (Category::Unassigned, "cn", "unassigned"),
];

const DECIMAL_NUMBER: u32 = bit(Category::DecimalNumber);
const SPACE: u32 = bit(Category::SpaceSeparator);
const WORD: u32 = bit(Category::NonspacingMark)
    | bit(Category::SpacingMark)
    | bit(Category::EnclosingMark)
    | bit(Category::DecimalNumber)
    | bit(Category::ConnectorPunctuation);
const PUNCTUATION: u32 = bit(Category::ConnectorPunctuation)
    | bit(Category::DashPunctuation)
    | bit(Category::OpenPunctuation)
    | bit(Category::ClosePunctuation)
    | bit(Category::InitialPunctuation)
    | bit(Category::FinalPunctuation)
    | bit(Category::OtherPunctuation)
    | bit(Category::MathSymbol)
    | bit(Category::CurrencySymbol)
    | bit(Category::ModifierSymbol)
    | bit(Category::OtherSymbol);
const INVISIBLE: u32 = bit(Category::Control) | bit(Category::Surrogate) | bit(Category::Unassigned);

const fn bit(category: Category) -> u32 {
    1 << category as u32
}

fn is_of(c: char, categories: u32) -> bool {
    categories & bit(get_general_category(c)) != 0
}

fn other_class(plain: &str) -> Option<Class> {
    Some(match plain {
        "any" => Class::Any,
        "assigned" => Class::Categories(!bit(Category::Unassigned)),
        "alphabetic" => Class::Alpha,
        "lowercase" => Class::Lower,
        "uppercase" => Class::Upper,
        "whitespace" => Class::Space,
        _ => return None,
    })
}

/// The bits of a category's name, or of the first letter that several have in common.
fn categories(plain: &str) -> Option<u32> {
    let first = match plain {
        "l" | "letter" => "l",
        "m" | "mark" | "combiningmark" => "m",
        "n" | "number" => "n",
        "p" | "punctuation" => "p",
        "s" | "symbol" => "s",
        "z" | "separator" => "z",
        "c" | "other" => "c",
        _ => "",
    };
    let mut bits = 0;
    for (category, short, long) in CATEGORIES {
        let cased = matches!(short, "lu" | "ll" | "lt") && matches!(plain, "lc" | "casedletter");
        if short == plain || long == plain || cased || !first.is_empty() && short.starts_with(first) {
            bits |= bit(category);
        }
    }
    (bits != 0).then_some(bits)
}

fn script(words: &[&str]) -> Option<Script> {
    let capitalized: Vec<String> = words
        .iter()
        .map(|word| {
            let mut word = word.to_ascii_lowercase();
            if let Some(first) = word.get_mut(..1) {
                first.make_ascii_uppercase();
            }
            word
        })
        .collect();
    let name = capitalized.join("_");
    Script::from_full_name(&name).or_else(|| Script::from_short_name(&name))
}

/// Whether sorted ranges contain a character.
fn is_in(c: char, ranges: &[(u32, u32)]) -> bool {
    let code = u32::from(c);
    let place = ranges.partition_point(|(_, last)| *last < code);
    ranges.get(place).is_some_and(|(first, _)| *first <= code)
}

/// A set of characters.
#[derive(Clone, Debug, Default)]
pub struct Set {
    /// Which of the first 128 characters belong to it.
    ascii: u128,
    ranges: Vec<(u32, u32)>,
    classes: Vec<(Class, bool)>,
    negated: bool,
    ignore_case: bool,
}

impl Set {
    /// The characters of a class, or all others.
    pub fn of(class: Class, negated: bool) -> Self {
        let mut set = Self::default();
        set.add_class(class, false);
        set.finish(negated, false)
    }

    /// Adds a range of characters.
    pub fn add(&mut self, first: u32, last: u32) {
        self.ranges.push((first, last));
    }

    /// Adds the characters of a class, or all others.
    pub fn add_class(&mut self, class: Class, negated: bool) {
        self.classes.push((class, negated));
    }

    /// Makes it ready for use.
    pub fn finish(mut self, negated: bool, ignore_case: bool) -> Self {
        /// Larger ranges are not spelled out to fold them: they mostly have both cases.
        const MANY: u32 = 1024;
        self.ignore_case = ignore_case;
        if ignore_case {
            for place in 0..self.ranges.len() {
                let (first, last) = self.ranges[place];
                if last - first < MANY {
                    let folded = (first..=last).filter_map(char::from_u32).map(fold);
                    let folded: Vec<u32> = folded.map(u32::from).collect();
                    self.ranges.extend(folded.into_iter().map(|code| (code, code)));
                }
            }
        }
        self.ranges.sort_unstable();
        let mut merged: Vec<(u32, u32)> = Vec::with_capacity(self.ranges.len());
        for (first, last) in self.ranges.drain(..) {
            match merged.last_mut() {
                Some((_, end)) if first <= end.saturating_add(1) => *end = last.max(*end),
                _ => merged.push((first, last)),
            }
        }
        self.ranges = merged;
        for code in 0..128 {
            let c = char::from(code);
            if self.contains_slowly(c) != negated {
                self.ascii |= 1 << code;
            }
        }
        self.negated = negated;
        self
    }

    /// Whether a character belongs to it.
    #[inline]
    pub fn contains(&self, c: char) -> bool {
        if c.is_ascii() {
            self.ascii >> u32::from(c) & 1 == 1
        } else {
            self.contains_slowly(c) != self.negated
        }
    }

    fn contains_slowly(&self, c: char) -> bool {
        if self.contains_exactly(c) {
            return true;
        }
        if !self.ignore_case {
            return false;
        }
        let folded = fold(c);
        let differs = |other: &char| *other != c;
        [folded, upper(folded)].iter().filter(|c| differs(c)).any(|c| self.contains_exactly(*c))
    }

    fn contains_exactly(&self, c: char) -> bool {
        is_in(c, &self.ranges)
            || self.classes.iter().any(|(class, negated)| class.contains(c) != *negated)
    }

    /// Which bytes a character of the set can begin with, as 256 bits.
    pub fn first_bytes(&self, first: &mut FirstBytes) {
        for code in 0..128_u8 {
            if self.ascii >> code & 1 == 1 {
                first.add(code);
            }
        }
        first.add_beyond_ascii();
    }
}

/// The bytes that a match can begin with.
#[derive(Clone, Debug, Default)]
pub struct FirstBytes([u64; 4]);

impl FirstBytes {
    pub fn add(&mut self, byte: u8) {
        self.0[usize::from(byte >> 6)] |= 1 << (byte & 63);
    }

    pub fn add_beyond_ascii(&mut self) {
        self.0[2] = u64::MAX;
        self.0[3] = u64::MAX;
    }

    #[inline]
    pub fn contains(&self, byte: u8) -> bool {
        self.0[usize::from(byte >> 6)] >> (byte & 63) & 1 == 1
    }
}

/// The character that stands for all that differ from it only in case.
pub fn fold(c: char) -> char {
    if c.is_ascii() {
        return c.to_ascii_lowercase();
    }
    // The one letter whose capital has another small letter.
    if c == 'ı' {
        return c;
    }
    single(upper(c).to_lowercase()).unwrap_or(c)
}

/// The capital of a character, or the character.
fn upper(c: char) -> char {
    single(c.to_uppercase()).unwrap_or(c)
}

fn single(mut characters: impl Iterator<Item = char>) -> Option<char> {
    let first = characters.next();
    characters.next().map_or(first, |_| None)
}

/// Calls with each character of what stands for all that differ from a character only in case: `s`, `s` for `ß`.
pub fn fold_fully(c: char, each: &mut impl FnMut(char)) {
    if c.is_ascii() {
        return each(c.to_ascii_lowercase());
    }
    if c == 'ı' {
        return each(c);
    }
    let upper = c.to_lowercase().flat_map(char::to_uppercase);
    upper.flat_map(char::to_lowercase).for_each(each);
}

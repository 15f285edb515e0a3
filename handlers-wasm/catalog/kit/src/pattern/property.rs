//! The properties of Unicode that `\p{…}` may name: general categories, scripts, and a few of the binary ones.

use unicode_general_category::{GeneralCategory as Category, get_general_category};
use unicode_script::{Script, UnicodeScript};

/// A property that characters have or not.
#[derive(Clone, Copy, Debug)]
pub enum Property {
    Any,
    Ascii,
    Alphabetic,
    Lowercase,
    Uppercase,
    WhiteSpace,
    /// General categories, a bit for each place in [`CATEGORIES`].
    Categories(u32),
    Script(Script),
}

/// The general categories with their names.
const CATEGORIES: [(Category, &str, &str); 30] = [
    (Category::UppercaseLetter, "Lu", "Uppercase_Letter"),
    (Category::LowercaseLetter, "Ll", "Lowercase_Letter"),
    (Category::TitlecaseLetter, "Lt", "Titlecase_Letter"),
    (Category::ModifierLetter, "Lm", "Modifier_Letter"),
    (Category::OtherLetter, "Lo", "Other_Letter"),
    (Category::NonspacingMark, "Mn", "Nonspacing_Mark"),
    (Category::SpacingMark, "Mc", "Spacing_Mark"),
    (Category::EnclosingMark, "Me", "Enclosing_Mark"),
    (Category::DecimalNumber, "Nd", "Decimal_Number"),
    (Category::LetterNumber, "Nl", "Letter_Number"),
    (Category::OtherNumber, "No", "Other_Number"),
    (Category::ConnectorPunctuation, "Pc", "Connector_Punctuation"),
    (Category::DashPunctuation, "Pd", "Dash_Punctuation"),
    (Category::OpenPunctuation, "Ps", "Open_Punctuation"),
    (Category::ClosePunctuation, "Pe", "Close_Punctuation"),
    (Category::InitialPunctuation, "Pi", "Initial_Punctuation"),
    (Category::FinalPunctuation, "Pf", "Final_Punctuation"),
    (Category::OtherPunctuation, "Po", "Other_Punctuation"),
    (Category::MathSymbol, "Sm", "Math_Symbol"),
    (Category::CurrencySymbol, "Sc", "Currency_Symbol"),
    (Category::ModifierSymbol, "Sk", "Modifier_Symbol"),
    (Category::OtherSymbol, "So", "Other_Symbol"),
    (Category::SpaceSeparator, "Zs", "Space_Separator"),
    (Category::LineSeparator, "Zl", "Line_Separator"),
    (Category::ParagraphSeparator, "Zp", "Paragraph_Separator"),
    (Category::Control, "Cc", "Control"),
    (Category::Format, "Cf", "Format"),
    (Category::Surrogate, "Cs", "Surrogate"),
    (Category::PrivateUse, "Co", "Private_Use"),
    (Category::Unassigned, "Cn", "Unassigned"),
];

/// The names of groups of categories, and what the short names of their members begin with.
const GROUPS: [(&str, &str, &str); 7] = [
    ("L", "Letter", "L"),
    ("M", "Mark", "M"),
    ("N", "Number", "N"),
    ("P", "Punctuation", "P"),
    ("S", "Symbol", "S"),
    ("Z", "Separator", "Z"),
    ("C", "Other", "C"),
];

/// Other names of categories and groups.
const ALIASES: [(&str, &str); 4] = [
    ("Combining_Mark", "M"),
    ("cntrl", "Cc"),
    ("digit", "Nd"),
    ("punct", "P"),
];

impl Property {
    /// The property of a name, or of a name and a value around an equals sign.
    pub fn named(name: &str) -> Option<Self> {
        match name.split_once('=') {
            Some(("General_Category" | "gc", category)) => categories(category),
            Some(("Script" | "sc", script)) => {
                let found = Script::from_full_name(script).or_else(|| Script::from_short_name(script));
                found.map(Self::Script)
            }
            Some(_) => None,
            None => match name {
                "Any" => Some(Self::Any),
                "ASCII" => Some(Self::Ascii),
                "Assigned" => categories("Cn").map(|cn| match cn {
                    Self::Categories(mask) => Self::Categories(!mask),
                    other => other,
                }),
                "Alphabetic" | "Alpha" => Some(Self::Alphabetic),
                "Lowercase" | "Lower" => Some(Self::Lowercase),
                "Uppercase" | "Upper" => Some(Self::Uppercase),
                "White_Space" | "space" => Some(Self::WhiteSpace),
                category => categories(category),
            },
        }
    }

    pub fn has(self, c: char) -> bool {
        match self {
            Self::Any => true,
            Self::Ascii => c.is_ascii(),
            Self::Alphabetic => c.is_alphabetic(),
            Self::Lowercase => c.is_lowercase(),
            Self::Uppercase => c.is_uppercase(),
            Self::WhiteSpace => c.is_whitespace(),
            Self::Categories(mask) => mask >> place(get_general_category(c)) & 1 == 1,
            Self::Script(script) => c.script() == script,
        }
    }
}

fn place(category: Category) -> usize {
    let place = CATEGORIES.iter().position(|(known, _, _)| *known == category);
    place.unwrap_or(CATEGORIES.len() - 1)
}

fn categories(name: &str) -> Option<Property> {
    let name = ALIASES.iter().find(|(alias, _)| *alias == name).map_or(name, |(_, meant)| meant);
    let group = GROUPS.iter().find(|(short, long, _)| *short == name || *long == name);
    let mut mask = 0;
    for (i, (_, short, long)) in CATEGORIES.iter().enumerate() {
        let fits = match (name, group) {
            ("LC" | "Cased_Letter", _) => i < 3,
            (_, Some((_, _, first))) => short.starts_with(first),
            (name, None) => *short == name || *long == name,
        };
        mask |= u32::from(fits) << i;
    }
    (mask != 0).then_some(Property::Categories(mask))
}

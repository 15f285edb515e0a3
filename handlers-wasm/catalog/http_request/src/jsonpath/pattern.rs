//! I-Regexp (RFC 9485) by way of `regex-lite`.

use regex_lite::Regex;

/// Whether a pattern matches a text, whole or in some place. A pattern that cannot be read matches nothing.
pub fn matches(pattern: &str, text: &str, whole: bool) -> bool {
    let pattern = with_plain_dots(pattern);
    let pattern = if whole { format!("^(?:{pattern})$") } else { pattern };
    Regex::new(&pattern).is_ok_and(|regex| regex.is_match(text))
}

/// A dot stands for all but the two characters that end lines.
fn with_plain_dots(pattern: &str) -> String {
    let mut plain = String::with_capacity(pattern.len());
    let (mut escaped, mut in_class) = (false, false);
    for c in pattern.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' => in_class = true,
            ']' => in_class = false,
            '.' if !in_class => {
                plain.push_str("[^\\n\\r]");
                continue;
            }
            _ => {}
        }
        plain.push(c);
    }
    plain
}

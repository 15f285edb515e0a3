//! Values in texts that somebody takes for markup.

use catalog_kit::{Val, template};

/// Writes a value into text of Slack, where `<…>` is a link or a mention and `&…;` a character.
pub fn slack(text: &mut String, value: &Val) -> Result<(), &'static str> {
    escaped(text, value, |c| match c {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        _ => None,
    })
}

/// Writes a value into HTML, as text or into an attribute in quotes.
pub fn html(text: &mut String, value: &Val) -> Result<(), &'static str> {
    escaped(text, value, |c| match c {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        '"' => Some("&quot;"),
        '\'' => Some("&#39;"),
        _ => None,
    })
}

fn escaped(text: &mut String, value: &Val, entity: fn(char) -> Option<&'static str>) -> Result<(), &'static str> {
    let mut plain = String::new();
    template::write_any(&mut plain, value)?;
    for c in plain.chars() {
        match entity(c) {
            Some(entity) => text.push_str(entity),
            None => text.push(c),
        }
    }
    Ok(())
}

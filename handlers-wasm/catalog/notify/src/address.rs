//! Addresses of email: `ada@example.com` or `Ada Lovelace <ada@example.com>`.
//!
//! Data may be in them, so they are read strictly: one string is one address, whatever the provider would make of it.

use catalog_kit::{Map, Val};

/// The longest address that SMTP carries.
const MAX_ADDRESS: usize = 254;
/// What lists, groups, comments and quoted names are made of.
const SPECIALS: &str = "<>()[]\\,;:\"";

/// One mailbox.
pub struct Address {
    name: Option<String>,
    email: String,
}

impl Address {
    /// Reads a mailbox.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        if text.contains(|c: char| c.is_control()) {
            return Err("has a control character");
        }
        let text = text.trim();
        let Some(inside) = text.strip_suffix('>') else {
            return Self::of(None, text);
        };
        let (name, email) = inside.split_once('<').ok_or("has '>' without '<'")?;
        let name = name.trim();
        if name.contains(|c: char| SPECIALS.contains(c) || c == '@') {
            return Err("has a name with one of < > ( ) [ ] \\ , ; : \" @");
        }
        Self::of((!name.is_empty()).then(|| name.to_owned()), email)
    }

    fn of(name: Option<String>, email: &str) -> Result<Self, &'static str> {
        let (local, domain) = email.rsplit_once('@').ok_or("is not an email address")?;
        let odd = |c: char| c.is_whitespace() || c == '@' || SPECIALS.contains(c);
        let in_domain = |c: char| c.is_alphanumeric() || c == '-' || c == '.';
        let dots = |part: &str| part.starts_with('.') || part.ends_with('.') || part.contains("..");
        if local.is_empty() || domain.is_empty() || local.contains(odd) || !domain.chars().all(in_domain) {
            return Err("is not an email address");
        }
        if dots(local) || dots(domain) || email.len() > MAX_ADDRESS {
            return Err("is not an email address");
        }
        Ok(Self { name, email: email.to_owned() })
    }

    /// As one string.
    pub fn written(&self) -> Val {
        match &self.name {
            Some(name) => format!("{name} <{}>", self.email).into(),
            None => Val::str(&self.email),
        }
    }

    /// As an object of `email` and, if there is one, `name`.
    pub fn members(&self) -> Val {
        let name = self.name.as_ref().map(|name| ("name".into(), Val::str(name)));
        let members: Map = [("email".into(), Val::str(&self.email))].into_iter().chain(name).collect();
        Val::obj(members)
    }
}

#[cfg(test)]
mod tests {
    use super::Address;
    use catalog_kit::json;

    #[test]
    fn one_string_is_one_mailbox() {
        for (text, expected) in [
            ("ada@example.com", r#"{"email":"ada@example.com"}"#),
            (" ada@example.com ", r#"{"email":"ada@example.com"}"#),
            ("Ada Lovelace <ada@example.com>", r#"{"email":"ada@example.com","name":"Ada Lovelace"}"#),
            ("<ada+x@example.com>", r#"{"email":"ada+x@example.com"}"#),
            ("Zoë <zoë@exämple.org>", r#"{"email":"zoë@exämple.org","name":"Zoë"}"#),
        ] {
            assert_eq!(json::to_string(&Address::parse(text).unwrap().members()), expected, "{text}");
        }
        for text in [
            "", "ada", "@example.com", "ada@", "a@x.org,b@y.org", "a@x.org b@y.org", "a@x.org;b@y.org", "a@b@c.org",
            "A <a@x.org> <b@y.org>", "A <a@x.org>, B <b@y.org>", "a@x.org\r\nBcc: b@y.org", "A\nB <a@x.org>",
            "\"A, B\" <a@x.org>", "b@y.org <a@x.org>", "a@x..org", ".a@x.org", "a@x.org>", "A <a@x.org", "a@[10.0.0.1]",
        ] {
            assert!(Address::parse(text).is_err(), "{text}");
        }
    }
}

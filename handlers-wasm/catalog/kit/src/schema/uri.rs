//! As much of URI references as schemas need.

/// The URI and the fragment of a reference that stands in a resource with the URI `base`.
pub fn resolve(base: &str, reference: &str) -> (String, String) {
    let (path, fragment) = reference.split_once('#').unwrap_or((reference, ""));
    (join(base, path), decode(fragment))
}

fn join(base: &str, path: &str) -> String {
    if path.is_empty() {
        return base.to_owned();
    }
    if has_scheme(path) {
        return path.to_owned();
    }
    let (scheme, rest) = base.split_once(':').unwrap_or(("", base));
    let (authority, directory) = match rest.strip_prefix("//") {
        Some(rest) => {
            let end = rest.find('/').unwrap_or(rest.len());
            (format!("//{}", &rest[..end]), &rest[end..])
        }
        None => (String::new(), rest),
    };
    let colon = if scheme.is_empty() { "" } else { ":" };
    if path.starts_with("//") {
        return format!("{scheme}{colon}{path}");
    }
    if path.starts_with('/') {
        return format!("{scheme}{colon}{authority}{}", without_dots(path));
    }
    let directory = directory.rfind('/').map_or("/", |end| &directory[..=end]);
    let path = format!("{directory}{path}");
    format!("{scheme}{colon}{authority}{}", without_dots(&path))
}

fn has_scheme(reference: &str) -> bool {
    let Some((scheme, _)) = reference.split_once(':') else {
        return false;
    };
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+.-".contains(c))
}

fn without_dots(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "." => {}
            ".." if kept.len() > 1 => drop(kept.pop()),
            ".." => {}
            segment => kept.push(segment),
        }
    }
    kept.join("/")
}

/// Takes percent signs back; what they do not spell well stays as it is.
fn decode(fragment: &str) -> String {
    let mut bytes = Vec::with_capacity(fragment.len());
    let mut rest = fragment.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = |byte: u8| char::from(byte).to_digit(16);
        let byte = match rest {
            [b'%', high, low, ..] => hex(*high).zip(hex(*low)),
            _ => None,
        };
        match byte {
            Some((high, low)) => {
                bytes.push(u8::try_from(high * 16 + low).expect("two digits are a byte"));
                rest = &rest[3..];
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| fragment.to_owned())
}

#[cfg(test)]
mod tests {
    use super::resolve;

    #[test]
    fn references_are_joined_with_the_base() {
        let base = "https://example.com/a/b?q";
        let cases = [
            ("", base, ""),
            ("#x%25", base, "x%"),
            ("c", "https://example.com/a/c", ""),
            ("../c#/d", "https://example.com/c", "/d"),
            ("/c", "https://example.com/c", ""),
            ("//other/c", "https://other/c", ""),
            ("urn:x:y#z", "urn:x:y", "z"),
        ];
        for (reference, uri, fragment) in cases {
            let resolved = resolve(base, reference);
            assert_eq!(resolved, (uri.to_owned(), fragment.to_owned()), "{reference}");
        }
    }
}

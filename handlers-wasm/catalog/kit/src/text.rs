//! Texts that are cheap to copy.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::fmt;
use std::ops::Deref;
use std::rc::Rc;

/// A text that others may have as well, and that is changed in place where nobody else has it.
#[derive(Clone)]
pub struct Text(Kind);

#[derive(Clone)]
enum Kind {
    /// As long as it will ever be: one block of memory, whose length is known without looking there.
    Fixed(Rc<str>),
    /// One that was put together, and may have room for more.
    Grown(Rc<String>),
}

impl Text {
    /// The text as it is.
    #[inline]
    #[must_use]
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Kind::Fixed(text) => text,
            Kind::Grown(text) => text,
        }
    }

    /// Where it is kept: the same for its copies, as long as there is one, and for no other text.
    #[must_use]
    pub fn address(&self) -> *const u8 {
        match &self.0 {
            Kind::Fixed(text) => Rc::as_ptr(text).cast(),
            Kind::Grown(text) => Rc::as_ptr(text).cast(),
        }
    }

    /// Appends to it; what is appended again and again is not copied each time.
    pub fn push_str(&mut self, more: &str) {
        if let Kind::Fixed(text) = &self.0 {
            let mut grown = String::with_capacity(text.len() + more.len());
            grown.push_str(text);
            self.0 = Kind::Grown(Rc::new(grown));
        }
        if let Kind::Grown(text) = &mut self.0 {
            Rc::make_mut(text).push_str(more);
        }
    }

    /// The text, to be changed in place.
    pub fn as_mut_str(&mut self) -> &mut str {
        match &mut self.0 {
            Kind::Fixed(text) => Rc::make_mut(text),
            Kind::Grown(text) => Rc::make_mut(text).as_mut_str(),
        }
    }

    /// Leaves only what is before a byte, which a character begins with.
    pub fn truncate(&mut self, end: usize) {
        if let Kind::Grown(text) = &mut self.0 {
            if let Some(own) = Rc::get_mut(text) {
                own.truncate(end);
                return;
            }
        }
        *self = Self::from(&self.as_str()[..end]);
    }
}

/// The order of two texts, which is that of their bytes. The comparison of the target's C library goes byte by byte.
fn order(l: &str, r: &str) -> Ordering {
    let (mut l, mut r) = (l.as_bytes(), r.as_bytes());
    while let (Some((left, l_rest)), Some((right, r_rest))) = (l.split_first_chunk::<8>(), r.split_first_chunk::<8>()) {
        if left != right {
            return u64::from_be_bytes(*left).cmp(&u64::from_be_bytes(*right));
        }
        (l, r) = (l_rest, r_rest);
    }
    for (l, r) in l.iter().zip(r) {
        if l != r {
            return l.cmp(r);
        }
    }
    l.len().cmp(&r.len())
}

/// Whether two texts are the same: most are short, and of them the first and the last bytes are all.
#[inline]
pub(crate) fn same(l: &str, r: &str) -> bool {
    let (l, r) = (l.as_bytes(), r.as_bytes());
    if l.len() != r.len() {
        return false;
    }
    if let (Some(first), Some(last)) = (l.first_chunk::<8>(), l.last_chunk::<8>()) {
        let ends = Some(first) == r.first_chunk() && Some(last) == r.last_chunk();
        return ends && (l.len() <= 16 || l == r);
    }
    if let (Some(first), Some(last)) = (l.first_chunk::<4>(), l.last_chunk::<4>()) {
        return Some(first) == r.first_chunk() && Some(last) == r.last_chunk();
    }
    l.iter().zip(r).all(|(l, r)| l == r)
}

impl Deref for Text {
    type Target = str;

    #[inline]
    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl From<&str> for Text {
    #[inline]
    fn from(text: &str) -> Self {
        Self(Kind::Fixed(text.into()))
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self(Kind::Grown(Rc::new(text)))
    }
}

impl From<Text> for String {
    fn from(text: Text) -> Self {
        match text.0 {
            Kind::Fixed(text) => Self::from(&*text),
            Kind::Grown(text) => Rc::unwrap_or_clone(text),
        }
    }
}

impl Borrow<str> for Text {
    fn borrow(&self) -> &str {
        self
    }
}

impl PartialEq for Text {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        same(self, other)
    }
}

impl Eq for Text {}

impl PartialOrd for Text {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Text {
    fn cmp(&self, other: &Self) -> Ordering {
        order(self, other)
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.as_str(), f)
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

#[cfg(test)]
mod tests {
    use super::{Text, same};

    #[test]
    fn a_text_that_others_have_stays_as_it_is() {
        for make in [|| Text::from("abc"), || Text::from("abc".to_owned())] {
            let kept = make();
            let mut changed = kept.clone();
            changed.push_str("def");
            changed.as_mut_str().make_ascii_uppercase();
            changed.truncate(5);
            assert_eq!((kept.as_str(), changed.as_str()), ("abc", "ABCDE"));
            let mut changed = kept.clone();
            changed.as_mut_str().make_ascii_uppercase();
            assert_eq!((kept.as_str(), changed.as_str()), ("abc", "ABC"));
            let mut changed = kept.clone();
            changed.truncate(1);
            assert_eq!((kept.as_str(), String::from(changed)), ("abc", "a".to_owned()));
        }
    }

    #[test]
    fn texts_have_the_order_of_their_bytes() {
        let long = "0123456789\u{e9}\u{1d11e}abcdefgh";
        let mut texts = vec!["", "\u{ff5e}", "\u{1f600}"];
        texts.extend(long.char_indices().map(|(at, _)| &long[..at]));
        texts.extend(long.char_indices().map(|(at, _)| &long[at..]));
        for l in &texts {
            for r in &texts {
                assert_eq!(Text::from(*l).cmp(&Text::from(*r)), l.as_bytes().cmp(r.as_bytes()), "{l} and {r}");
            }
        }
    }

    #[test]
    fn texts_are_the_same_when_all_of_their_bytes_are() {
        let long = "0123456789abcdefghijklmnopqrstuvwxyz";
        for length in 0..long.len() {
            let text = &long[..length];
            assert!(same(text, &text.to_owned()));
            assert!(!same(text, &long[..=length]));
            for place in 0..length {
                let mut other = text.to_owned();
                other.replace_range(place..=place, "!");
                assert!(!same(text, &other), "{text} and {other}");
            }
        }
    }
}

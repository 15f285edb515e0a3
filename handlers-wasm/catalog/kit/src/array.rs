//! The values of an array.

use crate::value::Val;
use std::ops::Deref;

/// Values in a row. It knows how deep they are nested, so that nothing has to walk through them to find out.
#[derive(Clone, Debug, Default)]
pub struct Array {
    values: Vec<Val>,
    /// The largest height that a value in here has, or once had.
    inner: u32,
}

impl Array {
    /// An array without values, with room for some.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        Self {
            values: Vec::with_capacity(capacity),
            inner: 0,
        }
    }

    /// How many levels of arrays and objects there are at most: 1 if there are none inside.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.inner.saturating_add(1)
    }

    /// Appends a value.
    pub fn push(&mut self, value: Val) {
        self.inner = self.inner.max(value.height());
        self.values.push(value);
    }

    /// Replaces the value at a place.
    ///
    /// # Panics
    ///
    /// When there is no such place.
    pub fn set(&mut self, place: usize, value: Val) {
        self.inner = self.inner.max(value.height());
        self.values[place] = value;
    }

    /// Takes out the value at a place, where null stays.
    ///
    /// # Panics
    ///
    /// When there is no such place.
    pub fn take(&mut self, place: usize) -> Val {
        std::mem::take(&mut self.values[place])
    }

    /// Changes the value at a place.
    ///
    /// # Panics
    ///
    /// When there is no such place.
    pub fn update<T>(&mut self, place: usize, change: impl FnOnce(&mut Val) -> T) -> T {
        let value = &mut self.values[place];
        let done = change(value);
        self.inner = self.inner.max(value.height());
        done
    }

    /// Makes it as long as this: drops values at the end, or appends nulls.
    pub fn resize(&mut self, length: usize) {
        self.values.resize(length, Val::Null);
    }

    /// Keeps the values that fulfil a condition.
    pub fn retain(&mut self, condition: impl FnMut(&Val) -> bool) {
        self.values.retain(condition);
    }

    /// Replaces the values of a range by others.
    ///
    /// # Panics
    ///
    /// When the range is none of this array.
    pub fn splice(&mut self, range: std::ops::Range<usize>, with: Self) {
        self.inner = self.inner.max(with.inner);
        self.values.splice(range, with.values);
    }

    /// The values as a vector.
    #[must_use]
    pub fn into_vec(self) -> Vec<Val> {
        self.values
    }
}

impl Deref for Array {
    type Target = [Val];

    fn deref(&self) -> &[Val] {
        &self.values
    }
}

impl From<Vec<Val>> for Array {
    fn from(values: Vec<Val>) -> Self {
        let inner = values.iter().map(Val::height).max().unwrap_or(0);
        Self { values, inner }
    }
}

impl FromIterator<Val> for Array {
    fn from_iter<I: IntoIterator<Item = Val>>(values: I) -> Self {
        Vec::from_iter(values).into()
    }
}

impl Extend<Val> for Array {
    fn extend<I: IntoIterator<Item = Val>>(&mut self, values: I) {
        let before = self.values.len();
        self.values.extend(values);
        let added = self.values[before..].iter().map(Val::height).max();
        self.inner = self.inner.max(added.unwrap_or(0));
    }
}

impl IntoIterator for Array {
    type Item = Val;
    type IntoIter = std::vec::IntoIter<Val>;

    fn into_iter(self) -> Self::IntoIter {
        self.values.into_iter()
    }
}

impl PartialEq for Array {
    fn eq(&self, other: &Self) -> bool {
        self.values == other.values
    }
}

//! The members of an object, in the order in which they came.

use crate::text::{Text, same};
use crate::value::Val;
use foldhash::fast::FixedState;
use hashbrown::HashTable;
use std::hash::BuildHasher;

/// Objects with more members have an index. In smaller ones it is faster to look at each key.
const SMALL: usize = 12;

/// Keys, each with a value.
#[derive(Clone, Debug, Default)]
pub struct Map {
    members: Vec<(Text, Val)>,
    /// The places of all keys, when there are more than a few.
    index: Option<Box<HashTable<usize>>>,
    /// The largest height that a value in here has, or once had.
    inner: u32,
}

impl Map {
    /// An object without members, with room for some.
    pub fn with_capacity(capacity: usize) -> Self {
        Self {
            members: Vec::with_capacity(capacity),
            index: None,
            inner: 0,
        }
    }

    /// An object of members whose keys all differ.
    pub(crate) fn of_distinct(members: Vec<(Text, Val)>) -> Self {
        let inner = members.iter().map(|(_, value)| value.height()).max().unwrap_or(0);
        let mut map = Self { members, index: None, inner };
        map.build_index();
        map
    }

    /// How many levels of arrays and objects there are at most: 1 if there are none inside.
    pub fn height(&self) -> u32 {
        self.inner.saturating_add(1)
    }

    /// How many members there are.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether there is no member.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// The place of a key.
    pub fn place(&self, key: &str) -> Option<usize> {
        match &self.index {
            Some(index) => {
                let is_it = |place: &usize| same(&self.members[*place].0, key);
                index.find(hash(key), is_it).copied()
            }
            None => self.members.iter().position(|(k, _)| same(k, key)),
        }
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&Val> {
        self.place(key).map(|place| &self.members[place].1)
    }

    /// Whether there is such a key.
    pub fn contains_key(&self, key: &str) -> bool {
        self.place(key).is_some()
    }

    /// The member at a place.
    pub fn member(&self, place: usize) -> (&Text, &Val) {
        let (key, value) = &self.members[place];
        (key, value)
    }

    /// Changes the value at a place.
    pub fn update<T>(&mut self, place: usize, change: impl FnOnce(&mut Val) -> T) -> T {
        let value = &mut self.members[place].1;
        let done = change(value);
        self.inner = self.inner.max(value.height());
        done
    }

    /// Takes out the value at a place, where null stays.
    pub fn take(&mut self, place: usize) -> Val {
        std::mem::take(&mut self.members[place].1)
    }

    /// Replaces the value at a place.
    pub fn set(&mut self, place: usize, value: Val) {
        self.inner = self.inner.max(value.height());
        self.members[place].1 = value;
    }

    /// Sets the value of a key; a new key comes last.
    pub fn insert(&mut self, key: Text, value: Val) {
        self.inner = self.inner.max(value.height());
        match self.place(&key) {
            Some(place) => self.members[place].1 = value,
            None => {
                let place = self.members.len();
                self.members.push((key, value));
                match &mut self.index {
                    Some(index) => {
                        let members = &self.members;
                        let rehash = |place: &usize| hash(&members[*place].0);
                        index.insert_unique(hash(&members[place].0), place, rehash);
                    }
                    None => self.build_index(),
                }
            }
        }
    }

    /// Removes the member at a place; those behind it move up.
    pub fn remove(&mut self, place: usize) {
        self.members.remove(place);
        self.build_index();
    }

    /// Removes the members at places, which are sorted.
    pub fn remove_all(&mut self, places: &[usize]) {
        if places.is_empty() {
            return;
        }
        let mut place = 0;
        self.members.retain(|_| {
            place += 1;
            places.binary_search(&(place - 1)).is_err()
        });
        self.build_index();
    }

    fn build_index(&mut self) {
        self.index = None;
        if self.members.len() > SMALL {
            let mut index = HashTable::with_capacity(self.members.len());
            let rehash = |place: &usize| hash(&self.members[*place].0);
            for place in 0..self.members.len() {
                index.insert_unique(rehash(&place), place, rehash);
            }
            self.index = Some(Box::new(index));
        }
    }

    /// All members.
    pub fn iter(&self) -> impl Iterator<Item = (&Text, &Val)> {
        self.members.iter().map(|(key, value)| (key, value))
    }

    /// All keys.
    pub fn keys(&self) -> impl Iterator<Item = &Text> {
        self.members.iter().map(|(key, _)| key)
    }

    /// All values.
    pub fn values(&self) -> impl Iterator<Item = &Val> {
        self.members.iter().map(|(_, value)| value)
    }

    /// All values, taken out.
    pub fn into_values(self) -> impl Iterator<Item = Val> {
        self.members.into_iter().map(|(_, value)| value)
    }
}

fn hash(key: &str) -> u64 {
    FixedState::default().hash_one(key)
}

impl Extend<(Text, Val)> for Map {
    fn extend<I: IntoIterator<Item = (Text, Val)>>(&mut self, members: I) {
        for (key, value) in members {
            self.insert(key, value);
        }
    }
}

impl FromIterator<(Text, Val)> for Map {
    fn from_iter<I: IntoIterator<Item = (Text, Val)>>(members: I) -> Self {
        let members = members.into_iter();
        let mut map = Self::with_capacity(members.size_hint().0);
        map.extend(members);
        map
    }
}

impl IntoIterator for Map {
    type Item = (Text, Val);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.members.into_iter()
    }
}

/// Two objects are equal when they have the same members in any order.
impl PartialEq for Map {
    fn eq(&self, other: &Self) -> bool {
        let same = |(key, value): (&Text, &Val)| other.get(key) == Some(value);
        self.len() == other.len() && self.iter().all(same)
    }
}

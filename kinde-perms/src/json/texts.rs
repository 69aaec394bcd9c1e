//! Many short texts in two allocations.

use std::fmt;

/// A list of texts, stored one after the other.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Texts {
    text: String,
    /// The end of each text; a text starts at the end of the one before.
    ends: Vec<u32>,
}

impl Texts {
    pub(crate) const EMPTY: Self = Self { text: String::new(), ends: Vec::new() };

    /// Creates a list with room for `count` texts of `bytes` bytes in all.
    pub(crate) fn with_capacity(count: usize, bytes: usize) -> Self {
        Self { text: String::with_capacity(bytes), ends: Vec::with_capacity(count) }
    }

    /// Adds a text, unless it would end beyond 4 GiB, which no input reaches.
    pub(crate) fn push(&mut self, text: &str) {
        let Ok(end) = u32::try_from(self.text.len().saturating_add(text.len())) else { return };
        self.text.push_str(text);
        self.ends.push(end);
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Returns the texts in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> + Clone {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).filter_map(|(start, &end)| self.span(start, end))
    }

    /// Returns the text at one position.
    pub(crate) fn get(&self, at: usize) -> Option<&str> {
        let start = match at.checked_sub(1) {
            None => 0,
            Some(before) => *self.ends.get(before)?,
        };
        self.span(start, *self.ends.get(at)?)
    }

    /// Returns `true` if the list has the text; only texts of its length are compared.
    pub(crate) fn contains(&self, text: &str) -> bool {
        let Ok(length) = u32::try_from(text.len()) else { return false };
        let mut start = 0_u32;
        for &end in &self.ends {
            if end.wrapping_sub(start) == length && self.span(start, end) == Some(text) {
                return true;
            }
            start = end;
        }
        false
    }

    /// Returns how many bytes the list has allocated.
    pub(crate) fn allocated(&self) -> usize {
        let ends = self.ends.capacity().saturating_mul(size_of::<u32>());
        self.text.capacity().saturating_add(ends)
    }

    fn span(&self, start: u32, end: u32) -> Option<&str> {
        self.text.get(usize::try_from(start).ok()?..usize::try_from(end).ok()?)
    }
}

impl fmt::Debug for Texts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

//! A table of bounded size that is read without a lock and without a write that another processor would notice.
//!
//! A hash belongs to one set of 16 places, so a look-up compares 16 tags at most, whatever anyone sends. Reading a place
//! is an `ArcSwap` load, which writes to memory of the reading thread alone. A lock, even one for reading, is a cache line
//! that every processor writes to: it would be handed around, with all requests of a token waiting for it.
//!
//! A tag is written after its entry and read before it, so the two may not fit each other for a moment. That is harmless:
//! a tag only tells where it is worth to look, and whoever reads the entry compares all of it. The same goes for the note
//! and the heat beside it, by which is chosen who gives way: entries are not read for that, as there are many of them.

use std::array;
use std::num::NonZeroU64;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU32, AtomicU64, AtomicUsize, Ordering};

use arc_swap::ArcSwapOption;

/// With twice as many places as entries, hardly a set is full; and 16 tags fill one cache line.
const WAYS: usize = 16;

/// A hit beyond this number tells nothing new.
const MOST_HEAT: u8 = 3;

/// One in this many evictions cools an entry that was not asked to give way.
const COOLING_PERIOD: usize = 16;

/// How many sets an entry searches, at most, for cold entries whose bytes it can take.
const LONGEST_SWEEP: usize = 16;

/// How often an entry was hit lately.
#[derive(Debug, Default)]
struct Heat(AtomicU8);

impl Heat {
    /// Notes a hit. Of two at the same time one may be lost, which a guess about the future can bear.
    fn rise(&self) {
        let heat = self.get();
        if heat < MOST_HEAT {
            self.0.store(heat.saturating_add(1), Ordering::Relaxed);
        }
    }

    fn fall(&self, by: u8) {
        let heat = self.get();
        if heat > 0 && by > 0 {
            self.0.store(heat.saturating_sub(by), Ordering::Relaxed);
        }
    }

    fn get(&self) -> u8 {
        self.0.load(Ordering::Relaxed)
    }

    fn clear(&self) {
        self.0.store(0, Ordering::Relaxed);
    }
}

/// What the table asks of its entries.
pub(super) trait Entry {
    /// Returns the bytes it counts for, always the same.
    fn weight(&self) -> usize;
    /// Returns what tells whether it is dead, always the same.
    fn note(&self) -> NonZeroU64;
}

/// Entries by hash, bounded in number and in bytes.
pub(super) struct Table<E> {
    sets: Box<[Set<E>]>,
    most_bytes: usize,
    bytes: AtomicUsize,
    entries: AtomicUsize,
    /// Grows with each store: where to begin, so that what is equally cold gives way in turn.
    turn: AtomicUsize,
}

/// Places for entries of similar hash.
#[repr(align(64))]
struct Set<E> {
    tags: [AtomicU32; WAYS],
    places: [ArcSwapOption<E>; WAYS],
    /// 0 where there is no entry.
    notes: [AtomicU64; WAYS],
    heats: [Heat; WAYS],
}

/// One place, and what stands beside it.
struct Way<'s, E> {
    tag: &'s AtomicU32,
    place: &'s ArcSwapOption<E>,
    note: &'s AtomicU64,
    heat: &'s Heat,
}

/// What would be lost with the place's entry; the less comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Worth {
    /// It is an older entry for the same thing.
    Superseded,
    /// There is none.
    Free,
    /// It could not be used any more.
    Dead,
    /// It was hit so often lately.
    Alive(u8),
}

/// What came of storing an entry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Stored {
    /// Whether the entry is in the table now; if not, its bytes had no room.
    pub(super) kept: bool,
    /// How many living entries had to give way.
    pub(super) evicted: u64,
}

impl<E: Entry> Table<E> {
    /// Makes an empty table; `most_entries` is rounded up to whole sets.
    pub(super) fn new(most_entries: usize, most_bytes: usize) -> Self {
        let sets = most_entries.div_ceil(WAYS).max(1);
        Self {
            sets: (0..sets).map(|_| Set::empty()).collect(),
            most_bytes,
            bytes: AtomicUsize::new(0),
            entries: AtomicUsize::new(0),
            turn: AtomicUsize::new(0),
        }
    }

    pub(super) fn entries(&self) -> usize {
        self.entries.load(Ordering::Relaxed)
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Returns what `read` makes of the first entry under this hash that it accepts.
    pub(super) fn find<T>(&self, hash: u64, read: impl Fn(&E) -> Option<T>) -> Option<T> {
        let wanted = tag(hash);
        let set = self.set(hash)?;
        let mut fitting =
            set.tags.iter().enumerate().filter(|(_, tag)| tag.load(Ordering::Relaxed) == wanted);
        fitting.find_map(|(at, _)| {
            let found = set.places.get(at)?.load().as_deref().and_then(&read)?;
            set.heats.get(at)?.rise();
            Some(found)
        })
    }

    /// Stores an entry in the place of one that it `supersedes`, else in a free one, else in that of a dead one, else in
    /// that of the coldest.
    pub(super) fn store(
        &self,
        hash: u64,
        entry: E,
        supersedes: impl Fn(&E) -> bool,
        is_dead: impl Fn(NonZeroU64) -> bool,
    ) -> Stored {
        let Some(set) = self.set(hash) else { return Stored::default() };
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let Some((way, worth)) = set.choose(turn, tag(hash), supersedes, is_dead) else {
            return Stored::default();
        };
        set.age(turn, worth);
        // Whoever gives way goes first: the bounds are not passed even for a moment.
        let gone = self.take_out(&way);
        let swept = self.make_room(turn, entry.weight());
        let evicted = swept.saturating_add(u64::from(gone && matches!(worth, Worth::Alive(_))));
        Stored { kept: self.put_in(&way, tag(hash), entry), evicted }
    }

    /// Removes every entry.
    pub(super) fn clear(&self) {
        for way in self.sets.iter().flat_map(Set::ways) {
            self.take_out(&way);
        }
    }

    fn set(&self, hash: u64) -> Option<&Set<E>> {
        // Scales the hash down to the number of sets, which uses its upper bits; the tag is made of the lower ones.
        let sets = u128::try_from(self.sets.len()).ok()?;
        let at = u128::from(hash).checked_mul(sets)? >> u64::BITS;
        self.sets.get(usize::try_from(at).ok()?)
    }

    /// Puts an entry into a place if its bytes have room.
    fn put_in(&self, way: &Way<'_, E>, tag: u32, entry: E) -> bool {
        let fits = |bytes: usize| bytes.checked_add(entry.weight()).filter(|bytes| *bytes <= self.most_bytes);
        if self.bytes.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits).is_err() {
            return false;
        }
        self.entries.fetch_add(1, Ordering::Relaxed);
        let note = entry.note().get();
        self.forget(way.place.swap(Some(Arc::new(entry))));
        way.heat.clear();
        way.note.store(note, Ordering::Relaxed);
        way.tag.store(tag, Ordering::Relaxed);
        true
    }

    /// Empties a place; tells whether there was an entry in it.
    fn take_out(&self, way: &Way<'_, E>) -> bool {
        way.note.store(0, Ordering::Relaxed);
        self.forget(way.place.swap(None))
    }

    fn forget(&self, entry: Option<Arc<E>>) -> bool {
        let Some(entry) = entry else { return false };
        self.bytes.fetch_sub(entry.weight(), Ordering::Relaxed);
        self.entries.fetch_sub(1, Ordering::Relaxed);
        true
    }

    /// Evicts what is cold, here and there, until `weight` more bytes fit; returns how many entries that took.
    ///
    /// What is not cold cools down, so where there is no room now there will be after some more attempts.
    fn make_room(&self, turn: usize, weight: usize) -> u64 {
        let mut evicted: u64 = 0;
        for step in 0..LONGEST_SWEEP {
            let at = turn.wrapping_mul(LONGEST_SWEEP).wrapping_add(step).checked_rem(self.sets.len());
            let Some(set) = at.and_then(|at| self.sets.get(at)) else { break };
            for way in set.ways() {
                if self.bytes().saturating_add(weight) <= self.most_bytes {
                    return evicted;
                }
                evicted = evicted.saturating_add(u64::from(way.is_cold_else_cool() && self.take_out(&way)));
            }
        }
        evicted
    }
}

impl<E: Entry> Set<E> {
    fn empty() -> Self {
        Self {
            tags: array::from_fn(|_| AtomicU32::new(0)),
            places: array::from_fn(|_| ArcSwapOption::const_empty()),
            notes: array::from_fn(|_| AtomicU64::new(0)),
            heats: array::from_fn(|_| Heat::default()),
        }
    }

    fn ways(&self) -> impl DoubleEndedIterator<Item = Way<'_, E>> + Clone {
        let beside = self.notes.iter().zip(&self.heats);
        let ways = self.tags.iter().zip(&self.places).zip(beside);
        ways.map(|((tag, place), (note, heat))| Way { tag, place, note, heat })
    }

    /// The ways, beginning at another one every few turns.
    fn ways_from(&self, turn: usize) -> impl Iterator<Item = Way<'_, E>> {
        let start = turn.checked_div(COOLING_PERIOD).unwrap_or_default() % WAYS;
        self.ways().cycle().skip(start).take(WAYS)
    }

    /// Returns the place that can best be spared, and what would be lost with it.
    fn choose(
        &self,
        turn: usize,
        wanted: u32,
        supersedes: impl Fn(&E) -> bool,
        is_dead: impl Fn(NonZeroU64) -> bool,
    ) -> Option<(Way<'_, E>, Worth)> {
        let is_older = |way: &Way<'_, E>| {
            way.tag.load(Ordering::Relaxed) == wanted && way.place.load().as_deref().is_some_and(&supersedes)
        };
        if let Some(older) = self.ways().find(is_older) {
            return Some((older, Worth::Superseded));
        }
        let mut least: Option<(Way<'_, E>, Worth)> = None;
        for way in self.ways_from(turn) {
            let worth = match NonZeroU64::new(way.note.load(Ordering::Relaxed)) {
                // Nothing is worth less, so the others need no look.
                None => return Some((way, Worth::Free)),
                Some(note) if is_dead(note) => Worth::Dead,
                Some(_) => Worth::Alive(way.heat.get()),
            };
            if least.as_ref().is_none_or(|(_, so_far)| worth < *so_far) {
                least = Some((way, worth));
            }
        }
        least
    }

    /// Lets the entries forget old hits, so that what was used much once cannot keep out what is used now.
    fn age(&self, turn: usize, lost: Worth) {
        let Worth::Alive(heat) = lost else { return };
        if heat > 0 {
            // Only the differences count, so all of them can come down by what the coldest had.
            self.heats.iter().for_each(|one| one.fall(heat));
        } else if turn.is_multiple_of(COOLING_PERIOD) {
            self.ways_from(turn).take(1).for_each(|way| way.heat.fall(1));
        }
    }
}

impl<E> Way<'_, E> {
    fn is_cold_else_cool(&self) -> bool {
        let cold = self.heat.get() == 0;
        self.heat.fall(1);
        cold
    }
}

fn tag(hash: u64) -> u32 {
    u32::try_from(hash & u64::from(u32::MAX)).unwrap_or_default()
}

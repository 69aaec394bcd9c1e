//! Classes of requests: a class is the set of requests that one row answered before and one row answers now.
//!
//! [`of`] finds all classes in this order:
//!
//! 1. `common` intersects every pattern before with every pattern after. Each intersection is a pattern itself.
//! 2. `Pattern::requests` makes sample paths of an intersection. Their parameter values occur in no other pattern, so a sample
//!    matches only patterns that match the whole intersection: if another row answers the sample, that row answers every
//!    path of the intersection. A tail takes several samples, because some patterns match only some lengths.
//! 3. `path_pairs` looks up each sample in both matchers, and so finds every pair of [`PathRows`] with a common path.
//! 4. `row_pairs` pairs the rows of the two `PathRows` by method.
//! 5. `shared_path` names the class by a path.
//!
//! Comparing n patterns with m patterns takes n × m steps, most of which end at the first different letter. Each overlapping
//! pair also takes one look-up, or one for each depth of a path if it has a tail.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::Route;
use super::matcher::{Matcher, PathRows, unused_letter};
use super::pattern::Pattern;

/// The requests that one row answered before and one row answers now; at least one of the two exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RequestClass<'m> {
    pub(super) method: &'m str,
    /// The pattern of the paths; it is a row's own path if that row has all of them.
    pub(super) path: String,
    pub(super) before: Option<&'m Route>,
    pub(super) after: Option<&'m Route>,
}

/// Returns every class of requests.
pub(super) fn of<'m>(before: &Matcher<'m>, after: &Matcher<'m>) -> Vec<RequestClass<'m>> {
    let mut classes = Vec::new();
    for ((left, right), found) in path_pairs(before, after) {
        let sides = [left.and_then(|at| before.paths().get(at)), right.and_then(|at| after.paths().get(at))];
        let path = shared_path(sides, &found);
        classes.extend(row_pairs(sides).into_iter().map(|[before, after]| RequestClass {
            method: method([after, before]),
            path: path.clone(),
            before,
            after,
        }));
    }
    classes
}

type PathPair = (Option<usize>, Option<usize>);

/// Returns the pairs of indices of the path rows that share a path, with the intersections in which such paths were found.
fn path_pairs(before: &Matcher<'_>, after: &Matcher<'_>) -> BTreeMap<PathPair, HashSet<Pattern>> {
    let (unused_letter, depth) = (unused_letter([before, after]), before.depth().max(after.depth()));
    let place = |path: &str| (before.index_of(path), after.index_of(path));
    // The empty path stands for all paths without a leading slash.
    let mut pairs = BTreeMap::from([(place(""), HashSet::new())]);
    for pattern in common(before, after) {
        for path in pattern.requests(unused_letter, depth) {
            let found: &mut HashSet<Pattern> = pairs.entry(place(&path)).or_default();
            if !found.contains(&pattern) {
                found.insert(pattern.clone());
            }
        }
    }
    pairs
}

/// Returns the intersections of all patterns before with all patterns after.
fn common(before: &Matcher<'_>, after: &Matcher<'_>) -> HashSet<Pattern> {
    let mut common = HashSet::new();
    for left in before.patterns() {
        for right in after.patterns() {
            common.extend(left.common(right));
        }
    }
    common
}

/// Returns the rows that answer a method before and after, as far as they exist.
fn row_pairs<'m>(path_rows: [Option<&PathRows<'m>>; 2]) -> Vec<[Option<&'m Route>; 2]> {
    let rows = path_rows.iter().flatten().flat_map(|path_rows| &path_rows.rows);
    // No request has the method `ANY` or `OTHER`, so each stands for all methods without a row. `HEAD` without a row is
    // answered as `GET` is.
    let methods: BTreeSet<&str> = rows.map(|row| row.method()).collect();
    let mut pairs: Vec<[Option<&Route>; 2]> = Vec::new();
    for method in methods {
        let pair = path_rows.map(|path_rows| path_rows.and_then(|path_rows| path_rows.row(method)));
        if pair != [None, None] && !pairs.contains(&pair) {
            pairs.push(pair);
        }
    }
    pairs
}

/// Returns the narrower of the methods of two rows.
fn method(rows: [Option<&Route>; 2]) -> &str {
    let methods = || rows.iter().flatten().map(|row| row.method());
    let narrow = |method: &&str| !matches!(*method, "ANY" | "OTHER");
    methods()
        .find(|method| *method == "HEAD")
        .or_else(|| methods().find(narrow))
        .or_else(|| methods().next())
        .unwrap_or_default()
}

/// Returns the path that names a class.
///
/// It is the path of the side that matches the whole intersection, or else the widest intersection in which paths of the
/// class were found.
fn shared_path(path_rows: [Option<&PathRows<'_>>; 2], found: &HashSet<Pattern>) -> String {
    let [Some(before), Some(after)] = path_rows else {
        return path_rows.iter().flatten().map(|path_rows| path_rows.path.to_owned()).collect();
    };
    let pairs = before.patterns.iter().flat_map(|left| after.patterns.iter().map(move |right| (left, right)));
    let common: Vec<Pattern> = pairs.flat_map(|(left, right)| left.common(right)).collect();
    let has_all =
        |path_rows: &&PathRows<'_>| common.iter().all(|pattern| path_rows.patterns.contains(pattern));
    let narrower =
        [after, before].into_iter().filter(has_all).min_by_key(|path_rows| path_rows.patterns.len());
    let widest = common.iter().filter(|pattern| found.contains(pattern)).max().map(ToString::to_string);
    narrower.map(|path_rows| path_rows.path.to_owned()).or(widest).unwrap_or_else(|| after.path.to_owned())
}

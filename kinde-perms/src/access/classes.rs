//! Classes of requests: each is the set of requests that one row answered before and one row answers now.
//!
//! A path that matches two patterns matches what they have in common, and a request made of that with values that occur
//! nowhere else matches no more patterns than it must: if another pattern wins it, that one wins all the paths the two have
//! in common. So one request for each pair of patterns finds every pair that has a request at all, and the matcher
//! says which rows have it. Tails take several requests, as there are patterns for some lengths only.
//!
//! Comparing n patterns with m takes n × m steps, most of which end at the first letters that differ, and as many
//! look-ups as there are pairs that overlap; each tail among these counts once for each depth of a path.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::Route;
use super::matcher::{Matcher, Table, fresh};
use super::pattern::Pattern;

/// The requests that one row answered before, and one answers now; never none on both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Class<'m> {
    pub(super) method: &'m str,
    /// The pattern of the paths: a row's own, if one row has all of them.
    pub(super) path: String,
    pub(super) before: Option<&'m Route>,
    pub(super) after: Option<&'m Route>,
}

/// Returns every class of requests.
pub(super) fn of<'m>(before: &Matcher<'m>, after: &Matcher<'m>) -> Vec<Class<'m>> {
    let mut classes = Vec::new();
    for ((left, right), found) in table_pairs(before, after) {
        let sides =
            [left.and_then(|at| before.tables().get(at)), right.and_then(|at| after.tables().get(at))];
        let path = shared_path(sides, &found);
        classes.extend(row_pairs(sides).into_iter().map(|[before, after]| Class {
            method: method([after, before]),
            path: path.clone(),
            before,
            after,
        }));
    }
    classes
}

type TablePair = (Option<usize>, Option<usize>);

/// Returns the places of the tables that have a path before and after, with the patterns that such paths were made of.
fn table_pairs(before: &Matcher<'_>, after: &Matcher<'_>) -> BTreeMap<TablePair, HashSet<Pattern>> {
    let (fresh, depth) = (fresh([before, after]), before.depth().max(after.depth()));
    let place = |path: &str| (before.table_at(path), after.table_at(path));
    // The empty path stands for all that do not begin with a slash.
    let mut pairs = BTreeMap::from([(place(""), HashSet::new())]);
    for pattern in common(before, after) {
        for path in pattern.requests(fresh, depth) {
            let found: &mut HashSet<Pattern> = pairs.entry(place(&path)).or_default();
            if !found.contains(&pattern) {
                found.insert(pattern.clone());
            }
        }
    }
    pairs
}

fn common(before: &Matcher<'_>, after: &Matcher<'_>) -> HashSet<Pattern> {
    let mut common = HashSet::new();
    for left in before.patterns() {
        for right in after.patterns() {
            common.extend(left.common(right));
        }
    }
    common
}

/// Returns the rows that have a method before and after, as far as there are any.
fn row_pairs<'m>(tables: [Option<&Table<'m>>; 2]) -> Vec<[Option<&'m Route>; 2]> {
    let rows = tables.iter().flatten().flat_map(|table| &table.rows);
    // `ANY` and `OTHER` are no methods of requests, so each stands for all that no row names; `HEAD` without a row goes
    // where `GET` does.
    let methods: BTreeSet<&str> = rows.map(|row| row.method()).collect();
    let mut pairs: Vec<[Option<&Route>; 2]> = Vec::new();
    for method in methods {
        let pair = tables.map(|table| table.and_then(|table| table.row(method)));
        if pair != [None, None] && !pairs.contains(&pair) {
            pairs.push(pair);
        }
    }
    pairs
}

/// Returns the narrower of two methods.
fn method(rows: [Option<&Route>; 2]) -> &str {
    let methods = || rows.iter().flatten().map(|row| row.method());
    let narrow = |method: &&str| !matches!(*method, "ANY" | "OTHER");
    methods()
        .find(|method| *method == "HEAD")
        .or_else(|| methods().find(narrow))
        .or_else(|| methods().next())
        .unwrap_or_default()
}

/// Returns the path of the table that has all the paths that two have in common, or else the widest pattern that both
/// have and of which paths were found.
fn shared_path(tables: [Option<&Table<'_>>; 2], found: &HashSet<Pattern>) -> String {
    let [Some(before), Some(after)] = tables else {
        return tables.iter().flatten().map(|table| table.path.to_owned()).collect();
    };
    let pairs = before.patterns.iter().flat_map(|left| after.patterns.iter().map(move |right| (left, right)));
    let common: Vec<Pattern> = pairs.flat_map(|(left, right)| left.common(right)).collect();
    let has_all = |table: &&Table<'_>| common.iter().all(|pattern| table.patterns.contains(pattern));
    let narrower = [after, before].into_iter().filter(has_all).min_by_key(|table| table.patterns.len());
    let widest = common.iter().filter(|pattern| found.contains(pattern)).max().map(ToString::to_string);
    narrower.map(|table| table.path.to_owned()).or(widest).unwrap_or_else(|| after.path.to_owned())
}

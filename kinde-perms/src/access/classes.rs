//! Which requests two matrices answer differently: every set of requests that one row answered before and one answers
//! now.
//!
//! A path that matches two patterns matches what they have in common, and a request made of that with values that occur
//! nowhere else matches no more patterns than it must: if another pattern wins it, that one wins all the paths the two have
//! in common. So one request for each pair of patterns finds every pair that has a request at all, and the matcher
//! says which rows have it. Tails take several requests, as there are patterns for some lengths only.
//!
//! Comparing n patterns with m takes n × m steps, most of which end at the first letters that differ, and as many
//! look-ups as there are pairs that overlap; each tail among these counts once for each depth of a path.

use std::collections::{BTreeSet, HashSet};

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
    table_pairs(before, after)
        .into_iter()
        .flat_map(|(left, right)| {
            let sides =
                [left.and_then(|at| before.tables().get(at)), right.and_then(|at| after.tables().get(at))];
            let path = shared_path(sides);
            row_pairs(sides).into_iter().map(move |[before, after]| Class {
                method: method([after, before]),
                path: path.clone(),
                before,
                after,
            })
        })
        .collect()
}

type TablePair = (Option<usize>, Option<usize>);

/// Returns the places of the tables that have a path before and after.
fn table_pairs(before: &Matcher<'_>, after: &Matcher<'_>) -> BTreeSet<TablePair> {
    let (fresh, depth) = (fresh([before, after]), before.depth().max(after.depth()));
    let common = common(before, after);
    let paths = common.iter().flat_map(|pattern| pattern.requests(fresh, depth));
    let places = |path: String| (before.table_at(&path), after.table_at(&path));
    // The empty path stands for all that do not begin with a slash.
    paths.chain([String::new()]).map(places).collect()
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
    // The empty method stands for all that no row names.
    let methods: BTreeSet<&str> = rows.map(|row| row.method()).chain(["HEAD", ""]).collect();
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

/// Returns the pattern of the paths that two tables have in common.
fn shared_path(tables: [Option<&Table<'_>>; 2]) -> String {
    let [Some(before), Some(after)] = tables else {
        return tables.iter().flatten().map(|table| table.path.to_owned()).collect();
    };
    let pairs = before.patterns.iter().flat_map(|left| after.patterns.iter().map(move |right| (left, right)));
    let common: Vec<Pattern> = pairs.flat_map(|(left, right)| left.common(right)).collect();
    let has_all = |table: &&Table<'_>| common.iter().all(|pattern| table.patterns.contains(pattern));
    let narrower = [after, before].into_iter().filter(has_all).min_by_key(|table| table.patterns.len());
    match (narrower, common.first()) {
        (Some(table), _) => table.path.to_owned(),
        (None, Some(pattern)) => pattern.to_string(),
        (None, None) => after.path.to_owned(),
    }
}

//! The difference of two matrices: who gained access, and who lost it.
//!
//! `AccessDiff::between` works in this order:
//!
//! 1. `classes::of` splits all requests into classes with one row before and one row after; `conflicting` adds the rows that
//!    no router can have.
//! 2. For each class, `gainers` compares the reach of every caller in `compared`: no token, any token, each role, each
//!    permission.
//! 3. If no caller gains or loses, `Comparison::covers` asks whether the rule on one side implies the rule on the other, for all
//!    tokens; if not, [`Who::Combination`] changed.
//! 4. A class without any of these is no change, unless its declaration changed (`is_redeclared`).

use std::collections::BTreeSet;
use std::fmt;

use super::bundles::Bundles;
use super::classes::{self, RequestClass};
use super::reach::{Caller, Reach, covers};
use super::route::sort_key;
use super::{Access, AccessMatrix, Route};
use crate::printable::Printable;

/// A caller whose access is compared.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Who {
    /// A caller without a token.
    Anyone,
    /// A caller whose token has neither a permission nor a role.
    AnyToken,
    /// A caller with this role alone, and the permissions it bundles.
    Role(String),
    /// A caller with this permission alone, and no role.
    Permission {
        /// The permission's key.
        key: String,
        /// The roles that bundle it.
        roles: Vec<String>,
    },
    /// A caller with several roles or permissions, or with other claims.
    Combination,
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anyone => f.write_str("everyone, without a token"),
            Self::AnyToken => f.write_str("every valid token"),
            Self::Role(key) => write!(f, "role {}", Printable(key)),
            Self::Permission { key, roles } if roles.is_empty() => {
                write!(f, "permission {} alone", Printable(key))
            }
            Self::Permission { key, roles } => {
                let (key, roles) = (Printable(key), roles.join(", "));
                write!(f, "permission {key} alone (bundled by role {})", Printable(roles))
            }
            Self::Combination => f.write_str("some combination of claims"),
        }
    }
}

/// A route whose access changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    method: String,
    path: String,
    before: Option<Access>,
    after: Option<Access>,
    gained: Vec<Who>,
    lost: Vec<Who>,
}

impl Change {
    /// Returns the method, in capitals.
    #[must_use]
    pub fn method(&self) -> &str {
        &self.method
    }

    /// Returns the path.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns who could call the route before; `None` if there was no such route.
    #[must_use]
    pub fn before(&self) -> Option<&Access> {
        self.before.as_ref()
    }

    /// Returns who can call the route now; `None` if there is no such route any more.
    #[must_use]
    pub fn after(&self) -> Option<&Access> {
        self.after.as_ref()
    }

    /// Returns who gained access; empty only if nobody at all did.
    #[must_use]
    pub fn gained(&self) -> &[Who] {
        &self.gained
    }

    /// Returns who lost access; empty only if nobody at all did.
    #[must_use]
    pub fn lost(&self) -> &[Who] {
        &self.lost
    }
}

/// The difference of two matrices, route by route.
///
/// The difference is exact. A rule that is only written differently is no change. A change that admits anybody is never
/// missed, for any combination of claims. A role that bundles more permissions than before gains access, alone or with other
/// roles. There is one limit: if the rule also asks for roles, the difference may report a combination of roles and permissions
/// that nobody can hold. It displays as text.
///
/// ```
/// use kinde_perms::access::{Access, AccessDiff, AccessMatrix, Catalogue, Route};
///
/// let matrix = |rule: &str| -> Result<AccessMatrix, kinde_perms::policy::RuleError> {
///     let route = Route::new("DELETE", "/todos/{id}", Access::Guarded(rule.parse()?));
///     let roles = Catalogue::new().role("editor", ["delete:todos"]).role("admin", ["delete:todos"]);
///     Ok([route].into_iter().collect::<AccessMatrix>().with_catalogue(roles))
/// };
/// let diff = AccessDiff::between(
///     &matrix(r#"permissions = ["delete:todos"], roles = ["admin"]"#)?,
///     &matrix(r#"permissions = ["delete:todos"]"#)?,
/// );
/// assert!(diff.grants_access());
/// assert_eq!(diff.changes()[0].gained()[0].to_string(), "role editor");
/// # Ok::<(), kinde_perms::policy::RuleError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccessDiff {
    changes: Vec<Change>,
}

impl AccessDiff {
    /// Compares two matrices.
    #[must_use]
    pub fn between(before: &AccessMatrix, after: &AccessMatrix) -> Self {
        let bundles = Bundles::between(before.catalogue(), after.catalogue());
        let comparison = Comparison { before, after, compared: compared(before, after), bundles };
        let [left, right] = [before.matcher(), after.matcher()];
        let all = classes::of(&left, &right)
            .into_iter()
            .chain(conflicting(left.conflicting(), right.conflicting()));
        let mut changes: Vec<Change> = all.filter_map(|class| comparison.change(class)).collect();
        changes.sort_by(|a, b| sort_key(&a.method, &a.path).cmp(&sort_key(&b.method, &b.path)));
        changes.dedup();
        Self { changes }
    }

    /// Returns the routes whose access changed, by path and method.
    #[must_use]
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// Returns `true` if nothing changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Returns `true` if anybody gained access to any route.
    #[must_use]
    pub fn grants_access(&self) -> bool {
        self.changes.iter().any(|change| !change.gained.is_empty())
    }
}

/// Returns the callers to compare: without a token, with any token, each role and each permission of either side.
fn compared(before: &AccessMatrix, after: &AccessMatrix) -> Vec<Who> {
    let mut all = BTreeSet::from([Who::Anyone, Who::AnyToken]);
    for matrix in [before, after] {
        let (permissions, roles) = matrix.named_keys();
        all.extend(roles.into_iter().map(Who::Role));
        all.extend(
            permissions.into_iter().map(|key| Who::Permission { roles: roles_bundling(after, &key), key }),
        );
    }
    all.into_iter().collect()
}

fn roles_bundling(matrix: &AccessMatrix, permission: &str) -> Vec<String> {
    let roles = matrix.catalogue().roles().filter(|(_, permissions)| permissions.contains(permission));
    roles.map(|(role, _)| role.to_owned()).collect()
}

/// Returns classes for the rows that no router can have beside the others.
///
/// It is unknown which requests such a row answers. A row in both matrices is no change; any other is compared as if it
/// were the only row of its path.
fn conflicting<'m>(before: &[&'m Route], after: &[&'m Route]) -> Vec<RequestClass<'m>> {
    let known = |row: &Route, others: &[&Route]| {
        others.iter().any(|other| other.order(row).is_eq() && other.access() == row.access())
    };
    let class = |row: &'m Route, before, after| RequestClass {
        method: row.method(),
        path: row.path().to_owned(),
        before,
        after,
    };
    let gone = before.iter().filter(|row| !known(row, after)).map(|row| class(row, Some(*row), None));
    let new = after.iter().filter(|row| !known(row, before)).map(|row| class(row, None, Some(*row)));
    gone.chain(new).collect()
}

struct Comparison<'m> {
    before: &'m AccessMatrix,
    after: &'m AccessMatrix,
    compared: Vec<Who>,
    bundles: Bundles<'m>,
}

impl Comparison<'_> {
    /// Returns `true` if all callers admitted on the second side are admitted on the first, whatever roles they hold.
    fn covers(&self, [wide, narrow]: [Side<'_>; 2]) -> bool {
        let spelled = |(side, access): Side<'_>| access.map(|access| self.bundles.spell_out(side, access));
        let by_roles = || covers(spelled(wide).as_ref(), spelled(narrow).as_ref());
        covers(wide.1, narrow.1) && (self.bundles.is_empty() || by_roles())
    }

    fn change(&self, class: RequestClass<'_>) -> Option<Change> {
        let (then, now) = (class.before.map(Route::access), class.after.map(Route::access));
        if then == now && self.before.catalogue() == self.after.catalogue() {
            return None;
        }
        let mut gained = gainers(&self.compared, (self.before, then), (self.after, now));
        let mut lost = gainers(&self.compared, (self.after, now), (self.before, then));
        // A change that none of the compared callers notices affects a combination of claims.
        if gained.is_empty() && !self.covers([(0, then), (1, now)]) {
            gained.push(Who::Combination);
        }
        if lost.is_empty() && !self.covers([(1, now), (0, then)]) {
            lost.push(Who::Combination);
        }
        if gained.is_empty() && lost.is_empty() && !is_redeclared(then, now) {
            return None;
        }
        let (before, after) = (then.cloned(), now.cloned());
        Some(Change { method: class.method.to_owned(), path: class.path, before, after, gained, lost })
    }
}

/// The access on a side: 0 is before, 1 is after.
type Side<'a> = (usize, Option<&'a Access>);

/// Returns the callers whose reach on the second side exceeds their reach on the first.
fn gainers(
    compared: &[Who],
    (left, before): (&AccessMatrix, Option<&Access>),
    (right, after): (&AccessMatrix, Option<&Access>),
) -> Vec<Who> {
    let gains = |who: &&Who| !reach(who, left, before).covers(&reach(who, right, after));
    let mut who: Vec<Who> = compared.iter().filter(gains).cloned().collect();
    if who.contains(&Who::Anyone) {
        // All others are included.
        who.retain(|who| *who == Who::Anyone);
    }
    who
}

/// Returns `true` if a route is new, gone, or public for another reason: a reviewer should see these, too.
fn is_redeclared(before: Option<&Access>, after: Option<&Access>) -> bool {
    match (before, after) {
        (Some(Access::Public(before)), Some(Access::Public(after))) => before != after,
        (before, after) => before.is_some() != after.is_some(),
    }
}

fn reach(who: &Who, matrix: &AccessMatrix, access: Option<&Access>) -> Reach {
    let Some(access) = access else { return Reach::No };
    let bundle = |role: &str| {
        let bundle = matrix.catalogue().roles().find(|(key, _)| *key == role);
        bundle.map(|(_, permissions)| permissions.clone()).unwrap_or_default()
    };
    let (role, permissions) = match who {
        Who::Anyone | Who::Combination => return Caller::Anonymous.reach(access),
        Who::AnyToken => (None, BTreeSet::new()),
        Who::Role(role) => (Some(role.as_str()), bundle(role)),
        Who::Permission { key, .. } => (None, BTreeSet::from([key.clone()])),
    };
    Caller::Holder { role, permissions: &permissions }.reach(access)
}

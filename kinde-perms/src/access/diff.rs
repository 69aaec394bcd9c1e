//! What changed between two matrices: who gained access, and who lost it.

use std::collections::BTreeSet;
use std::fmt;

use super::bundles::Bundles;
use super::classes::{self, Class};
use super::diff_text::Title;
use super::reach::{Caller, Reach, covers};
use super::route::sort_key;
use super::{Access, AccessMatrix, Route, diff_json, diff_text};
use crate::printable::Printable;

/// Somebody whose access is compared, as one token alone can show it.
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
    /// None of these; somebody with a combination of them, or with other claims.
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

    /// Returns who could call it before; `None` if there was no such route.
    #[must_use]
    pub fn before(&self) -> Option<&Access> {
        self.before.as_ref()
    }

    /// Returns who can call it now; `None` if there is no such route any more.
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
/// It is exact: a rule that is only said otherwise is no change, and a change that lets anybody in is never missed,
/// whatever combination of claims it takes. A role that bundles more permissions than before gains by that, alone or with
/// other roles; where the rule asks for roles, too, such a combination may be told that nobody can hold. It displays as text.
///
/// ```
/// use kinde_perms::access::{Access, AccessDiff, AccessMatrix, Catalogue, Route};
///
/// let matrix = |rule: &str| -> Result<AccessMatrix, kinde_perms::RuleError> {
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
/// # Ok::<(), kinde_perms::RuleError>(())
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
        let comparison = Comparison { before, after, everybody: everybody(before, after), bundles };
        let [left, right] = [before.matcher(), after.matcher()];
        let all = classes::of(&left, &right).into_iter().chain(stray(left.stray(), right.stray()));
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

    /// Returns whether nothing changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Returns whether anybody gained access to anything.
    #[must_use]
    pub fn grants_access(&self) -> bool {
        self.changes.iter().any(|change| !change.gained.is_empty())
    }

    /// Writes it as text whose lines the caller shows.
    pub(crate) fn shown(&self, show: &dyn Fn(Title, String) -> String) -> String {
        diff_text::text(self, show)
    }

    /// Writes it as Markdown, for a pull request.
    #[must_use]
    pub fn to_markdown(&self) -> String {
        diff_text::markdown(self)
    }

    /// Writes it as JSON.
    ///
    /// ```json
    /// {
    ///   "format": "kinde-perms/access-diff",
    ///   "version": 1,
    ///   "grants_access": true,
    ///   "changes": [
    ///     {"method": "DELETE", "path": "/todos/{id}",
    ///      "before": {"requires": "permissions = [\"delete:todos\"], roles = [\"admin\"]"},
    ///      "after": {"requires": "permissions = [\"delete:todos\"]"},
    ///      "gained": [{"role": "editor"}, {"permission": "delete:todos"}],
    ///      "lost": []}
    ///   ]
    /// }
    /// ```
    ///
    /// `before` and `after` are null where there is no such route. Besides roles and permissions there are the strings
    /// `"anyone"`, `"any_token"` and `"combination"`.
    #[must_use]
    pub fn to_json(&self) -> String {
        diff_json::write(self)
    }
}

impl fmt::Display for AccessDiff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&diff_text::text(self, &|_, line| line))
    }
}

/// Everybody whose access is worth a line: each role, and each permission, of either side.
fn everybody(before: &AccessMatrix, after: &AccessMatrix) -> Vec<Who> {
    let mut all = BTreeSet::from([Who::Anyone, Who::AnyToken]);
    for matrix in [before, after] {
        let (permissions, roles) = matrix.named_keys();
        all.extend(roles.into_iter().map(Who::Role));
        all.extend(permissions.into_iter().map(|key| Who::Permission { roles: bundlers(after, &key), key }));
    }
    all.into_iter().collect()
}

fn bundlers(matrix: &AccessMatrix, permission: &str) -> Vec<String> {
    let roles = matrix.catalogue().roles().filter(|(_, permissions)| permissions.contains(permission));
    roles.map(|(role, _)| role.to_owned()).collect()
}

/// Rows that no router can have beside the others, so that nobody knows what they answer: one that both matrices have is
/// no change, and any other is as if it were alone.
fn stray<'m>(before: &[&'m Route], after: &[&'m Route]) -> Vec<Class<'m>> {
    let known = |row: &Route, others: &[&Route]| {
        others.iter().any(|other| other.order(row).is_eq() && other.access() == row.access())
    };
    let class = |row: &'m Route, before, after| Class {
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
    everybody: Vec<Who>,
    bundles: Bundles<'m>,
}

impl Comparison<'_> {
    /// Returns `true` if whoever could call a route on the second side can on the first, whatever roles they hold.
    fn covers(&self, [wide, narrow]: [Side<'_>; 2]) -> bool {
        let spelled = |(side, access): Side<'_>| access.map(|access| self.bundles.spell_out(side, access));
        let by_roles = || covers(spelled(wide).as_ref(), spelled(narrow).as_ref());
        covers(wide.1, narrow.1) && (self.bundles.is_empty() || by_roles())
    }

    fn change(&self, class: Class<'_>) -> Option<Change> {
        let (then, now) = (class.before.map(Route::access), class.after.map(Route::access));
        if then == now && self.before.catalogue() == self.after.catalogue() {
            return None;
        }
        let mut gained = newly(&self.everybody, (self.before, then), (self.after, now));
        let mut lost = newly(&self.everybody, (self.after, now), (self.before, then));
        // Callers with a combination of claims that no entry of the list stands for.
        if gained.is_empty() && !self.covers([(0, then), (1, now)]) {
            gained.push(Who::Combination);
        }
        if lost.is_empty() && !self.covers([(1, now), (0, then)]) {
            lost.push(Who::Combination);
        }
        if gained.is_empty() && lost.is_empty() && !declared_anew(then, now) {
            return None;
        }
        let (before, after) = (then.cloned(), now.cloned());
        Some(Change { method: class.method.to_owned(), path: class.path, before, after, gained, lost })
    }
}

/// An access, and the side that it is of: 0 is before, 1 is after.
type Side<'a> = (usize, Option<&'a Access>);

/// Who reaches the route on the second side in ways in which they do not on the first.
fn newly(
    everybody: &[Who],
    (left, before): (&AccessMatrix, Option<&Access>),
    (right, after): (&AccessMatrix, Option<&Access>),
) -> Vec<Who> {
    let gains = |who: &&Who| !reach(who, left, before).covers(&reach(who, right, after));
    let mut who: Vec<Who> = everybody.iter().filter(gains).cloned().collect();
    if who.contains(&Who::Anyone) {
        // That says it all.
        who.retain(|who| *who == Who::Anyone);
    }
    who
}

/// A route that is public for another reason, or new and reached by nobody, is to be looked at, too.
fn declared_anew(before: Option<&Access>, after: Option<&Access>) -> bool {
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

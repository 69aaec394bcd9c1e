//! The routes of a router with their rules.

use std::collections::BTreeSet;

use super::reach::{Caller, Reach};
use super::{Catalogue, Matcher, Route};
use crate::policy::{Kind, Source, for_each_fact};

/// Every route of a router with its access and, given a [`Catalogue`], the roles that reach it.
///
/// A matrix displays as aligned text. See the [module documentation](super).
///
/// ```
/// use kinde_perms::access::{Access, AccessMatrix, Catalogue, Reach, Route};
///
/// let delete = Access::Guarded(r#"permissions = ["delete:todos"], roles = ["admin"]"#.parse()?);
/// let matrix: AccessMatrix = [Route::new("DELETE", "/todos/{id}", delete)].into_iter().collect();
/// let matrix = matrix.with_catalogue(Catalogue::new().role("admin", ["delete:todos"]).role("viewer", ["read:todos"]));
///
/// let route = &matrix.routes()[0];
/// assert_eq!(matrix.reach("admin", route), Some(Reach::Yes));
/// assert_eq!(matrix.reach("viewer", route), Some(Reach::No));
/// # Ok::<(), kinde_perms::policy::RuleError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccessMatrix {
    routes: Vec<Route>,
    catalogue: Catalogue,
}

impl AccessMatrix {
    /// Adds the roles and permissions that exist in Kinde; each role becomes a column.
    #[must_use]
    pub fn with_catalogue(self, catalogue: Catalogue) -> Self {
        Self { catalogue, ..self }
    }

    /// Removes the handlers, for a matrix that is kept: moved code is no change of access.
    #[must_use]
    pub fn without_handlers(self) -> Self {
        Self { routes: self.routes.into_iter().map(Route::without_handler).collect(), ..self }
    }

    /// Returns the routes, by path and method.
    #[must_use]
    pub fn routes(&self) -> &[Route] {
        &self.routes
    }

    /// Returns the matcher, which finds the row that answers a request.
    #[must_use]
    pub fn matcher(&self) -> Matcher<'_> {
        Matcher::of(&self.routes)
    }

    /// Returns the known roles and permissions.
    #[must_use]
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// Returns the reach of a token with this role alone and its permissions; `None` if the catalogue has no such role.
    #[must_use]
    pub fn reach(&self, role: &str, route: &Route) -> Option<Reach> {
        let (role, permissions) = self.catalogue.roles().find(|(key, _)| *key == role)?;
        Some(Caller::Holder { role: Some(role), permissions }.reach(route.access()))
    }

    /// Returns `true` if one role reaches every route that another does.
    pub(super) fn covers(&self, wide: &str, narrow: &str) -> bool {
        let reach = |role, route| self.reach(role, route).unwrap_or(Reach::No);
        self.routes.iter().all(|route| reach(wide, route).covers(&reach(narrow, route)))
    }

    /// Returns the keys of the permissions that rules name, and of the roles that rules or the catalogue name.
    pub(super) fn named_keys(&self) -> (BTreeSet<String>, BTreeSet<String>) {
        let mut permissions = BTreeSet::new();
        let mut roles: BTreeSet<String> = self.catalogue.roles().map(|(key, _)| key.to_owned()).collect();
        for route in &self.routes {
            let Some(rule) = route.access().rule() else { continue };
            for_each_fact(rule, |leaf| match (leaf.source, leaf.kind) {
                (Source::Token, Kind::Permissions) => drop(permissions.insert(leaf.key.to_owned())),
                (Source::Token, Kind::Roles) => drop(roles.insert(leaf.key.to_owned())),
                _ => {}
            });
        }
        (permissions, roles)
    }
}

impl FromIterator<Route> for AccessMatrix {
    fn from_iter<I: IntoIterator<Item = Route>>(routes: I) -> Self {
        let mut routes: Vec<_> = routes.into_iter().collect();
        routes.sort_by(Route::order);
        Self { routes, catalogue: Catalogue::new() }
    }
}

//! The routes of a router with their rules.

use std::collections::BTreeSet;
use std::error::Error;
use std::fmt;
use std::str::FromStr;

use super::json::AccessError;
use super::reach::{Caller, Reach};
use super::report::{Report, Table};
use super::{Catalogue, Matcher, Route, html, json, markdown, text};
use crate::policy::{Leaf, for_each_fact};

/// Every route of a router with who may call it and, once it knows the [`Catalogue`], which role reaches which.
///
/// It displays as aligned text. See the [module documentation](super).
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
/// # Ok::<(), kinde_perms::RuleError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccessMatrix {
    routes: Vec<Route>,
    catalogue: Catalogue,
}

impl AccessMatrix {
    /// Adds what exists in Kinde, which makes columns of the roles.
    #[must_use]
    pub fn with_catalogue(self, catalogue: Catalogue) -> Self {
        Self { catalogue, ..self }
    }

    /// Leaves out where the handlers are, for a list that is kept: code that moves is no change of access.
    #[must_use]
    pub fn without_handlers(self) -> Self {
        Self { routes: self.routes.into_iter().map(Route::without_handler).collect(), ..self }
    }

    /// Returns the routes, by path and method.
    #[must_use]
    pub fn routes(&self) -> &[Route] {
        &self.routes
    }

    /// Returns the look-up of the row that answers a request.
    #[must_use]
    pub fn matcher(&self) -> Matcher<'_> {
        Matcher::of(&self.routes)
    }

    /// Returns the roles and permissions it knows of.
    #[must_use]
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// Returns whether a token with this role alone, and the permissions it bundles, reaches a route; `None` if there is no
    /// such role in the catalogue.
    #[must_use]
    pub fn reach(&self, role: &str, route: &Route) -> Option<Reach> {
        let (role, permissions) = self.catalogue.roles().find(|(key, _)| *key == role)?;
        Some(Caller::Holder { role: Some(role), permissions }.reach(route.access()))
    }

    /// Whether one role reaches every route that another does.
    pub(super) fn covers(&self, wide: &str, narrow: &str) -> bool {
        let reach = |role, route| self.reach(role, route).unwrap_or(Reach::No);
        self.routes.iter().all(|route| reach(wide, route).covers(&reach(narrow, route)))
    }

    /// The keys of the permissions that rules name, and of the roles that rules or the catalogue name.
    pub(super) fn named_keys(&self) -> (BTreeSet<String>, BTreeSet<String>) {
        let mut permissions = BTreeSet::new();
        let mut roles: BTreeSet<String> = self.catalogue.roles().map(|(key, _)| key.to_owned()).collect();
        for route in &self.routes {
            let Some(rule) = route.access().rule() else { continue };
            for_each_fact(rule, |leaf| match leaf {
                Leaf::Permission(key) => drop(permissions.insert((*key).to_owned())),
                Leaf::Role(key) => drop(roles.insert((*key).to_owned())),
                _ => {}
            });
        }
        (permissions, roles)
    }

    /// Writes it in a format.
    #[must_use]
    pub fn render(&self, format: Format) -> String {
        match format {
            Format::Text => text::render(&Report::of(self), &text::aligned),
            Format::Markdown => markdown::render(&Report::of(self)),
            Format::Json => self.to_json(),
            Format::Html => html::render(&Report::of(self)),
        }
    }

    /// Writes it as text with tables that the caller draws.
    pub(crate) fn drawn(&self, draw: &dyn Fn(&Table) -> String) -> String {
        text::render(&Report::of(self), draw)
    }

    /// Writes it as JSON, one line per member, ending with a line break.
    ///
    /// ```json
    /// {
    ///   "format": "kinde-perms/access",
    ///   "version": 1,
    ///   "routes": [
    ///     {"method": "GET", "path": "/health", "public": "load balancers ask without a token"},
    ///     {"method": "POST", "path": "/todos", "requires": "permissions = [\"create:todos\"]",
    ///      "handler": {"name": "todos::create", "file": "src/main.rs", "line": 40}}
    ///   ],
    ///   "catalogue": {"roles": {"editor": ["create:todos"]}, "permissions": ["create:todos"]}
    /// }
    /// ```
    ///
    /// A route has either `public`, the reason, or `requires`, the rule in [normal form](crate::Rule#normal-form), and then
    /// perhaps `checks`, the paths of the checks that follow it. `handler` and `catalogue` may be absent. `version` changes when a reader of this one could misunderstand.
    #[must_use]
    pub fn to_json(&self) -> String {
        json::write(self)
    }

    /// Reads what [`to_json`](Self::to_json) wrote.
    ///
    /// # Errors
    /// What is wrong with the text, and where.
    pub fn from_json(text: &str) -> Result<Self, AccessError> {
        json::read(text)
    }
}

impl FromIterator<Route> for AccessMatrix {
    fn from_iter<I: IntoIterator<Item = Route>>(routes: I) -> Self {
        let mut routes: Vec<_> = routes.into_iter().collect();
        routes.sort_by(Route::order);
        Self { routes, catalogue: Catalogue::new() }
    }
}

impl fmt::Display for AccessMatrix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(Format::Text))
    }
}

/// How an [`AccessMatrix`] is written; reads from its name in lower case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// Aligned columns.
    Text,
    /// Tables of GitHub Flavored Markdown.
    Markdown,
    /// The form that is kept.
    Json,
    /// A page that stands alone, with a filter by role.
    Html,
}

impl Format {
    const ALL: [(&'static str, Self); 4] =
        [("text", Self::Text), ("markdown", Self::Markdown), ("json", Self::Json), ("html", Self::Html)];
}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(name: &str) -> Result<Self, UnknownFormat> {
        let found = Self::ALL.into_iter().find(|(known, _)| *known == name);
        found.map(|(_, format)| format).ok_or(UnknownFormat(()))
    }
}

/// The name of a format is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownFormat(());

impl fmt::Display for UnknownFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = Format::ALL.map(|(name, _)| name);
        write!(f, "unknown format; there are {}", names.join(", "))
    }
}

impl Error for UnknownFormat {}

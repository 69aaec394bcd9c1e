//! The JSON format of a matrix, which is kept in files and read back.

use std::error::Error;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Access, AccessMatrix, Catalogue, Handler, Route};
use crate::policy::{Rule, RuleError};
use crate::printable::{self, Printable};

const FORMAT: &str = "kinde-perms/access";
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
struct MatrixDocument {
    format: String,
    version: u32,
    routes: Vec<RouteDocument>,
    #[serde(default, skip_serializing_if = "Catalogue::is_empty")]
    catalogue: Catalogue,
}

/// The members that say whether this version can read the document.
#[derive(Deserialize)]
struct Preamble {
    format: String,
    version: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RouteDocument {
    method: String,
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    public: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    requires: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    checks: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    handler: Option<HandlerDocument>,
}

#[derive(Serialize, Deserialize)]
struct HandlerDocument {
    name: String,
    file: String,
    line: u32,
}

/// The reason why a text is not an access matrix.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AccessError {
    /// The text is not JSON, or a member is missing, unknown or of the wrong type. The string says which and where.
    Json(String),
    /// The `format` is another one.
    NotAccess,
    /// A later version of this crate wrote the text.
    Version(u32),
    /// A route says neither that it is public nor what it requires, or both.
    Unclear {
        /// The route.
        route: String,
    },
    /// The rule of a route cannot be read.
    Rule {
        /// The route.
        route: String,
        /// The error of the rule.
        error: RuleError,
    },
    /// No router can have the route beside the others: the route occurs twice, or its path overlaps with another. So it is
    /// unknown which requests it answers. `OTHER /*`, which earlier versions wrote, does not say on which paths.
    Misplaced {
        /// The route.
        route: String,
    },
}

impl fmt::Display for AccessError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(error) => write!(f, "not an access matrix: {}", Printable(error)),
            Self::NotAccess => write!(f, "not an access matrix: `format` is not `{FORMAT}`"),
            Self::Version(version) => {
                write!(f, "access matrix of version {version}; this program reads {VERSION}")
            }
            Self::Unclear { route } => {
                write!(f, "{} must have either `public` or `requires`", Printable(route))
            }
            Self::Rule { route, error } => {
                write!(f, "the rule of {} cannot be read: {error}", Printable(route))
            }
            Self::Misplaced { route } => write!(
                f,
                "no router has {} beside the other routes; have the router write the file anew",
                Printable(route)
            ),
        }
    }
}

impl Error for AccessError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Rule { error, .. } => Some(error),
            _ => None,
        }
    }
}

impl From<serde_json::Error> for AccessError {
    fn from(error: serde_json::Error) -> Self {
        Self::Json(error.to_string())
    }
}

impl AccessMatrix {
    /// Writes the matrix as JSON, one line per member, ending with a line break.
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
    /// perhaps `checks`, the paths of its checks. `handler` and `catalogue` may be absent. `version` changes when a reader of
    /// the current one could misunderstand the text.
    #[must_use]
    pub fn to_json(&self) -> String {
        let document = MatrixDocument {
            format: FORMAT.to_owned(),
            version: VERSION,
            routes: self.routes().iter().map(RouteDocument::from).collect(),
            catalogue: self.catalogue().clone(),
        };
        // Strings, numbers and maps with string keys: writing them cannot fail.
        let text = serde_json::to_string_pretty(&document).unwrap_or_default();
        printable::json(&text) + "\n"
    }

    /// Reads what [`to_json`](Self::to_json) wrote.
    ///
    /// # Errors
    /// The mistake in the text, and its place.
    pub fn from_json(text: &str) -> Result<Self, AccessError> {
        let preamble: Preamble = serde_json::from_str(text)?;
        if preamble.format != FORMAT {
            return Err(AccessError::NotAccess);
        }
        if preamble.version != VERSION {
            return Err(AccessError::Version(preamble.version));
        }
        let document: MatrixDocument = serde_json::from_str(text)?;
        let routes: Result<AccessMatrix, _> = document.routes.into_iter().map(Route::try_from).collect();
        let matrix = routes?.with_catalogue(document.catalogue);
        let conflicting = matrix.matcher().conflicting().first().map(ToString::to_string);
        conflicting.map_or(Ok(matrix), |route| Err(AccessError::Misplaced { route }))
    }
}

impl From<&Route> for RouteDocument {
    fn from(route: &Route) -> Self {
        let (access, rule) = (route.access(), route.access().rule().map(ToString::to_string));
        let public = match access {
            Access::Public(reason) => Some(reason.clone()),
            _ => None,
        };
        let checks = access.checks().map(str::to_owned).collect();
        let handler = route.handler().map(|handler| HandlerDocument {
            name: handler.name().to_owned(),
            file: handler.file().to_owned(),
            line: handler.line(),
        });
        let (method, path) = (route.method().to_owned(), route.path().to_owned());
        Self { method, path, public, requires: rule, checks, handler }
    }
}

impl TryFrom<RouteDocument> for Route {
    type Error = AccessError;

    fn try_from(document: RouteDocument) -> Result<Self, AccessError> {
        let RouteDocument { method, path, public, requires, checks, handler } = document;
        let route = format!("{method} {path}");
        let access = match (public, requires) {
            (Some(reason), None) if checks.is_empty() => Access::Public(reason),
            (None, Some(rule)) => Access::guarded(read_rule(&rule, route)?, checks),
            _ => return Err(AccessError::Unclear { route }),
        };
        let read = Self::new(method, path, access);
        Ok(match handler {
            Some(HandlerDocument { name, file, line }) => read.at(Handler::new(name, file, line)),
            None => read,
        })
    }
}

fn read_rule(text: &str, route: String) -> Result<Rule, AccessError> {
    text.parse().map_err(|error| AccessError::Rule { route, error })
}

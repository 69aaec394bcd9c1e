//! The form in which a matrix is kept.

use std::error::Error;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Access, AccessMatrix, Catalogue, Handler, Route};
use crate::policy::{Rule, RuleError};
use crate::printable::{self, Printable};

const FORMAT: &str = "kinde-perms/access";
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Document {
    format: String,
    version: u32,
    routes: Vec<Entry>,
    #[serde(default, skip_serializing_if = "Catalogue::is_empty")]
    catalogue: Catalogue,
}

/// What tells whether the rest can be read.
#[derive(Deserialize)]
struct Preamble {
    format: String,
    version: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    method: String,
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    public: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    requires: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    checks: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    handler: Option<Place>,
}

#[derive(Serialize, Deserialize)]
struct Place {
    name: String,
    file: String,
    line: u32,
}

/// Why a text is not an access matrix.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AccessError {
    /// It is not JSON, or a member is missing, of the wrong type, or unknown; the text says which and where.
    Json(String),
    /// It is JSON of something else.
    NotAccess,
    /// It was written by a later version of this crate.
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
        /// Why.
        error: RuleError,
    },
    /// No router has the route beside the others, so nobody knows what it answers: it is there twice, or its path
    /// overlaps with another. `OTHER /*` says not on which paths, as earlier versions wrote it.
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

pub(super) fn write(matrix: &AccessMatrix) -> String {
    let document = Document {
        format: FORMAT.to_owned(),
        version: VERSION,
        routes: matrix.routes().iter().map(Entry::from).collect(),
        catalogue: matrix.catalogue().clone(),
    };
    // Strings, numbers and maps with string keys: nothing in it can fail to be written.
    let text = serde_json::to_string_pretty(&document).unwrap_or_default();
    printable::json(&text) + "\n"
}

pub(super) fn read(text: &str) -> Result<AccessMatrix, AccessError> {
    let preamble: Preamble = serde_json::from_str(text)?;
    if preamble.format != FORMAT {
        return Err(AccessError::NotAccess);
    }
    if preamble.version != VERSION {
        return Err(AccessError::Version(preamble.version));
    }
    let document: Document = serde_json::from_str(text)?;
    let routes: Result<AccessMatrix, _> = document.routes.into_iter().map(Route::try_from).collect();
    let matrix = routes?.with_catalogue(document.catalogue);
    let stray = matrix.matcher().stray().first().map(ToString::to_string);
    stray.map_or(Ok(matrix), |route| Err(AccessError::Misplaced { route }))
}

impl From<&Route> for Entry {
    fn from(route: &Route) -> Self {
        let (access, rule) = (route.access(), route.access().rule().map(ToString::to_string));
        let public = match access {
            Access::Public(reason) => Some(reason.clone()),
            _ => None,
        };
        let checks = access.checks().map(str::to_owned).collect();
        let handler = route.handler().map(|handler| Place {
            name: handler.name().to_owned(),
            file: handler.file().to_owned(),
            line: handler.line(),
        });
        let (method, path) = (route.method().to_owned(), route.path().to_owned());
        Self { method, path, public, requires: rule, checks, handler }
    }
}

impl TryFrom<Entry> for Route {
    type Error = AccessError;

    fn try_from(entry: Entry) -> Result<Self, AccessError> {
        let Entry { method, path, public, requires, checks, handler } = entry;
        let route = format!("{method} {path}");
        let access = match (public, requires) {
            (Some(reason), None) if checks.is_empty() => Access::Public(reason),
            (None, Some(rule)) => Access::guarded(read_rule(&rule, route)?, checks),
            _ => return Err(AccessError::Unclear { route }),
        };
        let read = Self::new(method, path, access);
        Ok(match handler {
            Some(Place { name, file, line }) => read.at(Handler::new(name, file, line)),
            None => read,
        })
    }
}

fn read_rule(text: &str, route: String) -> Result<Rule, AccessError> {
    text.parse().map_err(|error| AccessError::Rule { route, error })
}

//! `manifest check`: the mistakes in `kinde.toml`, and the differences between it and the routes of a matrix.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use kinde_perms::__crates::{Finding, findings};
use kinde_perms::access::{AccessMatrix, Route};
use kinde_perms_policy::printable::Printable;
use kinde_perms_policy::shared::for_each_fact;
use serde_json::{Value, json};

use kinde_perms::policy::Kind;
use kinde_perms_policy::kinde_toml::model::Position;
use kinde_perms_policy::kinde_toml::names::collisions;
use kinde_perms_policy::kinde_toml::read::ManifestFault;

use crate::arguments::Manifest as Command;
use crate::declared::{Declared, Undeclared};
use crate::output::{Failure, Output, read_matrix};
use crate::terminal::{Terminal, Tone};

pub(crate) fn run(command: &Command, json: bool, terminal: Terminal) -> Result<Output, Failure> {
    let Command::Check { file, access } = command;
    let matrix = access.as_deref().map(read_matrix).transpose()?;
    let report = match Declared::open(file.as_deref()) {
        Ok(declared) => Report::of(&declared, matrix),
        Err(Undeclared::Faulty { file, faults }) => Report::faulty(file, faults),
        Err(unread) => return Err(unread.into()),
    };
    let bad = report.remarks.iter().any(|remark| remark.level == Level::Error);
    if json {
        return Ok(Output::json(&report.json(bad), bad));
    }
    Ok(Output::new(report.text(terminal), bad))
}

/// How bad a remark is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Level {
    /// The macros refuse the manifest, or a route asks for a key that does not exist.
    Error,
    /// Probably a mistake.
    Warning,
    /// Correct, and worth knowing.
    Note,
}

/// The subject of a remark.
#[derive(Debug)]
enum Place {
    Manifest(Position),
    Route(String),
    Whole,
}

#[derive(Debug)]
struct Remark {
    level: Level,
    place: Place,
    message: String,
}

#[derive(Debug)]
struct Report {
    file: String,
    /// The number of keys in each section; `None` if the manifest cannot be used.
    declared: Option<Vec<(Kind, usize)>>,
    remarks: Vec<Remark>,
}

impl Report {
    fn faulty(file: String, faults: Vec<ManifestFault>) -> Self {
        let remarks = faults.into_iter().map(|fault| at(Level::Error, fault.at, fault.message));
        Self { file, declared: None, remarks: remarks.collect() }
    }

    fn of(declared: &Declared, matrix: Option<AccessMatrix>) -> Self {
        let Declared { file, manifest } = declared;
        let counts = Kind::in_manifest().map(|kind| (kind, manifest.entries(kind).len())).collect();
        let mut remarks: Vec<Remark> = collisions(manifest)
            .into_iter()
            .map(|fault| at(Level::Warning, fault.at, format!("for `manifest!()`, {}", fault.message)))
            .collect();
        remarks.extend(unbundled(declared));
        if let Some(matrix) = matrix.map(|matrix| matrix.with_catalogue(declared.catalogue())) {
            remarks.extend(matrix.routes().iter().flat_map(|route| undeclared(declared, route)));
            remarks.extend(findings(&matrix).iter().filter_map(|finding| remark(declared, finding)));
        }
        Self { file: file.clone(), declared: Some(counts), remarks }
    }

    fn json(&self, bad: bool) -> Value {
        json!({
            "format": "kinde-perms/manifest-check",
            "version": 1,
            "file": self.file,
            "errors": bad,
            "remarks": self.remarks.iter().map(Remark::json).collect::<Vec<_>>(),
        })
    }
}

/// Warns of permissions that no role bundles. Without roles there is no warning, because permissions are then given one
/// by one.
fn unbundled(declared: &Declared) -> impl Iterator<Item = Remark> {
    let roles = declared.manifest.entries(Kind::Roles);
    let bundled: BTreeSet<&str> =
        roles.iter().flat_map(|role| &role.permissions).map(|bundled| bundled.key.as_str()).collect();
    let permissions = declared.manifest.entries(Kind::Permissions).iter();
    permissions.filter(move |entry| !roles.is_empty() && !bundled.contains(entry.key.as_str())).map(|entry| {
        let message = format!(
            "no role bundles the permission `{}`: list it under one, or users get it singly",
            entry.key
        );
        at(Level::Warning, entry.at, message)
    })
}

/// Reports keys that a route asks for and the manifest does not declare.
fn undeclared(declared: &Declared, route: &Route) -> Vec<Remark> {
    let mut messages = BTreeSet::new();
    if let Some(rule) = route.access().rule() {
        for_each_fact(rule, |fact| messages.extend(declared.why_impossible(fact)));
    }
    let place = match route.handler() {
        Some(handler) => format!("{route} ({}:{})", handler.file(), handler.line()),
        None => route.to_string(),
    };
    let remark = |message| Remark { level: Level::Error, place: Place::Route(place.clone()), message };
    messages.into_iter().map(remark).collect()
}

/// Describes a finding. Unknown keys are reported route by route, by [`undeclared`].
fn remark(declared: &Declared, finding: &Finding<'_>) -> Option<Remark> {
    match finding {
        Finding::Unknown(_) => None,
        Finding::Unused(key) => {
            let entry = declared.manifest.find(Kind::Permissions, key)?;
            let message =
                format!("no route asks for the permission `{key}`: remove it, or guard what it is for");
            Some(at(Level::Warning, entry.at, message))
        }
        Finding::Unreached(route) => Some(Remark {
            level: Level::Warning,
            place: Place::Route(route.to_string()),
            message: "no role alone reaches it: users need several roles, or something that no role gives"
                .to_owned(),
        }),
        Finding::Shadowed(route) => Some(Remark {
            level: Level::Warning,
            place: Place::Route(route.to_string()),
            message: "no request reaches it: other routes answer them all".to_owned(),
        }),
        Finding::Covers(wide, narrow) => Some(Remark {
            level: Level::Note,
            place: Place::Whole,
            message: format!("the role `{wide}` reaches every route that `{narrow}` does"),
        }),
    }
}

fn at(level: Level, position: Position, message: String) -> Remark {
    Remark { level, place: Place::Manifest(position), message }
}

impl Level {
    const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }

    const fn tone(self) -> Tone {
        match self {
            Self::Error => Tone::Bad,
            Self::Warning => Tone::Unsure,
            Self::Note => Tone::Quiet,
        }
    }
}

impl Remark {
    fn json(&self) -> Value {
        let Self { level, place, message } = self;
        let level = level.name();
        match place {
            Place::Manifest(Position { line, column }) => {
                json!({ "level": level, "line": line, "column": column, "message": message })
            }
            Place::Route(route) => json!({ "level": level, "route": route, "message": message }),
            Place::Whole => json!({ "level": level, "message": message }),
        }
    }
}

impl Report {
    /// Writes a line for each remark, as compilers do, and one that counts the declared keys.
    fn text(&self, terminal: Terminal) -> String {
        let mut text = String::new();
        for Remark { level, place, message } in &self.remarks {
            let place = match place {
                Place::Manifest(Position { line, column }) => format!("{}:{line}:{column}", self.file),
                Place::Route(route) => route.clone(),
                Place::Whole => self.file.clone(),
            };
            let (level, message) = (terminal.paint(level.tone(), level.name()), Printable(message));
            let _ = writeln!(text, "{}: {level}: {message}", Printable(place));
        }
        if let Some(counts) = &self.declared {
            let _ = writeln!(text, "{} declares {}", Printable(&self.file), summary(counts));
        }
        text
    }
}

fn summary(counts: &[(Kind, usize)]) -> String {
    let counts = counts.iter().filter(|(_, count)| *count > 0);
    let counts: Vec<String> = counts
        .map(|(kind, count)| format!("{count} {}{}", kind.section_noun(), if *count == 1 { "" } else { "s" }))
        .collect();
    if counts.is_empty() { "nothing".to_owned() } else { counts.join(", ") }
}

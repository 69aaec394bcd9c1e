//! A pinned access matrix: a file beside the tests that must change together with the access.

use std::fs;
use std::path::Path;

use kinde_perms::access::{AccessDiff, AccessMatrix};

/// The environment variable that accepts the current access when it is `overwrite`.
const SETTING: &str = "KINDE_PERMS_ACCESS";

/// Panics unless a router's access equals a file, and reports who gained and who lost access.
///
/// The file's path is relative to the package. The file holds the matrix as JSON without the locations of handlers, so
/// moving code or rewording a rule does not change it. Run the tests with `KINDE_PERMS_ACCESS=overwrite` to write the
/// file, and review its changes as code.
///
/// ```no_run
/// # use kinde_perms::{GuardedRouter, Validator};
/// # fn routes() -> GuardedRouter<Validator> { GuardedRouter::new() }
/// kinde_perms_testkit::assert_access_snapshot!("tests/access.json", routes().access());
/// ```
///
/// # Panics
/// If access changed, or if the file cannot be read; the message says how to accept the change.
#[macro_export]
macro_rules! assert_access_snapshot {
    ($file:expr, $matrix:expr $(,)?) => {
        if let ::std::result::Result::Err(message) =
            $crate::access_snapshot(::std::env!("CARGO_MANIFEST_DIR"), $file, $matrix)
        {
            ::std::panic!("{message}");
        }
    };
}

/// Implements [`assert_access_snapshot!`](crate::assert_access_snapshot); the error is its message.
#[doc(hidden)]
pub fn access_snapshot(package: &str, file: &str, matrix: AccessMatrix) -> Result<(), String> {
    #[expect(clippy::disallowed_methods, reason = "this setting is of the tests, not of the application")]
    let accept = std::env::var_os(SETTING).is_some_and(|value| value == "overwrite");
    compare(&Path::new(package).join(file), file, &matrix.without_handlers(), accept)
}

fn compare(path: &Path, file: &str, now: &AccessMatrix, accept: bool) -> Result<(), String> {
    let fault = |fault: &dyn std::fmt::Display| format!("{file}: {fault}\n\n{}", cure());
    if accept {
        let folder = path.parent().map_or(Ok(()), fs::create_dir_all);
        return folder.and_then(|()| fs::write(path, now.to_json())).map_err(|error| fault(&error));
    }
    let pinned = fs::read_to_string(path).map_err(|error| fault(&error))?;
    let pinned = AccessMatrix::from_json(&pinned).map_err(|error| fault(&error))?;
    match AccessDiff::between(&pinned, now) {
        diff if diff.is_empty() => Ok(()),
        diff => Err(format!("{file} is not what the router does\n\n{diff}\n{}", cure())),
    }
}

fn cure() -> String {
    format!("If this is meant, write the file anew and review it: {SETTING}=overwrite cargo test")
}

#[cfg(test)]
mod tests {
    use super::*;
    use kinde_perms::access::{Access, Catalogue, Route};

    fn matrix(rule: &str) -> AccessMatrix {
        let route = Route::new("DELETE", "/todos/{id}", Access::Guarded(rule.parse().unwrap()));
        let roles = Catalogue::new().role("editor", ["delete:todos"]).role("admin", ["delete:todos"]);
        [route].into_iter().collect::<AccessMatrix>().with_catalogue(roles)
    }

    #[test]
    fn a_change_is_reported_and_can_be_accepted() {
        let folder = std::env::temp_dir().join(format!("kinde-perms-access-{}", std::process::id()));
        let path = folder.join("tests/access.json");
        let strict = matrix(r#"permissions = ["delete:todos"], roles = ["admin"]"#);
        let message = compare(&path, "access.json", &strict, false).unwrap_err();
        assert!(message.contains("KINDE_PERMS_ACCESS=overwrite cargo test"), "{message}");
        compare(&path, "access.json", &strict, true).unwrap();
        compare(&path, "access.json", &strict, false).unwrap();
        let message =
            compare(&path, "access.json", &matrix(r#"permissions = ["delete:todos"]"#), false).unwrap_err();
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(
            message,
            r#"access.json is not what the router does

Somebody gained access.

DELETE /todos/{id}
  was     permissions = ["delete:todos"], roles = ["admin"]
  now     permissions = ["delete:todos"]
  gained  role editor; permission delete:todos alone (bundled by role admin, editor)

If this is meant, write the file anew and review it: KINDE_PERMS_ACCESS=overwrite cargo test"#
        );
    }
}

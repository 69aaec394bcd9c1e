//! The difference of two matrices.

use super::*;

fn diff(before: &str, after: &str) -> AccessDiff {
    AccessDiff::between(&matrix([guarded("GET", "/", before)]), &matrix([guarded("GET", "/", after)]))
}

fn names(who: &[Who]) -> Vec<String> {
    who.iter().map(Who::to_string).collect()
}

#[test]
fn a_rule_that_is_written_differently_is_no_change() {
    let same = diff(
        r#"any(permissions = ["a"], all(permissions = ["a"], roles = ["b"]))"#,
        r#"permissions = ["a"]"#,
    );
    assert!(same.is_empty());
    assert_eq!(same.to_string(), "Access is unchanged.\n");
}

#[test]
fn a_wider_rule_names_who_gained_and_a_narrower_one_who_lost() {
    let (narrow, wide) = (r#"permissions = ["write"], roles = ["admin"]"#, r#"permissions = ["write"]"#);
    let change = diff(narrow, wide);
    assert!(change.grants_access());
    let gained = ["role editor", "permission write alone (bundled by role editor)"];
    assert_eq!(names(change.changes()[0].gained()), gained);
    assert!(change.changes()[0].lost().is_empty());
    let back = diff(wide, narrow);
    assert!(!back.grants_access());
    assert_eq!(names(back.changes()[0].lost()), gained);
}

#[test]
fn no_gain_is_missed() {
    let change =
        diff(r#"permissions = ["read", "delete"], scopes = ["s"]"#, r#"permissions = ["read", "delete"]"#);
    assert_eq!(names(change.changes()[0].gained()), ["some combination of claims"]);
    let swapped = diff(r#"permissions = ["read"]"#, r#"permissions = ["write"]"#);
    assert_eq!(
        names(swapped.changes()[0].lost()),
        ["role viewer", "permission read alone (bundled by role editor, viewer)"]
    );
    assert_eq!(names(swapped.changes()[0].gained()), ["permission write alone (bundled by role editor)"]);
}

#[test]
fn routes_come_and_go_and_become_public() {
    let (one, two) =
        (guarded("GET", "/one", "authenticated"), guarded("GET", "/two", r#"permissions = ["read"]"#));
    let change = AccessDiff::between(&matrix([one.clone()]), &matrix([two]));
    let [removed, added] = change.changes() else { panic!("{change}") };
    assert_eq!((removed.path(), removed.after()), ("/one", None));
    assert!(removed.gained().is_empty() && removed.lost().contains(&Who::AnyToken));
    assert_eq!((added.path(), added.before()), ("/two", None));
    assert!(added.gained().contains(&Who::Role("viewer".to_owned())));

    let open = AccessDiff::between(&matrix([one]), &matrix([public("/one", "x")]));
    assert_eq!(open.changes()[0].gained(), [Who::Anyone]);
    assert!(open.changes()[0].lost().is_empty());

    let reason = AccessDiff::between(&matrix([public("/one", "x")]), &matrix([public("/one", "y")]));
    assert!(!reason.grants_access() && !reason.is_empty());
}

#[test]
fn another_handler_of_a_method_is_no_gain_where_any_took_it_before() {
    let any = guarded("ANY", "/", r#"permissions = ["read"]"#);
    let get = guarded("GET", "/", r#"permissions = ["read"]"#);
    let change = AccessDiff::between(&matrix([any.clone()]), &matrix([any, get]));
    assert!(change.is_empty(), "{change}");
}

#[test]
fn a_role_that_bundles_more_permissions_gains_access() {
    let route = || [guarded("DELETE", "/", r#"permissions = ["delete"]"#)];
    let before = matrix(route());
    let after = matrix(route()).with_catalogue(catalogue().role("editor", ["read", "write", "delete"]));
    let change = AccessDiff::between(&before, &after);
    assert_eq!(names(change.changes()[0].gained()), ["role editor"]);
    let json: serde_json::Value = serde_json::from_str(&change.to_json()).unwrap();
    assert_eq!(json["grants_access"], true);
    assert_eq!(json["changes"][0]["gained"], serde_json::json!([{"role": "editor"}]));
    assert!(
        change.to_markdown().starts_with("**Somebody gained access.**\n\n| Method |"),
        "{}",
        change.to_markdown()
    );
}

#[test]
fn a_check_is_shown_and_its_removal_grants_access() {
    let access = |rule: &str, checks: &[&str]| {
        let checks = checks.iter().map(|&check| check.to_owned());
        Route::new("PATCH", "/", Access::guarded(rule.parse().unwrap(), checks))
    };
    let checked = matrix([access(r#"permissions = ["write"]"#, &["owns"])]);
    let plain = matrix([access(r#"permissions = ["write"]"#, &[])]);
    assert_eq!(checked.routes()[0].access().to_string(), r#"permissions = ["write"], check = owns"#);
    assert_eq!(access("authenticated", &["b", "a"]).access().to_string(), "check = a, check = b");
    assert!(
        checked.to_string().contains("if (1)") && checked.to_string().contains("(1) check = owns\n"),
        "{checked}"
    );
    assert_eq!(AccessMatrix::from_json(&checked.to_json()).unwrap(), checked);

    let change = AccessDiff::between(&checked, &plain);
    assert_eq!(
        names(change.changes()[0].gained()),
        ["role editor", "permission write alone (bundled by role editor)"]
    );
    assert!(!AccessDiff::between(&plain, &checked).grants_access());
    let other = matrix([access(r#"permissions = ["write"]"#, &["owns_too"])]);
    assert!(AccessDiff::between(&checked, &other).grants_access());
}

//! Changed bundles, for callers with several roles and with permissions of their own.

use super::*;
use crate::policy::{Kind, Leaf, Source, Standing, assume};

const RULES: [&str; 8] = [
    r#"permissions = ["a"]"#,
    r#"permissions = ["a", "b"]"#,
    r#"any(permissions = ["a", "b"])"#,
    r#"roles = ["r"], permissions = ["a"]"#,
    r#"not(permissions = ["a"])"#,
    r#"permissions = ["b"], not(permissions = ["a"])"#,
    r#"permissions = ["b"], any(roles = ["s"], permissions = ["a"])"#,
    r#"any(all(roles = ["r", "s"], permissions = ["b"]), permissions = ["a"])"#,
];

/// Returns a subset of two keys, by number.
fn subset(keys: [&str; 2], number: usize) -> Vec<&str> {
    keys.into_iter().enumerate().filter(|(at, _)| number >> at & 1 == 1).map(|(_, key)| key).collect()
}

fn world(rule: &str, [r, s]: [usize; 2]) -> AccessMatrix {
    let catalogue = Catalogue::new().role("r", subset(["a", "b"], r)).role("s", subset(["a", "b"], s));
    [guarded("GET", "/", rule)].into_iter().collect::<AccessMatrix>().with_catalogue(catalogue)
}

/// Returns `true` if a caller with these roles and these permissions may call the only route.
fn is_let_in(matrix: &AccessMatrix, roles: &[&str], permissions: &[&str]) -> bool {
    let bundled = |key: &str| {
        let mut held = matrix.catalogue().roles().filter(|(role, _)| roles.contains(role));
        held.any(|(_, bundle)| bundle.contains(key))
    };
    let known = |leaf: &Leaf<'_>| match (leaf.source, leaf.kind) {
        (Source::Token, Kind::Permissions) => {
            Some(Standing::known(permissions.contains(&leaf.key) || bundled(leaf.key)))
        }
        (Source::Token, Kind::Roles) => Some(Standing::known(roles.contains(&leaf.key))),
        _ => None,
    };
    assume(matrix.routes()[0].access().rule().unwrap(), known).is_always_met()
}

#[test]
fn a_diff_reports_every_caller_that_a_changed_bundle_admits_or_shuts_out() {
    let mut gains = 0;
    for rule in RULES {
        for number in 0..256_usize {
            let worlds = [number & 15, number >> 4].map(|one| world(rule, [one & 3, one >> 2]));
            let callers =
                (0..16_usize).map(|one| (subset(["r", "s"], one & 3), subset(["a", "b"], one >> 2)));
            let changes: Vec<[bool; 2]> = callers
                .map(|(roles, permissions)| {
                    worlds.each_ref().map(|world| is_let_in(world, &roles, &permissions))
                })
                .collect();
            let diff = AccessDiff::between(&worlds[0], &worlds[1]);
            let told =
                |who: fn(&Change) -> &[Who]| diff.changes().iter().any(|change| !who(change).is_empty());
            let about = format!("{rule}\n{}{}{diff}", worlds[0], worlds[1]);
            if changes.contains(&[false, true]) {
                assert!(told(Change::gained) && diff.grants_access(), "{about}");
                gains += 1;
            }
            assert!(!changes.contains(&[true, false]) || told(Change::lost), "{about}");
            let somebody = changes.iter().any(|[before, after]| before != after);
            // That the holders of a role have its bundle is not known of a rule that asks for the role.
            assert!(somebody || diff.is_empty() || rule.contains("roles"), "nobody feels a change\n{about}");
        }
    }
    assert!(gains > 500, "{gains}");
}

//! The dependencies of the crate, read from `cargo tree`. It runs offline, so the tests cover only packages from which this
//! workspace's tests are built; `cargo deny` checks all features (`deny.toml`).

use std::process::Command;

fn tree(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--locked", "--prefix", "none", "--edges", "normal"])
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn packages(tree: &str) -> Vec<&str> {
    tree.lines().filter_map(|line| line.split(' ').next()).collect()
}

#[test]
fn there_is_one_crypto_backend() {
    // This package enables every feature of the library except the program's.
    let tree = tree(&["-p", "kinde-perms-tests"]);
    let packages = packages(&tree);
    assert!(packages.contains(&"aws-lc-rs"));
    for other in ["ring", "rsa", "openssl", "openssl-sys", "native-tls", "p256", "ed25519-dalek"] {
        assert!(!packages.contains(&other), "{other} is in the tree");
    }
}

#[test]
fn nothing_of_http_comes_with_the_core() {
    let tree = tree(&["-p", "kinde-perms", "--no-default-features"]);
    let packages = packages(&tree);
    for other in ["axum", "hyper", "reqwest", "rustls", "tower", "kinde-perms-macros"] {
        assert!(!packages.contains(&other), "{other} is in the tree");
    }
}

/// The matrix uses the same version of `matchit` that routes the requests.
#[test]
fn access_and_axum_match_paths_with_one_matchit() {
    let lock: toml::Table = include_str!("../../Cargo.lock").parse().unwrap();
    let packages = lock["package"].as_array().unwrap();
    let named = |name| packages.iter().filter(move |package| package["name"].as_str() == Some(name));
    assert_eq!(named("matchit").count(), 1);
    for user in ["axum", "kinde-perms"] {
        let needs =
            |package: &toml::Value| package["dependencies"].as_array().unwrap().contains(&"matchit".into());
        assert!(named(user).all(needs), "{user} does not use it");
    }
}

//! The UI cases that must compile, as modules of this binary. The package `tests/compile` checks those that must not.

use std::fs;
use std::path::Path;

/// Declares the cases as modules, and a test that runs them.
macro_rules! cases {
    ($($name:ident = $path:literal,)+) => {
        $(
            #[path = $path]
            pub(crate) mod $name;
        )+

        #[test]
        fn cases_that_pass() {
            $($name::main();)+
            let declared = [$($path),+].map(|path| path.trim_start_matches("../").to_owned());
            assert_eq!(present(), declared);
        }
    };
}

cases! {
    both_forms = "../ui/check/pass/both_forms.rs",
    routes = "../ui/guarded_router/pass/routes.rs",
    impl_blocks = "../ui/handlers/pass/impl_blocks.rs",
    open = "../ui/public/pass/open.rs",
    values = "../ui/requirement/pass/values.rs",
    by_macro = "../ui/requires/pass/by_macro.rs",
    grammar = "../ui/requires/pass/grammar.rs",
    lints = "../ui/requires/pass/lints.rs",
    live = "../ui/requires/pass/live.rs",
    renamed = "../ui/requires/pass/renamed.rs",
    several = "../ui/requires/pass/several.rs",
    signatures = "../ui/requires/pass/signatures.rs",
    forms = "../ui/service/pass/forms.rs",
}

/// Returns every case that must compile without a manifest, sorted.
fn present() -> Vec<String> {
    let mut found = Vec::new();
    for group in fs::read_dir("ui").unwrap().map(|group| group.unwrap().path()) {
        if group != Path::new("ui/manifest") {
            let passing = fs::read_dir(group.join("pass")).into_iter().flatten();
            found.extend(passing.map(|case| case.unwrap().path().to_str().unwrap().replace('\\', "/")));
        }
    }
    found.sort();
    found
}

//! The UI cases that must compile, as modules of this binary. The package `tests/ui` checks those that must not.

use std::fs;

/// Declares the cases, and a test that runs all cases of the folder.
macro_rules! cases {
    ($($name:ident,)+) => {
        $(pub(crate) mod $name;)+

        #[test]
        fn cases_that_pass() {
            $($name::main();)+
            let entries = fs::read_dir("it/ui").unwrap();
            let mut present: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
            present.sort();
            assert_eq!(present, [$(concat!(stringify!($name), ".rs")),+]);
        }
    };
}

cases! {
    both_forms,
    by_macro,
    forms,
    grammar,
    impl_blocks,
    lints,
    live,
    open,
    renamed,
    routes,
    several,
    signatures,
    values,
}

//! The output of the macros as tokens. The UI cases compile it.

use proc_macro2::{TokenStream, TokenTree};
use quote::quote;

use crate::manifest::Catalog;
use crate::{function, handlers, requirement};

fn requires(rule: TokenStream, item: &TokenStream) -> String {
    function::requires(rule, item, &Catalog::default()).to_string()
}

#[test]
fn a_guarded_handler_in_full() {
    let expansion = requires(
        quote!(permissions = ["create:todos"], not(roles = [BANNED])),
        &quote!(
            #[instrument]
            pub async fn create<T>(State(db): State<T>) -> Json<Todo>
            where
                T: Store,
            {
                db.create()
            }
        ),
    );
    let expected = quote! {
        #[doc(hidden)]
        pub struct __kinde_perms_guard_create;
        #[automatically_derived]
        impl ::kinde_perms::__private::Policy for __kinde_perms_guard_create {
            const REQUIREMENT: ::kinde_perms::Requirement = ::kinde_perms::Requirement::new(
                ::kinde_perms::__private::Node::All(&[
                    ::kinde_perms::__private::Node::Leaf(::kinde_perms::__private::Leaf::new(
                        ::kinde_perms::__private::FactSource::Token,
                        ::kinde_perms::__private::Kind::Permissions,
                        "create:todos",
                        ::core::option::Option::None
                    )),
                    ::kinde_perms::__private::Node::Not(&::kinde_perms::__private::Node::Leaf(
                        ::kinde_perms::__private::Leaf::new(
                            ::kinde_perms::__private::FactSource::Token,
                            ::kinde_perms::__private::Kind::Roles,
                            __kinde_perms_guard_create::__KINDE_PERMS_KEY_0,
                            ::core::option::Option::None
                        )
                    ))
                ])
            );
            const SOURCE: ::kinde_perms::__private::Source = ::kinde_perms::__private::Source {
                name: ::core::concat!(::core::module_path!(), "::", "create"),
                file: ::core::file!(),
                line: ::core::line!(),
            };
            type Checks = ();
        }
        impl __kinde_perms_guard_create {
            const __KINDE_PERMS_KEY_0: &'static str = BANNED;
        }
        const _: ::core::option::Option<&str> = ::core::option_env!("KINDE_PERMS_MANIFEST");
        const _: &str = {
            use ::kinde_perms::__private::checked_key;
            checked_key(::kinde_perms::__private::Kind::Permissions, "create:todos")
        };
        const _: &str = {
            use ::kinde_perms::__private::checked_key;
            checked_key(::kinde_perms::__private::Kind::Roles, __kinde_perms_guard_create::__KINDE_PERMS_KEY_0)
        };
        #[instrument]
        pub async fn create<T>(
            _: ::kinde_perms::Guard<__kinde_perms_guard_create>,
            State(db): State<T>
        ) -> Json<Todo> where T: Store, { db.create() }
    };
    assert_eq!(expansion, expected.to_string());
}

/// Returns the tree of a rule without paths, slices and constants.
fn tree(rule: &str) -> String {
    let expansion = requirement::expand(rule.parse().unwrap(), &Catalog::default()).to_string();
    let tree = expansion.split("Requirement :: new").nth(1).unwrap().split(';').next().unwrap();
    let noise = [
        ":: kinde_perms :: __private :: ",
        ":: kinde_perms :: ",
        ":: core :: option :: Option :: ",
        "Node :: ",
        "Leaf :: ",
        "& ",
        "[",
        "]",
    ];
    noise.iter().fold(tree.to_owned(), |tree, noise| tree.replace(noise, "")).replace(' ', "")
}

#[test]
fn a_list_distributes_over_what_it_stands_in() {
    let leaf = |kind: &str, key: &str, value: &str| {
        format!("Leaf(new(FactSource::Token,Kind::{kind},\"{key}\",{value}))")
    };
    let [a, b] = ["a", "b"].map(|key| leaf("Permissions", key, "None"));
    let r = leaf("Roles", "r", "None");
    let cases = [
        ("authenticated", "Authenticated".to_owned()),
        (r#"permissions = ["a"]"#, a.clone()),
        (r#"permissions = ["a", "b"]"#, format!("All({a},{b})")),
        (r#"permissions = ["a", "b"], roles = ["r"]"#, format!("All({a},{b},{r})")),
        (r#"any(permissions = ["a", "b"])"#, format!("Any({a},{b})")),
        (r#"any(permissions = ["a", "b"], roles = ["r"])"#, format!("Any({a},{b},{r})")),
        (r#"any(all(permissions = ["a", "b"]), roles = ["r"])"#, format!("Any(All({a},{b}),{r})")),
        (r#"not(permissions = ["a"])"#, format!("Not({a})")),
        (r#"not(permissions = ["a", "b"], roles = ["r"])"#, format!("Not(Any({a},{b},{r}))")),
        (r#"not(all(permissions = ["a", "b"]))"#, format!("Not(All({a},{b}))")),
        (r#"any(not(permissions = ["a", "b"]), roles = ["r"])"#, format!("Any(Not(Any({a},{b})),{r})")),
        (r#"roles = ["r"], any(permissions = ["a", "b"])"#, format!("All({r},Any({a},{b}))")),
        (r#"org = "o""#, leaf("Organization", "o", "None")),
        ("principal = machine", leaf("Principal", "machine", "None")),
        (r#"feature_flags = ["f"]"#, leaf("FeatureFlags", "f", "None")),
        (r#"feature_flags = ["f" = -5]"#, leaf("FeatureFlags", "f", "Some(FlagLiteral::Integer(-5i64))")),
    ];
    for (rule, expected) in cases {
        assert_eq!(tree(rule), format!("({expected})"), "{rule}");
    }
}

#[test]
fn several_attributes_are_one_rule_and_others_stay() {
    let expansion = requires(
        quote!(permissions = ["a"]),
        &quote! {
            #[kinde_perms::requires(roles = ["b"])]
            #[contracts::requires(x > 0)]
            #[::kinde_perms::requires(roles = ["c"])]
            async fn handler() {}
        },
    );
    assert!(!expansion.contains("compile_error"), "{expansion}");
    assert_eq!(expansion.matches("struct").count(), 1);
    assert!(["\"a\"", "\"b\"", "\"c\""].iter().all(|key| expansion.contains(key)));
    assert!(expansion.contains("contracts :: requires (x > 0)"));
    assert!(!expansion.contains("requires (roles"), "{expansion}");
}

#[test]
fn a_broken_body_is_kept() {
    let body: TokenStream = "{ let todo = db.find(). ; todo. }".parse().unwrap();
    let expansion = requires(quote!(authenticated), &quote!(async fn handler() #body));
    assert!(!expansion.contains("compile_error"), "{expansion}");
    assert!(expansion.ends_with(&body.to_string()), "{expansion}");
}

#[test]
fn a_wrong_rule_admits_nobody() {
    let wrong = [
        quote!(permissions = ["a"], role = ["b"]),
        quote!(permissions = ["a"], roles: ["b"]),
        quote!(permissions = ["a"], any(roles = ["b"])),
        quote!(),
    ];
    for rule in wrong {
        let expansion = requires(
            rule,
            &quote!(
                async fn handler() {}
            ),
        );
        assert!(expansion.contains("compile_error"), "{expansion}");
        assert!(
            expansion.contains("Requirement :: new (:: kinde_perms :: __private :: Node :: Any (& []))"),
            "{expansion}"
        );
        assert!(expansion.contains("async fn handler (_ : :: kinde_perms :: Guard <"), "{expansion}");
    }
}

#[test]
fn a_function_that_cannot_be_guarded_is_left_alone() {
    for item in [
        quote!(
            fn handler() {}
        ),
        quote!(
            async fn handler(&self) {}
        ),
        quote!(
            async fn handler() -> Self {}
        ),
        quote!(
            async fn handler();
        ),
        quote!(
            struct Handler;
        ),
    ] {
        let expansion = requires(quote!(authenticated), &item);
        assert_eq!(expansion.matches("compile_error").count(), 1, "{expansion}");
        assert!(expansion.ends_with(&item.to_string()), "{expansion}");
    }
}

fn names(tokens: TokenStream) -> Vec<String> {
    tokens
        .into_iter()
        .flat_map(|tree| match tree {
            TokenTree::Group(group) => names(group.stream()),
            TokenTree::Ident(name) => vec![name.to_string()],
            TokenTree::Punct(_) | TokenTree::Literal(_) => Vec::new(),
        })
        .collect()
}

#[test]
fn a_renamed_dependency_is_the_only_one_named() {
    let rule = quote!(
        crate = renamed,
        permissions = ["a", B],
        feature_flags = ["x" = "y"],
        org = "o",
        principal = user,
        not(roles = ["c"])
    );
    let expansions = [
        function::requires(
            rule.clone(),
            &quote!(
                async fn handler() {}
            ),
            &Catalog::default(),
        ),
        function::public(
            quote!(reason = "open", crate = renamed),
            &quote!(
                async fn handler() {}
            ),
            &Catalog::default(),
        ),
        handlers::expand(
            quote!(crate = renamed),
            &quote!(impl Todos { #[renamed::requires(authenticated)] async fn list() {} }),
            &Catalog::default(),
        ),
        requirement::expand(rule, &Catalog::default()),
    ];
    for expansion in expansions {
        let names = names(expansion.clone());
        assert!(names.iter().any(|name| name == "renamed"), "{expansion}");
        assert!(names.iter().all(|name| name != "kinde_perms" && name != "compile_error"), "{expansion}");
    }
}

#[test]
fn markers_of_an_impl_block_stand_outside_of_it() {
    let expansion = handlers::expand(
        TokenStream::new(),
        &quote! {
            impl<T: Clone> Lists<Vec<T>> where T: Send {
                const LIMIT: Limit = Limit { of: 5 };
                #[cfg(unix)]
                #[requires(permissions = ["a"])]
                pub(super) async fn list() { Self::LIMIT }
                fn helper(&self) {}
            }
        },
        &Catalog::default(),
    )
    .to_string();
    let (outside, inside) = expansion.split_once("impl < T : Clone >").unwrap();
    assert!(outside.contains(
        "# [cfg (unix)] # [doc (hidden)] pub (super) struct __kinde_perms_guard_Lists_Vec_T__list ;"
    ));
    assert_eq!(
        outside.matches("# [cfg (unix)]").count(),
        5,
        "type, policy, variable, key, import: {outside}"
    );
    assert!(outside.contains("\"Lists<Vec<T>>::list\""), "{outside}");
    assert!(inside.contains("const LIMIT : Limit = Limit { of : 5 } ;"));
    let marker = "__kinde_perms_guard_Lists_Vec_T__list";
    let list = format!("# [cfg (unix)] pub (super) async fn list (_ : :: kinde_perms :: Guard < {marker} >)");
    assert!(inside.contains(&list), "{inside}");
    assert!(inside.contains("fn helper (& self) { }"));
}

#[test]
fn a_rule_that_asks_kinde_needs_the_feature() {
    for rule in [quote!(billing_entitlements = ["Pro plan"]), quote!(permissions = live(["a"]))] {
        let expansion = requires(
            rule.clone(),
            &quote!(
                async fn handler() {}
            ),
        );
        let refused = expansion.contains("switch on the feature `account-api` of `kinde-perms`");
        assert_eq!(refused, cfg!(not(feature = "account-api")), "{expansion}");
        let value = requirement::expand(rule, &Catalog::default()).to_string();
        assert_eq!(
            value.contains(":: kinde_perms :: LiveRequirement"),
            cfg!(feature = "account-api"),
            "{value}"
        );
    }
}

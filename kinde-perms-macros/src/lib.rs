//! The attributes of [`kinde-perms`](https://docs.rs/kinde-perms); use them through that crate.
//!
//! The macros own the syntax and the runtime owns the meaning. A macro emits a rule as a tree of constants, and the runtime
//! checks every key in that tree at compile time. Each macro parses, validates and emits, in this order, and reports all
//! mistakes together.

mod arguments;
mod check;
mod errors;
mod function;
mod guarded;
mod handlers;
mod manifest;
mod marker;
mod public;
mod requirement;
mod requires;
mod root;
#[cfg(test)]
mod tests;

use proc_macro::TokenStream;

use self::manifest::Catalog;

/// Guards an Axum handler: the handler runs only if the access token meets the rule.
///
/// ```ignore
/// #[requires(permissions = ["create:todos"], roles = ["admin"])]
/// async fn create_todo(claims: Claims, Json(todo): Json<NewTodo>) -> Result<Json<Todo>, ApiError> { /* … */ }
/// ```
///
/// # The rule
///
/// Items are separated by commas, and **all** of them must hold.
///
/// | item | holds for a token that |
/// |---|---|
/// | `authenticated` | is valid; stands alone |
/// | `permissions = ["a", CONSTANT]` | has every permission in the list |
/// | `roles = ["a"]` | has every role |
/// | `scopes = ["a"]` | has every scope |
/// | `feature_flags = ["beta"]` | has the flag, and it is `true` |
/// | `feature_flags = ["theme" = "dark", "seats" = 5, "x" = false]` | has the flag with this value, of the same type |
/// | `billing_entitlements = ["Pro plan"]` | belongs to a user whose organization has the price of this name |
/// | `permissions = live(["a"])`, `roles = live([…])`, `feature_flags = live([…])` | belongs to a user who has them now |
/// | `org = "org_123"` | was issued for this organization |
/// | `principal = machine`, `principal = user` | belongs to a machine, or to a person |
/// | `any(…)` | meets at least one part |
/// | `all(…)` | meets every part |
/// | `not(…)` | is known to meet none of the parts |
/// | `check = path` | passes the function at `path`, which has [`macro@check`]; at the top level only |
///
/// `claims = place` puts the rule on a function that is not a handler: see below.
///
/// Each key of a list is a part of its own: `any(permissions = ["a", "b"])` asks for one of the two,
/// `not(permissions = ["a", "b"])` for neither, `not(all(permissions = ["a", "b"]))` for not both at once. `any` and `all`
/// need two or more parts. Keys are strings, or paths of `&'static str` constants. The compiler checks them, and tokens are
/// compared with them byte for byte.
///
/// A flag named alone must be `true`. A flag whose value has another JSON type than the one in the rule is unknown: neither
/// the rule nor its negation holds. If `kinde.toml` declares the flag with another type, the rule does not compile.
///
/// `billing_entitlements` and `live([…])` ask Kinde's Account API, and only if the rest of the rule does not decide. They
/// need the feature `account-api`. If Kinde does not answer, the response is 503.
///
/// Several `#[requires]` on one function are one rule: all of them must hold. The macro recognizes the others by the path
/// `requires` or `kinde_perms::requires`.
///
/// `crate = path` names the runtime crate when the dependency is renamed.
///
/// # What it becomes
///
/// The macro inserts one hidden first argument, an extractor. The function's body, return type, generics, attributes and
/// spans stay as they are. A hidden type beside the function carries the rule.
///
/// ```ignore
/// #[doc(hidden)]
/// struct __kinde_perms_guard_create_todo;
/// impl Policy for __kinde_perms_guard_create_todo { const REQUIREMENT: Requirement = /* … */; }
///
/// async fn create_todo(
///     _: Guard<__kinde_perms_guard_create_todo>,
///     claims: Claims,
///     Json(todo): Json<NewTodo>,
/// ) -> Result<Json<Todo>, ApiError> { /* … */ }
/// ```
///
/// Extractors run in order, so a caller without permission gets 401 or 403 before a malformed path, query or
/// body is parsed. A handler has 15 arguments of its own at most: Axum's limit is 16.
///
/// # Where it stands
///
/// Above every other attribute: `#[debug_handler]`, `#[instrument]` and `#[utoipa::path]` then see the whole
/// signature. On a free `async fn`; functions in an `impl` block need [`macro@handlers`] on the block,
/// because a macro inside the block cannot emit items outside of it.
///
/// `#[debug_handler]` also gives the clearest message when the router's state does not provide a validator. `#[requires]`
/// cannot see the router's state: a `State<Db>` argument does not show which state `Db` is taken from.
///
/// # On functions that are not handlers
///
/// Jobs, gRPC services and domain code have claims but no request. `claims = place` decides the rule from these claims
/// before the body runs. The place is an argument, `self`, or a field of either.
///
/// ```ignore
/// #[requires(permissions = ["delete:todos"], claims = claims)]
/// async fn purge(claims: &Claims, db: &Db) -> Result<(), ServiceError> { /* … */ }
///
/// #[requires(roles = ["admin"], claims = self.caller)]
/// fn archive(&self, id: TodoId) -> Result<Archive, ServiceError> { /* … */ }
/// ```
///
/// The function returns a `Result` whose error is `From<Denied>`. It may be a method, without [`macro@handlers`] on its
/// block, but not a `const fn`. The macro adds no argument. An `async fn` decides when it is first polled. Claims alone
/// cannot decide a `check`, `billing_entitlements` or `live([…])`, so these are errors here.
///
/// # Mistakes
///
/// All mistakes of the rule and of the signature are reported together, each at the token to change. The crate does not
/// compile before they are corrected: the output of a macro that found a mistake contains a `compile_error!`.
#[proc_macro_attribute]
pub fn requires(arguments: TokenStream, item: TokenStream) -> TokenStream {
    function::requires(arguments.into(), &item.into(), &Catalog::load()).into()
}

/// Lets `#[requires(check = path)]` name an async function that decides about the resource of a request.
///
/// ```ignore
/// #[check]
/// async fn owns_todo(claims: Claims, Path(id): Path<i64>, State(db): State<Db>) -> Result<Verdict, DbError> {
///     Ok(match db.owner_of(id).await? {
///         None => Verdict::NotFound,
///         Some(owner) if claims.subject() == Some(&*owner) => Verdict::Allow,
///         Some(_) if claims.has(&requirement!(roles = ["admin"])) => Verdict::Allow,
///         Some(_) => Verdict::Deny,
///     })
/// }
///
/// #[requires(permissions = ["update:todos"], check = owns_todo)]
/// async fn update_todo(/* … */) { /* … */ }
/// ```
///
/// The check's arguments are extractors that do not take the body. The check runs after the token's rule and before the
/// handler's own extractors. `Allow` lets the request pass, `Deny` is 403, and `NotFound` is 404, which hides whether the
/// resource exists. `Err` is 503 and an event with the error, never a grant. If one of the check's extractors rejects the
/// request, its rejection is the response. An alternative to the check belongs in its body:
/// `claims.has(&requirement!(…))`.
///
/// A check is a free function. The macro emits a hidden type of the same name, by which handlers name the check. One `use`
/// imports both.
///
/// `#[check(crate = path)]` names the runtime crate when the dependency is renamed.
#[proc_macro_attribute]
pub fn check(arguments: TokenStream, item: TokenStream) -> TokenStream {
    check::expand(arguments.into(), &item.into()).into()
}

/// Declares that a handler is open to everyone, with the reason.
///
/// ```ignore
/// #[public(reason = "load balancers send no token")]
/// async fn health() -> &'static str { "ok" }
/// ```
///
/// The reason is for reviewers of the routes; it must not be empty. A public handler is called without a token too, so it
/// takes `Option<Claims>`, never `Claims`. `#[public]` and `#[requires]` exclude each other. The hidden argument, the place
/// of the attribute and `crate = path` are those of [`macro@requires`].
#[proc_macro_attribute]
pub fn public(arguments: TokenStream, item: TokenStream) -> TokenStream {
    function::public(arguments.into(), &item.into(), &Catalog::load()).into()
}

/// Lets [`macro@requires`] and [`macro@public`] guard associated functions of an inherent `impl` block.
///
/// ```ignore
/// #[handlers]
/// impl Todos {
///     #[requires(permissions = ["read:todos"])]
///     async fn list(State(db): State<Db>) -> Json<Vec<Todo>> { /* … */ }
/// }
/// ```
///
/// A handler has no `self`: its arguments are extractors. Functions without an attribute stay as they are. The macro
/// writes the rules outside of the block, so rules cannot name constants by `Self::`. `#[handlers(crate = path)]` holds for
/// all functions of the block.
#[proc_macro_attribute]
pub fn handlers(arguments: TokenStream, item: TokenStream) -> TokenStream {
    handlers::expand(arguments.into(), &item.into(), &Catalog::load()).into()
}

/// Creates a `Requirement` from a rule in the grammar of [`macro@requires`], also in constants. A rule that asks Kinde
/// becomes a `LiveRequirement`.
///
/// ```ignore
/// const MAY_DELETE: Requirement = requirement!(any(permissions = ["delete:todos"], roles = ["admin"]));
/// ```
#[proc_macro]
pub fn requirement(input: TokenStream) -> TokenStream {
    requirement::expand(input.into(), &Catalog::load()).into()
}

/// Reads `kinde.toml`, which must exist, and emits a constant for each key.
///
/// ```ignore
/// mod kinde { kinde_perms::manifest!(); }
///
/// #[requires(permissions = [kinde::permissions::CREATE_TODOS])]
/// async fn create_todo(/* … */) { /* … */ }
/// ```
///
/// It expands to a module for each section, `permissions`, `roles`, `feature_flags`, `entitlements` and `scopes`, with a
/// `&str` constant for each key: `create:todos` is `CREATE_TODOS`, documented by its description. Beside them stands
/// `MANIFEST`, the whole file as one value.
///
/// # The file
///
/// ```toml
/// [permissions]
/// "create:todos" = "Can create new todo items"
/// "delete:todos" = "Can delete todo items"
///
/// [roles.admin]
/// description = "Runs the place"
/// permissions = ["delete:todos"]
///
/// [feature_flags]
/// beta = "Shows what is not finished"
/// theme = { description = "Colors", type = "string" }
///
/// [entitlements]
/// "Pro plan" = "Everything"
/// ```
///
/// A key has a description, as a string or in a table. The table of a role also lists its permissions, and that of a feature
/// flag may have a type (`boolean`, `integer` or `string`). Scopes need not be declared if the file has no `[scopes]`: OpenID
/// Connect defines some of its own.
///
/// The macros read the file that `KINDE_PERMS_MANIFEST` names (a relative path starts at the workspace's folder). Without
/// that variable they read `kinde.toml` beside the package's `Cargo.toml`, or the nearest one above, up to the workspace's
/// folder.
///
/// If the file exists, with or without `manifest!`, it must declare every key of every rule. An unknown key is a compile
/// error at that key, which suggests the nearest declared key. An edit of the file recompiles the crates that use it; a new
/// file counts from the next compilation on.
///
/// `manifest!(crate = path)` names the runtime crate when the dependency is renamed.
#[proc_macro]
pub fn manifest(input: TokenStream) -> TokenStream {
    manifest::constants::expand(input.into(), &Catalog::load()).into()
}

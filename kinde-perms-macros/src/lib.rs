//! The attributes of [`kinde-perms`](https://docs.rs/kinde-perms); use them through that crate.
//!
//! The macros own the syntax, the runtime owns the meaning: what is emitted is a tree of constants, and the
//! runtime judges every key in it. Each macro parses, judges and emits in this order, and reports all
//! mistakes in one go.

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

/// Guards an Axum handler: nothing of the request reaches it unless the access token meets the rule.
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
/// | `feature_flags = ["theme" = "dark", "seats" = 5, "x" = false]` | has it with this value, of the same type |
/// | `billing_entitlements = ["Pro plan"]` | speaks for a user whose organization has the price of this name |
/// | `permissions = live(["a"])`, `roles = live([…])`, `feature_flags = live([…])` | speaks for a user who has them now |
/// | `org = "org_123"` | was issued for this organization |
/// | `principal = machine`, `principal = user` | speaks for a machine, or for a person |
/// | `any(…)` | meets at least one part |
/// | `all(…)` | meets every part |
/// | `not(…)` | is known to meet none of the parts |
/// | `check = path` | passes the function at `path`, which has [`macro@check`]; at the top level only |
///
/// `claims = place` makes it a rule on a function that is no handler: see below.
///
/// A list stands for its keys one by one, in whatever it stands in: `any(permissions = ["a", "b"])` asks for
/// one of the two, `not(permissions = ["a", "b"])` for neither, `not(all(permissions = ["a", "b"]))` for not
/// both at once. `any` and `all` need two or more parts. Keys are compared byte for byte. They are strings,
/// or paths of `&'static str` constants, and are checked when the crate is compiled.
///
/// A flag named alone must be `true`. A flag whose value has another JSON type than the rule compares with is unknown: the
/// rule does not hold, nor does its negation. Of a flag that `kinde.toml` declares with another type, that is an error.
///
/// `billing_entitlements` and `live([…])` ask Kinde's Account API, and only if the rest of the rule leaves the answer
/// open; they need the feature `account-api`. When Kinde does not answer, the request is answered with 503.
///
/// Several `#[requires]` on one function are one rule: all of them must hold. They must be spelled `requires`
/// or `kinde_perms::requires` to find each other.
///
/// `crate = path` names the runtime crate when the dependency is renamed.
///
/// # What it becomes
///
/// The function gets one hidden first argument, an extractor, and is otherwise left alone: its body, its
/// return type, generics, attributes and spans. Beside it stands a hidden type that carries the rule.
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
/// body is looked at. A handler has 15 arguments of its own at most: Axum's limit is 16.
///
/// # Where it stands
///
/// Above every other attribute: `#[debug_handler]`, `#[instrument]` and `#[utoipa::path]` then see the whole
/// signature. On a free `async fn`; functions in an `impl` block need [`macro@handlers`] on the block,
/// because nothing can be emitted beside them from within it.
///
/// `#[debug_handler]` also says it best when the router's state does not provide a validator. This macro
/// cannot: a `State<Db>` argument tells nothing about the state that `Db` is taken from.
///
/// # On functions that are no handlers
///
/// Jobs, gRPC services and domain code have claims at hand and no request. `claims = place` has the rule decided from
/// those, before anything of the body runs; the place is an argument, `self`, or a field of either.
///
/// ```ignore
/// #[requires(permissions = ["delete:todos"], claims = claims)]
/// async fn purge(claims: &Claims, db: &Db) -> Result<(), ServiceError> { /* … */ }
///
/// #[requires(roles = ["admin"], claims = self.caller)]
/// fn archive(&self, id: TodoId) -> Result<Archive, ServiceError> { /* … */ }
/// ```
///
/// The function returns a `Result` whose error is `From<Denied>`; it may be any but a `const fn`, also a method, without
/// [`macro@handlers`] on its block, and no argument is added. An `async fn` decides when it is first polled. Claims answer
/// neither a `check` nor what Kinde must be asked, so both are mistakes here.
///
/// # Mistakes
///
/// All mistakes of the rule and of the signature are reported in one go, each at the token to change. Until
/// they are gone the crate does not compile: an error is part of whatever a mistake leads to, so nothing of it runs.
#[proc_macro_attribute]
pub fn requires(arguments: TokenStream, item: TokenStream) -> TokenStream {
    function::requires(arguments.into(), &item.into(), &Catalog::load()).into()
}

/// Makes an async function one that `#[requires(check = path)]` can name: a rule about the very resource of a request.
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
/// Its arguments are extractors that leave the body alone. It runs after the token's rule and before the handler's own
/// extractors. `Allow` lets the request go on, `Deny` is 403, `NotFound` 404, which hides whether the resource exists.
/// `Err` is 503 and an event with the error, never a grant. The rejection of one of its extractors is the response, as it
/// is. What an "or" with a rule needs goes inside: `claims.has(&requirement!(…))`.
///
/// It stands on a free function. Beside it stands a hidden type of the same name, through which handlers find it, so
/// `use` takes both.
///
/// `#[check(crate = path)]` names the runtime crate when the dependency is renamed.
#[proc_macro_attribute]
pub fn check(arguments: TokenStream, item: TokenStream) -> TokenStream {
    check::expand(arguments.into(), &item.into()).into()
}

/// Declares that a handler is open to everyone, and why.
///
/// ```ignore
/// #[public(reason = "load balancers send no token")]
/// async fn health() -> &'static str { "ok" }
/// ```
///
/// The reason is for whoever reviews the routes; it must not be empty. A public handler is called without a
/// token too, so it cannot take `Claims`, but `Option<Claims>`. It cannot have a `#[requires]` at the same
/// time. What is said about the hidden argument of [`macro@requires`], about its place and about `crate =
/// path` is true here as well.
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
/// A handler has no `self`: what it needs comes from its arguments. Functions without an attribute are left
/// alone. The rules stand outside of the block, so their constants cannot be named by `Self::`.
/// `#[handlers(crate = path)]` is for all functions of the block.
#[proc_macro_attribute]
pub fn handlers(arguments: TokenStream, item: TokenStream) -> TokenStream {
    handlers::expand(arguments.into(), &item.into(), &Catalog::load()).into()
}

/// Makes a rule a value, in the grammar of [`macro@requires`]: a `Requirement`, also in constants.
///
/// ```ignore
/// const MAY_DELETE: Requirement = requirement!(any(permissions = ["delete:todos"], roles = ["admin"]));
/// ```
#[proc_macro]
pub fn requirement(input: TokenStream) -> TokenStream {
    requirement::expand(input.into(), &Catalog::load()).into()
}

/// Reads `kinde.toml` and makes constants of what it declares; with it, the file must be there.
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
/// `MANIFEST`, the whole as one value.
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
/// theme = { description = "Colours", type = "string" }
///
/// [entitlements]
/// "Pro plan" = "Everything"
/// ```
///
/// A key has a description, as a string or in a table, where a role also lists the permissions it bundles and a
/// feature flag may have its type (`boolean`, `integer` or `string`). `[scopes]` is optional: scopes are compared with
/// it only if it is there, as OpenID Connect has scopes that nobody declares.
///
/// It is what `KINDE_PERMS_MANIFEST` names (from the workspace's folder, if the path is relative), else `kinde.toml`
/// beside the package's `Cargo.toml`, else the nearest one above it, up to the workspace's folder and never beyond.
///
/// Where there is such a file, with or without `manifest!`, every key of a rule must be declared in it. An unknown one is
/// a compile error at that key, with the nearest one that exists. Editing the file compiles anew whatever used it; a new
/// file is noticed when the crate is next compiled.
///
/// `manifest!(crate = path)` names the runtime crate when the dependency is renamed.
#[proc_macro]
pub fn manifest(input: TokenStream) -> TokenStream {
    manifest::constants::expand(input.into(), &Catalog::load()).into()
}

//! The attributes of [`kinde-perms`](https://docs.rs/kinde-perms); use them through that crate.
//!
//! The macros own the syntax, the runtime owns the meaning: what is emitted is a tree of constants, and the
//! runtime judges every key in it. Each macro parses, judges and emits in this order, and reports all
//! mistakes in one go.

mod arguments;
mod errors;
mod function;
mod guarded;
mod handlers;
mod marker;
mod public;
mod requirement;
mod requires;
mod root;
#[cfg(test)]
mod tests;

use proc_macro::TokenStream;

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
/// | `feature_flags = ["beta"]` | has the flag, and it is not `false` |
/// | `feature_flags = ["theme" = "dark", "seats" = 5, "x" = true]` | has it with this value, of the same type |
/// | `billing_entitlements = ["Pro plan"]` | speaks for a user whose organization has the price of this name |
/// | `permissions = live(["a"])`, `roles = live([…])`, `feature_flags = live([…])` | speaks for a user who has them now |
/// | `org = "org_123"` | was issued for this organization |
/// | `principal = machine`, `principal = user` | speaks for a machine, or for a person |
/// | `any(…)` | meets at least one part |
/// | `all(…)` | meets every part |
/// | `not(…)` | is known to meet none of the parts |
///
/// A list stands for its keys one by one, in whatever it stands in: `any(permissions = ["a", "b"])` asks for
/// one of the two, `not(permissions = ["a", "b"])` for neither, `not(all(permissions = ["a", "b"]))` for not
/// both at once. `any` and `all` need two or more parts. Keys are compared byte for byte. They are strings,
/// or paths of `&'static str` constants, and are checked when the crate is compiled.
///
/// The last two kinds ask Kinde's Account API, and only if the rest of the rule leaves the answer open; they need the
/// feature `account-api`. When Kinde does not answer, the request is answered with 503.
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
/// # Mistakes
///
/// All mistakes of the rule and of the signature are reported in one go, each at the token to change. Until
/// they are gone the crate does not compile, and what is emitted in the meantime admits nobody.
#[proc_macro_attribute]
pub fn requires(arguments: TokenStream, item: TokenStream) -> TokenStream {
    function::requires(arguments.into(), &item.into()).into()
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
    function::public(arguments.into(), &item.into()).into()
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
    handlers::expand(arguments.into(), &item.into()).into()
}

/// Makes a rule a value, in the grammar of [`macro@requires`]: a `Requirement`, also in constants.
///
/// ```ignore
/// const MAY_DELETE: Requirement = requirement!(any(permissions = ["delete:todos"], roles = ["admin"]));
/// ```
#[proc_macro]
pub fn requirement(input: TokenStream) -> TokenStream {
    requirement::expand(input.into()).into()
}

//! Which handlers a [`GuardedRouter`](super::GuardedRouter) takes.

use axum::handler::Handler;

use super::super::guard::{Declared, Guard, Policy, Public};
use super::declaration::Declaration;

/// A handler that says who may call it: one with `#[requires(…)]` or `#[public(…)]` above it.
///
/// It is implemented for every Axum handler whose first argument is the one that these insert. Nothing outside this
/// crate can implement it.
#[diagnostic::on_unimplemented(
    message = "this function cannot be a handler of a router whose state is `{S}`",
    label = "it does not fit the router's state, or has an argument that is no extractor",
    note = "a guarded handler needs a state that provides a token validator: `Validator` itself, or a type with a `Validator` field that derives `axum::extract::FromRef`; so `GuardedRouter` needs `<Validator>`, or that type, until `.with_state(…)`",
    note = "every argument is an extractor, and only the last one may read the body: put `#[axum::debug_handler]` below `#[requires(…)]` to see which one is not"
)]
pub trait GuardedHandler<T, S>: Handler<T, S> + sealed::Handlers<T> {
    /// Who may call it.
    #[doc(hidden)]
    const DECLARATION: Declaration;
}

impl<H, T, S> GuardedHandler<T, S> for H
where
    T: Protected,
    H: Handler<T, S>,
{
    const DECLARATION: Declaration = T::DECLARATION;
}

/// The arguments of a handler whose first one is a guard.
///
/// It is implemented for Axum's own list of a handler's arguments, the `T` of `Handler<T, S>`, so it needs no help from
/// the handler; nothing outside this crate can implement it.
#[diagnostic::on_unimplemented(
    message = "this handler is not guarded",
    label = "nothing says who may call this route",
    note = "put `#[requires(permissions = [\"…\"])]` above the handler, or `#[public(reason = \"…\")]` if everyone may call it",
    note = "an attribute needs a function with a name: write a closure or a constant answer as an `async fn`, and put `#[handlers]` above the `impl` block of an associated function"
)]
pub trait Protected: sealed::Arguments {
    /// Who may call the handler.
    #[doc(hidden)]
    const DECLARATION: Declaration;
}

/// The first argument of a handler that says who may call it: the one that `#[requires]` or `#[public]` inserts.
///
/// Nothing outside this crate can implement it.
#[diagnostic::on_unimplemented(
    message = "this handler is not guarded: its first argument is `{Self}`, not a guard",
    label = "nothing says who may call this route",
    note = "put `#[requires(permissions = [\"…\"])]` above the handler, or `#[public(reason = \"…\")]` if everyone may call it",
    note = "an attribute needs a function with a name: write a closure as an `async fn`, and put `#[handlers]` above the `impl` block of an associated function"
)]
pub trait FirstArgument: sealed::Argument {
    /// Who may call the handler.
    #[doc(hidden)]
    const DECLARATION: Declaration;
}

impl<P: Policy> FirstArgument for Guard<P> {
    const DECLARATION: Declaration =
        Declaration::Guarded { requirement: P::REQUIREMENT, checks: P::CHECKS, source: P::SOURCE };
}

impl<P: Declared> FirstArgument for Public<P> {
    const DECLARATION: Declaration = Declaration::Public { reason: P::REASON, source: P::SOURCE };
}

#[expect(unnameable_types, reason = "what cannot be named cannot be implemented: a guard cannot be faked")]
mod sealed {
    use super::{Declared, Guard, Policy, Protected, Public};

    pub trait Handlers<T> {}
    impl<H, T: Protected> Handlers<T> for H {}

    pub trait Arguments {}

    pub trait Argument {}
    impl<P: Policy> Argument for Guard<P> {}
    impl<P: Declared> Argument for Public<P> {}
}

/// Axum's list is `(M, A, T1, …)`, where `M` tells how the last argument is extracted.
macro_rules! protected {
    ($($argument:ident)*) => {
        impl<M, A, $($argument),*> sealed::Arguments for (M, A, $($argument),*) {}

        impl<M, A: FirstArgument, $($argument),*> Protected for (M, A, $($argument),*) {
            const DECLARATION: Declaration = A::DECLARATION;
        }
    };
}

protected!();
protected!(T2);
protected!(T2 T3);
protected!(T2 T3 T4);
protected!(T2 T3 T4 T5);
protected!(T2 T3 T4 T5 T6);
protected!(T2 T3 T4 T5 T6 T7);
protected!(T2 T3 T4 T5 T6 T7 T8);
protected!(T2 T3 T4 T5 T6 T7 T8 T9);
protected!(T2 T3 T4 T5 T6 T7 T8 T9 T10);
protected!(T2 T3 T4 T5 T6 T7 T8 T9 T10 T11);
protected!(T2 T3 T4 T5 T6 T7 T8 T9 T10 T11 T12);
protected!(T2 T3 T4 T5 T6 T7 T8 T9 T10 T11 T12 T13);
protected!(T2 T3 T4 T5 T6 T7 T8 T9 T10 T11 T12 T13 T14);
protected!(T2 T3 T4 T5 T6 T7 T8 T9 T10 T11 T12 T13 T14 T15);
protected!(T2 T3 T4 T5 T6 T7 T8 T9 T10 T11 T12 T13 T14 T15 T16);

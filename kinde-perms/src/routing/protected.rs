//! The traits that decide which handlers a [`GuardedRouter`](super::GuardedRouter) accepts.
//!
//! Axum's `Handler<T, S>` lists a function's arguments in `T = (M, A, T2, …)`. The traits follow that type:
//!
//! 1. The router asks for [`GuardedHandler<T, S>`], which every `H: Handler<T, S>` has if `T` is [`Protected`].
//! 2. `T` is [`Protected<H, S>`] if its first argument `A` is a [`FirstArgument`], which only [`Guard`] and [`Public`] are,
//!    and `H` is a `sealed::Function`.
//! 3. `sealed::Function` is implemented for functions, and for functions behind layers. A type with a `Handler`
//!    implementation of its own could claim any `T` and never run the guard; it is no function.
//!
//! `DECLARATION` goes the same way back, from the first argument to the router.

use std::convert::Infallible;
use std::future::Future;

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::handler::{Handler, HandlerService, Layered};
use axum::response::IntoResponse;
use tower_layer::Layer;
use tower_service::Service;

use super::declaration::Declaration;
use crate::extract::{CheckNames as _, Guard, Policy, Public, PublicHandler};

/// A handler with declared access: `#[requires(…)]` or `#[public(…)]` is above it.
///
/// The trait is implemented for every function that Axum accepts as a handler and whose first argument was inserted by one of
/// these attributes, and for such a function behind the layers of [`Handler::layer`]. No other type can implement it: a type
/// with a `Handler` implementation of its own could claim any arguments.
///
/// So the function runs only with a [`Guard`], and a guard exists only after a token met its rule. There are two limits. The
/// guard proves that the token came with this request only if it was extracted from the request: a crate that implements
/// [`FromRequest`] for a guard could pass on a guard from [`Validator::grant`](crate::Validator::grant). And a layer can
/// answer in place of the function.
#[diagnostic::on_unimplemented(
    message = "this function cannot be a handler of a router whose state is `{S}`",
    label = "it does not fit the router's state, or has an argument that is no extractor",
    note = "a guarded handler needs a state that provides a token validator: `Validator` itself, or a type with a `Validator` field that derives `axum::extract::FromRef`; so `GuardedRouter` needs `<Validator>`, or that type, until `.with_state(…)`",
    note = "a type that implements `axum::handler::Handler` itself cannot be guarded: write an `async fn`, or wrap a service in `guarded_service(requirement!(…), service)`",
    note = "every argument is an extractor, and only the last one may read the body: put `#[axum::debug_handler]` below `#[requires(…)]` to see which one is not"
)]
pub trait GuardedHandler<T, S>: Handler<T, S> + sealed::Handlers<T, S> {
    /// The declared access.
    #[doc(hidden)]
    const DECLARATION: Declaration;
}

impl<H, T, S> GuardedHandler<T, S> for H
where
    T: Protected<H, S>,
    H: Handler<T, S>,
{
    const DECLARATION: Declaration = T::DECLARATION;
}

/// The arguments of a function `H` whose first one is a guard.
///
/// The trait is implemented for Axum's list of a handler's arguments, the `T` of `Handler<T, S>`. No other crate can
/// implement it.
#[diagnostic::on_unimplemented(
    message = "this handler is not guarded",
    label = "nothing says who may call this route",
    note = "put `#[requires(permissions = [\"…\"])]` above the handler, or `#[public(reason = \"…\")]` if everyone may call it",
    note = "an attribute needs a function with a name: write a closure or a constant answer as an `async fn`, and put `#[handlers]` above the `impl` block of an associated function"
)]
pub trait Protected<H, S>: sealed::Arguments<H, S> {
    /// The declared access.
    #[doc(hidden)]
    const DECLARATION: Declaration;
}

/// The argument that `#[requires]` or `#[public]` inserts as a handler's first one.
///
/// No other crate can implement it.
#[diagnostic::on_unimplemented(
    message = "this handler is not guarded: its first argument is `{Self}`, not a guard",
    label = "nothing says who may call this route",
    note = "put `#[requires(permissions = [\"…\"])]` above the handler, or `#[public(reason = \"…\")]` if everyone may call it",
    note = "an attribute needs a function with a name: write a closure as an `async fn`, and put `#[handlers]` above the `impl` block of an associated function"
)]
pub trait FirstArgument: sealed::Argument {
    /// The declared access.
    #[doc(hidden)]
    const DECLARATION: Declaration;
}

impl<P: Policy> FirstArgument for Guard<P> {
    const DECLARATION: Declaration =
        Declaration::Guarded { requirement: P::REQUIREMENT, checks: P::Checks::names, source: P::SOURCE };
}

impl<P: PublicHandler> FirstArgument for Public<P> {
    const DECLARATION: Declaration = Declaration::Public { reason: P::REASON, source: P::SOURCE };
}

#[expect(unnameable_types, reason = "what cannot be named cannot be implemented: a guard cannot be faked")]
mod sealed {
    use super::{
        Guard, Handler, HandlerService, Infallible, IntoResponse, Layer, Layered, Policy, Protected, Public,
        PublicHandler, Request, Service,
    };

    pub trait Handlers<T, S> {}
    impl<H, T: Protected<H, S>, S> Handlers<T, S> for H {}

    /// A handler that runs the extractors of its arguments, as Axum's own implementations of [`Handler`] do.
    ///
    /// The implementations repeat every bound of Axum's, and no crate can implement [`FnOnce`]. So a type that meets the
    /// bounds has Axum's implementation of `Handler`, and cannot have another.
    pub trait Function<T, S> {}

    #[diagnostic::do_not_recommend]
    impl<L, H, T, S> Function<T, S> for Layered<L, H, T, S>
    where
        L: Layer<HandlerService<H, T, S>> + Clone + Send + Sync + 'static,
        H: Handler<T, S> + Function<T, S>,
        L::Service: Service<Request, Response: IntoResponse, Error = Infallible, Future: Send>,
        L::Service: Clone + Send + 'static,
        T: 'static,
        S: 'static,
    {
    }

    pub trait Arguments<H, S> {}

    pub trait Argument {}
    impl<P: Policy> Argument for Guard<P> {}
    impl<P: PublicHandler> Argument for Public<P> {}
}

/// Axum's list is `(M, A, T2, …)`, where `M` is a marker for how the last argument is extracted.
macro_rules! protected {
    ($([$($argument:ident)*] $last:ident)*) => {$(
        impl<H, S, M, $($argument,)* $last> sealed::Arguments<H, S> for (M, $($argument,)* $last,)
        where
            H: sealed::Function<Self, S>,
        {
        }

        impl<H, S, M, $($argument,)* $last> Protected<H, S> for (M, $($argument,)* $last,)
        where
            A: FirstArgument,
            H: sealed::Function<Self, S>,
        {
            const DECLARATION: Declaration = A::DECLARATION;
        }

        #[diagnostic::do_not_recommend]
        impl<F, R, S, M, $($argument,)* $last> sealed::Function<(M, $($argument,)* $last,), S> for F
        where
            F: FnOnce($($argument,)* $last) -> R + Clone + Send + Sync + 'static,
            R: Future<Output: IntoResponse> + Send,
            S: Send + Sync + 'static,
            $($argument: FromRequestParts<S> + Send,)*
            $last: FromRequest<S, M> + Send,
        {
        }
    )*};
}

protected! {
    [] A
    [A] T2
    [A T2] T3
    [A T2 T3] T4
    [A T2 T3 T4] T5
    [A T2 T3 T4 T5] T6
    [A T2 T3 T4 T5 T6] T7
    [A T2 T3 T4 T5 T6 T7] T8
    [A T2 T3 T4 T5 T6 T7 T8] T9
    [A T2 T3 T4 T5 T6 T7 T8 T9] T10
    [A T2 T3 T4 T5 T6 T7 T8 T9 T10] T11
    [A T2 T3 T4 T5 T6 T7 T8 T9 T10 T11] T12
    [A T2 T3 T4 T5 T6 T7 T8 T9 T10 T11 T12] T13
    [A T2 T3 T4 T5 T6 T7 T8 T9 T10 T11 T12 T13] T14
    [A T2 T3 T4 T5 T6 T7 T8 T9 T10 T11 T12 T13 T14] T15
    [A T2 T3 T4 T5 T6 T7 T8 T9 T10 T11 T12 T13 T14 T15] T16
}

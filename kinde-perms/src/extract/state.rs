//! The router's state, from which guards and extractors take the validator.

use std::sync::Arc;

use axum::extract::FromRef;

use crate::Validator;

/// A router state that holds a [`Validator`].
///
/// It is implemented for every state that `Validator` can be taken from by Axum's [`FromRef`], which includes
/// `Validator` itself and any struct with a `Validator` field that derives `FromRef`, and for an [`Arc`] of such a
/// state. There is nothing to implement by hand.
#[diagnostic::on_unimplemented(
    message = "the router state `{Self}` does not provide a token validator",
    label = "`Validator` cannot be taken from `{Self}`",
    note = "put a `Validator` field in `{Self}` and derive `axum::extract::FromRef`, or use `Validator` itself as the state: `.with_state(validator)`"
)]
pub trait HasValidator {
    /// Returns the validator.
    fn validator(&self) -> Validator;
}

#[diagnostic::do_not_recommend]
impl<S> HasValidator for S
where
    Validator: FromRef<S>,
{
    fn validator(&self) -> Validator {
        Validator::from_ref(self)
    }
}

impl<S: HasValidator> HasValidator for Arc<S> {
    fn validator(&self) -> Validator {
        self.as_ref().validator()
    }
}

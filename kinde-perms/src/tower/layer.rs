//! The layer.

use tower_layer::Layer;

use super::service::{Auth, LayerPolicy};
use crate::{Requirement, Validator};

/// Verifies the bearer token of every request that passes, and optionally applies a rule.
///
/// What it verifies is reused by guards and extractors further in that belong to the same validator, and found by
/// [`Claims::of`](crate::Claims::of).
#[derive(Clone, Debug)]
pub struct AuthLayer {
    validator: Validator,
    policy: LayerPolicy,
}

impl AuthLayer {
    /// Lets requests with a valid token pass.
    #[must_use]
    pub fn authenticated(validator: Validator) -> Self {
        Self::requiring(validator, Requirement::AUTHENTICATED)
    }

    /// Lets requests with a valid token pass, and those without an Authorization header; a bad token is refused.
    #[must_use]
    pub fn optional(validator: Validator) -> Self {
        Self { validator, policy: LayerPolicy::Optional }
    }

    /// Lets requests pass whose token meets a rule.
    #[must_use]
    pub fn requiring(validator: Validator, requirement: Requirement) -> Self {
        Self { validator, policy: LayerPolicy::Required(requirement) }
    }
}

impl<S> Layer<S> for AuthLayer {
    type Service = Auth<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Auth::new(inner, self.validator.clone(), self.policy)
    }
}

//! The layer.

use tower_layer::Layer;

use super::service::{Auth, LayerPolicy};
use crate::{Requirement, Validator};

/// Verifies the bearer token of every request, and optionally applies a rule.
///
/// Guards and extractors of the same validator behind the layer reuse the verified claims;
/// [`Claims::of`](crate::Claims::of) returns them.
#[derive(Clone, Debug)]
pub struct AuthLayer {
    validator: Validator,
    policy: LayerPolicy,
}

impl AuthLayer {
    /// Creates a layer that lets requests with a valid token pass.
    #[must_use]
    pub fn authenticated(validator: Validator) -> Self {
        Self::requiring(validator, Requirement::AUTHENTICATED)
    }

    /// Creates a layer that lets requests with a valid token and requests without an Authorization header pass; it refuses an
    /// invalid token.
    #[must_use]
    pub fn optional(validator: Validator) -> Self {
        Self { validator, policy: LayerPolicy::Optional }
    }

    /// Creates a layer that lets requests pass whose token meets a rule.
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

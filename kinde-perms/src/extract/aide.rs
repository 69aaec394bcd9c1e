//! OpenAPI documents by `aide`: guards add their rule to the operation.

use aide::generate::GenContext;
use aide::openapi::{Operation, SecurityRequirement};
use aide::operation::OperationInput;
use serde_json::Value;

use super::{CheckNames, Guard, Policy, Public, PublicHandler};
use crate::Claims;
use crate::access::{self, Access};

/// The operation gets `security` by a scheme named `kinde`, the responses 401, 403 and 503, and the rule in normal form
/// as `x-kinde-requirement`. The scheme itself is declared once, on the document:
///
/// ```
/// use aide::openapi::SecurityScheme;
///
/// let scheme = SecurityScheme::Http {
///     scheme: "bearer".to_owned(),
///     bearer_format: Some("JWT".to_owned()),
///     description: None,
///     extensions: Default::default(),
/// };
/// # let _ = |api: aide::transform::TransformOpenApi<'_>| -> () {
/// api.security_scheme("kinde", scheme);
/// # };
/// ```
impl<P: Policy> OperationInput for Guard<P> {
    fn operation_input(_: &mut GenContext, operation: &mut Operation) {
        let checks = P::Checks::names().into_iter().map(str::to_owned);
        describe(operation, &Access::guarded((&P::REQUIREMENT).into(), checks));
    }
}

/// The operation gets a `security` that asks for nothing, `[{}]`, and the reason as `x-kinde-public`.
impl<P: PublicHandler> OperationInput for Public<P> {
    fn operation_input(_: &mut GenContext, operation: &mut Operation) {
        describe(operation, &Access::Public(P::REASON.to_owned()));
        // `aide` does not write an empty list, and without `security` the document's default applies.
        operation.security = vec![SecurityRequirement::default()];
    }
}

/// Adds nothing: the guard describes the rule.
impl OperationInput for Claims {}

/// Writes the access into the operation by way of JSON; an operation that cannot be converted stays unchanged.
fn describe(operation: &mut Operation, access: &Access) {
    let Ok(Value::Object(mut members)) = serde_json::to_value(&*operation) else { return };
    access::describe(&mut members, access, |status, _, description| {
        access::response(status, description, &access::problem_schema())
    });
    if let Ok(described) = serde_json::from_value(Value::Object(members)) {
        *operation = described;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Requirement;
    use crate::extract::Source;

    struct Rule;

    impl Policy for Rule {
        const REQUIREMENT: Requirement = Requirement::AUTHENTICATED;
        const SOURCE: Source = Source { name: "rule", file: "aide.rs", line: 1 };
        type Checks = ();
    }

    #[test]
    fn a_guard_documents_itself() {
        let mut operation = Operation::default();
        aide::generate::in_context(|context| Guard::<Rule>::operation_input(context, &mut operation));
        let written = serde_json::to_value(&operation).unwrap();
        assert_eq!(written["security"], serde_json::json!([{"kinde": []}]));
        assert_eq!(written["x-kinde-requirement"], "authenticated");
        for status in ["401", "403", "503"] {
            let response = &written["responses"][status];
            assert!(response["content"]["application/problem+json"]["schema"].is_object(), "{written:#}");
        }
    }
}

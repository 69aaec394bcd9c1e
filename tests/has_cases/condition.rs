//! Kinde's custom conditions, which the corpus stores as data. A user of this crate writes a getter and `&&` instead.

use serde_json::Value;

/// Returns `true` if the value meets the condition; the error is the value that the condition throws.
pub(crate) fn met(condition: &Value, about: &Value) -> Result<bool, String> {
    let (name, operand) = condition
        .as_object()
        .filter(|members| members.len() == 1)
        .and_then(|members| members.iter().next())
        .unwrap_or_else(|| panic!("a condition has one member: {condition}"));
    let field = || about.get(text(&operand[0])).unwrap_or(&Value::Null);
    let number = |value: &Value| value.as_f64().unwrap_or(f64::NAN);
    let words = |test: fn(&str, &str) -> bool| match field() {
        Value::String(value) => test(value, text(&operand[1])),
        _ => false,
    };
    Ok(match name.as_str() {
        // Kinde compares results with `true`; other truthy values do not count.
        "const" | "raw" => *operand == Value::Bool(true),
        "throw" => return Err(text(operand).to_owned()),
        "all" => return all(operand, about),
        "any" => return any(operand, about),
        "not" => !met(operand, about)?,
        "eq" => field() == &operand[1],
        "ne" => field() != &operand[1],
        "contains" => words(|value, part| value.contains(part)),
        "starts_with" => words(|value, part| value.starts_with(part)),
        "ends_with" => words(|value, part| value.ends_with(part)),
        "gt" => number(field()) > number(&operand[1]),
        "gte" => number(field()) >= number(&operand[1]),
        "lt" => number(field()) < number(&operand[1]),
        "lte" => number(field()) <= number(&operand[1]),
        other => panic!("the condition `{other}` is new to this runner"),
    })
}

fn all(parts: &Value, about: &Value) -> Result<bool, String> {
    parts.as_array().expect("parts").iter().try_fold(true, |so_far, part| Ok(so_far && met(part, about)?))
}

fn any(parts: &Value, about: &Value) -> Result<bool, String> {
    parts.as_array().expect("parts").iter().try_fold(false, |so_far, part| Ok(so_far || met(part, about)?))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("a condition names a text: {value}"))
}

//! Arguments as people may see them: what is named like a secret is left out.

use executor_core::Json;
use serde_json::Value;

/// What stands in place of a secret.
pub const REDACTED: &str = "[redacted]";

/// Parts of names that mean a secret, folded.
const SECRET_WORDS: [&str; 11] = [
    "password",
    "passwd",
    "passphrase",
    "secret",
    "apikey",
    "accesskey",
    "privatekey",
    "accesstoken",
    "refreshtoken",
    "authorization",
    "credential",
];

/// The same JSON without the values of members that are named like secrets.
pub(crate) fn redacted(arguments: &Json) -> Json {
    match arguments.read::<Value>() {
        Ok(mut value) => {
            redact(&mut value);
            Json::from(&value)
        }
        Err(_) => Json::null(),
    }
}

fn redact(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                if !value.is_null() && !value.is_boolean() && is_secret(name) {
                    *value = Value::from(REDACTED);
                } else {
                    redact(value);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(redact),
        _ => {}
    }
}

/// Whether a name means a secret.
pub(crate) fn is_secret(name: &str) -> bool {
    let folded = executor_core::path::fold(name);
    folded == "token" || SECRET_WORDS.iter().any(|word| folded.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_named_like_a_secret_is_left_out_wherever_it_stands() {
        let json = |text: &str| Json::parse(text.to_owned()).unwrap();
        let shown = redacted(&json(
            r#"{"name":"x","clientSecret":"s","nested":[{"api_key":"k","token":"t","tokens":3,"password":null}]}"#,
        ));
        let expected = r#"{"name":"x","clientSecret":"[redacted]","nested":[{"api_key":"[redacted]","token":"[redacted]","tokens":3,"password":null}]}"#;
        assert_eq!(shown.as_str(), expected);
    }
}

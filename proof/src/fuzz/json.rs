//! Target `json`: a body as parc reads it, beside `serde_json`.

use serde_json::Value;
use shared::models::{ClientRegister, ClientUpdate, EquipementUpdate};
use shared::validation::{Json, JsonError, Model};

/// Longest text of an integer that Python reads.
const MAX_DIGITS: usize = 4300;

/// Checks that parc accepts what `serde_json` accepts, that the text that it writes is JSON and is read back as the same
/// value, and that models are read or refused without a panic.
pub fn check(body: &[u8]) {
    let theirs = serde_json::from_slice::<Value>(body);
    match Json::parse(body) {
        Ok(value) => {
            let text = value.to_string();
            serde_json::from_str::<&serde_json::value::RawValue>(&text).expect("JSON");
            let again = Json::parse(text.as_bytes()).expect("the same value");
            assert_eq!(again.to_string(), text);
            let _ = ClientRegister::from_body(Some(&value));
            let _ = ClientUpdate::from_body(Some(&value));
            if let Err(violations) = EquipementUpdate::from_body(Some(&value)) {
                serde_json::to_string(&violations).expect("JSON");
            }
        }
        // serde_json reads integers of any length as floats.
        Err(JsonError::Unreadable) => assert!(theirs.is_err() || body.len() > MAX_DIGITS),
        Err(JsonError::Syntax { position, .. }) => assert!(theirs.is_err(), "refused at {position}"),
    }
}

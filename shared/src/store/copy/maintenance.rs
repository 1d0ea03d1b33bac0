//! Whether the policy of a table keeps the functions from writing.

use serde_json::Value;

/// `Sid` of the statement that the template adds with `Maintenance=true`.
const STATEMENT: &str = "Maintenance";

/// Every action that allows a write. A transaction needs those of its writes.
///
/// Sources: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html>,
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-iam.html>.
const WRITES: [&str; 7] = [
    "dynamodb:BatchWriteItem",
    "dynamodb:DeleteItem",
    "dynamodb:PartiQLDelete",
    "dynamodb:PartiQLInsert",
    "dynamodb:PartiQLUpdate",
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
];

/// Returns `true` if a policy has the template's statement, and it denies every write. Does not examine the
/// principals, which the template sets.
pub(super) fn denies_writes(policy: &str) -> bool {
    let policy: Value = serde_json::from_str(policy).unwrap_or_default();
    list(&policy["Statement"]).iter().any(|statement| {
        let actions = list(&statement["Action"]);
        let denies = |write: &&str| actions.iter().any(|action| action == *write);
        statement["Sid"] == STATEMENT && statement["Effect"] == "Deny" && WRITES.iter().all(denies)
    })
}

/// Returns a value of a policy as a list: one element may stand alone.
fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use testkit::template::template;

    use super::*;

    /// Returns the policy of the template, as it is in maintenance.
    fn policy() -> Value {
        // `!If [InMaintenance, { PolicyDocument: … }, !Ref AWS::NoValue]`
        let template = template().expect("the template");
        template.pointer("/Resources/Table/Properties/ResourcePolicy/1/PolicyDocument").expect("a policy").clone()
    }

    #[test]
    fn the_policy_of_the_template_denies_writes() {
        assert!(denies_writes(&policy().to_string()));
        let mut alone = policy();
        alone["Statement"] = alone["Statement"][0].take();
        assert!(denies_writes(&alone.to_string()));
    }

    #[test]
    fn other_policies_do_not_deny_writes() {
        let changed = |pointer: &str, value: Value| {
            let mut policy = policy();
            *policy.pointer_mut(pointer).expect("a part") = value;
            policy.to_string()
        };
        for other in [
            String::new(),
            "[]".to_owned(),
            "{}".to_owned(),
            changed("/Statement", json!([])),
            changed("/Statement/0/Sid", json!("Other")),
            changed("/Statement/0/Effect", json!("Allow")),
            changed("/Statement/0/Action", json!("dynamodb:PutItem")),
        ] {
            assert!(!denies_writes(&other), "{other}");
        }
        for action in 0..WRITES.len() {
            let other = changed(&format!("/Statement/0/Action/{action}"), json!("dynamodb:GetItem"));
            assert!(!denies_writes(&other), "{other}");
        }
    }
}

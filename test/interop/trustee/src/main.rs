// policy POLICY.rego REFERENCES.json CLAIMS.json: the trust vector of a policy of Trustee's Attestation Service, a claim a line, evaluated
// as that service does it (ear_token/broker.rs, policy-engine): regorus, with query_reference_value as an extension that answers null for
// an id that it does not find. REFERENCES is an object, the value of each id.
use std::fs::read_to_string;

use anyhow::{bail, Context, Result};
use regorus::{Engine, Value};

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [policy, references, claims] = args.as_slice() else {
        bail!("policy POLICY.rego REFERENCES.json CLAIMS.json");
    };
    let known = read_to_string(references)?;
    let mut engine = Engine::new();

    engine.add_policy(String::new(), read_to_string(policy)?)?;
    engine.set_input_json(&read_to_string(claims)?)?;
    engine.add_extension(
        "query_reference_value".to_string(),
        1,
        Box::new(move |params: Vec<Value>| {
            let id = params.first().context("one parameter")?.as_string()?.to_string();
            Ok(Value::from_json_str(&known)?.as_object()?.get(&Value::from(id)).cloned().unwrap_or(Value::Null))
        }),
    )?;
    for claim in ["executables", "hardware", "configuration"] {
        println!("{claim} {}", engine.eval_rule(format!("data.policy.{claim}"))?.to_json_str()?);
    }
    Ok(())
}

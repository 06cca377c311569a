//! How long a decision takes that nothing has cached, and how often it allocates, for policies of
//! 1, 10 and 100 statements, with and without conditions.
//!
//! `cargo run --release -p trent-policy --example decision_time`

use std::hint::black_box;
use std::io::Write;
use std::time::{Duration, Instant};

use trent_policy::{
    Decision, IdentityPolicy, Inputs, Policy, PolicyError, PolicyKind, ResourceUnderDecision,
    decide,
};
use trent_types::{Caller, CallerKind, Partition};

const KEY: &str = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const CONDITIONS: &str = concat!(
    r#","Condition":{"StringEquals":{"kms:CallerAccount":"111122223333"},"StringLike":"#,
    r#"{"kms:ViaService":"s3.*.amazonaws.com"},"Bool":{"aws:SecureTransport":"true"}}"#,
);
const VARIABLES: &str = r#","Condition":{"StringEquals":{"kms:EncryptionContext:App":
    "${aws:PrincipalTag/app}"}}"#;

/// What is decided.
#[derive(Clone, Copy)]
enum Shape {
    /// The key policy names the role that calls, in its last statement.
    ByKeyPolicy,
    /// It lets the account decide, and the last statement of an identity policy allows.
    ByIdentityPolicy,
    /// Nothing allows, and no condition fails.
    NotAtAll,
    /// Every statement of the key policy covers the question, and fails by its conditions; only the
    /// last does not.
    ByTheLastConditions,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "statements  conditions  who allows         ns  allocations")?;
    for (label, condition) in [("none", ""), ("three", CONDITIONS), ("variable", VARIABLES)] {
        for (name, shape) in [
            ("key policy", Shape::ByKeyPolicy),
            ("identity policy", Shape::ByIdentityPolicy),
            ("nobody", Shape::NotAtAll),
            ("last condition", Shape::ByTheLastConditions),
        ] {
            // Without conditions the first statement would allow.
            if condition.is_empty() && matches!(shape, Shape::ByTheLastConditions) {
                continue;
            }
            for statements in [1, 10, 100] {
                let (time, allocations) = measure(statements, condition, shape)?;
                let nanoseconds = time.as_nanos();
                writeln!(
                    out,
                    "{statements:10}  {label:10}  {name:15} {nanoseconds:5}  {allocations:11}"
                )?;
            }
        }
    }
    Ok(())
}

/// A statement about somebody and something else, or, if it is the `last`, about the question.
fn statement(number: usize, last: bool, principal: &str, condition: &str) -> String {
    let action = if last { "kms:Encrypt" } else { "kms:Decrypt" };
    format!(
        r#"{{"Sid":"S{number}",{principal}"Effect":"Allow","Action":["{action}","kms:DescribeKey"],
        "Resource":"*"{condition}}}"#
    )
}

fn policy(
    statements: usize,
    allows: bool,
    principal: &str,
    condition: &str,
    kind: PolicyKind,
) -> Result<Policy, PolicyError> {
    let each = |number| statement(number, allows && number + 1 == statements, principal, condition);
    let list: Vec<String> = (0..statements).map(each).collect();
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, list.join(","));
    Policy::parse(&text, kind)
}

fn measure(
    statements: usize,
    condition: &str,
    shape: Shape,
) -> Result<(Duration, u64), Box<dyn std::error::Error>> {
    let role = r#""Principal":{"AWS":"arn:aws:iam::111122223333:role/svc/app"},"#;
    let account = r#""Principal":{"AWS":"arn:aws:iam::111122223333:root"},"#;
    let (key_policy, identity) = match shape {
        Shape::ByKeyPolicy => {
            (policy(statements, true, role, condition, PolicyKind::KeyPolicy)?, None)
        }
        Shape::ByTheLastConditions => {
            let other = condition.replace("s3.", "ec2.").replace("aws:P", "aws:Another");
            let mut list = vec![statement(0, true, role, &other); statements - 1];
            list.push(statement(0, true, role, condition));
            let text = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, list.join(","));
            (Policy::parse(&text, PolicyKind::KeyPolicy)?, None)
        }
        Shape::ByIdentityPolicy | Shape::NotAtAll => {
            let allows = matches!(shape, Shape::ByIdentityPolicy);
            let identity = policy(statements, allows, "", condition, PolicyKind::Identity)?;
            (policy(1, true, account, "", PolicyKind::KeyPolicy)?, Some(identity))
        }
    };
    let identity: Vec<_> =
        identity.iter().map(|policy| IdentityPolicy { policy, source: "inline" }).collect();
    let caller = Caller::new(
        "111122223333".parse()?,
        "ASIAEXAMPLE".into(),
        CallerKind::Role {
            path: "/svc/".into(),
            name: "app".into(),
            role_id: "AROAEXAMPLEEXAMPLEAPP".into(),
            session_name: "one".into(),
        },
    );
    let context: Request = Request;
    let inputs = Inputs {
        caller: &caller,
        partition: Partition::Aws,
        action: "kms:Encrypt",
        resource: ResourceUnderDecision::Key { arn: KEY.parse()?, policy: &key_policy },
        identity_policies: &identity,
        boundary: None,
        session_policies: None,
        context: &context,
    };
    let expected = !matches!(shape, Shape::NotAtAll);
    if decide(&inputs).is_allowed() != expected {
        return Err("the decision is not the one to be measured".into());
    }
    let once = || drop::<Decision<'_>>(black_box(decide(black_box(&inputs))));
    let allocations = allocation_counter::measure(once).count_total;
    // The best of many rounds: what the machine does besides only adds to it.
    let rounds = 2_000_000 / (200 * u32::try_from(statements)? + 1_000);
    let mut best = Duration::MAX;
    for _ in 0..50 {
        let start = Instant::now();
        for _ in 0..rounds {
            once();
        }
        best = best.min(start.elapsed() / rounds);
    }
    Ok((best, allocations))
}

/// A request whose values are at hand.
struct Request;

impl trent_policy::ConditionContext for Request {
    fn values(&self, key: &str) -> Option<trent_policy::Values<'_>> {
        let found = match key {
            "kms:CallerAccount" => "111122223333",
            "kms:EncryptionContext:App" | "aws:PrincipalTag/app" => "b",
            "kms:ViaService" => "s3.us-east-1.amazonaws.com",
            "aws:SecureTransport" => "true",
            _ => return None,
        };
        Some(trent_policy::Values::one(found))
    }
}

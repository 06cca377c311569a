//! Simulated decisions.

use trent_bus::messages::question::Resource;
use trent_bus::messages::read_answer::Outcome as ReadOutcome;
use trent_bus::messages::read_request::Read;
use trent_bus::messages::{EntityKind as WireKind, Simulate};
use trent_types::{EntityKind, SimulatedDecision, SimulatedResult, Simulation};

use super::people::{allow, entity, named, user};
use super::rig::{Rig, account, arn, question};
use super::signing::sign_form;

const BOB: &str = "AKIABOBBOBBOBBOBBOBB";

const DENY: &str = r#"{"Statement": [{"Effect": "Allow", "Action": "kms:List*", "Resource": "*"},
{"Effect": "Deny", "Action": "kms:Decrypt", "Resource": "*",
 "Condition": {"StringEquals": {"kms:ViaService": "s3"}}}]}"#;

async fn simulated(
    rig: &Rig,
    operation: &str,
    resource: Resource,
    simulation: Simulation,
) -> ReadOutcome {
    rig.next_request();
    let form = format!("Action={operation}");
    let asked = question(&format!("iam:{operation}"), resource);
    let signed = sign_form("iam", &form, rig.now());
    let (_, permit) = rig.decide(signed, asked, &form).await.unwrap();
    rig.read(permit, Read::Simulate(Simulate::from(simulation))).await
}

fn results(outcome: ReadOutcome) -> Vec<SimulatedResult> {
    match outcome {
        ReadOutcome::Simulated(simulated) => {
            simulated.results.into_iter().map(|one| one.try_into().unwrap()).collect()
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_users_policies_decide_each_action_on_each_resource() {
    let rig = Rig::embedded().await;
    rig.add_user(BOB, user(account(), "bob", "AIDABOBBOBBOBBOBBOBBO"), Some(&allow("kms:Encrypt")));
    let simulation = Simulation {
        source: Some(entity(EntityKind::User, "bob")),
        policies: vec![DENY.into()],
        actions: ["kms:Encrypt", "kms:ListKeys", "kms:Decrypt"].map(str::to_owned).to_vec(),
        ..Simulation::default()
    };
    let about = |name| named(WireKind::User, name);
    let operation = "SimulatePrincipalPolicy";
    let told = results(simulated(&rig, operation, about("bob"), simulation.clone()).await);
    let decisions: Vec<_> = told.iter().map(|one| one.decision).collect();
    let (allowed, implicit) = (SimulatedDecision::Allowed, SimulatedDecision::ImplicitDeny);
    assert_eq!(decisions, [allowed, allowed, implicit]);
    assert_eq!(told[0].matched[0].source, "own");
    let matched = &told[1].matched[0];
    assert_eq!((matched.source.as_str(), matched.start), ("PolicyInputList.1", (1, 16)));
    assert_eq!(told[2].missing_context, ["kms:ViaService"]);
    assert!(told.iter().all(|one| one.allowed_by_boundary.is_none()));

    let with_context = Simulation {
        context: vec![("kms:viaservice".into(), vec!["s3".into()])],
        boundaries: vec![allow("kms:Encrypt")],
        ..simulation.clone()
    };
    let told = results(simulated(&rig, operation, about("bob"), with_context).await);
    let decisions: Vec<_> = told.iter().map(|one| one.decision).collect();
    assert_eq!(decisions, [allowed, implicit, SimulatedDecision::ExplicitDeny]);
    let by_boundary: Vec<_> = told.iter().map(|one| one.allowed_by_boundary).collect();
    assert_eq!(by_boundary, [Some(true), Some(false), Some(false)]);
    assert!(told[2].missing_context.is_empty());

    let refused = simulated(&rig, operation, about("ann"), simulation.clone()).await;
    assert!(matches!(refused, ReadOutcome::NotPermitted(_)), "{refused:?}");
    let nobody = Simulation { source: Some(entity(EntityKind::User, "x")), ..simulation };
    let refused = simulated(&rig, operation, about("x"), nobody).await;
    assert!(matches!(refused, ReadOutcome::SimulationRefused(_)), "{refused:?}");
}

#[tokio::test]
async fn policies_that_nobody_has_are_simulated_too() {
    let rig = Rig::embedded().await;
    let key_policy = r#"{"Statement": {"Effect": "Allow", "Principal": {"AWS": "111122223333"},
        "Action": "kms:*", "Resource": "*"}}"#;
    let simulation = Simulation {
        policies: vec![allow("kms:Encrypt")],
        actions: ["kms:Encrypt", "kms:Decrypt"].map(str::to_owned).to_vec(),
        resources: vec![arn(1).to_string()],
        resource_policy: Some(key_policy.into()),
        ..Simulation::default()
    };
    let everything = || Resource::Arn("*".into());
    let operation = "SimulateCustomPolicy";
    let told = results(simulated(&rig, operation, everything(), simulation.clone()).await);
    let decisions: Vec<_> = told.iter().map(|one| one.decision).collect();
    assert_eq!(decisions, [SimulatedDecision::Allowed, SimulatedDecision::ImplicitDeny]);
    assert_eq!(told[0].matched.len(), 2, "the key policy's and the identity policy's");
    for wrong in [
        Simulation { policies: vec!["{".into()], ..simulation.clone() },
        Simulation { resources: Vec::new(), ..simulation.clone() },
        Simulation { resource_owner: Some("me".into()), ..simulation.clone() },
        Simulation { caller_arn: Some("me".into()), ..simulation },
    ] {
        let refused = simulated(&rig, operation, everything(), wrong).await;
        assert!(matches!(refused, ReadOutcome::SimulationRefused(_)), "{refused:?}");
    }
}

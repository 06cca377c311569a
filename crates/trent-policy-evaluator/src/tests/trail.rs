//! Who may read the trail, and whose keys their Permits are made with.

use trent_bus::messages::authorize_answer::Outcome;
use trent_bus::messages::question::Resource;
use trent_bus::messages::{
    Authorized, Denied, Granted, Question, SignatureFault, SignedRequest, decision,
};
use trent_bus::{ClaimedResource, Claims, PermitError, convert};
use trent_types::{Quota, QuotaOverride, QuotaScope, RequestClass, ResourceQuota};

use super::people::{allow, user};
use super::rig::{ANN, ROOT, Rig, SECRET, account, question, region};
use super::signing::sign_target;

const BOB: &str = "AKIABOBBOBBOBBOBBOBB";
const CLOUDTRAIL: &str = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101";

/// Signs as an SDK does: service of the scope, and the target.
fn signed(rig: &Rig, by: &str, (service, target): (&str, &str)) -> SignedRequest {
    sign_target((by, SECRET), service, target, rig.now())
}

fn of_all(action: &str) -> Question {
    question(action, Resource::Arn("*".into()))
}

async fn authorized(rig: &Rig, request: SignedRequest, asked: Question) -> Authorized {
    match rig.authorize(request, vec![asked]).await {
        Outcome::Authorized(authorized) => authorized,
        other => panic!("not authorized: {other:?}"),
    }
}

async fn decided(rig: &Rig, request: SignedRequest, action: &str) -> Result<Granted, Denied> {
    let mut authorized = authorized(rig, request, of_all(action)).await;
    match authorized.decisions.pop().unwrap().outcome.unwrap() {
        decision::Outcome::Granted(granted) => Ok(granted),
        decision::Outcome::Denied(denied) => Err(denied),
    }
}

fn claims(rig: &Rig, granted: &Granted) -> Claims {
    let permit = convert::permit(&granted.permit, "permit").unwrap();
    let for_keys = rig.permit_keys.verify(&permit, rig.now());
    assert_eq!(for_keys, Err(PermitError::Forged), "no worker and no registry takes it");
    rig.trail_keys.verify(&permit, rig.now()).unwrap().into_owned()
}

#[tokio::test]
async fn permits_for_the_trail_are_made_with_its_own_keys_and_others_are_not() {
    let rig = Rig::embedded().await;
    let look_up = format!("{CLOUDTRAIL}.LookupEvents");
    for (service, target, action) in [
        ("cloudtrail", look_up.as_str(), "cloudtrail:LookupEvents"),
        ("cloudtrail", "CloudTrail_20131101.ListPublicKeys", "cloudtrail:ListPublicKeys"),
        ("kms", "Trent.TailEvents", "cloudtrail:LookupEvents"),
        ("kms", "Trent.GetUsage", "trent:GetUsage"),
        ("kms", "Trent.GetCostReport", "trent:GetCostReport"),
    ] {
        let request = signed(&rig, ROOT, (service, target));
        let granted = decided(&rig, request, action).await.unwrap();
        let claims = claims(&rig, &granted);
        assert_eq!((claims.action.as_str(), claims.account), (action, account()));
        assert_eq!(
            (claims.region, claims.resource),
            (region(), ClaimedResource::Other("*".into()))
        );
        assert!(claims.primitives.is_empty() && claims.material_ids.is_empty());
    }
    // What follows from KMS is checked by the registry: `granted` verifies with the other keys.
    let (claims, _) = rig.granted(ROOT, of_all("kms:ListKeys")).await;
    assert_eq!(claims.action, "kms:ListKeys");
}

#[tokio::test]
async fn policies_say_who_may_read_the_trail() {
    let rig = Rig::embedded().await;
    let look_up = format!("{CLOUDTRAIL}.LookupEvents");
    let by = |who| signed(&rig, who, ("cloudtrail", look_up.as_str()));
    let denied = decided(&rig, by(ANN), "cloudtrail:LookupEvents").await.unwrap_err();
    let text = "is not authorized to perform: cloudtrail:LookupEvents because no identity-based \
                policy allows the cloudtrail:LookupEvents action";
    assert!(denied.message.ends_with(text), "{}", denied.message);
    let bob = user(account(), "bob", "AIDABOBBOBBOBBOBBOBBO");
    rig.add_user(BOB, bob, Some(&allow("cloudtrail:Lookup*")));
    assert!(decided(&rig, by(BOB), "cloudtrail:LookupEvents").await.is_ok());
    let tail = signed(&rig, BOB, ("kms", "Trent.TailEvents"));
    assert!(decided(&rig, tail, "cloudtrail:LookupEvents").await.is_ok());
    let usage = signed(&rig, BOB, ("kms", "Trent.GetUsage"));
    assert!(decided(&rig, usage, "trent:GetUsage").await.is_err());
}

#[tokio::test]
async fn what_is_not_signed_for_is_not_asked_for_the_caller() {
    let rig = Rig::embedded().await;
    for (service, target, action) in [
        ("kms", "CloudTrail_20131101.LookupEvents", "cloudtrail:LookupEvents"),
        ("cloudtrail", "Trent.GetUsage", "trent:GetUsage"),
        ("cloudtrail", "TrentService.ListKeys", "kms:ListKeys"),
        ("cloudtrail", "CloudTrail_20131101.LookupEvents", "kms:ListKeys"),
        ("kms", "Trent.GetUsage", "trent:GetCostReport"),
    ] {
        let request = signed(&rig, ROOT, (service, target));
        assert!(decided(&rig, request, action).await.is_err(), "{service} {target} {action}");
    }
    let mut elsewhere = signed(&rig, ROOT, ("cloudtrail", "CloudTrail_20131101.LookupEvents"));
    elsewhere.scope_region = "eu-west-1".into();
    match rig.authorize(elsewhere, vec![]).await {
        Outcome::SignatureRefused(refused) => assert_eq!(refused.fault(), SignatureFault::Scope),
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test]
async fn only_who_lists_quotas_hears_of_those_of_resources() {
    let rig = Rig::embedded().await;
    let set = |quota, value| QuotaOverride { quota, scope: QuotaScope::default(), value };
    let request = Quota::Request(RequestClass::LookupEvents);
    let resource = Quota::Resource(ResourceQuota::KeysPerRegion);
    rig.store.state.lock().unwrap().overrides = vec![set(request, 3), set(resource, 4)];
    rig.evaluator.core.standing.reload().await.unwrap();
    for (target, action, expected) in [
        ("Trent.ListQuotas", "trent:ListQuotas", vec![request, resource]),
        ("Trent.GetUsage", "trent:GetUsage", vec![request]),
    ] {
        let asked = authorized(&rig, signed(&rig, ROOT, ("kms", target)), of_all(action)).await;
        let codes: Vec<_> = asked.quota_overrides.into_iter().map(|set| set.code).collect();
        assert_eq!(codes, expected.iter().map(|quota| quota.code()).collect::<Vec<_>>());
    }
}

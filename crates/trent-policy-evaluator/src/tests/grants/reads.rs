//! Reading grants: whose Permits are good for which.

use trent_bus::messages::read_answer::Outcome;
use trent_bus::messages::read_request::Read;
use trent_bus::messages::{ListGrants, ListRetirableGrants, ReadAnswer, ReadRequest};

use super::*;

async fn read(rig: &Rig, permit: &Bytes, read: Read) -> Outcome {
    let request_id = trent_bus::convert::bytes(super::super::rig::request_id(9).as_bytes());
    let request = ReadRequest { request_id, permit: permit.clone(), read: Some(read) };
    let answer = call(&rig.bus(), Subject::RegistryRead, &request).await;
    let answer: ReadAnswer = prost::Message::decode(answer).unwrap();
    answer.outcome.unwrap()
}

fn ids(outcome: Outcome) -> (Vec<u8>, bool) {
    let Outcome::Grants(page) = outcome else { panic!("no grants: {outcome:?}") };
    (page.grants.iter().map(|grant| grant.grant_id[0]).collect(), page.more)
}

fn service(name: &str) -> messages::GrantPrincipal {
    GrantPrincipal::Service(name.into()).into()
}

fn principal(arn: &str) -> messages::GrantPrincipal {
    GrantPrincipal::Arn(arn.into()).into()
}

#[tokio::test]
async fn grants_are_listed_of_the_permits_key() {
    let rig = rig().await;
    for (n, grantee) in [(1, ANN_ARN), (2, BOB_ARN), (3, ANN_ARN)] {
        given(&rig, grant(n, terms(grantee, &[GrantOperation::Encrypt])));
    }
    given(&rig, Grant { key: arn(2), ..grant(4, terms(ANN_ARN, &[GrantOperation::Encrypt])) });
    let asked = about_key("kms:ListGrants", &arn(1).to_string());
    let permit = rig.granted(ROOT, asked).await.1.permit;
    let list = |list| read(&rig, &permit, Read::ListGrants(list));
    let two = || ListGrants { limit: 2, ..ListGrants::default() };
    assert_eq!(ids(list(two()).await), (vec![1, 2], true));
    let rest = ListGrants { after: vec![2; 32].into(), ..two() };
    assert_eq!(ids(list(rest).await), (vec![3], false));
    let to_ann = ListGrants { grantee: Some(principal(ANN_ARN)), ..two() };
    assert_eq!(ids(list(to_ann).await), (vec![1, 3], false));
    for (n, grantee, found) in
        [(2, None, vec![2]), (2, Some(principal(ANN_ARN)), vec![]), (4, None, vec![])]
    {
        let one = ListGrants { grant_id: vec![n; 32].into(), grantee, ..two() };
        assert_eq!(ids(list(one).await), (found, false));
    }
    let short = list(ListGrants { after: vec![2; 31].into(), ..two() }).await;
    assert!(matches!(short, Outcome::NotPermitted(_)), "{short:?}");
    let retirable =
        ListRetirableGrants { retiring: Some(principal(ANN_ARN)), limit: 2, ..Default::default() };
    let other = read(&rig, &permit, Read::ListRetirableGrants(retirable)).await;
    assert!(matches!(other, Outcome::NotPermitted(_)), "{other:?}");
}

#[tokio::test]
async fn retirable_grants_are_those_of_the_permits_principal() {
    let rig = rig().await;
    for (n, key) in [(1, 1), (2, 2), (3, 1)] {
        let mut terms = terms(BOB_ARN, &[GrantOperation::Encrypt]);
        terms.retiring = Some(GrantPrincipal::Arn(ANN_ARN.into()));
        given(&rig, Grant { key: arn(key), ..grant(n, terms) });
    }
    let asked = |arn: &str| question("kms:ListRetirableGrants", Resource::Arn(arn.into()));
    let permit = rig.granted(ROOT, asked(ANN_ARN)).await.1.permit;
    let list = |list| read(&rig, &permit, Read::ListRetirableGrants(list));
    let two = || ListRetirableGrants {
        retiring: Some(principal(ANN_ARN)),
        limit: 2,
        ..ListRetirableGrants::default()
    };
    assert_eq!(ids(list(two()).await), (vec![1, 3], true));
    let (after_key, after_grant_id) = (Some(arn(1).into()), vec![3; 32].into());
    let rest = ListRetirableGrants { after_key, after_grant_id, ..two() };
    assert_eq!(ids(list(rest).await), (vec![2], false));
    for retiring in [principal(BOB_ARN), service(ANN_ARN)] {
        let other = list(ListRetirableGrants { retiring: Some(retiring), ..two() }).await;
        assert!(matches!(other, Outcome::NotPermitted(_)), "{other:?}");
    }
    // Nobody is told about principals of another account, and users need an identity policy.
    for (access_key, of) in [(ROOT, BOB_ARN), (ANN, ANN_ARN), (BOB, ANN_ARN)] {
        let denied = rig.denied(access_key, asked(of)).await;
        assert_eq!(denied.kind(), DenialKind::AccessDenied);
    }
}

//! Reads: what their Permits must be, and what they get.

use super::*;

async fn read(rig: &Rig, permit: Bytes, read: Read) -> ReadOutcome {
    let request_id = convert::bytes(request_id(9).as_bytes());
    let request = ReadRequest { request_id, permit, read: Some(read) };
    let answer = call(&rig.bus(), Subject::RegistryRead, &request).await;
    ReadAnswer::decode(answer).unwrap().outcome.unwrap()
}

#[tokio::test]
async fn a_read_needs_its_own_permit_and_gets_the_permits_key() {
    let rig = Rig::embedded().await;
    let policy_read = || Read::KeyPolicy(ReadKeyPolicy {});
    let good = key_permit(&rig, "kms:GetKeyPolicy", 1).await;
    assert_eq!(
        read(&rig, good.clone(), policy_read()).await,
        ReadOutcome::Policy(default_policy())
    );
    let other = read(&rig, good, Read::ListKeys(ListKeys::default())).await;
    assert!(matches!(other, ReadOutcome::NotPermitted(_)), "{other:?}");
    let describe = key_permit(&rig, "kms:DescribeKey", 1).await;
    let other = read(&rig, describe, policy_read()).await;
    assert!(matches!(other, ReadOutcome::NotPermitted(_)), "{other:?}");
    let list = permit(&rig, question("kms:ListKeys", Resource::Arn("*".into()))).await;
    let ReadOutcome::Keys(page) =
        read(&rig, list, Read::ListKeys(ListKeys { limit: 10, ..ListKeys::default() })).await
    else {
        panic!()
    };
    assert_eq!(page.keys, [arn(1).into()]);
}

#[tokio::test]
async fn aliases_of_a_key_that_is_not_there_are_missing_and_not_merely_none() {
    let rig = Rig::embedded().await;
    let list = permit(&rig, question("kms:ListAliases", Resource::Arn("*".into()))).await;
    let aliases_of = async |key: KeyArn| {
        let target = convert::bytes(key.key_id.as_bytes());
        let order = ListAliases { target, limit: 10, ..ListAliases::default() };
        read(&rig, list.clone(), Read::ListAliases(order)).await
    };
    assert_eq!(aliases_of(arn(1)).await, ReadOutcome::Aliases(AliasPage::default()));
    assert_eq!(aliases_of(arn(9)).await, ReadOutcome::Missing(Missing {}));
}

//! Forms of query services, and the users and access keys that they make.

use super::*;

/// Signs a form as root and returns the Permit for its one question about the user `bob`.
async fn form_permit(rig: &Rig, action: &str, form: &str) -> Option<Bytes> {
    let signed = sign_form("iam", form, rig.now());
    let asked = vec![question(action, crate::tests::people::new_user("bob"))];
    let authorize_answer::Outcome::Authorized(answer) =
        rig.authorize_form(signed, asked, form).await
    else {
        panic!("the signature is good")
    };
    match answer.decisions.into_iter().next().unwrap().outcome.unwrap() {
        decision::Outcome::Granted(granted) => Some(granted.permit),
        decision::Outcome::Denied(denied) => {
            assert_eq!(denied.kind(), DenialKind::NotAskedByCaller);
            None
        }
    }
}

#[tokio::test]
async fn the_action_of_a_form_counts_only_if_the_form_was_signed() {
    let rig = Rig::embedded().await;
    let form = "Action=CreateUser&UserName=bob&Version=2010-05-08";
    assert!(form_permit(&rig, "iam:CreateUser", form).await.is_some());
    assert!(form_permit(&rig, "iam:GetUser", form).await.is_none());
    assert!(form_permit(&rig, "kms:CreateUser", form).await.is_none());
    let signed = sign_form("iam", "Action=GetUser", rig.now());
    let asked = vec![question("iam:CreateUser", Resource::Arn("*".into()))];
    let authorize_answer::Outcome::Authorized(answer) =
        rig.authorize_form(signed, asked, form).await
    else {
        panic!("the signature is good")
    };
    let Some(decision::Outcome::Denied(denied)) = &answer.decisions[0].outcome else {
        panic!("granted by a form that was not signed")
    };
    assert_eq!(denied.kind(), DenialKind::NotAskedByCaller);
}

fn create_user(user: User) -> Change {
    Change::Identity(IdentityChange::CreateUser { user, tags: Vec::new(), boundary: None })
}

#[tokio::test]
async fn users_and_access_keys_are_made_in_the_callers_account_only() {
    let rig = Rig::embedded().await;
    let create = form_permit(&rig, "iam:CreateUser", "Action=CreateUser").await.unwrap();
    let bob = User { name: "bob".into(), user_id: "AIDABOB".into(), ..ann() };
    let foreign = User { account: "999900001111".parse().unwrap(), ..bob.clone() };
    assert_not_permitted(rig.change(vec![create.clone()], create_user(foreign)).await);
    let made = rig.change(vec![create.clone()], create_user(bob)).await;
    assert_eq!(made, Outcome::Committed(Unit {}));
    let access_key = |account: &str| AccessKey {
        access_key_id: "AKIABOB".into(),
        account: account.parse().unwrap(),
        user_name: Some("bob".into()),
        status: AccessKeyStatus::Active,
        created_at: Timestamp::default(),
    };
    let change = |account: &str| {
        Change::Identity(IdentityChange::CreateAccessKey {
            access_key: access_key(account),
            sealed_secret: vec![1],
        })
    };
    let asked = "Action=CreateAccessKey&UserName=bob";
    let permit = form_permit(&rig, "iam:CreateAccessKey", asked).await.unwrap();
    assert_not_permitted(rig.change(vec![create], change("111122223333")).await);
    assert_not_permitted(rig.change(vec![permit], change("999900001111")).await);
}

//! The words of each denial, AWS's for callers and Trent's for operators.

use super::*;
use crate::message::unknown_key;

/// The message after `User: `.
fn words(answer: Answer) -> String {
    let message = answer.message.unwrap();
    message.strip_prefix("User: ").unwrap().to_owned()
}

#[test]
fn denials_about_a_key_carry_aws_words() {
    let (root, ann) = (root_of(OWNER), user_of(OWNER, "ann"));
    let bob = user_of(FOREIGNER, "bob");
    let on_key = |tail: &str| format!("resource: {KEY} {tail}");
    let no_key_policy = on_key("because no resource-based policy allows the kms:Encrypt action");
    let no_identity = on_key("because no identity-based policy allows the kms:Encrypt action");
    let key_policy_denies = on_key("with an explicit deny in a resource-based policy");
    let identity_denies = on_key("with an explicit deny in an identity-based policy");
    let hidden = "this resource because the resource does not exist in this Region, no \
        resource-based policies allow access, or a resource-based policy explicitly denies access";
    for (caller, key_policy, identity, expected) in [
        (&ann, &[SHARE][..], &[][..], no_key_policy.as_str()),
        (&root, &[SHARE], &[], &no_key_policy),
        (&ann, &[DELEGATE], &[], &no_identity),
        (&ann, &[DELEGATE, DENY_ALL], &[], &key_policy_denies),
        (&root, &[DENY_ALL], &[], &key_policy_denies),
        (&ann, &[DELEGATE], &[I_DENY], &identity_denies),
        (&bob, &[DELEGATE], &[I_ALLOW], hidden),
        (&bob, &[SHARE, DENY_ALL], &[I_ALLOW], hidden),
        (&bob, &[SHARE], &[], &no_identity),
        (&bob, &[SHARE], &[I_DENY], &identity_denies),
    ] {
        let found = words(ask(caller, "kms:Encrypt", key_policy, identity));
        let caller = caller.arn(Partition::Aws);
        let expected = format!("{caller} is not authorized to perform: kms:Encrypt on {expected}");
        assert_eq!(found, expected, "{key_policy:?} {identity:?}");
    }
}

#[test]
fn denials_about_what_has_no_policy_carry_aws_words() {
    let ann = user_of(OWNER, "ann");
    assert_eq!(
        words(ask_other(&ann, "kms:CreateAlias", ALIAS, &[])),
        "arn:aws:iam::111122223333:user/ann is not authorized to perform: kms:CreateAlias on \
         resource: arn:aws:kms:us-east-1:111122223333:alias/app because no identity-based policy \
         allows the kms:CreateAlias action"
    );
    assert_eq!(
        words(ask_other(&ann, "kms:ListKeys", "*", &[])),
        "arn:aws:iam::111122223333:user/ann is not authorized to perform: kms:ListKeys on \
         resource: * because no identity-based policy allows the kms:ListKeys action"
    );
    assert_eq!(
        words(ask_other(&ann, "kms:ListKeys", "*", &[I_DENY])),
        "arn:aws:iam::111122223333:user/ann is not authorized to perform: kms:ListKeys on \
         resource: * with an explicit deny in an identity-based policy"
    );
}

#[test]
fn an_unknown_key_looks_like_one_that_is_not_shared() {
    let bob = user_of(FOREIGNER, "bob");
    let denied = ask(&bob, "kms:Decrypt", &[DELEGATE], &[I_ALLOW]).message.unwrap();
    assert_eq!(unknown_key(&bob, Partition::Aws, "kms:Decrypt", NamedBy::Request), denied);
    let by_ciphertext = unknown_key(&bob, Partition::Aws, "kms:Decrypt", NamedBy::Ciphertext);
    assert_eq!(
        by_ciphertext,
        denied.replace("on this resource", "on the resource associated with this ciphertext")
    );
}

#[test]
fn the_reason_names_statement_and_failed_conditions() {
    let ann = user_of(OWNER, "ann");
    let answer = ask(&ann, "kms:Encrypt", &[DELEGATE], &[I_DENY]);
    assert_eq!(answer.reason, "denied by statement \"Never\" of identity policy inline");
    let answer = ask(&ann, "kms:Encrypt", &[DELEGATE, NAME_ANN], &[]);
    assert_eq!(answer.reason, "allowed by statement 1 of the key policy");
    assert_eq!(answer.statement, Some(1));
    let conditional = NAME_ANN.replace(
        r#""Effect""#,
        r#""Sid": "S3", "Condition": {"StringEquals": {"kms:ViaService": "s3.amazonaws.com",
            "kms:CallerAccount": "111122223333"}}, "Effect""#,
    );
    let context = vec![("kms:CallerAccount".to_owned(), vec![OWNER.to_owned()])];
    let answer = ask_with(&ann, "kms:Encrypt", &[&conditional], &[], &context);
    assert_eq!(
        answer.reason,
        "the key policy does not allow it; statement \"S3\" of the key policy: StringEquals \
         kms:ViaService fails"
    );
}

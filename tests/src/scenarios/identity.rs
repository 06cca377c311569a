//! Other accounts, and services that call on somebody's behalf.

use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use aws_sdk_kms::Client;
use aws_sdk_kms::config::Credentials;
use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::{GrantConstraints, GrantOperation, KeyManagerType};
use serde_json::Value;
use trent_testkit::{Form, Stack, program};

use super::{code, new_key, refusal, sealed};

/// What the `trent` program prints when the stack's operator runs it.
fn operator(stack: &Stack, arguments: &[&str]) -> Value {
    let mut command = Command::new(program("trent").unwrap());
    command.args(arguments);
    match stack.form {
        Form::Embedded => command.env("TRENT_DATA_DIR", stack.directory.join("data")),
        Form::Distributed => {
            let bus_key = stack.secrets.as_ref().map(|secrets| secrets.join("bus.key"));
            command.envs(stack.bus_as("admin")).env("TRENT_BUS_KEY_FILE", bus_key.unwrap())
        }
    };
    let done = command.output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    serde_json::from_slice(&done.stdout).unwrap()
}

/// A client with the access key that the operator was shown.
fn signed_by(kms: &Client, made: &Value) -> Client {
    let (id, secret) = (text(made, "accessKeyId"), text(made, "secretAccessKey"));
    let credentials = Credentials::new(id, secret, None, None, "test");
    Client::from_conf(kms.config().to_builder().credentials_provider(credentials).build())
}

fn text<'a>(value: &'a Value, member: &str) -> &'a str {
    value[member].as_str().unwrap()
}

/// Another account: its root user's ARN, and a client of its root user.
fn another_account(kms: &Client, stack: &Stack) -> (String, Client) {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let name = format!("scenario-{}", NUMBER.fetch_add(1, Ordering::Relaxed));
    let made = operator(stack, &["account", "create", &name]);
    (format!("arn:aws:iam::{}:root", text(&made, "account")), signed_by(kms, &made))
}

/// A key policy that allows the first principal everything and the second one these actions.
fn policy(owner: &str, other: &str, actions: &[&str]) -> String {
    let statement = |principal: &str, actions: &[&str]| {
        serde_json::json!({
            "Effect": "Allow", "Principal": {"AWS": principal}, "Action": actions, "Resource": "*",
        })
    };
    let statements = [statement(owner, &["kms:*"]), statement(other, actions)];
    serde_json::json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

/// Encrypt, Decrypt and DescribeKey with another account's key.
pub async fn keys_are_shared_with_another_account(kms: Client, stack: Stack) {
    let (other, theirs) = another_account(&kms, &stack);
    let key = new_key(&kms).await;
    let (arn, owner) = (key.arn.unwrap(), key.aws_account_id.unwrap());
    let denied = theirs.describe_key().key_id(&arn).send().await;
    assert_eq!(code(denied), "AccessDeniedException");
    let shared =
        policy(&format!("arn:aws:iam::{owner}:root"), &other, &["kms:Decrypt", "kms:Describe*"]);
    kms.put_key_policy().key_id(&key.key_id).policy(shared).send().await.unwrap();
    let described = theirs.describe_key().key_id(&arn).send().await.unwrap();
    assert_eq!(described.key_metadata.unwrap().aws_account_id, Some(owner));
    let unknown = theirs.describe_key().key_id(&key.key_id).send().await;
    assert!(refusal(unknown).is_not_found_exception());
    let blob = sealed(&kms, &key.key_id, b"shared").await;
    let opened = theirs.decrypt().ciphertext_blob(blob).send().await.unwrap();
    assert_eq!(opened.plaintext.unwrap().into_inner(), b"shared");
    let denied = theirs.encrypt().key_id(&arn).plaintext(Blob::new("x")).send().await;
    assert_eq!(code(denied), "AccessDeniedException");
    let never = theirs.disable_key().key_id(&arn).send().await;
    assert_eq!(code(never), "AccessDeniedException");
}

/// CreateGrant for another account, with a constraint, and its token.
pub async fn grants_reach_another_account(kms: Client, stack: Stack) {
    let (other, theirs) = another_account(&kms, &stack);
    let key = new_key(&kms).await;
    let arn = key.arn.unwrap();
    let constraints = GrantConstraints::builder().encryption_context_subset("tier", "1").build();
    let made = kms
        .create_grant()
        .key_id(&key.key_id)
        .grantee_principal(&other)
        .operations(GrantOperation::Encrypt)
        .operations(GrantOperation::RetireGrant)
        .constraints(constraints)
        .send()
        .await
        .unwrap();
    let token = made.grant_token.unwrap();
    let encrypt = theirs.encrypt().key_id(&arn).plaintext(Blob::new("x")).grant_tokens(&token);
    encrypt.clone().encryption_context("tier", "1").send().await.unwrap();
    let outside = encrypt.clone().encryption_context("tier", "2").send().await;
    assert_eq!(code(outside), "AccessDeniedException");
    theirs.retire_grant().grant_token(token).send().await.unwrap();
    let retired = theirs.encrypt().key_id(&arn).plaintext(Blob::new("x"));
    let retired = retired.encryption_context("tier", "1").send().await;
    assert_eq!(code(retired), "AccessDeniedException");
}

/// GenerateDataKey by a service on behalf of the root user of another account, whose key for the
/// service it makes.
pub async fn services_call_on_behalf_of_others(kms: Client, stack: Stack) {
    let (other, theirs) = another_account(&kms, &stack);
    let made = operator(&stack, &["service", "create", "dynamodb"]);
    assert_eq!(text(&made, "service"), "dynamodb.amazonaws.com");
    let service = signed_by(&kms, &made);
    let alias = "alias/aws/dynamodb";
    let call = service.generate_data_key_without_plaintext().key_id(alias).number_of_bytes(32);
    let call = call.customize().mutate_request(move |request| {
        request.headers_mut().insert("x-trent-on-behalf-of", other.clone());
    });
    let arn = call.send().await.unwrap().key_id.unwrap();
    let described = theirs.describe_key().key_id(alias).send().await.unwrap().key_metadata.unwrap();
    assert_eq!(described.arn, Some(arn.clone()));
    assert_eq!(described.key_manager, Some(KeyManagerType::Aws));
    let direct = theirs.encrypt().key_id(&arn).plaintext(Blob::new("x")).send().await;
    assert_eq!(code(direct), "AccessDeniedException");
    let kept = theirs.disable_key().key_id(&arn).send().await;
    assert_eq!(code(kept), "AccessDeniedException");
}

/// The header of services in a call of somebody who is none.
pub async fn only_services_call_on_behalf_of_others(kms: Client, stack: Stack) {
    let (_, theirs) = another_account(&kms, &stack);
    let key = new_key(&kms).await;
    let owner = format!("arn:aws:iam::{}:root", key.aws_account_id.unwrap());
    let call = theirs.describe_key().key_id(key.arn.unwrap());
    let call = call.customize().mutate_request(move |request| {
        request.headers_mut().insert("x-trent-on-behalf-of", owner.clone());
    });
    assert_eq!(code(call.send().await), "AccessDeniedException");
}

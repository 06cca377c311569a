//! Reads and changes, and what their Permits must be.

mod forms;
mod reads;

use bytes::Bytes;
use prost::Message;
use trent_bus::messages::change_answer::Outcome;
use trent_bus::messages::change_refused::Reason;
use trent_bus::messages::question::Resource;
use trent_bus::messages::read_answer::Outcome as ReadOutcome;
use trent_bus::messages::read_request::Read;
use trent_bus::messages::{
    self, AliasPage, ClaimDueAnswer, ClaimDueRequest, DenialKind, ListAliases, ListKeys, Missing,
    NewKey, Question, ReadAnswer, ReadKeyPolicy, ReadRequest, Unit, authorize_answer,
    claim_due_answer, decision,
};
use trent_bus::{Subject, convert};
use trent_runtime::Shutdown;
use trent_types::{
    AccessKey, AccessKeyStatus, AliasArn, AliasRecord, Change, IdentityChange, KeyArn, KeyRecord,
    KeyState, KeyUpdate, Tag, Timestamp, User,
};

use super::rig::{
    ROOT, Rig, about_key, account, ann, arn, audit_record, call, default_policy, material,
    new_material, question, record, region, request_id, sign_form,
};

async fn permit(rig: &Rig, asked: Question) -> Bytes {
    rig.granted(ROOT, asked).await.1.permit
}

async fn key_permit(rig: &Rig, action: &str, id: u8) -> Bytes {
    permit(rig, about_key(action, &arn(id).to_string())).await
}

fn add_key(rig: &Rig, id: u8) {
    let mut state = rig.store.state.lock().unwrap();
    let stored = trent_store::StoredKey {
        record: record(id),
        policy: default_policy(),
        tags: vec![Tag { key: "a".into(), value: "1".into() }],
        materials: vec![material(id)],
        material_records: Vec::new(),
        passing: None,
        public_key: None,
        aliases: Vec::new(),
    };
    state.keys.insert((region(), arn(id).key_id), stored);
}

fn disable(version: u64) -> Change {
    Change::UpdateKey { key: arn(1), version, update: KeyUpdate::Disable }
}

fn reason(outcome: Outcome) -> Reason {
    match outcome {
        Outcome::Refused(refused) => refused.reason.unwrap(),
        other => panic!("not refused: {other:?}"),
    }
}

fn assert_not_permitted(outcome: Outcome) {
    let reason = reason(outcome);
    assert!(matches!(reason, Reason::NotPermitted(_)), "{reason:?}");
}

#[tokio::test]
async fn a_change_needs_the_permit_for_its_own_action_key_version_and_request() {
    let rig = Rig::embedded().await;
    add_key(&rig, 2);
    assert_not_permitted(rig.change(vec![], disable(1)).await);
    let other_key = key_permit(&rig, "kms:DisableKey", 2).await;
    assert_not_permitted(rig.change(vec![other_key], disable(1)).await);
    let other_action = key_permit(&rig, "kms:EnableKey", 1).await;
    assert_not_permitted(rig.change(vec![other_action], disable(1)).await);
    let good = key_permit(&rig, "kms:DisableKey", 1).await;
    assert_not_permitted(rig.change(vec![good.clone()], disable(2)).await);
    let mut forged = good.to_vec();
    *forged.last_mut().unwrap() ^= 1;
    assert_not_permitted(rig.change(vec![forged.into()], disable(1)).await);
    let foreign = messages::ChangeRequest {
        attempt: Bytes::new(),
        request_id: convert::bytes(request_id(8).as_bytes()),
        permits: vec![good.clone()],
        change: Some(disable(1).into()),
        record: Some(audit_record(1).into()),
        events: Vec::new(),
    };
    let answer = call(&rig.bus(), Subject::RegistryChange, &foreign).await;
    let answer = messages::ChangeAnswer::decode(answer).unwrap();
    assert_not_permitted(answer.outcome.unwrap());
    assert!(rig.store.state.lock().unwrap().committed.is_empty());

    rig.clock.advance_millis(2_000);
    assert_not_permitted(rig.change(vec![good], disable(1)).await);
    let good = key_permit(&rig, "kms:DisableKey", 1).await;
    assert_eq!(rig.change(vec![good.clone()], disable(1)).await, Outcome::Committed(Unit {}));
    let again = rig.change(vec![good], disable(1)).await;
    assert_eq!(again, Outcome::Committed(Unit {}), "a retry of what was committed");
    assert_eq!(rig.store.state.lock().unwrap().committed.len(), 1);
}

/// The answer to a change is lost, and when it is sent again its Permit has run out: the answer is
/// what became of it.
#[tokio::test]
async fn a_change_that_was_made_is_told_so_when_its_permit_has_run_out() {
    let rig = Rig::embedded().await;
    let permits = || async { vec![key_permit(&rig, "kms:DisableKey", 1).await] };
    let committed = || rig.store.state.lock().unwrap().committed.len();
    let first = permits().await;
    let made = rig.attempt(b"1", first.clone(), disable(1)).await;
    assert_eq!(made, Outcome::Committed(Unit {}));
    rig.clock.advance_millis(2_000);
    let again = rig.attempt(b"1", first.clone(), disable(1)).await;
    assert_eq!((again, committed()), (Outcome::Committed(Unit {}), 1));
    // Another attempt, whose order is still somewhere on its way, is given up for good.
    assert_eq!(reason(rig.attempt(b"2", first.clone(), disable(2)).await), conflict());
    let late = rig.attempt(b"2", permits().await, disable(2)).await;
    assert_eq!((reason(late), committed()), (conflict(), 1));
    let anew = rig.attempt(b"3", permits().await, disable(2)).await;
    assert_eq!((anew, committed()), (Outcome::Committed(Unit {}), 2));
    // A Permit that is not genuine finds out nothing and gives up nothing.
    let mut forged = first[0].to_vec();
    *forged.last_mut().unwrap() ^= 1;
    assert_not_permitted(rig.attempt(b"1", vec![forged.into()], disable(1)).await);
}

fn conflict() -> Reason {
    let refused = messages::ChangeRefused::from(trent_types::ChangeRefused::Conflict);
    refused.reason.unwrap()
}

#[tokio::test]
async fn the_record_of_a_change_is_its_own_accounts() {
    let rig = Rig::embedded().await;
    let mut record = audit_record(1);
    record.account = Some("999900001111".parse().unwrap());
    let request = messages::ChangeRequest {
        attempt: Bytes::new(),
        request_id: convert::bytes(request_id(9).as_bytes()),
        permits: vec![key_permit(&rig, "kms:DisableKey", 1).await],
        change: Some(disable(1).into()),
        record: Some(record.into()),
        events: Vec::new(),
    };
    let answer = call(&rig.bus(), Subject::RegistryChange, &request).await;
    let answer = messages::ChangeAnswer::decode(answer).unwrap();
    assert_not_permitted(answer.outcome.unwrap());
}

#[tokio::test]
async fn no_gateway_shortens_the_waiting_period_before_a_deletion() {
    let rig = Rig::embedded().await;
    let permit = key_permit(&rig, "kms:ScheduleKeyDeletion", 1).await;
    let schedule = |days: i64| {
        let deletion_date = rig.now().plus_millis(days * 86_400_000);
        let update = KeyUpdate::ScheduleDeletion { deletion_date };
        Change::UpdateKey { key: arn(1), version: 1, update }
    };
    for days in [-1, 0, 6] {
        assert_not_permitted(rig.change(vec![permit.clone()], schedule(days)).await);
    }
    assert_eq!(rig.change(vec![permit], schedule(7)).await, Outcome::Committed(Unit {}));
}

#[tokio::test]
async fn an_alias_moves_only_with_the_permits_of_the_alias_and_of_both_keys() {
    let rig = Rig::embedded().await;
    add_key(&rig, 2);
    let name = "alias/app";
    let alias = AliasArn { region: region(), account: account(), name: name.parse().unwrap() };
    let (from, to) = (arn(1).key_id, arn(2).key_id);
    let change =
        || Change::UpdateAlias { alias: alias.clone(), from, to, updated_at: Timestamp::default() };
    let action = "kms:UpdateAlias";
    let permits = [
        permit(&rig, question(action, Resource::Alias(name.into()))).await,
        key_permit(&rig, action, 1).await,
        key_permit(&rig, action, 2).await,
    ];
    for missing in 0..permits.len() {
        let mut some = permits.to_vec();
        some.remove(missing);
        assert_not_permitted(rig.change(some, change()).await);
    }
    assert_eq!(rig.change(permits.to_vec(), change()).await, Outcome::Committed(Unit {}));
}

#[tokio::test]
async fn reserved_aliases_are_not_made() {
    let rig = Rig::embedded().await;
    let name = "alias/aws/s3";
    let permits = vec![
        permit(&rig, question("kms:CreateAlias", Resource::Alias(name.into()))).await,
        key_permit(&rig, "kms:CreateAlias", 1).await,
    ];
    let alias = AliasRecord {
        account: account(),
        region: region(),
        name: name.parse().unwrap(),
        target: arn(1).key_id,
        created_at: Timestamp::default(),
        updated_at: Timestamp::default(),
    };
    assert_not_permitted(rig.change(permits, Change::CreateAlias(alias)).await);
}

#[tokio::test]
async fn a_new_key_has_the_id_that_was_assigned() {
    let rig = Rig::embedded().await;
    let asked = question("kms:CreateKey", Resource::NewKey(NewKey::default()));
    let (claims, granted) = rig.granted(ROOT, asked).await;
    let assigned = claims.key().unwrap().key_id;
    let create = |change: fn(&mut KeyRecord), tags: Vec<Tag>| {
        let mut record = KeyRecord { key_id: assigned, ..record(7) };
        change(&mut record);
        let (policy, material) = (default_policy(), new_material(7));
        Change::CreateKey { record, policy, bypass_lockout_check: false, tags, material }
    };
    let permits = || vec![granted.permit.clone()];
    let other = create(|record| record.key_id = arn(7).key_id, vec![]);
    assert_not_permitted(rig.change(permits(), other).await);
    let old = create(|record| record.version = 2, vec![]);
    assert_not_permitted(rig.change(permits(), old).await);
    let tag = Tag { key: "a".into(), value: "1".into() };
    assert_not_permitted(rig.change(permits(), create(|_| {}, vec![tag])).await);
    let good = create(|_| {}, vec![]);
    assert_eq!(rig.change(permits(), good).await, Outcome::Committed(Unit {}));
}

async fn put_policy(rig: &Rig, policy: String, bypass_lockout_check: bool) -> Outcome {
    let permits = vec![key_permit(rig, "kms:PutKeyPolicy", 1).await];
    let change = Change::PutKeyPolicy { key: arn(1), version: 1, policy, bypass_lockout_check };
    rig.change(permits, change).await
}

fn policy_for(principal: &str, action: &str) -> String {
    format!(
        r#"{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow",
            "Principal": {{"AWS": "{principal}"}}, "Action": "{action}", "Resource": "*"}}]}}"#
    )
}

#[tokio::test]
async fn a_policy_must_be_well_formed_and_about_principals_that_exist() {
    let rig = Rig::embedded().await;
    let malformed = |outcome| match reason(outcome) {
        Reason::MalformedPolicy(text) => text,
        other => panic!("{other:?}"),
    };
    malformed(put_policy(&rig, "{}".into(), true).await);
    for nobody in [
        "arn:aws:iam::111122223333:user/bob",
        "arn:aws:iam::111122223333:user/ann",
        "arn:aws:iam::111122223333:user/team/ANN",
        "arn:aws:iam::111122223333:role/none",
    ] {
        let text = malformed(put_policy(&rig, policy_for(nobody, "kms:*"), true).await);
        let expected = "Policy contains a statement with one or more invalid principals.";
        assert_eq!(text, expected, "{nobody}");
    }
    let long = format!("{}{}", default_policy(), " ".repeat(32_768));
    let too_long = reason(put_policy(&rig, long, true).await);
    assert!(matches!(too_long, Reason::LimitExceeded(_)), "{too_long:?}");
    let ann = policy_for("arn:aws:iam::111122223333:user/team/ann", "kms:*");
    assert_eq!(put_policy(&rig, ann, true).await, Outcome::Committed(Unit {}));
}

#[tokio::test]
async fn nobody_locks_themselves_out_unless_they_say_so() {
    let rig = Rig::embedded().await;
    let locked_out = || policy_for("111122223333", "kms:Encrypt");
    let refused = reason(put_policy(&rig, locked_out(), false).await);
    let expected = "The new key policy will not allow you to update the key policy in the future.";
    assert_eq!(refused, Reason::MalformedPolicy(expected.into()));
    assert_eq!(put_policy(&rig, locked_out(), true).await, Outcome::Committed(Unit {}));
    let asked = about_key("kms:PutKeyPolicy", &arn(1).to_string());
    rig.denied(ROOT, asked).await;
}

#[tokio::test]
async fn a_due_key_is_destroyed_with_the_permit_of_its_claim_only() {
    let rig = Rig::embedded().await;
    let place = (region(), arn(1).key_id);
    rig.store.state.lock().unwrap().keys.get_mut(&place).unwrap().record.state =
        KeyState::PendingDeletion;
    let destroy = || Change::DestroyKey { key: arn(1), version: 1 };
    let schedule = key_permit(&rig, "kms:ScheduleKeyDeletion", 1).await;
    assert_not_permitted(rig.change(vec![schedule], destroy()).await);
    let claim = ClaimDueRequest { claimant: "test".into(), limit: 10, claim_ms: 1_000 };
    let answer = call(&rig.bus(), Subject::ClaimDue, &claim).await;
    let Some(claim_due_answer::Outcome::Due(due)) = ClaimDueAnswer::decode(answer).unwrap().outcome
    else {
        panic!()
    };
    let request = messages::ChangeRequest {
        attempt: Bytes::new(),
        request_id: due.deletions[0].request_id.clone(),
        permits: vec![due.deletions[0].permit.clone()],
        change: Some(destroy().into()),
        record: Some(audit_record(2).into()),
        events: Vec::new(),
    };
    let answer = call(&rig.bus(), Subject::RegistryChange, &request).await;
    let answer = messages::ChangeAnswer::decode(answer).unwrap();
    assert_eq!(answer.outcome, Some(Outcome::Committed(Unit {})));
    rig.denied(ROOT, about_key("kms:DescribeKey", &arn(1).to_string())).await;
}

#[tokio::test(start_paused = true)]
async fn records_wait_in_the_outbox_until_the_trail_accepts_them() {
    let rig = Rig::embedded().await;
    *rig.sink.away.lock().unwrap() = true;
    let (trigger, shutdown) = Shutdown::new();
    let evaluator = std::sync::Arc::clone(&rig.evaluator);
    let running = tokio::spawn(async move { evaluator.run(shutdown).await });
    let good = key_permit(&rig, "kms:DisableKey", 1).await;
    assert_eq!(rig.change(vec![good], disable(1)).await, Outcome::Committed(Unit {}));
    tokio::time::sleep(std::time::Duration::from_secs(20)).await;
    assert_eq!(rig.store.state.lock().unwrap().outbox.len(), 1);
    *rig.sink.away.lock().unwrap() = false;
    trigger.trigger();
    running.await.unwrap();
    assert!(rig.store.state.lock().unwrap().outbox.is_empty());
    assert_eq!(rig.sink.accepted.lock().unwrap().as_slice(), [audit_record(9)]);
}

#[tokio::test]
async fn changes_are_refused_when_too_many_records_wait() {
    let store = super::rig::furnished_store();
    store.state.lock().unwrap().outbox = vec![audit_record(3); 10_000];
    let rig = Rig::on(store, crate::Form::Embedded, super::rig::MARK, None).await.unwrap();
    let good = key_permit(&rig, "kms:DisableKey", 1).await;
    let outcome = rig.change(vec![good], disable(1)).await;
    assert!(matches!(outcome, Outcome::Unavailable(_)), "{outcome:?}");
}

//! Users and roles with policies, and what they ask.

use bytes::Bytes;
use trent_bus::convert;
use trent_bus::messages::question::Resource;
use trent_bus::messages::read_answer::Outcome as ReadOutcome;
use trent_bus::messages::read_request::Read;
use trent_bus::messages::{
    self, Authorized, EntityKind as WireKind, NamedEntity, Question, ReadAnswer, ReadRequest,
    SignedRequest, authorize_answer, change_answer, decision,
};
use trent_bus::{Claims, Subject};
use trent_store::{AccessKeyOwner, StoredAccessKey};
use trent_types::{
    AccessKey, AccessKeyStatus, AccountId, Change, Entity, EntityKind, EntityRecord,
    IdentityChange, Role, Timestamp, User,
};

use super::fake_store::FakeThing;
use super::fake_worker::sealed;
use super::rig::{MARK, Rig, SECRET, account, call, region};
use super::signing::sign_form;

pub(super) const ALLOW_ALL: &str =
    r#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#;

/// A policy that allows this action on everything.
pub(super) fn allow(action: &str) -> String {
    format!(r#"{{"Statement": {{"Effect": "Allow", "Action": "{action}", "Resource": "*"}}}}"#)
}

pub(super) fn user_arn(name: &str) -> String {
    format!("arn:aws:iam::{}:user/{name}", account())
}

pub(super) fn role_arn(name: &str) -> String {
    format!("arn:aws:iam::{}:role/{name}", account())
}

pub(super) fn entity(kind: EntityKind, name: &str) -> Entity {
    Entity { account: account(), kind, name: name.into() }
}

pub(super) fn user(account: AccountId, name: &str, id: &str) -> User {
    User {
        account,
        path: "/".into(),
        name: name.into(),
        user_id: id.into(),
        created_at: Timestamp::from_millis(1),
    }
}

pub(super) fn ann() -> User {
    User {
        account: account(),
        path: "/team/".into(),
        name: "ann".into(),
        user_id: "AIDAANNANNANNANNANNAN".into(),
        created_at: Timestamp::from_millis(1),
    }
}

pub(super) fn role(name: &str, id: &str, trusted: &str) -> Role {
    Role {
        account: account(),
        path: "/".into(),
        name: name.into(),
        role_id: id.into(),
        created_at: Timestamp::from_millis(1),
        description: String::new(),
        max_session_seconds: 7_200,
        trust_policy: trusting(trusted),
    }
}

/// A trust policy that lets this principal do everything that belongs to assuming.
pub(super) fn trusting(principal: &str) -> String {
    format!(
        r#"{{"Statement": {{"Effect": "Allow", "Principal": {{"AWS": "{principal}"}},
        "Action": ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]}}}}"#
    )
}

/// A question about a user who is to be made.
pub(super) fn new_user(name: &str) -> Resource {
    let new_path = Some("/team/".to_owned());
    Resource::Entity(NamedEntity { kind: WireKind::User.into(), name: name.into(), new_path })
}

/// A question about something that is there.
pub(super) fn named(kind: WireKind, name: &str) -> Resource {
    Resource::Entity(NamedEntity { kind: kind.into(), name: name.into(), new_path: None })
}

impl Rig {
    /// Puts something of IAM's into the store.
    pub(super) fn add_thing(&self, thing: FakeThing) {
        self.store.state.lock().unwrap().things.push(thing);
        self.forget_everything();
    }

    /// A user with this access key.
    pub(super) fn add_user(&self, access_key_id: &str, user: User, document: Option<&str>) {
        let access_key = AccessKey {
            access_key_id: access_key_id.into(),
            account: user.account,
            user_name: Some(user.name.clone()),
            status: AccessKeyStatus::Active,
            created_at: user.created_at,
        };
        let owner = AccessKeyOwner::User(user.clone());
        let stored = StoredAccessKey { access_key, owner, sealed_secret: sealed(MARK, SECRET) };
        self.store.state.lock().unwrap().access_keys.insert(access_key_id.into(), stored);
        let thing = FakeThing::new(EntityRecord::User(user));
        self.add_thing(match document {
            Some(document) => thing.with("own", document),
            None => thing,
        });
    }

    /// A key policy of the store's own, without a change.
    pub(super) fn set_key_policy(&self, id: u8, policy: &str) {
        let mut state = self.store.state.lock().unwrap();
        let place = (region(), super::rig::arn(id).key_id);
        state.keys.get_mut(&place).unwrap().policy = policy.into();
        drop(state);
        self.forget_everything();
    }

    pub(super) fn forget_everything(&self) {
        self.evaluator.core.cache.clear();
    }

    /// Asks one question on the strength of a signed request.
    pub(super) async fn decide(
        &self,
        signed: SignedRequest,
        question: Question,
        form: &str,
    ) -> Result<(Claims, Bytes), messages::Denied> {
        let outcome = self.authorize_form(signed, vec![question], form).await;
        let authorize_answer::Outcome::Authorized(Authorized { mut decisions, .. }) = outcome
        else {
            panic!("not authorized: {outcome:?}")
        };
        match decisions.pop().unwrap().outcome.unwrap() {
            decision::Outcome::Granted(granted) => {
                let claims = self.permit_keys.verify_wire(&granted.permit, self.now());
                Ok((claims.unwrap(), granted.permit))
            }
            decision::Outcome::Denied(denied) => Err(denied),
        }
    }

    /// Makes a change of IAM's things as root, with the Permit for it.
    pub(super) async fn change_identity(
        &self,
        operation: &str,
        resource: Resource,
        change: IdentityChange,
    ) -> change_answer::Outcome {
        self.next_request();
        let form = format!("Action={operation}");
        let asked = Question {
            action: format!("iam:{operation}"),
            resource: Some(resource),
            ..Question::default()
        };
        let signed = sign_form("iam", &form, self.now());
        let (_, permit) = self.decide(signed, asked, &form).await.unwrap();
        self.change(vec![permit], Change::Identity(change)).await
    }

    /// Reads with a Permit of the present request.
    pub(super) async fn read(&self, permit: Bytes, read: Read) -> ReadOutcome {
        let request_id = convert::bytes(self.request_id().as_bytes());
        let request = ReadRequest { request_id, permit, read: Some(read) };
        let answer = call(&self.bus(), Subject::RegistryRead, &request).await;
        prost::Message::decode(answer).map(|answer: ReadAnswer| answer.outcome.unwrap()).unwrap()
    }
}

//! Callers, users and access keys.

use trent_types::{
    AccessKey, AccessKeyStatus, Caller, CallerKind, Made, Session, Timestamp, User, ViaService,
};

use super::{InvalidField, by_reference, given, parse, required};
use crate::messages::{self, caller::Kind};

by_reference! {
    Caller => messages::Caller,
    User => messages::User,
    AccessKey => messages::AccessKey,
}

impl From<Caller> for messages::Caller {
    fn from(caller: Caller) -> Self {
        let kind = match caller.kind {
            CallerKind::Root => Kind::Root(messages::RootUser {}),
            CallerKind::User { path, name, user_id } => {
                Kind::User(messages::UserCaller { path, name, user_id })
            }
            CallerKind::Role { path, name, role_id, session_name } => {
                Kind::Role(messages::RoleCaller { path, name, role_id, session_name })
            }
            CallerKind::Service { name, source_arn, source_account } => {
                Kind::Service(messages::ServiceCaller {
                    name,
                    source_arn: source_arn.unwrap_or_default(),
                    source_account: source_account.map(|id| id.to_string()).unwrap_or_default(),
                })
            }
        };
        Self {
            account: caller.account.as_str().to_owned(),
            access_key_id: caller.access_key_id,
            kind: Some(kind),
            session: caller.session.map(|session| messages::Session {
                issued_at_ms: session.issued_at.as_millis(),
                source_identity: session.source_identity.unwrap_or_default(),
                tags: session.tags.into_iter().map(Into::into).collect(),
                transitive_tag_keys: session.transitive_tag_keys,
            }),
            via: caller.via.map(|via| messages::ViaService {
                service: via.service,
                source_arn: via.source_arn.unwrap_or_default(),
            }),
        }
    }
}

impl TryFrom<messages::Caller> for Caller {
    type Error = InvalidField;

    fn try_from(caller: messages::Caller) -> Result<Self, InvalidField> {
        let kind = match required(caller.kind, "kind")? {
            Kind::Root(messages::RootUser {}) => CallerKind::Root,
            Kind::User(user) => {
                CallerKind::User { path: user.path, name: user.name, user_id: user.user_id }
            }
            Kind::Role(messages::RoleCaller { path, name, role_id, session_name }) => {
                CallerKind::Role { path, name, role_id, session_name }
            }
            Kind::Service(service) => CallerKind::Service {
                name: service.name,
                source_arn: given(service.source_arn),
                source_account: given(service.source_account)
                    .map(|account| parse(&account, "source_account"))
                    .transpose()?,
            },
        };
        let session = caller.session.map(|session| {
            Box::new(Session {
                issued_at: Timestamp::from_millis(session.issued_at_ms),
                source_identity: given(session.source_identity),
                tags: session.tags.into_iter().map(Into::into).collect(),
                transitive_tag_keys: session.transitive_tag_keys,
            })
        });
        let via = caller.via.map(|via| {
            Box::new(ViaService { service: via.service, source_arn: given(via.source_arn) })
        });
        Ok(Self {
            account: parse(&caller.account, "account")?,
            access_key_id: caller.access_key_id,
            kind,
            session,
            via,
            recorded: Made::nothing(),
        })
    }
}

impl From<User> for messages::User {
    fn from(user: User) -> Self {
        Self {
            account: user.account.as_str().to_owned(),
            path: user.path,
            name: user.name,
            user_id: user.user_id,
            created_at_ms: user.created_at.as_millis(),
        }
    }
}

impl TryFrom<messages::User> for User {
    type Error = InvalidField;

    fn try_from(user: messages::User) -> Result<Self, InvalidField> {
        Ok(Self {
            account: parse(&user.account, "account")?,
            path: user.path,
            name: user.name,
            user_id: user.user_id,
            created_at: Timestamp::from_millis(user.created_at_ms),
        })
    }
}

impl From<AccessKey> for messages::AccessKey {
    fn from(key: AccessKey) -> Self {
        Self {
            access_key_id: key.access_key_id,
            account: key.account.as_str().to_owned(),
            user_name: key.user_name.unwrap_or_default(),
            active: match key.status {
                AccessKeyStatus::Active => true,
                AccessKeyStatus::Inactive => false,
            },
            created_at_ms: key.created_at.as_millis(),
        }
    }
}

impl TryFrom<messages::AccessKey> for AccessKey {
    type Error = InvalidField;

    fn try_from(key: messages::AccessKey) -> Result<Self, InvalidField> {
        Ok(Self {
            access_key_id: key.access_key_id,
            account: parse(&key.account, "account")?,
            user_name: Some(key.user_name).filter(|name| !name.is_empty()),
            status: if key.active { AccessKeyStatus::Active } else { AccessKeyStatus::Inactive },
            created_at: Timestamp::from_millis(key.created_at_ms),
        })
    }
}

//! ARNs of IAM's things.

use trent_types::{Entity, EntityKind};

/// What an ARN of IAM names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NamedByArn {
    /// What it is, and its name as the ARN writes it.
    pub(crate) entity: Entity,
    /// `/` or `/team/…/`.
    pub(crate) path: String,
}

/// The user, group, role or policy that an ARN names; `None` for anything else.
pub(crate) fn entity_of_arn(arn: &str) -> Option<NamedByArn> {
    let mut parts = arn.splitn(6, ':');
    let (scheme, _partition) = (parts.next()?, parts.next()?);
    let (service, region) = (parts.next()?, parts.next()?);
    let account = parts.next()?.parse().ok()?;
    let resource = parts.next()?;
    if scheme != "arn" || service != "iam" || !region.is_empty() {
        return None;
    }
    let (kind, rest) = resource.split_at_checked(resource.find('/')?)?;
    let kind = match kind {
        "user" => EntityKind::User,
        "group" => EntityKind::Group,
        "role" => EntityKind::Role,
        "policy" => EntityKind::Policy,
        _ => return None,
    };
    let (path, name) = rest.split_at_checked(rest.rfind('/')? + 1)?;
    if name.is_empty() || name.contains(':') {
        return None;
    }
    Some(NamedByArn {
        entity: Entity { account, kind, name: name.to_owned() },
        path: path.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_is_taken_apart_into_path_and_name() {
        let named = entity_of_arn("arn:aws:iam::111122223333:role/team/blue/reader").unwrap();
        assert_eq!((named.path.as_str(), named.entity.name.as_str()), ("/team/blue/", "reader"));
        assert_eq!(named.entity.kind, EntityKind::Role);
        let named = entity_of_arn("arn:aws:iam::111122223333:user/ann").unwrap();
        assert_eq!((named.path.as_str(), named.entity.name.as_str()), ("/", "ann"));
        for other in [
            "arn:aws:iam::111122223333:root",
            "arn:aws:iam::111122223333:user/",
            "arn:aws:iam::111122223333:mfa/ann",
            "arn:aws:iam:us-east-1:111122223333:user/ann",
            "arn:aws:sts::111122223333:assumed-role/a/b",
            "arn:aws:iam::aws:policy/AdministratorAccess",
            "*",
        ] {
            assert_eq!(entity_of_arn(other), None, "{other}");
        }
    }
}

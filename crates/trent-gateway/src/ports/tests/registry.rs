//! The registry: changes and reads.

use super::*;

/// Enables a key at a registry that answers like this.
async fn change(outcome: messages::change_answer::Outcome) -> Result<(), ChangeError> {
    let bus = bus(Subject::RegistryChange, move |_, order| {
        let request = messages::ChangeRequest::decode(order).unwrap();
        assert_eq!(&request.permits[..], [convert::bytes(b"permit")]);
        assert_eq!(&request.record.unwrap().cloudtrail_json[..], b"{}");
        assert_eq!(request.attempt.len(), 16);
        good(&messages::ChangeAnswer { outcome: Some(outcome.clone()) })
    });
    let permit = Permit::from_wire(b"permit");
    let change = Change::UpdateKey { key: key(), version: 1, update: KeyUpdate::Enable };
    let record = AuditRecord {
        event_id: EventId::from_bytes([1; 16]),
        account: Some(account()),
        event_time: Timestamp::from_millis(1),
        cloudtrail_json: b"{}".to_vec(),
        trace: None,
    };
    BusRegistry::new(line(&bus)).change(REQUEST, &[&permit], change, record, Vec::new()).await
}

#[tokio::test]
async fn a_change_is_committed_or_refused_with_its_reason() {
    use messages::change_answer::Outcome::{Committed, Refused};
    assert_eq!(change(Committed(messages::Unit {})).await, Ok(()));
    let refused = Refused(ChangeRefused::Conflict.into());
    assert_eq!(change(refused).await, Err(ChangeError::Refused(ChangeRefused::Conflict)));
}

#[tokio::test(start_paused = true)]
async fn a_change_is_sent_again_while_its_permits_are_good() {
    let silent = bus(Subject::RegistryChange, |number, _| match number {
        0 => None,
        _ => good(&messages::ChangeAnswer {
            outcome: Some(messages::change_answer::Outcome::Committed(messages::Unit {})),
        }),
    });
    let change = Change::DestroyKey { key: key(), version: 1 };
    let record = AuditRecord {
        event_id: EventId::from_bytes([1; 16]),
        account: None,
        event_time: Timestamp::from_millis(1),
        cloudtrail_json: b"{}".to_vec(),
        trace: None,
    };
    let started = Instant::now();
    assert_eq!(
        BusRegistry::new(line(&silent)).change(REQUEST, &[], change, record, Vec::new()).await,
        Ok(())
    );
    assert_eq!(started.elapsed().as_millis(), 1_000);
}

/// A registry commits a change and its answer is lost; when the change is sent again it is not
/// permitted any more. Were the request then authorized anew, a key would be answered that was
/// never made.
#[tokio::test(start_paused = true)]
async fn a_change_that_is_not_permitted_any_more_while_unanswered_leaves_its_fate_unknown() {
    use messages::change_answer::Outcome::{Refused, Unavailable as Away};
    let expired = || Refused(ChangeRefused::NotPermitted("the Permit has expired".into()).into());
    let change = async |first: Option<Answer>| {
        let first = std::sync::Mutex::new(Some(first));
        let bus = bus(Subject::RegistryChange, move |_, _| {
            let expired = messages::ChangeAnswer { outcome: Some(expired()) };
            first.lock().unwrap().take().unwrap_or_else(|| good(&expired))
        });
        let change = Change::UpdateKey { key: key(), version: 1, update: KeyUpdate::Enable };
        let record = AuditRecord {
            event_id: EventId::from_bytes([1; 16]),
            account: Some(account()),
            event_time: Timestamp::from_millis(1),
            cloudtrail_json: b"{}".to_vec(),
            trace: None,
        };
        BusRegistry::new(line(&bus))
            .change(REQUEST, &[], change, record, Vec::new())
            .await
            .unwrap_err()
    };
    let away = messages::ChangeAnswer { outcome: Some(Away("COMMIT was not answered".into())) };
    for first in [None, good(&away)] {
        let error = change(first).await;
        assert!(matches!(error, ChangeError::Unavailable(_)), "{error:?}");
    }
    // Where no try can have been worked on, the request may be authorized anew.
    let error = change(good(&messages::ChangeAnswer { outcome: Some(expired()) })).await;
    assert!(matches!(error, ChangeError::Refused(ChangeRefused::NotPermitted(_))), "{error:?}");
}

#[tokio::test]
async fn reads_bring_pages_policies_and_what_is_missing() {
    let bus = bus(Subject::RegistryRead, |_, order| {
        let request = messages::ReadRequest::decode(order).unwrap();
        assert_eq!(&request.permit[..], b"permit");
        let outcome = match request.read.unwrap() {
            messages::read_request::Read::ListKeys(page) => {
                assert_eq!((page.limit, &page.after_key_id[..]), (2, &[1; 16][..]));
                read_answer::Outcome::Keys(messages::KeyPage {
                    keys: vec![key().into()],
                    more: true,
                })
            }
            messages::read_request::Read::KeyPolicy(_) => {
                read_answer::Outcome::Missing(messages::Missing {})
            }
            messages::read_request::Read::ListTags(_) => {
                let tag = messages::Tag { key: "k".into(), value: "v".into() };
                read_answer::Outcome::Tags(messages::TagPage { tags: vec![tag], more: false })
            }
            messages::read_request::Read::ListAliases(_)
            | messages::read_request::Read::Identity(_)
            | messages::read_request::Read::ListEntities(_)
            | messages::read_request::Read::ListGroupMembers(_)
            | messages::read_request::Read::ListPolicyEntities(_)
            | messages::read_request::Read::AccessKeyUse(_)
            | messages::read_request::Read::IssueSession(_)
            | messages::read_request::Read::Simulate(_)
            | messages::read_request::Read::Explain(_)
            | messages::read_request::Read::PublicKey(_)
            | messages::read_request::Read::ListMaterials(_)
            | messages::read_request::Read::ListGrants(_)
            | messages::read_request::Read::ListRetirableGrants(_)
            | messages::read_request::Read::LastUsage(_) => {
                read_answer::Outcome::NotPermitted("no".into())
            }
        };
        good(&messages::ReadAnswer { outcome: Some(outcome) })
    });
    let registry = BusRegistry::new(line(&bus));
    let permit = Permit::from_wire(b"permit");
    let after = Some(key().key_id);
    assert_eq!(registry.keys(REQUEST, &permit, after, 2).await, Ok((vec![key()], true)));
    assert_eq!(registry.key_policy(REQUEST, &permit).await, Ok(None));
    assert_eq!(registry.tags(REQUEST, &permit, None, 2).await.unwrap().0[0].value, "v");
    let aliases = registry.aliases(REQUEST, &permit, None, None, 2).await;
    let text = "the registry did not permit the read: no";
    assert_eq!(aliases, Err(Unavailable::Away(text.into())));
}

fn grant(n: u8) -> Grant {
    Grant {
        key: key(),
        grant_id: GrantId::from_bytes([n; 32]),
        name: None,
        created_at: Timestamp::from_millis(1),
        issuing_account: "arn:aws:iam::111122223333:root".into(),
        terms: terms(),
    }
}

#[tokio::test]
async fn grants_are_asked_for_by_filter_and_place() {
    let bus = bus(Subject::RegistryRead, |_, order| {
        let read = messages::ReadRequest::decode(order).unwrap().read.unwrap();
        let ann: messages::GrantPrincipal = terms().grantee.into();
        if let messages::read_request::Read::ListGrants(list) = read {
            assert_eq!((&list.after[..], list.limit), (&[3; 32][..], 7));
            assert_eq!((&list.grant_id[..], list.grantee), (&[4; 32][..], Some(ann)));
        } else if let messages::read_request::Read::ListRetirableGrants(list) = read {
            assert_eq!((list.retiring, list.limit), (Some(ann), 7));
            assert_eq!(list.after_key, Some(key().into()));
            assert_eq!(&list.after_grant_id[..], [3; 32]);
        } else {
            panic!("{read:?}");
        }
        let page = messages::GrantPage { grants: vec![grant(5).into()], more: true };
        good(&messages::ReadAnswer { outcome: Some(read_answer::Outcome::Grants(page)) })
    });
    let permit = Permit::from_wire(b"permit");
    let registry = BusRegistry::new(line(&bus));
    let terms = terms();
    let id = |n| GrantId::from_bytes([n; 32]);
    let filter = GrantFilter { grant_id: Some(id(4)), grantee: Some(&terms.grantee) };
    let page = registry.grants(REQUEST, &permit, filter, Some(id(3)), 7).await;
    assert_eq!(page, Ok((vec![grant(5)], true)));
    let ann = terms.grantee.as_str();
    let after = Some((key(), id(3)));
    let page = registry.retirable_grants(REQUEST, &permit, ann, after, 7).await;
    assert_eq!(page, Ok((vec![grant(5)], true)));
}

#[tokio::test(start_paused = true)]
async fn a_read_whose_permit_ran_out_meanwhile_is_to_be_authorized_anew() {
    let refused = || {
        let outcome = read_answer::Outcome::NotPermitted("the Permit has expired".into());
        good(&messages::ReadAnswer { outcome: Some(outcome) })
    };
    let permit = Permit::from_wire(b"permit");
    let silent = bus(Subject::RegistryRead, move |number, _| match number {
        0 | 1 => None,
        _ => refused(),
    });
    let read = BusRegistry::new(line(&silent)).key_policy(REQUEST, &permit).await;
    assert_eq!(read, Err(Unavailable::PermitExpired));
    let strict = bus(Subject::RegistryRead, move |_, _| refused());
    let read = BusRegistry::new(line(&strict)).key_policy(REQUEST, &permit).await;
    assert!(matches!(read, Err(Unavailable::Away(_))), "{read:?}");
}

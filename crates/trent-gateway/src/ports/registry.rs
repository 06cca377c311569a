//! The registry: reads and changes of metadata.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "each method takes one kind of answer, and every other one alike"
)]

use bytes::Bytes;
use trent_bus::messages::{
    self, ChangeAnswer, ChangeRequest, ReadAnswer, ReadRequest, change_answer,
    read_answer::Outcome, read_request::Read,
};
use trent_bus::{InvalidField, Subject, convert};
use trent_operations::ports::{
    AliasPage, ChangeError, Explanation, GrantFilter, MaterialPage, PortFuture, Registry,
    Unavailable,
};
use trent_types::{
    AuditRecord, Change, ChangeRefused, Grant, GrantId, GrantPrincipal, KeyArn, KeyId, LastUsage,
    MaterialId, Permit, RequestId, Tag, Timestamp,
};

use super::{Line, QUICK, THOROUGH, Told, senseless, wire_permit};

/// The registry, for one request.
#[derive(Debug, Clone, Copy)]
pub struct BusRegistry<'a> {
    line: Line<'a>,
}

impl<'a> BusRegistry<'a> {
    /// The registry at the end of this line.
    #[must_use]
    pub const fn new(line: Line<'a>) -> Self {
        Self { line }
    }

    /// Reads something; what is not permitted is away, unless tries that stayed unanswered have
    /// cost the time of the Permit.
    pub(super) async fn read(
        &self,
        request: RequestId,
        permit: &Permit,
        read: Read,
    ) -> Result<Outcome, Unavailable> {
        let request_id = convert::bytes(request.as_bytes());
        let order = ReadRequest { request_id, permit: wire_permit(permit), read: Some(read) };
        let Told { answer, perhaps_before }: Told<ReadAnswer> =
            self.line.ask_and_count(Subject::RegistryRead, QUICK, || order.clone()).await?;
        match answer.outcome {
            Some(Outcome::NotPermitted(_)) if perhaps_before => Err(Unavailable::PermitExpired),
            Some(Outcome::NotPermitted(why)) => {
                Err(Unavailable::Away(format!("the registry did not permit the read: {why}")))
            }
            Some(outcome) => Ok(outcome),
            None => Err(senseless(&"no outcome")),
        }
    }

    async fn grant_page(
        &self,
        request: RequestId,
        permit: &Permit,
        read: Read,
    ) -> Result<(Vec<Grant>, bool), Unavailable> {
        match self.read(request, permit, read).await? {
            Outcome::Grants(page) => Ok((read_all(page.grants)?, page.more)),
            other => Err(unexpected(&other)),
        }
    }
}

impl Registry for BusRegistry<'_> {
    fn change<'a>(
        &'a self,
        request: RequestId,
        permits: &'a [&'a Permit],
        change: Change,
        record: AuditRecord,
        events: Vec<AuditRecord>,
    ) -> PortFuture<'a, Result<(), ChangeError>> {
        let record = AuditRecord { trace: self.line.traceparent, ..record };
        let order = ChangeRequest {
            request_id: convert::bytes(request.as_bytes()),
            permits: permits.iter().map(|permit| wire_permit(permit)).collect(),
            change: Some(change.into()),
            record: Some(record.into()),
            attempt: convert::bytes(&rand::random::<[u8; 16]>()),
            events: events.into_iter().map(Into::into).collect(),
        };
        Box::pin(async move {
            let subject = Subject::RegistryChange;
            let Told { answer, perhaps_before }: Told<ChangeAnswer> =
                self.line.ask_and_count(subject, THOROUGH, || order.clone()).await?;
            match answer.outcome {
                Some(change_answer::Outcome::Committed(_)) => Ok(()),
                Some(change_answer::Outcome::Refused(refused)) => {
                    let refused = ChangeRefused::try_from(refused).map_err(|e| senseless(&e))?;
                    match refused {
                        // This refusal says nothing about tries that stayed unanswered, and the
                        // change must not be made anew under other ids: the first may be there.
                        // (Permits that only ran out are told apart: the registry then finds out
                        // what became of the change.)
                        ChangeRefused::NotPermitted(why) if perhaps_before => {
                            let text = format!("the fate of a change is unknown: {why}");
                            Err(Unavailable::Away(text).into())
                        }
                        refused => Err(refused.into()),
                    }
                }
                Some(change_answer::Outcome::Unavailable(why)) => {
                    Err(Unavailable::Away(why).into())
                }
                None => Err(senseless(&"no outcome").into()),
            }
        })
    }

    fn keys<'a>(
        &'a self,
        request: RequestId,
        permit: &'a Permit,
        after: Option<KeyId>,
        limit: u32,
    ) -> PortFuture<'a, Result<(Vec<KeyArn>, bool), Unavailable>> {
        let read = Read::ListKeys(messages::ListKeys {
            after_key_id: after.map_or_else(Bytes::new, id_bytes),
            after_multi_region: after.is_some_and(|key| key.is_multi_region()),
            limit,
        });
        Box::pin(async move {
            match self.read(request, permit, read).await? {
                Outcome::Keys(page) => Ok((read_all(page.keys)?, page.more)),
                other => Err(unexpected(&other)),
            }
        })
    }

    fn aliases<'a>(
        &'a self,
        request: RequestId,
        permit: &'a Permit,
        target: Option<KeyId>,
        after: Option<&'a str>,
        limit: u32,
    ) -> PortFuture<'a, Result<Option<AliasPage>, Unavailable>> {
        let read = Read::ListAliases(messages::ListAliases {
            target: target.map_or_else(Bytes::new, id_bytes),
            target_multi_region: target.is_some_and(|key| key.is_multi_region()),
            after: after.unwrap_or_default().to_owned(),
            limit,
        });
        Box::pin(async move {
            match self.read(request, permit, read).await? {
                Outcome::Aliases(page) => Ok(Some((read_all(page.aliases)?, page.more))),
                Outcome::Missing(_) => Ok(None),
                other => Err(unexpected(&other)),
            }
        })
    }

    fn key_policy<'a>(
        &'a self,
        request: RequestId,
        permit: &'a Permit,
    ) -> PortFuture<'a, Result<Option<String>, Unavailable>> {
        let read = Read::KeyPolicy(messages::ReadKeyPolicy {});
        Box::pin(async move {
            match self.read(request, permit, read).await? {
                Outcome::Policy(policy) => Ok(Some(policy)),
                Outcome::Missing(_) => Ok(None),
                other => Err(unexpected(&other)),
            }
        })
    }

    fn public_key<'a>(
        &'a self,
        request: RequestId,
        permit: &'a Permit,
    ) -> PortFuture<'a, Result<Option<Vec<u8>>, Unavailable>> {
        let read = Read::PublicKey(messages::Unit {});
        Box::pin(async move {
            match self.read(request, permit, read).await? {
                Outcome::PublicKey(key) => Ok(Some(key.into())),
                Outcome::Missing(_) => Ok(None),
                other => Err(unexpected(&other)),
            }
        })
    }

    fn materials<'a>(
        &'a self,
        request: RequestId,
        permit: &'a Permit,
        rotations_only: bool,
        after: Option<MaterialId>,
        limit: u32,
    ) -> PortFuture<'a, Result<Option<MaterialPage>, Unavailable>> {
        let read = Read::ListMaterials(messages::ListMaterials {
            after: after.map_or_else(Bytes::new, |id| convert::bytes(id.as_bytes())),
            limit,
            rotations_only,
        });
        Box::pin(async move {
            match self.read(request, permit, read).await? {
                Outcome::Materials(page) => Ok(Some((read_all(page.materials)?, page.more))),
                Outcome::Missing(_) => Ok(None),
                other => Err(unexpected(&other)),
            }
        })
    }

    fn tags<'a>(
        &'a self,
        request: RequestId,
        permit: &'a Permit,
        after: Option<&'a str>,
        limit: u32,
    ) -> PortFuture<'a, Result<(Vec<Tag>, bool), Unavailable>> {
        let after = after.unwrap_or_default().to_owned();
        let read = Read::ListTags(messages::ListTags { after, limit });
        Box::pin(async move {
            match self.read(request, permit, read).await? {
                Outcome::Tags(page) => {
                    Ok((page.tags.into_iter().map(Into::into).collect(), page.more))
                }
                other => Err(unexpected(&other)),
            }
        })
    }

    fn grants<'a>(
        &'a self,
        request: RequestId,
        permit: &'a Permit,
        filter: GrantFilter<'a>,
        after: Option<GrantId>,
        limit: u32,
    ) -> PortFuture<'a, Result<(Vec<Grant>, bool), Unavailable>> {
        let read = Read::ListGrants(messages::ListGrants {
            after: after.map_or_else(Bytes::new, grant_bytes),
            limit,
            grant_id: filter.grant_id.map_or_else(Bytes::new, grant_bytes),
            grantee: filter.grantee.map(Into::into),
        });
        Box::pin(self.grant_page(request, permit, read))
    }

    fn retirable_grants<'a>(
        &'a self,
        request: RequestId,
        permit: &'a Permit,
        retiring: &'a str,
        after: Option<(KeyArn, GrantId)>,
        limit: u32,
    ) -> PortFuture<'a, Result<(Vec<Grant>, bool), Unavailable>> {
        let (after_key, after_grant) = after.unzip();
        let read = Read::ListRetirableGrants(messages::ListRetirableGrants {
            retiring: Some(GrantPrincipal::Arn(retiring.to_owned()).into()),
            after_key: after_key.map(Into::into),
            after_grant_id: after_grant.map_or_else(Bytes::new, grant_bytes),
            limit,
        });
        Box::pin(self.grant_page(request, permit, read))
    }

    fn last_usage<'a>(
        &'a self,
        request: RequestId,
        permit: &'a Permit,
    ) -> PortFuture<'a, Result<Option<LastUsage>, Unavailable>> {
        let read = Read::LastUsage(messages::Unit {});
        Box::pin(async move {
            match self.read(request, permit, read).await? {
                Outcome::LastUsage(usage) => usage.try_into().map(Some).map_err(|e| senseless(&e)),
                Outcome::Missing(_) => Ok(None),
                other => Err(unexpected(&other)),
            }
        })
    }

    fn explanations<'a>(
        &'a self,
        request: RequestId,
        permit: &'a Permit,
        denied: RequestId,
    ) -> PortFuture<'a, Result<Vec<Explanation>, Unavailable>> {
        let request_id = denied.as_bytes().to_vec().into();
        let read = Read::Explain(messages::Explain { request_id });
        Box::pin(async move {
            match self.read(request, permit, read).await? {
                Outcome::Explanations(found) => {
                    found.explanations.into_iter().map(explanation).collect()
                }
                other => Err(unexpected(&other)),
            }
        })
    }
}

fn grant_bytes(grant: GrantId) -> Bytes {
    convert::bytes(grant.as_bytes())
}

fn id_bytes(key: KeyId) -> Bytes {
    convert::bytes(key.as_bytes())
}

/// Everything of a page.
pub(super) fn read_all<M, T: TryFrom<M, Error = InvalidField>>(
    items: Vec<M>,
) -> Result<Vec<T>, Unavailable> {
    let read: Result<Vec<T>, _> = items.into_iter().map(T::try_from).collect();
    read.map_err(|error| senseless(&error))
}

fn explanation(found: messages::Explanation) -> Result<Explanation, Unavailable> {
    let account = found.account.parse().map_err(|error| senseless(&error))?;
    Ok(Explanation { at: Timestamp::from_millis(found.at_ms), account, json: found.json })
}

/// An answer to another read than the one that was asked for.
pub(super) fn unexpected(outcome: &Outcome) -> Unavailable {
    let kind = match outcome {
        Outcome::Keys(_) => "keys",
        Outcome::Aliases(_) => "aliases",
        Outcome::Policy(_) => "a policy",
        Outcome::Tags(_) => "tags",
        Outcome::Identity(_) => "a user, group, role or policy",
        Outcome::Entities(_) => "users, groups, roles or policies",
        Outcome::PolicyEntities(_) => "those who have a policy",
        Outcome::AccessKeyUse(_) => "an access key",
        Outcome::Session(_) => "temporary credentials",
        Outcome::SessionRefused(_) => "that temporary credentials are refused",
        Outcome::Simulated(_) => "simulated decisions",
        Outcome::SimulationRefused(_) => "that a simulation is refused",
        Outcome::PublicKey(_) => "a public key",
        Outcome::Materials(_) => "materials",
        Outcome::Grants(_) => "grants",
        Outcome::LastUsage(_) => "a last usage",
        Outcome::Missing(_) => "that it is missing",
        Outcome::NotPermitted(_) => "that it is not permitted",
        Outcome::Explanations(_) => "explanations",
        Outcome::Unavailable(_) => "that it is away",
    };
    Unavailable::Away(format!("the registry answered another question, with {kind}"))
}

//! What an operator does by `trent` and no caller can: moves the key clock, changes quotas, brings
//! keys, makes accounts and service principals, reads explanations.
//!
//! Who may send here is decided before: over NATS only the identity `admin` can, over the socket of
//! an embedded deployment only its owner. Each change has its record in the audit trail, committed
//! with it, and is answered when every evaluator goes by it.
//!
//! Another command is a line of `AdminRequest`, an arm of [`Admin::answer`] and a module here.

mod accounts;
mod explain;
mod key_clock;
mod new_key;
mod quotas;
mod seeding;
mod services;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use prost::Message;
use tokio::time::Instant;
use trent_bus::messages::admin_answer::Outcome;
use trent_bus::messages::admin_request::Command;
use trent_bus::messages::{AdminAnswer, AdminRequest, Rejection};
use trent_bus::{InvalidField, Order, Service, ServiceFuture, convert};
use trent_store::{Committed, Invalidation};
use trent_types::{AccountId, AdminChange, ChangeRefused, EventId, Region, RequestId};

use crate::core::{Unavailable, traced};
use crate::registry::Registry;
use crate::seed_file::SeedHome;

/// The handler of the operator's requests.
pub(crate) struct Admin {
    pub(crate) registry: Arc<Registry>,
    /// Whether the key clock may be moved.
    pub(crate) dev: bool,
    /// Where keys of a seed file go; `None`: an operator may not send one.
    pub(crate) seed_home: Option<SeedHome>,
}

/// Why nothing was done, as far as is known.
pub(crate) enum AdminFault {
    /// Nothing was changed; the text is for the operator.
    Refused(String),
    /// The same request may be sent again.
    Unavailable(Unavailable),
}

impl<E: Into<Unavailable>> From<E> for AdminFault {
    fn from(error: E) -> Self {
        Self::Unavailable(error.into())
    }
}

impl From<InvalidField> for AdminFault {
    fn from(error: InvalidField) -> Self {
        Self::Refused(error.to_string())
    }
}

/// What the record of a change says.
struct Told {
    event: &'static str,
    account: AccountId,
    region: Region,
    parameters: Vec<(&'static str, String)>,
}

impl Admin {
    async fn answer(&self, request: AdminRequest) -> Result<Outcome, AdminFault> {
        let id = convert::request_id(&request.request_id, "request_id")?;
        let Some(command) = request.command else {
            return Err(AdminFault::Refused("this version does not know the command".to_owned()));
        };
        match command {
            Command::ShowKeyClock(_) => Ok(self.key_clock()),
            Command::MoveKeyClock(by) => self.move_key_clock(id, by.by_ms).await,
            Command::ResetKeyClock(_) => self.reset_key_clock(id).await,
            Command::ListQuotas(of) => self.list_quotas(&of).await,
            Command::SetQuota(wanted) => self.set_quota(id, wanted).await,
            Command::ResetQuota(wanted) => self.reset_quota(id, &wanted).await,
            Command::Seed(order) => self.seed(id, &order).await,
            Command::Explain(wanted) => self.explain(&wanted).await,
            Command::CreateAccount(wanted) => self.create_account(id, &wanted).await,
            Command::ListAccounts(_) => self.list_accounts().await,
            Command::CreateService(wanted) => self.create_service(id, &wanted).await,
            Command::ListServices(_) => self.list_services().await,
            Command::DeleteService(name) => self.delete_service(id, &name).await,
        }
    }

    /// Makes a change with its record, and returns when every evaluator goes by it.
    async fn change(
        &self,
        id: RequestId,
        change: AdminChange,
        told: Told,
    ) -> Result<(), AdminFault> {
        let registry = Arc::clone(&self.registry);
        // A task of its own, like every change: whoever gives the order up cannot stop it between
        // the commit and the end of the old state.
        match tokio::spawn(commit(registry, id, change, told)).await {
            Ok(outcome) => outcome,
            Err(error) => Err(AdminFault::Unavailable(Unavailable(error.to_string()))),
        }
    }

    /// The deployment's first account and its home Region (AWS's own, where it is served, as for
    /// requests that name none): where an operator's change is recorded that names none.
    fn home(&self) -> (AccountId, Region) {
        let core = &self.registry.core;
        let home = core.regions.iter().find(|region| region.as_str() == "us-east-1");
        (core.account, home.copied().unwrap_or(core.worker.region))
    }
}

async fn commit(
    registry: Arc<Registry>,
    id: RequestId,
    change: AdminChange,
    told: Told,
) -> Result<(), AdminFault> {
    let core = &registry.core;
    let Told { event, account, region, parameters } = told;
    let now = core.clock.now();
    let event_id = EventId::new(now, rand::random());
    let record = trent_operations::admin_event(event, account, region, &parameters, event_id, now);
    let committed = core.store.administer(id, &change, &record).await;
    // Whatever the outcome: a failure may hide a commit.
    core.cache.clear();
    match committed? {
        Committed::Now => {
            registry.waiting.fetch_add(1, Ordering::Relaxed);
            registry.committed.notify_one();
            tracing::info!(event, ?parameters, "an operator changed the deployment");
        }
        // The first try may have ended before everybody knew.
        Committed::Before => {}
        Committed::Refused(ChangeRefused::NotFound) => {
            return Err(AdminFault::Refused(match event {
                "DeleteService" => "there is no such service".to_owned(),
                _ => "there is no such value to take away".to_owned(),
            }));
        }
        Committed::Refused(refused) => return Err(AdminFault::Refused(refused.to_string())),
    }
    core.standing.reload().await?;
    registry.peers.tell(&[Invalidation::Everything], Instant::now()).await;
    Ok(())
}

impl Service for Admin {
    fn handle<'a>(&'a self, order: Order) -> ServiceFuture<'a> {
        traced("admin", order.traceparent, async move {
            let request = AdminRequest::decode(order.payload).map_err(|_| Rejection::Malformed)?;
            let outcome = self.answer(request).await.unwrap_or_else(|fault| match fault {
                AdminFault::Refused(why) => Outcome::Refused(why),
                AdminFault::Unavailable(Unavailable(why)) => {
                    tracing::warn!(%why, "an operator's request was not served");
                    Outcome::Unavailable(why)
                }
            });
            Ok(AdminAnswer { outcome: Some(outcome) }.encode_to_vec().into())
        })
    }
}

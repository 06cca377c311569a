//! A seed file that an operator sends.

use std::sync::Arc;

use trent_bus::Purpose;
use trent_bus::messages::admin_answer::Outcome;
use trent_bus::messages::{self, SeedOrder};
use trent_types::RequestId;

use super::{Admin, AdminFault};
use crate::core::Unavailable;
use crate::seed_file::{Seed, SeedFault, Seeder};

impl Admin {
    /// Makes what a seed file names and is not there.
    pub(super) async fn seed(
        &self,
        id: RequestId,
        order: &SeedOrder,
    ) -> Result<Outcome, AdminFault> {
        let Some(home) = &self.seed_home else {
            let why = "a distributed deployment is seeded only where the policy evaluators were \
                started with TRENT_SEED_ALLOW=distributed";
            return Err(AdminFault::Refused(why.to_owned()));
        };
        self.registry.core.may_decide()?;
        let sealer = &self.registry.core.worker.sealer;
        let file = sealer.open(Purpose::OperatorToEvaluator, id, &order.sealed_file);
        let file = file.map_err(|error| AdminFault::Refused(error.to_string()))?;
        let seed = Seed::parse(&file, home).map_err(|e| AdminFault::Refused(e.to_string()))?;
        drop(file);
        let registry = Arc::clone(&self.registry);
        // A task of its own, like every change: whoever gives the order up does not stop it.
        let work = tokio::spawn(async move {
            Seeder { registry: &registry, claimant: registry.peers.own }.apply(&seed).await
        });
        match work.await {
            Ok(Ok(done)) => Ok(Outcome::Seeded(messages::Seeded {
                made: done.made,
                kept: done.kept,
                differing: done.differing,
            })),
            Ok(Err(SeedFault::Unavailable(reason))) => Err(AdminFault::Unavailable(reason)),
            Ok(Err(refused @ SeedFault::Refused { .. })) => {
                Err(AdminFault::Refused(refused.to_string()))
            }
            Err(error) => Err(AdminFault::Unavailable(Unavailable(error.to_string()))),
        }
    }
}

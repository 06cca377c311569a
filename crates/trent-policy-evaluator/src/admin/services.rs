//! Service principals.

use trent_bus::messages::admin_answer::Outcome;
use trent_bus::messages::{self, CreateService, CreatedService, ServiceList, Unit};
use trent_types::{AccessKey, AdminChange, RequestId, Service};

use super::new_key::to_the_second;
use super::{Admin, AdminFault, Told};

/// What names of services end with, in every partition.
const DOMAIN: &str = ".amazonaws.com";

impl Admin {
    /// Makes a service principal where it is missing, and a new access key of it.
    pub(super) async fn create_service(
        &self,
        id: RequestId,
        wanted: &CreateService,
    ) -> Result<Outcome, AdminFault> {
        let name = service_name(&wanted.name)?;
        let (account, region) = self.home();
        let prepared = self.prepare_key(id, account).await?;
        let created_at = to_the_second(self.registry.core.clock.now());
        let service = Service { name: name.clone(), created_at };
        let change = AdminChange::CreateService {
            service,
            access_key: prepared.access_key,
            sealed_secret: prepared.sealed_secret,
        };
        let parameters = vec![("serviceName", name.clone())];
        let told = Told { event: "CreateService", account, region, parameters };
        self.change(id, change, told).await?;
        let access_key = Some(self.shown_key(id).await?);
        Ok(Outcome::ServiceCreated(CreatedService { name, access_key }))
    }

    /// Every service principal with its access keys.
    pub(super) async fn list_services(&self) -> Result<Outcome, AdminFault> {
        let services = self.registry.core.store.services().await?;
        let services = services.into_iter().map(to_message).collect();
        Ok(Outcome::Services(ServiceList { services }))
    }

    /// Ends a service principal and its access keys.
    pub(super) async fn delete_service(
        &self,
        id: RequestId,
        name: &str,
    ) -> Result<Outcome, AdminFault> {
        let name = service_name(name)?;
        let (account, region) = self.home();
        let parameters = vec![("serviceName", name.clone())];
        let told = Told { event: "DeleteService", account, region, parameters };
        self.change(id, AdminChange::DeleteService { name }, told).await?;
        Ok(Outcome::Done(Unit {}))
    }
}

/// The whole name: `s3` and `s3.amazonaws.com` are the same.
fn service_name(given: &str) -> Result<String, AdminFault> {
    let short = given.strip_suffix(DOMAIN).unwrap_or(given);
    let is_label = |label: &str| {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        !label.is_empty() && label.len() <= 63 && label.bytes().all(allowed)
    };
    if short.len() <= 128 && short.split('.').all(is_label) {
        Ok([short, DOMAIN].concat())
    } else {
        Err(AdminFault::Refused(format!("'{given}' is no service's name, as s3 or logs is")))
    }
}

fn to_message((service, keys): (Service, Vec<AccessKey>)) -> messages::ServicePrincipal {
    messages::ServicePrincipal {
        name: service.name,
        created_at_ms: service.created_at.as_millis(),
        access_keys: keys.into_iter().map(Into::into).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_has_one_name_however_it_is_given() {
        for given in ["s3", "s3.amazonaws.com"] {
            assert_eq!(service_name(given).ok().as_deref(), Some("s3.amazonaws.com"));
        }
        assert!(service_name("logs.us-east-1").is_ok());
        for wrong in ["", "S3", "s3.", ".amazonaws.com", "a b", "s3/x", &"a".repeat(200)] {
            assert!(service_name(wrong).is_err(), "{wrong}");
        }
    }
}

//! Service principals: services that call for themselves and on behalf of others.

use trent_bus::messages::admin_answer::Outcome;
use trent_bus::messages::{ServiceInfo, ServiceList, Unit};
use trent_types::{AdminChange, RequestId, Service};

use super::accounts::refused;
use super::{Admin, AdminFault, Told};

/// What the names of service principals end in, in every partition.
const SUFFIX: &str = ".amazonaws.com";

impl Admin {
    /// Makes a service principal where it is missing, and an access key, whose secret is answered
    /// this once.
    pub(super) async fn create_service(
        &self,
        id: RequestId,
        name: &str,
    ) -> Result<Outcome, AdminFault> {
        let name = full_name(name).ok_or_else(|| {
            refused("a service is named as in s3 or s3.amazonaws.com: letters, digits, - and .")
        })?;
        let core = &self.registry.core;
        let service = Service { name: name.clone(), created_at: core.clock.now() };
        let (access_key, sealed_secret) = self.new_access_key(id, core.account).await?;
        let access_key_id = access_key.access_key_id.clone();
        let change = AdminChange::CreateService { service, access_key, sealed_secret };
        self.change(id, change, self.told_of("CreateService", &name)).await?;
        self.credentials(id, core.account, name, access_key_id).await
    }

    /// The service principals of the deployment.
    pub(super) async fn list_services(&self) -> Result<Outcome, AdminFault> {
        let services = self.registry.core.store.services().await?;
        let services = services.into_iter().map(|(service, keys)| ServiceInfo {
            name: service.name,
            created_at_ms: service.created_at.as_millis(),
            access_key_ids: keys.into_iter().map(|key| key.access_key_id).collect(),
        });
        Ok(Outcome::Services(ServiceList { services: services.collect() }))
    }

    /// Ends a service principal and its access keys.
    pub(super) async fn delete_service(
        &self,
        id: RequestId,
        name: &str,
    ) -> Result<Outcome, AdminFault> {
        let name = full_name(name).ok_or_else(|| refused("there is no such service"))?;
        let told = self.told_of("DeleteService", &name);
        self.change(id, AdminChange::DeleteService { name }, told).await?;
        Ok(Outcome::Done(Unit {}))
    }

    fn told_of(&self, event: &'static str, name: &str) -> Told {
        let (account, region) = self.home();
        Told { event, account, region, parameters: vec![("serviceName", name.to_owned())] }
    }
}

/// `s3.amazonaws.com` of `s3`.
fn full_name(name: &str) -> Option<String> {
    let short = name.strip_suffix(SUFFIX).unwrap_or(name);
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let label = |label: &str| !label.is_empty() && label.bytes().all(plain);
    let fits = short.len() <= 64 && short.split('.').all(label);
    fits.then(|| [short, SUFFIX].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_have_one_name() {
        let s3 = Some("s3.amazonaws.com".to_owned());
        assert_eq!(full_name("s3"), s3);
        assert_eq!(full_name("s3.amazonaws.com"), s3);
        assert_eq!(full_name("logs.eu-west-1").unwrap(), "logs.eu-west-1.amazonaws.com");
        for bad in ["", "S3", "a..b", ".amazonaws.com", "s3/x", "s3.amazonaws.com."] {
            assert_eq!(full_name(bad), None, "{bad}");
        }
    }
}

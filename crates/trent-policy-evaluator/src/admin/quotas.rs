//! Quotas: what they are, and giving them other values.

use trent_bus::convert;
use trent_bus::messages::admin_answer::Outcome;
use trent_bus::messages::{self, ListQuotas, QuotaList, QuotaStatus, Unit};
use trent_types::{
    AccountId, AdminChange, QUOTA_MAX, Quota, QuotaOverride, QuotaScope, Region, RequestId,
    ResourceQuota,
};

use super::{Admin, AdminFault, Told};

impl Admin {
    /// Every quota of an account in a Region.
    pub(super) async fn list_quotas(&self, of: &ListQuotas) -> Result<Outcome, AdminFault> {
        let scope = self.scope(&of.account, &of.region)?;
        let (home_account, home_region) = self.home();
        let account = scope.account.unwrap_or(home_account);
        let region = scope.region.unwrap_or(home_region);
        let core = &self.registry.core;
        let keys_used = core.store.keys_used(account, region).await?;
        let overrides = core.standing.overrides();
        let status = |quota: Quota| {
            let set = QuotaOverride::in_force(&overrides, quota, account, region);
            let default_value = quota.default_limit(region);
            QuotaStatus {
                code: quota.code().to_owned(),
                name: quota.aws_name().to_owned(),
                default_value,
                value: set.map(|set| set.value).or(default_value),
                set_by: set.map(Into::into),
                used: (quota == Quota::Resource(ResourceQuota::KeysPerRegion)).then_some(keys_used),
                adjustable: quota.adjustable(),
            }
        };
        Ok(Outcome::Quotas(QuotaList {
            account: account.as_str().to_owned(),
            region: region.as_str().to_owned(),
            quotas: Quota::all().map(status).collect(),
        }))
    }

    /// Gives a quota another value.
    pub(super) async fn set_quota(
        &self,
        id: RequestId,
        wanted: messages::QuotaOverride,
    ) -> Result<Outcome, AdminFault> {
        let scope = self.scope(&wanted.account, &wanted.region)?;
        let (quota, value) = (quota(&wanted.code)?, wanted.value);
        if !quota.adjustable() {
            return Err(AdminFault::Refused(format!("{quota} cannot be changed, as in AWS")));
        }
        if value > QUOTA_MAX {
            return Err(AdminFault::Refused(format!("{quota}: at most {QUOTA_MAX}")));
        }
        let change = AdminChange::SetQuota(QuotaOverride { quota, scope, value });
        let told = self.told("SetQuota", quota, &scope, Some(value));
        self.change(id, change, told).await?;
        Ok(Outcome::Done(Unit {}))
    }

    /// Takes a value away again.
    pub(super) async fn reset_quota(
        &self,
        id: RequestId,
        wanted: &messages::ResetQuota,
    ) -> Result<Outcome, AdminFault> {
        let scope = self.scope(&wanted.account, &wanted.region)?;
        let quota = quota(&wanted.code)?;
        let told = self.told("ResetQuota", quota, &scope, None);
        self.change(id, AdminChange::ResetQuota { quota, scope }, told).await?;
        Ok(Outcome::Done(Unit {}))
    }

    fn told(
        &self,
        event: &'static str,
        quota: Quota,
        scope: &QuotaScope,
        value: Option<u64>,
    ) -> Told {
        let (home_account, home_region) = self.home();
        let account = scope.account.as_ref().map_or("all", AccountId::as_str).to_owned();
        let region = scope.region.map_or("all", Region::as_str).to_owned();
        let mut parameters = vec![
            ("quotaCode", quota.code().to_owned()),
            ("quotaName", quota.aws_name().to_owned()),
            ("account", account),
            ("region", region),
        ];
        parameters.extend(value.map(|value| ("value", value.to_string())));
        Told {
            event,
            account: scope.account.unwrap_or(home_account),
            region: scope.region.unwrap_or(home_region),
            parameters,
        }
    }

    fn scope(&self, account: &str, region: &str) -> Result<QuotaScope, AdminFault> {
        let refused =
            |_| AdminFault::Refused(format!("account '{account}' or Region '{region}' is none"));
        let scope = convert::quota_scope(account, region).map_err(refused)?;
        if scope.region.is_some_and(|region| !self.registry.core.regions.contains(&region)) {
            return Err(AdminFault::Refused(format!("the Region {region} is not served here")));
        }
        Ok(scope)
    }
}

fn quota(code: &str) -> Result<Quota, AdminFault> {
    code.parse().map_err(|_| {
        AdminFault::Refused(format!("'{code}' is no quota; `trent quota list` lists them"))
    })
}

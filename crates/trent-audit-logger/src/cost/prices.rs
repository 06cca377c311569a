//! The price list: AWS's for us-east-1, or what the operator's file says, for each Region.

use std::collections::HashMap;

use serde::Deserialize;
use trent_types::Region;

use super::RequestKind;

/// Prices of one Region, in billionths of a US dollar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PriceList {
    /// A key for a month.
    pub key_month: i64,
    /// 10,000 requests.
    pub requests: i64,
    /// 10,000 requests of cryptography by RSA_2048.
    pub requests_rsa_2048: i64,
    /// 10,000 requests of cryptography by other asymmetric keys.
    pub requests_asymmetric: i64,
    /// 10,000 data key pairs that are not RSA.
    pub data_key_pairs_ecc: i64,
    /// 10,000 RSA data key pairs.
    pub data_key_pairs_rsa: i64,
}

impl Default for PriceList {
    fn default() -> Self {
        Self {
            key_month: 1_000_000_000,
            requests: 30_000_000,
            requests_rsa_2048: 30_000_000,
            requests_asymmetric: 150_000_000,
            data_key_pairs_ecc: 100_000_000,
            data_key_pairs_rsa: 12_000_000_000,
        }
    }
}

impl PriceList {
    pub(crate) const fn per_10_000(&self, kind: RequestKind) -> i64 {
        match kind {
            RequestKind::Requests => self.requests,
            RequestKind::Rsa2048 => self.requests_rsa_2048,
            RequestKind::Asymmetric => self.requests_asymmetric,
            RequestKind::PairEcc => self.data_key_pairs_ecc,
            RequestKind::PairRsa => self.data_key_pairs_rsa,
        }
    }
}

/// The prices of all Regions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prices {
    default: PriceList,
    regions: HashMap<String, PriceList>,
    /// Requests of an account in a month that cost nothing, over all Regions.
    pub free_requests: u64,
}

impl Default for Prices {
    fn default() -> Self {
        Self { default: PriceList::default(), regions: HashMap::new(), free_requests: 20_000 }
    }
}

/// A price list that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PriceError {
    /// It is no TOML, or has members that a price list has not.
    #[error("{0}")]
    Malformed(String),
    /// A price is no number of US dollars as in `"0.03"`.
    #[error(
        "{name}: {value:?} is no price: write US dollars as text, as in \"0.03\", with at \
        most nine digits after the point"
    )]
    NoPrice {
        /// The member.
        name: &'static str,
        /// What it says.
        value: String,
    },
    /// There is no such Region.
    #[error("{0:?} is no Region")]
    NoRegion(String),
}

/// The file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    free_requests: Option<u64>,
    #[serde(default)]
    default: Given,
    #[serde(default)]
    regions: HashMap<String, Given>,
}

/// Prices in US dollars; those that are left out are the default's.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    key_month: Option<String>,
    requests: Option<String>,
    requests_rsa_2048: Option<String>,
    requests_asymmetric: Option<String>,
    data_key_pairs_ecc: Option<String>,
    data_key_pairs_rsa: Option<String>,
}

impl Prices {
    /// Reads a price file (TOML).
    ///
    /// # Errors
    /// [`PriceError`] says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, PriceError> {
        let file: File =
            toml::from_str(text).map_err(|error| PriceError::Malformed(error.to_string()))?;
        let default = file.default.over(PriceList::default())?;
        let mut regions = HashMap::with_capacity(file.regions.len());
        for (name, given) in file.regions {
            if name.parse::<Region>().is_err() {
                return Err(PriceError::NoRegion(name));
            }
            regions.insert(name, given.over(default)?);
        }
        let free_requests = file.free_requests.unwrap_or(Self::default().free_requests);
        Ok(Self { default, regions, free_requests })
    }

    /// The prices of a Region.
    #[must_use]
    pub fn of(&self, region: &str) -> &PriceList {
        self.regions.get(region).unwrap_or(&self.default)
    }
}

impl Given {
    fn over(&self, base: PriceList) -> Result<PriceList, PriceError> {
        let price = |name, given: &Option<String>, base: i64| match given {
            None => Ok(base),
            Some(value) => {
                nano(value).ok_or_else(|| PriceError::NoPrice { name, value: value.clone() })
            }
        };
        Ok(PriceList {
            key_month: price("key_month", &self.key_month, base.key_month)?,
            requests: price("requests", &self.requests, base.requests)?,
            requests_rsa_2048: price(
                "requests_rsa_2048",
                &self.requests_rsa_2048,
                base.requests_rsa_2048,
            )?,
            requests_asymmetric: price(
                "requests_asymmetric",
                &self.requests_asymmetric,
                base.requests_asymmetric,
            )?,
            data_key_pairs_ecc: price(
                "data_key_pairs_ecc",
                &self.data_key_pairs_ecc,
                base.data_key_pairs_ecc,
            )?,
            data_key_pairs_rsa: price(
                "data_key_pairs_rsa",
                &self.data_key_pairs_rsa,
                base.data_key_pairs_rsa,
            )?,
        })
    }
}

/// Billionths of a decimal number of US dollars.
fn nano(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || whole.len() > 6 || fraction.len() > 9 {
        return None;
    }
    let whole: i64 = whole.parse().ok()?;
    let fraction: i64 = format!("{fraction:0<9}").parse().ok()?;
    Some(whole * 1_000_000_000 + fraction)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_changes_what_it_names() {
        let file = "free_requests = 5\n[default]\nrequests = \"0.04\"\n\
            [regions.sa-east-1]\nkey_month = \"2\"\ndata_key_pairs_rsa = \"12.000000001\"\n";
        let prices = Prices::parse(file).unwrap();
        let default = PriceList { requests: 40_000_000, ..PriceList::default() };
        assert_eq!((prices.free_requests, prices.of("us-east-1")), (5, &default));
        let there =
            PriceList { key_month: 2_000_000_000, data_key_pairs_rsa: 12_000_000_001, ..default };
        assert_eq!(prices.of("sa-east-1"), &there);
        assert_eq!(Prices::parse("").unwrap(), Prices::default());
    }

    #[test]
    fn what_is_no_price_list_is_refused_with_its_name() {
        for (file, why) in [
            ("[default]\nrequests = \"0.0000000001\"", "requests"),
            ("[default]\nkey_month = \"-1\"", "key_month"),
            ("[default]\nkey_month = \"1,5\"", "key_month"),
            ("[default]\nkey_month = \".5\"", "key_month"),
            ("[default]\nkey_month = \"1000000\"", "key_month"),
            ("[default]\nkey_month = 1.0", "key_month"),
            ("[default]\nkey = \"1\"", "unknown field"),
            ("[regions.mars-1]\nkey_month = \"1\"", "mars-1"),
            ("prices = 1", "unknown field"),
        ] {
            let refused = Prices::parse(file).unwrap_err().to_string();
            assert!(refused.contains(why), "{file}: {refused}");
        }
    }
}

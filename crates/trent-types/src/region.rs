//! AWS Regions and the partition each belongs to.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use crate::Malformed;

/// The part of an ARN that follows `arn:`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Partition {
    /// Commercial Regions.
    Aws,
    /// China.
    AwsCn,
    /// GovCloud (US).
    AwsUsGov,
}

impl Partition {
    /// The partition as ARNs write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::AwsCn => "aws-cn",
            Self::AwsUsGov => "aws-us-gov",
        }
    }
}

/// A Region that Trent knows. Copying and comparing it cost nothing: it points into a fixed table,
/// in which each Region stands once.
#[derive(Clone, Copy)]
pub struct Region(&'static (&'static str, Partition));

/// Every Region of the three partitions (AWS General Reference, "Regional endpoints").
static REGIONS: &[(&str, Partition)] = &[
    ("af-south-1", Partition::Aws),
    ("ap-east-1", Partition::Aws),
    ("ap-east-2", Partition::Aws),
    ("ap-northeast-1", Partition::Aws),
    ("ap-northeast-2", Partition::Aws),
    ("ap-northeast-3", Partition::Aws),
    ("ap-south-1", Partition::Aws),
    ("ap-south-2", Partition::Aws),
    ("ap-southeast-1", Partition::Aws),
    ("ap-southeast-2", Partition::Aws),
    ("ap-southeast-3", Partition::Aws),
    ("ap-southeast-4", Partition::Aws),
    ("ap-southeast-5", Partition::Aws),
    ("ap-southeast-7", Partition::Aws),
    ("ca-central-1", Partition::Aws),
    ("ca-west-1", Partition::Aws),
    ("cn-north-1", Partition::AwsCn),
    ("cn-northwest-1", Partition::AwsCn),
    ("eu-central-1", Partition::Aws),
    ("eu-central-2", Partition::Aws),
    ("eu-north-1", Partition::Aws),
    ("eu-south-1", Partition::Aws),
    ("eu-south-2", Partition::Aws),
    ("eu-west-1", Partition::Aws),
    ("eu-west-2", Partition::Aws),
    ("eu-west-3", Partition::Aws),
    ("il-central-1", Partition::Aws),
    ("me-central-1", Partition::Aws),
    ("me-south-1", Partition::Aws),
    ("mx-central-1", Partition::Aws),
    ("sa-east-1", Partition::Aws),
    ("us-east-1", Partition::Aws),
    ("us-east-2", Partition::Aws),
    ("us-gov-east-1", Partition::AwsUsGov),
    ("us-gov-west-1", Partition::AwsUsGov),
    ("us-west-1", Partition::Aws),
    ("us-west-2", Partition::Aws),
];

impl Region {
    /// The Region where IAM, which is one service for each partition, is at home: what AWS's own
    /// endpoint makes clients sign for, and records and conditions name.
    #[must_use]
    pub fn of_iam(self) -> Self {
        let home = match self.partition() {
            Partition::Aws => "us-east-1",
            Partition::AwsCn => "cn-north-1",
            Partition::AwsUsGov => "us-gov-west-1",
        };
        REGIONS.iter().find(|(name, _)| *name == home).map_or(self, Self)
    }

    /// The Region's name, as in `us-east-1`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.0.0
    }

    /// The partition that this Region's ARNs carry.
    #[must_use]
    pub const fn partition(self) -> Partition {
        self.0.1
    }

    /// All Regions, in the order of their names.
    pub fn all() -> impl Iterator<Item = Self> {
        REGIONS.iter().map(Self)
    }
}

impl FromStr for Region {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        REGIONS
            .binary_search_by(|(name, _)| (*name).cmp(text))
            .ok()
            .and_then(|at| REGIONS.get(at))
            .map(Self)
            .ok_or(Malformed::new("Region"))
    }
}

impl PartialEq for Region {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.0, other.0)
    }
}

impl Eq for Region {}

impl Hash for Region {
    fn hash<H: Hasher>(&self, state: &mut H) {
        std::ptr::from_ref(self.0).addr().hash(state);
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_so_that_every_region_is_found() {
        for region in Region::all() {
            assert_eq!(region.as_str().parse::<Region>().unwrap(), region);
        }
        assert!("us-east-9".parse::<Region>().is_err());
    }

    #[test]
    fn the_partition_follows_the_region() {
        let partition = |name: &str| name.parse::<Region>().unwrap().partition().as_str();
        assert_eq!(partition("eu-west-1"), "aws");
        assert_eq!(partition("us-gov-west-1"), "aws-us-gov");
        assert_eq!(partition("cn-north-1"), "aws-cn");
    }
}

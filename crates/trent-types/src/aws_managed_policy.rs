//! AWS managed policies: the few that make sense where only KMS, IAM and STS are served (AWS
//! Managed Policy Reference).

/// A policy that AWS keeps, the same in every account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AwsManagedPolicy {
    /// Its name, which ends its ARN.
    pub name: &'static str,
    /// `/` or `/job-function/`.
    pub path: &'static str,
    /// `ANPA…`.
    pub policy_id: &'static str,
    /// What AWS says that it is for.
    pub description: &'static str,
    /// The document.
    pub document: &'static str,
}

static POLICIES: [AwsManagedPolicy; 5] = [
    AwsManagedPolicy {
        name: "AdministratorAccess",
        path: "/",
        policy_id: "ANPAIWMBCKSKIEE64ZLYK",
        description: "Provides full access to AWS services and resources.",
        document: r#"{
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "*",
            "Resource": "*"
        }
    ]
}"#,
    },
    AwsManagedPolicy {
        name: "PowerUserAccess",
        path: "/",
        policy_id: "ANPAJYRXTHIB4FOVS3ZXS",
        description: "Provides full access to AWS services and resources, but does not allow \
                      management of Users and groups.",
        document: r#"{
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "NotAction": [
                "iam:*",
                "organizations:*",
                "account:*"
            ],
            "Resource": "*"
        },
        {
            "Effect": "Allow",
            "Action": [
                "account:GetAccountInformation",
                "account:GetPrimaryEmail",
                "account:ListRegions",
                "iam:CreateServiceLinkedRole",
                "iam:DeleteServiceLinkedRole",
                "iam:ListRoles",
                "organizations:DescribeEffectivePolicy",
                "organizations:DescribeOrganization"
            ],
            "Resource": "*"
        }
    ]
}"#,
    },
    AwsManagedPolicy {
        name: "IAMFullAccess",
        path: "/",
        policy_id: "ANPAI7XKCFMBPM3QQRRVQ",
        description: "Provides full access to IAM via the AWS Management Console.",
        document: r#"{
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": [
                "iam:*",
                "organizations:DescribeAccount",
                "organizations:DescribeOrganization",
                "organizations:DescribeOrganizationalUnit",
                "organizations:DescribePolicy",
                "organizations:ListChildren",
                "organizations:ListParents",
                "organizations:ListPoliciesForTarget",
                "organizations:ListRoots",
                "organizations:ListPolicies",
                "organizations:ListTargetsForPolicy"
            ],
            "Resource": "*"
        }
    ]
}"#,
    },
    AwsManagedPolicy {
        name: "IAMReadOnlyAccess",
        path: "/",
        policy_id: "ANPAJKSO7NDY4T57MWDSQ",
        description: "Provides read only access to IAM via the AWS Management Console.",
        document: r#"{
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": [
                "iam:GenerateCredentialReport",
                "iam:GenerateServiceLastAccessedDetails",
                "iam:Get*",
                "iam:List*",
                "iam:SimulateCustomPolicy",
                "iam:SimulatePrincipalPolicy"
            ],
            "Resource": "*"
        }
    ]
}"#,
    },
    AwsManagedPolicy {
        name: "AWSKeyManagementServicePowerUser",
        path: "/",
        policy_id: "ANPAJNPP7PPPPMJRV2SA4",
        description: "Provides access to AWS Key Management Service (KMS).",
        document: r#"{
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": [
                "kms:CreateAlias",
                "kms:CreateKey",
                "kms:DeleteAlias",
                "kms:Describe*",
                "kms:GenerateRandom",
                "kms:Get*",
                "kms:List*",
                "kms:TagResource",
                "kms:UntagResource",
                "iam:ListGroups",
                "iam:ListRoles",
                "iam:ListUsers"
            ],
            "Resource": "*"
        }
    ]
}"#,
    },
];

/// All of them.
#[must_use]
pub const fn aws_managed_policies() -> &'static [AwsManagedPolicy] {
    &POLICIES
}

/// The one with this ARN, `arn:aws:iam::aws:policy/AdministratorAccess`, in any partition.
#[must_use]
pub fn aws_managed_policy(arn: &str) -> Option<&'static AwsManagedPolicy> {
    let (partition, rest) = arn.strip_prefix("arn:")?.split_once(':')?;
    let known = matches!(partition, "aws" | "aws-cn" | "aws-us-gov");
    let path_and_name = rest.strip_prefix("iam::aws:policy")?;
    POLICIES
        .iter()
        .find(|policy| known && path_and_name.strip_prefix(policy.path) == Some(policy.name))
}

impl AwsManagedPolicy {
    /// Its ARN in a partition.
    #[must_use]
    pub fn arn(&self, partition: crate::Partition) -> String {
        ["arn:", partition.as_str(), ":iam::aws:policy", self.path, self.name].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_found_by_its_arn() {
        use crate::Partition;
        for policy in aws_managed_policies() {
            assert!(policy.policy_id.starts_with("ANPA") && policy.policy_id.len() == 21);
            for partition in [Partition::Aws, Partition::AwsCn, Partition::AwsUsGov] {
                assert_eq!(aws_managed_policy(&policy.arn(partition)), Some(policy));
            }
        }
    }

    #[test]
    fn nothing_else_is_found() {
        for arn in [
            "arn:aws:iam::aws:policy/Administrator",
            "arn:aws:iam::aws:policy/job-function/AdministratorAccess",
            "arn:aws:iam::111122223333:policy/AdministratorAccess",
            "arn:moon:iam::aws:policy/AdministratorAccess",
            "AdministratorAccess",
        ] {
            assert_eq!(aws_managed_policy(arn), None, "{arn}");
        }
    }
}

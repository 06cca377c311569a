//! The key policies of AWS managed keys (AWS KMS Developer Guide, "AWS managed keys").

use trent_types::{AccountId, Partition, Region};

/// Services that have AWS managed keys: the name in the alias, `aws/<name>`, the name in prose, and
/// the service that calls, without its Region.
const SERVICES: &[(&str, &str, &str)] = &[
    ("acm", "ACM", "acm"),
    ("backup", "AWS Backup", "backup"),
    ("dynamodb", "Amazon DynamoDB", "dynamodb"),
    ("ebs", "EBS", "ec2"),
    ("elasticfilesystem", "Amazon EFS", "elasticfilesystem"),
    ("es", "Amazon ES", "es"),
    ("fsx", "Amazon FSx", "fsx"),
    ("glue", "Glue", "glue"),
    ("kinesis", "Kinesis", "kinesis"),
    ("lambda", "AWS Lambda", "lambda"),
    ("rds", "RDS", "rds"),
    ("redshift", "Redshift", "redshift"),
    ("s3", "S3", "s3"),
    ("secretsmanager", "AWS Secrets Manager", "secretsmanager"),
    ("sns", "SNS", "sns"),
    ("sqs", "SQS", "sqs"),
    ("ssm", "SSM", "ssm"),
];

/// The policy of the AWS managed key of a service, named as in its alias: `s3` of `aws/s3`. All
/// principals of the account may use the key through the service, and the account may see its
/// metadata. A service that is not known is called by its name in capital letters.
#[must_use]
pub fn aws_managed_key_policy(
    service: &str,
    account: AccountId,
    region: Region,
    partition: Partition,
) -> String {
    let known = SERVICES.iter().find(|(name, ..)| *name == service);
    let capitals = service.to_ascii_uppercase();
    let (prose, host) = known.map_or((&*capitals, service), |(_, prose, host)| (*prose, *host));
    let partition = partition.as_str();
    let sid = format!(
        "Allow access through {prose} for all principals in the account that are authorized to \
         use {prose}"
    );
    let actions = [
        "kms:Encrypt",
        "kms:Decrypt",
        "kms:ReEncrypt*",
        "kms:GenerateDataKey*",
        "kms:CreateGrant",
        "kms:DescribeKey",
    ]
    .join("\", \"");
    format!(
        r#"{{
  "Version" : "2012-10-17",
  "Id" : "auto-{service}-2",
  "Statement" : [ {{
    "Sid" : "{sid}",
    "Effect" : "Allow",
    "Principal" : {{
      "AWS" : "*"
    }},
    "Action" : [ "{actions}" ],
    "Resource" : "*",
    "Condition" : {{
      "StringEquals" : {{
        "kms:CallerAccount" : "{account}",
        "kms:ViaService" : "{host}.{region}.amazonaws.com"
      }}
    }}
  }}, {{
    "Sid" : "Allow direct access to key metadata to the account",
    "Effect" : "Allow",
    "Principal" : {{
      "AWS" : "arn:{partition}:iam::{account}:root"
    }},
    "Action" : [ "kms:Describe*", "kms:Get*", "kms:List*", "kms:RevokeGrant" ],
    "Resource" : "*"
  }} ]
}}"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Policy, PolicyKind};

    #[test]
    fn each_services_policy_is_a_key_policy_with_its_own_conditions() {
        let (account, region) = ("111122223333".parse().unwrap(), "eu-central-1".parse().unwrap());
        for service in SERVICES.iter().map(|(name, ..)| *name).chain(["newservice"]) {
            let text = aws_managed_key_policy(service, account, region, Partition::Aws);
            let policy = Policy::parse(&text, PolicyKind::KeyPolicy).unwrap();
            let keys: Vec<_> = policy.condition_keys().collect();
            assert_eq!(keys, ["kms:CallerAccount", "kms:ViaService"], "{service}");
            assert_eq!(policy.principals().count(), 2);
            assert!(text.contains(&format!("\"Id\" : \"auto-{service}-2\"")));
        }
    }

    #[test]
    fn the_names_are_those_of_the_service_that_calls() {
        let (account, region) = ("111122223333".parse().unwrap(), "cn-north-1".parse().unwrap());
        let text = aws_managed_key_policy("ebs", account, region, Partition::AwsCn);
        assert!(text.contains(
            "\"Allow access through EBS for all principals in the account that are authorized to \
             use EBS\""
        ));
        assert!(text.contains("\"kms:CreateGrant\", \"kms:DescribeKey\" ],"));
        assert!(text.contains("\"ec2.cn-north-1.amazonaws.com\""));
        assert!(text.contains("\"arn:aws-cn:iam::111122223333:root\""));
        let text = aws_managed_key_policy("newservice", account, region, Partition::AwsCn);
        assert!(text.contains("through NEWSERVICE for") && text.contains("\"newservice.cn-north"));
    }
}

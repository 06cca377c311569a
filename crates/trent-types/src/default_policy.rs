//! The key policy of a key that was made without one.

use crate::{AccountId, Partition};

/// The text, byte for byte as GetKeyPolicy returns it (AWS KMS Developer Guide, "Default key
/// policy").
#[must_use]
pub fn default_key_policy(account: AccountId, partition: Partition) -> String {
    let partition = partition.as_str();
    format!(
        r#"{{
  "Version" : "2012-10-17",
  "Id" : "key-default-1",
  "Statement" : [ {{
    "Sid" : "Enable IAM User Permissions",
    "Effect" : "Allow",
    "Principal" : {{
      "AWS" : "arn:{partition}:iam::{account}:root"
    }},
    "Action" : "kms:*",
    "Resource" : "*"
  }} ]
}}"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_policy_is_aws_text() {
        let text = default_key_policy("111122223333".parse().unwrap(), Partition::AwsCn);
        assert!(
            text.starts_with("{\n  \"Version\" : \"2012-10-17\",\n  \"Id\" : \"key-default-1\",")
        );
        assert!(text.contains("\n      \"AWS\" : \"arn:aws-cn:iam::111122223333:root\"\n    },\n"));
        assert!(text.ends_with("\n    \"Resource\" : \"*\"\n  } ]\n}"));
    }
}

// Trust policies of roles, as the page makes them.

/** Lets an account's users and roles assume the role, where policies of theirs allow it, too. */
export function trustOf(partition: string, account: string): string {
  return JSON.stringify(
    {
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: { AWS: `arn:${partition}:iam::${account}:root` }, Action: "sts:AssumeRole" }],
    },
    null,
    4,
  );
}

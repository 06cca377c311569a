// The IAM calls of the pages.
import { callQuery, type Endpoint } from "./transport";
import type { XmlNode } from "./xml";

export interface Entity {
  name: string;
  arn: string;
  id: string;
  path: string;
  created: string;
  description: string;
}

export interface AccessKey {
  id: string;
  status: "Active" | "Inactive";
  created: string;
}

export interface PolicyRef {
  name: string;
  arn: string;
}

export type Kind = "User" | "Role" | "Group";

const entity =
  (kind: Kind | "Policy") =>
  (node: XmlNode): Entity => ({
    name: node.value(`${kind}Name`),
    arn: node.value("Arn"),
    id: node.value(`${kind}Id`),
    path: node.value("Path"),
    created: node.value("CreateDate"),
    description: node.value("Description"),
  });

/** IAM for one account; any Region does. */
export function bindIam(endpoint: Endpoint) {
  const call = (action: string, input: Record<string, string | undefined> = {}) =>
    callQuery(endpoint, "iam", action, input);

  async function all<Item>(
    action: string,
    member: string,
    read: (node: XmlNode) => Item,
    input: Record<string, string | undefined> = {},
  ): Promise<Item[]> {
    const items: Item[] = [];
    let marker: string | undefined;
    do {
      const page = await call(action, { ...input, MaxItems: "1000", Marker: marker });
      items.push(...page.members(member).map(read));
      marker = page.value("IsTruncated") === "true" ? page.value("Marker") : undefined;
    } while (marker);
    return items;
  }

  const policyRef = (node: XmlNode): PolicyRef => ({ name: node.value("PolicyName"), arn: node.value("PolicyArn") });

  return {
    call,
    users: () => all("ListUsers", "Users", entity("User")),
    roles: () => all("ListRoles", "Roles", entity("Role")),
    groups: () => all("ListGroups", "Groups", entity("Group")),
    policies: (scope: "Local" | "All") => all("ListPolicies", "Policies", entity("Policy"), { Scope: scope }),
    one: async (kind: Kind, name: string) => {
      const node = (await call(`Get${kind}`, { [`${kind}Name`]: name })).child(kind);
      if (!node) throw new SyntaxError(`Get${kind} without ${kind}`);
      return {
        ...entity(kind)(node),
        boundary: node.child("PermissionsBoundary")?.value("PermissionsBoundaryArn") ?? "",
        trust: decodeURIComponent(node.value("AssumeRolePolicyDocument")),
      };
    },
    accessKeys: (user: string) =>
      all<AccessKey>(
        "ListAccessKeys",
        "AccessKeyMetadata",
        (node) => ({
          id: node.value("AccessKeyId"),
          status: node.value("Status") === "Active" ? "Active" : "Inactive",
          created: node.value("CreateDate"),
        }),
        { UserName: user },
      ),
    createAccessKey: async (user: string) => {
      const key = (await call("CreateAccessKey", { UserName: user })).child("AccessKey");
      return { id: key?.value("AccessKeyId") ?? "", secret: key?.value("SecretAccessKey") ?? "" };
    },
    attached: (kind: Kind, name: string) =>
      all(`ListAttached${kind}Policies`, "AttachedPolicies", policyRef, { [`${kind}Name`]: name }),
    inline: (kind: Kind, name: string) =>
      all(`List${kind}Policies`, "PolicyNames", (node) => node.text, { [`${kind}Name`]: name }),
    inlineDocument: async (kind: Kind, name: string, policy: string) =>
      decodeURIComponent(
        (await call(`Get${kind}Policy`, { [`${kind}Name`]: name, PolicyName: policy })).value("PolicyDocument"),
      ),
    groupsOf: (user: string) => all("ListGroupsForUser", "Groups", entity("Group"), { UserName: user }),
    membersOf: (group: string) => all("GetGroup", "Users", entity("User"), { GroupName: group }),
    managedDocument: async (arn: string) => {
      const policy = (await call("GetPolicy", { PolicyArn: arn })).child("Policy");
      const version = policy?.value("DefaultVersionId") ?? "v1";
      const found = await call("GetPolicyVersion", { PolicyArn: arn, VersionId: version });
      return decodeURIComponent(found.child("PolicyVersion")?.value("Document") ?? "");
    },
  };
}

export type Iam = ReturnType<typeof bindIam>;

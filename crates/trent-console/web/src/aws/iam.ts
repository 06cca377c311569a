// The IAM calls of the pages.
import type { Tag } from "./model";
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

/** A user, role or group with what only its own page shows. */
export interface Details extends Entity {
  /** The ARN of a policy; empty where there is none. */
  boundary: string;
  /** The trust policy of a role. */
  trust: string;
  /** The longest session of a role, in seconds. */
  maxSessionS: number;
}

export interface AccessKey {
  id: string;
  status: "Active" | "Inactive";
  created: string;
  /** Undefined where it may not be known. */
  lastUsed?: { at: string; service: string; region: string } | "never";
}

export interface PolicyRef {
  name: string;
  arn: string;
}

export interface ManagedPolicy extends Entity {
  defaultVersion: string;
  /** What it is attached to, and what it bounds. */
  attachments: number;
  boundaries: number;
}

export interface PolicyVersion {
  id: string;
  isDefault: boolean;
  created: string;
}

export interface Simulated {
  decision: "allowed" | "explicitDeny" | "implicitDeny";
  /** The statements that decided, by policy and line. */
  matched: { policy: string; type: string; line: string }[];
  /** Whether the permissions boundary allows it; undefined where there is none. */
  boundaryAllows?: boolean;
}

export type Kind = "User" | "Role" | "Group";
type Input = Record<string, string | undefined>;

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

/** A list as the query protocol writes it: `Name.member.1`, or `Name.member.1.Key` where the members have parts. */
export function members(name: string, items: (string | Record<string, string>)[]): Input {
  const named: Input = {};
  for (const [index, item] of items.entries()) {
    const path = `${name}.member.${index + 1}`;
    if (typeof item === "string") named[path] = item;
    else for (const [part, value] of Object.entries(item)) named[`${path}.${part}`] = value;
  }
  return named;
}

/** How an entity or a policy is named in a request. */
export const named = (kind: Kind | "Policy", name: string): Input => (kind === "Policy" ? { PolicyArn: name } : { [`${kind}Name`]: name });

/** IAM for one account; any Region does. */
export function bindIam(endpoint: Endpoint) {
  const call = (action: string, input: Input = {}) => callQuery(endpoint, "iam", action, input);

  async function all<Item>(action: string, member: string, read: (node: XmlNode) => Item, input: Input = {}): Promise<Item[]> {
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
  const accessKeys = (user: string) =>
    all<AccessKey>(
      "ListAccessKeys",
      "AccessKeyMetadata",
      (node) => ({
        id: node.value("AccessKeyId"),
        status: node.value("Status") === "Active" ? "Active" : "Inactive",
        created: node.value("CreateDate"),
      }),
      { UserName: user },
    );
  const attached = (kind: Kind, name: string) =>
    all(`ListAttached${kind}Policies`, "AttachedPolicies", policyRef, named(kind, name));
  const inline = (kind: Kind, name: string) => all(`List${kind}Policies`, "PolicyNames", (node) => node.text, named(kind, name));
  const groupsOf = (user: string) => all("ListGroupsForUser", "Groups", entity("Group"), { UserName: user });
  const membersOf = (group: string) => all("GetGroup", "Users", entity("User"), { GroupName: group });
  const versions = (arn: string) =>
    all<PolicyVersion>(
      "ListPolicyVersions",
      "Versions",
      (node) => ({ id: node.value("VersionId"), isDefault: node.value("IsDefaultVersion") === "true", created: node.value("CreateDate") }),
      { PolicyArn: arn },
    );
  const entitiesOf = async (arn: string): Promise<{ kind: Kind; name: string }[]> => {
    const of = (kind: Kind) =>
      all("ListEntitiesForPolicy", `Policy${kind}s`, (node) => ({ kind, name: node.value(`${kind}Name`) }), {
        PolicyArn: arn,
        EntityFilter: kind,
      });
    return [...(await of("User")), ...(await of("Group")), ...(await of("Role"))];
  };

  /** Deletes a user, role or group with everything that would stand in the way: keys, memberships and policies. */
  async function remove(kind: Kind, name: string): Promise<void> {
    if (kind === "User") {
      for (const key of await accessKeys(name)) await call("DeleteAccessKey", { UserName: name, AccessKeyId: key.id });
      for (const group of await groupsOf(name)) await call("RemoveUserFromGroup", { UserName: name, GroupName: group.name });
    }
    if (kind === "Group") {
      for (const user of await membersOf(name)) await call("RemoveUserFromGroup", { UserName: user.name, GroupName: name });
    }
    for (const policy of await attached(kind, name)) await call(`Detach${kind}Policy`, { ...named(kind, name), PolicyArn: policy.arn });
    for (const policy of await inline(kind, name)) await call(`Delete${kind}Policy`, { ...named(kind, name), PolicyName: policy });
    await call(`Delete${kind}`, named(kind, name));
  }

  /** Deletes a managed policy: detached everywhere, and without its versions. */
  async function removePolicy(arn: string): Promise<void> {
    for (const one of await entitiesOf(arn)) await call(`Detach${one.kind}Policy`, { ...named(one.kind, one.name), PolicyArn: arn });
    for (const version of await versions(arn)) {
      if (!version.isDefault) await call("DeletePolicyVersion", { PolicyArn: arn, VersionId: version.id });
    }
    await call("DeletePolicy", { PolicyArn: arn });
  }

  return {
    call,
    users: () => all("ListUsers", "Users", entity("User")),
    roles: () => all("ListRoles", "Roles", entity("Role")),
    groups: () => all("ListGroups", "Groups", entity("Group")),
    policies: (scope: "Local" | "All") => all("ListPolicies", "Policies", entity("Policy"), { Scope: scope }),
    one: async (kind: Kind, name: string): Promise<Details> => {
      const node = (await call(`Get${kind}`, named(kind, name))).child(kind);
      if (!node) throw new SyntaxError(`Get${kind} without ${kind}`);
      return {
        ...entity(kind)(node),
        boundary: node.child("PermissionsBoundary")?.value("PermissionsBoundaryArn") ?? "",
        trust: decodeURIComponent(node.value("AssumeRolePolicyDocument")),
        maxSessionS: Number(node.value("MaxSessionDuration") || 3600),
      };
    },
    remove,
    accessKeys: async (user: string) => {
      const keys = await accessKeys(user);
      for (const key of keys) {
        try {
          const used = (await call("GetAccessKeyLastUsed", { AccessKeyId: key.id })).child("AccessKeyLastUsed");
          const at = used?.value("LastUsedDate");
          key.lastUsed = at ? { at, service: used?.value("ServiceName") ?? "", region: used?.value("Region") ?? "" } : "never";
        } catch {
          // The keys themselves are shown to whoever may list them.
        }
      }
      return keys;
    },
    createAccessKey: async (user: string) => {
      const key = (await call("CreateAccessKey", { UserName: user })).child("AccessKey");
      return { id: key?.value("AccessKeyId") ?? "", secret: key?.value("SecretAccessKey") ?? "" };
    },
    attached,
    inline,
    inlineDocument: async (kind: Kind, name: string, policy: string) =>
      decodeURIComponent((await call(`Get${kind}Policy`, { ...named(kind, name), PolicyName: policy })).value("PolicyDocument")),
    groupsOf,
    membersOf,
    tags: (kind: "User" | "Role" | "Policy", name: string): Promise<Tag[]> =>
      all(`List${kind}Tags`, "Tags", (node) => ({ TagKey: node.value("Key"), TagValue: node.value("Value") }), named(kind, name)),
    policy: async (arn: string): Promise<ManagedPolicy> => {
      const node = (await call("GetPolicy", { PolicyArn: arn })).child("Policy");
      if (!node) throw new SyntaxError("GetPolicy without Policy");
      return {
        ...entity("Policy")(node),
        defaultVersion: node.value("DefaultVersionId"),
        attachments: Number(node.value("AttachmentCount") || 0),
        boundaries: Number(node.value("PermissionsBoundaryUsageCount") || 0),
      };
    },
    versions,
    document: async (arn: string, version: string) => {
      const found = await call("GetPolicyVersion", { PolicyArn: arn, VersionId: version });
      return decodeURIComponent(found.child("PolicyVersion")?.value("Document") ?? "");
    },
    entitiesOf,
    removePolicy,
    /** What today's policies make of one request of a user's or role's. */
    simulate: async (principal: string, action: string, resource: string): Promise<Simulated> => {
      const input = { PolicySourceArn: principal, ...members("ActionNames", [action]), ...members("ResourceArns", [resource]) };
      const [result] = (await call("SimulatePrincipalPolicy", input)).members("EvaluationResults");
      if (!result) throw new SyntaxError("SimulatePrincipalPolicy without results");
      const boundary = result.child("PermissionsBoundaryDecisionDetail")?.value("AllowedByPermissionsBoundary");
      return {
        decision: result.value("EvalDecision") as Simulated["decision"],
        matched: result.members("MatchedStatements").map((node) => ({
          policy: node.value("SourcePolicyId"),
          type: node.value("SourcePolicyType"),
          line: node.child("StartPosition")?.value("Line") ?? "",
        })),
        boundaryAllows: boundary === undefined || boundary === "" ? undefined : boundary === "true",
      };
    },
  };
}

export type Iam = ReturnType<typeof bindIam>;

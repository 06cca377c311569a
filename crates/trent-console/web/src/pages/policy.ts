// The key policy that AWS's console makes, what can be read back out of one, and what is wrong with
// a policy that somebody has typed. Trent decides; this only says the same sooner.
import { utf8 } from "../aws/bytes";
import type { KeyUsage } from "../aws/model";
import { jsonErrorOffset, lineAndColumn } from "../parts/json-place";
import { detailTexts } from "../texts";

const texts = detailTexts.policy;

export interface PolicyChoices {
  account: string;
  administrators: string[];
  administratorsMayDelete: boolean;
  users: string[];
  /** Account IDs. */
  otherAccounts: string[];
}

export interface KeyKind {
  asymmetric: boolean;
  usage: KeyUsage;
  external: boolean;
  multiRegion: boolean;
  /** As its Region's ARNs write it. */
  partition: string;
}

interface Statement {
  Sid?: string;
  Effect: string;
  Principal?: unknown;
  Action?: unknown;
  Resource?: unknown;
  Condition?: unknown;
  NotPrincipal?: unknown;
  NotAction?: unknown;
}

export interface PolicyDocument {
  Id?: string;
  Version?: string;
  Statement: Statement[];
}

export const SIZE_MAX = 32_768;

const SIDS = {
  account: "Enable IAM User Permissions",
  administrators: "Allow access for Key Administrators",
  users: "Allow use of the key",
  grants: "Allow attachment of persistent resources",
};

const DELETION = ["kms:ScheduleKeyDeletion", "kms:CancelKeyDeletion"];
const GRANTS = ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"];

const rootOf = (partition: string, account: string): string => `arn:${partition}:iam::${account}:root`;
const oneOrMany = (list: string[]): string | string[] => (list.length === 1 ? (list[0] ?? "") : list);

function administration(kind: KeyKind, mayDelete: boolean): string[] {
  return [
    "kms:Create*",
    "kms:Describe*",
    "kms:Enable*",
    "kms:List*",
    "kms:Put*",
    "kms:Update*",
    "kms:Revoke*",
    "kms:Disable*",
    "kms:Get*",
    "kms:Delete*",
    ...(kind.external ? ["kms:ImportKeyMaterial"] : []),
    "kms:TagResource",
    "kms:UntagResource",
    ...(mayDelete ? DELETION : []),
    ...(kind.multiRegion ? ["kms:ReplicateKey", "kms:UpdatePrimaryRegion"] : []),
    "kms:RotateKeyOnDemand",
  ];
}

function useOfTheKey({ asymmetric, usage }: KeyKind): string[] {
  switch (usage) {
    case "ENCRYPT_DECRYPT":
      return asymmetric
        ? ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:DescribeKey", "kms:GetPublicKey"]
        : ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"];
    case "SIGN_VERIFY":
      return ["kms:DescribeKey", "kms:GetPublicKey", "kms:Sign", "kms:Verify"];
    case "GENERATE_VERIFY_MAC":
      return ["kms:DescribeKey", "kms:GenerateMac", "kms:VerifyMac"];
    case "KEY_AGREEMENT":
      return ["kms:DescribeKey", "kms:GetPublicKey", "kms:DeriveSharedSecret"];
    case "ENCAPSULATE_DECAPSULATE":
      return ["kms:DescribeKey", "kms:GetPublicKey", "kms:Encapsulate", "kms:Decapsulate"];
  }
}

/** The document in the order in which AWS's console writes it. */
export function consolePolicy(choices: PolicyChoices, kind: KeyKind): PolicyDocument {
  const allow = (sid: string, principals: string[], action: string | string[], condition?: object): Statement => ({
    Sid: sid,
    Effect: "Allow",
    Principal: { AWS: oneOrMany(principals) },
    Action: action,
    Resource: "*",
    ...(condition ? { Condition: condition } : {}),
  });
  const statements = [allow(SIDS.account, [rootOf(kind.partition, choices.account)], "kms:*")];
  if (choices.administrators.length > 0) {
    const actions = administration(kind, choices.administratorsMayDelete);
    statements.push(allow(SIDS.administrators, choices.administrators, actions));
  }
  const users = [...choices.users, ...choices.otherAccounts.map((one) => rootOf(kind.partition, one))];
  if (users.length > 0) {
    statements.push(allow(SIDS.users, users, useOfTheKey(kind)));
    statements.push(allow(SIDS.grants, users, GRANTS, { Bool: { "kms:GrantIsForAWSResource": "true" } }));
  }
  return { Id: "key-consolepolicy-3", Version: "2012-10-17", Statement: statements };
}

export const policyText = (document: PolicyDocument): string => JSON.stringify(document, null, 4);

const listOf = (value: unknown): string[] | undefined => {
  if (typeof value === "string") return [value];
  return Array.isArray(value) && value.every((one) => typeof one === "string") ? value : undefined;
};

function principalsOf(statement: Statement | undefined): string[] | undefined {
  if (!statement) return [];
  const principal = statement.Principal as Record<string, unknown> | undefined;
  if (typeof principal !== "object" || Object.keys(principal).join() !== "AWS") return undefined;
  return listOf(principal.AWS);
}

/** What was chosen, where the policy is exactly what the console makes of it; else undefined. */
export function readConsolePolicy(text: string, account: string, kind: KeyKind): PolicyChoices | undefined {
  let document: PolicyDocument;
  try {
    document = JSON.parse(text) as PolicyDocument;
  } catch {
    return undefined;
  }
  if (!Array.isArray(document?.Statement)) return undefined;
  const of = (sid: string): Statement | undefined => document.Statement.find((one) => one?.Sid === sid);
  const administrators = principalsOf(of(SIDS.administrators));
  const users = principalsOf(of(SIDS.users));
  if (!administrators || !users) return undefined;
  const other = /^arn:aws[a-z-]*:iam::(\d{12}):root$/;
  const actions = listOf(of(SIDS.administrators)?.Action) ?? [];
  const choices: PolicyChoices = {
    account,
    administrators,
    administratorsMayDelete: administrators.length === 0 || DELETION.every((action) => actions.includes(action)),
    users: users.filter((arn) => !other.test(arn)),
    otherAccounts: users.flatMap((arn) => other.exec(arn)?.[1] ?? []),
  };
  return canonical(document) === canonical(consolePolicy(choices, kind)) ? choices : undefined;
}

/** Statements in order, whatever the order of names and of lists in them, and lists of one as their only value. */
function canonical(document: PolicyDocument): string {
  const plain = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.length === 1 ? plain(value[0]) : value.map(plain).toSorted();
    if (typeof value !== "object" || value === null) return value;
    const entries = Object.entries(value).map(([name, one]) => [name, plain(one)] as const);
    return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
  };
  return JSON.stringify([document.Version, document.Statement.map(plain)]);
}

export interface Finding {
  severity: "error" | "warning";
  text: string;
}

export const sizeOf = (text: string): number => utf8(text).length;

/** What is wrong with a key policy, as far as it can be seen from here. `caller` is who would be locked out. */
export function checkPolicy(text: string, account: string, caller: string): Finding[] {
  const findings: Finding[] = [];
  const error = (what: string): void => void findings.push({ severity: "error", text: what });
  if (sizeOf(text) > SIZE_MAX) error(texts.tooLarge);
  let document: Record<string, unknown>;
  try {
    document = JSON.parse(text) as Record<string, unknown>;
  } catch {
    const [line, column] = lineAndColumn(text, jsonErrorOffset(text) ?? text.length);
    error(texts.notJson(line, column));
    return findings;
  }
  if (typeof document !== "object" || document === null || Array.isArray(document)) {
    error(texts.noObject);
    return findings;
  }
  if (document.Version !== undefined && !["2012-10-17", "2008-10-17"].includes(String(document.Version))) {
    error(texts.noVersion);
  }
  const given = document.Statement;
  const statements = (Array.isArray(given) ? given : given === undefined ? [] : [given]) as (Statement | null)[];
  if (statements.length === 0) error(texts.noStatement);
  for (const [index, statement] of statements.entries()) {
    for (const what of wrongWith(statement)) {
      error(texts.statementShape(statement?.Sid ?? `Statement ${index + 1}`, what));
    }
  }
  if (findings.length === 0 && !statements.some((one) => one && letsChange(one, account, caller))) {
    findings.push({ severity: "warning", text: texts.lockout });
  }
  return findings;
}

function wrongWith(statement: Statement | null): string[] {
  if (typeof statement !== "object" || statement === null) return [texts.noObject];
  const found: string[] = [];
  if (statement.Effect !== "Allow" && statement.Effect !== "Deny") found.push(texts.needsEffect);
  if (statement.Principal === undefined && statement.NotPrincipal === undefined) found.push(texts.needsPrincipal);
  if (statement.Action === undefined && statement.NotAction === undefined) found.push(texts.needsAction);
  if (statement.Resource === undefined && !("NotResource" in statement)) found.push(texts.needsResource);
  return found;
}

/** Whether a statement lets the account, or the caller, change the policy again. */
function letsChange(statement: Statement, account: string, caller: string): boolean {
  if (statement.Effect !== "Allow" || statement.Condition !== undefined) return false;
  const actions = listOf(statement.Action) ?? [];
  const covers = actions.some((pattern) => matches(pattern.toLowerCase(), "kms:putkeypolicy"));
  const principal = statement.Principal;
  const named = principal === "*" ? ["*"] : (listOf((principal as Record<string, unknown> | undefined)?.AWS) ?? []);
  const session = /^arn:aws[a-z-]*:sts::(\d{12}):assumed-role\/([^/]+)\//.exec(caller);
  const mine = [account, rootOf(caller.split(":")[1] ?? "aws", account), caller, "*"];
  const role = session ? named.some((arn) => arn.includes(`:${session[1]}:role/`) && arn.endsWith(`/${session[2]}`)) : false;
  return covers && (role || named.some((arn) => mine.includes(arn)));
}

function matches(pattern: string, text: string): boolean {
  const source = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&").replace(/\*/g, ".*").replace(/\?/g, ".");
  return new RegExp(`^${source}$`).test(text);
}

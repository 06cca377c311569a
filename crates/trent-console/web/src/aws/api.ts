// Every call that the pages make, bound to a Region and the session's credentials.
import type {
  Alias,
  CostReport,
  Explanations,
  Grant,
  ImportParameters,
  KeyMetadata,
  LastUsage,
  Quota,
  Rotation,
  RotationStatus,
  Tag,
  TrailEvent,
  UsageRow,
} from "./model";
import { callJson, type Endpoint } from "./transport";

interface Answers {
  CreateKey: { KeyMetadata: KeyMetadata };
  DescribeKey: { KeyMetadata: KeyMetadata };
  Encrypt: { CiphertextBlob: string; KeyId: string; EncryptionAlgorithm: string };
  GetKeyLastUsage: LastUsage;
  GetKeyPolicy: { Policy: string };
  GetKeyRotationStatus: RotationStatus;
  GetParametersForImport: ImportParameters;
  GetPublicKey: { PublicKey: string };
  ImportKeyMaterial: { KeyMaterialId?: string };
  ReplicateKey: { ReplicaKeyMetadata: KeyMetadata };
  ScheduleKeyDeletion: { DeletionDate: number };
  CreateGrant: { GrantId: string; GrantToken: string };
}

/** Operations whose answers the pages do not read. */
type Silent =
  | "CancelKeyDeletion"
  | "CreateAlias"
  | "DeleteAlias"
  | "DeleteImportedKeyMaterial"
  | "DisableKey"
  | "DisableKeyRotation"
  | "EnableKey"
  | "EnableKeyRotation"
  | "PutKeyPolicy"
  | "RevokeGrant"
  | "RotateKeyOnDemand"
  | "TagResource"
  | "UntagResource"
  | "UpdateAlias"
  | "UpdateKeyDescription"
  | "UpdatePrimaryRegion";

interface Page {
  NextMarker?: string;
  Truncated?: boolean;
}

export interface LookupInput {
  StartTime?: number;
  EndTime?: number;
  LookupAttributes?: { AttributeKey: string; AttributeValue: string }[];
  MaxResults?: number;
  NextToken?: string;
}

export type Api = ReturnType<typeof bind>;

/** The calls in one Region. */
export function bind(endpoint: Endpoint) {
  const kms = <Op extends keyof Answers | Silent>(
    operation: Op,
    input: object = {},
    signal?: AbortSignal,
  ): Promise<Op extends keyof Answers ? Answers[Op] : object> => callJson(endpoint, "kms", operation, input, signal);

  /** Follows a list's markers to its end. */
  async function all<Item>(operation: string, member: string, input: object, signal?: AbortSignal): Promise<Item[]> {
    const items: Item[] = [];
    let marker: string | undefined;
    do {
      const page: Page & Record<string, unknown> = await callJson(
        endpoint,
        "kms",
        operation,
        { ...input, Marker: marker },
        signal,
      );
      items.push(...((page[member] as Item[] | undefined) ?? []));
      marker = page.Truncated ? page.NextMarker : undefined;
    } while (marker !== undefined);
    return items;
  }

  const trent = <Out>(operation: string, input: object, signal?: AbortSignal): Promise<Out> =>
    callJson(endpoint, "trent", operation, input, signal);

  return {
    endpoint,
    region: endpoint.region,
    kms,
    describe: async (keyId: string, signal?: AbortSignal) => (await kms("DescribeKey", { KeyId: keyId }, signal)).KeyMetadata,
    keys: (signal?: AbortSignal) =>
      all<{ KeyId: string; KeyArn: string }>("ListKeys", "Keys", { Limit: 1000 }, signal),
    aliases: (keyId?: string, signal?: AbortSignal) => all<Alias>("ListAliases", "Aliases", { KeyId: keyId, Limit: 100 }, signal),
    tags: (keyId: string, signal?: AbortSignal) => all<Tag>("ListResourceTags", "Tags", { KeyId: keyId, Limit: 50 }, signal),
    grants: (keyId: string, signal?: AbortSignal) => all<Grant>("ListGrants", "Grants", { KeyId: keyId, Limit: 100 }, signal),
    rotations: (keyId: string, signal?: AbortSignal) =>
      all<Rotation>("ListKeyRotations", "Rotations", { KeyId: keyId, IncludeKeyMaterial: "ALL_KEY_MATERIAL" }, signal),
    lookup: (input: LookupInput, signal?: AbortSignal) =>
      callJson<{ Events?: TrailEvent[]; NextToken?: string }>(endpoint, "cloudtrail", "LookupEvents", input, signal),
    tail: (input: object, signal?: AbortSignal) =>
      trent<{ Events: TrailEvent[]; NextToken: string }>("TailEvents", input, signal),
    explain: (keyId: string, requestId: string) =>
      trent<Explanations>("Explain", { KeyId: keyId, RequestId: requestId }),
    usage: async (input: object, signal?: AbortSignal) => {
      const rows: UsageRow[] = [];
      let token: string | undefined;
      do {
        const page: { Rows: UsageRow[]; NextToken?: string } = await trent("GetUsage", { ...input, NextToken: token }, signal);
        rows.push(...page.Rows);
        token = page.NextToken;
      } while (token !== undefined);
      return rows;
    },
    costs: (input: object, signal?: AbortSignal) => trent<CostReport>("GetCostReport", input, signal),
    costsCsv: async (input: object) => (await trent<{ Report: string }>("GetCostReport", { ...input, Format: "CSV" })).Report,
    quotas: async (signal?: AbortSignal) => (await trent<{ Quotas: Quota[] }>("ListQuotas", {}, signal)).Quotas,
  };
}

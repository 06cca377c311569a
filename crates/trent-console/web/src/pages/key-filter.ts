// What is known of the keys of a list, and which of them fit a filter, in which order.
import type { AwsError } from "../aws/errors";
import type { KeyMetadata, Tag } from "../aws/model";
import { keyTexts, stateTexts, usageTexts } from "../texts";

export interface KeyRow {
  id: string;
  arn: string;
  /** Without `alias/`, in order. */
  aliases: string[];
  meta?: KeyMetadata;
  /** Why there is no `meta`, where it was asked for. */
  error?: AwsError;
  tags?: Tag[];
}

export const typeOf = (meta: KeyMetadata): string =>
  meta.KeySpec === "SYMMETRIC_DEFAULT" || meta.KeySpec.startsWith("HMAC_") ? keyTexts.symmetric : keyTexts.asymmetric;

export function regionalityOf(meta: KeyMetadata): string {
  if (!meta.MultiRegion) return keyTexts.single;
  return meta.MultiRegionConfiguration?.MultiRegionKeyType === "REPLICA" ? keyTexts.replica : keyTexts.primary;
}

/** The name that a key is shown by. */
export const nameOf = (row: KeyRow): string => row.aliases[0] ?? row.id;

export interface Token {
  propertyKey?: string;
  operator: string;
  value: unknown;
}

/** What filters need to know of each key. */
export function needs(tokens: Token[]): { meta: boolean; tags: boolean } {
  const keys = tokens.map((token) => token.propertyKey);
  return {
    meta: keys.some((key) => key === undefined || !["alias", "id", "tag"].includes(key)),
    tags: keys.includes("tag"),
  };
}

function valuesOf(row: KeyRow, property: string | undefined): string[] {
  const { meta } = row;
  switch (property) {
    case "alias":
      return row.aliases;
    case "id":
      return [row.id];
    case "tag":
      return (row.tags ?? []).flatMap((tag) => [tag.TagKey, `${tag.TagKey}=${tag.TagValue}`]);
    case "status":
      return meta ? [stateTexts[meta.KeyState]] : [];
    case "type":
      return meta ? [typeOf(meta)] : [];
    case "spec":
      return meta ? [meta.KeySpec] : [];
    case "usage":
      return meta ? [usageTexts[meta.KeyUsage]] : [];
    case "origin":
      return meta ? [keyTexts.origins[meta.Origin]] : [];
    case "regionality":
      return meta ? [regionalityOf(meta)] : [];
    default:
      return [...row.aliases, row.id, meta?.Description ?? ""].concat(
        ["status", "type", "spec", "usage"].flatMap((one) => valuesOf(row, one)),
      );
  }
}

/** Whether a key fits one filter; letter case does not matter. */
export function fits(row: KeyRow, token: Token): boolean {
  const wanted = String(token.value).toLowerCase();
  const values = valuesOf(row, token.propertyKey).map((value) => value.toLowerCase());
  switch (token.operator) {
    case "=":
      return values.includes(wanted);
    case "!=":
      return !values.includes(wanted);
    case "!:":
      return values.every((value) => !value.includes(wanted));
    default:
      return values.some((value) => value.includes(wanted));
  }
}

/** The keys that fit all filters, or any of them. */
export function filterRows(rows: KeyRow[], tokens: readonly Token[], operation: "and" | "or"): KeyRow[] {
  if (tokens.length === 0) return rows;
  return rows.filter((row) =>
    operation === "and" ? tokens.every((token) => fits(row, token)) : tokens.some((token) => fits(row, token)),
  );
}

const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

/** By alias (keys without one last), key id, or what the column shows. */
export function sortRows(rows: KeyRow[], column: string, descending: boolean): KeyRow[] {
  const value = (row: KeyRow): string =>
    column === "created" ? String(row.meta?.CreationDate ?? "") : (valuesOf(row, column)[0] ?? "");
  const keyed = rows.map((row) => ({ row, value: value(row) }));
  const sorted = keyed.toSorted((a, b) => {
    if ((a.value === "") !== (b.value === "")) return a.value === "" ? 1 : -1;
    const order = collator.compare(a.value, b.value) || collator.compare(a.row.id, b.row.id);
    return descending ? -order : order;
  });
  return sorted.map(({ row }) => row);
}

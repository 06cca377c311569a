import { describe, expect, it } from "vitest";

import type { KeyMetadata } from "../aws/model";
import { filterRows, fits, type KeyRow, needs, sortRows } from "./key-filter";

const meta = (spec: string, more: Partial<KeyMetadata> = {}): KeyMetadata =>
  ({ KeySpec: spec, KeyState: "Enabled", KeyUsage: "ENCRYPT_DECRYPT", Origin: "AWS_KMS", ...more }) as KeyMetadata;

const rows: KeyRow[] = [
  { id: "b", arn: "", aliases: ["Zebra"], meta: meta("SYMMETRIC_DEFAULT") },
  { id: "a", arn: "", aliases: [], meta: meta("RSA_2048", { KeyState: "Disabled" }) },
  { id: "c", arn: "", aliases: ["app10", "x"], tags: [{ TagKey: "Env", TagValue: "Prod" }] },
  { id: "d", arn: "", aliases: ["app9"] },
];
const ids = (list: KeyRow[]): string => list.map((row) => row.id).join("");

describe("filters of keys", () => {
  it("do not look at letter case and combine", () => {
    const app = { propertyKey: "alias", operator: ":", value: "APP" };
    const tag = { propertyKey: "tag", operator: "=", value: "env=prod" };
    expect(ids(filterRows(rows, [app], "and"))).toBe("cd");
    expect(ids(filterRows(rows, [app, tag], "and"))).toBe("c");
    expect(ids(filterRows(rows, [tag, { propertyKey: "type", operator: "=", value: "asymmetric" }], "or"))).toBe("ac");
    expect(ids(filterRows(rows, [], "and"))).toBe("bacd");
  });

  it("take a word without a property for any of a key's", () => {
    const row = rows[1] as KeyRow;
    expect(fits(row, { operator: ":", value: "disab" })).toBe(true);
    expect(fits(row, { operator: "!:", value: "rsa" })).toBe(false);
  });

  it("say what they need to know", () => {
    expect(needs([{ propertyKey: "alias", operator: ":", value: "" }])).toEqual({ meta: false, tags: false });
    expect(needs([{ propertyKey: "tag", operator: ":", value: "" }])).toEqual({ meta: false, tags: true });
    expect(needs([{ operator: ":", value: "" }])).toEqual({ meta: true, tags: false });
  });
});

describe("the order of keys", () => {
  it("is by alias with numbers as numbers, and keys without one last", () => {
    expect(ids(sortRows(rows, "alias", false))).toBe("dcba");
    expect(ids(sortRows(rows, "alias", true))).toBe("bcda");
    expect(ids(sortRows(rows, "id", true))).toBe("dcba");
  });
});

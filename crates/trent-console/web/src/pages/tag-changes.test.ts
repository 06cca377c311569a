import { describe, expect, it } from "vitest";

import type { Tag } from "../aws/model";
import { commonTags, tagChanges } from "./tag-changes";

const tags = (pairs: Record<string, string>): Tag[] => Object.entries(pairs).map(([TagKey, TagValue]) => ({ TagKey, TagValue }));

describe("tags of several keys", () => {
  it("are shown where all have them with one value", () => {
    const lists = [tags({ team: "a", stage: "test", cost: "1" }), tags({ team: "a", stage: "prod", cost: "1" }), tags({ cost: "1", team: "a" })];
    expect(commonTags(lists)).toEqual(tags({ team: "a", cost: "1" }));
    expect(commonTags([])).toEqual([]);
    expect(commonTags([tags({ a: "1" }), []])).toEqual([]);
  });

  it("change at each key only where something is to change", () => {
    const shown = tags({ team: "a", cost: "1" });
    const wanted = tags({ team: "b", " owner ": "ann" });
    expect(tagChanges(tags({ team: "a", cost: "1", stage: "test" }), shown, wanted)).toEqual({
      gone: ["cost"],
      news: tags({ team: "b", owner: "ann" }),
    });
    expect(tagChanges(tags({ team: "b", owner: "ann" }), shown, wanted)).toEqual({ gone: [], news: [] });
  });

  it("of one key that are not shown stay, unless they are given another value", () => {
    expect(tagChanges(tags({ stage: "test" }), [], tags({ stage: "prod" }))).toEqual({ gone: [], news: tags({ stage: "prod" }) });
    expect(tagChanges(tags({ stage: "test" }), [], [])).toEqual({ gone: [], news: [] });
  });

  it("keep their key's letter case", () => {
    expect(tagChanges(tags({ team: "a" }), tags({ team: "a" }), tags({ Team: "a" }))).toEqual({ gone: ["team"], news: tags({ Team: "a" }) });
  });
});

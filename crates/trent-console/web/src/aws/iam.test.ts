import { describe, expect, it } from "vitest";

import { members } from "./iam";

describe("lists of the query protocol", () => {
  it("are numbered from one", () => {
    expect(members("TagKeys", ["a", "b"])).toEqual({ "TagKeys.member.1": "a", "TagKeys.member.2": "b" });
    expect(members("Tags", [{ Key: "a", Value: "1" }])).toEqual({ "Tags.member.1.Key": "a", "Tags.member.1.Value": "1" });
    expect(members("Tags", [])).toEqual({});
  });
});

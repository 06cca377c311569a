import { describe, expect, it } from "vitest";

import { jsonErrorOffset, lineAndColumn } from "./json-place";

describe("jsonErrorOffset", () => {
  it("agrees with the browser's parser on what is JSON", () => {
    const good = ['{"a":[1,-0.5e3,{"b":null}],"c":"\\u00e9\\n"}', "[]", " { } ", "1", '"x"', "[[],[[]],{}]"];
    for (const text of good) expect(jsonErrorOffset(text), text).toBeUndefined();
    const bad = ["", "{", "[1,]", '{"a"}', '{"a":}', '{,}', "01", "tru", '"a', "[1 2]", "{} x", '{a:1}', "]", "[}", '"\n"'];
    for (const text of bad) {
      expect(() => JSON.parse(text), text).toThrow(SyntaxError);
      expect(jsonErrorOffset(text), text).toBeTypeOf("number");
    }
  });

  it("says where", () => {
    expect(jsonErrorOffset('{"a": 1,}')).toBe(8);
    expect(jsonErrorOffset('{"a" 1}')).toBe(5);
    expect(lineAndColumn("ab\ncd", 4)).toEqual([2, 2]);
  });
});

import { describe, expect, it } from "vitest";

import { groupName, lastMonths, series, stepLabel } from "./usage-figures";

const DAY = 86_400;
const row = (day: number, operation: string, requests: number) => ({
  Start: day * DAY,
  End: (day + 1) * DAY,
  Group: { OPERATION: operation },
  Requests: requests,
  Errors: 0,
});

describe("series", () => {
  it("have a point for every step, the busiest group first", () => {
    const made = series([row(1, "Encrypt", 2), row(1, "Decrypt", 5), row(3, "Encrypt", 1)], "OPERATION", DAY, 4 * DAY, DAY);
    expect(made.map((one) => one.title)).toEqual(["Decrypt", "Encrypt"]);
    expect(made[1]?.data.map((point) => point.y)).toEqual([2, 0, 1]);
    expect(made[1]?.data.map((point) => point.x)).toEqual(["01-02", "01-03", "01-04"]);
  });

  it("put the smallest groups together", () => {
    const rows = Array.from({ length: 12 }, (_, index) => row(0, `Op${index}`, index + 1));
    const made = series(rows, "OPERATION", 0, DAY, DAY);
    expect(made).toHaveLength(9);
    expect(made.at(-1)?.data[0]?.y).toBe(1 + 2 + 3 + 4);
  });

  it("are none when nothing was asked", () => {
    expect(series([], "KEY", 0, DAY, DAY)).toEqual([]);
  });
});

it("names months, steps and groups", () => {
  expect(lastMonths(3, new Date(Date.UTC(2026, 1, 3)))).toEqual(["2026-02", "2026-01", "2025-12"]);
  expect(stepLabel(3600, 3600)).toBe("01-01 01:00");
  expect(groupName({ KEY: "arn:aws:kms:us-east-1:111122223333:key/abc", OPERATION: "Encrypt" })).toBe("key/abc / Encrypt");
  expect(groupName({ TAG: "" })).toBe("(none)");
});

import { describe, expect, it } from "vitest";

import type { TrailEvent } from "../aws/model";
import { fits, keyOf, lookupAttributes, recordOf, tailFilters } from "./audit-filter";

const arn = "arn:aws:kms:us-east-1:111122223333:key/k-1";
const event: TrailEvent = {
  EventId: "e-1",
  EventName: "Decrypt",
  EventSource: "kms.amazonaws.com",
  EventTime: 1,
  Username: "ann",
  ReadOnly: "true",
  Resources: [{ ResourceName: arn }],
  CloudTrailEvent: JSON.stringify({ errorCode: "AccessDenied", requestID: "r-1", resources: [{ ARN: arn }] }),
};

describe("filters of events", () => {
  it("must all hold", () => {
    expect(fits(event, {})).toBe(true);
    expect(fits(event, { EventName: "Decrypt", ResourceName: arn, ErrorCode: "AccessDenied", RequestId: "r-1" })).toBe(true);
    expect(fits(event, { EventName: "Decrypt", Username: "bob" })).toBe(false);
    expect(fits(event, { ErrorCode: "Other" })).toBe(false);
  });

  it("give LookupEvents the narrowest that it knows, and TailEvents all of its own", () => {
    expect(lookupAttributes({ ErrorCode: "x" })).toBeUndefined();
    expect(lookupAttributes({ EventName: "Decrypt", ResourceName: arn })).toEqual([{ AttributeKey: "ResourceName", AttributeValue: arn }]);
    expect(tailFilters({ RequestId: "r", ErrorCode: "x", Username: "ann" })).toEqual({ ErrorCode: "x", Username: "ann" });
  });

  it("live with a record that is no JSON", () => {
    expect(recordOf({ ...event, CloudTrailEvent: "{" })).toEqual({});
    expect(keyOf({})).toBeUndefined();
    expect(keyOf(recordOf(event))).toEqual({ arn, id: "k-1" });
  });
});

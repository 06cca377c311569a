// Filters of the audit trail. LookupEvents takes one attribute; the page gives it the one that leaves
// least, and holds the events against the others itself.
import type { TrailEvent, TrailRecord } from "../aws/model";

export const PROPERTIES = [
  "EventName",
  "Username",
  "ResourceName",
  "EventSource",
  "ErrorCode",
  "AccessKeyId",
  "EventId",
  "RequestId",
  "ReadOnly",
] as const;

export type Property = (typeof PROPERTIES)[number];
export type Filters = Partial<Record<Property, string>>;

/** What LookupEvents and TailEvents know by themselves, the narrowest first. */
const LOOKUP: Property[] = ["EventId", "AccessKeyId", "ResourceName", "Username", "EventName", "EventSource", "ReadOnly"];
const TAIL: Property[] = ["EventName", "Username", "ResourceName", "EventSource", "ErrorCode", "AccessKeyId", "ReadOnly"];

export function lookupAttributes(filters: Filters): { AttributeKey: string; AttributeValue: string }[] | undefined {
  const best = LOOKUP.find((property) => filters[property]);
  return best ? [{ AttributeKey: best, AttributeValue: filters[best] ?? "" }] : undefined;
}

export const tailFilters = (filters: Filters): Filters =>
  Object.fromEntries(TAIL.flatMap((property) => (filters[property] ? [[property, filters[property]]] : [])));

const records = new WeakMap<TrailEvent, TrailRecord>();

/** The record of an event, parsed once. */
export function recordOf(event: TrailEvent): TrailRecord {
  const known = records.get(event);
  if (known) return known;
  let record: TrailRecord = {};
  try {
    record = JSON.parse(event.CloudTrailEvent) as TrailRecord;
  } catch {
    // It is shown as it came.
  }
  records.set(event, record);
  return record;
}

/** The key that a record is about. */
export function keyOf(record: TrailRecord): { arn: string; id: string } | undefined {
  const resource = record.resources?.find((one) => one.ARN && /^arn:[^:]+:kms:[^:]+:\d+:key\//.test(one.ARN))?.ARN;
  return resource ? { arn: resource, id: resource.slice(resource.lastIndexOf("/") + 1) } : undefined;
}

function valuesOf(event: TrailEvent, property: Property): (string | undefined)[] {
  switch (property) {
    case "ResourceName":
      return (event.Resources ?? []).map((resource) => resource.ResourceName);
    case "ErrorCode":
      return [recordOf(event).errorCode];
    case "RequestId":
      return [recordOf(event).requestID];
    default:
      return [event[property]];
  }
}

export const fits = (event: TrailEvent, filters: Filters): boolean =>
  PROPERTIES.every((property) => {
    const wanted = filters[property];
    return !wanted || valuesOf(event, property).includes(wanted);
  });

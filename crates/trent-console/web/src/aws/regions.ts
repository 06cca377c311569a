/** The partition of a Region, as ARNs write it (AWS General Reference, "Amazon Resource Names"). */
export const partitionOf = (region: string): string =>
  region.startsWith("cn-") ? "aws-cn" : region.startsWith("us-gov-") ? "aws-us-gov" : "aws";

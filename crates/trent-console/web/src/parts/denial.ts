// What an error message of AWS's says of a denial: who asked for what.

export interface Denial {
  /** The ARN of a user, role or session. */
  principal: string;
  action: string;
  /** An ARN, or `*`. */
  resource: string;
}

const MESSAGE = /^User: (\S+) is not authorized to perform: ([\w-]+:\w+)(?: on resource: (\S+))?/;

/** Who asked for what; undefined where the message has another form. */
export function denialOf(message: string): Denial | undefined {
  const [, principal, action, resource] = MESSAGE.exec(message) ?? [];
  return principal && action ? { principal, action, resource: resource ?? "*" } : undefined;
}

/** The key that a denial was about, where the message names one. */
export function keyOfDenial(message: string): { arn: string; region: string } | undefined {
  const resource = denialOf(message)?.resource ?? "";
  const region = /^arn:[^:]+:kms:([^:]+):\d{12}:key\//.exec(resource)?.[1];
  return region ? { arn: resource, region } : undefined;
}

/** Whose policies count for a principal: a user or the role of a session; undefined for the root user and everybody else. */
export function holderOf(principal: string): { user: string } | { role: string } | undefined {
  if (/^arn:[^:]+:iam::\d{12}:user\//.test(principal)) return { user: principal };
  const role = /^arn:[^:]+:sts::\d{12}:assumed-role\/([^/]+)\//.exec(principal)?.[1];
  return role ? { role } : undefined;
}

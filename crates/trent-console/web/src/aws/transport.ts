// Sends signed requests to the Trent that served the page.
import { asAwsError, AwsError, jsonError } from "./errors";
import { type Credentials, sign } from "./sigv4";
import { parseXml, xmlError, type XmlNode } from "./xml";

const ATTEMPTS_MAX = 4;
const BACKOFF_MS = 150;
/** How far the two clocks may be apart before the console corrects its own. */
const SKEW_MIN_MS = 60_000;

/** What the server's clock is ahead of this machine's, in milliseconds; learnt from its answers. */
let skewMs = 0;

export interface Endpoint {
  credentials: Credentials;
  region: string;
  /** Called when the credentials are not good any more. */
  onSignedOut?: () => void;
}

interface Call {
  service: "kms" | "sts" | "iam" | "cloudtrail";
  operation: string;
  headers: Record<string, string>;
  body: string;
  signal?: AbortSignal;
}

interface Answer {
  text: string;
  requestId: string;
}

const TARGETS = {
  kms: "TrentService.",
  cloudtrail: "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.",
  trent: "Trent.",
} as const;

/** A call in AWS's JSON protocol; `trent` are the operations of Trent's own. */
export async function callJson<Out>(
  endpoint: Endpoint,
  api: keyof typeof TARGETS,
  operation: string,
  input: object,
  signal?: AbortSignal,
): Promise<Out> {
  const answer = await send(
    endpoint,
    {
      service: api === "trent" ? "kms" : api,
      operation,
      headers: { "content-type": "application/x-amz-json-1.1", "x-amz-target": TARGETS[api] + operation },
      body: JSON.stringify(input),
      signal,
    },
    jsonError,
  );
  return (answer.text === "" ? {} : JSON.parse(answer.text)) as Out;
}

const VERSIONS = { iam: "2010-05-08", sts: "2011-06-15" } as const;

/** A call in AWS's query protocol; the answer is the result element, whose members `XmlNode` reads. */
export async function callQuery(
  endpoint: Endpoint,
  service: keyof typeof VERSIONS,
  action: string,
  input: Record<string, string | undefined>,
): Promise<XmlNode> {
  const form = new URLSearchParams({ Action: action, Version: VERSIONS[service] });
  for (const [name, value] of Object.entries(input)) if (value !== undefined) form.set(name, value);
  const answer = await send(
    endpoint,
    {
      service,
      operation: action,
      headers: { "content-type": "application/x-www-form-urlencoded; charset=utf-8" },
      body: form.toString(),
    },
    xmlError,
  );
  const root = parseXml(answer.text);
  return root.child(`${action}Result`) ?? root;
}

type ReadError = (body: string, status: number, requestId: string, operation: string) => AwsError;

async function send(endpoint: Endpoint, call: Call, readError: ReadError): Promise<Answer> {
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await once(endpoint, call, readError);
    if (!(outcome instanceof AwsError)) return outcome;
    if (attempt >= ATTEMPTS_MAX || !retriable(outcome, call)) {
      if (outcome.signedOut) endpoint.onSignedOut?.();
      throw outcome;
    }
    await new Promise((resolve) => {
      setTimeout(resolve, BACKOFF_MS * 2 ** attempt * (0.5 + Math.random()));
    });
  }
}

async function once(endpoint: Endpoint, call: Call, readError: ReadError): Promise<Answer | AwsError> {
  const at = new Date(Date.now() + skewMs);
  const scope = { region: endpoint.region, service: call.service, at };
  const unsigned = { host: location.host, headers: call.headers, body: call.body };
  const headers = sign(unsigned, scope, endpoint.credentials);
  let response: Response;
  let text: string;
  try {
    response = await fetch("/", { method: "POST", headers, body: call.body, signal: call.signal ?? null });
    text = await response.text();
  } catch (error) {
    if (call.signal?.aborted) throw error;
    return asAwsError(error, call.operation);
  }
  const requestId = response.headers.get("x-amzn-requestid") ?? "";
  if (response.ok) return { text, requestId };
  const corrected = learnSkew(response.headers.get("date"), at);
  const error = readError(text, response.status, requestId, call.operation);
  return corrected && error.status < 500
    ? new AwsError(CLOCK, error.message, requestId, call.operation, response.status)
    : error;
}

/** A request that was signed by a clock which has been corrected since. */
const CLOCK = "RequestTimeTooSkewed";

/** Learns the server's time from a refusal; true when this machine's was too far off. */
function learnSkew(date: string | null, at: Date): boolean {
  const serverMs = date === null ? Number.NaN : Date.parse(date);
  const offMs = serverMs - at.getTime();
  if (Number.isNaN(offMs) || Math.abs(offMs) < SKEW_MIN_MS) return false;
  skewMs += offMs;
  return true;
}

const READS = /^(Get|List|Describe|Lookup|Tail|Explain|Simulate)/;

/** What was refused before anything was done can be tried again; what may have been done, only when it changes nothing. */
function retriable(error: AwsError, call: Call): boolean {
  if (call.signal?.aborted) return false;
  if (error.code === "ThrottlingException" || error.code === "Throttling" || error.code === CLOCK) return true;
  return READS.test(call.operation) && (error.status >= 500 || error.code === "NetworkError");
}

// AWS Signature Version 4 for requests to one path without a query, which is all that Trent serves.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";

import { hex, utf8 } from "./bytes";

export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

export interface Unsigned {
  host: string;
  /** Names in lower case. */
  headers: Record<string, string>;
  body: string;
}

export interface Scope {
  region: string;
  service: string;
  at: Date;
}

const ALGORITHM = "AWS4-HMAC-SHA256";

/** The time as SigV4 writes it: 20150830T123600Z. */
export const stamp = (at: Date): string => at.toISOString().replace(/[-:]|\.\d{3}/g, "");

/** The headers of the request with those that sign it; `host`, which the browser sends, is left out. */
export function sign(request: Unsigned, scope: Scope, credentials: Credentials): Record<string, string> {
  const time = stamp(scope.at);
  const day = time.slice(0, 8);
  const headers: Record<string, string> = { ...request.headers, "x-amz-date": time };
  if (credentials.sessionToken) headers["x-amz-security-token"] = credentials.sessionToken;
  const signed: Record<string, string> = { ...headers, host: request.host };
  const names = Object.keys(signed).toSorted();
  const canonicalHeaders = names.map((name) => `${name}:${canonicalValue(signed[name] ?? "")}\n`).join("");
  const signedHeaders = names.join(";");
  const canonical = ["POST", "/", "", canonicalHeaders, signedHeaders, digest(request.body)].join("\n");
  const credentialScope = `${day}/${scope.region}/${scope.service}/aws4_request`;
  const toSign = [ALGORITHM, time, credentialScope, digest(canonical)].join("\n");
  const signature = hex(mac(signingKey(credentials.secretAccessKey, day, scope), toSign));
  headers.authorization =
    `${ALGORITHM} Credential=${credentials.accessKeyId}/${credentialScope}, ` +
    `SignedHeaders=${signedHeaders}, Signature=${signature}`;
  return headers;
}

function signingKey(secret: string, day: string, scope: Scope): Uint8Array {
  const ofDay = mac(utf8(`AWS4${secret}`), day);
  return mac(mac(mac(ofDay, scope.region), scope.service), "aws4_request");
}

const canonicalValue = (value: string): string => value.trim().replace(/ +/g, " ");
const digest = (text: string): string => hex(sha256(utf8(text)));
const mac = (key: Uint8Array, text: string): Uint8Array => hmac(sha256, key, utf8(text));

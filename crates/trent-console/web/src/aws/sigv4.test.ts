import { createHash, createHmac } from "node:crypto";

import { SignatureV4 } from "@smithy/signature-v4";
import { describe, expect, it } from "vitest";

import { sign, stamp } from "./sigv4";

/** Node's own hashes for AWS's signer. */
class Sha256 {
  private readonly hash;
  constructor(secret?: string | Uint8Array) {
    this.hash = secret === undefined ? createHash("sha256") : createHmac("sha256", secret);
  }
  update(data: string | Uint8Array): void {
    this.hash.update(data);
  }
  async digest(): Promise<Uint8Array> {
    return new Uint8Array(this.hash.digest());
  }
  reset(): void {}
}

const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" };
const at = new Date(Date.UTC(2015, 7, 30, 12, 36, 0));

describe("sign", () => {
  it("writes times as SigV4 does", () => {
    expect(stamp(at)).toBe("20150830T123600Z");
  });

  it("signs the post-vanilla request of AWS's test suite", () => {
    const signed = sign(
      { host: "example.amazonaws.com", headers: {}, body: "" },
      { region: "us-east-1", service: "service", at },
      credentials,
    );
    expect(signed.authorization).toBe(
      "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, " +
        "SignedHeaders=host;x-amz-date, Signature=5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
    );
  });

  const bodies = ["", "{}", '{"Description":"Schlüssel  für 🔐"}', "Action=GetCallerIdentity&Version=2011-06-15"];
  for (const service of ["kms", "sts", "iam", "cloudtrail"]) {
    for (const sessionToken of [undefined, "FwoGZXIvYXdzE//////////wEaD=="]) {
      it(`agrees with AWS's signer for ${service} ${sessionToken ? "with" : "without"} a token`, async () => {
        for (const body of bodies) {
          const headers = { "content-type": "application/x-amz-json-1.1", "x-amz-target": "TrentService.CreateKey" };
          const used = { ...credentials, sessionToken };
          const theirs = await new SignatureV4({
            credentials: used,
            region: "eu-west-1",
            service,
            sha256: Sha256 as never,
            applyChecksum: false,
          }).sign(
            {
              method: "POST",
              protocol: "http:",
              hostname: "kms.example.com",
              path: "/",
              query: {},
              headers: { ...headers, host: "kms.example.com" },
              body,
            } as never,
            { signingDate: at },
          );
          const ours = sign({ host: "kms.example.com", headers, body }, { region: "eu-west-1", service, at }, used);
          expect(ours.authorization).toBe((theirs as unknown as { headers: Record<string, string> }).headers.authorization);
        }
      });
    }
  }
});

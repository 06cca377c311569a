import { describe, expect, it } from "vitest";

import { checkPolicy, consolePolicy, type KeyKind, policyText, readConsolePolicy, SIZE_MAX } from "./policy";

const account = "111122223333";
const ann = `arn:aws:iam::${account}:user/ann`;
const bob = `arn:aws:iam::${account}:role/bob`;
const kind: KeyKind = { asymmetric: false, usage: "ENCRYPT_DECRYPT", external: false, multiRegion: false, partition: "aws" };
const choices = { account, administrators: [ann], administratorsMayDelete: true, users: [ann, bob], otherAccounts: ["444455556666"] };

describe("the console's policy", () => {
  it("has four statements, with one principal not in a list", () => {
    const document = consolePolicy(choices, kind);
    expect(document.Id).toBe("key-consolepolicy-3");
    expect(document.Statement.map((one) => one.Sid)).toEqual([
      "Enable IAM User Permissions",
      "Allow access for Key Administrators",
      "Allow use of the key",
      "Allow attachment of persistent resources",
    ]);
    expect(document.Statement[1]?.Principal).toEqual({ AWS: ann });
    expect(document.Statement[2]?.Principal).toEqual({ AWS: [ann, bob, "arn:aws:iam::444455556666:root"] });
  });

  it("leaves deletion out when the box is cleared", () => {
    const text = policyText(consolePolicy({ ...choices, administratorsMayDelete: false }, kind));
    expect(text).not.toContain("KeyDeletion");
    expect(text).toContain("kms:RotateKeyOnDemand");
  });

  it("can be read back for every kind of key, whatever the order of its lists", () => {
    const usages = ["ENCRYPT_DECRYPT", "SIGN_VERIFY", "GENERATE_VERIFY_MAC", "KEY_AGREEMENT", "ENCAPSULATE_DECAPSULATE"] as const;
    for (const usage of usages) {
      for (const flag of [true, false]) {
        const one = { usage, asymmetric: flag, external: flag, multiRegion: !flag, partition: flag ? "aws" : "aws-cn" };
        const chosen = { ...choices, administratorsMayDelete: flag };
        const document = consolePolicy(chosen, one);
        document.Statement[2] = { ...document.Statement[2], Effect: "Allow", Principal: { AWS: [`arn:${one.partition}:iam::444455556666:root`, bob, ann] } };
        document.Statement[3] = { ...document.Statement[3], Effect: "Allow", Principal: { AWS: [bob, ann, `arn:${one.partition}:iam::444455556666:root`] } };
        expect(readConsolePolicy(policyText(document), account, one)).toMatchObject({
          administratorsMayDelete: flag,
          otherAccounts: ["444455556666"],
        });
      }
    }
    const none = { ...choices, administrators: [], users: [], otherAccounts: [] };
    expect(readConsolePolicy(policyText(consolePolicy(none, kind)), account, kind)).toEqual(none);
  });

  it("is not read into another policy", () => {
    const document = consolePolicy(choices, kind);
    document.Statement[0] = { Effect: "Allow", Sid: "Enable IAM User Permissions", Principal: "*", Action: "kms:*", Resource: "*" };
    expect(readConsolePolicy(policyText(document), account, kind)).toBeUndefined();
    for (const text of ["", "[]", "null", '{"Statement":[null]}', '{"Statement":{}}']) {
      expect(readConsolePolicy(text, account, kind)).toBeUndefined();
    }
  });
});

describe("checkPolicy", () => {
  const severities = (text: string, caller = ann): string => checkPolicy(text, account, caller).map((one) => one.severity).join();

  it("finds nothing wrong with the console's policy", () => {
    expect(checkPolicy(policyText(consolePolicy(choices, kind)), account, ann)).toEqual([]);
  });

  it("says where the text is no JSON", () => {
    const [finding] = checkPolicy('{\n  "Version": "2012-10-17",\n  "Statement": [}\n', account, ann);
    expect(finding?.text).toContain("line 3, column 17");
  });

  it("names the statement and what it lacks", () => {
    const found = checkPolicy('{"Statement":[{"Sid":"A","Effect":"allow"},null]}', account, ann).map((one) => one.text);
    expect(found.filter((text) => text.startsWith("A: "))).toHaveLength(4);
    expect(found.at(-1)).toContain("Statement 2");
  });

  it("warns of a lock-out, and not when the caller or their role keeps the door", () => {
    const of = (principal: string, more = ""): string =>
      `{"Statement":{"Effect":"Allow","Principal":{"AWS":"${principal}"},"Action":"kms:Put*","Resource":"*"${more}}}`;
    expect(severities(of(bob))).toBe("warning");
    expect(severities(of(ann))).toBe("");
    expect(severities(of(`arn:aws:iam::${account}:root`))).toBe("");
    expect(severities(of(account))).toBe("");
    expect(severities(of(ann, ',"Condition":{"Bool":{"aws:SecureTransport":"true"}}'))).toBe("warning");
    expect(severities(of(bob), `arn:aws:sts::${account}:assumed-role/bob/session`)).toBe("");
  });

  it("counts bytes and not characters", () => {
    const text = `{"Statement":{"Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"*","Sid":"${"é".repeat(SIZE_MAX / 2)}"}}`;
    expect(severities(text)).toBe("error");
  });
});

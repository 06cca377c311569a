import { describe, expect, it } from "vitest";

import type { KeyMetadata } from "../aws/model";
import { algorithmsOf, DEEDS, deedsOf, fieldsOf, type Inputs, outcomeOf, requestOf } from "./use-operations";

const inputs: Inputs = {
  keyId: "alias/a",
  algorithm: "SYMMETRIC_DEFAULT",
  data: "aGk=",
  proof: "cHI=",
  messageType: "RAW",
  context: { app: "mine" },
  spec: "AES_256",
  withoutPlaintext: false,
  destination: { keyId: "alias/b", algorithm: "SYMMETRIC_DEFAULT", context: {} },
};
const given = (input: Record<string, unknown>) => Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));

describe("requests", () => {
  it("of ReEncrypt name both sides, and a context only where the side is symmetric", () => {
    const [operation, input] = requestOf("reEncrypt", { ...inputs, destination: { keyId: "alias/rsa", algorithm: "RSAES_OAEP_SHA_256", context: { a: "b" } } });
    expect(operation).toBe("ReEncrypt");
    expect(given(input)).toEqual({
      CiphertextBlob: "aGk=",
      SourceKeyId: "alias/a",
      SourceEncryptionContext: { app: "mine" },
      DestinationKeyId: "alias/rsa",
      DestinationEncryptionAlgorithm: "RSAES_OAEP_SHA_256",
    });
  });

  it("of data keys and pairs are four operations", () => {
    const pair = { ...inputs, spec: "ECC_NIST_P256", context: {} };
    expect(requestOf("dataKey", inputs)[0]).toBe("GenerateDataKey");
    expect(requestOf("dataKey", { ...inputs, withoutPlaintext: true })[0]).toBe("GenerateDataKeyWithoutPlaintext");
    expect(requestOf("dataKeyPair", pair)).toEqual(["GenerateDataKeyPair", { KeyId: "alias/a", KeyPairSpec: "ECC_NIST_P256", EncryptionContext: undefined }]);
    expect(requestOf("dataKeyPair", { ...pair, withoutPlaintext: true })[0]).toBe("GenerateDataKeyPairWithoutPlaintext");
  });

  it("of agreement and encapsulation are AWS's", () => {
    expect(requestOf("derive", { ...inputs, algorithm: "ECDH" })).toEqual(["DeriveSharedSecret", { KeyId: "alias/a", KeyAgreementAlgorithm: "ECDH", PublicKey: "aGk=" }]);
    expect(requestOf("encapsulate", { ...inputs, algorithm: "ML_KEM" })).toEqual(["Encapsulate", { KeyId: "alias/a", EncapsulationAlgorithm: "ML_KEM" }]);
    expect(requestOf("decapsulate", { ...inputs, algorithm: "ML_KEM" })[1]).toEqual({
      KeyId: "alias/a",
      SharedSecretCiphertextBlob: "aGk=",
      EncapsulationAlgorithm: "ML_KEM",
    });
  });

  it("leave out a key that the ciphertext names", () => {
    expect(given(requestOf("decrypt", { ...inputs, keyId: "", context: {} })[1])).toEqual({ CiphertextBlob: "aGk=" });
  });
});

describe("deeds", () => {
  const meta = (KeyUsage: KeyMetadata["KeyUsage"], KeySpec: string) => ({ KeyUsage, KeySpec }) as KeyMetadata;

  it("are those of the key's kind", () => {
    expect(deedsOf(meta("ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT"), "k")).toEqual(["encrypt", "decrypt", "reEncrypt", "dataKey", "dataKeyPair"]);
    expect(deedsOf(meta("ENCRYPT_DECRYPT", "RSA_2048"), "k")).not.toContain("dataKey");
    expect(deedsOf(meta("KEY_AGREEMENT", "ECC_NIST_P256"), "k")).toEqual(["derive"]);
    expect(deedsOf(undefined, "k")).toEqual(DEEDS);
    expect(deedsOf(undefined, "")).toEqual(["decrypt", "reEncrypt"]);
  });

  it("have algorithms and fields, described key or not", () => {
    for (const deed of DEEDS) {
      const [first = "SYMMETRIC_DEFAULT"] = algorithmsOf(deed, undefined);
      const fields = fieldsOf(deed, first);
      expect(fields.data === "none" || fields.label !== "", deed).toBe(true);
    }
    expect(fieldsOf("encrypt", "RSAES_OAEP_SHA_1").context).toBe(false);
  });
});

describe("outcomes", () => {
  it("show text where the plaintext is some, and every secret by its own name", () => {
    const labels = (deed: (typeof DEEDS)[number], answer: object, text?: string) =>
      outcomeOf(deed, answer as Record<string, unknown>, () => text).results.map((one) => one.label);
    expect(labels("decrypt", { Plaintext: "aGk=" }, "hi")).toEqual(["Plaintext", "Plaintext (base64)"]);
    expect(labels("decrypt", { Plaintext: "/w==" })).toEqual(["Plaintext (base64)"]);
    expect(labels("dataKey", { Plaintext: "aGk=", CiphertextBlob: "eA==" })).toEqual(["Data key in plaintext (base64)", "Encrypted data key (base64)"]);
    expect(labels("dataKeyPair", { PublicKey: "a", PrivateKeyPlaintext: "b", PrivateKeyCiphertextBlob: "c" })).toHaveLength(3);
    expect(outcomeOf("verify", { SignatureValid: true }, () => undefined).valid).toBeTruthy();
  });
});

import { describe, expect, it } from "vitest";

import { aliasError, change, initialChoices, reservedDescription, specsOf, usagesOf } from "./create-choices";

describe("choices of a new key", () => {
  it("keep usage and spec in step with the type", () => {
    const asymmetric = change(initialChoices, { type: "asymmetric", usage: "SIGN_VERIFY" });
    expect(asymmetric.spec).toBe("RSA_2048");
    const curve = change(asymmetric, { spec: "ECC_NIST_P521" });
    expect(change(curve, { usage: "KEY_AGREEMENT" }).spec).toBe("ECC_NIST_P521");
    const back = change(curve, { type: "symmetric" });
    expect([back.usage, back.spec]).toEqual(["ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT"]);
  });

  it("forget an imported origin where none can be had, and the box with it", () => {
    const external = change(initialChoices, { external: true, understood: true });
    expect(external.understood).toBe(true);
    const quantum = change(external, { type: "asymmetric", usage: "SIGN_VERIFY", spec: "ML_DSA_65" });
    expect([quantum.external, quantum.understood]).toEqual([false, false]);
  });

  it("offer a spec for every usage", () => {
    for (const type of ["symmetric", "asymmetric"] as const) {
      for (const usage of usagesOf(type)) expect(specsOf({ type, usage }).length).toBeGreaterThan(0);
    }
  });
});

describe("names", () => {
  it("of aliases are checked as AWS does", () => {
    expect(aliasError("my-app/key_1", [])).toBeUndefined();
    for (const bad of ["", " ", "aws/mine", "sp ace", "ü", "a".repeat(251)]) expect(aliasError(bad, []), bad).toBeTruthy();
    expect(aliasError("mine", ["alias/mine"])).toBeTruthy();
  });

  it("of AWS managed keys are known by their form", () => {
    expect(reservedDescription("Default master key that protects my S3 objects when no other key is defined")).toBe(true);
    expect(reservedDescription("Protects my S3 objects")).toBe(false);
  });
});

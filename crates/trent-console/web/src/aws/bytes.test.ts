import { describe, expect, it } from "vitest";

import { fromBase64, publicKeyBytes, toBase64, toPem } from "./bytes";

describe("public keys", () => {
  const der = Uint8Array.from({ length: 100 }, (_, at) => at);

  it("are read as PEM and as base64", () => {
    const base64 = toBase64(der);
    expect(publicKeyBytes(toPem(base64))).toEqual(der);
    expect(publicKeyBytes(`some text\n${toPem(base64)}`)).toEqual(der);
    expect(publicKeyBytes(`${base64.slice(0, 30)}\n${base64.slice(30)}`)).toEqual(der);
  });

  it("are nothing else", () => {
    expect(publicKeyBytes("-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----")).toBeUndefined();
    expect(fromBase64("not base64!")).toBeUndefined();
  });
});

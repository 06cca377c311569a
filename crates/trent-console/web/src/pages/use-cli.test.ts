import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";

import { cliLine, quote } from "./use-cli";

describe("cliLine", () => {
  it("names options as the CLI does", () => {
    const input = { KeyId: "alias/a", Plaintext: "aGk=", EncryptionContext: { a: "it's" }, EncryptionAlgorithm: undefined };
    expect(cliLine("GenerateDataKeyWithoutPlaintext", { KeyId: "k", KeySpec: "AES_256" }, "eu-west-1", "http://localhost:8080")).toBe(
      "aws kms generate-data-key-without-plaintext --key-id k --key-spec AES_256 --region eu-west-1 --endpoint-url http://localhost:8080",
    );
    const line = cliLine("Encrypt", input, "eu-west-1", "http://h");
    expect(line).toContain(`--plaintext fileb://<(echo aGk= | base64 --decode) --encryption-context '{"a":"it'\\''s"}' --region`);
  });

  it("quotes for the shell", () => {
    for (const word of ["plain", "two words", "it's $HOME `x` \"y\"", "", "a\nb", "*"]) {
      expect(execFileSync("sh", ["-c", `printf %s ${quote(word)}`], { encoding: "utf8" })).toBe(word);
    }
  });
});

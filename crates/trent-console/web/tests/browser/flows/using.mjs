// Keys at work.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createPrivateKey, createPublicKey, diffieHellman, generateKeyPairSync } from "node:crypto";

/** A key at work, and the same by the line for the AWS CLI. */
export async function usingKeys({ trent, person }) {
  const { page } = person;
  const output = (label) => page.locator(`pre[aria-label="${label}"]`).textContent();
  await person.nav("Use key");
  const chooseKey = async (name) => {
    await page.getByRole("combobox", { name: "Key" }).fill(name);
    await page.getByRole("option", { name }).last().click();
  };
  await chooseKey("alias/my-app-key");
  await page.getByLabel("Plaintext", { exact: true }).fill("It's secret");
  await person.click("Add pair");
  await page.getByRole("textbox", { name: "Key", exact: true }).last().fill("app");
  await page.getByRole("textbox", { name: "Value", exact: true }).fill("it's mine");
  await person.click("Run");
  await page.getByRole("heading", { name: "Result" }).waitFor();
  await person.look("use-encrypt");
  const sealed = await output("Ciphertext (base64)");
  const line = await output("The same with the AWS CLI");
  const theirs = JSON.parse(execFileSync("bash", ["-c", line], { env: trent.environment(), encoding: "utf8" }));
  for (const blob of [sealed, theirs.CiphertextBlob]) {
    await page.getByRole("radio", { name: "Decrypt" }).or(page.getByRole("button", { name: "Decrypt", exact: true })).first().click();
    await page.getByLabel("Ciphertext (base64)").fill(blob);
    await person.click("Run");
    await person.text("InvalidCiphertextException");
    await person.click("Add pair");
    await page.getByRole("textbox", { name: "Key", exact: true }).last().fill("app");
    await page.getByRole("textbox", { name: "Value", exact: true }).fill("it's mine");
    await person.click("Run");
    await page.getByRole("heading", { name: "Result" }).waitFor();
    assert.equal(await output("Plaintext"), "It's secret");
    await person.look("use-decrypt");
    await page.getByRole("button", { name: "Generate data key", exact: true }).click();
  }
  await person.click("Run");
  await page.getByRole("heading", { name: "Result" }).waitFor();
  assert.equal(Buffer.from(await output("Data key in plaintext (base64)"), "base64").length, 32);

  await chooseKey("alias/signer");
  await page.getByLabel("Message", { exact: true }).fill("sign me");
  await person.click("Run");
  await page.getByRole("heading", { name: "Result" }).waitFor();
  const signature = await output("Signature (base64)");
  await page.getByRole("button", { name: "Verify", exact: true }).click();
  await page.getByLabel("Message", { exact: true }).fill("sign me");
  await page.getByLabel("Signature (base64)").fill(signature);
  await person.click("Run");
  await person.text("The signature is valid.");
  await person.look("use-verify");
  await page.getByLabel("Message", { exact: true }).fill("something else");
  await person.click("Run");
  await person.text("KMSInvalidSignatureException");
}

/** What besides can be done with keys: pairs, re-encryption, MACs, agreement and encapsulation. */
export async function usingKindsOfKeys({ trent, person }) {
  const { page } = person;
  const output = (label) => page.locator(`pre[aria-label="${label}"]`).textContent();
  const bytes = async (label) => Buffer.from(await output(label), "base64");
  const theSame = async () =>
    JSON.parse(execFileSync("bash", ["-c", await output("The same with the AWS CLI")], { env: trent.environment(), encoding: "utf8" }));
  const chooseKey = async (alias, label = "Key") => {
    await page.getByRole("combobox", { name: label, exact: true }).fill(`alias/${alias}`);
    await page.getByRole("option", { name: `alias/${alias}` }).last().click();
  };
  const deed = (name) => page.getByRole("button", { name, exact: true }).click();
  const run = async () => {
    await person.click("Run");
    await page.getByRole("heading", { name: "Result" }).waitFor();
  };
  const make = (alias, spec, usage) => {
    const { KeyMetadata: key } = trent.aws(["kms", "create-key", "--key-spec", spec, "--key-usage", usage]);
    trent.aws(["kms", "create-alias", "--alias-name", `alias/${alias}`, "--target-key-id", key.KeyId]);
  };
  make("use-rsa", "RSA_2048", "ENCRYPT_DECRYPT");
  make("use-mac", "HMAC_256", "GENERATE_VERIFY_MAC");
  make("use-agree", "ECC_NIST_P256", "KEY_AGREEMENT");
  make("use-kem", "ML_KEM_768", "ENCAPSULATE_DECAPSULATE");
  await person.nav("Use key");
  await person.text("A ciphertext of a symmetric key names its key.");
  await person.look("use-no-key");

  await chooseKey("my-app-key");
  await deed("Generate data key pair");
  await person.choose("Key pair spec", "ECC_NIST_P256");
  await run();
  const privateKey = createPrivateKey({ key: await bytes("Private key in plaintext (base64)"), format: "der", type: "pkcs8" });
  const publicDer = createPublicKey(privateKey).export({ format: "der", type: "spki" });
  assert.deepEqual(await bytes("Public key (base64)"), publicDer);
  await person.look("use-data-key-pair");
  await page.getByLabel("Without the plaintext of the private key").check();
  await run();
  await page.getByText("Encrypted private key (base64)").first().waitFor();
  assert.equal(await page.getByText("Private key in plaintext").count(), 0);
  assert.ok((await theSame()).PrivateKeyCiphertextBlob);
  await deed("Generate data key");
  await page.getByLabel("Without the plaintext of the data key").check();
  await run();
  assert.equal(await page.getByText("Data key in plaintext").count(), 0);
  assert.match(await output("The same with the AWS CLI"), /^aws kms generate-data-key-without-plaintext /);

  await deed("Encrypt");
  await page.getByLabel("Plaintext", { exact: true }).fill("It's secret");
  await run();
  const sealed = await output("Ciphertext (base64)");
  await deed("Re-encrypt");
  await person.click("Run");
  await person.text("Enter something.");
  await page.getByLabel("Ciphertext (base64)").fill(sealed);
  await chooseKey("use-rsa", "Destination key");
  await person.choose("Destination algorithm", "RSAES_OAEP_SHA_256");
  await person.look("use-re-encrypt");
  await run();
  const moved = await output("Ciphertext (base64)");
  assert.equal((await theSame()).DestinationEncryptionAlgorithm, "RSAES_OAEP_SHA_256");
  await chooseKey("use-rsa");
  await deed("Decrypt");
  await person.choose("Algorithm", "RSAES_OAEP_SHA_256");
  await page.getByLabel("Ciphertext (base64)").fill(moved);
  await run();
  assert.equal(await output("Plaintext"), "It's secret");

  await chooseKey("use-mac");
  await page.getByLabel("Message", { exact: true }).fill("stamp me");
  await run();
  const mac = await output("MAC (base64)");
  assert.equal((await theSame()).Mac, mac);
  await deed("Verify MAC");
  await page.getByLabel("Message", { exact: true }).fill("stamp me");
  await page.getByLabel("MAC (base64)").fill(mac);
  await person.click("Run");
  await person.text("The MAC is valid.");
  await person.look("use-verify-mac");

  const other = generateKeyPairSync("ec", { namedCurve: "P-256" });
  await chooseKey("use-agree");
  await page.getByLabel("Public key of the other side").fill("no key!");
  await person.click("Run");
  await person.text("This is neither PEM nor base64.");
  await page.getByLabel("Public key of the other side").fill(other.publicKey.export({ format: "pem", type: "spki" }));
  await run();
  const { PublicKey } = trent.aws(["kms", "get-public-key", "--key-id", "alias/use-agree"]);
  const theirs = createPublicKey({ key: Buffer.from(PublicKey, "base64"), format: "der", type: "spki" });
  const secret = await output("Shared secret (base64)");
  assert.equal(diffieHellman({ privateKey: other.privateKey, publicKey: theirs }).toString("base64"), secret);
  assert.equal((await theSame()).SharedSecret, secret);
  await person.look("use-derive");

  await chooseKey("use-kem");
  await run();
  const [shared, ciphertext] = [await output("Shared secret (base64)"), await output("Ciphertext of the shared secret (base64)")];
  await deed("Decapsulate");
  await page.getByLabel("Ciphertext of the shared secret (base64)").fill(ciphertext);
  await run();
  assert.equal(await output("Shared secret (base64)"), shared);
  // Version 1 of the AWS CLI does not have the operation, so the line is only looked at.
  assert.match(
    await output("The same with the AWS CLI"),
    /^aws kms decapsulate --key-id alias\/use-kem --shared-secret-ciphertext-blob fileb:\/\/.* --encapsulation-algorithm ML_KEM /,
  );
  await person.look("use-decapsulate");
}

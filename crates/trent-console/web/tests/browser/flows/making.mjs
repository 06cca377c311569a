// Keys made by the wizard.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";

import { keyIn, until } from "./waiting.mjs";

const ACTIONS_OF_ADMINISTRATORS = 13;

/** Users and roles that the flows choose. */
export function prepare({ trent }) {
  const trust = JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { AWS: trent.account }, Action: "sts:AssumeRole" }],
  });
  trent.aws(["iam", "create-user", "--user-name", "ann"]);
  trent.aws(["iam", "create-user", "--user-name", "bob"]);
  trent.aws(["iam", "create-role", "--role-name", "app", "--assume-role-policy-document", trust]);
}

export async function signingIn({ trent, person }) {
  const { page } = person;
  await person.look("sign-in");
  await person.signIn({ accessKeyId: trent.accessKeyId, secretAccessKey: "wrong" });
  await person.text("SignatureDoesNotMatch");
  await person.look("sign-in-refused");
  await person.signIn(trent);
  await person.heading("Customer managed keys");
  await person.text("No customer managed keys");
  assert.match(page.url(), new RegExp(`/console/${trent.account}/us-east-1/keys$`));
  await person.look("keys-empty");
}

/** I1: symmetric, with tags, administrators who may not delete, users, another account. */
export async function symmetricKey({ trent, person }) {
  const { page } = person;
  await person.nav("Customer managed keys");
  await page.getByRole("link", { name: "Create key" }).first().click();
  await person.heading("Configure key");
  await person.look("create-1-configure");
  await page.getByText("Symmetric", { exact: true }).first().click();
  await person.next();
  await person.heading("Add labels");
  await person.next();
  await person.text("Enter an alias.");
  await page.getByRole("textbox", { name: "Alias" }).fill("aws/mine");
  await person.text("Aliases that begin with aws/ are for AWS managed keys.");
  await page.getByRole("textbox", { name: "Alias" }).fill("my-app-key");
  await page.getByRole("textbox", { name: "Description" }).fill("Default master key that protects my data when no other key is defined");
  await person.text("are those of AWS managed keys");
  await person.look("create-2-labels");
  await page.getByRole("textbox", { name: "Description" }).fill("Key of my app");
  await person.next();
  await person.heading("Add tags");
  for (const [index, [key, value]] of [["Project", "Alpha"], ["CostCenter", "42"]].entries()) {
    await person.click("Add tag");
    await page.getByRole("textbox", { name: "Key", exact: true }).nth(index).fill(key);
    await page.getByRole("textbox", { name: "Value – optional" }).nth(index).fill(value);
  }
  await person.look("create-3-tags");
  await person.next();
  await person.heading("Define key administrative permissions");
  await page.getByRole("checkbox", { name: "Select ann", exact: true }).check();
  await page.getByLabel("Allow key administrators to delete this key").uncheck();
  await person.look("create-4-administrators");
  await person.next();
  await person.heading("Define key usage permissions");
  await page.getByRole("checkbox", { name: "Select bob", exact: true }).check();
  await page.getByRole("checkbox", { name: "Select app", exact: true }).check();
  await person.click("Add another AWS account");
  await page.getByRole("textbox", { name: "Account ID" }).fill("12345");
  await person.next();
  await person.text("An account ID has 12 digits.");
  await page.getByRole("textbox", { name: "Account ID" }).fill(trent.other);
  await person.look("create-5-users");
  await person.next();
  await person.heading("Review");
  await person.look("create-6-review");
  await person.click("Finish");
  const id = await keyIn(person);
  await person.text("The key is created, with the alias my-app-key.");
  await person.look("key-policy");

  const { KeyMetadata: key } = trent.aws(["kms", "describe-key", "--key-id", "alias/my-app-key"]);
  assert.equal(key.KeyId, id);
  assert.deepEqual(
    [key.KeySpec, key.KeyUsage, key.Origin, key.KeyState, key.Description, key.MultiRegion],
    ["SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", "AWS_KMS", "Enabled", "Key of my app", false],
  );
  const policy = JSON.parse(trent.aws(["kms", "get-key-policy", "--key-id", id]).Policy);
  assert.equal(policy.Id, "key-consolepolicy-3");
  assert.deepEqual(
    policy.Statement.map((one) => one.Sid),
    [
      "Enable IAM User Permissions",
      "Allow access for Key Administrators",
      "Allow use of the key",
      "Allow attachment of persistent resources",
    ],
  );
  const [, administrators, users] = policy.Statement;
  assert.equal(administrators.Principal.AWS, `arn:aws:iam::${trent.account}:user/ann`);
  assert.equal(administrators.Action.length, ACTIONS_OF_ADMINISTRATORS);
  assert.ok(!JSON.stringify(administrators.Action).includes("KeyDeletion"));
  assert.deepEqual(
    users.Principal.AWS.toSorted(),
    [`arn:aws:iam::${trent.account}:role/app`, `arn:aws:iam::${trent.account}:user/bob`, `arn:aws:iam::${trent.other}:root`].toSorted(),
  );
  const { Tags } = trent.aws(["kms", "list-resource-tags", "--key-id", id]);
  assert.deepEqual(Object.fromEntries(Tags.map((tag) => [tag.TagKey, tag.TagValue])), { Project: "Alpha", CostCenter: "42" });
}

/** I2: asymmetric, to sign. */
export async function asymmetricKey({ trent, person }) {
  const { page } = person;
  await person.nav("Customer managed keys");
  await page.getByRole("link", { name: "Create key" }).first().click();
  await page.getByRole("radio", { name: "Asymmetric" }).check();
  await page.getByRole("radio", { name: "Sign and verify" }).check();
  await person.choose("Key spec", "ECC_NIST_P256");
  await person.look("create-asymmetric");
  await person.next();
  await page.getByRole("textbox", { name: "Alias" }).fill("signer");
  await person.next();
  await person.next();
  await person.next();
  await page.getByRole("checkbox", { name: "Select bob", exact: true }).check();
  await person.next();
  await person.click("Finish");
  const id = await keyIn(person);
  const { KeyMetadata: key } = trent.aws(["kms", "describe-key", "--key-id", id]);
  assert.deepEqual([key.KeySpec, key.KeyUsage, key.SigningAlgorithms], ["ECC_NIST_P256", "SIGN_VERIFY", ["ECDSA_SHA_256"]]);
  const policy = JSON.parse(trent.aws(["kms", "get-key-policy", "--key-id", id]).Policy);
  assert.deepEqual(policy.Statement[1].Action, ["kms:DescribeKey", "kms:GetPublicKey", "kms:Sign", "kms:Verify"]);
  await page.getByRole("tab", { name: "Public key" }).click();
  await person.text("-----BEGIN PUBLIC KEY-----");
  await person.look("key-public-key");
  const download = page.waitForEvent("download");
  await person.click("Download");
  const file = join(trent.directory, "public.pem");
  await (await download).saveAs(file);
  assert.match(execFileSync("openssl", ["pkey", "-pubin", "-in", file, "-noout", "-text"], { encoding: "utf8" }), /P-256|prime256v1/);
}

/** I3: imported, multi-Region, left after the wizard and taken up from the key's page. */
export async function importedKey({ trent, person }) {
  const { page } = person;
  await person.nav("Customer managed keys");
  await page.getByRole("link", { name: "Create key" }).first().click();
  await person.click("Advanced options");
  await page.getByRole("radio", { name: "External (Import key material)" }).check();
  await person.next();
  await person.text("Check the box to go on with an imported key.");
  await page.getByLabel("I understand the security, availability, and durability implications of using an imported key").check();
  await page.getByRole("radio", { name: "Multi-Region key" }).check();
  await person.look("create-imported");
  await person.next();
  await page.getByRole("textbox", { name: "Alias" }).fill("imported");
  for (const _ of Array.from({ length: 4 })) await person.next();
  await person.click("Finish");
  await person.heading("Download wrapping public key and import token");
  await person.look("import-1-download");
  const id = new URL(page.url()).pathname.split("/").at(-2);
  assert.equal(trent.aws(["kms", "describe-key", "--key-id", id]).KeyMetadata.KeyState, "PendingImport");

  await person.click("Cancel");
  await person.text("This key has no key material yet.");
  await person.look("key-pending-import");
  await person.nav("Customer managed keys");
  await person.open("imported");
  await page.getByRole("button", { name: "Import key material" }).first().click();
  const download = page.waitForEvent("download");
  await person.click("Download wrapping public key and import token");
  const archive = join(trent.directory, "parameters.zip");
  await (await download).saveAs(archive);
  await person.text("Downloaded. The import token is valid until");
  const script = await page.locator("pre").first().textContent();
  const material = await page.locator("pre").nth(1).textContent();
  execFileSync("python3", ["-m", "zipfile", "-e", archive, trent.directory]);
  execFileSync("bash", ["-ec", `${material}\n${script}`], { cwd: trent.directory, stdio: "pipe" });

  await person.click("Cancel");
  await page.getByRole("tab", { name: "Key material and rotations" }).waitFor();
  await person.click("Upload wrapped key material");
  await person.heading("Upload your wrapped key material");
  await person.next();
  await person.text("Choose a file.");
  await page.locator("input[type=file]").nth(0).setInputFiles(join(trent.directory, "EncryptedKeyMaterial.bin"));
  await page.locator("input[type=file]").nth(1).setInputFiles(join(trent.directory, "ImportToken.bin"));
  await person.look("import-2-upload");
  await person.next();
  await page.getByRole("radio", { name: "Key material expires" }).check();
  const tomorrow = new Date(Date.now() + 2 * 86_400_000);
  const day = [tomorrow.getFullYear(), tomorrow.getMonth() + 1, tomorrow.getDate()].map((part) => String(part).padStart(2, "0"));
  await page.getByLabel("Expires on").fill(day.join("/"));
  await person.look("import-3-expiration");
  await page.getByRole("button", { name: "Import key material", exact: true }).click();
  await person.text("The key material is imported.");
  const { KeyMetadata: key } = trent.aws(["kms", "describe-key", "--key-id", id]);
  assert.deepEqual([key.KeyState, key.Origin, key.MultiRegion, key.ExpirationModel], ["Enabled", "EXTERNAL", true, "KEY_MATERIAL_EXPIRES"]);
  await page.getByRole("tab", { name: "Key material and rotations" }).click();
  await person.text("Imported");
  await person.look("key-imported-material");

  await page.getByRole("tab", { name: "Regionality" }).click();
  await person.click("Create new replica keys");
  await page.getByRole("dialog").getByRole("button", { name: /^Regions/ }).click();
  await page.getByRole("option", { name: "eu-west-1" }).click();
  await page.keyboard.press("Escape");
  await person.look("key-replicate");
  await person.click("Create new replica keys", person.dialog());
  await person.text("The replica is created.");
  await person.look("key-regions");
  // A replica is Creating for a moment.
  await until(() => trent.aws(["kms", "describe-key", "--key-id", id], { region: "eu-west-1" }).KeyMetadata.KeyState === "PendingImport");
  await person.click("Change primary Region");
  await person.dialog().getByRole("button", { name: /^Region/ }).click();
  await page.getByRole("option", { name: "eu-west-1" }).click();
  await person.look("key-change-primary");
  await person.click("Cancel", person.dialog());
  await page.getByRole("link", { name: "eu-west-1" }).click();
  await person.text("Multi-Region replica");
  assert.match(page.url(), /eu-west-1/);
  await person.look("key-replica");
  await page.goBack();
}

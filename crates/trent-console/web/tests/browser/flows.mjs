// What a person does with the console, by clicking; each flow says what must be true afterwards.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const ACTIONS_OF_ADMINISTRATORS = 13;

const idOf = (url) => new URL(url).pathname.split("/").at(-1);
const keyIn = async (person) => {
  await person.page.waitForURL(/\/keys\/(mrk-)?[0-9a-f-]{32,36}(\?|$)/);
  return idOf(person.page.url());
};

/** Waits until something is so. */
async function until(so) {
  for (let left = 100; left > 0; left -= 1) {
    if (await so()) return;
    await new Promise((done) => {
      setTimeout(done, 100);
    });
  }
  throw new Error(`not in ten seconds: ${so}`);
}

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
  await page.getByRole("link", { name: "imported" }).click();
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
  assert.equal(trent.aws(["kms", "describe-key", "--key-id", id], { region: "eu-west-1" }).KeyMetadata.KeyState, "PendingImport");
  await page.getByRole("link", { name: "eu-west-1" }).click();
  await person.text("Multi-Region replica");
  assert.match(page.url(), /eu-west-1/);
  await page.goBack();
}

/** The tabs of a key, and what is changed there. */
export async function keyTabs({ trent, person }) {
  const { page } = person;
  await person.nav("Customer managed keys");
  await page.getByRole("link", { name: "my-app-key" }).click();
  const id = await keyIn(person);
  const policy = () => JSON.parse(trent.aws(["kms", "get-key-policy", "--key-id", id]).Policy);

  await page.getByRole("button", { name: "Add key administrators" }).click();
  await person.dialog().getByRole("checkbox", { name: "Select app", exact: true }).check();
  await person.click("Save changes", person.dialog());
  await person.text("The key policy is saved.");
  assert.equal(policy().Statement[1].Principal.AWS.length, 2);
  // The box shows what the policy says, so it changes when that is saved.
  const box = page.getByRole("checkbox", { name: "Allow key administrators to delete this key" });
  await box.click();
  await until(() => box.isChecked());
  assert.ok(policy().Statement[1].Action.includes("kms:ScheduleKeyDeletion"));
  await person.click("Switch to policy view");
  await person.click("Edit");
  const before = await page.locator("textarea").inputValue();
  await page.locator("textarea").fill(before.replace('"Statement": [', '"Statement": [,'));
  await person.text("This is not JSON: line 4");
  await person.look("key-policy-not-json");
  const narrow = JSON.parse(before);
  narrow.Statement = narrow.Statement.slice(2);
  await page.locator("textarea").fill(JSON.stringify(narrow));
  await person.text("You may lock everybody out of the key.");
  await person.look("key-policy-lockout");
  await person.click("Save changes");
  await person.text("MalformedPolicyDocumentException");
  await person.nav("Quotas");
  await person.text("You have changes that have not been saved.");
  await person.look("unsaved-changes");
  await person.click("Stay");
  const wider = JSON.parse(before);
  wider.Statement.push({ Sid: "Mine", Effect: "Deny", Principal: "*", Action: "kms:ReplicateKey", Resource: "*" });
  await page.locator("textarea").fill(JSON.stringify(wider));
  await person.click("Save changes");
  await person.text("so it has a policy view only");
  assert.equal(policy().Statement.at(-1).Sid, "Mine");

  await page.getByRole("tab", { name: "Cryptographic configuration" }).click();
  await person.text("Encryption algorithms");
  await person.look("key-crypto");

  await page.getByRole("tab", { name: "Grants" }).click();
  await person.click("Create grant");
  await person.dialog().getByLabel("Grantee principal").fill(`arn:aws:iam::${trent.account}:role/app`);
  await person.dialog().getByRole("button", { name: /^Operations/ }).click();
  await page.getByRole("option", { name: "Decrypt", exact: true }).click();
  await page.keyboard.press("Escape");
  await person.dialog().getByLabel("Encryption context that must be part").fill("app=mine");
  await person.look("key-grant-create");
  await person.click("Create grant", person.dialog());
  await person.text("The grant is created.");
  await person.text("app=mine");
  await person.look("key-grants");
  await page.getByRole("radio", { name: /^Select grant/ }).first().check();
  await person.click("Revoke");
  await person.click("Revoke", person.dialog());
  await person.text("The grant is revoked.");
  assert.equal(trent.aws(["kms", "list-grants", "--key-id", id]).Grants.length, 0);

  await page.getByRole("tab", { name: "Tags" }).click();
  await person.click("Edit tags");
  await person.dialog().getByRole("button", { name: "Remove CostCenter" }).click();
  await person.dialog().getByRole("textbox", { name: "Value – optional" }).first().fill("Beta");
  await person.look("key-tags-edit");
  await person.click("Save changes", person.dialog());
  await person.text("The tags are saved.");
  assert.deepEqual(trent.aws(["kms", "list-resource-tags", "--key-id", id]).Tags, [{ TagKey: "Project", TagValue: "Beta" }]);
  await person.look("key-tags");

  await page.getByRole("tab", { name: "Key material and rotations" }).click();
  await person.click("Edit automatic rotation");
  await person.dialog().getByLabel("Rotate this key automatically").check();
  await person.dialog().getByLabel("Rotation period").fill("30");
  await person.text("Enter a whole number from 90 to 2560.");
  await person.dialog().getByLabel("Rotation period").fill("180");
  await person.click("Save changes", person.dialog());
  await person.text("Automatic rotation is saved.");
  await person.click("Rotate now");
  await person.click("Rotate now", person.dialog());
  await person.text("The key is rotated.");
  await person.text("On demand");
  await person.look("key-rotation");
  assert.equal(trent.aws(["kms", "get-key-rotation-status", "--key-id", id]).RotationPeriodInDays, 180);

  await page.getByRole("tab", { name: "Aliases" }).click();
  await person.click("Create alias");
  await person.dialog().getByRole("textbox", { name: "Alias" }).fill("second-name");
  await person.click("Create alias", person.dialog());
  await person.text("The alias is created.");
  await page.getByRole("checkbox", { name: "Select second-name", exact: true }).check();
  await person.look("key-aliases");
  await person.click("Delete");
  await person.click("Delete", person.dialog());
  await person.text("The aliases are deleted.");
  assert.equal(trent.aws(["kms", "list-aliases", "--key-id", id]).Aliases.length, 1);

  await person.click("Key actions");
  await page.getByRole("menuitem", { name: "Edit description" }).click();
  await person.dialog().getByLabel("Description").fill("Another text");
  await person.click("Save changes", person.dialog());
  await person.text("Another text");
  await page.getByRole("tab", { name: "Usage and cost" }).click();
  await page.waitForTimeout(1000);
  await person.look("key-usage");
  await page.getByRole("tab", { name: "Audit" }).click();
  await page.waitForTimeout(1000);
  await person.look("key-audit");
}

/** Disabling, enabling, deleting and keeping keys from the list. */
export async function keyStates({ trent, person }) {
  const { page } = person;
  const state = () => trent.aws(["kms", "describe-key", "--key-id", "alias/my-app-key"]).KeyMetadata.KeyState;
  const act = async (name) => {
    await person.click("Key actions");
    await page.getByRole("menuitem", { name, exact: true }).click();
  };
  await person.nav("Customer managed keys");
  await page.getByRole("checkbox", { name: "Select my-app-key", exact: true }).check();
  await person.look("keys-list");
  await act("Disable");
  await person.dialog().getByLabel("I want to disable").check();
  await person.click("Disable", person.dialog());
  await person.text("The key is disabled.");
  assert.equal(state(), "Disabled");
  await page.getByRole("checkbox", { name: "Select my-app-key", exact: true }).check();
  await page.getByText("Disabled").first().waitFor();
  await act("Enable");
  await person.click("Enable", person.dialog());
  await person.text("The key is enabled.");
  await page.getByRole("checkbox", { name: "Select my-app-key", exact: true }).check();
  await act("Schedule key deletion");
  await person.dialog().getByLabel("Waiting period").fill("6");
  await person.text("Enter a whole number from 7 to 30.");
  await person.dialog().getByLabel("Waiting period").fill("9");
  await person.dialog().getByLabel(/^Confirm you want/).check();
  assert.ok(await person.dialog().getByRole("button", { name: "Schedule deletion" }).isDisabled());
  await person.dialog().getByLabel("To confirm, type delete").fill("delete");
  await person.look("key-deletion");
  await person.click("Schedule deletion", person.dialog());
  await person.text("The key is scheduled for deletion.");
  assert.equal(state(), "PendingDeletion");
  await page.getByRole("link", { name: "my-app-key" }).click();
  await person.text("This key is going to be deleted on");
  await person.look("key-pending-deletion");
  await act("Cancel key deletion");
  await person.click("Cancel key deletion", person.dialog());
  await person.text("The deletion is cancelled.");
  await person.text("This key is disabled");
  await act("Enable");
  await person.click("Enable", person.dialog());
  await person.text("The key is enabled.");
  assert.equal(state(), "Enabled");

  await person.nav("Customer managed keys");
  const filter = page.getByRole("combobox", { name: "Filter keys by property or value" });
  await filter.fill("asymmetric");
  await page.keyboard.press("Enter");
  await person.text("1 match");
  await page.getByRole("link", { name: "signer" }).waitFor();
  assert.match(page.url(), /filter=/);
  await person.look("keys-filtered");
  await person.click("Clear filters");
}

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

/** AWS managed keys can be looked at. */
export async function awsManagedKeys({ trent, person }) {
  const { page } = person;
  await person.nav("AWS managed keys");
  await person.text("No AWS managed keys");
  await person.look("aws-keys-empty");
  trent.aws(["kms", "describe-key", "--key-id", "alias/aws/s3"]);
  await person.click("Refresh");
  await page.getByRole("link", { name: "aws/s3" }).click();
  await person.text("auto-s3-2");
  assert.equal(await page.getByRole("button", { name: "Key actions" }).count(), 0);
  assert.equal(await page.getByRole("button", { name: "Edit", exact: true }).count(), 0);
  await person.look("aws-key");
  await page.getByRole("tab", { name: "Key material and rotations" }).click();
  await person.text("about once a year");
}

/** Users, their access keys and policies. */
export async function principals({ trent, person, notes }) {
  const { page } = person;
  await person.nav("Principals");
  await page.getByRole("link", { name: "ann" }).waitFor();
  await person.look("principals");
  await person.click("Create user");
  await person.dialog().getByLabel("User name").fill("carol");
  await person.click("Create user", person.dialog());
  await person.text("The user carol is created.");
  await person.click("Create access key");
  await person.text("This is the only time that the secret access key is shown.");
  await person.look("principal-access-key");
  const [id, secret] = (await page.locator("[class*=awsui_alert] .trent-copyable").allTextContents()).map((text) => text.trim());
  notes.carol = { accessKeyId: id, secretAccessKey: secret };
  await person.click("Add inline policy");
  await person.dialog().getByLabel("Policy name").fill("list");
  await person.look("principal-inline");
  await person.click("Save changes", person.dialog());
  await person.text("Saved.");
  assert.deepEqual(trent.aws(["iam", "list-user-policies", "--user-name", "carol"]).PolicyNames, ["list"]);
  await person.look("principal");
  await person.nav("Principals");
  for (const tab of ["Roles", "Groups", "Policies", "Account"]) {
    await page.getByRole("tab", { name: tab }).click();
    await page.waitForTimeout(300);
    await person.look(`principals-${tab.toLowerCase()}`);
  }
}

/** The trail, and what it says of use and cost. */
export async function reports({ trent, person }) {
  const { page } = person;
  const event = (name) => page.getByRole("button", { name: new RegExp(`^${name},`) });
  await person.nav("Audit");
  await event("CreateKey").first().waitFor();
  await person.look("audit");
  await event("CreateKey").first().click();
  await person.text("Event record");
  await person.look("audit-record");
  await person.dialog().getByRole("link", { name: "Events of this key" }).click();
  await page.waitForURL(/ResourceName=/);
  const filter = page.getByRole("combobox", { name: "Filter events" });
  await filter.fill("Event name = CreateAlias");
  await page.keyboard.press("Enter");
  await page.waitForURL(/EventName=CreateAlias/);
  await until(async () => (await event("CreateAlias").count()) === 1 && (await event("CreateKey").count()) === 0);
  await person.look("audit-filtered");
  await person.click("Clear filters");
  await page.getByLabel("Live tail").check();
  await person.text("New events appear by themselves.");
  await page.waitForTimeout(2000);
  trent.aws(["kms", "describe-key", "--key-id", "alias/my-app-key"]);
  await event("DescribeKey").first().waitFor();
  await person.look("audit-live");
  await page.getByLabel("Live tail").uncheck();

  await person.nav("Usage and cost");
  await page.getByRole("cell", { name: "CreateKey" }).or(page.getByRole("rowheader", { name: "CreateKey" })).first().waitFor();
  await person.look("usage");
  await person.choose("Group by", "Tag");
  await page.getByLabel("Tag key").fill("Project");
  await page.getByText(/^(Alpha|Beta)$/).first().waitFor();
  await person.look("usage-by-tag");
  await page.getByRole("tab", { name: "Cost" }).click();
  await page.getByText(/KMS-Keys$/).first().waitFor();
  await person.look("cost");
  const download = page.waitForEvent("download");
  await person.click("Download CSV");
  const file = join(trent.directory, "cost.csv");
  await (await download).saveAs(file);
  assert.match(readFileSync(file, "utf8"), /KMS-Keys/);
  await person.nav("Quotas");
  await person.text("keys-per-region");
  await person.look("quotas");
  await page.getByRole("searchbox", { name: "Find quotas" }).fill("policy document");
  await person.text("1 match");
}

/** Somebody who may list keys and nothing else sees why, and nothing breaks. */
export async function denied({ trent, person: root, another, notes }) {
  const person = await another();
  const { page } = person;
  await person.signIn(notes.carol);
  await page.getByRole("link", { name: "my-app-key" }).waitFor();
  await person.text("AccessDeniedException");
  await person.look("denied-list");
  await page.getByRole("link", { name: "my-app-key" }).click();
  await person.text("is not authorized to perform: kms:DescribeKey");
  await person.look("denied-key");
  // Whoever may read the policy may know why.
  const [, id] = /Request ID: *(?:Copy)?\s*([0-9a-f-]{36})/.exec(await page.getByText("Request ID").first().textContent()) ?? [];
  assert.ok(id, "the error shows its request id");
  await person.click("Why was this denied?");
  await person.text("Explain: AccessDeniedException");
  await person.look("denied-explain-denied");
  await person.close();
  trent.aws(["iam", "put-user-policy", "--user-name", "carol", "--policy-name", "read", "--policy-document", JSON.stringify({
    Version: "2012-10-17",
    Statement: { Effect: "Allow", Action: ["kms:DescribeKey", "kms:GetKeyPolicy", "kms:ListAliases"], Resource: "*" },
  })]);
  const reader = await another();
  await reader.signIn(notes.carol);
  await reader.page.getByRole("link", { name: "my-app-key" }).click();
  await reader.heading("my-app-key");
  await reader.page.getByRole("tab", { name: "Tags" }).click();
  await reader.text("kms:ListResourceTags");
  await reader.click("Why was this denied?");
  await reader.text("kms:ListResourceTags: denied because nothing allows it");
  await reader.look("denied-explained");
  await reader.close();

  await root.nav("Audit");
  const filter = root.page.getByRole("combobox", { name: "Filter events" });
  await filter.fill("Error code = AccessDenied");
  await root.page.keyboard.press("Enter");
  await root.page.getByRole("button", { name: /^ListResourceTags,/ }).first().click();
  await root.click("Why was this denied?");
  await root.text("kms:ListResourceTags: denied because nothing allows it");
  await root.click("Close", root.dialog());
  // Back at the record.
  await root.text("Event record");
  await root.dialog().getByRole("button", { name: "Close", exact: true }).last().click();
}

/** A key made without touching the mouse. */
export async function keyboard({ trent, another }) {
  const person = await another();
  const { page } = person;
  const { keyboard: keys } = page;
  /** Presses Tab until what has this name has the focus. */
  const tabTo = async (name) => {
    for (let left = 80; left > 0; left -= 1) {
      const focused = await page.evaluate(() => {
        const { activeElement: element } = document;
        const labels = (element?.getAttribute("aria-labelledby") ?? "").split(" ");
        const label = labels.map((id) => document.getElementById(id)?.textContent ?? "").join(" ");
        return [element?.getAttribute("aria-label"), label.trim(), element?.textContent].find((one) => one) ?? "";
      });
      if (focused.trim() === name) return;
      await keys.press("Tab");
    }
    throw new Error(`Tab does not lead to ${name}`);
  };
  await page.getByLabel("Access key ID").waitFor();
  await tabTo("Access key ID");
  await keys.type(trent.accessKeyId);
  await keys.press("Tab");
  await keys.type(trent.secretAccessKey);
  await keys.press("Enter");
  await person.heading("Customer managed keys");
  await tabTo("Create key");
  await keys.press("Enter");
  await person.heading("Configure key");
  await tabTo("Next");
  await keys.press("Enter");
  await person.heading("Add labels");
  await tabTo("Alias");
  await keys.type("by-keyboard");
  for (const step of ["Add tags", "Define key administrative permissions", "Define key usage permissions", "Review"]) {
    await tabTo("Next");
    await keys.press("Enter");
    await person.heading(step);
  }
  await tabTo("Finish");
  await keys.press("Enter");
  const id = await keyIn(person);
  assert.equal(trent.aws(["kms", "describe-key", "--key-id", "alias/by-keyboard"]).KeyMetadata.KeyId, id);
  await person.close();
}

/** Dark mode, deep links, and the end: nothing secret stays. */
export async function leaving({ trent, person, another, notes }) {
  const { page } = person;
  await person.nav("Customer managed keys");
  await person.click("Dark mode");
  await person.look("keys-dark");
  await page.getByRole("link", { name: "my-app-key" }).click();
  await person.look("key-dark");
  const link = page.url();
  await person.click("Light mode");
  await page.getByRole("button", { name: /^Region us-east-1/ }).click();
  await page.getByRole("menuitem", { name: "eu-west-1" }).click();
  await page.waitForURL(/eu-west-1\/keys$/);
  await page.getByRole("button", { name: /Signed in as/ }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await person.heading("Sign in to Trent");
  const kept = await page.evaluate(async () => {
    const bases = (await indexedDB.databases?.()) ?? [];
    return JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, bases, document.documentElement.outerHTML]);
  });
  for (const secret of [trent.secretAccessKey, trent.accessKeyId, notes.carol.secretAccessKey, "ASIA", "It's secret"]) {
    assert.ok(!kept.includes(secret), `${secret} is kept after sign-out`);
  }
  const guest = await another();
  await guest.page.clock.install();
  await guest.page.goto(link);
  await guest.signIn(trent);
  await guest.heading("my-app-key");
  assert.equal(guest.page.url(), link);
  await guest.page.clock.fastForward("55:30");
  await guest.text("Your session ends in");
  await guest.page.clock.fastForward("06:00");
  await guest.text("Your session has expired.");
  await guest.page.clock.resume();
  await guest.look("expired");
  await guest.close();
}

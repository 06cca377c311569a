// Keys that are there: their pages and lists.
import assert from "node:assert/strict";

import { keyIn, until } from "./waiting.mjs";

/** The tabs of a key, and what is changed there. */
export async function keyTabs({ trent, person }) {
  const { page } = person;
  await person.nav("Customer managed keys");
  await person.open("my-app-key");
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
  await page.getByRole("button", { name: "Add another AWS account" }).click();
  await person.click("Add another AWS account", person.dialog());
  await person.dialog().getByRole("textbox", { name: "Account ID" }).last().fill("1234");
  await person.text("An account ID has 12 digits.");
  await person.look("key-policy-accounts");
  await person.click("Cancel", person.dialog());
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
  await person.look("key-rotation-edit");
  await person.dialog().getByLabel("Rotation period").fill("180");
  await person.click("Save changes", person.dialog());
  await person.text("Automatic rotation is saved.");
  await person.click("Rotate now");
  await person.look("key-rotate-now");
  await person.click("Rotate now", person.dialog());
  await person.text("The key is rotated.");
  await person.text("On demand");
  await person.look("key-rotation");
  assert.equal(trent.aws(["kms", "get-key-rotation-status", "--key-id", id]).RotationPeriodInDays, 180);

  await page.getByRole("tab", { name: "Aliases" }).click();
  await person.click("Create alias");
  await person.dialog().getByRole("textbox", { name: "Alias" }).fill("aws/second-name");
  await person.text("Aliases that begin with aws/");
  await person.look("key-alias-create");
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
  await person.dialog().getByLabel("Description").fill("Default master key that protects my data when no other key is defined");
  await person.text("are those of AWS managed keys");
  await person.look("key-description");
  await person.dialog().getByLabel("Description").fill("Another text");
  await person.click("Save changes", person.dialog());
  await person.text("Another text");
  await page.getByRole("tab", { name: "Usage and cost" }).click();
  await person.heading("Requests in the last 7 days");
  await person.look("key-usage");
  await page.getByRole("tab", { name: "Audit" }).click();
  await page.getByRole("button", { name: /^UpdateKeyDescription,/ }).first().waitFor();
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
  await person.look("keys-disable");
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
  await person.open("my-app-key");
  await person.text("This key is going to be deleted on");
  await person.look("key-pending-deletion");
  await act("Cancel key deletion");
  await person.look("key-cancel-deletion");
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

/** AWS managed keys can be looked at. */
export async function awsManagedKeys({ trent, person }) {
  const { page } = person;
  await person.nav("AWS managed keys");
  await person.text("No AWS managed keys");
  await person.look("aws-keys-empty");
  trent.aws(["kms", "describe-key", "--key-id", "alias/aws/s3"]);
  await person.click("Refresh");
  await person.open("aws/s3");
  await person.text("auto-s3-2");
  assert.equal(await page.getByRole("button", { name: "Key actions" }).count(), 0);
  assert.equal(await page.getByRole("button", { name: "Edit", exact: true }).count(), 0);
  await person.look("aws-key");
  await page.getByRole("tab", { name: "Key material and rotations" }).click();
  await person.text("about once a year");
}

/** Several keys at once: their tags, and the material of imported ones. */
export async function severalKeys({ trent, person }) {
  const { page } = person;
  const tags = (alias) => {
    const { Tags } = trent.aws(["kms", "list-resource-tags", "--key-id", idOfAlias(trent, alias)]);
    return Object.fromEntries(Tags.map((tag) => [tag.TagKey, tag.TagValue]));
  };
  const select = async (...names) => {
    for (const name of names) await page.getByRole("checkbox", { name: `Select ${name}`, exact: true }).check();
  };
  const act = async (name) => {
    await person.click("Key actions");
    await page.getByRole("menuitem", { name, exact: true }).click();
  };
  await person.nav("Customer managed keys");
  await select("my-app-key", "signer");
  await act("Add or edit tags");
  await person.text("Some of the keys have other tags, too.");
  await person.click("Add tag", person.dialog());
  await person.dialog().getByRole("textbox", { name: "Key", exact: true }).fill("aws:mine");
  await person.text("Keys must not begin with aws:.");
  await person.dialog().getByRole("textbox", { name: "Key", exact: true }).fill("Team");
  await person.dialog().getByRole("textbox", { name: "Value – optional" }).fill("blue");
  await person.look("keys-tags");
  await person.click("Save changes", person.dialog());
  await person.text("The tags of 2 keys are saved.");
  assert.deepEqual([tags("my-app-key"), tags("signer")], [{ Project: "Beta", Team: "blue" }, { Team: "blue" }]);
  await select("my-app-key", "signer");
  await act("Add or edit tags");
  await person.dialog().getByRole("button", { name: "Remove Team" }).click();
  await person.click("Save changes", person.dialog());
  await person.text("The tags of 2 keys are saved.");
  await until(() => Object.keys(tags("signer")).length === 0);
  assert.deepEqual(tags("my-app-key"), { Project: "Beta" });

  await select("my-app-key");
  await person.click("Key actions");
  const item = page.getByRole("menuitem", { name: "Delete key material", exact: true });
  assert.equal(await item.getAttribute("aria-disabled"), "true", "Trent's own material stays");
  await page.keyboard.press("Escape");
  await page.getByRole("checkbox", { name: "Select my-app-key", exact: true }).uncheck();
  await select("imported");
  await act("Delete key material");
  await person.look("keys-delete-material");
  assert.ok(await person.dialog().getByRole("button", { name: "Delete key material" }).isDisabled());
  await person.dialog().getByLabel("I have the key material").check();
  await person.click("Delete key material", person.dialog());
  await person.text("The key material is deleted.");
  const { KeyMetadata: key } = trent.aws(["kms", "describe-key", "--key-id", "alias/imported"]);
  assert.equal(key.KeyState, "PendingImport");

  await person.click("Preferences");
  await person.look("keys-preferences");
  await person.dialog().getByRole("radio", { name: "10 keys" }).check();
  await person.dialog().getByRole("checkbox", { name: "Wrap lines" }).check();
  await person.click("Confirm", person.dialog());
  await page.getByRole("link", { name: "imported" }).waitFor();
}

const idOfAlias = (trent, alias) => trent.aws(["kms", "describe-key", "--key-id", `alias/${alias}`]).KeyMetadata.KeyId;

// Users, roles, groups and policies.
import assert from "node:assert/strict";

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
    await page.getByRole("tabpanel").getByRole("table").first().waitFor();
    await person.look(`principals-${tab.toLowerCase()}`);
  }
}

/** A policy with versions, a group, a role and a user: made, changed and deleted again. */
export async function principalsComeAndGo({ trent, person }) {
  const { page } = person;
  const iam = (...words) => trent.aws(["iam", ...words]);
  const arn = (what) => `arn:aws:iam::${trent.account}:${what}`;
  const several = async (label, ...options) => {
    await person.dialog().getByRole("button", { name: new RegExp(`^${label}`) }).click();
    for (const option of options) await page.getByRole("option", { name: option }).first().click();
    await page.keyboard.press("Escape");
  };
  const tab = async (name) => {
    await person.nav("Principals");
    await page.getByRole("tab", { name, exact: true }).click();
  };

  await tab("Policies");
  await person.click("Create policy");
  await person.dialog().getByLabel("Policy name").fill("no spaces");
  await person.text("Up to 128 letters");
  await person.dialog().getByLabel("Policy name").fill("use-keys");
  const document = person.dialog().locator("textarea");
  const text = await document.inputValue();
  await document.fill(text.replace('"Statement": [', '"Statement": ['.repeat(2)));
  await person.text("This is not JSON");
  await document.fill(text);
  await person.look("policy-create");
  await person.click("Create policy", person.dialog());
  await person.text("The policy use-keys is created.");
  await person.text("Attached to nothing.");
  await person.click("Edit policy");
  await person.dialog().locator("textarea").fill(text.replace("kms:ListAliases", "kms:DescribeKey"));
  await person.click("Save changes", person.dialog());
  await person.text("Policy document (v2)");
  assert.equal(iam("get-policy", "--policy-arn", arn("policy/use-keys")).Policy.DefaultVersionId, "v2");
  await person.look("policy");
  await person.click("Set as default: v1");
  await person.text("Policy document (v1)");
  await person.click("Delete v2");
  await page.getByRole("button", { name: "Delete v2" }).waitFor({ state: "detached" });
  assert.equal(iam("list-policy-versions", "--policy-arn", arn("policy/use-keys")).Versions.length, 1);

  await tab("Groups");
  await person.click("Create group");
  await person.dialog().getByLabel("Group name").fill("admins");
  await several("Users in the group", "ann");
  await several("Policies to attach", "use-keys");
  await person.look("group-create");
  await person.click("Create group", person.dialog());
  await person.text("The group admins is created.");
  await page.getByRole("link", { name: "use-keys" }).waitFor();
  await person.click("Add users");
  await several("Users", "bob");
  await person.click("Add", person.dialog());
  await page.getByRole("link", { name: "bob" }).waitFor();
  await person.click("Remove ann");
  await page.getByRole("link", { name: "ann" }).waitFor({ state: "detached" });
  assert.deepEqual(iam("get-group", "--group-name", "admins").Users.map((one) => one.UserName), ["bob"]);
  await person.look("group");

  await tab("Roles");
  await person.click("Create role");
  await person.dialog().getByLabel("Role name").fill("deployer");
  await person.dialog().getByRole("radio", { name: "Users and roles of another account" }).check();
  await person.dialog().getByLabel("Account ID").fill(trent.other);
  await person.look("role-create");
  await person.click("Create role", person.dialog());
  await person.text("The role deployer is created.");
  const shownTrust = (account) => page.locator("pre", { hasText: `arn:aws:iam::${account}:root` }).waitFor();
  await shownTrust(trent.other);
  await person.click("Edit trust policy");
  const trust = person.dialog().locator("textarea");
  await trust.fill((await trust.inputValue()).replace(trent.other, trent.account));
  await person.look("role-trust");
  await person.click("Save changes", person.dialog());
  await shownTrust(trent.account);
  await person.click("Set boundary");
  await person.dialog().getByRole("button", { name: /^Policies/ }).click();
  await page.getByRole("option", { name: /^use-keys/ }).click();
  await person.look("role-boundary");
  await person.click("Set boundary", person.dialog());
  await page.getByRole("button", { name: "Change boundary" }).waitFor();
  await person.click("Edit");
  await person.dialog().getByLabel("Description").fill("Deploys");
  await person.choose("Longest session", "4 hours");
  await person.click("Save changes", person.dialog());
  await person.text("Deploys");
  await person.click("Edit tags");
  await person.click("Add tag", person.dialog());
  await person.dialog().getByRole("textbox", { name: "Key", exact: true }).fill("team");
  await person.dialog().getByRole("textbox", { name: "Value – optional" }).fill("ops");
  await person.click("Save changes", person.dialog());
  await page.getByRole("cell", { name: "ops" }).waitFor();
  const { Role: role } = iam("get-role", "--role-name", "deployer");
  assert.deepEqual(
    [role.Description, role.MaxSessionDuration, role.PermissionsBoundary.PermissionsBoundaryArn, role.Tags],
    ["Deploys", 14_400, arn("policy/use-keys"), [{ Key: "team", Value: "ops" }]],
  );
  assert.equal(role.AssumeRolePolicyDocument.Statement[0].Principal.AWS, arn("root"));
  await person.look("role");
  await person.click("Remove boundary");
  await person.text("No permissions boundary");

  await tab("Users");
  await person.click("Create user");
  await person.dialog().getByLabel("User name").fill("dave");
  await several("Groups to be in", "admins");
  await several("Policies to attach", "use-keys");
  await person.look("user-create");
  await person.click("Create user", person.dialog());
  await person.text("The user dave is created.");
  await page.getByRole("link", { name: "admins" }).waitFor();
  await person.click("Create access key");
  await person.text("This is the only time");
  await person.click("Delete user");
  const sure = person.dialog().getByRole("button", { name: "Delete user" });
  assert.ok(await sure.isDisabled());
  await person.dialog().getByLabel("To confirm, type dave").fill("dave");
  await person.look("user-delete");
  await sure.click();
  await person.text("The user dave is deleted.");
  assert.ok(!iam("list-users").Users.some((one) => one.UserName === "dave"));

  for (const [list, kind, name] of [["Groups", "group", "admins"], ["Roles", "role", "deployer"], ["Policies", "policy", "use-keys"]]) {
    await tab(list);
    await page.getByRole("link", { name, exact: true }).click();
    await person.click(`Delete ${kind}`);
    await person.dialog().getByLabel(`To confirm, type ${name}`).fill(name);
    await person.click(`Delete ${kind}`, person.dialog());
    await person.text(`The ${kind} ${name} is deleted.`);
  }
  assert.equal(iam("list-policies", "--scope", "Local").Policies.length, 0);
  assert.ok(!iam("list-roles").Roles.some((one) => one.RoleName === "deployer"));
}

// Who may what, and what becomes of it on the page.
import assert from "node:assert/strict";

import { keyIn, until } from "./waiting.mjs";

/** Somebody who may list keys and nothing else sees why, and nothing breaks. */
export async function denied({ trent, person: root, another, notes }) {
  const person = await another();
  const { page } = person;
  await person.signIn(notes.carol);
  await page.getByRole("link", { name: "my-app-key" }).waitFor();
  await person.text("AccessDeniedException");
  await person.look("denied-list");
  await person.open("my-app-key");
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
  await reader.open("my-app-key");
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

/** A denial that is about no key: what is true of it is said, and no more. */
export async function deniedWithoutKey({ trent, person: root, another, notes }) {
  const person = await another();
  await person.signIn(notes.carol);
  await person.nav("Usage and cost");
  await person.text("GetUsage: AccessDeniedException");
  await person.click("Why was this denied?");
  const line = await person.dialog().getByText(/^trent explain/).first().textContent();
  await person.text("SimulatePrincipalPolicy: AccessDenied");
  await person.look("denied-no-key");
  // The line is the operator's, and it answers.
  await until(() => trent.operate(line.trim().split(" ").slice(1)).includes("trent:GetUsage"));
  await person.close();

  await root.nav("Audit");
  const filter = root.page.getByRole("combobox", { name: "Filter events" });
  await filter.fill("Event name = GetUsage");
  await root.page.keyboard.press("Enter");
  await filter.fill("Error code = AccessDenied");
  await root.page.keyboard.press("Enter");
  await root.page.getByRole("button", { name: /^GetUsage,/ }).first().click();
  await root.click("Why was this denied?");
  await root.text("trent:GetUsage: denied because nothing allows it");
  await root.look("denied-no-key-today");
  await root.click("Close", root.dialog());
  await root.text("Event record");
  await root.dialog().getByRole("button", { name: "Close", exact: true }).last().click();
}

/** What has been typed is not lost without a question, whichever way somebody leaves. */
export async function unsaved({ trent, person }) {
  const { page } = person;
  const asked = async (answer) => {
    await person.text("You have changes that have not been saved.");
    await person.click(answer);
  };
  await person.nav("Customer managed keys");
  await person.open("my-app-key");
  await page.getByRole("tab", { name: "Key policy" }).waitFor();
  await page.getByRole("button", { name: "Edit", exact: true }).or(page.getByRole("button", { name: "Switch to policy view" })).waitFor();
  if ((await page.getByRole("button", { name: "Switch to policy view" }).count()) > 0) await person.click("Switch to policy view");
  await person.click("Edit");
  const typed = async () => (await page.locator("textarea").inputValue()).endsWith(" ");
  await page.locator("textarea").press("Control+End");
  await page.locator("textarea").pressSequentially(" ");
  await page.getByRole("tab", { name: "Aliases" }).click();
  await asked("Stay");
  assert.ok(await typed());
  await page.getByRole("button", { name: /Signed in as/ }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await asked("Stay");
  await page.getByRole("button", { name: /^Region us-east-1/ }).click();
  await page.getByRole("menuitem", { name: "eu-west-1" }).click();
  await asked("Stay");
  await page.goBack();
  await asked("Stay");
  assert.ok(await typed());
  await page.getByRole("tab", { name: "Aliases" }).click();
  await asked("Leave");
  await page.getByRole("button", { name: "Create alias" }).click();
  await person.dialog().getByRole("textbox", { name: "Alias" }).fill("half-typed");
  await page.goBack();
  await asked("Leave");
  await person.heading("Customer managed keys");
  await page.getByRole("link", { name: "Create key" }).first().click();
  await page.getByRole("radio", { name: "Asymmetric" }).check();
  await person.click("Cancel");
  await asked("Leave");
  await person.heading("Customer managed keys");
  assert.equal(trent.aws(["kms", "list-aliases"]).Aliases.filter((one) => one.AliasName === "alias/half-typed").length, 0);
}

/** Answers that are late, fail or do not come, and addresses that lead nowhere. */
export async function troubles({ trent, person: root, another }) {
  const person = await another();
  const { page } = person;
  await person.signIn(trent);
  await page.getByRole("link", { name: "my-app-key" }).waitFor();
  const api = (url) => url.pathname === "/";
  const late = [];
  await page.route(api, (route) => void late.push(route));
  await person.click("Refresh");
  await person.nav("Quotas");
  await person.heading("Quotas");
  await person.look("loading", { settled: false });
  const answered = Promise.all(late.splice(0).map((route) => route.abort().catch(() => {})));
  await page.unroute(api);
  await answered;
  await page.route(api, (route) => route.abort());
  await person.nav("Principals");
  await person.text("Trent could not be reached.");
  await person.look("unreachable");
  await page.unroute(api);
  await page.route(api, (route) =>
    route.fulfill({ status: 500, headers: { "x-amzn-requestid": "5a1c8a1e-0000-4000-8000-000000000001" }, body: '{"__type":"KMSInternalException","message":"An internal error."}' }),
  );
  await person.nav("Customer managed keys");
  await person.text("KMSInternalException");
  await person.text("5a1c8a1e-0000-4000-8000-000000000001");
  await person.look("failed");
  await page.unroute(api);
  await person.click("Try again");
  await page.getByRole("link", { name: "my-app-key" }).waitFor();

  await person.link(`/console/${trent.account}/us-east-1/keys/00000000-0000-4000-8000-000000000000`);
  await person.text("NotFoundException");
  await person.look("no-such-key");
  await person.link(`/console/${trent.account}/us-east-1/nothing`);
  await person.text("There is no such page.");
  await person.look("no-such-page");
  await person.link(`/console/${trent.other}/us-east-1/keys`);
  await person.text(`This address is of account ${trent.other}`);
  await person.look("other-account");
  await person.link(`/console/${trent.account}/ap-southeast-9/keys`);
  await person.text("This deployment does not serve ap-southeast-9.");
  await person.close();
  assert.deepEqual(root.faults, []);
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
  await person.open("my-app-key");
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
    const caches = "caches" in globalThis ? await globalThis.caches.keys() : [];
    const typed = [...document.querySelectorAll("input, textarea")].map((field) => field.value);
    const storage = [{ ...localStorage }, { ...sessionStorage }, document.cookie, bases, caches, history.state, location.href];
    return JSON.stringify([...storage, typed, document.documentElement.outerHTML]);
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

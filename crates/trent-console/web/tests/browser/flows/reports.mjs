// What has been done, and what it costs.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { until } from "./waiting.mjs";

/** The trail, and what it says of use and cost. */
export async function reports({ trent, person }) {
  const { page } = person;
  const event = (name) => page.getByRole("button", { name: new RegExp(`^${name},`) });
  await person.nav("Audit");
  await page.getByRole("button", { name: /^\w+, \d/ }).first().waitFor();
  await person.look("audit");
  const filter = page.getByRole("combobox", { name: "Filter events" });
  await filter.fill("Event name = CreateKey");
  await page.keyboard.press("Enter");
  await event("CreateKey").first().click();
  await person.text("Event record");
  await person.look("audit-record");
  await person.dialog().getByRole("link", { name: "Events of this key" }).click();
  await page.waitForURL(/ResourceName=/);
  await filter.fill("Event name = CreateAlias");
  await page.keyboard.press("Enter");
  await page.waitForURL(/EventName=CreateAlias/);
  await until(async () => (await event("CreateAlias").count()) === 1 && (await event("CreateKey").count()) === 0);
  await person.look("audit-filtered");
  await person.click("Clear filters");
  const tailing = page.waitForRequest((request) => request.headers()["x-amz-target"] === "Trent.TailEvents");
  await page.getByLabel("Live tail").check();
  await person.text("New events appear by themselves.");
  await tailing;
  // The tail begins where the trail is when the request is there.
  await page.waitForTimeout(500);
  trent.aws(["kms", "describe-key", "--key-id", "alias/my-app-key"]);
  await event("DescribeKey").first().waitFor();
  await person.look("audit-live", { settled: false });
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

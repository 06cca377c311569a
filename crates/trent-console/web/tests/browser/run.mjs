// Runs every flow against a Trent of its own: `node tests/browser/run.mjs [embedded|distributed] [flow…]`.
// TRENT_SCREENSHOTS=folder keeps a picture of every page.
import * as access from "./flows/access.mjs";
import * as keys from "./flows/keys.mjs";
import * as making from "./flows/making.mjs";
import * as principals from "./flows/principals.mjs";
import * as reports from "./flows/reports.mjs";
import * as using from "./flows/using.mjs";
import { launch, open } from "./harness.mjs";
import { startTrent } from "./trent.mjs";

/** Flows build on what earlier ones have made. */
const IN_ORDER = [
  [making.symmetricKey, making.asymmetricKey, making.importedKey],
  [keys.keyTabs, keys.keyStates, keys.severalKeys],
  [using.usingKeys, using.usingKindsOfKeys],
  [keys.awsManagedKeys, principals.principals, principals.principalsComeAndGo, reports.reports],
  [access.denied, access.deniedWithoutKey, access.unsaved, access.troubles, access.keyboard, access.leaving],
].flat();

const [form = "embedded", ...chosen] = process.argv.slice(2);
const trent = await startTrent(form);
const browser = await launch();
let failed = 0;
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, () => {
    void trent.stop().finally(() => process.exit(1));
  });
}
try {
  trent.account = trent.aws(["sts", "get-caller-identity"]).Account;
  trent.other = JSON.parse(trent.operate(["account", "create", "other"])).account;
  making.prepare({ trent });
  const people = [];
  const everybody = [];
  const another = async () => {
    const person = await open(browser, trent.endpoint);
    people.push(person);
    everybody.push(person);
    return person;
  };
  const state = { trent, person: await another(), another, notes: {} };
  const wanted = IN_ORDER.filter((flow) => chosen.length === 0 || chosen.includes(flow.name));
  for (const flow of [making.signingIn, ...wanted]) {
    const started = performance.now();
    try {
      await flow(state);
      const faults = people.flatMap((one) => one.faults.splice(0));
      if (faults.length > 0) throw new Error(faults.join("\n"));
      console.log(`ok ${flow.name} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
    } catch (error) {
      failed += 1;
      console.log(`FAILED ${flow.name} at ${state.person.page.url()}\n${error.stack}`);
      if (process.env.TRENT_SCREENSHOTS) await state.person.page.screenshot({ path: `${process.env.TRENT_SCREENSHOTS}/failed-${flow.name}.png` });
      // What was typed must not hold up the next flow.
      for (const one of people.splice(0)) await one.close();
      state.person = await another();
      await state.person.signIn(trent);
    }
  }
  const looked = everybody.reduce((sum, one) => sum + one.looked, 0);
  console.log(`${wanted.length + 1 - failed} of ${wanted.length + 1} flows passed, ${form}; axe looked at ${looked} page states`);
} finally {
  await browser.close();
  await trent.stop();
}
process.exit(failed === 0 ? 0 : 1);

// Runs every flow against a Trent of its own: `node tests/browser/run.mjs [embedded|distributed] [flow…]`.
// TRENT_SCREENSHOTS=folder keeps a picture of every page.
import * as flows from "./flows.mjs";
import { launch, open } from "./harness.mjs";
import { startTrent } from "./trent.mjs";

/** Flows build on what earlier ones have made. */
const IN_ORDER = {
  symmetricKey: flows.symmetricKey,
  asymmetricKey: flows.asymmetricKey,
  importedKey: flows.importedKey,
  keyTabs: flows.keyTabs,
  keyStates: flows.keyStates,
  usingKeys: flows.usingKeys,
  awsManagedKeys: flows.awsManagedKeys,
  principals: flows.principals,
  reports: flows.reports,
  denied: flows.denied,
  keyboard: flows.keyboard,
  leaving: flows.leaving,
};

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
  flows.prepare({ trent });
  const people = [];
  const another = async () => {
    const person = await open(browser, trent.endpoint);
    people.push(person);
    return person;
  };
  const state = { trent, person: await another(), another, notes: {} };
    const wanted = Object.entries(IN_ORDER).filter(([name]) => chosen.length === 0 || chosen.includes(name));
  for (const [name, flow] of [["signingIn", flows.signingIn], ...wanted]) {
    const started = performance.now();
    try {
      await flow(state);
      const faults = people.flatMap((one) => one.faults.splice(0));
      if (faults.length > 0) throw new Error(faults.join("\n"));
      console.log(`ok ${name} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
    } catch (error) {
      failed += 1;
      console.log(`FAILED ${name} at ${state.person.page.url()}\n${error.stack}`);
      if (process.env.TRENT_SCREENSHOTS) await state.person.page.screenshot({ path: `${process.env.TRENT_SCREENSHOTS}/failed-${name}.png` });
      // What was typed must not hold up the next flow.
      for (const one of people.splice(0)) await one.close();
      state.person = await another();
      await state.person.signIn(trent);
    }
  }
} finally {
  await browser.close();
  await trent.stop();
}
process.exit(failed === 0 ? 0 : 1);

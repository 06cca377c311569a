// A browser that behaves as a person does, and what must hold on every page: no error, no violation
// of the content security policy, nothing that axe finds.
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { chromium } from "playwright-core";

const require = createRequire(import.meta.url);
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const WAIT_MS = 30_000;
const OPENING_MS = 5_000;
/** What has no spinner is drawn by then; nothing moves (`reducedMotion`). */
const SETTLING_MS = 100;

export async function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"].concat([
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ]),
  });
}

/** Opens the console in a new profile; `faults` gathers what must not happen. */
export async function open(browser, endpoint, { dark = false } = {}) {
  const context = await browser.newContext({
    acceptDownloads: true,
    colorScheme: dark ? "dark" : "light",
    reducedMotion: "reduce",
    viewport: { width: 1400, height: 1000 },
    locale: "en-GB",
  });
  const page = await context.newPage();
  page.setDefaultTimeout(WAIT_MS);
  const faults = [];
  page.on("pageerror", (error) => faults.push(`page error: ${error.stack ?? error.message}`));
  page.on("console", (message) => {
    const text = message.text();
    // The browser's own word for an answer of AWS's that is an error.
    if (message.type() === "error" && !text.startsWith("Failed to load resource")) faults.push(`console: ${text.slice(0, 300)}`);
    if (/Content.Security.Policy|Trusted(Type|Script|HTML)/i.test(text)) faults.push(`policy: ${text.slice(0, 300)}`);
  });
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => {
      console.error(`Content Security Policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
    });
  });
  await page.goto(`${endpoint}/console/`);
  return new Person(page, context, faults, endpoint);
}

export class Person {
  constructor(page, context, faults, endpoint) {
    Object.assign(this, { page, context, faults, endpoint });
    this.looked = 0;
  }

  async signIn(keys, region) {
    const { page } = this;
    await page.getByLabel("Access key ID").fill(keys.accessKeyId);
    await page.getByLabel("Secret access key").fill(keys.secretAccessKey);
    if (region) {
      await this.choose("Region", region);
    }
    await page.getByRole("button", { name: "Sign in" }).click();
  }

  /** Chooses in a select box. */
  async choose(label, option, { exact = true } = {}) {
    await this.page.getByRole("button", { name: new RegExp(`^${label}`) }).click();
    await this.page.getByRole("option", { name: option, exact }).first().click();
  }

  click(name, scope = this.page) {
    return scope.getByRole("button", { name, exact: true }).first().click();
  }

  /** Follows a link of the navigation. */
  async nav(name) {
    await this.page.getByRole("navigation", { name: "Side navigation" }).getByRole("link", { name, exact: true }).click();
  }

  /** Opens what a list names. A list that still grows may move it away from under the pointer: then once more, as people do. */
  async open(name) {
    const { page } = this;
    const before = page.url();
    for (let left = 3; page.url() === before && left > 0; left -= 1) {
      await page.getByRole("link", { name, exact: true }).first().click();
      await page.waitForURL((url) => url.href !== before, { timeout: OPENING_MS }).catch(() => {});
    }
  }

  heading(name) {
    return this.page.getByRole("heading", { name }).first().waitFor();
  }

  text(text) {
    return this.page.getByText(text).first().waitFor();
  }

  dialog() {
    return this.page.getByRole("dialog");
  }

  next() {
    return this.page.getByRole("button", { name: "Next", exact: true }).click();
  }

  /** Goes to an address as somebody who was sent a link; the session stays. */
  async link(path) {
    await this.page.evaluate((url) => {
      history.pushState(null, "", url);
      dispatchEvent(new PopStateEvent("popstate"));
    }, path);
  }

  /** Looks at the page: axe, and a screenshot where somebody wants them. */
  async look(name, { settled = true } = {}) {
    const { page } = this;
    if (settled) await page.locator("[class*=awsui_spinner], [class*=awsui_root_1612d]").first().waitFor({ state: "detached", timeout: 4_000 }).catch(() => {});
    await page.waitForTimeout(SETTLING_MS);
    this.looked += 1;
    const folder = process.env.TRENT_SCREENSHOTS;
    if (folder) {
      mkdirSync(folder, { recursive: true });
      await page.screenshot({ path: join(folder, `${String(this.looked).padStart(2, "0")}-${name}.png`) });
    }
    if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(`${axe};0`);
    const violations = await page.evaluate(async () => {
      const found = await globalThis.axe.run(document, { resultTypes: ["violations"] });
      return found.violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html.slice(0, 160)).join(" | ")}`);
    });
    for (const violation of violations) this.faults.push(`axe on ${name}: ${violation}`);
  }

  async close() {
    await this.context.close();
  }
}

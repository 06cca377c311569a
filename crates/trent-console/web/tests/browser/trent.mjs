// A Trent to test against: this machine's program, in either form, with its data in a folder of its own.
import { spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { startCli } from "./aws.mjs";

const repository = resolve(dirname(fileURLToPath(import.meta.url)), "../../../../..");
const target = process.env.CARGO_TARGET_DIR ?? join(repository, "target");
const START_MS = 120_000;

const program = (name) =>
  process.env[`${name.toUpperCase().replaceAll("-", "_")}_PROGRAM`] ??
  ["debug", "release"].map((profile) => join(target, profile, name)).find((path) => existsSync(path)) ??
  name;

async function freePort() {
  const server = createServer();
  await new Promise((done) => {
    server.listen(0, "127.0.0.1", done);
  });
  const { port } = server.address();
  await new Promise((done) => {
    server.close(done);
  });
  return port;
}

function deadline(promise, what) {
  let timer;
  const late = new Promise((_, fail) => {
    timer = setTimeout(() => fail(new Error(`${what}: not within ${START_MS} ms`)), START_MS);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

async function answers(url) {
  for (;;) {
    try {
      if ((await fetch(url)).ok) return;
    } catch {
      // Not yet.
    }
    await new Promise((done) => {
      setTimeout(done, 100);
    });
  }
}

async function embedded(directory, settings) {
  const [api, admin] = [await freePort(), await freePort()];
  const accessKeyId = `AKIA${randomBytes(10).toString("hex").toUpperCase().slice(0, 16).replaceAll(/[0189]/g, "Q")}`;
  const secretAccessKey = randomBytes(30).toString("base64");
  const child = spawn(program("trent"), ["all"], {
    env: {
      PATH: process.env.PATH,
      TRENT_LISTEN: `127.0.0.1:${api}`,
      TRENT_ADMIN_LISTEN: `127.0.0.1:${admin}`,
      TRENT_DATA_DIR: join(directory, "data"),
      TRENT_ROOT_ACCESS_KEY_ID: accessKeyId,
      TRENT_ROOT_SECRET_ACCESS_KEY: secretAccessKey,
      ...settings,
    },
    stdio: ["ignore", process.env.TRENT_SHOW_LOG ? "inherit" : "ignore", "inherit"],
  });
  const died = new Promise((_, fail) => {
    child.once("exit", (code) => fail(new Error(`trent ended with ${code}`)));
    child.once("error", fail);
  });
  died.catch(() => {});
  await deadline(Promise.race([answers(`http://127.0.0.1:${admin}/ready`), died]), "trent");
  const operator = { TRENT_DATA_DIR: join(directory, "data") };
  return { endpoint: `http://127.0.0.1:${api}`, accessKeyId, secretAccessKey, child, operator };
}

async function distributed(directory) {
  const child = spawn(program("trent-testkit"), ["up", "--form", "distributed", "--directory", directory], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  let text = "";
  const state = await deadline(
    new Promise((done, fail) => {
      child.once("exit", (code) => fail(new Error(`trent-testkit ended with ${code}`)));
      child.once("error", fail);
      child.stdout.on("data", (data) => {
        text += data;
        try {
          done(JSON.parse(text));
        } catch {
          // Not all of it yet.
        }
      });
    }),
    "trent-testkit",
  );
  return {
    endpoint: state.endpoints[0],
    accessKeyId: state.access_key_id,
    secretAccessKey: state.secret_access_key,
    child,
    operator: {
      TRENT_NATS_URL: state.nats_url,
      TRENT_NATS_CA_FILE: `${state.secrets}/ca.pem`,
      TRENT_NATS_CERT_FILE: `${state.secrets}/admin.pem`,
      TRENT_NATS_KEY_FILE: `${state.secrets}/admin.key`,
      TRENT_BUS_KEY_FILE: `${state.secrets}/bus.key`,
    },
  };
}

/** Starts one, embedded with further variables; `aws` runs the AWS CLI against it as the root user, or as whose keys are given. */
export async function startTrent(form, settings = {}) {
  const directory = mkdtempSync(join(tmpdir(), "trent-console-"));
  const { child, operator, ...trent } = form === "distributed" ? await distributed(directory) : await embedded(directory, settings);
  const cli = startCli(repository, directory);
  const environment = (keys, region) => ({
    PATH: process.env.PATH,
    HOME: directory,
    AWS_ACCESS_KEY_ID: keys.accessKeyId,
    AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
    AWS_DEFAULT_REGION: region,
    AWS_ENDPOINT_URL: trent.endpoint,
    AWS_DEFAULT_OUTPUT: "json",
  });
  return {
    ...trent,
    directory,
    environment: (region = "us-east-1") => ({ ...environment(trent, region), PATH: `${dirname(cli.program)}:${process.env.PATH}` }),
    aws(words, { keys = trent, region = "us-east-1" } = {}) {
      const run = cli.run(words, environment(keys, region));
      if (run.status !== 0) throw new Error(`aws ${words.join(" ")}: ${run.stderr}`);
      return run.stdout.trim() === "" ? {} : JSON.parse(run.stdout);
    },
    /** A command of the operator's: what it prints. */
    operate(words) {
      const env = { PATH: process.env.PATH, ...operator };
      const run = spawnSync(program("trent"), words, { env, encoding: "utf8" });
      if (run.status !== 0) throw new Error(`trent ${words.join(" ")}: ${run.stderr}`);
      return run.stdout;
    },
    async stop() {
      cli.stop();
      const ended = new Promise((done) => {
        child.once("exit", done);
      });
      child.removeAllListeners("exit");
      child.once("exit", () => {});
      child.stdin?.end();
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), 30_000);
      if (child.exitCode === null && child.signalCode === null) {
        await Promise.race([
          ended,
          new Promise((done) => {
            child.once("exit", done);
          }),
        ]);
      }
      clearTimeout(timer);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

// The AWS CLI. To start it takes the better part of a second, so where its Python is known it is started once.
import { spawn, spawnSync } from "node:child_process";
import { closeSync, constants, existsSync, openSync, readFileSync, readSync, realpathSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const SCRIPT = join(dirname(fileURLToPath(import.meta.url)), "aws.py");
const ANSWER_MS = 60_000;
const PAUSE_MS = 2;

/** The program, and the Python that it runs under where that can be seen. */
function findCli(repository) {
  const program = [join(repository, ".tools/bin/aws"), "aws"].find((path) => spawnSync(path, ["--version"]).status === 0);
  if (!program) throw new Error("no AWS CLI: tools/install aws");
  const python = existsSync(program) ? /^#!(\S+)\n/.exec(readFileSync(realpathSync(program), "utf8"))?.[1] : undefined;
  return { program, python };
}

/** The CLI as a function of its words and its environment; `stop` ends what was started. */
export function startCli(repository, directory) {
  const { program, python } = findCli(repository);
  const plain = (words, env) => spawnSync(program, words, { env, encoding: "utf8" });
  if (!python) return { program, run: plain, stop() {} };
  const [commands, answers] = ["commands", "answers"].map((name) => join(directory, name));
  if (spawnSync("mkfifo", [commands, answers]).status !== 0) return { program, run: plain, stop() {} };
  // Both ends of both, so that nobody waits for the other to open them.
  const flags = constants.O_RDWR | constants.O_NONBLOCK;
  const [to, from] = [openSync(commands, flags), openSync(answers, flags)];
  const child = spawn(python, [SCRIPT, commands, answers], { stdio: ["ignore", "ignore", "inherit"] });
  return {
    program,
    run(words, env) {
      writeSync(to, `${JSON.stringify({ words, env })}\n`);
      return JSON.parse(line(from, words));
    },
    stop() {
      child.kill();
      closeSync(to);
      closeSync(from);
    },
  };
}

const clock = new Int32Array(new SharedArrayBuffer(4));

/** The next line of a pipe. */
function line(pipe, words) {
  const part = Buffer.alloc(65_536);
  let text = "";
  for (const until = performance.now() + ANSWER_MS; performance.now() < until; ) {
    try {
      text += part.toString("utf8", 0, readSync(pipe, part));
      if (text.endsWith("\n")) return text;
    } catch (error) {
      if (error.code !== "EAGAIN") throw error;
      Atomics.wait(clock, 0, 0, PAUSE_MS);
    }
  }
  throw new Error(`aws ${words.join(" ")}: no answer within ${ANSWER_MS} ms`);
}

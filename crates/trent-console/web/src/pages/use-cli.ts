// The AWS CLI line that does the same as the page.

/** A word as a POSIX shell reads it. */
export const quote = (word: string): string =>
  /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;

/** Bytes are given to the CLI as base64, which version 2 takes by default. */
const BLOBS = new Set(["Plaintext", "CiphertextBlob", "Message", "Signature", "Mac"]);

const option = (name: string): string => `--${name.replace(/(?<=[a-z])[A-Z]/g, (letter) => `-${letter}`).toLowerCase()}`;
const command = (operation: string): string => option(operation).slice(2);

/** `aws kms …` for an operation and its input. */
export function cliLine(operation: string, input: Record<string, unknown>, region: string, endpoint: string): string {
  const words = ["aws", "kms", command(operation)];
  let blobs = false;
  for (const [name, value] of Object.entries(input)) {
    if (value === undefined) continue;
    words.push(option(name));
    blobs ||= BLOBS.has(name);
    words.push(quote(typeof value === "object" ? JSON.stringify(value) : String(value)));
  }
  // The older version takes text unless it is told.
  if (blobs) words.push("--cli-binary-format", "base64");
  words.push("--region", region, "--endpoint-url", quote(endpoint));
  return words.join(" ");
}

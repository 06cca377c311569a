// The AWS CLI line that does the same as the page, for bash and zsh.

/** A word as a POSIX shell reads it. */
export const quote = (word: string): string =>
  /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;

/** Bytes: both versions of the CLI take them from a file in the same way, and by no other. */
const BLOBS = new Set(["Plaintext", "CiphertextBlob", "Message", "Signature", "Mac", "PublicKey", "SharedSecretCiphertextBlob"]);

const option = (name: string): string => `--${name.replace(/(?<=[a-z])[A-Z]/g, (letter) => `-${letter}`).toLowerCase()}`;
const command = (operation: string): string => option(operation).slice(2);

/** `aws kms …` for an operation and its input. */
export function cliLine(operation: string, input: Record<string, unknown>, region: string, endpoint: string): string {
  const words = ["aws", "kms", command(operation)];
  for (const [name, value] of Object.entries(input)) {
    if (value === undefined) continue;
    words.push(option(name));
    const text = typeof value === "object" ? JSON.stringify(value) : String(value);
    words.push(BLOBS.has(name) ? `fileb://<(echo ${quote(text)} | base64 --decode)` : quote(text));
  }
  words.push("--region", region, "--endpoint-url", quote(endpoint));
  return words.join(" ");
}

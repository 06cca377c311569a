// Where a text stops being JSON (RFC 8259). Browsers' parsers say it in different words, or not at all.

const SPACE = /[ \t\n\r]*/y;
const SCALAR = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

/** The offset of the first character that cannot stand where it stands; undefined when the text is JSON. */
export function jsonErrorOffset(text: string): number | undefined {
  let at = 0;
  const skip = (pattern: RegExp): number => {
    pattern.lastIndex = at;
    const length = pattern.exec(text)?.[0].length ?? 0;
    at += length;
    return length;
  };
  const peek = (): string => {
    skip(SPACE);
    return text.charAt(at);
  };
  /** What is open: the closing characters. */
  const open: string[] = [];
  let wants: "value" | "name" | "value or end" | "name or end" | "comma or end" = "value";
  for (;;) {
    const next = peek();
    if (wants.endsWith("or end") && next === open.at(-1) && next !== "") {
      at += 1;
      open.pop();
      wants = "comma or end";
    } else if (wants === "comma or end") {
      if (open.length === 0) return next === "" ? undefined : at;
      if (next !== ",") return at;
      at += 1;
      wants = open.at(-1) === "}" ? "name" : "value";
    } else if (wants.startsWith("name")) {
      if (next !== '"' || skip(SCALAR) === 0) return at;
      if (peek() !== ":") return at;
      at += 1;
      wants = "value";
    } else if (next === "{" || next === "[") {
      at += 1;
      open.push(next === "{" ? "}" : "]");
      wants = next === "{" ? "name or end" : "value or end";
    } else {
      if (skip(SCALAR) === 0) return at;
      wants = "comma or end";
    }
  }
}

/** Line and column of an offset, from 1. */
export function lineAndColumn(text: string, offset: number): [number, number] {
  const lines = text.slice(0, offset).split("\n");
  return [lines.length, (lines.at(-1)?.length ?? 0) + 1];
}

// The XML of the query protocol. Trent's answers have elements and text, no attributes that matter,
// no comments and no DTD; whatever else stands there is refused.
import { AwsError } from "./errors";

export class XmlNode {
  readonly children: XmlNode[] = [];
  text = "";

  constructor(readonly name: string) {}

  child(name: string): XmlNode | undefined {
    return this.children.find((one) => one.name === name);
  }

  /** The text of a child; empty when it is not there. */
  value(name: string): string {
    return this.child(name)?.text ?? "";
  }

  /** The `member`s of a list. */
  members(name: string): XmlNode[] {
    return this.child(name)?.children.filter((one) => one.name === "member") ?? [];
  }
}

const ENTITIES: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function decode(text: string): string {
  return text.replace(/&(?:#x([0-9a-fA-F]+)|#(\d+)|(\w+));/g, (whole, hexadecimal, decimal, name) => {
    if (hexadecimal) return String.fromCodePoint(Number.parseInt(hexadecimal, 16));
    if (decimal) return String.fromCodePoint(Number(decimal));
    return ENTITIES[name] ?? whole;
  });
}

/** The root element of a document. */
export function parseXml(document: string): XmlNode {
  const top = new XmlNode("");
  const open: XmlNode[] = [top];
  const token = /<\?[^>]*\?>|<\/([\w.:-]+)\s*>|<([\w.:-]+)(?:\s[^<>]*?)?(\/?)>|([^<]+)/gy;
  while (token.lastIndex < document.length) {
    const at = token.lastIndex;
    const found = token.exec(document);
    if (!found) throw new SyntaxError(`no XML at ${at}`);
    const [, closing, opening, empty, text] = found;
    const current = open.at(-1) ?? top;
    if (opening) {
      const node = new XmlNode(opening);
      current.children.push(node);
      if (!empty) open.push(node);
    } else if (closing) {
      if (current.name !== closing || open.length === 1) throw new SyntaxError(`${closing} ends at ${at}`);
      open.pop();
    } else if (text) {
      current.text += decode(text);
    }
  }
  const root = top.children[0];
  if (!root || open.length > 1) throw new SyntaxError("the document ends early");
  return root;
}

/** The error of a query answer. */
export function xmlError(body: string, status: number, requestId: string, operation: string): AwsError {
  try {
    const root = parseXml(body);
    const error = root.child("Error") ?? root.child("Errors")?.child("Error");
    if (error) {
      const id = requestId || root.value("RequestId");
      return new AwsError(error.value("Code"), error.value("Message"), id, operation, status);
    }
  } catch {
    // A proxy's page, or nothing: the status has to do.
  }
  return new AwsError(`HTTP ${status}`, "", requestId, operation, status);
}

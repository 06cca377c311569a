import Button from "@cloudscape-design/components/button";
import { useEffect, useState } from "react";

import { common } from "../texts";

const SHOWN_MS = 2000;

/** Copies text; where the browser has no clipboard, as on plain http, by way of a selection. */
async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    area.setAttribute("readonly", "");
    area.className = "trent-offscreen";
    const focused = document.activeElement;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    if (focused instanceof HTMLElement) focused.focus();
    return done;
  }
}

/** A button that copies a value. */
export function CopyButton({ text, label, inline }: { text: string; label: string; inline?: boolean }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return undefined;
    const timer = setTimeout(() => setCopied(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = async (): Promise<void> => setCopied(await copyText(text));
  return (
    <Button
      variant={inline ? "inline-icon" : "normal"}
      iconName={copied ? "status-positive" : "copy"}
      ariaLabel={`${copied ? common.copied : common.copy}: ${label}`}
      onClick={() => void copy()}
    >
      {inline ? undefined : copied ? common.copied : label}
    </Button>
  );
}

/** A value with its copy button. */
export function Copyable({ text, label }: { text: string; label: string }) {
  return (
    <span className="trent-copyable">
      <CopyButton text={text} label={label} inline />
      <span>{text}</span>
    </span>
  );
}

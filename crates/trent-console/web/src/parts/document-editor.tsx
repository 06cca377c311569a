import FormField from "@cloudscape-design/components/form-field";
import Textarea from "@cloudscape-design/components/textarea";

import { detailTexts } from "../texts";
import { jsonErrorOffset, lineAndColumn } from "./json-place";

export const isJson = (text: string): boolean => jsonErrorOffset(text) === undefined;

interface Props {
  label: string;
  text: string;
  onChange: (text: string) => void;
  rows?: number;
}

/** A policy document of IAM's, with where it stops being JSON while it is typed. */
export function DocumentEditor({ label, text, onChange, rows = 16 }: Props) {
  const wrong = jsonErrorOffset(text);
  return (
    <FormField
      label={label}
      stretch
      errorText={wrong === undefined || text === "" ? undefined : detailTexts.policy.notJson(...lineAndColumn(text, wrong))}
    >
      <div className="trent-mono">
        <Textarea value={text} rows={rows} spellcheck={false} onChange={({ detail }) => onChange(detail.value)} />
      </div>
    </FormField>
  );
}

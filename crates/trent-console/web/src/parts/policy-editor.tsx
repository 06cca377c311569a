import Alert from "@cloudscape-design/components/alert";
import Checkbox from "@cloudscape-design/components/checkbox";
import FormField from "@cloudscape-design/components/form-field";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import { useMemo } from "react";

import { useSession } from "../app/session";
import { checkPolicy, SIZE_MAX, sizeOf } from "../pages/policy";
import { detailTexts } from "../texts";
import { count } from "./format";

const texts = detailTexts.policy;
const ROWS_MIN = 12;
const ROWS_MAX = 40;

interface Props {
  text: string;
  onChange: (text: string) => void;
  bypass: boolean;
  onBypass: (bypass: boolean) => void;
}

/** Whether Trent is worth asking with this policy. */
export function usePolicyCheck(text: string) {
  const session = useSession();
  return useMemo(() => {
    const findings = checkPolicy(text, session.account, session.arn);
    return { findings, good: findings.every((one) => one.severity !== "error") };
  }, [text, session]);
}

/** A key policy as text, with what is wrong with it while it is typed. */
export function PolicyEditor({ text, onChange, bypass, onBypass }: Props) {
  const { findings } = usePolicyCheck(text);
  const lockout = findings.some((one) => one.severity === "warning");
  const errors = findings.filter((one) => one.severity === "error");
  const rows = Math.min(ROWS_MAX, Math.max(ROWS_MIN, text.split("\n").length + 1));
  return (
    <SpaceBetween size="s">
      <FormField
        stretch
        label={texts.document}
        constraintText={texts.size(sizeOf(text), SIZE_MAX).replace(/\d+/g, (digits) => count(Number(digits)))}
        errorText={errors.length > 0 ? errors.map((one) => one.text).join(" ") : undefined}
      >
        <div className="trent-mono">
          <Textarea value={text} rows={rows} spellcheck={false} onChange={({ detail }) => onChange(detail.value)} />
        </div>
      </FormField>
      {lockout ? <Alert type="warning">{texts.lockout}</Alert> : null}
      {lockout || bypass ? (
        <Checkbox checked={bypass} onChange={({ detail }) => onBypass(detail.checked)}>
          {texts.bypass}
        </Checkbox>
      ) : null}
    </SpaceBetween>
  );
}

import Alert from "@cloudscape-design/components/alert";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import { type ReactNode, useState } from "react";

import { notify } from "../app/notices";
import { navigate, useUrl } from "../app/router";
import type { Kind } from "../aws/iam";
import { Dialog } from "../parts/dialog";
import { principalTexts as texts } from "../texts";
import { LISTS } from "./principal-create";

interface Props {
  kind: Kind | "Policy";
  name: string;
  /** What else is to be known before. */
  children?: ReactNode;
  onDelete: () => Promise<void>;
  onClose: () => void;
}

/** Asks for the name before a user, role, group or policy is deleted for good. */
export function DeleteDialog({ kind, name, children, onDelete, onClose }: Props) {
  const url = useUrl();
  const [typed, setTyped] = useState("");
  return (
    <Dialog
      title={texts.deletes[kind]}
      submit={texts.deletes[kind]}
      ready={typed === name}
      onClose={onClose}
      onSubmit={async () => {
        await onDelete();
        notify("success", texts.deleted(texts.kinds[kind], name));
        navigate(url(["principals"], { tab: LISTS[kind] }), { force: true });
      }}
    >
      <Alert type="warning">{texts.deleteTexts[kind]}</Alert>
      {children}
      <FormField label={texts.typeName(name)}>
        <Input value={typed} placeholder={name} onChange={({ detail }) => setTyped(detail.value)} spellcheck={false} autoComplete={false} />
      </FormField>
    </Dialog>
  );
}

// New users, roles and groups, with what they begin with.
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import RadioGroup from "@cloudscape-design/components/radio-group";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";

import { useIam } from "../app/api";
import { useLoad } from "../app/load";
import { notify } from "../app/notices";
import { navigate, usePlace, useUrl } from "../app/router";
import { asAwsError } from "../aws/errors";
import { type Kind, named } from "../aws/iam";
import { partitionOf } from "../aws/regions";
import { Dialog } from "../parts/dialog";
import { DocumentEditor, isJson } from "../parts/document-editor";
import { SeveralChoice } from "../parts/several-choice";
import { common, principalTexts as texts } from "../texts";
import { trustOf } from "./trust";

export const LISTS = { User: "users", Role: "roles", Group: "groups", Policy: "policies" } as const;
const NAME_MAX = { User: 64, Role: 64, Group: 128, Policy: 128 };
const DESCRIPTION_MAX = 1000;

export const goodName = (kind: Kind | "Policy", name: string): boolean => /^[\w+=,.@-]+$/.test(name) && name.length <= NAME_MAX[kind];

interface NameProps {
  kind: Kind | "Policy";
  name: string;
  onChange: (name: string) => void;
}

export function NameField({ kind, name, onChange }: NameProps) {
  const hint = texts.nameHint(NAME_MAX[kind]);
  return (
    <FormField label={texts.names[kind]} constraintText={hint} errorText={name === "" || goodName(kind, name) ? undefined : hint}>
      <Input value={name} onChange={({ detail }) => onChange(detail.value)} spellcheck={false} autoComplete={false} />
    </FormField>
  );
}

export function DescriptionField({ text, onChange }: { text: string; onChange: (text: string) => void }) {
  return (
    <FormField label={`${texts.entityDescription} – ${common.optional}`}>
      <Input value={text} onChange={({ detail }) => onChange(detail.value.slice(0, DESCRIPTION_MAX))} />
    </FormField>
  );
}

type Trusted = "own" | "other" | "custom";

/** Who may assume a new role. */
function useTrust() {
  const { account, region } = usePlace();
  const [who, setWho] = useState<Trusted>("own");
  const [other, setOther] = useState("");
  const [custom, setCustom] = useState<string>();
  const partition = partitionOf(region);
  const own = trustOf(partition, account);
  const document = { own, other: trustOf(partition, other), custom: custom ?? own }[who];
  const good = who === "other" ? /^\d{12}$/.test(other) : isJson(document);
  return { who, other, custom: custom ?? own, document, good, setWho, setOther, setCustom };
}

function TrustFields({ trust }: { trust: ReturnType<typeof useTrust> }) {
  return (
    <SpaceBetween size="m">
      <FormField label={texts.trusted}>
        <RadioGroup
          value={trust.who}
          onChange={({ detail }) => trust.setWho(detail.value as Trusted)}
          items={[
            { value: "own", label: texts.trustOwn },
            { value: "other", label: texts.trustOther },
            { value: "custom", label: texts.trustCustom },
          ]}
        />
      </FormField>
      {trust.who === "other" ? (
        <FormField label={texts.accountNumber} errorText={trust.good || trust.other === "" ? undefined : texts.accountPattern}>
          <Input value={trust.other} inputMode="numeric" onChange={({ detail }) => trust.setOther(detail.value.trim())} />
        </FormField>
      ) : null}
      {trust.who === "custom" ? <DocumentEditor label={texts.trust} text={trust.custom} onChange={trust.setCustom} rows={12} /> : null}
    </SpaceBetween>
  );
}

/** The policies that can be attached. */
export function usePolicyOptions() {
  const iam = useIam();
  return useLoad(
    async () => (await iam.policies("All")).map((one) => ({ value: one.arn, label: one.name, description: one.arn })),
    [iam],
  );
}

/** Makes a user, role or group. */
export function CreateEntity({ kind, onClose }: { kind: Kind; onClose: () => void }) {
  const iam = useIam();
  const url = useUrl();
  const [name, setName] = useState("");
  const [description, setDescription] = useState("");
  const [related, setRelated] = useState<string[]>([]);
  const [policies, setPolicies] = useState<string[]>([]);
  const trust = useTrust();
  const policyOptions = usePolicyOptions();
  // A user's groups, or a group's users.
  const relatedOptions = useLoad(async () => {
    const found = kind === "User" ? await iam.groups() : kind === "Group" ? await iam.users() : [];
    return found.map((one) => ({ value: one.name, label: one.name }));
  }, [iam, kind]);

  const create = async (): Promise<void> => {
    const role = kind === "Role" ? { AssumeRolePolicyDocument: trust.document, Description: description || undefined } : {};
    await iam.call(`Create${kind}`, { ...named(kind, name), ...role });
    // It is there: from here on it is not to be asked for twice.
    try {
      for (const one of related) {
        await iam.call("AddUserToGroup", kind === "User" ? { UserName: name, GroupName: one } : { UserName: one, GroupName: name });
      }
      for (const PolicyArn of policies) await iam.call(`Attach${kind}Policy`, { ...named(kind, name), PolicyArn });
      notify("success", texts.made(texts.kinds[kind], name));
    } catch (failure) {
      notify("warning", texts.madeInPart(texts.kinds[kind], name, asAwsError(failure).message));
    }
    navigate(url(["principals", LISTS[kind], name]), { force: true });
  };

  return (
    <Dialog
      title={texts.create[kind]}
      submit={texts.create[kind]}
      size={kind === "Role" ? "large" : "medium"}
      ready={goodName(kind, name) && (kind !== "Role" || trust.good)}
      dirty={name + description !== "" || related.length + policies.length > 0}
      onClose={onClose}
      onSubmit={create}
    >
      <NameField kind={kind} name={name} onChange={setName} />
      {kind === "Role" ? (
        <SpaceBetween size="m">
          <DescriptionField text={description} onChange={setDescription} />
          <TrustFields trust={trust} />
        </SpaceBetween>
      ) : (
        <SeveralChoice
          label={`${kind === "User" ? texts.addToGroups : texts.addUsers} – ${common.optional}`}
          placeholder={kind === "User" ? texts.chooseGroups : texts.chooseUsers}
          options={relatedOptions}
          chosen={related}
          onChange={setRelated}
        />
      )}
      <SeveralChoice
        label={`${texts.attachPolicies} – ${common.optional}`}
        placeholder={texts.choosePolicies}
        options={policyOptions}
        chosen={policies}
        onChange={setPolicies}
      />
    </Dialog>
  );
}

/** Makes a managed policy of the account's. */
export function CreatePolicy({ onClose }: { onClose: () => void }) {
  const iam = useIam();
  const url = useUrl();
  const [name, setName] = useState("");
  const [description, setDescription] = useState("");
  const [text, setText] = useState(texts.starter);
  return (
    <Dialog
      title={texts.create.Policy}
      submit={texts.create.Policy}
      size="large"
      ready={goodName("Policy", name) && isJson(text)}
      dirty={name + description !== "" || text !== texts.starter}
      onClose={onClose}
      onSubmit={async () => {
        const input = { PolicyName: name, PolicyDocument: text, Description: description || undefined };
        const arn = (await iam.call("CreatePolicy", input)).child("Policy")?.value("Arn") ?? "";
        notify("success", texts.made(texts.kinds.Policy, name));
        navigate(url(["principals", LISTS.Policy, arn]), { force: true });
      }}
    >
      <NameField kind="Policy" name={name} onChange={setName} />
      <DescriptionField text={description} onChange={setDescription} />
      <DocumentEditor label={texts.document} text={text} onChange={setText} />
    </Dialog>
  );
}

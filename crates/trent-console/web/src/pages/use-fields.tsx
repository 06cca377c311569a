// The fields of the page that puts keys to work.
import AttributeEditor from "@cloudscape-design/components/attribute-editor";
import Autosuggest from "@cloudscape-design/components/autosuggest";
import Box from "@cloudscape-design/components/box";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import { useEffect, useState } from "react";

import { CopyButton } from "../parts/copy";
import { common, useTexts as texts } from "../texts";
import type { Context } from "./use-operations";

interface KeyFieldProps {
  label: string;
  value: string;
  /** Names of aliases. */
  aliases: string[];
  onChange: (key: string) => void;
  errorText?: string;
}

/** A key by its id, ARN or alias. */
export function KeyField({ label, value, aliases, onChange, errorText }: KeyFieldProps) {
  const [typed, setTyped] = useState(value);
  useEffect(() => setTyped(value), [value]);
  return (
    <FormField label={label} constraintText={texts.keyHint} errorText={errorText}>
      <Autosuggest
        value={typed}
        placeholder={texts.keyPlaceholder}
        ariaLabel={label}
        enteredTextLabel={(text) => text}
        options={aliases.map((alias) => ({ value: alias }))}
        onChange={({ detail }) => setTyped(detail.value)}
        onSelect={({ detail }) => onChange(detail.value)}
        onBlur={() => onChange(typed.trim())}
        onKeyDown={({ detail }) => {
          if (detail.key === "Enter") onChange(typed.trim());
        }}
      />
    </FormField>
  );
}

interface ChoiceProps {
  label: string;
  value: string;
  values: string[];
  onChange: (value: string) => void;
}

export function Choice({ label, value, values, onChange }: ChoiceProps) {
  return (
    <FormField label={label}>
      <Select
        selectedOption={{ value, label: value }}
        options={values.map((one) => ({ value: one, label: one }))}
        onChange={({ detail }) => onChange(detail.selectedOption.value ?? value)}
      />
    </FormField>
  );
}

interface BytesProps {
  label: string;
  hint?: string;
  error?: string;
  mono: boolean;
  value: string;
  onChange: (value: string) => void;
}

export function BytesField({ label, hint, error, mono, value, onChange }: BytesProps) {
  return (
    <FormField label={label} constraintText={hint} errorText={error}>
      <div className={mono ? "trent-mono" : undefined}>
        <Textarea value={value} rows={4} spellcheck={false} onChange={({ detail }) => onChange(detail.value)} />
      </div>
    </FormField>
  );
}

export interface Pair {
  name: string;
  value: string;
}

export const contextOfPairs = (pairs: Pair[]): Context =>
  Object.fromEntries(pairs.filter((pair) => pair.name !== "").map((pair) => [pair.name, pair.value]));

export function ContextEditor({ label, pairs, onChange }: { label: string; pairs: Pair[]; onChange: (pairs: Pair[]) => void }) {
  const set = (index: number, changed: Partial<Pair>): void =>
    onChange(pairs.map((pair, at) => (at === index ? { ...pair, ...changed } : pair)));
  return (
    <fieldset className="trent-group" aria-label={label}>
      <Box variant="awsui-key-label">{`${label} – ${common.optional}`}</Box>
      <AttributeEditor
        additionalInfo={texts.contextHint}
        items={pairs}
        addButtonText={texts.addPair}
        removeButtonText={common.remove}
        removeButtonAriaLabel={(pair) => `${common.remove} ${pair.name}`}
        onAddButtonClick={() => onChange([...pairs, { name: "", value: "" }])}
        onRemoveButtonClick={({ detail }) => onChange(pairs.filter((_, at) => at !== detail.itemIndex))}
        definition={[
          {
            label: texts.contextKey,
            control: (pair, index) => <Input value={pair.name} onChange={({ detail }) => set(index, { name: detail.value })} />,
          },
          {
            label: texts.contextValue,
            control: (pair, index) => <Input value={pair.value} onChange={({ detail }) => set(index, { value: detail.value })} />,
          },
        ]}
      />
    </fieldset>
  );
}

/** Text to copy. */
export function Line({ label, text }: { label: string; text: string }) {
  return (
    <SpaceBetween size="xs">
      <pre className="trent-code" aria-label={label}>
        {text}
      </pre>
      <CopyButton text={text} label={`${common.copy}: ${label}`} />
    </SpaceBetween>
  );
}

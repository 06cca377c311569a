import FormField from "@cloudscape-design/components/form-field";
import Multiselect from "@cloudscape-design/components/multiselect";
import SpaceBetween from "@cloudscape-design/components/space-between";

import type { Loaded } from "../app/load";
import { common } from "../texts";
import { ErrorBox } from "./errors";

interface Props {
  label: string;
  placeholder: string;
  options: Loaded<{ value: string; label: string; description?: string }[]>;
  chosen: string[];
  onChange: (values: string[]) => void;
}

/** Any of what is there. */
export function SeveralChoice({ label, placeholder, options, chosen, onChange }: Props) {
  const all = options.data ?? [];
  return (
    <SpaceBetween size="m">
      <ErrorBox error={options.error} retry={options.reload} />
      <FormField label={label}>
        <Multiselect
          selectedOptions={all.filter((one) => chosen.includes(one.value))}
          options={all}
          filteringType="auto"
          placeholder={placeholder}
          empty={common.none}
          statusType={options.loading ? "loading" : "finished"}
          onChange={({ detail }) => onChange(detail.selectedOptions.flatMap((one) => one.value ?? []))}
        />
      </FormField>
    </SpaceBetween>
  );
}

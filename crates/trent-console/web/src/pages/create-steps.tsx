// The steps of the create-key wizard.
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Checkbox from "@cloudscape-design/components/checkbox";
import Container from "@cloudscape-design/components/container";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import RadioGroup from "@cloudscape-design/components/radio-group";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import Tiles from "@cloudscape-design/components/tiles";

import type { Loaded } from "../app/load";
import type { KeyUsage } from "../aws/model";
import { AccountsEditor } from "../parts/accounts-editor";
import { type Principal, PrincipalPicker } from "../parts/principal-picker";
import { common, createTexts as texts, detailTexts } from "../texts";
import { aliasError, type Choices, importable, reservedDescription, specsOf, usagesOf } from "./create-choices";

interface StepProps {
  choices: Choices;
  set: (changed: Partial<Choices>) => void;
}

export function ConfigureStep({ choices, set, tried }: StepProps & { tried: boolean }) {
  const specs = specsOf(choices);
  return (
    <Container>
      <SpaceBetween size="l">
        <FormField label={texts.type} stretch>
          <Tiles
            value={choices.type}
            onChange={({ detail }) => set({ type: detail.value as Choices["type"] })}
            items={[
              { value: "symmetric", label: texts.symmetric, description: texts.symmetricText },
              { value: "asymmetric", label: texts.asymmetric, description: texts.asymmetricText },
            ]}
          />
        </FormField>
        <FormField label={texts.usage}>
          <RadioGroup
            value={choices.usage}
            onChange={({ detail }) => set({ usage: detail.value as KeyUsage })}
            items={usagesOf(choices.type).map((value) => ({
              value,
              label: texts.usages[value],
              description: texts.usageTexts[value],
            }))}
          />
        </FormField>
        {specs.length > 1 ? (
          <FormField label={texts.spec}>
            <Select
              selectedOption={{ value: choices.spec, label: choices.spec }}
              options={specs.map((value) => ({ value, label: value }))}
              onChange={({ detail }) => set({ spec: detail.selectedOption.value ?? choices.spec })}
            />
          </FormField>
        ) : null}
        <ExpandableSection headerText={texts.advanced}>
          <SpaceBetween size="l">
            <FormField label={texts.origin} description={texts.originHint}>
              <RadioGroup
                value={choices.external ? "EXTERNAL" : "AWS_KMS"}
                onChange={({ detail }) => set({ external: detail.value === "EXTERNAL" })}
                items={[
                  { value: "AWS_KMS", label: texts.originKms, description: texts.originKmsText },
                  {
                    value: "EXTERNAL",
                    label: texts.originExternal,
                    description: texts.originExternalText,
                    disabled: !importable(choices.spec),
                  },
                ]}
              />
            </FormField>
            {choices.external ? (
              <FormField errorText={tried && !choices.understood ? texts.understandNeeded : undefined}>
                <Checkbox checked={choices.understood} onChange={({ detail }) => set({ understood: detail.checked })}>
                  {texts.understand}
                </Checkbox>
              </FormField>
            ) : null}
            <FormField label={texts.regionality}>
              <RadioGroup
                value={choices.multiRegion ? "multi" : "single"}
                onChange={({ detail }) => set({ multiRegion: detail.value === "multi" })}
                items={[
                  { value: "single", label: texts.single, description: texts.singleText },
                  { value: "multi", label: texts.multi, description: texts.multiText },
                ]}
              />
            </FormField>
          </SpaceBetween>
        </ExpandableSection>
        {tried && choices.external && !choices.understood ? <Alert type="error">{texts.understandNeeded}</Alert> : null}
      </SpaceBetween>
    </Container>
  );
}

export function LabelsStep({ choices, set, tried, taken }: StepProps & { tried: boolean; taken: string[] }) {
  const error = aliasError(choices.alias, taken);
  const early = error && error !== texts.aliasNeeded && choices.alias !== "";
  return (
    <Container>
      <SpaceBetween size="l">
        <FormField
          label={texts.alias}
          description={texts.aliasText}
          constraintText={texts.aliasHint}
          errorText={tried || early ? error : undefined}
        >
          <Input value={choices.alias} onChange={({ detail }) => set({ alias: detail.value })} spellcheck={false} autoComplete={false} />
        </FormField>
        <FormField
          label={`${texts.description} – ${common.optional}`}
          constraintText={texts.descriptionHint}
          warningText={reservedDescription(choices.description) ? detailTexts.descriptionReserved : undefined}
          errorText={choices.description.length > 8192 ? texts.descriptionHint : undefined}
        >
          <Textarea value={choices.description} rows={3} onChange={({ detail }) => set({ description: detail.value })} />
        </FormField>
      </SpaceBetween>
    </Container>
  );
}

export function AdministratorsStep({ choices, set, principals }: StepProps & { principals: Loaded<Principal[]> }) {
  return (
    <SpaceBetween size="l">
      <Alert type="info">{texts.iamNote}</Alert>
      <Container header={<Header description={texts.administratorsText}>{texts.administrators}</Header>}>
        <PrincipalPicker
          title={texts.administrators}
          principals={principals}
          selected={choices.administrators}
          onChange={(administrators) => set({ administrators })}
        />
      </Container>
      <Container header={<Header>{texts.deletion}</Header>}>
        <Checkbox
          checked={choices.administratorsMayDelete}
          onChange={({ detail }) => set({ administratorsMayDelete: detail.checked })}
        >
          {texts.deletionBox}
        </Checkbox>
      </Container>
    </SpaceBetween>
  );
}

interface UsersProps extends StepProps {
  principals: Loaded<Principal[]>;
  tried: boolean;
  own: string;
}

export function UsersStep({ choices, set, principals, tried, own }: UsersProps) {
  return (
    <SpaceBetween size="l">
      <Alert type="info">{texts.iamNote}</Alert>
      <Container header={<Header description={texts.usersText}>{texts.users}</Header>}>
        <PrincipalPicker
          title={texts.users}
          principals={principals}
          selected={choices.users}
          onChange={(users) => set({ users })}
        />
      </Container>
      <Container header={<Header>{texts.others}</Header>}>
        <SpaceBetween size="s">
          <Box color="text-body-secondary">{texts.othersText}</Box>
          <AccountsEditor
            accounts={choices.otherAccounts}
            own={own}
            onChange={(otherAccounts) => set({ otherAccounts })}
            tried={tried}
          />
        </SpaceBetween>
      </Container>
    </SpaceBetween>
  );
}

import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";

import { PolicyEditor } from "../parts/policy-editor";
import { common, createTexts as texts } from "../texts";
import type { Choices } from "./create-choices";

interface Props {
  choices: Choices;
  policy: string;
  onPolicy: (text: string) => void;
  onReset?: () => void;
  bypass: boolean;
  onBypass: (bypass: boolean) => void;
  onEdit: Record<"configure" | "labels" | "tags", () => void>;
}

/** Everything that was chosen, and the policy to look over and change. */
export function ReviewStep({ choices, policy, onPolicy, onReset, bypass, onBypass, onEdit }: Props) {
  const header = (title: string, onClick: () => void) => (
    <Header
      actions={
        <Button onClick={onClick} ariaLabel={`${common.edit} ${title}`}>
          {common.edit}
        </Button>
      }
    >
      {title}
    </Header>
  );
  return (
    <SpaceBetween size="l">
      <Container header={header(texts.reviewConfiguration, onEdit.configure)}>
        <KeyValuePairs
          columns={3}
          items={[
            { label: texts.type, value: choices.type === "symmetric" ? texts.symmetric : texts.asymmetric },
            { label: texts.usage, value: texts.usages[choices.usage] },
            { label: texts.spec, value: choices.spec },
            { label: texts.origin, value: choices.external ? texts.originExternal : texts.originKms },
            { label: texts.regionality, value: choices.multiRegion ? texts.multi : texts.single },
          ]}
        />
      </Container>
      <Container header={header(texts.reviewLabels, onEdit.labels)}>
        <KeyValuePairs
          columns={2}
          items={[
            { label: texts.alias, value: choices.alias.trim() },
            { label: texts.description, value: choices.description || common.none },
          ]}
        />
      </Container>
      <Container header={header(texts.reviewTags, onEdit.tags)}>
        {choices.tags.length === 0 ? (
          <Box>{texts.noTags}</Box>
        ) : (
          <KeyValuePairs
            columns={3}
            items={choices.tags.map((tag) => ({ label: tag.TagKey, value: tag.TagValue || common.none }))}
          />
        )}
      </Container>
      <Container
        header={
          <Header
            description={texts.policyText}
            actions={onReset ? <Button onClick={onReset}>{texts.policyReset}</Button> : undefined}
          >
            {texts.policy}
          </Header>
        }
      >
        <PolicyEditor text={policy} onChange={onPolicy} bypass={bypass} onBypass={onBypass} />
      </Container>
    </SpaceBetween>
  );
}

import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";

import { useApi } from "../app/api";
import { useLoad } from "../app/load";
import { useQueryValue } from "../app/router";
import { useTitle } from "../app/shell";
import { ErrorBox } from "../parts/errors";
import { useTexts as texts } from "../texts";
import { KeyField } from "./use-fields";
import { useMeta } from "./use-meta";
import { deedsOf } from "./use-operations";
import { Work } from "./use-work";

/** More than these do not fit beside each other. */
const BESIDE_MAX = 5;

/** A key at work. */
export default function UseKey() {
  useTitle(texts.title);
  const api = useApi();
  const [key, setKey] = useQueryValue("key");
  const [wanted, setDeed] = useQueryValue("op");
  const aliases = useLoad((signal) => api.aliases(undefined, signal), [api]);
  const { meta, error, pending } = useMeta(key);
  const names = (aliases.data ?? []).filter((one) => one.TargetKeyId).map((one) => one.AliasName);
  const deeds = deedsOf(meta, key);
  const deed = deeds.find((one) => one === wanted) ?? deeds[0] ?? "decrypt";
  const options = deeds.map((id) => ({ id, text: texts.operations[id] }));
  return (
    <SpaceBetween size="l">
      <Header variant="h1" description={texts.description}>
        {texts.title}
      </Header>
      <Container>
        <SpaceBetween size="l">
          <KeyField label={texts.key} value={key} aliases={names} onChange={setKey} />
          <ErrorBox error={error} keyId={key} />
          {pending ? null : deeds.length > BESIDE_MAX ? (
            <FormField label={texts.operation}>
              <Select
                selectedOption={{ value: deed, label: texts.operations[deed] }}
                options={options.map(({ id, text }) => ({ value: id, label: text }))}
                onChange={({ detail }) => setDeed(detail.selectedOption.value ?? deed)}
              />
            </FormField>
          ) : (
            <SegmentedControl
              label={texts.operation}
              selectedId={deed}
              options={options}
              onChange={({ detail }) => setDeed(detail.selectedId)}
            />
          )}
        </SpaceBetween>
      </Container>
      {pending ? null : <Work key={deed} deed={deed} keyId={key} meta={meta} aliases={names} />}
    </SpaceBetween>
  );
}

import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Spinner from "@cloudscape-design/components/spinner";
import { useMemo, useState } from "react";

import { useApi } from "../../app/api";
import { useAction, useLoad } from "../../app/load";
import { notify } from "../../app/notices";
import { leave, useGuard } from "../../app/router";
import type { KeyMetadata } from "../../aws/model";
import { CopyButton } from "../../parts/copy";
import { ErrorBox } from "../../parts/errors";
import { pretty } from "../../parts/format";
import { PolicyEditor, usePolicyCheck } from "../../parts/policy-editor";
import { common, detailTexts, keyTexts } from "../../texts";
import type { TabProps } from "../key";
import { typeOf } from "../key-filter";
import { type KeyKind, readConsolePolicy } from "../policy";
import { DefaultView } from "./policy-default";

const texts = detailTexts.policy;

const kindOf = (meta: KeyMetadata): KeyKind => ({
  asymmetric: typeOf(meta) === keyTexts.asymmetric,
  usage: meta.KeyUsage,
  external: meta.Origin === "EXTERNAL",
  multiRegion: meta.MultiRegionConfiguration?.MultiRegionKeyType === "PRIMARY",
  partition: meta.Arn.split(":")[1] ?? "aws",
});

/** The key policy: as the console made it, where it has, and as text. */
export function PolicyTab({ meta }: TabProps) {
  const api = useApi();
  const policy = useLoad(async (signal) => (await api.kms("GetKeyPolicy", { KeyId: meta.KeyId }, signal)).Policy, [api, meta]);
  const [json, setJson] = useState(false);
  const kind = useMemo(() => kindOf(meta), [meta]);
  const choices = useMemo(
    () => (policy.data === undefined ? undefined : readConsolePolicy(policy.data, meta.AWSAccountId, kind)),
    [policy.data, meta, kind],
  );
  const own = meta.KeyManager === "CUSTOMER";
  if (policy.error) return <ErrorBox error={policy.error} retry={policy.reload} keyId={meta.KeyId} />;
  if (policy.data === undefined) return <Spinner />;
  const byDefault = own && choices !== undefined && !json;
  return (
    <SpaceBetween size="m">
      <Header
        variant="h2"
        description={own ? (choices ? undefined : texts.notDefault) : texts.readOnly}
        actions={
          own && choices ? (
            <Button onClick={() => leave(() => setJson(!json))}>{json ? texts.switchToDefault : texts.switchToJson}</Button>
          ) : undefined
        }
      >
        {detailTexts.tabs.policy}
      </Header>
      {byDefault ? (
        <DefaultView meta={meta} kind={kind} choices={choices} onSaved={policy.reload} />
      ) : (
        <JsonView meta={meta} policy={policy.data} editable={own} onSaved={policy.reload} />
      )}
    </SpaceBetween>
  );
}

interface JsonProps {
  meta: KeyMetadata;
  policy: string;
  editable: boolean;
  onSaved: () => void;
}

function JsonView({ meta, policy, editable, onSaved }: JsonProps) {
  const api = useApi();
  const before = pretty(policy);
  const [text, setText] = useState<string>();
  const [bypass, setBypass] = useState(false);
  const { running, error, run, clear } = useAction();
  const check = usePolicyCheck(text ?? before);
  useGuard(text !== undefined && text !== before);

  const stop = (): void => {
    setText(undefined);
    setBypass(false);
    clear();
  };
  const save = async (): Promise<void> => {
    const done = await run(async () => {
      await api.kms("PutKeyPolicy", {
        KeyId: meta.KeyId,
        PolicyName: "default",
        Policy: text,
        BypassPolicyLockoutSafetyCheck: bypass || undefined,
      });
    });
    if (!done) return;
    stop();
    notify("success", texts.saved);
    onSaved();
  };

  if (text === undefined) {
    return (
      <Container
        header={
          <Header
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                <CopyButton text={before} label={common.copy} />
                {editable ? <Button onClick={() => setText(before)}>{texts.edit}</Button> : null}
              </SpaceBetween>
            }
          >
            {texts.jsonView}
          </Header>
        }
      >
        <pre className="trent-code">{before}</pre>
      </Container>
    );
  }
  return (
    <Container header={<Header>{texts.jsonView}</Header>}>
      <SpaceBetween size="m">
        <PolicyEditor text={text} onChange={setText} bypass={bypass} onBypass={setBypass} />
        <ErrorBox error={error} keyId={meta.KeyId} />
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={stop}>
              {common.cancel}
            </Button>
            <Button variant="primary" loading={running} disabled={!check.good} onClick={() => void save()}>
              {common.save}
            </Button>
          </SpaceBetween>
        </Box>
      </SpaceBetween>
    </Container>
  );
}

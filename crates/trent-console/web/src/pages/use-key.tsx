import Alert from "@cloudscape-design/components/alert";
import AttributeEditor from "@cloudscape-design/components/attribute-editor";
import Autosuggest from "@cloudscape-design/components/autosuggest";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Checkbox from "@cloudscape-design/components/checkbox";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import RadioGroup from "@cloudscape-design/components/radio-group";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import { useEffect, useState } from "react";

import { useApi } from "../app/api";
import { useAction, useLoad } from "../app/load";
import { useQueryValue } from "../app/router";
import { useTitle } from "../app/shell";
import { fromBase64, textOf, toBase64, utf8 } from "../aws/bytes";
import { CopyButton } from "../parts/copy";
import { ErrorBox } from "../parts/errors";
import { common, useTexts as texts } from "../texts";
import { cliLine } from "./use-cli";
import { algorithmsOf, type Deed, deedsOf, type Inputs, requestOf } from "./use-operations";

interface Pair {
  name: string;
  value: string;
}

/** A key at work. */
export default function UseKey() {
  useTitle(texts.title);
  const api = useApi();
  const [key, setKey] = useQueryValue("key");
  const [typed, setTyped] = useState(key);
  const [wanted, setDeed] = useQueryValue("op");
  const aliases = useLoad((signal) => api.aliases(undefined, signal), [api]);
  const meta = useLoad(async (signal) => (key ? await api.describe(key, signal) : undefined), [api, key]);
  const deeds = deedsOf(meta.data);
  const deed = deeds.find((one) => one === wanted) ?? deeds[0];
  useEffect(() => setTyped(key), [key]);
  return (
    <SpaceBetween size="l">
      <Header variant="h1" description={texts.description}>
        {texts.title}
      </Header>
      <Container>
        <SpaceBetween size="l">
          <FormField label={texts.key} constraintText={texts.keyHint}>
            <Autosuggest
              value={typed}
              placeholder={texts.keyPlaceholder}
              ariaLabel={texts.key}
              enteredTextLabel={(value) => value}
              options={(aliases.data ?? []).filter((one) => one.TargetKeyId).map((one) => ({ value: one.AliasName }))}
              onChange={({ detail }) => setTyped(detail.value)}
              onSelect={({ detail }) => setKey(detail.value)}
              onBlur={() => setKey(typed.trim())}
              onKeyDown={({ detail }) => {
                if (detail.key === "Enter") setKey(typed.trim());
              }}
            />
          </FormField>
          <ErrorBox error={meta.error} keyId={key} />
          {deeds.length === 0 ? (
            <Alert type="info">{common.none}</Alert>
          ) : (
            <SegmentedControl
              label={texts.operation}
              selectedId={deed ?? null}
              options={deeds.map((id) => ({ id, text: texts.operations[id] }))}
              onChange={({ detail }) => setDeed(detail.selectedId)}
            />
          )}
        </SpaceBetween>
      </Container>
      {deed ? <Work key={deed} deed={deed} keyId={key} algorithms={algorithmsOf(deed, meta.data)} /> : null}
    </SpaceBetween>
  );
}

interface Result {
  label: string;
  text: string;
}

interface Outcome {
  results: Result[];
  valid?: string;
}

const DATA_LABELS: Record<Deed, string> = {
  encrypt: texts.plaintext,
  decrypt: texts.ciphertext,
  dataKey: "",
  sign: texts.message,
  verify: texts.message,
  mac: texts.message,
  verifyMac: texts.message,
};

function Work({ deed, keyId, algorithms }: { deed: Deed; keyId: string; algorithms: string[] }) {
  const api = useApi();
  const [algorithm, setAlgorithm] = useState<string>();
  const [data, setData] = useState("");
  const [form, setForm] = useState<"text" | "base64">(deed === "decrypt" ? "base64" : "text");
  const [proof, setProof] = useState("");
  const [messageType, setMessageType] = useState("RAW");
  const [pairs, setPairs] = useState<Pair[]>([]);
  const [keySpec, setKeySpec] = useState("AES_256");
  const [withoutPlaintext, setWithoutPlaintext] = useState(false);
  const [outcome, setOutcome] = useState<Outcome>();
  const [tried, setTried] = useState(false);
  const { running, error, run, clear } = useAction();
  useEffect(() => {
    // What is shown is of the key that is chosen.
    setOutcome(undefined);
    clear();
  }, [keyId, clear]);

  const chosen = algorithm && algorithms.includes(algorithm) ? algorithm : (algorithms[0] ?? "SYMMETRIC_DEFAULT");
  const bytes = form === "text" ? utf8(data) : fromBase64(data);
  const proves = deed === "verify" || deed === "verifyMac";
  const proofBytes = fromBase64(proof);
  const symmetric = chosen === "SYMMETRIC_DEFAULT";
  const withContext = (deed === "encrypt" || deed === "decrypt") && symmetric ? true : deed === "dataKey";
  const inputs: Inputs = {
    keyId,
    algorithm: chosen,
    data: bytes ? toBase64(bytes) : "",
    proof: proofBytes ? toBase64(proofBytes) : "",
    messageType,
    context: Object.fromEntries(pairs.filter((pair) => pair.name !== "").map((pair) => [pair.name, pair.value])),
    keySpec,
    withoutPlaintext,
  };
  const [operation, input] = requestOf(deed, inputs);
  const dataError = bytes === undefined ? texts.badBase64 : deed !== "dataKey" && data === "" ? texts.needed : undefined;
  const proofError = proofBytes === undefined ? texts.badBase64 : proof === "" ? texts.needed : undefined;
  const ready = !dataError && (!proves || !proofError) && (keyId !== "" || deed === "decrypt");

  const go = async (): Promise<void> => {
    setTried(true);
    setOutcome(undefined);
    if (!ready) return;
    await run(async () => {
      const answer = (await api.kms(operation as "Encrypt", input)) as unknown as Record<string, string | boolean>;
      setOutcome(outcomeOf(deed, answer));
    });
  };

  return (
    <SpaceBetween size="l">
      <Container header={<Header>{texts.operations[deed]}</Header>}>
        <SpaceBetween size="l">
          {deed === "decrypt" && keyId === "" ? <Box color="text-body-secondary">{texts.decryptNote}</Box> : null}
          {algorithms.length > 1 ? (
            <FormField label={texts.algorithm}>
              <Select
                selectedOption={{ value: chosen, label: chosen }}
                options={algorithms.map((value) => ({ value, label: value }))}
                onChange={({ detail }) => setAlgorithm(detail.selectedOption.value)}
              />
            </FormField>
          ) : null}
          {deed === "dataKey" ? (
            <SpaceBetween size="l">
              <FormField label={texts.keySpec}>
                <RadioGroup
                  value={keySpec}
                  items={["AES_256", "AES_128"].map((value) => ({ value, label: value }))}
                  onChange={({ detail }) => setKeySpec(detail.value)}
                />
              </FormField>
              <Checkbox checked={withoutPlaintext} onChange={({ detail }) => setWithoutPlaintext(detail.checked)}>
                {texts.withoutPlaintext}
              </Checkbox>
            </SpaceBetween>
          ) : (
            <SpaceBetween size="l">
              <FormField
                label={DATA_LABELS[deed]}
                constraintText={deed === "encrypt" ? texts.plaintextHint : deed === "decrypt" ? undefined : texts.messageHint}
                errorText={tried ? dataError : undefined}
              >
                <div className={form === "base64" ? "trent-mono" : undefined}>
                  <Textarea value={data} rows={4} spellcheck={false} onChange={({ detail }) => setData(detail.value)} />
                </div>
              </FormField>
              {deed === "decrypt" ? null : (
                <FormField label={texts.form}>
                  <RadioGroup
                    value={form}
                    items={[
                      { value: "text", label: texts.asText },
                      { value: "base64", label: texts.asBase64 },
                    ]}
                    onChange={({ detail }) => setForm(detail.value as typeof form)}
                  />
                </FormField>
              )}
            </SpaceBetween>
          )}
          {deed === "sign" || deed === "verify" ? (
            <FormField label={texts.messageType}>
              <RadioGroup
                value={messageType}
                items={["RAW", "DIGEST", ...(chosen.startsWith("ML_DSA") ? ["EXTERNAL_MU"] : [])].map((value) => ({ value, label: value }))}
                onChange={({ detail }) => setMessageType(detail.value)}
              />
            </FormField>
          ) : null}
          {proves ? (
            <FormField label={deed === "verify" ? texts.signature : texts.macValue} errorText={tried ? proofError : undefined}>
              <div className="trent-mono">
                <Textarea value={proof} rows={4} spellcheck={false} onChange={({ detail }) => setProof(detail.value)} />
              </div>
            </FormField>
          ) : null}
          {withContext ? <ContextEditor pairs={pairs} onChange={setPairs} /> : null}
          <Button variant="primary" loading={running} onClick={() => void go()}>
            {texts.run}
          </Button>
          <ErrorBox error={error} keyId={keyId} />
        </SpaceBetween>
      </Container>
      {outcome ? <ResultView outcome={outcome} /> : null}
      <Container header={<Header>{texts.cli}</Header>}>
        <Line label={texts.cli} text={cliLine(operation, input, api.region, location.origin)} />
      </Container>
    </SpaceBetween>
  );
}

function outcomeOf(deed: Deed, answer: Record<string, string | boolean>): Outcome {
  const result = (label: string, name: string): Result[] => {
    const text = answer[name];
    return typeof text === "string" ? [{ label, text }] : [];
  };
  const labels = texts.results;
  switch (deed) {
    case "encrypt":
      return { results: result(labels.ciphertext, "CiphertextBlob") };
    case "decrypt": {
      const text = textOf(fromBase64(String(answer.Plaintext)) ?? new Uint8Array());
      return {
        results: [
          ...(text === undefined ? [] : [{ label: labels.plaintext, text }]),
          ...result(labels.plaintextBase64, "Plaintext"),
        ],
      };
    }
    case "dataKey":
      return { results: [...result(labels.dataKey, "Plaintext"), ...result(labels.sealedKey, "CiphertextBlob")] };
    case "sign":
      return { results: result(labels.signature, "Signature") };
    case "mac":
      return { results: result(labels.mac, "Mac") };
    case "verify":
      return { results: [], valid: texts.valid };
    case "verifyMac":
      return { results: [], valid: texts.macValid };
  }
}

function ResultView({ outcome }: { outcome: Outcome }) {
  return (
    <Container header={<Header description={texts.hideSecret}>{texts.result}</Header>}>
      <SpaceBetween size="m">
        {outcome.valid ? <Alert type="success">{outcome.valid}</Alert> : null}
        {outcome.results.map((result) => (
          <div key={result.label}>
            <Box variant="awsui-key-label">{result.label}</Box>
            <Line label={result.label} text={result.text} />
          </div>
        ))}
      </SpaceBetween>
    </Container>
  );
}

function Line({ label, text }: { label: string; text: string }) {
  return (
    <SpaceBetween size="xs">
      <pre className="trent-code" aria-label={label}>
        {text}
      </pre>
      <CopyButton text={text} label={`${common.copy}: ${label}`} />
    </SpaceBetween>
  );
}

function ContextEditor({ pairs, onChange }: { pairs: Pair[]; onChange: (pairs: Pair[]) => void }) {
  const set = (index: number, changed: Partial<Pair>): void =>
    onChange(pairs.map((pair, at) => (at === index ? { ...pair, ...changed } : pair)));
  return (
    <div>
      <Box variant="awsui-key-label">{`${texts.context} – ${common.optional}`}</Box>
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
    </div>
  );
}

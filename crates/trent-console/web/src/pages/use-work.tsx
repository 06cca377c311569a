// One operation of a key: its inputs, what came of it, and the same with the AWS CLI.
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Checkbox from "@cloudscape-design/components/checkbox";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import RadioGroup from "@cloudscape-design/components/radio-group";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useEffect, useState } from "react";

import { useApi } from "../app/api";
import { useAction } from "../app/load";
import { fromBase64, publicKeyBytes, textOf, toBase64, utf8 } from "../aws/bytes";
import type { KeyMetadata } from "../aws/model";
import { ErrorBox } from "../parts/errors";
import { useTexts as texts } from "../texts";
import { cliLine } from "./use-cli";
import { BytesField, Choice, ContextEditor, contextOfPairs, KeyField, Line, type Pair } from "./use-fields";
import { useMeta } from "./use-meta";
import {
  algorithmsOf,
  type Deed,
  encryptionAlgorithms,
  fieldsOf,
  type Inputs,
  type Outcome,
  outcomeOf,
  requestOf,
  SYMMETRIC,
} from "./use-operations";

interface Props {
  deed: Deed;
  keyId: string;
  meta: KeyMetadata | undefined;
  aliases: string[];
}

const plainText = (base64: string): string | undefined => {
  const bytes = fromBase64(base64);
  return bytes && textOf(bytes);
};

export function Work({ deed, keyId, meta, aliases }: Props) {
  const api = useApi();
  const [wanted, setAlgorithm] = useState("");
  const [data, setData] = useState("");
  const [typedAs, setTypedAs] = useState<"text" | "base64">("text");
  const [proof, setProof] = useState("");
  const [messageType, setMessageType] = useState("RAW");
  const [pairs, setPairs] = useState<Pair[]>([]);
  const [wantedSpec, setSpec] = useState("");
  const [withoutPlaintext, setWithoutPlaintext] = useState(false);
  const destination = useDestination();
  const [outcome, setOutcome] = useState<Outcome>();
  const [tried, setTried] = useState(false);
  const { running, error, run, clear } = useAction();
  useEffect(() => {
    // What is shown is of the key that is chosen.
    setOutcome(undefined);
    clear();
  }, [keyId, clear]);

  // Only a ciphertext of a symmetric key names its key.
  const algorithms = keyId === "" ? [SYMMETRIC] : algorithmsOf(deed, meta);
  const algorithm = algorithms.includes(wanted) ? wanted : (algorithms[0] ?? SYMMETRIC);
  const fields = fieldsOf(deed, algorithm);
  const spec = fields.specs?.includes(wantedSpec) ? wantedSpec : (fields.specs?.[0] ?? "");
  const asText = fields.data === "either" && typedAs === "text";
  const bytes = asText ? utf8(data) : fields.data === "publicKey" ? publicKeyBytes(data) : fromBase64(data);
  const proofBytes = fromBase64(proof);
  const inputs: Inputs = {
    keyId,
    algorithm,
    data: bytes ? toBase64(bytes) : "",
    proof: proofBytes ? toBase64(proofBytes) : "",
    messageType,
    context: contextOfPairs(pairs),
    spec,
    withoutPlaintext,
    destination: destination.input,
  };
  const [operation, input] = requestOf(deed, inputs);
  const needed = (text: string, read: Uint8Array | undefined, wrong: string): string | undefined =>
    text.trim() === "" ? texts.needed : read ? undefined : wrong;
  const dataError =
    fields.data === "none" ? undefined : needed(data, bytes, fields.data === "publicKey" ? texts.badPublicKey : texts.badBase64);
  const proofError = fields.proof ? needed(proof, proofBytes, texts.badBase64) : undefined;
  const destinationError = fields.destination && destination.input.keyId === "" ? texts.needed : undefined;
  const ready = !dataError && !proofError && !destinationError;

  const go = async (): Promise<void> => {
    setTried(true);
    setOutcome(undefined);
    if (!ready) return;
    await run(async () => {
      const answer = await api.kms(operation as "Encrypt", input);
      setOutcome(outcomeOf(deed, { ...answer }, plainText));
    });
  };

  return (
    <SpaceBetween size="l">
      <Container header={<Header>{texts.operations[deed]}</Header>}>
        <SpaceBetween size="l">
          {keyId === "" ? <Box color="text-body-secondary">{texts.decryptNote}</Box> : null}
          {algorithms.length > 1 ? <Choice label={texts.algorithm} value={algorithm} values={algorithms} onChange={setAlgorithm} /> : null}
          {fields.specs ? (
            <SpaceBetween size="l">
              <Choice label={deed === "dataKey" ? texts.keySpec : texts.pairSpec} value={spec} values={fields.specs} onChange={setSpec} />
              <Checkbox checked={withoutPlaintext} onChange={({ detail }) => setWithoutPlaintext(detail.checked)}>
                {deed === "dataKey" ? texts.withoutPlaintext : texts.withoutPrivateKey}
              </Checkbox>
            </SpaceBetween>
          ) : null}
          {fields.data === "none" ? null : (
            <BytesField
              label={fields.label}
              hint={fields.hint}
              error={tried ? dataError : undefined}
              mono={!asText}
              value={data}
              onChange={setData}
            />
          )}
          {fields.data === "either" ? (
            <FormField label={texts.form}>
              <RadioGroup
                value={typedAs}
                items={[
                  { value: "text", label: texts.asText },
                  { value: "base64", label: texts.asBase64 },
                ]}
                onChange={({ detail }) => setTypedAs(detail.value as typeof typedAs)}
              />
            </FormField>
          ) : null}
          {fields.messageType ? (
            <FormField label={texts.messageType}>
              <RadioGroup
                value={messageType}
                items={["RAW", "DIGEST", ...(algorithm.startsWith("ML_DSA") ? ["EXTERNAL_MU"] : [])].map((value) => ({ value, label: value }))}
                onChange={({ detail }) => setMessageType(detail.value)}
              />
            </FormField>
          ) : null}
          {fields.proof ? (
            <BytesField label={fields.proof} error={tried ? proofError : undefined} mono value={proof} onChange={setProof} />
          ) : null}
          {fields.context ? (
            <ContextEditor label={fields.destination ? texts.sourceContext : texts.context} pairs={pairs} onChange={setPairs} />
          ) : null}
          {fields.destination ? <Destination chosen={destination} aliases={aliases} error={tried ? destinationError : undefined} /> : null}
          <Button variant="primary" loading={running} onClick={() => void go()}>
            {texts.run}
          </Button>
          <ErrorBox error={error} keyId={meta?.Arn ?? keyId} />
        </SpaceBetween>
      </Container>
      {outcome ? <ResultView outcome={outcome} /> : null}
      <Container header={<Header>{texts.cli}</Header>}>
        <Line label={texts.cli} text={cliLine(operation, input, api.region, location.origin)} />
      </Container>
    </SpaceBetween>
  );
}

/** The key that ReEncrypt encrypts under. */
function useDestination() {
  const [keyId, setKeyId] = useState("");
  const [wanted, setAlgorithm] = useState("");
  const [pairs, setPairs] = useState<Pair[]>([]);
  const { meta, error } = useMeta(keyId);
  const algorithms = encryptionAlgorithms(meta);
  const algorithm = algorithms.includes(wanted) ? wanted : (algorithms[0] ?? SYMMETRIC);
  const input = { keyId, algorithm, context: contextOfPairs(pairs) };
  return { input, algorithms, pairs, error, setKeyId, setAlgorithm, setPairs };
}

function Destination({ chosen, aliases, error }: { chosen: ReturnType<typeof useDestination>; aliases: string[]; error?: string }) {
  const { input, algorithms } = chosen;
  return (
    <SpaceBetween size="l">
      <KeyField label={texts.destinationKey} value={input.keyId} aliases={aliases} onChange={chosen.setKeyId} errorText={error} />
      <ErrorBox error={chosen.error} keyId={input.keyId} />
      {input.keyId !== "" && algorithms.length > 1 ? (
        <Choice label={texts.destinationAlgorithm} value={input.algorithm} values={algorithms} onChange={chosen.setAlgorithm} />
      ) : null}
      {input.algorithm === SYMMETRIC ? (
        <ContextEditor label={texts.destinationContext} pairs={chosen.pairs} onChange={chosen.setPairs} />
      ) : null}
    </SpaceBetween>
  );
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

import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import DateInput from "@cloudscape-design/components/date-input";
import FileUpload from "@cloudscape-design/components/file-upload";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import RadioGroup from "@cloudscape-design/components/radio-group";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import TimeInput from "@cloudscape-design/components/time-input";
import Wizard from "@cloudscape-design/components/wizard";
import { useState } from "react";

import { useApi } from "../app/api";
import { useAction, useLoad } from "../app/load";
import { notify } from "../app/notices";
import { navigate, useGuard, usePlace, useUrl } from "../app/router";
import { useTitle } from "../app/shell";
import { fromBase64, toBase64, utf8 } from "../aws/bytes";
import type { KeyMetadata } from "../aws/model";
import { CopyButton } from "../parts/copy";
import { save } from "../parts/download";
import { ErrorBox } from "../parts/errors";
import { when } from "../parts/format";
import { PageState } from "../parts/page-state";
import { zip } from "../parts/zip";
import { common, importTexts as texts } from "../texts";
import { algorithmsFor, materialScript, wrapScript } from "./import-script";

const WRAPPING_SPECS = ["RSA_4096", "RSA_3072", "RSA_2048"];
const MATERIAL_BYTES_MAX = 6144;
const YEAR_MS = 365 * 86_400_000;

/** The import of key material; it can be left after the download and taken up from the key's page. */
export default function ImportMaterial({ keyId }: { keyId: string }) {
  useTitle(texts.title);
  const api = useApi();
  const key = useLoad((signal) => api.describe(keyId, signal), [api, keyId]);
  if (key.error || !key.data) return <PageState title={texts.title} loaded={key} keyId={keyId} />;
  return <ImportWizard meta={key.data} />;
}

interface Upload {
  wrapped: File[];
  token: File[];
}

function ImportWizard({ meta }: { meta: KeyMetadata }) {
  const api = useApi();
  const url = useUrl();
  const { query } = usePlace();
  const [step, setStep] = useState(query.get("step") === "upload" ? 1 : 0);
  const [upload, setUpload] = useState<Upload>({ wrapped: [], token: [] });
  const [tried, setTried] = useState(false);
  const [kind, setKind] = useState<"EXISTING_KEY_MATERIAL" | "NEW_KEY_MATERIAL">("EXISTING_KEY_MATERIAL");
  const [description, setDescription] = useState("");
  const [expires, setExpires] = useState(false);
  const [date, setDate] = useState("");
  const [time, setTime] = useState("12:00");
  const [finished, setFinished] = useState(false);
  const [openedMs] = useState(() => Date.now());
  const { running, error, run } = useAction();
  useGuard(!finished && (upload.wrapped.length > 0 || upload.token.length > 0));

  const validTo = new Date(`${date}T${time || "12:00"}`).getTime();
  const goodDate = !expires || (validTo > openedMs && validTo < openedMs + YEAR_MS);
  const goodUpload = upload.wrapped.length === 1 && upload.token.length === 1 && (upload.wrapped[0]?.size ?? 0) <= MATERIAL_BYTES_MAX;
  const symmetric = meta.KeySpec === "SYMMETRIC_DEFAULT";
  const back = url(["keys", meta.KeyId], { tab: "rotation" });

  const go = (to: number): void => {
    const stopped = to === 2 && !goodUpload;
    setTried(stopped);
    setStep(stopped ? 1 : to);
  };
  const submit = async (): Promise<void> => {
    setTried(true);
    const [wrapped] = upload.wrapped;
    const [token] = upload.token;
    if (!goodDate || !wrapped || !token) return;
    const done = await run(async () => {
      await api.kms("ImportKeyMaterial", {
        KeyId: meta.KeyId,
        EncryptedKeyMaterial: toBase64(new Uint8Array(await wrapped.arrayBuffer())),
        ImportToken: toBase64(new Uint8Array(await token.arrayBuffer())),
        ExpirationModel: expires ? "KEY_MATERIAL_EXPIRES" : "KEY_MATERIAL_DOES_NOT_EXPIRE",
        ValidTo: expires ? validTo / 1000 : undefined,
        KeyMaterialDescription: symmetric && description ? description : undefined,
        ImportType: symmetric && meta.CurrentKeyMaterialId ? kind : undefined,
      });
    });
    if (!done) return;
    setFinished(true);
    notify("success", texts.done);
    navigate(url(["keys", meta.KeyId]), { force: true });
  };

  return (
    <Wizard
      activeStepIndex={step}
      isLoadingNextStep={running}
      submitButtonText={texts.submit}
      i18nStrings={{ navigationAriaLabel: texts.title }}
      onNavigate={({ detail }) => go(detail.requestedStepIndex)}
      onCancel={() => navigate(back)}
      onSubmit={() => void submit()}
      steps={[
        { title: texts.steps.download, content: <DownloadStep meta={meta} onHave={() => setStep(1)} /> },
        {
          title: texts.steps.upload,
          content: <UploadStep upload={upload} onChange={setUpload} tried={tried} />,
        },
        {
          title: texts.steps.expiration,
          content: (
            <Container>
              <SpaceBetween size="l">
                <FormField label={texts.steps.expiration}>
                  <RadioGroup
                    value={expires ? "yes" : "no"}
                    onChange={({ detail }) => setExpires(detail.value === "yes")}
                    items={[
                      { value: "no", label: texts.never },
                      { value: "yes", label: texts.expires, description: texts.expiresText },
                    ]}
                  />
                </FormField>
                {expires ? (
                  <SpaceBetween size="l">
                    <FormField label={texts.date} constraintText="YYYY/MM/DD" errorText={tried && !goodDate ? texts.dateError : undefined}>
                      <DateInput value={date} placeholder="YYYY/MM/DD" onChange={({ detail }) => setDate(detail.value)} />
                    </FormField>
                    <FormField label={texts.time} constraintText="hh:mm">
                      <TimeInput value={time} format="hh:mm" placeholder="hh:mm" onChange={({ detail }) => setTime(detail.value)} />
                    </FormField>
                  </SpaceBetween>
                ) : null}
                {symmetric ? (
                  <FormField label={`${texts.description} – ${common.optional}`}>
                    <Input value={description} onChange={({ detail }) => setDescription(detail.value.slice(0, 256))} />
                  </FormField>
                ) : null}
                {symmetric && meta.CurrentKeyMaterialId ? (
                  <FormField label={texts.kind}>
                    <RadioGroup
                      value={kind}
                      onChange={({ detail }) => setKind(detail.value as typeof kind)}
                      items={[
                        { value: "EXISTING_KEY_MATERIAL", label: texts.initial },
                        { value: "NEW_KEY_MATERIAL", label: texts.rotate },
                      ]}
                    />
                  </FormField>
                ) : null}
                <ErrorBox error={error} keyId={meta.KeyId} />
              </SpaceBetween>
            </Container>
          ),
        },
      ]}
    />
  );
}

function DownloadStep({ meta, onHave }: { meta: KeyMetadata; onHave: () => void }) {
  const api = useApi();
  const algorithms = algorithmsFor(meta.KeySpec);
  const [spec, setSpec] = useState("RSA_4096");
  const [algorithm, setAlgorithm] = useState(algorithms[0] ?? "RSAES_OAEP_SHA_256");
  const [until, setUntil] = useState<number>();
  const { running, error, run } = useAction();

  const download = () =>
    run(async () => {
      const found = await api.kms("GetParametersForImport", {
        KeyId: meta.KeyId,
        WrappingAlgorithm: algorithm,
        WrappingKeySpec: spec,
      });
      const at = new Date();
      const readme = [
        `Key ID: ${meta.KeyId}`,
        `Wrapping key spec: ${spec}`,
        `Wrapping algorithm: ${algorithm}`,
        `Import token valid until: ${new Date(found.ParametersValidTo * 1000).toISOString()}`,
        "",
        wrapScript(algorithm),
        "",
      ].join("\n");
      const archive = zip(
        [
          { name: "WrappingPublicKey.bin", content: fromBase64(found.PublicKey) ?? new Uint8Array() },
          { name: "ImportToken.bin", content: fromBase64(found.ImportToken) ?? new Uint8Array() },
          { name: "README.txt", content: utf8(readme) },
        ],
        at,
      );
      const stamp = at.toISOString().replace(/\D/g, "").slice(0, 14);
      save(`Import_Parameters_${meta.KeyId}_${stamp}.zip`, archive, "application/zip");
      setUntil(found.ParametersValidTo);
    });

  return (
    <SpaceBetween size="l">
      <Container>
        <SpaceBetween size="l">
          <FormField label={texts.wrappingSpec}>
            <Select
              selectedOption={{ value: spec, label: spec }}
              options={WRAPPING_SPECS.map((value) => ({
                value,
                label: value,
                description: value === "RSA_4096" ? texts.recommended : undefined,
              }))}
              onChange={({ detail }) => setSpec(detail.selectedOption.value ?? spec)}
            />
          </FormField>
          <FormField label={texts.algorithm}>
            <Select
              selectedOption={{ value: algorithm, label: algorithm }}
              options={algorithms.map((value) => ({ value, label: value, description: texts.algorithmHints[value] }))}
              onChange={({ detail }) => setAlgorithm(detail.selectedOption.value ?? algorithm)}
            />
          </FormField>
          <Button iconName="download" loading={running} onClick={() => void download()}>
            {texts.download}
          </Button>
          {until === undefined ? null : <Alert type="success">{texts.downloaded(when(until))}</Alert>}
          <ErrorBox error={error} keyId={meta.KeyId} />
          <Box color="text-body-secondary">{texts.leave}</Box>
          <Button variant="inline-link" onClick={onHave}>
            {texts.have}
          </Button>
        </SpaceBetween>
      </Container>
      <Container header={<Header description={texts.scriptText}>{texts.script}</Header>}>
        <SpaceBetween size="m">
          <Script text={wrapScript(algorithm)} label={texts.script} />
          <Box>{texts.scriptMake}</Box>
          <Script text={materialScript(meta.KeySpec)} label={texts.scriptMake} />
        </SpaceBetween>
      </Container>
    </SpaceBetween>
  );
}

function Script({ text, label }: { text: string; label: string }) {
  return (
    <SpaceBetween size="xs">
      <pre className="trent-code">{text}</pre>
      <CopyButton text={text} label={`${common.copy}: ${label}`} />
    </SpaceBetween>
  );
}

function UploadStep({ upload, onChange, tried }: { upload: Upload; onChange: (upload: Upload) => void; tried: boolean }) {
  const strings = {
    uploadButtonText: () => texts.choose,
    dropzoneText: () => texts.choose,
    removeFileAriaLabel: () => texts.removeFile,
    limitShowFewer: common.close,
    limitShowMore: common.loadMore,
    errorIconAriaLabel: common.error.unexpected,
  };
  const needed = (files: File[]): string | undefined => (tried && files.length === 0 ? texts.fileNeeded : undefined);
  const large = (upload.wrapped[0]?.size ?? 0) > MATERIAL_BYTES_MAX;
  return (
    <Container>
      <SpaceBetween size="l">
        <FormField label={texts.wrapped} constraintText={texts.wrappedHint} errorText={large ? texts.fileLarge : needed(upload.wrapped)}>
          <FileUpload value={upload.wrapped} onChange={({ detail }) => onChange({ ...upload, wrapped: detail.value })} i18nStrings={strings} showFileSize />
        </FormField>
        <FormField label={texts.token} constraintText={texts.tokenHint} errorText={needed(upload.token)}>
          <FileUpload value={upload.token} onChange={({ detail }) => onChange({ ...upload, token: detail.value })} i18nStrings={strings} showFileSize />
        </FormField>
      </SpaceBetween>
    </Container>
  );
}

import Alert from "@cloudscape-design/components/alert";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Wizard from "@cloudscape-design/components/wizard";
import { useMemo, useState } from "react";

import { useApi } from "../app/api";
import { useAction, useLoad } from "../app/load";
import { notify } from "../app/notices";
import { navigate, useGuard, useUrl } from "../app/router";
import { useSession } from "../app/session";
import { useTitle } from "../app/shell";
import { asAwsError } from "../aws/errors";
import { partitionOf } from "../aws/regions";
import { goodAccounts } from "../parts/accounts-editor";
import { ErrorBox } from "../parts/errors";
import { usePolicyCheck } from "../parts/policy-editor";
import { usePrincipals } from "../parts/principal-picker";
import { goodTags, TagsEditor } from "../parts/tags-editor";
import { createTexts as texts } from "../texts";
import { aliasError, type Choices, change, initialChoices } from "./create-choices";
import { AdministratorsStep, ConfigureStep, LabelsStep, UsersStep } from "./create-steps";
import { ReviewStep } from "./create-review";
import { consolePolicy, policyText } from "./policy";

const STEP = { configure: 0, labels: 1, tags: 2, administrators: 3, users: 4, review: 5 };

/** The wizard that makes a key. */
export default function CreateKey() {
  useTitle(texts.title);
  const api = useApi();
  const url = useUrl();
  const session = useSession();
  const principals = usePrincipals();
  const aliases = useLoad((signal) => api.aliases(undefined, signal), [api]);
  const [choices, setChoices] = useState<Choices>(initialChoices);
  const [step, setStep] = useState(0);
  const [tried, setTried] = useState(false);
  const [edited, setEdited] = useState<string>();
  const [bypass, setBypass] = useState(false);
  const [finished, setFinished] = useState(false);
  const { running, error, run } = useAction();
  useGuard(!finished && (choices !== initialChoices || step > 0));

  const set = (changed: Partial<Choices>): void => {
    setChoices((before) => change(before, changed));
    setEdited(undefined);
  };
  const made = useMemo(
    () =>
      policyText(
        consolePolicy(
          { ...choices, account: session.account },
          {
            asymmetric: choices.type === "asymmetric",
            usage: choices.usage,
            external: choices.external,
            multiRegion: choices.multiRegion,
            partition: partitionOf(api.region),
          },
        ),
      ),
    [choices, session.account, api.region],
  );
  const policy = edited ?? made;
  const check = usePolicyCheck(policy);
  const taken = useMemo(() => (aliases.data ?? []).map((one) => one.AliasName), [aliases.data]);

  const good = (at: number): boolean => {
    if (at === STEP.configure) return !choices.external || choices.understood;
    if (at === STEP.labels) return aliasError(choices.alias, taken) === undefined && choices.description.length <= 8192;
    if (at === STEP.tags) return goodTags(choices.tags);
    if (at === STEP.users) return goodAccounts(choices.otherAccounts, session.account);
    return at !== STEP.review || check.good;
  };

  const go = (to: number): void => {
    const wrong = Array.from({ length: to }, (_, at) => at).find((at) => at >= step && !good(at));
    setTried(wrong !== undefined);
    setStep(wrong ?? to);
  };

  const create = async (): Promise<void> => {
    if (!good(STEP.review)) return;
    await run(async () => {
      const { KeyMetadata: key } = await api.kms("CreateKey", {
        Policy: policy,
        Description: choices.description,
        KeyUsage: choices.usage,
        KeySpec: choices.spec,
        Origin: choices.external ? "EXTERNAL" : "AWS_KMS",
        MultiRegion: choices.multiRegion,
        BypassPolicyLockoutSafetyCheck: bypass || undefined,
        Tags: choices.tags.map((tag) => ({ TagKey: tag.TagKey.trim(), TagValue: tag.TagValue })),
      });
      // The key is there: from here on nothing may be asked for twice.
      setFinished(true);
      const alias = choices.alias.trim();
      try {
        await api.kms("CreateAlias", { AliasName: `alias/${alias}`, TargetKeyId: key.KeyId });
        notify("success", choices.external ? texts.createdImport(alias) : texts.created(alias));
      } catch (failure) {
        notify("warning", texts.createdWithoutAlias(key.KeyId, asAwsError(failure).message));
      }
      navigate(url(choices.external ? ["keys", key.KeyId, "import"] : ["keys", key.KeyId]), { force: true });
    });
  };

  const edit = (at: number) => () => setStep(at);
  return (
    <Wizard
      activeStepIndex={step}
      isLoadingNextStep={running}
      submitButtonText={texts.finish}
      i18nStrings={{ navigationAriaLabel: texts.title }}
      onNavigate={({ detail }) => go(detail.requestedStepIndex)}
      onCancel={() => navigate(url(["keys"]))}
      onSubmit={() => void create()}
      steps={[
        {
          title: texts.steps.configure,
          description: texts.usageFinal,
          content: <ConfigureStep choices={choices} set={set} tried={tried} />,
        },
        {
          title: texts.steps.labels,
          content: <LabelsStep choices={choices} set={set} tried={tried} taken={taken} />,
        },
        {
          title: texts.steps.tags,
          content: (
            <Container header={<Header description={texts.tagsText}>{texts.tags}</Header>}>
              <TagsEditor tags={choices.tags} onChange={(tags) => set({ tags })} tried={tried} />
            </Container>
          ),
        },
        {
          title: texts.steps.administrators,
          content: <AdministratorsStep choices={choices} set={set} principals={principals} />,
        },
        {
          title: texts.steps.users,
          content: <UsersStep choices={choices} set={set} principals={principals} tried={tried} own={session.account} />,
        },
        {
          title: texts.steps.review,
          content: (
            <SpaceBetween size="l">
              <ErrorBox error={error} />
              {edited !== undefined && edited !== made ? <Alert type="info">{texts.policyEdited}</Alert> : null}
              <ReviewStep
                choices={choices}
                policy={policy}
                onPolicy={setEdited}
                onReset={edited === undefined ? undefined : () => setEdited(undefined)}
                bypass={bypass}
                onBypass={setBypass}
                onEdit={{ configure: edit(STEP.configure), labels: edit(STEP.labels), tags: edit(STEP.tags) }}
              />
            </SpaceBetween>
          ),
        },
      ]}
    />
  );
}

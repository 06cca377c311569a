import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Spinner from "@cloudscape-design/components/spinner";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Table from "@cloudscape-design/components/table";

import { useApi, useIam } from "../app/api";
import { useLoad } from "../app/load";
import type { ExplainedDecision, ExplainedStatement } from "../aws/model";
import { common } from "../texts";
import { Copyable } from "./copy";
import { type Denial, denialOf, holderOf, keyOfDenial } from "./denial";
import { ErrorBox } from "./errors";

const texts = common.explain;

interface Props {
  /** The key that the request was about, where it was about one. */
  keyId?: string;
  requestId: string;
  /** What AWS says of it. */
  message?: string;
  region?: string;
  onClose: () => void;
}

/** Why a request was denied: statements and conditions where it was about a key, else what can be known from here. */
export function Explain({ keyId, requestId, message = "", region, onClose }: Props) {
  // Of several keys of a request the message names the one; and who is asked wants a key, not an alias of it.
  const named = keyOfDenial(message);
  const about = named?.arn ?? (keyId && !/(^|:)alias\//.test(keyId) ? keyId : undefined);
  return (
    <Modal
      visible
      size="large"
      header={texts.title}
      onDismiss={onClose}
      footer={
        <Box float="right">
          <Button onClick={onClose}>{common.close}</Button>
        </Box>
      }
    >
      {about ? (
        <AboutKey keyId={about} requestId={requestId} region={named?.region ?? region} />
      ) : (
        <AboutNoKey requestId={requestId} message={message} />
      )}
    </Modal>
  );
}

const PAUSE_MS = 500;
const TRIES = 4;

/** Which statements denied a request, for those who may read the key's policy. */
function AboutKey({ keyId, requestId, region }: { keyId: string; requestId: string; region?: string }) {
  const api = useApi(region);
  const { data, error, loading } = useLoad(
    async (signal) => {
      // What was denied just now is written down a moment later.
      for (let left = TRIES; ; left -= 1) {
        const found = await api.explain(keyId, requestId);
        if (found.Explanations.length > 0 || left === 0 || signal.aborted) return found.Explanations;
        await new Promise((resolve) => {
          setTimeout(resolve, PAUSE_MS);
        });
      }
    },
    [api, keyId, requestId],
  );
  return (
    <SpaceBetween size="l">
      {loading ? <Spinner /> : null}
      <ErrorBox error={error} final />
      {data?.map((one) => (
        <DecisionView key={`${one.Account}${one.Timestamp}${one.Decision.action}`} decision={one.Decision} />
      ))}
      {data?.length === 0 ? <Box>{texts.none}</Box> : null}
      {error || data?.length === 0 ? <Operator requestId={requestId} /> : null}
    </SpaceBetween>
  );
}

/** A denial that was about no key: only the operator is told its statements, but today's policies can be asked. */
function AboutNoKey({ requestId, message }: { requestId: string; message: string }) {
  const denial = denialOf(message);
  return (
    <SpaceBetween size="l">
      {message ? <Box>{message}</Box> : null}
      {denial ? <Today denial={denial} /> : null}
      <Operator requestId={requestId} />
    </SpaceBetween>
  );
}

function Operator({ requestId }: { requestId: string }) {
  const command = `trent explain ${requestId}`;
  return (
    <Box>
      {texts.operator} <Copyable text={command} label={command} />
    </Box>
  );
}

/** What the policies that are in force now make of the same question. */
function Today({ denial }: { denial: Denial }) {
  const iam = useIam();
  const { data, error, loading } = useLoad(async () => {
    const holder = holderOf(denial.principal);
    if (!holder) return undefined;
    const source = "user" in holder ? holder.user : (await iam.one("Role", holder.role)).arn;
    return iam.simulate(source, denial.action, denial.resource);
  }, [iam, denial.principal, denial.action, denial.resource]);
  if (!loading && !error && !data) return null;
  return (
    <SpaceBetween size="xs">
      <Box variant="h3">{texts.today}</Box>
      {loading ? <Spinner /> : null}
      <ErrorBox error={error} final />
      {data ? (
        <StatusIndicator type={data.decision === "allowed" ? "success" : "error"}>
          {texts.outcome(denial.action, texts.outcomes[data.decision] ?? data.decision)}
        </StatusIndicator>
      ) : null}
      {data?.decision === "allowed" ? <Box>{texts.allowedToday}</Box> : null}
      {data?.boundaryAllows === false ? <Box>{texts.boundaryDoesNot}</Box> : null}
      {data && data.matched.length > 0 ? (
        <ul>
          {data.matched.map((one) => (
            <li key={`${one.policy}/${one.line}`}>{texts.matched(one.policy, one.line)}</li>
          ))}
        </ul>
      ) : null}
    </SpaceBetween>
  );
}

function DecisionView({ decision }: { decision: ExplainedDecision }) {
  const verdicts = Object.entries(decision.verdicts ?? {});
  return (
    <SpaceBetween size="m">
      <Box variant="h3">{texts.outcome(decision.action, texts.outcomes[decision.outcome] ?? decision.outcome)}</Box>
      {decision.reason ? <Box>{decision.reason}</Box> : null}
      {verdicts.length > 0 ? (
        <KeyValuePairs
          columns={4}
          items={verdicts.map(([kind, verdict]) => ({
            label: texts.verdict[kind] ?? kind,
            value: texts.verdictSays[verdict] ?? verdict,
          }))}
        />
      ) : null}
      {decision.statements ? <Statements statements={decision.statements} /> : null}
    </SpaceBetween>
  );
}

function became(statement: ExplainedStatement): string {
  switch (statement.outcome) {
    case "applied":
      return texts.applied;
    case "notCovering":
      return texts.notCovering;
    case "conditionsFailed":
      return texts.failed(statement.failedConditions.map((one) => `${one.operator} ${one.key}`).join(", "));
  }
}

function Statements({ statements }: { statements: ExplainedStatement[] }) {
  return (
    <Table
      variant="embedded"
      header={<Box variant="h4">{texts.statements}</Box>}
      items={statements}
      trackBy={(one) => `${one.policyType}/${one.source ?? ""}/${one.index}`}
      columnDefinitions={[
        { id: "policy", header: texts.policy, cell: (one) => one.source ?? texts.keyPolicy },
        { id: "sid", header: texts.statement, cell: (one) => one.sid ?? texts.number(one.index) },
        { id: "effect", header: texts.effect, cell: (one) => one.effect },
        {
          id: "became",
          header: texts.became,
          cell: (one) =>
            one.decisive ? (
              <StatusIndicator type={one.effect === "Deny" ? "error" : "success"}>
                {became(one)} ({texts.decisive})
              </StatusIndicator>
            ) : (
              became(one)
            ),
        },
      ]}
    />
  );
}

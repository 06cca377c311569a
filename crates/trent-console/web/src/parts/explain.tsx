import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Spinner from "@cloudscape-design/components/spinner";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Table from "@cloudscape-design/components/table";

import { useApi } from "../app/api";
import { useLoad } from "../app/load";
import type { ExplainedDecision, ExplainedStatement } from "../aws/model";
import { common } from "../texts";
import { ErrorBox } from "./errors";

const texts = common.explain;

interface Props {
  keyId: string;
  requestId: string;
  region?: string;
  onClose: () => void;
}

const PAUSE_MS = 500;
const TRIES = 4;

/** Which statements denied a request, for those who may read the key's policy. */
export function Explain({ keyId, requestId, region, onClose }: Props) {
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
      {loading ? <Spinner /> : null}
      <ErrorBox error={error} />
      {data?.length === 0 ? <Box>{texts.none}</Box> : null}
      <SpaceBetween size="l">
        {data?.map((one) => (
          <DecisionView key={`${one.Account}${one.Timestamp}${one.Decision.action}`} decision={one.Decision} />
        ))}
      </SpaceBetween>
    </Modal>
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

import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { Component, type ReactNode, useState } from "react";

import type { AwsError } from "../aws/errors";
import { common } from "../texts";
import { Copyable } from "./copy";
import { Explain } from "./explain";

interface Props {
  error: AwsError | undefined;
  /** The key that the request was about, for the explanation of a denial. */
  keyId?: string;
  retry?: () => void;
  /** Where it is itself part of an explanation. */
  final?: boolean;
}

/** An error as AWS says it: name, message, request id; and why, where it was a denial. */
export function ErrorBox({ error, keyId, retry, final = false }: Props) {
  const [explaining, setExplaining] = useState(false);
  if (!error) return null;
  const { code, message, requestId, operation } = error;
  const known = error.unknownOperation ? common.error.notServed : code === "NetworkError" ? common.error.network : "";
  return (
    <Alert
      type="error"
      header={operation ? `${operation}: ${code}` : code}
      action={retry ? <Button onClick={retry}>{common.error.retry}</Button> : undefined}
    >
      <SpaceBetween size="xs">
        {known ? <div>{known}</div> : null}
        {message ? <div className="trent-wrap">{message}</div> : null}
        {requestId ? (
          <Box fontSize="body-s">
            {common.error.requestId}: <Copyable text={requestId} label={common.error.requestId} />
          </Box>
        ) : null}
        {error.denied && requestId && !final ? (
          <Button variant="inline-link" onClick={() => setExplaining(true)}>
            {common.error.explain}
          </Button>
        ) : null}
      </SpaceBetween>
      {explaining ? <Explain keyId={keyId} requestId={requestId} message={message} onClose={() => setExplaining(false)} /> : null}
    </Alert>
  );
}

/** Shows that the page itself failed, and keeps the frame. */
export class PageBoundary extends Component<{ children: ReactNode }, { failed?: Error }> {
  override state: { failed?: Error } = {};

  static getDerivedStateFromError(failed: Error): { failed: Error } {
    return { failed };
  }

  override render(): ReactNode {
    const { failed } = this.state;
    if (!failed) return this.props.children;
    return (
      <Alert
        type="error"
        header={common.error.unexpected}
        action={<Button onClick={() => location.reload()}>{common.error.reload}</Button>}
      >
        {failed.message}
      </Alert>
    );
  }
}

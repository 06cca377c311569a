import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Spinner from "@cloudscape-design/components/spinner";

import type { Loaded } from "../app/load";
import { ErrorBox } from "./errors";

interface Props {
  title: string;
  loaded: Loaded<unknown>;
  keyId?: string;
}

/** A page whose subject is not there yet, or cannot be had. */
export function PageState({ title, loaded, keyId }: Props) {
  return (
    <SpaceBetween size="l">
      <Header variant="h1">{title}</Header>
      {loaded.error ? <ErrorBox error={loaded.error} retry={loaded.reload} keyId={keyId} /> : <Spinner size="large" />}
    </SpaceBetween>
  );
}

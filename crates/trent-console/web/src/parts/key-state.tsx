import StatusIndicator, { type StatusIndicatorProps } from "@cloudscape-design/components/status-indicator";

import type { KeyState } from "../aws/model";
import { stateTexts } from "../texts";

const LOOKS: Record<KeyState, StatusIndicatorProps.Type> = {
  Creating: "in-progress",
  Enabled: "success",
  Disabled: "stopped",
  PendingDeletion: "warning",
  PendingImport: "pending",
  PendingReplicaDeletion: "warning",
  Unavailable: "error",
  Updating: "in-progress",
};

export function KeyStateView({ state }: { state: KeyState }) {
  return <StatusIndicator type={LOOKS[state]}>{stateTexts[state]}</StatusIndicator>;
}

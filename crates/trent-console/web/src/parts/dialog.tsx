import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { ReactNode } from "react";

import { useAction } from "../app/load";
import { useGuard } from "../app/router";
import { common } from "../texts";
import { ErrorBox } from "./errors";

interface Props {
  title: string;
  submit: string;
  /** Whether what is to be done can be done. */
  ready?: boolean;
  /** Whether something has been typed or chosen that would be lost. */
  dirty?: boolean;
  keyId?: string;
  size?: "medium" | "large";
  onSubmit: () => Promise<void>;
  /** Called when it is done, and the dialog is gone. */
  onDone?: () => void;
  onClose: () => void;
  children: ReactNode;
}

/** A dialog that does one thing and stays open with AWS's error when it fails. */
export function Dialog({ title, submit, ready = true, dirty = false, keyId, size, onSubmit, onDone, onClose, children }: Props) {
  const { running, error, run } = useAction();
  useGuard(dirty);
  const go = async (): Promise<void> => {
    if (!(await run(onSubmit))) return;
    onClose();
    onDone?.();
  };
  return (
    <Modal
      visible
      size={size ?? "medium"}
      header={title}
      onDismiss={({ detail }) => {
        // A click beside the dialog says nothing about what stands in it.
        if (!dirty || detail.reason !== "overlay") onClose();
      }}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onClose}>
              {common.cancel}
            </Button>
            <Button variant="primary" disabled={!ready} loading={running} onClick={() => void go()}>
              {submit}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        {children}
        <ErrorBox error={error} keyId={keyId} />
      </SpaceBetween>
    </Modal>
  );
}

import Container from "@cloudscape-design/components/container";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Spinner from "@cloudscape-design/components/spinner";

import { useApi } from "../../app/api";
import { useLoad } from "../../app/load";
import { toPem } from "../../aws/bytes";
import { CopyButton } from "../../parts/copy";
import { save } from "../../parts/download";
import { ErrorBox } from "../../parts/errors";
import { common, detailTexts } from "../../texts";
import type { TabProps } from "../key";

const texts = detailTexts.publicKey;

export function PublicKeyTab({ meta }: TabProps) {
  const api = useApi();
  const { data, error, reload } = useLoad((signal) => api.kms("GetPublicKey", { KeyId: meta.KeyId }, signal), [api, meta]);
  const pem = data ? toPem(data.PublicKey) : "";
  return (
    <Container
      header={
        <Header
          description={texts.text}
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <CopyButton text={pem} label={common.copy} />
              <Button iconName="download" disabled={!data} onClick={() => save(texts.file, pem, "application/x-pem-file")}>
                {common.download}
              </Button>
            </SpaceBetween>
          }
        >
          {detailTexts.tabs.publicKey}
        </Header>
      }
    >
      <ErrorBox error={error} retry={reload} keyId={meta.KeyId} />
      {data ? <pre className="trent-code">{pem}</pre> : error ? null : <Box><Spinner /></Box>}
    </Container>
  );
}

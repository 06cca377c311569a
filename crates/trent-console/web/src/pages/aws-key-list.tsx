import Box from "@cloudscape-design/components/box";

import { useTitle } from "../app/shell";
import { keyTexts as texts } from "../texts";
import { KeyTable } from "./key-table";

/** AWS managed keys: to look at only. */
export default function AwsKeyList() {
  useTitle(texts.awsTitle);
  return (
    <KeyTable
      manager="AWS"
      section="aws-keys"
      title={texts.awsTitle}
      description={texts.awsDescription}
      initialColumns={["alias", "id", "status"]}
      empty={
        <Box textAlign="center">
          <b>{texts.emptyAws}</b>
          <Box>{texts.emptyAwsText}</Box>
        </Box>
      }
    />
  );
}

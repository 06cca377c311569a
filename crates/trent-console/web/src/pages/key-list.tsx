import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";

import { follow, useUrl } from "../app/router";
import { useTitle } from "../app/shell";
import { keyTexts as texts } from "../texts";
import { KeyActions } from "./key-actions";
import { KeyTable } from "./key-table";

/** Customer managed keys. */
export default function KeyList() {
  useTitle(texts.title);
  const url = useUrl();
  return (
    <KeyTable
      manager="CUSTOMER"
      section="keys"
      title={texts.title}
      description={texts.description}
      initialColumns={["alias", "id", "status", "type", "spec", "usage"]}
      actions={(selected, reload) => (
        <SpaceBetween direction="horizontal" size="xs">
          <KeyActions rows={selected} onDone={reload} />
          <Button variant="primary" href={url(["keys", "create"])} onFollow={follow}>
            {texts.create}
          </Button>
        </SpaceBetween>
      )}
      empty={
        <Box textAlign="center">
          <SpaceBetween size="m">
            <b>{texts.empty}</b>
            <Box>{texts.emptyText}</Box>
            <Button href={url(["keys", "create"])} onFollow={follow}>
              {texts.create}
            </Button>
          </SpaceBetween>
        </Box>
      }
    />
  );
}

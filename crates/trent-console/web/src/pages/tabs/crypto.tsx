import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";

import { Copyable } from "../../parts/copy";
import { when } from "../../parts/format";
import { detailTexts, keyTexts, usageTexts } from "../../texts";
import type { TabProps } from "../key";
import { typeOf } from "../key-filter";

const texts = detailTexts.crypto;

export function CryptoTab({ meta }: TabProps) {
  const algorithms = (label: string, list: string[] | undefined) =>
    list && list.length > 0 ? [{ label, value: list.join(", ") }] : [];
  return (
    <Container header={<Header>{detailTexts.tabs.crypto}</Header>}>
      <KeyValuePairs
        columns={3}
        items={[
          { label: texts.type, value: typeOf(meta) },
          { label: texts.origin, value: keyTexts.origins[meta.Origin] },
          { label: texts.spec, value: meta.KeySpec },
          { label: texts.usage, value: usageTexts[meta.KeyUsage] },
          ...algorithms(texts.encryption, meta.EncryptionAlgorithms),
          ...algorithms(texts.signing, meta.SigningAlgorithms),
          ...algorithms(texts.mac, meta.MacAlgorithms),
          ...algorithms(texts.agreement, meta.KeyAgreementAlgorithms),
          ...algorithms(texts.encapsulation, meta.EncapsulationAlgorithms),
          ...(meta.CurrentKeyMaterialId
            ? [{ label: texts.materialId, value: <Copyable text={meta.CurrentKeyMaterialId} label={texts.materialId} /> }]
            : []),
          ...(meta.Origin === "EXTERNAL"
            ? [{ label: texts.expires, value: meta.ValidTo === undefined ? texts.never : when(meta.ValidTo) }]
            : []),
        ]}
      />
    </Container>
  );
}

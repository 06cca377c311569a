// What can be done with a key from the page: which operation that is, and what it asks for.
import type { KeyMetadata } from "../aws/model";
import { useTexts as texts } from "../texts";

export type Deed = keyof typeof texts.operations;

export const DEEDS = Object.keys(texts.operations) as Deed[];

/** The deeds that a key of this kind can do; all where the key is not known. */
export function deedsOf(meta: KeyMetadata | undefined): Deed[] {
  if (!meta) return DEEDS;
  switch (meta.KeyUsage) {
    case "ENCRYPT_DECRYPT":
      return meta.KeySpec === "SYMMETRIC_DEFAULT" ? ["encrypt", "decrypt", "dataKey"] : ["encrypt", "decrypt"];
    case "SIGN_VERIFY":
      return ["sign", "verify"];
    case "GENERATE_VERIFY_MAC":
      return ["mac", "verifyMac"];
    case "KEY_AGREEMENT":
    case "ENCAPSULATE_DECAPSULATE":
      return [];
  }
}

/** The algorithms of a deed, where there is a choice or one must be named. */
export function algorithmsOf(deed: Deed, meta: KeyMetadata | undefined): string[] {
  switch (deed) {
    case "encrypt":
    case "decrypt":
      return meta?.EncryptionAlgorithms ?? ["SYMMETRIC_DEFAULT"];
    case "sign":
    case "verify":
      return meta?.SigningAlgorithms ?? [];
    case "mac":
    case "verifyMac":
      return meta?.MacAlgorithms ?? [];
    case "dataKey":
      return [];
  }
}

export interface Inputs {
  keyId: string;
  algorithm: string;
  /** Base64. */
  data: string;
  /** Base64: a signature or a MAC. */
  proof: string;
  messageType: string;
  context: Record<string, string>;
  keySpec: string;
  withoutPlaintext: boolean;
}

/** The operation and its input. */
export function requestOf(deed: Deed, inputs: Inputs): [string, Record<string, unknown>] {
  const KeyId = inputs.keyId || undefined;
  const EncryptionContext = Object.keys(inputs.context).length > 0 ? inputs.context : undefined;
  const asymmetric = inputs.algorithm !== "SYMMETRIC_DEFAULT";
  const EncryptionAlgorithm = asymmetric ? inputs.algorithm : undefined;
  const context = asymmetric ? undefined : EncryptionContext;
  const SigningAlgorithm = inputs.algorithm;
  const MacAlgorithm = inputs.algorithm;
  const MessageType = inputs.messageType;
  switch (deed) {
    case "encrypt":
      return ["Encrypt", { KeyId, Plaintext: inputs.data, EncryptionAlgorithm, EncryptionContext: context }];
    case "decrypt":
      return ["Decrypt", { KeyId, CiphertextBlob: inputs.data, EncryptionAlgorithm, EncryptionContext: context }];
    case "dataKey":
      return [
        inputs.withoutPlaintext ? "GenerateDataKeyWithoutPlaintext" : "GenerateDataKey",
        { KeyId, KeySpec: inputs.keySpec, EncryptionContext },
      ];
    case "sign":
      return ["Sign", { KeyId, Message: inputs.data, MessageType, SigningAlgorithm }];
    case "verify":
      return ["Verify", { KeyId, Message: inputs.data, MessageType, Signature: inputs.proof, SigningAlgorithm }];
    case "mac":
      return ["GenerateMac", { KeyId, Message: inputs.data, MacAlgorithm }];
    case "verifyMac":
      return ["VerifyMac", { KeyId, Message: inputs.data, Mac: inputs.proof, MacAlgorithm }];
  }
}

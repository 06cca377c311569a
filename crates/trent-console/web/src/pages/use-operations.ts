// What can be done with a key from the page: which operation that is, what it asks for, and what of its answer is shown.
import type { KeyMetadata } from "../aws/model";
import { useTexts as texts } from "../texts";

export type Deed = keyof typeof texts.operations;

export const DEEDS = Object.keys(texts.operations) as Deed[];

/** The deeds that a key of this kind can do. Of a key that cannot be described all; without a key those that find theirs. */
export function deedsOf(meta: KeyMetadata | undefined, keyId: string): Deed[] {
  if (!meta) return keyId === "" ? ["decrypt", "reEncrypt"] : DEEDS;
  switch (meta.KeyUsage) {
    case "ENCRYPT_DECRYPT":
      return meta.KeySpec === "SYMMETRIC_DEFAULT"
        ? ["encrypt", "decrypt", "reEncrypt", "dataKey", "dataKeyPair"]
        : ["encrypt", "decrypt", "reEncrypt"];
    case "SIGN_VERIFY":
      return ["sign", "verify"];
    case "GENERATE_VERIFY_MAC":
      return ["mac", "verifyMac"];
    case "KEY_AGREEMENT":
      return ["derive"];
    case "ENCAPSULATE_DECAPSULATE":
      return ["encapsulate", "decapsulate"];
  }
}

export const SYMMETRIC = "SYMMETRIC_DEFAULT";

/** Every algorithm, for keys that cannot be described. */
const ALL = {
  encryption: [SYMMETRIC, "RSAES_OAEP_SHA_256", "RSAES_OAEP_SHA_1", "SM2PKE"],
  signing: [
    ...["RSASSA_PSS", "RSASSA_PKCS1_V1_5", "ECDSA"].flatMap((family) => ["256", "384", "512"].map((size) => `${family}_SHA_${size}`)),
    "ED25519_SHA_512",
    "ED25519_PH_SHA_512",
    "ML_DSA_SHAKE_256",
    "SM2DSA",
  ],
  mac: ["224", "256", "384", "512"].map((size) => `HMAC_SHA_${size}`),
  agreement: ["ECDH"],
  encapsulation: ["ML_KEM"],
};

export const encryptionAlgorithms = (meta: KeyMetadata | undefined): string[] => meta?.EncryptionAlgorithms ?? ALL.encryption;

/** The algorithms of a deed, where there is a choice or one must be named. */
export function algorithmsOf(deed: Deed, meta: KeyMetadata | undefined): string[] {
  switch (deed) {
    case "encrypt":
    case "decrypt":
    case "reEncrypt":
      return encryptionAlgorithms(meta);
    case "sign":
    case "verify":
      return meta?.SigningAlgorithms ?? ALL.signing;
    case "mac":
    case "verifyMac":
      return meta?.MacAlgorithms ?? ALL.mac;
    case "derive":
      return meta?.KeyAgreementAlgorithms ?? ALL.agreement;
    case "encapsulate":
    case "decapsulate":
      return meta?.EncapsulationAlgorithms ?? ALL.encapsulation;
    case "dataKey":
    case "dataKeyPair":
      return [];
  }
}

/** What a deed is done to: bytes that are typed as text or base64, as base64 only, a public key, or nothing. */
export type Form = "either" | "base64" | "publicKey" | "none";

export interface Fields {
  data: Form;
  label: string;
  hint?: string;
  /** A signature or a MAC besides. */
  proof?: string;
  messageType?: boolean;
  context?: boolean;
  /** Specs to choose from, and whether there may be no plaintext. */
  specs?: string[];
  /** A second key. */
  destination?: boolean;
}

export const DATA_KEY_SPECS = ["AES_256", "AES_128"];
export const PAIR_SPECS = [
  "RSA_2048",
  "RSA_3072",
  "RSA_4096",
  "ECC_NIST_P256",
  "ECC_NIST_P384",
  "ECC_NIST_P521",
  "ECC_SECG_P256K1",
  "ECC_NIST_EDWARDS25519",
  "SM2",
  "ML_KEM_512",
  "ML_KEM_768",
  "ML_KEM_1024",
];

export function fieldsOf(deed: Deed, algorithm: string): Fields {
  const context = algorithm === SYMMETRIC;
  const message = { data: "either", label: texts.message, hint: texts.messageHint } as const;
  switch (deed) {
    case "encrypt":
      return { data: "either", label: texts.plaintext, hint: texts.plaintextHint, context };
    case "decrypt":
      return { data: "base64", label: texts.ciphertext, context };
    case "reEncrypt":
      return { data: "base64", label: texts.ciphertext, context, destination: true };
    case "dataKey":
      return { data: "none", label: "", context: true, specs: DATA_KEY_SPECS };
    case "dataKeyPair":
      return { data: "none", label: "", context: true, specs: PAIR_SPECS };
    case "sign":
      return { ...message, messageType: true };
    case "verify":
      return { ...message, messageType: true, proof: texts.signature };
    case "mac":
      return message;
    case "verifyMac":
      return { ...message, proof: texts.macValue };
    case "derive":
      return { data: "publicKey", label: texts.publicKey, hint: texts.publicKeyHint };
    case "encapsulate":
      return { data: "none", label: "" };
    case "decapsulate":
      return { data: "base64", label: texts.secretCiphertext };
  }
}

export type Context = Record<string, string>;

export interface Inputs {
  keyId: string;
  algorithm: string;
  /** Base64. */
  data: string;
  /** Base64: a signature or a MAC. */
  proof: string;
  messageType: string;
  context: Context;
  /** Of a data key or a pair. */
  spec: string;
  withoutPlaintext: boolean;
  destination: { keyId: string; algorithm: string; context: Context };
}

/** Symmetric encryption is what is done when no algorithm is named; only it has a context. */
const named = (algorithm: string): string | undefined => (algorithm === SYMMETRIC ? undefined : algorithm);
const contextOf = (algorithm: string, context: Context): Context | undefined =>
  algorithm === SYMMETRIC && Object.keys(context).length > 0 ? context : undefined;

/** The operation and its input. */
export function requestOf(deed: Deed, inputs: Inputs): [string, Record<string, unknown>] {
  const { algorithm, data, proof, messageType: MessageType, destination } = inputs;
  const KeyId = inputs.keyId || undefined;
  const EncryptionAlgorithm = named(algorithm);
  const EncryptionContext = contextOf(algorithm, inputs.context);
  const without = inputs.withoutPlaintext ? "WithoutPlaintext" : "";
  switch (deed) {
    case "encrypt":
      return ["Encrypt", { KeyId, Plaintext: data, EncryptionAlgorithm, EncryptionContext }];
    case "decrypt":
      return ["Decrypt", { KeyId, CiphertextBlob: data, EncryptionAlgorithm, EncryptionContext }];
    case "reEncrypt":
      return [
        "ReEncrypt",
        {
          CiphertextBlob: data,
          SourceKeyId: KeyId,
          SourceEncryptionAlgorithm: EncryptionAlgorithm,
          SourceEncryptionContext: EncryptionContext,
          DestinationKeyId: destination.keyId,
          DestinationEncryptionAlgorithm: named(destination.algorithm),
          DestinationEncryptionContext: contextOf(destination.algorithm, destination.context),
        },
      ];
    case "dataKey":
      return [`GenerateDataKey${without}`, { KeyId, KeySpec: inputs.spec, EncryptionContext: contextOf(SYMMETRIC, inputs.context) }];
    case "dataKeyPair":
      return [`GenerateDataKeyPair${without}`, { KeyId, KeyPairSpec: inputs.spec, EncryptionContext: contextOf(SYMMETRIC, inputs.context) }];
    case "sign":
      return ["Sign", { KeyId, Message: data, MessageType, SigningAlgorithm: algorithm }];
    case "verify":
      return ["Verify", { KeyId, Message: data, MessageType, Signature: proof, SigningAlgorithm: algorithm }];
    case "mac":
      return ["GenerateMac", { KeyId, Message: data, MacAlgorithm: algorithm }];
    case "verifyMac":
      return ["VerifyMac", { KeyId, Message: data, Mac: proof, MacAlgorithm: algorithm }];
    case "derive":
      return ["DeriveSharedSecret", { KeyId, KeyAgreementAlgorithm: algorithm, PublicKey: data }];
    case "encapsulate":
      return ["Encapsulate", { KeyId, EncapsulationAlgorithm: algorithm }];
    case "decapsulate":
      return ["Decapsulate", { KeyId, SharedSecretCiphertextBlob: data, EncapsulationAlgorithm: algorithm }];
  }
}

export interface Shown {
  label: string;
  text: string;
}

export interface Outcome {
  results: Shown[];
  /** What was proved. */
  valid?: string;
}

/** The members of answers that are shown, in order, all base64. */
const MEMBERS: [string, string][] = [
  ["Plaintext", texts.results.plaintextBase64],
  ["PrivateKeyPlaintext", texts.results.privateKey],
  ["PublicKey", texts.results.publicKey],
  ["PrivateKeyCiphertextBlob", texts.results.sealedPrivateKey],
  ["SharedSecret", texts.results.sharedSecret],
  ["SharedSecretCiphertextBlob", texts.results.sealedSecret],
  ["CiphertextBlob", texts.results.ciphertext],
  ["Signature", texts.results.signature],
  ["Mac", texts.results.mac],
];

/** A deed's own words for what the answers of others have, too. */
const LABELS: Partial<Record<Deed, Record<string, string>>> = {
  dataKey: { Plaintext: texts.results.dataKey, CiphertextBlob: texts.results.sealedKey },
};

/** What is shown of an answer. `text` reads bytes as text, where they are some. */
export function outcomeOf(deed: Deed, answer: Record<string, unknown>, text: (base64: string) => string | undefined): Outcome {
  if (deed === "verify") return { results: [], valid: texts.valid };
  if (deed === "verifyMac") return { results: [], valid: texts.macValid };
  const results = MEMBERS.flatMap(([member, label]) => {
    const value = answer[member];
    return typeof value === "string" ? [{ label: LABELS[deed]?.[member] ?? label, text: value }] : [];
  });
  const plain = deed === "decrypt" ? text(String(answer.Plaintext)) : undefined;
  return { results: plain === undefined ? results : [{ label: texts.results.plaintext, text: plain }, ...results] };
}

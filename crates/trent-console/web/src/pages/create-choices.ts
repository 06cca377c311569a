// What the create-key wizard asks, and what of it goes together.
import type { KeyUsage, Tag } from "../aws/model";
import { createTexts as texts } from "../texts";

export interface Choices {
  type: "symmetric" | "asymmetric";
  usage: KeyUsage;
  spec: string;
  external: boolean;
  understood: boolean;
  multiRegion: boolean;
  alias: string;
  description: string;
  tags: Tag[];
  administrators: string[];
  administratorsMayDelete: boolean;
  users: string[];
  otherAccounts: string[];
}

export const initialChoices: Choices = {
  type: "symmetric",
  usage: "ENCRYPT_DECRYPT",
  spec: "SYMMETRIC_DEFAULT",
  external: false,
  understood: false,
  multiRegion: false,
  alias: "",
  description: "",
  tags: [],
  administrators: [],
  administratorsMayDelete: true,
  users: [],
  otherAccounts: [],
};

const RSA = ["RSA_2048", "RSA_3072", "RSA_4096"];
const NIST = ["ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521"];

/** The specs of each usage; the first is the one that is proposed. */
const SPECS: Record<Choices["type"], Partial<Record<KeyUsage, string[]>>> = {
  symmetric: {
    ENCRYPT_DECRYPT: ["SYMMETRIC_DEFAULT"],
    GENERATE_VERIFY_MAC: ["HMAC_256", "HMAC_224", "HMAC_384", "HMAC_512"],
  },
  asymmetric: {
    ENCRYPT_DECRYPT: [...RSA, "SM2"],
    SIGN_VERIFY: [...RSA, ...NIST, "ECC_SECG_P256K1", "ECC_NIST_EDWARDS25519", "ML_DSA_44", "ML_DSA_65", "ML_DSA_87", "SM2"],
    KEY_AGREEMENT: [...NIST, "SM2"],
    ENCAPSULATE_DECAPSULATE: ["ML_KEM_768", "ML_KEM_512", "ML_KEM_1024"],
  },
};

export const usagesOf = (type: Choices["type"]): KeyUsage[] => Object.keys(SPECS[type]) as KeyUsage[];
export const specsOf = ({ type, usage }: Pick<Choices, "type" | "usage">): string[] => SPECS[type][usage] ?? [];

/** Material of these specs can be made by Trent only. */
export const importable = (spec: string): boolean => !spec.startsWith("ML_");

/** The choices after one of them has changed: what does not go with it any more is chosen anew. */
export function change(choices: Choices, changed: Partial<Choices>): Choices {
  const next = { ...choices, ...changed };
  if (!usagesOf(next.type).includes(next.usage)) next.usage = usagesOf(next.type)[0] ?? "ENCRYPT_DECRYPT";
  const specs = specsOf(next);
  if (!specs.includes(next.spec)) next.spec = specs[0] ?? "SYMMETRIC_DEFAULT";
  if (!importable(next.spec)) next.external = false;
  if (!next.external) next.understood = false;
  return next;
}

/** What is wrong with an alias, without its prefix. */
export function aliasError(alias: string, taken: string[]): string | undefined {
  const name = alias.trim();
  if (name === "") return texts.aliasNeeded;
  if (name.startsWith("aws/")) return texts.aliasReserved;
  if (!/^[a-zA-Z0-9/_-]{1,250}$/.test(name)) return texts.aliasPattern;
  return taken.includes(`alias/${name}`) ? texts.aliasTaken : undefined;
}

/** AWS managed keys have such descriptions. */
export const reservedDescription = (description: string): boolean =>
  /^\s*default master key that protects my .* when no other key is defined\s*$/i.test(description);

// The openssl commands that wrap key material (AWS KMS Developer Guide, "Step 3: Encrypt the key material").

const oaep = (hash: string): string =>
  `openssl pkeyutl -encrypt -pubin -keyform DER -inkey WrappingPublicKey.bin \\
    -in PlaintextKeyMaterial.bin -out EncryptedKeyMaterial.bin \\
    -pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:${hash} -pkeyopt rsa_mgf1_md:${hash}`;

const keyWrap = (hash: string): string =>
  `openssl rand -out aes-key.bin 32
openssl enc -id-aes256-wrap-pad -iv A65959A6 -K "$(xxd -p -c 64 aes-key.bin)" \\
    -in PlaintextKeyMaterial.bin -out key-material-wrapped.bin
openssl pkeyutl -encrypt -pubin -keyform DER -inkey WrappingPublicKey.bin \\
    -in aes-key.bin -out aes-key-wrapped.bin \\
    -pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:${hash} -pkeyopt rsa_mgf1_md:${hash}
cat aes-key-wrapped.bin key-material-wrapped.bin > EncryptedKeyMaterial.bin
shred -u aes-key.bin`;

/** Makes EncryptedKeyMaterial.bin of PlaintextKeyMaterial.bin. */
export function wrapScript(algorithm: string): string {
  const hash = algorithm.endsWith("SHA_1") ? "sha1" : "sha256";
  return algorithm.startsWith("RSA_AES_KEY_WRAP") ? keyWrap(hash) : oaep(hash);
}

const CURVES: Record<string, string> = {
  ECC_NIST_P256: "P-256",
  ECC_NIST_P384: "P-384",
  ECC_NIST_P521: "P-521",
  ECC_SECG_P256K1: "secp256k1",
  SM2: "SM2",
};

/** Makes PlaintextKeyMaterial.bin: random bytes, or a private key in PKCS #8 DER. */
export function materialScript(spec: string): string {
  const bits = /^(?:RSA|HMAC)_(\d+)$/.exec(spec)?.[1];
  if (spec.startsWith("RSA_")) {
    return `openssl genpkey -algorithm rsa -pkeyopt rsa_keygen_bits:${bits} | openssl pkcs8 -topk8 -outform der -nocrypt > PlaintextKeyMaterial.bin`;
  }
  if (spec.startsWith("HMAC_")) return `openssl rand -out PlaintextKeyMaterial.bin ${Number(bits) / 8}`;
  if (spec === "ECC_NIST_EDWARDS25519") return "openssl genpkey -algorithm ed25519 -outform der > PlaintextKeyMaterial.bin";
  const curve = CURVES[spec];
  if (curve) {
    return `openssl genpkey -algorithm ec -pkeyopt ec_paramgen_curve:${curve} | openssl pkcs8 -topk8 -outform der -nocrypt > PlaintextKeyMaterial.bin`;
  }
  return "openssl rand -out PlaintextKeyMaterial.bin 32";
}

/** The algorithms that can wrap material of a spec; the first is the one that is proposed. */
export function algorithmsFor(spec: string): string[] {
  const wrap = ["RSA_AES_KEY_WRAP_SHA_256", "RSA_AES_KEY_WRAP_SHA_1"];
  const direct = ["RSAES_OAEP_SHA_256", "RSAES_OAEP_SHA_1"];
  if (spec.startsWith("RSA_")) return wrap;
  return spec === "SYMMETRIC_DEFAULT" ? [...direct, ...wrap] : [...wrap, ...direct];
}

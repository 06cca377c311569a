// Encrypts or decrypts one message with the AWS Encryption SDK for JavaScript.
//
// Standard input: {"do": "encrypt" | "decrypt", "keys": [ARN, …], "mrk": bool, "context": {…}, "input": base64}; the
// first key generates the data key. Standard output: {"output": base64, "context": {…}} or {"refused": text}.
// Endpoint and credentials come from the environment, as for every AWS client.
import {
  buildAwsKmsMrkAwareStrictMultiKeyringNode,
  buildClient,
  CommitmentPolicy,
  getClient,
  KMS,
  KmsKeyringNode,
} from '@aws-crypto/client-node'

const chunks = []
for await (const chunk of process.stdin) chunks.push(chunk)
const asked = JSON.parse(Buffer.concat(chunks).toString())

const clientProvider = getClient(KMS, {
  endpoint: process.env.AWS_ENDPOINT_URL,
  credentials: {
    accessKeyId: process.env.AWS_ACCESS_KEY_ID,
    secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY,
  },
})
const [generatorKeyId, ...keyIds] = asked.keys
const keyring = asked.mrk
  ? buildAwsKmsMrkAwareStrictMultiKeyringNode({ generatorKeyId, keyIds, clientProvider })
  : new KmsKeyringNode({ generatorKeyId, keyIds, clientProvider })
const { encrypt, decrypt } = buildClient(CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT)
const input = Buffer.from(asked.input, 'base64')

function answer(output, context) {
  console.log(JSON.stringify({ output: Buffer.from(output).toString('base64'), context }))
}

try {
  if (asked.do === 'encrypt') {
    const { result } = await encrypt(keyring, input, { encryptionContext: asked.context })
    answer(result, asked.context)
  } else {
    const { plaintext, messageHeader } = await decrypt(keyring, input)
    answer(plaintext, messageHeader.encryptionContext)
  }
} catch (error) {
  console.log(JSON.stringify({ refused: `${error.name}: ${error.message}` }))
}

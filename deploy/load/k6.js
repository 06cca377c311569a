// Load on Trent with k6: a mix of Encrypt, Decrypt, GenerateDataKey and DescribeKey, signed with SigV4 by this script
// (IAM User Guide, "Create a signed AWS API request"), retried as the AWS SDKs retry. Needs nothing from the network but
// the endpoint. docs/load.md says how to run it and how to read its summary.
import { check, fail, sleep } from 'k6';
import crypto from 'k6/crypto';
import encoding from 'k6/encoding';
import exec from 'k6/execution';
import http from 'k6/http';
import { Counter, Trend } from 'k6/metrics';

const number = (name, preset) => {
  const value = Number(__ENV[name] || preset);
  if (!Number.isFinite(value) || value < 0) throw new Error(`${name} is not a number`);
  return value;
};
const needed = (...names) => {
  for (const name of names) if (__ENV[name]) return __ENV[name];
  throw new Error(`${names[0]} is not set`);
};

const ENDPOINTS = needed('TRENT_LOAD_ENDPOINT').split(',').map((url) => url.replace(/\/+$/, ''));
if (ENDPOINTS.some((url) => /amazonaws\.com/i.test(url))) throw new Error('AWS itself is not loaded');
const REGION = __ENV.AWS_REGION || 'us-east-1';
const ACCESS_KEY = needed('AWS_ACCESS_KEY_ID', 'TRENT_ROOT_ACCESS_KEY_ID');
const SECRET_KEY = needed('AWS_SECRET_ACCESS_KEY', 'TRENT_ROOT_SECRET_ACCESS_KEY');
const RATE = number('TRENT_LOAD_RATE', 100);
const SECONDS = number('TRENT_LOAD_SECONDS', 30);
const RAMP = number('TRENT_LOAD_WARM_UP', 5);
const KEYS = number('TRENT_LOAD_KEYS', 4);
const RETRIES = number('TRENT_LOAD_RETRIES', 2);
const BACKOFF_MS = number('TRENT_LOAD_BACKOFF_MS', 1000);
const TIMEOUT_MS = number('TRENT_LOAD_TIMEOUT_MS', 10000);
const P95_MS = number('TRENT_LOAD_P95_MS', 500);
const VUS = number('TRENT_LOAD_CONNECTIONS', 64);
const PREFIX = __ENV.TRENT_LOAD_PREFIX || 'trent-load-k6';
const MIX = (__ENV.TRENT_LOAD_MIX || 'encrypt=40,decrypt=40,generate-data-key=10,describe-key=10')
  .split(',')
  .map((entry) => entry.split('='))
  .map(([name, weight]) => ({ name: name.trim(), weight: Number(weight === undefined ? 1 : weight) }));

// Requests that failed for good, after their last attempt: what an application would see.
const failedForGood = new Counter('requests_failed_for_good');
const attempts = new Counter('request_attempts');
const retried = new Counter('request_retries');
// From the first attempt to the answer, retries and their waits included.
const answered = new Trend('request_answered', true);

// Ramps up to the rate and stays: the number of arrivals does not depend on how fast answers come. k6 counts arrivals
// that no virtual user was free for as dropped_iterations.
export const options = {
  scenarios: {
    ramp: {
      executor: 'ramping-arrival-rate',
      exec: 'request',
      startRate: Math.max(1, Math.floor(RATE / 10)),
      timeUnit: '1s',
      preAllocatedVUs: VUS,
      maxVUs: VUS * 4,
      stages: [{ target: RATE, duration: `${RAMP}s` }],
      gracefulStop: '30s',
    },
    constant: {
      executor: 'constant-arrival-rate',
      exec: 'request',
      startTime: `${RAMP}s`,
      rate: RATE,
      timeUnit: '1s',
      duration: `${SECONDS}s`,
      preAllocatedVUs: VUS,
      maxVUs: VUS * 4,
      gracefulStop: '30s',
    },
  },
  thresholds: {
    requests_failed_for_good: ['count==0'],
    // Attempts, so those that a retry healed too.
    http_req_failed: [`rate<=${number('TRENT_LOAD_MAX_FAILED_ATTEMPTS_RATE', 0.05)}`],
    'http_req_duration{scenario:constant}': [`p(95)<${P95_MS}`],
    checks: ['rate==1'],
    dropped_iterations: [`count<=${number('TRENT_LOAD_MAX_SHED', 0)}`],
  },
  summaryTrendStats: ['avg', 'min', 'med', 'p(90)', 'p(95)', 'p(99)', 'max'],
  setupTimeout: '120s',
};
// A scenario must not be empty.
if (RAMP === 0) {
  delete options.scenarios.ramp;
}

const OPERATIONS = {
  encrypt: (key) => {
    const body = call('Encrypt', { KeyId: key.id, Plaintext: key.plaintext });
    return body && ok('Encrypt', { 'Encrypt answers a ciphertext': body.CiphertextBlob.length > 0 });
  },
  decrypt: (key) => {
    const body = call('Decrypt', { CiphertextBlob: key.ciphertext });
    return body && ok('Decrypt', { 'Decrypt gives the plaintext back': body.Plaintext === key.plaintext });
  },
  'generate-data-key': (key) => {
    const body = call('GenerateDataKey', { KeyId: key.id, KeySpec: 'AES_256' });
    if (!body) return;
    const bytes = encoding.b64decode(body.Plaintext).byteLength;
    ok('GenerateDataKey', { 'GenerateDataKey answers 32 bytes': bytes === 32 });
  },
  'describe-key': (key) => {
    const body = call('DescribeKey', { KeyId: key.id });
    return body && ok('DescribeKey', { 'DescribeKey describes the key': body.KeyMetadata.KeyId === key.id });
  },
};
for (const { name, weight } of MIX) {
  if (!OPERATIONS[name]) throw new Error(`no operation ${name}; there are ${Object.keys(OPERATIONS).join(', ')}`);
  if (!(weight >= 0)) throw new Error(`${name}: not a weight`);
}
const TOTAL = MIX.reduce((sum, { weight }) => sum + weight, 0);

// Finds or makes the keys, with a ciphertext under each.
export function setup() {
  const known = {};
  for (let marker; ; ) {
    const page = must('ListAliases', marker ? { Limit: 100, Marker: marker } : { Limit: 100 });
    for (const alias of page.Aliases) known[alias.AliasName] = alias.TargetKeyId;
    marker = page.NextMarker;
    if (!marker) break;
  }
  const keys = [];
  for (let at = 0; at < KEYS; at++) {
    const alias = `alias/${PREFIX}/${at}`;
    let id = known[alias];
    if (!id) {
      id = must('CreateKey', { Description: 'trent-load' }).KeyMetadata.KeyId;
      must('CreateAlias', { AliasName: alias, TargetKeyId: id });
    }
    const plaintext = encoding.b64encode(`the plaintext of key ${at}`.padEnd(32, '.'));
    keys.push({ id, plaintext, ciphertext: must('Encrypt', { KeyId: id, Plaintext: plaintext }).CiphertextBlob });
  }
  return keys;
}

export function request(keys) {
  let point = Math.random() * TOTAL;
  const chosen = MIX.find(({ weight }) => (point -= weight) < 0) || MIX[0];
  OPERATIONS[chosen.name](keys[Math.floor(Math.random() * keys.length)]);
}

// A wrong answer has failed for good as well: a client would not ask again.
function ok(operation, conditions) {
  if (!check(null, conditions, { operation })) failedForGood.add(1, { operation, code: 'WrongAnswer' });
}

// One request with its retries; null when it failed for good.
function call(action, payload) {
  const begun = Date.now();
  for (let attempt = 0; ; attempt++) {
    const response = send(action, payload);
    attempts.add(1, { operation: action });
    if (response.status === 200) {
      answered.add(Date.now() - begun, { operation: action });
      return response.body.length > 0 ? response.json() : {};
    }
    const code = codeOf(response);
    if (attempt >= RETRIES || !isRetryable(response, code)) {
      failedForGood.add(1, { operation: action, code });
      check(null, { 'every request is answered in the end': () => false }, { operation: action });
      console.error(`${action} failed for good after ${attempt + 1} attempts: ${code}`);
      return null;
    }
    retried.add(1, { operation: action, code });
    // Full jitter, doubling, at most 20 s: the standard mode of the SDKs.
    sleep((Math.random() * Math.min(20000, BACKOFF_MS * 2 ** attempt)) / 1000);
  }
}

function must(action, payload) {
  const end = Date.now() + 60000;
  for (;;) {
    const response = send(action, payload);
    if (response.status === 200) return response.body.length > 0 ? response.json() : {};
    const code = codeOf(response);
    if (!isRetryable(response, code) || Date.now() > end) fail(`${action}: ${code} ${response.error} ${response.body}`);
    sleep(0.5);
  }
}

const RETRYABLE = [
  'DependencyTimeoutException', 'InternalFailure', 'KMSInternalException', 'RequestLimitExceeded', 'RequestTimeout',
  'RequestTimeoutException', 'ServiceUnavailable', 'SlowDown', 'Throttling', 'ThrottlingException',
  'TooManyRequestsException',
];

// Status 0 is a connection that failed, was closed or took too long.
function isRetryable(response, code) {
  return [0, 500, 502, 503, 504].includes(response.status) || RETRYABLE.includes(code);
}

function codeOf(response) {
  if (response.status === 0) return `Network${response.error_code}`;
  const found = /"__type":"(?:[^"#]*#)?([A-Za-z0-9]+)"/.exec(response.body || '');
  return found ? found[1] : `HTTP${response.status}`;
}

function send(action, payload) {
  // Setup and teardown have no iteration to count by.
  const turn = exec.vu.idInTest + (exec.vu.iterationInInstance || 0);
  const endpoint = ENDPOINTS[turn % ENDPOINTS.length];
  const body = JSON.stringify(payload);
  const params = { headers: signed(endpoint, action, body), timeout: TIMEOUT_MS, tags: { name: action } };
  return http.post(`${endpoint}/`, body, params);
}

let signingKey;
let signingDay;

function signed(endpoint, action, body) {
  const stamp = new Date().toISOString().replace(/[:-]|\.\d{3}/g, '');
  const day = stamp.slice(0, 8);
  // As an HTTP client sends it: without the port where it goes without saying.
  const host = endpoint.replace(/^http:\/\/([^/]*?)(:80)?$/, '$1').replace(/^https:\/\/([^/]*?)(:443)?$/, '$1');
  const headers = {
    'content-type': 'application/x-amz-json-1.1',
    host,
    'x-amz-date': stamp,
    'x-amz-target': `TrentService.${action}`,
  };
  const names = Object.keys(headers).sort();
  const lines = names.map((name) => `${name}:${headers[name]}\n`).join('');
  const list = names.join(';');
  const canonical = `POST\n/\n\n${lines}\n${list}\n${crypto.sha256(body, 'hex')}`;
  const scope = `${day}/${REGION}/kms/aws4_request`;
  const toSign = `AWS4-HMAC-SHA256\n${stamp}\n${scope}\n${crypto.sha256(canonical, 'hex')}`;
  if (signingDay !== day) {
    const parts = [day, REGION, 'kms', 'aws4_request'];
    signingKey = parts.reduce((key, part) => crypto.hmac('sha256', key, part, 'binary'), `AWS4${SECRET_KEY}`);
    signingDay = day;
  }
  const signature = crypto.hmac('sha256', signingKey, toSign, 'hex');
  // k6 sets Host from the URL.
  delete headers.host;
  headers.authorization =
    `AWS4-HMAC-SHA256 Credential=${ACCESS_KEY}/${scope}, SignedHeaders=${list}, Signature=${signature}`;
  return headers;
}

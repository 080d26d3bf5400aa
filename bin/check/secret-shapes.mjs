/**
 * What a secret looks like. Each shape is narrow: a check that cries wolf is switched off. A line
 * that only looks like a secret says so with the words "not a secret:" and a reason, on itself or
 * on the line above.
 */
const WAIVER = /not a secret: \S/i;

const SHAPES = [
  ['a private key', /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----/],
  ['a JSON web token', /\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{16,}/],
  ['an AWS access key', /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/],
  ['a GitHub token', /\b(?:gh[oprsu]_[A-Za-z0-9]{36,}|github_pat_\w{22,})/],
  ['a GitLab token', /\bglpat-[\w-]{20,}/],
  ['a package registry token', /\bnpm_[A-Za-z0-9]{36}\b|:_authToken\s*=\s*[^$\s]/],
  ['a Slack token', /\bxox[abeoprs]-[\w-]{10,}|hooks\.slack\.com\/services\/T\w+\/B\w+\/\w+/],
  ['a Google API key', /\bAIza[\w-]{35}\b|"private_key_id"\s*:\s*"[0-9a-f]{40}"/],
  ['a Stripe key', /\b(?:[rs]k_(?:live|test)_[A-Za-z0-9]{16,}|whsec_[A-Za-z0-9+/=]{24,})/],
  ['a SendGrid key', /\bSG\.[\w-]{16,}\.[\w-]{32,}/],
  ['an Alpaca key', /\b(?:PK|AK|CK)(?=[A-Z0-9]*[0-9])[A-Z0-9]{18}\b/],
];

/** Shapes that a placeholder can also have: the value must look random as well. */
const SHAPES_OF_RANDOM_VALUES = [
  ['a language-model key', /\bsk-(?:proj-|ant-|or-|svcacct-)?([A-Za-z0-9_-]{20,})/],
  ['a bearer token', /\bBearer\s+([\w.~+/-]{20,}=*)/],
  ['a password in a URL', /\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@'"`]+:([^\s/@'"`${}<>]{8,})@/i],
  [
    'a secret in an assignment',
    /(?:passw(?:or)?d|passphrase|secret|token|credential|api[_-]?key|private[_-]?key)\w*["']?\s*(?:=(?!=)|:|=>)\s*["'`]([^"'`\s]{12,})["'`]/i,
  ],
];

/** In a file of settings, values stand without quotes. */
const SETTINGS_FILE =
  /(?:^|\/)(?:\.env[^/]*|[^/]+\.(?:ya?ml|ini|conf|cfg|toml|properties|sh|service))$/;
const SETTING = [
  'a secret in a setting',
  /^[\s\w.-]*(?:passw(?:or)?d|passphrase|secret|token|credential|api[_-]?key|private[_-]?key)\w*\s*[:=]\s*([^\s"'`$#]{12,})/i,
];

/** Shannon entropy in bits a character. */
function entropyOf(text) {
  const counts = new Map();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) {
    bits -= (count / text.length) * Math.log2(count / text.length);
  }
  return bits;
}

/**
 * Words, paths and placeholders have letters alone or repeat themselves; keys mix letters and
 * digits with more than 3.2 bits a character ("password-1234567" has 3.6 and is reported as well).
 */
function looksRandom(value) {
  return /[a-z]/i.test(value) && /[0-9]/.test(value) && entropyOf(value) > 3.2;
}

function shapeOf(line, path) {
  const plain = SHAPES.find(([, pattern]) => pattern.test(line));
  if (plain) return plain[0];
  const candidates = SETTINGS_FILE.test(path)
    ? [...SHAPES_OF_RANDOM_VALUES, SETTING]
    : SHAPES_OF_RANDOM_VALUES;
  return candidates.find(([, pattern]) => looksRandom(pattern.exec(line)?.[1] ?? ''))?.[0];
}

/** Complaints about a text, one for each line that seems to hold a secret; the value is not shown. */
export function secretsIn(path, text) {
  const lines = text.split('\n');
  return lines.flatMap((line, index) => {
    if (WAIVER.test(line) || WAIVER.test(lines[index - 1] ?? '')) return [];
    const shape = shapeOf(line, path);
    return shape ? [`${path}:${index + 1} holds what looks like ${shape}`] : [];
  });
}

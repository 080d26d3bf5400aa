import type { Attack } from './attack.ts';
import { BODIES } from './bodies.ts';
import { BRUTE_FORCE } from './brute-force.ts';
import { DOCUMENT_ATTACKS } from './documents.ts';
import { FORGED_TOKENS } from './forged-tokens.ts';
import { HTTP_SHAPES } from './http-shapes.ts';
import { INJECTION } from './injection.ts';
import { SOCKETS } from './sockets.ts';
import { STOLEN_SESSIONS } from './stolen-sessions.ts';
import { TEXTS } from './texts.ts';

/** Every attack, in the order of the table. */
export const ATTACKS: readonly Attack[] = [
  ...BRUTE_FORCE,
  ...FORGED_TOKENS,
  ...STOLEN_SESSIONS,
  ...INJECTION,
  ...BODIES,
  ...DOCUMENT_ATTACKS,
  ...TEXTS,
  ...SOCKETS,
  ...HTTP_SHAPES,
];

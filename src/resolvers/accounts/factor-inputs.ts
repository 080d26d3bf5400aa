import { z } from 'zod';

/** Hashing takes time with the length; nobody types more. */
export const passwordText = z.string().max(1_024);

export const FIRST_FACTOR_PASSWORD =
  'Your password, for the first factor. For any other, show one that you have: `confirmSecondFactor`.';

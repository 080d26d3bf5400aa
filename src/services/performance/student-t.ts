/**
 * Upper 2.5% points of Student's t for 1 to 30 degrees of freedom: NIST/SEMATECH e-Handbook of
 * Statistical Methods, table 1.3.6.7.2, column 0.975.
 */
const TABLE = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145,
  2.131, 2.12, 2.11, 2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048,
  2.045, 2.042,
] as const;

/** The same point of the normal distribution. */
const NORMAL_975 = 1.959963984540054;

/**
 * t(0.975, ν): half-width of a 95% interval in standard errors. By the table up to 30 degrees of
 * freedom, and by Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.5, above.
 * Throws for fewer than 1 or a fraction.
 */
export function studentT975(degreesOfFreedom: number): number {
  if (!Number.isInteger(degreesOfFreedom) || degreesOfFreedom < 1) {
    throw new Error(`Student's t has no ${String(degreesOfFreedom)} degrees of freedom.`);
  }
  return TABLE[degreesOfFreedom - 1] ?? expansion(degreesOfFreedom);
}

function expansion(v: number): number {
  const x = NORMAL_975;
  return (
    x +
    (x ** 3 + x) / (4 * v) +
    (5 * x ** 5 + 16 * x ** 3 + 3 * x) / (96 * v ** 2) +
    (3 * x ** 7 + 19 * x ** 5 + 17 * x ** 3 - 15 * x) / (384 * v ** 3)
  );
}

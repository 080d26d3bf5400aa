import { Decimal as Decimal20 } from 'decimal.js';
import { z } from 'zod';
import { Decimal, toText } from './money.ts';
import type { Prisma } from './prisma/client.ts';

type Scalar = string | number | boolean | Date | Decimal | null | readonly string[];

/**
 * A row as the payload of an event: decimals in plain digits, times in ISO-8601, all else as it is.
 * What it wrote is read back with {@link decimalField} and {@link timeField}.
 */
export function toPayload(row: Readonly<Record<string, Scalar>>): Prisma.InputJsonObject {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, jsonOf(value)]));
}

function jsonOf(value: Scalar): Prisma.InputJsonValue | null {
  if (value instanceof Date) return value.toISOString();
  // Prisma's rows bring a class of decimals of its own; both know each other by this test.
  if (Decimal20.isDecimal(value)) return toText(value);
  return typeof value === 'object' && value !== null ? [...value] : value;
}

export const decimalField = z
  .string()
  .regex(/^-?\d+(\.\d+)?$/)
  .transform((text) => new Decimal(text));

export const timeField = z.iso.datetime().transform((text) => new Date(text));

import { Prisma } from './prisma/client.ts';

/** Which unique index a raw statement violated, if that is why it failed. */
export function violatedIndex(error: unknown): string | undefined {
  if (!(error instanceof Prisma.PrismaClientKnownRequestError)) return undefined;
  const { driverAdapterError } = (error.meta ?? {}) as {
    driverAdapterError?: { cause?: { constraint?: { index?: string } } };
  };
  return driverAdapterError?.cause?.constraint?.index;
}

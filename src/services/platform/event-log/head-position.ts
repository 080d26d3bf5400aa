import { Prisma } from '../prisma/client.ts';

/**
 * The head of the event log in a statement that asks for something else too, as text: what changes that
 * later has its event behind it.
 */
export const HEAD_POSITION = Prisma.sql`(SELECT position FROM event_head WHERE id = 1)::text`;

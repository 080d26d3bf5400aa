import type { PositionStatusEnum } from '../../schema/portfolio/position.ts';

type Asked = typeof PositionStatusEnum.$inferType;

/**
 * What a list of positions is narrowed to; undefined for all of them. A null is as if nothing was
 * said: what is held, as brokers list it, since a position of nothing among them reads as one that
 * is there.
 */
export function heldOrNot(asked: Asked | null | undefined): Exclude<Asked, 'ALL'> | undefined {
  return asked === 'ALL' ? undefined : (asked ?? 'OPEN');
}

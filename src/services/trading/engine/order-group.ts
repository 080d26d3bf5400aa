import { Decimal } from '../../platform/money.ts';
import type { OrderLeg, OrderStatus } from '../../platform/prisma/enums.ts';
import { isFillable, type OrderEvent, type OrderState } from './order-state.ts';

/*
 * Orders that belong together (DOMAIN, "Orders"; where it is silent, Alpaca's rules of bracket
 * orders):
 *
 *   BRACKET  an entry, and two legs that close what it opens: a take-profit and a stop-loss
 *   OTO      an entry, and one of the two
 *   OCO      the two legs alone, for what is held already
 *
 * Legs wait as PENDING until their entry fills, and are then for as much as is filled. At any time
 * the legs of a group that work have the same quantity left: what one of them fills, the other
 * gives up.
 */

/** An order of a group. */
export interface GroupMember extends OrderState {
  readonly id: string;
  readonly leg: OrderLeg | null;
}

/** What happened to one order of a group. */
export type GroupNews =
  | { readonly type: 'filled'; readonly quantity: Decimal }
  /** `isAsked`: somebody canceled it, and not the program because it could not go on. */
  | { readonly type: 'canceled'; readonly isAsked: boolean }
  | { readonly type: 'expired' | 'rejected' };

/** What has to happen to another order of the group, in the same transaction. */
export interface Consequence<Member> {
  readonly member: Member;
  readonly events: readonly OrderEvent[];
}

/** Whether it closes what is held and nothing else: a leg that is not the entry. */
export const isExit = (leg: OrderLeg | null): boolean => leg !== null && leg !== 'ENTRY';

/** Whether it can still trade by itself or on behalf of its group. */
export const isOpen = (status: OrderStatus): boolean => status === 'PENDING' || isFillable(status);

/**
 * What follows for the others of a group. Pure. `changed` is the order as the news left it,
 * `others` are all the rest of its group; those that have ended are left alone.
 *
 * - The entry fills: legs that waited begin to work, those that work are for so much more.
 * - A leg fills in part: the other is for so much less. It fills entirely: all others end, with them
 *   the rest of an entry that is not filled yet, since the exit is over.
 * - Somebody cancels any of them: all others end.
 * - The entry ends otherwise: legs that waited end with it. Those that work stay, since they guard what
 *   was filled.
 * - A leg ends otherwise: all others end.
 */
export function consequencesOf<Member extends GroupMember>(
  changed: Member,
  news: GroupNews,
  others: readonly Member[],
): readonly Consequence<Member>[] {
  const open = others.filter(({ id, status }) => id !== changed.id && isOpen(status));
  if (news.type !== 'filled') return endOf(changed, news, open);
  if (changed.leg === 'ENTRY') return open.map((member) => grow(member, news.quantity));
  if (changed.status === 'FILLED') return open.map((member) => end(member, 'canceled'));
  const legs = open.filter(({ leg }) => isExit(leg));
  return legs.map((member) => shrink(member, news.quantity));
}

function endOf<Member extends GroupMember>(
  { leg }: Member,
  news: Exclude<GroupNews, { readonly type: 'filled' }>,
  open: readonly Member[],
): readonly Consequence<Member>[] {
  const staysGuarded = leg === 'ENTRY' && !(news.type === 'canceled' && news.isAsked);
  const ending = staysGuarded ? open.filter(({ status }) => status === 'PENDING') : open;
  const by = news.type === 'expired' ? 'expired' : 'canceled';
  return ending.map((member) => end(member, by));
}

function end<Member>(member: Member, type: 'canceled' | 'expired'): Consequence<Member> {
  return { member, events: [{ type }] };
}

function grow<Member extends GroupMember>(member: Member, filled: Decimal): Consequence<Member> {
  if (member.status !== 'PENDING') {
    const quantity = new Decimal(member.quantity).plus(filled);
    return { member, events: [{ type: 'resized', quantity }] };
  }
  const begin: readonly OrderEvent[] = [{ type: 'submitted' }, { type: 'accepted' }];
  if (filled.equals(member.quantity)) return { member, events: begin };
  return { member, events: [{ type: 'resized', quantity: filled }, ...begin] };
}

function shrink<Member extends GroupMember>(member: Member, filled: Decimal): Consequence<Member> {
  const quantity = new Decimal(member.quantity).minus(filled);
  return { member, events: [{ type: 'resized', quantity }] };
}

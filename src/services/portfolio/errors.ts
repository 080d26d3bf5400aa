import { DomainError } from '../platform/errors.ts';
import { toText, type Decimal } from '../platform/money.ts';
import type { AccountKind } from '../platform/prisma/enums.ts';

/** The viewer has as many open accounts as one may have. */
export class AccountLimit extends DomainError {
  readonly code = 'ACCOUNT_LIMIT';
  readonly limit: number;

  constructor(limit: number) {
    super(`You have ${String(limit)} open accounts, and may have no more.`);
    this.limit = limit;
  }
}

/** What was asked for is not for accounts of this kind, such as money by hand for a broker's. */
export class AccountKindMismatch extends DomainError {
  readonly code = 'ACCOUNT_KIND_MISMATCH';
  readonly kind: AccountKind;

  constructor(kind: AccountKind, message: string) {
    super(message);
    this.kind = kind;
  }
}

/** A model trades it: its score would not be one if money came and went by hand. */
export class AccountOfModel extends DomainError {
  readonly code = 'ACCOUNT_OF_MODEL';

  constructor() {
    super('A model trades this account; its money is not moved by hand.');
  }
}

/** It is kept for the record alone. */
export class AccountClosed extends DomainError {
  readonly code = 'ACCOUNT_CLOSED';

  constructor() {
    super('The account is closed.');
  }
}

/** An account is closed only when nothing is open in it. */
export class AccountNotEmpty extends DomainError {
  readonly code = 'ACCOUNT_NOT_EMPTY';
  readonly openOrders: number;
  readonly openPositions: number;

  constructor({ openOrders, openPositions }: { openOrders: number; openPositions: number }) {
    super(
      `The account has ${String(openOrders)} open orders and ${String(openPositions)} open positions.`,
    );
    this.openOrders = openOrders;
    this.openPositions = openPositions;
  }
}

/** More is to be taken out than no order holds back. */
export class WithdrawalTooLarge extends DomainError {
  readonly code = 'WITHDRAWAL_TOO_LARGE';
  readonly required: Decimal;
  /** Cash − cash reserved by open orders; what shorts bind is reserved too. */
  readonly available: Decimal;

  constructor({ required, available }: { required: Decimal; available: Decimal }) {
    super(`${toText(required)} cannot be taken out; ${toText(available)} is free.`);
    this.required = required;
    this.available = available;
  }
}

/** A reported trade is older than what is booked of its instrument already. */
export class TradeOutOfOrder extends DomainError {
  readonly code = 'TRADE_OUT_OF_ORDER';
  /** When what stands in the way was made, or was effective. */
  readonly newestAt: Date;

  constructor(newestAt: Date, what: 'trade' | 'split' | 'dividend' = 'trade') {
    super(
      `A ${what} of ${newestAt.toISOString()} is booked already: report trades in the order of their times.`,
    );
    this.newestAt = newestAt;
  }
}

/** A split or dividend is announced before its time, and not after. */
export class AnnouncementTooLate extends DomainError {
  readonly code = 'ANNOUNCEMENT_TOO_LATE';
  readonly effectiveAt: Date;

  constructor(effectiveAt: Date) {
    super(
      `An action that was effective at ${effectiveAt.toISOString()} cannot be announced any more.`,
    );
    this.effectiveAt = effectiveAt;
  }
}

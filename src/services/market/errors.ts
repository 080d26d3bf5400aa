import { DomainError } from '../platform/errors.ts';

/** No instrument has the symbol. */
export class UnknownSymbol extends DomainError {
  readonly code = 'UNKNOWN_SYMBOL';
  readonly symbol: string;
  constructor(symbol: string) {
    super(`There is no instrument "${symbol}".`);
    this.symbol = symbol;
  }
}

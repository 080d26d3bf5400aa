import { GraphQLError, GraphQLScalarType, Kind } from 'graphql';
import { DateResolver, DateTimeResolver, JSONResolver, UUIDResolver } from 'graphql-scalars';
import { decodeCursor, encodeCursor } from '../services/platform/event-log/cursor.ts';
import { isoTime } from './iso-time.ts';
import { Decimal } from '../services/platform/money.ts';

/** What the columns for money, prices and quantities keep: numeric(38, 18). */
const DIGITS_MAX = 38;
const SCALE_MAX = 18;
const DECIMAL = /^-?(?<whole>\d{1,38})(?:\.(?<fraction>\d{1,18}))?$/;

/** A value of a scalar that the caller may mend; told with the place where it stood. */
function badValue(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } });
}

function parseDecimal(value: unknown): Decimal {
  if (typeof value !== 'string') {
    throw badValue('A Decimal is a string, such as "12.50": a number would lose digits.');
  }
  const { whole, fraction = '' } = DECIMAL.exec(value)?.groups ?? {};
  if (whole === undefined) {
    throw badValue(`A Decimal has plain digits, at most ${SCALE_MAX} of them after the point.`);
  }
  const isTooLong = whole.replace(/^0+/, '').length + fraction.length > DIGITS_MAX;
  if (isTooLong) throw badValue(`A Decimal has at most ${DIGITS_MAX} digits.`);
  return new Decimal(value);
}

function serializeDecimal(value: unknown): string {
  if (!Decimal.isDecimal(value)) throw new Error('A Decimal field holds no decimal.');
  if (!value.isFinite()) throw new Error('A Decimal field holds a value that is not finite.');
  return value.toFixed();
}

export const DecimalScalar = new GraphQLScalarType<Decimal, string>({
  name: 'Decimal',
  description:
    'A decimal of any size, as a string of plain digits such as `"12.50"` or `"-0.00000001"`. ' +
    `At most ${DIGITS_MAX} digits, ${SCALE_MAX} of them after the point. Numbers without quotes, ` +
    'exponents, `NaN` and `Infinity` are refused.',
  serialize: serializeDecimal,
  parseValue: parseDecimal,
  parseLiteral: (node) => parseDecimal(node.kind === Kind.STRING ? node.value : undefined),
});

function parseCursor(value: unknown): bigint {
  if (typeof value !== 'string') throw badValue('A Cursor is a string that the graph gave.');
  return decodeCursor(value);
}

export const CursorScalar = new GraphQLScalarType<bigint, string>({
  name: 'Cursor',
  description:
    'The place of an event in the stream of all events. Opaque: keep the last one that you got, and ' +
    'give it back as `after` to go on exactly behind it.',
  serialize(value) {
    if (typeof value !== 'bigint') throw new Error('A Cursor field holds no position.');
    return encodeCursor(value);
  },
  parseValue: parseCursor,
  parseLiteral: (node) => parseCursor(node.kind === Kind.STRING ? node.value : undefined),
});

/** What was parsed; undefined when it is refused. */
function parsedBy<Result>(parse: () => Result): { readonly value: Result } | undefined {
  try {
    const value = parse();
    // PostgreSQL has no year 0, which ISO-8601 counts as the one before the first.
    return value instanceof Date && value.getUTCFullYear() < 1 ? undefined : { value };
  } catch {
    return undefined;
  }
}

/** A scalar of graphql-scalars with words of ours, for people and for a value that is refused. */
function described<Internal, External>(
  scalar: GraphQLScalarType<Internal, External>,
  description: string,
): GraphQLScalarType<Internal, External | string> {
  const { name, parseValue, parseLiteral } = scalar.toConfig();
  const serialize = (value: unknown): External | string => {
    const serialized = scalar.serialize(value);
    // As JSON writes it.
    return serialized instanceof Date ? isoTime(serialized.getTime()) : serialized;
  };
  const orRefuse = <Args extends unknown[], Result>(parse: (...args: Args) => Result) => {
    return (...args: Args): Result => {
      const parsed = parsedBy(() => parse(...args));
      if (!parsed) throw badValue(`This is no ${name}. ${description}`);
      return parsed.value;
    };
  };
  return new GraphQLScalarType({
    name,
    description,
    serialize,
    parseValue: orRefuse(parseValue),
    parseLiteral: orRefuse(parseLiteral),
  });
}

export const DateTimeScalar = described(
  DateTimeResolver,
  'A moment in UTC, in ISO-8601 with milliseconds, such as `2026-03-02T14:30:00.000Z`.',
);
export const DateScalar = described(DateResolver, 'A day without a time, such as `2026-03-02`.');
export const UuidScalar = described(
  UUIDResolver,
  'A UUID, such as `0199f3a0-5b1c-7c3e-9d2f-1a2b3c4d5e6f`.',
);
export const JsonScalar = described(
  JSONResolver,
  'Any JSON value. Used only for what has no schema of its own.',
);

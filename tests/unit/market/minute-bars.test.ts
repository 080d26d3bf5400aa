import { describe, expect, test } from 'vitest';
import { createMinuteBars, type MinuteBarRow } from '../../../src/services/market/minute-bars.ts';
import type { Quote } from '../../../src/services/market/quote.ts';
import { Decimal } from '../../../src/services/platform/money.ts';

const ACME = '01900000-0000-7000-8000-000000000001';
const EMBR = '01900000-0000-7000-8000-000000000002';

/** A time of 5 January 2026. */
const at = (clock: string) => new Date(`2026-01-05T${clock}Z`);

function quote(clock: string, last: string, volume = '0', instrumentId = ACME): Quote {
  const price = new Decimal(last);
  return {
    instrumentId,
    symbol: instrumentId,
    bid: price,
    ask: price,
    last: price,
    bidSize: new Decimal(1),
    askSize: new Decimal(1),
    volume: new Decimal(volume),
    time: at(clock),
    source: 'SIMULATED',
  };
}

/** "12:00 known 12:01:00 open high low close volume", so that a test reads like a tape. */
const line = (row: MinuteBarRow) =>
  [
    row.openTime.toISOString().slice(11, 16),
    'known',
    row.knownAt.toISOString().slice(11, 23).replace('.000', ''),
    ...[row.open, row.high, row.low, row.close, row.volume].map((value) => value?.toFixed() ?? '-'),
  ].join(' ');
const lines = (rows: readonly MinuteBarRow[]) => rows.map(line);

describe('bars of a minute', () => {
  test('open at the first quote after a start, and are known from then on', () => {
    const minutes = createMinuteBars();
    expect(lines(minutes.take(quote('12:00:37.250', '10')))).toEqual([
      '12:00 known 12:00:37.250 10 - - - -',
    ]);
  });

  test('hold the extremes, the last price and the sum of the volumes when the minute ends', () => {
    const minutes = createMinuteBars();
    minutes.take(quote('12:00:00', '10', '1'));
    minutes.take(quote('12:00:20', '12', '2'));
    minutes.take(quote('12:00:40', '9', '3'));
    minutes.take(quote('12:00:59', '11', '4'));
    // 1 + 2 + 3 + 4 = 10. The next minute opens at the price that stands, 11, known at its beginning.
    expect(lines(minutes.take(quote('12:01:00.500', '13', '5')))).toEqual([
      '12:00 known 12:01:00 10 12 9 11 10',
      '12:01 known 12:01:00 11 - - - -',
    ]);
    // Opened at 11; one quote at 13 with volume 5.
    expect(lines(minutes.roll(at('12:02:00')))).toEqual([
      '12:01 known 12:02:00 11 13 11 13 5',
      '12:02 known 12:02:00 13 - - - -',
    ]);
  });

  test('of all instruments turn together', () => {
    const minutes = createMinuteBars();
    minutes.take(quote('12:00:10', '10', '1', ACME));
    minutes.take(quote('12:00:10', '50', '1', EMBR));
    const rows = minutes.take(quote('12:01:00', '51', '1', EMBR));
    expect(rows.map((row) => [row.instrumentId, line(row)])).toEqual([
      [ACME, '12:00 known 12:01:00 10 10 10 10 1'],
      [ACME, '12:01 known 12:01:00 10 - - - -'],
      [EMBR, '12:00 known 12:01:00 50 50 50 50 1'],
      [EMBR, '12:01 known 12:01:00 50 - - - -'],
    ]);
  });

  test('are not made up for an instrument that fell silent', () => {
    const minutes = createMinuteBars();
    minutes.take(quote('12:00:10', '10'));
    expect(minutes.roll(at('12:01:00'))).toHaveLength(2);
    expect(minutes.roll(at('12:02:00'))).toEqual([]);
    expect(minutes.roll(at('12:03:00'))).toEqual([]);
    expect(lines(minutes.take(quote('12:03:30', '8')))).toEqual(['12:03 known 12:03:30 8 - - - -']);
  });

  test('do not change by a quote of a minute that is over', () => {
    const minutes = createMinuteBars();
    minutes.take(quote('12:00:10', '10'));
    minutes.roll(at('12:01:00'));
    expect(minutes.take(quote('12:00:59', '99'))).toEqual([]);
    minutes.take(quote('12:01:10', '11'));
    expect(lines(minutes.roll(at('12:02:00')))[0]).toBe('12:01 known 12:02:00 10 11 10 11 0');
  });

  test('go on from the stored row after a restart', () => {
    const before = createMinuteBars();
    before.take(quote('12:00:00', '10', '1'));
    before.take(quote('12:00:10', '14', '2'));
    const stored = before.soFar(at('12:00:20'));
    expect(lines(stored)).toEqual(['12:00 known 12:00:20 10 14 10 14 3']);

    const after = createMinuteBars();
    for (const row of stored) after.resume(row);
    expect(after.take(quote('12:00:30', '7', '4'))).toEqual([]);
    expect(lines(after.roll(at('12:01:00')))[0]).toBe('12:00 known 12:01:00 10 14 7 7 7');
  });

  test('are not closed when no quote came after a restart', () => {
    const before = createMinuteBars();
    const stored = before.take(quote('12:00:00', '10'));
    const after = createMinuteBars();
    for (const row of stored) after.resume(row);
    expect(after.soFar(at('12:00:40'))).toEqual([]);
    expect(after.roll(at('12:01:00'))).toEqual([]);
  });
});

import { parse } from 'graphql';
import { expect, test } from 'vitest';
import { createKeptDocuments } from '../../../src/server/kept-documents.ts';

const document = parse('{ a }');

test('knows a document by its text alone', () => {
  const documents = createKeptDocuments();
  documents.set('{ a }', document);
  expect(documents.get('{ a }')).toBe(document);
  expect(documents.get('{ b }')).toBeUndefined();
});

test('forgets what is not asked for, and keeps what is', () => {
  const documents = createKeptDocuments();
  documents.set('asked for', document);
  documents.set('not asked for', document);
  // More than two generations of a thousand.
  for (let count = 0; count < 3_000; count += 1) {
    documents.set(String(count), document);
    documents.get('asked for');
  }
  expect(documents.get('asked for')).toBe(document);
  expect(documents.get('not asked for')).toBeUndefined();
  expect(documents.get('0')).toBeUndefined();
});

test('keeps no long text, and few where all are long', () => {
  const documents = createKeptDocuments();
  const long = (name: number, length: number): string => String(name).padEnd(length, '#');
  documents.set(long(0, 20_001), document);
  expect(documents.get(long(0, 20_001))).toBeUndefined();
  const all = Array.from({ length: 900 }, (_, name) => long(name, 20_000));
  for (const text of all) documents.set(text, document);
  // Two generations of at most 400,000 characters, and the one that filled each.
  const kept = all.filter((text) => documents.get(text)).length;
  expect(kept).toBeGreaterThanOrEqual(20);
  expect(kept).toBeLessThanOrEqual(42);
});

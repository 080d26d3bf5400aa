import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';

const LOGGER = path.resolve(import.meta.dirname, '../../../src/services/platform/logger.ts');

/** The lines of a process of its own, since the log goes to standard error. */
function linesOf(script: string): Record<string, unknown>[] {
  const program = `
    import { createLogger } from ${JSON.stringify(pathToFileURL(LOGGER).href)};
    const log = createLogger('trace');
    ${script}`;
  const { stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    encoding: 'utf8',
  });
  const lines = stderr.split('\n').filter((line) => line.startsWith('{'));
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

it('keeps secrets out of its lines, by the names of fields', () => {
  const [line] = linesOf(
    `log.info({ email: 'a@b', user: { refreshToken: 'x', name: 'Ada' }, cookie: 'y' }, 'Said.');`,
  );
  expect(line).toMatchObject({
    email: '[Redacted]',
    user: { refreshToken: '[Redacted]', name: 'Ada' },
    cookie: '[Redacted]',
    msg: 'Said.',
  });
});

it('keeps the row out that a database refused, and not the reason', () => {
  const [line] = linesOf(`
    const cause = { message: 'violates', detail: 'Failing row contains (a@b).' };
    const err = Object.assign(new Error('violates a constraint'), {
      detail: 'Failing row contains (a@b).', where: 'COPY users, line 1: "a@b"', code: '23514',
      meta: { driverAdapterError: { cause } },
    });
    log.error({ err }, 'An error was masked.');`);
  expect(line).toMatchObject({
    err: {
      message: 'violates a constraint',
      code: '23514',
      detail: '[Redacted]',
      where: '[Redacted]',
      meta: { driverAdapterError: { cause: { message: 'violates', detail: '[Redacted]' } } },
    },
  });
  expect(JSON.stringify(line)).not.toContain('a@b');
});

it('writes all lines in their order, also of a process that ends at once', () => {
  const lines = linesOf(`
    log.info({ count: 1, names: ['a', 'b'] }, 'One.');
    log.warn({ nothing: null, user: { token: 'x' } }, 'Two.');
    log.error({ err: new Error('failed') }, 'Three.');
    log.info({ token: 'x' }, 'Four.');
    setTimeout(() => {
      log.info({}, 'Five.');
      throw new Error('a crash');
    }, 1);`);
  expect(lines.map(({ msg }) => msg)).toEqual(['One.', 'Two.', 'Three.', 'Four.', 'Five.']);
  expect(lines[0]).toMatchObject({ level: 30, count: 1, names: ['a', 'b'] });
  expect(lines[1]).toMatchObject({ nothing: null, user: { token: '[Redacted]' } });
  expect(lines[3]).toMatchObject({ token: '[Redacted]' });
});

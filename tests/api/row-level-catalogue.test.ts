import { beforeAll, describe, expect, it } from 'vitest';
import {
  readDefinerFunctions,
  readTables,
  readViews,
  type CataloguedTable,
} from '../support/catalogue.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

/** Tables without `owner_id`, and what the server may do to them. */
const OF_NOBODY: Readonly<Record<string, string>> = {
  _prisma_migrations: '',
  ai_providers: 'SELECT INSERT UPDATE',
  approved_emails: 'SELECT INSERT DELETE',
  audit_records: 'SELECT INSERT',
  audit_seals: '',
  audit_unsealed: '',
  bars: 'SELECT',
  corporate_actions: 'SELECT INSERT',
  currencies: 'SELECT',
  duties: '',
  engine_workers: '',
  event_head: 'SELECT',
  event_topics: '',
  instrument_leases: '',
  instruments: 'SELECT',
  news_articles: 'SELECT',
  platform_secrets: '',
  users: 'SELECT',
};

let database: TestDatabase;
let tables: readonly CataloguedTable[];

beforeAll(async () => {
  database = await createTestDatabase();
  tables = await readTables(database);
});

describe('every table', () => {
  it("says whose its rows are, or is known to be nobody's", () => {
    const others = tables.filter(({ hasOwner }) => !hasOwner).map(({ name }) => name);
    expect(others).toEqual(Object.keys(OF_NOBODY));
  });

  it('of somebody has row-level security that binds its owner too', () => {
    const owned = tables.filter(({ hasOwner }) => hasOwner);
    expect(owned.filter(({ isForced }) => !isForced)).toEqual([]);
    expect(owned.length).toBeGreaterThan(10);
  });

  it('of nobody is read and written by the server only as said', () => {
    const rights = tables
      .filter(({ hasOwner }) => !hasOwner)
      .map(({ name, mayRead, insertable, updatable, mayDelete }) => {
        const may = {
          SELECT: mayRead,
          INSERT: insertable.length > 0,
          UPDATE: updatable.length > 0,
          DELETE: mayDelete,
        };
        const allowed = Object.entries(may).filter(([, isAllowed]) => isAllowed);
        return [name, allowed.map(([right]) => right).join(' ')];
      });
    expect(Object.fromEntries(rights)).toEqual(OF_NOBODY);
  });

  it('is a table: no view shows what its own owner may see', async () => {
    expect(await readViews(database)).toEqual([]);
  });
});

it('functions that run with the rights of another are known, and their owners are not mighty', async () => {
  expect(await readDefinerFunctions(database)).toEqual([
    { name: 'busy_since', owner: 'tradegraph_gatekeeper', isMighty: false },
    { name: 'change_password', owner: 'tradegraph_gatekeeper', isMighty: false },
    { name: 'change_user', owner: 'tradegraph_gatekeeper', isMighty: false },
    { name: 'confirm_email', owner: 'tradegraph_gatekeeper', isMighty: false },
    { name: 'count_agent_log', owner: 'tradegraph_search', isMighty: false },
    { name: 'count_users', owner: 'tradegraph_overseer', isMighty: false },
    { name: 'create_user', owner: 'tradegraph_gatekeeper', isMighty: false },
    { name: 'day_figures', owner: 'tradegraph_overseer', isMighty: false },
    { name: 'erase_trail', owner: 'tradegraph_eraser', isMighty: false },
    { name: 'erase_user', owner: 'tradegraph_eraser', isMighty: false },
    { name: 'find_account_token', owner: 'tradegraph_gatekeeper', isMighty: false },
    { name: 'find_api_key', owner: 'tradegraph_gatekeeper', isMighty: false },
    { name: 'find_credentials', owner: 'tradegraph_gatekeeper', isMighty: false },
    { name: 'find_passkey', owner: 'tradegraph_gatekeeper', isMighty: false },
    { name: 'find_refresh_token', owner: 'tradegraph_gatekeeper', isMighty: false },
    { name: 'find_session', owner: 'tradegraph_gatekeeper', isMighty: false },
    { name: 'find_users', owner: 'tradegraph_overseer', isMighty: false },
    { name: 'hold_user', owner: 'tradegraph_gatekeeper', isMighty: false },
    { name: 'keep_passkey_challenge', owner: 'tradegraph_gatekeeper', isMighty: false },
    { name: 'last_positions', owner: 'tradegraph_gatekeeper', isMighty: false },
    { name: 'leaderboard_equity', owner: 'tradegraph_boards', isMighty: false },
    { name: 'lock_user_change', owner: 'tradegraph_gatekeeper', isMighty: false },
    { name: 'order_circumstances', owner: 'tradegraph_gatekeeper', isMighty: false },
    { name: 'people_figures', owner: 'tradegraph_overseer', isMighty: false },
    { name: 'post_transfer', owner: 'tradegraph_ledger', isMighty: false },
    { name: 'present_figures', owner: 'tradegraph_overseer', isMighty: false },
    { name: 'public_equity_account', owner: 'tradegraph_boards', isMighty: false },
    { name: 'public_equity_rows', owner: 'tradegraph_boards', isMighty: false },
    { name: 'public_equity_series', owner: 'tradegraph_boards', isMighty: false },
    { name: 'register_user', owner: 'tradegraph_gatekeeper', isMighty: false },
    { name: 'rehash_password', owner: 'tradegraph_gatekeeper', isMighty: false },
    { name: 'revoke_api_key', owner: 'tradegraph_gatekeeper', isMighty: false },
    { name: 'sealed_records', owner: 'tradegraph_auditor', isMighty: false },
    { name: 'search_agent_log', owner: 'tradegraph_search', isMighty: false },
    { name: 'take_passkey_challenge', owner: 'tradegraph_gatekeeper', isMighty: false },
    { name: 'test_key_reaches_model', owner: 'tradegraph_ledger', isMighty: false },
    { name: 'trading_figures', owner: 'tradegraph_overseer', isMighty: false },
    { name: 'update_profile', owner: 'tradegraph_gatekeeper', isMighty: false },
    { name: 'update_user', owner: 'tradegraph_gatekeeper', isMighty: false },
    { name: 'use_refresh_token', owner: 'tradegraph_gatekeeper', isMighty: false },
  ]);
});

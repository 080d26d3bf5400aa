import type { LedgerEntryRow } from '../../services/portfolio/ledger-entries.ts';
import { builder } from '../builder.ts';
import { connectionOf } from '../list.ts';

const TransferCauseEnum = builder.enumType('TransferCause', {
  description: 'Why money moved.',
  values: {
    DEPOSIT: { description: 'It came in: the starting cash, or by hand.' },
    WITHDRAWAL: { description: 'It was taken out by hand.' },
    FILL: { description: 'A trade paid or brought it.' },
    FEE: { description: 'The fee of a trade.' },
    CORRECTION: { description: 'Imported records jump by it.' },
    DIVIDEND: { description: 'A dividend; negative for who owed the instrument.' },
    RESET: { description: 'It brought the account back to its starting cash.' },
  },
});

export const LedgerEntry = builder.objectRef<LedgerEntryRow>('LedgerEntry').implement({
  description:
    'One movement of the cash of an account: its side of a transfer whose entries sum to zero. ' +
    'Entries are never changed. A statement (`createStatement`) has them with the running balance.',
  fields: (t) => ({
    transferId: t.expose('id', {
      type: 'UUID',
      description: 'Of the transfer that it belongs to.',
    }),
    cause: t.expose('cause', { type: TransferCauseEnum, description: 'Why the money moved.' }),
    amount: t.expose('amount', {
      type: 'Decimal',
      description: 'Change of the cash; negative for what went.',
    }),
    currency: t.exposeString('currency', { description: 'Of the amount, such as `USD`.' }),
    occurredAt: t.expose('occurredAt', { type: 'DateTime', description: 'When it moved.' }),
    recordedAt: t.expose('recordedAt', {
      type: 'DateTime',
      description: 'When it was written down; later than occurredAt for what was imported.',
    }),
  }),
});

export const LedgerEntryConnection = connectionOf(LedgerEntry, {
  name: 'LedgerEntry',
  entries: 'entries',
});

import { builder } from '../../schema/builder.ts';
import { Account } from '../../schema/portfolio/account.ts';
import { DisconnectSwitch } from '../../schema/trading/disconnect-switch.ts';
import { SocketRequired } from '../../services/trading/errors.ts';

const GRACE_SECONDS = 5;

builder.mutationField('cancelOnDisconnect', (t) =>
  t.fieldWithInput({
    type: DisconnectSwitch,
    description:
      "Arms a dead man's switch for the WebSocket that it comes over: when the socket ends, for " +
      'whatever reason, all open orders of the account are canceled once the grace is over, and at ' +
      'most a second later. A client that is back within the grace keeps them by arming it again, with ' +
      'the same session or key; each of these has a switch of its own. A client that vanishes without ' +
      'a word is noticed after half a minute at most, when it answers no ping. Many clients close a ' +
      'socket on which nothing runs: keep a subscription open on it.',
    errors: {
      types: [SocketRequired],
      result: { description: 'The switch is as it was asked for.' },
      union: { description: 'The switch is as it was asked for, or why it is not.' },
      dataField: { name: 'disconnectSwitch', description: 'The switch as it is now.' },
    },
    typeOptions: { description: 'Of which account, and for how long.' },
    argOptions: { description: 'Of which account, and for how long.' },
    input: {
      accountId: t.input.globalID({ for: Account, description: 'The account.' }),
      isArmed: t.input.boolean({
        required: false,
        defaultValue: true,
        description: 'False disarms it, before a client leaves for good.',
      }),
      graceSeconds: t.input.int({
        required: false,
        defaultValue: GRACE_SECONDS,
        description: 'For how long the client may be away: 1 to 60.',
      }),
    },
    resolve: async (_root, { input }, { viewer, services, socket }) => {
      const command = {
        accountId: input.accountId.id,
        isArmed: input.isArmed ?? true,
        graceSeconds: input.graceSeconds ?? GRACE_SECONDS,
      };
      await services.disconnectSwitches.set(viewer, command, socket);
      return command;
    },
  }),
);

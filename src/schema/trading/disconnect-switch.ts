import type { SetDisconnectSwitch } from '../../services/trading/disconnect-switches.ts';
import { NothingHeld, OrdersAtBroker, SocketRequired } from '../../services/trading/errors.ts';
import { builder } from '../builder.ts';
import { ErrorInterface } from '../errors.ts';

export const DisconnectSwitch = builder
  .objectRef<SetDisconnectSwitch>('DisconnectSwitch')
  .implement({
    description: "The dead man's switch of a socket.",
    fields: (t) => ({
      isArmed: t.exposeBoolean('isArmed', {
        description: 'Whether open orders are canceled when the socket ends.',
      }),
      graceSeconds: t.exposeInt('graceSeconds', {
        description: 'For how long the client may be away before.',
      }),
    }),
  });

builder.objectType(SocketRequired, {
  name: 'SocketRequiredError',
  description: 'Only a WebSocket can be watched: send the same over one.',
  interfaces: [ErrorInterface],
});

builder.objectType(NothingHeld, {
  name: 'NothingHeldError',
  description: 'The account holds nothing of the instrument.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    symbol: t.exposeString('symbol', { description: 'Of the instrument.' }),
  }),
});

builder.objectType(OrdersAtBroker, {
  name: 'OrdersAtBrokerError',
  description:
    'Open orders of the instrument are at the broker, which may fill them until it has canceled them. ' +
    'Cancel them, and try again when they are.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    symbol: t.exposeString('symbol', { description: 'Of the instrument.' }),
  }),
});

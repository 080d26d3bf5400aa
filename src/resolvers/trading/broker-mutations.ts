import { Credential } from '../../schema/accounts/credential.ts';
import { builder } from '../../schema/builder.ts';
import { IDEMPOTENCY_KEY, keyText } from '../../schema/inputs.ts';
import { Account } from '../../schema/portfolio/account.ts';
import { BrokerKindEnum } from '../../schema/trading/broker.ts';
import { SecondFactorRequired } from '../../services/accounts/factor-errors.ts';
import { IdempotencyConflict } from '../../services/platform/errors.ts';
import {
  BrokerAlreadyConnected,
  BrokerBusy,
  BrokerRefused,
  BrokerUnreachable,
} from '../../services/trading/brokers/errors.ts';
import { given } from '../given.ts';

builder.mutationFields((t) => ({
  connectBroker: t.fieldWithInput({
    type: Account,
    description:
      'Makes an account of kind LIVE out of one at a broker, with its cash and what is held there. Orders ' +
      'go there from then on; real money takes `setLiveTrading` first.',
    errors: {
      types: [
        BrokerAlreadyConnected,
        BrokerBusy,
        BrokerRefused,
        BrokerUnreachable,
        IdempotencyConflict,
      ],
      result: { description: 'The account is connected.' },
      union: { description: 'The account is connected, or why it is not.' },
      dataField: { name: 'account', description: 'The account.' },
    },
    typeOptions: { description: 'What is to be connected.' },
    argOptions: { description: 'What is to be connected.' },
    input: {
      name: t.input.string({
        description: 'What the account is called here: one line of 1 to 100 characters.',
      }),
      broker: t.input.field({ type: BrokerKindEnum, description: 'Who trades for it.' }),
      exchange: t.input.string({
        required: false,
        description: 'Of CCXT, which needs it: the id of the exchange, such as `kraken`.',
      }),
      isSandbox: t.input.boolean({
        description: 'Whether it is the broker’s own play money: Alpaca’s paper accounts are.',
      }),
      credentialId: t.input.globalID({
        for: Credential,
        description:
          'Keys that were kept with `storeCredential`, of kind BROKER and for this provider: with the ' +
          'parts `keyId` and `secret`.',
      }),
      idempotencyKey: t.input.string({ description: IDEMPOTENCY_KEY, validate: keyText }),
    },
    resolve: (_root, { input: { credentialId, ...command } }, { viewer, services }) =>
      services.brokerConnections.connect(viewer, {
        ...given(command),
        credentialId: credentialId.id,
      }),
  }),
  setLiveTrading: t.fieldWithInput({
    type: Account,
    description:
      'Lets an account at a broker trade real money, which takes a fresh second factor, or no longer: open ' +
      'orders stay. Whoever runs the deployment has to let it as well.',
    errors: {
      types: [IdempotencyConflict, SecondFactorRequired],
      result: { description: 'It is set.' },
      union: { description: 'It is set, or why it is not.' },
      dataField: { name: 'account', description: 'The account.' },
    },
    typeOptions: { description: 'What is to be set.' },
    argOptions: { description: 'What is to be set.' },
    input: {
      accountId: t.input.globalID({ for: Account, description: 'An account at a broker.' }),
      isEnabled: t.input.boolean({ description: 'Whether it may trade real money.' }),
      idempotencyKey: t.input.string({ description: IDEMPOTENCY_KEY, validate: keyText }),
    },
    resolve: (_root, { input: { accountId, ...command } }, { viewer, services }) =>
      services.brokerConnections.setLiveTrading(viewer, { ...command, accountId: accountId.id }),
  }),
}));

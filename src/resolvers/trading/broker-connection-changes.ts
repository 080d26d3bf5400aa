import { Credential } from '../../schema/accounts/credential.ts';
import { builder } from '../../schema/builder.ts';
import { IDEMPOTENCY_KEY, keyText } from '../../schema/inputs.ts';
import { Account } from '../../schema/portfolio/account.ts';
import { SecondFactorRequired } from '../../services/accounts/factor-errors.ts';
import { IdempotencyConflict } from '../../services/platform/errors.ts';
import {
  BrokerAccountMismatch,
  BrokerAlreadyConnected,
  BrokerBusy,
  BrokerRefused,
  BrokerUnreachable,
  OrdersOpenAtBroker,
} from '../../services/trading/brokers/errors.ts';

builder.mutationFields((t) => ({
  changeBrokerKeys: t.fieldWithInput({
    type: Account,
    description:
      'Follows an account at a broker with other keys from here on, once the broker has shown that they are ' +
      'for the same account there: our orders are found with them. Open orders go on; a refusal leaves the ' +
      'keys of before. It takes a fresh second factor.',
    errors: {
      types: [
        BrokerAccountMismatch,
        BrokerAlreadyConnected,
        BrokerBusy,
        BrokerRefused,
        BrokerUnreachable,
        IdempotencyConflict,
        SecondFactorRequired,
      ],
      result: { description: 'The keys are changed.' },
      union: { description: 'The keys are changed, or why they are not.' },
      dataField: { name: 'account', description: 'The account.' },
    },
    typeOptions: { description: 'Which keys it is to be followed with.' },
    argOptions: { description: 'Which keys it is to be followed with.' },
    input: {
      accountId: t.input.globalID({ for: Account, description: 'An account at a broker.' }),
      credentialId: t.input.globalID({
        for: Credential,
        description: 'Keys that were kept with `storeCredential`, for the same provider.',
      }),
      idempotencyKey: t.input.string({ description: IDEMPOTENCY_KEY, validate: keyText }),
    },
    resolve: (_root, { input }, { viewer, services }) =>
      services.brokerConnections.changeKeys(viewer, {
        ...{ accountId: input.accountId.id, credentialId: input.credentialId.id },
        idempotencyKey: input.idempotencyKey,
      }),
  }),
  disconnectBroker: t.fieldWithInput({
    type: Account,
    description:
      'Ends the connection with a broker and closes the account here, which keeps what it held for the ' +
      'record. Nothing is done at the broker, so that no order may be open there. It takes a fresh second ' +
      'factor. Who connects again gets a new account.',
    errors: {
      types: [IdempotencyConflict, OrdersOpenAtBroker, SecondFactorRequired],
      result: { description: 'The account is no longer followed.' },
      union: { description: 'The account is no longer followed, or why it still is.' },
      dataField: { name: 'account', description: 'The account.' },
    },
    typeOptions: { description: 'Which account it is.' },
    argOptions: { description: 'Which account it is.' },
    input: {
      accountId: t.input.globalID({ for: Account, description: 'An account at a broker.' }),
      idempotencyKey: t.input.string({ description: IDEMPOTENCY_KEY, validate: keyText }),
    },
    resolve: (_root, { input: { accountId, ...command } }, { viewer, services }) =>
      services.brokerConnections.disconnect(viewer, { ...command, accountId: accountId.id }),
  }),
}));

import { useLocalCluster } from '../../src/services/platform/embedded/local-cluster.ts';

/**
 * A program of its own that uses the embedded PostgreSQL of the folder it is given. It reports when
 * it does, and lets go on any message.
 */
const cluster = await useLocalCluster({
  dataDirectory: process.argv[2] ?? '',
  makePassword: () => 'secret',
  onLost: () => undefined,
});
process.send?.('ready');
process.once('message', () => {
  void cluster.release().then(() => {
    process.disconnect();
  });
});

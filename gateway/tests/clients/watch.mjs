// Watches and asks with the clients of graphql-ws and graphql-sse; prints one line of JSON for each result.
import { createClient as createSse } from 'graphql-sse';
import { createClient as createWs } from 'graphql-ws';
import WebSocket from 'ws';

const [address, token] = process.argv.slice(2);
const authorization = `Bearer ${token}`;
const clients = {
  ws: createWs({ url: `ws://${address}/graphql`, webSocketImpl: WebSocket, connectionParams: { authorization }, retryAttempts: 0, lazyCloseTimeout: 5_000 }),
  sse: createSse({ url: `http://${address}/graphql`, headers: { authorization }, retryAttempts: 0 }),
};

const operations = [
  ['query', { query: 'query Q($name: String) { hello(name: $name) }', variables: { name: 'a' } }],
  ['mutation', { query: 'mutation { rename }' }],
  ['subscription', { query: 'subscription { count(to: 3) }' }],
  ['field error', { query: '{ hello missing }' }],
  ['refused', { query: '{ nothing }' }],
];
for (const [over, client] of Object.entries(clients)) {
  for (const [name, operation] of operations) {
    const results = [];
    try {
      for await (const { data, errors } of client.iterate(operation)) {
        results.push(errors ? { data, codes: errors.map((error) => error.extensions.code) } : { data });
      }
    } catch (thrown) {
      // graphql-ws throws what it was refused with; graphql-sse, the response that was none.
      results.push({ refused: Array.isArray(thrown) ? thrown.map((error) => error.extensions.code) : thrown.message });
    }
    console.log(JSON.stringify({ over, name, results }));
  }
  await client.dispose();
}

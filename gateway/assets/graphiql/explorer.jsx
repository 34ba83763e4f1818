// The explorer's page: GraphiQL over this server's own /graphql, with nothing fetched from anywhere else.
import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import 'graphiql/style.css';
import { createRoot } from 'react-dom/client';
import firstQuery from './first.graphql';

const worker = { json: 'json.worker.js', graphql: 'graphql.worker.js' };
globalThis.MonacoEnvironment = {
  getWorker: (_, label) => new Worker(`/graphiql/${worker[label] ?? 'editor.worker.js'}`),
};

createRoot(document.getElementById('explorer')).render(
  <GraphiQL fetcher={createGraphiQLFetcher({ url: '/graphql' })} defaultQuery={firstQuery} />,
);

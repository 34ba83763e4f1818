// Runs every audit of the package graphql-http against the URL given; prints one line of JSON an audit.
import { serverAudits } from 'graphql-http';

const url = process.argv[2];
for (const audit of serverAudits({ url, fetchFn: fetch })) {
  const result = await audit.fn();
  const { id, name, status, reason } = { ...audit, ...result };
  console.log(JSON.stringify({ id, name, status, reason }));
}

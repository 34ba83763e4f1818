// Runs every audit of the package graphql-http against the URL given, with the token given; prints one line of JSON an audit.
import { serverAudits } from 'graphql-http';

const [url, token] = process.argv.slice(2);
const fetchFn = (address, init) =>
  fetch(address, { ...init, headers: { ...init?.headers, authorization: `Bearer ${token}` } });
for (const audit of serverAudits({ url, fetchFn })) {
  const result = await audit.fn();
  const { id, name, status, reason } = { ...audit, ...result };
  console.log(JSON.stringify({ id, name, status, reason }));
}

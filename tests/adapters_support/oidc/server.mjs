// A real OpenID provider on a free port of this machine, with its own pages to sign in and to agree on.
//   node server.mjs CLIENT_ID CLIENT_SECRET REDIRECT_URI...
// It says `ready http://127.0.0.1:PORT` when it serves. Whoever signs in as NAME is NAME@example.com; an address is
// vouched for unless the name begins with `unverified`. It ends when its standard input does.
import { createServer } from "node:http";
import Provider from "oidc-provider";

const [clientId, clientSecret, ...redirectUris] = process.argv.slice(2);
const server = createServer();
server.listen(0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [{ client_id: clientId, client_secret: clientSecret, redirect_uris: redirectUris }],
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
    pkce: { required: () => true },
    cookies: { keys: ["one key for a test"] },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({
        sub: id,
        email: `${id}@example.com`,
        email_verified: !id.startsWith("unverified"),
        name: id,
      }),
    }),
  });
  server.on("request", provider.callback());
  process.stdout.write(`ready ${issuer}\n`);
});
process.stdin.on("end", () => process.exit(0)).resume();

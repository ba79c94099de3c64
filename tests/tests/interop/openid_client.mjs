// openid-client discovers an issuer with a path (RFC 8414, section 3.1), logs in, refreshes and calls the API; jose
// verifies the access token with the published keys.

import assert from 'node:assert'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import * as client from 'openid-client'

const issuer = process.env.ISSUER
const config = await client.discovery(new URL(issuer), 'interop', undefined, client.None(), {
  algorithm: 'oauth2',
  execute: [client.allowInsecureRequests],
})
const server = config.serverMetadata()
assert.equal(server.issuer, issuer)

const first = await client.genericGrantRequest(config, 'password', {
  username: process.env.USERNAME,
  password: process.env.PASSWORD,
})
const second = await client.refreshTokenGrant(config, first.refresh_token)
const keys = createRemoteJWKSet(new URL(server.jwks_uri))
const { payload } = await jwtVerify(second.access_token, keys, { issuer, audience: 'roster', typ: 'at+jwt' })
assert.equal(payload.sub, process.env.ID)

const me = new URL('/users/me', server.token_endpoint)
const answer = await client.fetchProtectedResource(config, second.access_token, me, 'GET')
assert.equal((await answer.json()).id, process.env.ID)

await client.tokenRevocation(config, second.refresh_token)
await assert.rejects(client.refreshTokenGrant(config, second.refresh_token), { error: 'invalid_grant' })

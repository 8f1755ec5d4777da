// The API's description as an OpenAPI 3.1 document, made from the same schemas that check what comes in.
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { PersonEnv } from '../authenticate.ts'

export type ApiDocument = ReturnType<OpenAPIHono['getOpenAPI31Document']>

const description = `Say who you are with \`Authorization: Bearer …\`: an access token of \`POST /api/auth/login\`, good for five minutes, or an API key
(\`skein_…\`) of \`POST /api/keys\`, which is made with such a token and lasts. Bodies are JSON in UTF-8. To begin:
\`POST /api/auth/login {"email", "password"}\` answers \`accessToken\`; with it \`POST /api/keys {"name", "scopes", "password"}\` answers \`secret\`, the key.

Problems are answered as RFC 9457 has them (\`application/problem+json\`): \`code\` is one of a closed list and stays what it is, \`detail\` is a
sentence that names the field. Any route may answer \`bad-request\` (400), \`too-large\` (413), \`slow-down\` (429), \`internal\` (500) and \`not-ready\` (503).
With 429 and 503 comes \`Retry-After\`; the headers \`RateLimit\` and \`RateLimit-Policy\` say what is left. Every answer has an
\`X-Request-Id\`, which stands in the server’s log too. Times are ISO 8601 in UTC, but for entries of a chain, which carry milliseconds since 1970.
Ids of people and chats are 26 characters, those of messages UUIDs, which are unique for a chat and author.`

export function documentOf(app: OpenAPIHono<PersonEnv>, publicUrl: string | undefined): ApiDocument {
  const { openAPIRegistry } = app
  openAPIRegistry.registerComponent('securitySchemes', 'token', {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'An access token of log-in or refresh; good for some minutes.',
  })
  openAPIRegistry.registerComponent('securitySchemes', 'key', {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'skein_…',
    description:
      'An API key with all scopes that a route names. A route that names none is for people alone. `server`: a server key, which whoever runs the server made.',
  })
  openAPIRegistry.registerComponent('securitySchemes', 'cookie', {
    type: 'apiKey',
    in: 'cookie',
    name: 'skein_refresh',
    description: 'The session’s refresh token: HttpOnly, for the server’s own page alone.',
  })
  return app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: { title: 'Skein', version: '1', license: { name: 'MIT' }, description },
    servers: [{ url: publicUrl ?? '/' }],
  })
}

// What all descriptions have in common: who may ask, what an answer and a problem look like.
import { z } from '@hono/zod-openapi'
import { HTTP_ERRORS, SERVER_SCOPE, type HttpErrorCode, type Scope } from '@skein/protocol'

/**
 * Who may ask. `anyone`; `page`: the server's own page alone, by its cookie; `person`: whoever brings an access token, or an API key with the route's
 * scopes; `member`: a person who is a member of the chat `{id}`; `server`: a server key alone.
 */
export type Door = 'anyone' | 'page' | 'person' | 'member' | 'server'

interface Described {
  description: string
  content?: Record<string, { schema: z.ZodType }>
  headers?: z.ZodObject
}

/** Problems that any route may answer, and those of each door. */
const ALWAYS: readonly HttpErrorCode[] = ['bad-request', 'too-large', 'slow-down', 'internal', 'not-ready']
const AT_THE_DOOR: Record<Door, readonly HttpErrorCode[]> = {
  anyone: [],
  page: ['forbidden'],
  person: ['not-logged-in', 'session-ended', 'missing-scope'],
  member: ['not-logged-in', 'session-ended', 'missing-scope', 'no-such-chat'],
  server: ['not-logged-in', 'forbidden'],
}

const problemOf = (status: number, codes: readonly HttpErrorCode[]) =>
  z.object({
    type: z.string().meta({ example: `urn:skein:error:${codes[0]}` }),
    title: z.string(),
    status: z.literal(status),
    code: z.enum(codes),
    detail: z.string().meta({ description: 'A sentence for whoever reads it; names the field where there is one.' }),
  })

function problems(codes: readonly HttpErrorCode[]): Record<number, object> {
  const byStatus = Map.groupBy(new Set(codes), (code) => HTTP_ERRORS[code][0])
  return Object.fromEntries(
    Array.from(byStatus, ([status, these]) => [
      status,
      {
        description: these.map((code) => `\`${code}\`: ${HTTP_ERRORS[code][1]}`).join(' '),
        content: { 'application/problem+json': { schema: problemOf(status, these) } },
      },
    ]),
  )
}

/** An answer in JSON. */
export const json = <S extends z.ZodType>(schema: S, description: string) => ({ description, content: { 'application/json': { schema } } })

/** An answer that leads to another page. */
export const leadsOn = (description: string) => ({ description, headers: z.object({ Location: z.string() }) })

/** A body in JSON that must be there. */
export const body = <S extends z.ZodType>(schema: S) => ({ required: true, content: { 'application/json': { schema } } })

/** Of a route: its door, its good answers by status, and the codes of the problems (RFC 9457) that only it has. Without `forKeys` it is for people alone. */
export function behind<const A extends Record<number, Described>>(door: Door, answers: A, ...codes: HttpErrorCode[]) {
  // Handlers answer with what is good, and throw the rest.
  const responses = { ...answers, ...problems([...ALWAYS, ...AT_THE_DOOR[door], ...codes]) } as A
  const byDoor: Record<Door, Record<string, string[]>[]> = {
    anyone: [],
    page: [{ cookie: [] }],
    person: [{ token: [] }],
    member: [{ token: [] }],
    server: [{ key: [SERVER_SCOPE] }],
  }
  const security = byDoor[door]
  return { security, 'x-door': door, responses }
}

/** The same for an API key that has all of these scopes. */
export function forKeys<const R extends ReturnType<typeof behind>>(scopes: readonly [Scope, ...Scope[]], route: R) {
  return { ...route, security: [...route.security, { key: [...scopes] }], 'x-scopes': scopes }
}

/** The same for a server key too; behind `member`, for the chats that were made with one. */
export function forServer<const R extends ReturnType<typeof behind>>(route: R) {
  return { ...route, security: [...route.security, { key: [SERVER_SCOPE] }], 'x-server': true as const }
}

/** Why what should prove who somebody is proves nothing. */
export const PROOF_ERRORS = [
  'wrong-password',
  'login-too-old',
  'no-issuer',
  'identity-refused',
  'identity-expired',
  'identity-ended',
  'issuer-away',
] as const

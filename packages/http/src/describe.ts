// What all descriptions have in common: who may ask, what an answer and a problem look like.
import { z } from '@hono/zod-openapi'
import { HTTP_ERRORS, type HttpErrorCode } from '@skein/protocol'

/**
 * Who may ask. `anyone`; `page`: the server's own page alone, by its cookie; `person`: whoever brings an access token; `member`: a person who is a
 * member of the chat `{id}`.
 */
export type Door = 'anyone' | 'page' | 'person' | 'member'

interface Described {
  description: string
  content: { 'application/json': { schema: z.ZodType } }
}

/** Problems that any route may answer, and those of each door. */
const ALWAYS: readonly HttpErrorCode[] = ['bad-request', 'too-large', 'slow-down', 'internal', 'not-ready']
const AT_THE_DOOR: Record<Door, readonly HttpErrorCode[]> = {
  anyone: [],
  page: ['forbidden'],
  person: ['not-logged-in'],
  member: ['not-logged-in', 'no-such-chat'],
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

/** A body in JSON that must be there. */
export const body = <S extends z.ZodType>(schema: S) => ({ required: true, content: { 'application/json': { schema } } })

/** Of a route: its door, its good answers by status, and the codes of the problems (RFC 9457) that only it has. */
export function behind<const A extends Record<number, Described>>(door: Door, answers: A, ...codes: HttpErrorCode[]) {
  // Handlers answer with what is good, and throw the rest.
  const responses = { ...answers, ...problems([...ALWAYS, ...AT_THE_DOOR[door], ...codes]) } as A
  const security: Record<string, string[]>[] = { anyone: [], page: [{ cookie: [] }], person: [{ token: [] }], member: [{ token: [] }] }[door]
  return { security, 'x-door': door, responses }
}

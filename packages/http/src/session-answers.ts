// The answers to whoever logs in, and every refusal: all that a client needs before it has anything to ask for.
import { z } from 'zod'
import { userId } from '@skein/protocol'

export const time = z.iso.datetime({ offset: true })

export const account = z
  .object({
    id: userId,
    email: z.string().nullable(),
    emailConfirmed: z.boolean().optional(),
    name: z.string(),
    avatarUrl: z.string().nullable().default(null),
  })
  .meta({ id: 'Account' })
export const loggedIn = z.object({ accessToken: z.string(), user: account })
export const reusedSession = z.object({ id: z.string(), device: z.string().nullable(), at: time }).meta({ id: 'ReusedSession' })
/** `reused`: sessions that ended since a refresh token came twice, of which no log-in told yet. */
export const loggedInAgain = z.object({ ...loggedIn.shape, reused: z.array(reusedSession).default([]) })

export const anything = z.unknown()
export const problem = z.object({ code: z.string(), detail: z.string().nullish(), title: z.string().nullish() })

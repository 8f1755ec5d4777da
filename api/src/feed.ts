// What changed in all of one's chats, and how far one has read: /api/feed, /api/marks.
import { Hono } from 'hono'
import { z } from 'zod'
import { chatId, feedDigest, MAX_IDS_PER_QUESTION, type ChatId } from '@skein/protocol'
import type { Marks } from '@skein/storage'
import type { PersonEnv } from './authenticate.ts'
import { readBody, readQuery } from './input.ts'
import type { ApiDependencies } from './ports.ts'
import { feedLineView } from './views.ts'

/** There is no order between chats: what was committed late, or by a server whose clock is behind, stands below the cursor (RT9). */
const OVERLAP_MS = 120_000

const cursorOf = (time: number): string => `t${time.toString(36)}`
const cursor = z
  .string()
  .regex(/^t[0-9a-z]{1,9}$/, 'expects a cursor of this server')
  .transform((text) => Number.parseInt(text.slice(1), 36))
const feed = z.object({ since: cursor.nullable().default(null), digest: z.enum(['0', '1'], 'expects 1').default('0') })

const position = z.int('expects a whole number').min(0)
const marks = z.strictObject({
  marks: z
    .record(chatId, z.tuple([position, position], 'expects [deliveredSeq, seenSeq]'))
    .refine((record) => Object.keys(record).length <= MAX_IDS_PER_QUESTION, `expects at most ${MAX_IDS_PER_QUESTION} chats`),
})

export function createFeedRoutes({ storage, sync, now, sha256 }: ApiDependencies): Hono<PersonEnv> {
  const routes = new Hono<PersonEnv>()

  routes.get('/feed', async (c) => {
    const query = readQuery(c, feed)
    const me = c.var.person.sub
    // Taken before anything is read: what is committed meanwhile comes again with the next question.
    const time = now()
    // A cursor from the future says that the clock went back; what happened since then nobody knows.
    const since = query.since === null || query.since > time ? null : query.since - OVERLAP_MS
    const lines = await storage.feed(me, since)
    const all = query.digest === '0' || since === null ? lines : await storage.feed(me, null)
    const digest =
      query.digest === '0'
        ? null
        : feedDigest(
            all.filter((line) => !line.removed),
            sha256,
          )
    return c.json({ chats: lines.map(feedLineView), digest, next: cursorOf(time) })
  })

  routes.post('/marks', async (c) => {
    const body = await readBody(c, marks)
    const offered = new Map<ChatId, Marks>()
    // What was seen was delivered.
    for (const [id, [delivered, seen]] of Object.entries(body.marks)) offered.set(id as ChatId, [Math.max(delivered, seen), seen])
    const me = c.var.person.sub
    const results = await storage.raiseMarks(me, offered)
    const raised = Array.from(results).filter(([, result]) => result.raised)
    for (const [id, { marks: risen, markPos }] of raised) sync.marksRaised(id, me, risen, markPos)
    return c.json({
      marks: Object.fromEntries(Array.from(results, ([id, result]) => [id, result.marks])),
      markPos: Object.fromEntries(raised.map(([id, { before, markPos }]) => [id, [before, markPos]])),
    })
  })

  return routes
}

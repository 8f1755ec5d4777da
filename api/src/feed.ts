// What changed in all of one's chats, and how far one has read: /api/feed, /api/marks.
import { OpenAPIHono } from '@hono/zod-openapi'
import { routes } from '@skein/http'
import { feedDigest, type ChatId } from '@skein/protocol'
import type { Marks } from '@skein/storage'
import type { PersonEnv } from './authenticate.ts'
import type { ApiDependencies } from './ports.ts'
import { feedLineView } from './views.ts'

/** There is no order between chats: what was committed late, or by a server whose clock is behind, stands below the cursor (RT9). */
const OVERLAP_MS = 120_000

const cursorOf = (time: number): string => `t${time.toString(36)}`

export function createFeedRoutes({ storage, sync, now, sha256 }: ApiDependencies): OpenAPIHono<PersonEnv> {
  const app = new OpenAPIHono<PersonEnv>()

  app.openapi(routes.readFeed, async (c) => {
    const query = c.req.valid('query')
    const me = c.var.person.sub
    // Taken before anything is read: what is committed meanwhile comes again with the next question.
    const time = now()
    // A cursor from the future says that the clock went back; what happened since then nobody knows.
    const since = query.since === null || query.since > time ? null : query.since - OVERLAP_MS
    const lines = await storage.feed(me, since)
    const all = query.digest !== '1' || since === null ? lines : await storage.feed(me, null)
    const digest =
      query.digest !== '1'
        ? null
        : feedDigest(
            all.filter((line) => !line.removed),
            sha256,
          )
    return c.json({ chats: lines.map(feedLineView), digest, next: cursorOf(time) }, 200)
  })

  app.openapi(routes.raiseMarks, async (c) => {
    const body = c.req.valid('json')
    const offered = new Map<ChatId, Marks>()
    // What was seen was delivered.
    for (const [id, [delivered, seen]] of Object.entries(body.marks)) offered.set(id as ChatId, [Math.max(delivered, seen), seen])
    const me = c.var.person.sub
    const results = await storage.raiseMarks(me, offered)
    const raised = Array.from(results).filter(([, result]) => result.raised)
    for (const [id, { marks: risen, markPos }] of raised) sync.marksRaised(id, me, risen, markPos)
    return c.json(
      {
        marks: Object.fromEntries(Array.from(results, ([id, result]) => [id, result.marks])),
        markPos: Object.fromEntries(raised.map(([id, { before, markPos }]) => [id, [before, markPos] as [number, number]])),
      },
      200,
    )
  })

  return app
}

// The feed and marks.
import { expect, test } from 'vitest'
import { feedDigest, type ChatId, type Head } from '@skein/protocol'
import { sha256, type Person, type World } from './world.suite.ts'

type Line = { id: ChatId; document: string; rev: number; head: Head; seq: number; markPos: number; removed: boolean }
type Feed = { chats: Line[]; digest: string | null; next: string }

export function feedTests(world: () => World): void {
  const ask = async (person: Person, query = ''): Promise<Feed> => {
    const answer = await person.get(`/api/feed?${query}`)
    expect(answer.status).toBe(200)
    return answer.body as Feed
  }
  const later = (ms: number): void => {
    world().clock.now += ms
  }

  /** One person with three quiet chats, and the other sides. */
  async function quiet(): Promise<{ me: Person; others: Person[]; chats: ChatId[] }> {
    const me = await world().person()
    const others = [await world().person(), await world().person(), await world().person()]
    const chats: ChatId[] = []
    for (const other of others) chats.push(((await me.post('/api/chats', { userId: other.id })).body['chat'] as { id: ChatId }).id)
    later(600_000)
    return { me, others, chats }
  }

  test('without a cursor it holds all of one’s chats, in the stable shape', async () => {
    const { me, chats } = await quiet()
    const feed = await ask(me)
    expect(Object.keys(feed).sort()).toEqual(['chats', 'digest', 'next'])
    expect(feed.chats.map((line) => line.id).sort()).toEqual([...chats].sort())
    for (const line of feed.chats) {
      expect(Object.keys(line).sort()).toEqual(['document', 'head', 'id', 'markPos', 'mine', 'removed', 'rev', 'seq'])
      expect(line).toMatchObject({ rev: 1, seq: 0, markPos: 0, removed: false })
      expect(line.document).toMatch(new RegExp(`^chat/${line.id}/1-[0-9a-f]{16}$`))
    }
    expect(feed.digest).toBeNull()
  })

  test('since a cursor it holds what changed: words and marks', async () => {
    const { me, others, chats } = await quiet()
    const { next } = await ask(me)
    later(600_000)
    expect((await ask(me, `since=${next}`)).chats).toEqual([])
    await others[1]?.post(`/api/chats/${chats[1]}/messages`, { text: 'hello' })
    await me.post('/api/marks', { marks: { [String(chats[1])]: [1, 0] } })
    await others[2]?.post(`/api/chats/${chats[2]}/messages`, { text: 'hello' })
    const changed = (await ask(me, `since=${next}`)).chats
    expect(changed.map((line) => `${line.id} ${line.rev} ${line.seq} ${line.markPos}`).sort()).toEqual(
      [`${chats[1]} 2 1 ${world().clock.now}`, `${chats[2]} 2 1 0`].sort(),
    )
  })

  test('RT9: a cursor reaches back two minutes, for what was committed late', async () => {
    const { me, others, chats } = await quiet()
    await others[0]?.post(`/api/chats/${chats[0]}/messages`, { text: 'hello' })
    later(119_000)
    const { next } = await ask(me)
    expect((await ask(me, `since=${next}`)).chats.map((line) => line.id)).toEqual([chats[0]])
    later(2_000)
    const after = await ask(me)
    expect((await ask(me, `since=${after.next}`)).chats).toEqual([])
  })

  test('a cursor from before the clock went back gets everything', async () => {
    const { me } = await quiet()
    const { next } = await ask(me)
    later(-1)
    expect((await ask(me, `since=${next}`)).chats).toHaveLength(3)
  })

  test('RT9: the digest is over all of one’s chats, changed or not, and a device can make it too', async () => {
    const { me, others, chats } = await quiet()
    const whole = await ask(me, 'digest=1')
    expect(whole.digest).toBe(feedDigest(whole.chats, sha256))
    later(600_000)
    const still = await ask(me, `since=${whole.next}&digest=1`)
    expect(still).toMatchObject({ chats: [], digest: whole.digest })
    await others[0]?.post(`/api/chats/${chats[0]}/messages`, { text: 'hello' })
    const moved = await ask(me, `since=${still.next}&digest=1`)
    expect(moved.chats).toHaveLength(1)
    const mine = whole.chats.map((line) => moved.chats.find((other) => other.id === line.id) ?? line)
    expect(moved.digest).toBe(feedDigest(mine, sha256))
  })

  test('marks are raised, capped and answered; others learn of them once', async () => {
    const { me, others, chats } = await quiet()
    const [chat = ''] = chats
    for (const text of ['a', 'b', 'c']) await others[0]?.post(`/api/chats/${chat}/messages`, { text })
    const marks = (mark: [number, number]): Promise<unknown> => me.post('/api/marks', { marks: { [chat]: mark } }).then((answer) => answer.body)
    const raised = (): number => world().notices.filter((notice) => notice.kind === 'marks' && notice.chat === chat).length
    const { now } = world().clock
    expect(await marks([2, 1])).toEqual({ marks: { [chat]: [2, 1] }, markPos: { [chat]: [0, now] } })
    expect(raised()).toBe(1)
    expect(await marks([1, 0])).toEqual({ marks: { [chat]: [2, 1] }, markPos: {} })
    expect(raised()).toBe(1)
    expect(await marks([0, 2])).toEqual({ marks: { [chat]: [2, 2] }, markPos: { [chat]: [now, now + 1] } })
    expect(await marks([Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER])).toEqual({
      marks: { [chat]: [3, 3] },
      markPos: { [chat]: [now + 1, now + 2] },
    })
    expect(raised()).toBe(3)
    expect(world().notices.at(-1)).toEqual({ kind: 'marks', chat, user: me.id, marks: [3, 3], markPos: now + 2 })
  })
}

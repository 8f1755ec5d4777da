// One's devices: who is logged in where, and ending it.
import { expect, test } from 'vitest'
import { anyText, cookieOf, matching, origin, password, refusal, type Answer, type World } from './world.suite.ts'

const firefox = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0'

interface Device {
  id: string
  cookie: string
  authorization: { authorization: string }
}

export function sessionTests(world: () => World): void {
  const logIn = async (email: string, userAgent = firefox): Promise<Device> => {
    const answer = await world().ask('POST', '/api/auth/login', { body: { email, password }, headers: { 'user-agent': userAgent } })
    expect(answer.status).toBe(200)
    const cookie = cookieOf(answer)
    const id = cookie.slice(cookie.indexOf('=') + 1, cookie.indexOf('.'))
    return { id, cookie, authorization: { authorization: `Bearer ${String(answer.body['accessToken'])}` } }
  }
  const asked = (method: string, path: string, { authorization }: Device): Promise<Answer> => world().ask(method, path, { headers: authorization })
  const refresh = ({ cookie }: Device): Promise<Answer> => world().ask('POST', '/api/auth/refresh', { headers: { origin, cookie } })
  const ended = (): string[] => world().notices.flatMap((notice) => (notice.kind === 'ended' ? [notice.sessionId] : []))
  const list = async (device: Device): Promise<Record<string, unknown>[]> => {
    const answer = await asked('GET', '/api/auth/sessions', device)
    expect(answer.status).toBe(200)
    return answer.body['sessions'] as Record<string, unknown>[]
  }

  test('P4: the list of devices says what each is, when it was made and last used, and which one asks; nothing of its token', async () => {
    const { email } = await world().person()
    const start = world().clock.now
    const laptop = await logIn(email)
    world().clock.now += 60_000
    const script = await logIn(email, 'curl/8.5.0')
    await logIn((await world().person()).email)
    world().clock.now += 60_000
    expect((await refresh(laptop)).status).toBe(200)
    const time = (ms: number): string => new Date(start + ms).toISOString()
    expect(await list(script)).toEqual([
      { id: laptop.id, device: 'Firefox on Windows', createdAt: time(0), lastUsedAt: time(120_000), current: false },
      { id: script.id, device: 'curl', createdAt: time(60_000), lastUsedAt: time(60_000), current: true },
    ])
    expect((await list(laptop)).map(({ current }) => current)).toEqual([true, false])
  })

  test.each(['', '<img src=x>/1 (a)', '\u00ff'.repeat(300), '('.repeat(20_000)])(
    'a User-Agent that names nothing has no name (%#)',
    async (userAgent) => {
      const device = await logIn((await world().person()).email, userAgent)
      expect(await list(device)).toEqual([{ id: device.id, device: null, createdAt: anyText, lastUsedAt: anyText, current: true }])
    },
  )

  test('P4: a device that is ended refreshes no more, and its sockets are closed; the others go on', async () => {
    const { email } = await world().person()
    const [mine, lost] = [await logIn(email), await logIn(email)]
    const answer = await asked('DELETE', `/api/auth/sessions/${lost.id}`, mine)
    expect([answer.status, answer.headers.get('set-cookie')]).toEqual([200, null])
    expect(ended().at(-1)).toBe(lost.id)
    expect(await refresh(lost)).toMatchObject(refusal(401, 'session-ended'))
    expect((await list(mine)).map(({ id }) => id)).toEqual([mine.id])
    expect(await asked('DELETE', `/api/auth/sessions/${lost.id}`, mine)).toMatchObject(refusal(404, 'no-such-session'))
    const own = await asked('DELETE', `/api/auth/sessions/${mine.id}`, mine)
    expect(own.headers.get('set-cookie')).toMatch(/^skein_refresh=; Max-Age=0; Path=\/api\/auth/)
    expect(await refresh(mine)).toMatchObject(refusal(401, 'session-ended'))
  })

  test('promise 8: nobody sees or ends a session of another; one answer for theirs, none, and what is no id', async () => {
    const [mine, other] = [await logIn((await world().person()).email), await logIn((await world().person()).email)]
    const before = ended().length
    const answers: Answer[] = []
    for (const id of [other.id, 'A'.repeat(22), 'nonsense', '%00', '__proto__', '%ff', "'%20or%201=1--", '\u{1f98a}', 'x'.repeat(3_000)])
      answers.push(await asked('DELETE', `/api/auth/sessions/${id}`, mine))
    for (const { status, body } of answers) expect({ status, body }).toMatchObject(refusal(404, 'no-such-session'))
    for (const { body } of answers) expect(body).toEqual(answers[0]?.body)
    expect(ended()).toHaveLength(before)
    expect((await refresh(other)).status).toBe(200)
  })

  test('P4: logging out everywhere ends all of one’s sessions, this one too, and clears the cookie', async () => {
    const { email } = await world().person()
    const devices = [await logIn(email), await logIn(email), await logIn(email)]
    const other = await logIn((await world().person()).email)
    const [mine] = devices
    const before = ended().length
    const answer = await asked('POST', '/api/auth/logout-everywhere', mine ?? other)
    expect(answer).toMatchObject({ status: 200, body: {} })
    expect(answer.headers.get('set-cookie')).toEqual(matching(/^skein_refresh=; Max-Age=0; Path=\/api\/auth/))
    expect(ended().slice(before).sort()).toEqual(devices.map(({ id }) => id).sort())
    for (const device of devices) expect(await refresh(device)).toMatchObject(refusal(401, 'session-ended'))
    expect((await refresh(other)).status).toBe(200)
  })
}

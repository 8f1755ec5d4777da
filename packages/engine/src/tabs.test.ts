// What tabs say to each other, and when one takes the lock from another: by a clock that is turned by hand.
import { expect, test } from 'vitest'
import { chat } from './chats/chain.suite.ts'
import { testPorts } from './ports.suite.ts'
import type { PageState } from './ports.ts'
import { STORE_VERSION } from './store/rows.ts'
import { openTabChannel, type TabMessage } from './tab-channel.ts'
import { openTabs, type Tabs } from './tabs.ts'
import { openBrowser, type Browser } from './testing-tabs.suite.ts'

const NAME = 'skein somebody'

interface Player {
  tabs: Tabs
  log: string[]
  show(state: PageState): void
}

function scene(seed = 1) {
  const { ports, clock } = testPorts(seed)
  const browser: Browser = openBrowser()
  let fence = 0
  function open(name: string, state: PageState = 'visible'): Player {
    const log: string[] = []
    let tell: (state: PageState) => void = () => {}
    const tabs = openTabs({
      name: NAME,
      ports: {
        ...ports,
        locks: browser.locks,
        channel: browser.channel,
        pageStates: (listener) => {
          tell = listener
          listener(state)
          return () => {}
        },
      },
      claim: async () => ++fence,
      lead: (number) => log.push(`leads ${number}`),
      resign: () => log.push('resigns'),
      awake: () => log.push('awake'),
      receive: ({ is }) => log.push(is),
      outdated: () => log.push('outdated'),
    })
    return { tabs, log: Object.assign(log, { name }), show: (next) => tell(next) }
  }
  /** A leader that holds the lock and answers nothing, as one that is frozen. */
  function frozen(): void {
    void browser.locks.hold(`${NAME} leader`, new AbortController().signal, () => new Promise(() => {})).catch(() => {})
  }
  return { clock, ports, browser, open, frozen }
}
const leaders = (players: Player[]): number => players.filter(({ tabs }) => tabs.leading).length

test('I7: a tab that is closed claims no lead, whatever it is told', async () => {
  const { clock, open } = scene()
  const a = open('a')
  const b = open('b')
  await clock.advance(1_000)
  a.tabs.close()
  a.tabs.stepDown()
  await clock.advance(10_000)
  expect([a.tabs.leading, b.tabs.leading, b.log.filter((line) => line.startsWith('leads'))]).toEqual([false, true, ['leads 2']])
})

test('I7: a leader that misses three pings is robbed within a second, and not before', async () => {
  const { clock, open, frozen } = scene()
  frozen()
  const a = open('a')
  await clock.advance(500)
  expect(a.tabs.leading).toBe(false)
  await clock.advance(500)
  expect(a.tabs.leading).toBe(true)
})

test('I7: a leader that answers is left alone, also by nine followers, who ask as often as one', async () => {
  const { clock, open, browser } = scene()
  const players = Array.from({ length: 10 }, (_, n) => open(String(n)))
  await clock.advance(1_000)
  const before = browser.posted.length
  await clock.advance(10_000)
  expect(leaders(players)).toBe(1)
  expect(players.flatMap(({ log }) => log).filter((line) => line === 'resigns')).toEqual([])
  const pings = browser.posted.slice(before).filter((posted) => (posted as { message: TabMessage }).message.is === 'ping')
  expect(pings.length).toBeLessThan(3 * 56)
})

test('I7: a leader that closes or falls asleep is followed at once, without a theft; who wakes does not lead', async () => {
  const { clock, open } = scene()
  const [a, b, c] = [open('a'), open('b'), open('c')]
  await clock.settle()
  expect([a.tabs.leading, b.tabs.leading]).toEqual([true, false])
  a.show('asleep')
  expect([a.tabs.leading, a.log.at(-1)]).toEqual([false, 'resigns'])
  await clock.settle()
  expect([b.tabs.leading, c.tabs.leading]).toEqual([true, false])
  b.tabs.close()
  await clock.settle()
  expect(c.tabs.leading).toBe(true)
  a.show('visible')
  await clock.advance(5_000)
  expect([a.tabs.leading, c.tabs.leading]).toEqual([false, true])
  expect(a.log).toContain('awake')
  c.tabs.close()
  await clock.settle()
  expect(a.tabs.leading).toBe(true)
})

test('I7: a sleeping follower gives up its place in the queue', async () => {
  const { clock, open } = scene()
  const [a, b, c] = [open('a'), open('b'), open('c')]
  await clock.settle()
  b.show('asleep')
  a.tabs.close()
  await clock.settle()
  expect([b.tabs.leading, c.tabs.leading]).toEqual([false, true])
})

test('I7: a hidden leader leads on while nobody looks, and is robbed by the tab that is looked at', async () => {
  const { clock, open } = scene()
  const [a, b] = [open('a'), open('b', 'hidden')]
  await clock.settle()
  a.show('hidden')
  await clock.advance(10_000)
  expect([a.tabs.leading, b.tabs.leading]).toEqual([true, false])
  b.show('visible')
  await clock.settle()
  expect([a.tabs.leading, b.tabs.leading]).toEqual([false, true])
  await clock.advance(10_000)
  expect([a.tabs.leading, b.tabs.leading]).toEqual([false, true])
})

test('promise 5: whoever follows reads again when another leads: the one before may have died before it told what it wrote', async () => {
  const { clock, open } = scene()
  const [a, b, c] = [open('a'), open('b'), open('c')]
  await clock.advance(1_000)
  expect([a.log, b.log, c.log].filter((log) => log.includes('awake'))).toEqual([])
  a.tabs.close()
  await clock.advance(1_000)
  expect(leaders([b, c])).toBe(1)
  expect([b, c].map(({ tabs, log }) => tabs.leading || log.includes('awake'))).toEqual([true, true])
})

test('I7: what an old leader says is not believed', async () => {
  const { clock, open, browser } = scene()
  const [a, b] = [open('a'), open('b')]
  await clock.settle()
  b.show('asleep')
  b.show('visible')
  a.show('asleep')
  await clock.settle()
  a.show('visible')
  await clock.advance(1_000)
  expect(b.log).toContain('leads 2')
  const posts = browser.channel(NAME, () => {})
  const network = { connected: true, offlineSince: null, nextTryAt: null, stuck: false }
  const live = (fence: number): void =>
    posts.post({ version: STORE_VERSION, message: { is: 'live', fence, live: { network, online: [], typing: [], nextTries: [], failed: false } } })
  live(1)
  await clock.settle()
  expect(a.log).not.toContain('live')
  live(2)
  await clock.settle()
  expect(a.log).toContain('live')
})

test('V7: messages of older programs, unknown and malformed ones are ignored; one of a newer program says that this one is outdated', async () => {
  const { ports, clock, browser } = scene()
  const told: string[] = []
  const channel = openTabChannel(
    { ...ports, channel: browser.channel },
    NAME,
    ({ is }) => told.push(is),
    () => told.push('outdated'),
  )
  const stranger = browser.channel(NAME, () => {})
  const say = (message: unknown): void => stranger.post({ version: STORE_VERSION, message })
  for (const junk of [null, undefined, 7, 'changed', [], {}, { is: 'who' }, { version: 'x', message: { is: 'who' } }]) stranger.post(junk)
  for (const junk of [null, 7, [], {}, { is: 'nonsense' }, { is: 'changed' }, { is: 'changed', chats: ['x'], messages: [], people: [] }]) say(junk)
  say({ is: 'windows', tab: 7, chats: [chat] })
  stranger.post({ version: STORE_VERSION - 1, message: { is: 'who' } })
  await clock.settle()
  expect(told).toEqual([])
  say({ is: 'changed', chats: [chat], messages: [], people: [] })
  stranger.post({ version: STORE_VERSION + 1, message: { is: 'who' } })
  await clock.settle()
  expect(told).toEqual(['changed', 'outdated'])
  channel.close()
})

// A chat on the screen, in Chromium: opening it from what the device holds, scrolling it, and typing while words arrive; a long history against 100 messages.
import type { Page } from 'playwright-core'
import type { ChatId } from '@skein/protocol'
import { logIn, openDevice, until } from '../devices.ts'
import { median, quantile, wait } from '../measure.ts'
import { atMost, type Row } from '../row.ts'
import { openBrowser, openScreen, showChat, type Screen } from '../screen.ts'
import { createSkein } from '../skein.ts'
import { fillChat } from '../words.ts'

const SHORT = 100
const TIMES = 7
const SCROLLED = 10_000
const PER_SECOND = 50
const KEYS = 100
/** A frame at 60 Hz, and what a clock of 0.1 ms and a screen of 59.9 Hz make of it. */
const FRAME_MS = 16.7 + 0.3

export const chatScreen: Row = {
  name: 'chat-screen',
  what: `a chat on the screen: a long history against ${SHORT} messages`,
  async run({ history }) {
    await using skein = await createSkein()
    const chats = await skein.prepare(async (storage) => {
      const people = [await skein.person(storage, 0), await skein.person(storage, 1)]
      const made: ChatId[] = []
      for (const messages of [SHORT, history]) {
        const { id } = await skein.chat(storage, people)
        await fillChat(storage, id, people, messages, Math.min(SHORT, messages))
        made.push(id)
      }
      return made
    })
    const [short, long] = chats
    if (!short || !long) throw new Error('No chats')
    await using server = await skein.start()
    const browser = await openBrowser()
    try {
      const screen = await openScreen(browser, server, 0)
      const { page } = screen
      await screen.installed()
      for (const chat of chats) {
        await showChat(page, chat)
        await keepWhole(page, chat)
      }
      await page.context().setOffline(true)
      const opened = { short: await opening(page, short), long: await opening(page, long) }
      const held = { short: await holding(screen, short), long: await holding(screen, long) }
      await showChat(page, long)
      const frames = await scrolling(page, Math.min(SCROLLED, history))
      await page.context().setOffline(false)

      const other = openDevice(server)
      await logIn(other, 1)
      await until(other, () => other.chats.some(({ id }) => id === long) && other.network.connected)
      await page.reload()
      await showChat(page, long)
      const keys = await typing(page, (text) => other.send(long, text))
      await other.close()
      const late = frames.filter((ms) => ms > FRAME_MS).length / frames.length
      return {
        figures: [
          { who: `to the first messages of ${SHORT}, offline`, value: opened.short, unit: 'ms', ratio: null },
          { who: `of ${history}`, value: opened.long, unit: 'ms', ratio: opened.long / opened.short },
          { who: `frames over 16.7 ms of ${frames.length}`, value: late * 100, unit: '%', ratio: null },
          { who: 'the longest frame', value: Math.max(...frames), unit: 'ms', ratio: null },
          { who: `key to glyph at ${PER_SECOND} messages/s, median`, value: median(keys), unit: 'ms', ratio: null },
          { who: 'the same, p95', value: quantile(keys, 0.95), unit: 'ms', ratio: null },
          { who: `nodes at ${SHORT}`, value: held.short.nodes, unit: '', ratio: null },
          { who: `nodes at ${history}`, value: held.long.nodes, unit: '', ratio: held.long.nodes / held.short.nodes },
          { who: `listeners at ${SHORT}`, value: held.short.listeners, unit: '', ratio: null },
          { who: `listeners at ${history}`, value: held.long.listeners, unit: '', ratio: held.long.listeners / held.short.listeners },
        ],
        goals: [
          atMost('time to the first messages', opened.long / opened.short, 1.2),
          atMost('% of frames over 16.7 ms', late * 100, 1),
          atMost('ms from key to glyph, p95', quantile(keys, 0.95), 50),
          atMost('nodes', held.long.nodes / held.short.nodes, 1.2),
          atMost('listeners', held.long.listeners / held.short.listeners, 1.2),
        ],
      }
    } finally {
      await browser.close()
    }
  },
}

/** Loads all of the chat onto the device. */
async function keepWhole(page: Page, chat: ChatId): Promise<void> {
  await page.evaluate(async (id) => {
    interface Keeping {
      engine: {
        chats: { id: string; offline: { state: string } }[]
        keepOffline(chat: string, keep: boolean): Promise<void>
        subscribe(listener: () => void): () => void
      }
    }
    const { engine } = document.querySelector('chat-app') as unknown as Keeping
    await engine.keepOffline(id, true)
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (engine.chats.find((one) => one.id === id)?.offline.state === 'complete') resolve()
      }
      engine.subscribe(look)
      look()
    })
  }, chat)
}

/** From a press in the list to the frame that has messages, in a page that was just loaded. */
async function opening(page: Page, chat: ChatId): Promise<number> {
  const times: number[] = []
  for (let i = 0; i < TIMES; i++) {
    await page.goto('about:blank')
    await page.goBack()
    await page.evaluate(() => {
      history.replaceState(null, '', '/')
    })
    await page.reload()
    await page.getByRole('list', { name: 'Chats' }).getByRole('button').first().waitFor()
    const ms = await page.evaluate(
      (id) =>
        new Promise<number>((resolve) => {
          const app = document.querySelector('chat-app')
          const start = performance.now()
          Object.assign(app ?? {}, { chat: id })
          const look = (): void => {
            const list = app?.shadowRoot?.querySelector('chat-window')?.shadowRoot?.querySelector('chat-messages')?.shadowRoot
            if (list?.querySelector('chat-message')) setTimeout(() => resolve(performance.now() - start))
            else requestAnimationFrame(look)
          }
          requestAnimationFrame(look)
        }),
      chat,
    )
    times.push(ms)
  }
  return median(times)
}

async function holding({ page, devTools }: Screen, chat: ChatId): Promise<{ nodes: number; listeners: number }> {
  await page.reload()
  await showChat(page, chat)
  await devTools.send('Performance.enable')
  await devTools.send('HeapProfiler.collectGarbage')
  const { metrics } = await devTools.send('Performance.getMetrics')
  const of = (name: string): number => metrics.find((metric) => metric.name === name)?.value ?? NaN
  return { nodes: of('Nodes'), listeners: of('JSEventListeners') }
}

/** How long each frame took while so many messages go by, upwards, half a screen a frame. */
const scrolling = (page: Page, messages: number): Promise<number[]> =>
  page.evaluate(async (count) => {
    const list = document.querySelector('chat-app')?.shadowRoot?.querySelector('chat-window')?.shadowRoot?.querySelector('chat-messages')?.shadowRoot
    const log = list?.querySelector('[role=log]')
    if (!list || !log) throw new Error('No messages')
    const heights = [...list.querySelectorAll('chat-message')].map((one) => one.getBoundingClientRect().height)
    const height = heights.reduce((sum, one) => sum + one, 0) / heights.length
    const frames: number[] = []
    let before = 0
    let left = count * height
    let still = 0
    while (left > 0) {
      const now = await new Promise<number>((resolve) => requestAnimationFrame(resolve))
      if (before) frames.push(now - before)
      before = now
      const top = log.scrollTop
      log.scrollTop -= log.clientHeight / 2
      const moved = top - log.scrollTop
      left -= Math.max(0, moved)
      // At the top of what is loaded it waits for more, and at the beginning of the chat not for long.
      still = moved > 0 ? 0 : still + 1
      if (still > 300) break
    }
    return frames
  }, messages)

/** From each key's event to the end of the frame that shows it. */
async function typing(page: Page, send: (text: string) => Promise<unknown>): Promise<number[]> {
  await page.getByRole('textbox', { name: 'Message' }).focus()
  await page.evaluate(() => {
    const times: number[] = []
    Object.assign(globalThis, { keyTimes: times })
    addEventListener(
      'keydown',
      ({ timeStamp }) =>
        requestAnimationFrame(() => {
          const { port1, port2 } = new MessageChannel()
          port1.addEventListener('message', () => times.push(performance.now() - timeStamp))
          port1.start()
          port2.postMessage(null)
        }),
      { capture: true },
    )
  })
  let running = true
  const arriving = (async () => {
    for (const start = performance.now(), sent = { count: 0 }; running; await wait(4))
      for (; running && sent.count < ((performance.now() - start) / 1_000) * PER_SECOND; sent.count++) await send(`Word ${sent.count}`)
  })()
  await wait(1_000)
  for (let i = 0; i < KEYS; i++) {
    await page.keyboard.press('abcdefghij'.charAt(i % 10))
    await wait(60)
  }
  running = false
  await arriving
  return page.evaluate(() => (globalThis as unknown as { keyTimes: number[] }).keyTimes)
}

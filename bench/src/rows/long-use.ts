// An hour of use, in Chromium, as fast as it goes: what a page that is never reloaded keeps of chats that were read, written in and left.
import type { CDPSession, Page } from 'playwright-core'
import type { ChatId } from '@skein/protocol'
import { logIn, openDevice, until } from '../devices.ts'
import { atMost, type Row } from '../row.ts'
import { openBrowser, openScreen, showChat } from '../screen.ts'
import { createSkein } from '../skein.ts'
import { fillChat } from '../words.ts'

const MINUTES = 60
/** By then all that is loaded late is there, and caches are as full as they get. */
const WARM_MINUTES = 10
const CHATS = 8
const MESSAGES = 2_000
/** Chats that are read in a minute, and words that come and go meanwhile. */
const READ = 3
const COME = 20

export const longUse: Row = {
  name: 'long-use',
  what: `an hour of use: what a page holds after ${MINUTES} minutes' reading and writing, against after ${WARM_MINUTES}`,
  async run() {
    await using skein = await createSkein()
    const chats = await skein.prepare(async (storage) => {
      const people = [await skein.person(storage, 0), await skein.person(storage, 1)]
      const made: ChatId[] = []
      for (let i = 0; i < CHATS; i++) {
        const { id } = await skein.chat(storage, people)
        await fillChat(storage, id, people, MESSAGES, 100)
        made.push(id)
      }
      return made
    })
    const chatOf = (n: number): ChatId => chats[n % CHATS] as ChatId
    await using server = await skein.start()
    const browser = await openBrowser()
    const other = openDevice(server)
    try {
      const { page, devTools } = await openScreen(browser, server, 0)
      await logIn(other, 1)
      await until(other, () => other.chats.length === CHATS && other.network.connected)
      await devTools.send('Performance.enable')
      let warm = await holding(devTools)
      for (let minute = 1; minute <= MINUTES; minute++) {
        for (let i = 0; i < COME; i++) await other.send(chatOf(minute + i), `Minute ${minute}, word ${i}`)
        for (let i = 0; i < READ; i++) await use(page, chatOf(minute * READ + i), `Minute ${minute}, answer ${i}`)
        if (minute === WARM_MINUTES) warm = await holding(devTools)
      }
      const end = await holding(devTools)
      const figures = (['heap', 'nodes', 'listeners'] as const).flatMap((what) => [
        { who: `${what} after ${WARM_MINUTES} minutes`, value: warm[what], unit: what === 'heap' ? 'MB' : '', ratio: null },
        { who: `${what} after ${MINUTES}`, value: end[what], unit: what === 'heap' ? 'MB' : '', ratio: end[what] / warm[what] },
      ])
      return {
        figures,
        goals: [
          atMost('heap', end.heap / warm.heap, 1.2),
          atMost('nodes', end.nodes / warm.nodes, 1.2),
          atMost('listeners', end.listeners / warm.listeners, 1.2),
        ],
      }
    } finally {
      await other.close()
      await browser.close()
    }
  },
}

/** Reads back some pages, comes to the end again, looks at a message's menu, and answers. */
async function use(page: Page, chat: ChatId, answer: string): Promise<void> {
  await showChat(page, chat)
  await page.getByRole('log', { name: 'Messages' }).hover()
  const latest = page.getByRole('button', { name: /^Jump to latest/ })
  for (let i = 0; i < 4 || !(await latest.isVisible()); i++) {
    await page.mouse.wheel(0, -4_000)
    await page.evaluate(() => new Promise(requestAnimationFrame))
  }
  await latest.click()
  const last = page.getByRole('article').last()
  await last.click({ button: 'right' })
  await page.getByRole('menu').waitFor()
  await page.keyboard.press('Escape')
  const box = page.getByRole('textbox', { name: 'Message' })
  await box.fill(answer)
  await box.press('Enter')
  await page.getByRole('article').filter({ hasText: answer }).waitFor()
}

/** What is left once all that nobody needs is collected. */
async function holding(devTools: CDPSession): Promise<{ heap: number; nodes: number; listeners: number }> {
  await devTools.send('HeapProfiler.collectGarbage')
  const { metrics } = await devTools.send('Performance.getMetrics')
  const of = (name: string): number => metrics.find((metric) => metric.name === name)?.value ?? NaN
  return { heap: of('JSHeapUsedSize') / 1_048_576, nodes: of('Nodes'), listeners: of('JSEventListeners') }
}

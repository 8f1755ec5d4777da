// The JavaScript that a browser is sent before a chat is on its screen, against the libraries alone.
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { build, type Rolldown } from 'vite'
import { atMost, type Row } from '../row.ts'
import { openBrowser, openScreen, showChat } from '../screen.ts'
import { createSkein } from '../skein.ts'
import { fillChat } from '../words.ts'

const client = fileURLToPath(new URL('../../../client', import.meta.url))
const MOST_KB = 80
/** The half of the engine that talks to the server, which a chat on the screen does not wait for. */
const LATE = /\/online-[\w-]+\.js$/

interface Bytes {
  gzip: number
  br: number
}

export const firstOpen: Row = {
  name: 'first-open',
  what: 'JavaScript sent until a chat is on screen',
  async run() {
    const [sent, libraries] = [await sentUntilShown(), await librariesAlone()]
    const kb = (bytes: number): number => bytes / 1_000
    const figures = (['gzip', 'br'] as const).flatMap((coding) => [
      { who: `libraries alone, ${coding}`, value: kb(libraries[coding]), unit: 'KB', ratio: null },
      { who: `needed for it, ${coding}`, value: kb(sent.needed[coding]), unit: 'KB', ratio: sent.needed[coding] / libraries[coding] },
      { who: `with what comes behind, ${coding}`, value: kb(sent.all[coding]), unit: 'KB', ratio: sent.all[coding] / libraries[coding] },
    ])
    return { figures, goals: [atMost('KB needed, gzipped', kb(sent.needed.gzip), MOST_KB)] }
  },
}

/** By somebody who is logged in already, without a worker that would load the rest behind the page. */
async function sentUntilShown(): Promise<{ needed: Bytes; all: Bytes }> {
  await using skein = await createSkein()
  const chat = await skein.prepare(async (storage) => {
    const people = [await skein.person(storage, 0), await skein.person(storage, 1)]
    const { id } = await skein.chat(storage, people)
    await fillChat(storage, id, people, 100, 100)
    return id
  })
  await using server = await skein.start()
  const browser = await openBrowser()
  try {
    const { page } = await openScreen(browser, server, 0, { serviceWorkers: 'block' })
    await showChat(page, chat)
    const asked: string[] = []
    const shown = Promise.withResolvers<void>()
    const behind = page.waitForResponse(LATE)
    await page.route(LATE, async (route) => {
      await shown.promise
      await route.continue()
    })
    page.on('request', (request) => void (request.resourceType() === 'script' && asked.push(request.url())))
    await page.goto(`${server.origin}/#${chat}`)
    await page.reload()
    await page.getByRole('article').last().waitFor()
    shown.resolve()
    await behind
    const needed: Bytes = { gzip: 0, br: 0 }
    const all: Bytes = { gzip: 0, br: 0 }
    for (const coding of ['gzip', 'br'] as const)
      for (const url of new Set(asked)) {
        const { headers } = await fetch(url, { method: 'HEAD', headers: { 'accept-encoding': coding } })
        const bytes = Number(headers.get('content-length'))
        all[coding] += bytes
        if (!LATE.test(url)) needed[coding] += bytes
      }
    return { needed, all }
  } finally {
    await browser.close()
  }
}

/** As the same build has them, in a file of their own. */
async function librariesAlone(): Promise<Bytes> {
  const result = await build({
    root: client,
    configFile: `${client}/vite.config.ts`,
    mode: 'production',
    logLevel: 'error',
    build: {
      write: false,
      rolldownOptions: {
        output: { codeSplitting: { includeDependenciesRecursively: false, groups: [{ name: 'libraries', test: isFirst, priority: 1 }] } },
      },
    },
  })
  const outputs = [result].flat() as Rolldown.RolldownOutput[]
  const chunk = outputs.flatMap(({ output }) => output).find(({ name }) => name === 'libraries')
  if (chunk?.type !== 'chunk') throw new Error('The build has no libraries')
  return { gzip: gzipSync(chunk.code, { level: 9 }).length, br: brotliCompressSync(chunk.code).length }
}

/** What is loaded when it is first used counts nowhere. */
const isFirst = (id: string): boolean =>
  /node_modules/.test(id) && !/node_modules\/(?:marked|emojilib|unicode-emoji-json|cldr-annotations-full|@lit-labs\/virtualizer\/.*flow)/.test(id)

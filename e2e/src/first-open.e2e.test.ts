// What a browser loads before a chat is on its screen.
import { describe, expect, test } from 'vitest'
import { Person } from './person.ts'
import { useStage } from './stage.ts'

/** JavaScript until a chat is on screen, in bytes as sent. */
const MOST_BYTES = { gzip: 80_000, br: 72_500 }
/** What comes behind it: the half of the engine that talks to the server. */
const LATE = /\/online-[\w-]+\.js$/

describe('the first open', () => {
  const stage = useStage()

  test('embedding 1: a chat is on screen with no more JavaScript than this, packed; what makes it live may come later', async () => {
    // A worker would load the rest of the app behind the page and answer from its cache.
    const ann = await Person.arrive(stage.browser, stage.world.origin, 'Ann', { serviceWorkers: 'block' })
    await ann.createAccount()
    const ben = await Person.arrive(stage.browser, stage.world.origin, 'Ben')
    await ben.createAccount()
    await ann.openChat('Ben')
    await ann.send('hello there')
    const { page } = ann

    const asked: string[] = []
    page.on('request', (request) => void (request.resourceType() === 'script' && asked.push(request.url())))
    const shown = Promise.withResolvers<void>()
    const held: string[] = []
    await page.route(LATE, async (route) => {
      held.push(route.request().url())
      await shown.promise
      await route.continue()
    })
    await page.reload()
    await ann.message('hello there').waitFor()
    // V4, in the built sheet: the initial values of custom properties stand below what uses them.
    const initials = page.locator('chat-avatar [data-initials]').first()
    expect(await initials.evaluate((one) => getComputedStyle(one, '::before').content)).toMatch(/^(?:attr\(|"[A-Z])/)
    const scripts = asked.filter((url) => !LATE.test(url))
    expect(scripts.length).toBeGreaterThan(1)
    // What is written meanwhile goes out once the rest is there.
    await ann.send('and again')
    await ann.sees('and again', 'Queued')
    expect(held.length).toBeGreaterThan(0)
    shown.resolve()
    await ann.sees('and again', 'Sent')

    const sent = { gzip: 0, br: 0 }
    for (const coding of ['gzip', 'br'] as const)
      for (const url of scripts) {
        const { headers } = await fetch(url, { method: 'HEAD', headers: { 'accept-encoding': coding } })
        expect([url, headers.get('content-encoding')]).toEqual([url, coding])
        sent[coding] += Number(headers.get('content-length'))
      }
    expect(sent.gzip).toBeLessThanOrEqual(MOST_BYTES.gzip)
    expect(sent.br).toBeLessThanOrEqual(MOST_BYTES.br)
    expect(ann.complaints).toEqual([])
  })
})

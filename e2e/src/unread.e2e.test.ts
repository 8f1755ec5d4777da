// Coming to a chat with more unread messages than fit on the screen, on a real server.
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Person } from './person.ts'
import { program } from './program.ts'
import { openBrowser, openWorld, type World } from './world.ts'

describe('many unread messages', () => {
  let world: World
  let browser: Browser
  beforeAll(async () => {
    world = await openWorld()
    browser = await openBrowser()
  })
  afterAll(async () => {
    await browser.close()
    await world[Symbol.asyncDispose]()
  })

  test('UX 12: a chat opens at the first of them; only what is shown counts as seen', async () => {
    const ben = await Person.arrive(browser, world.origin, 'Ben')
    await ben.createAccount()
    const ada = await Person.arrive(browser, world.origin, 'Ada')
    await ada.createAccount()
    await ben.openChat('Ada')
    await ben.send('Read before')
    await ada.openChat('Ben')
    await ada.message('Read before').waitFor()
    await ben.sees('Read before', 'Seen')
    await ben.page.close()
    await ada.page.goto(world.origin)
    const list = ada.page.getByRole('list', { name: 'Chats' })
    await list.getByRole('button', { name: /^Ben/ }).waitFor()

    const call = await program(world.origin, ben.email)
    const { chats } = (await call('/chats')) as { chats: { id: string }[] }
    for (let n = 1; n <= 60; n++) await call(`/chats/${chats[0]?.id}/messages`, { text: `Unread number ${n}.` })
    await list.getByRole('button', { name: /^Ben.*60 unread/ }).waitFor()
    await ada.openChat('Ben')

    const log = ada.page.getByRole('log', { name: 'Messages' })
    await log.getByText('New messages').waitFor()
    await ada.message('Unread number 1.').waitFor()
    expect(await ada.message('Unread number 60.').count()).toBe(0)
    const latest = ada.page.getByRole('button', { name: /^Jump to latest, (4|5)\d new/ })
    await latest.waitFor()
    await latest.click()
    await ada.message('Unread number 60.').waitFor()
    await ada.page.getByRole('button', { name: /^Jump to latest/ }).waitFor({ state: 'detached' })
    expect(ada.complaints).toEqual([])
  })
})

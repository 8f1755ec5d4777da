// P4, L4: a page of another origin, with people and an issuer of its own, embeds <chat-app>; the server, its key and the issuer are real processes.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { spawnIssuer, spawnServer, spawnUser } from '@skein/testing'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDevPages, type DevPages } from './dev-page.suite.ts'

describe('a page that embeds the chat', () => {
  let pages: DevPages
  let folder = ''
  const open = new AsyncDisposableStack()
  let home = ''
  let url = ''
  let serverKey = ''
  beforeAll(async () => {
    pages = open.use(await openDevPages())
    folder = mkdtempSync(join(tmpdir(), 'skein-host-'))
    home = await open.use(spawnIssuer()).ready()
    const env = {
      DATA_DIR: folder,
      SKEIN_DEMO: '0',
      ISSUER: 'https://embedder.example',
      ISSUER_AUDIENCE: 'chat',
      ISSUER_JWKS_URL: `${home}/jwks.json`,
      CORS_ORIGINS: pages.origin,
    }
    const making = open.use(spawnUser(env, ['key', 'Back office']))
    serverKey = (await making.line(/^(skein_\S+)$/m))[1] ?? ''
    await making.exit
    url = await open.use(spawnServer(env)).ready()
  })
  afterAll(async () => {
    await open.disposeAsync()
    rmSync(folder, { recursive: true, force: true })
  })

  async function office(path: string, body: object): Promise<Record<string, { id: string }>> {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${serverKey}` }
    return (await (await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) })).json()) as Record<string, { id: string }>
  }
  /** What the page's own server answers. Mallory's tokens are for another shop. */
  async function tokenOf(sub: string): Promise<string> {
    const iat = Math.floor(Date.now() / 1000)
    const claims = { iss: 'https://embedder.example', aud: sub === 'mallory' ? 'shop' : 'chat', iat, exp: iat + 600, sub }
    const answer = await fetch(`${home}/sign`, { method: 'POST', body: JSON.stringify(claims) })
    return ((await answer.json()) as { token: string }).token
  }
  async function visit(): Promise<{ page: Page; failures: string[]; logIn(person: string): Promise<void> }> {
    const { page, failures } = await pages.open(`?server=${encodeURIComponent(url)}`, {}, 'host.html')
    await page.route('**/session-token?*', async (route) => {
      const sub = new URL(route.request().url()).searchParams.get('sub') ?? ''
      await route.fulfill({ contentType: 'text/plain', body: await tokenOf(sub) })
    })
    const logIn = async (person: string): Promise<void> => {
      await page.getByLabel('Log in as').fill(person)
      await page.getByRole('button', { name: 'Enter' }).click()
    }
    return { page, failures, logIn }
  }
  const inChats = (page: Page, name: string) => page.getByRole('list', { name: 'Chats' }).getByRole('button', { name: new RegExp(`^${name}`) })
  const said = (page: Page, text: string) => page.getByRole('article').filter({ hasText: text })
  async function say(page: Page, text: string): Promise<void> {
    await page.getByRole('textbox', { name: 'Message' }).fill(text)
    await page.getByRole('button', { name: 'Send' }).click()
    await said(page, text).waitFor()
  }

  test('promise 1, W7: its people talk in the chat that the server key made, offline and back; another person sees nothing of it, and a refused token says so', async () => {
    const people = [
      ['ida', 'Ida Noddack'],
      ['otto', 'Otto Berg'],
      ['eve', 'Eve'],
    ] as const
    const ids: string[] = []
    for (const [subject, name] of people) ids.push((await office('/api/users', { subject, name }))['user']?.id ?? '')
    await office('/api/chats', { memberIds: ids.slice(0, 2) })

    const a = await visit()
    await a.page.getByText('Log in to this page to open your chats.').waitFor()
    await a.logIn('ida')
    await inChats(a.page, 'Otto Berg').click()
    await say(a.page, 'hello')
    const b = await visit()
    await b.logIn('otto')
    await inChats(b.page, 'Ida Noddack').click()
    await said(b.page, 'hello').waitFor()
    await say(b.page, 'hello yourself')
    await said(a.page, 'hello yourself').waitFor()
    // Coming and going is the page's.
    await a.page.getByRole('button', { name: 'Account', exact: true }).click()
    await a.page.getByText('Ida Noddack').last().waitFor()
    expect(await a.page.getByRole('button', { name: 'Log out' }).count()).toBe(0)
    expect(await a.page.getByLabel('Password').count()).toBe(0)
    await a.page.keyboard.press('Escape')

    await a.page.context().setOffline(true)
    await say(a.page, 'from the train')
    await said(a.page, 'from the train').filter({ hasText: 'Queued' }).waitFor()
    await a.page.context().setOffline(false)
    await said(b.page, 'from the train').waitFor()
    await said(a.page, 'from the train').filter({ hasText: 'Seen' }).waitFor()

    await a.logIn('eve')
    await inChats(a.page, 'Otto Berg').waitFor({ state: 'detached' })
    await a.page.getByText('Choose a chat on the left').waitFor()
    expect(await a.page.getByRole('article').count()).toBe(0)
    // Back where there is no network: what this device holds of them is there at once.
    await a.page.context().setOffline(true)
    await a.logIn('ida')
    await inChats(a.page, 'Otto Berg').click()
    await said(a.page, 'from the train').waitFor()
    await a.page.context().setOffline(false)

    await a.logIn('mallory')
    const alert = a.page.getByRole('alert').filter({ hasText: 'does not accept this page’s login' })
    await alert.waitFor()
    await a.page.getByText('identity-refused', { exact: true }).waitFor()
    expect([await a.page.getByRole('article').count(), await a.page.getByLabel('Password').count()]).toEqual([0, 0])
    await a.page.getByRole('button', { name: 'Leave' }).click()
    await a.page.getByText('Log in to this page to open your chats.').waitFor()
    expect([a.failures, b.failures]).toEqual([[], []])
    for (const { page } of [a, b]) await page.context().close()
  })

  test('the page of docs/embedding.md logs its person in, and nobody without a token', async () => {
    const { page, failures } = await pages.open('', {}, 'host.html')
    await page.route('**/dev/example.html', async (route) => {
      const answer = await route.fetch()
      await route.fulfill({ response: answer, body: (await answer.text()).replace('https://chat.example.org', url) })
    })
    let person = 'ida'
    await page.route('**/session-token', async (route) =>
      person ? route.fulfill({ contentType: 'text/plain', body: await tokenOf(person) }) : route.fulfill({ status: 401 }),
    )
    await page.context().addCookies([{ name: 'person', value: person, url: pages.origin }])
    await page.goto(`${pages.origin}/dev/example.html`)
    await page.getByRole('list', { name: 'Chats' }).waitFor()
    person = ''
    await page.context().clearCookies()
    await page.reload()
    await page.getByText('Log in to this page to open your chats.').waitFor()
    expect(failures).toEqual([])
    await page.context().close()
  })

  test('attack 40: a server that is none is told, elements that come and go close their engines, and moving one does not', async () => {
    const { page, failures, logIn } = await visit()
    await logIn('ida')
    await page.getByRole('list', { name: 'Chats' }).waitFor()
    const survives = await page.evaluate(async () => {
      const app = document.querySelector('chat-app')
      const engine = app && 'engine' in app ? app.engine : null
      const box = document.createElement('div')
      document.body.append(box)
      if (app) box.append(app)
      await Promise.resolve()
      return engine !== null && app !== null && 'engine' in app && app.engine === engine
    })
    expect(survives).toBe(true)
    const left = await page.evaluate(async () => {
      const app = document.querySelector('chat-app')
      app?.remove()
      await Promise.resolve()
      const gone = app && 'engine' in app ? app.engine : null
      for (let n = 0; n < 20; n++) {
        const one = Object.assign(document.createElement('chat-app'), { server: 'http://127.0.0.1:9', subject: 'nobody' })
        document.body.append(one)
        await Reflect.get(one, 'updateComplete')
        one.remove()
        await Promise.resolve()
        if (Reflect.get(one, 'engine') !== undefined) return 'an engine is left'
      }
      return gone
    })
    expect(left ?? null).toBeNull()
    // A page that knows its people later than its elements.
    await page.evaluate((server) => {
      const app = Object.assign(document.createElement('chat-app'), { server })
      document.body.append(app)
    }, url)
    await page.getByText('Log in to this page to open your chats.').waitFor()
    await page.evaluate((token) => Object.assign(document.querySelector('chat-app') ?? {}, { getToken: async () => token }), await tokenOf('ida'))
    await page.getByRole('list', { name: 'Chats' }).waitFor()
    for (const server of ['javascript:alert(1)', 'ftp://example.org', 'data:text/html,x']) {
      await page.evaluate((address) => {
        document.querySelector('chat-app')?.remove()
        document.body.append(Object.assign(document.createElement('chat-app'), { server: address }))
      }, server)
      await page.getByRole('alert').filter({ hasText: 'has no address that begins with https://' }).waitFor()
    }
    expect(failures).toEqual([])
    await page.context().close()
  })
})

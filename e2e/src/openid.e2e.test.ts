// P3 with a real browser, a real server and a real OpenID provider beside it: coming in by the button, on a desktop and on a phone, and what goes wrong in words.
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { providerSettings, spawnProvider, type SpawnedProcess } from '@skein/testing'
import { Person } from './person.ts'
import { openBrowser, openWorld, type World } from './world.ts'

describe('log-in by an OpenID provider', () => {
  let provider: SpawnedProcess
  let world: World
  let browser: Browser
  beforeAll(async () => {
    provider = spawnProvider()
    const issuer = await provider.ready()
    const people = {
      ida: { name: 'Ida', email: 'ida@example.org', email_verified: true },
      taken: { name: 'Eve of the provider', email: 'eve@example.org', email_verified: true },
    }
    await fetch(`${issuer}/plan`, { method: 'POST', body: JSON.stringify({ people }) })
    world = await openWorld(providerSettings(issuer))
    browser = await openBrowser()
  })
  afterAll(async () => {
    await browser.close()
    await world[Symbol.asyncDispose]()
    await provider[Symbol.asyncDispose]()
  })

  async function decide({ page }: Person, sub: string, button: 'Log in' | 'Cancel'): Promise<void> {
    await page.getByRole('button', { name: 'Continue with Example' }).click()
    await page.getByRole('heading', { name: 'Example log-in' }).waitFor()
    await page.getByLabel('Who are you?').fill(sub)
    await page.getByRole('button', { name: button }).click()
  }

  for (const [kind, viewport] of [
    ['a desktop', { width: 1280, height: 800 }],
    ['a phone', { width: 390, height: 844 }],
  ] as const)
    test(`P3: on ${kind} somebody clicks through, is in, and stays in over a reload`, async () => {
      const ida = await Person.arrive(browser, world.origin, 'Ida', { viewport })
      const { page } = ida
      await decide(ida, 'ida', 'Log in')
      await page.getByRole('button', { name: 'Account' }).click()
      await page.getByText('ida@example.org').waitFor()
      expect(page.url()).toBe(`${world.origin}/`)
      await page.reload()
      await page.getByRole('button', { name: 'Account' }).waitFor()
      expect(ida.complaints).toEqual([])
      await ida.context.close()
    })

  test('P3: what was called off, and an account that is not known to be theirs, are told in words; the form works on', async () => {
    const eve = await Person.arrive(browser, world.origin, 'Eve')
    await eve.createAccount()
    const other = await Person.arrive(browser, world.origin, 'Other')
    const { page } = other
    await decide(other, '', 'Cancel')
    await page.getByRole('alert').filter({ hasText: 'The log-in was called off.' }).waitFor()
    expect(page.url()).toBe(`${world.origin}/`)
    await decide(other, 'taken', 'Log in')
    await page.getByRole('alert').filter({ hasText: 'There is an account with your email already.' }).waitFor()
    await other.logIn(eve.email)
    for (const one of [eve, other]) expect(one.complaints).toEqual([])
  })

  test('promise 8: an address alone logs nobody in by the cookie that somebody left behind', async () => {
    const mia = await Person.arrive(browser, world.origin, 'Mia')
    await mia.createAccount()
    const { page } = mia
    // As after logging out without a network: the person is forgotten, the cookie is not.
    await page.goto(`${world.origin}/api/docs`)
    await page.evaluate(async () => {
      for (const { name } of await indexedDB.databases()) {
        if (!name) continue
        await new Promise((resolve, reject) => {
          const gone = indexedDB.deleteDatabase(name)
          gone.onsuccess = resolve
          gone.onerror = () => reject(new Error('it cannot be deleted'))
        })
      }
    })
    await page.goto(`${world.origin}/?oidc=entered`)
    await page.getByLabel('Email', { exact: true }).waitFor()
    expect(await page.getByRole('button', { name: 'Account', exact: true }).count()).toBe(0)
    expect(page.url()).toBe(`${world.origin}/`)
    await mia.context.close()
  })

  test('P3: whose session has ended comes back by the button', async () => {
    const ida = await Person.arrive(browser, world.origin, 'Ida')
    const { page } = ida
    await decide(ida, 'ida', 'Log in')
    await page.getByRole('button', { name: 'Account' }).waitFor()
    await ida.context.clearCookies()
    await page.reload()
    await page.getByRole('form', { name: 'Log in again' }).waitFor()
    await decide(ida, 'ida', 'Log in')
    await page.getByRole('button', { name: 'Account' }).waitFor()
    await page.getByRole('form', { name: 'Log in again' }).waitFor({ state: 'detached' })
    expect(ida.complaints).toEqual([])
  })
})

// P4 with a real server and a real mail in between: a confirmed email, a forgotten password, an invitation.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { spawnUser } from '@skein/testing'
import { Person } from './person.ts'
import { useStage } from './stage.ts'

describe('links from mails', () => {
  const stage = useStage({ REGISTRATION: 'invite' })

  async function invitation(): Promise<string> {
    const { port } = new URL(stage.world.origin)
    const env = { DATA_DIR: stage.world.dataDir, PORT: port, ...(stage.world.databaseUrl ? { DATABASE_URL: stage.world.databaseUrl } : {}) }
    await stage.world.stop()
    await using command = spawnUser(env, ['invite'])
    await command.exit
    await stage.world.start()
    return /^http\S+$/m.exec(command.output)?.[0] ?? ''
  }
  /** The link of the last mail whose link leads there. */
  async function mailed(path: 'reset' | 'confirm'): Promise<string> {
    const folder = join(stage.world.dataDir, 'mail')
    const find = (): string => {
      const texts = existsSync(folder) ? readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8')) : []
      return (
        texts.map((text) => new RegExp(`^${stage.world.origin}/${path}#token=[\\w-]{22}(?=\\r?$)`, 'm').exec(text)?.[0] ?? '').find(Boolean) ?? ''
      )
    }
    await expect.poll(find, { timeout: 30_000 }).not.toBe('')
    return find()
  }

  test('P4: an invitation, a confirmed email and a forgotten password lead where they should, and no token stays in the address', async () => {
    const link = await invitation()
    expect(link).toMatch(new RegExp(`^${stage.world.origin}/join#invite=`))
    const eve = await Person.arrive(stage.browser, link, 'Eve')
    const { page } = eve
    await page.getByText('You are invited.').waitFor()
    await page.getByLabel('Name').fill('Eve')
    await page.getByLabel('Email').fill(eve.email)
    await page.getByLabel('Password').fill('correct horse battery')
    await page.getByRole('button', { name: 'Create account' }).click()
    await page.getByRole('button', { name: 'Account' }).click()
    await page.getByText('Email not confirmed').waitFor()
    expect(page.url()).toBe(`${stage.world.origin}/`)

    await page.goto(await mailed('confirm'))
    await page.getByRole('button', { name: 'Confirm email' }).click()
    await page.getByRole('heading', { name: 'Your email is confirmed' }).waitFor()
    await page.getByRole('button', { name: 'Go to Skein' }).click()
    await page.getByRole('button', { name: 'Account' }).waitFor()
    expect(page.url()).toBe(`${stage.world.origin}/`)

    const elsewhere = await Person.arrive(stage.browser, stage.world.origin, 'Eve')
    const forgetful = elsewhere.page
    await forgetful.getByLabel('Email').fill(eve.email)
    await forgetful.getByRole('button', { name: 'Forgot password?' }).click()
    await forgetful.getByRole('button', { name: 'Send link' }).click()
    await forgetful.getByRole('heading', { name: 'Look into your mail' }).waitFor()
    await forgetful.goto(await mailed('reset'))
    await forgetful.getByLabel('New password').fill('another good phrase')
    await forgetful.getByRole('button', { name: 'Save password' }).click()
    await forgetful.getByRole('heading', { name: 'Your password is changed' }).waitFor()
    await forgetful.getByRole('button', { name: 'Log in' }).click()
    expect(forgetful.url()).toBe(`${stage.world.origin}/`)
    await elsewhere.logIn(eve.email, 'another good phrase')
    await forgetful.getByRole('button', { name: 'Account' }).click()
    expect(await forgetful.getByText('not confirmed').count()).toBe(0)
    // The device that was logged in before asks for the password.
    await page.getByRole('form', { name: 'Log in again' }).waitFor()
    for (const one of [eve, elsewhere]) expect(one.complaints).toEqual([])
  })
})

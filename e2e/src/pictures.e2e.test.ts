// Pictures of oneself and of a group, chosen from files, on a real server under its strict CSP: one person at a desk, the other on a phone.
import { describe, expect, test } from 'vitest'
import { Person } from './person.ts'
import { useStage } from './stage.ts'

/** On a busy machine. */
const patience = { timeout: 30_000 }

describe('pictures', () => {
  const stage = useStage()

  /** A photo as cameras make them: large, and wider than high. */
  async function photo({ page }: Person): Promise<{ name: string; mimeType: string; buffer: Buffer }> {
    const uri = await page.evaluate(() => {
      const canvas = Object.assign(document.createElement('canvas'), { width: 1600, height: 1000 })
      const context = canvas.getContext('2d')
      for (let x = 0; x < 1600; x++) {
        if (context) context.fillStyle = `hsl(${x / 5} 70% 50%)`
        context?.fillRect(x, 0, 1, 1000)
      }
      return canvas.toDataURL('image/png')
    })
    return { name: 'photo.png', mimeType: 'image/png', buffer: Buffer.from(uri.slice(uri.indexOf(',') + 1), 'base64') }
  }
  /** Sides of the pictures in one part of the page; 0: of one that is not loaded. */
  const sides = async ({ page }: Person, part: string): Promise<number[]> => {
    const images = page.locator(`${part} chat-avatar img`)
    return [...new Set(await images.evaluateAll((all) => all.map((image) => (image instanceof HTMLImageElement ? image.naturalWidth : 0))))]
  }

  test('P5: a picture of oneself is chosen and shown to others, also offline after a reload, and taken away again', async () => {
    const ida = await Person.arrive(stage.browser, stage.world.origin, 'Ida')
    await ida.createAccount()
    const jon = await Person.arrive(stage.browser, stage.world.origin, 'Jon', { viewport: { width: 390, height: 844 } })
    await jon.createAccount()
    await ida.openChat('Jon')
    await ida.send('Look at me')
    await jon.page.getByRole('button', { name: /^Ida/ }).waitFor()
    await ida.page.getByRole('button', { name: 'Account', exact: true }).click()
    await ida.page.getByRole('button', { name: 'Settings' }).click()
    const dialog = ida.page.getByRole('dialog', { name: 'Settings' })
    const file = dialog.getByLabel('Picture', { exact: true })
    await file.setInputFiles({ name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('words') })
    await dialog.getByText('This file cannot be shown as a picture.').waitFor()
    await file.setInputFiles(await photo(ida))
    await dialog.getByText('The picture was changed.').waitFor()
    await expect.poll(() => sides(ida, 'chat-settings'), patience).toEqual([256])
    await expect.poll(() => sides(ida, 'chat-account'), patience).toEqual([256])
    await expect.poll(() => sides(jon, 'chat-list'), patience).toEqual([256])
    await jon.installed()
    await jon.offline()
    await jon.page.reload()
    await jon.page.getByRole('button', { name: /^Ida/ }).click()
    await expect.poll(() => sides(jon, 'chat-window'), patience).toEqual([256])
    await jon.online()
    await dialog.getByRole('button', { name: 'Remove picture' }).click()
    await dialog.getByText('The picture was removed.').waitFor()
    expect(await dialog.getByRole('button', { name: 'Add a picture' }).evaluate((button) => button.matches(':focus'))).toBe(true)
    await expect.poll(() => sides(jon, 'chat-window'), patience).toEqual([])
    for (const one of [ida, jon]) expect(one.complaints).toEqual([])
  })

  test('C4: any member gives the group a picture; offline they are told, and nothing changes', async () => {
    const kim = await Person.arrive(stage.browser, stage.world.origin, 'Kim', { viewport: { width: 390, height: 844 } })
    await kim.createAccount()
    const leo = await Person.arrive(stage.browser, stage.world.origin, 'Leo')
    await leo.createAccount()
    await kim.page.getByRole('button', { name: 'New group' }).click()
    await kim.page.getByRole('checkbox', { name: /^Leo/ }).click()
    await kim.page.getByRole('button', { name: 'Next, with 1 person' }).click()
    await kim.page.getByLabel('Group name').fill('Painters')
    await kim.page.getByRole('button', { name: 'Create group' }).click()
    await kim.send('Here we are')
    await leo.openChat('Painters')
    await leo.page.getByRole('button', { name: 'Info about Painters' }).click()
    const info = leo.page.getByRole('complementary', { name: 'Group info' })
    await leo.offline()
    await info.getByLabel('Picture', { exact: true }).setInputFiles(await photo(leo))
    await info.getByRole('alert').filter({ hasText: 'server' }).waitFor()
    expect(await sides(leo, 'chat-info')).toEqual([])
    await leo.online()
    await expect
      .poll(async () => {
        await info.getByLabel('Picture', { exact: true }).setInputFiles(await photo(leo))
        return info.getByText('The picture was changed.').isVisible()
      }, patience)
      .toBe(true)
    await kim.page.getByText('changed the group’s picture').first().waitFor()
    await expect.poll(() => sides(kim, 'chat-window'), patience).toEqual([256])
    for (const one of [kim, leo]) expect(one.complaints).toEqual([])
  })
})

// What two people do in a conversation beyond plain words, one of them on a phone: also offline, and after a reload.
import { describe, expect, test } from 'vitest'
import { Person } from './person.ts'
import { useStage } from './stage.ts'

describe('a conversation', () => {
  const stage = useStage()

  test('UX 8, 14, 16: Markdown, a mention, an answer that leads to what is old, an edit by arrow up, and a link to a message, on a phone, offline and after a reload', async () => {
    const eve = await Person.arrive(stage.browser, stage.world.origin, 'Eve', { viewport: { width: 390, height: 844 } })
    await eve.createAccount()
    const fay = await Person.arrive(stage.browser, stage.world.origin, 'Fay')
    await fay.createAccount()
    await eve.openChat('Fay')
    await eve.send('The very first words')
    await fay.openChat('Eve')
    await fay.message('The very first words').waitFor()

    const field = fay.page.getByRole('textbox', { name: 'Message' })
    await field.pressSequentially('**Look**, @ev')
    await fay.page.getByRole('listbox', { name: 'People' }).waitFor()
    await field.press('Enter')
    await field.pressSequentially('`here`')
    await field.press('Enter')
    const looks = eve.message('Look')
    await looks.locator('strong').waitFor()
    expect([await looks.locator('code').innerText(), await looks.locator('[data-mention]').innerText()]).toEqual(['here', '@Eve'])

    await fay.message('The very first words').click({ button: 'right' })
    await fay.page.getByRole('menuitem', { name: 'Reply' }).click()
    await field.fill('An answer to it')
    await field.press('Enter')
    for (let n = 1; n <= 70; n++) {
      await field.fill(`Filler ${n}.`)
      await field.press('Enter')
    }
    await eve.message('Filler 70.').waitFor()

    // A fresh page has the newest page only; the rest of the way leads over what the device holds.
    await eve.installed()
    await eve.offline()
    await eve.page.reload()
    if (await eve.page.getByRole('list', { name: 'Chats' }).isVisible()) await eve.openChat('Fay')
    await eve.message('Filler 70.').waitFor()
    const mine = eve.page.getByRole('textbox', { name: 'Message' })
    await mine.fill('- one\n- two')
    await mine.press('Enter')
    await eve.message('one').locator('li').first().waitFor()
    await mine.press('ArrowUp')
    await mine.fill('- one\n- *three*')
    await mine.press('Enter')
    await eve.message('three').locator('em').waitFor()
    await eve.sees('three', 'Queued')
    await eve.online()
    await fay.message('three').locator('em').waitFor()

    // From the answer to what it answers and back, on the other screen, where it is pages away.
    await fay.page.reload()
    await fay.message('three').waitFor()
    const link = await fay.page.evaluate(() => location.href)
    const answered = await fay.page.evaluate(`(async () => {
      const { engine, chat } = document.querySelector('chat-app')
      const open = engine.openChat(chat)
      while (open.loading || open.hasOlder) await open.loadOlder()
      const { id } = open.items.find((item) => item.text === 'The very first words')
      open.close()
      return id
    })()`)
    await fay.page.goto(`${link.split('/').slice(0, 4).join('/')}/${String(answered)}`)
    await fay.message('The very first words').first().waitFor()
    const quote = fay.message('An answer to it').getByRole('button', { name: /The very first words/ })
    await quote.click()
    await fay.page.getByRole('button', { name: 'Back to where you were' }).click()
    await quote.waitFor()
    await fay.page.getByRole('button', { name: /^Jump to latest/ }).click()
    await fay.message('three').waitFor()
    expect(eve.complaints).toEqual([])
    expect(fay.complaints).toEqual([])
  })
})

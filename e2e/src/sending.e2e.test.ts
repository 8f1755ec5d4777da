// What people expect of writing: at once, with its state, never lost, and never half a word. On both screens, against a real server.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Person } from './person.ts'
import { program, type Call } from './program.ts'
import { screens } from './screens.ts'
import { useStage } from './stage.ts'

const patience = { timeout: 30_000 }

describe('writing', () => {
  const stage = useStage()

  describe.each(screens)('on a $screen', ({ screen, options }) => {
    let ann: Person
    let ben: Person
    /** Ann's other device, as a program. */
    let other: Call
    beforeAll(async () => {
      ann = await Person.arrive(stage.browser, stage.world.origin, `Ann${screen}`, options)
      ben = await Person.arrive(stage.browser, stage.world.origin, `Ben${screen}`, options)
      for (const person of [ann, ben]) await person.createAccount()
      await ann.openChat(ben.name)
      await ann.send('Hello')
      await ben.inList(ann.name).waitFor()
      other = await program(stage.world.origin, ann.email)
    })
    afterAll(async () => {
      expect([...ann.complaints, ...ben.complaints]).toEqual([])
      for (const person of [ann, ben]) await person.context.close()
    })

    const chatId = async (): Promise<string> => {
      const { chats } = (await other('/chats')) as { chats: { id: string; kind: string }[] }
      return chats.find(({ kind }) => kind === 'direct')?.id ?? expect.fail('There is no chat')
    }

    test('UX 1, 2: while the server answers nobody, the words stand in the list and the field is empty with the focus; then a clock, ✓, ✓✓, and in colour, with who', async () => {
      stage.world.pause()
      await ann.field.fill('Before anybody answers')
      await ann.submit()
      await ann.sees('Before anybody answers', 'Queued')
      expect([await ann.field.inputValue(), await ann.field.evaluate((field) => field.matches(':focus'))]).toEqual(['', true])
      stage.world.goOn()
      await ann.sees('Before anybody answers', 'Delivered')
      await ben.offline()
      await ann.send('To somebody who is away')
      await ann.sees('To somebody who is away', 'Sent')
      await ben.online()
      await ann.sees('To somebody who is away', 'Delivered')
      await ben.openChat(ann.name)
      await ann.sees('To somebody who is away', 'Seen')
      await ann.chooseOf(ann.message('To somebody who is away'), 'Details')
      const details = ann.page.getByRole('dialog', { name: 'Details' })
      await details.getByText('Seen by').waitFor()
      await details.getByText(ben.name).waitFor()
      await details.getByRole('button', { name: 'Close' }).click()
    })

    test('UX 8: Shift+Enter breaks the line, on a phone Enter does; arrow up edits the last message, Esc leaves, and an input method keeps its Enter', async () => {
      await ann.field.fill('One line')
      await ann.field.press(ann.isPhone ? 'Enter' : 'Shift+Enter')
      await ann.field.pressSequentially('and another')
      expect(await ann.field.inputValue()).toBe('One line\nand another')
      await ann.submit()
      await ben.message('and another').waitFor()

      await ann.field.press('ArrowUp')
      expect(await ann.field.inputValue()).toBe('One line\nand another')
      await ann.field.press('Escape')
      expect(await ann.field.inputValue()).toBe('')
      await ann.field.press('ArrowUp')
      await ann.field.fill('One line and no other')
      await ann.submit()
      await ben.message('One line and no other').waitFor()

      const session = await ann.context.newCDPSession(ann.page)
      await session.send('Input.imeSetComposition', { text: 'にほ', selectionStart: 2, selectionEnd: 2 })
      await ann.field.press('Enter')
      expect(await ann.message('にほ').count()).toBe(0)
      await session.send('Input.insertText', { text: '日本語' })
      await ann.submit()
      await ben.message('日本語').waitFor()
      expect(await ann.message('にほ').count()).toBe(0)
    })

    test('UX 15: a reaction by one press in the menu, with who; an edit says when; a deletion leaves a plain mark, and is taken back while it waits', async () => {
      await ann.send('To be answered')
      await ben.message('To be answered').waitFor()
      const menu = await ben.openMenu(ben.message('To be answered'))
      await menu.getByRole('menuitemcheckbox', { name: 'React with 👍' }).click()
      await ann
        .message('To be answered')
        .getByRole('button', { name: `1 from ${ben.name}` })
        .waitFor()
      await ann.chooseOf(ann.message('To be answered'), 'Edit')
      await ann.field.fill('Answered in other words')
      await ann.submit()
      await ben
        .message('Answered in other words')
        .getByTitle(/^Edited .*\d/)
        .waitFor()

      await ann.offline()
      const erase = async (): Promise<void> => {
        const entries = await ann.openMenu(ann.message('Answered in other words'))
        await entries.getByRole('menuitem', { name: 'Delete' }).click()
        await entries.getByRole('menuitem', { name: 'Delete for everyone?' }).click()
      }
      await erase()
      await ann.message('Answered in other words').getByRole('button', { name: 'Undo deletion' }).click()
      await ann.message('Answered in other words').getByText('edited').waitFor()
      await ann.online()
      await erase()
      for (const person of [ann, ben]) {
        await person.message('Message deleted').waitFor()
        expect(await person.message('Answered in other words').count()).toBe(0)
      }
    })

    test('UX 15, promise 1: what one deletes for oneself without a network can be taken back; it is gone over a reload and on one’s other device, and nobody else notices', async () => {
      const words = 'For one person less'
      const second = await Person.arrive(stage.browser, stage.world.origin, ann.name, options)
      await second.logIn()
      await second.openChat(ben.name)
      await ben.send(words)
      for (const person of [ann, second]) await person.message(words).waitFor()
      await ann.installed()
      await ann.offline()
      await ann.chooseOf(ann.message(words), 'Delete for me')
      await ann.page.getByRole('button', { name: 'Undo deletion' }).click()
      await ann.message(words).waitFor()
      await ann.chooseOf(ann.message(words), 'Delete for me')
      await ann.message(words).waitFor({ state: 'detached' })
      await ann.page.reload()
      await ann.messages.first().waitFor()
      expect([await ann.message(words).count(), await second.message(words).count()]).toEqual([0, 1])
      await ann.online()
      await second.message(words).waitFor({ state: 'detached' })
      await second.toList()
      await second.inList(ben.name).filter({ hasText: 'Message deleted' }).waitFor()
      await second.context.close()
      expect(await ben.message(words).count()).toBe(1)
    })

    test('UX 17: typing is one line, and ends by itself', async () => {
      await ann.field.pressSequentially('Still thin')
      const typing = ben.page.getByText('typing…')
      await typing.waitFor()
      expect(await typing.count()).toBe(1)
      await typing.waitFor({ state: 'detached' })
      expect(await ann.field.inputValue()).toBe('Still thin')
      await ann.field.fill('')
    })

    test('UX 4: a refused message keeps its words and says why, with Copy, Edit, Retry and Discard; a refused edit keeps its words beside the message', async () => {
      await ben.page.getByRole('button', { name: 'Chat options' }).click()
      await ben.page.getByRole('menuitem', { name: 'Block' }).click()
      await ben.page.getByRole('dialog').getByRole('button', { name: 'Block' }).click()
      await ben.page.getByRole('dialog').waitFor({ state: 'hidden' })
      for (const text of ['Refused, then changed', 'Refused, then thrown away']) {
        await ann.field.fill(text)
        await ann.submit()
        await ann.page.getByText('One of you has blocked the other.').last().waitFor()
      }
      const log = ann.page.getByRole('log', { name: 'Messages' })
      const one = (text: string) => log.locator('chat-message').filter({ hasText: text })
      await one('Refused, then thrown away').getByRole('button', { name: 'Discard' }).click()
      await one('Refused, then thrown away').waitFor({ state: 'detached' })

      await ben.page.getByRole('button', { name: 'Chat options' }).click()
      await ben.page.getByRole('menuitem', { name: 'Unblock' }).click()
      await ben.page.getByRole('dialog').getByRole('button', { name: 'Unblock' }).click()
      await ben.page.getByRole('dialog').waitFor({ state: 'hidden' })
      await ann.context.grantPermissions(['clipboard-read', 'clipboard-write'])
      await one('Refused, then changed').getByRole('button', { name: 'Copy' }).click()
      await expect.poll(() => ann.page.evaluate(() => navigator.clipboard.readText()), patience).toBe('Refused, then changed')
      await one('Refused, then changed').getByRole('button', { name: 'Edit' }).click()
      await ann.field.fill('Taken in other words')
      await ann.submit()
      await ben.message('Taken in other words').waitFor()

      // The other device deletes what this one edits without a network.
      await ann.offline()
      await ann.chooseOf(ann.message('Taken in other words'), 'Edit')
      await ann.field.fill('Words that come too late')
      await ann.submit()
      const chat = await chatId()
      const { messages } = (await other(`/chats/${chat}/messages?limit=5`)) as { messages: { id: string; text: string }[] }
      const { id } = messages.find(({ text }) => text === 'Taken in other words') ?? expect.fail('The message is not there')
      await other(`/chats/${chat}/messages/${id}`, undefined, 'DELETE')
      await ann.online()
      const refused = ann.page.getByRole('list', { name: 'Changes that were not taken' })
      await refused.getByText('Your edit was not taken. The message was deleted in the meantime.').waitFor()
      await refused.getByText('Words that come too late').waitFor()
      await refused.getByRole('button', { name: 'Discard' }).click()
      await refused.waitFor({ state: 'detached' })
    })

    test('UX 9: a draft stays with its chat, stands in the list, and comes to the other device', async () => {
      const second = await Person.arrive(stage.browser, stage.world.origin, ann.name, options)
      await second.logIn()
      await ann.field.pressSequentially('Half a thought')
      await second
        .inList(ben.name)
        .filter({ hasText: /Draft:\s+Half a thought/ })
        .waitFor()
      await second.openChat(ben.name)
      await expect.poll(() => second.field.inputValue(), patience).toBe('Half a thought')
      await ann.page.reload()
      await expect.poll(() => ann.field.inputValue(), patience).toBe('Half a thought')
      await second.context.close()
    })

    test('UX 16, 18, 24: in a group, words of one person stand under one name, a mention completes and has its badge, and several messages are copied and forwarded', async () => {
      await ann.toList()
      await ben.toList()
      await ben.page.goto(stage.world.origin)
      await ann.page.getByRole('button', { name: 'New group' }).click()
      await ann.page.getByRole('checkbox', { name: new RegExp(`^${ben.name}`) }).click()
      await ann.page.getByRole('button', { name: 'Next, with 1 person' }).click()
      await ann.page.getByLabel('Group name').fill(`Crew ${screen}`)
      await ann.page.getByRole('button', { name: 'Create group' }).click()
      await ann.page.getByRole('region', { name: `Chat with Crew ${screen}` }).waitFor()
      for (const text of ['First of three', 'Second of three', 'Third of three']) await ann.send(text)
      await ben
        .inList(`Crew ${screen}`)
        .filter({ hasText: /3\s+unread/ })
        .waitFor()
      expect(await ben.inList(`Crew ${screen}`).getByText('you are mentioned').count()).toBe(0)
      await ann.field.pressSequentially(`@${ben.name.slice(0, 4).toLowerCase()}`)
      await ann.page.getByRole('listbox', { name: 'People' }).getByRole('option', { name: ben.name }).waitFor()
      await ann.field.press('Enter')
      await ann.field.pressSequentially('look')
      await ann.submit()
      await ben.inList(`Crew ${screen}`).getByText('you are mentioned').waitFor()

      await ben.openChat(`Crew ${screen}`)
      const mention = ben.message('look').locator('[data-mention]')
      expect(await mention.innerText()).toBe(`@${ben.name}`)
      for (const [text, times] of [
        ['First of three', 1],
        ['Second of three', 0],
      ] as const)
        expect(await ben.message(text).getByText(ann.name, { exact: true }).count()).toBe(times)
      expect(await ben.message('Second of three').getAttribute('aria-label')).toMatch(new RegExp(`^${ann.name}, .*\\d{4}.*\\d:\\d\\d`))

      await ben.context.grantPermissions(['clipboard-read', 'clipboard-write'])
      const bar = ben.page.getByRole('toolbar', { name: 'Selected messages' })
      const selectTwo = async (): Promise<void> => {
        await ben.chooseOf(ben.message('First of three'), 'Select')
        await ben.message('Third of three').click()
        await bar.getByText('2 messages selected').waitFor()
      }
      await selectTwo()
      await bar.getByRole('button', { name: 'Copy' }).click()
      await expect.poll(() => ben.page.evaluate(() => navigator.clipboard.readText()), patience).toMatch(/First of three[^]*Third of three/)
      await selectTwo()
      await bar.getByRole('button', { name: 'Forward' }).click()
      const dialog = ben.page.getByRole('dialog', { name: 'Forward to' })
      await dialog.getByRole('button', { name: new RegExp(`^${ann.name}`) }).click()
      await dialog.getByText('Forwarded').waitFor()
      await dialog.getByRole('button', { name: 'Close' }).click()
      await ben.page.keyboard.press('Escape')
      await ann.toList()
      await ann.openChat(ben.name)
      await ann.message('Third of three').getByText('Forwarded').waitFor()
      await ann.expectOrder(['First of three', 'Third of three'])
      const selected = ann.page.getByRole('toolbar', { name: 'Selected messages' })
      await ann.chooseOf(ann.message('One line and no other'), 'Select')
      await ann.message('日本語').click()
      await selected.getByRole('button', { name: 'Delete' }).click()
      await selected.getByRole('button', { name: 'Delete for everyone?' }).click()
      await ann.message('日本語').waitFor({ state: 'detached' })
    })
  })
})

// A group from its making to its leaving, by two people on a real server, one of them on a phone.
import { describe, expect, test } from 'vitest'
import { Person } from './person.ts'
import { useStage } from './stage.ts'

describe('a group', () => {
  const stage = useStage()

  test('C4: it is made, joined by a link by somebody without an account, renamed, muted offline, and left', async () => {
    const ann = await Person.arrive(stage.browser, stage.world.origin, 'Ann')
    await ann.createAccount()
    const cleo = await Person.arrive(stage.browser, stage.world.origin, 'Cleo')
    await cleo.createAccount()

    await ann.page.getByRole('button', { name: 'New group' }).click()
    await ann.page.getByRole('checkbox', { name: /^Cleo/ }).click()
    await ann.page.getByRole('button', { name: 'Next, with 1 person' }).click()
    await ann.page.getByLabel('Group name').fill('Crew')
    await ann.page.getByRole('button', { name: 'Create group' }).click()
    await ann.send('Welcome aboard')
    await ann.page.getByRole('button', { name: 'Info about Crew' }).click()
    await ann.page.getByRole('button', { name: 'Make a link' }).click()
    const link = await ann.page.getByRole('textbox', { name: 'Invite link' }).inputValue()
    expect(link.startsWith(`${stage.world.origin}/#join=`)).toBe(true)

    const ben = await Person.arrive(stage.browser, link, 'Ben', { viewport: { width: 390, height: 844 } })
    await ben.page.getByText('You are invited to a group.').waitFor()
    expect(ben.page.url()).toBe(`${stage.world.origin}/`)
    await ben.page.getByRole('button', { name: 'Create account' }).click()
    await ben.page.getByLabel('Name').fill('Ben')
    await ben.page.getByLabel('Email').fill(ben.email)
    await ben.page.getByLabel('Password').fill('correct horse battery')
    await ben.page.getByRole('button', { name: 'Create account' }).click()
    await ben.page.getByRole('button', { name: 'Join group' }).click()
    await ben.page.getByRole('button', { name: 'Info about Crew' }).waitFor()
    await ben.page.getByText(/^3 members: /).waitFor()
    await ben.send('Thank you')
    await ann.message('Thank you').waitFor()
    await ann.page.getByRole('list', { name: '3 members' }).getByText('Ben').waitFor()

    await ann.page.getByRole('button', { name: 'Rename group' }).click()
    await ann.page.getByRole('textbox', { name: 'Group name' }).fill('Boat')
    await ann.page.keyboard.press('Enter')
    await ben.page.getByRole('button', { name: 'Info about Boat' }).waitFor()
    await cleo.page.getByRole('button', { name: /^Boat/ }).waitFor()

    // Muted without a network, it stays so over a reload, and reaches the server.
    await ben.installed()
    await ben.offline()
    await ben.page.getByRole('button', { name: 'Chat options' }).click()
    await ben.page.getByRole('menuitem', { name: 'Mute' }).click()
    await ben.page.getByRole('menuitem', { name: 'Always' }).click()
    // What is shown is on the disk.
    await ben.page.getByRole('button', { name: 'Back to chats' }).click()
    await ben.page.getByRole('button', { name: /^Boat muted/ }).waitFor()
    await ben.page.reload()
    await ben.page.getByRole('button', { name: /^Boat muted/ }).waitFor()
    await ben.online()
    const other = await Person.arrive(stage.browser, stage.world.origin, 'Ben')
    await other.logIn()
    await other.page.getByRole('button', { name: /^Boat muted/ }).waitFor()

    await other.openChat('Boat')
    await other.page.getByRole('button', { name: 'Chat options' }).click()
    await other.page.getByRole('menuitem', { name: 'Leave group' }).click()
    await other.page.getByRole('dialog').getByRole('button', { name: 'Leave group' }).click()
    for (const { page } of [other, ben]) await page.getByText('You are no longer in this chat').first().waitFor()
    await ann.page.getByRole('list', { name: '2 members' }).waitFor()
    for (const one of [ann, ben, cleo, other]) expect(one.complaints).toEqual([])
  })
})

import type { ChatItem, Person } from '@skein/engine'
import { describe, expect, test } from 'vitest'
import { linkText, memberRows } from './groups.ts'
import { membersLine } from './people.ts'

type Member = ChatItem['members'][number]
const member = (id: string, name: string, mayInvite = false, mayRemove = false): Member => ({
  id: id as Member['id'],
  name,
  picture: null,
  mayInvite,
  mayRemove,
})
const members = [member('b', 'Zoe', true), member('m', 'Me', true, true), member('a', 'Ada')]
const me = 'm' as Member['id']

describe('a group', () => {
  test('the line under its name counts everybody and names the others, unless its name does', () => {
    expect(membersLine({ title: 'Crew', members }, me)).toBe('3 members: Zoe, Ada')
    expect(membersLine({ title: 'Zoe, Ada', members }, me)).toBe('3 members')
    expect(membersLine({ title: 'Crew', members: [member('m', 'Me')] }, me)).toBe('1 member')
  })
  test('members: oneself first, then by name, with what they may and whether they are there; offline nobody knows', () => {
    const people = [{ id: 'a', name: 'Ada', avatarUrl: null, online: true, lastSeenAt: null }] as unknown as Person[]
    const rows = memberRows({ members }, { id: me, picture: 'mine.jpg' }, people, 0)
    expect(rows.map(({ name, picture, own, may, presence }) => [name, picture, own, may, presence])).toEqual([
      ['Me', 'mine.jpg', true, 'Can invite and remove', ''],
      ['Ada', null, false, '', 'online'],
      ['Zoe', null, false, 'Can invite', ''],
    ])
    expect(memberRows({ members }, { id: me, picture: null }, null, 0).map(({ online }) => online)).toEqual([false, false, false])
  })
  test('a link says when it ends and how many came by it', () => {
    const expiresAt = new Date(2026, 11, 3, 14, 2).getTime()
    expect(linkText({ expiresAt, uses: 2, maxUses: null })).toMatch(/^Ends on .*3.* at .* · 2 joined$/)
    expect(linkText({ expiresAt, uses: 2, maxUses: 5 })).toMatch(/ · 2 of 5 joined$/)
  })
})

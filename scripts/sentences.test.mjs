// The check of sentences is proved on planted faults; `npm run verify` runs it on the project.
import { describe, expect, test } from 'vitest'
import { checkSentences } from './sentences.mjs'
import { parseSource } from './sources.mjs'

const check = (source, table = '') =>
  checkSentences([
    parseSource('client/src/elements/chat-x.ts', source),
    parseSource('client/src/languages/hu.ts', `export const sentences: Sentences = {${table}}`),
  ])
const inArabic = (source, table) =>
  checkSentences([parseSource('client/src/model/x.ts', source), parseSource('client/src/languages/ar.ts', `export const sentences = {${table}}`)])

describe('every language has every sentence', () => {
  test('one that is missing is named, with where it stands', () => {
    expect(check("\nmsg('Log out')")).toEqual(['client/src/elements/chat-x.ts:2 “Log out” is missing in client/src/languages/hu.ts'])
    expect(check("msg('Log out')", "'Log out': 'Kijelentkezés'")).toEqual([])
    expect(check("plural(n, '# chat', '# chats')")).toHaveLength(1)
  })

  test('one that is used no more', () => {
    expect(check('', "\nSend: 'Küldés'")).toEqual(['client/src/languages/hu.ts:2 “Send” is used no more'])
  })

  test('what is put in is the same, in any order', () => {
    const source = 'msg(str`${uses} of ${most} joined`)'
    expect(check(source, "'{0} of {1} joined': '{1} közül {0} belépett'")).toEqual([])
    for (const own of ['{0} belépett', '{0} {1} {2}', '{0} {0}'])
      expect(check(source, `'{0} of {1} joined': '${own}'`)).toEqual([
        'client/src/elements/chat-x.ts:1 “{0} of {1} joined” has other placeholders in client/src/languages/hu.ts:1',
      ])
  })

  test('a counted sentence has every form of the language, and no other', () => {
    const source = "plural(n, '# chat', '# chats')"
    expect(inArabic(source, "'# chats': { one: 'x', other: '#' }")[0]).toContain('lacks the plural form zero, two, few, many')
    expect(check(source, "'# chats': { one: 'x', other: '#', few: '#' }")[0]).toContain('has the plural form few, which the language has not')
    expect(check(source, "'# chats': 'csevegés'")[0]).toContain('has no # for the number')
    expect(check(source, "'# chats': '# csevegés'")).toEqual([])
    expect(check("msg('Chats')", "Chats: { one: 'x', other: 'y' }")[0]).toContain('has plural forms, and nothing counts it')
    expect(check("plural(n, 'One', 'Many')")[0]).toContain('has a # for the number')
  })

  test('what is made while the program runs no table can have', () => {
    expect(check('msg(name)')).toEqual(['client/src/elements/chat-x.ts:1 msg is given something else than a sentence'])
    expect(check('msg(`Hello ${name}`)')).toHaveLength(1)
  })
})

describe('every sentence goes through msg', () => {
  const raw = (source) => check(source).map((problem) => /“(.*)”/.exec(problem)[1])

  test('in a template, between tags and in what is read aloud', () => {
    expect(raw('html`<p class="text-small">Log out</p>`')).toEqual(['Log out'])
    expect(raw('html`<p>${name} of yours</p>`')).toEqual(['of yours'])
    expect(raw('html`<a aria-label="Close" title="${name} is here"></a>`')).toEqual(['Close', 'is here'])
    expect(raw("html`<a title=${open ? 'close' : 'open'}></a>`")).toEqual(['close', 'open'])
    expect(raw('html`<div class="flex" role="status" data-x="Some words">1 · ${a}<b id=${c}>${d}</b></div>`')).toEqual([])
  })

  test('as a string that reads like a sentence', () => {
    expect(raw("const label = 'Log out'")).toEqual(['Log out'])
    expect(raw("const text = 'A mail is on its way.'")).toEqual(['A mail is on its way.'])
    expect(raw("if (key === 'Enter') throw new Error('No engine')\nimport x from 'Some'")).toEqual([])
  })
})

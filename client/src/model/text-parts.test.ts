import { describe, expect, test } from 'vitest'
import { isLargeEmoji, lineOf, mayBeMarkdown, partsOf, withMentions } from './text-parts.ts'

const links = (text: string): string[] => partsOf(text).flatMap((part) => (part.kind === 'link' ? [part.text] : []))

describe('text of a message', () => {
  test('every character of the text comes back', () => {
    for (const text of [
      '',
      'plain',
      'a http://x.org b',
      '(see https://x.org/a_(b)).',
      'https://x.org, https://y.org!\n',
      'http://',
      'javascript:alert(1)',
    ]) {
      expect(
        partsOf(text)
          .map((part) => part.text)
          .join(''),
      ).toBe(text)
    }
  })
  test('links are http and https, without the punctuation of the sentence', () => {
    expect(links('See https://example.org/a?b=1#c. Then (http://x.org/y) and https://en.example.org/wiki/Yarn_(thread).')).toEqual([
      'https://example.org/a?b=1#c',
      'http://x.org/y',
      'https://en.example.org/wiki/Yarn_(thread)',
    ])
    expect(links('javascript:alert(1) ftp://x.org data:text/html,x')).toEqual([])
  })
  test('up to three emoji alone are large', () => {
    expect(['👍', '❤️', '👩‍👩‍👧 😂', '👍🏽👍🏽👍🏽'].map(isLargeEmoji)).toEqual([true, true, true, true])
    expect(['1', '12', '👍👍👍👍', 'ok 👍', '', ' '].map(isLargeEmoji)).toEqual([false, false, false, false, false, false])
  })
  test('only what may be Markdown loads what reads it', () => {
    for (const text of ['**b**', 'a _b_', '`x`', '- a', 'so:\n> b', '1. a', '[a](https://x.org)']) expect(mayBeMarkdown(text)).toBe(true)
    for (const text of ['plain', 'a - b', 'https://x.org/a?b=c', '2020', '12.5', '[sic]', 'a > b', '👍']) expect(mayBeMarkdown(text)).toBe(false)
  })
  test('UX 16: people whom a message mentions are set apart, the longer of two names, and no email address', () => {
    const people = ['Ada', 'Ada Okafor', 'Ben'].map((name, index) => ({ id: String(index), name }))
    const found = (text: string): string[] => withMentions(text, people).map((part) => (part.kind === 'mention' ? `[${part.id}]` : part.text))
    expect(found('@Ada Okafor, ask @Ada or @Ben!')).toEqual(['[1]', ', ask ', '[0]', ' or ', '[2]', '!'])
    expect(found('mail@Ben.org @Benno @Cleo @')).toEqual(['mail@Ben.org @Benno @Cleo @'])
  })

  test('one line in a list has no marks of Markdown, and what only looks like one stays', () => {
    expect(lineOf('**Bold**, _soft_ and `code`,\n> quoted\nsee [the page](https://example.org/a_b)')).toBe('Bold, soft and code, quoted see the page')
    for (const text of ['2 * 3 * 4', 'snake_case_name', 'a ** b', '__proto', '5 > 3']) expect(lineOf(text)).toBe(text)
    expect(lineOf('word '.repeat(200)).length).toBe(200)
  })
})

import { describe, expect, test } from 'vitest'
import { isLargeEmoji, partsOf } from './text-parts.ts'

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
})

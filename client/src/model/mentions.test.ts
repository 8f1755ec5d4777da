import { describe, expect, test } from 'vitest'
import { mentionAt, namedIn, peopleFor, withName } from './mentions.ts'

const people = ['Ada Okafor', 'Bence Szabó', 'Ada'].map((name, index) => ({ id: `p${index}`, name }))
const offered = (text: string): string[] | null => {
  const mention = mentionAt(text, text.length)
  return mention && peopleFor(mention, people).map(({ name }) => name)
}

describe('UX 16: naming somebody', () => {
  test('everybody behind a bare @, then whoever fits, accents or not, until the name is whole', () => {
    expect(offered('hi @')).toEqual(['Ada Okafor', 'Bence Szabó', 'Ada'])
    expect(offered('@sza')).toEqual(['Bence Szabó'])
    expect(offered('(@ada ok')).toEqual(['Ada Okafor'])
    expect(offered('@Ada Okafor will')).toEqual([])
    expect(offered('@nobody')).toEqual([])
  })
  test('nobody is named in an email address, across lines, or in what follows', () => {
    for (const text of ['mail@ada', '@ada\n', 'hello', '@ ada', '@a b c d', '@ada  ']) expect(offered(text)).toBe(null)
  })
  test('the name is filled in where the @ stands, with one space behind it', () => {
    const text = 'so @ad, yes'
    const mention = mentionAt(text, 6)
    expect(mention && withName(text, mention, 'Ada')).toEqual({ text: 'so @Ada , yes', cursor: 8 })
    expect(withName('@ad next', { start: 0, typed: 'ad' }, 'Ada')).toEqual({ text: '@Ada next', cursor: 5 })
  })
  test('whom the words name goes with them, each once', () => {
    expect(namedIn('@Ada Okafor and @Ada and @Ada', people)).toEqual(['p0', 'p2'])
    expect(namedIn('Ada', people)).toEqual([])
  })
})

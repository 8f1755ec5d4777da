// Markdown in messages: the subset, everything else as typed, and nothing that a hostile message could do.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { blocksOf, type Block, type Inline } from './markdown.ts'
import { mayBeMarkdown } from './text-parts.ts'

/** In short: `**` bold, `_` italic, backticks, `<address|words>`, one line for each block. */
function short(blocks: readonly Block[]): string[] {
  return blocks.flatMap((block) => {
    if (block.kind === 'paragraph') return [words(block.inlines)]
    if (block.kind === 'code') return [`code ${block.text}`]
    if (block.kind === 'quote') return short(block.blocks).map((line) => `> ${line}`)
    return block.items.flatMap((item, index) => short(item).map((line) => `${block.ordered ? `${block.start + index}.` : '-'} ${line}`))
  })
}
function words(inlines: readonly Inline[]): string {
  return inlines
    .map((part) => {
      if (part.kind === 'text') return part.text
      if (part.kind === 'break') return '⏎'
      if (part.kind === 'code') return `\`${part.text}\``
      const inner = words(part.inlines)
      return part.kind === 'link' ? `<${part.href}|${inner}>` : part.kind === 'strong' ? `**${inner}**` : `_${inner}_`
    })
    .join('')
}
const read = (text: string): string[] => short(blocksOf(text))

function addresses(blocks: readonly Block[]): string[] {
  const inside = (inlines: readonly Inline[]): string[] =>
    inlines.flatMap((part) => ('inlines' in part ? [...(part.kind === 'link' ? [part.href] : []), ...inside(part.inlines)] : []))
  return blocks.flatMap((block) =>
    block.kind === 'paragraph'
      ? inside(block.inlines)
      : block.kind === 'quote'
        ? addresses(block.blocks)
        : block.kind === 'list'
          ? block.items.flatMap(addresses)
          : [],
  )
}
/** How deep the tree is, and whether it is made of what the view knows. */
function depthOf(node: unknown): number {
  if (Array.isArray(node)) return Math.max(0, ...node.map(depthOf))
  if (typeof node !== 'object' || node === null) return 0
  const { kind } = node as { kind?: string }
  expect(['paragraph', 'code', 'quote', 'list', 'text', 'break', 'strong', 'emphasis', 'link', undefined]).toContain(kind)
  return 1 + Math.max(0, ...Object.values(node).map(depthOf))
}

describe('Markdown in a message', () => {
  test('bold, italic, code, and what is within each other', () => {
    expect(read('**bold _both_** *italic* __bold__ `a < b`')).toEqual(['**bold _both_** _italic_ **bold** `a < b`'])
    expect(read('```js\nif (a < b) {}\n```\nthen')).toEqual(['code if (a < b) {}', 'then'])
  })
  test('lists with their numbers, quotes, and lines as they were broken', () => {
    expect(read('Two things:\n1. one\n2. two')).toEqual(['Two things:', '1. one', '2. two'])
    expect(read('1986. A year')).toEqual(['1986. A year'])
    expect(read('- a\n- b\n  - c')).toEqual(['- a', '- b', '- - c'])
    expect(read('> said\n> so\n\nyes\nand no')).toEqual(['> said⏎so', 'yes⏎and no'])
  })
  test('links by their words and by themselves, to pages and mails only', () => {
    expect(read('[words](https://x.org/a) https://y.org/b_c_d. [mail](mailto:a@b.org)')).toEqual([
      '<https://x.org/a|words> <https://y.org/b_c_d|https://y.org/b_c_d>. <mailto:a@b.org|mail>',
    ])
    for (const href of ['javascript:alert(1)', 'JaVaScRiPt:alert(1)', 'data:text/html,x', 'vbscript:x', '/relative', '//x.org', '#a', 'file:///etc'])
      expect(addresses(blocksOf(`[x](${href}) [y](<${href}>)`))).toEqual([])
  })
  test('what is not of the subset stays as it was typed', () => {
    for (const text of [
      '# no heading',
      '<b>no html</b> <img src=x onerror=alert(1)>',
      '~~not struck~~',
      'x &amp; &lt;y',
      'snake_case_word',
      '-',
      '*',
      '2 * 3 * 4',
      '[a] and [b]',
      '¯\\_(ツ)_/¯',
      '---',
      '``` words behind the fence',
    ])
      expect(read(text)).toEqual([text.trim()])
    expect(read('no\n===\nheading\n---')).toEqual(['no⏎===⏎heading⏎---'])
    expect(read('| a | b |\n|---|---|\n| c | d |')).toEqual(['| a | b |⏎|---|---|⏎| c | d |'])
    expect(read('- [ ] to do\n- [x] done')).toEqual(['- [ ] to do', '- [x] done'])
    expect(read('![alt](https://x.org/y.png)')).toEqual(['!<https://x.org/y.png|alt>'])
    expect(read('[a]: https://x.org\n[a]')).toEqual(['[a]: <https://x.org/|https://x.org>⏎[a]'])
    expect(read('\\*no\\* \\`no\\`')).toEqual(['*no* `no`'])
  })
  test('hostile: thousands of quotes, lists and stars within each other stay flat, and their words are there', () => {
    for (const unit of ['> ', '>', '- ', '1. ', '*', '**a ', '_a', '[', '![a](', '`', '``', '~~~', '\\', '<a ']) {
      const text = `${unit.repeat(15_000 / unit.length)}end`
      const blocks = blocksOf(text)
      expect(depthOf(blocks)).toBeLessThan(40)
      expect(JSON.stringify(blocks)).toContain('end')
    }
  })
  test('hostile: blank space without end is words, and is looked through once', () => {
    for (const text of [`a${'\n'.repeat(15_000)}b`, `[a](${' '.repeat(15_000)}`, `- a${' \n'.repeat(7_000)}b`, '['.repeat(15_000)]) {
      expect(mayBeMarkdown(text)).toBe(/^- |\]\(/.test(text))
      expect(depthOf(blocksOf(text))).toBeLessThan(3)
    }
  })
  test('fuzz: whatever is typed is read, with safe addresses only, and letters and digits come back in their order', () => {
    const token = fc.constantFrom('*', '**', '_', '`', '```', '\n', '\n\n', '> ', '- ', '1. ', '[', '](', ')', 'javascript:', 'https://x.org/', '<', '>', '!', '\\', ' ', '    ', '\t', 'a', 'b1', '&lt;', '#', '|', '=', '~', '\u0000', '\u202b', '👍', 'ß') // prettier-ignore
    const text = fc.oneof(
      fc.array(token, { maxLength: 60 }).map((tokens) => tokens.join('')),
      fc.string({ unit: 'binary', maxLength: 200 }),
    )
    fc.assert(
      fc.property(text, (given) => {
        const blocks = blocksOf(given)
        expect(depthOf(blocks)).toBeLessThan(40)
        for (const href of addresses(blocks)) expect(href).toMatch(/^(?:https?:|mailto:)/)
      }),
      { numRuns: 3_000 },
    )
  })
})

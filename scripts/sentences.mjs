// Every sentence of the client goes through `msg` or `plural`, and every language has each of them, with the same things put in.
import { lineOf, nodesOf, readSources } from './sources.mjs'

/** They make sentences out of what they are given. */
const makers = /^client\/src\/languages\/(language|known|table)\.ts$/
const table = /^client\/src\/languages\/([a-z]+)\.ts$/
/** Attributes that people read or hear. */
const spoken = /^(aria-label|aria-description|aria-placeholder|aria-roledescription|aria-valuetext|alt|placeholder|title)$/
/** What no language has another word for. */
const sameEverywhere = /^(Skein|JavaScript)$/
const words = /\p{L}{2}/u

const cooked = (template) => template.quasis.map(({ value }) => value.cooked)
const numbered = (parts) => parts.reduce((text, part, index) => `${text}{${index - 1}}${part}`)
const literal = (node) => (node?.type === 'Literal' && typeof node.value === 'string' ? node.value : undefined)

/** The English key of what stands in `msg(…)`; undefined: it is made while the program runs, so no table can have it. */
function keyOf(node) {
  if (node?.type === 'TaggedTemplateExpression' && node.tag.name === 'str') return numbered(cooked(node.quasi))
  return literal(node)
}

/** Every sentence of the sources by its key, with the first place where it stands. */
function sentencesOf(sources, problems) {
  const found = new Map()
  for (const source of sources) {
    for (const node of nodesOf(source.ast)) {
      if (node.type !== 'CallExpression' || !['msg', 'plural'].includes(node.callee.name)) continue
      const keys = node.callee.name === 'msg' ? [keyOf(node.arguments[0])] : [literal(node.arguments[1]), literal(node.arguments[2])]
      const place = `${source.path}:${lineOf(source, node)}`
      if (keys.includes(undefined)) problems.push(`${place} ${node.callee.name} is given something else than a sentence`)
      else if (node.callee.name === 'plural' && !keys[1].includes('#')) problems.push(`${place} a counted sentence has a # for the number`)
      else if (!found.has(keys.at(-1))) found.set(keys.at(-1), { place, plural: node.callee.name === 'plural' })
    }
  }
  return found
}

/** @returns {Map<string, { line: number, value: string | Record<string, string> }>} */
function entriesOf(source) {
  const entries = new Map()
  for (const node of nodesOf(source.ast)) {
    if (node.type !== 'VariableDeclarator' || node.id.name !== 'sentences') continue
    for (const property of node.init.properties) {
      const value =
        literal(property.value) ??
        (property.value.type === 'ObjectExpression'
          ? Object.fromEntries(property.value.properties.map((form) => [form.key.name ?? form.key.value, literal(form.value)]))
          : undefined)
      entries.set(property.key.value ?? property.key.name, { line: lineOf(source, property), value })
    }
  }
  return entries
}

const holes = (text) =>
  [...text.matchAll(/\{\d+\}/g)]
    .map(([hole]) => hole)
    .toSorted((a, b) => a.localeCompare(b))
    .join(' ')

function checkTable(source, language, sentences, problems) {
  const entries = entriesOf(source)
  const { pluralCategories } = new Intl.PluralRules(language).resolvedOptions()
  for (const [key, { place, plural }] of sentences) {
    const entry = entries.get(key)
    const say = (text) => problems.push(`${place} “${key}” ${text} in ${source.path}${entry ? `:${entry.line}` : ''}`)
    if (!entry) say('is missing')
    else if (!entry.value) say('is neither a sentence nor plural forms')
    else if (typeof entry.value === 'string') {
      if (holes(entry.value) !== holes(key)) say('has other placeholders')
      if (plural && !entry.value.includes('#')) say('has no # for the number')
    } else if (!plural) say('has plural forms, and nothing counts it')
    else {
      const missing = pluralCategories.filter((category) => !entry.value[category])
      if (missing.length) say(`lacks the plural form ${missing.join(', ')}`)
      const needless = Object.keys(entry.value).filter((category) => !pluralCategories.includes(category))
      if (needless.length) say(`has the plural form ${needless.join(', ')}, which the language has not`)
    }
  }
  for (const [key, { line }] of entries) if (!sentences.has(key)) problems.push(`${source.path}:${line} “${key}” is used no more`)
}

/** Text of a template that people read: what stands between tags, and in attributes that are spoken. Each with where it begins. */
function* textsOf(template) {
  let state = 'text'
  let attribute = ''
  let quote = ''
  let text = ''
  for (const quasi of template.quasis) {
    for (const sign of quasi.value.raw) {
      if (state === 'text' && sign === '<') {
        yield { text, quasi }
        state = 'tag'
        text = ''
      } else if (state === 'tag' && sign === '>') {
        state = 'text'
        text = ''
      } else if (state === 'tag' && (sign === '"' || sign === "'")) {
        ;[, attribute] = /([\w@.?-]+)=$/.exec(text) ?? ['', '']
        quote = sign
        state = 'value'
        text = ''
      } else if (state === 'value' && sign === quote) {
        if (spoken.test(attribute)) yield { text, quasi }
        state = 'tag'
        text = ''
      } else text += sign
    }
    // What follows is another text, or one without quotes around it.
    if (state === 'text') {
      yield { text, quasi }
      text = ''
    }
  }
}

/** A literal that reads like a sentence: it begins like one, or ends like one. */
const sentenceLike = /^\s?\p{Lu}[\p{Ll}’]*(?:[ ,.:?!…].*)?$|^\p{Ll}+(?: [\p{L}’,]+)+[.?!…]$/u

function checkRaw(source, problems) {
  const inMsg = new Set()
  for (const node of nodesOf(source.ast)) {
    const say = (at, text) => problems.push(`${source.path}:${lineOf(source, at)} “${text.trim().replaceAll(/\s+/g, ' ')}” does not go through msg`)
    if (node.type === 'CallExpression' && ['msg', 'plural'].includes(node.callee.name)) for (const part of nodesOf(node.arguments)) inMsg.add(part)
    if (node.type === 'TaggedTemplateExpression' && node.tag.name === 'html') {
      for (const { text, quasi } of textsOf(node.quasi)) if (words.test(text) && !sameEverywhere.test(text.trim())) say(quasi, text)
      // `title=${'Close'}`, and a conditional of such.
      for (const [index, expression] of node.quasi.expressions.entries()) {
        const [, attribute] = /([\w@.?-]+)="?$/.exec(node.quasi.quasis[index].value.raw) ?? []
        if (attribute !== undefined && !spoken.test(attribute)) continue
        for (const shown of shownBy(expression)) if (words.test(shown.value) && !inMsg.has(shown) && attribute !== undefined) say(shown, shown.value)
      }
    }
    if (
      node.type === 'Literal' &&
      typeof node.value === 'string' &&
      words.test(node.value) &&
      sentenceLike.test(node.value) &&
      !inMsg.has(node) &&
      !harmless(source, node)
    )
      say(node, node.value)
  }
}

/** The strings that an expression may turn out to be. */
function shownBy(node) {
  if (node.type === 'ConditionalExpression') return [...shownBy(node.consequent), ...shownBy(node.alternate)]
  if (node.type === 'LogicalExpression') return [...shownBy(node.left), ...shownBy(node.right)]
  return literal(node) === undefined ? [] : [node]
}

/** Names of keys, errors that are for whoever programs, and what is compared with. */
const keyNames = /^(Alt|Ctrl|Shift|Enter|Esc|Escape|Tab|Home|End|Backspace|ContextMenu|Arrow(?:Up|Down|Left|Right)|SecurityError)$/
function harmless(source, node) {
  if (keyNames.test(node.value)) return true
  return (source.quiet ??= quietIn(source)).has(node)
}
function quietIn(source) {
  const quiet = new Set()
  const add = (part) => {
    for (const node of nodesOf(part)) quiet.add(node)
  }
  for (const node of nodesOf(source.ast)) {
    if (node.type === 'NewExpression' && /Error$|^Event$/.test(node.callee.name ?? '')) add(node.arguments)
    if (node.type === 'BinaryExpression') add([node.left, node.right])
    if (/^(Import|Export)/.test(node.type)) add(node.source ?? [])
    if (node.type === 'Property') add(node.key)
    if (node.type === 'TSLiteralType') add(node)
    if (node.type === 'SwitchCase') add(node.test ?? [])
  }
  return quiet
}

/** @returns {string[]} one sentence for each problem */
export function checkSentences(sources = readSources()) {
  const problems = []
  const own = sources.filter(({ path, isTest }) => path.startsWith('client/src/') && !isTest && !path.startsWith('client/src/worker/'))
  const tables = own.filter(({ path }) => table.test(path) && !makers.test(path))
  const shown = own.filter(({ path }) => !table.test(path))
  const sentences = sentencesOf(shown, problems)
  for (const source of tables) checkTable(source, table.exec(source.path)[1], sentences, problems)
  for (const source of shown) checkRaw(source, problems)
  return problems
}

if (import.meta.main) {
  const problems = checkSentences()
  for (const problem of problems) console.log(problem)
  process.exitCode = problems.length ? 1 : 0
}

// Every schema that the engine makes, once with Zod and once with what stands in for it: they take the same values and make the same of them.
import * as fc from 'fast-check'
import { chatDocument, epochNameOf, parseChatId } from '@skein/protocol'
import { expect, test, vi } from 'vitest'

interface Schema {
  safeParse(value: unknown): { success: boolean; data?: unknown }
}
/** As Zod describes itself. */
interface Described extends Schema {
  def: {
    type: string
    shape?: Record<string, Described>
    options?: Described[]
    items?: Described[]
    element?: Described
    innerType?: Described
    keyType?: Described
    valueType?: Described
    entries?: Record<string, string>
    values?: unknown[]
    pattern?: RegExp
    checks?: { _zod: { def: { pattern?: RegExp } } }[]
  }
}
type Zod = Record<string, unknown>

/** What each call of `z` gives while the engine's modules are read, in order. */
async function schemasMadeBy(replace: (zod: Zod) => Zod | Promise<Zod>): Promise<Schema[]> {
  const made: Schema[] = []
  const watched = (make: unknown): unknown =>
    typeof make === 'function'
      ? (...given: unknown[]): unknown => {
          const result = (make as (...all: unknown[]) => unknown)(...given)
          made.push(result as Schema)
          return result
        }
      : make
  vi.resetModules()
  vi.doMock('zod', async (original) => {
    const z = await replace((await original<{ z: Zod }>()).z)
    return { z: Object.fromEntries(Object.entries(z).map(([name, make]) => [name, watched(make)])) }
  })
  await (await import('@skein/engine')).loadLateParts()
  return made
}

const id = '0123456789abcdefghjkmnpqrs'
const words = [
  ...['', ' ', 'words', '\0', '\ud800', '\u202e', 'A', '❤', '__proto__', 'x'.repeat(80), 'x'.repeat(81), 'x'.repeat(16_001)],
  ...['https://example.org/a', 'http://example.org', id, `${id}0`, '01234567-89ab-cdef-0123-456789abcdef'],
  chatDocument(parseChatId(id), epochNameOf(1, new Uint8Array(8))),
  ...['2024-02-29', '2023-02-29', '2023-13-01', '2000-02-29', '1900-02-29', '2023-04-31'].map((day) => `${day}T10:00:00.000Z`),
  ...['10:00:00Z', '10:00Z', '24:00:00Z', '10:00:00.1Z', '10:00:00.123+02:00', '10:00:00.123-25:00', '10:00:00.123'].map(
    (time) => `2023-04-30T${time}`,
  ),
]
const numbers = [0, -0, 1, -1, 0.5, 1e300, Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER + 1, Infinity, NaN]
const word = fc.constantFrom(...words)
const junk = fc.oneof(fc.jsonValue({ maxDepth: 2 }), word, fc.constantFrom(...numbers, undefined, null, [], {}))

/** Values that a schema takes, for the most part, and such as are nearly so. */
function valuesOf({ def }: Described): fc.Arbitrary<unknown> {
  const fitting = ((): fc.Arbitrary<unknown> => {
    const inner = (): fc.Arbitrary<unknown> => (def.innerType ? valuesOf(def.innerType) : junk)
    if (def.type === 'object') {
      const shape = Object.fromEntries(Object.entries(def.shape ?? {}).map(([key, field]) => [key, valuesOf(field)]))
      const optional = Object.entries(def.shape ?? {}).filter(([, field]) => field.safeParse(undefined).success)
      const required = Object.keys(shape).filter((key) => !optional.some(([name]) => name === key))
      const whole = fc.record(shape, { requiredKeys: required })
      const torn = fc.record({ ...shape, more: junk }, { requiredKeys: [] })
      return fc.oneof({ weight: 12, arbitrary: whole }, { weight: 1, arbitrary: torn })
    }
    if (def.type === 'union') return fc.oneof(...(def.options ?? []).map(valuesOf))
    if (def.type === 'array') return def.element ? fc.array(valuesOf(def.element), { maxLength: 3 }) : junk
    if (def.type === 'tuple') return fc.tuple(...(def.items ?? []).map(valuesOf))
    if (def.type === 'record' && def.keyType && def.valueType)
      return fc.dictionary(valuesOf(def.keyType).map(String), valuesOf(def.valueType), { maxKeys: 3 })
    if (def.type === 'enum') return fc.constantFrom(...Object.values(def.entries ?? {}))
    if (def.type === 'literal') return fc.constantFrom(...(def.values ?? []))
    if (def.type === 'nullable') return fc.oneof(fc.constant(null), inner())
    if (def.type === 'optional' || def.type === 'default')
      return fc.oneof({ weight: 1, arbitrary: fc.constant(undefined) }, { weight: 4, arbitrary: inner() })
    if (def.type === 'number') return fc.oneof(fc.nat(), fc.constantFrom(...numbers))
    if (def.type === 'boolean') return fc.boolean()
    if (def.type === 'unknown') return junk
    const patterns = [def.pattern, ...(def.checks ?? []).map((check) => check['_zod'].def.pattern)].flatMap((pattern) => pattern ?? [])
    if (patterns.length) return fc.oneof({ weight: 12, arbitrary: fc.oneof(...patterns.map((pattern) => fc.stringMatching(pattern))) }, word)
    return fc.oneof(word, fc.string())
  })()
  return fc.oneof({ weight: 60, arbitrary: fitting }, { weight: 1, arbitrary: junk })
}

test('what stands in for Zod in a browser takes the same values as Zod for every schema of the engine, and gives the same copies', async () => {
  const real = (await schemasMadeBy((zod) => zod)) as Described[]
  const small = await schemasMadeBy(async () => (await import('./small-zod.ts')).z as Zod)
  expect(small.length).toBe(real.length)
  const outcomes = { taken: 0, refused: 0 }
  for (const [index, schema] of real.entries()) {
    fc.assert(
      fc.property(valuesOf(schema), (value) => {
        const { success, data } = schema.safeParse(value)
        const given = small[index]?.safeParse(value)
        expect(given).toStrictEqual(success ? { success, data } : { success })
        outcomes[success ? 'taken' : 'refused']++
      }),
      { numRuns: 200 },
    )
  }
  expect(Math.min(outcomes.taken, outcomes.refused)).toBeGreaterThan(5_000)
})

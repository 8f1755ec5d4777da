// Stands in for Zod in what browsers load: of Zod's 28 KB (gzipped) the engine's schemas need this much. It says yes or no to the same values and gives the
// same copies of them, as small-zod.test.ts holds against Zod for every schema of the engine, but not why. Types come from Zod itself.

const NO = Symbol('no')
type Run = (value: unknown) => unknown
type Shape = Record<string, Schema>

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)
const sizeOf = (value: unknown): number => (typeof value === 'number' ? value : (value as ArrayLike<unknown>).length)

class Schema {
  readonly run: Run
  /** What a missing key of an object stands for; null: it must be there. */
  readonly absent: (() => unknown) | null
  readonly shape: Shape
  readonly options: readonly unknown[]
  constructor(
    run: Run,
    { absent = null, shape = {}, options = [] }: { absent?: (() => unknown) | null; shape?: Shape; options?: readonly unknown[] } = {},
  ) {
    this.run = run
    this.absent = absent
    this.shape = shape
    this.options = options
  }

  safeParse(value: unknown): { success: boolean; data?: unknown } {
    const data = this.run(value)
    return data === NO ? { success: false } : { success: true, data }
  }
  refine(test: (value: never) => unknown): Schema {
    return new Schema((value) => {
      const result = this.run(value)
      return result !== NO && test(result as never) ? result : NO
    })
  }
  min = (least: number): Schema => this.refine((value) => sizeOf(value) >= least)
  max = (most: number): Schema => this.refine((value) => sizeOf(value) <= most)
  regex = (pattern: RegExp): Schema => this.refine((value) => pattern.test(value))
  optional = (): Schema => new Schema((value) => (value === undefined ? value : this.run(value)), { absent: () => NO })
  nullable = (): Schema => new Schema((value) => (value === null ? value : this.run(value)), this)
  nullish = (): Schema => this.nullable().optional()
  default(given: unknown): Schema {
    const absent = (): unknown => structuredClone(given)
    return new Schema((value) => (value === undefined ? absent() : this.run(value)), { absent })
  }
  extend = (shape: Shape): Schema => objectOf({ ...this.shape, ...shape }, false)
  /** Descriptions are the server's. */
  meta = (): Schema => this
}

const when = (test: (value: unknown) => boolean): Schema => new Schema((value) => (test(value) ? value : NO))

function objectOf(shape: Shape, isStrict: boolean): Schema {
  const fields = Object.entries(shape)
  return new Schema(
    (value) => {
      if (!isObject(value)) return NO
      const copy: Record<string, unknown> = {}
      for (const [key, field] of fields) {
        const isThere = key in value
        const result = isThere ? field.run(value[key]) : field.absent ? field.absent() : NO
        if (result !== NO) copy[key] = result
        else if (isThere || !field.absent) return NO
      }
      return isStrict && Object.keys(value).some((key) => !Object.hasOwn(shape, key)) ? NO : copy
    },
    { shape },
  )
}

function eachOf(values: unknown[], schemas: Schema[]): unknown {
  const copy: unknown[] = []
  for (const [index, schema] of schemas.entries()) {
    const result = schema.run(values[index])
    if (result === NO) return NO
    copy.push(result)
  }
  return copy
}

function union(options: Schema[]): Schema {
  return new Schema((value) => {
    for (const option of options) {
      const result = option.run(value)
      if (result !== NO) return result
    }
    return NO
  })
}

const date =
  /^(?:(?:\d\d[2468][048]|\d\d[13579][26]|\d\d0[48]|[02468][048]00|[13579][26]00)-02-29|\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|02-(?:0[1-9]|1\d|2[0-8])))T/
const time = (precision: number | undefined, offset: boolean): RegExp =>
  new RegExp(
    `${date.source}(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d${precision ? `\\.\\d{${precision}}` : '(?:\\.\\d+)?'}(?:Z${offset ? '|[+-](?:[01]\\d|2[0-3]):[0-5]\\d' : ''})$`,
  )

const string = (): Schema => when((value) => typeof value === 'string')
const oneOf = (options: readonly unknown[]): Schema => new Schema((value) => (options.includes(value) ? value : NO), { options })

export const z = {
  string,
  number: (): Schema => when(Number.isFinite),
  int: (): Schema => when(Number.isSafeInteger),
  boolean: (): Schema => when((value) => typeof value === 'boolean'),
  unknown: (): Schema => when(() => true),
  custom: when,
  literal: (value: unknown): Schema => oneOf([value]),
  enum: oneOf,
  iso: {
    datetime: ({ precision, offset = false }: { precision?: number; offset?: boolean }): Schema => string().regex(time(precision, offset)),
  },
  object: (shape: Shape): Schema => objectOf(shape, false),
  strictObject: (shape: Shape): Schema => objectOf(shape, true),
  array: (of: Schema): Schema =>
    new Schema((value) =>
      Array.isArray(value)
        ? eachOf(
            value,
            Array.from(value, () => of),
          )
        : NO,
    ),
  tuple: (of: Schema[]): Schema => new Schema((value) => (Array.isArray(value) && value.length === of.length ? eachOf(value, of) : NO)),
  record: (keys: Schema, of: Schema): Schema =>
    new Schema((value) => {
      if (!isObject(value)) return NO
      const copy: Record<string, unknown> = {}
      for (const [key, one] of Object.entries(value)) {
        if (key === '__proto__') continue
        const result = of.run(one)
        if (keys.run(key) === NO || result === NO) return NO
        copy[key] = result
      }
      return copy
    }),
  union,
  /** Each option asks for its own literal itself. */
  discriminatedUnion: (_key: string, options: Schema[]): Schema => union(options),
}

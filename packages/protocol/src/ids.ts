// Ids: what they look like, and the only functions that make the branded types.

declare const brand: unique symbol
type Branded<T, B extends string> = T & { readonly [brand]: B }

/** 26 characters of lower-case Crockford base32 (130 bits). Never reused. */
export type UserId = Branded<string, 'UserId'>
/** 26 characters of lower-case Crockford base32 (130 bits). */
export type ChatId = Branded<string, 'ChatId'>
/** A lower-case UUID, made by the author's device. Unique for a chat and author. */
export type OperationId = Branded<string, 'OperationId'>
/** `<n>-<16 hex digits>`: the epoch's number and 64 random bits, so that no two epochs share a name. */
export type EpochName = Branded<string, 'EpochName'>
/** 32 bytes as 43 characters of base64url: the head of a chat's chain after some rev. */
export type Head = Branded<string, 'Head'>

/** SHA-256 over bytes; handed in, since this package touches no platform. */
export type Sha256 = (bytes: Uint8Array) => Uint8Array

/** What ids look like. */
export const idPattern = /^[0-9a-hjkmnp-tv-z]{26}$/
export const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
export const epochPattern = /^[1-9][0-9]{0,9}-[0-9a-f]{16}$/
export const headPattern = /^[A-Za-z0-9_-]{43}$/

export const isUserId = (value: unknown): value is UserId => typeof value === 'string' && idPattern.test(value)
export const isChatId = (value: unknown): value is ChatId => typeof value === 'string' && idPattern.test(value)
export const isOperationId = (value: unknown): value is OperationId => typeof value === 'string' && uuidPattern.test(value)
export const isEpochName = (value: unknown): value is EpochName => typeof value === 'string' && epochPattern.test(value)
export const isHead = (value: unknown): value is Head => typeof value === 'string' && headPattern.test(value)

function parsed<T>(value: unknown, test: (value: unknown) => value is T, what: string): T {
  if (!test(value)) throw new TypeError(`Not ${what}: ${JSON.stringify(value)?.slice(0, 80)}`)
  return value
}
/** @throws TypeError when the value is not one; for values from outside, test with the `is…` functions. */
export const parseUserId = (value: unknown): UserId => parsed(value, isUserId, 'a user id')
export const parseChatId = (value: unknown): ChatId => parsed(value, isChatId, 'a chat id')
export const parseOperationId = (value: unknown): OperationId => parsed(value, isOperationId, 'an operation id')
export const parseEpochName = (value: unknown): EpochName => parsed(value, isEpochName, 'an epoch name')
export const parseHead = (value: unknown): Head => parsed(value, isHead, 'a chain head')

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'

/** The first 130 bits of `bytes` (at least 17) as 26 characters of Crockford base32. */
export function base32Of(bytes: Uint8Array): string {
  let text = ''
  let bits = 0
  let buffer = 0
  for (const byte of bytes) {
    buffer = (buffer << 8) | byte
    bits += 8
    while (bits >= 5 && text.length < 26) {
      text += alphabet.charAt((buffer >> (bits - 5)) & 31)
      bits -= 5
    }
    buffer &= (1 << bits) - 1
  }
  return text
}

/** A user id out of at least 17 random bytes. */
export const userIdOf = (random: Uint8Array): UserId => parseUserId(base32Of(random))
/** A group chat's id out of at least 17 random bytes. */
export const chatIdOf = (random: Uint8Array): ChatId => parseChatId(base32Of(random))

/** A direct chat's id follows from the two people, so that both sides can open it offline (rule ID-2). */
export function directChatId(a: UserId, b: UserId, sha256: Sha256): ChatId {
  return parseChatId(base32Of(sha256(new TextEncoder().encode([a, b].sort().join('\n')))))
}

/** A lower-case UUID out of 16 bytes; `version` 4 for random bytes, 8 for bytes of a hash. */
export function uuidOf(bytes: Uint8Array, version: 4 | 8): OperationId {
  const b = bytes.slice(0, 16)
  b[6] = ((b[6] ?? 0) & 0x0f) | (version << 4)
  b[8] = ((b[8] ?? 0) & 0x3f) | 0x80
  const hex = Array.from(b, (x) => x.toString(16).padStart(2, '0')).join('')
  return parseOperationId(`${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`)
}

/** An epoch's name: its number, and 8 random bytes. */
export function epochNameOf(number: number, random: Uint8Array): EpochName {
  return parseEpochName(`${number}-${Array.from(random.slice(0, 8), (x) => x.toString(16).padStart(2, '0')).join('')}`)
}
export const epochNumber = (name: EpochName): number => Number(name.slice(0, name.indexOf('-')))

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** base64url without padding. */
export function base64url(bytes: Uint8Array): string {
  let text = ''
  for (let i = 0; i < bytes.length; i += 3) {
    const a = bytes[i] ?? 0
    const b = bytes[i + 1] ?? 0
    const c = bytes[i + 2] ?? 0
    const left = bytes.length - i
    text += digits.charAt(a >> 2) + digits.charAt(((a & 3) << 4) | (b >> 4))
    if (left > 1) text += digits.charAt(((b & 15) << 2) | (c >> 6))
    if (left > 2) text += digits.charAt(c & 63)
  }
  return text
}

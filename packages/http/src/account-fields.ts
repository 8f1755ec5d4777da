// What an account is made of, as people type it: the same at registration, at a change and at `npm run user`.
import { z } from 'zod'
import {
  MAX_AVATAR_URL_LENGTH,
  MAX_EMAIL_LENGTH,
  MAX_NAME_LENGTH,
  MAX_PASSWORD_LENGTH,
  MAX_PICTURE_BYTES,
  MAX_PICTURE_SIDE,
  MIN_PASSWORD_LENGTH,
} from '@skein/protocol'

/** Emails are kept and compared in lower case. */
export const email = z.string().trim().toLowerCase().max(MAX_EMAIL_LENGTH)
/** An email that somebody is to be reached by. */
export const newEmail = email.pipe(z.email('expects an email address'))

export const password = z
  .string()
  .max(MAX_PASSWORD_LENGTH)
  .refine((text) => text.isWellFormed(), 'expects well-formed text')
/** A token of the configured issuer. */
export const issuerToken = z.string().max(16_384)
/** What somebody brings who has more than an open laptop: the password; who has none, a token that their issuer has just issued, or nothing when they have just logged in. */
export const proof = { password: password.optional(), token: issuerToken.optional() }
export const isOneProof = (given: { password?: string | undefined; token?: string | undefined }): boolean =>
  given.password === undefined || given.token === undefined
export const oneProofWanted = { path: ['password'], error: 'expects the current password, or in its place a token that the issuer has just issued' }

/** Beside its length, `isCommonPassword` decides. */
export const newPassword = password.min(MIN_PASSWORD_LENGTH)

// Line breaks, and what makes a name run backwards over its neighbours.
const unfitForNames = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u
const visible = /[\p{L}\p{N}\p{P}\p{S}]/u
export const name = z
  .string()
  .trim()
  .max(MAX_NAME_LENGTH)
  .refine((text) => text.isWellFormed() && visible.test(text) && !unfitForNames.test(text), 'expects a name')

/** A picture that browsers fetch from wherever it is: over https, and without a name and password for it. */
export const avatarUrl = z
  .string()
  .max(MAX_AVATAR_URL_LENGTH)
  .transform((text, context) => {
    const url = URL.parse(text)
    if (url?.protocol === 'https:' && url.username === '' && url.password === '') return url.href
    context.addIssue({ code: 'custom', message: 'expects an address that begins with https://' })
    return z.NEVER
  })
  .pipe(z.string().max(MAX_AVATAR_URL_LENGTH))

const MAX_SENT_LENGTH = 4 * Math.ceil(MAX_PICTURE_BYTES / 3) + 32
const sent = /^data:image\/(?:png|jpeg|webp);base64,[A-Za-z0-9+/]+={0,2}$/
/** What a picture that is sent along must be; the API looks at the bytes. */
export const pictureWanted = `expects an address that begins with https://, or a PNG, JPEG or WebP of at most ${MAX_PICTURE_BYTES / 1024} KB and ${MAX_PICTURE_SIDE} pixels as data:image/…;base64,…`
/** As `avatarUrl`; or the picture itself, as a data URI, which the server keeps from then on. */
export const wantedPicture = z
  .string()
  .max(MAX_SENT_LENGTH)
  .transform((text, context) => {
    if (sent.test(text)) return text
    const elsewhere = avatarUrl.safeParse(text)
    if (elsewhere.success) return elsewhere.data
    context.addIssue({ code: 'custom', message: pictureWanted })
    return z.NEVER
  })
  .pipe(z.string().max(MAX_SENT_LENGTH))

// The face of @skein/auth: keys, tokens and passwords. Knows no HTTP and no database.
export { KeyFileError, type RandomBytes } from './key-file.ts'
export { openTokenKey, RELOAD_MS, rotateTokenKey, type KeyState, type TokenKey } from './token-key.ts'
export { openChainKey, type ChainKey } from './chain-key.ts'
export { isCommonPassword } from './common-passwords.ts'
export { createPasswords, TooManyHashes, type Passwords } from './passwords.ts'
export { ACCESS_TOKEN_LIFETIME, createAccessTokens, type AccessTokens, type VerifiedClaims, type VerifiedTicket } from './access-tokens.ts'
export { createRefreshTokens, type RefreshTokens } from './refresh-tokens.ts'
export { linkTokenHash, newLinkToken } from './link-tokens.ts'

// The passwords that many people have, and that guessing therefore begins with: zxcvbn's list, without its rules.
import { MIN_PASSWORD_LENGTH } from '@skein/protocol'

/** Some megabytes: read when the first password is looked up, not at each start. */
let list: Promise<ReadonlySet<string>> | undefined

async function read(): Promise<ReadonlySet<string>> {
  const { dictionary } = await import('@zxcvbn-ts/language-common')
  return new Set(dictionary['passwords-common'].filter((word) => word.length >= MIN_PASSWORD_LENGTH))
}

/** Whether this is one of some 18,000 common passwords, however its letters are cased. */
export async function isCommonPassword(password: string): Promise<boolean> {
  list ??= read()
  return (await list).has(password.normalize('NFKC').toLowerCase())
}

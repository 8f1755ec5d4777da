// Two people with a little history, so that a first start shows something. Their passwords are public: they are made where nobody else can reach the server.
import type { Passwords } from '@skein/auth'
import type { UserId } from '@skein/protocol'
import type { Storage } from '@skein/storage'
import { openDirectChat, said, store } from './conversation.ts'
import type { Ports } from './ports.ts'

const ada = { email: 'ada@example.org', name: 'Ada', password: 'ada-tries-skein' }
const ben = { email: 'ben@example.org', name: 'Ben', password: 'ben-tries-skein' }

/** Makes the demo in an empty database; leaves any other as it is. */
export async function createDemo(storage: Storage, passwords: Passwords, ports: Ports): Promise<void> {
  if ((await storage.countUsers()) > 0) return
  const people: UserId[] = []
  for (const { email, name, password } of [ada, ben]) {
    const user = await storage.createUser({ email, name, passwordHash: await passwords.hash(password), emailConfirmed: true })
    // Another process on the same database was first.
    if (user === 'email-taken') return
    people.push(user.id)
  }
  const [adaId, benId] = people as [UserId, UserId]
  const chat = await openDirectChat(storage, ports, adaId, benId)
  const now = ports.now()
  const say = (author: UserId, text: string) => said(ports, chat, author, now, { type: 'message', text })
  const weekend = say(adaId, 'Hi Ben! Are we still on for the lake this weekend?')
  const boat = say(benId, 'Yes! I got the boat. There will be no signal out there, so write whenever you like, it goes out when we are back.')
  await store(storage, [
    weekend,
    boat,
    said(ports, chat, adaId, now, { type: 'react', target: boat.operation.id, targetAuthor: benId, emoji: '⛵', on: true }),
    say(adaId, 'Perfect. I will bring the sandwiches.'),
    say(benId, 'Then nothing can go wrong.'),
  ])
  // They have talked: what they said is read.
  for (const person of [adaId, benId]) await storage.raiseMarks(person, new Map([[chat, [4, 4]]]))
}

/** The demo people who come in by the passwords that everybody knows. */
export async function findDemoLogins(storage: Storage, passwords: Passwords): Promise<{ email: string; password: string }[]> {
  const opens = await Promise.all(
    [ada, ben].map(async ({ email, password }) => {
      const account = await storage.accountByEmail(email)
      return account !== null && account.disabledAt === null && (await passwords.verify(password, account.passwordHash))
    }),
  )
  return [ada, ben].filter((_, index) => opens[index])
}

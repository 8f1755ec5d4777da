// One's chats, what changed in them, and how far one has read.
import { createRoute, z } from '@hono/zod-openapi'
import { chatId, MAX_CHATS_PAGE, MAX_GROUP_MEMBERS, MAX_HEADS_PER_QUESTION, MAX_IDS_PER_QUESTION, chainHead, run, userId } from '@skein/protocol'
import { email, name } from './account-fields.ts'
import { changesPage, chatsPage, common, erasedPage, feed, healed, oneChat, raised } from './answers.ts'
import { behind, body, forKeys, forServer, json } from './describe.ts'
import { cursor, idempotencyKey, limitUpTo, ofChat, since } from './fields.ts'

export const listChats = createRoute({
  method: 'get',
  path: '/api/chats',
  tags: ['Chats'],
  summary: 'One’s chats, the last active first',
  request: { query: z.object({ limit: limitUpTo(MAX_CHATS_PAGE, 50), cursor }) },
  ...forKeys(['chats:read'], behind('person', { 200: json(chatsPage, 'A page.') })),
})

const isOne = (...given: unknown[]): boolean => given.filter((value) => value !== undefined).length === 1
const beginning = z
  .strictObject({
    kind: z.enum(['direct', 'group']).default('direct'),
    userId: userId.optional(),
    email: email.optional(),
    title: name.nullable().optional(),
    history: z.enum(['all', 'joined']).optional(),
    memberIds: z
      .array(userId)
      .max(MAX_GROUP_MEMBERS - 1)
      .optional(),
  })
  .refine(
    (given) => given.kind === 'group' || isOne(given.userId, given.email, given.memberIds),
    'expects either userId or email; a group has kind: "group"',
  )
  .refine((given) => given.kind === 'group' || given.title === undefined, 'title: is for groups')
  .refine((given) => given.kind === 'group' || given.history === undefined, 'history: is for groups')
  .refine((given) => given.kind === 'direct' || given.memberIds !== undefined, 'memberIds: is missing')
  .refine((given) => given.kind === 'direct' || (given.userId === undefined && given.email === undefined), 'userId, email: are for direct chats')

export const openChat = createRoute({
  method: 'post',
  path: '/api/chats',
  tags: ['Chats'],
  summary: 'Open the direct chat with somebody, or begin a group',
  description: `A direct chat, with \`userId\` or \`email\`: there is exactly one for two people, whoever asks first. A group (\`kind: 'group'\`), with \`memberIds\` and,
if it has one, a \`title\`: whoever makes it may invite and remove; with \`history: 'joined'\` whoever joins later sees what is said from then on, and nothing before. With an \`Idempotency-Key\` it may be asked for again until there is an answer.

With a server key: \`memberIds\` are all who are in it; two for a direct chat, and the first of a group's is whom it is made for, who may invite and remove.
Such an answer tells nothing of what was said.`,
  request: { headers: z.object({ 'idempotency-key': idempotencyKey }), body: body(beginning) },
  ...forServer(
    forKeys(
      ['chats:read', 'chats:write'],
      behind('person', { 200: json(oneChat, 'It was there.'), 201: json(oneChat, 'It is new.') }, 'no-such-person', 'no-such-chat', 'blocked'),
    ),
  ),
})

export const oneOfMyChats = createRoute({
  method: 'get',
  path: '/api/chats/{id}',
  tags: ['Chats'],
  summary: 'One chat',
  request: { params: ofChat },
  ...forKeys(['chats:read'], behind('member', { 200: json(oneChat, 'The chat, as its member sees it.') })),
})

const digest = z.enum(['0', '1', ''], 'expects 1').default('0')
const feedCursor = z
  .string()
  .regex(/^(t[0-9a-z]{1,9})?$/, 'expects a cursor of this server')
  .transform((text) => (text === '' ? null : Number.parseInt(text.slice(1), 36)))
  .nullable()
  .default(null)

export const readFeed = createRoute({
  method: 'get',
  path: '/api/feed',
  tags: ['Sync'],
  summary: 'Which of one’s chats changed',
  description: 'Without `since`: all. With `digest=1` the answer holds a digest of all chats, by which a device notices what it missed.',
  request: { query: z.object({ since: feedCursor, digest }) },
  ...forKeys(['chats:read'], behind('person', { 200: json(feed, 'Chats with their places; `next` is the next question’s `since`.') })),
})

const position = z.int('expects a whole number').min(0)
const offered = z
  .record(chatId, z.tuple([position, position], 'expects [deliveredSeq, seenSeq]'))
  .refine((record) => Object.keys(record).length <= MAX_IDS_PER_QUESTION, `expects at most ${MAX_IDS_PER_QUESTION} chats`)

export const raiseMarks = createRoute({
  method: 'post',
  path: '/api/marks',
  tags: ['Sync'],
  summary: 'Say how far messages were delivered and seen, in many chats at once',
  description: 'Marks never go back. Chats one is no member of are left out of the answer.',
  request: { body: body(z.strictObject({ marks: offered })) },
  ...forKeys(
    ['marks:write'],
    behind('person', { 200: json(raised, 'The marks as they are now; `markPos` holds the places before and after, of chats whose marks rose.') }),
  ),
})

export const changesOfChat = createRoute({
  method: 'get',
  path: '/api/chats/{id}/changes',
  tags: ['Sync'],
  summary: 'Entries of the chat’s chain after a rev',
  description:
    'With `head`: the chain’s head there, as one has it; `unknown-head` says that the server’s past is another. Where what one sees begins later than `since`, `begins` is the place behind which the page’s entries stand.',
  request: {
    params: ofChat,
    query: z.object({
      since,
      head: z
        .union([chainHead, z.literal('').transform(() => null)])
        .nullable()
        .default(null),
    }),
  },
  ...forKeys(['messages:read'], behind('member', { 200: json(changesPage, 'A page; `more` says that there is another.') }, 'unknown-head')),
})

export const erasedInChat = createRoute({
  method: 'get',
  path: '/api/chats/{id}/erased',
  tags: ['Sync'],
  summary: 'Entries whose words were erased',
  request: { params: ofChat, query: z.object({ since }) },
  ...forKeys(['messages:read'], behind('member', { 200: json(erasedPage, 'A page.') })),
})

const place = z.strictObject({ rev: z.int().min(0), head: chainHead })

export const lastCommon = createRoute({
  method: 'post',
  path: '/api/chats/{id}/common',
  tags: ['Sync'],
  summary: 'The last of these places that the chat’s chain went through',
  request: { params: ofChat, body: body(z.strictObject({ places: z.array(place).max(MAX_HEADS_PER_QUESTION) })) },
  ...forKeys(['messages:read'], behind('member', { 200: json(common, 'null: none of them.') })),
})

/** Not behind the check of membership: that may be forgotten, too. */
export const healChat = createRoute({
  method: 'post',
  path: '/api/chats/{id}/heal',
  tags: ['Sync'],
  summary: 'Bring back what a restored database has forgotten',
  request: { params: ofChat, body: body(run) },
  ...behind('person', { 200: json(healed, 'What became of the run.') }, 'no-such-chat'),
})

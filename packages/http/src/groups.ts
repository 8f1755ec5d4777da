// Groups: who is in one and may do what, how it looks, links to join it; and what each member wants of a chat.
import { createRoute, z } from '@hono/zod-openapi'
import { MAX_HIDDEN_MESSAGES, MAX_LINK_USES, MAX_TEXT_LENGTH, userId } from '@skein/protocol'
import { email, name, wantedPicture } from './account-fields.ts'
import { links, newLink, nothing, oneChat, oneMine } from './answers.ts'
import { behind, body, forKeys, forServer, json } from './describe.ts'
import { ofChat, ofLink, ofMember, plain, time } from './fields.ts'

const isSome = (given: object): boolean => Object.values(given).some((value) => value !== undefined)

const seqs = z.array(z.int().min(1)).min(1).max(MAX_HIDDEN_MESSAGES)

export const changeChat = createRoute({
  method: 'patch',
  path: '/api/chats/{id}',
  tags: ['Groups'],
  summary: 'Give a group another title or picture',
  description: 'Any member may. `pictureUrl`: an https address, or the picture itself as a data URI, which the server then keeps. null: none.',
  request: {
    params: ofChat,
    body: body(
      z
        .strictObject({ title: name.nullable().optional(), pictureUrl: wantedPicture.nullable().optional() })
        .refine(isSome, 'expects title or pictureUrl'),
    ),
  },
  ...forKeys(['chats:read', 'chats:write'], behind('member', { 200: json(oneChat, 'The group as it is now.') }, 'forbidden')),
})

export const inviteMember = createRoute({
  method: 'post',
  path: '/api/chats/{id}/members',
  tags: ['Groups'],
  summary: 'Let somebody join a group',
  description: 'For members who may invite; with a server key into any group that was made with one, and by `userId`.',
  request: {
    params: ofChat,
    body: body(
      z
        .strictObject({ userId: userId.optional(), email: email.optional() })
        .refine((given) => (given.userId === undefined) !== (given.email === undefined), 'expects either userId or email'),
    ),
  },
  ...forServer(
    forKeys(
      ['chats:read', 'chats:write'],
      behind(
        'member',
        { 200: json(oneChat, 'They were in it.'), 201: json(oneChat, 'They are in it now.') },
        'forbidden',
        'no-such-person',
        'blocked',
        'group-full',
      ),
    ),
  ),
})

export const changeMember = createRoute({
  method: 'patch',
  path: '/api/chats/{id}/members/{userId}',
  tags: ['Groups'],
  summary: 'Give a member an ability, or take it',
  description: 'Whoever has an ability gives and takes it. The last one who has it keeps it.',
  request: {
    params: ofMember,
    body: body(
      z.strictObject({ mayInvite: z.boolean().optional(), mayRemove: z.boolean().optional() }).refine(isSome, 'expects mayInvite or mayRemove'),
    ),
  },
  ...forKeys(['chats:read', 'chats:write'], behind('member', { 200: json(oneChat, 'The group as it is now.') }, 'forbidden', 'no-such-member')),
})

export const removeMember = createRoute({
  method: 'delete',
  path: '/api/chats/{id}/members/{userId}',
  tags: ['Groups'],
  summary: 'Take somebody out of a group, or leave it',
  description: `Oneself, or anybody for members who may remove. They read nothing more: their connections close within a second. An ability that only they had goes to the
longest member. With a server key anybody, out of groups that were made with one.`,
  request: { params: ofMember },
  ...forServer(
    forKeys(['chats:read', 'chats:write'], behind('member', { 200: json(nothing, 'They are not in it.') }, 'forbidden', 'no-such-member')),
  ),
})

export const arrangeChat = createRoute({
  method: 'patch',
  path: '/api/chats/{id}/mine',
  tags: ['Chats'],
  summary: 'Mute, pin or archive a chat, mark it unread, hide messages of it, or keep what one has typed and not sent, for oneself',
  request: {
    params: ofChat,
    body: body(
      z
        .strictObject({
          mutedUntil: time.nullable().optional(),
          pinned: z.boolean().optional(),
          archived: z.boolean().optional(),
          draft: plain.max(MAX_TEXT_LENGTH).optional(),
          unreadAfter: z
            .int()
            .min(0)
            .nullable()
            .optional()
            .meta({ description: 'The seq above which one wants to have it unread, though one has seen it; null takes that back.' }),
          hide: seqs.optional().meta({
            description: `The seqs of messages that one hides from oneself, beside those that are hidden already: at most ${MAX_HIDDEN_MESSAGES} in a chat. Pages of messages have them as before.`,
          }),
          show: seqs.optional().meta({ description: 'The seqs of messages that one hides no more.' }),
        })
        .refine(isSome, 'expects mutedUntil, pinned, archived, draft, unreadAfter, hide or show'),
    ),
  },
  ...forKeys(['chats:read', 'chats:write'], behind('member', { 200: json(oneMine, 'What one wants of the chat now, on all devices.') }, 'too-many')),
})

export const listLinks = createRoute({
  method: 'get',
  path: '/api/chats/{id}/links',
  tags: ['Groups'],
  summary: 'A group’s links that have not ended, the newest first',
  description: 'For members who may invite.',
  request: { params: ofChat },
  ...forKeys(['chats:read'], behind('member', { 200: json(links, 'Without their tokens.') }, 'forbidden')),
})

export const createLink = createRoute({
  method: 'post',
  path: '/api/chats/{id}/links',
  tags: ['Groups'],
  summary: 'Make a link by which people join a group',
  description: `For members who may invite; it works as long as its maker may. It ends after a week unless \`expiresAt\` says otherwise, and works for anybody unless \`maxUses\`
does. Whoever was taken out by somebody else does not come back by it.`,
  request: {
    params: ofChat,
    body: body(z.strictObject({ expiresAt: time.optional(), maxUses: z.int().min(1).max(MAX_LINK_USES).nullable().default(null) })),
  },
  ...forKeys(['chats:read', 'chats:write'], behind('member', { 201: json(newLink, 'The link, with its token.') }, 'forbidden')),
})

export const revokeLink = createRoute({
  method: 'delete',
  path: '/api/chats/{id}/links/{linkId}',
  tags: ['Groups'],
  summary: 'Revoke a link',
  request: { params: ofLink },
  ...forKeys(['chats:read', 'chats:write'], behind('member', { 200: json(nothing, 'It works no more.') }, 'forbidden', 'no-such-link')),
})

export const joinByLink = createRoute({
  method: 'post',
  path: '/api/join',
  tags: ['Groups'],
  summary: 'Join a group by a link’s token',
  description: 'Whatever is wrong with the token, the answer is the same.',
  request: { body: body(z.strictObject({ token: z.string().max(200) })) },
  ...forKeys(
    ['chats:read', 'chats:write'],
    behind('person', { 200: json(oneChat, 'One was in it.'), 201: json(oneChat, 'One is in it now.') }, 'no-such-link', 'group-full'),
  ),
})

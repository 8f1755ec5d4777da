// The others on this server.
import { createRoute, z } from '@hono/zod-openapi'
import { MAX_NAME_LENGTH, MAX_USERS_PAGE } from '@skein/protocol'
import { blocked, nothing, onePerson, usersPage } from './answers.ts'
import { behind, forKeys, json } from './describe.ts'
import { cursor, limitUpTo, ofPerson, searched } from './fields.ts'

export const listPeople = createRoute({
  method: 'get',
  path: '/api/users',
  tags: ['People'],
  summary: 'People by name; a whole email finds its owner',
  description: 'Everybody on this server or only those with whom one shares a chat, and by email or not, as the server’s settings say.',
  request: { query: z.object({ q: searched(MAX_NAME_LENGTH), limit: limitUpTo(MAX_USERS_PAGE, 50), cursor }) },
  ...forKeys(
    ['people:read'],
    behind('person', { 200: json(usersPage, 'A page. Who shares no chat with somebody is not told when they are there.') }),
  ),
})

export const findPerson = createRoute({
  method: 'get',
  path: '/api/users/{id}',
  tags: ['People'],
  summary: 'One person',
  description: 'Where people find only those with whom they share a chat: also those who have left one since.',
  request: { params: ofPerson },
  ...forKeys(['people:read'], behind('person', { 200: json(onePerson, 'The person.') }, 'no-such-person')),
})

export const listBlocked = createRoute({
  method: 'get',
  path: '/api/blocks',
  tags: ['People'],
  summary: 'Whom one has blocked',
  ...behind('person', { 200: json(blocked, 'By name.') }),
})

export const blockPerson = createRoute({
  method: 'put',
  path: '/api/users/{id}/block',
  tags: ['People'],
  summary: 'Block somebody',
  description: `The direct chat of the two takes no new messages, from either; they find each other in no list, see no more of each other's presence, and invite each
other into no group. Nobody is told.`,
  request: { params: ofPerson },
  ...behind('person', { 200: json(nothing, 'They are blocked, if they were not.') }, 'no-such-person'),
})

export const unblockPerson = createRoute({
  method: 'delete',
  path: '/api/users/{id}/block',
  tags: ['People'],
  summary: 'Take a block back',
  request: { params: ofPerson },
  ...behind('person', { 200: json(nothing, 'They are not blocked by oneself any more.') }, 'no-such-person'),
})

// The others on this server.
import { createRoute, z } from '@hono/zod-openapi'
import { MAX_NAME_LENGTH, MAX_USERS_PAGE } from '@skein/protocol'
import { onePerson, usersPage } from './answers.ts'
import { behind, json } from './describe.ts'
import { cursor, limitUpTo, ofPerson, searched } from './fields.ts'

export const listPeople = createRoute({
  method: 'get',
  path: '/api/users',
  tags: ['People'],
  summary: 'People by name; a whole email finds its owner',
  request: { query: z.object({ q: searched(MAX_NAME_LENGTH), limit: limitUpTo(MAX_USERS_PAGE, 50), cursor }) },
  ...behind('person', { 200: json(usersPage, 'A page. Who shares no chat with somebody is not told when they are there.') }),
})

export const findPerson = createRoute({
  method: 'get',
  path: '/api/users/{id}',
  tags: ['People'],
  summary: 'One person',
  request: { params: ofPerson },
  ...behind('person', { 200: json(onePerson, 'The person.') }, 'no-such-person'),
})

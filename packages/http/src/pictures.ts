// Pictures of people and groups that the server keeps.
import { createRoute, z } from '@hono/zod-openapi'
import { behind } from './describe.ts'

const bytes = z.string().meta({ format: 'binary' })

export const picture = createRoute({
  method: 'get',
  path: '/api/pictures/{id}',
  tags: ['People'],
  summary: 'A picture of a person or a group',
  description:
    'For whoever has its address, which nobody guesses: as it is named in `avatarUrl` and `pictureUrl`. What is behind an address never changes.',
  request: { params: z.object({ id: z.string() }) },
  ...behind(
    'anyone',
    {
      200: {
        description: 'The picture.',
        content: { 'image/png': { schema: bytes }, 'image/jpeg': { schema: bytes }, 'image/webp': { schema: bytes } },
      },
    },
    'not-found',
  ),
})

// Every route by hand, so that a new one that is forgotten here fails the suite.
export const PUBLIC_ROUTES = [
  'GET /health/live',
  'GET /health/ready',
  'GET /.well-known/jwks.json',
  'POST /api/auth/register',
  'POST /api/auth/login',
  'POST /api/auth/refresh',
  'POST /api/auth/logout',
  'POST /api/auth/forgot',
  'POST /api/auth/reset',
  'POST /api/auth/confirm',
]

/** Behind a token; healing asks for itself who is a member. */
export const PERSON_ROUTES = [
  'GET /api/auth/sessions',
  'DELETE /api/auth/sessions/:id',
  'POST /api/auth/logout-everywhere',
  'GET /api/me',
  'PATCH /api/me',
  'DELETE /api/me',
  'POST /api/me/password',
  'POST /api/me/confirmation',
  'GET /api/users',
  'GET /api/users/:id',
  'GET /api/chats',
  'POST /api/chats',
  'POST /api/chats/:id/heal',
  'GET /api/feed',
  'POST /api/marks',
  'POST /api/ticket',
]

/** Behind a token and membership. */
export const CHAT_ROUTES = [
  'GET /api/chats/:id',
  'GET /api/chats/:id/messages',
  'POST /api/chats/:id/messages',
  'POST /api/chats/:id/messages/seen',
  'POST /api/chats/:id/stored',
  'POST /api/chats/:id/common',
  'GET /api/chats/:id/changes',
  'GET /api/chats/:id/erased',
]

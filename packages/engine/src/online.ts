// The half of the engine that talks to the server, and what is seldom wanted (the export of the outbox): one file of the built client, with Yjs and the provider.
export { createAccountCalls } from './account-calls.ts'
export { openDocumentCache } from './browser/documents.ts'
export { createChatCalls } from './chat-calls.ts'
export { createServedHistory } from './chats/served-history.ts'
export { createContactCalls } from './contact-calls.ts'
export { createGroupCalls } from './group-calls.ts'
export { openLeading } from './leading.ts'
export { exportJson, exportText } from './outbox/export.ts'

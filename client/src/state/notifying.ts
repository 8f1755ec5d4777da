// Whether the page that the chat stands in tells of new messages: its own program does, and says so here.
export const notifying = { possible: false }

// A page of somebody else's with people of its own, which embeds <chat-app>: `?server=` says where the chat is, and `/session-token` is what its own server answers for whoever is logged in.
import { ChatApp } from '../src/index.ts'

const app = document.querySelector('chat-app')
const form = document.querySelector('form')
if (!(app instanceof ChatApp) || !form) throw new Error('The page has no <chat-app>')

const person = (): string => sessionStorage.getItem('person') ?? ''
const logIn = (name: string): void => {
  sessionStorage.setItem('person', name)
  app.subject = name
}
app.server = new URLSearchParams(location.search).get('server') ?? ''
app.subject = person()
app.getToken = async () => {
  const answer = person() ? await fetch(`/session-token?sub=${person()}`) : null
  return answer ? answer.text() : null
}
form.addEventListener('submit', (event) => {
  event.preventDefault()
  const given = new FormData(form).get('person')
  logIn(typeof given === 'string' ? given : '')
})
form.querySelector('#leave')?.addEventListener('click', () => logIn(''))

// Who may sign in, for administrators: a table, and a row to add one.
import { ask } from './api'
import type { Language } from './api'
import { askForPassword } from './password'
import { element } from './element'
import { message } from './message'
import { table } from './table'
import type { Cell } from './table'
import { say } from './words'

const roles = ['viewer', 'operator', 'admin'] as const

interface User {
  name: string
  role: typeof roles[number]
  sees_names: boolean
  created_at: string
  signed_in_at: string | null
}

const addressOf = (name: string): string => `/api/v1/users/${encodeURIComponent(name)}`

export class Users {
  readonly element = element('section', { class: 'users' })
  private users: User[] | null = null
  private readonly message = element('div', { role: 'alert' })

  constructor(private language: Language) {
    void this.act(() => this.load())
  }

  relabel(language: Language): void {
    this.language = language
    this.build()
  }

  private async load(): Promise<void> {
    this.users = (await (await ask('GET', '/api/v1/users')).json()).users
    this.build()
  }

  private async act(work: () => Promise<unknown>): Promise<void> {
    this.message.replaceChildren()
    try {
      await work()
    } catch (error) {
      this.message.replaceChildren(message(error))
      this.build()
    }
  }

  /** Does it, and shows the users as they are then. */
  private change(work: () => Promise<unknown>): void {
    void this.act(async () => {
      await work()
      await this.load()
    })
  }

  private build(): void {
    const rows = this.users?.map((one) => this.row(one)) ?? []
    const none = this.users?.length === 0 ? [element('p', { class: 'quiet' }, say('noUsers'))] : []
    this.element.replaceChildren(element('h3', {}, say('users')), ...none, this.message,
      ...(rows.length > 0 ? [table(['user', 'role', 'seesNames', 'addedOn', 'lastSignIn', 'actions'], rows, say('users'))] : []), this.form())
  }

  private roleList(chosen: string, label: string): HTMLSelectElement {
    const list = element('select', { 'aria-label': label }, ...roles.map((role) => element('option', { value: role }, say(role))))
    list.value = chosen
    return list
  }

  private row(user: User): Cell[] {
    const time = (text: string | null) => text ? new Date(text).toLocaleString(this.language) : '–'
    const role = this.roleList(user.role, `${say('role')}: ${user.name}`)
    const names: HTMLInputElement = element('input', { type: 'checkbox', 'aria-label': `${say('seesNames')}: ${user.name}` })
    names.checked = user.sees_names
    // Whoever may send files sees their names anyway.
    names.disabled = user.role !== 'viewer'
    const send = () => this.change(() => ask('POST', addressOf(user.name), { role: role.value, sees_names: names.checked && role.value === 'viewer' }))
    role.addEventListener('change', send)
    names.addEventListener('change', send)
    return [user.name, role, names, time(user.created_at), time(user.signed_in_at), element('div', { class: 'actions' },
      element('button', {
        onclick: () => askForPassword(`${say('newPassword')}: ${user.name}`, false, async (_, password) => {
          await ask('POST', `${addressOf(user.name)}/password`, { password })
        }),
      }, say('newPassword')),
      element('button', { 'aria-label': `${say('remove')} ${user.name}`, onclick: () => {
        if (confirm(`${say('sureUser')} ${user.name}`)) this.change(() => ask('DELETE', addressOf(user.name)))
      } }, say('remove')))]
  }

  private form(): HTMLElement {
    const name = element('input', { type: 'text', required: '', placeholder: say('user'), 'aria-label': say('user'), autocomplete: 'off' })
    const password = element('input', { type: 'password', required: '', minlength: '10', placeholder: say('password'), 'aria-label': say('password'), autocomplete: 'new-password' })
    const role = this.roleList(this.users?.length === 0 ? 'admin' : 'viewer', say('role'))
    const submit = (event: SubmitEvent) => {
      event.preventDefault()
      this.change(() => ask('POST', '/api/v1/users', { name: name.value, role: role.value, sees_names: false, password: password.value }))
    }
    return element('form', { class: 'group', onsubmit: submit }, name, role, password, element('button', { type: 'submit' }, say('addUser')))
  }
}

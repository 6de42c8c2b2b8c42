// A sheet that asks for a new password.
import { ServiceError } from './api'
import { element } from './element'
import { say } from './words'

/** `old`: whether the password in use has to be given, too. Stays open, and says why, when `change` fails. */
export function askForPassword(title: string, old: boolean, change: (now: string, next: string) => Promise<void>): void {
  const field = (id: string, complete: string) => element('input', { id, type: 'password', required: '', autocomplete: complete as AutoFill })
  const now = field('password-now', 'current-password')
  const next = field('password-next', 'new-password')
  const again = field('password-again', 'new-password')
  next.minLength = 10
  const problem = element('p', { role: 'alert', class: 'failed' })
  const label = (input: HTMLInputElement, words: string) => [element('label', { for: input.id }, words), input]
  const submit = async (event: SubmitEvent) => {
    event.preventDefault()
    if (next.value !== again.value) {
      problem.textContent = say('notTheSame')
      return
    }
    try {
      await change(now.value, next.value)
      sheet.close()
    } catch (error) {
      problem.textContent = error instanceof ServiceError ? `${error.problem.title} ${error.problem.detail}` : say('lost')
    }
  }
  const sheet: HTMLDialogElement = element('dialog', { 'aria-label': title, onclose: () => sheet.remove() },
    element('form', { class: 'sheet', onsubmit: submit }, element('h2', {}, title), ...(old ? label(now, say('password')) : []),
      ...label(next, say('newPassword')), ...label(again, say('passwordAgain')), problem,
      element('div', { class: 'group' }, element('button', { type: 'submit', class: 'primary' }, say('save')),
        element('button', { type: 'button', onclick: () => sheet.close() }, say('close')))))
  document.body.append(sheet)
  sheet.showModal()
}

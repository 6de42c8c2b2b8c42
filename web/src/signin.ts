// The sign-in: nothing else is shown before it.
import { ServiceError } from './api'
import type { Language } from './api'
import { element } from './element'
import { signIn } from './session'
import type { View } from './view'
import { say } from './words'

export class SignIn implements View {
  readonly element = element('main', { id: 'main', class: 'signin' })
  readonly title = 'Thorax'
  private user = ''

  constructor(private readonly entered: () => void) {
    this.build()
  }

  relabel(_: Language): void {
    this.build()
  }
  key(): boolean {
    return false
  }
  hear(): void {}
  leave(): void {}

  private build(): void {
    const field = (type: string, name: string, complete: string) => element('input', { type, name, id: `signin-${name}`, required: '', autocomplete: complete as AutoFill })
    const user = field('text', 'user', 'username')
    const password = field('password', 'password', 'current-password')
    user.value = this.user
    const enter = element('button', { type: 'submit', class: 'primary' }, say('enter'))
    const problem = element('p', { role: 'alert', class: 'failed' })
    const send = async (event: SubmitEvent) => {
      event.preventDefault()
      this.user = user.value
      enter.disabled = true
      try {
        await signIn(user.value, password.value)
        this.entered()
      } catch (error) {
        problem.textContent = error instanceof ServiceError ? `${error.problem.title} ${error.problem.detail}` : say('lost')
        enter.disabled = false
        password.select()
      }
    }
    this.element.replaceChildren(element('form', { onsubmit: send },
      element('h2', {}, say('signIn')),
      element('label', { for: 'signin-user' }, say('user')), user,
      element('label', { for: 'signin-password' }, say('password')), password, problem, enter))
  }
}

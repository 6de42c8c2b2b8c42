// What went wrong, as people read it.
import { ServiceError } from './api'
import { element } from './element'
import { say } from './words'
import { TooLarge } from './zip'

/** Of failures that the service knows nothing of. */
function ownWords(error: unknown): string {
  if (error instanceof TooLarge) return say('tooLarge')
  return say(error instanceof DOMException ? 'unreadable' : 'lost')
}

/** What happened, what to do and the code; `about` names what it happened to. */
export function message(error: unknown, about = ''): HTMLElement {
  const known = error instanceof ServiceError ? error.problem : null
  const more = [known?.detail ?? '', known?.code ? `(${known.code})` : ''].filter((word) => word !== '').join(' ')
  return element('div', { class: 'message' }, about === '' ? '' : `${about}: `, known?.title ?? ownWords(error),
    ...(more === '' ? [] : [element('small', {}, more)]))
}

// The keys, on one sheet.
import { element } from './element'
import { say } from './words'
import type { Word } from './words'

const keys: [string, Word][] = [
  ['↑ ↓  PgUp PgDn', 'keySlices'],
  ['1 2 3', 'keyWindows'],
  ['F', 'keyNext'],
  ['O', 'keyOverlays'],
  ['M', 'keyMeasure'],
  ['+ − 0', 'keyZoom'],
  ['R', 'keyReport'],
  ['/', 'keySearch'],
  ['?', 'keyHelp'],
]

export function help(): void {
  const close = element('button', { onclick: () => sheet.close() }, say('close'))
  const sheet: HTMLDialogElement = element('dialog', { 'aria-label': say('help'), onclose: () => sheet.remove() },
    element('h2', {}, say('help')),
    element('dl', { class: 'keys' }, ...keys.flatMap(([key, word]) => [element('dt', {}, element('kbd', {}, key)), element('dd', {}, say(word))])),
    element('p', { class: 'quiet' }, say('mouseHelp')), element('p', { class: 'quiet' }, say('touchHelp')), close)
  document.body.append(sheet)
  sheet.showModal()
}

// A plain table that scrolls by itself when it is too wide.
import { element } from './element'
import { say } from './words'
import type { Word } from './words'

export type Cell = Node | string

export function table(columns: Word[], rows: Cell[][], label: string): HTMLElement {
  const head = element('tr', {}, ...columns.map((word) => element('th', { scope: 'col' }, say(word))))
  return element('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': label },
    element('table', { class: 'plain' }, element('thead', {}, head),
      element('tbody', {}, ...rows.map((cells) => element('tr', {}, ...cells.map((cell) => element('td', {}, cell)))))))
}

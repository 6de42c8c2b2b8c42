// What a print adds: the key pictures, since a screen's viewer is no picture on paper.
import type { Language } from '../api'
import { element } from '../element'
import { say } from '../words'
import type { FullResult } from './result'

const mostPictures = 6

export function printed(result: FullResult, folder: string, language: Language): HTMLElement {
  const pictures = result.pictures.filter((one) => one.role === 'xray' || one.role === 'key').slice(0, mostPictures)
  return element('section', { class: 'printed', 'aria-hidden': 'true' }, element('h3', {}, say('pictures')),
    ...pictures.map((one) => element('figure', {},
      element('img', { src: `${folder}/pictures/${one.name}.png`, alt: '', fetchpriority: 'low', width: String(one.width), height: String(one.height) }),
      element('figcaption', {}, `${one.caption[language]} ${one.window === 'lung' || one.window === 'mediastinum' ? say(one.window) : ''}`))))
}

// The strip of axial slices under the pictures, with marks where findings are.
import { element } from '../element'
import { say } from '../words'

export interface Mark {
  slice: number
  colour: string
  title: string
}

export class Strip {
  readonly element: HTMLElement
  private readonly slider: HTMLInputElement
  private readonly marks = element('div', { class: 'marks', 'aria-hidden': 'true' })

  constructor(private readonly count: number, go: (slice: number) => void) {
    this.slider = element('input', {
      type: 'range', min: '1', max: String(count), step: '1',
      oninput: () => go(Number(this.slider.value) - 1),
    })
    this.element = element('div', { class: 'strip' }, this.marks, this.slider)
    this.relabel()
  }

  relabel(): void {
    this.slider.setAttribute('aria-label', say('slices'))
  }

  show(slice: number): void {
    this.slider.value = String(slice + 1)
    this.slider.setAttribute('aria-valuetext', `${slice + 1} / ${this.count}`)
  }

  setMarks(marks: Mark[]): void {
    this.marks.replaceChildren(...marks.map((mark) => {
      const dot = element('i', { title: mark.title })
      dot.style.left = `${(mark.slice / Math.max(1, this.count - 1)) * 100}%`
      dot.style.background = mark.colour
      return dot
    }))
  }
}
